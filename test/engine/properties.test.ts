import fc from 'fast-check';
import t from 'tap';
import { path } from '../../src/engine/queries/path.ts';
import { reachableFrom } from '../../src/engine/queries/reachable-from.ts';
import { whoCanReach } from '../../src/engine/queries/who-can-reach.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { Reach, Verdict } from '../../src/model/answer.ts';
import {
  ALL_PORTS,
  PROTOCOLS,
  connectionsOf,
  contains,
  equalConnections,
  hasPort,
  printConnections,
} from '../../src/model/connection-set.ts';
import type { PortRange, Protocol } from '../../src/model/connection-set.ts';
import type { Peer } from '../../src/model/peer.ts';
import { EVERY_KIND, dumpOf, indexOf, indexOfText } from '../support/cluster.ts';
import type { ListKind } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { endsOf, matrixOf, printCell } from '../support/matrix.ts';
import type { Cell, NamedEnd } from '../support/matrix.ts';
import { SEED, WORLDS, holds } from '../support/property.ts';
import { worlds } from '../support/worlds.ts';
import { borderPorts } from './oracle-sets.ts';
import { nameOf, parseIp, parseNet } from './oracle-world.ts';
import type { World } from './oracle-world.ts';
import { decide } from './oracle.ts';
import type { OracleVerdict, Question } from './oracle.ts';

t.setTimeout(300_000);
t.comment(`PODREACH_SEED=${SEED} PODREACH_WORLDS=${WORLDS}`);

/** One port of a cell in the words of the oracle. */
interface Packet {
  readonly protocol: Protocol;
  readonly port: number;
  readonly verdict: string;
}

/**
 * Two ports that are allowed and two that are not, as far as the cell has any; `salt` picks which.
 * Of the cells that are open altogether, which are most, every fourth: half of what is asked should
 * be denied. Every tenth of the others is asked in full, named ports are easily missed.
 */
function packetsOf(cell: Cell, ports: readonly number[], salt: number): Packet[] {
  if (equalConnections(cell.allowed, ALL_PORTS) && salt % 4 !== 0) return [];
  const all = PROTOCOLS.flatMap((protocol) =>
    ports.map((port): Packet => {
      const shut = hasPort(cell.denied, protocol, port) ? 'deny' : 'conditional';
      return { protocol, port, verdict: hasPort(cell.allowed, protocol, port) ? 'allow' : shut };
    }),
  );
  if (salt % 10 === 0) return all;
  const allowed = all.filter(({ verdict }) => verdict === 'allow');
  const others = all.filter(({ verdict }) => verdict !== 'allow');
  return [allowed, others].flatMap((list) =>
    [salt, salt + 7].flatMap((at) => list[at % list.length] ?? []),
  );
}

t.test('the engine says of every pair what the oracle says of its packets', async (t) => {
  let [cells, asked, allowed] = [0, 0, 0];
  await holds(worlds(), 1, async (objects) => {
    const index = await indexOf(objects);
    const ports = borderPorts(objects);
    const wrong: string[] = [];
    for (const [key, cell] of matrixOf(objects, index)) {
      const { from, to, family } = cell;
      cells += 1;
      for (const { protocol, port, verdict } of packetsOf(cell, ports, cells)) {
        const ends = { from: from.oracle, to: to.oracle, family: family ?? undefined };
        const truth = decide({ objects }, { ...ends, protocol, port });
        asked += 1;
        if (truth.verdict === 'allow') allowed += 1;
        if (truth.verdict === verdict) continue;
        wrong.push(`${key} ${protocol}/${port} is ${verdict}; oracle: ${JSON.stringify(truth)}`);
      }
    }
    return wrong;
  });
  const share = Math.round((100 * allowed) / asked);
  t.comment(`${asked} packets, ${share} % of them allowed`);
  t.ok(35 <= share && share <= 65, 'about half of the packets are allowed ones', { share });
});

