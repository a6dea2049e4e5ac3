import { EVERY_ADDRESS, parseAddress } from '../model/address.ts';
import type { Address, AddressRange } from '../model/address.ts';
import type { Labels } from '../model/selector.ts';
import { POD_TEMPLATE, hasFlag, isFinishedAt, labelsAt, podAt } from '../model/snapshot.ts';
import type { NamespaceChunk, Node, Pod, Service, Snapshot } from '../model/snapshot.ts';
import { AddressOwners } from './address-owners.ts';
import { buildViewTables } from './view-tables.ts';
import type { MentionedNode, ViewTables } from './view-tables.ts';

/** Position of a pod in a {@link ModelView}: namespaces by name, pods by name. */
export type PodOrdinal = number & { readonly brand: 'PodOrdinal' };
/** Position of a node in a {@link ModelView}. */
export type NodeOrdinal = number & { readonly brand: 'NodeOrdinal' };

/** A node as the engine sees it; `synthetic` when only pods speak of it. */
export interface ViewNode {
  readonly node: Node;
  readonly synthetic: boolean;
  readonly addresses: readonly Address[];
}

/** A Service with its namespace. */
export interface ViewService {
  readonly namespace: NamespaceChunk;
  readonly service: Service;
}

/** Who an address belongs to. */
export type AddressOwner =
  | { readonly kind: 'pod'; readonly pod: PodOrdinal }
  | { readonly kind: 'node'; readonly node: NodeOrdinal }
  | { readonly kind: 'service'; readonly service: ViewService }
  /** A Service of which the reader is not told (`scoped/`). */
  | { readonly kind: 'others' };

/**
 * A snapshot laid out for evaluation: pods of all namespaces in one sequence, nodes (those that only
 * pods mention included), and who owns which address.
 *
 * Chunks are touched only where a question looks: a snapshot that opens lazily stays lazy.
 */
export interface ModelView {
  readonly snapshot: Snapshot;
  readonly tables: ViewTables;
  /** Sorted in code units. */
  readonly namespaceNames: readonly string[];
  /** Position of `namespace` in `namespaceNames`; -1 when it is not known. */
  positionOf(namespace: string): number;
  /** Whether the reader is told of what is in `namespace`; undefined: of what is in none. */
  tells(namespace: string | undefined): boolean;
  /** Whether the reader is told of every namespace. */
  readonly tellsAll: boolean;
  /** Whether the pod is in a namespace that the reader is not told of: it has no name, only a count. */
  isOther(ordinal: PodOrdinal): boolean;
  /** The namespace at a position of `namespaceNames`. */
  namespaceAt(i: number): NamespaceChunk;
  /** All of them, in the order of their names: touches every chunk. */
  readonly namespaces: readonly NamespaceChunk[];
  /** Pods of namespace `i` are the ordinals from `podStart[i]` to before `podStart[i + 1]`. */
  readonly podStart: Int32Array;
  readonly podCount: number;
  readonly nodes: readonly ViewNode[];
  pod(ordinal: PodOrdinal): Pod;
  /** Members of {@link ModelView.pod} that are read of very many pods, without making each. */
  labelsOf(ordinal: PodOrdinal): Labels;
  /** Whether the pod is gone for good. */
  isFinished(ordinal: PodOrdinal): boolean;
  /** Whether the pod is only written down. */
  isTemplate(ordinal: PodOrdinal): boolean;
  namespaceOf(ordinal: PodOrdinal): NamespaceChunk;
  /** Position of the pod's namespace in `namespaceNames`. */
  namespaceIndexOf(ordinal: PodOrdinal): number;
  /** Node the pod runs on; undefined when not known. */
  nodeOf(ordinal: PodOrdinal): NodeOrdinal | undefined;
  /** Parsed addresses of the pod. */
  addressesOf(ordinal: PodOrdinal): readonly Address[];
  /** The pod `name` of `namespace`. */
  findPod(namespace: string, name: string): PodOrdinal | undefined;
  findNode(name: string): NodeOrdinal | undefined;
  findService(namespace: string, name: string): ViewService | undefined;
  ownerOf(address: Address): AddressOwner | undefined;
  /** Every address of `range` that a pod, node or Service owns, ascending. */
  ownedIn(range: AddressRange): Iterable<readonly [Address, AddressOwner]>;
  /** How many addresses of `range` a pod or node owns. */
  countOwnedByEnds(range: AddressRange): number;
}

/**
 * Lays out `snapshot`.
 *
 * @param tables those of this snapshot, when they are already known
 * @param like the view of a snapshot with the same namespaces, nodes and tables
 */
