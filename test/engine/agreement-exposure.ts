/**
 * Whether exposure and effective rules say what packets say. What these functions return is what is
 * wrong, as text.
 */
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { effective } from '../../src/engine/queries/effective.ts';
import { exposure } from '../../src/engine/queries/exposure.ts';
import { path } from '../../src/engine/queries/path.ts';
import { placePod } from '../../src/engine/pair/connections-between.ts';
import type { PlacedEnd } from '../../src/engine/pair/connections-between.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import { resolveRef } from '../../src/engine/refs/resolve-ref.ts';
import { connectionsOf, hasPort } from '../../src/model/connection-set.ts';
import type { PortRange, Protocol } from '../../src/model/connection-set.ts';
import type { EffectivePeer, EffectiveRule } from '../../src/model/effective.ts';
import { PodreachError } from '../../src/model/errors.ts';
import type { Exposure, HypotheticalReach, PortSets } from '../../src/model/exposure.ts';
import { snapshotOf } from '../support/cluster.ts';
import { withTiers } from '../support/tier-policies.ts';
import type { KubeObject, KubePeer, KubeSelector } from '../support/kube-objects.ts';
import { borderPorts } from './oracle-sets.ts';
import {
  declaredPorts,
  isFinished,
  nameOf,
  namespaceOf,
  parseIp,
  parseNet,
  podAddresses,
  podsOf,
} from './oracle-world.ts';
import type { Ip, World } from './oracle-world.ts';
import { decide } from './oracle.ts';
import type { OracleEnd } from './oracle.ts';

/** Documentation addresses count as internet (semantics 5.2). */
const INTERNET = ['8.8.8.8', '203.0.113.9', '2001:db8::9'];
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;

interface Packet {
  readonly protocol: Protocol;
  readonly port: number;
}

function packetsOf(objects: readonly KubeObject[]): Packet[] {
  return borderPorts(objects).flatMap((port) => PROTOCOLS.map((protocol) => ({ protocol, port })));
}

/** What `sets` say of a packet. */
function said({ ports, undetermined }: PortSets, packet: Packet): string {
  if (has(ports, packet)) return 'allow';
  return has(undetermined, packet) ? 'conditional' : 'deny';
}

function has(ports: readonly PortRange[], { protocol, port }: Packet): boolean {
  return hasPort(connectionsOf(ports), protocol, port);
}

/** What the oracle says over all families: allowed in one is allowed. */
function truth(world: World, from: OracleEnd, to: OracleEnd, packet: Packet): string {
  const isKnown = [from, to].some((end) => isLocated(world, end));
  const verdicts = (isKnown ? ([4, 6] as const) : [undefined]).map(
    (family) => decide(world, { from, to, ...packet, family }).verdict,
  );
  if (verdicts.includes('allow')) return 'allow';
  return verdicts.includes('conditional') ? 'conditional' : 'deny';
}

function isLocated(world: World, end: OracleEnd): boolean {
  if (!('pod' in end)) return true;
  const pod = podsOf(world).find((one) => nameOf(one) === end.pod);
  return pod !== undefined && podAddresses(pod).length !== 0;
}

function exposureByPod(index: ReachIndex): ReadonlyMap<string, Exposure> {
  const list = exposure(index, { of: '*/*', groupBy: 'POD' });
  return new Map(list.slice(0, list.totalCount).map((row) => [row.peer.ref, row]));
}

/** Pods of the pod network that have not finished. */
function podsIn(objects: readonly KubeObject[]): KubeObject[] {
  return podsOf({ objects }).filter((pod) => !isFinished(pod) && pod.spec?.hostNetwork !== true);
}

const refOf = (pod: KubeObject): string => `${namespaceOf(pod)}/pod/${pod.metadata.name}`;

