import type { Address } from '../../model/address.ts';
import type { OwnerColumns } from '../address-owners.ts';
import { wordsOfIpv6 } from './address-numbers.ts';
import { csrOf } from './csr.ts';
import { IntList } from './int-list.ts';
import { CLAIMS_IPV4, STRENGTH } from './row-kinds.ts';
import type { RowKinds } from './row-kinds.ts';

/** Words of an IPv6 address. */
const V6_WORDS = 4;
/** Scratch: the words of one address. */
const WORDS = new Uint32Array(V6_WORDS);

/** Collects owned addresses; of several claims to one address the first stays. */
export class OwnerCollector {
  /** Words of addresses, one each and four each; unsigned ones as IntList keeps them. */
  readonly #v4 = new IntList(1024);
  readonly #v4Owner = new IntList(1024);
  readonly #v6 = new IntList(1024);
  readonly #v6Owner = new IntList(1024);

  add({ family, value }: Address, owner: number): void {
    if (family === 4) {
      this.#v4.push(Number(value));
      this.#v4Owner.push(owner);
      return;
    }
    wordsOfIpv6(value, WORDS);
    for (const word of WORDS) this.#v6.push(word);
    this.#v6Owner.push(owner);
  }

  /** Adds the claims of `strength` of the pods of a namespace, whose owners are counted from `first`. */
  addRows({ claims, v4, v6Rows, v6 }: RowKinds, strength: number, first: number): void {
    for (let row = 0; row < claims.length; row += 1) {
      if (claims[row] !== (strength | CLAIMS_IPV4)) continue;
      this.#v4.push(v4[row]!);
      this.#v4Owner.push(first + row);
    }
    for (let i = 0; i < v6Rows.length; i += 1) {
      const row = v6Rows[i]!;
      if ((claims[row]! & STRENGTH) !== strength) continue;
      for (let k = 0; k < V6_WORDS; k += 1) this.#v6.push(v6[V6_WORDS * i + k]!);
      this.#v6Owner.push(first + row);
    }
  }

  columns(): OwnerColumns {
    const [v4, v4Owner] = sortedRows(this.#v4.toArray(), this.#v4Owner.toArray(), 1);
    const [v6, v6Owner] = sortedRows(this.#v6.toArray(), this.#v6Owner.toArray(), V6_WORDS);
    return { v4, v4Owner, v6, v6Owner };
  }
}

/** Rows of `width` words, ascending and distinct, each with its first owner. */
function sortedRows(
  signed: Int32Array,
  owners: Int32Array,
  width: number,
): readonly [Uint32Array, Int32Array] {
  const words = new Uint32Array(signed.buffer, signed.byteOffset, signed.length);
  const order = orderOfRows(words, width);
  const sorted = new Uint32Array(words.length);
  const sortedOwners = new Int32Array(owners.length);
  let count = 0;
  for (let i = 0; i < order.length; i += 1) {
    const from = width * order[i]!;
    if (0 < count && isEqual(sorted, width * (count - 1), words, from, width)) continue;
    for (let k = 0; k < width; k += 1) sorted[width * count + k] = words[from + k]!;
    sortedOwners[count] = owners[order[i]!]!;
    count += 1;
  }
  return [sorted.slice(0, width * count), sortedOwners.slice(0, count)];
}

function isEqual(
  a: Uint32Array,
  from: number,
  b: Uint32Array,
  start: number,
  width: number,
): boolean {
  for (let k = 0; k < width; k += 1) if (a[from + k] !== b[start + k]) return false;
  return true;
}

/** Below so many rows, counting by 16 bits costs more than comparing. */
const COUNTED_MIN = 4096;
const DIGITS = 0x10000;

/** Positions of rows by their words, equal ones by position. */
function orderOfRows(words: Uint32Array, width: number): Int32Array {
  const count = words.length / width;
  let order = Int32Array.from({ length: count }, (_, i) => i);
  if (count < COUNTED_MIN) return order.sort((a, b) => compareRows(words, width, a, b) || a - b);
  const digits = new Int32Array(count);
  const next = new Int32Array(count);
  for (let word = width - 1; 0 <= word; word -= 1) {
    for (const shift of [0, 16]) {
      let isSame = true;
      for (let i = 0; i < count; i += 1) {
        digits[i] = (words[width * order[i]! + word]! >>> shift) & (DIGITS - 1);
        isSame &&= digits[i] === digits[0];
      }
      if (isSame) continue;
      const places = csrOf(DIGITS, digits).items;
      for (let i = 0; i < count; i += 1) next[i] = order[places[i]!]!;
      order = next.slice();
    }
  }
  return order;
}

function compareRows(words: Uint32Array, width: number, a: number, b: number): number {
  for (let k = 0; k < width; k += 1) {
    const [x, y] = [words[width * a + k]!, words[width * b + k]!];
    if (x !== y) return x - y;
  }
  return 0;
}
