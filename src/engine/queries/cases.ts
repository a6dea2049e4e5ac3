import { intersectRanges, subtractRanges } from '../../model/address.ts';
import type { AddressRange, Family } from '../../model/address.ts';
import { NO_CONNECTIONS, intersect, isEmpty, union } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Implicit, Reason, Verdict } from '../../model/answer.ts';
import { DIRECTIONS } from '../../model/policy.ts';
import { missingKind } from '../missing.ts';
import { nodeOrdinals } from '../model-view.ts';
import type { NodeOrdinal, PodOrdinal } from '../model-view.ts';
import { resultOf } from './case-result.ts';
import type { CaseResult, PortView } from './case-result.ts';
import { placeNode, relationOf } from '../pair/connections-between.ts';
import type { PlacedEnd } from '../pair/connections-between.ts';
import type { PairQuestion, PairReach, ReachIndex } from '../reach-index.ts';
import type { PartyId, Relation } from '../party.ts';

/** Members of one end that no policy can tell apart. */
export interface EndGroup {
  readonly party: PartyId;
  /** Pods, hostNetwork ones included (their party is their node). */
  readonly pods: readonly PodOrdinal[];
  /** Nodes named as such. */
  readonly nodes: readonly NodeOrdinal[];
  readonly ranges: readonly AddressRange[];
  /** Families the end was named in; absent: every family. */
  readonly families?: readonly Family[];
  /** Why an address of `ranges` may be a node that the snapshot does not have. */
  readonly maybeNode?: Reason;
}

/** A destination group with the asked ports as its pods see them. */
export interface TargetGroup extends EndGroup {
  readonly ports: PortView;
}

/** All pairs of two groups in one family and relation: they share one outcome. */
export interface Case {
  readonly source: EndGroup;
  readonly destination: TargetGroup;
  readonly question: PairQuestion;
  readonly pairs: number;
  readonly result: CaseResult;
  /** Set when only self or own-node traffic decides it. */
  readonly implicit: Implicit | null;
  /** One pair, for explanations. */
  readonly example: readonly [PlacedEnd, PlacedEnd];
}

/** Every case of two groups; none when they have no family in common or neither is a pod. */
export function casesOf(index: ReachIndex, source: EndGroup, destination: TargetGroup): Case[] {
  const { clients } = destination.ports;
  if (clients !== undefined && source.ranges.length !== 0) {
    return splitClients(source, clients).flatMap(({ group, isLetIn }) =>
      casesOf(index, group, { ...destination, ports: withoutClients(destination.ports) }).map(
        (one) => (isLetIn ? one : { ...one, result: refused(one.result) }),
      ),
    );
  }
  const kinds = [index.party(source.party).kind, index.party(destination.party).kind];
  if (!kinds.includes('pods')) return [];
  const families = commonFamilies(index, source, destination);
  if (families.length === 0) return [];
  return splitByRelation(index, source, destination).flatMap((part) =>
    families.map((family) => makeCase(index, source, destination, part, family)),
  );
}

/**
 * Sources by whether a load balancer's source ranges let them in: members are told apart so that
 * each part has one outcome.
 */
export function splitClients<Group extends EndGroup>(
  group: Group,
  clients: readonly AddressRange[],
): { readonly group: Group; readonly isLetIn: boolean }[] {
  const inside = intersectRanges(group.ranges, clients);
  const outside = subtractRanges(group.ranges, clients);
  return [
    { group: { ...group, ranges: inside }, isLetIn: true },
    { group: { ...group, ranges: outside }, isLetIn: false },
  ].filter(({ group: part }) => part.ranges.length !== 0);
}

function withoutClients({ clients: _clients, ...ports }: PortView): PortView {
  return ports;
}

function refused({ allowed, denied, undetermined }: CaseResult): CaseResult {
  return {
    allowed: NO_CONNECTIONS,
    denied: union(union(allowed, denied), undetermined),
    undetermined: NO_CONNECTIONS,
    doubts: [REFUSED_CLIENT],
  };
}

