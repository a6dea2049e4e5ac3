import { KINDS } from './kube-object.ts';
import type { Detail, Kind, KubeObject } from './kube-object.ts';
import { namespaceObject, nodeObjects } from './objects/cluster-objects.ts';
import { podObject } from './objects/pod-object.ts';
import { serviceObjects, sliceObjects } from './objects/service-objects.ts';
import { workloadObjects } from './objects/workload-objects.ts';
import type { ClusterPlan, NamespacePlan } from './plan/cluster-plan.ts';
import { podsOf } from './plan/pods.ts';

/** Kinds of which every namespace has its own. */
export type NamespacedKind = Exclude<Kind, 'Namespace' | 'Node'>;
/** All of them. */
export const namespacedKinds: readonly NamespacedKind[] = KINDS.filter(
  (kind) => kind !== 'Namespace' && kind !== 'Node',
);

/**
 * All objects of a cluster, or of some kinds, kind by kind as kubectl lists them, in the memory of
 * one namespace.
 */
export function* clusterObjects(
  plan: ClusterPlan,
  detail: Detail,
  kinds: readonly Kind[] = KINDS,
): Generator<KubeObject> {
  for (const kind of kinds) yield* objectsOfKind(plan, kind, detail);
}

/** All objects of one kind, namespace by namespace. */
export function* objectsOfKind(
  plan: ClusterPlan,
  kind: Kind,
  detail: Detail,
): Generator<KubeObject> {
  if (kind === 'Node') {
    yield* nodeObjects(plan, detail);
    return;
  }
  for (let i = 0; i < plan.namespaces; i += 1) {
    const namespace = plan.planNamespace(i);
    if (kind === 'Namespace') yield namespaceObject(namespace, detail, plan.spec.seed);
    else yield* objectsOfNamespace(plan, namespace, kind, detail);
  }
}

/** The objects of one kind in one namespace. */
export function* objectsOfNamespace(
  plan: ClusterPlan,
  namespace: NamespacePlan,
  kind: NamespacedKind,
  detail: Detail,
): Generator<KubeObject> {
  switch (kind) {
    case 'Pod':
      for (const pod of podsOf(plan, namespace)) yield podObject(pod, detail, plan.spec.seed);
      return;
    case 'Service':
      yield* serviceObjects(plan, namespace, detail);
      return;
    case 'EndpointSlice':
      yield* sliceObjects(plan, namespace, detail);
      return;
    case 'NetworkPolicy':
      yield* plan.policiesOf(namespace);
      return;
    default:
      yield* workloadObjects(plan, namespace, kind, detail);
  }
}
