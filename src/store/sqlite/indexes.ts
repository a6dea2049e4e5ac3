import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Database } from 'better-sqlite3';

import { chunkHash } from '../../model/digest.ts';

/** The compiled indexes, at most one of a snapshot: that of the engine which was last asked. */
export interface IndexTable {
  /** What is stored, which may be damaged: see {@link isWhole}. */
  read(seq: number, engine: string): StoredIndex | undefined;
  write(seq: number, engine: string, bytes: Uint8Array): void;
  /** Deletes what was read, unless something else was written meanwhile. */
  delete(index: StoredIndex): void;
  /** Deletes those of all but the `keep` newest snapshots of a cluster. */
  deleteOld(clusterId: number, keep: number): void;
}

/** An index as it is stored. */
export interface StoredIndex {
  readonly seq: number;
  readonly size: number;
  readonly checksum: string;
  readonly bytes: Uint8Array;
}

/** Bytes hashed before others have their turn, a millisecond or two of work. */
const SLICE_BYTES = 1024 * 1024;

/** Whether the bytes are those that were put. Their checksum is worked out in turns with others. */
export async function isWhole({ size, checksum, bytes }: StoredIndex): Promise<boolean> {
  if (bytes.length !== size) return false;
  const hash = createHash('sha256');
  for (let at = 0; at < size; at += SLICE_BYTES) {
    hash.update(bytes.subarray(at, at + SLICE_BYTES));
    await nextTurn();
  }
  return hash.digest('hex') === checksum;
}

/** The indexes in `database`. */
export function indexTable(database: Database): IndexTable {
  const find = database.prepare<[number, string], StoredIndex>(
    'SELECT snapshot_seq AS seq, size, checksum, bytes FROM indexes WHERE snapshot_seq = ? AND engine = ?',
  );
  const insert = database.prepare(
    'INSERT INTO indexes (snapshot_seq, engine, size, checksum, bytes) VALUES (?, ?, ?, ?, ?)',
  );
  const deleteOf = database.prepare('DELETE FROM indexes WHERE snapshot_seq = ?');
  const deleteDamaged = database.prepare(
    'DELETE FROM indexes WHERE snapshot_seq = ? AND checksum = ?',
  );
  const deleteOld = database.prepare(
    'DELETE FROM indexes WHERE snapshot_seq IN (SELECT seq FROM snapshots ' +
      'WHERE cluster_id = ? ORDER BY taken_at DESC, seq DESC LIMIT -1 OFFSET ?)',
  );
  return {
    read: (seq, engine) => find.get(seq, engine),
    write: (seq, engine, bytes) => {
      deleteOf.run(seq);
      insert.run(seq, engine, bytes.length, chunkHash(bytes), bytes);
    },
    delete: ({ seq, checksum }) => {
      deleteDamaged.run(seq, checksum);
    },
    deleteOld: (clusterId, keep) => {
      deleteOld.run(clusterId, keep);
    },
  };
}
