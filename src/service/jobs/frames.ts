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

/**
 * The frames in `bytes`; what is left at the end of a stream that was cut off is none. One of the kind
 * `bytes` comes in as many frames as it was cut into on its way, none of which is copied.
 */
export async function* readFrames(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Frame, void> {
  let held: Buffer = Buffer.alloc(0);
  /** Of a frame of the kind `bytes` that is not all there. */
  let missing = 0;
  for await (const chunk of bytes) {
    let rest = held.length === 0 ? asBuffer(chunk) : Buffer.concat([held, chunk]);
    while (rest.length !== 0) {
      if (missing === 0) {
        const head = headOf(rest);
        if (head === undefined) break;
        rest = rest.subarray(HEADER_BYTES);
        if (head.kind !== 'bytes') {
          const payload = rest.subarray(0, head.length);
          rest = rest.subarray(head.length);
          yield { kind: head.kind, payload };
          continue;
        }
        missing = head.length;
      }
      const payload = rest.subarray(0, missing);
      rest = rest.subarray(payload.length);
      missing -= payload.length;
      if (payload.length !== 0) yield { kind: 'bytes', payload };
    }
    held = rest;
  }
}

/** What the next frame is; undefined until that is there, and all of it unless it is of bytes. */
function headOf(bytes: Buffer): { readonly kind: FrameKind; readonly length: number } | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const kind = FRAME_KINDS[bytes.readUInt8(0)];
  if (kind === undefined) throw new Error('this is no frame');
  const length = bytes.readUInt32LE(1);
  const isThere = kind === 'bytes' || HEADER_BYTES + length <= bytes.length;
  return isThere ? { kind, length } : undefined;
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
