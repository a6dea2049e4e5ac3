/** A set of parties as bits. */
export class PartyBits {
  readonly #words: Int32Array;

  /** Of parties `0` to `count - 1`; none at first. */
  constructor(count: number) {
    this.#words = new Int32Array((count + 31) >> 5);
  }

  clear(): void {
    this.#words.fill(0);
  }

  copy(other: PartyBits): void {
    this.#words.set(other.#words);
  }

  /** Adds the parties from `from` to before `end`: whole words at once. */
  add(from: number, end: number): void {
    if (end <= from) return;
    const words = this.#words;
    const first = from >> 5;
    const last = (end - 1) >> 5;
    const head = -1 << (from & 31);
    const tail = -1 >>> (31 - ((end - 1) & 31));
    if (first === last) {
      words[first]! |= head & tail;
      return;
    }
    words[first]! |= head;
    for (let i = first + 1; i < last; i += 1) words[i] = -1;
    words[last]! |= tail;
  }

  /** Keeps only what `other` has as well. */
  keep(other: PartyBits): void {
    const words = this.#words;
    const others = other.#words;
    for (let i = 0; i < words.length; i += 1) words[i]! &= others[i]!;
  }

  /** Takes out the parties from `from` on. */
  clearFrom(from: number): void {
    const first = from >> 5;
    if (first < this.#words.length) this.#words[first]! &= ~(-1 << (from & 31));
    this.#words.fill(0, first + 1);
  }

  /** The parties, ascending. */
  toArray(): Int32Array {
    const words = this.#words;
    let count = 0;
    for (let i = 0; i < words.length; i += 1) count += bitCount(words[i]!);
    const result = new Int32Array(count);
    let next = 0;
    for (let i = 0; i < words.length; i += 1) {
      let word = words[i]!;
      if (word === -1) {
        for (let bit = 0; bit < 32; bit += 1) result[next++] = (i << 5) + bit;
        continue;
      }
      for (; word !== 0; word &= word - 1) {
        result[next++] = (i << 5) + 31 - Math.clz32(word & -word);
      }
    }
    return result;
  }
}

/** Bits set in a word. */
export function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
