/** Distinct values by number. Those that come one after the other are mostly the same one. */
export class Numbered<Value> {
  readonly #values: Value[] = [];
  readonly #numbers = new Map<Value, number>();
  #last: Value | undefined;
  #lastNumber = -1;

  /** The number of `value`, which it keeps. */
  numberOf(value: Value): number {
    if (0 <= this.#lastNumber && value === this.#last) return this.#lastNumber;
    let number = this.#numbers.get(value);
    if (number === undefined) {
      number = this.#values.push(value) - 1;
      this.#numbers.set(value, number);
    }
    this.#last = value;
    this.#lastNumber = number;
    return number;
  }

  /** The value of a number that was given out. @throws RangeError for any other */
  at(number: number): Value {
    if (number < 0 || this.#values.length <= number) throw new RangeError(`no value ${number}`);
    // Within the list; a value may be undefined itself.
    return this.#values[number] as Value;
  }

  /** All of them, in the order of their numbers. */
  get values(): readonly Value[] {
    return this.#values;
  }
}