t.test('the dialects differ from the oracle as little as the defaults do', async (t) => {
  const dialects = fc.constantFrom(
    { ipBlockMatchesPods: false },
    { ipBlockMatchesNodes: false },
    { localNode: 'both' },
    { localNode: 'none' },
    { hostNetworkPods: 'asPod' },
    { namedPortContainers: 'regular' },
    { namedPortContainers: 'regular+init' },
  ) as fc.Arbitrary<NonNullable<World['options']>>;
  await holds(fc.tuple(worlds(), dialects), 0.1, async ([objects, options]) => {
    const index = await indexOf(objects, options);
    const ports = borderPorts(objects);
    return [...matrixOf(objects, index, options)].flatMap(([key, cell], i) =>
      packetsOf(cell, ports, i).flatMap(({ protocol, port, verdict }) => {
        const ends = {
          from: cell.from.oracle,
          to: cell.to.oracle,
          family: cell.family ?? undefined,
        };
        const truth = decide({ objects, options }, { ...ends, protocol, port });
        if (truth.verdict === verdict) return [];
        return [
          `${JSON.stringify(options)} ${key} ${protocol}/${port} is ${verdict}; ${truth.verdict}`,
        ];
      }),
    );
  });
  t.pass('no counterexample');
});

t.test('ICMP is left to the plugin exactly where the oracle leaves it', async (t) => {
  const words: Readonly<Partial<Record<OracleVerdict, string>>> = {
    allow: 'ALLOWED',
    deny: 'DENIED',
    unspecified: 'UNSPECIFIED',
  };
  await holds(worlds(), 0.05, async (objects) => {
    const index = await indexOf(objects);
    return [...matrixOf(objects, index)].flatMap(([key, { from, to, family, other }]) => {
      const ends = { from: from.oracle, to: to.oracle, family: family ?? undefined };
      const { verdict } = decide({ objects }, { ...ends, protocol: 'ICMP', port: 0 });
      return words[verdict] === other ? [] : [`${key}: ${other}; oracle: ${verdict}`];
    });
  });
  t.pass('no counterexample');
});

const WORDS: ReadonlyMap<OracleVerdict, Verdict> = new Map([
  ['allow', 'ALLOWED'],
  ['deny', 'DENIED'],
  ['partial', 'PARTIAL'],
  ['conditional', 'UNDETERMINED'],
  ['no-endpoints', 'DENIED'],
  ['no-service-port', 'DENIED'],
  ['not-applicable', 'DENIED'],
] as const);

/** With a Service that leads to the first pod alone, so that pods meet themselves behind it. */
function withOwnService(objects: readonly KubeObject[]): KubeObject[] {
  const first = objects.find(({ kind }) => kind === 'Pod');
  const { namespace = '' } = first?.metadata ?? {};
  const selector = { 'only-this': 'one' };
  return [
    ...objects.map((object) => {
      if (object !== first) return object;
      const { metadata, status } = object;
      const labels = { ...metadata.labels, ...selector };
      const conditions = [{ type: 'Ready', status: 'True' }];
      const ready = status === undefined ? {} : { status: { ...status, conditions } };
      return { ...object, metadata: { ...metadata, labels }, ...ready };
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name: 'own' },
      spec: { clusterIP: '10.96.0.11', selector, ports: [{ port: 80, targetPort: 81 }] },
    },
  ];
}

/** The destinations of a world that are more than one address: Services and Deployments. */
function groupsOf(objects: readonly KubeObject[]): { ref: string; oracle: Question['to'] }[] {
  return objects.flatMap((object): { ref: string; oracle: Question['to'] }[] => {
    const { namespace = '', name } = object.metadata;
    if (object.kind === 'Service') {
      return [{ ref: `${namespace}/svc/${name}`, oracle: { service: nameOf(object) } }];
    }
    if (object.kind !== 'Deployment') return [];
    return [{ ref: `${namespace}/deploy/${name}`, oracle: { pod: `${nameOf(object)}[0]` } }];
  });
}

