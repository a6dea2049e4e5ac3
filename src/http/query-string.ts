import { LRUCache } from 'lru-cache';
import type { TObject, TSchema } from 'typebox';
import { PodreachError } from '../model/errors.ts';
import { oncePer } from '../service/once-per.ts';
import { HTTP_LIMITS } from './http-limits.ts';

/** Query parameters as sent: every value of every name, decoded, never split at commas. */
export type QueryValues = Readonly<Record<string, readonly string[]>>;

/**
 * Splits a query string at `&` and at the first `=`; `+` is a space. What cannot be decoded is left
 * as it is, for whoever reads the value to refuse.
 */
export function parseQueryString(text: string): QueryValues {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const values = splitPlain(text) ?? splitAny(text);
  if (text.length <= HTTP_LIMITS.queryStringLengthMax) parsed.set(text, values);
  return values;
}

function splitAny(text: string): QueryValues {
  const values = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of new URLSearchParams(text)) (values[name] ??= []).push(value);
  return values;
}

/** What {@link splitAny} gives, for less; undefined when something cannot be decoded strictly. */
function splitPlain(text: string): QueryValues | undefined {
  const values = Object.create(null) as Record<string, string[]>;
  // As in a URL, what begins with a question mark begins after it.
  for (const pair of (text.startsWith('?') ? text.slice(1) : text).split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1));
    if (name === undefined || value === undefined) return undefined;
    (values[name] ??= []).push(value);
  }
  return values;
}

function decode(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (SURROGATE.test(spaced)) return undefined;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return undefined;
  }
}

/** Half a pair becomes a mark of its own in the library; whole ones are left to it as well. */
const SURROGATE = /[\ud800-\udfff]/;

/** The same text gives the same object, so that others can remember what they made of it. */
const parsed = new LRUCache<string, QueryValues>({ max: HTTP_LIMITS.queryStringsKept });

/**
 * Reads `values` by a route's schema: texts, integers, booleans, one of several words (in any case),
 * and lists by repetition. Defaults are filled in.
 *
 * @throws `bad-query` naming the parameter that is unknown, missing, given twice or cannot be read
 * @throws `limit-too-large`
 */
export function readQuery(schema: TObject, values: QueryValues): Record<string, unknown> {
  const { names, parameters } = parametersOf(schema);
  for (const name of Object.keys(values)) {
    if (!names.has(name)) throw unknownParameter(name, [...names]);
  }
  const result = Object.create(null) as Record<string, unknown>;
  for (const { name, parameter, isRequired } of parameters) {
    const value = readParameter(name, parameter, values[name] ?? NO_VALUES);
    if (value !== undefined) result[name] = value;
    else if (isRequired) throw bad(name, `\`${name}\` is missing`);
  }
  return result;
}

const NO_VALUES: readonly string[] = [];

const parametersOf = oncePer((schema: TObject) => {
  const required = new Set<string>(schema.required);
  const parameters = Object.entries(schema.properties as Readonly<Record<string, TSchema>>);
  return {
    names: new Set(parameters.map(([name]) => name)),
    parameters: parameters.map(([name, parameter]) => {
      return { name, parameter, isRequired: required.has(name) };
    }),
  };
});

/** What is read of the JSON schema of a parameter. */
interface ParameterSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly default?: unknown;
  /** A flag: its name alone means true. */
  readonly allowEmptyValue?: boolean;
}

function readParameter(name: string, schema: ParameterSchema, values: readonly string[]): unknown {
  const [value, second] = values;
  if (schema.allowEmptyValue === true && value === '' && second === undefined) return true;
  if (values.includes('')) {
    throw bad(name, `\`${name}\` is empty; give it a value or leave it out`);
  }
  if (schema.type === 'array') {
    const { maxItems = Number.MAX_SAFE_INTEGER } = schema;
    if (values.length <= maxItems) return values.length === 0 ? schema.default : values;
    throw bad(name, `\`${name}\` is given ${values.length} times, at most ${maxItems} are read`);
  }
  if (second !== undefined) throw bad(name, `\`${name}\` is given twice`);
  if (value === undefined) return schema.default;
  if (schema.enum !== undefined) return readWord(name, schema.enum, value);
  if (schema.type === 'integer') return readInteger(name, schema, value);
  if (schema.type === 'boolean') return readWord(name, ['true', 'false'], value) === 'true';
  return value;
}

function readWord(name: string, words: readonly string[], value: string): string {
  const word = words.find((one) => one === value.toLowerCase());
  if (word !== undefined) return word;
  const list = words.map((one) => `\`${one}\``).join(', ');
  throw bad(name, `\`${name}\` cannot be \`${shorten(value)}\`; it is one of ${list}`, words);
}

function readInteger(name: string, schema: ParameterSchema, value: string): number {
  const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = schema;
  const number = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (minimum <= number && number <= maximum) return number;
  const message = `\`${name}\` cannot be \`${shorten(value)}\`; it is a whole number from ${minimum} to ${maximum}`;
  if (name === 'limit' && maximum < number) {
    throw new PodreachError('limit-too-large', message, { parameter: name });
  }
  throw bad(name, message);
}

function unknownParameter(name: string, known: readonly string[]): PodreachError {
  const list = known.map((one) => `\`${one}\``).join(', ');
  return bad(shorten(name), `unknown parameter \`${shorten(name)}\`; this route has ${list}`);
}

function bad(
  parameter: string,
  message: string,
  suggestions: readonly string[] = [],
): PodreachError {
  return new PodreachError('bad-query', message, {
    parameter,
    ...(suggestions.length === 0 ? {} : { suggestions }),
  });
}

function shorten(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
