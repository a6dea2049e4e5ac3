import { appendText, roomierBuffer, SLACK_BYTES } from '../text-buffer.ts';
import { isDigit, nextNumberState, NUMBER, NUMBER_MAY_END } from './json-number.ts';

const LINE_FEED = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const LETTER_U = 0x75;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const LITERALS: ReadonlyMap<number, Buffer> = new Map(
  ['true', 'false', 'null'].map((text) => [text.charCodeAt(0), Buffer.from(text)]),
);
/** What may stand between two documents besides blanks: `---` and a byte order mark. */
const SEPARATORS: ReadonlyMap<number, Buffer> = new Map([
  [MINUS, Buffer.from('---')],
  [0xef, Buffer.from([0xef, 0xbb, 0xbf])],
]);
/** The record separator of JSON text sequences (RFC 7464). */
const RECORD_SEPARATOR = 0x1e;

/** Escapes of one letter. */
const ESCAPES: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));

const STATE = {
  top: 0,
  value: 1,
  valueOrEnd: 2,
  key: 3,
  keyOrEnd: 4,
  colon: 5,
  commaOrEnd: 6,
  string: 7,
  number: 8,
  literal: 9,
} as const;
type State = (typeof STATE)[keyof typeof STATE];

/** An object that the listener took. */
export interface Taken {
  /** Behind its last byte. */
  readonly end: number;
  /** Line feeds in it. */
  readonly lines: number;
}

/** Whoever follows the structure; positions are counted from the start of the input. */
export interface JsonListener {
  /** A value starts at `position`; `depth` is that of what it stands in, 0 at the top. */
  readonly begin: (opener: 'object' | 'array' | 'other', position: number) => void;
  /**
   * An object starts at `at` of `bytes`, of which `length` are there: the listener may take all of it
   * at once, and is then not told what is in it. `cut`: it could, if more bytes were there.
   */
  readonly take: (bytes: Buffer, at: number, length: number) => Taken | 'cut' | undefined;
  /** An object or array ended; `end` is behind its last byte, `depth` that of what it stands in. */
  readonly close: (opener: 'object' | 'array', end: number) => void;
  /** A key, quotes included, of an object at the current depth. */
  readonly key: (start: number, end: number) => void;
  /** A string value, quotes included. */
  readonly string: (start: number, end: number) => void;
  /** @returns never: throws the error for text that is no JSON */
  readonly malformed: (message: string) => never;
}

/**
 * Checks a stream of JSON values byte by byte, however it is cut, and tells where values start and
 * end. It never holds more than the bytes that the listener still wants.
 */
export class JsonScanner {
  /** Containers open. */
  depth = 0;
  /** 1-based line of the current byte. */
  line: number;
  /** No more bytes will come. */
  isLast = false;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  /** Bytes from the current one on that must be there before the listener is asked again. */
  #wanted = 0;
  #base = 0;
  #at = 0;
  #state: State = STATE.top;
  /** One byte per open container: 1 for an object. */
  readonly #isObject: Uint8Array;
  readonly #listener: JsonListener;
  #tokenStart = 0;
  #inKey = false;
  /** Hexadecimal digits still to come in an escape; -1 directly after the backslash. */
  #escape = 0;
  #number: number = NUMBER.minus;
  #literal: Buffer = SEPARATORS.get(MINUS)!;
  #seenValue = false;

  constructor(listener: JsonListener, firstLine: number, depthMax: number) {
    this.#listener = listener;
    this.line = firstLine;
    this.#isObject = new Uint8Array(depthMax + 1);
  }

  /** Takes the next bytes; those before `keepFrom` (from the start of the input) are let go. */
  push(chunk: Buffer, keepFrom: number): void {
    if (this.#bytes.length < this.#length + chunk.length + SLACK_BYTES) {
      this.#renewBuffer(chunk.length, Math.min(keepFrom, this.#base + this.#at));
    }
    appendText(this.#bytes, this.#length, chunk);
    this.#length += chunk.length;
    this.#scan();
  }

  /** Reads what waits for bytes that will not come. */
  finish(): void {
    this.isLast = true;
    this.#scan();
  }

  #renewBuffer(added: number, keepFrom: number): void {
    const from = keepFrom - this.#base;
    this.#bytes = roomierBuffer(this.#bytes, { from, length: this.#length }, added);
    this.#base += from;
    this.#at -= from;
    this.#length -= from;
  }

  /** Bytes by position. */
  view(start: number, end: number): Buffer {
    return this.#bytes.subarray(start - this.#base, end - this.#base);
  }

  /** Bytes seen so far. */
  get position(): number {
    return this.#base + this.#at;
  }

  /** Whether the input may end here. */
  get isBetweenValues(): boolean {
    return this.#state === STATE.top;
  }

  // Every byte passes here once: the three states that hold most bytes have loops of their own.
  #scan(): void {
    if (!this.isLast && this.#length - this.#at < this.#wanted) return;
    this.#wanted = 0;
    while (this.#at < this.#length && this.#wanted === 0) {
      if (this.#state === STATE.string) this.#scanString();
      else if (this.#state === STATE.number) this.#scanNumber();
      else if (this.#state === STATE.literal) this.#scanLiteral();
      else this.#scanStructure();
    }
  }

  #scanString(): void {
    const bytes = this.#bytes;
    const length = this.#length;
    let at = this.#at;
    while (at < length) {
      const byte = bytes[at]!;
      at += 1;
      if (this.#escape !== 0) {
        this.#scanEscape(byte);
      } else if (byte === QUOTE) {
        this.#at = at;
        this.#endString();
        return;
      } else if (byte === BACKSLASH) {
        this.#escape = -1;
      } else if (byte < SPACE) {
        this.#listener.malformed('a control character stands in a JSON string');
      }
    }
    this.#at = at;
  }

  #scanEscape(byte: number): void {
    if (this.#escape === -1) {
      this.#escape = byte === LETTER_U ? 4 : 0;
      if (byte === LETTER_U || ESCAPES.has(byte)) return;
    } else {
      this.#escape -= 1;
      if (isHexDigit(byte)) return;
    }
    this.#listener.malformed('a JSON string has an unknown escape');
  }

  #endString(): void {
    const start = this.#tokenStart;
    const end = this.position;
    if (this.#inKey) {
      this.#inKey = false;
      this.#state = STATE.colon;
      this.#listener.key(start, end);
    } else {
      this.#state = STATE.commaOrEnd;
      this.#listener.string(start, end);
    }
  }

