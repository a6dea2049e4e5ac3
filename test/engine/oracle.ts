/**
 * Decides one packet at a time on raw Kubernetes objects, reading the API text literally.
 *
 * It imports nothing of the product, so that both are wrong together only where the text is misread:
 * no index, no sets, no caches. Rule numbers are those of docs/semantics.md. Not modelled: labels
 * that controllers add to template pods.
 */
import type {
  KubeObject,
  KubePeer,
  KubePolicyPort,
  KubeSelector,
} from '../support/kube-objects.ts';
import {
  declaredPorts,
  isFinished,
  nameOf,
  namespaceOf,
  podsOf,
  selects,
  sideOfAddress,
  sideOfNode,
  sideOfPod,
} from './oracle-world.ts';
import { matchBlock } from './oracle-blocks.ts';
import type { Match } from './oracle-blocks.ts';
import { arrivals, isTurnedAway } from './oracle-entry.ts';
import { clusterTiers } from './oracle-cluster-policies.ts';
import { tierOutcomes, tierWitness } from './oracle-tiers.ts';
import type { TierOutcome, TierPeer, TierPolicy, TierRule } from './oracle-tiers.ts';
import { serviceEndpoints } from './oracle-services.ts';
import type { Endpoint } from './oracle-services.ts';
import type { Side, World } from './oracle-world.ts';

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
  | 'ambiguous'
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

