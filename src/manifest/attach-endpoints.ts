import type { EndpointsObject } from './kinds/endpoints.ts';
import type { ServiceObject } from './kinds/service.ts';
import { problemAt } from './problems.ts';
import type { Faulty, Settled } from './versions.ts';
import type { Problem, Service } from '../model/snapshot.ts';

/** Endpoints as one EndpointSlice or Endpoints object lists them. */
export type SettledEndpoints = Settled<EndpointsObject & Faulty>;

/** Services and what says which endpoints they have, of the same namespaces. */
export interface ServiceParts {
  readonly services: readonly Settled<ServiceObject & Faulty>[];
  readonly slices: readonly SettledEndpoints[];
  readonly endpoints: readonly SettledEndpoints[];
}

/** Services with their endpoints, by namespace. */
export interface EndpointAttacher {
  readonly namespaces: Iterable<string>;
  /** Those of a namespace, in the order in which they were given; made anew each time. */
  readonly of: (namespace: string) => readonly Service[];
}

/**
 * Puts Services together with their endpoints: those of EndpointSlices, and of an Endpoints object
 * only where a Service has no slice (semantics R2.12).
 */
export function endpointAttacher({ services, slices, endpoints }: ServiceParts): EndpointAttacher {
  const slicesOf = groupByService(slices);
  const endpointsOf = groupByService(endpoints);
  const servicesOf = new Map<string, Settled<ServiceObject & Faulty>[]>();
  for (const service of services) {
    const { namespace = '' } = service.ref;
    const group = servicesOf.get(namespace);
    if (group === undefined) servicesOf.set(namespace, [service]);
    else group.push(service);
  }
  const attach = ({ ref, content, conflict }: Settled<ServiceObject & Faulty>): Service => {
    const { faulty, ...object } = content;
    const key = keyOf(ref.namespace ?? '', ref.name);
    const sources = slicesOf.get(key) ?? endpointsOf.get(key) ?? [];
    const unsure = sources.some((source) => source.conflict || source.content.faulty);
    return {
      ...object,
      name: ref.name,
      ...(ref.uid === undefined ? {} : { uid: ref.uid }),
      endpoints: sources.flatMap((source) => source.content.groups),
      conflict: conflict || faulty || unsure,
    };
  };
  return {
    namespaces: servicesOf.keys(),
    of: (namespace) => (servicesOf.get(namespace) ?? []).map(attach),
  };
}

/** A note for each EndpointSlice whose Service is not there, or that names none. */
export function strayEndpoints({ services, slices }: ServiceParts): Problem[] {
  const known = new Set(services.map(({ ref }) => keyOf(ref.namespace ?? '', ref.name)));
  return slices.flatMap((slice) => {
    const { namespace = '' } = slice.ref;
    const { service } = slice.content;
    if (service !== undefined && known.has(keyOf(namespace, service))) return [];
    const message =
      service === undefined
        ? 'it names no Service in the label `kubernetes.io/service-name`; it is not used'
        : `the Service \`${service}\` it belongs to is not in the snapshot; it is not used`;
    return [
      problemAt(slice, {
        severity: 'info',
        code: 'ENDPOINTS_WITHOUT_SERVICE',
        message,
        affectsVerdicts: false,
      }),
    ];
  });
}

function groupByService(objects: readonly SettledEndpoints[]): Map<string, SettledEndpoints[]> {
  const groups = new Map<string, SettledEndpoints[]>();
  for (const object of objects) {
    const { service } = object.content;
    if (service === undefined) continue;
    const key = keyOf(object.ref.namespace ?? '', service);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [object]);
    else group.push(object);
  }
  return groups;
}

function keyOf(namespace: string, service: string): string {
  return `${namespace}/${service}`;
}
