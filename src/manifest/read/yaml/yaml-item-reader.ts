import { isUtf8 } from 'node:buffer';
import { emptyRawObject } from '../../raw-object.ts';
import type { KeepList, RawValue } from '../../read-item.ts';
import { ItemTemplate, type TokenReader } from '../item-template.ts';
import { fieldAt, itemPlanOf, KEEP_ALL, type KeepPlan, TYPE_PLAN } from '../keep-plan.ts';
import { IDENTITY_KEEP } from '../kept-object.ts';
import type { AvailableText, ItemResult, ItemType, PlainItem } from '../plain-item.ts';
import { isListKind } from '../report.ts';
import { TextCache } from '../text-cache.ts';
import { readPlainScalar } from './plain-scalar.ts';
import { BLOCK_LINE, VALUE, YamlSkipper } from './yaml-skipper.ts';

const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const ASCII_MAX = 0x7f;
/** Between the end of the data and the start of a token that may be cut there. */
const CUT_BYTES = 8;
/** Stands for a value that could not be read; the place is in `#at`. */
const FAILED = Symbol('failed');
type Attempt<Value> = Value | typeof FAILED;

interface PlannedType extends ItemType {
  readonly plan: KeepPlan | undefined;
  readonly isKept: boolean;
}

/**
 * Reads one item of a list as kubectl writes it, in one pass: only kept fields become values, all
 * else is checked and stepped over.
 *
 * It takes an item only when nothing about it is unusual, see {@link YamlSkipper}; kept keys and
 * scalars must mean the same in YAML 1.1 and 1.2, or be in quotes.
 */
export class YamlItemReader implements TokenReader {
  readonly #keep: KeepList;
  readonly #template = new ItemTemplate();
  readonly #skipper: YamlSkipper;
  readonly #texts = new TextCache();
  #words: DataView = new DataView(new ArrayBuffer(0));
  /** Behind what was read last, or `~p` where it failed. */
  #at = 0;
  /** Whether the item that is being read says its type. */
  #saysType = false;
  /** The container that is being read, as the template numbers it. */
  #container = 0;
  #lastType: PlannedType | undefined;
  /** The item that the template holds, and what its list said of it. */
  #lastItem: PlainItem | undefined;
  #lastInherited: ItemType | undefined;
  tokenValue: RawValue = null;

  constructor(keep: KeepList, nestingDepthMax: number) {
    this.#keep = keep;
    this.#skipper = new YamlSkipper(nestingDepthMax, this.#template);
  }