  #scanNumber(): void {
    while (this.#at < this.#length) {
      const next = nextNumberState(this.#number, this.#bytes[this.#at]!);
      if (next === undefined) {
        if (NUMBER_MAY_END[this.#number] !== true) this.#unexpected();
        this.#state = STATE.commaOrEnd;
        return;
      }
      this.#number = next;
      this.#at += 1;
    }
  }

  #scanLiteral(): void {
    const literal = this.#literal;
    if (this.#bytes[this.#at] !== literal[this.position - this.#tokenStart]) this.#unexpected();
    this.#at += 1;
    if (this.position - this.#tokenStart < literal.length) return;
    this.#state = this.depth === 0 ? STATE.top : STATE.commaOrEnd;
  }

  #scanStructure(): void {
    const byte = this.#bytes[this.#at]!;
    if (byte === SPACE || byte === LINE_FEED || byte === 0x0d || byte === 0x09) {
      if (byte === LINE_FEED) this.line += 1;
      this.#at += 1;
      return;
    }
    const isEnd =
      (byte === CLOSE_ARRAY && this.#state === STATE.valueOrEnd) ||
      (byte === CLOSE_OBJECT && this.#state === STATE.keyOrEnd);
    if (isEnd) this.#close(byte);
    else if (this.#state === STATE.top) this.#atTop(byte);
    else if (this.#state === STATE.commaOrEnd) this.#afterValue(byte);
    else if (this.#state === STATE.colon) this.#colon(byte);
    else if (this.#state === STATE.key || this.#state === STATE.keyOrEnd) this.#beginKey(byte);
    else this.#beginValue(byte);
  }

  #colon(byte: number): void {
    if (byte !== COLON) this.#unexpected();
    this.#state = STATE.value;
    this.#at += 1;
  }

  #atTop(byte: number): void {
    const separator = SEPARATORS.get(byte);
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      this.#seenValue = true;
      this.#beginValue(byte);
    } else if (byte === RECORD_SEPARATOR || (byte === COMMA && this.#seenValue)) {
      this.#at += 1;
    } else if (separator === undefined) {
      this.#unexpected();
    } else {
      this.#beginLiteral(separator);
    }
  }

  #beginLiteral(literal: Buffer): void {
    this.#tokenStart = this.position;
    this.#literal = literal;
    this.#state = STATE.literal;
  }

  #beginKey(byte: number): void {
    if (byte !== QUOTE) this.#unexpected();
    this.#tokenStart = this.position;
    this.#inKey = true;
    this.#state = STATE.string;
    this.#at += 1;
  }

  #beginValue(byte: number): void {
    const position = this.position;
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      const isObject = byte === OPEN_OBJECT;
      if (isObject && this.#offer()) return;
      this.#listener.begin(isObject ? 'object' : 'array', position);
      this.#isObject[this.depth] = isObject ? 1 : 0;
      this.depth += 1;
      this.#state = isObject ? STATE.keyOrEnd : STATE.valueOrEnd;
      this.#at += 1;
      return;
    }
    this.#listener.begin('other', position);
    this.#tokenStart = position;
    const literal = LITERALS.get(byte);
    if (byte === QUOTE) {
      this.#state = STATE.string;
      this.#at += 1;
    } else if (literal !== undefined) {
      this.#beginLiteral(literal);
    } else if (byte === MINUS || isDigit(byte)) {
      this.#number = byte === MINUS ? NUMBER.minus : byte === ZERO ? NUMBER.zero : NUMBER.digits;
      this.#state = STATE.number;
      this.#at += 1;
    } else {
      this.#unexpected();
    }
  }

  /** Offers the listener the object that starts here; whether it took it or waits for more of it. */
  #offer(): boolean {
    const taken = this.#listener.take(this.#bytes, this.#at, this.#length);
    if (taken === undefined) return false;
    if (taken === 'cut') {
      // Twice as many each time: the bytes of an object are not read again with every chunk.
      this.#wanted = 2 * (this.#length - this.#at);
      return true;
    }
    this.#at = taken.end;
    this.line += taken.lines;
    this.#state = this.depth === 0 ? STATE.top : STATE.commaOrEnd;
    return true;
  }

  #afterValue(byte: number): void {
    const inObject = this.#isObject[this.depth - 1] === 1;
    if (byte === COMMA) {
      this.#state = inObject ? STATE.key : STATE.value;
      this.#at += 1;
    } else if (byte === (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) {
      this.#close(byte);
    } else {
      this.#unexpected();
    }
  }

  #close(byte: number): void {
    this.depth -= 1;
    this.#at += 1;
    this.#state = this.depth === 0 ? STATE.top : STATE.commaOrEnd;
    this.#listener.close(byte === CLOSE_OBJECT ? 'object' : 'array', this.position);
  }

  #unexpected(): never {
    this.#listener.malformed(
      this.#state === STATE.top ? 'a JSON object or array was expected' : 'this is no valid JSON',
    );
  }
}

function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return isDigit(byte) || (0x61 <= lower && lower <= 0x66);
}
