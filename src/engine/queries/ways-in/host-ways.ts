import { ALL_PORTS, connectionsOf } from '../../../model/connection-set.ts';
import type { NamespaceChunk, ContainerPort } from '../../../model/snapshot.ts';
import type { PodOrdinal } from '../../model-view.ts';
import type { ReachIndex } from '../../reach-index.ts';
import { podsOfNamespace, unfinished } from '../../refs/namespace-pods.ts';
import type { PortView } from '../case-result.ts';
import { groupByParty } from '../ends.ts';
import { membersOf } from './backend.ts';
import type { WayDraft } from './way.ts';

/** Pods of one workload that are reached on the same port of their nodes. */
interface HostPort {
  readonly pods: PodOrdinal[];
  /** Absent: a pod on the network of its node that declares no port. */
  readonly port?: ContainerPort;
  readonly hostNetwork: boolean;
}

/**
 * The ways in through ports of nodes: `hostPort`, and pods on the network of their node, which no
 * policy can close (semantics R2.2). One for each workload and port.
 */
export function hostWays(index: ReachIndex, chunk: NamespaceChunk): WayDraft[] {
  const { view, directory } = index;
  // Pods of one template share their shape, and few have such ports.
  if (!chunk.shapes.some((shape) => shape.hostNetwork || shape.ports.some(isHostPort))) return [];
  const ways = new Map<string, HostPort>();
  for (const pod of unfinished(view, podsOfNamespace(view, chunk.name))) {
    const { ports, hostNetwork } = view.pod(pod);
    const open = ports.filter(isHostPort);
    const listed = open.length === 0 && hostNetwork ? [undefined] : open;
    for (const port of listed) {
      const { key } = directory.groupOfPod(pod, 'WORKLOAD');
      const id = JSON.stringify([key, hostNetwork, port?.protocol, port?.hostPort, port?.port]);
      const known = ways.get(id);
      if (known === undefined) {
        ways.set(id, { pods: [pod], hostNetwork, ...(port === undefined ? {} : { port }) });
      } else {
        known.pods.push(pod);
      }
    }
  }
  return [...ways.values()].map((way) => wayOf(index, way));
}

function isHostPort({ hostPort, container }: ContainerPort): boolean {
  return hostPort !== undefined && container !== 'init';
}

function wayOf(index: ReachIndex, { pods, port, hostNetwork }: HostPort): WayDraft {
  const [first] = pods;
  if (first === undefined) throw new RangeError('a host port has a pod');
  const peer = index.directory.groupOfPod(first, 'WORKLOAD').peer();
  const { kind, namespace = '', name = '' } = peer;
  const hostPort = port?.hostPort ?? null;
  const asked =
    port === undefined
      ? ALL_PORTS
      : connectionsOf([{ protocol: port.protocol, from: port.port, to: port.port }]);
  const ports: PortView = {
    asked,
    // The client's address may be rewritten to that of the node on the way (semantics R2.13).
    ...(hostNetwork ? { viaService: false } : { viaService: true, masquerade: true }),
    ...(hostPort === null || port === undefined
      ? {}
      : {
          service: [
            { port: { protocol: port.protocol, from: hostPort, to: hostPort }, targets: asked },
          ],
        }),
  };
  const groups = groupByParty(index, { pods, nodes: [], ranges: [] }).map((group) => ({
    ...group,
    ports,
  }));
  return {
    via: {
      type: hostNetwork ? 'HOST_NETWORK' : 'HOST_PORT',
      kind,
      namespace,
      name,
      port: hostPort,
      protocol: port?.protocol ?? 'TCP',
    },
    addresses: [],
    backend: {
      name: { kind, namespace, name, ...(port === undefined ? {} : { port: port.port }) },
      peer,
      ...membersOf(groups),
    },
    doubts: [],
    notes: [],
  };
}
