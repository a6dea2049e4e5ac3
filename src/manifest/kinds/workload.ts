import { addFault, child, integerOf, isAbsent, textMapOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import type { KeepTree } from '../read-item.ts';
import type { Labels } from '../../model/selector.ts';
import { METADATA } from './metadata.ts';
import type { Metadata, Owner } from './metadata.ts';
import { POD_SPEC_KEEP, decodePodSpec } from './pod.ts';
import type { PodSpec } from './pod.ts';

const TEMPLATE: KeepTree = { metadata: { labels: true }, spec: POD_SPEC_KEEP };

/** The kinds whose objects stamp pods from a template. */
export const WORKLOAD_KINDS = [
  'CronJob',
  'DaemonSet',
  'Deployment',
  'Job',
  'ReplicaSet',
  'ReplicationController',
  'StatefulSet',
] as const;
/** One of {@link WORKLOAD_KINDS}. */
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** What is kept of a workload of any kind but CronJob. */
export const WORKLOAD_KEEP: KeepTree = {
  metadata: METADATA,
  spec: { replicas: true, parallelism: true, ordinals: { start: true }, template: TEMPLATE },
};

/** What is kept of a CronJob. */
export const CRON_JOB_KEEP: KeepTree = {
  metadata: METADATA,
  spec: { jobTemplate: { spec: { parallelism: true, template: TEMPLATE } } },
};

/** One pod a controller will make, as far as that can be foretold. */
export interface TemplatePod extends PodSpec {
  readonly labels: Labels;
}

/** A workload object. */
export interface WorkloadObject {
  readonly kind: WorkloadKind;
  readonly labels: Labels;
  /** Declared replicas; undefined when not declared or not applicable. */
  readonly replicas: number | undefined;
  /**
   * What stands for its pods when there are none: two where it may run several, so that questions
   * about one pod and another can be asked (semantics 5.3).
   */
  readonly templates: readonly TemplatePod[];
  readonly owner: Owner | undefined;
}

/** Decodes a workload named `name`. */
export function decodeWorkload(
  root: Field,
  { labels, owner }: Metadata,
  kind: WorkloadKind,
  name: string,
): WorkloadObject {
  const own = child(root, 'spec');
  const spec = kind === 'CronJob' ? child(child(own, 'jobTemplate'), 'spec') : own;
  const replicas = hasReplicas(kind) ? countAt(child(spec, 'replicas')) : undefined;
  const template = child(spec, 'template');
  if (isAbsent(template)) addFault(template, `the ${kind} has no pod template`);
  const stamped = {
    ...decodePodSpec(child(template, 'spec')),
    labels: textMapOf(child(child(template, 'metadata'), 'labels')),
  };
  const count = isAbsent(template) ? 0 : representatives(kind, replicas, spec);
  const firstOrdinal = countAt(child(child(spec, 'ordinals'), 'start')) ?? 0;
  const templates = Array.from({ length: count }, (_, i) => ({
    ...stamped,
    labels: withLabels(stamped.labels, controllerLabels(kind, name, firstOrdinal + i)),
  }));
  return { kind, labels, replicas, templates, owner };
}

function hasReplicas(kind: WorkloadKind): boolean {
  return kind !== 'DaemonSet' && kind !== 'Job' && kind !== 'CronJob';
}

function representatives(kind: WorkloadKind, replicas: number | undefined, spec: Field): number {
  if (kind === 'DaemonSet') return 2;
  const count = hasReplicas(kind) ? replicas : countAt(child(spec, 'parallelism'));
  return Math.min(count ?? 1, 2);
}

function countAt(field: Field): number | undefined {
  const count = integerOf(field);
  if (count === undefined || 0 <= count) return count;
  addFault(field, `\`${count}\` is less than 0`);
  return undefined;
}

/** Labels that the controller will add and whose value is known beforehand (semantics R1.65). */
function controllerLabels(kind: WorkloadKind, name: string, ordinal: number): Labels {
  if (kind === 'StatefulSet') {
    return new Map([
      ['apps.kubernetes.io/pod-index', String(ordinal)],
      ['statefulset.kubernetes.io/pod-name', `${name}-${ordinal}`],
    ]);
  }
  if (kind !== 'Job') return new Map();
  return new Map([
    ['batch.kubernetes.io/job-name', name],
    ['job-name', name],
  ]);
}

function withLabels(labels: Labels, added: Labels): Labels {
  if (added.size === 0) return labels;
  return new Map([...new Map([...labels, ...added])].sort(([a], [b]) => (a < b ? -1 : 1)));
}
