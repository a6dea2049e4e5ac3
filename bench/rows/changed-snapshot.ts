import type { ModelView } from '../../src/engine/model-view.ts';
import type { NamespaceChunk } from '../../src/model/snapshot.ts';

/**
 * `view` with the first policy of one namespace gone, each time of another one; all other chunks are
 * the same objects, as they are when a new snapshot shares them.
 */
export function changedSnapshot(
  view: ModelView,
  edit: number,
): Pick<ModelView, 'snapshot' | 'namespaces'> {
  const withPolicies = view.namespaces.filter(({ policies }) => policies.length !== 0);
  const chosen = withPolicies[(edit * 7) % withPolicies.length];
  const changed = (chunk: NamespaceChunk): NamespaceChunk =>
    chunk === chosen ? { ...chunk, policies: chunk.policies.slice(1) } : chunk;
  const namespaces = view.namespaces.map(changed);
  const byName = new Map(namespaces.map((chunk) => [chunk.name, chunk]));
  return { namespaces, snapshot: { ...view.snapshot, namespaces: byName } };
}
