import {
  isArchiveName,
  isManifestName,
  placeInDump,
} from '../manifest/read/archive/dump-places.ts';
import { TAR_BLOCK_BYTES } from '../manifest/read/archive/tar-header.ts';
import { PodreachError } from '../model/errors.ts';
import { entryName } from './manifest-files.ts';
import type { ManifestFile } from './manifest-files.ts';

const NAME_BYTES = 100;
/** Eleven octal digits. */
const SIZE_BYTES_MAX = 8 ** 11 - 1;
const encoder = new TextEncoder();

/**
 * `files` as a tar archive (POSIX, with pax records for long names), each by the name that the user
 * wrote. What holds secrets by its place is not sent.
 *
 * @throws `bad-input` for a pipe, whose size is not known, and for a file that changes meanwhile
 */
export async function* packTar(files: readonly ManifestFile[]): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    const { name = 'stdin', tree, size, isRegular } = file;
    const role = tree === undefined ? undefined : placeInDump(tree.path)?.role;
    if (role === 'private') continue;
    if (!isRegular) {
      throw refuse(name, 'it is a pipe, and cannot be sent along with a directory; save it first');
    }
    if (isArchiveName(name)) {
      throw refuse(name, 'an archive cannot be sent along with a directory; send it by itself');
    }
    if (SIZE_BYTES_MAX < size) throw refuse(name, 'it is too large for an archive');
    // What was named itself is read whatever it is called.
    const label = entryName(name);
    yield* entryHeaders(isManifestName(label) ? label : `${label}.yaml`, size);
    let left = size;
    for await (const chunk of file.open()) {
      left -= chunk.length;
      if (left < 0) break;
      yield chunk;
    }
    if (left !== 0) throw refuse(name, 'it changed while it was read; try again');
    yield new Uint8Array(padding(size));
  }
  yield new Uint8Array(2 * TAR_BLOCK_BYTES);
}

function* entryHeaders(name: string, size: number): Generator<Uint8Array> {
  const bytes = encoder.encode(name);
  if (NAME_BYTES < bytes.length || bytes.length !== name.length) {
    const record = paxRecord('path', name);
    yield header('pax', record.length, 'x');
    yield record;
    yield new Uint8Array(padding(record.length));
  }
  yield header(name.slice(0, NAME_BYTES), size, '0');
}

/** `length key=value`, where the length counts itself. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = ` ${key}=${value}\n`;
  const bytes = encoder.encode(rest).length;
  let length = bytes + 1;
  while (length !== bytes + String(length).length) length = bytes + String(length).length;
  return encoder.encode(`${length}${rest}`);
}

function header(name: string, size: number, type: string): Uint8Array {
  const block = Buffer.alloc(TAR_BLOCK_BYTES);
  // What has other characters has a pax record.
  block.write(name, 0, NAME_BYTES, 'latin1');
  block.write('0000644\0', 100, 'latin1');
  block.write('0000000\0', 108, 'latin1');
  block.write('0000000\0', 116, 'latin1');
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  block.write('00000000000\0', 136, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function padding(size: number): number {
  return (TAR_BLOCK_BYTES - (size % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;
}

function refuse(name: string, reason: string): PodreachError {
  return new PodreachError('bad-input', `cannot send \`${name}\`: ${reason}`);
}
