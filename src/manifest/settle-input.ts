import type { NamespaceParts } from './assemble-namespace.ts';
import { endpointAttacher, strayEndpoints } from './attach-endpoints.ts';
import type { EndpointAttacher } from './attach-endpoints.ts';
import { evidenceOf } from './collect.ts';
import type { Collected } from './collect.ts';
import { countKey } from './coverage.ts';
import type { SettledPods } from './held/pod-versions.ts';
import type { SettledWorkload } from './join-workloads.ts';
import { findKind } from './kinds.ts';
import type { NamespaceObject } from './kinds/namespace.ts';
import type { NodeObject } from './kinds/node.ts';
import { settlePolicy } from './settle-policies.ts';
import type { PlacedPolicy } from './settle-policies.ts';
import { placeEntries, settleEntries } from './settle-entries.ts';
import type { Faulty, Settled } from './versions.ts';
import type { NamespaceEntries } from '../model/entry.ts';
import type { ObjectRef, Policy } from '../model/policy.ts';
import type { Reading } from '../model/reading.ts';
import type { ClusterChunk, Problem, SnapshotSource } from '../model/snapshot.ts';

/** All objects with duplicates resolved, grouped by where they are. */
export interface SettledInput {
  readonly cluster: ClusterChunk;
  /** Sorted by name; each can be had once, so that what is laid out need not be held any more. */
  readonly namespaces: Iterable<NamespaceParts>;
  readonly policies: readonly PlacedPolicy[];
  /** Objects of each kind, by {@link countKey}. */
  readonly counts: ReadonlyMap<string, number>;
  readonly problems: readonly Problem[];
  /** What makes policies invalid: an API server would refuse them. */
  readonly refusals: readonly Problem[];
  readonly strayEndpoints: readonly Problem[];
}

/** Resolves duplicates, decodes policies by `reading`, and puts every object where it belongs. */
export function settleInput(
  collected: Collected,
  reading: Reading,
  source: SnapshotSource,
): SettledInput {
  const objects = collected.namespaces.takeAll();
  const { known: nodes, problems: nodeProblems } = settleNodes(collected, source);
  const pods = collected.pods.settle();
  const podKind = findKind('v1', 'Pod');
  if (podKind !== undefined && pods.lost) evidenceOf(collected, podKind).lost = true;
  const workloads = collected.workloads.takeAll();
  const services = collected.services.takeAll();
  const slices = collected.slices.takeAll();
  const endpoints = collected.endpoints.takeAll();
  const entries = settleEntries(collected.entries.takeAll());
  const ways = placeEntries(entries);
  const policies = collected.policies.takeAll().map((policy) => settlePolicy(policy, reading));
  const placed = policies.flatMap((policy) => policy.placed ?? []);
  const rest = [objects, workloads, services, slices, endpoints, entries].flat();
  const allPolicies = placed.map(({ policy }) => policy).sort(byKindAndName);
  return {
    cluster: {
      nodes: nodes.map(({ ref, content: { labels, addresses, podCIDRs } }) => {
        const uid = ref.uid === undefined ? {} : { uid: ref.uid };
        return { name: ref.name, ...uid, labels, addresses, podCIDRs };
      }),
      policies: allPolicies.filter(({ ref }) => ref.namespace === undefined),
      ...(ways.classes.length === 0 ? {} : { controllerClasses: ways.classes }),
    },
    namespaces: placeInNamespaces(
      { objects, pods, workloads },
      allPolicies,
      endpointAttacher({ services, slices, endpoints }),
      ways.namespaces,
    ),
    policies: placed,
    counts: countObjects([...rest, ...nodes, ...placed.map(({ policy }) => policy)]).set(
      countKey({ apiVersion: 'v1', kind: 'Pod' }),
      pods.count,
    ),
    problems: [
      ...collected.problems,
      ...rest.flatMap(({ problems }) => problems),
      ...nodeProblems,
      ...pods.problems,
      ...policies.flatMap(({ problems }) => problems),
      ...skippedKinds(collected),
      ...unevaluatedKinds(allPolicies),
      ...mixedVersions(allPolicies),
    ],
    refusals: policies.flatMap(({ refusals }) => refusals),
    strayEndpoints: strayEndpoints({ services, slices, endpoints }),
  };
}

/**
 * Nodes cannot be marked as doubtful one by one; that there are doubts is said of the kind. In a dump, one of
 * which something cannot be read, or which is there in versions, is left out: its name may well be known from
 * its pods, but not all of its labels and addresses, and what else would say so?
 */
