import type { Database } from 'better-sqlite3';

import { chunkTable } from './chunks.ts';
import type { ChunkTable } from './chunks.ts';
import { indexTable } from './indexes.ts';
import type { IndexTable } from './indexes.ts';
import { openDatabase } from './open.ts';
import { retentionOf } from './retention.ts';
import type { Retention } from './retention.ts';
import { snapshotTable } from './snapshots.ts';
import type { SnapshotTable } from './snapshots.ts';
import { storedForms } from './stored-rows.ts';
import type { StoredForms } from './stored-rows.ts';
import { uploadKeyTable } from './upload-keys.ts';
import type { UploadKeyTable } from './upload-keys.ts';

/** A connection with every statement prepared once. */
export interface Connection {
  readonly database: Database;
  readonly snapshots: SnapshotTable;
  readonly chunks: ChunkTable;
  readonly indexes: IndexTable;
  readonly keys: UploadKeyTable;
  readonly retention: Retention;
  readonly forms: StoredForms;
  /** Runs `work` in one write transaction: all of it, or nothing. */
  readonly write: <T>(work: () => T) => T;
  /** Runs `work` on one state of the database. */
  readonly read: <T>(work: () => T) => T;
  /** Another number whenever another connection has changed the file. */
  readonly foreignVersion: () => number;
}

/** A connection to the database in `path`, or in memory. @throws `store-failed`, `disk-full` */
export function connect(path: string): Connection {
  const database = openDatabase(path);
  const chunks = chunkTable(database);
  const versions = database.prepare<[], number>('PRAGMA data_version').pluck();
  return {
    database,
    snapshots: snapshotTable(database),
    chunks,
    indexes: indexTable(database),
    keys: uploadKeyTable(database),
    retention: retentionOf(database),
    forms: storedForms(chunks),
    write: (work) => database.transaction(work).immediate(),
    read: (work) => database.transaction(work).deferred(),
    foreignVersion: () => versions.get() ?? 0,
  };
}

/** Deletes a snapshot with the chunks that only it holds, and its index. */
export function deleteWithChunks(
  { snapshots, chunks }: Pick<Connection, 'snapshots' | 'chunks'>,
  seq: number,
): void {
  const own = chunks.ownOf(seq);
  snapshots.delete(seq);
  chunks.delete(own);
}
