import type { GroupBy, ReasonShare, VerdictCounts, VerdictShare } from '../../model/answer.ts';
import { nodeOrdinals } from '../model-view.ts';
import type { Steps } from '../query.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { PartyId } from '../party.ts';
import { Paths } from './class-paths.ts';
import type { FixedSide } from './fixed-side.ts';
import { isLikeAnyNode } from './plain-ends.ts';
import { rowTable } from './row-table.ts';
import type { RowTable } from './row-table.ts';

/** What every class of rows comes to against one side, as strangers. */
export interface ClassJudgements {
  readonly table: RowTable;
  /** By class: a number of `verdicts`; 0 or less where there is no row. */
  readonly verdictOf: Int32Array;
  readonly verdicts: readonly (VerdictShare | undefined)[];
  /** Classes that have rows. */
  readonly classes: readonly number[];
  /** False: no node was judged. */
  readonly hasNodes: boolean;
  /** Rows of those classes, by verdict; the rows in `apart` are not left out. */
  readonly counts: VerdictCounts;
  /**
   * Rows that are to be judged one by one: they are no strangers to the side (they share a pod with
   * it, or are at home with one), or a node of which something is not certain.
   */
  readonly apart: ReadonlySet<number>;
  /** What was read so far: why rows of a class are as they are, and pairs of one pod of a party. */
  readonly reasons: Map<number, ReasonShare>;
  readonly pairsOf: Map<PartyId, number>;
}

/** Judgements of one index that are kept, the latest: other pages, groupings and formats ask again. */
const KEPT_MAX = 32;

const KEPT = new WeakMap<ReachIndex, Map<string, ClassJudgements>>();

/**
 * Judges every class of rows once.
 *
 * @param key names the side and what is asked of it; equal keys, equal judgements
 */
export function* judgeClasses(
  index: ReachIndex,
  side: FixedSide,
  {
    key,
    groupBy,
    open,
  }: { readonly key: string; readonly groupBy: GroupBy; readonly open: boolean },
): Steps<ClassJudgements> {
  const kept = KEPT.get(index) ?? new Map<string, ClassJudgements>();
  KEPT.set(index, kept);
  const name = `${side.end} ${groupBy} ${key}`;
  const known = kept.get(name);
  if (known !== undefined) {
    // The oldest come first in a Map.
    kept.delete(name);
    kept.set(name, known);
    return known;
  }
  const made = yield* judgeClassesOnce(index, side, { groupBy, open, nodes: true });
  kept.set(name, made);
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT_MAX) break;
    kept.delete(oldest);
  }
  return made;
}

/** Groups that classes are judged against between two pauses, and parties that are looked at. */
const GROUPS_PER_STEP = 4096;

/**
 * The same for a side that is not asked about again.
 *
 * @param nodes false: no node is judged, and none is a row
 */
export function* judgeClassesOnce(
  index: ReachIndex,
  side: FixedSide,
  {
    groupBy,
    open,
    nodes,
  }: { readonly groupBy: GroupBy; readonly open: boolean; readonly nodes: boolean },
): Steps<ClassJudgements> {
  const table = rowTable(index, groupBy);
  const verdictOf = new Int32Array(table.classStart.length - 1);
  const paths = new Paths(index, side, open);
  const classes: number[] = [];
  const apart = acquaintances(index, side, table, nodes);
  let looked = 0;
  let judged = 0;
  for (const party of candidates(index, side)) {
    looked += 1;
    if (party === undefined || looked % GROUPS_PER_STEP === 0) yield;
    if (party === undefined || (!nodes && index.party(party).kind === 'node')) continue;
    const holding = table.classesOf(party);
    for (let i = 0; i < holding.length; i += 1) {
      const one = holding[i] ?? 0;
      if (verdictOf[one] !== 0) continue;
      const row = rowsOfClass(table, one).find((member) => !apart.has(member));
      const verdict = row === undefined ? 0 : paths.verdictOf(table, row);
      verdictOf[one] = 0 < verdict ? verdict : NO_ROWS;
      if (verdict < 0) for (const member of rowsOfClass(table, one)) apart.add(member);
      else if (0 < verdict) classes.push(one);
      if (GROUPS_PER_STEP < paths.work - judged) {
        yield;
        judged = paths.work;
      }
    }
  }
  const { verdicts } = paths;
  const made = { table, verdictOf, verdicts, classes, apart, hasNodes: nodes };
  return { ...made, counts: countRows(made), reasons: new Map(), pairsOf: new Map() };
}

