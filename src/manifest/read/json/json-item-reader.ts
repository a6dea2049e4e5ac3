import { isUtf8 } from 'node:buffer';
import { emptyRawObject } from '../../raw-object.ts';
import type { KeepList, RawValue } from '../../read-item.ts';
import { IDENTITY_KEEP } from '../kept-object.ts';
import { fieldAt, itemPlanOf, KEEP_ALL, type KeepPlan, TYPE_PLAN } from '../keep-plan.ts';
import { ItemTemplate, type TokenReader } from '../item-template.ts';
import type { AvailableText, ItemResult, ItemType, PlainItem } from '../plain-item.ts';
import { isListKind } from '../report.ts';
import { TextCache } from '../text-cache.ts';
import { JsonSkipper, SCALAR, TEXT } from './json-skipper.ts';

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const ASCII_MAX = 0x7f;

interface PlannedType extends ItemType {
  readonly plan: KeepPlan | undefined;
  readonly isKept: boolean;
}

/** Between the end of the data and the start of a token that may be cut there. */
const CUT_BYTES = 8;
/** Stands for a value that could not be read; the place is in `#at`. */
const FAILED = Symbol('failed');
type Attempt<Value> = Value | typeof FAILED;

/**
 * Reads an object that says what it is before anything else, as servers and kubectl write them, in
 * one pass: only kept fields become values, all else is checked and stepped over.
 *
 * It takes an object only when nothing about it is unusual: valid JSON and UTF-8, no kept key twice,
 * no escapes in keys beside kept ones, not too deep, not a list.
 */
export class JsonItemReader implements TokenReader {
  readonly #keep: KeepList;
  readonly #skipper: JsonSkipper;
  readonly #texts = new TextCache();
  readonly #template = new ItemTemplate();
  /** Behind what was read last, or `~p` where it failed. */
  #at = 0;
  /** Whether the object that is being read says its type. */
  #saysType = false;
  /** The container that is being read, as the template numbers it. */
  #container = 0;
  #lastType: PlannedType | undefined;
  /** The object that the template holds, and what its list said of it. */
  #lastItem: PlainItem | undefined;
  #lastInherited: ItemType | undefined;
  tokenValue: RawValue = null;

  constructor(keep: KeepList, nestingDepthMax: number) {
    this.#keep = keep;
    this.#skipper = new JsonSkipper(nestingDepthMax, this.#template);
  }

