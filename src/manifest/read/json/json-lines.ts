import type { ObjectPath } from '../report.ts';
import {
  type JsonCursor,
  peekJson,
  readJsonString,
  skipJsonValue,
  stepOverColon,
} from './json-values.ts';

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;

/**
 * The 1-based line of a field in the text of one object.
 *
 * A path that the object does not have gives the line of the nearest field above it that it has.
 * INVARIANT: `bytes` hold one valid JSON object.
 *
 * @param firstLine line of the first byte
 */
export function lineOfJsonPath(bytes: Buffer, firstLine: number, path: ObjectPath): number {
  const cursor: JsonCursor = { bytes, position: 0 };
  let found = 0;
  for (const part of path) {
    const position = stepInto(cursor, part);
    if (position === undefined) break;
    found = position;
  }
  let line = firstLine;
  for (
    let at = bytes.indexOf(LINE_FEED);
    at !== -1 && at < found;
    at = bytes.indexOf(LINE_FEED, at + 1)
  ) {
    line += 1;
  }
  return line;
}

/** Moves to the value of `part`; the position of its key, or of the element. */
function stepInto(cursor: JsonCursor, part: string | number): number | undefined {
  const first = peekJson(cursor);
  if (typeof part === 'string') {
    return first === OPEN_OBJECT ? stepIntoField(cursor, part) : undefined;
  }
  return first === OPEN_ARRAY ? stepIntoElement(cursor, part) : undefined;
}

function stepIntoField(cursor: JsonCursor, name: string): number | undefined {
  cursor.position += 1;
  while (peekJson(cursor) !== CLOSE_OBJECT) {
    const start = cursor.position;
    const key = readJsonString(cursor);
    stepOverColon(cursor);
    if (key === name) return start;
    skipJsonValue(cursor);
    if (peekJson(cursor) === COMMA) cursor.position += 1;
  }
  return undefined;
}

function stepIntoElement(cursor: JsonCursor, index: number): number | undefined {
  cursor.position += 1;
  for (let at = 0; peekJson(cursor) !== CLOSE_ARRAY; at += 1) {
    if (at === index) return cursor.position;
    skipJsonValue(cursor);
    if (peekJson(cursor) === COMMA) cursor.position += 1;
  }
  return undefined;
}
