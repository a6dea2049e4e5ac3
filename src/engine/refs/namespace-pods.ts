import type { ModelView, PodOrdinal } from '../model-view.ts';

/** The pods of the namespace `name`, finished ones included, ascending; none when it is not known. */
export function podsOfNamespace(view: ModelView, name: string): PodOrdinal[] {
  const i = namespaceIndex(view, name);
  const start = view.podStart[i] ?? 0;
  const end = view.podStart[i + 1] ?? start;
  return i < 0 ? [] : Array.from({ length: end - start }, (_, row) => (start + row) as PodOrdinal);
}

/** Position of the namespace `name` in `view.namespaceNames`; -1 when not known. */
export function namespaceIndex(view: ModelView, name: string): number {
  return view.positionOf(name);
}

/** `pods` without the finished ones, which are no end of any connection (semantics R2.6). */
export function unfinished(view: ModelView, pods: readonly PodOrdinal[]): PodOrdinal[] {
  return pods.filter((pod) => !view.isFinished(pod));
}
