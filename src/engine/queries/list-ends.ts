import { intersectRanges, mergeRanges, subtractRanges } from '../../model/address.ts';
import type { AddressRange, Family } from '../../model/address.ts';
import type { GroupBy } from '../../model/answer.ts';
import type { Peer } from '../../model/peer.ts';
import type { GroupOrdinal } from '../grouping.ts';
import { ALL_ADDRESSES, nodeOrdinals } from '../model-view.ts';
import type { NodeOrdinal, PodOrdinal } from '../model-view.ts';
import type { PartyId } from '../party.ts';
import type { Steps } from '../query.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { EndSet } from '../refs/end-set.ts';
import type { Candidates } from './candidates.ts';
import type { EndGroup } from './cases.ts';
import { groupByParty } from './ends.ts';
import type { EndMembers } from './ends.ts';

/** One end of a row: a workload, pod, namespace or node. */
export interface ListEnd {
  readonly key: string;
  readonly peer: () => Peer;
  readonly groups: readonly EndGroup[];
}

/** What may stand at one end of a list. */
export interface ListMembers {
  /** `every`: all pods of the pod network but `leftOut`. */
  readonly pods: readonly PodOrdinal[] | 'every';
  readonly leftOut?: ReadonlySet<PodOrdinal>;
  readonly nodes: readonly NodeOrdinal[];
  readonly ranges: readonly AddressRange[];
  readonly families?: readonly Family[];
}

/** What may stand at an end that the caller left open. */
export interface DefaultEnds {
  readonly nodes: boolean;
  readonly external: boolean;
}

/** Every pod of the pod network, and nodes and outside addresses where they are wanted. */
export function defaultMembers(index: ReachIndex, { nodes, external }: DefaultEnds): ListMembers {
  return {
    pods: 'every',
    nodes: nodes ? everyNode(index) : [],
    ranges: external ? externalRanges(index) : [],
  };
}

/** Does not depend on the question. */
const EVERY_NODE = new WeakMap<ReachIndex, readonly NodeOrdinal[]>();

function everyNode(index: ReachIndex): readonly NodeOrdinal[] {
  const nodes = EVERY_NODE.get(index) ?? [...nodeOrdinals(index.view)];
  EVERY_NODE.set(index, nodes);
  return nodes;
}

/** A named end for a list: owned addresses are not cut out of what is printed (contract 5). */
export function namedMembers(index: ReachIndex, end: EndSet): EndMembers {
  const { askedRanges = [], ranges } = end;
  if (ranges.length === 0) return end;
  const whole = index
    .partiesOfRanges(mergeRanges([...ranges, ...askedRanges]))
    .filter((part) => intersectRanges(part.ranges, ranges).length !== 0);
  return { ...end, ranges: mergeRanges(whole.flatMap((part) => part.ranges)) };
}

/** What a list leaves out. */
export type LeftOut = Omit<EndMembers, 'families'> & Pick<EndSet, 'askedRanges'>;

/** `members` without what `excluded` holds. */
export function without(members: ListMembers, excluded: readonly LeftOut[]): ListMembers {
  if (excluded.length === 0) return members;
  const pods = new Set(excluded.flatMap((one) => one.pods));
  const nodes = new Set(excluded.flatMap((one) => one.nodes));
  const ranges = excluded.flatMap((one) => [...one.ranges, ...(one.askedRanges ?? [])]);
  return {
    ...members,
    ...(members.pods === 'every'
      ? { leftOut: new Set([...(members.leftOut ?? []), ...pods]) }
      : { pods: members.pods.filter((pod) => !pods.has(pod)) }),
    nodes: nodes.size === 0 ? members.nodes : members.nodes.filter((node) => !nodes.has(node)),
    ranges: ranges.length === 0 ? members.ranges : subtractRanges(members.ranges, ranges),
  };
}

/**
 * The pods and nodes of `members` as row ends, sorted by key in code units.
 *
 * @param among only ends that hold one of these parties; absent: all
 */
