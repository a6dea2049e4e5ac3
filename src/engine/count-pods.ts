import type { ModelView, PodOrdinal } from './model-view.ts';

/**
 * How many pods `pods` stand for. Of a workload that is only written down the engine looks at two
 * pods at most (semantics 5.3); it counts as many as it declares.
 */
export function countPods(view: ModelView, pods: readonly PodOrdinal[]): number {
  const templates = new Map<string, { seen: number; declared: number | undefined }>();
  let count = 0;
  for (const ordinal of pods) {
    if (!view.isTemplate(ordinal)) {
      count += 1;
      continue;
    }
    const pod = view.pod(ordinal);
    const workload = view.namespaceOf(ordinal).workloads[pod.workload];
    if (workload === undefined) {
      count += 1;
      continue;
    }
    const key = `${view.namespaceIndexOf(ordinal)}/${pod.workload}`;
    const seen = (templates.get(key)?.seen ?? 0) + 1;
    templates.set(key, { seen, declared: workload.replicas });
  }
  for (const { seen, declared } of templates.values()) count += declared ?? seen;
  return count;
}
