import { connectionsOf } from '../../model/connection-set.ts';
import type { ConnectionSet, PortRange } from '../../model/connection-set.ts';
import type { ContainerPort } from '../../model/snapshot.ts';
import type { PortList } from '../index/ir-tables.ts';
import { portNameKey } from '../index/policy-texts.ts';
import { rangesOf } from '../index/port-sets.ts';
import type { PortArenas } from '../index/port-sets.ts';

/** Port lists and port maps of an index, with some behind the last. */
export class PortPatch {
  readonly #arenas: PortArenas;
  readonly #names: ReadonlyMap<string, number>;
  readonly #sets: number[][] = [];
  readonly #lists: { readonly set: number; readonly names: readonly number[] }[] = [];
  readonly #maps: (readonly (readonly [name: number, set: number])[])[] = [];
  #setIds: Map<string, number> | undefined;
  #mapIds: Map<string, number> | undefined;

  /** @param names numbers of the names that rules ask for */
  constructor(arenas: PortArenas, names: ReadonlyMap<string, number>) {
    this.#arenas = arenas;
    this.#names = names;
  }

  /** Adds a list whose names are all known. */
  addList({ fixed, names }: PortList): void {
    const numbers = names.flatMap((name) => this.#names.get(portNameKey(name)) ?? []);
    this.#lists.push({ set: this.#setOf(fixed), names: numbers });
  }

  /** The map of a pod with these ports (semantics R1.43 to R1.49; the default dialect). */
  mapOf(ports: readonly ContainerPort[]): number {
    const byName = new Map<number, PortRange[]>();
    for (const { name, protocol, port, container } of ports) {
      if (name === undefined || container === 'init') continue;
      for (const asked of [{ name }, { name, protocol }]) {
        const id = this.#names.get(portNameKey(asked));
        if (id === undefined) continue;
        const ranges = byName.get(id) ?? [];
        ranges.push({ protocol, from: port, to: port });
        byName.set(id, ranges);
      }
    }
    const entries = [...byName]
      .sort(([a], [b]) => a - b)
      .map(([name, ranges]) => [name, this.#setOf(connectionsOf(ranges))] as const);
    if (entries.length === 0) return 0;
    this.#mapIds ??= this.#knownMaps();
    const known = this.#mapIds.get(entries.join());
    if (known !== undefined) return known;
    const id = this.#arenas.mapStart.length - 1 + this.#maps.push(entries) - 1;
    this.#mapIds.set(entries.join(), id);
    return id;
  }

  build(): PortArenas {
    if (this.#sets.length + this.#lists.length + this.#maps.length === 0) return this.#arenas;
    const { setStart, setRanges, listSet, listNameStart, listNames } = this.#arenas;
    const { mapStart, mapNames, mapSets } = this.#arenas;
    const entries = this.#maps.flat();
    return {
      setStart: extended(setStart, this.#sets),
      setRanges: joined(setRanges, this.#sets.flat()),
      listSet: joined(
        listSet,
        this.#lists.map(({ set }) => set),
      ),
      listNameStart: extended(
        listNameStart,
        this.#lists.map(({ names }) => names),
      ),
      listNames: joined(
        listNames,
        this.#lists.flatMap(({ names }) => names),
      ),
      mapStart: extended(mapStart, this.#maps),
      mapNames: joined(
        mapNames,
        entries.map(([name]) => name),
      ),
      mapSets: joined(
        mapSets,
        entries.map(([, set]) => set),
      ),
    };
  }

  #setOf(set: ConnectionSet): number {
    this.#setIds ??= this.#knownSets();
    const ranges = rangesOf(set);
    const known = this.#setIds.get(ranges.join());
    if (known !== undefined) return known;
    const id = this.#arenas.setStart.length - 1 + this.#sets.push(ranges) - 1;
    this.#setIds.set(ranges.join(), id);
    return id;
  }

  #knownSets(): Map<string, number> {
    const { setStart, setRanges } = this.#arenas;
    const ids = new Map<string, number>();
    for (let id = 0; id + 1 < setStart.length; id += 1) {
      ids.set(setRanges.subarray(setStart[id], setStart[id + 1]).join(), id);
    }
    return ids;
  }

  #knownMaps(): Map<string, number> {
    const { mapStart, mapNames, mapSets } = this.#arenas;
    const ids = new Map<string, number>();
    for (let id = 1; id + 1 < mapStart.length; id += 1) {
      const entries: number[] = [];
      for (let i = mapStart[id]!; i < mapStart[id + 1]!; i += 1) {
        entries.push(mapNames[i]!, mapSets[i]!);
      }
      ids.set(entries.join(), id);
    }
    return ids;
  }
}

/** `start` with the ends of more rows. */
function extended(start: Int32Array, rows: readonly { readonly length: number }[]): Int32Array {
  let end = start.at(-1)!;
  return joined(
    start,
    rows.map(({ length }) => (end += length)),
  );
}

function joined(array: Int32Array, more: readonly number[]): Int32Array {
  const result = new Int32Array(array.length + more.length);
  result.set(array);
  result.set(more, array.length);
  return result;
}
