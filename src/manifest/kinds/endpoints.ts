import { addFault, child, flagOf, integerOf, itemsOf, textOf, wordOrEmptyOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import type { KeepTree } from '../read-item.ts';
import { PROTOCOLS } from '../../model/connection-set.ts';
import type { EndpointGroup } from '../../model/snapshot.ts';
import { addressesAt } from './addresses.ts';
import { METADATA } from './metadata.ts';
import type { Metadata } from './metadata.ts';

type Endpoint = EndpointGroup['endpoints'][number];
type EndpointPort = EndpointGroup['ports'][number];

/** The label by which an EndpointSlice names its Service. */
const SERVICE_NAME = 'kubernetes.io/service-name';
/** Where EndpointSlices of `v1beta1` name the node. */
const HOST_NAME = 'kubernetes.io/hostname';

const TARGET: KeepTree = { kind: true, namespace: true, name: true };
const PORTS: KeepTree = { name: true, protocol: true, port: true };
const ADDRESSES: KeepTree = { ip: true, nodeName: true, targetRef: TARGET };

/** What is kept of an EndpointSlice. */
export const ENDPOINT_SLICE_KEEP: KeepTree = {
  metadata: METADATA,
  addressType: true,
  endpoints: {
    addresses: true,
    conditions: { ready: true, serving: true, terminating: true },
    targetRef: TARGET,
    nodeName: true,
    topology: { [HOST_NAME]: true },
  },
  ports: PORTS,
};

/** What is kept of an Endpoints object. */
export const ENDPOINTS_KEEP: KeepTree = {
  metadata: METADATA,
  subsets: { addresses: ADDRESSES, notReadyAddresses: ADDRESSES, ports: PORTS },
};

/** Endpoints from an EndpointSlice or an Endpoints object. */
export interface EndpointsObject {
  /** Name of the Service they belong to; undefined when the object names none. */
  readonly service: string | undefined;
  readonly groups: readonly EndpointGroup[];
}

/** Decodes an EndpointSlice in `namespace`. */
export function decodeEndpointSlice(
  root: Field,
  { labels }: Metadata,
  namespace: string,
): EndpointsObject {
  const service = labels.get(SERVICE_NAME);
  if (textOf(child(root, 'addressType')) === 'FQDN') {
    const message =
      'its endpoints are host names, which a snapshot cannot resolve; they are left out';
    addFault(child(root, 'addressType'), message, {
      severity: 'warning',
      code: 'ENDPOINTS_NOT_RESOLVED',
      affectsVerdicts: true,
    });
    return { service, groups: [] };
  }
  const group: EndpointGroup = {
    source: 'EndpointSlice',
    ports: decodePorts(child(root, 'ports')),
    endpoints: itemsOf(child(root, 'endpoints')).map((item) => sliceEndpoint(item, namespace)),
  };
  return { service, groups: [group] };
}

/** Decodes an Endpoints object named `name`, which is that of its Service. */
export function decodeEndpoints(root: Field, name: string, namespace: string): EndpointsObject {
  const groups = itemsOf(child(root, 'subsets')).map((subset): EndpointGroup => {
    const list = (key: string, ready: boolean): Endpoint[] =>
      itemsOf(child(subset, key)).map((item) =>
        endpointOf(
          {
            addresses: addressesAt([child(item, 'ip')]),
            pod: podOf(item, namespace),
            node: textOf(child(item, 'nodeName')),
          },
          { ready, serving: ready, terminating: false },
        ),
      );
    return {
      source: 'Endpoints',
      ports: decodePorts(child(subset, 'ports')),
      endpoints: [...list('addresses', true), ...list('notReadyAddresses', false)],
    };
  });
  return { service: name, groups };
}

function sliceEndpoint(item: Field, namespace: string): Endpoint {
  const conditions = child(item, 'conditions');
  // Missing means ready, and as serving as it is ready.
  const ready = flagOf(child(conditions, 'ready')) ?? true;
  const node = textOf(child(item, 'nodeName')) ?? textOf(child(child(item, 'topology'), HOST_NAME));
  return endpointOf(
    {
      addresses: addressesAt(itemsOf(child(item, 'addresses'))),
      pod: podOf(item, namespace),
      node,
    },
    {
      ready,
      serving: flagOf(child(conditions, 'serving')) ?? ready,
      terminating: flagOf(child(conditions, 'terminating')) ?? false,
    },
  );
}

function podOf(item: Field, namespace: string): string | undefined {
  const target = child(item, 'targetRef');
  const name = textOf(child(target, 'name'));
  if (textOf(child(target, 'kind')) !== 'Pod' || name === undefined) return undefined;
  return `${textOf(child(target, 'namespace')) ?? namespace}/${name}`;
}

/**
 * An endpoint; an empty node is none.
 *
 * Written out, as one of the few things of which a dump has a hundred thousand: an object that is
 * spread out of others costs several times as much, and V8 keeps it until it collects everything.
 */
export function endpointOf(
  place: {
    readonly addresses: readonly string[];
    readonly pod: string | undefined;
    readonly node: string | undefined;
  },
  { ready, serving, terminating }: Pick<Endpoint, 'ready' | 'serving' | 'terminating'>,
): Endpoint {
  const { addresses, pod, node } = place;
  const hasNode = node !== undefined && node !== '';
  if (pod === undefined) {
    return hasNode
      ? { addresses, node, ready, serving, terminating }
      : { addresses, ready, serving, terminating };
  }
  return hasNode
    ? { addresses, pod, node, ready, serving, terminating }
    : { addresses, pod, ready, serving, terminating };
}

function decodePorts(field: Field): EndpointPort[] {
  return itemsOf(field).map((item) => {
    const name = textOf(child(item, 'name'));
    const port = integerOf(child(item, 'port'));
    return {
      ...(name === undefined || name === '' ? {} : { name }),
      protocol: wordOrEmptyOf(child(item, 'protocol'), PROTOCOLS) ?? 'TCP',
      ...(port === undefined ? {} : { port }),
    };
  });
}
