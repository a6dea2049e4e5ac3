import { parseAddress } from '../../model/address.ts';
import type { Address, Family } from '../../model/address.ts';
import { isFinished } from '../../model/snapshot.ts';
import type { EndpointGroup, Service, ServicePort } from '../../model/snapshot.ts';
import type { ModelView, PodOrdinal, ViewService } from '../model-view.ts';
import { namedPorts } from '../named-ports.ts';
import type { EngineOptions } from '../options.ts';
import { podsOfNamespace } from './namespace-pods.ts';

/** The options that say which endpoints there are. */
export type EndpointOptions = Pick<EngineOptions, 'namedPortContainers' | 'notReadyEndpoints'>;

/** Something a Service sends connections to: a pod, or an address that no pod of the snapshot owns. */
export interface ServiceMember {
  readonly pod?: PodOrdinal;
  /** Only without `pod`: an address outside the cluster, or a node's. */
  readonly address?: Address;
  /** Families of the addresses listed for it; absent where the pod was found by its labels. */
  readonly families?: readonly Family[];
}

/** An endpoint of one Service port. */
export interface ServiceEndpoint extends ServiceMember {
  /** Where the connection arrives; several when the slices list several, never empty. */
  readonly targetPorts: readonly number[];
}

/** One port of a Service and where it leads. */
export interface ServicePortEndpoints {
  readonly port: ServicePort;
  readonly endpoints: readonly ServiceEndpoint[];
  /** No endpoint was ready, so those are taken that still serve while they terminate (R2.12). */
  readonly usedFallback?: 'terminating';
}

/** Where a Service leads (semantics R2.9 to R2.13). */
export interface ServiceEndpoints {
  /**
   * Whether ports are translated. False for a headless Service: any port can be asked, it is the
   * pod's own, and `members` are its endpoints on every port.
   */
  readonly translates: boolean;
  /** One entry per Service port, in its order; of a headless Service too, with the pods' own ports. */
  readonly ports: readonly ServicePortEndpoints[];
  /** Every endpoint whatever the port: what the Service means as a source. Pods ascending, first. */
  readonly members: readonly ServiceMember[];
  /** Some port, or all `members` of a headless Service, are there by fallback. */
  readonly usedFallback?: 'terminating';
  /** No port leads anywhere. */
  readonly reason?: 'NO_ENDPOINTS';
}

interface Candidate extends ServiceMember {
  readonly ready: boolean;
  readonly draining: boolean;
  portsFor(port: ServicePort): readonly number[];
}

interface Chosen {
  readonly candidates: readonly Candidate[];
  readonly usedFallback?: 'terminating';
}

/**
 * The endpoints of a Service: those its EndpointSlices (or Endpoints) list; without any, the pods
 * its selector matches. An ExternalName Service has none: it is a DNS alias.
 *
 * @see semantics R2.9 to R2.13
 */
export function endpointsOf(
  view: ModelView,
  target: ViewService,
  options: EndpointOptions,
): ServiceEndpoints {
  const { service } = target;
  const candidates = candidatesOf(view, target, options);
  const everyone = choose(candidates, options);
  const members = mergeMembers(everyone.candidates);
  const ports = service.ports.map((port): ServicePortEndpoints => {
    if (service.headless) {
      const targetPorts = [port.port];
      return { port, endpoints: members.map((member) => ({ ...member, targetPorts })) };
    }
    const { candidates: chosen, ...fallback } = choose(
      candidates.filter((candidate) => candidate.portsFor(port).length !== 0),
      options,
    );
    return { port, endpoints: mergeEndpoints(chosen, port), ...fallback };
  });
  const fellBack = service.headless
    ? everyone.usedFallback !== undefined
    : ports.some(({ usedFallback }) => usedFallback !== undefined);
  const reached = service.headless
    ? members.length !== 0
    : ports.some(({ endpoints }) => endpoints.length !== 0);
  return {
    translates: !service.headless,
    ports,
    members,
    ...(fellBack ? { usedFallback: 'terminating' } : {}),
    ...(reached ? {} : { reason: 'NO_ENDPOINTS' }),
  };
}

/**
 * The unfinished pods a Service stands for, readiness ignored: what decides whether it and a
 * workload of the same name are the same thing (contract 2). Undefined for an ExternalName Service.
 */
export function podsBehind(view: ModelView, target: ViewService): PodOrdinal[] | undefined {
  const { service } = target;
  if (service.type === 'ExternalName') return undefined;
  if (service.selector !== undefined) return selectedPods(view, target);
  const pods = listedCandidates(view, target).flatMap(({ pod }) => pod ?? []);
  return [...new Set(pods)].sort((a, b) => a - b);
}

function candidatesOf(
  view: ModelView,
  target: ViewService,
  options: EndpointOptions,
): readonly Candidate[] {
  const { service } = target;
  if (service.type === 'ExternalName') return [];
  if (service.endpoints.length !== 0) return listedCandidates(view, target);
  const families = servedFamilies(service);
  return selectedPods(view, target).flatMap((ordinal): Candidate[] => {
    const pod = view.pod(ordinal);
    // A pod of a manifest has no address yet; one of a running cluster without any is no endpoint.
    const placed = pod.template || pod.phase === 'UNKNOWN' || pod.addresses.length !== 0;
    if (!placed) return [];
    return [
      {
        pod: ordinal,
        ...(families === undefined ? {} : { families }),
        ready: pod.ready || service.publishNotReadyAddresses,
        draining: false,
        portsFor: ({ targetPort, protocol }) =>
          typeof targetPort === 'number'
            ? [targetPort]
            : // The first declaration is the one that Kubernetes writes into the slice.
              namedPorts(pod, targetPort, protocol, options).slice(0, 1),
      },
    ];
  });
}

