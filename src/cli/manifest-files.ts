import { constants } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isManifestName } from '../manifest/read/archive/dump-places.ts';
import { PodreachError } from '../model/errors.ts';
import type { ManifestInput, TreePlace } from '../model/input.ts';
import { systemCode } from './system-error.ts';

/** A file to read, known to exist. */
export interface ManifestFile {
  /** As the user would write it; absent for stdin. */
  readonly name?: string;
  /** Where it lies in a directory that was named; absent for what was named itself. */
  readonly tree?: TreePlace;
  /** Bytes as stored; 0 when not known. */
  readonly size: number;
  /** It is no pipe: it can be opened again, and its size will stay what it is. */
  readonly isRegular: boolean;
  /** @throws `bad-input` when it can no longer be read */
  readonly open: () => AsyncIterable<Uint8Array>;
}

/**
 * The files that `-f` names: files, directories (all manifests below them, by name), `-` for stdin.
 * Nothing is opened yet.
 *
 * @throws `bad-input` for a path that cannot be read, a directory without manifests, or a link that
 * leaves its directory
 */
export async function findManifests(
  paths: readonly string[],
  stdin: AsyncIterable<Uint8Array>,
): Promise<readonly ManifestFile[]> {
  const files: ManifestFile[] = [];
  for (const path of paths) {
    if (path === '-') {
      if (files.some(({ name }) => name === undefined)) throw refuse('-', 'stdin is named twice');
      files.push({ size: 0, isRegular: false, open: () => stdin });
      continue;
    }
    const found = await named(path, () => stat(path));
    if (found.isDirectory()) {
      files.push(...(await below(path)));
    } else if (found.isFile() || found.isFIFO()) {
      // A pipe is what a shell makes of `-f <(helm template .)`.
      const { size } = found;
      const isRegular = found.isFile();
      files.push({ name: path, size, isRegular, open: () => read(path, path, 0) });
    } else {
      throw refuse(path, 'it is neither a file nor a directory');
    }
  }
  return files;
}

/** `files` one after the other, each opened when the one before has been read. */
export async function* manifestInputs(
  files: readonly ManifestFile[],
): AsyncGenerator<ManifestInput> {
  for (const { name, tree, open: start } of files) {
    yield await Promise.resolve({
      bytes: start(),
      ...(name === undefined ? {} : { file: name }),
      ...(tree === undefined ? {} : { tree }),
    });
  }
}

/**
 * What a file is called in an archive: its name without what leads out of one, as `dump/a.yaml` for
 * `../dump/a.yaml`. The folder that was named stays: what a file has can hang on that name.
 */
export function entryName(name: string): string {
  const parts = name.replaceAll(sep, '/').split('/');
  return parts.filter((part) => part !== '' && part !== '.' && part !== '..').join('/');
}

/** Bytes of all files together; 0 when one of them is not known. */
export function totalSize(files: readonly ManifestFile[]): number {
  return files.every(({ size }) => 0 < size) ? files.reduce((sum, { size }) => sum + size, 0) : 0;
}

async function below(directory: string): Promise<readonly ManifestFile[]> {
  const root = await named(directory, () => realpath(directory));
  const seen = new Set([root]);
  const files: ManifestFile[] = [];
  const visit = async (folder: string): Promise<void> => {
    const entries = await named(folder, () => readdir(folder));
    for (const entry of entries.sort()) {
      const path = join(folder, entry);
      const real = await named(path, () => realpath(path));
      const found = await named(path, () => stat(real));
      const isWanted = found.isDirectory() || (isManifestName(entry) && found.isFile());
      // Links to what is read anyway are how a mounted ConfigMap looks.
      if (!isWanted || seen.has(real)) continue;
      if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) {
        throw refuse(path, `it is a link that leaves \`${directory}\`; name its target with -f`);
      }
      seen.add(real);
      if (found.isDirectory()) await visit(path);
      else
        files.push({
          name: path,
          tree: { name: directory, path: entryName(path) },
          size: found.size,
          isRegular: true,
          open: () => read(path, real, constants.O_NOFOLLOW),
        });
    }
  };
  await visit(directory);
  if (files.length !== 0) return files;
  throw refuse(directory, 'the directory holds no .yaml, .yml, .json or .ndjson file');
}

/** With `O_NOFOLLOW`: since it was looked at, the file must not have become a link to elsewhere. */
async function* read(name: string, path: string, flags: number): AsyncGenerator<Uint8Array> {
  const handle = await named(name, () => open(path, constants.O_RDONLY | flags));
  try {
    yield* chunks(name, handle);
  } finally {
    await handle.close();
  }
}

async function* chunks(name: string, handle: FileHandle): AsyncGenerator<Uint8Array> {
  for (;;) {
    const buffer = new Uint8Array(256 * 1024);
    const { bytesRead } = await named(name, () => handle.read(buffer, 0, buffer.length));
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Says which file an error of the operating system is about. */
async function named<Value>(path: string, action: () => Promise<Value>): Promise<Value> {
  try {
    return await action();
  } catch (error) {
    const code = systemCode(error) ?? 'something unknown';
    throw refuse(path, MEANINGS.get(code) ?? `the system says ${code}`, error);
  }
}

function refuse(path: string, reason: string, cause?: unknown): PodreachError {
  return new PodreachError('bad-input', `cannot read \`${path}\`: ${reason}`, {}, cause);
}

const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'it does not exist'],
  ['EACCES', 'permission is denied'],
  ['ELOOP', 'it is a link'],
  ['EISDIR', 'it is a directory'],
  ['ENAMETOOLONG', 'the name is too long'],
]);
