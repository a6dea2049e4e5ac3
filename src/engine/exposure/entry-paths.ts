import { ALL_PORTS, NO_CONNECTIONS, connectionsOf, union } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { EntryKind } from '../../model/exposure.ts';
import type { ContainerPort, Service } from '../../model/snapshot.ts';
import { isFinished } from '../../model/snapshot.ts';
import type { PodOrdinal, ViewService } from '../model-view.ts';
import type { PortView } from '../queries/case-result.ts';
import { serviceTargets } from '../queries/service-targets.ts';
import type { ReachIndex } from '../reach-index.ts';

/** One thing that brings outside traffic to one pod (semantics 5.7, R2.13). */
export interface PodEntry {
  readonly kind: EntryKind;
  /** Absent for what the pod itself declares. */
  readonly service?: ViewService;
  /** Ports of the pod, and what is known of the clients that arrive there. */
  readonly ports: PortView;
}

/** Does not depend on the question. */
const ENTRIES = new WeakMap<ReachIndex, ReadonlyMap<PodOrdinal, readonly PodEntry[]>>();

/**
 * What in the snapshot brings traffic from outside to `pod`: Services of type NodePort and
 * LoadBalancer or with external addresses, host ports, and the host's network. Whether the address
 * of a pod itself can be routed to is not known and not claimed.
 */
export function entryPaths(index: ReachIndex, pod: PodOrdinal): readonly PodEntry[] {
  const known = ENTRIES.get(index) ?? collectEntries(index);
  ENTRIES.set(index, known);
  return known.get(pod) ?? [];
}

function collectEntries(index: ReachIndex): Map<PodOrdinal, PodEntry[]> {
  const entries = new Map<PodOrdinal, PodEntry[]>();
  const add = (pod: PodOrdinal, entry: PodEntry): void => {
    const list = entries.get(pod);
    if (list === undefined) entries.set(pod, [entry]);
    else list.push(entry);
  };
  for (const namespace of index.view.namespaces) {
    for (const service of namespace.services) {
      const kinds = kindsOf(service);
      if (kinds.length !== 0) addService(index, { namespace, service }, kinds, add);
    }
  }
  addPods(index, add);
  return entries;
}

/** A load balancer's nodes listen as well, and there nobody looks at its source ranges. */
function kindsOf({ type, headless, ports, externalIPs }: Service): EntryKind[] {
  if (headless || type === 'ExternalName') return [];
  const onNodes = type === 'NodePort' || ports.some(({ nodePort }) => nodePort !== undefined);
  return [
    ...(type === 'LoadBalancer' ? (['LOAD_BALANCER'] as const) : []),
    ...(onNodes ? (['NODE_PORT'] as const) : []),
    ...(externalIPs.length === 0 ? [] : (['EXTERNAL_IP'] as const)),
  ];
}

function addService(
  index: ReachIndex,
  service: ViewService,
  kinds: readonly EntryKind[],
  add: (pod: PodOrdinal, entry: PodEntry) => void,
): void {
  for (const { pods, ports } of serviceTargets(index, service, 'any').groups) {
    // Told in the pod's own ports, as what is permitted is.
    const { service: translated = [], clients, ...rest } = ports;
    const asked = translated.reduce<ConnectionSet>(
      (set, { targets }) => union(set, targets),
      NO_CONNECTIONS,
    );
    for (const kind of kinds) {
      const limited = kind === 'LOAD_BALANCER' && clients !== undefined ? { clients } : {};
      const entry = { kind, service, ports: { ...rest, asked, ...limited } };
      for (const pod of pods) add(pod, entry);
    }
  }
}

/** What pods declare themselves; only namespaces are read whose shapes declare anything. */
function addPods(index: ReachIndex, add: (pod: PodOrdinal, entry: PodEntry) => void): void {
  const { view } = index;
  for (const [i, { shapes, pods }] of view.namespaces.entries()) {
    const declared = shapes.map((shape) => ({
      ...(shape.hostNetwork ? { network: HOST_NETWORK } : {}),
      ...hostPorts(shape.ports),
    }));
    if (!declared.some(({ network, port }) => network !== undefined || port !== undefined)) {
      continue;
    }
    for (const [row, shape] of pods.shape.entries()) {
      const pod = ((view.podStart[i] ?? 0) + row) as PodOrdinal;
      if (isFinished(view.pod(pod).phase)) continue;
      const { network, port } = declared[shape] ?? {};
      if (network !== undefined) add(pod, network);
      else if (port !== undefined) add(pod, port);
    }
  }
}

const HOST_NETWORK: PodEntry = {
  kind: 'HOST_NETWORK',
  ports: { asked: ALL_PORTS, viaService: false },
};

/** The client's address may be rewritten to that of the node on the way (semantics R2.13). */
function hostPorts(ports: readonly ContainerPort[]): { port?: PodEntry } {
  const mapped = ports.filter(
    ({ hostPort, container }) => hostPort !== undefined && container !== 'init',
  );
  if (mapped.length === 0) return {};
  const asked = connectionsOf(
    mapped.map(({ protocol, port }) => ({ protocol, from: port, to: port })),
  );
  return { port: { kind: 'HOST_PORT', ports: { asked, viaService: true, masquerade: true } } };
}