const REFUSED_CLIENT: Reason = {
  code: 'LOAD_BALANCER_SOURCE_RANGES',
  message: 'the load balancer only lets in addresses of its `loadBalancerSourceRanges`',
};

/** Sets of ports over cases, and the verdict they come to (contract 3). */
export interface Tally {
  readonly allowed: ConnectionSet;
  readonly denied: ConnectionSet;
  readonly undetermined: ConnectionSet;
  readonly verdict: Verdict;
  readonly implicit: Implicit | null;
  readonly pairs: number;
  /** The cases that count: explicit ones if there are any. */
  readonly counted: readonly Case[];
}

/**
 * Adds up `cases`. Implicit ones count only when there are no others. In lists that ask for any port
 * (`open`), a row's cases are those of the ports that are or may be allowed somewhere.
 */
export function tally(cases: readonly Case[], open: boolean): Tally {
  const explicit = cases.filter(({ implicit }) => implicit === null);
  const counted = explicit.length === 0 ? cases : explicit;
  const allowed = unionOf(counted, ({ result }) => result.allowed);
  const undetermined = unionOf(counted, ({ result }) => result.undetermined);
  let denied = unionOf(counted, ({ result }) => result.denied);
  const pairs = counted.reduce((sum, one) => sum + one.pairs, 0);
  if (open) denied = intersect(denied, union(allowed, undetermined));
  const implicit = explicit.length !== 0 ? null : (counted[0]?.implicit ?? null);
  const verdict = verdictOf({ allowed, denied, undetermined });
  return { allowed, denied, undetermined, verdict, implicit, pairs, counted };
}

/** Cases are many and their sets few: each is added once. */
function unionOf(cases: readonly Case[], setOf: (one: Case) => ConnectionSet): ConnectionSet {
  const distinct = new Set<ConnectionSet>();
  for (const one of cases) distinct.add(setOf(one));
  let sum = NO_CONNECTIONS;
  for (const set of distinct) sum = union(sum, set);
  return sum;
}

/** Contract 3: PARTIAL beats UNDETERMINED; nothing at all is DENIED. */
export function verdictOf(sets: Omit<CaseResult, 'doubts'>): Verdict {
  const [allowed, denied, undetermined] = [
    !isEmpty(sets.allowed),
    !isEmpty(sets.denied),
    !isEmpty(sets.undetermined),
  ];
  if (allowed && denied) return 'PARTIAL';
  if (undetermined) return 'UNDETERMINED';
  return allowed ? 'ALLOWED' : 'DENIED';
}

interface RelationPart {
  readonly relation: Relation;
  readonly pairs: number;
  readonly example: readonly [PlacedEnd, PlacedEnd];
}

/** Counts pairs by how their ends belong together. */
function splitByRelation(
  index: ReachIndex,
  source: EndGroup,
  destination: TargetGroup,
): RelationPart[] {
  const podsOnly = source.nodes.length + destination.nodes.length === 0;
  if (podsOnly && !onNodes(index, source) && !onNodes(index, destination)) {
    const relation = source.maybeNode === undefined ? 'NONE' : 'MAYBE_LOCAL_NODE';
    return splitPods(index, source, destination, relation);
  }
  return splitByNode(index, source, destination);
}

/** Pairs with a node at one end: its own pods are not strangers. */
function splitByNode(index: ReachIndex, source: EndGroup, destination: EndGroup): RelationPart[] {
  const parts = new Map<Relation, { pairs: number; example: readonly [PlacedEnd, PlacedEnd] }>();
  const to = byHome(index, destination);
  for (const a of byHome(index, source)) {
    for (const b of to) {
      const relation = relationOf(index.view, a.first, b.first);
      const known = parts.get(relation);
      const pairs = a.count * b.count + (known?.pairs ?? 0);
      parts.set(relation, { pairs, example: known?.example ?? [a.first, b.first] });
    }
  }
  return [...parts].map(([relation, part]) => ({ relation, ...part }));
}

