/** A closed range of integers, `lo <= hi`. */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/**
 * A set of integers as sorted, disjoint, non-adjacent closed ranges.
 *
 * INVARIANT: canonical. Two sets are equal exactly when their lists are; every function below
 * returns canonical form and nothing else may build one (semantics 5.1).
 */
export type IntervalSet = readonly Interval[];

/** The empty set. */
export const EMPTY_INTERVALS: IntervalSet = Object.freeze([]);

/** The canonical set of `ranges`, which may overlap, touch and come in any order. */
export function intervalsOf(ranges: readonly Interval[]): IntervalSet {
  if (ranges.length <= 1) return Object.freeze(ranges.slice());
  const sorted = ranges.slice().sort((a, b) => a.lo - b.lo);
  const merged: Interval[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && range.lo <= last.hi + 1) {
      if (last.hi < range.hi) merged[merged.length - 1] = { lo: last.lo, hi: range.hi };
    } else {
      merged.push(range);
    }
  }
  return Object.freeze(merged);
}

/** Everything in `a` or `b`. */
export function unionIntervals(a: IntervalSet, b: IntervalSet): IntervalSet {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  return intervalsOf([...a, ...b]);
}

/** Everything in both `a` and `b`. */
export function intersectIntervals(a: IntervalSet, b: IntervalSet): IntervalSet {
  const result: Interval[] = [];
  let i = 0;
  let j = 0;
  let left = a[i];
  let right = b[j];
  while (left !== undefined && right !== undefined) {
    const lo = Math.max(left.lo, right.lo);
    const hi = Math.min(left.hi, right.hi);
    if (lo <= hi) result.push({ lo, hi });
    if (left.hi < right.hi) left = a[++i];
    else right = b[++j];
  }
  return Object.freeze(result);
}

/** Everything in `a` that is not in `b`. */
export function subtractIntervals(a: IntervalSet, b: IntervalSet): IntervalSet {
  if (a.length === 0 || b.length === 0) return a;
  const result: Interval[] = [];
  for (const range of a) {
    let lo = range.lo;
    for (const hole of b) {
      if (hole.hi < lo) continue;
      if (range.hi < hole.lo) break;
      if (lo < hole.lo) result.push({ lo, hi: hole.lo - 1 });
      lo = hole.hi + 1;
    }
    if (lo <= range.hi) result.push({ lo, hi: range.hi });
  }
  return Object.freeze(result);
}

/** Whether `value` is in `set`. */
export function hasInteger(set: IntervalSet, value: number): boolean {
  return set.some((range) => range.lo <= value && value <= range.hi);
}

/** Whether both sets hold the same integers. */
export function equalIntervals(a: IntervalSet, b: IntervalSet): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  return a.every((range, i) => {
    const other = b[i];
    return other !== undefined && range.lo === other.lo && range.hi === other.hi;
  });
}
