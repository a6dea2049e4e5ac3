import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import type { EngineOptions } from '../../src/engine/options.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import { buildSnapshot } from '../../src/manifest/build-snapshot.ts';
import { keepList } from '../../src/manifest/kinds.ts';
import type { KeepTree, RawObject, RawValue, ReadItem } from '../../src/manifest/read-item.ts';
import { keepOf } from '../../src/manifest/read/kept-object.ts';
import { readObjects } from '../../src/manifest/read/read-objects.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import type { ManifestInput } from '../../src/model/input.ts';
import type { ReadingChoice } from '../../src/model/reading.ts';
import type { Snapshot, SnapshotSource } from '../../src/model/snapshot.ts';
import type { KubeObject } from './kube-objects.ts';

/** How a cluster is told to an ingest. */
export interface ClusterOptions extends ReadingChoice {
  /** Default: manifests, so that whatever is not there does not exist. */
  readonly source?: SnapshotSource;
  readonly assumeNoPolicies?: boolean;
  readonly strict?: boolean;
}

/** The snapshot of `objects` as a reader would tell them: no text is written or read. */
export function snapshotOf(
  objects: readonly KubeObject[],
  options: ClusterOptions = {},
): Promise<Snapshot> {
  const items = [listItem('v1', 'List'), ...objects.map(objectItem)];
  return snapshotOfItems(items, { source: 'MANIFESTS', ...options });
}

/** What {@link dumpOf} writes, told like {@link snapshotOf}. */
export function snapshotOfDump(
  objects: readonly KubeObject[],
  kinds: readonly ListKind[],
): Promise<Snapshot> {
  const others = objects.filter(({ kind }) => !Object.hasOwn(LIST_KINDS, kind));
  const lists = kinds.flatMap((kind) => [
    listItem(LIST_KINDS[kind], `${kind}List`),
    ...objects.filter((object) => object.kind === kind).map(objectItem),
  ]);
  return snapshotOfItems([...lists, ...others.map(objectItem)], { source: 'LIVE' });
}

/** The list kinds a dump is made of, with the API version of what is in them. */
const LIST_KINDS = {
  Pod: 'v1',
  Namespace: 'v1',
  Node: 'v1',
  Service: 'v1',
  Deployment: 'apps/v1',
  EndpointSlice: 'discovery.k8s.io/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  Ingress: 'networking.k8s.io/v1',
} as const;
/** A kind that {@link dumpOf} can list. */
export type ListKind = keyof typeof LIST_KINDS;
/** All of them. */
export const EVERY_KIND = Object.keys(LIST_KINDS) as readonly ListKind[];

/** A dump of a running cluster as NDJSON: one list for each of `kinds`, empty or not, no other. */
export function dumpOf(objects: readonly KubeObject[], kinds: readonly ListKind[]): string {
  return kinds
    .map((kind) => {
      const items = objects.filter((object) => object.kind === kind);
      return `${JSON.stringify({ apiVersion: LIST_KINDS[kind], kind: `${kind}List`, items })}\n`;
    })
    .join('');
}

/** The snapshot of one text in JSON or YAML, named `file` in messages. */
export async function snapshotOfText(
  text: string,
  options: ClusterOptions & { readonly file?: string } = {},
): Promise<Snapshot> {
  const { file, ...rest } = options;
  const limits = DEFAULT_INGEST_LIMITS;
  const input = { ...(file === undefined ? {} : { file }), bytes: oneChunk(text) };
  const items = readObjects(oneInput(input), { keep: keepList, limits });
  return buildSnapshot(items, { ...rest, limits });
}

function snapshotOfItems(items: readonly ReadItem[], options: ClusterOptions): Promise<Snapshot> {
  return buildSnapshot(eachOf(items), { ...options, limits: DEFAULT_INGEST_LIMITS });
}

function listItem(apiVersion: string, kind: string): ReadItem {
  return { type: 'list', apiVersion, kind, truncated: false, from: {} };
}

function objectItem(object: KubeObject): ReadItem {
  const { apiVersion, kind, ...value } = object;
  const keep = keepList(apiVersion, kind);
  if (keep === undefined) return { type: 'skipped', apiVersion, kind };
  return { type: 'object', apiVersion, kind, value: kept(value, keep) as RawObject, from: {} };
}

/** What readers keep of a value: objects without prototype, fields that `keep` names. */
function kept(value: unknown, keep: KeepTree): RawValue {
  if (Array.isArray(value)) return value.map((element) => kept(element, keep));
  if (typeof value !== 'object' || value === null) return value as RawValue;
  const result = Object.create(null) as Record<string, RawValue>;
  for (const [key, inner] of Object.entries(value)) {
    const below = keepOf(keep, key);
    if (below !== undefined && inner !== undefined) result[key] = kept(inner, below);
  }
  return result;
}

async function* eachOf(items: readonly ReadItem[]): AsyncIterable<ReadItem> {
  yield* items;
}

/** A compiled index of `objects`; engine options not given are the defaults. */
export async function indexOf(
  objects: readonly KubeObject[],
  engineOptions: Partial<EngineOptions> = {},
  options: ClusterOptions = {},
): Promise<ReachIndex> {
  return compileIndex(await snapshotOf(objects, options), { ...DEFAULT_OPTIONS, ...engineOptions });
}

async function* oneInput(input: ManifestInput): AsyncIterable<ManifestInput> {
  yield input;
}

async function* oneChunk(text: string): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(text);
}
