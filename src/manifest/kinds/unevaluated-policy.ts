import { canonicalJson } from '../canonical-json.ts';
import { child, rootField } from '../fields.ts';
import type { KeepTree, RawObject } from '../read-item.ts';
import type { ObjectRef, Policy } from '../../model/policy.ts';
import { MATCH_ALL } from '../../model/selector.ts';
import { METADATA } from './metadata.ts';

/** A kind of policy that podreach knows of and cannot evaluate. */
export interface UnevaluatedKind {
  readonly group: string;
  readonly kind: string;
  /** Lower case, as `kubectl get` takes it. */
  readonly plural: string;
  /** The version to name where no object says one. */
  readonly version: string;
  readonly namespaced: boolean;
}

const SIG = 'policy.networking.k8s.io';

/**
 * Policy kinds by group and kind (semantics 3.1: never by kind alone). Objects of them make verdicts
 * undetermined; they are never skipped (decisions 4). Staged kinds are not here: they have no effect.
 */
export const UNEVALUATED_KINDS: readonly UnevaluatedKind[] = [
  row(SIG, 'AdminNetworkPolicy', 'v1alpha1', 'cluster'),
  row(SIG, 'BaselineAdminNetworkPolicy', 'v1alpha1', 'cluster'),
  row(SIG, 'ClusterNetworkPolicy', 'v1alpha2', 'cluster'),
  row('cilium.io', 'CiliumNetworkPolicy', 'v2', 'namespaced'),
  row('cilium.io', 'CiliumClusterwideNetworkPolicy', 'v2', 'cluster'),
  row('crd.projectcalico.org', 'NetworkPolicy', 'v1', 'namespaced'),
  row('crd.projectcalico.org', 'GlobalNetworkPolicy', 'v1', 'cluster'),
  row('projectcalico.org', 'NetworkPolicy', 'v3', 'namespaced'),
  row('projectcalico.org', 'GlobalNetworkPolicy', 'v3', 'cluster'),
  row('crd.antrea.io', 'NetworkPolicy', 'v1beta1', 'namespaced'),
  row('crd.antrea.io', 'ClusterNetworkPolicy', 'v1beta1', 'cluster'),
  row('networking.k8s.aws', 'ApplicationNetworkPolicy', 'v1alpha1', 'namespaced'),
  row('networking.k8s.aws', 'ClusterNetworkPolicy', 'v1alpha1', 'cluster'),
  row('k8s.ovn.org', 'EgressFirewall', 'v1', 'namespaced'),
  row('security.istio.io', 'AuthorizationPolicy', 'v1', 'namespaced'),
  // Versions of the native kind that are not known here may mean anything.
  row('networking.k8s.io', 'NetworkPolicy', 'v1', 'namespaced'),
  row('extensions', 'NetworkPolicy', 'v1beta1', 'namespaced'),
];

/** What is kept of such a policy: `spec` whole, for printing and for later readers. */
export const UNEVALUATED_KEEP: KeepTree = { metadata: METADATA, spec: true };

/** The namespace whose AuthorizationPolicies are about all namespaces. */
const ISTIO_ROOT = 'istio-system';

/**
 * The policy that `value` is, with the widest subject and directions it could have: its selectors
 * are not read, and a cluster-scoped policy may be about every pod.
 */
export function decodeUnevaluatedPolicy(ref: ObjectRef, value: RawObject): Policy {
  const { kind, namespace } = ref;
  const everywhere =
    namespace === undefined || (kind === 'AuthorizationPolicy' && namespace === ISTIO_ROOT);
  return {
    ref,
    tier: isBaseline(ref, value) ? 'baseline' : 'admin',
    order: 0,
    subject: {
      namespaces: everywhere
        ? { kind: 'selected', selector: MATCH_ALL }
        : { kind: 'named', name: namespace },
      pods: MATCH_ALL,
    },
    applies: { ingress: kind !== 'EgressFirewall', egress: true },
    ingress: [],
    egress: [],
    opaque: {
      code: 'UNEVALUATED_POLICY',
      message: `podreach does not evaluate ${kind} of ${ref.apiVersion} yet`,
    },
    spec: canonicalJson(value['spec']),
  };
}

/** A baseline policy decides only what no NetworkPolicy decided. */
function isBaseline({ apiVersion, kind }: ObjectRef, value: RawObject): boolean {
  if (!apiVersion.startsWith(`${SIG}/`)) return false;
  if (kind === 'BaselineAdminNetworkPolicy') return true;
  const tier = child(child(rootField(value), 'spec'), 'tier');
  return kind === 'ClusterNetworkPolicy' && tier.value === 'Baseline';
}

function row(
  group: string,
  kind: string,
  version: string,
  scope: 'cluster' | 'namespaced',
): UnevaluatedKind {
  const plural = kind.toLowerCase().replace(/y$/, 'ies').replace(/l$/, 'ls');
  return { group, kind, plural, version, namespaced: scope === 'namespaced' };
}
