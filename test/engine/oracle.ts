/**
 * Decides one packet at a time on raw Kubernetes objects, reading the API text literally.
 *
 * It imports nothing of the product, so that both are wrong together only where the text is misread:
 * no index, no sets, no caches. Rule numbers are those of docs/semantics.md. Not modelled: labels
 * that controllers add to template pods, and cluster-wide policies.
 */
import type { KubeBlock, KubeObject, KubePeer, KubePolicyPort } from '../support/kube-objects.ts';
import {
  declaredPorts,
  isFinished,
  nameOf,
  namespaceOf,
  parseNet,
  podsOf,
  selects,
  sideOfAddress,
  sideOfNode,
  sideOfPod,
} from './oracle-world.ts';
import { serviceEndpoints } from './oracle-services.ts';
import type { Endpoint } from './oracle-services.ts';
import type { Ip, Side, World } from './oracle-world.ts';

/** A source: `{pod: 'ns/name'}` (made from a template: `ns/deployment[0]`), a node or an address. */
export type OracleEnd =
  { readonly pod: string } | { readonly node: string } | { readonly ip: string };

/** One first packet; `family` pins one of a dual-stack pair's. */
export interface Question {
  readonly from: OracleEnd;
  /** With a Service, `port` is the Service's. */
  readonly to: OracleEnd | { readonly service: string };
  /** `TCP`, `UDP`, `SCTP` or `ICMP`. */
  readonly protocol: string;
  readonly port: number;
  readonly family?: 4 | 6 | undefined;
}

/** Semantics 0.1. */
export type OracleVerdict =
  | 'allow'
  | 'deny'
  | 'partial'
  | 'conditional'
  | 'unspecified'
  | 'not-running'
  | 'no-endpoints'
  | 'no-service-port'
  | 'unresolved'
  | 'not-applicable';

/** `why` is `egress <short>; ingress <short>` of the first pair, in the short form of semantics 5.6. */
export interface Decision {
  readonly verdict: OracleVerdict;
  readonly why: string;
}

type Match = 'yes' | 'no' | 'maybe';
type Leg = {
  readonly verdict: 'allow' | 'deny' | 'conditional' | 'unspecified';
  readonly short: string;
};

interface Packet {
  readonly source: Side;
  readonly destination: Side;
  readonly protocol: string;
  readonly port: number;
  readonly family: 4 | 6 | null;
  readonly viaService: boolean;
}

/** Decides `question` in `world`. */
export function decide(world: World, question: Question): Decision {
  const source = locate(world, question.from);
  if (typeof source === 'string') return { verdict: source, why: 'the source' };
  const endpoints = endpointsOf(world, question);
  if (typeof endpoints === 'string') return { verdict: endpoints, why: 'the destination' };
  const { protocol } = question;
  const viaService = 'service' in question.to;
  const results = endpoints.flatMap(({ side, port, before, family: served }) =>
    familiesOf(source, side, question.family ?? served).map((family) => {
      const packet = { source, destination: side, protocol, port, family, viaService };
      const after = judge(world, packet);
      if (before === undefined) return after;
      const { verdict } = judge(world, { ...packet, destination: before.side, port: before.port });
      return verdict === after.verdict ? after : { ...after, verdict: 'conditional' as const };
    }),
  );
  const explicit = results.filter(({ implicit }) => !implicit);
  const counted = explicit.length === 0 ? results : explicit; // contract 3
  const [first] = counted;
  if (first === undefined) return { verdict: 'not-applicable', why: 'no common family or no pod' };
  const verdicts = new Set<OracleVerdict>(counted.map(({ verdict }) => verdict));
  const mixed = verdicts.has('allow') && verdicts.has('deny') ? 'partial' : 'conditional';
  return { verdict: verdicts.size === 1 ? first.verdict : mixed, why: first.why };
}

/** Families in which one packet between two ends can be asked; undefined: neither is known. */
export function askableFamilies(
  world: World,
  from: OracleEnd,
  to: OracleEnd,
): (4 | 6 | undefined)[] {
  const [a, b] = [locate(world, from), locate(world, to)];
  if (typeof a === 'string' || typeof b === 'string') return [];
  return familiesOf(a, b, undefined).map((family) => family ?? undefined);
}

/** R2.8: the families both ends have; an end without known addresses may have any. */
function familiesOf(a: Side, b: Side, asked: 4 | 6 | undefined): (4 | 6 | null)[] {
  if (a.kind !== 'pod' && b.kind !== 'pod') return []; // R1.14
  if (a.addresses.length + b.addresses.length === 0) return [asked ?? null];
  const has = ({ addresses }: Side, family: 4 | 6): boolean =>
    addresses.length === 0 || addresses.some((ip) => ip.family === family);
  const common = ([4, 6] as const).filter((family) => has(a, family) && has(b, family));
  return common.filter((family) => asked === undefined || family === asked);
}

