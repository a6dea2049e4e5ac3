import {
  EVERY_ADDRESS,
  LAST_ADDRESS,
  mergeRanges,
  parseCidr,
  subtractRanges,
} from '../../model/address.ts';
import type { Address, AddressRange, Family } from '../../model/address.ts';
import type { Match } from '../../model/selector.ts';

/** Position of a distinct `(cidr, except)` block in {@link AddressBlocks}. */
export type BlockId = number;

/** External addresses that every policy treats alike. */
export interface AddressAtom {
  readonly family: Family;
  /** Sorted, disjoint. */
  readonly ranges: readonly AddressRange[];
  /** Blocks that hold all of it, ascending; no other block holds any of it. */
  readonly blocks: readonly BlockId[];
}

/** The address space as the policies of a snapshot cut it (semantics 5.2). */
export interface AddressBlocks {
  /** Atoms of both families; together exactly the whole address space. */
  readonly atoms: readonly AddressAtom[];
  /** The atom that holds `address`. */
  atomOf(address: Address): number;
  /**
   * How a block treats an address that is not known: one of the pod network is private (decisions
   * 7), one of a node may be anywhere.
   */
  matchUnknown(block: BlockId, family: Family, space: 'pods' | 'anywhere'): Match;
}

/** Where pods without a known address may be: private and shared space (RFC 1918, 4193, 6598). */
export const POD_SPACE: readonly AddressRange[] = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
].flatMap((text) => parseCidr(text)?.range ?? []);

const ALL_SPACE: readonly AddressRange[] = [EVERY_ADDRESS[4], EVERY_ADDRESS[6]];

/** Interns blocks while policies are compiled. */
export class BlockTable {
  readonly #ids = new Map<string, BlockId>();
  readonly #ranges: (readonly AddressRange[])[] = [];

  /** The id of `cidr` without `except`; equal blocks share one. */
  idOf(cidr: string, except: readonly string[]): BlockId {
    const key = [cidr, ...except].join(' ');
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#ranges.length;
    const holes = except.flatMap((text) => parseCidr(text)?.range ?? []);
    this.#ranges.push(subtractRanges([rangeOf(cidr)], holes));
    this.#ids.set(key, id);
    return id;
  }

  /** Cuts the address space along every block seen so far. */
  build(): AddressBlocks {
    const ranges = this.#ranges;
    const atoms = [...cutFamily(4, ranges), ...cutFamily(6, ranges)];
    const starts = indexStarts(atoms);
    return {
      atoms,
      atomOf: (address) => findAtom(starts[address.family], address.value),
      matchUnknown: (block, family, space) =>
        matchSpace(ranges[block] ?? [], family, space === 'pods' ? POD_SPACE : ALL_SPACE),
    };
  }
}

function rangeOf(cidr: string): AddressRange {
  const parsed = parseCidr(cidr);
  if (parsed === undefined) throw new RangeError(`not a canonical CIDR: ${cidr}`);
  return parsed.range;
}

/**
 * The elementary intervals between neighbouring block borders, those with equal block sets merged.
 * At most `2n + 1` intervals for `n` borders.
 */
function cutFamily(family: Family, blocks: readonly (readonly AddressRange[])[]): AddressAtom[] {
  const events = new Map<bigint, { open: BlockId[]; close: BlockId[] }>();
  const eventAt = (value: bigint): { open: BlockId[]; close: BlockId[] } => {
    const known = events.get(value);
    if (known !== undefined) return known;
    const fresh = { open: [], close: [] };
    events.set(value, fresh);
    return fresh;
  };
  for (const [id, ranges] of blocks.entries()) {
    for (const range of ranges) {
      if (range.family !== family) continue;
      eventAt(range.first).open.push(id);
      if (range.last < LAST_ADDRESS[family]) eventAt(range.last + 1n).close.push(id);
    }
  }
  const borders = [...events.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const bySignature = new Map<string, { blocks: BlockId[]; ranges: AddressRange[] }>();
  const open = new Set<BlockId>();
  const add = (first: bigint, last: bigint): void => {
    const signature = [...open].sort((a, b) => a - b);
    const key = signature.join(',');
    const atom = bySignature.get(key) ?? { blocks: signature, ranges: [] };
    atom.ranges.push({ family, first, last });
    bySignature.set(key, atom);
  };
  let start = EVERY_ADDRESS[family].first;
  for (const border of borders) {
    if (start < border) add(start, border - 1n);
    for (const id of events.get(border)?.close ?? []) open.delete(id);
    for (const id of events.get(border)?.open ?? []) open.add(id);
    start = border;
  }
  add(start, LAST_ADDRESS[family]);
  return [...bySignature.values()].map((atom) => ({
    family,
    blocks: atom.blocks,
    ranges: mergeRanges(atom.ranges),
  }));
}

interface AtomStarts {
  readonly first: readonly bigint[];
  readonly atom: readonly number[];
}

function indexStarts(atoms: readonly AddressAtom[]): Record<Family, AtomStarts> {
  const ofFamily = (family: Family): AtomStarts => {
    const entries = atoms
      .flatMap((atom, i) =>
        atom.family === family ? atom.ranges.map((range) => ({ first: range.first, atom: i })) : [],
      )
      .sort((a, b) => (a.first < b.first ? -1 : 1));
    return { first: entries.map((entry) => entry.first), atom: entries.map((entry) => entry.atom) };
  };
  return { 4: ofFamily(4), 6: ofFamily(6) };
}

/** Binary search for the last start that is not after `value`. */
function findAtom({ first, atom }: AtomStarts, value: bigint): number {
  let lo = 0;
  let hi = first.length - 1;
  while (lo < hi) {
    const middle = (lo + hi + 1) >> 1;
    if ((first[middle] ?? 0n) <= value) lo = middle;
    else hi = middle - 1;
  }
  const found = atom[lo];
  if (found === undefined) throw new RangeError('the atoms do not cover the address space');
  return found;
}

function matchSpace(
  block: readonly AddressRange[],
  family: Family,
  possible: readonly AddressRange[],
): Match {
  const space = possible.filter((range) => range.family === family);
  const inFamily = block.filter((range) => range.family === family);
  const left = subtractRanges(space, inFamily);
  if (left.length === 0) return 'yes';
  const untouched = left.length === space.length && left.every((range, i) => same(range, space[i]));
  return untouched ? 'no' : 'maybe';
}

function same(a: AddressRange, b: AddressRange | undefined): boolean {
  return b !== undefined && a.first === b.first && a.last === b.last;
}
