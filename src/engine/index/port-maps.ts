import { PROTOCOLS, connectionsOf } from '../../model/connection-set.ts';
import type { Protocol } from '../../model/connection-set.ts';
import type { ContainerPort } from '../../model/snapshot.ts';
import { csrOf } from './csr.ts';
import { IntList } from './int-list.ts';
import type { PortList } from './policy-ir.ts';
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
  readonly #ids = new Map<string, number>([['', 0]]);
  readonly #owners = new IntList();
  readonly #mapNames = new IntList();
  readonly #mapSets = new IntList();
  readonly #lists: { set: number; names: number[] }[];

  constructor(lists: readonly PortList[]) {
    this.#lists = lists.map(({ fixed, names }) => ({
      set: this.#sets.idOf(fixed),
      names: names.map(({ name, protocol }) => this.#nameOf(name, protocol)),
    }));
  }

  /** The number of what a pod with these container ports makes of the names; 0: of none of them. */
  idOf(ports: readonly ContainerPort[]): number {
    if (this.#nameCount === 0 || ports.length === 0) return 0;
    const points: number[] = [];
    for (const { name, protocol, port, container } of ports) {
      if (name === undefined || container === 'init') continue;
      for (const asked of this.#names.get(name) ?? []) {
        if (asked.protocol !== undefined && asked.protocol !== protocol) continue;
        const point = asked.id * 2 ** 18 + (PROTOCOLS.indexOf(protocol) << 16) + port;
        if (!points.includes(point)) points.push(point);
      }
    }
    if (points.length === 0) return 0;
    const key = points.sort((a, b) => a - b).join();
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#ids.size;
    this.#ids.set(key, id);
    this.#addMap(id, points);
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
    const mapNames = csrOf(this.#ids.size, owners, this.#mapNames.toArray());
    return {
      ...this.#sets.build(),
      listSet: Int32Array.from(this.#lists, ({ set }) => set),
      listNameStart: nameStart,
      listNames: names.toArray(),
      mapStart: mapNames.start,
      mapNames: mapNames.items,
      mapSets: csrOf(this.#ids.size, owners, this.#mapSets.toArray()).items,
    };
  }

  #addMap(id: number, points: readonly number[]): void {
    const byName = new Map<number, { protocol: Protocol; from: number; to: number }[]>();
    for (const point of points) {
      const name = Math.floor(point / 2 ** 18);
      const port = point & 0xffff;
      const ranges = byName.get(name) ?? [];
      ranges.push({ protocol: PROTOCOLS[(point >> 16) & 3] ?? 'TCP', from: port, to: port });
      byName.set(name, ranges);
    }
    for (const [name, ranges] of byName) {
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
