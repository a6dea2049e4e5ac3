import type { ModelView } from './model-view.ts';
import type { NamespaceScope, Policy } from '../model/policy.ts';
import { NAMESPACE_NAME_LABEL } from '../model/selector.ts';

/** `policies` in the order witnesses are chosen: namespace, name, kind, in code units. */
export function sortPolicies(policies: readonly Policy[]): Policy[] {
  return policies
    .map((policy) => ({ policy, key: keyOf(policy) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ policy }) => policy);
}

/** Every policy of a snapshot; touches every chunk. */
export function allPolicies({ snapshot, namespaces }: ModelView): Policy[] {
  return [...snapshot.cluster.policies, ...namespaces.flatMap(({ policies }) => policies)];
}

/** Whether a policy is of a kind that is recognised and no more (decisions 4). */
export function isUnevaluated({ opaque }: Policy): boolean {
  return opaque?.code === 'UNEVALUATED_POLICY';
}

/** Whether `policy` reads labels of namespaces other than their names. */
export function readsNamespaceLabels({ subject, ingress, egress }: Policy): boolean {
  if (scopesByLabels(subject.namespaces)) return true;
  return [...ingress, ...egress].some(
    ({ peers }) =>
      peers !== 'every' &&
      peers.some(({ atom }) => atom.kind === 'pods' && scopesByLabels(atom.selection.namespaces)),
  );
}

function keyOf({ ref }: Policy): string {
  return [ref.namespace ?? '', ref.name, ref.kind].join('\u0000');
}

function scopesByLabels(scope: NamespaceScope): boolean {
  if (scope.kind !== 'selected') return false;
  return scope.selector.requirements.some(({ key }) => key !== NAMESPACE_NAME_LABEL);
}
