import { cidrsOf } from '../model/address.ts';
import type { AddressRange } from '../model/address.ts';
import type { GroupBy } from '../model/answer.ts';
import type { Peer } from '../model/peer.ts';
import { NO_LABELS } from '../model/selector.ts';
import type { Labels } from '../model/selector.ts';
import type { NamespaceChunk, Workload } from '../model/snapshot.ts';
import type { ModelView, NodeOrdinal, PodOrdinal, ViewService } from './model-view.ts';
import { cidrKey } from './refs/cidr-key.ts';
import { podsOfNamespace } from './refs/namespace-pods.ts';
import { workloadTypes } from './refs/workload-types.ts';
import { countPods } from './count-pods.ts';

/** What a row stands for when pods are grouped. */
export interface PodGroup {
  /** Key of the peer. */
  readonly key: string;
  /** Made when asked for: lists need the keys of all groups and the peers of one page. */
  readonly peer: () => Peer;
}

/** Pods without a name, as one end. */
export interface OtherPods {
  /** Key of `peer`. */
  readonly key: string;
  readonly peer: Peer;
  /** Ascending. */
  readonly pods: readonly PodOrdinal[];
}

/**
 * Names, labels and owners: how answers name things, and what names stand for.
 *
 * Immutable but for what it remembers; made once per index.
 */
export interface Directory {
  readonly view: ModelView;
  /** `shop/pod/web-1`. */
  podPeer(pod: PodOrdinal): Peer;
  /** `shop/deploy/web`; `workload` is an index into the namespace's workloads. */
  workloadPeer(namespace: string, workload: number): Peer;
  /** `shop/*`: every pod of the namespace. */
  namespacePeer(name: string): Peer;
  /** `node/worker-1`. */
  nodePeer(node: NodeOrdinal): Peer;
  /** `shop/svc/api`. */
  servicePeer(service: ViewService): Peer;
  /** `10.0.0.0/8`; the CIDRs are the fewest for `ranges`. */
  rangePeer(ranges: readonly AddressRange[]): Peer;
  /** Any other set of pods, named by the text that asks for it. */
  podSetPeer(ref: string, pods: readonly PodOrdinal[]): Peer;
  /** At most `max` peers that `pods` are; those without a name are one, the last. */
  podPeers(pods: readonly PodOrdinal[], max: number): readonly Peer[];
  /**
   * The pods that have no name here, together: those of the pod network that are in namespaces of
   * which the reader is not told. Undefined where the reader is told of all.
   */
  readonly others: OtherPods | undefined;
  /** Key of {@link podPeer}. */
  podKeyOf(pod: PodOrdinal): string;
  /** Key of the pod's workload; a pod without an owner is its own. */
  workloadKeyOf(pod: PodOrdinal): string;
  /** The row a pod belongs to; a pod without an owner is its own workload. */
  groupOfPod(pod: PodOrdinal, groupBy: GroupBy): PodGroup;
  /** Pods of a workload, finished ones included, ascending. */
  podsOfWorkload(namespace: string, workload: number): readonly PodOrdinal[];
  /** Indexes of the workloads of this name, of whatever kind. */
  workloadsNamed(namespace: string, name: string): readonly number[];
}

/** What is precomputed of a namespace when something in it is first named. */
interface NamespaceEntry {
  readonly chunk: NamespaceChunk;
  /** By workload index: `deploy`, `sts`, `rollout` ... */
  readonly types: readonly string[];
  readonly podsOf: readonly (readonly PodOrdinal[])[];
  readonly byName: ReadonlyMap<string, readonly number[]>;
}

/** Lays out the names of `view`. */
export function buildDirectory(view: ModelView): Directory {
  const entries = new Map<string, NamespaceEntry>();
  const entryOf = (name: string): NamespaceEntry | undefined => {
    const known = entries.get(name);
    if (known !== undefined) return known;
    const chunk = view.snapshot.namespaces.get(name);
    if (chunk === undefined) return undefined;
    const entry = buildEntry(view, chunk);
    entries.set(name, entry);
    return entry;
  };
  const podPeer = (pod: PodOrdinal): Peer => makePodPeer(view, pod);
  const workloadPeer = (namespace: string, i: number): Peer =>
    makeWorkloadPeer(view, namespace, i, entryOf(namespace));
  const namespacePeer = (name: string): Peer => makeNamespacePeer(view, name);

  return {
    view,
    podPeer,
    workloadPeer,
    namespacePeer,
    nodePeer: (node) => makeNodePeer(view, node),
    servicePeer: makeServicePeer,
    rangePeer: makeRangePeer,
    podSetPeer: (ref, pods) => ({ key: ref, ref, kind: 'PodSet', ...summaryOf(view, pods) }),
    podPeers: (pods, max) => pods.slice(0, max).map(podPeer),
    others: undefined,
    podKeyOf: (pod) => podKey(view, pod),
    workloadKeyOf: (pod) => {
      const { chunk, row } = rowAt(view, pod);
      const entry = entryOf(chunk.name);
      const key = entry === undefined ? undefined : workloadKey(entry, chunk.pods.workload[row]);
      return key ?? podKey(view, pod);
    },
    groupOfPod: (pod, groupBy) => {
      const { name } = view.namespaceOf(pod);
      if (groupBy === 'NAMESPACE') return { key: `${name}/*`, peer: () => namespacePeer(name) };
      const { workload } = view.pod(pod);
      const entry = groupBy === 'WORKLOAD' ? entryOf(name) : undefined;
      const key = entry === undefined ? undefined : workloadKey(entry, workload);
      if (key !== undefined) return { key, peer: () => workloadPeer(name, workload) };
      return { key: podKey(view, pod), peer: () => podPeer(pod) };
    },
    podsOfWorkload: (namespace, i) => entryOf(namespace)?.podsOf[i] ?? [],
    workloadsNamed: (namespace, name) => entryOf(namespace)?.byName.get(name) ?? [],
  };
}

