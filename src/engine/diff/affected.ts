import { isSameChunk } from '../../model/digest.ts';
import type { Policy } from '../../model/policy.ts';
import type { Labels } from '../../model/selector.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { PodOrdinal } from '../model-view.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { JointEnd, JointEnds, JointPod } from './joint-ends.ts';

/**
 * Ends that may be told apart from what they were: other policies select them, or a policy may see them
 * otherwise. A pair of two others is as it was, because each of its directions depends on the policies
 * of one end and on what they see of the other.
 *
 * @see performance C, "Incremental"
 */
export function affectedEnds(
  before: ReachIndex,
  after: ReachIndex,
  ends: JointEnds,
): ReadonlySet<JointEnd> {
  const [a, b] = [before.view.snapshot, after.view.snapshot];
  const hasSameCluster = isSameChunk(a.cluster, b.cluster);
  // What is missing from a dump puts all its pods in doubt; policies of the cluster are about any pod.
  const isGlobal = !hasSameCluster || a.source !== b.source || doubtsOf(a) !== doubtsOf(b);
  const names = [...new Set([...a.namespaces.keys(), ...b.namespaces.keys()])];
  const changed = names.filter((name) => isGlobal || !isSame(a, b, name));
  const pods = [...ends.inNamespaces(changed)].filter(
    (end) =>
      isGlobal ||
      !hasSamePolicies(before, after, end) ||
      !end.pods.every((pod) => looksAlike(before, after, pod)),
  );
  const listed = [before, after].every(
    ({ view }) => view.nodes.length === view.snapshot.cluster.nodes.length,
  );
  // Of a node that only pods speak of, they give the addresses.
  const nodes = hasSameCluster && listed ? [] : [...ends.nodes()];
  return new Set([...pods, ...nodes.filter((end) => isGlobal || !isSameNode(before, after, end))]);
}

function isSame(a: Snapshot, b: Snapshot, name: string): boolean {
  const [x, y] = [a.namespaces.get(name), b.namespaces.get(name)];
  return x !== undefined && y !== undefined && isSameChunk(x, y);
}

/** All kinds and how far each is covered, but not how many there are. */
function doubtsOf({ coverage }: Snapshot): string {
  return JSON.stringify(coverage.map(({ count: _count, ...rest }) => rest));
}

function isSameNode(before: ReachIndex, after: ReachIndex, { node }: JointEnd): boolean {
  if (node === undefined) return true;
  const [x, y] = [before, after].map(({ view }) => {
    const found = view.findNode(node);
    return found === undefined ? undefined : view.nodes[found];
  });
  return x?.synthetic === y?.synthetic && isEqual(x?.node.addresses, y?.node.addresses);
}

function hasSamePolicies(before: ReachIndex, after: ReachIndex, end: JointEnd): boolean {
  if (end.before === undefined || end.after === undefined) return false;
  const [x, y] = [before.policiesOf(end.before), after.policiesOf(end.after)];
  return x.length === y.length && x.every((policy, i) => isSamePolicy(policy, y[i]));
}

function isSamePolicy(a: Policy, b: Policy | undefined): boolean {
  if (a === b) return true;
  if (b === undefined || a.opaque !== undefined || b.opaque !== undefined) return false;
  // Tier, order, subject and rules are read from the spec, and from nothing else.
  return (
    a.spec !== 'null' && a.spec === b.spec && a.ref.name === b.ref.name && a.ref.kind === b.ref.kind
  );
}

/** Whether no policy can see one pod otherwise than before. */
function looksAlike(before: ReachIndex, after: ReachIndex, pod: JointPod): boolean {
  if (pod.before === undefined || pod.after === undefined) return false;
  const [x, y] = [seen(before, pod.before), seen(after, pod.after)];
  const hasSameNamespace =
    x.namespace.known === y.namespace.known &&
    x.namespace.conflict === y.namespace.conflict &&
    isEqualLabels(x.namespace.labels, y.namespace.labels);
  return (
    hasSameNamespace &&
    isEqualLabels(x.pod.labels, y.pod.labels) &&
    JSON.stringify(x.pod.ports) === JSON.stringify(y.pod.ports) &&
    isEqual(x.pod.addresses, y.pod.addresses) &&
    x.pod.phase === y.pod.phase &&
    x.pod.conflict === y.pod.conflict &&
    x.pod.template === y.pod.template
  );
}

function seen(
  { view }: ReachIndex,
  pod: PodOrdinal,
): {
  readonly pod: ReturnType<typeof view.pod>;
  readonly namespace: ReturnType<typeof view.namespaceOf>;
} {
  return { pod: view.pod(pod), namespace: view.namespaceOf(pod) };
}

function isEqual(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a?.join() === b?.join();
}

function isEqualLabels(a: Labels, b: Labels): boolean {
  return a === b || (a.size === b.size && [...a].every(([key, value]) => b.get(key) === value));
}