  /**
   * Reads the item on the line that starts at `at`, whose dash stands at `dashColumn`.
   *
   * @param text of which the item is a part, with room behind `length` as the skipper needs it
   * @param inherited what the list says of items that do not say it themselves
   */
  read(text: AvailableText, at: number, dashColumn: number, inherited?: ItemType): ItemResult {
    const { bytes, length, isLast } = text;
    const skipper = this.#skipper;
    if (skipper.bytes !== bytes) {
      skipper.bytes = bytes;
      this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    skipper.end = isLast ? length : -1;
    let item: Attempt<PlainItem> = FAILED;
    if (this.#template.isUsable && this.#lastInherited === inherited) {
      if (!isLast && length - at < this.#template.length) return 'cut';
      item = this.#alike(at);
      if (item !== FAILED && !this.#isEnd(item.end, dashColumn)) item = this.#fail(item.end);
    }
    if (item === FAILED) {
      item = this.#item(at, dashColumn, inherited);
      if (item !== FAILED && !this.#isEnd(item.end, dashColumn)) item = this.#fail(item.end);
    }
    // INVARIANT: the template is usable only while it holds the last item.
    if (item === FAILED || !isUtf8(item.bytes)) {
      this.#template.isUsable = false;
      return item === FAILED && length - CUT_BYTES <= ~this.#at ? 'cut' : 'other';
    }
    this.#lastItem = item;
    this.#lastInherited = inherited;
    return item;
  }

  #alike(at: number): Attempt<PlainItem> {
    const { bytes } = this.#skipper;
    const end = this.#template.match(bytes, this.#words, at, this);
    if (end < 0 || this.#lastItem === undefined) return this.#fail(~end);
    const { apiVersion, kind, isKept, saysType, lines } = this.#lastItem;
    const { value } = this.#template;
    const text = bytes.subarray(at, end);
    return { apiVersion, kind, value, isKept, saysType, bytes: text, end, lines };
  }

  skipToken(at: number, sort: number): number {
    if (sort === VALUE) return this.#skipper.scalar(at);
    if (sort === BLOCK_LINE) return this.#skipper.blockLine(at);
    const end = this.#skipper.key(at);
    return end < 0 ? end : end - 1;
  }

  readToken(at: number): number {
    const value = this.#scalar(at);
    if (value !== FAILED) this.tokenValue = value;
    return this.#at;
  }

  /** Whether the list goes on at `at` with another item or a field of its own, or the text ends. */
  #isEnd(at: number, dashColumn: number): boolean {
    const { bytes, end } = this.#skipper;
    if (at === end) return true;
    const first = bytes[at]! | SPACE;
    if (0x61 <= first && first <= 0x7a) return true;
    for (let p = at; p < at + dashColumn; p += 1) if (bytes[p] !== SPACE) return false;
    return this.#skipper.isDash(at + dashColumn);
  }

  #item(at: number, dashColumn: number, inherited: ItemType | undefined): Attempt<PlainItem> {
    const skipper = this.#skipper;
    const first = at + dashColumn + 2;
    const column = dashColumn + 2;
    if (!skipper.isDash(at + dashColumn)) return this.#fail(at);
    skipper.level = 1;
    this.#template.begin();
    const said = this.#findType(first, column, inherited !== undefined);
    if (said === FAILED) return FAILED;
    const type = said ?? inherited;
    if (type === undefined || isListKind(type.kind)) return this.#fail(first);
    const { plan, isKept } = this.#planFor(type);
    if (plan === undefined) return this.#fail(first);
    skipper.lines = 0;
    skipper.level = 1;
    skipper.column = column;
    this.#saysType = said !== undefined;
    this.#template.begin();
    const value = emptyRawObject();
    this.#container = this.#template.addContainer(0, '', value);
    const next = this.#members(first, column, { value, plan });
    if (next < 0) return this.#fail(~next);
    const end = next - Math.max(0, skipper.column);
    this.#template.finish(skipper.bytes, at, end);
    const { apiVersion, kind } = type;
    const { lines, bytes } = skipper;
    const text = bytes.subarray(at, end);
    return { apiVersion, kind, value, isKept, saysType: this.#saysType, bytes: text, end, lines };
  }

  /**
   * Looks for `apiVersion` and `kind` among the members that start at `at`, as far as it must.
   *
   * @param mayBeSilent the type is known if the first member does not say it
   * @returns undefined for an object that may be silent and is
   */
  #findType(at: number, column: number, mayBeSilent: boolean): Attempt<ItemType | undefined> {
    const skipper = this.#skipper;
    let apiVersion: string | undefined;
    let kind: string | undefined;
    let p = at;
    do {
      const end = skipper.key(p);
      if (end < 0) return this.#fail(~end);
      const field = fieldAt(TYPE_PLAN, skipper.bytes, p, end - 1);
      if (field === undefined) {
        if (mayBeSilent && apiVersion === undefined && kind === undefined) return undefined;
        p = skipper.valueOf(end, column);
      } else {
        if (field.plan !== 'type' || skipper.bytes[end] !== SPACE) return this.#fail(end);
        const text = this.#scalar(end + 1);
        if (text === FAILED) return FAILED;
        if (typeof text !== 'string') return this.#fail(end);
        if (field.name === 'kind') kind = text;
        else apiVersion = text;
        if (kind !== undefined && apiVersion !== undefined) return { apiVersion, kind };
        p = skipper.nextLine(this.#at);
      }
      if (p < 0) return this.#fail(~p);
    } while (skipper.column === column);
    return this.#fail(p);
  }

  #planFor(type: ItemType): PlannedType {
    const last = this.#lastType;
    if (last?.apiVersion === type.apiVersion && last.kind === type.kind) return last;
    const keep = this.#keep(type.apiVersion, type.kind);
    const plan = itemPlanOf(keep ?? IDENTITY_KEEP);
    this.#lastType = { ...type, plan, isKept: keep !== undefined };
    return this.#lastType;
  }

  /** Reads the members of the mapping at `column` into `value`, if there are any (more) of them. */
  #members(
    at: number,
    column: number,
    into: { readonly value: Record<string, RawValue>; readonly plan: KeepPlan },
  ): number {
    const { value, plan } = into;
    const skipper = this.#skipper;
    const { bytes } = skipper;
    let seen = 0;
    let p = at;
    while (skipper.column === column) {
      const start = p;
      const end = skipper.key(start);
      if (end < 0) return end;
      const quotes = bytes[start] === DOUBLE_QUOTE || bytes[start] === SINGLE_QUOTE ? 1 : 0;
      const field = fieldAt(plan, bytes, start + quotes, end - 1 - quotes);
      if (field !== undefined) {
        if (field.plan === 'refused' || (seen & field.bit) !== 0) return ~start;
        seen |= field.bit;
        if (field.plan === 'type') {
          // Not noted: an object of another type is not alike.
          if (!this.#saysType || bytes[end] !== SPACE) return ~start;
          p = skipper.scalar(end + 1);
          if (0 <= p) p = skipper.nextLine(p);
          if (p < 0) return p;
        } else {
          const read = this.#valueOf(end, { column, plan: field.plan, key: field.name });
          if (read === FAILED) return this.#at;
          value[field.name] = read;
          p = this.#at;
        }
      } else if (plan.all) {
        const name = this.#name(start, end - 1);
        if (name === undefined || value[name] !== undefined) return ~start;
        const read = this.#valueOf(end, { column, plan: KEEP_ALL, key: name });
        if (read === FAILED) return this.#at;
        value[name] = read;
        p = this.#at;
      } else {
        // A key with escapes or doubled quotes could be one of ours in disguise.
        if (quotes === 1 && !this.#isVerbatim(start, end - 1)) return ~start;
        p = skipper.valueOf(end, column);
        if (p < 0) return p;
      }
    }
    return column < skipper.column ? ~p : p;
  }

  /** Reads what stands behind the key at `column`, from behind its colon, to the next line. */
  #valueOf(
    at: number,
    of: { readonly column: number; readonly plan: KeepPlan; readonly key: string },
  ): Attempt<RawValue> {
    const skipper = this.#skipper;
    const { column, plan, key } = of;
    if (skipper.bytes[at] === SPACE) return this.#inline(at + 1, column, key);
    const p = skipper.nextLine(at);
    if (p < 0) return this.#fail(~p);
    const isList = skipper.isDash(p);
    if (column < skipper.column) {
      return isList
        ? this.#sequence(p, plan, key)
        : this.#mapping(p, skipper.column, { plan, key });
    }
    if (skipper.column === column && isList) return this.#sequence(p, plan, key);
    this.#at = p;
    return null;
  }

  #mapping(
    at: number,
    column: number,
    of: { readonly plan: KeepPlan; readonly key: string | number },
  ): Attempt<RawValue> {
    if (!this.#skipper.enter()) return this.#fail(at);
    const value = emptyRawObject();
    const around = this.#container;
    this.#container = this.#template.addContainer(around, of.key, value);
    this.#skipper.column = column;
    this.#at = this.#members(at, column, { value, plan: of.plan });
    this.#container = around;
    this.#skipper.level -= 1;
    return this.#at < 0 ? FAILED : value;
  }

  #sequence(at: number, plan: KeepPlan, key: string): Attempt<RawValue> {
    const skipper = this.#skipper;
    if (!skipper.enter()) return this.#fail(at);
    const { column } = skipper;
    const values: RawValue[] = [];
    const around = this.#container;
    this.#container = this.#template.addContainer(around, key, values);
    let p = at;
    do {
      const start = p + 2;
      const index = values.length;
      const value =
        0 <= skipper.key(start)
          ? this.#mapping(start, column + 2, { plan, key: index })
          : this.#inline(start, column, index);
      if (value === FAILED) return FAILED;
      values.push(value);
      p = this.#at;
      if (column < skipper.column) return this.#fail(p);
    } while (skipper.column === column && skipper.isDash(p));
    this.#container = around;
    skipper.level -= 1;
    this.#at = p;
    return values;
  }

  /** Reads a value that stands on one line, to the next line. */
  #inline(at: number, parent: number, key: string | number): Attempt<RawValue> {
    const skipper = this.#skipper;
    const flow = skipper.emptyFlow(at);
    if (flow !== at) {
      this.#at = flow < 0 ? flow : skipper.nextLine(flow);
      if (this.#at < 0) return FAILED;
      const value = skipper.bytes[at] === OPEN_OBJECT ? emptyRawObject() : [];
      return skipper.column <= parent ? value : this.#fail(this.#at);
    }
    const value = this.#scalar(at);
    if (value === FAILED) return FAILED;
    this.#template.addKept(at, this.#at, VALUE, { container: this.#container, key });
    this.#at = skipper.nextLine(this.#at);
    if (this.#at < 0) return FAILED;
    // Folded text is for the general reader.
    return skipper.column <= parent ? value : this.#fail(this.#at);
  }

  /** Reads a scalar that ends with its line, to that end. */
  #scalar(at: number): Attempt<RawValue> {
    const { bytes } = this.#skipper;
    const end = this.#skipper.scalar(at);
    if (end < 0) return this.#fail(~end);
    this.#at = end;
    const first = bytes[at];
    if (first !== DOUBLE_QUOTE && first !== SINGLE_QUOTE) {
      return readPlainScalar(this.#text(at, end));
    }
    if (!this.#isVerbatim(at, end)) return this.#fail(at);
    return this.#text(at + 1, end - 1);
  }

  /** Whether what is between the quotes is what it means. */
  #isVerbatim(start: number, end: number): boolean {
    const { bytes } = this.#skipper;
    const refused = bytes[start] === DOUBLE_QUOTE ? BACKSLASH : SINGLE_QUOTE;
    for (let p = start + 1; p < end - 1; p += 1) if (bytes[p] === refused) return false;
    return true;
  }

  /** A key; undefined where versions of YAML disagree on it. */
  #name(start: number, end: number): string | undefined {
    const first = this.#skipper.bytes[start];
    if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) {
      return this.#isVerbatim(start, end) ? this.#text(start + 1, end - 1) : undefined;
    }
    const value = readPlainScalar(this.#text(start, end));
    return typeof value === 'string' ? value : undefined;
  }

  #text(start: number, end: number): string {
    const { bytes } = this.#skipper;
    let hash = 0;
    let bits = 0;
    for (let p = start; p < end; p += 1) {
      hash = Math.imul(hash, 31) + bytes[p]!;
      bits |= bytes[p]!;
    }
    if (bits <= ASCII_MAX) return this.#texts.ascii(bytes, start, end, hash);
    return bytes.toString('utf8', start, end);
  }

  #fail(at: number): typeof FAILED {
    this.#at = ~at;
    return FAILED;
  }
}
