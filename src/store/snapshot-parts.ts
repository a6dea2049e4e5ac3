import { coverageCodec, decodeClusterChunk, decodeNamespaceChunk } from '../model/chunk-codec.ts';
import { decodeProblems, decodeProvenance, encodeClusterChunk } from '../model/chunk-codec.ts';
import { encodeNamespaceChunk, encodeProblems, encodeProvenance } from '../model/chunk-codec.ts';
import type { ProvenanceChunk } from '../model/chunk-codec.ts';
import { chunkHash, clusterChunkHash, digestOf, digestPartsOf } from '../model/digest.ts';
import { namespaceChunkHash, provenanceChunks, provenanceHashOf } from '../model/digest.ts';
import { rememberHash } from '../model/digest.ts';
import { PodreachError } from '../model/errors.ts';
import { flag, list, record, text } from '../model/json-codec.ts';
import type { ClusterChunk, KindCoverage, NamespaceChunk, Problem } from '../model/snapshot.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** One piece of a snapshot that is stored once per cluster, however many snapshots hold it. */
export type SnapshotPart = { readonly hash: string } & (
  | { readonly kind: 'cluster'; readonly chunk: ClusterChunk }
  | { readonly kind: 'namespace'; readonly chunk: NamespaceChunk }
  | { readonly kind: 'provenance'; readonly chunk: ProvenanceChunk }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }
);

/** What belongs to one snapshot alone and is in no column of its own. */
export interface StoredHeader {
  readonly sourceDetected: boolean;
  readonly assumptions: readonly string[];
  readonly coverage: readonly KindCoverage[];
  /** Hash of the part that holds the problems. */
  readonly problems: string;
}

/** A snapshot taken apart for storing. */
export interface SplitSnapshot {
  readonly provenanceHash: string;
  readonly header: StoredHeader;
  readonly parts: readonly SnapshotPart[];
}

const header = record<StoredHeader>({
  sourceDetected: flag,
  assumptions: list(text),
  coverage: coverageCodec,
  problems: text,
});

/** `value` as JSON text. */
export function encodeHeader(value: StoredHeader): string {
  return JSON.stringify(header.encode(value));
}

/** The header of {@link encodeHeader}. @throws `snapshot-corrupt` */
export function decodeHeader(json: string): StoredHeader {
  try {
    return header.decode(JSON.parse(json), 'header');
  } catch (cause) {
    throw new PodreachError('snapshot-corrupt', 'the stored header cannot be read', {}, cause);
  }
}

/**
 * Takes a sealed snapshot apart.
 *
 * @throws RangeError when the digest is not that of the content: it would be born corrupt
 */
export function splitSnapshot(snapshot: Snapshot): SplitSnapshot {
  if (digestOf(digestPartsOf(snapshot)) !== snapshot.digest) {
    throw new RangeError(`snapshot ${snapshot.digest} was changed after it was sealed`);
  }
  const { sourceDetected, assumptions, coverage, problems } = snapshot;
  const problemsHash = chunkHash(encodeProblems(problems));
  const provenance = provenanceChunks(snapshot.provenance).map(
    (chunk) => ({ kind: 'provenance', chunk, hash: chunkHash(encodeProvenance(chunk)) }) as const,
  );
  const namespaces = [...snapshot.namespaces.values()].map(
    (chunk) => ({ kind: 'namespace', chunk, hash: namespaceChunkHash(chunk) }) as const,
  );
  const cluster = snapshot.cluster;
  return {
    provenanceHash: provenanceHashOf({
      sourceDetected,
      problemsHash,
      provenanceHashes: provenance.map(({ chunk, hash }) => [chunk.namespace, hash]),
    }),
    header: { sourceDetected, assumptions, coverage, problems: problemsHash },
    parts: [
      { kind: 'cluster', chunk: cluster, hash: clusterChunkHash(cluster) },
      { kind: 'problems', problems, hash: problemsHash },
      ...namespaces,
      ...provenance,
    ],
  };
}

/** The canonical bytes of `part`. @throws RangeError when it was changed after it was hashed */
export function encodePart(part: SnapshotPart): Uint8Array {
  const bytes = encodeByKind(part);
  if (chunkHash(bytes) !== part.hash) {
    throw new RangeError(`${part.kind} chunk ${part.hash} was changed after it was sealed`);
  }
  return bytes;
}

/** A part as read from a store. */
export interface StoredPart {
  readonly kind: string;
  /** Under which it was stored; `bytes` are known to have it. */
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/** What a store says of a snapshot, to be checked against its parts. */
export interface ExpectedSnapshot extends Pick<Snapshot, 'digest' | 'source'> {
  readonly provenanceHash: string;
  readonly header: StoredHeader;
}

/**
 * Puts a snapshot together again. The parts can be in any order.
 *
 * @throws `snapshot-corrupt` when parts are missing, superfluous, or not those of the digest
 */
export function joinSnapshot(expected: ExpectedSnapshot, parts: Iterable<StoredPart>): Snapshot {
  const { digest, source } = expected;
  const { sourceDetected, assumptions, coverage, problems: problemsHash } = expected.header;
  const namespaces: NamespaceChunk[] = [];
  const provenance: (ProvenanceChunk & { readonly hash: string })[] = [];
  let cluster: ClusterChunk | undefined;
  let problems: readonly Problem[] | undefined;
  for (const { kind, hash, bytes } of parts) {
    if (kind === 'cluster') cluster = rememberHash(decodeClusterChunk(bytes), hash);
    else if (kind === 'namespace') namespaces.push(rememberHash(decodeNamespaceChunk(bytes), hash));
    else if (kind === 'provenance') provenance.push({ ...decodeProvenance(bytes), hash });
    else if (kind === 'problems' && hash === problemsHash) problems = decodeProblems(bytes);
    else throw new PodreachError('snapshot-corrupt', `chunk \`${hash}\` does not belong to it`);
  }
  if (cluster === undefined || problems === undefined) {
    throw new PodreachError('snapshot-corrupt', 'a chunk is missing');
  }
  namespaces.sort((a, b) => (a.name < b.name ? -1 : 1));
  provenance.sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  const snapshot: Snapshot = {
    digest,
    source,
    sourceDetected,
    assumptions,
    coverage,
    problems,
    cluster,
    namespaces: new Map(namespaces.map((chunk) => [chunk.name, chunk])),
    provenance: Object.freeze(provenance.flatMap(({ entries }) => entries)),
  };
  const provenanceHashes = provenance.map(({ namespace, hash }) => [namespace, hash] as const);
  const provenanceHash = provenanceHashOf({ sourceDetected, problemsHash, provenanceHashes });
  if (digestOf(digestPartsOf(snapshot)) !== digest) {
    throw new PodreachError('snapshot-corrupt', 'its content does not have its digest');
  }
  if (provenanceHash !== expected.provenanceHash) {
    throw new PodreachError('snapshot-corrupt', 'its provenance does not have its hash');
  }
  return Object.freeze(snapshot);
}

function encodeByKind(part: SnapshotPart): Uint8Array {
  switch (part.kind) {
    case 'cluster':
      return encodeClusterChunk(part.chunk);
    case 'namespace':
      return encodeNamespaceChunk(part.chunk);
    case 'provenance':
      return encodeProvenance(part.chunk);
    case 'problems':
      return encodeProblems(part.problems);
  }
}
