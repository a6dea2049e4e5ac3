import type { ItemTemplate } from '../item-template.ts';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const HASH = 0x23;
const SINGLE_QUOTE = 0x27;
const DASH = 0x2d;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const PIPE = 0x7c;
const GREATER = 0x3e;
const OPEN_FLOW: readonly [number, number] = [0x7b, 0x5b];
/** An opener and its closer differ by this. */
const TO_CLOSER = 2;

/** Sorts of tokens; all of them stand on one line. */
export const KEY = 0;
export const VALUE = 1;
/** Text of a block scalar. */
export const BLOCK_LINE = 2;

/** Longer keys are not recognised on one line by every reader. */
const KEY_BYTES_MAX = 256;
/** The column of what comes when nothing comes. */
const BEFORE_MARGIN = -1;

/** What a byte can be; the tables are made of these bits. */
const MAY_START_PLAIN = 1;
const MAY_START_KEY = 2;
const MAY_BE_IN_KEY = 4;
/** Ends or decides something in plain text: the loops stop there. */
const STOPS_PLAIN = 8;
const STOPS_QUOTED = 16;
/** Starts characters among which are line breaks to some readers and none to others. */
const REFUSED = 32;
const MAY_BE_ESCAPED = 64;

const BYTES = byteTable();

function byteTable(): Uint8Array {
  const table = new Uint8Array(256);
  const mark = (bytes: Iterable<number>, bit: number): void => {
    for (const byte of bytes) table[byte]! |= bit;
  };
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const words = [...range(0x30, 0x39), ...range(0x41, 0x5a), ...range(0x61, 0x7a)];
  mark([...words, ...Buffer.from('/._+$(<=~^;')], MAY_START_PLAIN);
  mark([...words, ...Buffer.from('/._')], MAY_START_KEY);
  mark([...words, ...Buffer.from('/._:~$()+@-')], MAY_BE_IN_KEY);
  const controls = [...range(0, 0x1f), 0x7f];
  // No-break spaces, next line, line and paragraph separators, byte order marks and their kin.
  const refused = [0xc2, 0xe2, 0xef];
  mark([...controls, ...refused, COLON, HASH], STOPS_PLAIN);
  mark(
    [...controls.filter((byte) => byte !== TAB), ...refused, DOUBLE_QUOTE, SINGLE_QUOTE, BACKSLASH],
    STOPS_QUOTED,
  );
  mark([...controls, ...refused], REFUSED);
  mark(Buffer.from('"\\/ntr '), MAY_BE_ESCAPED);
  return table;
}

/**
 * Steps over YAML of the form that kubectl writes, without making values of it: block mappings with
 * one key a line, lists, scalars on one line or folded, literal blocks. It accepts only what means
 * the same to every reader: no comments, anchors, tags, flow collections with anything in them, blank
 * lines or tabs.
 *
 * Every method takes a position and returns the one behind what it stepped over, or `~p`, which is
 * negative, where it cannot at `p`: because the text is of another form, or ends there.
 *
 * INVARIANT: behind the text stands a 0, which is no byte of YAML.
 */
export class YamlSkipper {
  bytes: Buffer = Buffer.alloc(1);
  /** Where the text ends for good; -1 while more may come. */
  end = -1;
  /** Line feeds stepped over so far. */
  lines = 0;
  /** Column of what comes next. */
  column = 0;
  /** Containers around the current place. */
  level = 0;
  readonly #levelMax: number;
  /** Is told of every key and scalar stepped over. */
  readonly #template: ItemTemplate;

  constructor(levelMax: number, template: ItemTemplate) {
    this.#levelMax = levelMax;
    this.#template = template;
  }

  /** Goes one container deeper; false where that is too deep. */
  enter(): boolean {
    this.level += 1;
    return this.level <= this.#levelMax;
  }

  /** From the feed at `at` to what stands on the next line; sets `column`. */
  nextLine(at: number): number {
    const { bytes } = this;
    if (bytes[at] !== LINE_FEED) return ~at;
    this.lines += 1;
    if (at + 1 === this.end) {
      this.column = BEFORE_MARGIN;
      return at + 1;
    }
    let p = at + 1;
    while (bytes[p] === SPACE) p += 1;
    this.column = p - at - 1;
    const byte = bytes[p]!;
    return byte <= SPACE || byte === HASH ? ~p : p;
  }

