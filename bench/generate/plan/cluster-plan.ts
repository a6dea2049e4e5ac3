import type { ClusterSpec } from '../cluster-spec.ts';
import type { KubeObject, LabelMap } from '../kube-object.ts';
import type { Network } from './network.ts';

/** A declared container port. */
export interface PortPlan {
  readonly name?: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
}

/** The workloads that pods can belong to; `Static` pods belong to their node. */
export type AppKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job' | 'Static';

/** Pods of one app that were stamped from one version of its template. */
export interface Revision {
  /** `pod-template-hash` or `controller-revision-hash`; empty for Jobs and static pods. */
  readonly hash: string;
  readonly replicas: number;
  readonly ports: readonly PortPlan[];
}

/** A workload with its pods. */
export interface AppPlan {
  readonly name: string;
  readonly kind: AppKind;
  /** Labels of the template, without those that controllers add. */
  readonly labels: LabelMap;
  /** Newest last; two while a rollout is under way. */
  readonly revisions: readonly Revision[];
  readonly hostNetwork: boolean;
  /** Ordinal of its first pod in the cluster. */
  readonly firstPod: number;
  /** A DaemonSet of the platform, one pod on each node: its number among those. */
  readonly daemonSlot?: number;
  /** Has a Service in front. */
  readonly service?: 'ClusterIP' | 'Headless' | 'LoadBalancer';
}

/** One namespace before its objects are made: small, and made again whenever it is needed. */
export interface NamespacePlan {
  readonly index: number;
  readonly name: string;
  readonly labels: LabelMap;
  readonly dualStack: boolean;
  readonly apps: readonly AppPlan[];
  /** Policies it has. */
  readonly policies: number;
}

/** A cluster of which any namespace can be made alone. */
export interface ClusterPlan {
  readonly spec: ClusterSpec;
  readonly network: Network;
  readonly namespaces: number;
  readonly planNamespace: (index: number) => NamespacePlan;
  /** The NetworkPolicies of a namespace: as many as its plan says. */
  readonly policiesOf: (namespace: NamespacePlan) => Iterable<KubeObject>;
}

/** Pods of an app, whatever their phase. */
export function podsOfApp({ revisions }: AppPlan): number {
  return revisions.reduce((sum, { replicas }) => sum + replicas, 0);
}
