import type { Database } from 'better-sqlite3';

import type { SnapshotId } from '../../model/snapshot.ts';

/** A row of `snapshots` with the name of its cluster. Times in milliseconds since 1970. */
export interface SnapshotRow {
  readonly seq: number;
  readonly id: string;
  readonly clusterId: number;
  readonly cluster: string;
  readonly digest: string;
  readonly provenanceHash: string;
  readonly takenAt: number;
  readonly ingestedAt: number;
  readonly source: string;
  readonly header: string;
  readonly rowHash: string;
}

/** A row of `clusters`. */
export interface ClusterRow {
  readonly id: number;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly lastSeenAt: number;
}

/** The rows of clusters and snapshots. */
export interface SnapshotTable {
  cluster(name: string): ClusterRow | undefined;
  /** By name, after `after`. */
  clusters(after: string, limit: number): readonly ClusterRow[];
  clusterCount(): number;
  /** The cluster, made when it is new, seen at `at` if that is later than before. */
  seeCluster(name: string, at: number): ClusterRow;
  deleteCluster(id: number): void;
  find(id: string): SnapshotRow | undefined;
  /** The name of the cluster of a snapshot. */
  clusterOf(id: string): string | undefined;
  /** The latest snapshot taken at or before `at`, ties by ingest. */
  latest(clusterId: number, at: number): SnapshotRow | undefined;
  /** Newest first. */
  page(clusterId: number, offset: number, limit: number): readonly SnapshotRow[];
  count(clusterId: number): number;
  /** In the order of their ingest, those after `seq`. */
  after(seq: number, limit: number): readonly SnapshotRow[];
  bySeq(clusterId: number, seq: number): SnapshotRow | undefined;
  /** The last one by its ingest, of all clusters or of one. */
  lastIngested(clusterId?: number): SnapshotRow | undefined;
  /** @returns the sequence number */
  insert(row: Omit<SnapshotRow, 'seq' | 'cluster'>, chunkIds: readonly number[]): number;
  delete(seq: number): void;
}

/** A time later than every other. */
export const END_OF_TIME = Number.MAX_SAFE_INTEGER;

const ROWS =
  'SELECT seq, snapshots.id, cluster_id AS clusterId, name AS cluster, digest, ' +
  'provenance_hash AS provenanceHash, taken_at AS takenAt, ingested_at AS ingestedAt, source, ' +
  'header, row_hash AS rowHash FROM snapshots JOIN clusters ON clusters.id = cluster_id ';
const CLUSTER_OF =
  'SELECT name FROM clusters WHERE id = (SELECT cluster_id FROM snapshots WHERE id = ?)';
const CLUSTERS = 'SELECT id, name, last_seen_at AS lastSeenAt FROM clusters ';

