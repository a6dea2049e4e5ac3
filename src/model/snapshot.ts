import type { Protocol } from './connection-set.ts';
import type { ControllerClass, NamespaceEntries } from './entry.ts';
import type { ObjectRef, Policy } from './policy.ts';
import { NO_LABELS } from './selector.ts';
import type { Labels } from './selector.ts';

/** `s_...`: content seen in a cluster at a time. */
export type SnapshotId = string & { readonly brand: 'SnapshotId' };

/** Where the objects came from: a running cluster, or files somebody wrote. */
export type SnapshotSource = 'LIVE' | 'MANIFESTS';

/** How much of a kind the snapshot has. */
export type CoverageStatus = 'COMPLETE' | 'PARTIAL' | 'ABSENT' | 'FORBIDDEN';

/** Coverage of one kind; part of every answer (contract 3). */
export interface KindCoverage {
  readonly apiVersion: string;
  readonly kind: string;
  readonly status: CoverageStatus;
  /** Objects of this kind in the snapshot. */
  readonly count: number;
  /** `PARTIAL` by namespace: the namespaces that are covered; otherwise empty. */
  readonly namespaces: readonly string[];
}

/** Something about the input that a reader of the answers must know; data, never an exception. */
export interface Problem {
  readonly severity: 'error' | 'warning' | 'info';
  /** Stable, upper snake case: `INVALID_POLICY`, `DUPLICATE_OBJECT` ... */
  readonly code: string;
  /** `NetworkPolicy shop/allow-web`. */
  readonly object: string;
  /** Namespace whose verdicts it could change; absent: the whole cluster. */
  readonly namespace?: string;
  /** `spec.ingress[0].ports[0].port`; empty when the whole object is meant. */
  readonly path: string;
  readonly message: string;
  /** Whether repairing it could change a verdict; such problems are part of the digest. */
  readonly affectsVerdicts: boolean;
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
}

/** One declared container port. */
export interface ContainerPort {
  readonly name?: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** Which containers count for named ports is a dialect option (semantics R1.48). */
  readonly container: 'regular' | 'sidecar' | 'init';
  readonly hostPort?: number;
}

/** What pods stamped from one template share; interned per namespace. */
export interface PodShape {
  /** Index into `NamespaceChunk.labelSets`. */
  readonly labels: number;
  readonly ports: readonly ContainerPort[];
  readonly hostNetwork: boolean;
}

/**
 * `UNKNOWN`: the object had no status (a manifest). The API's own phase `Unknown` is treated as
 * running (semantics R2.6).
 */
export const POD_PHASES = ['UNKNOWN', 'PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED'] as const;
/** One of {@link POD_PHASES}. */
export type PodPhase = (typeof POD_PHASES)[number];

/** A column of numbers: of a table that was read, a view on its bytes. */
export type NumberColumn = readonly number[] | Int32Array | Uint8Array;

/**
 * The pods of a namespace as parallel columns, sorted by name.
 *
 * INVARIANT: all columns have the same length; names are distinct.
 */
export interface PodTable {
  readonly name: readonly string[];
  /** Empty string: not known. */
  readonly uid: readonly string[];
  /** Index into `NamespaceChunk.shapes`. */
  readonly shape: NumberColumn;
  /** Canonical address texts, at most one of each family; empty: none known. */
  readonly addresses: readonly (readonly string[])[];
  /** Empty string: not known. */
  readonly node: readonly string[];
  /** Index into `NamespaceChunk.workloads`, -1 for a pod without an owner. */
  readonly workload: NumberColumn;
  /** Index into {@link POD_PHASES}. */
  readonly phase: NumberColumn;
  /** Bit set of {@link POD_READY}, {@link POD_TEMPLATE}, {@link POD_TERMINATING}, {@link POD_CONFLICT}. */
  readonly flags: NumberColumn;
}

/** The table of a namespace without pods. */
export const NO_PODS: PodTable = Object.freeze({
  name: [],
  uid: [],
  shape: [],
  addresses: [],
  node: [],
  workload: [],
  phase: [],
  flags: [],
});

/** The pod is ready to serve (or nothing says that it is not). */
export const POD_READY = 1;
/** Made by us from a workload's template: no address, no node. */
export const POD_TEMPLATE = 2;
/** Has a deletion timestamp. */
export const POD_TERMINATING = 4;
/** The input held two different objects with this name (decisions 3). */
export const POD_CONFLICT = 8;

