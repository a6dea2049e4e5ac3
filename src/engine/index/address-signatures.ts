import { EVERY_ADDRESS, parseAddress } from '../../model/address.ts';
import type { AddressRange, Family } from '../../model/address.ts';
import { atomOfAddress, atomOfIpv4, atomOfIpv6 } from './address-atoms.ts';
import type { CutSpace } from './address-atoms.ts';
import { POD_SPACE } from '../pair/address-blocks.ts';
import { parseIpv4Number, parseIpv6Words } from './address-numbers.ts';
import type { BlockRanges } from './block-ranges.ts';
import { NO_BLOCKS } from './block-sets.ts';
import { IntList } from './int-list.ts';
import { PairTable } from './pair-table.ts';

/*
 * Signatures: all that blocks can see of an end. The second axis of parties, so that classes stay a
 * matter of labels (decisions 26).
 *
 * A signature has, for a connection in IPv4, in IPv6, and in a family that is not known, the set of
 * blocks that hold the end for certain and the set of those that may. Pods with addresses have one for
 * each (IPv4 atom, IPv6 atom); so has every atom by itself, in its family. The rest are few: seen
 * without an address (no block matches, semantics R2.6), written down without one (decisions 7), nodes
 * with several addresses (a block that holds some of them is a `maybe`), an unknown node.
 */

/** Index of the row for a family that is not known; see {@link familyRow}. */
export const UNKNOWN_ROW = 2;
/** Rows of a signature: IPv4, IPv6, not known. */
export const FAMILY_ROWS = 3;

/** Row of a signature for a connection in `family`. */
export function familyRow(family: Family | null): number {
  if (family === null) return UNKNOWN_ROW;
  return family === 4 ? 0 : 1;
}

/** Signatures by number: three rows each. */
export interface SignatureArenas {
  /** Sets of blocks (block-sets.ts) that hold the end. */
  readonly certain: Int32Array;
  /** Sets of blocks of which it is not known whether they do. */
  readonly possible: Int32Array;
  /** Bit 0: it has an IPv4 address, bit 1: an IPv6 address; 0: no address is known. */
  readonly families: Uint8Array;
}

/** Addresses of an end, by family, in the order given. */
interface Sets {
  readonly certain: readonly [v4: number, v6: number, unknown: number];
  readonly possible: readonly [v4: number, v6: number, unknown: number];
  readonly families: number;
}

/** Scratch of {@link SignatureTable.ofPod}. */
const WORDS = new Uint32Array(4);

const NOWHERE = [NO_BLOCKS, NO_BLOCKS, NO_BLOCKS] as const;

/** Interns signatures while an index is compiled. */
export class SignatureTable {
  readonly #space: CutSpace;
  readonly #ids = new Map<string, number>();
  readonly #certain = new IntList();
  readonly #possible = new IntList();
  readonly #families = new IntList();
  readonly #pairs = new PairTable(64);
  readonly #ofPair = new IntList();
  /** By IPv4 atom: signature of who has no other address; -1: not met yet. */
  readonly #ofV4Atom: Int32Array;
  readonly #unknownPod: Sets;
  readonly #unknownNode: Sets;

  constructor(space: CutSpace, blocks: readonly BlockRanges[]) {
    this.#space = space;
    this.#ofV4Atom = new Int32Array(space.v4AtomCount).fill(-1);
    this.#unknownPod = unknownSets(space, blocks, POD_SPACE);
    this.#unknownNode = unknownSets(space, blocks, undefined);
  }

  get size(): number {
    return this.#families.length;
  }

