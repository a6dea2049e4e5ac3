import {
  decodeAdminPolicy,
  decodeBaselinePolicy,
  decodeClusterPolicy,
} from './kinds/cluster-policy.ts';
import { ENTRY_KINDS } from './kinds/entry/entry-kinds.ts';
import type { EntryKind } from './kinds/entry/entry-content.ts';
import { ENDPOINTS_KEEP, ENDPOINT_SLICE_KEEP } from './kinds/endpoints.ts';
import { CLUSTER_POLICY_GROUP, EXTENSION_KINDS } from './kinds/extension-kinds.ts';
import { NAMESPACE_KEEP } from './kinds/namespace.ts';
import { NETWORK_POLICY_VERSION, decodeNetworkPolicy } from './kinds/network-policy.ts';
import { NODE_KEEP } from './kinds/node.ts';
import { POD_KEEP } from './kinds/pod.ts';
import { POLICY_KEEP } from './kinds/policy-object.ts';
import type { PolicyDecoder } from './kinds/policy-object.ts';
import { CUSTOM_RESOURCE_DEFINITION_KEEP } from './kinds/policy-crd.ts';
import { SERVICE_KEEP } from './kinds/service.ts';
import { UNEVALUATED_KEEP } from './kinds/unevaluated-policy.ts';
import { CRON_JOB_KEEP, WORKLOAD_KEEP } from './kinds/workload.ts';
import type { WorkloadKind } from './kinds/workload.ts';
import type { KeepList, KeepTree } from './read-item.ts';

/** How objects of a kind are decoded. */
export type KindRole =
  | { readonly type: 'namespace' | 'node' | 'pod' | 'service' | 'slice' | 'endpoints' }
  | { readonly type: 'crd' }
  | { readonly type: 'workload'; readonly kind: WorkloadKind }
  | { readonly type: 'entry'; readonly of: EntryKind }
  | { readonly type: 'policy'; readonly decode: PolicyDecoder }
  | { readonly type: 'unevaluated' };

/** A kind that podreach reads. */
export interface KnownKind {
  /** What coverage calls it: the current version, whatever version an object has. */
  readonly apiVersion: string;
  readonly kind: string;
  /** `apiVersion kind`. */
  readonly key: string;
  readonly namespaced: boolean;
  readonly keep: KeepTree;
  readonly role: KindRole;
}

/** The kinds that coverage always speaks of, in its order. */
export const CORE_KINDS: readonly KnownKind[] = [
  core('Namespace', { type: 'namespace' }, NAMESPACE_KEEP, false),
  core('Pod', { type: 'pod' }, POD_KEEP),
  policy(NETWORK_POLICY_VERSION, 'NetworkPolicy', decodeNetworkPolicy),
  core('Service', { type: 'service' }, SERVICE_KEEP),
  known('discovery.k8s.io/v1', 'EndpointSlice', { type: 'slice' }, ENDPOINT_SLICE_KEEP),
  core('Node', { type: 'node' }, NODE_KEEP, false),
];

const OTHER_KINDS: readonly KnownKind[] = [
  core('Endpoints', { type: 'endpoints' }, ENDPOINTS_KEEP),
  clusterPolicy('v1alpha1', 'AdminNetworkPolicy', decodeAdminPolicy),
  clusterPolicy('v1alpha1', 'BaselineAdminNetworkPolicy', decodeBaselinePolicy),
  clusterPolicy('v1alpha2', 'ClusterNetworkPolicy', decodeClusterPolicy),
  workload('apps/v1', 'Deployment'),
  workload('apps/v1', 'ReplicaSet'),
  workload('apps/v1', 'StatefulSet'),
  workload('apps/v1', 'DaemonSet'),
  workload('v1', 'ReplicationController'),
  workload('batch/v1', 'Job'),
  workload('batch/v1', 'CronJob'),
  known(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    { type: 'crd' },
    CUSTOM_RESOURCE_DEFINITION_KEEP,
    false,
  ),
];

