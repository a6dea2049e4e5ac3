import type { Writable } from 'node:stream';

/**
 * What the server tells the process that takes in: first its settings, then task after task, each
 * followed by its inputs with their bytes, and `end`, or `abort` when the sender went away.
 */
export const FRAME_KINDS = ['settings', 'task', 'input', 'bytes', 'end', 'abort'] as const;
/** One of {@link FRAME_KINDS}. */
export type FrameKind = (typeof FRAME_KINDS)[number];

/** One message: a kind, and bytes whose meaning it says. */
export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Uint8Array;
}

/** One byte for the kind, four for the length of the payload, lowest first. */
const HEADER_BYTES = 5;
const NOTHING = new Uint8Array();

/**
 * Writes one frame. Resolves when there is room for the next one, so that a slow reader slows the
 * sender down.
 *
 * @throws Error when the stream is or gets closed
 */
export async function writeFrame(
  stream: Writable,
  kind: FrameKind,
  payload: Uint8Array = NOTHING,
): Promise<void> {
  if (!stream.writable) throw new Error('the stream is closed');
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(FRAME_KINDS.indexOf(kind), 0);
  header.writeUInt32LE(payload.length, 1);
  stream.cork();
  stream.write(header);
  const hasRoom = payload.length === 0 || stream.write(payload);
  stream.uncork();
  if (!hasRoom) await drained(stream);
}

/** Writes one frame of JSON. */
export function writeJson(stream: Writable, kind: FrameKind, value: object): Promise<void> {
  return writeFrame(stream, kind, Buffer.from(JSON.stringify(value), 'utf8'));
}

/** The value of a frame that {@link writeJson} wrote. */
export function jsonOf({ payload }: Frame): unknown {
  return JSON.parse(Buffer.from(payload).toString('utf8'));
}

/** The frames in `bytes`; what is left at the end of a stream that was cut off is none. */
export async function* readFrames(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Frame, void> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let needed = HEADER_BYTES;
  for await (const chunk of bytes) {
    parts.push(chunk);
    length += chunk.length;
    // Put together only when there is a whole frame, however many pieces it came in.
    if (length < needed) continue;
    let rest = parts.length === 1 ? asBuffer(chunk) : Buffer.concat(parts);
    for (;;) {
      needed = HEADER_BYTES;
      if (rest.length < needed) break;
      needed += rest.readUInt32LE(1);
      if (rest.length < needed) break;
      const kind = FRAME_KINDS[rest.readUInt8(0)];
      if (kind === undefined) throw new Error('this is no frame');
      const payload = rest.subarray(HEADER_BYTES, needed);
      rest = rest.subarray(needed);
      yield { kind, payload };
    }
    parts = [rest];
    length = rest.length;
  }
}

/** The same memory. */
function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => (): void => {
      stream.off('drain', onDrain).off('close', onClose);
      action();
    };
    const onDrain = settle(resolve);
    const onClose = settle(() => {
      reject(new Error('the stream was closed'));
    });
    stream.once('drain', onDrain).once('close', onClose);
  });
}
