import { canonicalJson } from '../canonical-json.ts';
import { child, rootField } from '../fields.ts';
import type { KeepTree, RawObject } from '../read-item.ts';
import type { NamespaceScope, ObjectRef, Policy } from '../../model/policy.ts';
import { MATCH_ALL } from '../../model/selector.ts';
import { CLUSTER_POLICY_GROUP } from './extension-kinds.ts';
import { METADATA } from './metadata.ts';
import { vendorSubject } from './vendor-subject.ts';

/** What is kept of such a policy: `spec` whole, for printing and for later readers. */
export const UNEVALUATED_KEEP: KeepTree = { metadata: METADATA, spec: true, specs: true };

/**
 * The policy that `value` is, with the widest subject and directions it could have: those of its own
 * that cannot be misunderstood, else its namespace, and for a cluster-scoped policy every pod.
 */
export function decodeUnevaluatedPolicy(ref: ObjectRef, value: RawObject): Policy {
  const { kind, namespace } = ref;
  // More than one spec is about more than one group of pods.
  const isPlain = value['specs'] === undefined;
  const { namespaces, pods, applies } = isPlain ? vendorSubject(ref, value) : {};
  const widest: NamespaceScope =
    namespace === undefined
      ? { kind: 'selected', selector: MATCH_ALL }
      : { kind: 'named', name: namespace };
  return {
    ref,
    tier: isBaseline(ref, value) ? 'baseline' : 'admin',
    order: 0,
    subject: { namespaces: namespaces ?? widest, pods: pods ?? MATCH_ALL },
    applies: applies ?? { ingress: true, egress: true },
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