  /**
   * Reads the object that starts at `at`.
   *
   * @param text of which the object is a part, with room behind `length` for {@link JsonSkipper}
   * @param inherited what the list says of items that do not say it themselves
   */
  read(text: AvailableText, at: number, inherited?: ItemType): ItemResult {
    const { bytes, length, isLast } = text;
    const skipper = this.#skipper;
    if (skipper.bytes !== bytes) skipper.setBytes(bytes);
    let item: Attempt<PlainItem> = FAILED;
    if (this.#template.isUsable && this.#lastInherited === inherited) {
      if (!isLast && length - at < this.#template.length) return 'cut';
      item = this.#alike(at);
    }
    if (item === FAILED) item = this.#item(at, inherited);
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
    const { bytes, words } = this.#skipper;
    const end = this.#template.match(bytes, words, at, this);
    if (end < 0 || this.#lastItem === undefined) return FAILED;
    const { apiVersion, kind, isKept, saysType, lines } = this.#lastItem;
    const { value } = this.#template;
    return {
      apiVersion,
      kind,
      value,
      isKept,
      saysType,
      bytes: bytes.subarray(at, end),
      end,
      lines,
    };
  }

  skipToken(at: number, sort: number): number {
    const isText = sort === TEXT;
    if ((this.#skipper.bytes[at] === QUOTE) !== isText) return ~at;
    return isText ? this.#skipper.string(at + 1) : this.#skipper.scalar(at);
  }

  readToken(at: number, sort: number): number {
    const isText = sort === TEXT;
    if ((this.#skipper.bytes[at] === QUOTE) !== isText) return ~at;
    const value = isText ? this.#text(at) : this.#scalar(at);
    if (value !== FAILED) this.tokenValue = value;
    return this.#at;
  }

  #item(start: number, inherited: ItemType | undefined): Attempt<PlainItem> {
    const skipper = this.#skipper;
    const { bytes } = skipper;
    skipper.level = 1;
    this.#template.begin();
    const first = skipper.blank(start + 1);
    const said = this.#findType(first, inherited !== undefined);
    if (said === FAILED) return FAILED;
    const type = said ?? inherited;
    if (type === undefined || isListKind(type.kind)) return this.#fail(first);
    const { plan, isKept } = this.#planFor(type);
    if (plan === undefined) return this.#fail(first);
    skipper.lines = 0;
    skipper.level = 1;
    this.#saysType = said !== undefined;
    this.#template.begin();
    const value = emptyRawObject();
    this.#container = this.#template.addContainer(0, '', value);
    const end = this.#members(skipper.blank(start + 1), value, plan);
    if (end < 0) return this.#fail(~end);
    this.#template.finish(bytes, start, end);
    const { apiVersion, kind } = type;
    const { lines } = skipper;
    const text = bytes.subarray(start, end);
    return { apiVersion, kind, value, isKept, saysType: this.#saysType, bytes: text, end, lines };
  }

  /**
   * Looks for `apiVersion` and `kind` among the members that start at `at`, as far as it must.
   *
   * @param mayBeSilent the type is known if the first member does not say it
   * @returns undefined for an object that may be silent and is
   */
  #findType(at: number, mayBeSilent: boolean): Attempt<ItemType | undefined> {
    const skipper = this.#skipper;
    const { bytes } = skipper;
    let apiVersion: string | undefined;
    let kind: string | undefined;
    let p = at;
    for (;;) {
      const end = this.#keyEnd(p);
      if (end < 0) return this.#fail(~end);
      const field = fieldAt(TYPE_PLAN, bytes, p + 1, end);
      p = skipper.colon(end + 1);
      if (p < 0) return this.#fail(~p);
      if (field === undefined) {
        if (mayBeSilent && apiVersion === undefined && kind === undefined) return undefined;
        p = skipper.value(p);
        if (p < 0) return this.#fail(~p);
      } else {
        if (field.plan !== 'type' || bytes[p] !== QUOTE) return this.#fail(p);
        const text = this.#text(p);
        if (text === FAILED) return FAILED;
        if (field.name === 'kind') kind = text;
        else apiVersion = text;
        if (kind !== undefined && apiVersion !== undefined) return { apiVersion, kind };
        p = this.#at;
      }
      p = skipper.blank(p);
      if (bytes[p] !== COMMA) return this.#fail(p);
      p = skipper.blank(p + 1);
    }
  }

  #planFor(type: ItemType): PlannedType {
    const last = this.#lastType;
    if (last?.apiVersion === type.apiVersion && last.kind === type.kind) return last;
    const keep = this.#keep(type.apiVersion, type.kind);
    const plan = itemPlanOf(keep ?? IDENTITY_KEEP);
    this.#lastType = { ...type, plan, isKept: keep !== undefined };
    return this.#lastType;
  }

  /** Reads the members of an object, of which there is at least one, to behind the closer. */
  #members(at: number, value: Record<string, RawValue>, plan: KeepPlan): number {
    const { bytes } = this.#skipper;
    let seen = 0;
    let p = at;
    for (;;) {
      const start = p + 1;
      const end = this.#keyEnd(p);
      if (end < 0) return end;
      p = this.#skipper.colon(end + 1);
      if (p < 0) return p;
      const field = fieldAt(plan, bytes, start, end);
      if (field !== undefined) {
        if ((seen & field.bit) !== 0) return ~start;
        seen |= field.bit;
        if (field.plan === 'refused') return ~start;
        if (field.plan === 'type') {
          // Not noted: an object of another type is not alike.
          if (!this.#saysType || bytes[p] !== QUOTE) return ~start;
          p = this.#skipper.string(p + 1);
          if (p < 0) return p;
        } else {
          const read = this.#value(p, field.plan, field.name);
          if (read === FAILED) return this.#at;
          value[field.name] = read;
          p = this.#at;
        }
      } else if (plan.all) {
        const name = this.#name(start, end);
        if (value[name] !== undefined) return ~start;
        const read = this.#value(p, KEEP_ALL, name);
        if (read === FAILED) return this.#at;
        value[name] = read;
        p = this.#at;
      } else {
        p = this.#skipper.value(p);
        if (p < 0) return p;
      }
      if (bytes[p]! <= SPACE) p = this.#skipper.blank(p);
      if (bytes[p] === CLOSE_OBJECT) return p + 1;
      if (bytes[p] !== COMMA) return ~p;
      p += 1;
      if (bytes[p]! <= SPACE) p = this.#skipper.blank(p);
    }
  }

  /** Reads what stands at `key` of the container that is being read. */
  #value(at: number, plan: KeepPlan, key: string | number): Attempt<RawValue> {
    const byte = this.#skipper.bytes[at]!;
    if (byte === OPEN_OBJECT) return this.#object(at, plan, key);
    if (byte === OPEN_ARRAY) return this.#array(at, plan, key);
    const value = byte === QUOTE ? this.#text(at) : this.#scalar(at);
    if (value !== FAILED) {
      const place = { container: this.#container, key };
      this.#template.addKept(at, this.#at, byte === QUOTE ? TEXT : SCALAR, place);
    }
    return value;
  }

  #object(at: number, plan: KeepPlan, key: string | number): Attempt<RawValue> {
    const skipper = this.#skipper;
    if (!skipper.enter()) return this.#fail(at);
    const value = emptyRawObject();
    const around = this.#container;
    this.#container = this.#template.addContainer(around, key, value);
    const p = skipper.blank(at + 1);
    this.#at = skipper.bytes[p] === CLOSE_OBJECT ? p + 1 : this.#members(p, value, plan);
    this.#container = around;
    skipper.level -= 1;
    return this.#at < 0 ? FAILED : value;
  }

  #array(at: number, plan: KeepPlan, key: string | number): Attempt<RawValue> {
    const skipper = this.#skipper;
    const { bytes } = skipper;
    if (!skipper.enter()) return this.#fail(at);
    const values: RawValue[] = [];
    const around = this.#container;
    this.#container = this.#template.addContainer(around, key, values);
    let p = skipper.blank(at + 1);
    if (bytes[p] !== CLOSE_ARRAY) {
      for (;;) {
        const value = this.#value(p, plan, values.length);
        if (value === FAILED) return FAILED;
        values.push(value);
        p = skipper.blank(this.#at);
        if (bytes[p] === CLOSE_ARRAY) break;
        if (bytes[p] !== COMMA) return this.#fail(p);
        p = skipper.blank(p + 1);
      }
    }
    this.#container = around;
    skipper.level -= 1;
    this.#at = p + 1;
    return values;
  }

  #scalar(at: number): Attempt<RawValue> {
    const { bytes } = this.#skipper;
    const end = this.#skipper.scalar(at);
    if (end < 0) return this.#fail(~end);
    this.#at = end;
    // The first letter decides: the skipper has seen the rest.
    switch (bytes[at]!) {
      case 0x74:
        return true;
      case 0x66:
        return false;
      case 0x6e:
        return null;
      default:
        return Number(bytes.toString('latin1', at, end));
    }
  }

  /** Reads the string whose opening quote is at `at`. */
  #text(at: number): Attempt<string> {
    const { bytes } = this.#skipper;
    let hash = 0;
    let bits = 0;
    let p = at + 1;
    let byte = bytes[p]!;
    while (byte !== QUOTE && byte !== BACKSLASH && SPACE <= byte) {
      hash = Math.imul(hash, 31) + byte;
      bits |= byte;
      p += 1;
      byte = bytes[p]!;
    }
    if (byte === QUOTE) {
      this.#at = p + 1;
      if (bits <= ASCII_MAX) return this.#texts.ascii(bytes, at + 1, p, hash);
      return bytes.toString('utf8', at + 1, p);
    }
    const end = this.#skipper.string(at + 1);
    if (end < 0) return this.#fail(~end);
    this.#at = end;
    // Escapes are the business of `JSON.parse`; lone surrogates stay as they are.
    return JSON.parse(bytes.toString('utf8', at, end)) as string;
  }

  /** The closing quote of the key whose opening quote is at `at`; a key with escapes is refused. */
  #keyEnd(at: number): number {
    const { bytes } = this.#skipper;
    if (bytes[at] !== QUOTE) return ~at;
    let p = at + 1;
    for (let byte = bytes[p]!; byte !== QUOTE; byte = bytes[p]!) {
      if (byte === BACKSLASH || byte < SPACE) return ~p;
      p += 1;
    }
    return p;
  }

  #name(start: number, end: number): string {
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
