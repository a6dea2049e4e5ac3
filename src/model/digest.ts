import { createHash } from 'node:crypto';

import { coverageCodec, decodeClusterChunk, decodeNamespaceChunk } from './chunk-codec.ts';
import { decodeProblems, decodeProvenance, encodeClusterChunk } from './chunk-codec.ts';
import { encodeNamespaceChunk, encodeProblems, encodeProvenance } from './chunk-codec.ts';
import { checkClusterChunk, checkNamespaceChunk, compareTexts } from './chunk-invariants.ts';
import { decodeAs } from './json-codec.ts';
import type { ClusterChunk, KindCoverage, NamespaceChunk, Problem } from './snapshot.ts';
import type { Provenance, Snapshot, SnapshotSource } from './snapshot.ts';

/** What the digest of a snapshot is made from: hashes of its chunks, and its small parts. */
export interface DigestParts {
  readonly source: SnapshotSource;
  readonly assumptions: readonly string[];
  readonly coverage: readonly KindCoverage[];
  /** All problems; those that affect verdicts count, without file and line. */
  readonly problems: readonly Problem[];
  readonly clusterHash: string;
  /** Namespace and hash of its chunk, sorted by namespace in code units. */
  readonly namespaceHashes: readonly (readonly [namespace: string, hash: string])[];
}

/** What the provenance hash is made from: all that the digest leaves out. */
export interface ProvenanceParts {
  readonly sourceDetected: boolean;
  /** Hash of {@link encodeProblems}. */
  readonly problemsHash: string;
  /** Namespace (empty: none) and hash of {@link encodeProvenance}, sorted by namespace. */
  readonly provenanceHashes: readonly (readonly [namespace: string, hash: string])[];
}

/** What is known of a chunk that was sealed or verified. */
interface KnownChunk {
  readonly hash: string;
  /** The canonical bytes, until {@link takeSealedBytes} takes them: they are needed once, to store. */
  bytes: Uint8Array | undefined;
}

/**
 * Chunks that were sealed or verified. A chunk is immutable from then on, so a snapshot that shares it
 * with another costs nothing to seal.
 */
const knownChunks = new WeakMap<NamespaceChunk | ClusterChunk, KnownChunk>();

/**
 * Namespace chunks by hash, kept so that equal content is the same object: it is decoded once, and
 * what others derive from a chunk (by its identity) is derived once.
 */
export interface ChunkCache {
  get(hash: string): NamespaceChunk | undefined;
  /** @param bytes size of the canonical bytes */
  set(hash: string, chunk: NamespaceChunk, bytes: number): void;
}

/**
 * The snapshot of `parts`: canonical (lists of the header sorted, maps in order of their keys),
 * frozen, with its digest. Chunks are copied, except those that were sealed before or are in `cache`.
 *
 * Problems are sorted by severity, object, path, code and message; provenance by namespace, kind and
 * name.
 *
 * @throws RangeError when a chunk breaks an invariant of the model
 */
export function sealSnapshot(parts: Omit<Snapshot, 'digest'>, cache?: ChunkCache): Snapshot {
  const namespaces = new Map<string, NamespaceChunk>();
  for (const [name, chunk] of byKey(parts.namespaces)) {
    if (name !== chunk.name)
      throw new RangeError(`namespace \`${chunk.name}\` stands as \`${name}\``);
    namespaces.set(name, sealNamespaceChunk(chunk, cache));
  }
  const cluster = sealClusterChunk(parts.cluster);
  const header = {
    source: parts.source,
    sourceDetected: parts.sourceDetected,
    assumptions: Object.freeze([...new Set(parts.assumptions)].sort()),
    coverage: canonicalCoverage(parts.coverage),
    problems: canonicalProblems(parts.problems),
  };
  const provenance = canonicalProvenance(parts.provenance);
  const snapshot = { ...header, cluster, namespaces, provenance };
  return Object.freeze({ digest: digestOf(digestPartsOf(snapshot)), ...snapshot });
}

/** SHA-256 of `bytes`, as lower-case hexadecimal. */
export function chunkHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The canonical, frozen form of `chunk`; `chunk` itself when it is that. @throws RangeError */
export function sealNamespaceChunk(chunk: NamespaceChunk, cache?: ChunkCache): NamespaceChunk {
  if (knownChunks.has(chunk)) return chunk;
  checkNamespaceChunk(chunk);
  const bytes = encodeNamespaceChunk(chunk);
  const hash = chunkHash(bytes);
  const cached = cache?.get(hash);
  if (cached !== undefined) return cached;
  const sealed = decodeNamespaceChunk(bytes);
  cache?.set(hash, sealed, bytes.length);
  knownChunks.set(sealed, { hash, bytes });
  return sealed;
}

/** The canonical, frozen form of `chunk`; `chunk` itself when it is that. @throws RangeError */
export function sealClusterChunk(chunk: ClusterChunk): ClusterChunk {
  if (knownChunks.has(chunk)) return chunk;
  checkClusterChunk(chunk);
  const bytes = encodeClusterChunk(chunk);
  const sealed = decodeClusterChunk(bytes);
  knownChunks.set(sealed, { hash: chunkHash(bytes), bytes });
  return sealed;
}

/** Notes that the caller decoded `chunk` from bytes with this hash, and returns it. */
export function rememberHash<Chunk extends NamespaceChunk | ClusterChunk>(
  chunk: Chunk,
  hash: string,
): Chunk {
  knownChunks.set(chunk, { hash, bytes: undefined });
  return chunk;
}

