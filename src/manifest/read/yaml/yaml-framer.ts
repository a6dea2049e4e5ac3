import type { IngestLimits } from '../../../model/input.ts';
import { isListKind, tooLarge } from '../report.ts';

/** Takes the pieces of a YAML stream; lines are 1-based, bytes only valid during the call. */
export interface YamlPieceSink {
  /** A whole document, with its `---`. */
  readonly document: (bytes: Buffer, line: number) => void;
  /** A long list starts: the text up to its items. */
  readonly listStart: (head: Buffer, line: number) => void;
  /** One item of it, indented as it was, with a blank for its dash. */
  readonly listItem: (bytes: Buffer, line: number) => void;
  /** The list ended: its text without the items. */
  readonly listEnd: (text: Buffer, line: number) => void;
}

/** A long list of items at the left margin or indented by `dashColumn`. */
interface OpenList {
  readonly head: Buffer;
  readonly line: number;
  readonly dashColumn: number;
  inTail: boolean;
}

/** Shorter documents are parsed whole, so that anchors may reach from item to item. */
const SPLIT_AFTER_BYTES = 256 * 1024;
/** A document that is no list of items may be this many objects large. */
const DOCUMENT_OBJECTS_MAX = 16;
const PIECE_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const HASH = 0x23;
const PERCENT = 0x25;
const DASH = 0x2d;
const DOT = 0x2e;

/**
 * Cuts a YAML stream into documents, and long lists as kubectl writes them into items.
 *
 * Cutting looks at the left margin only. It cannot go wrong silently: a cut inside a quoted text or
 * a flow collection leaves pieces that do not parse.
 */
export class YamlFramer {
  readonly #sink: YamlPieceSink;
  readonly #limits: IngestLimits;
  readonly #file: string | undefined;
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #length = 0;
  /** Start of the document, item or tail that is being gathered, and its line. */
  #start = 0;
  #startLine: number;
  /** Start of the current line. */
  #lineStart = 0;
  #line: number;
  /** Bytes of the current line already searched for its end. */
  #searched = 0;
  #hasContent = false;
  #mayBeList = true;
  #list: OpenList | undefined;

  constructor(
    sink: YamlPieceSink,
    options: { limits: IngestLimits; file: string | undefined; firstLine: number },
  ) {
    this.#sink = sink;
    this.#limits = options.limits;
    this.#file = options.file;
    this.#line = options.firstLine;
    this.#startLine = options.firstLine;
  }

