import type { Detail, JsonObject, KubeObject, LabelMap } from '../kube-object.ts';
import type { AppPlan, ClusterPlan, NamespacePlan, Revision } from '../plan/cluster-plan.ts';
import { podsOfApp } from '../plan/cluster-plan.ts';
import { controllerName, oldHash, podsOfOneApp } from '../plan/pods.ts';
import { uidOf } from '../random.ts';
import { metadataOf } from './metadata.ts';
import { podObject } from './pod-object.ts';

/** The objects of one kind that control pods of `namespace`. */
export function* workloadObjects(
  plan: ClusterPlan,
  namespace: NamespacePlan,
  kind: 'Deployment' | 'ReplicaSet' | 'StatefulSet' | 'DaemonSet' | 'Job',
  detail: Detail,
): Generator<KubeObject> {
  for (const app of namespace.apps) {
    const context = { plan, namespace, app, detail };
    if (app.kind === kind) yield workload(context);
    if (kind === 'ReplicaSet' && app.kind === 'Deployment') yield* replicaSets(context);
  }
}

interface WorkloadContext {
  readonly plan: ClusterPlan;
  readonly namespace: NamespacePlan;
  readonly app: AppPlan;
  readonly detail: Detail;
}

function workload(context: WorkloadContext): KubeObject {
  const { app } = context;
  const replicas = podsOfApp(app);
  const selector = { matchLabels: app.labels };
  const template = templateOf(context, app.labels);
  const counted = app.kind === 'Deployment' || app.kind === 'StatefulSet';
  return {
    apiVersion: app.kind === 'Job' ? 'batch/v1' : 'apps/v1',
    kind: app.kind,
    metadata: metadata(context, { kind: app.kind, name: app.name }),
    spec: {
      ...(counted ? { replicas } : {}),
      ...(app.kind === 'Job' ? { parallelism: replicas, completions: replicas } : {}),
      selector,
      template,
      ...(app.kind === 'StatefulSet' ? { serviceName: app.name } : {}),
      revisionHistoryLimit: 10,
    },
    status: counted ? { observedGeneration: 3, replicas, readyReplicas: replicas } : {},
  };
}

/** The ReplicaSets of a Deployment: of its revisions, and for some an old one without pods. */
function* replicaSets(context: WorkloadContext): Generator<KubeObject> {
  const { app, plan, namespace } = context;
  const old: Revision = { hash: oldHash(app), replicas: 0, ports: [] };
  const revisions = app.firstPod % 3 === 0 ? [old, ...app.revisions] : app.revisions;
  const uid = uidOf(`Deployment ${namespace.name}/${app.name}`, plan.spec.seed);
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: app.name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  for (const revision of revisions) {
    const labels = { ...app.labels, 'pod-template-hash': revision.hash };
    const name = controllerName(app, revision);
    yield {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: metadata(context, { kind: 'ReplicaSet', name, owner }),
      spec: {
        replicas: revision.replicas,
        selector: { matchLabels: labels },
        template: templateOf(context, labels),
      },
      status: { replicas: revision.replicas },
    };
  }
}

function metadata(
  { plan, namespace, app, detail }: WorkloadContext,
  object: { readonly kind: string; readonly name: string; readonly owner?: JsonObject },
): JsonObject & { readonly name: string } {
  const { kind, name, owner } = object;
  const { seed } = plan.spec;
  const naming = {
    name,
    namespace: namespace.name,
    uid: uidOf(`${kind} ${namespace.name}/${name}`, seed),
    seed,
    labels: app.labels,
    annotations: { 'deployment.kubernetes.io/revision': '3' },
  };
  return metadataOf({ ...naming, ...(owner === undefined ? {} : { owner }) }, detail);
}

/** A template: the spec of a pod of the app, less what a scheduler adds. */
function templateOf(
  { plan, namespace, app, detail }: WorkloadContext,
  labels: LabelMap,
): JsonObject {
  const [facts] = podsOfOneApp(plan, namespace, app);
  if (facts === undefined) return { metadata: { labels }, spec: {} };
  // A pod's spec is an object; the index signature of objects does not say so.
  const spec = podObject(facts, detail, plan.spec.seed)['spec'] as JsonObject;
  const template = Object.entries(spec).filter(([field]) => field !== 'nodeName');
  return { metadata: { labels }, spec: Object.fromEntries(template) };
}
