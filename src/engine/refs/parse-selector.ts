import { PodreachError } from '../../model/errors.ts';
import { selectorOf } from '../../model/selector.ts';
import type { LabelSelector, Requirement } from '../../model/selector.ts';

const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const NAME_LENGTH_MAX = 63;
const PREFIX = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;
const PREFIX_LENGTH_MAX = 253;
const WORD = /[^\s,=!()<>]*/y;

/** Where in the text the reading is. */
interface Cursor {
  readonly text: string;
  at: number;
}

/**
 * Reads a label selector in Kubernetes' string syntax: `app=api,tier!=db,env in (a,b),!legacy`.
 *
 * Blanks are allowed between the parts. An empty selector is refused: it would select everything,
 * and there are plainer ways to say so.
 *
 * @throws PodreachError `bad-ref`
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
 */
export function parseSelector(text: string): LabelSelector {
  const cursor: Cursor = { text, at: 0 };
  const requirements = [readRequirement(cursor)];
  while (skipBlanks(cursor) < text.length) {
    if (!take(cursor, ',')) throw refusal(cursor, 'expected a comma');
    requirements.push(readRequirement(cursor));
  }
  return selectorOf(requirements);
}

function readRequirement(cursor: Cursor): Requirement {
  if (take(cursor, '!')) {
    return { key: readKey(cursor), operator: 'DoesNotExist', values: [] };
  }
  const key = readKey(cursor);
  if (take(cursor, '!=')) return { key, operator: 'NotIn', values: [readValue(cursor)] };
  if (take(cursor, '==') || take(cursor, '=')) {
    return { key, operator: 'In', values: [readValue(cursor)] };
  }
  const next = cursor.text[skipBlanks(cursor)];
  if (next === undefined || next === ',') return { key, operator: 'Exists', values: [] };
  if (next === '<' || next === '>')
    throw refusal(cursor, '`<` and `>` do not apply to labels here');
  const start = cursor.at;
  const word = readWord(cursor);
  if (word === 'in') return { key, operator: 'In', values: readValues(cursor) };
  if (word === 'notin') return { key, operator: 'NotIn', values: readValues(cursor) };
  cursor.at = start;
  throw refusal(cursor, 'expected `=`, `!=`, `in (..)` or `notin (..)`');
}

function readKey(cursor: Cursor): string {
  skipBlanks(cursor);
  const start = cursor.at;
  const key = readWord(cursor);
  const slash = key.indexOf('/');
  const prefix = key.slice(0, Math.max(slash, 0));
  const name = key.slice(slash + 1);
  const prefixIsFine = slash < 0 || (PREFIX.test(prefix) && prefix.length <= PREFIX_LENGTH_MAX);
  if (prefixIsFine && NAME.test(name) && name.length <= NAME_LENGTH_MAX) return key;
  cursor.at = start;
  throw refusal(cursor, key === '' ? 'expected a label key' : `\`${key}\` is no label key`);
}

function readValue(cursor: Cursor): string {
  skipBlanks(cursor);
  const start = cursor.at;
  const value = readWord(cursor);
  if (value === '' || (NAME.test(value) && value.length <= NAME_LENGTH_MAX)) return value;
  cursor.at = start;
  throw refusal(cursor, `\`${value}\` is no label value`);
}

/** `(a, b)`; as in Kubernetes a value may be empty, the whole list may not. */
function readValues(cursor: Cursor): string[] {
  if (!take(cursor, '(')) throw refusal(cursor, 'expected values in parentheses');
  if (take(cursor, ')')) throw refusal(cursor, 'a list of values cannot be empty');
  const values = [readValue(cursor)];
  while (take(cursor, ',')) values.push(readValue(cursor));
  if (!take(cursor, ')')) throw refusal(cursor, 'expected `)`');
  return values;
}

function readWord(cursor: Cursor): string {
  WORD.lastIndex = cursor.at;
  const word = WORD.exec(cursor.text)?.[0] ?? '';
  cursor.at += word.length;
  return word;
}

function take(cursor: Cursor, token: string): boolean {
  if (!cursor.text.startsWith(token, skipBlanks(cursor))) return false;
  cursor.at += token.length;
  return true;
}

function skipBlanks(cursor: Cursor): number {
  while (/\s/.test(cursor.text[cursor.at] ?? '')) cursor.at += 1;
  return cursor.at;
}

function refusal({ text, at }: Cursor, what: string): PodreachError {
  const where = text.length <= at ? 'at the end of' : `at \`${text.slice(at, at + 20)}\` in`;
  return new PodreachError(
    'bad-ref',
    `${what} ${where} the label selector \`${text}\`; write it as in \`app=api,env in (a,b),!old\``,
  );
}
