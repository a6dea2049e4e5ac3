import { existsSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';

import { PodreachError } from '../model/errors.ts';
import type { SnapshotStore, StoreOptions } from './snapshot-store.ts';
import { ballastOf } from './sqlite/ballast.ts';
import type { Ballast } from './sqlite/ballast.ts';
import { lockDatabase } from './sqlite/database-lock.ts';
import { checkPlace } from './sqlite/database-place.ts';
import { IN_MEMORY } from './sqlite/open.ts';
import { openSqliteStore } from './sqlite/sqlite-store.ts';
import { openSqliteTokens } from './sqlite/sqlite-tokens.ts';
import { checkDatabase } from './sqlite/start-check.ts';
import type { TokenStore } from './token-store.ts';

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

/**
 * The tokens in the database that `url` names.
 *
 * @param make whether a database that is not there is made
 * @throws as `openStore`
 */
export function openTokenStore(
  url: string,
  { make }: { readonly make: boolean },
): Promise<TokenStore> {
  return new Promise((resolve) => {
    const path = databasePath(url);
    if (!make && !existsSync(path)) {
      throw bad(`there is no database \`${path}\`; name it with \`--database\``);
    }
    resolve(openSqliteTokens(path));
  });
}

/** Whether a process beside this one can open the database that `url` names. @throws `bad-query` */
export function isShared(url: string): boolean {
  const [, rest] = splitUrl(url);
  return rest !== IN_MEMORY;
}

/** What a server has of its database before it opens it. */
export interface DatabaseClaim {
  /** Absent in memory. */
  readonly ballast?: Ballast;
  /** Lets others have it. */
  readonly release: () => void;
}

/**
 * Makes sure, before a server opens the database that `url` names, that it can be kept there, that no
 * other server has it, and that it is whole. What works for the server, and commands beside it, open it
 * without this. A database in memory needs none of it.
 *
 * @param checkBytesMax databases up to this size are read from end to end
 * @throws `bad-query`, `store-failed`
 */
export function claimDatabase(url: string, checkBytesMax: number): DatabaseClaim {
  const path = databasePath(url);
  if (path === IN_MEMORY) return { release: () => undefined };
  checkPlace(path);
  const lock = lockDatabase(path);
  try {
    const ballast = ballastOf(path);
    checkDatabase(path, checkBytesMax);
    return { ballast, release: () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function open(url: string, options: StoreOptions): SnapshotStore {
  return openSqliteStore(databasePath(url), options);
}

/** The file that `url` names, or {@link IN_MEMORY}. @throws `bad-query` */
export function databasePath(url: string): string {
  const [scheme, rest] = splitUrl(url);
  switch (scheme) {
    case 'sqlite':
      return sqlitePath(rest);
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