function buildEntry(view: ModelView, chunk: NamespaceChunk): NamespaceEntry {
  const podsOf: PodOrdinal[][] = chunk.workloads.map(() => []);
  for (const pod of podsOfNamespace(view, chunk.name)) {
    podsOf[view.pod(pod).workload]?.push(pod);
  }
  const byName = new Map<string, number[]>();
  for (const [i, { name }] of chunk.workloads.entries()) {
    const known = byName.get(name);
    if (known === undefined) byName.set(name, [i]);
    else known.push(i);
  }
  return { chunk, types: workloadTypes(chunk.workloads), podsOf, byName };
}

/** Undefined for a pod without an owner. */
function workloadKey({ chunk, types }: NamespaceEntry, i = -1): string | undefined {
  const workload = chunk.workloads[i];
  return workload === undefined
    ? undefined
    : `${chunk.name}/${types[i] ?? workload.kind}/${workload.name}`;
}

function podKey(view: ModelView, pod: PodOrdinal): string {
  const { chunk, row } = rowAt(view, pod);
  return `${chunk.name}/pod/${chunk.pods.name[row] ?? ''}`;
}

/** Where a pod stands in the columns of its namespace. */
function rowAt(view: ModelView, pod: PodOrdinal): { chunk: NamespaceChunk; row: number } {
  const i = view.namespaceIndexOf(pod);
  return { chunk: view.namespaceAt(i), row: pod - (view.podStart[i] ?? 0) };
}

function makePodPeer(view: ModelView, ordinal: PodOrdinal): Peer {
  const { name, uid, labels } = view.pod(ordinal);
  const namespace = view.namespaceOf(ordinal).name;
  const key = `${namespace}/pod/${name}`;
  return { key, ref: key, kind: 'Pod', namespace, name, ...uidOf(uid), labels };
}

function makeWorkloadPeer(
  view: ModelView,
  namespace: string,
  i: number,
  entry: NamespaceEntry | undefined,
): Peer {
  const workload = entry?.chunk.workloads[i];
  const key = entry === undefined ? undefined : workloadKey(entry, i);
  if (entry === undefined || workload === undefined || key === undefined) {
    throw new RangeError(`no workload ${i} in namespace ${namespace}`);
  }
  const { kind, name, uid } = workload;
  const { labels, podCount } = summaryOf(view, entry.podsOf[i] ?? []);
  return {
    key,
    ref: key,
    kind,
    namespace,
    name,
    ...uidOf(uid),
    labels,
    ...countOf(workload, podCount),
  };
}

/** A template stands for as many pods as are declared; how many that is may not be known. */
function countOf({ template, replicas }: Workload, podCount: number): { podCount?: number } {
  if (!template) return { podCount };
  return replicas === undefined ? {} : { podCount: replicas };
}

function makeNamespacePeer(view: ModelView, name: string): Peer {
  const chunk = view.snapshot.namespaces.get(name);
  if (chunk === undefined) throw new RangeError(`no namespace ${name}`);
  const key = `${name}/*`;
  const { podCount } = summaryOf(view, podsOfNamespace(view, name));
  return {
    key,
    ref: key,
    kind: 'Namespace',
    name,
    ...uidOf(chunk.uid),
    labels: chunk.labels,
    podCount,
  };
}

function makeNodePeer(view: ModelView, ordinal: NodeOrdinal): Peer {
  const node = view.nodes[ordinal]?.node;
  if (node === undefined) throw new RangeError(`no node ${ordinal}`);
  const key = `node/${node.name}`;
  return { key, ref: key, kind: 'Node', name: node.name, ...uidOf(node.uid), labels: node.labels };
}

function makeServicePeer({ namespace, service }: ViewService): Peer {
  const key = `${namespace.name}/svc/${service.name}`;
  const named = { namespace: namespace.name, name: service.name };
  return { key, ref: key, kind: 'Service', ...named, ...uidOf(service.uid) };
}

function makeRangePeer(ranges: readonly AddressRange[]): Peer {
  const cidrs = cidrsOf(ranges);
  return { key: cidrKey(cidrs), ref: cidrs.join(','), kind: 'AddressRange', cidrs };
}

/** Labels that all `pods` share and how many there are; finished ones count only if all are. */
function summaryOf(
  view: ModelView,
  pods: readonly PodOrdinal[],
): { readonly labels: Labels; readonly podCount: number } {
  const running = pods.filter((pod) => !view.isFinished(pod));
  // Pods of one template share the very same map, so most comparisons end at once.
  const sets = new Set((running.length === 0 ? pods : running).map((pod) => view.labelsOf(pod)));
  const [first, ...others] = sets;
  if (first === undefined) return { labels: NO_LABELS, podCount: 0 };
  const shared =
    others.length === 0
      ? first
      : new Map([...first].filter(([key, value]) => others.every((one) => one.get(key) === value)));
  return { labels: shared, podCount: countPods(view, running) };
}

function uidOf(uid: string | undefined): { uid?: string } {
  return uid === undefined || uid === '' ? {} : { uid };
}
