import { isSameChunk } from '../../model/digest.ts';
import type { ContainerPort, KindCoverage, NamespaceChunk } from '../../model/snapshot.ts';
import type { PodShape, Service, Snapshot } from '../../model/snapshot.ts';
import type { Labels } from '../../model/selector.ts';
import type { ModelView } from '../model-view.ts';

/** A namespace in which the next snapshot says something else. */
export interface ChangedNamespace {
  readonly namespace: number;
  readonly before: NamespaceChunk;
  readonly after: NamespaceChunk;
  /** Whether some pod has other labels or ports. */
  readonly podsDiffer: boolean;
}

/** More than this is compiled as a whole. */
const NAMESPACES_MAX = 16;

/**
 * The namespaces that differ, ascending; undefined when what differs is more than policies, and labels
 * and ports of pods, of a few namespaces.
 */
export function changesOf(
  view: ModelView,
  head: Snapshot,
): readonly ChangedNamespace[] | undefined {
  const base = view.snapshot;
  if (!isSameChunk(base.cluster, head.cluster)) return undefined;
  if (base.cluster.policies.length !== 0) return undefined;
  if (base.source !== head.source || !isAlike(base.coverage, head.coverage)) return undefined;
  if (base.namespaces.size !== head.namespaces.size) return undefined;
  const changes: ChangedNamespace[] = [];
  let namespace = 0;
  // Both are in the order of their names.
  for (const after of head.namespaces.values()) {
    const before = view.namespaces[namespace]!;
    if (before !== after && !isSameChunk(before, after)) {
      const podsDiffer = compareChunks(before, after);
      if (podsDiffer === undefined || NAMESPACES_MAX <= changes.length) return undefined;
      changes.push({ namespace, before, after, podsDiffer });
    }
    namespace += 1;
  }
  return changes;
}

/** Whether the same is missing from both; how many objects there are of a kind does not matter. */
function isAlike(a: readonly KindCoverage[], b: readonly KindCoverage[]): boolean {
  return isEqualBy(
    a,
    b,
    (x, y) =>
      x.apiVersion === y.apiVersion &&
      x.kind === y.kind &&
      x.status === y.status &&
      isEqual(x.namespaces, y.namespaces),
  );
}

/** Whether pods differ; undefined when anything else does that an index is made of but policies. */
function compareChunks(a: NamespaceChunk, b: NamespaceChunk): boolean | undefined {
  if (a.name !== b.name || a.known !== b.known) return undefined;
  if (a.conflict || b.conflict) return undefined;
  if (!isEqualLabels(a.labels, b.labels)) return undefined;
  const isSameWorkload = (i: number): boolean => {
    const [x, y] = [a.workloads[i], b.workloads[i]];
    return x?.kind === y?.kind && x?.name === y?.name && x?.apiVersion === y?.apiVersion;
  };
  if (a.workloads.length !== b.workloads.length) return undefined;
  if (!a.workloads.every((_, i) => isSameWorkload(i))) return undefined;
  if (!isEqualBy(a.services, b.services, hasSameAddresses)) return undefined;
  return comparePods(a, b);
}

function comparePods(a: NamespaceChunk, b: NamespaceChunk): boolean | undefined {
  const columns = ['name', 'node', 'workload', 'phase', 'flags'] as const;
  for (const column of columns) {
    if (!isEqual<string | number>(a.pods[column], b.pods[column])) return undefined;
  }
  if (!isEqualBy(a.pods.addresses, b.pods.addresses, isEqual)) return undefined;
  let differ = false;
  // Most pods share their shape with others: each two are compared once.
  const known = new Map<number, number>();
  for (const [row, x] of a.pods.shape.entries()) {
    const y = b.pods.shape[row] ?? -1;
    if (known.get(x) === y) continue;
    const [before, after] = [a.shapes[x], b.shapes[y]];
    if (before?.hostNetwork !== after?.hostNetwork) return undefined;
    if (before !== undefined && after !== undefined && isSameShape(a, before, b, after)) {
      known.set(x, y);
    } else {
      differ = true;
    }
  }
  return differ;
}

function isSameShape(
  a: NamespaceChunk,
  before: PodShape,
  b: NamespaceChunk,
  after: PodShape,
): boolean {
  const [x, y] = [a.labelSets[before.labels], b.labelSets[after.labels]];
  if (x === undefined || y === undefined || !isEqualLabels(x, y)) return false;
  return isEqualBy(before.ports, after.ports, isSamePort);
}

function isSamePort(a: ContainerPort, b: ContainerPort): boolean {
  return (
    a.name === b.name &&
    a.protocol === b.protocol &&
    a.port === b.port &&
    a.container === b.container
  );
}

/** Addresses alone are in the tables of a view. */
function hasSameAddresses(a: Service, b: Service): boolean {
  return (
    isEqual(a.clusterIPs, b.clusterIPs) &&
    isEqual(a.loadBalancerIPs, b.loadBalancerIPs) &&
    isEqual(a.externalIPs, b.externalIPs)
  );
}

function isEqualLabels(a: Labels, b: Labels): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (b.get(key) !== value) return false;
  return true;
}

function isEqual<Value extends string | number>(a: ArrayLike<Value>, b: ArrayLike<Value>): boolean {
  return isEqualBy(a, b, (x, y) => x === y);
}

function isEqualBy<Value>(
  a: ArrayLike<Value>,
  b: ArrayLike<Value>,
  alike: (x: Value, y: Value) => boolean,
): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (!alike(a[i]!, b[i]!)) return false;
  return true;
}
