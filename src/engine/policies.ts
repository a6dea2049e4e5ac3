import type { PeerTerm, Policy } from '../model/policy.ts';
import { NAMESPACE_NAME_LABEL } from '../model/selector.ts';

/** `policies` in the order witnesses are chosen: namespace, name, kind, in code units. */
export function sortPolicies(policies: readonly Policy[]): Policy[] {
  return policies
    .map((policy) => ({ policy, key: keyOf(policy) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ policy }) => policy);
}

/** Whether a rule of `policy` reads labels of namespaces other than their names. */
export function readsNamespaceLabels({ ingress, egress }: Policy): boolean {
  return [...ingress, ...egress].some(
    ({ peers }) => peers !== 'every' && peers.some(selectsByLabels),
  );
}

function keyOf({ ref }: Policy): string {
  return [ref.namespace ?? '', ref.name, ref.kind].join('\u0000');
}

function selectsByLabels({ atom }: PeerTerm): boolean {
  if (atom.kind !== 'pods' || atom.selection.namespaces.kind !== 'selected') return false;
  return atom.selection.namespaces.selector.requirements.some(
    ({ key }) => key !== NAMESPACE_NAME_LABEL,
  );
}
