import { lowerBound } from './csr.ts';
import { IntList } from './int-list.ts';

/*
 * Many sets of small integers in a few arrays: of classes, by selector; of namespaces, by namespace
 * selector (performance C, steps 3 and 4).
 *
 * Each set takes whichever form is smallest:
 *   run    first member and size: nothing but two numbers
 *   slice  offset into one list of ascending members
 *   dense  offset into one array of words, 32 members each; only where more than 1/32 of all are in it
 *
 * Membership is a comparison, a binary search, or one bit. A slice cut to a range (the classes of one
 * namespace) is two binary searches and no allocation: that is how "app=web in namespace shop" needs
 * no set of its own.
 */

/** Forms of a set. */
const RUN = 0;
/** Form of a set that is a list. */
export const SLICE = 1;
/** Form of a set that is bits. */
export const DENSE = 2;

/** Sets by number. */
export interface SetArenas {
  readonly form: Uint8Array;
  /** First member, offset into `list`, or offset into `words`. */
  readonly start: Int32Array;
  readonly size: Int32Array;
  readonly list: Int32Array;
  readonly words: Int32Array;
}

/** Adds sets one by one; their numbers ascend from 0. */
export class SetBuilder {
  readonly #form = new IntList();
  readonly #start = new IntList();
  readonly #size = new IntList();
  readonly #list = new IntList();
  readonly #words = new IntList();
  readonly #universe: number;

  /** Members are `0` to `universe - 1`. */
  constructor(universe: number) {
    this.#universe = universe;
  }

  /** The set of `members` from `from` to before `end`, which ascend. */
  add(members: Int32Array, from: number, end: number): void {
    const size = end - from;
    this.#size.push(size);
    if (size === 0 || members[end - 1]! - members[from]! === size - 1) {
      this.#form.push(RUN);
      this.#start.push(size === 0 ? 0 : members[from]!);
      return;
    }
    if (isDense(size, this.#universe)) {
      const words = new Int32Array(wordsFor(this.#universe));
      for (let i = from; i < end; i += 1) words[members[i]! >> 5]! |= 1 << (members[i]! & 31);
      this.#addWords(words);
      return;
    }
    this.#form.push(SLICE);
    this.#start.push(this.#list.length);
    for (let i = from; i < end; i += 1) this.#list.push(members[i]!);
  }

  /** The set of `size` members whose bits are set in `words`. */
  addDense(words: Int32Array, size: number): void {
    this.#size.push(size);
    this.#addWords(words);
  }

  build(): SetArenas {
    return {
      form: Uint8Array.from(this.#form.toArray()),
      start: this.#start.toArray(),
      size: this.#size.toArray(),
      list: this.#list.toArray(),
      words: this.#words.toArray(),
    };
  }

  #addWords(words: Int32Array): void {
    this.#form.push(DENSE);
    this.#start.push(this.#words.length);
    for (let i = 0; i < words.length; i += 1) this.#words.push(words[i]!);
  }
}

/** Whether a set of `size` among `universe` is smaller as bits than as a list. */
export function isDense(size: number, universe: number): boolean {
  return universe < 32 * size;
}

/** Words that hold the bits of `universe` members. */
export function wordsFor(universe: number): number {
  return (universe + 31) >> 5;
}

/** Whether `set` holds `member`. */
export function hasMember(arenas: SetArenas, set: number, member: number): boolean {
  const { form, start, size, list, words } = arenas;
  const first = start[set]!;
  if (form[set] === RUN) return first <= member && member < first + size[set]!;
  if (form[set] === DENSE) return (words[first + (member >> 5)]! & (1 << (member & 31))) !== 0;
  const end = first + size[set]!;
  const at = lowerBound(list, member, first, end);
  return at < end && list[at] === member;
}

/** Calls `visit` with each member of `set` from `from` to before `end`, ascending. */
export function eachMember(
  arenas: SetArenas,
  set: number,
  from: number,
  end: number,
  visit: (member: number) => void,
): void {
  const { form, start, size, list, words } = arenas;
  const first = start[set]!;
  if (form[set] === RUN) {
    const last = Math.min(end, first + size[set]!);
    for (let member = Math.max(from, first); member < last; member += 1) visit(member);
    return;
  }
  if (form[set] === SLICE) {
    const last = first + size[set]!;
    for (let i = lowerBound(list, from, first, last); i < last && list[i]! < end; i += 1) {
      visit(list[i]!);
    }
    return;
  }
  for (let base = from & ~31; base < end; base += 32) {
    let word = words[first + (base >> 5)]!;
    for (; word !== 0; word &= word - 1) {
      const member = base + 31 - Math.clz32(word & -word);
      if (from <= member && member < end) visit(member);
    }
  }
}
