import { hash } from 'node:crypto';
import { PodreachError } from '../model/errors.ts';

/**
 * A place in a list: opaque to callers, the same in REST and GraphQL.
 *
 * It names everything that the rows depend on, so that pages always fit together: the snapshot, the
 * engine and the question. Nothing in it is secret or trusted: a cursor somebody made up can only ask
 * for rows that its maker could ask for anyway.
 */
export interface Cursor {
  readonly snapshot: string;
  readonly engine: string;
  /** Of the question, by {@link questionHash}. */
  readonly question: string;
  /** Rows before the place. */
  readonly offset: number;
}

/** Form of a cursor; the first element of its text. */
const VERSION = 1;

/** A question and its arguments, defaults filled in, as 16 characters. */
export function questionHash(name: string, args: object): string {
  return hashOf(`${name} ${canonicalText(args)}`).slice(0, 16);
}

/** SHA-256 of `text` in base64url. */
export function hashOf(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** JSON with the keys of objects in order: equal arguments, equal text. Dates have no place in it. */
export function canonicalText(value: unknown): string {
  if (value === undefined) return 'null';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`);
  return `{${members.join(',')}}`;
}

/** Writes a cursor. */
export function printCursor({ snapshot, engine, question, offset }: Cursor): string {
  return Buffer.from(JSON.stringify([VERSION, snapshot, engine, question, offset])).toString(
    'base64url',
  );
}

/**
 * Reads a cursor that must belong to this question, and to this engine if it is known already.
 *
 * @throws `cursor-mismatch`
 */
export function parseCursor(
  text: string,
  expected: Pick<Cursor, 'question'> & Partial<Pick<Cursor, 'engine'>>,
  parameter = 'cursor',
): Cursor {
  const cursor = decode(text);
  const reason =
    cursor === undefined
      ? `\`${parameter}\` is none that this server gave out`
      : expected.engine !== undefined && cursor.engine !== expected.engine
        ? `\`${parameter}\` is from engine \`${cursor.engine}\`, and this is \`${expected.engine}\``
        : cursor.question !== expected.question
          ? `\`${parameter}\` belongs to another question; a next page has the parameters of the first`
          : undefined;
  if (cursor !== undefined && reason === undefined) return cursor;
  throw mismatch(`${reason ?? ''}; start again without it`, parameter);
}

/** A cursor that belongs elsewhere. */
export function mismatch(message: string, parameter = 'cursor'): PodreachError {
  return new PodreachError('cursor-mismatch', message, { parameter });
}

/** A cursor whose snapshot was deleted. */
export function expired(parameter = 'cursor'): PodreachError {
  return new PodreachError(
    'cursor-expired',
    'the snapshot that this list was read from is gone; start again without the cursor',
    { parameter },
  );
}

function decode(text: string): Cursor | undefined {
  const values = parseJson(Buffer.from(text, 'base64url').toString());
  if (!Array.isArray(values) || values.length !== 5) return undefined;
  const [version, snapshot, engine, question, offset] = values as readonly unknown[];
  if (version !== VERSION || typeof snapshot !== 'string' || typeof engine !== 'string') {
    return undefined;
  }
  if (typeof question !== 'string' || typeof offset !== 'number') return undefined;
  if (!Number.isSafeInteger(offset) || offset < 0) return undefined;
  return { snapshot, engine, question, offset };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