type Leg = {
  readonly verdict: 'allow' | 'deny' | 'conditional' | 'ambiguous' | 'unspecified';
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
  const service = serviceAt(world, question);
  const results = endpoints.flatMap(({ side, port, before, family: served }) =>
    familiesOf(source, side, question.family ?? served).map((family) => {
      const packet = { source, destination: side, protocol, port, family, viaService };
      if (service !== undefined && isTurnedAway(service, source)) {
        return { verdict: 'deny' as const, why: 'the load balancer', implicit: false };
      }
      const seen = service === undefined ? [source] : arrivals(world, service, source, side);
      const after = judgeEach(world, packet, seen);
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

/** One packet between ends that were located before. */
export interface Sighted {
  readonly source: Side;
  readonly destination: Side;
  readonly protocol: string;
  readonly port: number;
  /** One of {@link familiesOf} the two. */
  readonly family: 4 | 6 | null;
}

/** {@link decide} for one packet from an end's own address to another's. */
export function decideSighted(world: World, packet: Sighted): Decision {
  const { verdict, why } = judge(world, { ...packet, viaService: false });
  return { verdict, why };
}

/**
 * R2.8: the families both ends have; an end without known addresses may have any, `[null]` when
 * neither has one. None between two ends that are no pods (R1.14).
 */
export function familiesOf(a: Side, b: Side, asked?: 4 | 6): (4 | 6 | null)[] {
  if (a.kind !== 'pod' && b.kind !== 'pod') return [];
  if (a.addresses.length + b.addresses.length === 0) return [asked ?? null];
  const has = ({ addresses }: Side, family: 4 | 6): boolean =>
    addresses.length === 0 || addresses.some((ip) => ip.family === family);
  const common = ([4, 6] as const).filter((family) => has(a, family) && has(b, family));
  return common.filter((family) => asked === undefined || family === asked);
}

/** R2.13: whoever the client may look like; certain only where it makes no difference. */
function judgeEach(
  world: World,
  packet: Packet,
  seen: readonly Side[],
): Decision & { verdict: Leg['verdict']; implicit: boolean } {
  const [first, ...others] = seen.map((source) => judge(world, { ...packet, source }));
  if (first === undefined) throw new RangeError('nobody arrives');
  const agree = others.every(({ verdict }) => verdict === first.verdict);
  // An outside client is a stranger, whatever node passes its packets on.
  const implicit = packet.source.kind === 'external' ? false : first.implicit;
  return { ...first, implicit, verdict: agree ? first.verdict : 'conditional' };
}

/** Semantics 0.2 step 3: egress of the source and ingress of the destination. */
function judge(
  world: World,
  packet: Packet,
): Decision & { verdict: Leg['verdict']; implicit: boolean } {
  const egress = judgeLeg(world, packet, 'Egress');
  const ingress = judgeLeg(world, packet, 'Ingress');
  const worst = (['deny', 'conditional', 'ambiguous', 'unspecified'] as const).find(
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
  const middle = (): Leg => judgeNetworkPolicies(world, packet, direction);
  const tiers = [...(world.tiers ?? []), ...clusterTiers(world.objects)];
  return tiers.length === 0 ? middle() : judgeTiers(world, tiers, { packet, direction, middle });
}

interface TierQuestion {
  readonly packet: Packet;
  readonly direction: 'Ingress' | 'Egress';
  /** What the NetworkPolicies say. */
  readonly middle: () => Leg;
}

/** Semantics 5.4: what the admin tier leaves goes to the NetworkPolicies, and then to the baseline. */
function judgeTiers(
  world: World,
  tiers: readonly TierPolicy[],
  { packet, direction, middle }: TierQuestion,
): Leg {
  const [subject, peer] =
    direction === 'Egress'
      ? [packet.source, packet.destination]
      : [packet.destination, packet.source];
  const { pod } = subject;
  if (pod === undefined) return middle();
  const policiesOf = (tier: TierPolicy['tier']): readonly TierPolicy[] =>
    tiers
      .filter((policy) => policy.tier === tier && policy.direction === direction)
      .filter(({ namespaces, pods }) => selectsPod(world, namespaces, pods, pod));
  const guesses: TierRule[] = [];
  const match = (rule: TierRule): Match => {
    const found = matchTierRule(world, rule, peer, packet);
    if (found === 'maybe') guesses.push(rule);
    return found;
  };
  const legs = new Map<string, string>();
  const speak = (tier: TierPolicy['tier']): Set<TierOutcome> => {
    const outcomes = tierOutcomes(policiesOf(tier), match);
    const short = tierWitness(policiesOf(tier), match)?.short ?? 'tiers';
    for (const one of outcomes) if (one === 'allow' || one === 'deny') legs.set(one, short);
    return outcomes;
  };
  const admin = speak('admin');
  if (admin.has('pass') || admin.has('none')) {
    const leg = middle();
    if (leg.short !== 'default') legs.set(leg.verdict, leg.short);
    else {
      const baseline = speak('baseline');
      if (baseline.has('pass') || baseline.has('none')) legs.set('allow', 'default');
    }
  }
  const [only, another] = legs;
  if (only !== undefined && another === undefined && only[0] !== 'conditional') {
    const [verdict, short] = only;
    // Those that legs were set by.
    return { verdict: verdict as Leg['verdict'], short };
  }
  const isTie =
    guesses.length === 0 && [...legs.keys()].every((one) => one === 'allow' || one === 'deny');
  return { verdict: isTie ? 'ambiguous' : 'conditional', short: 'undetermined' };
}

function matchTierRule(world: World, rule: TierRule, peer: Side, packet: Packet): Match {
  const found = firstMatch(rule.peers, (term): Match => {
    const plain = matchTierPeer(world, term, peer, packet.family);
    if (!term.negated || plain === 'maybe') return plain;
    return plain === 'yes' ? 'no' : 'yes';
  }).match;
  const port = firstMatch(rule.ports, (entry): Match => {
    const anyProtocol = typeof entry.port === 'string' && entry.protocol === undefined;
    const protocol = anyProtocol ? packet.protocol : (entry.protocol ?? 'TCP');
    return matchPort(world, { ...entry, protocol }, packet);
  }).match;
  if (port === 'no' || found === 'no') return 'no';
  return rule.opaque ? 'maybe' : found;
}

function matchTierPeer(world: World, term: TierPeer, peer: Side, family: 4 | 6 | null): Match {
  if ('names' in term) return 'maybe'; // R3.10
  if ('block' in term) {
    // R3.10: networks hold pods and nodes in every dialect.
    const options = { ...world.options, ipBlockMatchesPods: true, ipBlockMatchesNodes: true };
    return matchBlock({ ...world, options }, term.block, peer, family);
  }
  if ('nodes' in term) {
    const node = world.objects.find(
      ({ kind, metadata }) => kind === 'Node' && metadata.name === peer.node,
    );
    const held = peer.kind === 'node' && selects(term.nodes, node?.metadata.labels ?? {});
    return held ? 'yes' : 'no';
  }
  if (peer.kind !== 'pod' || peer.pod === undefined) return 'no';
  return selectsPod(world, term.namespaces, term.pods, peer.pod) ? 'yes' : 'no';
}

function selectsPod(
  world: World,
  namespaces: KubeSelector,
  pods: KubeSelector,
  pod: KubeObject,
): boolean {
  return (
    selects(namespaces, namespaceLabels(world, namespaceOf(pod))) &&
    selects(pods, pod.metadata.labels ?? {})
  );
}

/** R1.30: every namespace has its name as a label. */
function namespaceLabels({ objects }: World, name: string): Readonly<Record<string, string>> {
  const namespace = objects.find(
    ({ kind, metadata }) => kind === 'Namespace' && metadata.name === name,
  );
  return { ...namespace?.metadata.labels, 'kubernetes.io/metadata.name': name };
}

/** The NetworkPolicy tier of semantics 0.2 step 4. */
function judgeNetworkPolicies(world: World, packet: Packet, direction: 'Ingress' | 'Egress'): Leg {
  const egress = direction === 'Egress';
  const subject = egress ? packet.source : packet.destination;
  const peer = egress ? packet.destination : packet.source;
  const { pod } = subject;
  if (pod === undefined) return { verdict: 'allow', short: 'external' };
  const itself = peer.kind === 'pod' && peer.pod === pod;
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
export function isolating(
  world: World,
  pod: KubeObject,
  direction: 'Ingress' | 'Egress',
): KubeObject[] {
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
  const inNamespace = namespaceSelector
    ? selects(namespaceSelector, namespaceLabels(world, name))
    : name === namespaceOf(policy);
  return inNamespace && selects(podSelector ?? {}, peer.pod.metadata.labels ?? {}) ? 'yes' : 'no';
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

/** Who `end` is, or why there is no such end. */
export function locate(world: World, end: OracleEnd): Side | OracleVerdict {
  if ('ip' in end) return sideOfAddress(world, end.ip);
  if ('node' in end) return sideOfNode(world, end.node);
  const pod = podsOf(world).find((one) => nameOf(one) === end.pod);
  if (pod === undefined) return 'unresolved';
  return isFinished(pod) ? 'not-running' : sideOfPod(world, pod);
}

function serviceAt(world: World, { to }: Question): KubeObject | undefined {
  return world.objects.find(
    (object) =>
      object.kind === 'Service' &&
      ('service' in to
        ? nameOf(object) === to.service
        : 'ip' in to && object.spec?.clusterIP === to.ip),
  );
}

function endpointsOf(world: World, question: Question): Endpoint[] | OracleVerdict {
  const { to, protocol, port } = question;
  const service = serviceAt(world, question);
  if (service !== undefined) return serviceEndpoints(world, service, protocol, port);
  if ('service' in to) return 'unresolved';
  const side = locate(world, to);
  return typeof side === 'string' ? side : [{ side, port }];
}
