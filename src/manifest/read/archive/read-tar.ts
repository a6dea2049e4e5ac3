import { PodreachError } from '../../../model/errors.ts';
import type { IngestLimits } from '../../../model/input.ts';
import { tooLarge } from '../report.ts';
import {
  isZero,
  parsePaxRecords,
  parseTarHeader,
  readText,
  TAR_BLOCK_BYTES,
  type TarHeader,
  type TarRecords,
} from './tar-header.ts';

/** One entry of an archive that is no directory. */
export interface TarEntry {
  /** Without a leading `/` or `./`; only a label, nothing is ever opened by it. */
  readonly path: string;
  /** Links are never followed; `other` are hard links, devices, pipes and what is not known. */
  readonly type: 'file' | 'symlink' | 'other';
  /** The content, once; what is not read of it is skipped. */
  readonly bytes: AsyncIterable<Buffer>;
}

/** Longest extended header, in bytes. */
const RECORDS_BYTES_MAX = 64 * 1024;
const FILE_TYPES = new Set(['0', '7']);
/** The same file once more, under another name. */
const HARD_LINK = '1';
const SYMBOLIC_LINK = '2';
const DIRECTORY = '5';
const PAX = 'x';
const PAX_GLOBAL = 'g';
const GNU_LONG_NAME = 'L';
const GNU_LONG_LINK = 'K';
const GNU_SPARSE = 'S';

/**
 * The entries of a tar archive (ustar, pax, GNU and the form before POSIX) in its order.
 *
 * An archive has to end as archives do: one that was cut off, even between two entries, is refused,
 * for what is missing might have been a policy.
 *
 * @param file - name of the archive for messages
 * @throws PodreachError `bad-encoding` for a damaged archive, `bad-input` for a name that is refused,
 * `upload-too-large` past a limit
 */
export async function* readTar(
  chunks: AsyncIterable<Buffer>,
  limits: IngestLimits,
  file: string | undefined,
): AsyncGenerator<TarEntry> {
  const source = new ByteSource(chunks);
  try {
    let records: TarRecords = {};
    for (let count = 1; ; count += 1) {
      const header = await readHeader(source, file);
      if (header === undefined) break;
      if (limits.archiveEntriesMax < count) throw tooMany(limits, file);
      const next = await readRecords(source, header, file);
      if (next !== undefined) {
        records = header.type === PAX_GLOBAL ? records : { ...records, ...next };
        continue;
      }
      const entry = applyRecords(header, records);
      records = {};
      checkEntry(entry, limits, file);
      const content = source.content(entry.size, file);
      if (entry.type !== DIRECTORY && !entry.name.endsWith('/')) {
        const bytes = entry.isSparse ? refuseSparse(file, entry.name) : content;
        yield { path: labelOf(entry.name), type: typeOf(entry), bytes };
      }
      await drain(content);
      await source.skip(paddingOf(entry.size), file);
    }
    for (let rest = await source.some(); rest.length !== 0; rest = await source.some()) {
      if (!isZero(rest)) throw damaged(file, 'other bytes follow its end; send them apart');
    }
  } finally {
    await source.close();
  }
}

/** The next header; undefined at the end of the archive. */
async function readHeader(
  source: ByteSource,
  file: string | undefined,
): Promise<TarHeader | undefined> {
  const block = await source.take(TAR_BLOCK_BYTES);
  if (block.length < TAR_BLOCK_BYTES) throw damaged(file, 'it is cut off; send it again');
  if (isZero(block)) return undefined;
  const header = parseTarHeader(block);
  if (header === undefined) throw damaged(file, 'a header does not match its checksum');
  return header;
}

interface NamedEntry extends TarHeader {
  readonly isSparse: boolean;
}

/** What an extended header says of the next entry; undefined for the header of an entry. */
async function readRecords(
  source: ByteSource,
  { type, size }: TarHeader,
  file: string | undefined,
): Promise<TarRecords | undefined> {
  if (![PAX, PAX_GLOBAL, GNU_LONG_NAME, GNU_LONG_LINK].includes(type)) return undefined;
  if (RECORDS_BYTES_MAX < size) throw damaged(file, 'an extended header is too long');
  const bytes = await source.take(size);
  if (bytes.length < size) throw damaged(file, 'it is cut off; send it again');
  await source.skip(paddingOf(size), file);
  if (type === GNU_LONG_LINK) return {};
  if (type === GNU_LONG_NAME) return { path: readText(bytes) };
  const records = parsePaxRecords(bytes);
  if (records === undefined) throw damaged(file, 'an extended header cannot be read');
  return records;
}

function applyRecords(header: TarHeader, records: TarRecords): NamedEntry {
  // Links and directories have no content, whatever some writers put in the size.
  const isEmpty = [HARD_LINK, SYMBOLIC_LINK, DIRECTORY].includes(header.type);
  return {
    name: records.path ?? header.name,
    size: isEmpty ? 0 : (records.size ?? header.size),
    type: header.type,
    isSparse: records.isSparse === true,
  };
}

function typeOf({ type }: NamedEntry): TarEntry['type'] {
  if (type === SYMBOLIC_LINK) return 'symlink';
  return FILE_TYPES.has(type) ? 'file' : 'other';
}

