import type { ItemTemplate } from '../item-template.ts';
import { SLACK_BYTES } from '../text-buffer.ts';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** An opener and its closer differ by this. */
const TO_CLOSER = 2;

/** Four bytes at once, as little-endian words. */
const FOUR_SPACES = 0x20202020;
const FOUR_QUOTES = 0x22222222;
const FOUR_BACKSLASHES = 0x5c5c5c5c;
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080;
const TRUE = 0x65757274;
const NULL = 0x6c6c756e;
const FALS = 0x736c6166;
const LETTER_E = 0x65;

/** One for each byte that may follow a backslash. */
const ESCAPES = new Uint8Array(256);
for (const byte of Buffer.from('"\\/bfnrt')) ESCAPES[byte] = 1;

/** Sorts of tokens. */
export const TEXT = 0;
export const SCALAR = 1;

/**
 * Steps over JSON without making values of it, and accepts exactly what JSON allows.
 *
 * Every method takes a position and returns the one behind what it stepped over. Where it cannot, it
 * returns `~p`, which is negative, for the place `p` that is wrong; at the end of the text that means
 * that more must come.
 *
 * INVARIANT: behind the text stand {@link SLACK_BYTES}, the first of them 0, which is no byte of
 * JSON: so no loop has to ask for the end. UTF-8 is for the caller to check.
 */
export class JsonSkipper {
  bytes: Buffer = Buffer.alloc(SLACK_BYTES);
  /** Line feeds stepped over so far. */
  lines = 0;
  /** Containers around the current place. */
  level = 0;
  /** All of `bytes`. */
  words = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  readonly #levelMax: number;
  /** Is told of every key and scalar stepped over. */
  readonly #template: ItemTemplate;
  /** By level: the closer of the container. */
  readonly #closers: Uint8Array;

  constructor(levelMax: number, template: ItemTemplate) {
    this.#template = template;
    this.#levelMax = levelMax;
    this.#closers = new Uint8Array(levelMax + 2);
  }

  /** Reads these bytes from now on. */
  setBytes(bytes: Buffer): void {
    this.bytes = bytes;
    this.words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Goes one container deeper; false where that is too deep. */
  enter(): boolean {
    this.level += 1;
    return this.level <= this.#levelMax;
  }

  /** To the first byte that is no blank. */
  blank(at: number): number {
    const { bytes } = this;
    const words = this.words;
    let p = at;
    for (;;) {
      const byte = bytes[p]!;
      if (byte === SPACE) {
        p += 1;
        while (words.getInt32(p, true) === FOUR_SPACES) p += 4;
      } else if (byte === LINE_FEED) {
        this.lines += 1;
        p += 1;
      } else if (byte === RETURN || byte === TAB) {
        p += 1;
      } else {
        return p;
      }
    }
  }

  /** Over a string, from behind its opening quote to behind the closing one. */
  string(at: number): number {
    const words = this.words;
    let p = at;
    for (;;) {
      const word = words.getInt32(p, true);
      const quotes = word ^ FOUR_QUOTES;
      const backslashes = word ^ FOUR_BACKSLASHES;
      // Where a byte is what we look for, or below a space, its highest bit comes out set. A borrow
      // can also set it in a byte above such a one, so only the lowest counts.
      const found =
        (((quotes - ONES) & ~quotes) |
          ((backslashes - ONES) & ~backslashes) |
          ((word - FOUR_SPACES) & ~word)) &
        HIGH_BITS;
      if (found === 0) {
        p += 4;
        continue;
      }
      p += (31 - Math.clz32(found & -found)) >>> 3;
      const byte = this.bytes[p]!;
      if (byte === QUOTE) return p + 1;
      if (byte !== BACKSLASH) return ~p;
      p = this.#escape(p + 1);
      if (p < 0) return p;
    }
  }

  #escape(at: number): number {
    const { bytes } = this;
    const byte = bytes[at]!;
    if (ESCAPES[byte] === 1) return at + 1;
    if (byte !== LETTER_U) return ~at;
    for (let p = at + 1; p <= at + 4; p += 1) if (!isHexDigit(bytes[p]!)) return ~p;
    return at + 5;
  }

