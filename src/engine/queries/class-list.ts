import type {
  Reach,
  ReachList,
  ReasonShare,
  SharedRows,
  Verdict,
  VerdictShare,
} from '../../model/answer.ts';
import type { Steps } from '../query.ts';
import { commonFamilies } from './cases.ts';
import type { EndGroup } from './cases.ts';
import { rowsOfClass } from './class-judgements.ts';
import type { ClassJudgements } from './class-judgements.ts';
import { missingForLists, problemsOf } from './completeness.ts';
import { withPorts } from './fixed-side.ts';
import { distinctReasons } from './outcomes.ts';
import { ownRows, rangeRows, replacedRows } from './own-rows.ts';
import type { ClassListParts, OwnRow } from './own-rows.ts';
import { explainRow } from './reach-list.ts';
import type { RowDraft } from './reach-list.ts';

/**
 * A list whose rows follow from what their classes come to: rows are looked up when they are read, and
 * judged one by one only where a class does not speak for them.
 */
export function* classList(parts: ClassListParts): Steps<ReachList> {
  const { index, judged } = parts;
  const others = rangeRows(parts);
  const replaced = yield* replacedRows(parts);
  const own = ownRows(judged.table, replaced, parts.fixed, others);
  const rows = new ClassRows(parts, own, [...replaced.keys()]);
  const counts = countAll(judged, replaced, others);
  const missing = missingForLists(index, judged.hasNodes);
  const reasons = distinctReasons([...missing, ...parts.reasons]);
  const unknown = parts.reasons.some(({ code }) => code === 'MISSING_KIND');
  const totalCount = counts.allowed + counts.partial + counts.undetermined;
  return {
    totalCount,
    complete: missing.length === 0 && !unknown && counts.undetermined === 0,
    counts,
    reasons,
    problems: problemsOf(index.view.snapshot),
    slice: (start, count) => Array.from(rows.numbers(start, count), (number) => rows.rowOf(number)),
    shared: () => rows,
  };
}

function countAll(
  { table, counts, verdictOf, verdicts }: ClassJudgements,
  replaced: ReadonlyMap<number, RowDraft | undefined>,
  others: readonly RowDraft[],
): ReachList['counts'] {
  const { allowed, partial, undetermined } = counts;
  const sums: Record<Verdict, number> = {
    ALLOWED: allowed,
    PARTIAL: partial,
    UNDETERMINED: undetermined,
    DENIED: 0,
  };
  for (const [row, draft] of replaced) {
    const shared = verdicts[Math.max(0, verdictOf[table.classOf[row] ?? 0] ?? 0)];
    if (shared !== undefined) sums[shared.verdict] -= 1;
    if (draft !== undefined) sums[draft.verdict] += 1;
  }
  for (const { verdict } of others) sums[verdict] += 1;
  return { allowed: sums.ALLOWED, partial: sums.PARTIAL, undetermined: sums.UNDETERMINED };
}

/** Explained once for as long as their draft is kept. */
const EXPLAINED = new WeakMap<RowDraft, Reach>();

/** Where rows of classes are fewer than one in this many, they are gathered rather than looked for. */
const SPARSE = 8;

/** Rows by number: those of the table by their own, the others by the complement of their position. */
class ClassRows implements SharedRows {
  readonly end: SharedRows['end'];
  readonly peers: SharedRows['peers'];
  readonly #parts: ClassListParts;
  readonly #own: readonly OwnRow[];
  readonly #replaced: ReadonlySet<number>;
  /** Numbers of the first rows, as far as anybody has read. */
  #found = new Int32Array(0);
  #length = 0;
  /** The next row of the table and the next one of its own to look at. */
  #row = 0;
  #next = 0;

  constructor(parts: ClassListParts, own: readonly OwnRow[], replaced: readonly number[]) {
    this.#parts = parts;
    this.#own = own;
    this.#replaced = new Set(replaced);
    this.end = parts.fixed.end === 'target' ? 'from' : 'to';
    this.peers = parts.judged.table.peers;
  }

  get other(): SharedRows['other'] {
    return this.#parts.side.peer();
  }

  numbers(start: number, count: number): Int32Array {
    this.#fill(start + count);
    return this.#found.subarray(start, Math.min(start + count, this.#length));
  }

