import type { AddressRange, Family } from '../../model/address.ts';
import {
  ALL_PORTS,
  NO_CONNECTIONS,
  connectionsOf,
  contains,
  intersect,
  isEmpty,
  overlaps,
  subtract,
  union,
} from '../../model/connection-set.ts';
import type { ConnectionSet, PortRange } from '../../model/connection-set.ts';
import type { Implicit, Reason, Verdict } from '../../model/answer.ts';
import { nodeOrdinals } from '../model-view.ts';
import type { NodeOrdinal, PodOrdinal } from '../model-view.ts';
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
}

/** A destination group with the asked ports as its pods see them. */
export interface TargetGroup extends EndGroup {
  readonly ports: PortView;
}

/** The asked ports on one destination. */
export interface PortView {
  /** Ports on the destination itself. */
  readonly asked: ConnectionSet;
  /** For a Service that translates: each of its ports and where it leads; absent: no translation. */
  readonly service?: readonly { readonly port: PortRange; readonly targets: ConnectionSet }[];
  /** The destination was reached through a Service: a pod that meets itself there is a hairpin. */
  readonly viaService: boolean;
  /** Why nothing about this destination is certain. */
  readonly doubts?: readonly Reason[];
  /**
   * Other addresses the Service's own port may be judged on: unless they agree, nobody knows
   * (semantics R2.13).
   */
  readonly rivals?: readonly PartyId[];
  /** Outside clients may arrive with the address of any node (semantics R2.13, NodePort). */
  readonly masquerade?: boolean;
}

/** What one case group comes to, in the ports the caller asked in. */
export interface CaseResult {
  readonly allowed: ConnectionSet;
  readonly denied: ConnectionSet;
  readonly undetermined: ConnectionSet;
  readonly doubts: readonly Reason[];
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
  const from = index.parties[source.party];
  const to = index.parties[destination.party];
  if (from === undefined || to === undefined) return [];
  if (from.kind !== 'pods' && to.kind !== 'pods') return [];
  const families = commonFamilies(index, source, destination);
  if (families.length === 0) return [];
  return splitByRelation(index, source, destination).flatMap((part) =>
    families.map((family) => makeCase(index, source, destination, part, family)),
  );
}

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
  let allowed = NO_CONNECTIONS;
  let denied = NO_CONNECTIONS;
  let undetermined = NO_CONNECTIONS;
  let pairs = 0;
  for (const { result, pairs: count } of counted) {
    allowed = union(allowed, result.allowed);
    denied = union(denied, result.denied);
    undetermined = union(undetermined, result.undetermined);
    pairs += count;
  }
  if (open) denied = intersect(denied, union(allowed, undetermined));
  const implicit = explicit.length !== 0 ? null : (counted[0]?.implicit ?? null);
  const verdict = verdictOf({ allowed, denied, undetermined });
  return { allowed, denied, undetermined, verdict, implicit, pairs, counted };
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
  const [from, to] = [membersOf(index, source), membersOf(index, destination)];
  const podsOnly = source.nodes.length + destination.nodes.length === 0;
  if (podsOnly && !onNodes(index, source) && !onNodes(index, destination)) {
    return splitPods(from, to, destination.ports.viaService);
  }
  const parts = new Map<Relation, { pairs: number; example: readonly [PlacedEnd, PlacedEnd] }>();
  for (const a of from) {
    for (const b of to) {
      const relation = relationOf(index.view, a, b);
      const part = parts.get(relation) ?? { pairs: 0, example: [a, b] as const };
      parts.set(relation, { ...part, pairs: part.pairs + 1 });
    }
  }
  return [...parts].map(([relation, part]) => ({ relation, ...part }));
}

/** Pairs of pod-network pods or ranges: only "itself" tells them apart. */
function splitPods(
  from: readonly PlacedEnd[],
  to: readonly PlacedEnd[],
  viaService: boolean,
): RelationPart[] {
  const targets = new Set(to.map(({ pod }) => pod));
  const selves = from.filter(({ pod }) => pod !== undefined && targets.has(pod));
  const self = selves[0];
  const parts: RelationPart[] = [];
  const others = from.length * to.length - selves.length;
  if (others !== 0) {
    const [first] = from;
    const other = to.find(({ pod }) => pod === undefined || pod !== first?.pod);
    const second = from.find(({ pod }) => pod === undefined || pod !== to[0]?.pod);
    const example = other === undefined ? [second, to[0]] : [first, other];
    const [a, b] = example;
    if (a !== undefined && b !== undefined) {
      parts.push({ relation: 'NONE', pairs: others, example: [a, b] });
    }
  }
  if (self !== undefined) {
    const relation = viaService ? 'HAIRPIN' : 'SELF';
    parts.push({ relation, pairs: selves.length, example: [self, self] });
  }
  return parts;
}

function onNodes(index: ReachIndex, group: EndGroup): boolean {
  return index.parties[group.party]?.kind === 'node';
}