/** Versions of the same shape that clusters served before, serve besides, or will. */
const EQUAL_VERSIONS: Readonly<Record<string, string>> = {
  'extensions/v1beta1': 'apps/v1',
  'apps/v1beta1': 'apps/v1',
  'apps/v1beta2': 'apps/v1',
  'batch/v1beta1': 'batch/v1',
  'discovery.k8s.io/v1beta1': 'discovery.k8s.io/v1',
  'apiextensions.k8s.io/v1beta1': 'apiextensions.k8s.io/v1',
  [`${CLUSTER_POLICY_GROUP}/v1beta1`]: `${CLUSTER_POLICY_GROUP}/v1alpha2`,
};

const BY_NAME = new Map([...CORE_KINDS, ...OTHER_KINDS].map((entry) => [entry.key, entry]));

/** By every version they are served in; coverage calls all of these by the first. */
const ENTRIES = new Map(
  ENTRY_KINDS.flatMap((of) => {
    const found = entryKind(of);
    return of.versions.map((version) => [`${version} ${of.kind}`, found] as const);
  }),
);

const EXTENSIONS = new Map(EXTENSION_KINDS.map((of) => [`${of.group} ${of.kind}`, of]));

let last: { apiVersion: string; kind: string; found: KnownKind | undefined } | undefined;

/** The kind that `apiVersion` and `kind` name; undefined when podreach does not read it. */
export function findKind(apiVersion: string, kind: string): KnownKind | undefined {
  if (last?.apiVersion === apiVersion && last.kind === kind) return last.found;
  last = { apiVersion, kind, found: lookUp(apiVersion, kind) };
  return last.found;
}

function lookUp(apiVersion: string, kind: string): KnownKind | undefined {
  if (apiVersion === 'extensions/v1beta1' && kind === 'NetworkPolicy') {
    return BY_NAME.get(`${NETWORK_POLICY_VERSION} ${kind}`);
  }
  const current = Object.hasOwn(EQUAL_VERSIONS, apiVersion)
    ? EQUAL_VERSIONS[apiVersion]
    : undefined;
  const found =
    BY_NAME.get(`${current ?? apiVersion} ${kind}`) ?? ENTRIES.get(`${apiVersion} ${kind}`);
  if (found !== undefined) return found;
  const extension = EXTENSIONS.get(`${groupOf(apiVersion)} ${kind}`);
  if (extension === undefined) return undefined;
  const role: KindRole = { type: 'unevaluated' };
  return known(apiVersion, kind, role, UNEVALUATED_KEEP, extension.namespaced);
}

/** The kind that is decoded and called `name`; undefined for policies that are not evaluated. */
export function decodedKindCalled(name: string): KnownKind | undefined {
  return [...CORE_KINDS, ...OTHER_KINDS, ...ENTRIES.values()].find(({ kind }) => kind === name);
}

/** The group of an `apiVersion`; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

/** What readers keep of each kind; undefined for those that are skipped and counted. */
export const keepList: KeepList = (apiVersion, kind) => findKind(apiVersion, kind)?.keep;

function core(kind: string, role: KindRole, keep: KeepTree, namespaced = true): KnownKind {
  return known('v1', kind, role, keep, namespaced);
}

function entryKind(of: EntryKind): KnownKind {
  const [apiVersion = ''] = of.versions;
  return known(apiVersion, of.kind, { type: 'entry', of }, of.keep, of.namespaced);
}

function policy(
  apiVersion: string,
  kind: string,
  decode: PolicyDecoder,
  namespaced = true,
): KnownKind {
  return known(apiVersion, kind, { type: 'policy', decode }, POLICY_KEEP, namespaced);
}

function clusterPolicy(version: string, kind: string, decode: PolicyDecoder): KnownKind {
  return policy(`${CLUSTER_POLICY_GROUP}/${version}`, kind, decode, false);
}

function workload(apiVersion: string, kind: WorkloadKind): KnownKind {
  const keep = kind === 'CronJob' ? CRON_JOB_KEEP : WORKLOAD_KEEP;
  return known(apiVersion, kind, { type: 'workload', kind }, keep);
}

function known(
  apiVersion: string,
  kind: string,
  role: KindRole,
  keep: KeepTree,
  namespaced = true,
): KnownKind {
  return { apiVersion, kind, key: `${apiVersion} ${kind}`, namespaced, keep, role };
}
