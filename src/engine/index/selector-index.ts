import type { LabelSelector, Labels } from '../../model/selector.ts';
import { IntList } from './int-list.ts';

/*
 * Label selectors against label sets, in numbers (performance C, steps 2 and 3).
 *
 * Of all labels only the keys that some selector names can matter, and of a key only the values that
 * some selector names: every other value is one pair, "this key with another value". A label set is
 * projected to the ascending numbers of its pairs, and sets with equal projections are alike for every
 * selector.
 *
 *   selectors: app in (web, api); tier            pairs: app=web 1, app=api 2, app=… 0, tier=… 3
 *   app=web,hash=5f7,tier=front  →  1 3
 *
 * Which selectors hold a projected set? Each is filed under the pairs of its most particular positive
 * requirement, so that only those filed under one of the set's few pairs are looked at.
 */

/** Kinds of requirements. */
const IN = 0;
const NOT_IN = 1;
const EXISTS = 2;
const DOES_NOT_EXIST = 3;
const OPERATORS = { In: IN, NotIn: NOT_IN, Exists: EXISTS, DoesNotExist: DOES_NOT_EXIST } as const;

/** Above this many known values "the key exists" is no help in finding a selector. */
const EXISTS_PAIRS_MAX = 16;

interface Key {
  readonly id: number;
  /** The pair of every value that nobody names. */
  readonly other: number;
  readonly values: Map<string, number>;
}

/** The label pairs that selectors name, and the selectors as lists of them. */
export class SelectorIndex {
  readonly #keys = new Map<string, Key>();
  readonly #keyOfPair = new IntList();
  // Requirements of selector `q`: from #start[q] to before #start[q + 1].
  readonly #start = new IntList();
  readonly #operator = new IntList();
  readonly #key = new IntList();
  readonly #valuesStart = new IntList();
  readonly #values = new IntList();
  readonly #selectors: readonly LabelSelector[];
  /** Pair of each key in the set that is looked at; it counts where the stamp is the current one. */
  readonly #pairOfKey: Int32Array;
  readonly #stamps: Int32Array;
  #stamp = 0;

  constructor(selectors: readonly LabelSelector[]) {
    this.#selectors = selectors;
    for (const { requirements } of selectors) {
      this.#start.push(this.#operator.length);
      for (const { key, operator, values } of requirements) {
        const known = this.#keyOf(key);
        this.#operator.push(OPERATORS[operator]);
        this.#key.push(known.id);
        this.#valuesStart.push(this.#values.length);
        for (const value of values) this.#values.push(this.#pairOf(known, value));
      }
    }
    this.#start.push(this.#operator.length);
    this.#valuesStart.push(this.#values.length);
    this.#pairOfKey = new Int32Array(this.#keys.size);
    this.#stamps = new Int32Array(this.#keys.size);
  }

  get pairCount(): number {
    return this.#keyOfPair.length;
  }

  /** Writes the pairs of `labels` to `into`, ascending; how many there are. */
  project(labels: Labels, into: number[]): number {
    let count = 0;
    for (const [name, value] of labels) {
      const key = this.#keys.get(name);
      if (key === undefined) continue;
      const pair = key.values.get(value) ?? key.other;
      let i = count++;
      for (; 0 < i && pair < into[i - 1]!; i -= 1) into[i] = into[i - 1]!;
      into[i] = pair;
    }
    return count;
  }

  /** Begins to look at another label set. */
  reset(): void {
    this.#stamp += 1;
  }

  /** Adds a pair to the label set that is looked at. */
  load(pair: number): void {
    const key = this.#keyOfPair.at(pair);
    this.#pairOfKey[key] = pair;
    this.#stamps[key] = this.#stamp;
  }

  /** Whether `selector` holds the label set that is looked at. */
  holds(selector: number): boolean {
    const end = this.#start.at(selector + 1);
    for (let i = this.#start.at(selector); i < end; i += 1) {
      const key = this.#key.at(i);
      const present = this.#stamps[key] === this.#stamp;
      const operator = this.#operator.at(i);
      if (operator === EXISTS ? !present : operator === DOES_NOT_EXIST && present) return false;
      if (EXISTS <= operator) continue;
      const named = present && this.#names(i, this.#pairOfKey[key]!);
      if (named !== (operator === IN)) return false;
    }
    return true;
  }

