/** Where a Service leads, one endpoint at a time: the oracle's reading of semantics 2.1. */
import type { KubeObject } from '../support/kube-objects.ts';
import {
  declaredPorts,
  isFinished,
  namespaceOf,
  podsOf,
  selects,
  sideOfAddress,
  sideOfPod,
} from './oracle-world.ts';
import type { Side, World } from './oracle-world.ts';

/** A destination behind a Service, with the port asked there. */
export interface Endpoint {
  readonly side: Side;
  readonly port: number;
  /** R2.8: a Service address of one family leads to endpoints in that family. */
  readonly family?: 4 | 6;
  /** R2.13: where policies may see the packet going instead, before its address is rewritten. */
  readonly before?: { readonly side: Side; readonly port: number };
}

/** R2.9-R2.13: the endpoints of `service` for one of its ports, or why there are none. */
export function serviceEndpoints(
  world: World,
  service: KubeObject,
  protocol: string,
  port: number,
): Endpoint[] | 'unresolved' | 'no-service-port' | 'no-endpoints' {
  const { clusterIP, ports = [], externalName } = service.spec ?? {};
  if (externalName !== undefined) return 'unresolved';
  const headless = clusterIP === 'None';
  const found = ports.find((one) => one.port === port && (one.protocol ?? 'TCP') === protocol);
  if (found === undefined && !headless) return 'no-service-port';
  const mapped = headless ? undefined : found;
  const slices = world.objects.filter(
    (object) =>
      object.kind === 'EndpointSlice' &&
      namespaceOf(object) === namespaceOf(service) &&
      object.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
  );
  const endpoints =
    slices.length === 0
      ? selectedPods(world, service, (pod) => {
          const target = mapped?.targetPort ?? port;
          if (typeof target === 'number') return [target];
          return declaredPorts(world, pod, target, protocol).slice(0, 1); // R2.11
        })
      : slicedEndpoints(
          world,
          service,
          slices,
          (slice) => {
            if (mapped === undefined) return [port];
            return (slice.ports ?? [])
              .filter((one) => (one.name ?? '') === (mapped.name ?? ''))
              .filter((one) => (one.protocol ?? 'TCP') === protocol)
              .map((one) => one.port ?? port);
          },
          port,
        );
  return endpoints.length === 0 ? 'no-endpoints' : endpoints;
}

/** R2.12 without slices: pods by the selector, unfinished, with an address, ready. */
function selectedPods(
  world: World,
  service: KubeObject,
  portsOn: (pod: KubeObject) => readonly number[],
): Endpoint[] {
  const { publishNotReadyAddresses = false } = service.spec ?? {};
  const matchLabels = selectorOf(service);
  if (matchLabels === undefined) return [];
  return podsOf(world)
    .filter((pod) => namespaceOf(pod) === namespaceOf(service) && !isFinished(pod))
    .filter((pod) => selects({ matchLabels }, pod.metadata.labels ?? {}))
    .filter(({ status }) => {
      const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status !== 'False';
      const placed = status?.phase === undefined || (status.podIP ?? status.podIPs) !== undefined;
      return placed && (ready || publishNotReadyAddresses);
    })
    .flatMap((pod) =>
      portsOn(pod).map((port) => ({ side: sideOfPod(world, pod), port, ...familyOf(service) })),
    );
}

function familyOf({ spec }: KubeObject): { family?: 4 | 6 } {
  const { clusterIP = 'None' } = spec ?? {};
  return clusterIP === 'None' ? {} : { family: clusterIP.includes(':') ? 6 : 4 };
}

/** R2.12 with slices; R2.13 for endpoints outside the cluster of a Service without selector. */
function slicedEndpoints(
  world: World,
  service: KubeObject,
  slices: readonly KubeObject[],
  portsOf: (slice: KubeObject) => readonly number[],
  port: number,
): Endpoint[] {
  const all = slices.flatMap((slice) => (slice.endpoints ?? []).map((one) => ({ slice, ...one })));
  const ready = all.filter(({ conditions }) => conditions?.ready !== false);
  const draining = all.filter(({ conditions: c }) => c?.serving === true && c.terminating === true);
  const virtual: Side =
    service.spec?.clusterIP === undefined
      ? { kind: 'external', addresses: [] }
      : sideOfAddress(world, service.spec.clusterIP);
  return (ready.length === 0 ? draining : ready).flatMap(({ slice, addresses }) =>
    portsOf(slice).map((number) => {
      const side = sideOfAddress(world, addresses[0] ?? '');
      const rewritten = selectorOf(service) === undefined && side.kind === 'external';
      return { side, port: number, ...(rewritten ? { before: { side: virtual, port } } : {}) };
    }),
  );
}

/** An empty selector is no selector: endpoints are managed by hand. */
function selectorOf({ spec }: KubeObject): Readonly<Record<string, string>> | undefined {
  const selector = spec?.selector as Readonly<Record<string, string>> | undefined;
  return Object.keys(selector ?? {}).length === 0 ? undefined : selector;
}
