import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import Database from 'better-sqlite3';

import { PodreachError } from '../../model/errors.ts';
import { writeManifest } from './backup-manifest.ts';
import type { BackupManifest } from './backup-manifest.ts';
import { readMigrations, refuseNewer } from './migrate.ts';
import { APPLICATION_ID } from './open.ts';
import { notADatabase, refusal, toStoreError } from './store-error.ts';
import { syncFile, syncFolder } from './sync-file.ts';
import { dropDamagedIndexes, verifyPages, verifySnapshots } from './verify-database.ts';
import type { OnVerified } from './verify-database.ts';

/** How to make a backup. */
export interface BackupOptions {
  /** Of podreach, for the manifest. */
  readonly version: string;
  /** Replace the file if it is there. */
  readonly force: boolean;
  /** Told now and then: pages are copied, then chunks are verified. */
  readonly onProgress?: (phase: 'copying' | 'verifying', done: number, all: number) => void;
}

/** Pages of 4 KiB copied before others have their turn: some milliseconds of work. */
const PAGES_PER_STEP = 2048;

/**
 * Copies the database in `path`, which may be served meanwhile, into `file`: as it is at one moment,
 * verified whole, with a manifest in it. What is at `file` is replaced in one step or not at all; a
 * backup that was cut short leaves only a file that ends in `.partial`, which the next one removes.
 *
 * @throws `bad-query` when `file` is there; `store-failed`, `disk-full`
 */
export async function backUpDatabase(
  path: string,
  file: string,
  { version, force, onProgress = () => undefined }: BackupOptions,
): Promise<BackupManifest> {
  checkPaths(path, file, force);
  removeLeftovers(file);
  const partial = `${file}.${process.pid}${PARTIAL}`;
  try {
    // Nobody else has to see what a cluster is made of.
    writeFileSync(partial, '', { mode: 0o600, flag: 'wx' });
    await copy(path, partial, (done, all) => onProgress('copying', done, all));
    const onChunks: OnVerified = (done, all) => onProgress('verifying', done, all);
    const manifest = finish(path, partial, { version, onChunks });
    syncFile(partial);
    if (!force && existsSync(file)) throw exists(file);
    renameSync(partial, file);
    syncFolder(dirname(file));
    return manifest;
  } catch (cause) {
    throw fileError(cause, partial);
  } finally {
    for (const end of ['', '-journal']) rmSync(`${partial}${end}`, { force: true });
  }
}

const PARTIAL = '.partial';

function checkPaths(path: string, file: string, force: boolean): void {
  if (!existsSync(path)) {
    throw new PodreachError('store-failed', `there is no database \`${path}\` to back up`);
  }
  if (!existsSync(dirname(file))) {
    throw new PodreachError('bad-query', `the folder \`${dirname(file)}\` does not exist; make it`);
  }
  if (existsSync(file) && !force) throw exists(file);
}

function exists(file: string): PodreachError {
  return new PodreachError(
    'bad-query',
    `\`${file}\` exists; name another file, or replace it with \`--force\``,
  );
}

/** Removes what backups to `file` left that were killed. */
function removeLeftovers(file: string): void {
  const start = `${basename(file)}.`;
  for (const name of readdirSync(dirname(file))) {
    const match = /^(\d+)\.partial(-journal)?$/.exec(name.slice(start.length));
    if (!name.startsWith(start) || match === null || isRunning(Number(match[1]))) continue;
    rmSync(join(dirname(file), name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function copy(
  path: string,
  partial: string,
  onPages: (done: number, all: number) => void,
): Promise<void> {
  let source: Database.Database | undefined;
  try {
    source = new Database(path, { readonly: true });
    if (source.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
      throw notADatabase(path);
    }
    refuseNewer(source, readMigrations());
    // One state of the database, however long it takes and whatever is written meanwhile.
    source.exec('BEGIN');
    source.prepare('SELECT count(*) FROM snapshots').get();
    await source.backup(partial, {
      progress: ({ totalPages, remainingPages }) => {
        onPages(totalPages - remainingPages, totalPages);
        return PAGES_PER_STEP;
      },
    });
  } catch (cause) {
    throw toStoreError(cause, path);
  } finally {
    source?.close();
  }
}

/** Verifies the copy and writes the manifest into it. */
function finish(
  path: string,
  partial: string,
  { version, onChunks }: { readonly version: string; readonly onChunks: OnVerified },
): BackupManifest {
  const copied = new Database(partial);
  try {
    // A file that is whole by itself: nothing of it is ever in a log beside it.
    copied.pragma('journal_mode = DELETE');
    verifyPages(copied);
    verifySnapshots(copied, onChunks);
    dropDamagedIndexes(copied);
    return writeManifest(copied, { version, createdAt: new Date().toISOString() });
  } catch (cause) {
    throw refusal(`the database \`${path}\` cannot be backed up`, cause);
  } finally {
    copied.close();
  }
}

/** Errors of the file system beside those of SQLite. */
function fileError(cause: unknown, place: string): unknown {
  const { code }: NodeJS.ErrnoException = cause instanceof Error ? cause : new Error();
  if (code === 'ENOSPC') {
    return new PodreachError('disk-full', `the disk that holds \`${place}\` is full`, {}, cause);
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    const message = `\`${place}\` cannot be written (${code}); check who may write its folder`;
    return new PodreachError('store-failed', message, {}, cause);
  }
  return toStoreError(cause, place);
}
