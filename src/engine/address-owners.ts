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

/** Collects owned addresses; of several claims to one address the first stays. */
export class OwnerCollector {
  readonly #v4: number[] = [];
  readonly #v4Owner: number[] = [];
  readonly #v6: bigint[] = [];
  readonly #v6Owner: number[] = [];

  add({ family, value }: Address, owner: number): void {
    if (family === 4) {
      this.#v4.push(Number(value));
      this.#v4Owner.push(owner);
    } else {
      this.#v6.push(value);
      this.#v6Owner.push(owner);
    }
  }

  /** Like `add` for an IPv4 address as a number. */
  addIpv4(value: number, owner: number): void {
    this.#v4.push(value);
    this.#v4Owner.push(owner);
  }

  columns(): OwnerColumns {
    const [v4, v4Owner] = sortedIpv4(this.#v4, this.#v4Owner);
    const [v6, v6Owner] = sortedIpv6(this.#v6, this.#v6Owner);
    return { v4, v4Owner, v6, v6Owner };
  }
}

/** Positions fit beside a 32-bit address in the 53 exact bits of a number. */
const CLAIMS_MAX = 2 ** 21;

function sortedIpv4(
  values: readonly number[],
  owners: readonly number[],
): readonly [Uint32Array, Int32Array] {
  const order = claimOrder(values);
  const sorted = new Uint32Array(order.length);
  const sortedOwners = new Int32Array(order.length);
  let count = 0;
  for (const i of order) {
    const value = values[i] ?? 0;
    if (count !== 0 && sorted[count - 1] === value) continue;
    sorted[count] = value;
    sortedOwners[count] = owners[i] ?? 0;
    count += 1;
  }
  return [sorted.slice(0, count), sortedOwners.slice(0, count)];
}

/** Positions of `values` by value, then by position. */
function claimOrder(values: readonly number[]): Iterable<number> & { readonly length: number } {
  if (CLAIMS_MAX <= values.length) {
    return values.map((_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
  }
  const keys = Float64Array.from(values, (value, i) => value * CLAIMS_MAX + i).sort();
  return keys.map((key) => key % CLAIMS_MAX);
}

function sortedIpv6(
  values: readonly bigint[],
  owners: readonly number[],
): readonly [Uint32Array, Int32Array] {
  const order = values
    .map((_, i) => i)
    .sort((a, b) => {
      const [x = 0n, y = 0n] = [values[a], values[b]];
      return x < y ? -1 : y < x ? 1 : a - b;
    })
    .filter((i, position, all) => position === 0 || values[i] !== values[all[position - 1] ?? -1]);
  const words = new Uint32Array(4 * order.length);
  for (const [row, i] of order.entries()) {
    const value = values[i] ?? 0n;
    for (let word = 0; word < 4; word += 1) {
      words[4 * row + word] = Number((value >> BigInt(96 - 32 * word)) & 0xffffffffn);
    }
  }
  return [words, Int32Array.from(order, (i) => owners[i] ?? 0)];
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