/** The rows in `database`. */
export function snapshotTable(database: Database): SnapshotTable {
  const cluster = database.prepare<[string], ClusterRow>(CLUSTERS + 'WHERE name = ?');
  const clusters = database.prepare<[string, number], ClusterRow>(
    CLUSTERS + 'WHERE ? < name ORDER BY name LIMIT ?',
  );
  const clusterCount = database.prepare<[], number>('SELECT count(*) FROM clusters').pluck();
  const seeCluster = database.prepare<[string, number], ClusterRow>(
    'INSERT INTO clusters (name, last_seen_at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE ' +
      'SET last_seen_at = max(last_seen_at, excluded.last_seen_at) ' +
      'RETURNING id, name, last_seen_at AS lastSeenAt',
  );
  const deleteChunksOf = database.prepare('DELETE FROM chunks WHERE cluster_id = ?');
  const deleteSnapshotsOf = database.prepare('DELETE FROM snapshots WHERE cluster_id = ?');
  const deleteCluster = database.prepare('DELETE FROM clusters WHERE id = ?');
  const find = database.prepare<[string], SnapshotRow>(ROWS + 'WHERE snapshots.id = ?');
  const clusterOf = database.prepare<[string], string>(CLUSTER_OF).pluck();
  const latest = database.prepare<[number, number], SnapshotRow>(
    ROWS + 'WHERE cluster_id = ? AND taken_at <= ? ORDER BY taken_at DESC, seq DESC LIMIT 1',
  );
  const page = database.prepare<[number, number, number], SnapshotRow>(
    ROWS + 'WHERE cluster_id = ? ORDER BY taken_at DESC, seq DESC LIMIT ? OFFSET ?',
  );
  const count = database
    .prepare<[number], number>('SELECT count(*) FROM snapshots WHERE cluster_id = ?')
    .pluck();
  const insert = database.prepare(
    'INSERT INTO snapshots (id, cluster_id, digest, provenance_hash, taken_at, ingested_at, ' +
      'source, header, row_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const insertChunk = database.prepare(
    'INSERT INTO snapshot_chunks (snapshot_seq, chunk_id) VALUES (?, ?)',
  );
  const deleteSnapshot = database.prepare('DELETE FROM snapshots WHERE seq = ?');
  return {
    cluster: (name) => cluster.get(name),
    clusters: (after, limit) => clusters.all(after, limit),
    clusterCount: () => clusterCount.get() ?? 0,
    seeCluster: (name, at) => {
      const row = seeCluster.get(name, at);
      if (row === undefined) throw new Error('the database returned no row of the cluster');
      return row;
    },
    deleteCluster: (id) => {
      deleteSnapshotsOf.run(id);
      deleteChunksOf.run(id);
      deleteCluster.run(id);
    },
    find: (id) => find.get(id),
    clusterOf: (id) => clusterOf.get(id),
    latest: (clusterId, at) => latest.get(clusterId, at),
    page: (clusterId, offset, limit) => page.all(clusterId, limit, offset),
    count: (clusterId) => count.get(clusterId) ?? 0,
    ...ingestOrder(database),
    insert: (row, chunkIds) => {
      const { id, clusterId, digest, provenanceHash, takenAt, ingestedAt, source } = row;
      const times = [takenAt, ingestedAt];
      const identity = [id, clusterId, digest, provenanceHash];
      const result = insert.run(...identity, ...times, source, row.header, row.rowHash);
      const seq = Number(result.lastInsertRowid);
      for (const chunkId of chunkIds) insertChunk.run(seq, chunkId);
      return seq;
    },
    delete: (seq) => {
      deleteSnapshot.run(seq);
    },
  };
}

function ingestOrder(database: Database): Pick<SnapshotTable, 'after' | 'bySeq' | 'lastIngested'> {
  const bySeq = database.prepare<[number, number], SnapshotRow>(
    ROWS + 'WHERE cluster_id = ? AND seq = ?',
  );
  const after = database.prepare<[number, number], SnapshotRow>(
    ROWS + 'WHERE ? < seq ORDER BY seq LIMIT ?',
  );
  const last = database.prepare<[], SnapshotRow>(ROWS + 'ORDER BY seq DESC LIMIT 1');
  const lastOf = database.prepare<[number], SnapshotRow>(
    ROWS + 'WHERE seq = (SELECT max(seq) FROM snapshots WHERE cluster_id = ?)',
  );
  return {
    after: (seq, limit) => after.all(seq, limit),
    bySeq: (clusterId, seq) => bySeq.get(clusterId, seq),
    lastIngested: (clusterId) => (clusterId === undefined ? last.get() : lastOf.get(clusterId)),
  };
}

/** Alphabet of Crockford's base 32: no letter looks like a digit. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A new snapshot id: `s_`, ten characters of time and sixteen of randomness, so that ids sort by the
 * millisecond of their ingest and cannot be guessed.
 *
 * @param random ten bytes
 */
export function snapshotId(ingestedAt: number, random: Uint8Array): SnapshotId {
  const hex = Buffer.from(random).toString('hex');
  let rest = (BigInt(ingestedAt) << 80n) | BigInt(`0x${hex}`);
  let letters = '';
  for (let i = 0; i < 26; i += 1) {
    letters = ALPHABET.charAt(Number(rest & 31n)) + letters;
    rest >>= 5n;
  }
  return `s_${letters}` as SnapshotId;
}
