import {
  POD_CONFLICT,
  POD_PHASES,
  POD_READY,
  POD_TEMPLATE,
  POD_TERMINATING,
} from '../../src/model/snapshot.ts';
import type {
  ContainerPort,
  KindCoverage,
  NamespaceChunk,
  Node,
  Pod,
  PodTable,
  Service,
  Snapshot,
  SnapshotSource,
  Workload,
} from '../../src/model/snapshot.ts';

/** Plain text labels of a spec. */
export type LabelSpec = Readonly<Record<string, string>>;

/** A pod; whatever is left out is as in a healthy running cluster, without an address. */
export interface PodSpec extends Partial<
  Pick<
    Pod,
    'uid' | 'hostNetwork' | 'node' | 'phase' | 'ready' | 'template' | 'terminating' | 'conflict'
  >
> {
  readonly labels?: LabelSpec;
  readonly ips?: readonly string[];
  /** Key of one of the namespace's workloads. */
  readonly owner?: string;
  readonly ports?: readonly (Omit<ContainerPort, 'protocol' | 'container'> &
    Partial<ContainerPort>)[];
}

/** A Service; `ports` default to TCP with the target port of the same number. */
export interface ServiceSpec extends Partial<Omit<Service, 'name' | 'selector' | 'ports'>> {
  readonly selector?: LabelSpec;
  readonly ports?: readonly (Pick<Service['ports'][number], 'port'> &
    Partial<Service['ports'][number]>)[];
}

/** A namespace; workloads are keyed `apps/v1 Deployment web`. */
export interface NamespaceSpec extends Partial<
  Pick<NamespaceChunk, 'known' | 'conflict' | 'terminating' | 'uid'>
> {
  readonly labels?: LabelSpec;
  readonly pods?: Readonly<Record<string, PodSpec>>;
  readonly workloads?: Readonly<Record<string, Partial<Workload>>>;
  readonly services?: Readonly<Record<string, ServiceSpec>>;
}

/** A cluster told compactly. */
export interface SnapshotSpec {
  readonly source?: SnapshotSource;
  readonly namespaces?: Readonly<Record<string, NamespaceSpec>>;
  readonly nodes?: Readonly<
    Record<string, Partial<Omit<Node, 'name' | 'labels'>> & { readonly labels?: LabelSpec }>
  >;
  readonly coverage?: readonly KindCoverage[];
}

/** The snapshot of `spec`, without the decoders; its digest is a constant. */
export function makeSnapshot(spec: SnapshotSpec): Snapshot {
  const { source = 'LIVE', namespaces = {}, nodes = {}, coverage = [] } = spec;
  return {
    digest: '0'.repeat(64),
    source,
    sourceDetected: false,
    assumptions: [],
    coverage,
    problems: [],
    cluster: {
      nodes: sorted(nodes).map(([name, node]) => ({
        addresses: [],
        podCIDRs: [],
        ...node,
        name,
        labels: labelsOf(node.labels),
      })),
      policies: [],
    },
    namespaces: new Map(
      sorted(namespaces).map(([name, namespace]) => [name, makeNamespace(name, namespace)]),
    ),
    provenance: new Map(),
  };
}

function makeNamespace(name: string, spec: NamespaceSpec): NamespaceChunk {
  const { pods = {}, workloads = {}, services = {}, labels, ...rest } = spec;
  const owners = Object.entries(workloads).sort(([a], [b]) =>
    kindAndName(a) < kindAndName(b) ? -1 : 1,
  );
  const rows = sorted(pods);
  return {
    known: 'OBJECT',
    terminating: false,
    conflict: false,
    ...rest,
    name,
    labels: new Map([['kubernetes.io/metadata.name', name], ...labelsOf(labels)]),
    labelSets: rows.map(([, pod]) => labelsOf(pod.labels)),
    shapes: rows.map(([, { ports = [], hostNetwork = false }], i) => ({
      labels: i,
      hostNetwork,
      ports: ports.map((port) => ({ protocol: 'TCP', container: 'regular', ...port })),
    })),
    pods: makePods(
      rows,
      owners.map(([key]) => key),
    ),
    workloads: owners.map(([key, workload]) => {
      const [apiVersion = '', kind = '', workloadName = ''] = key.split(' ');
      return {
        apiVersion,
        kind,
        name: workloadName,
        labels: new Map(),
        template: false,
        ...workload,
      };
    }),
    policies: [],
    services: sorted(services).map(([serviceName, service]) => makeService(serviceName, service)),
  };
}

function makePods(rows: readonly [string, PodSpec][], owners: readonly string[]): PodTable {
  const flags = ({ ready = true, template, terminating, conflict }: PodSpec): number =>
    (ready ? POD_READY : 0) |
    (template === true ? POD_TEMPLATE : 0) |
    (terminating === true ? POD_TERMINATING : 0) |
    (conflict === true ? POD_CONFLICT : 0);
  return {
    name: rows.map(([name]) => name),
    uid: rows.map(([, { uid = '' }]) => uid),
    shape: rows.map((_, i) => i),
    addresses: rows.map(([, { ips = [] }]) => ips),
    node: rows.map(([, { node = '' }]) => node),
    workload: rows.map(([, { owner }]) => (owner === undefined ? -1 : owners.indexOf(owner))),
    phase: rows.map(([, { phase = 'RUNNING' }]) => POD_PHASES.indexOf(phase)),
    flags: rows.map(([, pod]) => flags(pod)),
  };
}

function makeService(name: string, spec: ServiceSpec): Service {
  const { selector, ports = [], ...rest } = spec;
  return {
    type: 'ClusterIP',
    headless: false,
    clusterIPs: [],
    externalIPs: [],
    loadBalancerIPs: [],
    loadBalancerSourceRanges: [],
    externalTrafficPolicy: 'Cluster',
    internalTrafficPolicy: 'Cluster',
    publishNotReadyAddresses: false,
    endpoints: [],
    conflict: false,
    ...rest,
    name,
    ...(selector === undefined ? {} : { selector: labelsOf(selector) }),
    ports: ports.map((port) => ({ protocol: 'TCP', targetPort: port.port, ...port })),
  };
}

function labelsOf(labels: LabelSpec = {}): Map<string, string> {
  return new Map(Object.entries(labels));
}

function kindAndName(key: string): string {
  return key.slice(key.indexOf(' ') + 1);
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
