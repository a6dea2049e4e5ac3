/**
 * Whether lists and paths say what the pairs they are made of say, and whether every implementation
 * writes the same bytes. What these functions return is what is wrong, as text.
 */
import { connectivity } from '../../src/engine/queries/connectivity.ts';
import { effective } from '../../src/engine/queries/effective.ts';
import { exposure } from '../../src/engine/queries/exposure.ts';
import { isolation } from '../../src/engine/queries/isolation.ts';
import { path } from '../../src/engine/queries/path.ts';
import { policies } from '../../src/engine/queries/policies.ts';
import { reachableFrom } from '../../src/engine/queries/reachable-from.ts';
import { whoCanReach } from '../../src/engine/queries/who-can-reach.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { LazyList, Reach, Verdict } from '../../src/model/answer.ts';
import { connectionsOf, printConnections } from '../../src/model/connection-set.ts';
import type { PortRange } from '../../src/model/connection-set.ts';
import { PodreachError } from '../../src/model/errors.ts';
import type { Peer } from '../../src/model/peer.ts';
import { toJson } from '../../src/render/wire.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { endsOf } from '../support/matrix.ts';
import type { NamedEnd } from '../support/matrix.ts';
import type { Indexes } from './agreement.ts';
import { isFinished, nameOf, namespaceOf, parseIp, parseNet } from './oracle-world.ts';
import { decide, isolating } from './oracle.ts';
import type { OracleVerdict, Question } from './oracle.ts';

type Ask = (index: ReachIndex) => unknown;

/** Answers that differ between implementations, in the form in which they go over the wire. */
export function wireDifferences(
  [index, ...others]: Indexes,
  objects: readonly KubeObject[],
  salt: number,
): string[] {
  if (others.length === 0) return [];
  return Object.entries(asks(objects, salt)).flatMap(([question, ask]) => {
    const wanted = wire(ask, index);
    return others.flatMap((other) => {
      const found = wire(ask, other);
      return found === wanted ? [] : [`${question}: ${firstDifference(wanted, found)}`];
    });
  });
}

/** One question of each kind about some of the ends, which `salt` picks. */
function asks(objects: readonly KubeObject[], salt: number): Readonly<Record<string, Ask>> {
  const services = groupsOf(objects).filter(({ oracle }) => 'service' in oracle);
  const refs = [...endsOf(objects), ...services].map(({ ref }) => ref);
  const pick = (turn: number): string => refs[(salt + turn) % refs.length] ?? '';
  const [one, other, third] = [pick(0), pick(3), pick(7)];
  const port = ['any', 'TCP/80', 'UDP/53', 'TCP/81-443'][salt % 4] ?? 'any';
  const groupBy = (['POD', 'WORKLOAD', 'NAMESPACE'] as const)[salt % 3] ?? 'POD';
  const implicit = salt % 2 === 0;
  const list = { port, groupBy, exclude: salt % 5 === 0 ? [third] : [], implicit };
  const ends = { external: salt % 4 !== 0, nodes: salt % 3 === 0 };
  return {
    [`who can reach ${one}`]: (index) => wholeOf(whoCanReach(index, { target: one, ...list })),
    [`reachable from ${other}`]: (index) =>
      wholeOf(reachableFrom(index, { source: other, maxHops: 1 + (salt % 3), ...list })),
    'connectivity ': (index) => wholeOf(connectivity(index, { port, groupBy, ...ends })),
    [`connectivity of ${third}`]: (index) =>
      wholeOf(connectivity(index, { of: third, port, groupBy, ...ends })),
    [`isolation of ${one}`]: (index) => wholeOf(isolation(index, { of: one, groupBy })),
    'exposure ': (index) => wholeOf(exposure(index, { of: '*/*', groupBy })),
    'effective ': (index) => wholeOf(effective(index, { of: '*/*' })),
    [`path ${one} -> ${other} ${port}`]: (index) => path(index, { from: one, to: other, port }),
    [`path ${other} -> ${third} ${port}`]: (index) => path(index, { from: other, to: third, port }),
    'policies ': (index) => wholeOf(policies(index, {})),
  };
}

function wholeOf<Row>(list: LazyList<Row>): object {
  return { ...list, items: list.slice(0, list.totalCount) };
}

