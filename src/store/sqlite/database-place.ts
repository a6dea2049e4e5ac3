import { accessSync, constants, lstatSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

import { PodreachError } from '../../model/errors.ts';

/**
 * File systems on another machine, by the number that Linux has for them: NFS, SMB, CIFS, AFS, Ceph,
 * 9p. Locks and shared memory do not hold there, and a database would be damaged sooner or later.
 */
const NETWORK_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x5346414f, 0x00c36400, 0x01021997,
]);

/**
 * Refuses a place where a database cannot be kept, before anything is written there: it must be
 * writable, on this machine, and reached by one name, because the files beside it belong to a name.
 *
 * @param may `linked`: it is about to be replaced, and with it what other names it has
 * @throws `store-failed` naming the path and what is wrong with it
 */
export function checkPlace(path: string, may: { readonly linked: boolean } = NOTHING): void {
  const folder = dirname(path);
  const folderError = accessError(folder, constants.W_OK | constants.X_OK);
  if (folderError === 'ENOENT') throw refused(`the folder \`${folder}\` does not exist; make it`);
  if (folderError !== undefined)
    throw refused(notWritable(`the folder \`${folder}\``, folderError));
  const file = lstatSync(path, { throwIfNoEntry: false });
  if (file?.isSymbolicLink() === true) {
    throw refused(`\`${path}\` is a symbolic link; name the database by the file it points at`);
  }
  if (file?.isFile() === true && 1 < file.nlink && !may.linked) {
    throw refused(`\`${path}\` has other names (hard links); a database must have one`);
  }
  const fileError = file === undefined ? undefined : accessError(path, READ_AND_WRITE);
  if (fileError !== undefined) throw refused(notWritable(`the database \`${path}\``, fileError));
  if (isOnNetwork(folder)) {
    throw refused(`\`${folder}\` is on a network file system; keep the database on a local disk`);
  }
}

const NOTHING = { linked: false };
const READ_AND_WRITE = constants.R_OK | constants.W_OK;

/** The code of what keeps this process from `mode`; undefined when nothing does. */
function accessError(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code = 'EIO' }: NodeJS.ErrnoException = error;
    return code;
  }
}

function notWritable(what: string, code: string): string {
  return code === 'EROFS'
    ? `${what} is on a file system that is read-only; mount it writable, or name another`
    : `${what} cannot be written (${code}); check who may write it`;
}

function isOnNetwork(folder: string): boolean {
  return process.platform === 'linux' && NETWORK_FILE_SYSTEMS.has(statfsSync(folder).type);
}

function refused(message: string): PodreachError {
  return new PodreachError('store-failed', message);
}
