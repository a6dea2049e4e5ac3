import type { Faulty } from './collect.ts';
import type { EndpointsObject } from './kinds/endpoints.ts';
import type { ServiceObject } from './kinds/service.ts';
import { problemAt } from './problems.ts';
import type { Settled } from './versions.ts';
import type { Problem, Service } from '../model/snapshot.ts';

/** Endpoints as one EndpointSlice or Endpoints object lists them. */
export type SettledEndpoints = Settled<EndpointsObject & Faulty>;

/** Services and what says which endpoints they have, of the same namespaces. */
export interface ServiceParts {
  readonly services: readonly Settled<ServiceObject & Faulty>[];
  readonly slices: readonly SettledEndpoints[];
  readonly endpoints: readonly SettledEndpoints[];
}

/** A Service with the namespace it is in. */
export interface PlacedService {
  readonly namespace: string;
  readonly service: Service;
}

/**
 * Services with their endpoints: those of EndpointSlices, and of an Endpoints object only where a
 * Service has no slice (semantics R2.12). The order is that of `services`.
 */
export function attachEndpoints({ services, slices, endpoints }: ServiceParts): PlacedService[] {
  const slicesOf = groupByService(slices);
  const endpointsOf = groupByService(endpoints);
  return services.map((settled) => {
    const { ref, content, conflict } = settled;
    const { faulty, ...object } = content;
    const namespace = ref.namespace ?? '';
    const key = keyOf(namespace, ref.name);
    const sources = slicesOf.get(key) ?? endpointsOf.get(key) ?? [];
    const unsure = sources.some((source) => source.conflict || source.content.faulty);
    const service: Service = {
      ...object,
      name: ref.name,
      ...(ref.uid === undefined ? {} : { uid: ref.uid }),
      endpoints: sources.flatMap((source) => source.content.groups),
      conflict: conflict || faulty || unsure,
    };
    return { namespace, service };
  });
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
