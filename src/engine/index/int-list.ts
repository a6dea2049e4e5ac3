/** A list of 32-bit integers that grows by doubling; what loops push into before a size is known. */
export class IntList {
  #items: Int32Array;
  #length = 0;

  constructor(capacity = 64) {
    this.#items = new Int32Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#items.length) {
      const grown = new Int32Array(2 * this.#items.length);
      grown.set(this.#items);
      this.#items = grown;
    }
    this.#items[this.#length++] = value;
  }

  at(i: number): number {
    return this.#items[i]!;
  }

  set(i: number, value: number): void {
    this.#items[i] = value;
  }

  /** Forgets what comes after the first `length` items. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** A copy of exactly the items. */
  toArray(): Int32Array {
    return this.#items.slice(0, this.#length);
  }
}
