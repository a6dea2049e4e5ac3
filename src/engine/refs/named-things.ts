import type { Peer } from '../../model/peer.ts';
import type { Directory } from '../directory.ts';
import type { PodOrdinal, ViewService } from '../model-view.ts';
import { unfinished } from './namespace-pods.ts';
import { podsBehind } from './service-endpoints.ts';
import { builtInType, isOfType } from './workload-types.ts';

/** A workload, pod or Service of a namespace, found by its name. */
export interface NamedThing {
  readonly kind: 'workload' | 'pod' | 'service';
  readonly peer: Peer;
  /**
   * Unfinished pods it stands for, readiness ignored, ascending; undefined where it stands for
   * something else altogether (a DNS alias).
   */
  readonly pods: readonly PodOrdinal[] | undefined;
  /** Like `pods`, but finished ones where there are no others. */
  readonly members: readonly PodOrdinal[];
  readonly service?: ViewService;
}

/** Everything called `name` in `namespace`: workloads, then the pod, then the Service. */
export function thingsNamed(directory: Directory, namespace: string, name: string): NamedThing[] {
  return [
    ...workloadsNamed(directory, namespace, name, () => true),
    ...podNamed(directory, namespace, name),
    ...serviceNamed(directory, namespace, name),
  ];
}

/**
 * Names of the namespaces in which something is called `name`. Only lists of names are looked at, so
 * that asking for a name in every namespace of a large cluster takes milliseconds.
 */
export function namespacesWith({ view }: Directory, name: string): string[] {
  return view.namespaces
    .filter(
      (chunk) =>
        chunk.workloads.some((one) => one.name === name) ||
        view.findPod(chunk.name, name) !== undefined ||
        view.findService(chunk.name, name) !== undefined,
    )
    .map((chunk) => chunk.name);
}

/** What `namespace/type/name` can mean; several only where API groups share a kind. */
export function thingsOfType(
  directory: Directory,
  { namespace, type, name }: { namespace: string; type: string; name: string },
): NamedThing[] {
  const builtIn = builtInType(type);
  if (builtIn === 'pod') return podNamed(directory, namespace, name);
  if (builtIn === 'service') return serviceNamed(directory, namespace, name);
  const workloads = directory.view.snapshot.namespaces.get(namespace)?.workloads ?? [];
  return workloadsNamed(directory, namespace, name, (i) => {
    const workload = workloads[i];
    return workload !== undefined && isOfType(workload, type);
  });
}

/**
 * Whether `things` are several names for the same pods (contract 2). Two workloads never are: a
 * pod has one owner, so they could only agree in having none.
 */
export function standForSamePods(things: readonly NamedThing[]): boolean {
  const [first, ...rest] = things;
  if (first?.pods === undefined) return false;
  if (1 < things.filter(({ kind }) => kind === 'workload').length) return false;
  const pods = first.pods.join();
  return rest.every((thing) => thing.pods?.join() === pods);
}

function workloadsNamed(
  directory: Directory,
  namespace: string,
  name: string,
  wanted: (workload: number) => boolean,
): NamedThing[] {
  const byKey = new Map<string, { peer: Peer; pods: PodOrdinal[] }>();
  for (const i of directory.workloadsNamed(namespace, name).filter(wanted)) {
    // One owner seen with two API versions is one owner.
    const peer = directory.workloadPeer(namespace, i);
    const known = byKey.get(peer.key) ?? { peer, pods: [] };
    known.pods.push(...directory.podsOfWorkload(namespace, i));
    byKey.set(peer.key, known);
  }
  return [...byKey.values()].map(({ peer, pods }): NamedThing => {
    const sorted = pods.sort((a, b) => a - b);
    const running = unfinished(directory.view, sorted);
    const members = running.length === 0 ? sorted : running;
    return { kind: 'workload', peer, pods: running, members };
  });
}

function podNamed(directory: Directory, namespace: string, name: string): NamedThing[] {
  const pod = directory.view.findPod(namespace, name);
  if (pod === undefined) return [];
  const pods = unfinished(directory.view, [pod]);
  return [{ kind: 'pod', peer: directory.podPeer(pod), pods, members: [pod] }];
}

function serviceNamed(directory: Directory, namespace: string, name: string): NamedThing[] {
  const service = directory.view.findService(namespace, name);
  if (service === undefined) return [];
  const pods = podsBehind(directory.view, service);
  const peer = directory.servicePeer(service);
  return [{ kind: 'service', peer, pods, members: pods ?? [], service }];
}
