import { groupOf } from './kinds.ts';
import type { Owner } from './kinds/metadata.ts';
import type { PodObject } from './kinds/pod.ts';
import { WORKLOAD_KINDS } from './kinds/workload.ts';
import type { WorkloadObject } from './kinds/workload.ts';
import type { Faulty, Settled } from './versions.ts';
import { NO_LABELS } from '../model/selector.ts';
import type { Labels } from '../model/selector.ts';
import type { Workload } from '../model/snapshot.ts';

/** A workload object of one namespace. */
export type SettledWorkload = Settled<WorkloadObject & Faulty>;

/** Longest chain of owners that is followed: more than any controller makes. */
const OWNERS_MAX = 4;
const POD_TEMPLATE_HASH = 'pod-template-hash';
/** Kinds that stand between pods and the workload that people speak of. */
const INTERMEDIATE_KINDS: readonly string[] = ['ReplicaSet', 'Job', 'ReplicationController'];

/** The workloads of one namespace, and which of them a pod or object belongs to. */
export interface WorkloadJoin {
  /** The top owner of a pod; undefined for pods that nothing controls, mirror pods included. */
  readonly ownerOfPod: (pod: Pick<PodObject, 'owner' | 'labels'>) => Owner | undefined;
  /** The top owner of a workload object: itself, unless something in turn controls it. */
  readonly ownerOfWorkload: (workload: SettledWorkload) => Owner;
  readonly find: (owner: Owner) => SettledWorkload | undefined;
}

/** Joins pods and workloads of one namespace by the names of their owners. */
export function joinWorkloads(workloads: readonly SettledWorkload[]): WorkloadJoin {
  const byKey = new Map(workloads.map((each) => [ownerKey(each.ref), each]));
  const find = (owner: Owner): SettledWorkload | undefined => byKey.get(ownerKey(owner));
  const climb = (start: Owner): Owner => {
    let top = start;
    for (let i = 0; i < OWNERS_MAX && INTERMEDIATE_KINDS.includes(top.kind); i += 1) {
      const next = find(top)?.content.owner;
      if (next === undefined) break;
      top = next;
    }
    return top;
  };
  const topOf = ({ owner, labels }: Pick<PodObject, 'owner' | 'labels'>): Owner | undefined => {
    if (owner === undefined || (owner.kind === 'Node' && groupOf(owner.apiVersion) === '')) {
      return undefined;
    }
    const inferred = find(owner) === undefined ? inferDeployment(owner, labels) : undefined;
    return inferred ?? climb(owner);
  };
  // Pods of one workload follow each other, and share what is equal.
  let last: Pick<PodObject, 'owner' | 'labels'> | undefined;
  let lastTop: Owner | undefined;
  return {
    ownerOfPod: (pod) => {
      if (last === undefined || last.owner !== pod.owner || last.labels !== pod.labels) {
        lastTop = topOf(pod);
        last = pod;
      }
      return lastTop;
    },
    ownerOfWorkload: ({ ref }) => {
      const { apiVersion, kind, name, uid } = ref;
      return climb({ apiVersion, kind, name, ...(uid === undefined ? {} : { uid }) });
    },
    find,
  };
}

const NATIVE_KINDS: ReadonlySet<string> = new Set(WORKLOAD_KINDS);
const NATIVE_GROUPS: ReadonlySet<string> = new Set(['', 'apps', 'batch', 'extensions']);

/** Tells workloads apart; versions of one kind do not count. */
export function ownerKey({ apiVersion, kind, name }: Omit<Owner, 'uid'>): string {
  const group = groupOf(apiVersion);
  const home = NATIVE_KINDS.has(kind) && NATIVE_GROUPS.has(group) ? 'native' : group;
  return `${kind}\u0000${name}\u0000${home}`;
}

/** The workload that `owner` is, as the snapshot lists it. */
export function workloadOf(
  owner: Owner,
  object: SettledWorkload | undefined,
  template: boolean,
): Workload {
  const { apiVersion, kind, name, uid } = object?.ref ?? owner;
  const replicas = object?.content.replicas;
  return {
    apiVersion,
    kind,
    name,
    ...(uid === undefined ? {} : { uid }),
    labels: object?.content.labels ?? NO_LABELS,
    ...(replicas === undefined ? {} : { replicas }),
    template,
  };
}

/**
 * The Deployment behind a ReplicaSet that is not in the snapshot: Deployments name theirs after
 * themselves and the hash that they also put on the pods.
 */
function inferDeployment({ apiVersion, kind, name }: Owner, labels: Labels): Owner | undefined {
  const hash = labels.get(POD_TEMPLATE_HASH);
  if (kind !== 'ReplicaSet' || hash === undefined || !name.endsWith(`-${hash}`)) return undefined;
  const deployment = name.slice(0, -hash.length - 1);
  return deployment === '' ? undefined : { apiVersion, kind: 'Deployment', name: deployment };
}
