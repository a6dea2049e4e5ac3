import { isUtf8 } from 'node:buffer';
import type { IngestLimits } from '../../../model/input.ts';
import type { ItemType, PlainItem } from '../plain-item.ts';
import { badInput, isListKind, itemKindOf, type ReadContext, tooLarge } from '../report.ts';
import { JsonItemReader } from './json-item-reader.ts';
import { type JsonListener, JsonScanner, type Taken } from './json-scanner.ts';
import { readJsonString } from './json-values.ts';

/** The text of one object, cut out of the stream. */
export interface JsonObjectText {
  /** Valid JSON and UTF-8; they stay as they are. For a list without its items. */
  readonly bytes: Buffer;
  /** 1-based line of the first byte. */
  readonly line: number;
  /** From the object, else from the list it stands in. */
  readonly apiVersion?: string;
  /** From the object, else the list's kind without `List`. */
  readonly kind?: string;
  /** Whether it stands in a list of the API. */
  readonly inList: boolean;
  /** A key that decides what the object is and that it has twice. */
  readonly repeated?: string;
  /** What stands under `items`. */
  readonly items: ItemsShape;
}

type ItemsShape = 'absent' | 'array' | 'null' | 'other';

/** Takes what the framer cuts out. */
export interface JsonObjectSink {
  /** An object that was read already, and the 1-based line of its first byte. */
  readonly item: (item: PlainItem, line: number) => void;
  readonly object: (text: JsonObjectText) => void;
  /** After the items. */
  readonly list: (text: JsonObjectText) => void;
  /** Something else stood where an object was expected. */
  readonly notAnObject: (line: number, inList: boolean) => void;
}

/**
 * An object that is open.
 *
 * `plain` until its `items` start. Then `list` when its kind says so: each item is handed out as soon
 * as it ends. `undecided` while the kind may still follow the items, as kubectl writes it: items that
 * say themselves what they are make it a list, all others wait. `array` is an array at the top.
 */
interface Frame {
  readonly parent: Frame | undefined;
  readonly start: number;
  readonly line: number;
  /** Containers open directly inside the object. */
  readonly depth: number;
  mode: 'plain' | 'undecided' | 'list' | 'array';
  key: string;
  apiVersion?: string;
  kind?: string;
  readonly seen: Set<string>;
  repeated?: string;
  items: ItemsShape;
  /** Containers open directly inside `items`; 0 when not in it. */
  itemsDepth: number;
  itemsStart: number;
  itemsEnd: number;
  header: Buffer | undefined;
  /** What items are that do not say it; absent while that is not known. */
  itemType?: ItemType;
  /**
   * Items whose kind is not known yet; `position` is the end of an object, and for what is no
   * object, which has no frame, its line.
   */
  readonly waiting: { readonly frame?: Frame; readonly position: number }[];
}

const DECIDING_KEYS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'items']);
const LISTS_IN_LISTS_MAX = 8;
/** Objects that may wait for the kind of their list, in sizes of one object. */
const WAITING_OBJECTS_MAX = 16;
/** Bytes scanned before the buffer is cleaned up. */
const PIECE_BYTES = 256 * 1024;
const LETTER_N = 0x6e;

/** Cuts a stream of JSON into objects, and lists into their items, holding one object at a time. */
export class JsonFramer implements JsonListener {
  readonly #sink: JsonObjectSink;
  readonly #limits: IngestLimits;
  readonly #file: string | undefined;
  readonly #scanner: JsonScanner;
  readonly #items: JsonItemReader | undefined;
  #frame: Frame | undefined;
  #frames = 0;

  constructor(
    sink: JsonObjectSink,
    options: Pick<ReadContext, 'keep' | 'limits' | 'file' | 'generalOnly'> & {
      readonly firstLine: number;
    },
  ) {
    this.#sink = sink;
    this.#limits = options.limits;
    this.#file = options.file;
    const depthMax = (options.limits.nestingDepthMax + 2) * (LISTS_IN_LISTS_MAX + 1);
    this.#items =
      options.generalOnly === true
        ? undefined
        : new JsonItemReader(options.keep, options.limits.nestingDepthMax);
    this.#scanner = new JsonScanner(this, options.firstLine, depthMax);
  }