export function listEnds(
  index: ReachIndex,
  members: ListMembers,
  groupBy: GroupBy,
  among?: Candidates,
): ListEnd[] {
  const ends = [...eachEnd(index, members, groupBy, among)];
  // Pods come sorted, and so do nodes; only the two have to be merged.
  return members.nodes.length === 0 ? ends : ends.sort(byKey);
}

/** Like {@link listEnds}, one after the other: pods by key, then nodes by key. */
export function* eachEnd(
  index: ReachIndex,
  members: ListMembers,
  groupBy: GroupBy,
  among?: Candidates,
): Generator<ListEnd, undefined> {
  const { families } = members;
  if (members.pods === 'every') {
    yield* everyEnd(index, members, groupBy, among);
  } else {
    for (const end of namedEnds(index, members.pods, { groupBy, families })) {
      if (among === undefined || end.groups.some(({ party }) => among.has(party))) yield end;
    }
  }
  for (const node of members.nodes) {
    if (among === undefined || among.has(index.partyOfNode(node))) {
      yield nodeEnd(index, node, families);
    }
  }
}

/** Ends by the parties they hold. */
export function lookUpEnds<End extends ListEnd>(
  ends: readonly End[],
): (among: Candidates) => End[] {
  const byParty = new Map<PartyId, number[]>();
  for (const [position, { groups }] of ends.entries()) {
    for (const { party } of groups) {
      const known = byParty.get(party);
      if (known === undefined) byParty.set(party, [position]);
      else known.push(position);
    }
  }
  return (among) => {
    const found = new Set<number>();
    for (const party of among.parties) {
      for (const position of byParty.get(party) ?? []) found.add(position);
    }
    return [...found].flatMap((position) => ends[position] ?? []);
  };
}

function* everyEnd(
  index: ReachIndex,
  { leftOut, families }: ListMembers,
  groupBy: GroupBy,
  among: Candidates | undefined,
): Generator<ListEnd, undefined> {
  const rows = index.rows(groupBy);
  const wanted =
    among === undefined
      ? Array.from({ length: rows.count }, (_, i) => i as GroupOrdinal)
      : rowsHolding(index, groupBy, among);
  for (const row of wanted) {
    const end = rowEnd(index, groupBy, row);
    if (leftOut === undefined && families === undefined) {
      yield end;
      continue;
    }
    const pods = Array.from(rows.podsOf(row)).filter((pod) => leftOut?.has(pod) !== true);
    if (pods.length === 0) continue;
    const members = { pods, nodes: [], ranges: [], ...of(families) };
    yield { ...end, groups: groupByParty(index, members) };
  }
}

/** Rows with a pod of one of the parties, ascending. */
function rowsHolding(index: ReachIndex, groupBy: GroupBy, among: Candidates): GroupOrdinal[] {
  const rows = index.rows(groupBy);
  const found = new Uint8Array(rows.count);
  for (const party of among.parties) {
    const pods = index.podsOf(party);
    for (let i = 0; i < pods.length; i += 1) {
      const pod = pods[i];
      const row = pod === undefined ? undefined : rows.groupOf(pod);
      if (row !== undefined) found[row] = 1;
    }
  }
  const result: GroupOrdinal[] = [];
  for (let row = found.indexOf(1); 0 <= row; row = found.indexOf(1, row + 1)) {
    result.push(row as GroupOrdinal);
  }
  return result;
}

/** Ends of whole rows do not depend on the question, so they are made once per index. */
const ENDS = new WeakMap<ReachIndex, Map<GroupBy, ListEnd[]>>();

