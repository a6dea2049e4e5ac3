import { createHash } from 'node:crypto';

import type { Database } from 'better-sqlite3';

import { PodreachError } from '../../model/errors.ts';
import { decodeAs, integer, record, text } from '../../model/json-codec.ts';

/** What a backup says of itself. Its table is what tells a backup from the copy of a database. */
export interface BackupManifest {
  /** Of podreach, which made it. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly clusters: number;
  readonly snapshots: number;
  readonly chunks: number;
  /** SHA-256 over every row of every table but the indexes, lower-case hexadecimal. */
  readonly content: string;
}

const codec = record<BackupManifest>({
  version: text,
  createdAt: text,
  clusters: integer,
  snapshots: integer,
  chunks: integer,
  content: text,
});
const TABLE = 'backup_manifest';
/** Compiled anew when they are missing, and verified by checksums of their own. */
const LEFT_OUT: readonly string[] = [TABLE, 'indexes'];

/** Works out what `database` holds and writes it there. */
export function writeManifest(
  database: Database,
  about: Pick<BackupManifest, 'version' | 'createdAt'>,
): BackupManifest {
  const manifest = { ...about, ...countsOf(database), content: contentOf(database) };
  database.exec(`CREATE TABLE ${TABLE} (manifest TEXT NOT NULL) STRICT`);
  const insert = database.prepare(`INSERT INTO ${TABLE} (manifest) VALUES (?)`);
  insert.run(JSON.stringify(codec.encode(manifest)));
  return manifest;
}

/**
 * The manifest of a backup, whose content agrees with it.
 *
 * @throws `store-failed` with the reason alone, when there is none or the content is not what it says
 */
export function readManifest(database: Database): BackupManifest {
  const known = database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(TABLE);
  if (known === undefined) throw new PodreachError('store-failed', NO_BACKUP);
  const json = database.prepare<[], string>(`SELECT manifest FROM ${TABLE}`).pluck().get();
  const manifest = decode(json ?? '');
  if (contentOf(database) === manifest?.content) return manifest;
  throw new PodreachError('store-failed', 'it does not hold what its manifest says');
}

/** Why a file that may be a database is not taken for a backup. */
export const NO_BACKUP =
  '`podreach backup` did not make it, and the copy of a database file may lack what was stored last';

function decode(json: string): BackupManifest | undefined {
  try {
    return decodeAs(codec, JSON.parse(json), 'manifest');
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof PodreachError) return undefined;
    throw error;
  }
}

/** Makes a backup a database again. */
export function dropManifest(database: Database): void {
  database.exec(`DROP TABLE ${TABLE}`);
}

function countsOf(database: Database): Pick<BackupManifest, 'clusters' | 'snapshots' | 'chunks'> {
  const count = (sql: string): number => database.prepare<[], number>(sql).pluck().get() ?? 0;
  return {
    clusters: count('SELECT count(*) FROM clusters'),
    snapshots: count('SELECT count(*) FROM snapshots'),
    chunks: count('SELECT count(*) FROM chunks'),
  };
}

/** Every table, whatever later versions add, in the order of its key. */
function contentOf(database: Database): string {
  const tables = database
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
    )
    .pluck()
    .all();
  const hash = createHash('sha256');
  for (const table of tables) {
    if (LEFT_OUT.includes(table)) continue;
    hash.update(`${table}\n`);
    // Without an index a table is read in the order of its key.
    const rows = database.prepare<[], Record<string, unknown>>(
      `SELECT * FROM "${table.replaceAll('"', '""')}" NOT INDEXED`,
    );
    for (const row of rows.iterate()) {
      for (const [name, cell] of Object.entries(row)) {
        const isBytes = cell instanceof Uint8Array;
        hash.update(`${name} ${JSON.stringify(isBytes ? cell.length : cell)}\n`);
        if (isBytes) hash.update(cell);
      }
    }
  }
  return hash.digest('hex');
}
