import type { Reason } from '../../model/answer.ts';
import type { NodeOrdinal, PodOrdinal } from '../model-view.ts';
import type { Steps } from '../query.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { EndGroup } from './cases.ts';
import type { ClassJudgements } from './class-judgements.ts';
import { groupByParty } from './ends.ts';
import { withPorts } from './fixed-side.ts';
import type { FixedSide } from './fixed-side.ts';
import type { ListEnd, ListMembers } from './list-ends.ts';
import { draftRangeSources, draftRangeTargets, draftRow } from './reach-list.ts';
import type { RowDraft, RowOptions, SourceSide, TargetSide } from './reach-list.ts';
import { firstNotBefore } from './row-table.ts';
import type { RowTable } from './row-table.ts';

/** A list of which one end is named and the other was left open. */
export interface ClassListParts {
  readonly index: ReachIndex;
  readonly judged: ClassJudgements;
  /** Against what `judged` was. */
  readonly fixed: FixedSide;
  /** The named end. */
  readonly side: SourceSide | TargetSide;
  /** What the other end holds: every pod but some, and all nodes or some. */
  readonly members: ListMembers;
  /** Outside addresses among the other ends. */
  readonly outside: readonly EndGroup[];
  readonly options: RowOptions;
  readonly reasons: readonly Reason[];
}

/** A row that is only for itself, and the number of the row it comes before or stands for. */
export interface OwnRow {
  readonly at: number;
  readonly replaces: boolean;
  readonly draft: RowDraft;
}

/** Rows of outside addresses; those that were left open do not depend on what else is left out. */
export function rangeRows({
  index,
  judged,
  fixed,
  side,
  outside,
  options,
}: ClassListParts): readonly RowDraft[] {
  const { ranges } = remembered(judged, options);
  const known = ranges.get(outside);
  if (known !== undefined) return known;
  const rows =
    fixed.end === 'target'
      ? draftRangeSources(index, outside, { ...side, groups: fixed.groups }, options)
      : draftRangeTargets(index, side, withPorts(outside, fixed.ports), options);
  ranges.set(outside, rows);
  return rows;
}

/** Rows by themselves that are kept with their side: a side that holds everything has one for each. */
const APART_KEPT_MAX = 1000;

/** What was drafted of one side, by whether implicit rows are listed. */
interface Drafts {
  readonly apart: Map<number, RowDraft | undefined>;
  readonly ranges: WeakMap<readonly EndGroup[], readonly RowDraft[]>;
}

const DRAFTS = new WeakMap<ClassJudgements, Record<'explicit' | 'implicit', Drafts>>();

function remembered(judged: ClassJudgements, { implicit }: RowOptions): Drafts {
  const known = DRAFTS.get(judged) ?? { explicit: newDrafts(), implicit: newDrafts() };
  DRAFTS.set(judged, known);
  return implicit ? known.implicit : known.explicit;
}

function newDrafts(): Drafts {
  return { apart: new Map(), ranges: new WeakMap() };
}

/** Rows that their class does not speak for, and what they are instead; undefined: no row at all. */
export function* replacedRows({
  index,
  judged,
  fixed,
  side,
  members,
  options,
}: ClassListParts): Steps<ReadonlyMap<number, RowDraft | undefined>> {
  const { table, apart } = judged;
  const draft = (end: ListEnd): RowDraft | undefined =>
    fixed.end === 'target'
      ? draftRow(index, end, { ...side, groups: fixed.groups }, options)
      : draftRow(index, side, { ...end, groups: withPorts(end.groups, fixed.ports) }, options);
  const replaced = new Map<number, RowDraft | undefined>();
  const known =
    apart.size <= APART_KEPT_MAX ? remembered(judged, options).apart : new Map<number, RowDraft>();
  for (const row of apart) {
    if (!known.has(row)) {
      known.set(row, draft(table.endOf(row)));
      yield;
    }
    replaced.set(row, known.get(row));
  }
  for (const [row, pods] of rowsLeftOut(table, members.leftOut)) {
    const end = withoutPods(index, table.endOf(row), pods);
    replaced.set(row, end.groups.length === 0 ? undefined : draft(end));
    yield;
  }
  if (judged.hasNodes && members.nodes.length !== index.view.nodes.length) {
    const listed = new Set(members.nodes);
    for (let node = 0; node < index.view.nodes.length; node += 1) {
      const ordinal = node as NodeOrdinal;
      if (!listed.has(ordinal)) replaced.set(table.rowOfNode(ordinal), undefined);
    }
  }
  return replaced;
}

function rowsLeftOut(
  table: RowTable,
  pods: ListMembers['leftOut'] = new Set(),
): Map<number, Set<PodOrdinal>> {
  const rows = new Map<number, Set<PodOrdinal>>();
  for (const pod of pods) {
    const row = table.rowOfPod(pod);
    if (row === undefined) continue;
    const known = rows.get(row);
    if (known === undefined) rows.set(row, new Set([pod]));
    else known.add(pod);
  }
  return rows;
}

function withoutPods(index: ReachIndex, end: ListEnd, leftOut: ReadonlySet<PodOrdinal>): ListEnd {
  const pods = end.groups.flatMap((group) => group.pods).filter((pod) => !leftOut.has(pod));
  pods.sort((a, b) => a - b);
  return { ...end, groups: groupByParty(index, { pods, nodes: [], ranges: [] }) };
}

/** In the order in which they stand in the list. */
export function ownRows(
  table: RowTable,
  replaced: ReadonlyMap<number, RowDraft | undefined>,
  { end }: FixedSide,
  others: readonly RowDraft[],
): OwnRow[] {
  const keyOf = ({ source, target }: RowDraft): string =>
    end === 'target' ? source.key : target.key;
  const inPlace = [...replaced].flatMap(([at, draft]): OwnRow[] =>
    draft === undefined ? [] : [{ at, replaces: true, draft }],
  );
  const between = others.map((draft): OwnRow => ({
    at: firstNotBefore(table.count, keyOf(draft), 0, (row) => table.keyOf(row)),
    replaces: false,
    draft,
  }));
  return [...inPlace, ...between].sort(
    (a, b) =>
      a.at - b.at ||
      Number(a.replaces) - Number(b.replaces) ||
      (keyOf(a.draft) < keyOf(b.draft) ? -1 : 1),
  );
}
