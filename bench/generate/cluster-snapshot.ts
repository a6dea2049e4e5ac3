import { namespacedKinds, objectsOfKind, objectsOfNamespace } from './cluster-objects.ts';
import type { KubeObject } from './kube-object.ts';
import { namespaceObject } from './objects/cluster-objects.ts';
import type { ClusterPlan } from './plan/cluster-plan.ts';
import { assembleNamespace } from '../../src/manifest/assemble-namespace.ts';
import { collectObjects } from '../../src/manifest/collect.ts';
import { coverKinds } from '../../src/manifest/coverage.ts';
import { provenanceOf } from '../../src/manifest/settle-policies.ts';
import type { PlacedPolicy } from '../../src/manifest/settle-policies.ts';
import { settleInput } from '../../src/manifest/settle-input.ts';
import type { RawObject, ReadItem } from '../../src/manifest/read-item.ts';
import { sealSnapshot } from '../../src/model/digest.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import { READING_DEFAULTS } from '../../src/model/reading.ts';
import { provenanceByNamespace } from '../../src/model/snapshot.ts';
import type { ClusterChunk, NamespaceChunk, Snapshot } from '../../src/model/snapshot.ts';

/** Counts of all objects add up over these, and the evidence that a kind was listed. */
const NOTHING_ELSE = { source: 'LIVE', assumeNoPolicies: false } as const;

/**
 * The snapshot of a generated cluster, equal to what an ingest makes of its dumps, without writing
 * and reading text and in the memory of the snapshot alone: one namespace after the other, without
 * the search for selectors that select nothing, of which generated clusters have none.
 */
export async function clusterSnapshot(plan: ClusterPlan): Promise<Snapshot> {
  const nodes = await collectObjects(
    itemsOf(objectsOfKind(plan, 'Node', 'kept')),
    'default',
    DEFAULT_INGEST_LIMITS,
  );
  const ofNodes = settleInput(nodes, READING_DEFAULTS.LIVE, 'LIVE');
  const cluster: ClusterChunk = ofNodes.cluster;
  const counts = new Map(ofNodes.counts);
  const namespaces: [string, NamespaceChunk][] = [];
  const policies: PlacedPolicy[] = [];
  for (let i = 0; i < plan.namespaces; i += 1) {
    const collected = await collectObjects(
      itemsOf(wholeNamespace(plan, i)),
      'default',
      DEFAULT_INGEST_LIMITS,
    );
    const settled = settleInput(collected, READING_DEFAULTS.LIVE, 'LIVE');
    for (const [key, evidence] of collected.evidence) nodes.evidence.set(key, evidence);
    for (const [key, count] of settled.counts) counts.set(key, (counts.get(key) ?? 0) + count);
    for (const policy of settled.policies) policies.push(policy);
    const [problem] = settled.problems;
    if (problem !== undefined) throw new Error(`${problem.object}: ${problem.message}`);
    for (const parts of settled.namespaces) {
      namespaces.push([parts.name, assembleNamespace(parts, 'LIVE', false)]);
    }
  }
  return sealSnapshot({
    source: 'LIVE',
    sourceDetected: true,
    ...coverKinds(nodes, counts, NOTHING_ELSE),
    problems: [],
    cluster,
    namespaces: new Map(namespaces.sort(([a], [b]) => (a < b ? -1 : 1))),
    provenance: provenanceByNamespace(policies.map(provenanceOf)),
  });
}

function* wholeNamespace(plan: ClusterPlan, index: number): Generator<KubeObject> {
  const namespace = plan.planNamespace(index);
  yield namespaceObject(namespace, 'kept', plan.spec.seed);
  for (const kind of namespacedKinds) yield* objectsOfNamespace(plan, namespace, kind, 'kept');
}

async function* itemsOf(objects: Iterable<KubeObject>): AsyncGenerator<ReadItem> {
  for (const { apiVersion, kind, ...value } of objects) {
    yield { type: 'object', apiVersion, kind, value: rawOf(value), from: {} };
  }
}

function rawOf(value: unknown): RawObject {
  // Generated objects are JSON, which raw objects are too; comparing both types overflows the linter.
  return value as RawObject;
}
