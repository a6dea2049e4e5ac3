import type { Address, AddressRange, Family } from '../model/address.ts';

/**
 * Who owns which address, as sorted columns: IPv4 addresses as one word, IPv6 as four (most
 * significant first), each with the number of its owner.
 *
 * INVARIANT: addresses ascend and are distinct within a family.
 */
export interface OwnerColumns {
  readonly v4: Uint32Array;
  readonly v4Owner: Int32Array;
  readonly v6: Uint32Array;
  readonly v6Owner: Int32Array;
}

/** Looks up owners by address: binary search, nothing is built. */
export class AddressOwners {
  readonly #columns: OwnerColumns;

  constructor(columns: OwnerColumns) {
    this.#columns = columns;
  }

  /** The owner's number; undefined when nobody owns `address`. */
  ownerOf({ family, value }: Address): number | undefined {
    const row = this.#lowerBound(family, value);
    return row < this.#count(family) && this.#valueAt(family, row) === value
      ? this.#ownerAt(family, row)
      : undefined;
  }

  /** How many addresses of `range` are owned. */
  countIn(range: AddressRange): number {
    const end = this.#lowerBound(range.family, range.last + 1n);
    return end - this.#lowerBound(range.family, range.first);
  }

  /** Every owned address of `range` with its owner, ascending. */
  *ownedIn({ family, first, last }: AddressRange): Generator<readonly [Address, number]> {
    const end = this.#lowerBound(family, last + 1n);
    for (let row = this.#lowerBound(family, first); row < end; row += 1) {
      yield [{ family, value: this.#valueAt(family, row) }, this.#ownerAt(family, row)];
    }
  }

  /** The first row whose address is not below `value`. */
  #lowerBound(family: Family, value: bigint): number {
    let low = 0;
    let high = this.#count(family);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#valueAt(family, middle) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #count(family: Family): number {
    return family === 4 ? this.#columns.v4.length : this.#columns.v6Owner.length;
  }

  #ownerAt(family: Family, row: number): number {
    const owners = family === 4 ? this.#columns.v4Owner : this.#columns.v6Owner;
    return owners[row] ?? 0;
  }

  #valueAt(family: Family, row: number): bigint {
    const { v4, v6 } = this.#columns;
    if (family === 4) return BigInt(v4[row] ?? 0);
    let value = 0n;
    for (let word = 0; word < 4; word += 1) {
      value = (value << 32n) | BigInt(v6[4 * row + word] ?? 0);
    }
    return value;
  }
}
