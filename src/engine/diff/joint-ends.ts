import type { AddressRange } from '../../model/address.ts';
import type { ModelView, NodeOrdinal, PodOrdinal } from '../model-view.ts';
import type { PartyId } from '../party.ts';
import type { ReachIndex } from '../reach-index.ts';

/** A pod in both snapshots; undefined where it is not there, has finished, or is its node. */
export interface JointPod {
  readonly before: PodOrdinal | undefined;
  readonly after: PodOrdinal | undefined;
}

/** What is one party in the index of before and one in that of after; undefined: in none. */
export interface JointEnd {
  readonly kind: 'pods' | 'node' | 'addresses';
  readonly before: PartyId | undefined;
  readonly after: PartyId | undefined;
  /** Of an end of kind `pods`: at least one. */
  readonly pods: readonly JointPod[];
  /** Of an end of kind `node`; undefined: some node of which nothing is known. */
  readonly node: string | undefined;
  /** Of an end of kind `addresses`. */
  readonly ranges: readonly AddressRange[];
}

const NOTHING = { pods: [], node: undefined, ranges: [] };

/** Every end of two indexes: cut so that each is of one party in either. */
export function jointEnds(before: ReachIndex, after: ReachIndex): JointEnd[] {
  return [
    ...jointPods(before, after),
    ...jointNodes(before, after),
    ...jointAddresses(before, after),
  ];
}

function jointPods(before: ReachIndex, after: ReachIndex): JointEnd[] {
  const ends = new Map<number, JointEnd & { readonly pods: JointPod[] }>();
  const add = (x: PodOrdinal | undefined, y: PodOrdinal | undefined): void => {
    const [a, b] = [partyOf(before, x), partyOf(after, y)];
    if (a === undefined && b === undefined) return;
    const key = (1 + (a ?? -1)) * (1 + after.partyCount) + 1 + (b ?? -1);
    const end = ends.get(key) ?? { ...NOTHING, kind: 'pods', before: a, after: b, pods: [] };
    ends.set(key, end);
    end.pods.push({
      before: a === undefined ? undefined : x,
      after: b === undefined ? undefined : y,
    });
  };
  for (const [i, j] of paired(before.view.namespaceNames, after.view.namespaceNames)) {
    const [x, y] = [podNames(before.view, i), podNames(after.view, j)];
    for (const [row, other] of paired(x.names, y.names)) {
      add(ordinal(x.first, row), ordinal(y.first, other));
    }
  }
  return [...ends.values()];
}

/** A hostNetwork pod is its node. */
function partyOf(index: ReachIndex, pod: PodOrdinal | undefined): PartyId | undefined {
  const party = pod === undefined ? undefined : index.partyOfPod(pod);
  return party === undefined || index.party(party).kind !== 'pods' ? undefined : party;
}

function podNames(
  view: ModelView,
  namespace: number | undefined,
): { readonly names: readonly string[]; readonly first: number } {
  if (namespace === undefined) return { names: [], first: 0 };
  return { names: view.namespaceAt(namespace).pods.name, first: view.podStart[namespace] ?? 0 };
}

function ordinal(first: number, row: number | undefined): PodOrdinal | undefined {
  return row === undefined ? undefined : ((first + row) as PodOrdinal);
}

function jointNodes(before: ReachIndex, after: ReachIndex): JointEnd[] {
  const [x, y] = [before, after].map(({ view }) => view.nodes.map(({ node }) => node.name));
  const ends = Array.from(paired(x ?? [], y ?? []), ([i, j]): JointEnd => ({
    ...NOTHING,
    kind: 'node',
    before: i === undefined ? undefined : before.partyOfNode(i as NodeOrdinal),
    after: j === undefined ? undefined : after.partyOfNode(j as NodeOrdinal),
    node: (i === undefined ? y?.[j ?? -1] : x?.[i]) ?? '',
  }));
  const unknown = { before: before.partyOfUnknownNode(), after: after.partyOfUnknownNode() };
  return [...ends, { ...NOTHING, kind: 'node', ...unknown }];
}

function jointAddresses(before: ReachIndex, after: ReachIndex): JointEnd[] {
  const known = Array.from({ length: before.partyCount }, (_, id) => id as PartyId).flatMap(
    (id) => {
      const party = before.party(id);
      if (party.kind !== 'addresses' || party.ranges.length === 0) return [];
      return after.partiesOfRanges(party.ranges).map(({ party: other, ranges }): JointEnd => ({
        ...NOTHING,
        kind: 'addresses',
        before: id,
        after: other,
        ranges,
      }));
    },
  );
  const unknown = ([4, 6] as const).map((family): JointEnd => ({
    ...NOTHING,
    kind: 'addresses',
    before: before.partyOfUnknownAddress(family),
    after: after.partyOfUnknownAddress(family),
  }));
  return [...known, ...unknown];
}

/** Positions of equal names in two ascending lists; undefined where one has none. */
function* paired(
  a: readonly string[],
  b: readonly string[],
): Generator<readonly [number | undefined, number | undefined]> {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]];
    if (x === y) yield [i++, j++];
    else if (y === undefined || (x !== undefined && x < y)) yield [i++, undefined];
    else yield [undefined, j++];
  }
}