  rowOf(number: number): Reach {
    const { index, options } = this.#parts;
    const own = number < 0 ? this.#own[~number]?.draft : undefined;
    if (own !== undefined) {
      const row = EXPLAINED.get(own) ?? explainRow(index, own, options);
      EXPLAINED.set(own, row);
      return row;
    }
    const shared = this.verdictOf(number);
    if (shared.differs) return explainRow(index, this.#draftOf(number), options);
    return this.#sharedRow(number, shared);
  }

  verdictOf(peer: number): VerdictShare {
    const { table, verdictOf, verdicts } = this.#parts.judged;
    const shared = verdicts[Math.max(0, verdictOf[table.classOf[peer] ?? 0] ?? 0)];
    if (shared === undefined) throw new RangeError(`no row ${peer}`);
    return shared;
  }

  reasonsOf(peer: number): ReasonShare {
    const { index, judged, options } = this.#parts;
    const { table, reasons } = judged;
    const one = table.classOf[peer] ?? 0;
    const known = reasons.get(one);
    if (known !== undefined) return known;
    const example = rowsOfClass(table, one).find((row) => !judged.apart.has(row)) ?? peer;
    const {
      because,
      becauseCount,
      reasons: why,
    } = explainRow(index, this.#draftOf(example), options);
    const made = { because, becauseCount, reasons: why };
    reasons.set(one, made);
    return made;
  }

  podPairsOf(peer: number): number {
    const { judged } = this.#parts;
    return judged.table
      .endOf(peer)
      .groups.reduce((sum, group) => sum + memberCount(group) * this.#pairsWith(group), 0);
  }

  /** Pairs of one member of `group`, with every member of the other side and in every family. */
  #pairsWith(group: EndGroup): number {
    const { index, fixed, judged } = this.#parts;
    const known = judged.pairsOf.get(group.party);
    if (known !== undefined) return known;
    const isPod = index.party(group.party).kind === 'pods';
    const pairs = fixed.groups.reduce((sum, other) => {
      if (!isPod && index.party(other.party).kind !== 'pods') return sum;
      return sum + memberCount(other) * commonFamilies(index, group, other).length;
    }, 0);
    judged.pairsOf.set(group.party, pairs);
    return pairs;
  }

  #sharedRow(peer: number, { verdict, ports, undetermined }: VerdictShare): Reach {
    const reasons = (): ReasonShare => this.reasonsOf(peer);
    const [from, to] =
      this.end === 'from'
        ? [this.peers.peerAt(peer), this.other]
        : [this.other, this.peers.peerAt(peer)];
    return {
      from,
      to,
      verdict,
      ports,
      undetermined,
      implicit: null,
      get because() {
        return reasons().because;
      },
      get becauseCount() {
        return reasons().becauseCount;
      },
      get reasons() {
        return reasons().reasons;
      },
      podPairs: this.podPairsOf(peer),
    };
  }

  #draftOf(row: number): RowDraft {
    const { fixed, judged, side } = this.#parts;
    const end = judged.table.endOf(row);
    const { verdict } = this.verdictOf(row);
    return fixed.end === 'target'
      ? { source: end, target: { ...side, groups: fixed.groups }, verdict }
      : { source: side, target: { ...end, groups: withPorts(end.groups, fixed.ports) }, verdict };
  }

  /** Finds the first `until` rows. */
  #fill(until: number): void {
    const { table, counts } = this.#parts.judged;
    const total = counts.allowed + counts.partial + counts.undetermined;
    if (this.#found.length === 0) this.#found = new Int32Array(total + this.#own.length);
    if (this.#length === 0 && SPARSE * total < table.count) {
      for (const row of this.#gathered()) {
        this.#addOwn(row);
        this.#add(row);
      }
      this.#row = table.count;
    }
    const { verdictOf } = this.#parts.judged;
    const { classOf } = table;
    const nextOwn = (): number => this.#own[this.#next]?.at ?? table.count;
    let at = nextOwn();
    while (this.#length < until && this.#row < table.count) {
      if (this.#row === at) {
        this.#addOwn(at);
        at = nextOwn();
      }
      if (0 < (verdictOf[classOf[this.#row] ?? 0] ?? 0)) this.#add(this.#row);
      this.#row += 1;
    }
    if (this.#row === table.count) this.#addOwn(table.count);
  }

  /** Rows that their classes speak for, ascending. */
  #gathered(): Int32Array {
    const { table, classes } = this.#parts.judged;
    const rows: number[] = [];
    for (const one of classes) rows.push(...rowsOfClass(table, one));
    return Int32Array.from(rows).sort();
  }

  #add(row: number): void {
    if (this.#replaced.has(row)) return;
    this.#found[this.#length] = row;
    this.#length += 1;
  }

  /** Adds rows of their own that come before, or stand for, a row up to `row`. */
  #addOwn(row: number): void {
    for (let own = this.#own[this.#next]; own !== undefined; own = this.#own[this.#next]) {
      if (row < own.at) return;
      this.#found[this.#length] = ~this.#next;
      this.#length += 1;
      this.#next += 1;
    }
  }
}

function memberCount({ pods, nodes, ranges }: EndGroup): number {
  return pods.length + nodes.length + (ranges.length === 0 ? 0 : 1);
}
