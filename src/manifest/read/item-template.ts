import { emptyRawObject } from '../raw-object.ts';
import type { RawValue } from '../read-item.ts';

/** Tokens that a template can have; larger objects hardly repeat. */
const TOKENS_MAX = 16 * 1024;
const DROPPED = -1;
const WORD_BYTES = 8;

/** A kept object or list. */
type Container = Record<string, RawValue> | RawValue[];

/** Reads one token of an object that is compared with the one before. */
export interface TokenReader {
  /**
   * Steps over the token at `at`, which must be of `sort`.
   *
   * @returns behind it, or `~p` where it cannot be read
   */
  readonly skipToken: (at: number, sort: number) => number;
  /** Like `skipToken`; `tokenValue` is then its value. */
  readonly readToken: (at: number, sort: number) => number;
  readonly tokenValue: RawValue;
}

/**
 * The object that was read last, as a pattern for the next one.
 *
 * Objects of a dump are much alike: pods of one workload differ in names, addresses and times, and
 * often in nothing else. So while an object is read, its scalars are noted as tokens, and those that
 * are kept also with their place in the value. The next object is compared with its bytes, eight at a
 * time; where they differ inside a token, that token is read again, and the comparison goes on behind
 * it. What is the same outside of tokens has the same structure, the same keys and the same lines, so
 * the value is that of the object before with other scalars, and shares all lists and objects in
 * which nothing changed. Any other difference is for the reader proper.
 *
 * INVARIANT: bytes of objects stay as they are, with {@link WORD_BYTES} to read behind them.
 */
export class ItemTemplate {
  /** False while there is nothing to compare with. */
  isUsable = false;
  #bytes: Buffer = Buffer.alloc(0);
  #words: DataView = new DataView(new ArrayBuffer(0));
  #start = 0;
  #end = 0;

  #tokens = 0;
  #starts = new Int32Array(256);
  #ends = new Int32Array(256);
  /** By token: what it may be replaced with, as the reader calls it. */
  #sorts = new Int32Array(256);
  /** By token: which kept scalar it is, or {@link DROPPED}. */
  #kept = new Int32Array(256);

  /** By kept scalar: the container that it stands in, and its key there. */
  #keptIn: number[] = [];
  #keptAs: (string | number)[] = [];

  /** By container: the one around it (itself for the outermost), its key there, and its value. */
  #around: number[] = [];
  #key: (string | number)[] = [];
  #value: Container[] = [];
  /** By container: the round in which it was copied. */
  #copied: number[] = [];
  #round = 0;

  /** Forgets everything; the object read next is the pattern. */
  begin(): void {
    this.isUsable = false;
    this.#tokens = 0;
    this.#keptIn = [];
    this.#keptAs = [];
    this.#around = [];
    this.#key = [];
    this.#value = [];
    this.#copied = [];
  }

  /** Notes a kept container at `key` of the container `around`; the first is the object itself. */
  addContainer(around: number, key: string | number, value: Container): number {
    this.#around.push(around);
    this.#key.push(key);
    this.#copied.push(this.#round);
    return this.#value.push(value) - 1;
  }

  /** Notes a scalar of which nothing is kept. */
  addDropped(start: number, end: number, sort: number): void {
    this.#add(start, end, sort, DROPPED);
  }

  /** Notes a scalar that is kept at `key` of the container `within`. */
  addKept(
    start: number,
    end: number,
    sort: number,
    place: { readonly container: number; readonly key: string | number },
  ): void {
    if (TOKENS_MAX < this.#tokens) return;
    this.#keptAs.push(place.key);
    this.#add(start, end, sort, this.#keptIn.push(place.container) - 1);
  }

  #add(start: number, end: number, sort: number, kept: number): void {
    const i = this.#tokens;
    if (TOKENS_MAX < i) return;
    if (i === this.#starts.length) {
      this.#starts = grown(this.#starts);
      this.#ends = grown(this.#ends);
      this.#sorts = grown(this.#sorts);
      this.#kept = grown(this.#kept);
    }
    this.#starts[i] = start;
    this.#ends[i] = end;
    this.#sorts[i] = sort;
    this.#kept[i] = kept;
    this.#tokens = i + 1;
  }