/** Internet addresses to or from which a pod may open something else than its row says. */
export function internetDifferences(index: ReachIndex, objects: readonly KubeObject[]): string[] {
  const rows = exposureByPod(index);
  return podsIn(objects).flatMap((pod) =>
    (['ingress', 'egress'] as const).flatMap((side) => {
      const permitted = rows.get(refOf(pod))?.[side];
      if (permitted === undefined) return [`${refOf(pod)} has no row`];
      const found = INTERNET.flatMap((ip) => {
        const own = { pod: nameOf(pod) };
        const [from, to] = side === 'ingress' ? [{ ip }, own] : [own, { ip }];
        const probe = { from, to, protocol: 'TCP', port: 1 };
        if (decide({ objects }, probe).verdict === 'not-applicable') return [];
        const range = permitted.ranges.find(({ peer }) => holds(peer.cidrs ?? [], ip));
        return packetsOf(objects).map((packet) => ({
          at: `${side} of ${refOf(pod)} with ${ip} ${packet.protocol}/${packet.port}`,
          found: range === undefined ? 'deny' : said(range, packet),
          wanted: truth({ objects }, from, to, packet),
        }));
      });
      const wrong = found
        .filter((one) => one.found !== one.wanted)
        .map((one) => `${one.at}: ${one.found}; oracle: ${one.wanted}`);
      const verdicts = new Set(found.map(({ wanted }) => wanted));
      const only: Readonly<Record<string, string>> = { OPEN: 'allow', NONE: 'deny' };
      const must = only[permitted.class];
      const isRight = must === undefined || [...verdicts].every((one) => one === must);
      return isRight ? wrong : [...wrong, `${side} of ${refOf(pod)} is ${permitted.class}`];
    }),
  );
}

function holds(cidrs: readonly string[], text: string): boolean {
  const ip = parseIp(text);
  return cidrs.some((cidr) => within(ip, cidr));
}

function within(ip: Ip | undefined, cidr: string): boolean {
  const { family, first, last } = parseNet(cidr);
  return ip?.family === family && first <= ip.value && ip.value <= last;
}

/**
 * Hypothetical pods that, once they are really there, may open something else than was said: the
 * oracle is asked about each, the product with the pod in its snapshot about one.
 */
export async function hypotheticalDifferences(
  index: ReachIndex,
  { objects, tiers = [] }: World,
  salt: number,
): Promise<string[]> {
  const rows = exposureByPod(index);
  const wrong: string[] = [];
  const pairs = podsIn(objects).flatMap((pod) => {
    const told = rows.get(refOf(pod))?.cluster.hypothetical ?? [];
    const isTold = told.some(
      ({ namespace, podLabels, namespaceLabels }) =>
        namespace === null && podLabels.size + namespaceLabels.size === 0,
    );
    return (isTold ? told : [...told, UNLABELLED]).map((one) => ({ pod, one }));
  });
  for (const [i, { pod, one }] of pairs.entries()) {
    const [added, withIt] = withPod(objects, one);
    const world = { objects: withIt, tiers };
    for (const packet of packetsOf(objects)) {
      const wanted = truth(world, { pod: added }, { pod: nameOf(pod) }, packet);
      const found = said(one, packet);
      const at = `${one.text} to ${refOf(pod)} ${packet.protocol}/${packet.port}`;
      // A rule of a tier that may match leaves a packet open, also where the outcome is the same.
      const isOpen = tiers.length !== 0 && found === 'conditional';
      if (found !== wanted && !isOpen) wrong.push(`${at}: ${found}; oracle: ${wanted}`);
      if (found === 'allow' && !has(one.admitted, packet)) wrong.push(`${at} is not admitted`);
    }
    if (i === salt % pairs.length) wrong.push(...(await pathDiffers(world, added, pod, one)));
  }
  return wrong;
}

const UNLABELLED: HypotheticalReach = {
  namespace: null,
  namespaceLabels: new Map(),
  podLabels: new Map(),
  text: 'a pod without labels in a new namespace without labels',
  admitted: [],
  ports: [],
  undetermined: [],
};

async function pathDiffers(
  { objects, tiers }: World,
  added: string,
  pod: KubeObject,
  one: HypotheticalReach,
): Promise<string[]> {
  const from = added.replace('/', '/pod/');
  const snapshot = withTiers(await snapshotOf(objects), tiers ?? []);
  const index = compileIndex(snapshot, DEFAULT_OPTIONS);
  const answer = path(index, { from, to: refOf(pod), port: 'any' });
  return packetsOf(objects).flatMap((packet) => {
    const open = has(answer.undetermined, packet) ? 'conditional' : 'deny';
    const found = has(answer.allowed, packet) ? 'allow' : open;
    return found === said(one, packet) ? [] : [`path ${from} to ${refOf(pod)}: ${found}`];
  });
}

