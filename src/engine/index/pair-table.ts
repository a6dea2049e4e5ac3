/**
 * Numbers distinct pairs of integers from 0 in the order they are first met.
 *
 * The one hash table of the flat engine: a trie is pairs (parent, symbol), a canonical tree is pairs
 * (left, right), a bipartite edge is a pair (group, key). Open addressing over flat arrays, because a
 * Map with a string or a fraction for a key costs ten times as much and a thousand small Maps cost
 * the garbage collector more than the work itself.
 */
export class PairTable {
  #first: Int32Array;
  #second: Int32Array;
  /** Id + 1; 0 is free. INVARIANT: at least half of them are free. */
  #slots: Int32Array;
  #size = 0;

  /** @param capacity pairs it holds before it grows; a power of two */
  constructor(capacity = 16) {
    this.#first = new Int32Array(capacity);
    this.#second = new Int32Array(capacity);
    this.#slots = new Int32Array(2 * capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** First member of pair `id`. */
  firstOf(id: number): number {
    return this.#first[id]!;
  }

  /** Second member of pair `id`. */
  secondOf(id: number): number {
    return this.#second[id]!;
  }

  /** First members by id. */
  firsts(): Int32Array {
    return this.#first.slice(0, this.#size);
  }

  /** Second members by id. */
  seconds(): Int32Array {
    return this.#second.slice(0, this.#size);
  }

  /** The number of the pair; a new one if it was never met. */
  idOf(first: number, second: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(first, second) & mask;
    for (;;) {
      const id = this.#slots[slot]! - 1;
      if (id < 0) break;
      if (this.#first[id] === first && this.#second[id] === second) return id;
      slot = (slot + 1) & mask;
    }
    if (this.#size === this.#first.length) {
      this.#grow();
      return this.idOf(first, second);
    }
    this.#first[this.#size] = first;
    this.#second[this.#size] = second;
    this.#slots[slot] = this.#size + 1;
    return this.#size++;
  }

  /** The number of the pair, -1 if it was never met. */
  find(first: number, second: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(first, second) & mask;
    for (;;) {
      const id = this.#slots[slot]! - 1;
      if (id < 0) return -1;
      if (this.#first[id] === first && this.#second[id] === second) return id;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const capacity = 2 * this.#first.length;
    this.#first = grown(this.#first, capacity);
    this.#second = grown(this.#second, capacity);
    this.#slots = new Int32Array(2 * capacity);
    const mask = this.#slots.length - 1;
    for (let id = 0; id < this.#size; id += 1) {
      let slot = hash(this.#first[id]!, this.#second[id]!) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = id + 1;
    }
  }
}

function hash(first: number, second: number): number {
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second ^ 0x2545f491, 0x85ebca6b);
  const spread = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
  return (spread ^ (spread >>> 13)) >>> 0;
}

function grown(array: Int32Array, capacity: number): Int32Array {
  const result = new Int32Array(capacity);
  result.set(array);
  return result;
}