function wire(ask: Ask, index: ReachIndex): string {
  try {
    return JSON.stringify(toJson(ask(index)));
  } catch (error) {
    if (error instanceof PodreachError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

function firstDifference(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const [from, to] = [Math.max(0, at - 200), at + 100];
  return `${a.slice(from, to)} <> ${b.slice(from, to)}`;
}

const NOTHING = 'none | none';

/** Pairs with two of the ends, which `salt` picks, of which a list and a path say different things. */
export function listDifferences(
  index: ReachIndex,
  objects: readonly KubeObject[],
  salt: number,
): string[] {
  const ends = endsOf(objects).filter(({ hostNetwork }) => !hostNetwork);
  const fixed = [ends[salt % ends.length], ends[(salt + 5) % ends.length]].flatMap(
    (end) => end ?? [],
  );
  return fixed.flatMap((one) =>
    (['target', 'source'] as const).flatMap((side) => {
      const rows = rowsOf(index, one.ref, side);
      return ends.flatMap((end) => {
        const [from, to] = side === 'source' ? [one.ref, end.ref] : [end.ref, one.ref];
        const row = rows.find((each) => isAbout(side === 'source' ? each.to : each.from, end));
        const found = row === undefined ? NOTHING : printPorts(row.ports, row.undetermined);
        const { allowed, undetermined } = path(index, { from, to, port: 'any' });
        const wanted = printPorts(allowed, undetermined);
        return found === wanted ? [] : [`${side} ${from} -> ${to}: ${found}, path: ${wanted}`];
      });
    }),
  );
}

function rowsOf(index: ReachIndex, ref: string, side: 'source' | 'target'): readonly Reach[] {
  const rest = { port: 'any', groupBy: 'POD', exclude: [], implicit: true } as const;
  const list =
    side === 'source'
      ? reachableFrom(index, { source: ref, maxHops: 1, ...rest })
      : whoCanReach(index, { target: ref, ...rest });
  return list.slice(0, list.totalCount);
}

/** Ports of a path or a row: allowed, and not determined. */
function printPorts(allowed: readonly PortRange[], undetermined: readonly PortRange[]): string {
  return [allowed, undetermined].map((ports) => printConnections(connectionsOf(ports))).join(' | ');
}

/** Whether a row's peer is `end`, or the range it lies in. */
function isAbout({ ref, cidrs = [] }: Peer, end: NamedEnd): boolean {
  const address = 'ip' in end.oracle ? parseIp(end.oracle.ip) : undefined;
  if (address === undefined) return ref === end.ref;
  return cidrs
    .map(parseNet)
    .some(
      ({ family, first, last }) =>
        family === address.family && first <= address.value && address.value <= last,
    );
}

export const WORDS: ReadonlyMap<OracleVerdict, Verdict> = new Map([
  ['allow', 'ALLOWED'],
  ['deny', 'DENIED'],
  ['partial', 'PARTIAL'],
  ['conditional', 'UNDETERMINED'],
  ['no-endpoints', 'DENIED'],
  ['no-service-port', 'DENIED'],
  ['not-applicable', 'DENIED'],
] as const);

/** Paths to some pods, Services and Deployments that are not what the oracle says of all families. */
export function pathDifferences(index: ReachIndex, objects: readonly KubeObject[]): string[] {
  const ends = endsOf(objects);
  const targets = [...ends.slice(0, 3), ...groupsOf(objects)];
  return ends.flatMap((from) =>
    targets.flatMap((to) =>
      (['TCP/80', 'UDP/53', 'TCP/443'] as const).flatMap((port, i) => {
        const question = { from: from.oracle, to: to.oracle, port: [80, 53, 443][i] ?? 0 };
        const truth = decide({ objects }, { ...question, protocol: i === 1 ? 'UDP' : 'TCP' });
        const { verdict } = path(index, { from: from.ref, to: to.ref, port });
        if (WORDS.get(truth.verdict) === verdict) return [];
        return [`${from.ref} -> ${to.ref} ${port} is ${verdict}; oracle: ${JSON.stringify(truth)}`];
      }),
    ),
  );
}

/** Pods whose isolation, or the policies behind it, is not what the oracle says. */
export function isolationDifferences(index: ReachIndex, objects: readonly KubeObject[]): string[] {
  return objects.flatMap((pod) => {
    if (pod.kind !== 'Pod' || isFinished(pod) || pod.spec?.hostNetwork === true) return [];
    const of = `${namespaceOf(pod)}/pod/${pod.metadata.name}`;
    const [row] = isolation(index, { of, groupBy: 'POD' }).slice(0, 1);
    return (['Ingress', 'Egress'] as const).flatMap((direction) => {
      const names = isolating({ objects }, pod, direction).map(nameOf);
      const wanted = `${names.length !== 0} ${names.join(',')}`;
      const side = direction === 'Ingress' ? row?.ingress : row?.egress;
      const policies = (side?.policies ?? []).map(
        ({ namespace = '', name }) => `${namespace}/${name}`,
      );
      const found = `${side?.isolated} ${policies.join(',')}`;
      return found === wanted ? [] : [`${direction} of ${of}: ${found}; oracle: ${wanted}`];
    });
  });
}

/** The destinations of a world that are more than one address: Services and Deployments. */
export function groupsOf(
  objects: readonly KubeObject[],
): { readonly ref: string; readonly oracle: Question['to'] }[] {
  return objects.flatMap((object): { ref: string; oracle: Question['to'] }[] => {
    const { namespace = '', name } = object.metadata;
    if (object.kind === 'Service') {
      return [{ ref: `${namespace}/svc/${name}`, oracle: { service: nameOf(object) } }];
    }
    if (object.kind !== 'Deployment') return [];
    return [{ ref: `${namespace}/deploy/${name}`, oracle: { pod: `${nameOf(object)}[0]` } }];
  });
}

/**
 * With a Service that leads to the first pod alone, and one that leads to all pods of its namespace,
 * so that pods meet themselves, their neighbours and their nodes behind it.
 */
export function withOwnService(objects: readonly KubeObject[]): KubeObject[] {
  const first = objects.find(({ kind }) => kind === 'Pod');
  const { namespace = '' } = first?.metadata ?? {};
  const own = { 'only-this': 'one' };
  const wide = { 'all-of-these': 'one' };
  return [
    ...objects.map((object) => {
      if (object.kind !== 'Pod' || object.metadata.namespace !== namespace) return object;
      const { metadata, status } = object;
      const labels = { ...metadata.labels, ...wide, ...(object === first ? own : {}) };
      const conditions = [{ type: 'Ready', status: 'True' }];
      const ready = status === undefined ? {} : { status: { ...status, conditions } };
      return { ...object, metadata: { ...metadata, labels }, ...ready };
    }),
    service(namespace, 'own', own, '10.96.0.11'),
    service(namespace, 'wide', wide, '10.96.0.12'),
  ];
}

function service(
  namespace: string,
  name: string,
  selector: Readonly<Record<string, string>>,
  clusterIP: string,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name },
    spec: { clusterIP, selector, ports: [{ port: 80, targetPort: name === 'own' ? 81 : 80 }] },
  };
}
