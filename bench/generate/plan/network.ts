/** Pods that run on a node, at most; the host numbers of a /24 less those that are reserved. */
const FIRST_HOST = 12;

/** Where the addresses of a cluster come from. */
export interface Network {
  readonly nodes: number;
  readonly pods: number;
}

/** Nodes of a cluster of `pods`. */
export function nodeCount(pods: number): number {
  return Math.max(3, Math.round(pods / 60));
}

/** Name of node `node`. */
export function nodeName(node: number): string {
  return `node-${String(node).padStart(5, '0')}`;
}

/** The node's own address. */
export function nodeAddress(node: number): string {
  return `192.168.${node >> 8}.${node & 255}`;
}

/** The addresses of pods on the node. */
export function nodePodCidrs(node: number): readonly [ipv4: string, ipv6: string] {
  return [`10.${node >> 8}.${node & 255}.0/24`, `fd00:10:${(node + 1).toString(16)}::/64`];
}

/**
 * The node of an ordinary pod, by its ordinal: neighbours are spread as a scheduler does, and every
 * node has nearly as many.
 */
export function nodeOfPod(network: Network, ordinal: number): number {
  const round = Math.floor(ordinal / network.nodes);
  return (ordinal + round * 31) % network.nodes;
}

/** The address of an ordinary pod on its node, in both families. */
export function podAddresses(
  network: Network,
  ordinal: number,
): readonly [ipv4: string, ipv6: string] {
  return addressesOn(nodeOfPod(network, ordinal), FIRST_HOST + Math.floor(ordinal / network.nodes));
}

/** The address of the pod that DaemonSet `slot` of the platform runs on a node, in both families. */
export function daemonAddresses(node: number, slot: number): readonly [ipv4: string, ipv6: string] {
  return addressesOn(node, 2 + slot);
}

/** The address of a Service, by its ordinal, in both families. */
export function serviceAddresses(ordinal: number): readonly [ipv4: string, ipv6: string] {
  const at = ordinal + 10;
  const ipv4 = `172.${16 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}`;
  const high = at >> 16 === 0 ? '' : `${(at >> 16).toString(16)}:`;
  return [ipv4, `fd00:20::${high}${(at & 0xffff).toString(16)}`];
}

function addressesOn(node: number, host: number): readonly [ipv4: string, ipv6: string] {
  if (254 < host) throw new RangeError('a node has no address left');
  return [
    `10.${node >> 8}.${node & 255}.${host}`,
    `fd00:10:${(node + 1).toString(16)}::${host.toString(16)}`,
  ];
}
