import type { GroupBy, PeerTable } from '../../model/answer.ts';
import type { GroupOrdinal } from '../grouping.ts';
import type { NodeOrdinal, PodOrdinal } from '../model-view.ts';
import type { PartyId } from '../party.ts';
import type { ReachIndex } from '../reach-index.ts';
import { nodeEnd, rowEnd } from './list-ends.ts';
import type { ListEnd } from './list-ends.ts';

/**
 * Everything that can stand at an end of a list which was left open: the rows that pods fall into and
 * the nodes, numbered in the order of their keys in code units.
 *
 * Rows of one class hold the same parties in the same order, so that policies treat them alike: what
 * is judged and explained of one holds for all. Only how many pods they have differs.
 */
export interface RowTable {
  readonly count: number;
  readonly peers: PeerTable;
  keyOf(row: number): string;
  /** Row of pods `group`, or the node `~entry`. */
  readonly entries: Int32Array;
  readonly classOf: Int32Array;
  /** By class: how many classes there are is its length less one. */
  readonly classStart: Int32Array;
  /** Rows of class `i` are these from `classStart[i]` to before `classStart[i + 1]`, ascending. */
  readonly classRows: Int32Array;
  /** Its members as one side of a row. */
  endOf(row: number): ListEnd;
  isNode(row: number): boolean;
  /** Undefined for pods that stand in no row. */
  rowOfPod(pod: PodOrdinal): number | undefined;
  rowOfNode(node: NodeOrdinal): number;
  /** Classes that hold `party`, ascending. */
  classesOf(party: PartyId): ArrayLike<number>;
}

const TABLES = new WeakMap<ReachIndex, Map<GroupBy, RowTable>>();

/** The rows of `index`, laid out when they are first asked for. */
export function rowTable(index: ReachIndex, groupBy: GroupBy): RowTable {
  const tables = TABLES.get(index) ?? new Map<GroupBy, RowTable>();
  TABLES.set(index, tables);
  const table = tables.get(groupBy) ?? buildTable(index, groupBy);
  tables.set(groupBy, table);
  return table;
}

function buildTable(index: ReachIndex, groupBy: GroupBy): RowTable {
  const { directory } = index;
  const rows = index.rows(groupBy);
  const { entries, rowOfGroup, rowOfNode } = mergeByKey(index, groupBy);
  const classes = new ClassNumbers(index);
  const classOf = entries.map((entry) =>
    entry < 0
      ? classes.ofNode(~entry as NodeOrdinal)
      : classes.ofPods(rows.podsOf(entry as GroupOrdinal)),
  );
  const byClass = gather(classes.count, classOf);
  const entryOf = (row: number): number => {
    const entry = entries[row];
    if (entry === undefined) throw new RangeError(`no row ${row}`);
    return entry;
  };
  return {
    count: entries.length,
    peers: {
      count: entries.length,
      peerAt: (row) => {
        const entry = entryOf(row);
        return entry < 0
          ? directory.nodePeer(~entry as NodeOrdinal)
          : rows.peerOf(entry as GroupOrdinal);
      },
    },
    keyOf: (row) => {
      const entry = entryOf(row);
      return entry < 0 ? nodeKey(index, ~entry) : rows.keyOf(entry as GroupOrdinal);
    },
    entries,
    classOf,
    classStart: byClass.start,
    classRows: byClass.members,
    endOf: (row) => {
      const entry = entryOf(row);
      return entry < 0
        ? nodeEnd(index, ~entry as NodeOrdinal, undefined)
        : rowEnd(index, groupBy, entry as GroupOrdinal);
    },
    isNode: (row) => entryOf(row) < 0,
    rowOfPod: (pod) => {
      const group = rows.groupOf(pod);
      return group === undefined ? undefined : rowOfGroup[group];
    },
    rowOfNode: (node) => rowOfNode[node] ?? -1,
    classesOf: classes.byParty(),
  };
}

function nodeKey({ view }: ReachIndex, node: number): string {
  return `node/${view.nodes[node]?.node.name ?? ''}`;
}

