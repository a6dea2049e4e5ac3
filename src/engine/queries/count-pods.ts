import type { PodOrdinal } from '../model-view.ts';
import type { ReachIndex } from '../reach-index.ts';

/**
 * How many pods `pods` stand for. Of a workload that is only written down the engine looks at two
 * pods at most (semantics 5.3); it counts as many as it declares.
 */
export function countPods(index: ReachIndex, pods: readonly PodOrdinal[]): number {
  const templates = new Map<string, { seen: number; declared: number | undefined }>();
  let count = 0;
  for (const pod of pods) {
    if (!index.view.pod(pod).template) {
      count += 1;
      continue;
    }
    const { key, peer } = index.directory.groupOfPod(pod, 'WORKLOAD');
    const known = templates.get(key) ?? { seen: 0, declared: peer().podCount };
    templates.set(key, { ...known, seen: known.seen + 1 });
  }
  for (const { seen, declared } of templates.values()) count += declared ?? seen;
  return count;
}
