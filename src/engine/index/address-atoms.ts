import { LAST_ADDRESS, mergeRanges } from '../../model/address.ts';
import type { Address, AddressRange, Family } from '../../model/address.ts';
import { wordsOfIpv6 } from './address-numbers.ts';
import type { BlockRanges } from './block-ranges.ts';
import { BlockSets, NO_BLOCKS } from './block-sets.ts';
import { csrOf } from './csr.ts';
import type { Csr } from './csr.ts';
import { PairTable } from './pair-table.ts';

/*
 * The address space as the policies cut it (semantics 5.2; performance C, step 6).
 *
 * All borders of all blocks, sorted, cut each family into intervals; walking them in order flips the
 * blocks that begin or end there in one set (block-sets.ts). Intervals with equal sets are one atom:
 * all its addresses are alike for every policy. Atoms are numbered as the walk meets them, IPv4 first,
 * so they ascend by first address.
 *
 *   10.0.0.0/8 but 10.1.0.0/16:   [0, 10.0.0.0) [10.0.0.0, 10.1.0.0) [10.1.0.0, 10.2.0.0) [10.2.0.0, 11.0.0.0) [11.0.0.0, …]
 *   atom                                0                1                   0                    1                  0
 */

/** Intervals of both families, and which atom each is part of. */
export interface AtomArenas {
  /** First addresses of the IPv4 intervals, ascending; the first is 0. */
  readonly v4Starts: Uint32Array;
  readonly v4Atoms: Int32Array;
  /** First addresses of the IPv6 intervals, ascending: four words each, the first bits first. */
  readonly v6Starts: Uint32Array;
  readonly v6Atoms: Int32Array;
  /** Atoms before this one are IPv4, the others IPv6. */
  readonly v4AtomCount: number;
  readonly atomCount: number;
}

/** Atoms while an index is compiled: with the set of blocks of each. */
export interface CutSpace extends AtomArenas {
  /** By atom. */
  readonly blocksOf: Int32Array;
  readonly sets: BlockSets;
}

/** Scratch: the words of one address. */
const WORDS = new Uint32Array(4);

/** Cuts the address space along `blocks`. */
export function cutSpace(blocks: readonly BlockRanges[]): CutSpace {
  const sets = new BlockSets(blocks.length);
  const blocksOf: number[] = [];
  const v4 = cutIpv4(blocks, sets);
  const v4Atoms = numberAtoms(v4.sets, blocksOf);
  const v4AtomCount = blocksOf.length;
  const v6 = cutIpv6(blocks, sets);
  const v6Atoms = numberAtoms(v6.sets, blocksOf);
  return {
    v4Starts: v4.starts,
    v4Atoms,
    v6Starts: v6.starts,
    v6Atoms,
    v4AtomCount,
    atomCount: blocksOf.length,
    blocksOf: Int32Array.from(blocksOf),
    sets,
  };
}

/** The atom of an IPv4 address. */
export function atomOfIpv4({ v4Starts, v4Atoms }: AtomArenas, address: number): number {
  return v4Atoms[intervalOfIpv4(v4Starts, address)]!;
}

/** The atom of any address. */
export function atomOfAddress(arenas: AtomArenas, { family, value }: Address): number {
  if (family === 4) return atomOfIpv4(arenas, Number(value));
  wordsOfIpv6(value, WORDS);
  return atomOfIpv6(arenas, WORDS);
}

/** The atom of an IPv6 address of four words. */
export function atomOfIpv6({ v6Starts, v6Atoms }: AtomArenas, words: Uint32Array): number {
  return v6Atoms[intervalOfIpv6(v6Starts, words)]!;
}

/** Ranges of one atom, sorted and disjoint. */
export function rangesOfAtom(arenas: AtomArenas, atom: number): AddressRange[] {
  const family = atom < arenas.v4AtomCount ? 4 : 6;
  const atoms = family === 4 ? arenas.v4Atoms : arenas.v6Atoms;
  const ranges: AddressRange[] = [];
  for (let i = 0; i < atoms.length; i += 1) {
    if (atoms[i] === atom) ranges.push(intervalAt(arenas, family, i));
  }
  return mergeRanges(ranges);
}

/** The parts of `range` in each interval that it touches, ascending, with their atoms. */
export function* cutRange(
  arenas: AtomArenas,
  range: AddressRange,
): Iterable<{ readonly atom: number; readonly part: AddressRange }> {
  const { family, first, last } = range;
  const atoms = family === 4 ? arenas.v4Atoms : arenas.v6Atoms;
  if (family === 6) wordsOfIpv6(first, WORDS);
  let i =
    family === 4
      ? intervalOfIpv4(arenas.v4Starts, Number(first))
      : intervalOfIpv6(arenas.v6Starts, WORDS);
  for (; i < atoms.length; i += 1) {
    const whole = intervalAt(arenas, family, i);
    if (last < whole.first) return;
    const part = {
      family,
      first: whole.first < first ? first : whole.first,
      last: last < whole.last ? last : whole.last,
    };
    yield { atom: atoms[i]!, part };
  }
}

