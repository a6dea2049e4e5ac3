import type { MissingFact, Reason } from '../model/answer.ts';
import type { CoverageStatus, Snapshot } from '../model/snapshot.ts';
import { DEFAULT_OPTIONS } from './options.ts';
import type { EngineOptions } from './options.ts';
import { aboutNamespace } from './reason-subjects.ts';

/** The kinds answers can hang on, with the API version a `missing` entry names. */
const API_VERSIONS = {
  Pod: 'v1',
  Namespace: 'v1',
  Node: 'v1',
  Service: 'v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  EndpointSlice: 'discovery.k8s.io/v1',
} as const;

/** A kind that {@link missingKind} can report. */
export type RequiredKind = keyof typeof API_VERSIONS;

/**
 * How far `kind` is covered, in `namespace` if one is given.
 *
 * A kind with no coverage entry is absent: nobody vouched for it.
 */
export function coverageOf(
  snapshot: Snapshot,
  kind: RequiredKind,
  namespace?: string,
): CoverageStatus {
  const entry = snapshot.coverage.find(
    (coverage) => coverage.kind === kind && coverage.apiVersion === API_VERSIONS[kind],
  );
  if (entry === undefined) return 'ABSENT';
  const covered = namespace !== undefined && entry.namespaces.includes(namespace);
  return entry.status === 'PARTIAL' && covered ? 'COMPLETE' : entry.status;
}

/** The fact that `kind` is not covered, or undefined when it is (contract 3, `missing`). */
export function missingFact(
  snapshot: Snapshot,
  kind: RequiredKind,
  namespace?: string,
): MissingFact | undefined {
  const status = coverageOf(snapshot, kind, namespace);
  if (status === 'COMPLETE') return undefined;
  return {
    apiVersion: API_VERSIONS[kind],
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    status,
  };
}

/** `MISSING_KIND` for `kind`, or undefined when it is covered. */
export function missingKind(
  snapshot: Snapshot,
  kind: RequiredKind,
  namespace?: string,
): Reason | undefined {
  const missing = missingFact(snapshot, kind, namespace);
  if (missing === undefined) return undefined;
  const where = namespace === undefined ? '' : ` of namespace ${namespace}`;
  const message = `the snapshot does not have every ${kind}${where} (${missing.status})`;
  return aboutNamespace({ code: 'MISSING_KIND', message, missing: [missing] }, namespace);
}

/** The group of policies of an extension that are evaluated. */
const EVALUATED_GROUP = 'policy.networking.k8s.io';

/** Groups that podreach reads and that have no policies but the native one. */
const BUILT_IN_GROUPS = new Set([
  '',
  'apps',
  'batch',
  'discovery.k8s.io',
  'networking.k8s.io',
  'gateway.networking.k8s.io',
  'route.openshift.io',
]);

/**
 * Policy kinds of extensions that the cluster has and the dump does not: their policies could select
 * any pod (decisions 4). One reason for all of them.
 */
export function missingPolicyKinds(
  snapshot: Snapshot,
  { vendorPolicies }: Pick<EngineOptions, 'vendorPolicies'> = DEFAULT_OPTIONS,
): Reason | undefined {
  const missing = snapshot.coverage
    .filter(({ status }) => status === 'ABSENT' || status === 'FORBIDDEN')
    .filter(({ apiVersion }) => !BUILT_IN_GROUPS.has(groupOf(apiVersion)))
    .filter(
      ({ apiVersion }) => vendorPolicies === 'report' || groupOf(apiVersion) === EVALUATED_GROUP,
    )
    .map(({ apiVersion, kind, status }) => ({ apiVersion, kind, status }));
  if (missing.length === 0) return undefined;
  const kinds = missing.map(({ kind }) => kind).join(', ');
  return {
    code: 'MISSING_KIND',
    message: `the cluster has policies of kind ${kinds}, and the snapshot does not`,
    missing,
  };
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}