  /** Whether an element of a list starts here. */
  isDash(at: number): boolean {
    return this.bytes[at] === DASH && this.bytes[at + 1] === SPACE;
  }

  /** Over a key and its colon. */
  key(at: number): number {
    const { bytes } = this;
    const first = bytes[at]!;
    let p: number;
    if (first === SINGLE_QUOTE || first === DOUBLE_QUOTE) {
      p = this.quoted(at);
      if (p < 0) return p;
    } else {
      if ((BYTES[first]! & MAY_START_KEY) === 0) return ~at;
      p = at + 1;
      while ((BYTES[bytes[p]!]! & MAY_BE_IN_KEY) !== 0 && !this.#isColon(p)) p += 1;
    }
    return this.#isColon(p) && p - at <= KEY_BYTES_MAX ? p + 1 : ~p;
  }

  /** Whether there is a colon that ends a key. */
  #isColon(at: number): boolean {
    if (this.bytes[at] !== COLON) return false;
    const next = this.bytes[at + 1];
    return next === SPACE || next === LINE_FEED;
  }

  /** Over plain text, to the end of its line. */
  plain(at: number): number {
    const { bytes } = this;
    const first = bytes[at]!;
    const mayStart =
      (BYTES[first]! & MAY_START_PLAIN) !== 0 ||
      ((first === DASH || first === COLON) && SPACE < bytes[at + 1]!);
    if (!mayStart) return ~at;
    let p = at + 1;
    for (;;) {
      while ((BYTES[bytes[p]!]! & STOPS_PLAIN) === 0) p += 1;
      const byte = bytes[p]!;
      if (byte === LINE_FEED) return bytes[p - 1] === SPACE ? ~p : p;
      if ((BYTES[byte]! & REFUSED) !== 0) return ~p;
      // A colon before a blank, or a hash behind one, would mean something.
      if (byte === COLON ? bytes[p + 1]! <= SPACE : bytes[p - 1] === SPACE) return ~p;
      p += 1;
    }
  }

  /** Over quoted text on one line. */
  quoted(at: number): number {
    return this.#quoted(at, undefined);
  }

