import type { GroupBy } from '../../model/answer.ts';
import { OTHERS } from '../../model/peer.ts';
import type { Directory } from '../directory.ts';
import type { GroupOrdinal, Grouping } from '../grouping.ts';
import type { ModelView, PodOrdinal } from '../model-view.ts';

/**
 * The rows of a reader: those of its namespaces as they are, and before them one for all other pods,
 * if there are any.
 */
export function scopedRows(rows: Grouping, { view, others }: Directory): Grouping {
  // A row is of one namespace, and of the reader's or not as a whole.
  const isTold = (row: GroupOrdinal): boolean => {
    const pod = rows.podsOf(row)[0];
    return pod !== undefined && !view.isOther(pod);
  };
  const told: GroupOrdinal[] = [];
  const positions = new Int32Array(rows.count).fill(0);
  for (let row = 0; row < rows.count; row += 1) {
    if (isTold(row as GroupOrdinal)) told.push(row as GroupOrdinal);
  }
  const offset = told.length === rows.count ? 0 : 1;
  for (const [i, row] of told.entries()) positions[row] = i + offset;
  const rowAt = (group: GroupOrdinal): GroupOrdinal => {
    const row = told[group - offset];
    if (row === undefined) throw new RangeError(`no row ${group}`);
    return row;
  };
  const isOthers = (group: GroupOrdinal): boolean => group < offset;
  return {
    count: told.length + offset,
    keyOf: (group) => (isOthers(group) ? OTHERS : rows.keyOf(rowAt(group))),
    peerOf: (group) =>
      isOthers(group) && others !== undefined ? others.peer : rows.peerOf(rowAt(group)),
    podsOf: (group) =>
      isOthers(group) && others !== undefined ? others.pods : rows.podsOf(rowAt(group)),
    groupOf: (pod) => {
      const row = rows.groupOf(pod);
      return row === undefined ? undefined : ((positions[row] ?? 0) as GroupOrdinal);
    },
  };
}

/** Pods of the pod network that the reader is not told of, ascending. */
export function otherPods(view: ModelView, rows: (groupBy: GroupBy) => Grouping): PodOrdinal[] {
  const standing = rows('WORKLOAD');
  const pods: PodOrdinal[] = [];
  for (let i = 0; i < view.podCount; i += 1) {
    const pod = i as PodOrdinal;
    if (standing.groupOf(pod) !== undefined && view.isOther(pod)) pods.push(pod);
  }
  return pods;
}
