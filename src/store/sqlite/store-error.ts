import Database from 'better-sqlite3';

import { PodreachError } from '../../model/errors.ts';

/**
 * `cause` as an error that a caller can act on, for a store in `place`.
 *
 * Errors of SQLite and of loading it are translated; everything else is a bug and comes back as it
 * is.
 */
export function toStoreError(cause: unknown, place: string): unknown {
  if (isMissingBinding(cause)) {
    const message = `better-sqlite3 has no native binding for Node ${process.version}; run \`npm rebuild better-sqlite3\` (it needs a C++ compiler where no prebuilt binary can be downloaded)`;
    return new PodreachError('store-failed', message, {}, cause);
  }
  if (!isSqliteError(cause)) return cause;
  // The latter is about the file of a log that many processes share.
  if (cause.code === 'SQLITE_FULL' || cause.code === 'SQLITE_IOERR_SHMSIZE') {
    const message = `the disk that holds \`${place}\` is full; free some space and try again`;
    return new PodreachError('disk-full', message, {}, cause);
  }
  if (cause.code.startsWith('SQLITE_BUSY')) {
    const message = `another process writes to the database \`${place}\` for long; try again`;
    return new PodreachError('busy', message, { retryAfterSeconds: 5 }, cause);
  }
  if (cause.code === 'SQLITE_NOTADB') return notADatabase(place, cause);
  if (cause.code.startsWith('SQLITE_CORRUPT')) return damagedDatabase(place, cause.message, cause);
  return new PodreachError('store-failed', describe(cause, place), {}, cause);
}

/** The database in `place` is not what was written. @param found what shows it, in a few words */
export function damagedDatabase(place: string, found: string, cause?: unknown): PodreachError {
  return new PodreachError(
    'store-failed',
    `the database \`${place}\` is damaged (${found}); put a backup in its place with ` +
      `\`podreach restore FILE --database sqlite:${place} --force\``,
    {},
    cause,
  );
}

/** The file in `place` has another beginning than a database. */
export function notADatabase(place: string, cause?: unknown): PodreachError {
  return new PodreachError(
    'store-failed',
    `\`${place}\` is not a podreach database, or its beginning is damaged; name another file, or ` +
      `put a backup in its place with \`podreach restore FILE --database sqlite:${place} --force\``,
    {},
    cause,
  );
}

/**
 * `what` is said not to work for the reason of `cause`; a full disk and bugs come back as they are.
 *
 * @param what with what it is about: `the backup \`x\` cannot be used`
 */
export function refusal(what: string, cause: unknown): unknown {
  if (!isSqliteError(cause) && !(cause instanceof PodreachError)) return cause;
  if (cause instanceof PodreachError && cause.code === 'disk-full') return cause;
  if (isSqliteError(cause) && cause.code === 'SQLITE_FULL') return toStoreError(cause, what);
  const details = cause instanceof PodreachError ? cause.details : {};
  return new PodreachError('store-failed', `${what}: ${cause.message}`, details, cause);
}

/** Whether a connection that met `cause` must not be used again: its view of the file is unknown. */
export function spoilsConnection(cause: unknown): boolean {
  return isSqliteError(cause) && cause.code.startsWith('SQLITE_IOERR');
}

/** What better-sqlite3 throws; its types describe the constructor instead. */
type SqliteError = Error & { readonly code: string };

function isSqliteError(cause: unknown): cause is SqliteError {
  return cause instanceof Database.SqliteError;
}

function describe({ code, message }: SqliteError, place: string): string {
  switch (code.split('_', 2).join('_')) {
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_READONLY':
      return `the database \`${place}\` cannot be written; check who may write the file and its folder`;
    default:
      return `the database \`${place}\` failed: ${message} (${code})`;
  }
}

/** The package loads its compiled half when the first database is opened. */
function isMissingBinding(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const { code }: NodeJS.ErrnoException = cause;
  return (
    code === 'ERR_DLOPEN_FAILED' ||
    code === 'MODULE_NOT_FOUND' ||
    cause.message.startsWith('Could not locate the bindings file')
  );
}
