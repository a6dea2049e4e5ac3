import type { Family } from '../../model/address.ts';
import { portRangesOf } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { GroupBy, ReasonShare, VerdictCounts, VerdictShare } from '../../model/answer.ts';
import { nodeOrdinals } from '../model-view.ts';
import type { Steps } from '../query.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { PartyId } from '../party.ts';
import type { EndGroup, TargetGroup } from './cases.ts';
import type { PortView } from './case-result.ts';
import {
  PortSum,
  sharedFamilies,
  cutTo,
  isLikeAnyNode,
  isPlain,
  judgeSides,
} from './judge-sides.ts';
import type { PortSets } from './judge-sides.ts';
import { rowTable } from './row-table.ts';
import type { RowTable } from './row-table.ts';

/** The end of a list that was named: the other one is every row of a table. */
export type FixedSide =
  | { readonly end: 'target'; readonly groups: readonly TargetGroup[] }
  /** `ports`: what is asked of every destination. */
  | { readonly end: 'source'; readonly groups: readonly EndGroup[]; readonly ports: PortView };

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

/** Classes judged between two pauses. */
const CLASSES_PER_STEP = 64;

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
  let count = 0;
  for (const party of candidates(index, side)) {
    if (!nodes && index.party(party).kind === 'node') continue;
    const holding = table.classesOf(party);
    for (let i = 0; i < holding.length; i += 1) {
      const one = holding[i] ?? 0;
      if (verdictOf[one] !== 0) continue;
      const row = rowsOfClass(table, one).find((member) => !apart.has(member));
      const verdict = row === undefined ? 0 : paths.verdictOf(table, row);
      verdictOf[one] = 0 < verdict ? verdict : NO_ROWS;
      if (verdict < 0) for (const member of rowsOfClass(table, one)) apart.add(member);
      else if (0 < verdict) classes.push(one);
      count += 1;
      if (count % CLASSES_PER_STEP === 0) yield;
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
/** Verdict number of a class whose rows are judged one by one. */
const APART = -1;

/** Parties that may be at the other end; all of them where a Service is in doubt. */
function* candidates(index: ReachIndex, side: FixedSide): Generator<PartyId, undefined> {
  const isTarget = side.end === 'target';
  if (isTarget && side.groups.some(({ ports }) => (ports.doubts ?? []).length !== 0)) {
    for (let party = 0; party < index.partyCount; party += 1) yield party as PartyId;
    return;
  }
  const parties = new Set(side.groups.map(({ party }) => index.likeOf(party)));
  for (const party of parties) {
    const found = isTarget ? index.sourcesOf(party) : index.destinationsOf(party);
    for (let i = 0; i < found.length; i += 1) yield index.likeOf((found[i] ?? 0) as PartyId);
  }
}

/** A list of distinct sets that cases come to. What a class comes to is the end of a path of them. */
interface Place {
  readonly sets: ReadonlySet<PortSets>;
  readonly next: Map<PortSets, Place>;
  /** Number of its verdict, when something has ended here. */
  verdict: number | undefined;
}

/** A group of the fixed side, without others that policies see alike. */
interface FixedGroup {
  readonly party: PartyId;
  readonly isPod: boolean;
  readonly families: readonly Family[] | 'unknown';
  readonly ports: PortView;
}

/**
 * Verdicts by the sets that the cases of a row come to: there are few of them, and equal ones are the
 * same object, so that most classes are judged by walking a path that others walked before.
 */
class Paths {
  readonly verdicts: (VerdictShare | undefined)[] = [undefined];
  readonly #index: ReachIndex;
  readonly #side: FixedSide;
  readonly #open: boolean;
  readonly #root: Place = { sets: new Set(), next: new Map(), verdict: undefined };
  /** Undefined where cases are more than the sets of strangers. */
  readonly #fixed: readonly FixedGroup[] | undefined;

  constructor(index: ReachIndex, side: FixedSide, open: boolean) {
    this.#index = index;
    this.#side = side;
    this.#open = open;
    this.#fixed = fixedGroups(index, side);
  }

  /** Number of the verdict of the class that `row` is of; 0 for no row, or {@link APART}. */
  verdictOf(table: RowTable, row: number): number {
    const { groups } = table.endOf(row);
    let place: Place | undefined = this.#root;
    for (const { party } of groups) {
      place = this.#walk(place, party);
      if (place === undefined) break;
    }
    if (place !== undefined) return (place.verdict ??= this.#number(place.sets));
    return table.isNode(row) ? APART : this.#judged(groups);
  }

  /** Where the cases of `party` lead; undefined when that takes more than their sets. */
  #walk(from: Place, party: PartyId): Place | undefined {
    if (this.#fixed === undefined) return undefined;
    const index = this.#index;
    const other = index.party(party);
    if (other.kind === 'addresses') return undefined;
    const isPod = other.kind === 'pods';
    const isTarget = this.#side.end === 'target';
    let place = from;
    for (const fixed of this.#fixed) {
      if (!isPod && !fixed.isPod) continue;
      const families = sharedFamilies(other.families, fixed.families);
      if (families === undefined) return undefined;
      for (const family of families) {
        const allowed: ConnectionSet | undefined = isTarget
          ? index.certain(party, fixed.party, family)
          : index.certain(fixed.party, party, family);
        if (allowed === undefined) return undefined;
        place = step(place, cutTo(fixed.ports, allowed));
      }
    }
    return place;
  }

  #number(sets: ReadonlySet<PortSets>): number {
    const sum = new PortSum();
    for (const set of sets) sum.add(set);
    const { allowed, undetermined, verdict } = sum.total(this.#open);
    if (verdict === 'DENIED') return 0;
    return this.#add({
      verdict,
      ports: portRangesOf(allowed),
      undetermined: portRangesOf(undetermined),
      differs: sum.differs,
    });
  }

  /** The verdict of a row by its cases, which are not all certain. */
  #judged(groups: readonly EndGroup[]): number {
    const side = this.#side;
    const options = { open: this.#open, implicit: true };
    const { verdict, implicit, ...rest } =
      side.end === 'target'
        ? judgeSides(this.#index, groups, side.groups, options)
        : judgeSides(this.#index, side.groups, withPorts(groups, side.ports), options);
    if (verdict === 'DENIED') return 0;
    if (implicit !== null) return APART;
    const { allowed, undetermined, differs } = rest;
    return this.#add({
      verdict,
      ports: portRangesOf(allowed),
      undetermined: portRangesOf(undetermined),
      differs,
    });
  }

  #add(verdict: VerdictShare): number {
    return this.verdicts.push(verdict) - 1;
  }
}

