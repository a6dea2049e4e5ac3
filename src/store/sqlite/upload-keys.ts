import type { Database } from 'better-sqlite3';

/** Which snapshot an upload made or found that its caller had named. */
export interface UploadKeyTable {
  /** The sequence number of the snapshot; undefined for a key that is not known (any more). */
  find(clusterId: number, key: string): number | undefined;
  /** Notes the key, in the place of the same one where that was there. */
  write(clusterId: number, key: string, snapshotSeq: number): void;
  /** Forgets all keys of a cluster but the `keep` newest. */
  deleteOld(clusterId: number, keep: number): void;
}

/** The keys in `database`. */
export function uploadKeyTable(database: Database): UploadKeyTable {
  const find = database
    .prepare<[number, string], number>(
      'SELECT snapshot_seq FROM upload_keys WHERE cluster_id = ? AND key_hash = ?',
    )
    .pluck();
  const write = database.prepare(
    'INSERT OR REPLACE INTO upload_keys (cluster_id, key_hash, snapshot_seq) VALUES (?, ?, ?)',
  );
  const deleteOld = database.prepare(
    'DELETE FROM upload_keys WHERE seq IN (SELECT seq FROM upload_keys WHERE cluster_id = ? ' +
      'ORDER BY seq DESC LIMIT -1 OFFSET ?)',
  );
  return {
    find: (clusterId, key) => find.get(clusterId, key),
    write: (clusterId, key, snapshotSeq) => {
      write.run(clusterId, key, snapshotSeq);
    },
    deleteOld: (clusterId, keep) => {
      deleteOld.run(clusterId, keep);
    },
  };
}