export function buildModelView(
  snapshot: Snapshot,
  tables: ViewTables = buildViewTables(snapshot),
  like?: Pick<ModelView, 'namespaceNames' | 'nodes'>,
): ModelView {
  const { podStart, podNode } = tables;
  const podCount = podStart.at(-1) ?? 0;
  const { namespaceNames, nodes } = like ?? namesAndNodes(snapshot, tables);
  const namespaceAt = (i: number): NamespaceChunk => {
    const chunk = snapshot.namespaces.get(namespaceNames[i] ?? '');
    if (chunk === undefined) throw new RangeError(`no namespace ${i}`);
    return chunk;
  };
  const owners = new AddressOwners(tables.owners);
  const ownerAt = (number: number): AddressOwner =>
    makeOwner(number, {
      podCount,
      nodeCount: nodes.length,
      services: tables.services,
      namespaceAt,
    });
  let all: readonly NamespaceChunk[] | undefined;
  return {
    snapshot,
    tables,
    namespaceNames,
    ...TELLS_ALL,
    namespaceAt,
    get namespaces() {
      return (all ??= namespaceNames.map((_, i) => namespaceAt(i)));
    },
    podStart,
    podCount,
    nodes,
    ...podReader({ podStart, podNode, podCount }, namespaceAt),
    ...finders(snapshot, { namespaceNames, podStart, nodes }),
    ownerOf: (address) => {
      const number = owners.ownerOf(address);
      return number === undefined ? undefined : ownerAt(number);
    },
    *ownedIn(range) {
      for (const [address, number] of owners.ownedIn(range)) yield [address, ownerAt(number)];
    },
    countOwnedByEnds: (range) => {
      // Services own few addresses, and rarely those of a small range.
      let count = owners.countIn(range);
      if (count === 0) return 0;
      const services = podCount + nodes.length;
      for (const [, number] of owners.ownedIn(range)) if (services <= number) count -= 1;
      return count;
    },
  };
}

/** Reads rows of the tables of namespaces. Pods are mostly read in order, so the last table is at hand. */
function podReader(
  { podStart, podNode, podCount }: Pick<ViewTables, 'podStart' | 'podNode'> & { podCount: number },
  namespaceAt: ModelView['namespaceAt'],
): Pick<
  ModelView,
  | 'pod'
  | 'labelsOf'
  | 'isFinished'
  | 'isTemplate'
  | 'namespaceOf'
  | 'namespaceIndexOf'
  | 'nodeOf'
  | 'addressesOf'
> {
  let latest = 0;
  const namespaceIndexOf = (ordinal: PodOrdinal): number => {
    if ((podStart[latest] ?? 0) <= ordinal && ordinal < (podStart[latest + 1] ?? 0)) return latest;
    if (ordinal < 0 || podCount <= ordinal) throw new RangeError(`no pod ${ordinal}`);
    return (latest = lastAtMost(podStart, ordinal));
  };
  let chunk: NamespaceChunk | undefined;
  let chunkAt = -1;
  const chunkOf = (ordinal: PodOrdinal): NamespaceChunk => {
    const i = namespaceIndexOf(ordinal);
    if (chunk !== undefined && chunkAt === i) return chunk;
    chunk = namespaceAt(i);
    chunkAt = i;
    return chunk;
  };
  const rowOf = (ordinal: PodOrdinal): number =>
    ordinal - (podStart[namespaceIndexOf(ordinal)] ?? 0);
  return {
    pod: (ordinal) => podAt(chunkOf(ordinal), rowOf(ordinal)),
    labelsOf: (ordinal) => labelsAt(chunkOf(ordinal), rowOf(ordinal)),
    isFinished: (ordinal) => isFinishedAt(chunkOf(ordinal), rowOf(ordinal)),
    isTemplate: (ordinal) => hasFlag(chunkOf(ordinal), rowOf(ordinal), POD_TEMPLATE),
    namespaceOf: chunkOf,
    namespaceIndexOf,
    nodeOf: (ordinal) => {
      const node = podNode[ordinal] ?? -1;
      return node < 0 ? undefined : (node as NodeOrdinal);
    },
    addressesOf: (ordinal) => parseAll(chunkOf(ordinal).pods.addresses[rowOf(ordinal)] ?? []),
  };
}

/** Nothing is kept from the reader. */
const TELLS_ALL: Pick<ModelView, 'tells' | 'tellsAll' | 'isOther'> = {
  tells: () => true,
  tellsAll: true,
  isOther: () => false,
};

