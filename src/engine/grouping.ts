import type { GroupBy } from '../model/answer.ts';
import type { Peer } from '../model/peer.ts';
import type { Directory } from './directory.ts';
import { ChunkLayouts } from './index/chunk-layout.ts';
import type { ModelView, PodOrdinal } from './model-view.ts';

/** Position of a row of pods in a {@link Grouping}. */
export type GroupOrdinal = number & { readonly brand: 'GroupOrdinal' };

/**
 * The rows that the pods of the pod network fall into, numbered in the order of their keys in code
 * units (decisions 10).
 */
export interface Grouping {
  readonly count: number;
  keyOf(group: GroupOrdinal): string;
  peerOf(group: GroupOrdinal): Peer;
  /** Its pods, ascending. */
  podsOf(group: GroupOrdinal): ArrayLike<PodOrdinal>;
  /** Undefined for pods that stand in no row: finished ones, and those that are their node. */
  groupOf(pod: PodOrdinal): GroupOrdinal | undefined;
}

/** Rows by workload as columns that can be stored beside a snapshot. */
export interface WorkloadRows {
  /** By pod: its row, -1 for none. */
  readonly rowOf: Int32Array;
  /** Pods of row `i` are `pods` from `start[i]` to before `start[i + 1]`, ascending. */
  readonly start: Int32Array;
  readonly pods: Int32Array;
  /** Keys as UTF-8, one after the other; key `i` ends before byte `keyStart[i + 1]`. */
  readonly keys: Uint8Array;
  readonly keyStart: Int32Array;
}

/**
 * Sorts the pods that are not finished and not their node into rows by workload; a pod without an owner
 * is its own.
 *
 * @param layouts namespaces that were laid out before; it learns those of `view`
 */
export function buildWorkloadRows(
  view: ModelView,
  layouts: ChunkLayouts = new ChunkLayouts(),
): WorkloadRows {
  const all = view.namespaces.map((chunk) => layouts.of(chunk).rows);
  const rows = all.reduce((n, { start }) => n + start.length - 1, 0);
  const rowOf = new Int32Array(view.podCount).fill(-1);
  const start = new Int32Array(rows + 1);
  const keyStart = new Int32Array(rows + 1);
  const pods = new Int32Array(all.reduce((n, one) => n + one.pods.length, 0));
  const keys = new Uint8Array(all.reduce((n, one) => n + one.keys.length, 0));
  // Every key begins with its namespace, so rows of one follow each other.
  let next = { row: 0, pod: 0, byte: 0 };
  for (const i of namespacesByKey(view)) {
    const one = all[i];
    if (one === undefined) continue;
    const first = view.podStart[i] ?? 0;
    for (const [pod, row] of one.rowOf.entries()) if (0 <= row) rowOf[first + pod] = next.row + row;
    for (const [k, pod] of one.pods.entries()) pods[next.pod + k] = first + pod;
    for (const [k, end] of one.start.entries()) start[next.row + k] = next.pod + end;
    for (const [k, end] of one.keyStart.entries()) keyStart[next.row + k] = next.byte + end;
    keys.set(one.keys, next.byte);
    next = {
      row: next.row + one.start.length - 1,
      pod: next.pod + one.pods.length,
      byte: next.byte + one.keys.length,
    };
  }
  return { rowOf, start, pods, keys, keyStart };
}

const DECODER = new TextDecoder();

/** The ways in which pods can be grouped, each laid out when it is first asked for. */
export function groupings(
  view: ModelView,
  directory: Directory,
  rows: WorkloadRows,
): (groupBy: GroupBy) => Grouping {
  const known = new Map<GroupBy, Grouping>();
  return (groupBy) => {
    const grouping = known.get(groupBy) ?? makeGrouping(groupBy, view, directory, rows);
    known.set(groupBy, grouping);
    return grouping;
  };
}

function makeGrouping(
  groupBy: GroupBy,
  view: ModelView,
  directory: Directory,
  rows: WorkloadRows,
): Grouping {
  switch (groupBy) {
    case 'WORKLOAD':
      return byWorkload(directory, rows);
    case 'POD':
      return byPod(view, directory, rows);
    case 'NAMESPACE':
      return byNamespace(view, directory, rows);
  }
}

