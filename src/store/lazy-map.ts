/**
 * A map whose keys are known and whose values are loaded when they are first asked for. What `load`
 * throws reaches whoever asked, and is asked for again the next time.
 */
export class LazyMap<Value> implements ReadonlyMap<string, Value> {
  /** Undefined until it is loaded; in the order of the keys. */
  readonly #values: Map<string, Value | undefined>;
  readonly #load: (key: string) => Value;

  constructor(keys: Iterable<string>, load: (key: string) => Value) {
    this.#values = new Map(Array.from(keys, (key) => [key, undefined]));
    this.#load = load;
  }

  get size(): number {
    return this.#values.size;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  get(key: string): Value | undefined {
    const known = this.#values.get(key);
    if (known !== undefined || !this.#values.has(key)) return known;
    const value = this.#load(key);
    this.#values.set(key, value);
    return value;
  }

  keys(): MapIterator<string> {
    return this.#values.keys();
  }

  *values(): Generator<Value, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  *entries(): Generator<[string, Value], undefined> {
    // Every key is there, so a value is only undefined where a map holds undefined.
    for (const key of this.#values.keys()) yield [key, this.get(key) as Value];
  }

  [Symbol.iterator](): Generator<[string, Value], undefined> {
    return this.entries();
  }

  forEach(action: (value: Value, key: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const [key, value] of this.entries()) action(value, key, this);
  }
}
