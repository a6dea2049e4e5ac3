import { csrOf } from '../index/csr.ts';
import type { Csr } from '../index/csr.ts';

/** A run of rows that others take the place of: from `from` to before `end`. */
export interface Cut {
  readonly from: number;
  readonly end: number;
}

/** Where rows went: by old position, -1 for those that were cut out. */
export function placesAfter(
  count: number,
  cuts: readonly Cut[],
  sizes: readonly number[],
): Int32Array {
  const places = new Int32Array(count);
  let next = 0;
  let at = 0;
  for (const [i, { from, end }] of cuts.entries()) {
    for (; at < from; at += 1) places[at] = next++;
    for (; at < end; at += 1) places[at] = -1;
    next += sizes[i]!;
  }
  for (; at < count; at += 1) places[at] = next++;
  return places;
}

/** `array` with `parts` in the place of what `cuts` leave out; cuts ascend. */
export function splice<Numbers extends Int32Array | Uint8Array>(
  array: Numbers,
  cuts: readonly Cut[],
  parts: readonly ArrayLike<number>[],
): Numbers {
  const gone = cuts.reduce((n, { from, end }) => n + end - from, 0);
  const come = parts.reduce((n, { length }) => n + length, 0);
  // Both kinds of arrays are made alike.
  const result = new (array.constructor as new (length: number) => Numbers)(
    array.length - gone + come,
  );
  let at = 0;
  let next = 0;
  for (const [i, { from, end }] of cuts.entries()) {
    result.set(array.subarray(at, from), next);
    next += from - at;
    result.set(parts[i]!, next);
    next += parts[i]!.length;
    at = end;
  }
  result.set(array.subarray(at), next);
  return result;
}

/** Rows with others in the place of those that `cuts` leave out; items of those that stay go through `map`. */
export function spliceRows(
  { start, items }: Csr,
  cuts: readonly Cut[],
  parts: readonly (readonly (readonly number[])[])[],
  map: Int32Array | undefined,
): Csr {
  const itemCuts = cuts.map(({ from, end }) => ({ from: start[from]!, end: start[end]! }));
  const come = parts.map((part) => part.flat());
  const result = splice(items, itemCuts, come);
  if (map !== undefined) {
    let next = 0;
    let at = 0;
    const stay = (end: number): void => {
      for (; at < end; at += 1) result[next++] = map[items[at]!]!;
    };
    for (const [i, { from, end }] of itemCuts.entries()) {
      stay(from);
      next += come[i]!.length;
      at = end;
    }
    stay(items.length);
  }
  return { start: spliceStarts(start, cuts, parts), items: result };
}

/** Where rows begin after {@link spliceRows}. */
function spliceStarts(
  start: Int32Array,
  cuts: readonly Cut[],
  parts: readonly (readonly { readonly length: number }[])[],
): Int32Array {
  const gone = cuts.reduce((n, { from, end }) => n + end - from, 0);
  const result = new Int32Array(
    start.length - gone + parts.reduce((n, part) => n + part.length, 0),
  );
  let next = 0;
  let at = 0;
  let end = 0;
  const stay = (last: number): void => {
    const shift = end - start[at]!;
    for (; at < last; at += 1) result[++next] = start[at + 1]! + shift;
    end = result[next]!;
  };
  for (const [i, cut] of cuts.entries()) {
    stay(cut.from);
    for (const { length } of parts[i]!) result[++next] = end += length;
    at = cut.end;
  }
  stay(start.length - 1);
  return result;
}

/** Where each of runs of these sizes begins, and where the last one ends. */
export function startsOf(sizes: ArrayLike<number>): Int32Array {
  const start = new Int32Array(sizes.length + 1);
  for (let i = 0; i < sizes.length; i += 1) start[i + 1] = start[i]! + sizes[i]!;
  return start;
}

/** Rows the other way: by item, who has it, ascending. */
export function inverseRows({ start, items }: Csr, count: number): Csr {
  const owners = new Int32Array(items.length);
  for (let row = 0; row + 1 < start.length; row += 1) {
    const end = start[row + 1]!;
    for (let i = start[row]!; i < end; i += 1) owners[i] = row;
  }
  return csrOf(count, items, owners);
}

/** Pairs in order, with some that are new among them. */
export interface Merged {
  readonly majors: Int32Array;
  readonly minors: Int32Array;
  /** By old position: the new one. */
  readonly places: Int32Array;
}

/** Adds pairs to a list that ascends by (major, minor) and has none of them. */
export function mergePairs(
  majors: Int32Array,
  minors: Int32Array,
  added: readonly (readonly [major: number, minor: number])[],
): Merged {
  const sorted = [...added].sort(([a, x], [b, y]) => a - b || x - y);
  const count = majors.length + sorted.length;
  const result = {
    majors: new Int32Array(count),
    minors: new Int32Array(count),
    places: new Int32Array(majors.length),
  };
  let next = 0;
  let k = 0;
  const add = (major: number, minor: number): void => {
    result.majors[next] = major;
    result.minors[next++] = minor;
  };
  for (let i = 0; i < majors.length; i += 1) {
    for (; k < sorted.length; k += 1) {
      const [major, minor] = sorted[k]!;
      if (majors[i]! < major || (majors[i] === major && minors[i]! < minor)) break;
      add(major, minor);
    }
    result.places[i] = next;
    add(majors[i]!, minors[i]!);
  }
  for (; k < sorted.length; k += 1) add(...sorted[k]!);
  return result;
}
