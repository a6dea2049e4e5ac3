import {
  addFault,
  child,
  flagOf,
  integerOf,
  isAbsent,
  itemsOf,
  objectOf,
  textOf,
  wordOrEmptyOf,
} from '../fields.ts';
import type { Field } from '../fields.ts';
import { LastDecoded } from '../last-decoded.ts';
import type { KeepTree } from '../read-item.ts';
import { PORT_MAX, PORT_MIN, PROTOCOLS } from '../../model/connection-set.ts';
import type { Labels } from '../../model/selector.ts';
import type { ContainerPort, PodPhase } from '../../model/snapshot.ts';
import { addressesAt } from './addresses.ts';
import { METADATA } from './metadata.ts';
import type { Metadata, Owner } from './metadata.ts';

const PORTS: KeepTree = { name: true, containerPort: true, hostPort: true, protocol: true };

/** What is kept of a pod's spec, in a Pod as in a template: never images, arguments or variables. */
export const POD_SPEC_KEEP = {
  hostNetwork: true,
  nodeName: true,
  containers: { ports: PORTS },
  initContainers: { ports: PORTS, restartPolicy: true },
} as const satisfies KeepTree;

/** What is kept of a Pod. */
export const POD_KEEP: KeepTree = {
  metadata: METADATA,
  spec: POD_SPEC_KEEP,
  status: {
    podIP: true,
    podIPs: { ip: true },
    phase: true,
    conditions: { type: true, status: true },
  },
};

/** What a Pod and a pod template have in common. */
export interface PodSpec {
  readonly hostNetwork: boolean;
  readonly ports: readonly ContainerPort[];
}

/** A Pod object. */
export interface PodObject extends PodSpec {
  readonly labels: Labels;
  /** Empty string: not known. */
  readonly node: string;
  /** Canonical, at most one of each family. */
  readonly addresses: readonly string[];
  readonly phase: PodPhase;
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly owner: Owner | undefined;
}

const PHASES: Readonly<Record<string, PodPhase>> = {
  Pending: 'PENDING',
  Running: 'RUNNING',
  Succeeded: 'SUCCEEDED',
  Failed: 'FAILED',
  // The node does not answer; its pods may well go on (semantics R2.6).
  Unknown: 'RUNNING',
};

const lastReady = new LastDecoded<boolean>();

/** Decodes a Pod. */
export function decodePod(root: Field, { labels, terminating, owner }: Metadata): PodObject {
  const spec = child(root, 'spec');
  const status = child(root, 'status');
  const before = root.faults.length;
  const addresses = decodeAddresses(status);
  const unreadable = before < root.faults.length;
  const phase = decodePhase(child(status, 'phase'));
  const conditions = child(status, 'conditions');
  const finished = phase === 'SUCCEEDED' || phase === 'FAILED';
  const { hostNetwork, ports } = decodePodSpec(spec);
  return {
    hostNetwork,
    ports,
    labels,
    node: textOf(child(spec, 'nodeName')) ?? '',
    addresses,
    // A running pod without an address matches no block; one whose address is not readable might.
    phase: unreadable && !finished ? 'UNKNOWN' : phase,
    ready: lastReady.of([conditions], () => decodeReady(conditions)),
    terminating,
    owner,
  };
}

/**
 * Whether something stands where it should say if the pod has its node's addresses (R2.2); there is a fault
 * then. Either answer could be wrong: a node has no policies, and reaches the pods that are on it.
 */
export function isNetworkUnreadable(root: Field): boolean {
  const spec = child(root, 'spec');
  if (!isAbsent(spec) && objectOf(spec) === undefined) return true;
  const host = child(spec, 'hostNetwork');
  return !isAbsent(host) && flagOf(host) === undefined;
}

const lastPodSpec = new LastDecoded<PodSpec>();

/** Decodes what policies can ask of a pod's spec. */
export function decodePodSpec(spec: Field): PodSpec {
  const host = child(spec, 'hostNetwork');
  const containers = child(spec, 'containers');
  const initContainers = child(spec, 'initContainers');
  return lastPodSpec.of([host, containers, initContainers], () => {
    const hostNetwork = flagOf(host) ?? false;
    const ports = itemsOf(containers).flatMap((container) =>
      decodePorts(container, 'regular', hostNetwork),
    );
    for (const container of itemsOf(initContainers)) {
      const always = textOf(child(container, 'restartPolicy')) === 'Always';
      ports.push(...decodePorts(container, always ? 'sidecar' : 'init', hostNetwork));
    }
    return { hostNetwork, ports };
  });
}

function decodePorts(
  container: Field,
  kind: ContainerPort['container'],
  hostNetwork: boolean,
): ContainerPort[] {
  return itemsOf(child(container, 'ports')).flatMap((item) => {
    const name = textOf(child(item, 'name'));
    const port = portAt(child(item, 'containerPort'));
    const protocol = wordOrEmptyOf(child(item, 'protocol'), PROTOCOLS);
    const declared = integerOf(child(item, 'hostPort')) ?? 0;
    if (port === undefined) return [];
    const hostPort = hostNetwork ? port : declared;
    return [
      {
        ...(name === undefined || name === '' ? {} : { name }),
        protocol: protocol ?? 'TCP',
        port,
        container: kind,
        ...(hostPort === 0 ? {} : { hostPort }),
      },
    ];
  });
}

/** The port number at `field`; undefined with a fault when it is missing or out of range. */
export function portAt(field: Field): number | undefined {
  const port = integerOf(field);
  if (port !== undefined && PORT_MIN <= port && port <= PORT_MAX) return port;
  if (port !== undefined) addFault(field, `\`${port}\` is not a port from 1 to 65535`);
  else if (isAbsent(field)) addFault(field, 'the port number is missing');
  return undefined;
}

function decodeAddresses(status: Field): string[] {
  const listed = itemsOf(child(status, 'podIPs')).map((item) => child(item, 'ip'));
  const [only, ...others] = listed;
  if (only !== undefined && others.length === 0) return addressesAt([only]);
  const all = addressesAt(listed.length === 0 ? [child(status, 'podIP')] : listed);
  const ipv4 = all.find((text) => !text.includes(':'));
  const ipv6 = all.find((text) => text.includes(':'));
  return [ipv4, ipv6].flatMap((text) => text ?? []);
}

function decodePhase(field: Field): PodPhase {
  const text = textOf(field);
  if (text === undefined || text === '') return 'UNKNOWN';
  const phase = Object.hasOwn(PHASES, text) ? PHASES[text] : undefined;
  if (phase === undefined) addFault(field, `\`${text}\` is not the phase of a pod`);
  return phase ?? 'UNKNOWN';
}

function decodeReady(conditions: Field): boolean {
  const ready = itemsOf(conditions).find((item) => textOf(child(item, 'type')) === 'Ready');
  return ready === undefined || textOf(child(ready, 'status')) === 'True';
}
