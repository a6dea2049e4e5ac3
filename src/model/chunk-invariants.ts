import { POD_PHASES } from './snapshot.ts';
import type { ClusterChunk, NamespaceChunk } from './snapshot.ts';

/**
 * Checks what the type of a namespace cannot say: columns of one length, indexes that point at
 * something, and canonical order, without which equal content would have different digests.
 *
 * @throws RangeError naming the namespace and the broken invariant; a bug in whoever built it
 */
export function checkNamespaceChunk(chunk: NamespaceChunk): void {
  const { pods } = chunk;
  const place = `namespace \`${chunk.name}\``;
  const rows = pods.name.length;
  for (const [column, cells] of Object.entries<ArrayLike<unknown>>({ ...pods })) {
    if (cells.length !== rows)
      throw new RangeError(`${place}: column \`${column}\` has another length`);
  }
  const indexes = [
    ['pods.shape', pods.shape, 0, chunk.shapes.length],
    ['pods.workload', pods.workload, -1, chunk.workloads.length],
    ['pods.phase', pods.phase, 0, POD_PHASES.length],
    ['shapes.labels', chunk.shapes.map(({ labels }) => labels), 0, chunk.labelSets.length],
  ] as const;
  for (const [column, cells, first, end] of indexes) {
    for (const cell of cells) {
      if (first <= cell && cell < end) continue;
      throw new RangeError(`${place}: ${column} ${cell} points at nothing`);
    }
  }
  checkNames(`pods of ${place}`, pods.name);
  checkOrder(
    `workloads of ${place}`,
    chunk.workloads.map(({ kind, name }) => [kind, name]),
  );
  checkOrder(
    `policies of ${place}`,
    chunk.policies.map(({ ref }) => [ref.kind, ref.name]),
  );
  checkOrder(
    `services of ${place}`,
    chunk.services.map(({ name }) => [name]),
  );
  const { entries = [], gateways = [], grants = [] } = chunk.waysIn ?? {};
  checkOrder(
    `entries of ${place}`,
    entries.map(({ ref }) => [ref.kind, ref.name]),
  );
  for (const list of [gateways, grants]) {
    checkOrder(
      `gateways or grants of ${place}`,
      list.map(({ name }) => [name]),
    );
  }
}

/** Like {@link checkNamespaceChunk}, for what is in no namespace. @throws RangeError */
export function checkClusterChunk(chunk: ClusterChunk): void {
  checkOrder(
    'nodes',
    chunk.nodes.map(({ name }) => [name]),
  );
  checkOrder(
    'cluster policies',
    chunk.policies.map(({ ref }) => [ref.kind, ref.name]),
  );
  checkOrder(
    'controller classes',
    (chunk.controllerClasses ?? []).map(({ kind, name }) => [kind, name]),
  );
}

/** Orders lists of texts by their first difference, in code units; a shorter list first. */
export function compareTexts(a: readonly string[], b: readonly string[]): number {
  for (const [i, left] of a.entries()) {
    const right = b[i];
    if (right === undefined) return 1;
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

function checkNames(what: string, names: readonly string[]): void {
  for (let i = 1; i < names.length; i += 1) {
    const [before = '', name = ''] = [names[i - 1], names[i]];
    if (before < name) continue;
    throw new RangeError(`${what} are not sorted and distinct: ${name}`);
  }
}

function checkOrder(what: string, keys: readonly (readonly string[])[]): void {
  for (const [i, key] of keys.entries()) {
    const before = keys[i - 1];
    if (before === undefined || compareTexts(before, key) <= 0) continue;
    throw new RangeError(`${what} are not sorted: ${key.join(' ')}`);
  }
}
