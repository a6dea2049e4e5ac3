import type { FlatView } from './flat-compile.ts';
import type { ChunkIr } from './policy-ir.ts';

/** All policies by namespace, name and kind in code units; cluster-wide ones come first. */
export function policyOrder(
  view: FlatView,
  irs: readonly ChunkIr[],
): { namespace: Int32Array; position: Int32Array } {
  const count = irs.reduce((n, { order }) => n + order.length, 0);
  const namespace = new Int32Array(count);
  const position = new Int32Array(count);
  let next = 0;
  for (const [i, { order }] of irs.entries()) {
    namespace.fill(i - 1, next, next + order.length);
    position.set(order, next);
    next += order.length;
  }
  if (!irs.some(({ foreign }) => foreign)) return { namespace, position };
  const chunks = [view.snapshot.cluster, ...view.namespaces];
  const keys = Array.from(namespace, (chunk, i) => {
    const ref = chunks[chunk + 1]?.policies[position[i]!]?.ref;
    return [ref?.namespace ?? '', ref?.name, ref?.kind].join('\u0000');
  });
  const sorted = keys.map((key, i) => ({ key, i }));
  sorted.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return {
    namespace: Int32Array.from(sorted, ({ i }) => namespace[i]!),
    position: Int32Array.from(sorted, ({ i }) => position[i]!),
  };
}
