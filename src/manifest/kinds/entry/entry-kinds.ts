import { GATEWAY_ROUTES } from '../../../model/entry.ts';
import {
  GATEWAY_CLASS_KEEP,
  INGRESS_CLASS_KEEP,
  decodeGatewayClass,
  decodeIngressClass,
} from './controller-class.ts';
import type { EntryKind } from './entry-content.ts';
import {
  GATEWAY_KEEP,
  REFERENCE_GRANT_KEEP,
  decodeGateway,
  decodeReferenceGrant,
} from './gateway.ts';
import { GATEWAY_ROUTE_KEEP, decodeGatewayRoute } from './gateway-route.ts';
import { INGRESS_KEEP, decodeIngress } from './ingress.ts';
import { OPENSHIFT_ROUTE_KEEP, decodeOpenshiftRoute } from './openshift-route.ts';

const INGRESS = ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1', 'extensions/v1beta1'];
const GATEWAY = ['v1', 'v1beta1', 'v1alpha2', 'v1alpha3'].map(
  (version) => `gateway.networking.k8s.io/${version}`,
);

/** Every kind that brings outside traffic to Services, or says who does. */
export const ENTRY_KINDS: readonly EntryKind[] = [
  entry('Ingress', INGRESS, INGRESS_KEEP, decodeIngress),
  clusterScoped(entry('IngressClass', INGRESS.slice(0, 2), INGRESS_CLASS_KEEP, decodeIngressClass)),
  clusterScoped(entry('GatewayClass', GATEWAY, GATEWAY_CLASS_KEEP, decodeGatewayClass)),
  entry('Gateway', GATEWAY, GATEWAY_KEEP, decodeGateway),
  entry('ReferenceGrant', GATEWAY, REFERENCE_GRANT_KEEP, decodeReferenceGrant),
  ...[...GATEWAY_ROUTES.keys()].map((kind) =>
    entry(kind, GATEWAY, GATEWAY_ROUTE_KEEP, decodeGatewayRoute),
  ),
  entry('Route', ['route.openshift.io/v1'], OPENSHIFT_ROUTE_KEEP, decodeOpenshiftRoute),
];

function entry(
  kind: string,
  versions: readonly string[],
  keep: EntryKind['keep'],
  decode: EntryKind['decode'],
): EntryKind {
  return { versions, kind, namespaced: true, keep, decode };
}

function clusterScoped(kind: EntryKind): EntryKind {
  return { ...kind, namespaced: false };
}
