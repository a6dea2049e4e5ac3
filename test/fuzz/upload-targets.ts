import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { buildSnapshot } from '../../src/manifest/build-snapshot.ts';
import { keepList } from '../../src/manifest/kinds.ts';
import { AmbiguousScalar } from '../../src/manifest/read-item.ts';
import type { KeepList, ReadItem } from '../../src/manifest/read-item.ts';
import { readObjects } from '../../src/manifest/read/read-objects.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import type { IngestLimits, ManifestInput } from '../../src/model/input.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { tarOf } from '../support/tar.ts';
import { mutate, mutated, mutations } from './mutations.ts';
import { SEED_TEXTS } from './seed-texts.ts';
import { demand, targetOf } from './target.ts';
import type { AnyTarget } from './target.ts';

/** Small, so that inputs run into each of them. */
const LIMITS: IngestLimits = {
  ...DEFAULT_INGEST_LIMITS,
  uploadBytesMax: 64 * 1024,
  decodedBytesMax: 256 * 1024,
  objectBytesMax: 8 * 1024,
  yamlAliasesMax: 20,
  objectsMax: 60,
  archiveEntriesMax: 12,
  archiveEntryBytesMax: 64 * 1024,
  archivePathBytesMax: 100,
  archivePathDepthMax: 6,
  problemsMax: 20,
};

const GZIP_MAGIC = 0x1f;

interface Upload {
  readonly bytes: Buffer;
  /** Bytes of a chunk. */
  readonly chunk: number;
}

function uploads(bytes: fc.Arbitrary<Buffer>): fc.Arbitrary<Upload> {
  return fc.record({ bytes, chunk: fc.constantFrom(1_000_000, 4096, 512, 7) });
}

const arbitraryBytes = fc
  .uint8Array({ maxLength: 2000, size: 'max' })
  .map((bytes) => Buffer.from(bytes));

const entryNames = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('shop/pods.yaml', 'a.json', 'x/policies.yml', 'README') },
  { weight: 3, arbitrary: fc.constantFrom('namespaces/shop/core/pods.yaml', 'version', 'x/./y') },
  fc.constantFrom('../x.yaml', '/etc/x.yaml', 'a//b.yaml', 'a\u0000.yaml', 'x/'.repeat(9)),
  fc.string({ maxLength: 120 }),
);

const archives = fc
  .array(
    fc.record({
      name: entryNames,
      content: fc.oneof(fc.constantFrom(...SEED_TEXTS), mutated(SEED_TEXTS)),
      type: fc.oneof(
        { weight: 12, arbitrary: fc.constant('0') },
        fc.constantFrom('5', '1', '2', 'x', 'g', 'L', 'S', '3'),
      ),
      format: fc.constantFrom('posix', 'gnu', 'old'),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => tarOf(parts));

/** Bytes inside, damaged after they were packed: rarely, since little of gzip survives it. */
function packed(bytes: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(bytes, fc.option(mutations(), { freq: 1 }))
    .map(([inner, changes]) => mutate(gzipSync(inner, { level: 1 }), changes ?? []));
}

/** Uploads in every format, down to a snapshot. */
export const UPLOAD_TARGETS: readonly AnyTarget[] = [
  uploadTarget('an upload of any bytes', 4, arbitraryBytes),
  uploadTarget('a damaged manifest', 24, mutated(SEED_TEXTS)),
  uploadTarget('a damaged manifest in gzip', 4, packed(mutated(SEED_TEXTS))),
  uploadTarget(
    'a damaged archive',
    6,
    fc
      .tuple(archives, fc.option(mutations(), { freq: 1 }))
      .map(([bytes, changes]) => mutate(bytes, changes ?? [])),
  ),
  uploadTarget('an archive in gzip', 2, packed(archives)),
  targetOf({
    name: 'one value, read by another reader',
    weight: 10,
    inputs: mutated(SEED_TEXTS),
    bytesOf: ({ length }) => length,
    outcomeOf: compareReaders,
  }),
];

function uploadTarget(name: string, weight: number, bytes: fc.Arbitrary<Buffer>): AnyTarget {
  return targetOf({
    name,
    weight,
    inputs: uploads(bytes),
    bytesOf: (upload) => upload.bytes.length,
    outcomeOf: async ({ bytes, chunk }) => {
      const whole = await outcomeOf({ bytes, chunk: 1_000_000 });
      const cut = await outcomeOf({ bytes, chunk });
      demand(whole === cut, `in chunks of ${chunk} it is ${cut}, not ${whole}`);
      return whole;
    },
  });
}

/** The digest and the problems; or why it is refused, without how much was received until then. */
async function outcomeOf(upload: Upload): Promise<string> {
  try {
    return snapshotText(await snapshotFrom(upload));
  } catch (error) {
    if (!(error instanceof PodreachError)) throw error;
    const { which, errors } = error.details;
    // Of a stream that is damaged itself, what was unpacked so far may be refused before that is seen.
    if (upload.bytes[0] === GZIP_MAGIC) return 'refused';
    return `refused: ${error.code} ${which ?? ''} ${errors?.[0]?.line ?? ''}`;
  }
}

function snapshotText({ digest, problems, provenance }: Snapshot): string {
  return JSON.stringify([digest, problems, [...provenance]]);
}

function snapshotFrom(upload: Upload): Promise<Snapshot> {
  return buildSnapshot(itemsOf(upload, keepList), { limits: LIMITS });
}

function itemsOf({ bytes, chunk }: Upload, keep: KeepList): AsyncIterable<ReadItem> {
  async function* cut(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  }
  async function* inputs(): AsyncIterable<ManifestInput> {
    yield { file: 'upload', bytes: cut() };
  }
  return readObjects(inputs(), { keep, limits: LIMITS });
}

/**
 * Reads everything of a text of one value, and lets `JSON.parse` or js-yaml read it too. Where both take
 * it, it must be the same; what JSON.parse refuses must be refused.
 */
async function compareReaders(bytes: Buffer): Promise<string> {
  const text = bytes.toString();
  const items: ReadItem[] = [];
  for await (const item of itemsOf({ bytes, chunk: 1000 }, () => true)) items.push(item);
  const [item] = items;
  if (items.length !== 1 || item?.type !== 'object') return `${items.length} items`;
  const other = otherValue(text);
  if (other === undefined) return 'only read here';
  const { apiVersion, kind, value } = item;
  const own = plainText({ ...value, apiVersion, kind });
  if (own === undefined) return 'in doubt';
  demand(own === plainText(other), `${own} is ${plainText(other)} for the other reader`);
  return own;
}

function otherValue(text: string): unknown {
  try {
    return /^\s*[{[]/.test(text) ? JSON.parse(text) : load(text);
  } catch {
    return undefined;
  }
}

/** JSON with keys in order; undefined when a scalar is in doubt. */
function plainText(value: unknown): string | undefined {
  const doubts: AmbiguousScalar[] = [];
  const text = JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    if (member instanceof AmbiguousScalar) doubts.push(member);
    return Object.entries(member)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, inner] as const);
  });
  return doubts.length === 0 ? text : undefined;
}
