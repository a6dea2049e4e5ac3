import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Database } from 'better-sqlite3';

import { PodreachError } from '../../model/errors.ts';

/** One step of the schema; never edited once released. */
export interface Migration {
  /** From 1 without gaps; `user_version` of a database that has it. */
  readonly number: number;
  /** `001-snapshots.sql`. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text with line feeds only, lower-case hexadecimal. */
  readonly checksum: string;
}

/** The migrations in `folder`, in order. @throws RangeError when a number is missing or taken twice */
export function readMigrations(folder: string = migrationsFolder()): readonly Migration[] {
  const names = readdirSync(folder).filter((name) => /^[0-9]{3}-[a-z0-9-]+\.sql$/.test(name));
  return names.sort().map((name, i) => {
    const number = Number(name.slice(0, 3));
    if (number !== i + 1) throw new RangeError(`migration ${i + 1} is missing in ${folder}`);
    // A checkout with other line ends is the same migration.
    const sql = readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n');
    return { number, name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

/**
 * Brings `database` up to date, each step in a transaction of its own.
 *
 * @throws `store-failed` when the database is newer than `migrations`, or had other ones
 */
export function migrate(database: Database, migrations: readonly Migration[]): void {
  refuseNewer(database, migrations);
  database.exec(
    'CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, ' +
      'checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
  );
  const applied = database.prepare<[number], string>(
    'SELECT checksum FROM migrations WHERE number = ?',
  );
  const record = database.prepare(
    'INSERT INTO migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)',
  );
  applied.pluck();
  for (const { number, name, sql, checksum } of migrations) {
    const step = database.transaction(() => {
      // Another process may have been first: look again, now that nobody else can write.
      const known = applied.get(number);
      if (known !== undefined) return known;
      database.exec(sql);
      record.run(number, name, checksum, Date.now());
      database.pragma('user_version = ' + number.toString());
      return checksum;
    });
    const known = applied.get(number) ?? step.immediate();
    if (known !== checksum) throw changed(database, name);
  }
}

/**
 * Refuses a database that a later version wrote. Reads only.
 *
 * @throws `store-failed`
 */
export function refuseNewer(database: Database, migrations: readonly Migration[]): void {
  const version = database.pragma('user_version', { simple: true });
  if (typeof version === 'number' && version <= migrations.length) return;
  throw new PodreachError(
    'store-failed',
    `the database \`${database.name}\` has schema ${String(version)}, this podreach knows ${migrations.length}; start the newer podreach that wrote it, or restore a backup`,
  );
}

/** `migrations/sqlite` of the package, whether this runs from its sources or as built. */
function migrationsFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (folder !== dirname(folder)) {
    const candidate = join(folder, 'migrations', 'sqlite');
    if (existsSync(candidate)) return candidate;
    folder = dirname(folder);
  }
  throw new Error('the package is incomplete: it has no `migrations/sqlite`');
}

function changed(database: Database, name: string): PodreachError {
  return new PodreachError(
    'store-failed',
    `the database \`${database.name}\` was made with another \`${name}\`; use the podreach that wrote it, or restore a backup`,
  );
}
