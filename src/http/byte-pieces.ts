/** Text is turned into bytes in pieces of about this many characters. */
const PIECE_CHARS = 64 * 1024;

/** Bytes that are made of many short texts, without ever being one long text. */
export class BytePieces {
  #text = '';
  #pieces: Buffer[] = [];

  add(text: string): void {
    this.#text += text;
    if (PIECE_CHARS <= this.#text.length) this.#flush();
  }

  /** Everything added since the last time, in one piece. */
  take(): Buffer {
    this.#flush();
    const pieces = this.#pieces;
    this.#pieces = [];
    const [first] = pieces;
    return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
  }

  #flush(): void {
    if (this.#text === '') return;
    this.#pieces.push(Buffer.from(this.#text));
    this.#text = '';
  }
}
