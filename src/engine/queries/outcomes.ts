import { equalConnections, portRangesOf, printConnections } from '../../model/connection-set.ts';
import { withPage } from '../../model/answer.ts';
import type { Leg, Outcome, OutcomeMembers, Reason, Verdict } from '../../model/answer.ts';
import { countPods } from '../count-pods.ts';
import { printRange } from '../../model/address.ts';
import type { Peer } from '../../model/peer.ts';
import { explainLeg } from '../pair/explain.ts';
import type { OtherSide } from '../pair/explain-peer.ts';
import type { PlacedEnd } from '../pair/connections-between.ts';
import type { PodOrdinal } from '../model-view.ts';
import type { PartyId } from '../party.ts';
import type { Steps } from '../query.ts';
import type { ReachIndex } from '../reach-index.ts';
import { podsInPairs } from './case-members.ts';
import { holdsOthers } from './others.ts';
import { CASES_PER_STEP } from './pair-limits.ts';
import { verdictOf } from './cases.ts';
import type { Case, EndGroup } from './cases.ts';

/** Peers named per side of an outcome. */
const MEMBERS_MAX = 10;

const WORST_FIRST: readonly Verdict[] = ['DENIED', 'UNDETERMINED', 'PARTIAL', 'ALLOWED'];

/**
 * The distinct outcomes of `cases`, worst first: cases are one outcome when family, ports and the
 * policies of both ends agree.
 */
export function* outcomesOf(
  index: ReachIndex,
  cases: readonly Case[],
  max: number,
): Steps<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const group of yield* rankedGroups(index, cases, max)) {
    const [first] = group;
    if (first === undefined) continue;
    if (CASES_PER_STEP < cases.length) yield;
    const summary = yield* summaryOf(index, group);
    outcomes.push({
      ...summary,
      reasons: summary.reasons.map(withPage),
      legs: legsOf(index, first),
    });
  }
  return outcomes;
}

/**
 * Like {@link outcomesOf}, for rows of lists: `legs` are worked out when they are read, and are not
 * enumerable, so that a row's JSON says what differs without explaining each part (ask `path`).
 */
export function* partsOf(index: ReachIndex, cases: readonly Case[], max: number): Steps<Outcome[]> {
  const parts: Outcome[] = [];
  for (const group of yield* rankedGroups(index, cases, max)) {
    const [first] = group;
    const part = yield* summaryOf(index, group);
    Object.defineProperty(part, 'legs', {
      enumerable: false,
      get: () => (first === undefined ? [] : legsOf(index, first)),
    });
    parts.push(part as Outcome);
  }
  return parts;
}

/** Whether `cases` hold more than one distinct result. */
export function differs(cases: readonly Case[]): boolean {
  const [first, ...rest] = cases;
  return first !== undefined && rest.some((one) => !sameResult(one, first));
}

function sameResult({ result: a }: Case, { result: b }: Case): boolean {
  return (
    equalConnections(a.allowed, b.allowed) &&
    equalConnections(a.denied, b.denied) &&
    equalConnections(a.undetermined, b.undetermined)
  );
}

/** Distinct results, by text: what `splitBy` looks for a label to explain. */
export function resultKey({ result }: Case): string {
  return [result.allowed, result.denied, result.undetermined].map(printConnections).join('|');
}

/** Reasons without repetition, in order of appearance. */
export function distinctReasons(reasons: readonly Reason[]): Reason[] {
  const seen = new Map(reasons.map((reason) => [`${reason.code} ${reason.message}`, reason]));
  return [...seen.values()];
}

