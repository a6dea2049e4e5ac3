import { coverageCodec, decodeClusterChunk, decodeProblems } from '../model/chunk-codec.ts';
import { decodeProvenance, encodeProblems } from '../model/chunk-codec.ts';
import { chunkHash, clusterForm, digestOf, digestPartsOf } from '../model/digest.ts';
import { namespaceForm, provenanceForm, provenanceHashOf, rememberForm } from '../model/digest.ts';
import type { ChunkCache, ChunkForm } from '../model/digest.ts';
import { PodreachError } from '../model/errors.ts';
import { decodeAs, flag, list, record, text } from '../model/json-codec.ts';
import { decodeNamespaceChunk } from '../model/namespace-codec.ts';
import type { ClusterChunk, KindCoverage, NamespaceChunk } from '../model/snapshot.ts';
import type { Problem, Snapshot } from '../model/snapshot.ts';
import { LazyMap } from './lazy-map.ts';

/** What a stored piece of a snapshot holds. */
export type PartKind = 'cluster' | 'namespace' | 'provenance' | 'problems';

/** One piece of a snapshot that is stored once per cluster, however many snapshots hold it. */
export interface SnapshotPart extends ChunkForm {
  readonly kind: PartKind;
  /** Of the kinds `namespace` and `provenance`; there empty for objects in no namespace. */
  readonly namespace?: string;
  /** What of it SQL can find; absent for provenance. */
  readonly content?: PartContent;
}

/** A part as objects. */
export type PartContent =
  | { readonly kind: 'cluster'; readonly chunk: ClusterChunk }
  | { readonly kind: 'namespace'; readonly chunk: NamespaceChunk }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

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
    return decodeAs(header, JSON.parse(json), 'header');
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
  const problemsPart: SnapshotPart = {
    kind: 'problems',
    ...problemsForm(problems),
    content: { kind: 'problems', problems },
  };
  const provenance = Array.from(snapshot.provenance, ([namespace, entries]) => ({
    kind: 'provenance' as const,
    ...provenanceForm(namespace, entries),
    namespace,
  }));
  const namespaces = Array.from(snapshot.namespaces, ([namespace, chunk]) => ({
    kind: 'namespace' as const,
    ...namespaceForm(chunk),
    namespace,
    content: { kind: 'namespace', chunk } as const,
  }));
  const { cluster } = snapshot;
  return {
    provenanceHash: provenanceHashOf({
      sourceDetected,
      problemsHash: problemsPart.hash,
      provenanceHashes: provenance.map(({ namespace, hash }) => [namespace, hash]),
    }),
    header: { sourceDetected, assumptions, coverage, problems: problemsPart.hash },
    parts: [
      {
        kind: 'cluster',
        ...clusterForm(cluster),
        content: { kind: 'cluster', chunk: cluster },
      },
      problemsPart,
      ...namespaces,
      ...provenance,
    ],
  };
}

function problemsForm(problems: readonly Problem[]): ChunkForm {
  const bytes = encodeProblems(problems);
  return { hash: chunkHash(bytes), bytes };
}

/** A part as a store lists it. */
export interface StoredPart {
  readonly kind: string;
  /** Under which it was stored. */
  readonly hash: string;
  /** Empty for kinds that have none. */
  readonly namespace: string;
}

/** What a store says of a snapshot, to be checked against its parts. */
export interface ExpectedSnapshot extends Pick<Snapshot, 'digest' | 'source'> {
  readonly provenanceHash: string;
  readonly header: StoredHeader;
}

/** How the content of a snapshot is read. */
export interface PartReader {
  /** The bytes stored under `hash`, which are known to have it. @throws `snapshot-corrupt` */
  readonly read: (hash: string) => Uint8Array;
  /** Namespaces that were decoded before. */
  readonly cache?: ChunkCache;
}

/**
 * A snapshot whose namespaces, cluster chunk and provenance are read when they are first asked for.
 * That its parts are those of its digest is checked at once, by their hashes; that the bytes of a
 * part have its hash, when it is read.
 *
 * @param parts in any order
 * @throws `snapshot-corrupt` when parts are missing, superfluous, or not those of the digest
 */
export function openSnapshot(
  expected: ExpectedSnapshot,
  parts: Iterable<StoredPart>,
  reader: PartReader,
): Snapshot {
  const { digest, source } = expected;
  const { sourceDetected, assumptions, coverage, problems: problemsHash } = expected.header;
  const { clusterHash, namespaces, provenance } = sortParts(parts, problemsHash);
  const problems = decodeProblems(reader.read(problemsHash));
  const namespaceHashes = [...namespaces];
  const digestParts = { source, assumptions, coverage, problems, clusterHash, namespaceHashes };
  if (digestOf(digestParts) !== digest) {
    throw new PodreachError('snapshot-corrupt', 'its content does not have its digest');
  }
  const provenanceParts = { sourceDetected, problemsHash, provenanceHashes: [...provenance] };
  if (provenanceHashOf(provenanceParts) !== expected.provenanceHash) {
    throw new PodreachError('snapshot-corrupt', 'its provenance does not have its hash');
  }
  let cluster: ClusterChunk | undefined;
  return Object.freeze<Snapshot>({
    digest,
    source,
    sourceDetected,
    assumptions,
    coverage,
    problems,
    get cluster(): ClusterChunk {
      cluster ??= readCluster(clusterHash, reader);
      return cluster;
    },
    namespaces: new LazyMap(namespaces.keys(), (name) =>
      readNamespace(namespaces.get(name) ?? '', reader),
    ),
    provenance: new LazyMap(
      provenance.keys(),
      (name) => decodeProvenance(reader.read(provenance.get(name) ?? '')).entries,
    ),
  });
}

function readCluster(hash: string, { read }: PartReader): ClusterChunk {
  const bytes = read(hash);
  return rememberForm(decodeClusterChunk(bytes), { hash, bytes });
}

function readNamespace(hash: string, { read, cache }: PartReader): NamespaceChunk {
  const cached = cache?.get(hash);
  if (cached !== undefined) return cached;
  const bytes = read(hash);
  const chunk = rememberForm(decodeNamespaceChunk(bytes), { hash, bytes });
  cache?.set(hash, chunk, bytes.length);
  return chunk;
}

type HashByNamespace = ReadonlyMap<string, string>;

interface SortedParts {
  readonly clusterHash: string;
  readonly namespaces: HashByNamespace;
  readonly provenance: HashByNamespace;
}

function sortParts(parts: Iterable<StoredPart>, problemsHash: string): SortedParts {
  const found = { namespace: new Map<string, string>(), provenance: new Map<string, string>() };
  const single: { cluster?: string; problems?: string } = {};
  for (const { kind, hash, namespace } of parts) {
    if ((kind === 'namespace' || kind === 'provenance') && !found[kind].has(namespace)) {
      found[kind].set(namespace, hash);
    } else if (kind === 'cluster' && single.cluster === undefined) single.cluster = hash;
    else if (kind === 'problems' && hash === problemsHash) single.problems = hash;
    else throw new PodreachError('snapshot-corrupt', `chunk \`${hash}\` does not belong to it`);
  }
  if (single.cluster === undefined || single.problems === undefined) {
    throw new PodreachError('snapshot-corrupt', 'a chunk is missing');
  }
  return {
    clusterHash: single.cluster,
    namespaces: byKey(found.namespace),
    provenance: byKey(found.provenance),
  };
}

function byKey(hashes: HashByNamespace): HashByNamespace {
  return new Map([...hashes].sort(([a], [b]) => (a < b ? -1 : 1)));
}