/** Semantics 0.2 step 3: egress of the source and ingress of the destination. */
function judge(
  world: World,
  packet: Packet,
): Decision & { verdict: Leg['verdict']; implicit: boolean } {
  const egress = judgeLeg(world, packet, 'Egress');
  const ingress = judgeLeg(world, packet, 'Ingress');
  const worst = (['deny', 'conditional', 'unspecified'] as const).find(
    (verdict) => egress.verdict === verdict || ingress.verdict === verdict,
  );
  const itself = packet.source.pod !== undefined && packet.source.pod === packet.destination.pod;
  return {
    verdict: worst ?? 'allow',
    why: `egress ${egress.short}; ingress ${ingress.short}`,
    implicit: itself || egress.short === 'local-node' || ingress.short === 'local-node',
  };
}

/** Semantics 0.2 step 4. */
function judgeLeg(world: World, packet: Packet, direction: 'Ingress' | 'Egress'): Leg {
  const egress = direction === 'Egress';
  const subject = egress ? packet.source : packet.destination;
  const peer = egress ? packet.destination : packet.source;
  const { pod } = subject;
  if (subject.kind !== 'pod' || pod === undefined) return { verdict: 'allow', short: 'external' }; // R1.14
  const itself = peer.kind === 'pod' && peer.pod === pod;
  if (itself && !packet.viaService) return { verdict: 'allow', short: 'self' }; // R2.1
  const policies = isolating(world, pod, direction);
  if (policies.length === 0) return { verdict: 'allow', short: 'default' }; // R1.1
  if (itself && world.options?.selfViaService !== 'evaluate') {
    return { verdict: 'allow', short: 'self' }; // R2.13a
  }
  const exempt = world.options?.localNode ?? 'ingress-only';
  const home = pod.spec?.nodeName;
  const nodeMatters =
    peer.kind === 'node' && (exempt === 'both' || (exempt === 'ingress-only' && !egress));
  if (nodeMatters && home !== undefined && home === peer.node) {
    return { verdict: 'allow', short: 'local-node' }; // R2.4
  }
  if (packet.protocol === 'ICMP') return { verdict: 'unspecified', short: 'unspecified' }; // R2.16
  let unsure = nodeMatters && (home === undefined || peer.node === undefined);
  for (const policy of policies) {
    const rules = (egress ? policy.spec?.egress : policy.spec?.ingress) ?? [];
    for (const [i, rule] of rules.entries()) {
      const peers = (egress ? rule?.to : rule?.from) ?? [];
      const test = (entry: KubePeer | null): Match =>
        matchPeer(world, policy, entry ?? {}, peer, packet.family);
      const found = firstMatch(peers, test);
      const port = firstMatch(rule?.ports ?? [], (entry) => matchPort(world, entry ?? {}, packet));
      if (port.match === 'no' || found.match === 'no') continue;
      const at = `${direction.toLowerCase()}[${i}] peer[${found.at}] port[${port.at}]`;
      if (found.match === 'yes') return { verdict: 'allow', short: `NP ${nameOf(policy)} ${at}` };
      unsure = true;
    }
  }
  if (unsure) return { verdict: 'conditional', short: 'undetermined' };
  return { verdict: 'deny', short: `isolated ${policies.map(nameOf).join(',')}` }; // R1.4
}

/** R1.9, R1.10: an empty list matches everything, and `*` stands for its index. */
function firstMatch<Entry>(
  list: readonly Entry[],
  test: (entry: Entry) => Match,
): { match: Match; at: number | '*' } {
  if (list.length === 0) return { match: 'yes', at: '*' };
  const results = list.map(test);
  const match = (['yes', 'maybe'] as const).find((value) => results.includes(value)) ?? 'no';
  return { match, at: results.indexOf(match) };
}

