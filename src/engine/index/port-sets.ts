import {
  ALL_PORTS,
  NO_CONNECTIONS,
  PROTOCOLS,
  connectionsOf,
  intersect,
  isEmpty,
  subtract,
  union,
} from '../../model/connection-set.ts';
import type { ConnectionSet, Protocol } from '../../model/connection-set.ts';
import { IntList } from './int-list.ts';
import { PairTable } from './pair-table.ts';

/*
 * Sets of connections by number, so that a pair's outcome is found by comparing small integers.
 *
 * A set that a rule names is a run of closed ranges in one arena: `protocol << 16 | port`, first and
 * last, ascending. Set 0 is empty and set 1 is everything. Unions and intersections of sets are
 * numbered as they come up and remembered by the two numbers they were made of: thousands of pairs
 * come to a handful of different answers, and equal answers are one object.
 *
 * A port list of a rule is a set plus names; a port map is what a pod makes of the names
 * (semantics R1.43, R1.44): `(name, set)` by name, few and short. Map 0 resolves nothing: that of
 * everything that is not a pod (R1.47).
 */

/** Number of the empty set. */
export const NO_SET = 0;
/** Number of the set of all ports. */
export const ALL_SET = 1;

/** Sets made while answering, before they are dropped and made anew. */
const DERIVED_MAX = 200_000;

/** Port lists and port maps as flat arrays. */
export interface PortArenas {
  /** Ranges of set `i`: from `setStart[i]` to before `setStart[i + 1]`, two numbers each. */
  readonly setStart: Int32Array;
  readonly setRanges: Int32Array;
  /** By port list: the set of its numbers. */
  readonly listSet: Int32Array;
  readonly listNameStart: Int32Array;
  readonly listNames: Int32Array;
  /** By port map: its names, ascending, and the set of each. */
  readonly mapStart: Int32Array;
  readonly mapNames: Int32Array;
  readonly mapSets: Int32Array;
}

/** `protocol`/`port` as ranges of sets count it. */
export function portPoint(protocol: Protocol, port: number): number {
  const lane = protocol === 'TCP' ? 0 : protocol === 'UDP' ? 1 : 2;
  return (lane << 16) | port;
}

/** Interns sets while an index is compiled. */
export class SetTable {
  readonly #ids = new Map<string, number>();
  readonly #sets: ConnectionSet[] = [];

  constructor() {
    this.idOf(NO_CONNECTIONS);
    this.idOf(ALL_PORTS);
  }

  idOf(set: ConnectionSet): number {
    const key = rangesOf(set).join();
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#sets.push(set);
    this.#ids.set(key, this.#sets.length - 1);
    return this.#sets.length - 1;
  }

  build(): Pick<PortArenas, 'setStart' | 'setRanges'> {
    const start = new IntList();
    const ranges = new IntList();
    for (const set of this.#sets) {
      start.push(ranges.length);
      for (const bound of rangesOf(set)) ranges.push(bound);
    }
    start.push(ranges.length);
    return { setStart: start.toArray(), setRanges: ranges.toArray() };
  }
}

/** Answers about sets by number. */
export class PortSets {
  readonly #arenas: PortArenas;
  readonly #ids = new Map<string, number>();
  #sets: (ConnectionSet | undefined)[] = [];
  /** Ranges of derived sets, as the arena has those of the others. */
  #derived: (readonly number[])[] = [];
  #unions = new PairTable(256);
  #unionOf = new IntList();
  #intersections = new PairTable(256);
  #intersectionOf = new IntList();
  #differences = new PairTable(256);
  #differenceOf = new IntList();
  #generation = 0;

  constructor(arenas: PortArenas) {
    this.#arenas = arenas;
    this.#start();
  }

  /** Changes whenever numbers that were given out before are void. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether a set holds a point; no allocation. */
  has(set: number, point: number): boolean {
    const base = this.#arenas.setStart.length - 1;
    if (set < base) return this.#has(set, point);
    const ranges = this.#derived[set - base]!;
    for (let i = 0; i < ranges.length; i += 2) {
      if (point <= ranges[i + 1]!) return ranges[i]! <= point;
    }
    return false;
  }