function namesAndNodes(
  snapshot: Snapshot,
  { mentionedNodes }: ViewTables,
): Pick<ModelView, 'namespaceNames' | 'nodes'> {
  return {
    namespaceNames: [...snapshot.namespaces.keys()],
    nodes: collectNodes(snapshot, mentionedNodes),
  };
}

/** What names stand for: every list of a snapshot is sorted by name. */
function finders(
  { namespaces }: Snapshot,
  { namespaceNames, podStart, nodes }: Pick<ModelView, 'namespaceNames' | 'podStart' | 'nodes'>,
): Pick<ModelView, 'positionOf' | 'findPod' | 'findNode' | 'findService'> {
  const positionOf = (namespace: string): number =>
    indexOfSorted(namespaceNames, namespace, (one) => one);
  return {
    positionOf,
    findPod: (namespace, name) => {
      const chunk = namespaces.get(namespace);
      const row = chunk === undefined ? -1 : indexOfSorted(chunk.pods.name, name, (one) => one);
      if (row < 0) return undefined;
      const start = podStart[positionOf(namespace)] ?? 0;
      return (start + row) as PodOrdinal;
    },
    findNode: (name) => {
      const i = indexOfSorted(nodes, name, ({ node }) => node.name);
      return i < 0 ? undefined : (i as NodeOrdinal);
    },
    findService: (name, serviceName) => {
      const namespace = namespaces.get(name);
      if (namespace === undefined) return undefined;
      const { services } = namespace;
      const service = services[indexOfSorted(services, serviceName, (one) => one.name)];
      return service === undefined ? undefined : { namespace, service };
    },
  };
}

/** The whole address space, both families. */
export const ALL_ADDRESSES: readonly AddressRange[] = [EVERY_ADDRESS[4], EVERY_ADDRESS[6]];

/** All pod ordinals of a view. */
export function* podOrdinals(view: ModelView): Iterable<PodOrdinal> {
  for (let i = 0; i < view.podCount; i += 1) yield i as PodOrdinal;
}

/** All node ordinals of a view. */
export function* nodeOrdinals(view: ModelView): Iterable<NodeOrdinal> {
  for (let i = 0; i < view.nodes.length; i += 1) yield i as NodeOrdinal;
}

/** Position of `key` in a list that ascends by `keyOf` in code units; -1 when it is not there. */
export function indexOfSorted<T>(
  list: readonly T[],
  key: string,
  keyOf: (one: T) => string,
): number {
  let low = 0;
  let high = list.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const one = list[middle];
    const found = one === undefined ? '' : keyOf(one);
    if (found === key) return middle;
    if (found < key) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Position of the last of ascending `starts` that is not above `value`; empty runs are passed by. */
function lastAtMost(starts: Int32Array, value: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

function makeOwner(
  number: number,
  {
    podCount,
    nodeCount,
    services,
    namespaceAt,
  }: {
    readonly podCount: number;
    readonly nodeCount: number;
    readonly services: Int32Array;
    readonly namespaceAt: (i: number) => NamespaceChunk;
  },
): AddressOwner {
  if (number < podCount) return { kind: 'pod', pod: number as PodOrdinal };
  const node = number - podCount;
  if (node < nodeCount) return { kind: 'node', node: node as NodeOrdinal };
  const row = 2 * (node - nodeCount);
  const namespace = namespaceAt(services[row] ?? -1);
  const service = namespace.services[services[row + 1] ?? -1];
  if (service === undefined) throw new RangeError(`no owner ${number}`);
  return { kind: 'service', service: { namespace, service } };
}

function collectNodes({ cluster }: Snapshot, mentioned: readonly MentionedNode[]): ViewNode[] {
  const known = cluster.nodes.map((node) => lazyNode(node, false));
  const others = mentioned.map(({ name, addresses }) =>
    lazyNode({ name, labels: new Map(), addresses, podCIDRs: [] }, true),
  );
  return [...known, ...others].sort((a, b) => (a.node.name < b.node.name ? -1 : 1));
}

/** Few questions look at the addresses of more than one node. */
function lazyNode(node: Node, synthetic: boolean): ViewNode {
  let parsed: readonly Address[] | undefined;
  return {
    node,
    synthetic,
    get addresses() {
      parsed ??= parseAll(node.addresses);
      return parsed;
    },
  };
}

function parseAll(texts: readonly string[]): Address[] {
  return texts.flatMap((text) => parseAddress(text) ?? []);
}