  /** The object is complete: from now on others can be compared with it. */
  finish(bytes: Buffer, start: number, end: number): void {
    this.isUsable = this.#tokens <= TOKENS_MAX;
    this.#moveTo(bytes, start, end);
  }

  #moveTo(bytes: Buffer, start: number, end: number): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.#start = start;
    this.#end = end;
  }

  /** Bytes of the object before. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** The value of the object that was read or compared last. */
  get value(): Record<string, RawValue> {
    // The outermost container is the object itself.
    return this.#value[0] as Record<string, RawValue>;
  }

  /**
   * Compares the object at `at` with the one before; where it is alike, it takes its place.
   *
   * @param words a view of all of `bytes`
   * @returns behind the object; or `~p` where it differs, and the template is of no use any more
   */
  match(bytes: Buffer, words: DataView, at: number, reader: TokenReader): number {
    const end = this.#end;
    const starts = this.#starts;
    const ends = this.#ends;
    this.#round += 1;
    this.isUsable = false;
    let shift = at - this.#start;
    let token = 0;
    let same = this.#start;
    for (;;) {
      same = firstDifference(this.#words, words, same, end, shift);
      if (end <= same) break;
      while (token < this.#tokens && ends[token]! < same) token = this.#pass(token, shift);
      // A number may go on where the one before ended, a text ends with its quote.
      if (token === this.#tokens || same < starts[token]!) return ~(same + shift);
      const start = starts[token]! + shift;
      const behind = this.#reread(token, start, reader);
      if (behind < 0) return behind;
      same = ends[token]!;
      shift = behind - same;
      starts[token] = start;
      ends[token] = behind;
      token += 1;
    }
    while (token < this.#tokens) token = this.#pass(token, shift);
    this.#moveTo(bytes, at, end + shift);
    this.isUsable = true;
    return end + shift;
  }

  #pass(token: number, shift: number): number {
    this.#starts[token]! += shift;
    this.#ends[token]! += shift;
    return token + 1;
  }

  #reread(token: number, at: number, reader: TokenReader): number {
    const sort = this.#sorts[token]!;
    const kept = this.#kept[token]!;
    if (kept === DROPPED) return reader.skipToken(at, sort);
    const end = reader.readToken(at, sort);
    if (0 <= end) setIn(this.#ownCopy(this.#keptIn[kept]!), this.#keptAs[kept]!, reader.tokenValue);
    return end;
  }

  /** The container, copied unless that happened in this round: the one before belongs to others. */
  #ownCopy(index: number): Container {
    const value = this.#value[index]!;
    if (this.#copied[index] === this.#round) return value;
    this.#copied[index] = this.#round;
    const copy = Array.isArray(value) ? [...value] : Object.assign(emptyRawObject(), value);
    this.#value[index] = copy;
    const around = this.#around[index]!;
    if (around !== index) setIn(this.#ownCopy(around), this.#key[index]!, copy);
    return copy;
  }
}

function setIn(container: Container, key: string | number, value: RawValue): void {
  // INVARIANT: lists have numbers as keys, objects have texts; as keys of properties both are equal.
  (container as Record<string | number, RawValue>)[key] = value;
}

/** The first place from `from` to `end` where `words` differ, `shift` bytes on, from `before`. */
function firstDifference(
  before: DataView,
  words: DataView,
  from: number,
  end: number,
  shift: number,
): number {
  let at = from;
  // As doubles, because those are compared without allocation. Equal doubles have equal bytes, but
  // for zeros, which no text has; and what is no number is at worst compared byte by byte.
  while (at < end && before.getFloat64(at, true) === words.getFloat64(at + shift, true)) {
    at += WORD_BYTES;
  }
  while (at < end && before.getUint8(at) === words.getUint8(at + shift)) at += 1;
  return at;
}

function grown(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