/** The world with that very pod, and its name. */
function withPod(
  objects: readonly KubeObject[],
  { namespace, namespaceLabels, podLabels }: HypotheticalReach,
): [name: string, world: readonly KubeObject[]] {
  const home = namespace ?? 'quite-new';
  const known = objects.some((one) => one.metadata.name === home && one.kind === 'Namespace');
  const labels = Object.fromEntries(namespaceLabels);
  const created: KubeObject[] =
    known || namespaceLabels.size === 0
      ? []
      : [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: home, labels } }];
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: home, name: 'created', labels: Object.fromEntries(podLabels) },
    spec: { containers: [{ name: 'c' }] },
  };
  return [`${home}/created`, [...objects, ...created, pod]];
}

/** Ports that are said to be open to the entire cluster without a rule that says so, or the reverse. */
export function entireClusterDifferences(
  index: ReachIndex,
  objects: readonly KubeObject[],
): string[] {
  const rows = exposureByPod(index);
  const literal = objects.map(onlyLiteral);
  return podsIn(objects).flatMap((pod) => {
    const ports = rows.get(refOf(pod))?.cluster.entireCluster ?? [];
    return packetsOf(objects).flatMap((packet) => {
      const to = { pod: nameOf(pod) };
      const wanted = INTERNET.map((ip) => truth({ objects: literal }, { ip }, to, packet)).includes(
        'allow',
      );
      return has(ports, packet) === wanted
        ? []
        : [`entire cluster to ${refOf(pod)} ${packet.protocol}/${packet.port}: oracle ${wanted}`];
    });
  });
}

/** A policy with only those ingress rules that name every pod, which now name everyone. */
function onlyLiteral(object: KubeObject): KubeObject {
  if (object.kind !== 'NetworkPolicy') return object;
  const ingress = (object.spec?.ingress ?? []).flatMap((rule) => {
    const peers = rule?.from ?? [];
    if (peers.length !== 0 && !peers.some((peer) => isEveryPod(peer ?? {}))) return [];
    return [{ ...rule, from: [] }];
  });
  return { ...object, spec: { ...object.spec, ingress } };
}

function isEveryPod({ ipBlock, namespaceSelector, podSelector }: KubePeer): boolean {
  if (ipBlock || !namespaceSelector) return false;
  return isAll(namespaceSelector) && (!podSelector || isAll(podSelector));
}

function isAll({ matchLabels, matchExpressions }: KubeSelector): boolean {
  return Object.keys(matchLabels ?? {}).length + (matchExpressions ?? []).length === 0;
}

/** Pods that other pods may reach on other ports than their row says. */
export function neighbourDifferences(index: ReachIndex, objects: readonly KubeObject[]): string[] {
  const rows = exposureByPod(index);
  const pods = podsIn(objects);
  return pods.flatMap((pod) => {
    const cluster = rows.get(refOf(pod))?.cluster;
    if (cluster === undefined) return [`${refOf(pod)} has no row`];
    return [true, false].flatMap((isOwn) => {
      const sources = pods.filter(
        (one) => one !== pod && (namespaceOf(one) === namespaceOf(pod)) === isOwn,
      );
      const sets = isOwn ? cluster.ownNamespace : cluster.otherNamespaces;
      return packetsOf(objects).flatMap((packet) => {
        const verdicts = sources.map((source) =>
          truth({ objects }, { pod: nameOf(source) }, { pod: nameOf(pod) }, packet),
        );
        const [wanted = 'deny'] = ['allow', 'conditional'].filter((one) => verdicts.includes(one));
        const found = said(sets, packet);
        const at = `${isOwn ? 'own' : 'other'} to ${refOf(pod)} ${packet.protocol}/${packet.port}`;
        return found === wanted ? [] : [`${at}: ${found}; oracle: ${wanted}`];
      });
    });
  });
}

/** Packets of which the table of a pod says something else than its leg of a path. */
export function tableDifferences(index: ReachIndex, objects: readonly KubeObject[]): string[] {
  const pods = podsIn(objects);
  const located = pods.filter(({ status }) => (status?.podIPs ?? []).length !== 0);
  const packets = packetsOf(objects);
  return pods.flatMap((pod) => {
    const list = effective(index, { of: refOf(pod) });
    const rows = list.slice(0, list.totalCount);
    const subject = placed(index, pod);
    if (subject === undefined || 1 < list.partCount) return [`${refOf(pod)} has no table`];
    const others = [
      ...located.filter((one) => one !== pod).map((one) => podOther(index, one)),
      ...INTERNET.map((ip) => addressOther(index, ip)),
    ];
    return others.flatMap((other) =>
      (['INGRESS', 'EGRESS'] as const).flatMap((direction) => {
        const [source, destination] =
          direction === 'EGRESS' ? [subject.party, other.party] : [other.party, subject.party];
        const table = rows.filter((row) => row.direction === direction);
        // Whether such a row holds is for no reader to say.
        if (table.some(({ reason }) => reason !== null)) return [];
        return other.families.flatMap((family) => {
          const question = { source, destination, family, relation: 'NONE' } as const;
          const { allow } = index.legOutcome(question, direction);
          return packets.flatMap((packet) => {
            const row = walk(index, table, { ...other, family, packet });
            const found = row?.shadowedBy === null ? row.action : 'decided by a row never asked';
            const wanted = hasPort(allow, packet.protocol, packet.port) ? 'ALLOW' : 'DENY';
            const at = `${direction} of ${refOf(pod)} with ${other.name}`;
            return found === wanted ? [] : [`${at} ${packet.protocol}/${packet.port}: ${found}`];
          });
        });
      }),
    );
  });
}

