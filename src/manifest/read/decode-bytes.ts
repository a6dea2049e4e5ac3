import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { PodreachError } from '../../model/errors.ts';
import type { IngestLimits } from '../../model/input.ts';
import { tooLarge } from './report.ts';

/** Bytes counted over all inputs of one ingest. */
export interface ByteCounts {
  /** As sent. */
  sent: number;
  /** After decompression. */
  decoded: number;
}

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
): AsyncGenerator<Buffer> {
  const source = countSent(bytes, limits, counts);
  const head: Buffer[] = [];
  let length = 0;
  for (let next = await source.next(); !next.done; next = await source.next()) {
    head.push(next.value);
    length += next.value.length;
    if (GZIP_MAGIC.length <= length) break;
  }
  const whole = withHead(Buffer.concat(head), source);
  const isGzip = startsWithGzip(Buffer.concat(head));
  for await (const chunk of isGzip ? gunzip(whole, limits) : whole) {
    counts.decoded += chunk.length;
    if (limits.decodedBytesMax < counts.decoded) {
      throw tooLarge('decoded', {
        limit: limits.decodedBytesMax,
        received: counts.decoded,
        hint: 'send fewer kinds, or raise the limit for decoded bytes',
      });
    }
    yield chunk;
  }
}

function startsWithGzip(bytes: Buffer): boolean {
  return bytes[0] === GZIP_MAGIC[0] && bytes[1] === GZIP_MAGIC[1];
}

async function* withHead(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length !== 0) yield head;
  yield* rest;
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
        if (startsWithGzip(head)) throw badGzip('it is compressed twice; compress it once');
      }
      produced += chunk.length;
      const allowed = inner.bytesWritten * limits.decompressionRatioMax;
      if (RATIO_FREE_BYTES < produced && allowed < produced) {
        throw tooLarge('ratio', {
          limit: limits.decompressionRatioMax,
          received: produced,
          hint: 'send it without compression, or raise the limit for the ratio',
        });
      }
      yield chunk;
    }
  } catch (error) {
    throw isZlibError(error) ? badGzip('it is broken or cut off; send it again', error) : error;
  }
  // Node stops at the end of the gzip data and says nothing about what follows.
  if (inner.bytesWritten < received) throw badGzip('other bytes follow it; send them apart');
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

function badGzip(reason: string, cause?: unknown): PodreachError {
  return new PodreachError('bad-encoding', `the gzip data cannot be read: ${reason}`, {}, cause);
}

function isZlibError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Node's own errors carry a code that `Error` does not declare.
  const { code } = error as Error & { code?: unknown };
  return typeof code === 'string' && code.startsWith('Z_');
}
