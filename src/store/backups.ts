import { resolve } from 'node:path';

import { PodreachError } from '../model/errors.ts';
import { databasePath } from './open-store.ts';
import { backUpDatabase } from './sqlite/back-up.ts';
import type { BackupOptions } from './sqlite/back-up.ts';
import type { BackupManifest } from './sqlite/backup-manifest.ts';
import { IN_MEMORY } from './sqlite/open.ts';
import { restoreDatabase, verifyBackup } from './sqlite/restore.ts';
import type { Restored, RestoreOptions } from './sqlite/restore.ts';
import type { OnVerified } from './sqlite/verify-database.ts';

/** Copies the database that `url` names into `file`, verified. @see backUpDatabase */
export async function backUp(
  url: string,
  file: string,
  options: BackupOptions,
): Promise<BackupManifest> {
  return backUpDatabase(filePath(url), resolve(file), options);
}

/** Puts the database of the backup `file` where `url` says. @see restoreDatabase */
export function restore(file: string, url: string, options: RestoreOptions): Restored {
  return restoreDatabase(resolve(file), filePath(url), options);
}

/** Verifies the backup `file`. @see verifyBackup */
export function verify(file: string, onVerified?: OnVerified): BackupManifest {
  return verifyBackup(resolve(file), onVerified);
}

function filePath(url: string): string {
  const path = databasePath(url);
  if (path !== IN_MEMORY) return path;
  throw new PodreachError('bad-query', 'a database in memory has no backups; name a file', {
    parameter: 'database',
  });
}
