import { parseAddress } from '../../model/address.ts';
import type { Address } from '../../model/address.ts';
import type { NamespaceChunk, PodTable } from '../../model/snapshot.ts';
import { layOutRows } from './chunk-rows.ts';
import type { ChunkRows } from './chunk-rows.ts';
import { ROW_FINISHED, ROW_HOST, readKinds } from './row-kinds.ts';
import type { RowKinds } from './row-kinds.ts';

/*
 * What one namespace contributes to the tables of a view, to the rows by workload and to a compile, in
 * numbers of its own: rows of its pods, positions in its lists. It depends on nothing but the chunk,
 * which is immutable, so it is worked out once for as long as the chunk is kept; a snapshot's tables are
 * then little more than one layout after the other (view-tables.ts, grouping.ts).
 */

/** Where the pods of a namespace run. */
export interface ChunkNodes {
  /** Nodes that pods name, in the order of their first pod. */
  readonly names: readonly string[];
  /** By row: position in `names`, -1 when not known. */
  readonly ofRow: Int32Array;
  /** By node: whether a pod that is not finished names it. */
  readonly isMentioned: readonly boolean[];
  /** Addresses of hostNetwork pods: position in `names`, and the texts. */
  readonly hostAddresses: readonly (readonly [node: number, texts: readonly string[]])[];
}

/** Services with an address: position in the chunk, and the addresses. */
export type ChunkServices = readonly (readonly [position: number, addresses: readonly Address[]])[];

/** A namespace in numbers, each part worked out when it is first asked for; see the head of this file. */
export class ChunkLayout {
  readonly pods: RowKinds;
  readonly #chunk: NamespaceChunk;
  #nodes: ChunkNodes | undefined;
  #services: ChunkServices | undefined;
  #rows: ChunkRows | undefined;

  constructor(chunk: NamespaceChunk) {
    this.#chunk = chunk;
    this.pods = readKinds(chunk);
  }

  get nodes(): ChunkNodes {
    this.#nodes ??= readNodes(this.#chunk.pods, this.pods.kinds);
    return this.#nodes;
  }

  get services(): ChunkServices {
    this.#services ??= readServices(this.#chunk);
    return this.#services;
  }

  /** Rows by workload. */
  get rows(): ChunkRows {
    this.#rows ??= layOutRows(this.#chunk, this.pods.kinds);
    return this.#rows;
  }
}

/** Layouts by chunk, for as long as the chunks are kept by others. */
export class ChunkLayouts {
  readonly #known = new WeakMap<NamespaceChunk, ChunkLayout>();

  of(chunk: NamespaceChunk): ChunkLayout {
    const known = this.#known.get(chunk);
    if (known !== undefined) return known;
    const layout = new ChunkLayout(chunk);
    this.#known.set(chunk, layout);
    return layout;
  }
}

function readNodes(pods: PodTable, kinds: Uint8Array): ChunkNodes {
  const known = new Map<string, number>();
  const ofRow = new Int32Array(kinds.length);
  const isMentioned: boolean[] = [];
  const hostAddresses: (readonly [number, readonly string[]])[] = [];
  for (let row = 0; row < kinds.length; row += 1) {
    const name = pods.node[row] ?? '';
    ofRow[row] = -1;
    if (name === '') continue;
    let node = known.get(name);
    if (node === undefined) {
      node = known.size;
      known.set(name, node);
      isMentioned.push(false);
    }
    ofRow[row] = node;
    if (kinds[row] === ROW_FINISHED) continue;
    isMentioned[node] = true;
    if (kinds[row] === ROW_HOST) hostAddresses.push([node, pods.addresses[row] ?? []]);
  }
  return { names: [...known.keys()], ofRow, isMentioned, hostAddresses };
}

function readServices({ services }: NamespaceChunk): ChunkServices {
  const found: (readonly [number, readonly Address[]])[] = [];
  for (let i = 0; i < services.length; i += 1) {
    const { clusterIPs, externalIPs, loadBalancerIPs } = services[i]!;
    if (clusterIPs.length + externalIPs.length + loadBalancerIPs.length === 0) continue;
    const texts = [...clusterIPs, ...loadBalancerIPs, ...externalIPs];
    found.push([i, texts.flatMap((text) => parseAddress(text) ?? [])]);
  }
  return found;
}
