import { endpointGroupHead } from './endpoint-columns.ts';
import type { EndpointGroupHead } from './endpoint-columns.ts';
import { controllerClasses, namespaceEntriesCodec } from './entry-codec.ts';
import { PodreachError } from './errors.ts';
import { decodeAs, flag, integer, list, number, oneOf, optional, pair } from './json-codec.ts';
import { record, text, textMap, textOrInteger, unreadable, variant } from './json-codec.ts';
import { wordOr } from './json-codec.ts';
import type { Codec } from './json-codec.ts';
import type { ObjectRef, Opacity, PeerAtom, PeerTerm, PodSelection, Policy } from './policy.ts';
import type { NamespaceScope, PortTerm, Rule } from './policy.ts';
import type { LabelSelector, Requirement } from './selector.ts';
import type { ClusterChunk, ContainerPort, KindCoverage, Node } from './snapshot.ts';
import type { NamespaceChunk, PodShape, Problem, Provenance } from './snapshot.ts';
import type { Service, ServicePort, Workload } from './snapshot.ts';

type Range = Extract<PortTerm, { kind: 'range' }>;
type NamedPort = Extract<PortTerm, { kind: 'name' }>;
type Atom<Kind extends PeerAtom['kind']> = Extract<PeerAtom, { kind: Kind }>;
type Scope<Kind extends NamespaceScope['kind']> = Extract<NamespaceScope, { kind: Kind }>;

/** Where the objects of one namespace, or all cluster-scoped ones, were written. */
export interface ProvenanceChunk {
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly entries: readonly Provenance[];
}

const texts = list(text);
const protocol = oneOf('TCP', 'UDP', 'SCTP');

const objectRef = record<ObjectRef>({
  apiVersion: text,
  kind: text,
  namespace: optional(text),
  name: text,
  uid: optional(text),
});

const selector = record<LabelSelector>({
  requirements: list(
    record<Requirement>({
      key: text,
      operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist'),
      values: texts,
    }),
  ),
});

const podSelection = record<PodSelection>({
  namespaces: variant<NamespaceScope>({
    named: record<Scope<'named'>>({ kind: oneOf('named'), name: text }),
    selected: record<Scope<'selected'>>({ kind: oneOf('selected'), selector }),
  }),
  pods: selector,
});

const peerTerm = record<PeerTerm>({
  index: integer,
  negated: flag,
  atom: variant<PeerAtom>({
    pods: record<Atom<'pods'>>({ kind: oneOf('pods'), selection: podSelection }),
    addresses: record<Atom<'addresses'>>({
      kind: oneOf('addresses'),
      cidr: text,
      except: texts,
      owned: oneOf('options', 'always'),
    }),
    nodes: record<Atom<'nodes'>>({ kind: oneOf('nodes'), selector }),
    opaque: record<Atom<'opaque'>>({ kind: oneOf('opaque'), reason: text }),
  }),
});

const portTerm = variant<PortTerm>({
  range: record<Range>({
    index: integer,
    kind: oneOf('range'),
    protocol,
    from: integer,
    to: integer,
  }),
  name: record<NamedPort>({
    index: integer,
    kind: oneOf('name'),
    protocol: optional(protocol),
    name: text,
  }),
});

const rules = list(
  record<Rule>({
    index: integer,
    name: optional(text),
    action: oneOf('allow', 'deny', 'pass'),
    peers: wordOr('every', list(peerTerm)),
    ports: wordOr('every', list(portTerm)),
    opaque: optional(text),
  }),
);

const policy = record<Policy>({
  ref: objectRef,
  tier: oneOf('admin', 'network-policy', 'baseline'),
  order: number,
  subject: podSelection,
  applies: record<Policy['applies']>({ ingress: flag, egress: flag }),
  ingress: rules,
  egress: rules,
  opaque: optional(
    record<Opacity>({
      code: oneOf('UNEVALUATED_POLICY', 'INVALID_POLICY', 'CONFLICTING_OBJECTS'),
      message: text,
    }),
  ),
  spec: text,
});

const podShape = record<PodShape>({
  labels: integer,
  ports: list(
    record<ContainerPort>({
      name: optional(text),
      protocol,
      port: integer,
      container: oneOf('regular', 'sidecar', 'init'),
      hostPort: optional(integer),
    }),
  ),
  hostNetwork: flag,
});

const workload = record<Workload>({
  apiVersion: text,
  kind: text,
  name: text,
  uid: optional(text),
  labels: textMap,
  replicas: optional(integer),
  template: flag,
});

/** A Service whose endpoints stand in columns. */
export interface StoredService extends Omit<Service, 'endpoints'> {
  readonly endpoints: readonly EndpointGroupHead[];
}

const service = record<StoredService>({
  name: text,
  uid: optional(text),
  type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
  headless: flag,
  selector: optional(textMap),
  ports: list(
    record<ServicePort>({
      name: optional(text),
      protocol,
      port: integer,
      targetPort: textOrInteger,
      nodePort: optional(integer),
    }),
  ),
  clusterIPs: texts,
  externalIPs: texts,
  loadBalancerIPs: texts,
  loadBalancerSourceRanges: texts,
  externalName: optional(text),
  externalTrafficPolicy: oneOf('Cluster', 'Local'),
  internalTrafficPolicy: oneOf('Cluster', 'Local'),
  publishNotReadyAddresses: flag,
  endpoints: list(endpointGroupHead),
  conflict: flag,
});

