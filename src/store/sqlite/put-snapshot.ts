import { randomBytes } from 'node:crypto';

import { PodreachError } from '../../model/errors.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { encodeHeader, splitSnapshot } from '../snapshot-parts.ts';
import type { SplitSnapshot } from '../snapshot-parts.ts';
import type { PutResult, StoreOptions } from '../snapshot-store.ts';
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
  /** What its sender calls it. */
  readonly key?: string;
}

/** Keys remembered when nobody says. */
const UPLOAD_KEYS_PER_CLUSTER = 1000;

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
  const repeated = findRepeated(connection, arrival);
  if (repeated !== undefined) {
    chunks.ensure(repeated.clusterId, arrival.split.parts);
    return [{ stored: forms.storedOf(repeated), created: false }, false];
  }
  const row = snapshots.seeCluster(arrival.cluster, arrival.at);
  const chunkIds = chunks.ensure(row.id, arrival.split.parts);
  const known = findSame(connection, row, arrival);
  if (known !== undefined) {
    noteKey(connection, known, arrival, options);
    return [{ stored: forms.storedOf(known), created: false }, false];
  }
  const inserted = insert(connection, row, arrival, chunkIds);
  const deleted = enforceRetention(connection, row, inserted, options);
  noteKey(connection, inserted, arrival, options);
  return [{ stored: forms.storedOf(inserted), created: true }, deleted];
}

/**
 * The snapshot of the put that had the same key. One that is damaged or gone is as good as none: what
 * arrived is then stored, and has the key.
 *
 * @throws `key-reused` when it says something else
 */
function findRepeated({ keys, snapshots }: Connection, arrival: Arrival): SnapshotRow | undefined {
  const cluster = snapshots.cluster(arrival.cluster);
  if (arrival.key === undefined || cluster === undefined) return undefined;
  const seq = keys.find(cluster.id, arrival.key);
  const row = seq === undefined ? undefined : snapshots.bySeq(cluster.id, seq);
  if (row === undefined || rowHashOf(row) !== row.rowHash) return undefined;
  if (isSame(row, arrival)) return row;
  throw new PodreachError(
    'key-reused',
    `an upload to \`${cluster.name}\` with this key held other objects, or was read another way; ` +
      'choose a new key for what is new',
  );
}

function noteKey(
  { keys }: Connection,
  { clusterId, seq }: SnapshotRow,
  { key }: Arrival,
  { uploadKeysPerClusterMax = UPLOAD_KEYS_PER_CLUSTER }: StoreOptions,
): void {
  if (key === undefined) return;
  keys.write(clusterId, key, seq);
  keys.deleteOld(clusterId, uploadKeysPerClusterMax);
}

/**
 * The snapshot that already says what this one says: the latest, or the one in force at its time, so
 * that a repeated backfill is not stored twice either.
 */
function findSame(
  { snapshots }: Connection,
  cluster: ClusterRow,
  arrival: Arrival,
): SnapshotRow | undefined {
  for (const time of [END_OF_TIME, arrival.at]) {
    const row = snapshots.latest(cluster.id, time);
    if (row === undefined || rowHashOf(row) !== row.rowHash) continue;
    if (isSame(row, arrival)) return row;
  }
  return undefined;
}

/** Whether a stored snapshot says what arrived, in the same places. */
function isSame(row: SnapshotRow, { snapshot, split }: Arrival): boolean {
  return row.digest === snapshot.digest && row.provenanceHash === split.provenanceHash;
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
  { snapshotsPerClusterMax, snapshotsAgeMaxMs, snapshotBytesPerClusterMax }: StoreOptions,
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
  const bytesMax = snapshotBytesPerClusterMax ?? Infinity;
  const deletedToFit = deleteToFit(connection, cluster, inserted, bytesMax);
  return 0 < excess.length + expired.length + deletedToFit;
}

/** Deletes the oldest snapshots until the others take no more than `bytesMax`. @returns how many */
function deleteToFit(
  connection: Connection,
  cluster: ClusterRow,
  inserted: SnapshotRow,
  bytesMax: number,
): number {
  const { retention } = connection;
  for (let deleted = 0; ; deleted += 1) {
    const bytes = retention.bytesOf(cluster.id);
    if (bytes <= bytesMax) return deleted;
    const oldest = retention.oldest(cluster.id);
    if (oldest === undefined) throw tooLarge(cluster, bytes, bytesMax);
    if (oldest === inserted.seq)
      throw deletedAtOnce(`all that fits into the ${bytesMax} bytes kept of`, cluster);
    deleteWithChunks(connection, oldest);
  }
}

function tooLarge({ name }: ClusterRow, bytes: number, limitBytes: number): PodreachError {
  return new PodreachError(
    'upload-too-large',
    `this snapshot alone takes ${bytes} bytes as stored, and ${limitBytes} are kept of \`${name}\``,
    {
      limitBytes,
      receivedBytes: bytes,
      which: 'snapshotBytesPerClusterMax',
      hint: 'send fewer kinds or namespaces, or raise `--snapshot-bytes-per-cluster-max`',
    },
  );
}

function deletedAtOnce(what: string, { name }: ClusterRow): PodreachError {
  return new PodreachError(
    'bad-query',
    `\`takenAt\` is before ${what} \`${name}\`: this one would be deleted at once; keep more snapshots, or delete some first`,
    { parameter: 'takenAt' },
  );
}