/** A Service with addresses of its own has endpoints in their families only; undefined: any. */
function servedFamilies({ headless, clusterIPs }: Service): readonly Family[] | undefined {
  const own = familiesOf(clusterIPs.flatMap((text) => parseAddress(text) ?? []));
  return headless || own.length === 0 ? undefined : own;
}

function selectedPods(view: ModelView, { namespace, service }: ViewService): PodOrdinal[] {
  // An empty selector is no selector: nothing fills in the endpoints.
  const selector = [...(service.selector ?? [])];
  if (selector.length === 0) return [];
  return podsOfNamespace(view, namespace.name).filter((ordinal) => {
    const { labels, phase } = view.pod(ordinal);
    return !isFinished(phase) && selector.every(([key, value]) => labels.get(key) === value);
  });
}

function listedCandidates(view: ModelView, { service }: ViewService): Candidate[] {
  // Slices mirror Endpoints objects: where both are there, the slices are what proxies read.
  const slices = service.endpoints.filter(({ source }) => source === 'EndpointSlice');
  const groups = slices.length === 0 ? service.endpoints : slices;
  return groups.flatMap((group) => {
    const portsFor = (port: ServicePort): number[] => listedPorts(group, port);
    return group.endpoints.flatMap(({ addresses, pod: name, ready, serving, terminating }) => {
      const state = { ready, draining: serving && terminating, portsFor };
      return membersOf(view, addresses, name).map((member): Candidate => ({ ...member, ...state }));
    });
  });
}

function listedPorts(group: EndpointGroup, { name, protocol, port }: ServicePort): number[] {
  return group.ports
    .filter((listed) => (listed.name ?? '') === (name ?? '') && listed.protocol === protocol)
    .map((listed) => listed.port ?? port);
}

function membersOf(
  view: ModelView,
  texts: readonly string[],
  podName: string | undefined,
): ServiceMember[] {
  const addresses = texts.flatMap((text) => parseAddress(text) ?? []);
  const [namespace = '', name = ''] = podName?.split('/') ?? [];
  const named = podName === undefined ? undefined : view.findPod(namespace, name);
  if (named !== undefined) {
    if (isFinished(view.pod(named).phase)) return [];
    return [{ pod: named, families: familiesOf(addresses) }];
  }
  // The addresses of one endpoint are interchangeable; proxies use the first.
  return addresses.slice(0, 1).map((address): ServiceMember => {
    const owner = view.ownerOf(address);
    return owner?.kind === 'pod'
      ? { pod: owner.pod, families: [address.family] }
      : { address, families: [address.family] };
  });
}

function choose(candidates: readonly Candidate[], options: EndpointOptions): Chosen {
  if (options.notReadyEndpoints === 'include') return { candidates };
  const ready = candidates.filter((candidate) => candidate.ready);
  if (ready.length !== 0) return { candidates: ready };
  const draining = candidates.filter((candidate) => candidate.draining);
  if (draining.length === 0) return { candidates: [] };
  return { candidates: draining, usedFallback: 'terminating' };
}

function mergeMembers(candidates: readonly ServiceMember[]): ServiceMember[] {
  const merged = new Map<string, ServiceMember>();
  for (const { pod, address, families } of candidates) {
    const key = memberKey({ pod, address });
    const known = merged.get(key);
    const all =
      families === undefined ? undefined : unionOf(known?.families ?? [], families).sort();
    merged.set(key, {
      ...(pod === undefined ? {} : { pod }),
      ...(address === undefined ? {} : { address }),
      ...(all === undefined ? {} : { families: all }),
    });
  }
  return [...merged.values()].sort(compareMembers);
}

function mergeEndpoints(candidates: readonly Candidate[], port: ServicePort): ServiceEndpoint[] {
  const targets = new Map<string, readonly number[]>();
  for (const candidate of candidates) {
    const key = memberKey(candidate);
    targets.set(key, unionOf(targets.get(key) ?? [], candidate.portsFor(port)));
  }
  return mergeMembers(candidates).map((member) => ({
    ...member,
    targetPorts: [...(targets.get(memberKey(member)) ?? [])].sort((a, b) => a - b),
  }));
}

function memberKey({
  pod,
  address,
}: {
  readonly pod?: PodOrdinal | undefined;
  readonly address?: Address | undefined;
}): string {
  return pod === undefined ? `${address?.family ?? 0}:${address?.value ?? 0n}` : `pod:${pod}`;
}

function compareMembers(a: ServiceMember, b: ServiceMember): number {
  const first = (a.pod ?? Infinity) - (b.pod ?? Infinity);
  if (!Number.isNaN(first)) return first;
  const keys = [memberKey(a), memberKey(b)] as const;
  return keys[0] < keys[1] ? -1 : 1;
}

function familiesOf(addresses: readonly Address[]): Family[] {
  return unionOf(
    addresses.map(({ family }) => family),
    [],
  ).sort();
}

function unionOf<T>(a: readonly T[], b: readonly T[]): T[] {
  return [...new Set([...a, ...b])];
}
