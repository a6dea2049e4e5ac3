import { emptyRawObject } from '../../raw-object.ts';
import type { KeepTree, RawObject, RawValue } from '../../read-item.ts';
import { keepOf } from '../kept-object.ts';
import type { ObjectPath } from '../report.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const SPACE = 0x20;

/** What was kept of an object. */
export interface KeptObject {
  readonly value: RawObject;
  /** Paths of keys that a kept object has twice; the value then means nothing certain. */
  readonly duplicates: readonly ObjectPath[];
}

/** A place in bytes that hold valid JSON. */
export interface JsonCursor {
  readonly bytes: Buffer;
  position: number;
}

interface Decoder extends JsonCursor {
  readonly path: (string | number)[];
  readonly duplicates: ObjectPath[];
}

/**
 * The kept fields of the JSON object that `bytes` starts with; a field that is not kept is stepped
 * over without becoming a value.
 *
 * INVARIANT: `bytes` hold one valid JSON object and valid UTF-8 (the framer has seen to both).
 */
export function decodeJsonObject(bytes: Buffer, keep: KeepTree): KeptObject {
  const decoder: Decoder = { bytes, position: 0, path: [], duplicates: [] };
  return { value: decodeObject(decoder, keep), duplicates: decoder.duplicates };
}

function decodeValue(decoder: Decoder, keep: KeepTree): RawValue {
  switch (peekJson(decoder)) {
    case OPEN_OBJECT:
      return decodeObject(decoder, keep);
    case OPEN_ARRAY:
      return decodeArray(decoder, keep);
    case QUOTE:
      return readJsonString(decoder);
    default:
      return decodeScalar(decoder);
  }
}

function decodeObject(decoder: Decoder, keep: KeepTree): RawObject {
  const result = emptyRawObject();
  decoder.position += 1;
  while (peekJson(decoder) !== CLOSE_OBJECT) {
    const key = readJsonString(decoder);
    stepOverColon(decoder);
    const keepBeneath = keepOf(keep, key);
    if (keepBeneath === undefined) {
      skipJsonValue(decoder);
    } else {
      decoder.path.push(key);
      if (result[key] !== undefined) decoder.duplicates.push([...decoder.path]);
      result[key] = decodeValue(decoder, keepBeneath);
      decoder.path.pop();
    }
    if (peekJson(decoder) === COMMA) decoder.position += 1;
  }
  decoder.position += 1;
  return result;
}

function decodeArray(decoder: Decoder, keep: KeepTree): RawValue[] {
  const result: RawValue[] = [];
  decoder.position += 1;
  while (peekJson(decoder) !== CLOSE_ARRAY) {
    decoder.path.push(result.length);
    result.push(decodeValue(decoder, keep));
    decoder.path.pop();
    if (peekJson(decoder) === COMMA) decoder.position += 1;
  }
  decoder.position += 1;
  return result;
}

function decodeScalar(decoder: Decoder): RawValue {
  const start = decoder.position;
  skipJsonValue(decoder);
  const text = decoder.bytes.toString('latin1', start, decoder.position);
  if (text === 'true') return true;
  if (text === 'false') return false;
  return text === 'null' ? null : Number(text);
}

/** The next byte that is no blank; the cursor then stands on it. */
export function peekJson(cursor: JsonCursor): number {
  const { bytes } = cursor;
  let { position } = cursor;
  while (bytes[position]! <= SPACE) position += 1;
  cursor.position = position;
  return bytes[position]!;
}

/** Reads the string that the cursor stands on. */
export function readJsonString(cursor: JsonCursor): string {
  const start = cursor.position;
  const escaped = skipString(cursor);
  const { bytes, position } = cursor;
  // `JSON.parse` of a string alone: escapes are its business, lone surrogates stay as they are.
  if (escaped) return JSON.parse(bytes.toString('utf8', start, position)) as string;
  return bytes.toString('utf8', start + 1, position - 1);
}

/** Steps over the `:` after a key, with the blanks around it. */
export function stepOverColon(cursor: JsonCursor): void {
  peekJson(cursor);
  cursor.position += 1;
  peekJson(cursor);
}

/** Steps over the value that the cursor stands on. */
export function skipJsonValue(cursor: JsonCursor): void {
  const { bytes } = cursor;
  const first = bytes[cursor.position]!;
  if (first === QUOTE) {
    skipString(cursor);
    return;
  }
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) {
    while (isScalarByte(bytes[cursor.position])) cursor.position += 1;
    return;
  }
  let depth = 0;
  do {
    const byte = bytes[cursor.position]!;
    if (byte === QUOTE) {
      skipString(cursor);
      continue;
    }
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
    cursor.position += 1;
  } while (depth !== 0);
}

function isScalarByte(byte: number | undefined): boolean {
  if (byte === undefined || byte <= SPACE) return false;
  return byte !== COMMA && byte !== CLOSE_OBJECT && byte !== CLOSE_ARRAY;
}

/** Steps over a string; whether it has escapes. */
function skipString(cursor: JsonCursor): boolean {
  const { bytes } = cursor;
  let position = cursor.position + 1;
  let escaped = false;
  for (let byte = bytes[position]!; byte !== QUOTE; byte = bytes[position]!) {
    if (byte === BACKSLASH) {
      escaped = true;
      position += 1;
    }
    position += 1;
  }
  cursor.position = position + 1;
  return escaped;
}
