import { PROTOCOLS } from '../../model/connection-set.ts';
import type { ContainerPort, NamespaceChunk } from '../../model/snapshot.ts';
import { PairTable } from './pair-table.ts';

/*
 * The shapes of the pods of one chunk in numbers that chunks share, whatever the policies say. Read once
 * and remembered with the chunk, as its policies are (policy-ir.ts).
 */

/** Pods of one chunk, by shape; what each row is, its layout says (chunk-layout.ts). */
export interface PodIr {
  /** By shape: its list of named ports in {@link NamedPorts}; -1: it has none. */
  readonly portLists: Int32Array;
}

/** Reads the shapes of the pods of `chunk`. */
export function readPods({ shapes }: NamespaceChunk, namedPorts: NamedPorts): PodIr {
  return { portLists: Int32Array.from(shapes, ({ ports }) => namedPorts.idOf(ports)) };
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