/** `reasons` of `cases`; where an end has no name, in an order that shows nothing of it. */
export function reasonsOf(
  index: ReachIndex,
  cases: readonly Case[],
  reasons: readonly Reason[],
): Reason[] {
  const distinct = distinctReasons(reasons);
  if (!cases.some((one) => holdsOthers(index, one))) return distinct;
  const keyOf = ({ code, message }: Reason): string => `${code} ${message}`;
  return distinct.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** The other side of a leg, with what near misses are explained by. */
export function describeEnd(index: ReachIndex, end: PlacedEnd, group: EndGroup): OtherSide {
  const { view } = index;
  if (isOther(index, end))
    return { name: 'pods of other namespaces', addresses: [], isWithheld: true };
  if (end.pod !== undefined && end.node === undefined && !end.unknownNode) {
    const pod = view.pod(end.pod);
    const namespace = view.namespaceOf(end.pod);
    return {
      name: `pod ${namespace.name}/${pod.name}`,
      pod: { labels: pod.labels, namespace: namespace.name, namespaceLabels: namespace.labels },
      addresses: view.addressesOf(end.pod),
    };
  }
  const node = end.node === undefined ? undefined : view.nodes[end.node];
  if (node !== undefined) {
    const name = `node ${node.node.name}`;
    return { name: hostPodName(index, end, name), addresses: node.addresses };
  }
  const [range] = group.ranges;
  if (range === undefined) {
    return { name: hostPodName(index, end, 'a node that is not known'), addresses: [] };
  }
  const first = { family: range.family, value: range.first };
  return { name: `address ${printRange(range)}`, addresses: [first] };
}

/** A pod with hostNetwork is its node to every policy; whoever asked for the pod is told so. */
function hostPodName({ view }: ReachIndex, { pod }: PlacedEnd, node: string): string {
  if (pod === undefined) return node;
  return `pod ${view.namespaceOf(pod).name}/${view.pod(pod).name} (hostNetwork, so ${node})`;
}

function isOther({ view }: ReachIndex, { pod }: PlacedEnd): boolean {
  return pod !== undefined && view.isOther(pod);
}

/** How answers name one member of a group. */
export function peerOf(index: ReachIndex, end: PlacedEnd, group: EndGroup): Peer {
  const { directory } = index;
  if (end.pod !== undefined) return directory.groupOfPod(end.pod, 'WORKLOAD').peer();
  if (end.node !== undefined) return directory.nodePeer(end.node);
  return directory.rangePeer(group.ranges);
}

/** What holds of every leg of one case, for each direction in the order a connection meets them. */
export function legsOf(index: ReachIndex, { question, destination, source, example }: Case): Leg[] {
  const [from, to] = example;
  const asked = destination.ports.asked;
  return [
    explainLeg(index, {
      question,
      direction: 'EGRESS',
      asked,
      subject: peerOf(index, from, source),
      isWithheld: isOther(index, from),
      other: describeEnd(index, to, destination),
    }),
    explainLeg(index, {
      question,
      direction: 'INGRESS',
      asked,
      subject: peerOf(index, to, destination),
      isWithheld: isOther(index, to),
      other: describeEnd(index, from, source),
    }),
  ];
}

function* rankedGroups(index: ReachIndex, cases: readonly Case[], max: number): Steps<Case[][]> {
  const groups = new Map<string, Case[]>();
  const keyOf = outcomeKeys(index);
  for (const [i, one] of cases.entries()) {
    if (i % CASES_PER_STEP === CASES_PER_STEP - 1) yield;
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  // However an index splits equals into parties, the order is the same.
  const ranked: {
    readonly key: string;
    readonly group: Case[];
    readonly rank: number;
    readonly first: First;
  }[] = [];
  for (const [key, group] of groups) {
    ranked.push({ key, group, rank: rankOf(group), first: yield* firstOf(index, group) });
  }
  return ranked
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        a.first.family - b.first.family ||
        a.first.source - b.first.source ||
        a.first.destination - b.first.destination ||
        (a.key < b.key ? -1 : 1),
    )
    .slice(0, max)
    .map(({ group }) => group);
}

function* summaryOf(index: ReachIndex, group: readonly Case[]): Steps<Omit<Outcome, 'legs'>> {
  const [first] = group;
  if (first === undefined) throw new RangeError('an outcome needs a case');
  const { result, question } = first;
  return {
    verdict: verdictOf(result),
    family: question.family === null ? null : question.family === 4 ? 'IPV4' : 'IPV6',
    from: yield* members(index, group, 'source'),
    to: yield* members(index, group, 'destination'),
    allowed: portRangesOf(result.allowed),
    denied: portRangesOf(result.denied),
    undetermined: portRangesOf(result.undetermined),
    reasons: reasonsOf(
      index,
      group,
      group.flatMap(({ result: { doubts } }) => doubts),
    ),
  };
}

/** In the order of pods and nodes, however an index splits them into parties. */
function* members(
  index: ReachIndex,
  cases: readonly Case[],
  end: 'source' | 'destination',
): Steps<OutcomeMembers> {
  const { directory } = index;
  const distinct = [...new Set<EndGroup>(cases.map((one) => one[end]))];
  const pods = ascending(yield* podsOfCases(index, cases, end));
  const nodes = ascending(distinct.flatMap((group) => group.nodes));
  const ranges = distinct.filter((group) => group.ranges.length !== 0);
  const peers = [
    ...directory.podPeers(pods, MEMBERS_MAX),
    ...nodes.slice(0, MEMBERS_MAX).map((node) => directory.nodePeer(node)),
    ...ranges.slice(0, MEMBERS_MAX).map((group) => directory.rangePeer(group.ranges)),
  ];
  return {
    count: countPods(index.view, pods) + nodes.length + ranges.length,
    nodes: peers.slice(0, MEMBERS_MAX),
  };
}

/** Pods at one end of some of `cases`. */
function* podsOfCases(
  index: ReachIndex,
  cases: readonly Case[],
  end: 'source' | 'destination',
): Steps<Set<PodOrdinal>> {
  const pods = new Set<PodOrdinal>();
  const added = new Set<readonly PodOrdinal[]>();
  for (const [i, one] of cases.entries()) {
    if (i % CASES_PER_STEP === CASES_PER_STEP - 1) yield;
    const some = podsInPairs(index, one, end);
    if (added.has(some)) continue;
    added.add(some);
    for (const pod of some) pods.add(pod);
  }
  return pods;
}

function ascending<Ordinal extends number>(ordinals: Iterable<Ordinal>): Ordinal[] {
  return [...new Set(ordinals)].sort((a, b) => a - b);
}

/** What outcomes of one verdict are ordered by: family, then the first pods of each end. */
type First = Readonly<Record<'family' | 'source' | 'destination', number>>;

function* firstOf(index: ReachIndex, group: readonly Case[]): Steps<First> {
  return {
    family: group[0]?.question.family ?? LAST_FAMILY,
    source: yield* lowestPod(index, group, 'source'),
    destination: yield* lowestPod(index, group, 'destination'),
  };
}

function* lowestPod(
  index: ReachIndex,
  group: readonly Case[],
  end: 'source' | 'destination',
): Steps<number> {
  let lowest = Number.POSITIVE_INFINITY;
  for (const [i, one] of group.entries()) {
    if (i % CASES_PER_STEP === CASES_PER_STEP - 1) yield;
    const [pod] = podsInPairs(index, one, end);
    // Pods without a name have no place among the others.
    if (pod !== undefined) lowest = Math.min(lowest, index.view.isOther(pod) ? -1 : pod);
  }
  return lowest;
}

/** Cases whose family is not known come after the others. */
const LAST_FAMILY = 7;

function rankOf(group: readonly Case[]): number {
  const [first] = group;
  return first === undefined ? 0 : WORST_FIRST.indexOf(verdictOf(first.result));
}

/** Keys of cases; what policies an end has is printed once. */
function outcomeKeys(index: ReachIndex): (one: Case) => string {
  const printed = new Map<PartyId, string>();
  const policiesOf = (party: PartyId): string => {
    const known = printed.get(party) ?? printPolicies(index, party);
    printed.set(party, known);
    return known;
  };
  return (one) => {
    const { source, destination, family, relation } = one.question;
    return [resultKey(one), family, relation, policiesOf(source), policiesOf(destination)].join(
      '|',
    );
  };
}

function printPolicies(index: ReachIndex, party: PartyId): string {
  return index
    .policiesOf(party)
    .map(({ ref }) => `${ref.kind} ${ref.namespace ?? ''}/${ref.name}`)
    .join(',');
}