  /** Over quoted text whose further lines, if there may be any, stand deeper than `parent`. */
  #quoted(at: number, parent: number | undefined): number {
    const { bytes } = this;
    const quote = bytes[at]!;
    let p = at + 1;
    for (;;) {
      while ((BYTES[bytes[p]!]! & STOPS_QUOTED) === 0) p += 1;
      const byte = bytes[p]!;
      if (byte === LINE_FEED) {
        if (parent === undefined) return ~p;
        p = this.nextLine(p);
        if (p < 0) return p;
        if (this.column <= parent) return ~p;
      } else if ((BYTES[byte]! & REFUSED) !== 0) {
        return ~p;
      } else if (byte === BACKSLASH && quote === DOUBLE_QUOTE) {
        if ((BYTES[bytes[p + 1]!]! & MAY_BE_ESCAPED) === 0) return ~(p + 1);
        p += 2;
      } else if (byte !== quote) {
        p += 1;
      } else if (quote === SINGLE_QUOTE && bytes[p + 1] === SINGLE_QUOTE) {
        p += 2;
      } else {
        return p + 1;
      }
    }
  }

  /** Over a scalar that ends with its line, to that end. */
  scalar(at: number): number {
    const first = this.bytes[at]!;
    if (first !== SINGLE_QUOTE && first !== DOUBLE_QUOTE) return this.plain(at);
    const p = this.quoted(at);
    return p < 0 || this.bytes[p] === LINE_FEED ? p : ~p;
  }

  /** Over `{}` or `[]`, to the end of the line; `at` itself where there is neither. */
  emptyFlow(at: number): number {
    const { bytes } = this;
    const first = bytes[at]!;
    if (!OPEN_FLOW.includes(first)) return at;
    const isDeep = this.#levelMax <= this.level;
    return !isDeep && bytes[at + 1] === first + TO_CLOSER ? at + 2 : ~at;
  }

  /** Over one line of a block scalar, from its first character, to its end. */
  blockLine(at: number): number {
    const { bytes } = this;
    if (!this.#startsBlockLine(at)) return ~at;
    let p = at;
    while ((BYTES[bytes[p]!]! & REFUSED) === 0 || bytes[p] === TAB) p += 1;
    return bytes[p] === LINE_FEED ? p : ~p;
  }

  /** Whether there is text, perhaps behind a tab. */
  #startsBlockLine(at: number): boolean {
    const first = this.bytes[at]!;
    return SPACE < first || (first === TAB && SPACE < this.bytes[at + 1]!);
  }

  /** Over the value of a key of a mapping at `column`, from behind the colon to the next line. */
  valueOf(at: number, column: number): number {
    if (this.bytes[at] === SPACE) return this.#inline(at + 1, column);
    const p = this.nextLine(at);
    if (p < 0) return p;
    if (column < this.column) return this.#block(p);
    return this.column === column && this.isDash(p) ? this.#sequence(p) : p;
  }

  /** Over the list or mapping that starts at `column`. */
  #block(at: number): number {
    return this.isDash(at) ? this.#sequence(at) : this.#mapping(at, this.column);
  }

  #mapping(at: number, column: number): number {
    if (!this.enter()) return ~at;
    let p = at;
    do {
      const start = p;
      p = this.key(start);
      if (p < 0) return p;
      this.#template.addDropped(start, p - 1, KEY);
      p = this.valueOf(p, column);
      if (p < 0) return p;
    } while (this.column === column);
    if (column < this.column) return ~p;
    this.level -= 1;
    return p;
  }

  #sequence(at: number): number {
    if (!this.enter()) return ~at;
    const { column } = this;
    let p = at;
    do {
      const start = p + 2;
      p = 0 <= this.key(start) ? this.#mapping(start, column + 2) : this.#inline(start, column);
      if (p < 0) return p;
      if (column < this.column) return ~p;
    } while (this.column === column && this.isDash(p));
    this.level -= 1;
    return p;
  }

  /** Over a value that starts on the line of its key or dash, which stands at `parent`. */
  #inline(at: number, parent: number): number {
    const first = this.bytes[at]!;
    if (first === PIPE || first === GREATER) return this.#blockScalar(at, parent);
    const flow = this.emptyFlow(at);
    if (flow !== at) return flow < 0 ? flow : this.nextLine(flow);
    const isQuoted = first === SINGLE_QUOTE || first === DOUBLE_QUOTE;
    const before = this.lines;
    const end = isQuoted ? this.#quoted(at, parent) : this.plain(at);
    if (end < 0) return end;
    const isOnOneLine = this.lines === before;
    let p = this.nextLine(end);
    if (p < 0) return p;
    if (this.column <= parent) {
      if (isOnOneLine) this.#template.addDropped(at, end, VALUE);
      return p;
    }
    // Folded: what stands deeper goes on with the text.
    while (parent < this.column) {
      if (isQuoted) return ~p;
      p = this.plain(p);
      if (0 <= p) p = this.nextLine(p);
      if (p < 0) return p;
    }
    return p;
  }

  #blockScalar(at: number, parent: number): number {
    const { bytes } = this;
    const isPlainHeader = bytes[at + 1] !== DASH && bytes[at + 1] !== 0x2b;
    let p = this.nextLine(isPlainHeader ? at + 1 : at + 2);
    if (p < 0) return p;
    const { column } = this;
    if (column <= parent) return ~p;
    for (;;) {
      const end = this.blockLine(p);
      if (end < 0) return end;
      this.#template.addDropped(p, end, BLOCK_LINE);
      p = this.#nextBlockLine(end, column);
      if (p < 0 || this.column <= parent) return p;
      if (this.column < column) return ~p;
    }
  }

  /** To the next line of a block scalar that is not blank, or to what comes after it. */
  #nextBlockLine(at: number, column: number): number {
    const { bytes } = this;
    let feed = at;
    for (;;) {
      let p = feed + 1;
      while (bytes[p] === SPACE) p += 1;
      if (bytes[p] !== LINE_FEED) {
        this.lines += 1;
        this.column = p - feed - 1;
        if (feed + 1 === this.end) {
          this.column = BEFORE_MARGIN;
          return p;
        }
        const isMore = column <= this.column;
        if (isMore ? this.#startsBlockLine(p) : SPACE < bytes[p]! && bytes[p] !== HASH) return p;
        return ~p;
      }
      this.lines += 1;
      feed = p;
    }
  }
}
