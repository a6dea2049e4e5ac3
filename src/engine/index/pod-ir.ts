import { PROTOCOLS } from '../../model/connection-set.ts';
import { POD_CONFLICT, POD_PHASES, isFinished } from '../../model/snapshot.ts';
import type { ContainerPort, NamespaceChunk } from '../../model/snapshot.ts';
import { parseIpv4Number } from './address-numbers.ts';
import { PairTable } from './pair-table.ts';

/*
 * The pods of one chunk in numbers: what a compile needs of each row and shape, whatever the policies
 * say. Read once and remembered with the chunk, as its policies are (policy-ir.ts).
 */

/** The pod is finished: it is no end of anything (semantics R2.6). */
export const ROW_FINISHED = 0;
/** The pod shares the addresses of its node (semantics R2.2). */
export const ROW_HOST = 1;
/** It has one address, an IPv4 one. */
export const ROW_IPV4 = 2;
/** Any other pod. */
export const ROW_OTHER = 3;

/** Pods of one chunk, by row and by shape. */
export interface PodIr {
  /** {@link ROW_IPV4} and the like. */
  readonly kinds: Uint8Array;
  /** Addresses of rows of kind {@link ROW_IPV4}. */
  readonly v4: Uint32Array;
  /** By shape: its list of named ports in {@link NamedPorts}; -1: it has none. */
  readonly portLists: Int32Array;
}

const FINISHED = POD_PHASES.map(isFinished);

/** Reads the pods of `chunk`. */
export function readPods(chunk: NamespaceChunk, namedPorts: NamedPorts): PodIr {
  const { pods, shapes } = chunk;
  const rows = pods.name.length;
  const kinds = new Uint8Array(rows);
  const v4 = new Uint32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    if (FINISHED[pods.phase[row] ?? 0] === true) continue;
    if (shapes[pods.shape[row] ?? -1]?.hostNetwork === true) {
      kinds[row] = ROW_HOST;
      continue;
    }
    kinds[row] = ROW_OTHER;
    // Which address a pod in two versions has is not known.
    if (((pods.flags[row] ?? 0) & POD_CONFLICT) !== 0) continue;
    const addresses = pods.addresses[row];
    if (addresses?.length !== 1) continue;
    const address = parseIpv4Number(addresses[0] ?? '');
    if (address < 0) continue;
    kinds[row] = ROW_IPV4;
    v4[row] = address;
  }
  return { kinds, v4, portLists: Int32Array.from(shapes, ({ ports }) => namedPorts.idOf(ports)) };
}

/** One named port of a list. */
export interface NamedPort {
  readonly name: string;
  /** Lane of the protocol << 16 | number. */
  readonly point: number;
}

/**
 * Numbers distinct lists of the named ports that pods declare, across chunks: thousands of shapes have
 * a handful. Init containers but sidecars do not count (semantics R1.48, the default dialect).
 */
export class NamedPorts {
  readonly #names = new Map<string, number>();
  readonly #texts: string[] = [];
  /** (name, point). */
  readonly #ports = new PairTable(64);
  /** Lists are nodes: (the list before, one more port). */
  readonly #lists = new PairTable(64);

  /** Texts it keeps. */
  get size(): number {
    return this.#texts.length;
  }

  /** Numbers of lists are below this. */
  get listCount(): number {
    return this.#lists.size;
  }

  /** The list of the named ones among `ports`; -1 for none. */
  idOf(ports: readonly ContainerPort[]): number {
    let list = -1;
    for (const { name, protocol, port, container } of ports) {
      if (name === undefined || container === 'init') continue;
      let id = this.#names.get(name);
      if (id === undefined) {
        id = this.#texts.push(name) - 1;
        this.#names.set(name, id);
      }
      const point = (PROTOCOLS.indexOf(protocol) << 16) | port;
      list = this.#lists.idOf(list, this.#ports.idOf(id, point));
    }
    return list;
  }

  /** The ports of a list, the last one first. */
  *portsOf(list: number): Iterable<NamedPort> {
    for (let node = list; 0 <= node; node = this.#lists.firstOf(node)) {
      const port = this.#lists.secondOf(node);
      const name = this.#texts[this.#ports.firstOf(port)];
      if (name !== undefined) yield { name, point: this.#ports.secondOf(port) };
    }
  }
}
