import type { Database } from 'better-sqlite3';

/** Keeps a cluster within its number, bytes and age of snapshots, and the file within what it holds. */
export interface Retention {
  /** The snapshots of a cluster beyond its `keep` newest, by `takenAt`, ties by ingest. */
  excess(clusterId: number, keep: number): readonly number[];
  /**
   * At most `limit` snapshots taken before `time` (milliseconds since 1970), the oldest first, of one
   * cluster or of all; the latest of a cluster is never among them.
   */
  expired(time: number, limit: number, clusterId?: number): readonly number[];
  /** Bytes of all chunks of a cluster as they are stored: compressed, what snapshots share once. */
  bytesOf(clusterId: number): number;
  /** The oldest snapshot of a cluster, by `takenAt`, ties by ingest; none when there is only its latest. */
  oldest(clusterId: number): number | undefined;
  /**
   * Gives some pages that nothing uses back to the file system; not inside a transaction.
   *
   * @returns whether there are more
   */
  freeSpace(): boolean;
}

/** Pages of 4 KiB given back in one step, some milliseconds of work. */
const PAGES_PER_STEP = 1024;

/** Retention on `database`. */
export function retentionOf(database: Database): Retention {
  const excess = database
    .prepare<[number, number], number>(
      'SELECT seq FROM snapshots WHERE cluster_id = ? ORDER BY taken_at DESC, seq DESC ' +
        'LIMIT -1 OFFSET ?',
    )
    .pluck();
  const expired = database
    .prepare<[number, number | null, number], number>(
      'SELECT seq FROM snapshots AS old WHERE taken_at < ? ' +
        'AND cluster_id = coalesce(?, cluster_id) AND EXISTS (SELECT 1 FROM snapshots AS newer ' +
        'WHERE newer.cluster_id = old.cluster_id AND old.taken_at <= newer.taken_at ' +
        'AND (old.taken_at < newer.taken_at OR old.seq < newer.seq)) ORDER BY taken_at LIMIT ?',
    )
    .pluck();
  const bytesOf = database
    .prepare<[number], number>('SELECT total(length(bytes)) FROM chunks WHERE cluster_id = ?')
    .pluck();
  const oldest = database
    .prepare<[number], number>(
      'SELECT seq FROM snapshots WHERE cluster_id = ? ORDER BY taken_at, seq LIMIT 2',
    )
    .pluck();
  return {
    excess: (clusterId, keep) => excess.all(clusterId, keep),
    expired: (time, limit, clusterId) => expired.all(time, clusterId ?? null, limit),
    bytesOf: (clusterId) => bytesOf.get(clusterId) ?? 0,
    oldest: (clusterId) => {
      const [first, second] = oldest.all(clusterId);
      return second === undefined ? undefined : first;
    },
    freeSpace: () => {
      database.exec(`PRAGMA incremental_vacuum(${PAGES_PER_STEP})`);
      const left = database.pragma('freelist_count', { simple: true });
      if (typeof left === 'number' && 0 < left) return true;
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      return false;
    },
  };
}