  /** Whether `list`, resolved by `map`, holds a point; no allocation. */
  holds(list: number, map: number, point: number): boolean {
    const { listSet, listNameStart, listNames, mapStart, mapNames, mapSets } = this.#arenas;
    if (this.#has(listSet[list]!, point)) return true;
    const end = listNameStart[list + 1]!;
    for (let i = listNameStart[list]!; i < end; i += 1) {
      const mapEnd = mapStart[map + 1]!;
      for (let k = mapStart[map]!; k < mapEnd; k += 1) {
        if (mapNames[k] === listNames[i] && this.#has(mapSets[k]!, point)) return true;
      }
    }
    return false;
  }

  /** The number of `set` ∪ `list` as `map` resolves it. */
  addList(set: number, list: number, map: number): number {
    const { listSet, listNameStart, listNames, mapStart, mapNames, mapSets } = this.#arenas;
    let result = this.unionOf(set, listSet[list]!);
    const end = listNameStart[list + 1]!;
    for (let i = listNameStart[list]!; i < end; i += 1) {
      const mapEnd = mapStart[map + 1]!;
      for (let k = mapStart[map]!; k < mapEnd; k += 1) {
        if (mapNames[k] === listNames[i]) result = this.unionOf(result, mapSets[k]!);
      }
    }
    return result;
  }

  /** The number of the union of two sets. */
  unionOf(a: number, b: number): number {
    if (a === b || b === NO_SET || a === ALL_SET) return a;
    if (a === NO_SET || b === ALL_SET) return b;
    const known = a < b ? this.#unions.idOf(a, b) : this.#unions.idOf(b, a);
    if (known < this.#unionOf.length) return this.#unionOf.at(known);
    const id = this.#intern(union(this.setOf(a), this.setOf(b)));
    this.#unionOf.push(id);
    return id;
  }

  /** The number of the intersection of two sets. */
  intersectionOf(a: number, b: number): number {
    if (a === b || b === ALL_SET || a === NO_SET) return a;
    if (a === ALL_SET || b === NO_SET) return b;
    const known = a < b ? this.#intersections.idOf(a, b) : this.#intersections.idOf(b, a);
    if (known < this.#intersectionOf.length) return this.#intersectionOf.at(known);
    const id = this.#intern(intersect(this.setOf(a), this.setOf(b)));
    this.#intersectionOf.push(id);
    return id;
  }

  /** The number of what is in `a` and not in `b`. */
  differenceOf(a: number, b: number): number {
    if (a === b || a === NO_SET || b === ALL_SET) return NO_SET;
    if (b === NO_SET) return a;
    const known = this.#differences.idOf(a, b);
    if (known < this.#differenceOf.length) return this.#differenceOf.at(known);
    const id = this.#intern(subtract(this.setOf(a), this.setOf(b)));
    this.#differenceOf.push(id);
    return id;
  }

  /** Set `id` as the model has it; the same object every time. */
  setOf(id: number): ConnectionSet {
    const known = this.#sets[id];
    if (known !== undefined) return known;
    const { setStart, setRanges } = this.#arenas;
    const ranges = [];
    for (let i = setStart[id]!; i < setStart[id + 1]!; i += 2) {
      const [first, last] = [setRanges[i]!, setRanges[i + 1]!];
      const protocol = PROTOCOLS[first >> 16];
      if (protocol === undefined) throw new RangeError(`no protocol in ${first}`);
      ranges.push({ protocol, from: first & 0xffff, to: last & 0xffff });
    }
    const set = connectionsOf(ranges);
    this.#sets[id] = set;
    return set;
  }

  /** Forgets derived sets once there are too many: numbers given out before are void. */
  makeRoom(): void {
    if (this.#sets.length < DERIVED_MAX && this.#unionOf.length < DERIVED_MAX) return;
    this.#start();
  }

  #start(): void {
    const { setStart } = this.#arenas;
    this.#sets = new Array<ConnectionSet | undefined>(setStart.length - 1);
    this.#sets[NO_SET] = NO_CONNECTIONS;
    this.#sets[ALL_SET] = ALL_PORTS;
    this.#ids.clear();
    for (let id = 0; id < setStart.length - 1; id += 1) {
      const ranges = this.#arenas.setRanges.subarray(setStart[id], setStart[id + 1]);
      this.#ids.set(ranges.join(), id);
    }
    this.#unions = new PairTable(256);
    this.#unionOf = new IntList();
    this.#intersections = new PairTable(256);
    this.#intersectionOf = new IntList();
    this.#differences = new PairTable(256);
    this.#differenceOf = new IntList();
    this.#derived = [];
    this.#generation += 1;
  }

  #intern(set: ConnectionSet): number {
    if (isEmpty(set)) return NO_SET;
    const ranges = rangesOf(set);
    const key = ranges.join();
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#sets.push(set);
    this.#derived.push(ranges);
    this.#ids.set(key, this.#sets.length - 1);
    return this.#sets.length - 1;
  }

  #has(set: number, point: number): boolean {
    if (set === ALL_SET) return true;
    const { setStart, setRanges } = this.#arenas;
    const end = setStart[set + 1]!;
    for (let i = setStart[set]!; i < end; i += 2) {
      if (point <= setRanges[i + 1]!) return setRanges[i]! <= point;
    }
    return false;
  }
}

/** First and last of each range of `set`, as the arena has them. */
export function rangesOf(set: ConnectionSet): number[] {
  return PROTOCOLS.flatMap((protocol, lane) =>
    set[protocol].flatMap(({ lo, hi }) => [(lane << 16) | lo, (lane << 16) | hi]),
  );
}
