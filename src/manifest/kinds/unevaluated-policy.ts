import { canonicalJson } from '../canonical-json.ts';
import { child, rootField } from '../fields.ts';
import type { KeepTree, RawObject } from '../read-item.ts';
import type { ObjectRef, Policy } from '../../model/policy.ts';
import { MATCH_ALL } from '../../model/selector.ts';
import { CLUSTER_POLICY_GROUP } from './extension-kinds.ts';
import { METADATA } from './metadata.ts';

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
  if (!apiVersion.startsWith(`${CLUSTER_POLICY_GROUP}/`)) return false;
  if (kind === 'BaselineAdminNetworkPolicy') return true;
  const tier = child(child(rootField(value), 'spec'), 'tier');
  return kind === 'ClusterNetworkPolicy' && tier.value === 'Baseline';
}
