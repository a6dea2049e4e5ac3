import type { JsonObject, KubeObject } from '../kube-object.ts';
import { hashText, uidOf } from '../random.ts';
import type { ClusterPlan, NamespacePlan } from '../plan/cluster-plan.ts';

/** A NetworkPolicy; `spec` in the order of the API's struct. */
export function policyObject(
  plan: ClusterPlan,
  namespace: NamespacePlan,
  name: string,
  spec: JsonObject,
): KubeObject {
  const { seed } = plan.spec;
  const id = `NetworkPolicy ${namespace.name}/${name}`;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name,
      namespace: namespace.name,
      uid: uidOf(id, seed),
      resourceVersion: String(1_000_000 + (hashText(id, seed) % 90_000_000)),
      generation: 1,
      creationTimestamp: '2026-03-02T09:14:51Z',
      labels: { 'app.kubernetes.io/managed-by': 'argocd' },
    },
    spec,
  };
}

/** A peer: pods of the policy's own namespace. */
export const podsPeer = (podSelector: JsonObject): JsonObject => ({ podSelector });

/** A peer: pods of other namespaces. */
export const crossPeer = (namespaceSelector: JsonObject, podSelector?: JsonObject): JsonObject => ({
  ...(podSelector === undefined ? {} : { podSelector }),
  namespaceSelector,
});

/** A peer: addresses. */
export const blockPeer = (cidr: string, except: readonly string[] = []): JsonObject => ({
  ipBlock: { cidr, ...(except.length === 0 ? {} : { except }) },
});

/** One port, by number or name; a range with `endPort`. */
export const portOf = (
  port: number | string | undefined,
  protocol: 'TCP' | 'UDP' | 'SCTP' = 'TCP',
  endPort?: number,
): JsonObject => ({
  protocol,
  ...(port === undefined ? {} : { port }),
  ...(endPort === undefined ? {} : { endPort }),
});

/** `matchLabels`. */
export const labelled = (labels: Readonly<Record<string, string>>): JsonObject => ({
  matchLabels: labels,
});

/** `matchExpressions` with one requirement. */
export const expression = (
  key: string,
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist',
  values?: readonly string[],
): JsonObject => ({
  matchExpressions: [{ key, operator, ...(values === undefined ? {} : { values }) }],
});

/** The namespace called `name`. */
export const namespaceNamed = (name: string): JsonObject =>
  labelled({ 'kubernetes.io/metadata.name': name });
