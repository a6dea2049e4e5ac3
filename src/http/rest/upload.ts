import type { FastifyRequest } from 'fastify';
import { PodreachError } from '../../model/errors.ts';
import type { ManifestInput } from '../../model/input.ts';
import { HTTP_LIMITS } from '../http-limits.ts';

/**
 * Refuses what cannot be an upload by its headers alone.
 *
 * Missing, form and octet-stream media types are what `curl -d` and `--data-binary` send: the bytes
 * say what they are. Gzip is recognised by the bytes as well.
 *
 * @throws `unsupported-media-type`, `upload-too-large`
 */
export function checkUploadHeaders(request: FastifyRequest, uploadBytesMax: number): void {
  const { headers } = request;
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (!['identity', 'gzip', 'x-gzip'].includes(encoding)) {
    throw new PodreachError(
      'unsupported-media-type',
      `\`Content-Encoding: ${encoding.slice(0, 100)}\` is not read; send gzip, or as it is`,
    );
  }
  if (/^multipart\//i.test(headers['content-type'] ?? '')) {
    throw new PodreachError(
      'unsupported-media-type',
      'multipart forms are not read; send the file itself, such as `curl --data-binary @FILE`',
    );
  }
  const announced = Number(headers['content-length'] ?? 0);
  if (uploadBytesMax < announced) throw tooLarge(uploadBytesMax, announced);
}

/** The body of a request as one input, whose bytes can be read once. */
export async function* uploadOf(
  request: FastifyRequest,
  uploadBytesMax: number,
): AsyncGenerator<ManifestInput> {
  yield await Promise.resolve({ bytes: countedBytes(request, uploadBytesMax) });
}

/**
 * The bytes of the body as sent.
 *
 * @throws `upload-too-large`, `upload-too-slow`, `bad-input` when the sender goes away
 */
export async function* countedBytes(
  request: FastifyRequest,
  uploadBytesMax: number,
): AsyncGenerator<Uint8Array> {
  let received = 0;
  let waitedMs = 0;
  // Leaving early must not destroy the stream: what is left of it is drained before the answer.
  const chunks = request.raw.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  try {
    for (;;) {
      const askedAt = performance.now();
      const { done, value } = await nextChunk(chunks);
      if (done === true) return;
      waitedMs += performance.now() - askedAt;
      received += value.length;
      if (uploadBytesMax < received) throw tooLarge(uploadBytesMax, received);
      if (isTooSlow(received, waitedMs)) throw tooSlow(received, waitedMs);
      yield value;
    }
  } finally {
    // Lets go of the stream, so that what is left of it can be drained.
    await chunks.return?.();
  }
}

/** Reads what is left of a refused upload for a moment: a sender that is cut off sees no answer. */
export async function drainUpload(request: FastifyRequest): Promise<void> {
  const { raw } = request;
  if (raw.readableEnded || raw.destroyed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, HTTP_LIMITS.uploadDrainMs);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    raw.once('end', end).once('close', end).once('error', end).resume();
  });
}

/** Only time spent waiting for the sender counts, not what we take to read. */
function isTooSlow(received: number, waitedMs: number): boolean {
  if (waitedMs <= HTTP_LIMITS.uploadGraceMs) return false;
  return (received * 1000) / waitedMs < HTTP_LIMITS.uploadBytesPerSecondMin;
}

async function nextChunk(
  chunks: AsyncIterableIterator<Buffer>,
): Promise<IteratorResult<Buffer, unknown>> {
  try {
    return await chunks.next();
  } catch (error) {
    throw new PodreachError('bad-input', 'the upload ended before it was complete', {}, error);
  }
}

function tooLarge(limitBytes: number, receivedBytes: number): PodreachError {
  return new PodreachError(
    'upload-too-large',
    `the upload has more than ${limitBytes} bytes as sent`,
    {
      limitBytes,
      receivedBytes,
      which: 'uploadBytesMax',
      hint: 'send it with gzip, or raise `--upload-bytes-max`',
    },
  );
}

function tooSlow(received: number, waitedMs: number): PodreachError {
  return new PodreachError(
    'upload-too-slow',
    `after ${Math.round(waitedMs / 1000)} s there are ${received} bytes; ` +
      `at least ${HTTP_LIMITS.uploadBytesPerSecondMin} a second are expected`,
  );
}