function intervalAt(arenas: AtomArenas, family: Family, i: number): AddressRange {
  const count = family === 4 ? arenas.v4Atoms.length : arenas.v6Atoms.length;
  const start = (k: number): bigint =>
    family === 4 ? BigInt(arenas.v4Starts[k]!) : startOfIpv6(arenas.v6Starts, k);
  return {
    family,
    first: start(i),
    last: i + 1 < count ? start(i + 1) - 1n : LAST_ADDRESS[family],
  };
}

/** Binary search for the last start that is not after `address`. */
function intervalOfIpv4(starts: Uint32Array, address: number): number {
  let lo = 0;
  let hi = starts.length - 1;
  while (lo < hi) {
    const middle = (lo + hi + 1) >>> 1;
    if (starts[middle]! <= address) lo = middle;
    else hi = middle - 1;
  }
  return lo;
}

function intervalOfIpv6(starts: Uint32Array, words: Uint32Array): number {
  let lo = 0;
  let hi = starts.length / 4 - 1;
  while (lo < hi) {
    const middle = (lo + hi + 1) >>> 1;
    if (isNotAfter(starts, 4 * middle, words)) lo = middle;
    else hi = middle - 1;
  }
  return lo;
}

function isNotAfter(starts: Uint32Array, at: number, words: Uint32Array): boolean {
  for (let k = 0; k < 4; k += 1) {
    if (starts[at + k] !== words[k]) return starts[at + k]! < words[k]!;
  }
  return true;
}

function startOfIpv6(starts: Uint32Array, i: number): bigint {
  let value = 0n;
  for (let k = 0; k < 4; k += 1) value = (value << 32n) | BigInt(starts[4 * i + k]!);
  return value;
}

function cutIpv4(
  blocks: readonly BlockRanges[],
  sets: BlockSets,
): { starts: Uint32Array; sets: Int32Array } {
  const total = blocks.reduce((n, { v4 }) => n + v4.length, 0);
  const borders = new Float64Array(total);
  const owners = new Int32Array(total);
  let n = 0;
  for (let block = 0; block < blocks.length; block += 1) {
    const bounds = blocks[block]?.v4 ?? borders.subarray(0, 0);
    for (let i = 0; i < bounds.length; i += 1) {
      // A range ends before the address after its last one; the end of the space is no border.
      borders[n] = bounds[i]! + (i % 2);
      owners[n++] = block;
    }
  }
  const sorted = new Float64Array(total + 1);
  sorted.set(borders, 1);
  const starts = distinct(sorted.sort()).filter((start) => start < 2 ** 32);
  const at = borders.map((border) => (border < 2 ** 32 ? lowerBoundOf(starts, border) : -1));
  const flips = csrOf(starts.length, Int32Array.from(at), owners);
  return { starts: Uint32Array.from(starts), sets: walk(starts.length, flips, sets) };
}

function cutIpv6(
  blocks: readonly BlockRanges[],
  sets: BlockSets,
): { starts: Uint32Array; sets: Int32Array } {
  const borders: { border: bigint; block: number }[] = [];
  for (const [block, { v6 }] of blocks.entries()) {
    for (const { first, last } of v6) {
      borders.push({ border: first, block });
      if (last < LAST_ADDRESS[6]) borders.push({ border: last + 1n, block });
    }
  }
  const sorted = [0n, ...borders.map(({ border }) => border)].sort((a, b) => (a < b ? -1 : 1));
  const starts = sorted.filter((start, i) => i === 0 || start !== sorted[i - 1]);
  const place = new Map(starts.map((start, i) => [start, i]));
  const flips = csrOf(
    starts.length,
    Int32Array.from(borders, ({ border }) => place.get(border) ?? -1),
    Int32Array.from(borders, ({ block }) => block),
  );
  const words = new Uint32Array(4 * starts.length);
  for (const [i, start] of starts.entries()) wordsOfIpv6(start, words.subarray(4 * i));
  return { starts: words, sets: walk(starts.length, flips, sets) };
}

/** The set of blocks of each interval. */
function walk(intervals: number, flips: Csr, sets: BlockSets): Int32Array {
  const result = new Int32Array(intervals);
  let open = NO_BLOCKS;
  for (let i = 0; i < intervals; i += 1) {
    for (let k = flips.start[i]!; k < flips.start[i + 1]!; k += 1) {
      open = sets.flip(open, flips.items[k]!);
    }
    result[i] = open;
  }
  return result;
}

/** Atoms of a family's intervals; `blocksOf` gets the set of each new one. */
function numberAtoms(sets: Int32Array, blocksOf: number[]): Int32Array {
  const before = blocksOf.length;
  const atoms = new PairTable(64);
  return sets.map((set) => {
    const atom = atoms.idOf(set, 0);
    if (before + atom === blocksOf.length) blocksOf.push(set);
    return before + atom;
  });
}

function distinct(sorted: Float64Array): Float64Array {
  return sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
}

function lowerBoundOf(sorted: Float64Array, value: number): number {
  let lo = 0;
  let hi = sorted.length;
  while (lo < hi) {
    const middle = (lo + hi) >>> 1;
    if (sorted[middle]! < value) lo = middle + 1;
    else hi = middle;
  }
  return lo;
}
