import { statSync } from 'node:fs';

import Database from 'better-sqlite3';

import { readHeader } from './file-header.ts';
import { damagedDatabase, notADatabase, toStoreError } from './store-error.ts';

/** What is looked at whatever the size: small, and what is wrong there hides whole snapshots. */
const ROWS_CHECKS: readonly string[] = [
  'integrity_check(clusters)',
  'integrity_check(snapshots)',
  'foreign_key_check(snapshots)',
];

/**
 * Looks whether the database in `path` is whole before it is served: every page when it has at most
 * `bytesMax` bytes, otherwise its size and the rows of clusters and snapshots. What is inside chunks is
 * found by their hashes when they are read. Nothing is written; a file that is missing, empty or not
 * ours is left to whoever opens it.
 *
 * @throws `store-failed` naming the file, what is wrong, and how to restore a backup
 */
export function checkDatabase(path: string, bytesMax: number): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return;
  checkSize(path, size);
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { readonly: true });
    if (!hasSchema(database)) return;
    const checks = size <= bytesMax ? ['quick_check', ...ROWS_CHECKS] : ROWS_CHECKS;
    for (const check of checks) {
      const found = complaintOf(database, check);
      if (found !== undefined) throw damagedDatabase(path, found);
    }
  } catch (cause) {
    throw toStoreError(cause, path);
  } finally {
    database?.close();
  }
}

/** The first thing that a check of SQLite finds; undefined when all is well. */
function complaintOf(database: Database.Database, check: string): string | undefined {
  const found = database.prepare(`PRAGMA ${check}`).raw().all() as readonly (readonly unknown[])[];
  const [first] = found;
  if (first === undefined || first[0] === 'ok') return undefined;
  if (check.startsWith('foreign_key_check')) return 'a snapshot has lost its cluster';
  return String(first[0]).split('\n', 1)[0];
}

/**
 * A file that was cut off has fewer pages than its first one says. With a log beside it the file may be
 * behind, and only SQLite can tell.
 */
function checkSize(path: string, size: number): void {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (log !== undefined && 0 < log.size) return;
  const header = readHeader(path);
  if (header === undefined) throw notADatabase(path);
  if (size < header.pages * header.pageBytes) throw damagedDatabase(path, 'its end is missing');
}

/** Before the first migration there is nothing to check. */
function hasSchema(database: Database.Database): boolean {
  const count = database
    .prepare<[], number>(
      "SELECT count(*) FROM sqlite_schema WHERE name IN ('clusters', 'snapshots')",
    )
    .pluck()
    .get();
  return count === 2;
}