function byWorkload(directory: Directory, rows: WorkloadRows): Grouping {
  const { rowOf, start, pods, keys, keyStart } = rows;
  const podsOf = (group: GroupOrdinal): ArrayLike<PodOrdinal> =>
    slice(pods, start[group] ?? 0, start[group + 1] ?? 0);
  // A shared buffer cannot be decoded from, so the few bytes of a key are copied first.
  const keyOf = (group: GroupOrdinal): string =>
    DECODER.decode(keys.slice(keyStart[group], keyStart[group + 1]));
  return {
    count: start.length - 1,
    keyOf: remembered(keyOf),
    peerOf: (group) => {
      const first = podsOf(group)[0];
      if (first === undefined) throw new RangeError(`no row ${group}`);
      return directory.groupOfPod(first, 'WORKLOAD').peer();
    },
    podsOf,
    groupOf: (pod) => ordinal(rowOf[pod]),
  };
}

/** Pods are numbered by namespace and name, which is not quite the order of their keys. */
function byPod(view: ModelView, directory: Directory, { rowOf }: WorkloadRows): Grouping {
  const pods: number[] = [];
  for (const i of namespacesByKey(view)) {
    for (let pod = view.podStart[i] ?? 0; pod < (view.podStart[i + 1] ?? 0); pod += 1) {
      if (0 <= (rowOf[pod] ?? -1)) pods.push(pod);
    }
  }
  const list = Int32Array.from(pods);
  const positions = new Int32Array(view.podCount).fill(-1);
  for (const [position, pod] of list.entries()) positions[pod] = position;
  const podAt = (group: GroupOrdinal): PodOrdinal => (list[group] ?? -1) as PodOrdinal;
  return {
    count: list.length,
    keyOf: (group) => directory.podKeyOf(podAt(group)),
    peerOf: (group) => directory.podPeer(podAt(group)),
    podsOf: (group) => slice(list, group, group + 1),
    groupOf: (pod) => ordinal(positions[pod]),
  };
}

function byNamespace(view: ModelView, directory: Directory, { rowOf }: WorkloadRows): Grouping {
  const groups: { readonly namespace: number; readonly pods: Int32Array }[] = [];
  const positions = new Int32Array(view.namespaceNames.length).fill(-1);
  for (const namespace of namespacesByKey(view)) {
    const pods: number[] = [];
    const end = view.podStart[namespace + 1] ?? 0;
    for (let pod = view.podStart[namespace] ?? 0; pod < end; pod += 1) {
      if (0 <= (rowOf[pod] ?? -1)) pods.push(pod);
    }
    if (pods.length === 0) continue;
    positions[namespace] = groups.length;
    groups.push({ namespace, pods: Int32Array.from(pods) });
  }
  const nameOf = (group: GroupOrdinal): string =>
    view.namespaceNames[groups[group]?.namespace ?? -1] ?? '';
  const none = new Int32Array(0);
  return {
    count: groups.length,
    keyOf: (group) => `${nameOf(group)}/*`,
    peerOf: (group) => directory.namespacePeer(nameOf(group)),
    podsOf: (group) => (groups[group]?.pods ?? none) as ArrayLike<number> as ArrayLike<PodOrdinal>,
    groupOf: (pod) =>
      (rowOf[pod] ?? -1) < 0 ? undefined : ordinal(positions[view.namespaceIndexOf(pod)]),
  };
}

/** `shop-a/…` comes before `shop/…`, although `shop` comes before `shop-a`. */
function namespacesByKey(view: ModelView): number[] {
  return view.namespaceNames
    .map((name, i) => ({ key: `${name}/`, i }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ i }) => i);
}

function slice(list: Int32Array, start: number, end: number): ArrayLike<PodOrdinal> {
  // The elements are ordinals by construction.
  return list.subarray(start, end) as ArrayLike<number> as ArrayLike<PodOrdinal>;
}

function ordinal(value: number | undefined): GroupOrdinal | undefined {
  return value === undefined || value < 0 ? undefined : (value as GroupOrdinal);
}

function remembered(of: (group: GroupOrdinal) => string): (group: GroupOrdinal) => string {
  const known = new Map<GroupOrdinal, string>();
  return (group) => {
    const text = known.get(group) ?? of(group);
    known.set(group, text);
    return text;
  };
}