  /** Of a pod with this one address. */
  ofIpv4(address: number): number {
    const atom = atomOfIpv4(this.#space, address);
    const known = this.#ofV4Atom[atom]!;
    if (0 <= known) return known;
    const id = this.#ofAtoms(atom, -1);
    this.#ofV4Atom[atom] = id;
    return id;
  }

  /** Of a pod with these address texts; `expected`: it will get one from the pod network. */
  ofPod(addresses: readonly string[], expected: boolean): number {
    let v4 = -1;
    let v6 = -1;
    for (const text of addresses) {
      const number = parseIpv4Number(text);
      if (0 <= number) {
        v4 = atomOfIpv4(this.#space, number);
      } else if (parseIpv6Words(text, WORDS)) {
        v6 = atomOfIpv6(this.#space, WORDS);
      } else {
        const address = parseAddress(text);
        if (address?.family === 6) v6 = atomOfAddress(this.#space, address);
        else if (address !== undefined) v4 = atomOfAddress(this.#space, address);
      }
    }
    if (v4 < 0 && v6 < 0) return expected ? this.#idOf(this.#unknownPod) : this.#ofNothing();
    return this.#ofAtoms(v4, v6);
  }

  /** Of a node by the addresses that are known of it; none: it may be anywhere. */
  ofNode(addresses: readonly { readonly family: Family; readonly value: bigint }[]): number {
    if (addresses.length === 0) return this.#idOf(this.#unknownNode);
    const { sets, blocksOf } = this.#space;
    const certain = [...NOWHERE] as [number, number, number];
    const possible = [...NOWHERE] as [number, number, number];
    let families = 0;
    for (const family of [4, 6] as const) {
      const row = familyRow(family);
      const each = addresses
        .filter((address) => address.family === family)
        .map((address) => blocksOf[atomOfAddress(this.#space, address)]!);
      if (each.length === 0) continue;
      families |= 1 << row;
      certain[row] = each.reduce((all, set) => sets.intersectionOf(all, set));
      const some = each.reduce((any, set) => sets.unionOf(any, set));
      possible[row] = sets.differenceOf(some, certain[row]);
    }
    return this.#idOf({ certain, possible, families });
  }

  /** Of the addresses of one atom. */
  ofAtom(atom: number): number {
    return atom < this.#space.v4AtomCount ? this.#ofAtoms(atom, -1) : this.#ofAtoms(-1, atom);
  }

  /** Of an address of the pod network of which only the family is known. */
  ofUnknownAddress(family: Family): number {
    return this.#idOf({ ...this.#unknownPod, families: family === 4 ? 1 : 2 });
  }

  build(): SignatureArenas {
    return {
      certain: this.#certain.toArray(),
      possible: this.#possible.toArray(),
      families: Uint8Array.from(this.#families.toArray()),
    };
  }

  #ofNothing(): number {
    return this.#idOf({ certain: NOWHERE, possible: NOWHERE, families: 0 });
  }

  /** -1 for a family without an address. */
  #ofAtoms(v4: number, v6: number): number {
    const pair = this.#pairs.idOf(v4, v6);
    if (pair < this.#ofPair.length) return this.#ofPair.at(pair);
    const { blocksOf } = this.#space;
    const of = (atom: number): number => (atom < 0 ? NO_BLOCKS : blocksOf[atom]!);
    const id = this.#idOf({
      certain: [of(v4), of(v6), NO_BLOCKS],
      possible: NOWHERE,
      families: (v4 < 0 ? 0 : 1) | (v6 < 0 ? 0 : 2),
    });
    this.#ofPair.push(id);
    return id;
  }

  #idOf({ certain, possible, families }: Sets): number {
    const key = [...certain, ...possible, families].join();
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#families.length;
    for (const set of certain) this.#certain.push(set);
    for (const set of possible) this.#possible.push(set);
    this.#families.push(families);
    this.#ids.set(key, id);
    return id;
  }
}

/**
 * How blocks treat an address of which only the space is known; `undefined`: it may be anywhere. With
 * the family open IPv4 is taken as given, and an IPv6 block can at most be a `maybe` (decisions 7).
 */
function unknownSets(
  { sets }: CutSpace,
  blocks: readonly BlockRanges[],
  space: readonly AddressRange[] | undefined,
): Sets {
  const v4 = spaceOf(space, 4);
  const v6 = spaceOf(space, 6);
  const certain: [number, number, number] = [...NOWHERE];
  const possible: [number, number, number] = [...NOWHERE];
  for (const [block, ranges] of blocks.entries()) {
    const pairs = Array.from(
      { length: ranges.v4.length / 2 },
      (_, i) => [ranges.v4[2 * i]!, ranges.v4[2 * i + 1]!] as const,
    );
    const in4 = holds(pairs, v4);
    const in6 = holds(
      ranges.v6.map(({ first, last }) => [first, last] as const),
      v6,
    );
    const open = in4 === 'no' && in6 !== 'no' ? 'maybe' : in4;
    for (const [row, match] of [in4, in6, open].entries()) {
      const list = match === 'yes' ? certain : possible;
      if (match !== 'no') list[row] = sets.flip(list[row] ?? NO_BLOCKS, block);
    }
  }
  return { certain, possible, families: 0 };
}

/** Numbers for IPv4; the two compare with each other. */
type Bounds = readonly (readonly [first: number | bigint, last: number | bigint])[];

function spaceOf(space: readonly AddressRange[] | undefined, family: Family): Bounds {
  const whole = space ?? [EVERY_ADDRESS[family]];
  return whole
    .filter((range) => range.family === family)
    .map(({ first, last }) =>
      family === 4 ? ([Number(first), Number(last)] as const) : ([first, last] as const),
    );
}

/** Whether `block` holds all of `space`, some of it, or nothing; both disjoint and not adjacent. */
function holds(block: Bounds, space: Bounds): 'yes' | 'no' | 'maybe' {
  let all = true;
  let some = false;
  for (const [first, last] of space) {
    if (!block.some(([from, to]) => from <= first && last <= to)) all = false;
    if (block.some(([from, to]) => from <= last && first <= to)) some = true;
  }
  return all ? 'yes' : some ? 'maybe' : 'no';
}
