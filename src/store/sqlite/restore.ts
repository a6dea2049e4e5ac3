import {
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';

import Database from 'better-sqlite3';

import { PodreachError } from '../../model/errors.ts';
import { NO_BACKUP, dropManifest, readManifest } from './backup-manifest.ts';
import type { BackupManifest } from './backup-manifest.ts';
import { lockDatabase } from './database-lock.ts';
import { checkPlace } from './database-place.ts';
import { readHeader } from './file-header.ts';
import { readMigrations, refuseNewer } from './migrate.ts';
import { APPLICATION_ID, openDatabase } from './open.ts';
import { refusal, toStoreError } from './store-error.ts';
import { syncFile, syncFolder } from './sync-file.ts';
import { verifyPages, verifySnapshots } from './verify-database.ts';
import type { OnVerified } from './verify-database.ts';

/** How to restore a backup. */
export interface RestoreOptions {
  /** Restore although there is a database, which is kept under another name. */
  readonly force: boolean;
  readonly onVerified?: OnVerified;
}

/** What was restored. */
export interface Restored {
  readonly manifest: BackupManifest;
  /** Where the database is now that was there before; undefined when there was none. */
  readonly kept: string | undefined;
}

/**
 * Verifies a backup from end to end; nothing is written. Snapshots of an older schema are verified when
 * they are restored, which brings them up to date.
 *
 * @throws `store-failed` saying what is wrong
 */
export function verifyBackup(file: string, onVerified?: OnVerified): BackupManifest {
  checkHeader(file);
  let backup: Database.Database | undefined;
  try {
    backup = new Database(file, { readonly: true });
    const manifest = verifyContent(backup);
    const isCurrent = backup.pragma('user_version', { simple: true }) === readMigrations().length;
    if (isCurrent) verifySnapshots(backup, onVerified);
    return manifest;
  } catch (cause) {
    throw unusable(file, cause);
  } finally {
    backup?.close();
  }
}

/**
 * Puts the database of a backup in the place `path`: a copy is verified and brought up to date beside it
 * and then takes its name in one step, so that there is the old one or the new one, whole, whenever
 * this is cut short.
 *
 * @throws `bad-query` when there is a database; `store-failed` when a server has it, or the backup is
 * not whole; `disk-full`
 */
export function restoreDatabase(
  file: string,
  path: string,
  { force, onVerified }: RestoreOptions,
): Restored {
  checkHeader(file);
  checkPlace(path, { linked: true });
  const lock = lockDatabase(path);
  const incoming = `${path}.restoring`;
  try {
    const isThere = 0 < (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    if (isThere && !force) {
      throw new PodreachError(
        'bad-query',
        `the database \`${path}\` exists; \`--force\` restores all the same and keeps it beside`,
        { parameter: 'database' },
      );
    }
    removeDatabase(incoming);
    copyFileSync(file, incoming, constants.COPYFILE_FICLONE);
    const manifest = prepare(incoming, file, onVerified);
    syncFile(incoming);
    const kept = isThere ? setAside(path) : undefined;
    renameSync(incoming, path);
    syncFolder(dirname(path));
    return { manifest, kept };
  } catch (cause) {
    throw toStoreError(cause, path);
  } finally {
    removeDatabase(incoming);
    lock.release();
  }
}

/** What SQLite's header tells without opening the file, which would write beside a copied database. */
function checkHeader(file: string): void {
  if (!existsSync(file)) {
    throw new PodreachError('bad-query', `there is no file \`${file}\``);
  }
  const header = readHeader(file);
  if (header?.applicationId !== APPLICATION_ID || header.hasLog) {
    throw unusable(file, new PodreachError('store-failed', NO_BACKUP));
  }
}

function verifyContent(backup: Database.Database): BackupManifest {
  refuseNewer(backup, readMigrations());
  verifyPages(backup);
  return readManifest(backup);
}

/** Makes a database of the copy of a backup. */
function prepare(
  incoming: string,
  file: string,
  onVerified: OnVerified | undefined,
): BackupManifest {
  try {
    const copy = new Database(incoming);
    let manifest: BackupManifest;
    try {
      manifest = verifyContent(copy);
      dropManifest(copy);
    } finally {
      copy.close();
    }
    const database = openDatabase(incoming);
    try {
      verifySnapshots(database, onVerified);
    } finally {
      // With the last connection goes the log: the file is whole by itself.
      database.close();
    }
    return manifest;
  } catch (cause) {
    throw unusable(file, cause);
  }
}

/**
 * Gives the database in `path` a second name, with what stands in its log; then takes the log away,
 * which must not be beside another database.
 */
function setAside(path: string): string {
  const kept = `${path}.before-restore-${new Date().toISOString().replace(/[^0-9]/g, '')}`;
  try {
    // Usually this empties the log into the file; a damaged one keeps both.
    new Database(path).close();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
  }
  linkSync(path, kept);
  if (existsSync(`${path}-wal`)) linkSync(`${path}-wal`, `${kept}-wal`);
  syncFolder(dirname(path));
  for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
  return kept;
}

function removeDatabase(path: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${end}`, { force: true });
}

function unusable(file: string, cause: unknown): unknown {
  return refusal(`the backup \`${file}\` cannot be used`, cause);
}