t.test(
  'a path to a pod, Service or Deployment is what the oracle says over all families',
  async (t) => {
    await holds(worlds().map(withOwnService), 0.2, async (objects) => {
      const index = await indexOf(objects);
      const ends = endsOf(objects);
      const targets = [...ends.slice(0, 3), ...groupsOf(objects)];
      return ends.flatMap((from) =>
        targets.flatMap((to) =>
          ['TCP/80', 'UDP/53', 'TCP/443'].flatMap((port, i) => {
            const question = { from: from.oracle, to: to.oracle, port: [80, 53, 443][i] ?? 0 };
            const truth = decide({ objects }, { ...question, protocol: i === 1 ? 'UDP' : 'TCP' });
            const { verdict } = path(index, { from: from.ref, to: to.ref, port });
            if (WORDS.get(truth.verdict) === verdict) return [];
            return [
              `${from.ref} -> ${to.ref} ${port} is ${verdict}; oracle: ${JSON.stringify(truth)}`,
            ];
          }),
        ),
      );
    });
    t.pass('no counterexample');
  },
);

/** Ports of a path or a row: allowed, and not determined. */
function printPorts(allowed: readonly PortRange[], undetermined: readonly PortRange[]): string {
  return [allowed, undetermined].map((ports) => printConnections(connectionsOf(ports))).join(' | ');
}

const NOTHING = 'none | none';

function rowsOf(index: ReachIndex, ref: string, side: 'source' | 'target'): readonly Reach[] {
  const rest = { port: 'any', groupBy: 'POD', exclude: [], implicit: true } as const;
  const list =
    side === 'source'
      ? reachableFrom(index, { source: ref, maxHops: 1, ...rest })
      : whoCanReach(index, { target: ref, ...rest });
  return list.slice(0, list.totalCount);
}

t.test('a list has a row for every pair that a path does not deny, and no other', async (t) => {
  await holds(worlds(), 0.05, async (objects) => {
    const index = await indexOf(objects);
    const ends = endsOf(objects).filter(({ hostNetwork }) => !hostNetwork);
    return ends.flatMap((fixed) =>
      (['target', 'source'] as const).flatMap((side) => {
        const rows = rowsOf(index, fixed.ref, side);
        return ends.flatMap((end) => {
          const [from, to] = side === 'source' ? [fixed.ref, end.ref] : [end.ref, fixed.ref];
          const row = rows.find((one) => isAbout(side === 'source' ? one.to : one.from, end));
          const found = row === undefined ? NOTHING : printPorts(row.ports, row.undetermined);
          const { allowed, undetermined } = path(index, { from, to, port: 'any' });
          const wanted = printPorts(allowed, undetermined);
          return found === wanted ? [] : [`${side} ${from} -> ${to}: ${found}, path: ${wanted}`];
        });
      }),
    );
  });
  t.pass('no counterexample');
});

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

t.test('hiding a kind from a dump makes answers less certain, never wrong', async (t) => {
  const kinds = fc.constantFrom<ListKind[]>('NetworkPolicy', 'Namespace', 'Node');
  await holds(fc.tuple(worlds(), kinds), 0.1, async ([objects, hidden]) => {
    const rest = objects.filter(({ kind }) => kind !== hidden);
    const left = EVERY_KIND.filter((kind) => kind !== hidden);
    const whole = matrixOf(objects, await indexOfText(dumpOf(objects, EVERY_KIND)));
    const part = matrixOf(rest, await indexOfText(dumpOf(rest, left)));
    return [...part].flatMap(([key, cell]) => {
      const truth = whole.get(key);
      if (truth === undefined) return [];
      const right = contains(truth.allowed, cell.allowed) && contains(truth.denied, cell.denied);
      return right
        ? []
        : [`${key}: ${printCell(cell)} without ${hidden}, ${printCell(truth)} with`];
    });
  });
  t.pass('no counterexample');
});