interface Other {
  readonly name: string;
  readonly party: PlacedEnd['party'];
  readonly families: readonly (4 | 6)[];
  readonly addresses: readonly Ip[];
  readonly pod?: KubeObject;
}

function placed(index: ReachIndex, pod: KubeObject): PlacedEnd | undefined {
  const ordinal = index.view.findPod(namespaceOf(pod), pod.metadata.name);
  return ordinal === undefined ? undefined : placePod(index, ordinal);
}

function podOther(index: ReachIndex, pod: KubeObject): Other {
  const addresses = (pod.status?.podIPs ?? []).flatMap(({ ip }) => parseIp(ip) ?? []);
  const party = placed(index, pod)?.party ?? index.partyOfUnknownNode();
  const families = [...new Set(addresses.map(({ family }) => family))];
  return { name: refOf(pod), party, families, addresses, pod };
}

function addressOther(index: ReachIndex, text: string): Other {
  const ip = parseIp(text);
  const [part] = index.partiesOfRanges(resolveRef(index.directory, text, 'source').ranges);
  if (ip === undefined || part === undefined) throw new Error(`nothing at ${text}`);
  return { name: text, party: part.party, families: [ip.family], addresses: [ip] };
}

type Asked = Other & { readonly family: 4 | 6; readonly packet: Packet };

/** Reads a table as its reader does: row by row, the first that matches decides. */
function walk(
  index: ReachIndex,
  rows: readonly EffectiveRule[],
  asked: Asked,
): EffectiveRule | undefined {
  let passed: EffectiveRule['tier'] = null;
  for (const row of rows) {
    if (row.tier !== null && row.tier === passed) continue;
    if (!row.peers.some((peer) => isPeer(index, peer, asked))) continue;
    if (!isOnPort(row, asked)) continue;
    if (row.action !== 'PASS') return row;
    passed = row.tier;
  }
  return undefined;
}

function isOnPort({ ports, portNames, direction }: EffectiveRule, asked: Asked): boolean {
  if (has(ports, asked.packet)) return true;
  const { pod, packet } = asked;
  if (direction === 'INGRESS' || pod === undefined) return false;
  return portNames.some((text) => {
    const [protocol = '', name = ''] = text.includes('/')
      ? text.split('/')
      : [packet.protocol, text];
    if (protocol.toUpperCase() !== packet.protocol) return false;
    return declaredPorts({ objects: [] }, pod, name, packet.protocol).includes(packet.port);
  });
}

function isPeer(index: ReachIndex, peer: EffectivePeer, asked: Asked): boolean {
  return isNamed(index, peer, asked) !== peer.negated;
}

function isNamed(index: ReachIndex, peer: EffectivePeer, asked: Asked): boolean {
  switch (peer.kind) {
    case 'EVERYONE':
      return true;
    case 'PODS':
      return asked.pod !== undefined && podsNamed(index, peer.text).includes(refOf(asked.pod));
    case 'ADDRESSES': {
      const { cidr = '', except = [] } = peer;
      const own = asked.addresses.find(({ family }) => family === asked.family);
      return within(own, cidr) && !except.some((hole) => within(own, hole));
    }
    default:
      return false;
  }
}

/** What a ref of a row stands for: it can be asked back. */
function podsNamed(index: ReachIndex, ref: string): string[] {
  try {
    const { pods } = resolveRef(index.directory, ref, 'source');
    return pods.map((pod) => index.directory.podPeer(pod).ref);
  } catch (error) {
    if (error instanceof PodreachError && error.code === 'ref-not-found') return [];
    throw error;
  }
}
