import type { Reason } from '../../../model/answer.ts';
import type { KindCoverage, Snapshot } from '../../../model/snapshot.ts';
import { missingKind } from '../../missing.ts';

const INGRESS_GROUP = 'networking.k8s.io';
const GATEWAY_GROUP = 'gateway.networking.k8s.io';
const ROUTE_GROUP = 'route.openshift.io';

/** Groups of the kinds that bring traffic in, each with the version that coverage names. */
const VERSIONS: ReadonlyMap<string, string> = new Map([
  ['Ingress', `${INGRESS_GROUP}/v1`],
  ['IngressClass', `${INGRESS_GROUP}/v1`],
  ['Route', `${ROUTE_GROUP}/v1`],
]);

/**
 * `MISSING_KIND` for a kind that brings traffic in, in `namespace` if one is given; undefined when it
 * is covered. Manifests without any of the kind have them all.
 */
export function missingEntryKind(
  snapshot: Snapshot,
  kind: string,
  namespace?: string,
): Reason | undefined {
  const apiVersion = VERSIONS.get(kind) ?? `${GATEWAY_GROUP}/v1`;
  const row = snapshot.coverage.find((one) => one.kind === kind && one.apiVersion === apiVersion);
  if (row === undefined && snapshot.source === 'MANIFESTS') return undefined;
  const covered = namespace !== undefined && row?.namespaces.includes(namespace) === true;
  if (row?.status === 'COMPLETE' || (row?.status === 'PARTIAL' && covered)) return undefined;
  const status = row?.status ?? 'ABSENT';
  const where = namespace === undefined ? '' : ` of namespace ${namespace}`;
  return {
    code: 'MISSING_KIND',
    message: `the snapshot does not have every ${kind}${where} (${status})`,
    missing: [{ apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), status }],
  };
}

/**
 * What a dump lacks that could add ways in. Ingresses are part of every cluster; the Gateway API and
 * the Routes of OpenShift only where something shows that they are there.
 *
 * @param namespace only what could add ways by objects of this namespace
 */
export function missingForWaysIn(snapshot: Snapshot, namespace?: string): Reason[] {
  const shown = snapshot.coverage.filter((row) => isExtension(row));
  const kinds = new Set(['Ingress', ...shown.map(({ kind }) => kind)]);
  if (shown.some(({ apiVersion }) => apiVersion.startsWith(`${GATEWAY_GROUP}/`))) {
    for (const kind of ['Gateway', 'HTTPRoute']) kinds.add(kind);
  }
  // They tell who passes traffic on, and add none.
  for (const kind of ['GatewayClass', 'ReferenceGrant']) kinds.delete(kind);
  const entries = [...kinds].sort().map((kind) => missingEntryKind(snapshot, kind, namespace));
  return [missingKind(snapshot, 'Service', namespace), ...entries].flatMap(
    (reason) => reason ?? [],
  );
}

/** What could add ways to pods of `namespace`: also of those namespaces that its grants let send there. */
export function missingForWaysInto(snapshot: Snapshot, namespace: string): Reason[] {
  const { grants = [] } = snapshot.namespaces.get(namespace)?.waysIn ?? {};
  const granted = grants.flatMap(({ from }) =>
    from.flatMap((one) => missingEntryKind(snapshot, one.kind, one.namespace) ?? []),
  );
  return [...missingForWaysIn(snapshot, namespace), ...granted];
}

/** That a dump shows neither the Gateway API nor Routes, and what is made of it. */
export function unseenEntryKinds({ source, coverage }: Snapshot): Reason[] {
  if (source === 'MANIFESTS' || coverage.some(isExtension)) return [];
  return [
    {
      code: 'NO_GATEWAY_API_SEEN',
      message:
        'the dump shows neither the Gateway API nor OpenShift Routes; it is assumed there are none',
    },
  ];
}

/** Whether the snapshot holds routes of the Gateway API, which may send to other namespaces. */
export function hasGatewayRoutes({ coverage }: Snapshot): boolean {
  return coverage.some(
    ({ apiVersion, kind, count }) =>
      0 < count && apiVersion.startsWith(`${GATEWAY_GROUP}/`) && kind.endsWith('Route'),
  );
}

function isExtension({ apiVersion }: KindCoverage): boolean {
  return apiVersion.startsWith(`${GATEWAY_GROUP}/`) || apiVersion.startsWith(`${ROUTE_GROUP}/`);
}
