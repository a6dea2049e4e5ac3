import type { IngestLimits } from '../../../model/input.ts';
import type { AvailableText } from '../plain-item.ts';
import { isListKind, tooLarge } from '../report.ts';
import { appendText, roomierBuffer, SLACK_BYTES } from '../text-buffer.ts';

/** Where an item of a list starts. */
export interface ItemPlace {
  /** Start of its first line. */
  readonly at: number;
  readonly dashColumn: number;
  /** 1-based. */
  readonly line: number;
}

/** An item that the sink took. */
export interface TakenItem {
  /** Start of the line behind it. */
  readonly end: number;
  /** Line feeds in it. */
  readonly lines: number;
}

/** Takes the pieces of a YAML stream; lines are 1-based, bytes only valid during the call. */
export interface YamlPieceSink {
  /** A whole document, with its `---`. */
  readonly document: (bytes: Buffer, line: number) => void;
  /** A long list starts: the text up to its items. */
  readonly listStart: (head: Buffer, line: number) => void;
  /**
   * An item of it starts at `place.at`: the sink may take it at once. `cut`: it could, if more bytes
   * were there.
   */
  readonly takeItem: (text: AvailableText, place: ItemPlace) => TakenItem | 'cut' | undefined;
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
  #bytes: Buffer = Buffer.alloc(0);
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
  /** The item at `#start` was offered, and not taken. */
  #isRefused = false;
  /** Bytes from `#start` on that must be there before the item is offered again. */
  #wanted = 0;

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
      this.#takeLines(false);
      this.#checkHeld();
    }
  }

  end(): void {
    this.#takeLines(true);
    if (this.#lineStart < this.#length) this.#takeLine(this.#length);
    this.#endDocument(this.#length);
  }

  #takeLines(isLast: boolean): void {
    if (!isLast && this.#length - this.#start < this.#wanted) return;
    this.#wanted = 0;
    for (;;) {
      if (this.#takeItem(isLast)) continue;
      if (this.#wanted !== 0) return;
      const end = this.#bytes.indexOf(LINE_FEED, this.#searched);
      if (end === -1 || this.#length <= end) break;
      this.#takeLine(end + 1);
    }
    this.#searched = this.#length;
  }

  /** Offers the item that starts with the current line, if one does; whether it was taken. */
  #takeItem(isLast: boolean): boolean {
    const list = this.#list;
    const at = this.#start;
    if (list === undefined || list.inTail || this.#isRefused || at !== this.#lineStart)
      return false;
    const text = { bytes: this.#bytes, length: this.#length, isLast };
    const place = { at, dashColumn: list.dashColumn, line: this.#startLine };
    const taken = this.#sink.takeItem(text, place);
    if (taken === undefined) {
      this.#isRefused = true;
    } else if (taken === 'cut') {
      // Twice as many each time: the bytes of an item are not read again with every chunk.
      this.#wanted = Math.max(1, 2 * (this.#length - at));
    } else {
      this.#start = taken.end;
      this.#lineStart = taken.end;
      this.#searched = taken.end;
      this.#line += taken.lines;
      this.#startLine = this.#line;
      return true;
    }
    return false;
  }

  #append(chunk: Buffer): void {
    if (this.#bytes.length < this.#length + chunk.length + SLACK_BYTES) {
      const from = this.#start;
      this.#bytes = roomierBuffer(this.#bytes, { from, length: this.#length }, chunk.length);
      this.#length -= from;
      this.#lineStart -= from;
      this.#searched -= from;
      this.#start = 0;
    }
    appendText(this.#bytes, this.#length, chunk);
    this.#length += chunk.length;
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
      if (this.#takeListLine(this.#list, start, end)) return;
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

  /** Whether an item starts here, which is then offered before its lines are gathered. */
  #takeListLine(list: OpenList, start: number, end: number): boolean {
    if (list.inTail) return false;
    const column = this.#contentColumn(start, end);
    if (column === undefined || list.dashColumn < column) return false;
    const after = start + column + 1;
    const isDash =
      this.#bytes[start + column] === DASH && (end <= after || isBlank(this.#bytes[after]!));
    if (isDash && column === list.dashColumn) {
      if (start === this.#start) return false;
      this.#endItem(list, start);
      this.#searched = start;
      return true;
    }
    if (column === 0) {
      this.#endItem(list, start);
      list.inTail = true;
    }
    return false;
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
    this.#isRefused = false;
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
