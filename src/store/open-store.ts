import { dirname, resolve as resolvePath } from 'node:path';

import { PodreachError } from '../model/errors.ts';
import type { SnapshotStore, StoreOptions } from './snapshot-store.ts';
import { IN_MEMORY } from './sqlite/open.ts';
import { openSqliteStore } from './sqlite/sqlite-store.ts';

/**
 * The store that `url` names: `sqlite:./podreach.db` (a file, made when missing), or
 * `sqlite::memory:`.
 *
 * @throws `bad-query` for any other URL, `store-failed`, `disk-full`
 */
export function openStore(url: string, options: StoreOptions): Promise<SnapshotStore> {
  // What an executor throws rejects its promise.
  return new Promise((resolve) => {
    resolve(open(url, options));
  });
}

/** Whether a process beside this one can open the database that `url` names. @throws `bad-query` */
export function isShared(url: string): boolean {
  const [, rest] = splitUrl(url);
  return rest !== IN_MEMORY;
}

/** The folder of the database that {@link isShared}. @throws `bad-query` */
export function databaseFolder(url: string): string {
  const [, rest] = splitUrl(url);
  return dirname(sqlitePath(rest));
}

function open(url: string, options: StoreOptions): SnapshotStore {
  const [scheme, rest] = splitUrl(url);
  switch (scheme) {
    case 'sqlite':
      return openSqliteStore(sqlitePath(rest), options);
    case 'postgres':
    case 'postgresql':
      throw bad('PostgreSQL is not available yet; use `sqlite:./podreach.db`');
    default:
      // The rest may hold a password: only the scheme is repeated.
      throw bad(`unknown database \`${scheme}:\`; supported is \`sqlite:PATH\``);
  }
}

function splitUrl(url: string): readonly [scheme: string, rest: string] {
  const colon = url.indexOf(':');
  if (colon <= 0) throw bad('a database is named by a URL; write `sqlite:./podreach.db`');
  return [url.slice(0, colon).toLowerCase(), url.slice(colon + 1)];
}

function sqlitePath(rest: string): string {
  if (rest === IN_MEMORY) return IN_MEMORY;
  if (rest === '') throw bad('the database has no path; write `sqlite:./podreach.db`');
  if (rest.includes('\0')) throw bad('the path of the database holds a NUL character');
  if (/^\/\/(?!\/)/.test(rest)) {
    throw bad(`\`sqlite:${rest}\` names a host; write \`sqlite:${rest.slice(2)}\` for a path`);
  }
  // An absolute path is never read as one of SQLite's `file:` URIs.
  return resolvePath(rest);
}

function bad(message: string): PodreachError {
  return new PodreachError('bad-query', message, { parameter: 'database' });
}
