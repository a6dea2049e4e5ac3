import { parseAddress } from '../model/address.ts';
import type { Address } from '../model/address.ts';
import { isFinished, podAt } from '../model/snapshot.ts';
import type { NamespaceChunk, Node, Pod, Service, Snapshot } from '../model/snapshot.ts';

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
  | { readonly kind: 'service'; readonly service: ViewService };

/**
 * A snapshot laid out for evaluation: pods of all namespaces in one sequence, nodes (those that only
 * pods mention included), and who owns which address.
 */
export interface ModelView {
  readonly snapshot: Snapshot;
  /** Sorted by name in code units. */
  readonly namespaces: readonly NamespaceChunk[];
  /** Pods of namespace `i` are the ordinals from `podStart[i]` to before `podStart[i + 1]`. */
  readonly podStart: readonly number[];
  readonly podCount: number;
  readonly nodes: readonly ViewNode[];
  pod(ordinal: PodOrdinal): Pod;
  namespaceOf(ordinal: PodOrdinal): NamespaceChunk;
  /** Node the pod runs on; undefined when not known. */
  nodeOf(ordinal: PodOrdinal): NodeOrdinal | undefined;
  /** Parsed addresses of the pod. */
  addressesOf(ordinal: PodOrdinal): readonly Address[];
  /** The pod `name` of `namespace`. */
  findPod(namespace: string, name: string): PodOrdinal | undefined;
  findNode(name: string): NodeOrdinal | undefined;
  findService(namespace: string, name: string): ViewService | undefined;
  ownerOf(address: Address): AddressOwner | undefined;
  /** Every address that a pod, node or Service owns. */
  ownedAddresses(): Iterable<readonly [Address, AddressOwner]>;
}

/**
 * Lays out `snapshot`.
 *
 * A node owns its addresses before any pod does; hostNetwork and finished pods own none (their
 * addresses are the node's, or may have been reused). Of two pods that claim one address the ready,
 * running one keeps it.
 *
 * @see semantics 5.2, "Ownership"
 */
export function buildModelView(snapshot: Snapshot): ModelView {
  const namespaces = [...snapshot.namespaces.values()];
  const podStart = [0];
  for (const chunk of namespaces) podStart.push((podStart.at(-1) ?? 0) + chunk.pods.name.length);
  const podCount = podStart.at(-1) ?? 0;
  const pods: Pod[] = [];
  const podNamespace: NamespaceChunk[] = [];
  const podByName = new Map<string, PodOrdinal>();
  const services = new Map<string, ViewService>();
  for (const chunk of namespaces) {
    for (let row = 0; row < chunk.pods.name.length; row += 1) {
      const pod = podAt(chunk, row);
      podByName.set(`${chunk.name}/${pod.name}`, pods.length as PodOrdinal);
      pods.push(pod);
      podNamespace.push(chunk);
    }
    for (const service of chunk.services) {
      services.set(`${chunk.name}/${service.name}`, { namespace: chunk, service });
    }
  }
  const nodes = collectNodes(snapshot, pods);
  const nodeByName = new Map(nodes.map(({ node }, i) => [node.name, i as NodeOrdinal]));
  const addresses = pods.map((pod) => parseAll(pod.addresses));
  const owners = collectOwners(nodes, pods, addresses, services);

  return {
    snapshot,
    namespaces,
    podStart,
    podCount,
    nodes,
    pod: (ordinal) => at(pods, ordinal),
    namespaceOf: (ordinal) => at(podNamespace, ordinal),
    nodeOf: (ordinal) => nodeByName.get(at(pods, ordinal).node),
    addressesOf: (ordinal) => at(addresses, ordinal),
    findPod: (namespace, name) => podByName.get(`${namespace}/${name}`),
    findNode: (name) => nodeByName.get(name),
    findService: (namespace, name) => services.get(`${namespace}/${name}`),
    ownerOf: (address) => owners.get(addressKey(address))?.[1],
    ownedAddresses: () => owners.values(),
  };
}

/** All pod ordinals of a view. */
export function* podOrdinals(view: ModelView): Iterable<PodOrdinal> {
  for (let i = 0; i < view.podCount; i += 1) yield i as PodOrdinal;
}

/** All node ordinals of a view. */
export function* nodeOrdinals(view: ModelView): Iterable<NodeOrdinal> {
  for (let i = 0; i < view.nodes.length; i += 1) yield i as NodeOrdinal;
}

function collectNodes(snapshot: Snapshot, pods: readonly Pod[]): ViewNode[] {
  const known = new Map<string, ViewNode>();
  for (const node of snapshot.cluster.nodes) {
    known.set(node.name, { node, synthetic: false, addresses: parseAll(node.addresses) });
  }
  const mentioned = new Map<string, Set<string>>();
  for (const pod of pods) {
    if (pod.node === '' || known.has(pod.node) || isFinished(pod.phase)) continue;
    const texts = mentioned.get(pod.node) ?? new Set();
    if (pod.hostNetwork) for (const text of pod.addresses) texts.add(text);
    mentioned.set(pod.node, texts);
  }
  for (const [name, texts] of mentioned) {
    const node = {
      name,
      labels: new Map<string, string>(),
      addresses: [...texts].sort(),
      podCIDRs: [],
    };
    known.set(name, { node, synthetic: true, addresses: parseAll(node.addresses) });
  }
  return [...known.values()].sort((a, b) => (a.node.name < b.node.name ? -1 : 1));
}

function collectOwners(
  nodes: readonly ViewNode[],
  pods: readonly Pod[],
  addresses: readonly (readonly Address[])[],
  services: ReadonlyMap<string, ViewService>,
): ReadonlyMap<string, readonly [Address, AddressOwner]> {
  const owners = new Map<string, readonly [Address, AddressOwner]>();
  for (const [i, node] of nodes.entries()) {
    for (const address of node.addresses) {
      const owner: AddressOwner = { kind: 'node', node: i as NodeOrdinal };
      if (!owners.has(addressKey(address))) owners.set(addressKey(address), [address, owner]);
    }
  }
  const order = pods.map((_, i) => i).sort((a, b) => claim(at(pods, b)) - claim(at(pods, a)));
  for (const i of order) {
    const pod = at(pods, i);
    if (pod.hostNetwork || isFinished(pod.phase)) continue;
    for (const address of at(addresses, i)) {
      const owner: AddressOwner = { kind: 'pod', pod: i as PodOrdinal };
      if (!owners.has(addressKey(address))) owners.set(addressKey(address), [address, owner]);
    }
  }
  for (const service of services.values()) {
    const { clusterIPs, loadBalancerIPs, externalIPs } = service.service;
    for (const address of parseAll([...clusterIPs, ...loadBalancerIPs, ...externalIPs])) {
      const owner: AddressOwner = { kind: 'service', service };
      if (!owners.has(addressKey(address))) owners.set(addressKey(address), [address, owner]);
    }
  }
  return owners;
}

function claim(pod: Pod): number {
  return (pod.phase === 'RUNNING' ? 2 : 0) + (pod.ready ? 1 : 0);
}

function addressKey({ family, value }: Address): string {
  return `${family}:${value.toString(16)}`;
}

function parseAll(texts: readonly string[]): Address[] {
  return texts.flatMap((text) => parseAddress(text) ?? []);
}

function at<T>(list: readonly T[], i: number): T {
  const value = list[i];
  if (value === undefined) throw new RangeError(`no element ${i}`);
  return value;
}