/** All pods of a row as one end. */
export function rowEnd(index: ReachIndex, groupBy: GroupBy, row: GroupOrdinal): ListEnd {
  const known = ENDS.get(index) ?? new Map<GroupBy, ListEnd[]>();
  ENDS.set(index, known);
  const ends = known.get(groupBy) ?? [];
  known.set(groupBy, ends);
  const made = ends[row];
  if (made !== undefined) return made;
  const rows = index.rows(groupBy);
  const pods = rows.podsOf(row);
  const members = { pods: Array.isArray(pods) ? pods : Array.from(pods), nodes: [], ranges: [] };
  const end: ListEnd = {
    key: rows.keyOf(row),
    peer: () => rows.peerOf(row),
    groups: groupByParty(index, members),
  };
  ends[row] = end;
  return end;
}

/** Pods between two pauses: few enough for a moment, though each may have to be read first. */
const PODS_AT_A_TIME = 64;

/** The rows that `pods` fall into, sorted by key. */
export function* namedEndsInSteps(
  index: ReachIndex,
  pods: readonly PodOrdinal[],
  { groupBy, families }: { readonly groupBy: GroupBy; readonly families: ListMembers['families'] },
): Steps<ListEnd[]> {
  const rows = new Map<string, { peer: () => Peer; pods: PodOrdinal[] }>();
  for (const [i, pod] of pods.entries()) {
    const { key, peer } = index.directory.groupOfPod(pod, groupBy);
    const known = rows.get(key) ?? { peer, pods: [] };
    known.pods.push(pod);
    rows.set(key, known);
    if (i % PODS_AT_A_TIME === 0) yield;
  }
  return [...rows]
    .map(([key, row]): ListEnd => ({
      key,
      peer: row.peer,
      groups: groupByParty(index, { pods: row.pods, nodes: [], ranges: [], ...of(families) }),
    }))
    .sort(byKey);
}

function namedEnds(...args: Parameters<typeof namedEndsInSteps>): ListEnd[] {
  const steps = namedEndsInSteps(...args);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** A node as one end; `families` are those it was named in. */
export function nodeEnd(
  index: ReachIndex,
  node: NodeOrdinal,
  families: ListMembers['families'],
): ListEnd {
  const peer = index.directory.nodePeer(node);
  const groups = groupByParty(index, { pods: [], nodes: [node], ranges: [], ...of(families) });
  return { key: peer.key, peer: () => peer, groups };
}

function of(families: ListMembers['families']): { families?: readonly Family[] } {
  return families === undefined ? {} : { families };
}

function byKey(a: ListEnd, b: ListEnd): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** Does not depend on the question either. */
const EXTERNAL = new WeakMap<ReachIndex, readonly AddressRange[]>();

/**
 * The address space outside the cluster. Owned addresses are not cut out of what is printed, only
 * an atom that is owned altogether disappears (semantics 5.2).
 */
function externalRanges(index: ReachIndex): readonly AddressRange[] {
  const known = EXTERNAL.get(index);
  if (known !== undefined) return known;
  const ranges = index
    .partiesOfRanges(ALL_ADDRESSES)
    .filter((part) => part.ranges.some((range) => !isOwned(index, range)))
    .flatMap((part) => part.ranges);
  EXTERNAL.set(index, ranges);
  return ranges;
}

function isOwned({ view }: ReachIndex, range: AddressRange): boolean {
  return range.last - range.first + 1n <= BigInt(view.countOwnedByEnds(range));
}

/** Outside addresses of an end by party; those that were left open do not depend on the question. */
export function outsideGroups(
  index: ReachIndex,
  { ranges, families }: Pick<ListMembers, 'ranges' | 'families'>,
): readonly EndGroup[] {
  if (ranges.length === 0) return [];
  const known = families === undefined ? OUTSIDE.get(ranges) : undefined;
  const groups = known ?? groupByParty(index, { pods: [], nodes: [], ranges, ...of(families) });
  if (ranges === EXTERNAL.get(index) && families === undefined) OUTSIDE.set(ranges, groups);
  return groups;
}

const OUTSIDE = new WeakMap<readonly AddressRange[], readonly EndGroup[]>();