/** Only when somebody wants the content. */
async function* refuseSparse(file: string | undefined, name: string): AsyncGenerator<Buffer> {
  yield* [];
  await Promise.resolve();
  throw sparse(file, name);
}

function sparse(file: string | undefined, name: string): PodreachError {
  const reason = `\`${shown(name)}\` is stored as a sparse file; pack it without \`--sparse\``;
  return refused(file, reason);
}

function tooMany({ archiveEntriesMax }: IngestLimits, file: string | undefined): PodreachError {
  const hint = 'leave out what is no manifest, or raise the limit for entries';
  const sizes = { limit: archiveEntriesMax, received: archiveEntriesMax + 1, hint };
  return tooLarge('entries', sizes, { file });
}

function checkEntry(
  { name, size, type }: NamedEntry,
  limits: IngestLimits,
  file: string | undefined,
): void {
  const segments = name.split('/');
  // Maps of holes may stand between its header and its content: what follows could not be found.
  if (type === GNU_SPARSE) throw sparse(file, name);
  if (name === '' || name.includes('\0')) throw refused(file, 'an entry has no proper name');
  if (segments.includes('..')) {
    throw refused(file, `\`${shown(name)}\` points out of the archive; pack it without \`..\``);
  }
  if (limits.archivePathBytesMax < Buffer.byteLength(name)) {
    const limit = `${limits.archivePathBytesMax} bytes`;
    throw refused(file, `the name \`${shown(name)}\` is longer than the limit of ${limit}`);
  }
  if (limits.archivePathDepthMax < segments.length) {
    const limit = `${limits.archivePathDepthMax} levels`;
    throw refused(file, `\`${shown(name)}\` is deeper than the limit of ${limit}`);
  }
  if (limits.archiveEntryBytesMax < size && FILE_TYPES.has(type)) {
    const hint = 'send fewer kinds, or raise the limit for one file of an archive';
    const sizes = { limit: limits.archiveEntryBytesMax, received: size, hint };
    throw tooLarge('entry', sizes, { file: labelIn(file, shown(name)) });
  }
}

/** The name of an entry with that of its archive, for messages: `dump.tar.gz:shop/pods.json`. */
export function labelIn(archive: string | undefined, path: string): string {
  return archive === undefined ? path : `${archive}:${path}`;
}

/** Names come from strangers and are printed for others: nothing in them moves a cursor. */
function labelOf(name: string): string {
  return name
    .replace(/\p{C}/gu, '\uFFFD')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}

function shown(name: string): string {
  const label = name.replace(/\p{C}/gu, '\uFFFD');
  return label.length <= 80 ? label : `${label.slice(0, 79)}…`;
}

function paddingOf(size: number): number {
  return (TAR_BLOCK_BYTES - (size % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;
}

function damaged(file: string | undefined, reason: string): PodreachError {
  const name = file === undefined ? '' : ` \`${file}\``;
  return new PodreachError('bad-encoding', `the tar archive${name} cannot be read: ${reason}`);
}

function refused(file: string | undefined, reason: string): PodreachError {
  const name = file === undefined ? '' : ` \`${file}\``;
  return new PodreachError('bad-input', `the tar archive${name} is not read: ${reason}`);
}

async function drain(chunks: AsyncIterable<Buffer>): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  for (let next = await iterator.next(); next.done !== true;) next = await iterator.next();
}

/** Bytes of a stream in pieces of the sizes that a caller asks for. */
class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next bytes, whatever their number; none at the end. */
  async some(): Promise<Buffer> {
    while (this.#buffer.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) break;
      this.#buffer = next.value;
    }
    const bytes = this.#buffer;
    this.#buffer = Buffer.alloc(0);
    return bytes;
  }

  /** Exactly `size` bytes; fewer at the end of the stream. */
  async take(size: number): Promise<Buffer> {
    if (size <= this.#buffer.length) return this.upTo(size);
    const parts: Buffer[] = [];
    for (let left = size; 0 < left;) {
      const part = await this.upTo(left);
      if (part.length === 0) break;
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** @throws `bad-encoding` when the stream ends before */
  async skip(size: number, file: string | undefined): Promise<void> {
    await drain(this.content(size, file));
  }

  /** The next `size` bytes as they come. @throws `bad-encoding` when the stream ends before */
  content(size: number, file: string | undefined): AsyncIterable<Buffer> {
    let left = size;
    // One counter for all loops over it: who leaves early is followed by who skips the rest.
    const next = async (): Promise<IteratorResult<Buffer>> => {
      if (left === 0) return { done: true, value: undefined };
      const part = await this.upTo(left);
      if (part.length === 0) throw damaged(file, 'it is cut off; send it again');
      left -= part.length;
      return { done: false, value: part };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  /** At most `size` of the next bytes; none at the end. */
  async upTo(size: number): Promise<Buffer> {
    if (this.#buffer.length === 0) this.#buffer = await this.some();
    const part = this.#buffer.subarray(0, size);
    this.#buffer = this.#buffer.subarray(part.length);
    return part;
  }

  /** Nobody reads on: lets go of the stream. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
