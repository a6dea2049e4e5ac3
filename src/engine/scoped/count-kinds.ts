import { POD_TEMPLATE } from '../../model/snapshot.ts';
import type { ClusterChunk, KindCoverage, NamespaceChunk } from '../../model/snapshot.ts';

/** Tells kinds of coverage apart. */
export function countKey({ apiVersion, kind }: Pick<KindCoverage, 'apiVersion' | 'kind'>): string {
  return `${apiVersion} ${kind}`;
}

/** Objects by kind as far as chunks keep them one by one; those that were joined to others have none. */
export function countKinds(
  cluster: ClusterChunk,
  namespaces: Iterable<NamespaceChunk>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (apiVersion: string, kind: string, count = 1): void => {
    const key = countKey({ apiVersion, kind });
    counts.set(key, count + (counts.get(key) ?? 0));
  };
  add('v1', 'Node', cluster.nodes.length);
  for (const { ref } of cluster.policies) add(ref.apiVersion, ref.kind);
  for (const chunk of namespaces) {
    if (chunk.known === 'OBJECT') add('v1', 'Namespace');
    add('v1', 'Pod', countWritten(chunk));
    add('v1', 'Service', chunk.services.length);
    for (const { apiVersion, kind } of chunk.workloads) add(apiVersion, kind);
    for (const { ref } of chunk.policies) add(ref.apiVersion, ref.kind);
    for (const { ref } of chunk.waysIn?.entries ?? []) add(ref.apiVersion, ref.kind);
  }
  return counts;
}

/** Pods that were objects, not made by us from templates. */
function countWritten({ pods }: NamespaceChunk): number {
  let count = 0;
  for (let row = 0; row < pods.name.length; row += 1) {
    if (((pods.flags[row] ?? 0) & POD_TEMPLATE) === 0) count += 1;
  }
  return count;
}