function step(place: Place, sets: PortSets): Place {
  if (place.sets.has(sets)) return place;
  const known = place.next.get(sets);
  if (known !== undefined) return known;
  const made: Place = {
    sets: new Set([...place.sets, sets]),
    next: new Map(),
    verdict: undefined,
  };
  place.next.set(sets, made);
  return made;
}

/** Destination groups that are all asked for the same ports. */
export function withPorts(groups: readonly EndGroup[], ports: PortView): TargetGroup[] {
  return groups.map((group) => ({ ...group, ports }));
}

function fixedGroups(index: ReachIndex, side: FixedSide): readonly FixedGroup[] | undefined {
  const groups: readonly (EndGroup & { readonly ports: PortView })[] =
    side.end === 'target' ? side.groups : withPorts(side.groups, side.ports);
  const distinct = new Map<PartyId, Map<PortView, FixedGroup>>();
  for (const group of groups) {
    const party = index.likeOf(group.party);
    const found = index.party(party);
    const isAsUsual = isPlain(group.ports) && group.families === undefined;
    if (!isAsUsual || group.maybeNode !== undefined || found.kind === 'addresses') return undefined;
    if (side.end === 'target' && found.kind === 'node' && !isLikeAnyNode(index)) return undefined;
    const byPorts = distinct.get(party) ?? new Map<PortView, FixedGroup>();
    distinct.set(party, byPorts);
    const { ports } = group;
    byPorts.set(ports, {
      party,
      isPod: found.kind === 'pods',
      families: found.families,
      ports,
    });
  }
  return [...distinct.values()].flatMap((byPorts) => [...byPorts.values()]);
}
