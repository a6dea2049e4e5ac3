import {
  EVERY_ADDRESS,
  intersectRanges,
  mergeRanges,
  subtractRanges,
} from '../../model/address.ts';
import type { AddressRange } from '../../model/address.ts';
import type { GroupBy } from '../../model/answer.ts';
import type { Peer } from '../../model/peer.ts';
import { nodeOrdinals, podOrdinals } from '../model-view.ts';
import type { PodOrdinal } from '../model-view.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { EndSet } from '../refs/end-set.ts';
import type { EndMembers } from './ends.ts';

/** One end of a row: a workload, pod, namespace or node. */
export interface ListEnd {
  readonly key: string;
  readonly peer: () => Peer;
  readonly members: EndMembers;
}

/** What may stand at an end that the caller left open. */
export interface DefaultEnds {
  readonly nodes: boolean;
  readonly external: boolean;
}

/** Every pod of the pod network, and nodes and outside addresses where they are wanted. */
export function defaultMembers(index: ReachIndex, { nodes, external }: DefaultEnds): EndMembers {
  const pods: PodOrdinal[] = [];
  for (const pod of podOrdinals(index.view)) {
    const party = index.partyOfPod(pod);
    if (party !== undefined && index.parties[party]?.kind === 'pods') pods.push(pod);
  }
  return {
    pods,
    nodes: nodes ? [...nodeOrdinals(index.view)] : [],
    ranges: external ? externalRanges(index) : [],
  };
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

/** `members` without what `excluded` holds. */
export function without(
  members: EndMembers,
  excluded: readonly (EndMembers & Pick<EndSet, 'askedRanges'>)[],
): EndMembers {
  if (excluded.length === 0) return members;
  const pods = new Set(excluded.flatMap((one) => one.pods));
  const nodes = new Set(excluded.flatMap((one) => one.nodes));
  return {
    ...members,
    pods: members.pods.filter((pod) => !pods.has(pod)),
    nodes: members.nodes.filter((node) => !nodes.has(node)),
    ranges: subtractRanges(
      members.ranges,
      excluded.flatMap((one) => [...one.ranges, ...(one.askedRanges ?? [])]),
    ),
  };
}

/** The pods and nodes of `members` as row ends, sorted by key in code units. */
export function listEnds(index: ReachIndex, members: EndMembers, groupBy: GroupBy): ListEnd[] {
  const { directory } = index;
  const families = members.families === undefined ? {} : { families: members.families };
  const groups = new Map<string, { peer: () => Peer; pods: PodOrdinal[] }>();
  for (const pod of members.pods) {
    const { key, peer } = directory.groupOfPod(pod, groupBy);
    const known = groups.get(key) ?? { peer, pods: [] };
    known.pods.push(pod);
    groups.set(key, known);
  }
  const ends = [...groups].map(([key, { peer, pods }]): ListEnd => ({
    key,
    peer,
    members: { pods, nodes: [], ranges: [], ...families },
  }));
  for (const node of members.nodes) {
    const peer = directory.nodePeer(node);
    ends.push({
      key: peer.key,
      peer: () => peer,
      members: { pods: [], nodes: [node], ranges: [], ...families },
    });
  }
  return ends.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/**
 * The address space outside the cluster. Owned addresses are not cut out of what is printed, only
 * an atom that is owned altogether disappears (semantics 5.2).
 */
function externalRanges(index: ReachIndex): AddressRange[] {
  const owned = [...index.view.ownedAddresses()]
    .filter(([, owner]) => owner.kind !== 'service')
    .map(([{ family, value }]) => ({ family, first: value, last: value }));
  const count = new Map<number, bigint>();
  for (const { party } of owned.flatMap((range) => index.partiesOfRanges([range]))) {
    count.set(party, (count.get(party) ?? 0n) + 1n);
  }
  return index
    .partiesOfRanges([EVERY_ADDRESS[4], EVERY_ADDRESS[6]])
    .filter(({ party, ranges }) => (count.get(party) ?? 0n) < sizeOf(ranges))
    .flatMap(({ ranges }) => ranges);
}

function sizeOf(ranges: readonly AddressRange[]): bigint {
  return ranges.reduce((size, { first, last }) => size + last - first + 1n, 0n);
}