  /** @throws PodreachError `upload-too-large` past a limit */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      this.#append(chunk.subarray(at, at + PIECE_BYTES));
      for (;;) {
        const end = this.#bytes.indexOf(LINE_FEED, this.#searched);
        if (end === -1 || this.#length <= end) break;
        this.#takeLine(end + 1);
      }
      this.#searched = this.#length;
      this.#checkHeld();
    }
  }

  end(): void {
    if (this.#lineStart < this.#length) this.#takeLine(this.#length);
    this.#endDocument(this.#length);
  }

  #append(chunk: Buffer): void {
    if (this.#start !== 0) {
      this.#bytes.copyWithin(0, this.#start, this.#length);
      this.#length -= this.#start;
      this.#lineStart -= this.#start;
      this.#searched -= this.#start;
      this.#start = 0;
    }
    const needed = this.#length + chunk.length;
    if (this.#bytes.length < needed) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = needed;
  }

  /** Judges the line from `#lineStart` to `end`, its break included. */
  #takeLine(end: number): void {
    const start = this.#lineStart;
    const first = this.#bytes[start]!;
    if (this.#isMarker(start, end, DASH)) {
      // Directives and comments before a `---` belong to the document after it.
      if (this.#hasContent || this.#list !== undefined) this.#endDocument(start);
      this.#hasContent = true;
    } else if (this.#list !== undefined) {
      this.#takeListLine(this.#list, start, end);
    } else if (!isBlank(first) && first !== HASH && first !== PERCENT) {
      this.#hasContent = true;
    } else if (first === SPACE && !this.#hasContent) {
      this.#hasContent = this.#contentColumn(start, end) !== undefined;
    }
    this.#lineStart = end;
    this.#searched = end;
    this.#line += 1;
    if (this.#isMarker(start, end, DOT)) this.#endDocument(end);
    const isLong = this.#list === undefined && SPLIT_AFTER_BYTES < end - this.#start;
    if (isLong && this.#mayBeList) this.#tryList(end);
  }

  /** Whether the line is `---` or `...`. */
  #isMarker(start: number, end: number, character: number): boolean {
    const bytes = this.#bytes;
    for (let at = start; at < start + 3; at += 1) {
      if (end <= at || bytes[at] !== character) return false;
    }
    return end === start + 3 || isBlank(bytes[start + 3]!);
  }

  /** Column of the first character that is no blank or comment. */
  #contentColumn(start: number, end: number): number | undefined {
    let at = start;
    while (at < end && this.#bytes[at] === SPACE) at += 1;
    const byte = this.#bytes[at]!;
    return at === end || isBlank(byte) || byte === HASH ? undefined : at - start;
  }

  #takeListLine(list: OpenList, start: number, end: number): void {
    if (list.inTail) return;
    const column = this.#contentColumn(start, end);
    if (column === undefined || list.dashColumn < column) return;
    const after = start + column + 1;
    const isDash =
      this.#bytes[start + column] === DASH && (end <= after || isBlank(this.#bytes[after]!));
    if (isDash && column === list.dashColumn) {
      this.#endItem(list, start);
    } else if (column === 0) {
      this.#endItem(list, start);
      list.inTail = true;
    }
  }

  #endItem(list: OpenList, end: number): void {
    if (this.#start < end && !list.inTail) {
      const length = end - this.#start;
      if (this.#limits.objectBytesMax < length) throw this.#tooLarge('object', length);
      const bytes = Buffer.from(this.#bytes.subarray(this.#start, end));
      bytes[list.dashColumn] = SPACE;
      this.#sink.listItem(bytes, this.#startLine);
    }
    this.#start = end;
    this.#startLine = this.#line;
  }

  #endDocument(end: number): void {
    const list = this.#list;
    if (list === undefined) {
      if (this.#start < end) {
        this.#sink.document(this.#bytes.subarray(this.#start, end), this.#startLine);
      }
    } else {
      this.#endItem(list, list.inTail ? this.#start : end);
      this.#sink.listEnd(
        Buffer.concat([list.head, this.#bytes.subarray(this.#start, end)]),
        list.line,
      );
    }
    this.#start = end;
    this.#startLine = this.#line;
    this.#hasContent = false;
    this.#mayBeList = true;
    this.#list = undefined;
  }

  /** Splits the document from here on if it is a list; else it is gathered whole. */
  #tryList(end: number): void {
    this.#mayBeList = false;
    const text = this.#bytes.toString('latin1', this.#start, end);
    const found = findItems(text);
    if (found === undefined) return;
    const itemsStart = this.#start + found.offset;
    this.#list = {
      head: Buffer.from(this.#bytes.subarray(this.#start, itemsStart)),
      line: this.#startLine,
      dashColumn: found.dashColumn,
      inTail: false,
    };
    this.#sink.listStart(this.#list.head, this.#startLine);
    this.#start = itemsStart;
    this.#startLine += found.line;
    // The lines of the first items are judged again, now as lines of a list.
    this.#lineStart = itemsStart;
    this.#searched = itemsStart;
    this.#line = this.#startLine;
  }

  #checkHeld(): void {
    const held = this.#length - this.#start;
    const part = this.#list === undefined ? 'document' : 'object';
    const objects = part === 'document' ? DOCUMENT_OBJECTS_MAX : 1;
    if (this.#limits.objectBytesMax * objects < held) throw this.#tooLarge(part, held);
  }

  #tooLarge(part: 'document' | 'object', received: number): Error {
    const { objectBytesMax } = this.#limits;
    const limit = part === 'document' ? objectBytesMax * DOCUMENT_OBJECTS_MAX : objectBytesMax;
    const hint =
      part === 'document'
        ? 'send it as JSON (`kubectl get -o json`), or split it with `---`'
        : 'leave this object out, or raise the limit for one object';
    const where = { file: this.#file, line: this.#startLine };
    return tooLarge(part, { limit, received, hint }, where);
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === LINE_FEED || byte === RETURN;
}

/**
 * Where the items of a list start, when the text looks as kubectl writes lists: plain fields at the
 * left margin, `items:` alone on its line, a dash on the next.
 */
function findItems(
  text: string,
): { readonly offset: number; readonly line: number; readonly dashColumn: number } | undefined {
  let afterItems = false;
  for (let offset = 0, line = 0; offset < text.length; line += 1) {
    const end = text.indexOf('\n', offset) + 1 || text.length;
    const content = text.slice(offset, end).trimEnd();
    const isBlankLine = /^\s*(?:#.*)?$/.test(content) || (line === 0 && /^---\s*$/.test(content));
    if (afterItems && !isBlankLine) {
      const dash = /^( *)-(?: |$)/.exec(content)?.[1];
      return dash === undefined ? undefined : { offset, line, dashColumn: dash.length };
    }
    const kind = /^kind: *(\S+)/.exec(content)?.[1];
    if (kind !== undefined && !isListKind(kind)) return undefined;
    afterItems = afterItems || /^items:\s*(?:#.*)?$/.test(content);
    const isField = /^(?:[A-Za-z][\w.]*:| )/.test(content);
    if (!isBlankLine && !isField) return undefined;
    offset = end;
  }
  return undefined;
}