  /** @throws PodreachError `bad-input` for text that is no JSON, `upload-too-large` past a limit */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      this.#scanner.push(chunk.subarray(at, at + PIECE_BYTES), this.#keepFrom());
      this.#checkHeld();
    }
  }

  /** @throws PodreachError `bad-input` when the text stops inside an object */
  end(): void {
    this.#scanner.finish();
    if (this.#scanner.isBetweenValues) return;
    const started = this.#frame === undefined ? '' : ` in an object of line ${this.#frame.line}`;
    throw badInput(
      { file: this.#file },
      this.#scanner.line,
      `the JSON ends too early${started}`,
      'the file may have been cut off while it was written or sent: send it again',
    );
  }

  take(bytes: Buffer, at: number, length: number): Taken | 'cut' | undefined {
    const frame = this.#frame;
    const { depth } = this.#scanner;
    if (this.#items === undefined || depth !== (frame === undefined ? 0 : frame.itemsDepth))
      return undefined;
    if (frame?.mode === 'undecided' && !this.#canStream(frame)) return undefined;
    if (LISTS_IN_LISTS_MAX <= this.#frames) return undefined;
    const { isLast } = this.#scanner;
    const item = this.#items.read({ bytes, length, isLast }, at, frame?.itemType);
    if (item === 'other') return undefined;
    const { objectBytesMax } = this.#limits;
    if (item === 'cut') {
      return isLast || objectBytesMax < length - at ? undefined : 'cut';
    }
    if (objectBytesMax < item.end - at) return undefined;
    if (frame?.mode === 'undecided') {
      if (!item.saysType) return undefined;
      this.#stream(frame);
    }
    this.#sink.item(item, this.#scanner.line);
    return item;
  }

  begin(opener: 'object' | 'array' | 'other', position: number): void {
    const frame = this.#frame;
    const { depth } = this.#scanner;
    if (frame === undefined || (frame.itemsDepth !== 0 && depth === frame.itemsDepth)) {
      this.#beginElement(frame, opener, position);
    } else if (opener !== 'other' && this.#limits.nestingDepthMax < depth - frame.depth + 2) {
      throw this.#bad(
        `the object is nested deeper than ${this.#limits.nestingDepthMax} levels`,
        frame.line,
      );
    } else if (frame.key === 'items' && this.#isDirectlyIn(frame)) {
      if (opener === 'array') this.#beginItems(frame, position + 1);
      else frame.items = this.#byteAt(position) === LETTER_N ? 'null' : 'other';
    }
  }

  close(opener: 'object' | 'array', end: number): void {
    const frame = this.#frame;
    if (frame === undefined) return;
    const { depth } = this.#scanner;
    if (opener === 'array' && frame.itemsDepth !== 0 && depth === frame.itemsDepth - 1) {
      frame.itemsDepth = 0;
      frame.itemsEnd = end - 1;
      if (frame.mode === 'array') this.#leave(frame);
    } else if (opener === 'object' && depth === frame.depth - 1) {
      this.#leave(frame);
      this.#finish(frame, end);
    }
  }

  key(start: number, end: number): void {
    const frame = this.#frame;
    if (frame === undefined || !this.#isDirectlyIn(frame)) return;
    frame.key = this.#text(start, end);
    if (!DECIDING_KEYS.has(frame.key)) return;
    if (frame.seen.has(frame.key)) frame.repeated ??= frame.key;
    frame.seen.add(frame.key);
  }

  string(start: number, end: number): void {
    const frame = this.#frame;
    if (frame === undefined || !this.#isDirectlyIn(frame)) return;
    if (frame.key === 'kind') frame.kind = this.#text(start, end);
    if (frame.key === 'apiVersion') frame.apiVersion = this.#text(start, end);
  }

  malformed(message: string): never {
    throw badInput(
      { file: this.#file },
      this.#scanner.line,
      message,
      'text that starts with `{` or `[` is read as JSON; YAML of that form needs `---` before it',
    );
  }

  #beginElement(parent: Frame | undefined, opener: 'object' | 'array' | 'other', at: number): void {
    if (opener !== 'object' && parent !== undefined) {
      this.#noteOther(parent);
      return;
    }
    this.#frames += 1;
    if (LISTS_IN_LISTS_MAX < this.#frames) throw this.#bad('lists are nested too deeply');
    const inArray = opener === 'array';
    this.#frame = {
      parent,
      start: at,
      line: this.#scanner.line,
      depth: this.#scanner.depth + 1,
      mode: inArray ? 'array' : 'plain',
      key: '',
      seen: new Set(),
      items: inArray ? 'array' : 'absent',
      itemsDepth: inArray ? 1 : 0,
      itemsStart: at,
      itemsEnd: at,
      header: undefined,
      waiting: [],
    };
  }

  #leave(frame: Frame): void {
    this.#frame = frame.parent;
    this.#frames -= 1;
  }

  #noteOther(parent: Frame): void {
    const { line } = this.#scanner;
    if (parent.mode === 'undecided') parent.waiting.push({ position: line });
    else this.#sink.notAnObject(line, parent.mode === 'list');
  }

  #beginItems(frame: Frame, itemsStart: number): void {
    frame.items = 'array';
    frame.itemsStart = itemsStart;
    if (frame.kind !== undefined && !isListKind(frame.kind)) return;
    frame.itemsDepth = frame.depth + 1;
    const isKnown =
      frame.kind === 'List' || (isListKind(frame.kind) && frame.apiVersion !== undefined);
    if (!isKnown) {
      frame.mode = 'undecided';
    } else if (this.#canStream(frame.parent)) {
      this.#stream(frame);
    } else {
      throw this.#bad('a list stands in a list whose kind is not known yet', frame.line);
    }
  }

  /** Whether nothing waits in the lists around. */
  #canStream(frame: Frame | undefined): boolean {
    for (let at = frame; at !== undefined; at = at.parent) {
      if (at.mode === 'undecided' && at.waiting.length !== 0) return false;
    }
    return true;
  }

  /** From now on the items are handed out as they end; of the list only its own fields stay. */
  #stream(frame: Frame): void {
    if (frame.parent?.mode === 'undecided') this.#stream(frame.parent);
    this.#checkSize(frame, frame.itemsStart - frame.start);
    frame.header = Buffer.from(this.#scanner.view(frame.start, frame.itemsStart));
    frame.mode = 'list';
    const kind = itemKindOf(frame.kind);
    if (kind !== undefined && frame.apiVersion !== undefined) {
      frame.itemType = { kind, apiVersion: frame.apiVersion };
    }
  }

  #finish(frame: Frame, end: number): void {
    const { parent } = frame;
    if (frame.mode === 'list') {
      this.#emitList(frame, end);
    } else if (parent?.mode === 'undecided') {
      const saysWhatItIs = frame.apiVersion !== undefined && frame.kind !== undefined;
      if (saysWhatItIs && this.#canStream(parent)) {
        this.#stream(parent);
        this.#emit(frame, end);
      } else {
        parent.waiting.push({ frame, position: end });
      }
    } else {
      this.#emit(frame, end);
    }
  }

  #emit(frame: Frame, end: number): void {
    const isList = isListKind(frame.kind) && (frame.items !== 'absent' || frame.kind === 'List');
    if (isList) {
      for (const waiting of frame.waiting) {
        if (waiting.frame === undefined) this.#sink.notAnObject(waiting.position, true);
        else this.#emit(waiting.frame, waiting.position);
      }
      this.#emitList(frame, end);
      return;
    }
    this.#checkSize(frame, end - frame.start);
    this.#sink.object(this.#describe(frame, this.#scanner.view(frame.start, end)));
  }

  #emitList(frame: Frame, end: number): void {
    if (!isListKind(frame.kind)) {
      throw this.#bad('an object with `items` that are objects has no list kind', frame.line);
    }
    if (frame.repeated !== undefined) {
      throw this.#bad(`a list has the key \`${frame.repeated}\` twice`, frame.line);
    }
    const hasItems = frame.items === 'array';
    const header = frame.header ?? this.#scanner.view(frame.start, frame.itemsStart);
    const bytes = hasItems
      ? Buffer.concat([header, this.#scanner.view(frame.itemsEnd, end)])
      : this.#scanner.view(frame.start, end);
    this.#checkSize(frame, bytes.length);
    this.#sink.list(this.#describe(frame, bytes));
  }

  #describe(frame: Frame, bytes: Buffer): JsonObjectText {
    if (!isUtf8(bytes)) throw this.#bad('the text is not UTF-8', frame.line);
    const itemKind = itemKindOf(frame.parent?.kind);
    const kind = frame.kind ?? itemKind;
    const apiVersion =
      frame.apiVersion ?? (itemKind === undefined ? undefined : frame.parent?.apiVersion);
    return {
      bytes,
      line: frame.line,
      ...(apiVersion === undefined ? {} : { apiVersion }),
      ...(kind === undefined ? {} : { kind }),
      inList: frame.parent !== undefined && frame.parent.mode !== 'array',
      ...(frame.repeated === undefined ? {} : { repeated: frame.repeated }),
      items: frame.items,
    };
  }

  /** The first byte that is still needed. */
  #keepFrom(): number {
    let keepFrom = this.#scanner.position;
    for (let at = this.#frame; at !== undefined; at = at.parent) {
      if (at.mode === 'plain' || at.mode === 'undecided') keepFrom = at.start;
      else if (at.mode === 'list' && at.itemsDepth === 0) keepFrom = at.itemsEnd;
    }
    return keepFrom;
  }

  /** Stops an object that is too large before all of it is there. */
  #checkHeld(): void {
    let outermost: Frame | undefined;
    for (let at = this.#frame; at !== undefined; at = at.parent) {
      if (at.mode === 'plain' || at.mode === 'undecided') outermost = at;
    }
    if (outermost === undefined) return;
    const held = this.#scanner.position - outermost.start;
    const waits = outermost.mode === 'undecided';
    this.#checkSize(outermost, waits ? held / WAITING_OBJECTS_MAX : held);
  }

  #checkSize(frame: Frame, bytes: number): void {
    const limit = this.#limits.objectBytesMax;
    if (bytes <= limit) return;
    const hint =
      frame.mode === 'undecided'
        ? 'put `kind` and `apiVersion` before `items`'
        : 'leave this object out, or raise the limit for one object';
    throw tooLarge(
      'object',
      { limit, received: Math.ceil(bytes), hint },
      {
        file: this.#file,
        line: frame.line,
      },
    );
  }

  #isDirectlyIn(frame: Frame): boolean {
    return frame.itemsDepth === 0 && this.#scanner.depth === frame.depth;
  }

  #text(start: number, end: number): string {
    return readJsonString({ bytes: this.#scanner.view(start, end), position: 0 });
  }

  #byteAt(position: number): number | undefined {
    return this.#scanner.view(position, position + 1)[0];
  }

  #bad(message: string, line = this.#scanner.line): Error {
    return badInput({ file: this.#file }, line, message);
  }
}
