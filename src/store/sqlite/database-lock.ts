import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import Database from 'better-sqlite3';

import { PodreachError } from '../../model/errors.ts';
import { toStoreError } from './store-error.ts';

/** That nobody else serves a database. It ends with its process, however that ends. */
export interface DatabaseLock {
  release(): void;
}

/** How long a start waits for another one that looks at the same moment. */
const WAIT_MS = 250;

/** Starts at the same moment that can get in each other's way before one of them gives up. */
const ATTEMPTS = 3;

/**
 * Holds the database in the file `path` for this process.
 *
 * The lock is that of SQLite on a file of its own, `path` with `-lock`, and so the operating system's:
 * it needs no cleaning up after a process that was killed, and no number of a process can be mistaken
 * for another's. Who holds it stands in that file for whoever comes second. The file is never deleted:
 * somebody could be about to lock it.
 *
 * @throws `store-failed` naming the process that holds it
 */
export function lockDatabase(path: string): DatabaseLock {
  const place = `${path}-lock`;
  let sentinel: Database.Database | undefined;
  try {
    sentinel = new Database(place, { timeout: WAIT_MS });
    hold(sentinel, path);
  } catch (cause) {
    sentinel?.close();
    throw toStoreError(cause, place);
  }
  const held = sentinel;
  return { release: () => held.close() };
}

/** Leaves a write transaction open, and the name of this process written before it. */
function hold(sentinel: Database.Database, path: string): void {
  const own = randomUUID();
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    begin(sentinel, path);
    if (holderOf(sentinel)?.holder === own) return;
    sign(sentinel, own);
  }
  begin(sentinel, path);
}

/** @throws `store-failed` when another process has begun */
function begin(sentinel: Database.Database, path: string): void {
  try {
    sentinel.exec('BEGIN IMMEDIATE');
  } catch (cause) {
    if (!(cause instanceof Database.SqliteError) || cause.code !== 'SQLITE_BUSY') throw cause;
    throw inUse(path, holderOf(sentinel), cause);
  }
}

/** Ends the transaction with our name in it; on a full disk without: holding matters, names only help. */
function sign(sentinel: Database.Database, own: string): void {
  try {
    sentinel.exec(
      'CREATE TABLE IF NOT EXISTS holder (id INTEGER PRIMARY KEY CHECK (id = 1), ' +
        'holder TEXT NOT NULL, pid INTEGER NOT NULL, host TEXT NOT NULL) STRICT',
    );
    sentinel
      .prepare('INSERT OR REPLACE INTO holder (id, holder, pid, host) VALUES (1, ?, ?, ?)')
      .run(own, process.pid, hostname());
    sentinel.exec('COMMIT');
  } catch (cause) {
    if (sentinel.inTransaction) sentinel.exec('ROLLBACK');
    if (!isFull(cause)) throw cause;
  }
}

function isFull(cause: unknown): boolean {
  return (
    cause instanceof Database.SqliteError &&
    (cause.code === 'SQLITE_FULL' || cause.code.startsWith('SQLITE_IOERR'))
  );
}

interface Holder {
  readonly holder: string;
  readonly pid: number;
  readonly host: string;
}

/** Who signed last; undefined when nobody has, or it cannot be read just now. */
function holderOf(sentinel: Database.Database): Holder | undefined {
  try {
    return sentinel.prepare<[], Holder>('SELECT holder, pid, host FROM holder').get();
  } catch (error) {
    if (error instanceof Database.SqliteError) return undefined;
    throw error;
  }
}

function inUse(path: string, holder: Holder | undefined, cause: unknown): PodreachError {
  const isOther = holder !== undefined && holder.pid !== process.pid;
  const who = isOther ? `process ${holder.pid} on \`${holder.host}\`` : 'another process';
  return new PodreachError(
    'store-failed',
    `the database \`${path}\` is in use by ${who}; stop that one first, or name another database`,
    {},
    cause,
  );
}
