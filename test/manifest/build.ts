import { keepList } from '../../src/manifest/kinds.ts';
import { buildSnapshot } from '../../src/manifest/build-snapshot.ts';
import type { BuildOptions } from '../../src/manifest/build-snapshot.ts';
import { readObjects } from '../../src/manifest/read/read-objects.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import type { ManifestInput } from '../../src/model/input.ts';
import type { NamespaceChunk, Problem, Snapshot } from '../../src/model/snapshot.ts';
import { podAt } from '../../src/model/snapshot.ts';
import type { Pod } from '../../src/model/snapshot.ts';

const limits = DEFAULT_INGEST_LIMITS;

/** The snapshot of objects, or of YAML or JSON text, as an ingest makes it. */
export function build(
  input: string | readonly unknown[],
  options: Partial<BuildOptions> = {},
): Promise<Snapshot> {
  const text =
    typeof input === 'string' ? input : input.map((object) => JSON.stringify(object)).join('\n');
  const items = readObjects(inputs(text), { keep: keepList, limits });
  return buildSnapshot(items, { limits, ...options });
}

async function* inputs(text: string): AsyncIterable<ManifestInput> {
  yield { file: 'input', bytes: bytesOf(text) };
}

async function* bytesOf(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

/** The namespace `name`, which must be there. */
export function namespaceOf(snapshot: Snapshot, name = 'default'): NamespaceChunk {
  const chunk = snapshot.namespaces.get(name);
  if (chunk === undefined) throw new Error(`no namespace ${name}`);
  return chunk;
}

/** The pods of a namespace as records. */
export function podsOf(snapshot: Snapshot, name = 'default'): Pod[] {
  const chunk = namespaceOf(snapshot, name);
  return chunk.pods.name.map((_, row) => podAt(chunk, row));
}

/** `code object path` of each problem that is not a mere note. */
export function complaints(snapshot: Snapshot): string[] {
  return snapshot.problems.filter(({ severity }) => severity !== 'info').map(printProblem);
}

/** `code object path`, without a space at the end. */
export function printProblem({ code, object, path }: Problem): string {
  return `${code} ${object} ${path}`.trimEnd();
}

/** An object of kind and name with whatever else it has. */
export function object(
  apiVersion: string,
  kind: string,
  name: string,
  rest: Record<string, unknown> = {},
): Record<string, unknown> {
  const [namespace, own] = name.includes('/') ? name.split('/') : [undefined, name];
  const { metadata = {}, ...body } = rest;
  return { apiVersion, kind, metadata: { name: own, namespace, ...(metadata as object) }, ...body };
}

/** A NetworkPolicy with `spec`. */
export const policy = (name: string, spec: unknown, metadata = {}): Record<string, unknown> =>
  object('networking.k8s.io/v1', 'NetworkPolicy', name, { metadata, spec });

/** A Pod with labels. */
export const pod = (
  name: string,
  labels: Record<string, unknown> = {},
  rest: Record<string, unknown> = {},
): Record<string, unknown> => {
  const { metadata = {}, ...body } = rest;
  return object('v1', 'Pod', name, { metadata: { labels, ...(metadata as object) }, ...body });
};
