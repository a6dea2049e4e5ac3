/** Bytes of room behind the text, all 0: scanners may read them, and no text has a 0. */
export const SLACK_BYTES = 8;

/** Bytes of a buffer, unless what must go into it is larger; the first buffers are smaller. */
const BUFFER_BYTES = 256 * 1024;

/**
 * A buffer that holds the bytes from `from` to `length` of the one before and has room for `added`
 * more. The one before is left as it is: what was read may still point into it.
 */
export function roomierBuffer(
  before: Buffer,
  held: { readonly from: number; readonly length: number },
  added: number,
): Buffer {
  const kept = held.length - held.from;
  const usual = Math.min(BUFFER_BYTES, 2 * before.length);
  // Twice what is kept: bytes that come one by one are not copied with each of them.
  const buffer = Buffer.allocUnsafeSlow(Math.max(kept + added + SLACK_BYTES, usual, 2 * kept));
  before.copy(buffer, 0, held.from, held.length);
  return buffer;
}

/** Writes `chunk` behind the text, and the room behind that. */
export function appendText(buffer: Buffer, length: number, chunk: Buffer): void {
  chunk.copy(buffer, length);
  buffer.fill(0, length + chunk.length, length + chunk.length + SLACK_BYTES);
}
