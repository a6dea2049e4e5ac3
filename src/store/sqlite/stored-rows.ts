import { decodeProblems } from '../../model/chunk-codec.ts';
import { chunkHash } from '../../model/digest.ts';
import { PodreachError } from '../../model/errors.ts';
import type { Problem, SnapshotId, SnapshotSource } from '../../model/snapshot.ts';
import { decodeHeader } from '../snapshot-parts.ts';
import type { ExpectedSnapshot } from '../snapshot-parts.ts';
import type { StoredSnapshot } from '../snapshot-store.ts';
import type { ChunkTable } from './chunks.ts';
import type { SnapshotRow } from './snapshots.ts';

/** Hash over a row of `snapshots`: a changed time or header is noticed, not only changed content. */
export function rowHashOf(row: Omit<SnapshotRow, 'seq' | 'clusterId' | 'rowHash'>): string {
  const { id, cluster, digest, provenanceHash, takenAt, ingestedAt, source, header } = row;
  const cells = [id, cluster, digest, provenanceHash, takenAt, ingestedAt, source, header];
  return chunkHash(Buffer.from(JSON.stringify(cells), 'utf8'));
}

/** What a verified row says its snapshot must be. @throws `snapshot-corrupt` */
export function expectedOf(row: SnapshotRow): ExpectedSnapshot {
  if (rowHashOf(row) !== row.rowHash) {
    throw new PodreachError('snapshot-corrupt', 'its row does not match its hash');
  }
  const { digest, provenanceHash } = row;
  return { digest, provenanceHash, source: sourceOf(row), header: decodeHeader(row.header) };
}

/** Rows of snapshots in the form that callers read. */
export interface StoredForms {
  /**
   * The reading form of a row, with the row and the problems verified: once, while the row stays what
   * it was, because every question begins with this.
   *
   * @throws `snapshot-corrupt`
   */
  storedOf(row: SnapshotRow): StoredSnapshot;
  /**
   * Like `storedOf`, for lists: one damaged snapshot must not hide the others. It is listed without
   * coverage and with the problem `SNAPSHOT_CORRUPT`.
   */
  listedOf(row: SnapshotRow): StoredSnapshot;
}

/** Verified forms kept, the last ones used. */
const FORMS_KEPT = 256;

/** The forms of rows whose problems are in `chunks`. */
export function storedForms(chunks: ChunkTable): StoredForms {
  const kept = new Map<string, { readonly row: SnapshotRow; readonly stored: StoredSnapshot }>();
  const storedOf = (row: SnapshotRow): StoredSnapshot => {
    const known = kept.get(row.id);
    kept.delete(row.id);
    const form = known !== undefined && isSame(known.row, row) ? known : verified(row, chunks);
    kept.set(row.id, form);
    const [oldest] = kept.keys();
    if (FORMS_KEPT < kept.size && oldest !== undefined) kept.delete(oldest);
    return form.stored;
  };
  return { storedOf, listedOf: (row) => listedOf(row, storedOf) };
}

function verified(
  row: SnapshotRow,
  chunks: ChunkTable,
): { readonly row: SnapshotRow; readonly stored: StoredSnapshot } {
  return naming(row.id, () => {
    const { header, source } = expectedOf(row);
    const { sourceDetected, assumptions, coverage } = header;
    const problems = decodeProblems(chunks.read(row.clusterId, header.problems));
    const stored = { ...identityOf(row), source, sourceDetected, assumptions, coverage, problems };
    return { row, stored };
  });
}

function isSame(a: SnapshotRow, b: SnapshotRow): boolean {
  // The names of the columns, so that none is forgotten when there is one more.
  const names = Object.keys(a) as readonly (keyof SnapshotRow)[];
  return names.every((name) => a[name] === b[name]);
}

function listedOf(
  row: SnapshotRow,
  storedOf: (row: SnapshotRow) => StoredSnapshot,
): StoredSnapshot {
  try {
    return storedOf(row);
  } catch (error) {
    if (!(error instanceof PodreachError) || error.code !== 'snapshot-corrupt') throw error;
    const problem: Problem = {
      severity: 'error',
      code: 'SNAPSHOT_CORRUPT',
      object: `Snapshot ${row.id}`,
      path: '',
      message: error.message,
      affectsVerdicts: true,
    };
    const nothing = { sourceDetected: false, assumptions: [], coverage: [] };
    return { ...identityOf(row), ...nothing, source: sourceOf(row), problems: [problem] };
  }
}

/** Runs `read`, naming the snapshot in what it throws as `snapshot-corrupt`. */
export function naming<T>(id: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PodreachError) || error.code !== 'snapshot-corrupt') throw error;
    const message = `snapshot \`${id}\` is damaged: ${error.message}; ingest the cluster again, or restore a backup`;
    throw new PodreachError('snapshot-corrupt', message, error.details, error);
  }
}

function identityOf(
  row: SnapshotRow,
): Pick<StoredSnapshot, 'id' | 'cluster' | 'digest' | 'takenAt' | 'ingestedAt'> {
  return {
    // The column is only ever filled by `snapshotId`.
    id: row.id as SnapshotId,
    cluster: row.cluster,
    digest: row.digest,
    takenAt: new Date(row.takenAt),
    ingestedAt: new Date(row.ingestedAt),
  };
}

function sourceOf({ source }: SnapshotRow): SnapshotSource {
  return source === 'MANIFESTS' ? 'MANIFESTS' : 'LIVE';
}
