/** Longest text that is looked up, in bytes: longer ones hardly repeat. */
export const CACHED_BYTES_MAX = 96;
const SLOTS = 4096;

/**
 * Texts that were made of bytes before, one for each slot: most label values, node names and words
 * of a dump repeat, and a text that is there already costs no allocation.
 */
export class TextCache {
  readonly #slots = new Array<string>(SLOTS).fill('');

  /**
   * The text of ASCII bytes.
   *
   * @param hash of the bytes, any
   */
  ascii(bytes: Buffer, start: number, end: number, hash: number): string {
    if (CACHED_BYTES_MAX < end - start) return bytes.toString('latin1', start, end);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const known = this.#slots[slot]!;
    if (known.length === end - start && isText(known, bytes, start)) return known;
    const text = bytes.toString('latin1', start, end);
    this.#slots[slot] = text;
    return text;
  }
}

function isText(text: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}
