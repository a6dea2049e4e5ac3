import type { Database } from 'better-sqlite3';

/** Keeps a cluster within its number of snapshots, and the file within what it holds. */
export interface Retention {
  /** The snapshots of a cluster beyond its `keep` newest, by `takenAt`, ties by ingest. */
  excess(clusterId: number, keep: number): readonly number[];
  /** Gives pages that nothing uses back to the file system; not inside a transaction. */
  freeSpace(): void;
}

/** Retention on `database`. */
export function retentionOf(database: Database): Retention {
  const excess = database
    .prepare<[number, number], number>(
      'SELECT seq FROM snapshots WHERE cluster_id = ? ORDER BY taken_at DESC, seq DESC ' +
        'LIMIT -1 OFFSET ?',
    )
    .pluck();
  return {
    excess: (clusterId, keep) => excess.all(clusterId, keep),
    freeSpace: () => {
      database.exec('PRAGMA incremental_vacuum');
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    },
  };
}
