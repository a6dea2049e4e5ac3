/** Bytes are gathered in pieces of this size. */
const PIECE_BYTES = 64 * 1024;
/** Bytes that a UTF-16 code unit takes at most. */
const UNIT_BYTES_MAX = 3;

/**
 * Bytes that are made of many short texts, without ever being one long text: each text is written out
 * at once, so that what it was put together from is garbage before it is old.
 */
export class BytePieces {
  #piece = Buffer.allocUnsafe(PIECE_BYTES);
  #length = 0;
  #full: Buffer[] = [];

  add(text: string): void {
    if (PIECE_BYTES < this.#length + UNIT_BYTES_MAX * text.length) {
      this.#turn();
      if (PIECE_BYTES < UNIT_BYTES_MAX * text.length) {
        this.#full.push(Buffer.from(text));
        return;
      }
    }
    this.#length += this.#piece.write(text, this.#length);
  }

  addBytes(bytes: Buffer): void {
    this.#turn();
    this.#full.push(bytes);
  }

  /** Everything added since the last time, in one piece. */
  take(): Buffer {
    this.#turn();
    const full = this.#full;
    this.#full = [];
    const [first] = full;
    return full.length === 1 && first !== undefined ? first : Buffer.concat(full);
  }

  #turn(): void {
    if (this.#length === 0) return;
    this.#full.push(Buffer.from(this.#piece.subarray(0, this.#length)));
    this.#length = 0;
  }
}