  /** Pairs one of which every label set that `selector` holds has; undefined when there are none. */
  accessPairs(selector: number): readonly number[] | undefined {
    let best: readonly number[] | undefined;
    for (let i = this.#start.at(selector); i < this.#start.at(selector + 1); i += 1) {
      const pairs = this.#pairsOfRequirement(i);
      if (pairs !== undefined && (best === undefined || pairs.length < best.length)) best = pairs;
    }
    return best;
  }

  /** The selectors themselves, for label sets of which only a part is known. */
  get selectors(): readonly LabelSelector[] {
    return this.#selectors;
  }

  #pairsOfRequirement(i: number): readonly number[] | undefined {
    const operator = this.#operator.at(i);
    if (operator === IN) {
      const pairs = [];
      for (let k = this.#valuesStart.at(i); k < this.#valuesStart.at(i + 1); k += 1) {
        pairs.push(this.#values.at(k));
      }
      return pairs;
    }
    if (operator !== EXISTS) return undefined;
    const wanted = this.#key.at(i);
    const pairs = [];
    for (let pair = 0; pair < this.#keyOfPair.length; pair += 1) {
      if (this.#keyOfPair.at(pair) === wanted) pairs.push(pair);
      if (EXISTS_PAIRS_MAX < pairs.length) return undefined;
    }
    return pairs;
  }

  #names(requirement: number, pair: number): boolean {
    const end = this.#valuesStart.at(requirement + 1);
    for (let i = this.#valuesStart.at(requirement); i < end; i += 1) {
      if (this.#values.at(i) === pair) return true;
    }
    return false;
  }

  #keyOf(name: string): Key {
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const key = {
      id: this.#keys.size,
      other: this.#keyOfPair.length,
      values: new Map<string, number>(),
    };
    this.#keyOfPair.push(key.id);
    this.#keys.set(name, key);
    return key;
  }

  #pairOf(key: Key, value: string): number {
    const known = key.values.get(value);
    if (known !== undefined) return known;
    const pair = this.#keyOfPair.length;
    this.#keyOfPair.push(key.id);
    key.values.set(value, pair);
    return pair;
  }
}

/** Selectors filed so that those which may hold a label set are found by its pairs. */
export class SelectorFile {
  readonly #index: SelectorIndex;
  /** First entry filed under a pair; -1: none. */
  readonly #heads: Int32Array;
  readonly #used = new IntList();
  readonly #next = new IntList();
  readonly #entries = new IntList();
  /** Selectors without a positive requirement: they may hold anything. */
  readonly #always = new IntList();

  constructor(index: SelectorIndex) {
    this.#index = index;
    this.#heads = new Int32Array(index.pairCount).fill(-1);
  }

  add(selector: number): void {
    const pairs = this.#index.accessPairs(selector);
    if (pairs === undefined) {
      this.#always.push(selector);
      return;
    }
    for (const pair of pairs) {
      this.#used.push(pair);
      this.#next.push(this.#heads[pair]!);
      this.#heads[pair] = this.#entries.length;
      this.#entries.push(selector);
    }
  }

  /** Takes all selectors out again. */
  clear(): void {
    for (let i = 0; i < this.#used.length; i += 1) this.#heads[this.#used.at(i)] = -1;
    for (const list of [this.#used, this.#next, this.#entries, this.#always]) list.truncate(0);
  }

  /** Adds to `found` the selectors that hold the label set the index looks at, with these `pairs`. */
  find(pairs: Int32Array | readonly number[], count: number, found: IntList): void {
    for (let i = 0; i < count; i += 1) {
      for (let k = this.#heads[pairs[i]!]!; 0 <= k; k = this.#next.at(k)) {
        const selector = this.#entries.at(k);
        if (this.#index.holds(selector)) found.push(selector);
      }
    }
    for (let i = 0; i < this.#always.length; i += 1) {
      const selector = this.#always.at(i);
      if (this.#index.holds(selector)) found.push(selector);
    }
  }
}
