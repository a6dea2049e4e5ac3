/**
 * Lists of integers by owner, one after the other: the list of owner `i` is `items` from `start[i]` to
 * before `start[i + 1]` (compressed sparse rows). Two arrays, whatever the number of owners.
 */
export interface Csr {
  readonly start: Int32Array;
  readonly items: Int32Array;
}

/**
 * Rows of `owners` owners: item `i` goes to the list of `ownerOf[i]`, in order; the item is
 * `values[i]`, or `i` itself. Items of negative owners are left out. One counting sort, O(n).
 */
export function csrOf(owners: number, ownerOf: Int32Array, values?: Int32Array): Csr {
  const start = new Int32Array(owners + 1);
  for (let i = 0; i < ownerOf.length; i += 1) {
    if (0 <= ownerOf[i]!) start[ownerOf[i]! + 1]! += 1;
  }
  for (let i = 0; i < owners; i += 1) start[i + 1]! += start[i]!;
  const next = start.slice(0, owners);
  const items = new Int32Array(start[owners]!);
  for (let i = 0; i < ownerOf.length; i += 1) {
    const owner = ownerOf[i]!;
    if (0 <= owner) items[next[owner]!++] = values === undefined ? i : values[i]!;
  }
  return { start, items };
}

/** Positions of pairs in the order of `(major, minor)`: two counting sorts, O(n + values). */
export function orderOfPairs(
  major: Int32Array,
  majors: number,
  minor: Int32Array,
  minors: number,
): Int32Array {
  const byMinor = csrOf(minors, minor).items;
  const owners = new Int32Array(byMinor.length);
  for (let i = 0; i < byMinor.length; i += 1) owners[i] = major[byMinor[i]!]!;
  return csrOf(majors, owners, byMinor).items;
}

/** Position of `value` in the ascending part of `list` from `lo` to before `hi`; -1 if not there. */
export function findIn(list: Int32Array, value: number, from: number, end: number): number {
  let lo = from;
  let hi = end;
  // Short rows are the rule, and a straight scan beats a search there.
  if (hi - lo <= 8) {
    for (; lo < hi; lo += 1) if (list[lo] === value) return lo;
    return -1;
  }
  while (lo < hi) {
    const middle = (lo + hi) >>> 1;
    if (list[middle]! < value) lo = middle + 1;
    else hi = middle;
  }
  return lo < end && list[lo] === value ? lo : -1;
}

/** First position in the ascending part of `list` from `from` to before `end` that is not below `value`. */
export function lowerBound(list: Int32Array, value: number, from: number, end: number): number {
  let lo = from;
  let hi = end;
  while (lo < hi) {
    const middle = (lo + hi) >>> 1;
    if (list[middle]! < value) lo = middle + 1;
    else hi = middle;
  }
  return lo;
}
