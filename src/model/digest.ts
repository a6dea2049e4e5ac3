import { createHash } from 'node:crypto';

import { coverageCodec, decodeClusterChunk, decodeProblems } from './chunk-codec.ts';
import { decodeProvenance, encodeClusterChunk } from './chunk-codec.ts';
import { encodeProblems, encodeProvenance } from './chunk-codec.ts';
import { checkClusterChunk, checkNamespaceChunk, compareTexts } from './chunk-invariants.ts';
import { decodeAs } from './json-codec.ts';
import { decodeNamespaceChunk, encodeNamespaceChunk } from './namespace-codec.ts';
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

/** A chunk as it is stored. */
export interface ChunkForm {
  /** SHA-256 of `bytes`. */
  readonly hash: string;
  /** The canonical bytes. */
  readonly bytes: Uint8Array;
}

/**
 * Chunks that were sealed or verified, with the bytes that they are views on. A chunk is immutable
 * from then on, so a snapshot that shares it with another costs nothing to seal and to store.
 */
const knownChunks = new WeakMap<NamespaceChunk | ClusterChunk | readonly Provenance[], ChunkForm>();

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
  const form = formOf(encodeNamespaceChunk(chunk));
  const cached = cache?.get(form.hash);
  if (cached !== undefined) return cached;
  const sealed = rememberForm(decodeNamespaceChunk(form.bytes), form);
  cache?.set(form.hash, sealed, form.bytes.length);
  return sealed;
}

/** The canonical, frozen form of `chunk`; `chunk` itself when it is that. @throws RangeError */
export function sealClusterChunk(chunk: ClusterChunk): ClusterChunk {
  if (knownChunks.has(chunk)) return chunk;
  checkClusterChunk(chunk);
  const form = formOf(encodeClusterChunk(chunk));
  return rememberForm(decodeClusterChunk(form.bytes), form);
}

/** Notes that the caller decoded `chunk` from this form, and returns it. */
export function rememberForm<Chunk extends NamespaceChunk | ClusterChunk>(
  chunk: Chunk,
  form: ChunkForm,
): Chunk {
  knownChunks.set(chunk, form);
  return chunk;
}

/** The form of `chunk`: that which it was sealed in or read from; free for those. */
export function namespaceForm(chunk: NamespaceChunk): ChunkForm {
  return knownChunks.get(chunk) ?? formOf(encodeNamespaceChunk(chunk));
}

/** The form of `chunk`: that which it was sealed in or read from; free for those. */
export function clusterForm(chunk: ClusterChunk): ChunkForm {
  return knownChunks.get(chunk) ?? formOf(encodeClusterChunk(chunk));
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

/** The form of the provenance of a namespace; free where it was sealed. */
export function provenanceForm(namespace: string, entries: readonly Provenance[]): ChunkForm {
  return knownChunks.get(entries) ?? formOf(encodeProvenance({ namespace, entries }));
}

function formOf(bytes: Uint8Array): ChunkForm {
  return { hash: chunkHash(bytes), bytes };
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
    clusterHash: clusterForm(snapshot.cluster).hash,
    namespaceHashes: namespaces.map(([name, chunk]) => [name, namespaceForm(chunk).hash] as const),
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
    const form = formOf(encodeProvenance(chunk));
    const sealed = decodeProvenance(form.bytes).entries;
    knownChunks.set(sealed, form);
    canonical.set(namespace, sealed);
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
