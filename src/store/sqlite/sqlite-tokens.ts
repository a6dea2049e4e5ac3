import { setTimeout as sleep } from 'node:timers/promises';

import type { Database } from 'better-sqlite3';

import { chunkHash } from '../../model/digest.ts';
import { PodreachError } from '../../model/errors.ts';
import { isUsable } from '../token-store.ts';
import type { StoredToken, TokenStore } from '../token-store.ts';
import { openDatabase } from './open.ts';
import { toStoreError } from './store-error.ts';

/** A row of `tokens` without its hash. Times in milliseconds since 1970. */
interface TokenCells {
  readonly name: string;
  readonly hash: string;
  readonly scopes: string;
  readonly clusters: string | null;
  readonly namespaces: string | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

interface TokenRow extends TokenCells {
  readonly rowHash: string;
}

const ROWS =
  'SELECT name, hash, scopes, clusters, namespaces, created_at AS createdAt, ' +
  'expires_at AS expiresAt, revoked_at AS revokedAt, row_hash AS rowHash FROM tokens ';

/** How long a call waits for another process that writes, and how often it looks. */
const BUSY_MS_MAX = 5000;
const BUSY_RETRY_MS = 50;

/** The tokens in the SQLite file `path`, which is made when it is missing. @throws as `openDatabase` */
export function openSqliteTokens(path: string): TokenStore {
  const database = openDatabase(path);
  const use = userOf(database, path);
  const byHash = database.prepare<[string], TokenRow>(ROWS + 'WHERE hash = ?');
  const byName = database.prepare<[string], TokenRow>(ROWS + 'WHERE name = ?');
  const all = database.prepare<[], TokenRow>(ROWS + 'ORDER BY name');
  const write = database.prepare(
    'INSERT OR REPLACE INTO tokens (name, hash, scopes, clusters, namespaces, created_at, ' +
      'expires_at, revoked_at, row_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const put = (cells: TokenCells): void => {
    write.run(...cellsOf(cells), rowHashOf(cells));
  };
  return {
    add: (token) =>
      use(() => {
        const known = byName.get(token.name);
        if (known !== undefined && isUsable(tokenOf(known), token.createdAt)) return false;
        put(cellsOfToken({ ...token, revokedAt: null }));
        return true;
      }),
    find: (hash) =>
      use(() => {
        const row = byHash.get(hash);
        return row === undefined ? undefined : tokenOf(row);
      }),
    list: () => use(() => all.all().map(tokenOf)),
    revoke: (name, at) =>
      use(() => {
        const row = byName.get(name);
        if (row === undefined || row.revokedAt !== null) return false;
        // Whatever is wrong with the row: nobody uses it any more.
        put({ ...row, revokedAt: at.getTime() });
        return true;
      }),
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
}

/** Runs work in one transaction, waiting without blocking while another process writes. */
function userOf(database: Database, path: string): <T>(work: () => T) => Promise<T> {
  return async (work) => {
    for (const startedAt = performance.now(); ;) {
      try {
        return database.transaction(work).deferred();
      } catch (cause) {
        const error = toStoreError(cause, path);
        const isOver = BUSY_MS_MAX < performance.now() - startedAt;
        if (!(error instanceof PodreachError) || error.code !== 'busy' || isOver) throw error;
      }
      await sleep(BUSY_RETRY_MS);
    }
  };
}

function cellsOfToken(token: StoredToken): TokenCells {
  const { name, hash, scopes, clusters, namespaces } = token;
  return {
    name,
    hash,
    scopes: JSON.stringify(scopes),
    clusters: clusters === null ? null : JSON.stringify(clusters),
    namespaces: namespaces === null ? null : JSON.stringify(namespaces),
    createdAt: token.createdAt.getTime(),
    expiresAt: token.expiresAt?.getTime() ?? null,
    revokedAt: token.revokedAt?.getTime() ?? null,
  };
}

function cellsOf(cells: TokenCells): readonly (string | number | null)[] {
  const { name, hash, scopes, clusters, namespaces, createdAt, expiresAt, revokedAt } = cells;
  return [name, hash, scopes, clusters, namespaces, createdAt, expiresAt, revokedAt];
}

/** A changed limit or time is noticed, as in snapshots: a flipped bit must not widen a token. */
function rowHashOf(cells: TokenCells): string {
  return chunkHash(Buffer.from(JSON.stringify(cellsOf(cells)), 'utf8'));
}

function tokenOf(row: TokenRow): StoredToken {
  if (rowHashOf(row) !== row.rowHash) throw damaged(row.name);
  return {
    name: row.name,
    hash: row.hash,
    scopes: textsOf(row.scopes, row.name),
    clusters: row.clusters === null ? null : textsOf(row.clusters, row.name),
    namespaces: row.namespaces === null ? null : textsOf(row.namespaces, row.name),
    createdAt: new Date(row.createdAt),
    expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt),
    revokedAt: row.revokedAt === null ? null : new Date(row.revokedAt),
  };
}

function textsOf(json: string, name: string): readonly string[] {
  const values = parseJson(json);
  if (isTexts(values)) return values;
  throw damaged(name);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function damaged(name: string): PodreachError {
  return new PodreachError(
    'store-failed',
    `the token \`${name.slice(0, 64)}\` is damaged in the database; revoke it and create another`,
  );
}
