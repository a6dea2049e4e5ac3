import type { JsonObject, LabelMap } from '../kube-object.ts';
import { Random, podSuffix, safeLetters, uidOf } from '../random.ts';
import type { AppPlan, ClusterPlan, NamespacePlan, PortPlan, Revision } from './cluster-plan.ts';
import { daemonAddresses, nodeAddress, nodeOfPod, podAddresses } from './network.ts';

/** A pod, all that its object is made from. */
export interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  /** What the controller wrote before the last part of the name; absent where names are given. */
  readonly generateName?: string;
  readonly uid: string;
  readonly app: AppPlan;
  readonly ordinal: number;
  readonly labels: LabelMap;
  readonly ports: readonly PortPlan[];
  readonly owner: JsonObject;
  readonly node: number;
  /** Empty while the pod waits for one. */
  readonly addresses: readonly string[];
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly ready: boolean;
  readonly terminating: boolean;
}

/** The pods of a namespace, in the order of its apps. */
export function* podsOf(plan: ClusterPlan, namespace: NamespacePlan): Generator<PodFacts> {
  for (const app of namespace.apps) yield* podsOfOneApp(plan, namespace, app);
}

/** The pods of one app of a namespace. */
export function* podsOfOneApp(
  plan: ClusterPlan,
  namespace: NamespacePlan,
  app: AppPlan,
): Generator<PodFacts> {
  const random = new Random(plan.spec.seed, `pods of ${namespace.name}/${app.name}`);
  const ownerOf = owners(plan, namespace, app);
  let number = 0;
  for (const revision of app.revisions) {
    const owner = ownerOf(revision);
    for (let i = 0; i < revision.replicas; i += 1) {
      const ordinal = app.firstPod + number;
      const names = nameOf(plan, app, { revision, number, ordinal });
      const node = nodeOf(plan, app, { number, ordinal });
      yield {
        namespace: namespace.name,
        ...names,
        uid: uidOf(`${namespace.name}/${names.name}`, plan.spec.seed),
        app,
        ordinal,
        labels: labelsOf(app, { revision, number, name: names.name }),
        ports: revision.ports,
        owner: app.kind === 'Static' ? nodeOwner(names.name) : owner,
        node,
        ...stateOf(random, app, addressesOf(plan, namespace, app, { node, ordinal })),
      };
      number += 1;
    }
  }
}

/** The name of the object that controls pods of `revision`: a ReplicaSet for a Deployment. */
export function controllerName(app: AppPlan, { hash }: Revision): string {
  return app.kind === 'Deployment' ? `${app.name}-${hash}` : app.name;
}

interface PodPlace {
  /** Within its app. */
  readonly number: number;
  readonly ordinal: number;
}

function nameOf(
  plan: ClusterPlan,
  app: AppPlan,
  { revision, number, ordinal }: PodPlace & { readonly revision: Revision },
): Pick<PodFacts, 'name' | 'generateName'> {
  if (app.kind === 'Static') {
    return { name: `${app.name}-node-${String(number % plan.network.nodes).padStart(5, '0')}` };
  }
  if (app.kind === 'StatefulSet') return { name: `${app.name}-${number}` };
  const generateName = `${controllerName(app, revision)}-`;
  return { name: `${generateName}${podSuffix(ordinal)}`, generateName };
}

function labelsOf(
  app: AppPlan,
  pod: { readonly revision: Revision; readonly number: number; readonly name: string },
): LabelMap {
  const { hash } = pod.revision;
  switch (app.kind) {
    case 'Deployment':
      return { ...app.labels, 'pod-template-hash': hash };
    case 'StatefulSet':
      return {
        ...app.labels,
        'apps.kubernetes.io/pod-index': String(pod.number),
        'controller-revision-hash': `${app.name}-${hash}`,
        'statefulset.kubernetes.io/pod-name': pod.name,
      };
    case 'DaemonSet':
      return { ...app.labels, 'controller-revision-hash': hash, 'pod-template-generation': '3' };
    case 'Job':
      return {
        ...app.labels,
        'batch.kubernetes.io/job-name': app.name,
        'job-name': app.name,
      };
    case 'Static':
      return app.labels;
  }
}

function owners(
  plan: ClusterPlan,
  namespace: NamespacePlan,
  app: AppPlan,
): (revision: Revision) => JsonObject {
  return (revision) => {
    const kind = app.kind === 'Deployment' ? 'ReplicaSet' : app.kind;
    const name = controllerName(app, revision);
    return {
      apiVersion: app.kind === 'Job' ? 'batch/v1' : 'apps/v1',
      kind,
      name,
      uid: uidOf(`${kind} ${namespace.name}/${name}`, plan.spec.seed),
      controller: true,
      blockOwnerDeletion: true,
    };
  };
}

function nodeOwner(pod: string): JsonObject {
  const name = /node-\d+$/.exec(pod)?.[0] ?? '';
  return { apiVersion: 'v1', kind: 'Node', name, uid: uidOf(name, 0), controller: true };
}

function nodeOf(plan: ClusterPlan, app: AppPlan, { number, ordinal }: PodPlace): number {
  const { nodes } = plan.network;
  if (app.kind === 'Static') return number % nodes;
  if (app.kind !== 'DaemonSet') return nodeOfPod(plan.network, ordinal);
  return app.daemonSlot === undefined ? nodeOfPod(plan.network, ordinal) : number;
}

function addressesOf(
  plan: ClusterPlan,
  namespace: NamespacePlan,
  app: AppPlan,
  { node, ordinal }: { readonly node: number; readonly ordinal: number },
): readonly string[] {
  if (app.hostNetwork) return [nodeAddress(node)];
  const both =
    app.daemonSlot === undefined
      ? podAddresses(plan.network, ordinal)
      : daemonAddresses(node, app.daemonSlot);
  return namespace.dualStack ? both : both.slice(0, 1);
}

function stateOf(
  random: Random,
  { kind }: AppPlan,
  addresses: readonly string[],
): Pick<PodFacts, 'addresses' | 'phase' | 'ready' | 'terminating'> {
  const roll = random.next();
  const running = { addresses, phase: 'Running', ready: true, terminating: false } as const;
  if (kind === 'Job') {
    if (roll < 0.5) return { ...running, phase: 'Succeeded', ready: false };
    if (roll < 0.6) return { ...running, phase: 'Failed', ready: false };
    return running;
  }
  if (kind === 'Static') return running;
  if (roll < 0.003) return { ...running, addresses: [], phase: 'Pending', ready: false };
  if (roll < 0.01) return { ...running, ready: false };
  return roll < 0.013 ? { ...running, terminating: true } : running;
}

/** Letters of a name part for pod templates that were replaced long ago. */
export function oldHash(app: AppPlan): string {
  return safeLetters(app.firstPod + 41, 9);
}