/** One pod as a record; the reading form of a {@link PodTable} row. */
export interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly labels: Labels;
  readonly ports: readonly ContainerPort[];
  readonly hostNetwork: boolean;
  readonly addresses: readonly string[];
  readonly node: string;
  /** Index into `NamespaceChunk.workloads`, -1 for none. */
  readonly workload: number;
  readonly phase: PodPhase;
  readonly ready: boolean;
  readonly template: boolean;
  readonly terminating: boolean;
  readonly conflict: boolean;
}

/** The top-level owner of pods: a Deployment, StatefulSet ..., or any owner kind the snapshot names. */
export interface Workload {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
  /** The workload's own labels, not those of its pods. */
  readonly labels: Labels;
  /** Declared replicas; absent when not declared or not applicable. */
  readonly replicas?: number;
  /** Whether its pods are templates made by us. */
  readonly template: boolean;
}

/** One port of a Service. */
export interface ServicePort {
  readonly name?: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** Number, or the name of a container port resolved per endpoint pod (semantics R2.10). */
  readonly targetPort: number | string;
  readonly nodePort?: number;
}

/** Endpoints that share ports, from one EndpointSlice or one subset of an Endpoints object. */
export interface EndpointGroup {
  readonly source: 'EndpointSlice' | 'Endpoints';
  readonly ports: readonly {
    readonly name?: string;
    readonly protocol: Protocol;
    /** Absent: every port. */
    readonly port?: number;
  }[];
  readonly endpoints: readonly {
    /** Canonical address texts. */
    readonly addresses: readonly string[];
    /** `namespace/name` of the pod behind it, when the object says so. */
    readonly pod?: string;
    readonly node?: string;
    readonly ready: boolean;
    readonly serving: boolean;
    readonly terminating: boolean;
  }[];
}

/** A Service with its endpoints. */
export interface Service {
  readonly name: string;
  readonly uid?: string;
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  /** `clusterIP: None`: clients use pod addresses, ports are not translated. */
  readonly headless: boolean;
  /** Absent: endpoints are managed by hand. */
  readonly selector?: Labels;
  readonly ports: readonly ServicePort[];
  /** Canonical address texts; empty when not known or headless. */
  readonly clusterIPs: readonly string[];
  readonly externalIPs: readonly string[];
  /** Addresses of the load balancer, as published in the status. */
  readonly loadBalancerIPs: readonly string[];
  readonly loadBalancerSourceRanges: readonly string[];
  readonly externalName?: string;
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  readonly internalTrafficPolicy: 'Cluster' | 'Local';
  readonly publishNotReadyAddresses: boolean;
  readonly endpoints: readonly EndpointGroup[];
  /** The input held two different objects with this name. */
  readonly conflict: boolean;
}

/** Everything of one namespace; immutable and identified by its hash. */
export interface NamespaceChunk {
  readonly name: string;
  readonly uid?: string;
  /** Always holds `kubernetes.io/metadata.name` (semantics R1.30). */
  readonly labels: Labels;
  /**
   * `OBJECT`: read from a Namespace. `IMPLIED`: known by name only, and that is all there is
   * (manifests). `UNKNOWN`: a dump without its object; labels other than the name are not known.
   */
  readonly known: 'OBJECT' | 'IMPLIED' | 'UNKNOWN';
  readonly terminating: boolean;
  /** The input held two different Namespace objects with this name. */
  readonly conflict: boolean;
  readonly labelSets: readonly Labels[];
  readonly shapes: readonly PodShape[];
  readonly pods: PodTable;
  /** Sorted by kind, then name. */
  readonly workloads: readonly Workload[];
  /** Sorted by kind, then name. */
  readonly policies: readonly Policy[];
  /** Sorted by name. */
  readonly services: readonly Service[];
  /** Ingresses, routes and Gateways; absent where there are none. */
  readonly waysIn?: NamespaceEntries;
}

/** A node of the cluster. */
export interface Node {
  readonly name: string;
  readonly uid?: string;
  readonly labels: Labels;
  /** Canonical texts of InternalIP and ExternalIP addresses. */
  readonly addresses: readonly string[];
  readonly podCIDRs: readonly string[];
}

