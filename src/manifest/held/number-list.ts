/** Numbers of 32 bits, as many as come. */
export class NumberList {
  #numbers = new Int32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends `number`. @returns its position */
  push(number: number): number {
    if (this.#length === this.#numbers.length) {
      const larger = new Int32Array(this.#length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length] = number;
    this.#length += 1;
    return this.#length - 1;
  }

  /** The number at a position below `length`. */
  at(position: number): number {
    return this.#numbers[position] ?? 0;
  }
}