interface Housemates {
  readonly first: PlacedEnd;
  readonly count: number;
}

/** Groups do not change, and a list meets one with every node. */
const BY_HOME = new WeakMap<EndGroup, readonly Housemates[]>();

/**
 * Members that a node cannot tell apart: those on one node. A node and its hostNetwork pods are one
 * party, so beside a node "itself" is no relation of its own.
 */
function byHome(index: ReachIndex, group: EndGroup): readonly Housemates[] {
  const known = BY_HOME.get(group);
  if (known !== undefined) return known;
  const homes = new Map<number, Housemates>();
  for (const end of membersOf(index, group)) {
    const home = end.pod === undefined ? -1 : (index.view.nodeOf(end.pod) ?? -1);
    const { first, count } = homes.get(home) ?? { first: end, count: 0 };
    homes.set(home, { first, count: count + 1 });
  }
  const result = [...homes.values()];
  BY_HOME.set(group, result);
  return result;
}

/** Pairs of pod-network pods or ranges: only "itself" tells them apart. */
function splitPods(
  index: ReachIndex,
  source: EndGroup,
  destination: TargetGroup,
  relation: Relation,
): RelationPart[] {
  // One pod is in one party, so only a party can meet itself.
  const selves = source.party === destination.party ? shared(source.pods, destination.pods) : [];
  const others = memberCount(source) * memberCount(destination) - selves.length;
  const parts: RelationPart[] = [];
  if (others !== 0) {
    const example = strangers(index, source, destination);
    if (example !== undefined) parts.push({ relation, pairs: others, example });
  }
  const [first] = selves;
  if (first !== undefined) {
    const self = podEnd(source.party, first);
    const own = destination.ports.viaService ? 'HAIRPIN' : 'SELF';
    parts.push({ relation: own, pairs: selves.length, example: [self, self] });
  }
  return parts;
}

function shared(a: readonly PodOrdinal[], b: readonly PodOrdinal[]): readonly PodOrdinal[] {
  if (a === b) return a;
  const others = new Set(b);
  return a.filter((pod) => others.has(pod));
}

/** The first two members that are not one pod. */
function strangers(
  index: ReachIndex,
  source: EndGroup,
  destination: EndGroup,
): readonly [PlacedEnd, PlacedEnd] | undefined {
  const [a, b] = [firstMember(index, source), firstMember(index, destination)];
  if (a === undefined || b === undefined) return undefined;
  if (a.pod === undefined || a.pod !== b.pod) return [a, b];
  const other = membersOf(index, destination).find(({ pod }) => pod !== a.pod);
  if (other !== undefined) return [a, other];
  const second = membersOf(index, source).find(({ pod }) => pod !== b.pod);
  return second === undefined ? undefined : [second, b];
}

function memberCount({ pods, ranges }: EndGroup): number {
  return pods.length + (ranges.length === 0 ? 0 : 1);
}

function firstMember(index: ReachIndex, group: EndGroup): PlacedEnd | undefined {
  const [pod] = group.pods;
  return pod === undefined ? membersOf(index, group)[0] : podEnd(group.party, pod);
}

/** A pod of the pod network, placed. */
export function podEnd(party: PartyId, pod: PodOrdinal): PlacedEnd {
  return { party, pod, node: undefined, unknownNode: false };
}

function onNodes(index: ReachIndex, group: EndGroup): boolean {
  return index.party(group.party).kind === 'node';
}