/** The members of a group as placed ends; all ranges are one member. */
export function membersOf(index: ReachIndex, group: EndGroup): PlacedEnd[] {
  const { party } = group;
  const node = index.parties[party];
  const home = node?.kind === 'node' ? node.node : undefined;
  const unknownNode = node?.kind === 'node' && node.node === undefined;
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
  return {
    source,
    destination,
    question,
    pairs,
    result: resultOf(reach, clients, before, destination.ports),
    implicit: implicitOf(reach, relation),
    example,
  };
}

/** The same connection, were the client to arrive with the address of a node. */
function masqueraded(
  index: ReachIndex,
  source: EndGroup,
  { ports }: TargetGroup,
  question: PairQuestion,
  target: PlacedEnd,
): PairReach[] {
  const outside = index.parties[source.party]?.kind === 'addresses';
  if (ports.masquerade !== true || !outside || index.options.externalSource === 'client') return [];
  return [...nodeOrdinals(index.view)].map((ordinal) => {
    const node = placeNode(index, ordinal);
    const relation = relationOf(index.view, node, target);
    return index.reach({ ...question, source: node.party, relation });
  });
}

function implicitOf({ egress, ingress }: PairReach, relation: Relation): Implicit | null {
  if (relation === 'SELF' || relation === 'HAIRPIN') return 'SELF';
  const local = [...egress.segments, ...ingress.segments].some(({ by }) => by === 'local-node');
  return local ? 'LOCAL_NODE' : null;
}

/**
 * Cuts a pair's outcome down to the asked ports, in the caller's own ports.
 *
 * @param clients the same connection from other addresses the client may appear with
 * @param before the same connection to the Service's own addresses and ports
 */
function resultOf(
  reach: PairReach,
  clients: readonly PairReach[],
  before: readonly PairReach[],
  ports: PortView,
): CaseResult {
  const seen = [reach, ...clients];
  const allowed = seen.reduce((set, one) => intersect(set, one.allowed), ALL_PORTS);
  const denied = seen.reduce((set, one) => intersect(set, one.denied), ALL_PORTS);
  const result =
    ports.service === undefined
      ? cut(allowed, denied, ports.asked)
      : translate(allowed, denied, before, ports.service);
  const certain = (ports.doubts ?? []).length === 0;
  const open = certain
    ? result
    : { ...result, ...cut(NO_CONNECTIONS, NO_CONNECTIONS, everything(result)) };
  if (isEmpty(open.undetermined)) return { ...open, doubts: [] };
  const undecided = subtract(subtract(ports.asked, allowed), denied);
  const doubts = [...reach.egress.unsure, ...reach.ingress.unsure]
    .filter(({ set }) => overlaps(set, undecided))
    .map(({ reason }) => reason);
  const rewritten = clients.length + before.length !== 0 && doubts.length === 0 && certain;
  return {
    ...open,
    doubts: [...doubts, ...(ports.doubts ?? []), ...(rewritten ? [REWRITING_DOUBT] : [])],
  };
}

type PortSets = Omit<CaseResult, 'doubts'>;

function cut(allowed: ConnectionSet, denied: ConnectionSet, asked: ConnectionSet): PortSets {
  return {
    allowed: intersect(allowed, asked),
    denied: intersect(denied, asked),
    undetermined: subtract(subtract(asked, allowed), denied),
  };
}

function everything({ allowed, denied, undetermined }: PortSets): ConnectionSet {
  return union(union(allowed, denied), undetermined);
}

/** A Service port is allowed when all it leads to is; a port that leads nowhere is denied. */
function translate(
  allowed: ConnectionSet,
  denied: ConnectionSet,
  before: readonly PairReach[],
  service: NonNullable<PortView['service']>,
): PortSets {
  const [yes, no, maybe]: [PortRange[], PortRange[], PortRange[]] = [[], [], []];
  for (const { port, targets } of service) {
    const own = connectionsOf([port]);
    const all = contains(allowed, targets) && before.every((one) => contains(one.allowed, own));
    const none = contains(denied, targets) && before.every((one) => contains(one.denied, own));
    if (none || isEmpty(targets)) no.push(port);
    else if (all) yes.push(port);
    else maybe.push(port);
  }
  return {
    allowed: connectionsOf(yes),
    denied: connectionsOf(no),
    undetermined: connectionsOf(maybe),
  };
}

const REWRITING_DOUBT: Reason = {
  code: 'CONDITIONAL',
  message:
    'addresses are rewritten on the way, and whether policies see them before or after is not specified',
};

/** Families both ends have; `[null]` when neither end's addresses are known. */
function commonFamilies(
  index: ReachIndex,
  source: EndGroup,
  destination: EndGroup,
): readonly (Family | null)[] {
  const [a, b] = [familiesOf(index, source), familiesOf(index, destination)];
  if (a === 'unknown') return b === 'unknown' ? [null] : b;
  return b === 'unknown' ? a : a.filter((family) => b.includes(family));
}

function familiesOf(index: ReachIndex, group: EndGroup): readonly Family[] | 'unknown' {
  const party = index.parties[group.party];
  const own =
    party === undefined ? [] : party.kind === 'addresses' ? [party.family] : party.families;
  const { families } = group;
  if (families === undefined || own === 'unknown') return families ?? own;
  return own.filter((family) => families.includes(family));
}
