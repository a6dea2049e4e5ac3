import { addFault, child, flagOf, integerOf, isAbsent, itemsOf, textMapOf } from '../fields.ts';
import { textOf, wordOrEmptyOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import type { KeepTree } from '../read-item.ts';
import { PORT_MAX, PORT_MIN, PROTOCOLS } from '../../model/connection-set.ts';
import type { Service, ServicePort } from '../../model/snapshot.ts';
import { addressesAt, cidrsAt } from './addresses.ts';
import { METADATA } from './metadata.ts';
import { portAt } from './pod.ts';

const TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] as const;
const TRAFFIC_POLICIES = ['Cluster', 'Local'] as const;

/** What is kept of a Service. */
export const SERVICE_KEEP: KeepTree = {
  metadata: METADATA,
  spec: {
    type: true,
    clusterIP: true,
    clusterIPs: true,
    selector: true,
    ports: { name: true, protocol: true, port: true, targetPort: true, nodePort: true },
    externalIPs: true,
    loadBalancerSourceRanges: true,
    externalName: true,
    externalTrafficPolicy: true,
    internalTrafficPolicy: true,
    publishNotReadyAddresses: true,
  },
  status: { loadBalancer: { ingress: { ip: true } } },
};

/** A Service object; its endpoints come from other objects. */
export type ServiceObject = Omit<Service, 'name' | 'uid' | 'endpoints' | 'conflict'>;

/** Decodes a Service, with the defaults of the API server (semantics R1.65). */
export function decodeService(root: Field): ServiceObject {
  const spec = child(root, 'spec');
  const type = wordOrEmptyOf(child(spec, 'type'), TYPES) ?? 'ClusterIP';
  const addresses = clusterAddresses(spec);
  const headless = addresses.some(({ value }) => value === 'None');
  const selector = textMapOf(child(spec, 'selector'));
  const externalName = textOf(child(spec, 'externalName'));
  const balancer = child(child(root, 'status'), 'loadBalancer');
  return {
    type,
    headless,
    ...(selector.size === 0 || type === 'ExternalName' ? {} : { selector }),
    ports: itemsOf(child(spec, 'ports')).flatMap((item) => decodePort(item) ?? []),
    clusterIPs: headless ? [] : addressesAt(addresses),
    externalIPs: addressesAt(itemsOf(child(spec, 'externalIPs'))).sort(),
    loadBalancerIPs: addressesAt(
      itemsOf(child(balancer, 'ingress')).map((item) => child(item, 'ip')),
    ).sort(),
    loadBalancerSourceRanges: cidrsAt(itemsOf(child(spec, 'loadBalancerSourceRanges'))),
    ...(externalName === undefined || externalName === '' ? {} : { externalName }),
    externalTrafficPolicy:
      wordOrEmptyOf(child(spec, 'externalTrafficPolicy'), TRAFFIC_POLICIES) ?? 'Cluster',
    internalTrafficPolicy:
      wordOrEmptyOf(child(spec, 'internalTrafficPolicy'), TRAFFIC_POLICIES) ?? 'Cluster',
    publishNotReadyAddresses: flagOf(child(spec, 'publishNotReadyAddresses')) ?? false,
  };
}

function clusterAddresses(spec: Field): readonly Field[] {
  const many = itemsOf(child(spec, 'clusterIPs'));
  return many.length === 0 ? [child(spec, 'clusterIP')] : many;
}

function decodePort(item: Field): ServicePort | undefined {
  const name = textOf(child(item, 'name'));
  const protocol = wordOrEmptyOf(child(item, 'protocol'), PROTOCOLS) ?? 'TCP';
  const port = portAt(child(item, 'port'));
  const nodePort = integerOf(child(item, 'nodePort')) ?? 0;
  if (port === undefined) return undefined;
  return {
    ...(name === undefined || name === '' ? {} : { name }),
    protocol,
    port,
    targetPort: decodeTargetPort(child(item, 'targetPort')) ?? port,
    ...(nodePort === 0 ? {} : { nodePort }),
  };
}

/** Undefined: not given, which means the Service's own port. */
function decodeTargetPort(field: Field): number | string | undefined {
  const { value } = field;
  if (isAbsent(field) || value === 0 || value === '') return undefined;
  if (typeof value !== 'number') {
    const text = textOf(field);
    // A number in quotes is a number here, unlike in a NetworkPolicy: no port name is all digits.
    return text !== undefined && /^\d{1,5}$/.test(text) ? inRange(field, Number(text)) : text;
  }
  const number = integerOf(field);
  return number === undefined ? undefined : inRange(field, number);
}

function inRange(field: Field, port: number): number | undefined {
  if (PORT_MIN <= port && port <= PORT_MAX) return port;
  addFault(field, `\`${port}\` is not a port from 1 to 65535`);
  return undefined;
}
