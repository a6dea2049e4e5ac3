/**
 * A set of parties as bits, with the span of words that may hold any: most sets are of one namespace,
 * and what a question costs is in proportion to what it touches, not to the cluster.
 */
export class PartyBits {
  readonly #words: Int32Array;
  #first: number;
  #end = 0;

  /** Of parties `0` to `count - 1`; none at first. */
  constructor(count: number) {
    this.#words = new Int32Array((count + 31) >> 5);
    this.#first = this.#words.length;
  }

  clear(): void {
    this.#words.fill(0, this.#first, this.#end);
    this.#first = this.#words.length;
    this.#end = 0;
  }

  /** Adds the parties from `from` to before `end`: whole words at once. */
  add(from: number, end: number): void {
    if (end <= from) return;
    const words = this.#words;
    const first = from >> 5;
    const last = (end - 1) >> 5;
    if (first < this.#first) this.#first = first;
    if (this.#end <= last) this.#end = last + 1;
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

  /** Adds what is in `a`. */
  addAll(a: PartyBits): void {
    for (let i = a.#first; i < a.#end; i += 1) this.#addWord(i, a.#words[i]!);
  }

  /** Removes what is in `a`. */
  removeAll(a: PartyBits): void {
    for (let i = this.#first; i < this.#end; i += 1) this.#words[i]! &= ~a.#words[i]!;
  }

  /** Adds what is in `a`, and in `b` or `c`, and in `mask`. */
  addWithin(a: PartyBits, b: PartyBits, c: PartyBits, mask: PartyBits): void {
    for (let i = a.#first; i < a.#end; i += 1) {
      this.#addWord(i, a.#words[i]! & (b.#words[i]! | c.#words[i]!) & mask.#words[i]!);
    }
  }

  /** Adds what is in `a` and in `mask`, and not in `b`. */
  addWithout(a: PartyBits, b: PartyBits, mask: PartyBits): void {
    for (let i = a.#first; i < a.#end; i += 1) {
      this.#addWord(i, a.#words[i]! & ~b.#words[i]! & mask.#words[i]!);
    }
  }

  /** Calls `visit` with each word that is not empty and the party of its lowest bit. */
  eachWord(visit: (word: number, first: number) => void): void {
    for (let i = this.#first; i < this.#end; i += 1) {
      if (this.#words[i] !== 0) visit(this.#words[i]!, i << 5);
    }
  }

  /** The parties that are here and in `a` or `b`, ascending. */
  within(a: PartyBits, b: PartyBits): Int32Array {
    const words = this.#words;
    let count = 0;
    for (let i = this.#first; i < this.#end; i += 1) {
      const word = words[i]! & (a.#words[i]! | b.#words[i]!);
      words[i] = word;
      if (word !== 0) count += bitCount(word);
    }
    return this.#list(count);
  }

  /** As {@link within}, but for those in `shut`, and those in `admitted` whatever `a` and `b` are. */
  withinBut(a: PartyBits, b: PartyBits, shut: PartyBits, admitted: PartyBits): Int32Array {
    const words = this.#words;
    let count = 0;
    for (let i = this.#first; i < this.#end; i += 1) {
      if (words[i] === 0) continue;
      const others = (a.#words[i]! | b.#words[i]!) & ~shut.#words[i]!;
      const word = words[i]! & (others | admitted.#words[i]!);
      words[i] = word;
      count += bitCount(word);
    }
    return this.#list(count);
  }

  /** The `count` parties that are here. */
  #list(count: number): Int32Array {
    const words = this.#words;
    const result = new Int32Array(count);
    let next = 0;
    for (let i = this.#first; next < count; i += 1) {
      for (let word = words[i]!; word !== 0; word &= word - 1) {
        result[next++] = (i << 5) + 31 - Math.clz32(word & -word);
      }
    }
    return result;
  }

  #addWord(i: number, word: number): void {
    if (word === 0) return;
    this.#words[i]! |= word;
    if (i < this.#first) this.#first = i;
    if (this.#end <= i) this.#end = i + 1;
  }
}

/** Pods behind the parties of `bits` and of none else; `podStart` as in `PartyArenas`. */
export function countPods(bits: PartyBits, podStart: Int32Array): number {
  let pods = 0;
  bits.eachWord((word, first) => {
    if (word === -1) {
      pods += podStart[first + 32]! - podStart[first]!;
      return;
    }
    for (let rest = word; rest !== 0; rest &= rest - 1) {
      const party = first + 31 - Math.clz32(rest & -rest);
      pods += podStart[party + 1]! - podStart[party]!;
    }
  });
  return pods;
}

/** Bits set in a word. */
export function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
