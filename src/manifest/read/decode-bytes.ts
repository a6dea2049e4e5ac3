import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { PodreachError } from '../../model/errors.ts';
import type { IngestLimits } from '../../model/input.ts';
import { type ByteCounts, tooLarge } from './report.ts';

const GZIP_MAGIC = [0x1f, 0x8b] as const;
/** Ratio is judged past this many decoded bytes: small files may compress well. */
const RATIO_FREE_BYTES = 1024 * 1024;

/**
 * The bytes of one input, decompressed when they start as gzip does, within the limits.
 *
 * Gzip is recognised by its first bytes, never by a name or a header. One layer only.
 *
 * @throws PodreachError `upload-too-large` past a limit, `bad-encoding` for broken gzip
 */
export async function* decodeBytes(
  bytes: AsyncIterable<Uint8Array>,
  limits: IngestLimits,
  counts: ByteCounts,
  file?: string,
): AsyncGenerator<Buffer> {
  for await (const chunk of unpack(countSent(bytes, limits, counts), { limits, file })) {
    countDecoded(chunk.length, limits, counts);
    yield chunk;
  }
}

/**
 * The bytes of one file of an archive, decompressed when they start as gzip does: what comes out of
 * that counts once more, and the ratio is then that of the whole upload.
 *
 * @param file - its name for messages
 * @throws PodreachError `upload-too-large` past a limit, `bad-encoding` for broken gzip
 */
export async function* decodeEntry(
  bytes: AsyncIterable<Buffer>,
  limits: IngestLimits,
  counts: ByteCounts,
  file: string,
): AsyncGenerator<Buffer> {
  const { archiveEntryBytesMax: limit, decompressionRatioMax } = limits;
  let received = 0;
  const note = (length: number): void => {
    countDecoded(length, limits, counts);
    received += length;
    if (limit < received) {
      const hint = 'send fewer kinds, or raise the limit for one file of an archive';
      throw tooLarge('entry', { limit, received, hint }, { file });
    }
    const allowed = counts.sent * decompressionRatioMax;
    if (RATIO_FREE_BYTES < counts.decoded && allowed < counts.decoded) {
      throw ratioTooLarge(counts.decoded, limits);
    }
  };
  yield* unpack(bytes, { limits, file, note });
}

/** The first `size` bytes, fewer when there are no more, and then all of them once more. */
export async function peekBytes(
  bytes: AsyncIterable<Buffer>,
  size: number,
): Promise<{ readonly head: Buffer; readonly whole: AsyncIterable<Buffer> }> {
  const source = bytes[Symbol.asyncIterator]();
  const parts: Buffer[] = [];
  let length = 0;
  for (let next = await source.next(); next.done !== true; next = await source.next()) {
    parts.push(next.value);
    length += next.value.length;
    if (size <= length) break;
  }
  const head = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  return { head, whole: withHead(head, source) };
}

/** `bytes`, decompressed when they start as gzip does; `note` learns of what comes out of that. */
async function* unpack(
  bytes: AsyncIterable<Buffer>,
  options: {
    readonly limits: IngestLimits;
    readonly file: string | undefined;
    readonly note?: (length: number) => void;
  },
): AsyncGenerator<Buffer> {
  const { head, whole } = await peekBytes(bytes, GZIP_MAGIC.length);
  if (!startsWithGzip(head)) {
    yield* whole;
    return;
  }
  for await (const chunk of gunzip(whole, options.limits, options.file)) {
    options.note?.(chunk.length);
    yield chunk;
  }
}

/** @throws PodreachError `upload-too-large` */
function countDecoded(length: number, limits: IngestLimits, counts: ByteCounts): void {
  counts.decoded += length;
  if (counts.decoded <= limits.decodedBytesMax) return;
  throw tooLarge('decoded', {
    limit: limits.decodedBytesMax,
    received: counts.decoded,
    hint: 'send fewer kinds, or raise the limit for decoded bytes',
  });
}

function startsWithGzip(bytes: Buffer): boolean {
  return bytes[0] === GZIP_MAGIC[0] && bytes[1] === GZIP_MAGIC[1];
}

async function* withHead(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length !== 0) yield head;
    yield* { [Symbol.asyncIterator]: () => rest };
  } finally {
    // Who leaves at the head lets go of the rest as well.
    await rest.return?.();
  }
}

async function* countSent(
  bytes: AsyncIterable<Uint8Array>,
  limits: IngestLimits,
  counts: ByteCounts,
): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    counts.sent += chunk.length;
    if (limits.uploadBytesMax < counts.sent) {
      throw tooLarge('upload', {
        limit: limits.uploadBytesMax,
        received: counts.sent,
        hint: 'send it with gzip, leave out kinds that podreach does not read, or raise the limit',
      });
    }
    if (chunk.length !== 0) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}

async function* gunzip(
  source: AsyncIterable<Buffer>,
  limits: IngestLimits,
  file: string | undefined,
): AsyncGenerator<Buffer> {
  let received = 0;
  const inner = createGunzip({ chunkSize: 64 * 1024 });
  // The loop below meets every error through `inner`, which the pipeline destroys with it.
  const counted = countBytes(source, (length) => (received += length));
  pipeline(Readable.from(counted), inner, () => undefined);
  let produced = 0;
  let head = Buffer.alloc(0);
  try {
    for await (const chunk of inner as AsyncIterable<Buffer>) {
      if (head.length < GZIP_MAGIC.length) {
        head = Buffer.concat([head, chunk.subarray(0, GZIP_MAGIC.length)]);
        if (startsWithGzip(head)) throw badGzip(file, 'it is compressed twice; compress it once');
      }
      produced += chunk.length;
      const allowed = inner.bytesWritten * limits.decompressionRatioMax;
      if (RATIO_FREE_BYTES < produced && allowed < produced) {
        throw ratioTooLarge(produced, limits);
      }
      yield chunk;
    }
  } catch (error) {
    throw isZlibError(error)
      ? badGzip(file, 'it is broken or cut off; send it again', error)
      : error;
  }
  // Node stops at the end of the gzip data and says nothing about what follows.
  if (inner.bytesWritten < received) throw badGzip(file, 'other bytes follow it; send them apart');
}

async function* countBytes(
  source: AsyncIterable<Buffer>,
  note: (length: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    note(chunk.length);
    yield chunk;
  }
}

function ratioTooLarge(received: number, limits: IngestLimits): PodreachError {
  return tooLarge('ratio', {
    limit: limits.decompressionRatioMax,
    received,
    hint: 'send it without compression, or raise the limit for the ratio',
  });
}

function badGzip(file: string | undefined, reason: string, cause?: unknown): PodreachError {
  const what = file === undefined ? 'the gzip data' : `the gzip data of \`${file}\``;
  return new PodreachError('bad-encoding', `${what} cannot be read: ${reason}`, {}, cause);
}

function isZlibError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Node's own errors carry a code that `Error` does not declare.
  const { code } = error as Error & { code?: unknown };
  return typeof code === 'string' && code.startsWith('Z_');
}