/** What a chunk says of its namespace itself. */
export type NamespaceHead = Pick<
  NamespaceChunk,
  'name' | 'uid' | 'labels' | 'known' | 'terminating' | 'conflict' | 'waysIn'
>;

/** The head as a JSON value. */
export const namespaceHead: Codec<NamespaceHead> = record<NamespaceHead>({
  name: text,
  uid: optional(text),
  labels: textMap,
  known: oneOf('OBJECT', 'IMPLIED', 'UNKNOWN'),
  terminating: flag,
  conflict: flag,
  // Of few namespaces; one without has the bytes it had before there were any.
  waysIn: optional(namespaceEntriesCodec(objectRef, selector)),
});

/** Tables of a namespace that are lists of JSON values; all but its pods and endpoints. */
export type NamespaceLists = Omit<NamespaceChunk, keyof NamespaceHead | 'pods' | 'services'>;

/** Each list as a JSON value, in the order in which they are written. */
export const namespaceLists: {
  readonly [Name in keyof NamespaceLists]: Codec<NamespaceLists[Name]>;
} = {
  labelSets: list(textMap),
  shapes: list(podShape),
  workloads: list(workload),
  policies: list(policy),
};

/** Services as a JSON value. */
export const services: Codec<readonly StoredService[]> = list(service);

const clusterChunk = record<ClusterChunk>({
  nodes: list(
    record<Node>({
      name: text,
      uid: optional(text),
      labels: textMap,
      addresses: texts,
      podCIDRs: texts,
    }),
  ),
  policies: list(policy),
  controllerClasses: optional(controllerClasses),
});

const provenanceChunk = record<ProvenanceChunk>({
  namespace: text,
  entries: list(
    record<Provenance>({
      object: objectRef,
      file: optional(text),
      line: optional(integer),
      lines: list(pair(text, integer)),
    }),
  ),
});

const problems = list(
  record<Problem>({
    severity: oneOf('error', 'warning', 'info'),
    code: text,
    object: text,
    namespace: optional(text),
    path: text,
    message: text,
    affectsVerdicts: flag,
    file: optional(text),
    line: optional(integer),
  }),
);

/** Coverage as JSON values; a part of the digest and of a stored snapshot's header. */
export const coverageCodec: Codec<readonly KindCoverage[]> = list(
  record<KindCoverage>({
    apiVersion: text,
    kind: text,
    status: oneOf('COMPLETE', 'PARTIAL', 'ABSENT', 'FORBIDDEN'),
    count: integer,
    namespaces: texts,
  }),
);

/** Canonical bytes of what is in no namespace. */
export function encodeClusterChunk(chunk: ClusterChunk): Uint8Array {
  return write('cluster', clusterChunk, chunk);
}

/** The chunk of {@link encodeClusterChunk}, frozen. @throws `snapshot-corrupt` */
export function decodeClusterChunk(bytes: Uint8Array): ClusterChunk {
  return read('cluster', clusterChunk, bytes);
}

/** Canonical bytes of the provenance of one namespace's objects. */
export function encodeProvenance(chunk: ProvenanceChunk): Uint8Array {
  return write('provenance', provenanceChunk, chunk);
}

/** The chunk of {@link encodeProvenance}, frozen. @throws `snapshot-corrupt` */
export function decodeProvenance(bytes: Uint8Array): ProvenanceChunk {
  return read('provenance', provenanceChunk, bytes);
}

/** Canonical bytes of problems, in the order given. */
export function encodeProblems(list: readonly Problem[]): Uint8Array {
  return write('problems', problems, list);
}

/** The problems of {@link encodeProblems}, frozen. @throws `snapshot-corrupt` */
export function decodeProblems(bytes: Uint8Array): readonly Problem[] {
  return read('problems', problems, bytes);
}

/**
 * One JSON text `["podreach/<kind>/1", value]`. The tag keeps chunks of different kinds apart even
 * when their values are alike, and names the format, so that a later one can be told from this.
 */
function write<T>(kind: string, codec: Codec<T>, value: T): Uint8Array {
  return Buffer.from(JSON.stringify([formatOf(kind), codec.encode(value)]), 'utf8');
}

function read<T>(kind: string, codec: Codec<T>, bytes: Uint8Array): T {
  const json = parseJson(bytes, kind);
  if (!Array.isArray(json) || json.length !== 2 || json[0] !== formatOf(kind)) {
    throw unreadable('format', `\`${formatOf(kind)}\``);
  }
  return decodeAs(codec, json[1], kind);
}

function formatOf(kind: string): string {
  return `podreach/${kind}/1`;
}

function parseJson(bytes: Uint8Array, kind: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new PodreachError('snapshot-corrupt', `a stored ${kind} chunk is not JSON`, {}, cause);
  }
}
