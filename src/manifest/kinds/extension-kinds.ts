/** A kind of policy that a cluster has only if somebody installed it. */
export interface ExtensionKind {
  readonly group: string;
  readonly kind: string;
  /** Lower case, as `kubectl get` takes it. */
  readonly plural: string;
  /** The version to name where no object says one. */
  readonly version: string;
  readonly namespaced: boolean;
}

/** The group of the cluster policies that podreach evaluates. */
export const CLUSTER_POLICY_GROUP = 'policy.networking.k8s.io';

/**
 * Policy kinds by group and kind (semantics 3.1: never by kind alone). Staged kinds are not here:
 * they have no effect.
 *
 * Objects of a kind, or of a version, that no decoder reads make verdicts undetermined; they are
 * never skipped (decisions 4).
 */
export const EXTENSION_KINDS: readonly ExtensionKind[] = [
  row(CLUSTER_POLICY_GROUP, 'AdminNetworkPolicy', 'v1alpha1', 'cluster'),
  row(CLUSTER_POLICY_GROUP, 'BaselineAdminNetworkPolicy', 'v1alpha1', 'cluster'),
  row(CLUSTER_POLICY_GROUP, 'ClusterNetworkPolicy', 'v1alpha2', 'cluster'),
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

function row(
  group: string,
  kind: string,
  version: string,
  scope: 'cluster' | 'namespaced',
): ExtensionKind {
  const plural = kind.toLowerCase().replace(/y$/, 'ies').replace(/l$/, 'ls');
  return { group, kind, plural, version, namespaced: scope === 'namespaced' };
}