/** The members of a group as placed ends; all ranges are one member. */
export function membersOf(index: ReachIndex, group: EndGroup): PlacedEnd[] {
  const { party } = group;
  const node = index.party(party);
  const home = node.kind === 'node' ? node.node : undefined;
  const unknownNode = node.kind === 'node' && node.node === undefined;
  const pods = group.pods.map((pod) => ({ party, pod, node: home, unknownNode }));
  const nodes = group.nodes.map((one) => ({
    party,
    pod: undefined,
    node: one,
    unknownNode: false,
  }));
  const ranges =
    group.ranges.length === 0
      ? []
      : [{ party, pod: undefined, node: undefined, unknownNode: false }];
  return [...pods, ...nodes, ...ranges];
}

function makeCase(
  index: ReachIndex,
  source: EndGroup,
  destination: TargetGroup,
  part: RelationPart,
  family: Family | null,
): Case {
  const { relation, pairs, example } = part;
  const question = { source: source.party, destination: destination.party, family, relation };
  const reach = index.reach(question);
  const before = (destination.ports.rivals ?? []).map((party) =>
    index.reach({ ...question, destination: party }),
  );
  const clients = masqueraded(index, source, destination, question, example[1]);
  // Dialect: clients from outside always arrive as a node.
  const asNode = index.options.externalSource === 'node' && clients.length !== 0;
  const [lead = reach, ...others] = asNode ? clients : [reach, ...clients];
  return {
    source,
    destination,
    question,
    pairs,
    result: named(resultOf(lead, others, before, destination.ports), source.maybeNode),
    implicit: implicitOf(index, question),
    example,
  };
}

/** The result with the missing fact that leaves it open, where something does. */
function named(result: CaseResult, missing: Reason | undefined): CaseResult {
  if (missing === undefined || isEmpty(result.undetermined)) return result;
  return { ...result, doubts: [missing, ...result.doubts] };
}

/** The same connection, were the client to arrive with the address of a node. */
function masqueraded(
  index: ReachIndex,
  source: EndGroup,
  { ports }: TargetGroup,
  question: PairQuestion,
  target: PlacedEnd,
): PairReach[] {
  const outside = index.party(source.party).kind === 'addresses';
  if (ports.masquerade !== true || !outside || index.options.externalSource === 'client') return [];
  const nodes = [...nodeOrdinals(index.view)].map((ordinal) => placeNode(index, ordinal));
  const home = target.pod === undefined ? undefined : index.view.nodeOf(target.pod);
  const { snapshot } = index.view;
  const missing = snapshot.source === 'LIVE' && missingKind(snapshot, 'Node') !== undefined;
  if (missing || home === undefined) {
    const party = index.partyOfUnknownNode();
    nodes.push({ party, pod: undefined, node: undefined, unknownNode: true });
  }
  return nodes.map((node) => {
    const relation = relationOf(index.view, node, target);
    return index.reach({ ...question, source: node.party, relation });
  });
}

function implicitOf(index: ReachIndex, question: PairQuestion): Implicit | null {
  const { relation } = question;
  if (relation === 'SELF' || relation === 'HAIRPIN') return 'SELF';
  if (relation !== 'LOCAL_NODE') return null;
  const isLocal = DIRECTIONS.some((direction) =>
    index.legOutcome(question, direction).segments.some(({ by }) => by === 'local-node'),
  );
  return isLocal ? 'LOCAL_NODE' : null;
}

/** Families both ends have; `[null]` when neither end's addresses are known. */
export function commonFamilies(
  index: ReachIndex,
  source: EndGroup,
  destination: EndGroup,
): readonly (Family | null)[] {
  const [a, b] = [familiesOf(index, source), familiesOf(index, destination)];
  if (a === 'unknown') return b === 'unknown' ? [null] : b;
  return b === 'unknown' ? a : a.filter((family) => b.includes(family));
}

/** Families in which an end has addresses, as far as whoever names it lets them count. */
export function familiesOf(index: ReachIndex, group: EndGroup): readonly Family[] | 'unknown' {
  const party = index.party(group.party);
  const own = party.kind === 'addresses' ? [party.family] : party.families;
  const { families } = group;
  if (families === undefined || own === 'unknown') return families ?? own;
  return own.filter((family) => families.includes(family));
}
