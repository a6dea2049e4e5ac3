import type { Database } from 'better-sqlite3';

import { chunkHash } from '../../model/digest.ts';

/** The compiled indexes, at most one of a snapshot: that of the engine which was last asked. */
export interface IndexTable {
  /** The bytes, or undefined when there are none that are what was put; damaged ones are `damaged`. */
  read(seq: number, engine: string): Uint8Array | 'damaged' | undefined;
  write(seq: number, engine: string, bytes: Uint8Array): void;
  delete(seq: number): void;
  /** Deletes those of all but the `keep` newest snapshots of a cluster. */
  deleteOld(clusterId: number, keep: number): void;
}

interface IndexRow {
  readonly size: number;
  readonly checksum: string;
  readonly bytes: Uint8Array;
}

/** The indexes in `database`. */
export function indexTable(database: Database): IndexTable {
  const find = database.prepare<[number, string], IndexRow>(
    'SELECT size, checksum, bytes FROM indexes WHERE snapshot_seq = ? AND engine = ?',
  );
  const insert = database.prepare(
    'INSERT INTO indexes (snapshot_seq, engine, size, checksum, bytes) VALUES (?, ?, ?, ?, ?)',
  );
  const deleteOf = database.prepare('DELETE FROM indexes WHERE snapshot_seq = ?');
  const deleteOld = database.prepare(
    'DELETE FROM indexes WHERE snapshot_seq IN (SELECT seq FROM snapshots ' +
      'WHERE cluster_id = ? ORDER BY taken_at DESC, seq DESC LIMIT -1 OFFSET ?)',
  );
  return {
    read: (seq, engine) => {
      const row = find.get(seq, engine);
      if (row === undefined) return undefined;
      const { size, checksum, bytes } = row;
      return bytes.length === size && chunkHash(bytes) === checksum ? bytes : 'damaged';
    },
    write: (seq, engine, bytes) => {
      deleteOf.run(seq);
      insert.run(seq, engine, bytes.length, chunkHash(bytes), bytes);
    },
    delete: (seq) => {
      deleteOf.run(seq);
    },
    deleteOld: (clusterId, keep) => {
      deleteOld.run(clusterId, keep);
    },
  };
}
