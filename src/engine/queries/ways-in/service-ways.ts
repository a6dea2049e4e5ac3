import type { Service, ServicePort } from '../../../model/snapshot.ts';
import type { WayInType } from '../../../model/way-in.ts';
import type { ViewService } from '../../model-view.ts';
import type { ReachIndex } from '../../reach-index.ts';
import { askPort, serviceBackend } from './backend.ts';
import type { WayDraft } from './way.ts';

/** The ways in that a Service makes by itself (semantics R2.13): one for each of its ports and kinds. */
export function serviceWays(index: ReachIndex, target: ViewService): WayDraft[] {
  return target.service.ports.flatMap((port) =>
    typesOf(target.service, port).map((type) => wayOf(index, target, port, type)),
  );
}

/** Whether a Service lets anybody in from outside. */
export function isWayIn({ type, externalIPs, headless }: Service): boolean {
  if (headless || type === 'ExternalName') return false;
  return type !== 'ClusterIP' || externalIPs.length !== 0;
}

function typesOf(service: Service, { nodePort }: ServicePort): WayInType[] {
  if (!isWayIn(service)) return [];
  const types: WayInType[] = [];
  if (service.type === 'LoadBalancer') types.push('LOAD_BALANCER');
  // A load balancer need not have node ports; manifests do not say.
  if (service.type === 'NodePort' || nodePort !== undefined) types.push('NODE_PORT');
  if (service.externalIPs.length !== 0) types.push('EXTERNAL_IP');
  return types;
}

function wayOf(
  index: ReachIndex,
  { namespace, service }: ViewService,
  port: ServicePort,
  type: WayInType,
): WayDraft {
  const { backend, ...rest } = serviceBackend(
    index,
    { namespace, service: seenBy(type, service) },
    [askPort(port)],
  );
  return {
    via: {
      type,
      kind: 'Service',
      namespace: namespace.name,
      name: service.name,
      port: type === 'NODE_PORT' ? (port.nodePort ?? null) : port.port,
      protocol: port.protocol,
    },
    addresses:
      type === 'LOAD_BALANCER'
        ? service.loadBalancerIPs
        : type === 'EXTERNAL_IP'
          ? service.externalIPs
          : [],
    backend: { ...backend, name: { ...backend.name, port: port.port } },
    ...rest,
  };
}

/** Only what comes through the load balancer meets its source ranges. */
function seenBy(type: WayInType, service: Service): Service {
  return type === 'LOAD_BALANCER' ? service : { ...service, loadBalancerSourceRanges: [] };
}