/**
 * The bytes that `chunk` was sealed from, kept no longer. Undefined when they were taken before, or
 * the chunk was read and not sealed: then it has to be encoded again.
 */
export function takeSealedBytes(chunk: NamespaceChunk | ClusterChunk): Uint8Array | undefined {
  const known = knownChunks.get(chunk);
  const bytes = known?.bytes;
  if (known !== undefined) known.bytes = undefined;
  return bytes;
}

/** Whether two chunks are one, or were sealed or read with one hash; false where that is not known. */
export function isSameChunk<Chunk extends NamespaceChunk | ClusterChunk>(
  a: Chunk,
  b: Chunk,
): boolean {
  if (a === b) return true;
  const hash = knownChunks.get(a)?.hash;
  return hash !== undefined && hash === knownChunks.get(b)?.hash;
}

/** Hash of the canonical bytes of `chunk`; free for chunks that were sealed. */
export function namespaceChunkHash(chunk: NamespaceChunk): string {
  return knownChunks.get(chunk)?.hash ?? chunkHash(encodeNamespaceChunk(chunk));
}

/** Hash of the canonical bytes of `chunk`; free for chunks that were sealed. */
export function clusterChunkHash(chunk: ClusterChunk): string {
  return knownChunks.get(chunk)?.hash ?? chunkHash(encodeClusterChunk(chunk));
}

/**
 * The digest of a snapshot: SHA-256, lower-case hexadecimal. No part of it depends on the engine, on
 * file names and lines, or on whether the source was told or detected.
 */
export function digestOf(parts: DigestParts): string {
  const problems = parts.problems
    .filter(({ affectsVerdicts }) => affectsVerdicts)
    .map(withoutPlace);
  return hashJson([
    'podreach/snapshot/1',
    parts.source,
    parts.assumptions,
    coverageCodec.encode(parts.coverage),
    problems.map((problem) => chunkHash(encodeProblems([problem]))).sort(),
    parts.clusterHash,
    parts.namespaceHashes,
  ]);
}

/** The parts of {@link digestOf} for a snapshot. */
export function digestPartsOf(snapshot: Omit<Snapshot, 'digest'>): DigestParts {
  const namespaces = [...snapshot.namespaces];
  return {
    source: snapshot.source,
    assumptions: snapshot.assumptions,
    coverage: snapshot.coverage,
    problems: snapshot.problems,
    clusterHash: clusterChunkHash(snapshot.cluster),
    namespaceHashes: namespaces.map(([name, chunk]) => [name, namespaceChunkHash(chunk)] as const),
  };
}

/**
 * Hash of what the digest leaves out: provenance, every problem with its file and line, and whether
 * the source was detected. Two snapshots are the same when this and the digest agree.
 */
export function provenanceHashOf(parts: ProvenanceParts): string {
  return hashJson([
    'podreach/snapshot-provenance/1',
    parts.sourceDetected,
    parts.problemsHash,
    parts.provenanceHashes,
  ]);
}

function canonicalProvenance(provenance: Snapshot['provenance']): Snapshot['provenance'] {
  const canonical = new Map<string, readonly Provenance[]>();
  for (const [namespace, entries] of byKey(provenance)) {
    const stray = entries.find(({ object }) => (object.namespace ?? '') !== namespace);
    if (stray !== undefined)
      throw new RangeError(`provenance of \`${stray.object.name}\` stands under \`${namespace}\``);
    if (entries.length === 0) continue;
    const chunk = { namespace, entries: sortedBy(entries, provenanceKey) };
    canonical.set(namespace, decodeProvenance(encodeProvenance(chunk)).entries);
  }
  return canonical;
}

function canonicalCoverage(coverage: readonly KindCoverage[]): readonly KindCoverage[] {
  const sorted = sortedBy(coverage, ({ apiVersion, kind }) => [apiVersion, kind]);
  const canonical = sorted.map((row) => ({ ...row, namespaces: row.namespaces.toSorted() }));
  return decodeAs(coverageCodec, coverageCodec.encode(canonical), 'coverage');
}

function canonicalProblems(problems: readonly Problem[]): readonly Problem[] {
  return decodeProblems(encodeProblems(sortedBy(problems, problemKey)));
}

function problemKey(problem: Problem): readonly string[] {
  const { severity, object, path, code, message, namespace, file, line, affectsVerdicts } = problem;
  const rank = { error: '0', warning: '1', info: '2' }[severity];
  const place = [namespace ?? '', file ?? '', lineKey(line), String(affectsVerdicts)];
  return [rank, object, path, code, message, ...place];
}

function provenanceKey({ object, file, line, lines }: Provenance): readonly string[] {
  const { kind, name, apiVersion, uid } = object;
  const place = [file ?? '', lineKey(line), JSON.stringify(lines)];
  return [kind, name, apiVersion, uid ?? '', String(object.namespace), ...place];
}

/** Lines as texts that sort like numbers, unknown ones first. */
function lineKey(line: number | undefined): string {
  return line === undefined ? '' : String(line).padStart(16, '0');
}

function withoutPlace({ file: _file, line: _line, ...problem }: Problem): Problem {
  return problem;
}

function byKey<T>(map: ReadonlyMap<string, T>): (readonly [key: string, value: T])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function sortedBy<T>(items: readonly T[], key: (item: T) => readonly string[]): T[] {
  const keyed = items.map((item) => [key(item), item] as const);
  return keyed.sort(([a], [b]) => compareTexts(a, b)).map(([, item]) => item);
}

function hashJson(json: unknown): string {
  return chunkHash(Buffer.from(JSON.stringify(json), 'utf8'));
}