function settleNodes(
  collected: Collected,
  source: SnapshotSource,
): { readonly known: Settled<NodeObject & Faulty>[]; readonly problems: readonly Problem[] } {
  const nodes = collected.nodes.takeAll();
  const problems = nodes.flatMap((node) => node.problems);
  const kind = findKind('v1', 'Node');
  const known = nodes.filter(({ conflict, content }) => !conflict && !content.faulty);
  if (kind !== undefined && known.length < nodes.length) evidenceOf(collected, kind).partial = true;
  return { known: source === 'LIVE' ? known : nodes, problems };
}

interface NamespacedObjects {
  readonly objects: readonly Settled<NamespaceObject & Faulty>[];
  readonly pods: SettledPods;
  readonly workloads: readonly SettledWorkload[];
}

/** Every namespace that has an object, or anything in it, sorted by name. */
function* placeInNamespaces(
  { objects, pods, workloads }: NamespacedObjects,
  policies: readonly Policy[],
  services: EndpointAttacher,
  waysInOf: Map<string, NamespaceEntries>,
): Generator<NamespaceParts> {
  const objectOf = new Map(objects.map((object) => [object.ref.name, object]));
  const workloadsOf = groupBy(workloads, ({ ref }) => ref.namespace);
  const policiesOf = groupBy(policies, ({ ref }) => ref.namespace);
  const groups: Map<string, unknown>[] = [objectOf, workloadsOf, policiesOf, waysInOf];
  const others = [...pods.namespaces, ...services.namespaces];
  const names = new Set([...groups.flatMap((group) => [...group.keys()]), ...others]);
  for (const name of [...names].sort()) {
    yield {
      name,
      object: objectOf.get(name),
      pods: pods.of(name),
      workloads: workloadsOf.get(name) ?? [],
      policies: policiesOf.get(name) ?? [],
      services: services.of(name),
      waysIn: waysInOf.get(name),
    };
    for (const group of groups) group.delete(name);
  }
}

/** Items by namespace, in their order; those without one are left out. */
function groupBy<Item>(
  items: readonly Item[],
  namespaceOf: (item: Item) => string | undefined,
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const namespace = namespaceOf(item);
    if (namespace === undefined) continue;
    const group = groups.get(namespace);
    if (group === undefined) groups.set(namespace, [item]);
    else group.push(item);
  }
  return groups;
}

function countObjects(objects: readonly { readonly ref: ObjectRef }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { ref } of objects) counts.set(countKey(ref), (counts.get(countKey(ref)) ?? 0) + 1);
  return counts;
}

function byKindAndName(a: Policy, b: Policy): number {
  return policyKey(a) < policyKey(b) ? -1 : 1;
}

function policyKey({ ref: { kind, name, apiVersion, namespace } }: Policy): string {
  return [kind, name, apiVersion, namespace ?? ''].join('\u0000');
}

function skippedKinds({ skipped }: Collected): Problem[] {
  return [...skipped.values()].map(({ apiVersion, kind, count }) => ({
    severity: 'info',
    code: 'SKIPPED_KIND',
    object: kind,
    path: '',
    message: `${count} of ${apiVersion} not read: podreach has no use for the kind`,
    affectsVerdicts: false,
  }));
}

/** Cluster policies of both generations: nobody says which of them comes first (semantics R3.14). */
function mixedVersions(policies: readonly Policy[]): Problem[] {
  const tiered = policies.filter(
    ({ tier, opaque }) => tier !== 'network-policy' && opaque?.code !== 'UNEVALUATED_POLICY',
  );
  const versions = [...new Set(tiered.map(({ ref }) => ref.apiVersion))].sort();
  if (versions.length < 2) return [];
  return [
    {
      severity: 'warning',
      code: 'MIXED_POLICY_VERSIONS',
      object: 'ClusterNetworkPolicy',
      path: '',
      message: `there are cluster policies of ${versions.join(' and ')}; which come first at a priority depends on the plugin, and here they are one order`,
      affectsVerdicts: true,
    },
  ];
}

function unevaluatedKinds(policies: readonly Policy[]): Problem[] {
  const unevaluated = policies.filter(({ opaque }) => opaque?.code === 'UNEVALUATED_POLICY');
  return [...countObjects(unevaluated)].map(([key, count]) => {
    const [kind = key, apiVersion = ''] = key.split(' ');
    return {
      severity: 'warning',
      code: 'UNEVALUATED_POLICY',
      object: kind,
      path: '',
      message: `${count} of ${apiVersion} not evaluated yet: what they could change is UNDETERMINED`,
      affectsVerdicts: true,
    };
  });
}
