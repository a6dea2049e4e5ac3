import { PROTOCOLS, connectionsOf } from '../../model/connection-set.ts';
import type { Protocol } from '../../model/connection-set.ts';
import { csrOf } from './csr.ts';
import { IntList } from './int-list.ts';
import { PairTable } from './pair-table.ts';
import type { NamedPorts } from './pod-ir.ts';
import type { PortList } from './ir-tables.ts';
import { SetTable } from './port-sets.ts';
import type { PortArenas } from './port-sets.ts';

/**
 * Port names that rules mention, and what pods make of them, while an index is compiled.
 *
 * A name counts where a regular container or a sidecar declares it, once for each number, with its own
 * protocol (semantics R1.43 to R1.49; the default dialect).
 */
export class PortMapTable {
  /** The numbers of `(name, protocol)` by name: one for each protocol asked with it. */
  readonly #names = new Map<string, { id: number; protocol: Protocol | undefined }[]>();
  #nameCount = 0;
  readonly #sets = new SetTable();
  /** (name, protocol and port) to a point; a map is a walk along its points, which ascend. */
  readonly #points = new PairTable(64);
  readonly #trie = new PairTable(64);
  /** Map of each node of the trie; -1: none ends there. */
  readonly #ofNode = new IntList();
  /** Map of each list of named ports; -1: not looked at yet. */
  readonly #ofList: Int32Array;
  readonly #namedPorts: NamedPorts;
  #mapCount = 1;
  readonly #owners = new IntList();
  readonly #mapNames = new IntList();
  readonly #mapSets = new IntList();
  readonly #lists: { set: number; names: number[] }[];

  /** @param namedPorts the lists that shapes refer to; none is added later */
  constructor(lists: readonly PortList[], namedPorts: NamedPorts) {
    this.#namedPorts = namedPorts;
    this.#ofList = new Int32Array(namedPorts.listCount).fill(-1);
    this.#lists = lists.map(({ fixed, names }) => ({
      set: this.#sets.idOf(fixed),
      names: names.map(({ name, protocol }) => this.#nameOf(name, protocol)),
    }));
  }

  /** The number of what a pod with this list of named ports makes of the names; 0: of none of them. */
  idOf(list: number): number {
    if (list < 0 || this.#nameCount === 0) return 0;
    const known = this.#ofList[list]!;
    if (0 <= known) return known;
    const id = this.#resolve(list);
    this.#ofList[list] = id;
    return id;
  }

  build(): PortArenas {
    const names = new IntList();
    const nameStart = Int32Array.from([...this.#lists, { names: [] }], (list) => {
      const start = names.length;
      for (const name of list.names) names.push(name);
      return start;
    });
    const owners = this.#owners.toArray();
    const mapNames = csrOf(this.#mapCount, owners, this.#mapNames.toArray());
    return {
      ...this.#sets.build(),
      listSet: Int32Array.from(this.#lists, ({ set }) => set),
      listNameStart: nameStart,
      listNames: names.toArray(),
      mapStart: mapNames.start,
      mapNames: mapNames.items,
      mapSets: csrOf(this.#mapCount, owners, this.#mapSets.toArray()).items,
    };
  }

  #resolve(list: number): number {
    const points = new Set<number>();
    for (const { name, point } of this.#namedPorts.portsOf(list)) {
      for (const asked of this.#names.get(name) ?? []) {
        if (asked.protocol === undefined || asked.protocol === PROTOCOLS[point >> 16]) {
          points.add(this.#points.idOf(asked.id, point));
        }
      }
    }
    if (points.size === 0) return 0;
    const ascending = [...points].sort((a, b) => a - b);
    let node = -1;
    for (const point of ascending) node = this.#trie.idOf(node, point);
    while (this.#ofNode.length <= node) this.#ofNode.push(-1);
    if (this.#ofNode.at(node) < 0) {
      this.#ofNode.set(node, this.#mapCount);
      this.#addMap(this.#mapCount, ascending);
      this.#mapCount += 1;
    }
    return this.#ofNode.at(node);
  }

  #addMap(id: number, points: readonly number[]): void {
    const byName = new Map<number, { protocol: Protocol; from: number; to: number }[]>();
    for (const point of points) {
      const name = this.#points.firstOf(point);
      const number = this.#points.secondOf(point);
      const port = number & 0xffff;
      const ranges = byName.get(name) ?? [];
      ranges.push({ protocol: PROTOCOLS[number >> 16] ?? 'TCP', from: port, to: port });
      byName.set(name, ranges);
    }
    for (const [name, ranges] of [...byName].sort(([a], [b]) => a - b)) {
      this.#owners.push(id);
      this.#mapNames.push(name);
      this.#mapSets.push(this.#sets.idOf(connectionsOf(ranges)));
    }
  }

  #nameOf(name: string, protocol: Protocol | undefined): number {
    const list = this.#names.get(name) ?? [];
    this.#names.set(name, list);
    const known = list.find((one) => one.protocol === protocol);
    if (known !== undefined) return known.id;
    const id = this.#nameCount++;
    list.push({ id, protocol });
    return id;
  }
}
