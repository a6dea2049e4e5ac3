import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

import Database from 'better-sqlite3';

import { PodreachError } from '../../model/errors.ts';
import { migrate, readMigrations, refuseNewer } from './migrate.ts';
import type { Migration } from './migrate.ts';
import { toStoreError } from './store-error.ts';

/** Marks files as ours in their header: `prch` in ASCII. */
export const APPLICATION_ID = 0x70726368;

/** The name of a database that lives in memory and ends with its connection. */
export const IN_MEMORY = ':memory:';

/** How long opening waits for the lock of another connection: both may bring the schema up to date. */
const OPENING_TIMEOUT_MS = 2000;

/**
 * How long a statement waits for that lock. It blocks the thread, so it only bridges moments, such as
 * a checkpoint; whoever has to wait for a transaction tries again later.
 */
const BUSY_TIMEOUT_MS = 50;

/**
 * Settings of every connection, each read back after it was set. The order matters: entering WAL
 * mode silently lowers `synchronous` in the SQLite that better-sqlite3 bundles, and with it a
 * committed snapshot could be lost with the power.
 */
const SETTINGS: readonly (readonly [name: string, set: string, expected: number])[] = [
  ['synchronous', 'FULL', 2],
  ['foreign_keys', 'ON', 1],
  ['trusted_schema', 'OFF', 0],
  ['cell_size_check', 'ON', 1],
  ['mmap_size', '0', 0],
  ['journal_size_limit', '67108864', 67_108_864],
  ['wal_autocheckpoint', '1000', 1000],
];

/** What `PRAGMA auto_vacuum` says for `INCREMENTAL`. */
const AUTO_VACUUM_INCREMENTAL = 2;

/**
 * A connection to the database in the file `path`, or {@link IN_MEMORY}, with all settings asserted
 * and the schema up to date. The file is made when it is missing, its folder is not.
 *
 * @throws `store-failed`, `disk-full`
 */
export function openDatabase(
  path: string,
  migrations: readonly Migration[] = readMigrations(),
): Database.Database {
  let database: Database.Database | undefined;
  try {
    if (path !== IN_MEMORY) checkFile(path, migrations);
    database = new Database(path, { timeout: OPENING_TIMEOUT_MS });
    configure(database, path);
    migrate(database, migrations);
    database.pragma('busy_timeout = ' + BUSY_TIMEOUT_MS.toString());
    return database;
  } catch (cause) {
    database?.close();
    throw toStoreError(cause, path);
  }
}

/**
 * Refuses files that are not ours or are newer than we are, before anything is written: this reads
 * through a connection that cannot write.
 */
function checkFile(path: string, migrations: readonly Migration[]): void {
  if (!existsSync(dirname(path))) {
    throw new PodreachError(
      'store-failed',
      `the folder \`${dirname(path)}\` does not exist; make it`,
    );
  }
  if (!existsSync(path)) return;
  if (!statSync(path).isFile()) throw foreign(path);
  if (statSync(path).size === 0) return;
  const database = new Database(path, { readonly: true, timeout: OPENING_TIMEOUT_MS });
  try {
    const id = database.pragma('application_id', { simple: true });
    // A file without an id is ours only while it is empty: opening it was cut short.
    const tables = database.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get();
    if (id !== APPLICATION_ID && !(id === 0 && tables === 0)) throw foreign(path);
    refuseNewer(database, migrations);
  } finally {
    database.close();
  }
}

function configure(database: Database.Database, path: string): void {
  // Only possible before the first table; entering WAL mode would already be too late.
  database.pragma('auto_vacuum = INCREMENTAL');
  const mode = path === IN_MEMORY ? 'memory' : 'wal';
  if (path !== IN_MEMORY) database.pragma('journal_mode = WAL');
  assertSetting(database, 'journal_mode', mode);
  for (const [name, set, expected] of SETTINGS) {
    database.pragma(name + ' = ' + set);
    // A database in memory has no map and does not answer.
    if (path !== IN_MEMORY || name !== 'mmap_size') assertSetting(database, name, expected);
  }
  assertSetting(database, 'auto_vacuum', AUTO_VACUUM_INCREMENTAL);
  if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    database.pragma('application_id = ' + APPLICATION_ID.toString());
  }
  assertSetting(database, 'application_id', APPLICATION_ID);
}

function assertSetting(database: Database.Database, name: string, expected: string | number): void {
  const actual = database.pragma(name, { simple: true });
  if (actual === expected) return;
  throw new PodreachError(
    'store-failed',
    `the database \`${database.name}\` does not keep the setting \`${name} = ${expected}\` (it is \`${String(actual)}\`); use a local disk and a file that podreach made`,
  );
}

function foreign(path: string): PodreachError {
  return new PodreachError(
    'store-failed',
    `\`${path}\` is not a podreach database; name another file, or none to start a new one`,
  );
}
