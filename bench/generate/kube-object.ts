/** A value of a generated object. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Labels as Kubernetes writes them. */
export type LabelMap = Readonly<Record<string, string>>;

/** A plain Kubernetes object, fields in the order of the API's structs. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonObject & { readonly name: string };
  readonly [field: string]: JsonValue;
}

/** What is generated, in the order in which `kubectl get ns,no,po,...` lists it. */
export const KINDS = [
  'Namespace',
  'Node',
  'Pod',
  'Service',
  'EndpointSlice',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'NetworkPolicy',
] as const;
/** One of {@link KINDS}. */
export type Kind = (typeof KINDS)[number];

/**
 * How much of an object is made: `kept`, the fields that podreach reads; `full`, what a cluster has;
 * `managed`, with the managed fields that API servers add.
 */
export type Detail = 'kept' | 'full' | 'managed';

/** Occurs in variables, arguments and annotations of pods: nothing of it may ever be stored. */
export const CANARY = 'canary-7d1f0c';