/** Rows of class `one`, ascending. */
export function rowsOfClass({ classRows, classStart }: RowTable, one: number): Int32Array {
  return classRows.subarray(classStart[one], classStart[one + 1]);
}

function countRows({
  table,
  verdictOf,
  verdicts,
  classes,
}: Pick<ClassJudgements, 'table' | 'verdictOf' | 'verdicts' | 'classes'>): VerdictCounts {
  const counts = { ALLOWED: 0, PARTIAL: 0, UNDETERMINED: 0, DENIED: 0 };
  for (const one of classes) {
    const { verdict } = verdicts[verdictOf[one] ?? 0] ?? { verdict: 'DENIED' };
    counts[verdict] += (table.classStart[one + 1] ?? 0) - (table.classStart[one] ?? 0);
  }
  const { ALLOWED: allowed, PARTIAL: partial, UNDETERMINED: undetermined } = counts;
  return { allowed, partial, undetermined };
}

/**
 * Rows that meet a member of the side as something else than strangers: as itself, or at home. Where
 * it is not known where a pod runs, each node may be its own.
 */
function acquaintances(
  index: ReachIndex,
  side: FixedSide,
  table: RowTable,
  nodes: boolean,
): Set<number> {
  const rows = new Set<number>();
  for (const { party, pods } of side.groups) {
    if (index.party(party).kind !== 'pods') continue;
    for (const pod of pods) {
      const row = table.rowOfPod(pod);
      if (row !== undefined) rows.add(row);
      if (side.end === 'source' || !nodes) continue;
      const home = index.view.nodeOf(pod);
      if (home !== undefined) rows.add(table.rowOfNode(home));
      else for (const node of nodeOrdinals(index.view)) rows.add(table.rowOfNode(node));
    }
  }
  return rows;
}

/**
 * Whether rows of one class are alike to `side`: where pods and the nodes they run on are more than
 * strangers to each other, it depends on the pod.
 */
export function canShare(index: ReachIndex, side: FixedSide): boolean {
  if (!isLikeAnyNode(index)) return false;
  return side.groups.every(({ party, maybeNode }) => {
    const { kind } = index.party(party);
    return maybeNode === undefined && (side.end === 'target' || kind !== 'node');
  });
}

/** What is written down for a class that was judged and has no rows. */
const NO_ROWS = -1;
/** Members of the side whose others are looked up between two pauses. */
const MEMBERS_PER_STEP = 16;

/**
 * Parties that may be at the other end; all of them where a Service is in doubt. Undefined: a pause.
 */
function* candidates(
  index: ReachIndex,
  side: FixedSide,
): Generator<PartyId | undefined, undefined> {
  const isTarget = side.end === 'target';
  if (isTarget && side.groups.some(({ ports }) => (ports.doubts ?? []).length !== 0)) {
    for (let party = 0; party < index.partyCount; party += 1) yield party as PartyId;
    return;
  }
  const met = new Uint8Array(index.partyCount);
  let members = 0;
  for (const party of new Set(side.groups.map(({ party: one }) => index.likeOf(one)))) {
    members += 1;
    if (members % MEMBERS_PER_STEP === 0) yield undefined;
    const found = isTarget ? index.sourcesOf(party) : index.destinationsOf(party);
    for (let i = 0; i < found.length; i += 1) {
      const other = index.likeOf((found[i] ?? 0) as PartyId);
      if (met[other] !== 0) continue;
      met[other] = 1;
      yield other;
    }
  }
}