/** Everything that is in no namespace. */
export interface ClusterChunk {
  /** Sorted by name. */
  readonly nodes: readonly Node[];
  /** Cluster-scoped policies, sorted by kind, then name. */
  readonly policies: readonly Policy[];
  /** Sorted by kind, then name; absent where there are none. */
  readonly controllerClasses?: readonly ControllerClass[];
}

/** Where a policy was written; not part of the digest. */
export interface Provenance {
  readonly object: ObjectRef;
  readonly file?: string;
  /** 1-based line of the object. */
  readonly line?: number;
  /** JSON pointer → 1-based line, for rules and peers; empty when positions are not known. */
  readonly lines: readonly (readonly [pointer: string, line: number])[];
}

/**
 * Everything known of a cluster at one time; immutable, identified by content.
 *
 * INVARIANT: `digest` is that of all other members but `provenance` and the file and line of problems.
 */
export interface Snapshot {
  /** Lower-case hexadecimal SHA-256. */
  readonly digest: string;
  readonly source: SnapshotSource;
  /** Whether `source` was detected rather than told. */
  readonly sourceDetected: boolean;
  /** Options of the ingest that answers depend on, e.g. `NO_POLICIES`. */
  readonly assumptions: readonly string[];
  readonly coverage: readonly KindCoverage[];
  readonly problems: readonly Problem[];
  readonly cluster: ClusterChunk;
  /**
   * Sorted by namespace name in code units. Names and size are always known; a stored snapshot reads
   * and verifies a chunk when it is first asked for, and throws `snapshot-corrupt` then if it must.
   */
  readonly namespaces: ReadonlyMap<string, NamespaceChunk>;
  /** By namespace, `''` for cluster-scoped objects; sorted, read like `namespaces`. */
  readonly provenance: ReadonlyMap<string, readonly Provenance[]>;
}

/** Provenance by the namespace of its objects, `''` for those in none, in the order given. */
export function provenanceByNamespace(
  entries: Iterable<Provenance>,
): ReadonlyMap<string, readonly Provenance[]> {
  const groups = new Map<string, Provenance[]>();
  for (const entry of entries) {
    const namespace = entry.object.namespace ?? '';
    const group = groups.get(namespace);
    if (group === undefined) groups.set(namespace, [entry]);
    else group.push(entry);
  }
  return groups;
}

/** Row `i` of a namespace's pods as a record. */
export function podAt(chunk: NamespaceChunk, i: number): Pod {
  const { pods } = chunk;
  const shape = chunk.shapes[pods.shape[i] ?? -1];
  const name = pods.name[i];
  if (shape === undefined || name === undefined) throw new RangeError(`no pod at row ${i}`);
  const flags = pods.flags[i] ?? 0;
  return {
    name,
    uid: pods.uid[i] ?? '',
    labels: chunk.labelSets[shape.labels] ?? new Map(),
    ports: shape.ports,
    hostNetwork: shape.hostNetwork,
    addresses: pods.addresses[i] ?? [],
    node: pods.node[i] ?? '',
    workload: pods.workload[i] ?? -1,
    phase: POD_PHASES[pods.phase[i] ?? 0] ?? 'UNKNOWN',
    ready: (flags & POD_READY) !== 0,
    template: (flags & POD_TEMPLATE) !== 0,
    terminating: (flags & POD_TERMINATING) !== 0,
    conflict: (flags & POD_CONFLICT) !== 0,
  };
}

/** Labels of the pod in row `i`. */
export function labelsAt({ pods, shapes, labelSets }: NamespaceChunk, i: number): Labels {
  return labelSets[shapes[pods.shape[i] ?? -1]?.labels ?? -1] ?? NO_LABELS;
}

/** Whether the pod in row `i` is gone for good. */
export function isFinishedAt({ pods }: NamespaceChunk, i: number): boolean {
  return isFinished(POD_PHASES[pods.phase[i] ?? 0] ?? 'UNKNOWN');
}

/** Whether the flag {@link POD_TEMPLATE}, {@link POD_CONFLICT} … is set of the pod in row `i`. */
export function hasFlag({ pods }: NamespaceChunk, i: number, flag: number): boolean {
  return ((pods.flags[i] ?? 0) & flag) !== 0;
}

/** Whether a pod in this phase is gone for good: no subject, no peer, no endpoint (semantics R2.6). */
export function isFinished(phase: PodPhase): boolean {
  return phase === 'SUCCEEDED' || phase === 'FAILED';
}
