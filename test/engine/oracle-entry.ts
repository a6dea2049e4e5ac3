/** How a client from outside meets the endpoints of a Service: the oracle's reading of R2.13. */
import type { KubeObject } from '../support/kube-objects.ts';
import { nodeNames, parseNet, sideOfNode } from './oracle-world.ts';
import type { Side, World } from './oracle-world.ts';

/**
 * Everybody that a client may look like to an endpoint: itself, or, where the packet may be passed on by
 * another node, every node.
 */
export function arrivals(
  world: World,
  service: KubeObject,
  client: Side,
  endpoint: Side,
): readonly Side[] {
  if (client.kind !== 'external' || !isPassedOn(service)) return [client];
  const { externalSource = 'conditional' } = world.options ?? {};
  if (externalSource === 'client') return [client];
  const known = nodeNames(world).map((name) => sideOfNode(world, name));
  // R2.4: where the pod runs is not known, so the packet may come from a node that nobody names.
  const some: Side = { kind: 'node', addresses: [] };
  const nodes = endpoint.pod?.spec?.nodeName === undefined ? [...known, some] : known;
  if (externalSource === 'node' && nodes.length !== 0) return nodes;
  return [client, ...nodes];
}

/** Whether the load balancer of a Service turns the client away before any policy is asked. */
export function isTurnedAway({ spec }: KubeObject, client: Side): boolean {
  const { type, loadBalancerSourceRanges: ranges = [] } = spec ?? {};
  if (client.kind !== 'external' || type !== 'LoadBalancer' || ranges.length === 0) return false;
  return !ranges
    .map(parseNet)
    .some(({ family, first, last }) =>
      client.addresses.some((ip) => ip.family === family && first <= ip.value && ip.value <= last),
    );
}

function isPassedOn({ spec }: KubeObject): boolean {
  const { type = 'ClusterIP', externalTrafficPolicy = 'Cluster', externalIPs = [] } = spec ?? {};
  const letsIn = type === 'NodePort' || type === 'LoadBalancer' || externalIPs.length !== 0;
  return letsIn && externalTrafficPolicy === 'Cluster';
}
