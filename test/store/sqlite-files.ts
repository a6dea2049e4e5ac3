import { join } from 'node:path';

import Database from 'better-sqlite3';
import t from 'tap';

import { openStore } from '../../src/store/open-store.ts';
import type { SnapshotStore } from '../../src/store/snapshot-store.ts';

/** Keeps everything that a test puts. */
export const KEEP = { snapshotsPerClusterMax: 1000 };

const folder = t.testdir({});
let files = 0;

/** The path of a database that does not exist yet. */
export function newFile(): string {
  files += 1;
  return join(folder, `${files}.db`);
}

/** A time, `seconds` after the others began. */
export function at(seconds: number): Date {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
}

/** Runs `sql` on the file as another program would, without our settings. */
export function meddle(file: string, sql: string, ...values: unknown[]): void {
  const database = new Database(file);
  database.prepare(sql).run(...values);
  database.close();
}

/** Rows in each table of the file. */
export function countRows(file: string): ReadonlyMap<string, number> {
  const database = new Database(file, { readonly: true });
  const tables = ['chunks', 'chunk_namespaces', 'snapshots', 'snapshot_chunks', 'indexes'];
  const counts = tables.map((table) => {
    const count = database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get();
    return [table, count ?? -1] as const;
  });
  database.close();
  return new Map(counts);
}

/** Opens the store in `file` for as long as `body` runs. */
export async function withStore<T>(
  file: string,
  body: (store: SnapshotStore) => Promise<T>,
): Promise<T> {
  const store = await openStore(`sqlite:${file}`, KEEP);
  try {
    return await body(store);
  } finally {
    await store.close();
  }
}