  /** Over a number, `true`, `false` or `null`. */
  scalar(at: number): number {
    const word = this.words.getInt32(at, true);
    if (word === TRUE || word === NULL) return at + 4;
    if (word === FALS) return this.bytes[at + 4] === LETTER_E ? at + 5 : ~(at + 4);
    return this.#number(at);
  }

  #number(at: number): number {
    const { bytes } = this;
    let p = bytes[at] === MINUS ? at + 1 : at;
    if (bytes[p] === ZERO) p += 1;
    else if ((p = this.#digits(p)) < 0) return p;
    if (bytes[p] === DOT && (p = this.#digits(p + 1)) < 0) return p;
    if ((bytes[p]! | SPACE) === LETTER_E) {
      const sign = bytes[p + 1];
      p = this.#digits(sign === PLUS || sign === MINUS ? p + 2 : p + 1);
    }
    return p;
  }

  /** At least one digit. */
  #digits(at: number): number {
    const { bytes } = this;
    let p = at;
    while (isDigit(bytes[p]!)) p += 1;
    return p === at ? ~p : p;
  }

  /** Over any value. */
  value(at: number): number {
    const byte = this.bytes[at]!;
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) return this.#container(at);
    const end = byte === QUOTE ? this.string(at + 1) : this.scalar(at);
    this.#template.addDropped(at, end, byte === QUOTE ? TEXT : SCALAR);
    return end;
  }

  /** Over a key and its colon, to the value. */
  key(at: number): number {
    const { bytes } = this;
    if (bytes[at] !== QUOTE) return ~at;
    const end = this.string(at + 1);
    this.#template.addDropped(at, end, TEXT);
    return this.colon(end);
  }

  /** Over the colon after a key, to the value; passes a failure on. */
  colon(at: number): number {
    const { bytes } = this;
    if (at < 0) return at;
    const p = bytes[at] === COLON ? at : this.blank(at);
    if (bytes[p] !== COLON) return ~p;
    return bytes[p + 1]! <= SPACE ? this.blank(p + 1) : p + 1;
  }

  /** Over an object or array. A loop, not a recursion: this is where the time goes. */
  #container(at: number): number {
    const { bytes } = this;
    const closers = this.#closers;
    const outside = this.level;
    let p = at;
    for (;;) {
      const byte = bytes[p]!;
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        if (!this.enter()) return ~p;
        closers[this.level] = byte + TO_CLOSER;
        p += 1;
        if (bytes[p]! <= SPACE) p = this.blank(p);
        if (bytes[p] !== byte + TO_CLOSER) {
          if (byte === OPEN_OBJECT && (p = this.key(p)) < 0) return p;
          continue;
        }
      } else {
        const start = p;
        p = byte === QUOTE ? this.string(p + 1) : this.scalar(p);
        if (p < 0) return p;
        this.#template.addDropped(start, p, byte === QUOTE ? TEXT : SCALAR);
        if (bytes[p]! <= SPACE) p = this.blank(p);
      }
      // Behind a value, or on the closer of an empty container.
      while (bytes[p] === closers[this.level]) {
        this.level -= 1;
        p += 1;
        if (this.level === outside) return p;
        if (bytes[p]! <= SPACE) p = this.blank(p);
      }
      if (bytes[p] !== COMMA) return ~p;
      p += 1;
      if (bytes[p]! <= SPACE) p = this.blank(p);
      if (closers[this.level] === CLOSE_OBJECT && (p = this.key(p)) < 0) return p;
    }
  }
}

function isDigit(byte: number): boolean {
  return ZERO <= byte && byte < COLON;
}

function isHexDigit(byte: number): boolean {
  const lower = byte | SPACE;
  return isDigit(byte) || (0x61 <= lower && lower <= 0x66);
}