/** R1.2-R1.6: policies of the pod's namespace that select it and apply to the direction, by name. */
function isolating(world: World, pod: KubeObject, direction: 'Ingress' | 'Egress'): KubeObject[] {
  return world.objects
    .filter((object) => object.kind === 'NetworkPolicy' && namespaceOf(object) === namespaceOf(pod))
    .filter(({ spec }) => selects(spec?.podSelector ?? {}, pod.metadata.labels ?? {}))
    .filter(({ spec }) => {
      const written = spec?.policyTypes ?? [];
      const defaulted = (spec?.egress ?? []).length === 0 ? ['Ingress'] : ['Ingress', 'Egress'];
      return (written.length === 0 ? defaulted : written).includes(direction);
    })
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** R1.20-R1.28. */
function matchPeer(
  world: World,
  policy: KubeObject,
  { ipBlock, podSelector, namespaceSelector }: KubePeer,
  peer: Side,
  family: 4 | 6 | null,
): Match {
  if (ipBlock) return matchBlock(world, ipBlock, peer, family);
  if (peer.kind !== 'pod' || peer.pod === undefined) return 'no'; // R1.24
  const name = namespaceOf(peer.pod);
  const namespace = world.objects.find(
    ({ kind, metadata }) => kind === 'Namespace' && metadata.name === name,
  );
  const labels = { ...namespace?.metadata.labels, 'kubernetes.io/metadata.name': name }; // R1.30
  const inNamespace = namespaceSelector
    ? selects(namespaceSelector, labels)
    : name === namespaceOf(policy);
  return inNamespace && selects(podSelector ?? {}, peer.pod.metadata.labels ?? {}) ? 'yes' : 'no';
}

/** R1.25-R1.28, R2.3, R2.6, and decisions 7 for an address that is not known. */
function matchBlock(world: World, block: KubeBlock, peer: Side, family: 4 | 6 | null): Match {
  const { ipBlockMatchesPods = true, ipBlockMatchesNodes = true } = world.options ?? {};
  if (peer.kind === 'pod' && !ipBlockMatchesPods) return 'no';
  if (peer.kind === 'node' && !ipBlockMatchesNodes) return 'no';
  const net = parseNet(block.cidr);
  const holes = (block.except ?? []).map(parseNet);
  const within = (ip: Ip, { family, first, last }: typeof net): boolean =>
    ip.family === family && first <= ip.value && ip.value <= last;
  const holds = (ip: Ip): boolean => within(ip, net) && !holes.some((hole) => within(ip, hole));
  const known = peer.addresses.filter((ip) => ip.family === family);
  if (peer.addresses.length !== 0) return unanimous(known.map(holds));
  if (peer.kind === 'pod' && peer.pod?.status?.phase !== undefined) return 'no'; // seen without one
  if (net.family !== (family ?? net.family)) return 'no';
  // Where the address may be: pods get private or shared space, anything else may be anywhere.
  // Between neighbouring borders all addresses are alike, so that the borders stand for all.
  const borders = [net, ...holes].flatMap(({ first, last }) => [
    first,
    first - 1n,
    last,
    last + 1n,
  ]);
  const points = (peer.kind === 'pod' ? POD_SPACE : ALL_SPACE)
    .map(parseNet)
    .filter((part) => part.family === net.family)
    .flatMap((part) =>
      [part.first, part.last, ...borders]
        .map((value) => ({ family: part.family, value }))
        .filter((ip) => within(ip, part)),
    );
  const match = unanimous(points.map(holds));
  return match === 'yes' && family === null && net.family === 6 ? 'maybe' : match;
}

const POD_SPACE = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];
const ALL_SPACE = ['0.0.0.0/0', '::/0'];

function unanimous(results: readonly boolean[]): Match {
  if (!results.includes(true)) return 'no';
  return results.includes(false) ? 'maybe' : 'yes';
}

/** R1.40-R1.52. */
function matchPort(world: World, entry: KubePolicyPort, packet: Packet): Match {
  const { protocol = 'TCP', port, endPort } = entry;
  if (protocol !== packet.protocol) return 'no';
  if (port === undefined) return 'yes';
  if (typeof port === 'number') {
    return port <= packet.port && packet.port <= (endPort ?? port) ? 'yes' : 'no';
  }
  const { kind, pod } = packet.destination;
  if (kind !== 'pod' || pod === undefined) return 'no'; // R1.47
  return declaredPorts(world, pod, port, protocol).includes(packet.port) ? 'yes' : 'no';
}

function locate(world: World, end: OracleEnd): Side | OracleVerdict {
  if ('ip' in end) return sideOfAddress(world, end.ip);
  if ('node' in end) return sideOfNode(world, end.node);
  const pod = podsOf(world).find((one) => nameOf(one) === end.pod);
  if (pod === undefined) return 'unresolved';
  return isFinished(pod) ? 'not-running' : sideOfPod(world, pod);
}

function endpointsOf(world: World, { to, protocol, port }: Question): Endpoint[] | OracleVerdict {
  const service = world.objects.find(
    (object) =>
      object.kind === 'Service' &&
      ('service' in to
        ? nameOf(object) === to.service
        : 'ip' in to && object.spec?.clusterIP === to.ip),
  );
  if (service !== undefined) return serviceEndpoints(world, service, protocol, port);
  if ('service' in to) return 'unresolved';
  const side = locate(world, to);
  return typeof side === 'string' ? side : [{ side, port }];
}