/** Rows of pods and nodes both ascend by key; a namespace can be called `node`, too. */
function mergeByKey(
  index: ReachIndex,
  groupBy: GroupBy,
): Record<'entries' | 'rowOfGroup' | 'rowOfNode', Int32Array> {
  const rows = index.rows(groupBy);
  const nodeCount = index.view.nodes.length;
  const entries = new Int32Array(rows.count + nodeCount);
  const rowOfGroup = new Int32Array(rows.count);
  const rowOfNode = new Int32Array(nodeCount);
  let group = 0;
  let at = 0;
  for (let node = 0; node < nodeCount; node += 1) {
    const before = firstNotBefore(rows.count, nodeKey(index, node), group, (i) =>
      rows.keyOf(i as GroupOrdinal),
    );
    while (group < before) {
      rowOfGroup[group] = at;
      entries[at++] = group++;
    }
    rowOfNode[node] = at;
    entries[at++] = ~node;
  }
  while (group < rows.count) {
    rowOfGroup[group] = at;
    entries[at++] = group++;
  }
  return { entries, rowOfGroup, rowOfNode };
}

/** The first position from `low` on whose key does not come before `key`; `count` when all do. */
export function firstNotBefore(
  count: number,
  key: string,
  low: number,
  keyOf: (position: number) => string,
): number {
  let [first, end] = [low, count];
  while (first < end) {
    const middle = (first + end) >> 1;
    if (keyOf(middle) < key) first = middle + 1;
    else end = middle;
  }
  return first;
}

/** Numbers classes in the order in which they are met. */
class ClassNumbers {
  readonly #index: ReachIndex;
  /** Classes of one party, which most are; -1 for none. */
  readonly #ofParty: Int32Array;
  readonly #ofParties = new Map<string, number>();
  readonly #parties: (readonly PartyId[])[] = [];

  constructor(index: ReachIndex) {
    this.#index = index;
    this.#ofParty = new Int32Array(index.partyCount).fill(-1);
  }

  get count(): number {
    return this.#parties.length;
  }

  ofNode(node: NodeOrdinal): number {
    return this.#ofOne(this.#index.likeOf(this.#index.partyOfNode(node)));
  }

  ofPods(pods: ArrayLike<PodOrdinal>): number {
    const lead = pods[0];
    if (lead !== undefined && this.#index.view.isOther(lead)) return this.#ofOthers(pods);
    const parties: PartyId[] = [];
    let last: PartyId | undefined;
    for (let i = 0; i < pods.length; i += 1) {
      const pod = pods[i];
      const party = pod === undefined ? undefined : this.#index.partyOfPod(pod);
      if (party === undefined || party === last) continue;
      last = party;
      if (parties.length === 0 || !parties.includes(party)) parties.push(party);
    }
    const [first] = parties;
    if (first !== undefined && parties.length === 1) return this.#ofOne(first);
    const key = parties.join();
    const known = this.#ofParties.get(key) ?? this.#parties.push(parties) - 1;
    this.#ofParties.set(key, known);
    return known;
  }

  /** Pods without a name are a class of their own: less is told of them than of others like them. */
  #ofOthers(pods: ArrayLike<PodOrdinal>): number {
    const parties = new Set(Array.from(pods).flatMap((pod) => this.#index.partyOfPod(pod) ?? []));
    return this.#parties.push([...parties]) - 1;
  }

  /** Classes by party, when all are known. */
  byParty(): RowTable['classesOf'] {
    const owners = this.#parties.flatMap((parties, number) => parties.map(() => number));
    const { start, members } = gather(this.#index.partyCount, this.#parties.flat());
    const classes = members.map((at) => owners[at] ?? -1);
    return (party) => classes.subarray(start[party] ?? 0, start[party + 1] ?? 0);
  }

  #ofOne(party: PartyId): number {
    const known = this.#ofParty[party] ?? -1;
    if (0 <= known) return known;
    const number = this.#parties.push([party]) - 1;
    this.#ofParty[party] = number;
    return number;
  }
}

/** Positions of `numbers` by what stands there: those of `i` from `start[i]` to before the next. */
function gather(
  count: number,
  numbers: ArrayLike<number>,
): { readonly start: Int32Array; readonly members: Int32Array } {
  const start = new Int32Array(count + 1);
  for (let at = 0; at < numbers.length; at += 1) {
    const one = numbers[at] ?? 0;
    start[one + 1] = (start[one + 1] ?? 0) + 1;
  }
  for (let i = 1; i <= count; i += 1) start[i] = (start[i] ?? 0) + (start[i - 1] ?? 0);
  const next = start.slice();
  const members = new Int32Array(numbers.length);
  for (let at = 0; at < numbers.length; at += 1) {
    const one = numbers[at] ?? 0;
    const place = next[one] ?? 0;
    members[place] = at;
    next[one] = place + 1;
  }
  return { start, members };
}
