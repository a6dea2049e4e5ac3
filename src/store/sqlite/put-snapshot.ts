import { randomBytes } from 'node:crypto';

import { PodreachError } from '../../model/errors.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { encodeHeader, splitSnapshot } from '../snapshot-parts.ts';
import type { SplitSnapshot } from '../snapshot-parts.ts';
import type { PutResult, StoredSnapshot, StoreOptions } from '../snapshot-store.ts';
import { deleteWithChunks } from './connection.ts';
import type { Connection } from './connection.ts';
import { END_OF_TIME, snapshotId } from './snapshots.ts';
import type { ClusterRow, SnapshotRow } from './snapshots.ts';
import { rowHashOf } from './stored-rows.ts';

/** A snapshot taken apart, which can be written more than once when the database was busy. */
export interface Arrival {
  readonly cluster: string;
  readonly snapshot: Snapshot;
  readonly split: SplitSnapshot;
  /** When it was taken, in milliseconds since 1970. */
  readonly at: number;
}

/** Snapshots deleted for their age in one transaction. */
export const EXPIRED_PER_STEP = 16;

/** @throws RangeError when `snapshot` was changed after it was sealed */
export function arrivalOf(cluster: string, snapshot: Snapshot, takenAt: Date): Arrival {
  return { cluster, snapshot, split: splitSnapshot(snapshot), at: takenAt.getTime() };
}

/** Stores what arrived, in a write transaction of the caller. @returns whether it deleted something */
export function putSnapshot(
  connection: Connection,
  arrival: Arrival,
  options: StoreOptions,
): readonly [PutResult, deleted: boolean] {
  const { chunks, forms, snapshots } = connection;
  const row = snapshots.seeCluster(arrival.cluster, arrival.at);
  const chunkIds = chunks.ensure(row.id, arrival.split.parts);
  const known = findSame(connection, row, arrival);
  if (known !== undefined) return [{ stored: known, created: false }, false];
  const inserted = insert(connection, row, arrival, chunkIds);
  const deleted = enforceRetention(connection, row, inserted, options);
  return [{ stored: forms.storedOf(inserted), created: true }, deleted];
}

/**
 * The snapshot that already says what this one says: the latest, or the one in force at its time, so
 * that a repeated backfill is not stored twice either.
 */
function findSame(
  { snapshots, forms }: Connection,
  cluster: ClusterRow,
  { snapshot, split, at }: Arrival,
): StoredSnapshot | undefined {
  for (const time of [END_OF_TIME, at]) {
    const row = snapshots.latest(cluster.id, time);
    if (row === undefined || rowHashOf(row) !== row.rowHash) continue;
    if (row.digest === snapshot.digest && row.provenanceHash === split.provenanceHash) {
      return forms.storedOf(row);
    }
  }
  return undefined;
}

function insert(
  { snapshots }: Connection,
  cluster: ClusterRow,
  { snapshot, split, at }: Arrival,
  chunkIds: readonly number[],
): SnapshotRow {
  const ingestedAt = Date.now();
  const row = {
    id: snapshotId(ingestedAt, randomBytes(10)),
    clusterId: cluster.id,
    cluster: cluster.name,
    digest: snapshot.digest,
    provenanceHash: split.provenanceHash,
    takenAt: at,
    ingestedAt,
    source: snapshot.source,
    header: encodeHeader(split.header),
  };
  const hashed = { ...row, rowHash: rowHashOf(row) };
  return { ...hashed, seq: snapshots.insert(hashed, chunkIds) };
}

/** Deletes what is too much or too old. @returns whether there was any */
function enforceRetention(
  connection: Connection,
  cluster: ClusterRow,
  inserted: SnapshotRow,
  { snapshotsPerClusterMax, snapshotsAgeMaxMs }: StoreOptions,
): boolean {
  const { retention, snapshots } = connection;
  const keep = Math.max(1, snapshotsPerClusterMax);
  const excess = retention.excess(cluster.id, keep);
  if (excess.includes(inserted.seq))
    throw deletedAtOnce(`all ${keep} snapshots that are kept of`, cluster);
  const oldest = snapshotsAgeMaxMs === undefined ? -Infinity : Date.now() - snapshotsAgeMaxMs;
  const isLatest = snapshots.latest(cluster.id, END_OF_TIME)?.seq === inserted.seq;
  if (inserted.takenAt < oldest && !isLatest)
    throw deletedAtOnce('the age of snapshots kept of', cluster);
  for (const seq of excess) deleteWithChunks(connection, seq);
  const expired = retention.expired(oldest, EXPIRED_PER_STEP, cluster.id);
  for (const seq of expired) deleteWithChunks(connection, seq);
  return 0 < excess.length + expired.length;
}

function deletedAtOnce(what: string, { name }: ClusterRow): PodreachError {
  return new PodreachError(
    'bad-query',
    `\`takenAt\` is before ${what} \`${name}\`: this one would be deleted at once; keep more snapshots, or delete some first`,
    { parameter: 'takenAt' },
  );
}
