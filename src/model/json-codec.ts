import { PodreachError } from './errors.ts';

/**
 * Turns values of one type into JSON values and back.
 *
 * INVARIANT: equal values give equal JSON text, and `decode(encode(value))` equals `value`. Decoded
 * arrays and objects are frozen.
 */
export interface Codec<T> {
  encode(value: T): unknown;
  /** What is decoded belongs to the codec: it may freeze and return parts of it. @throws Misfit */
  decode(json: unknown): T;
  /** Of scalars only: `value` is its own JSON value. Lists of them are checked in one sweep. */
  readonly accepts?: (value: unknown) => boolean;
}

/**
 * What a codec throws at JSON that is not what was written. The place is put together on the way
 * out, so that reading a hundred thousand right values makes no texts about where they stand.
 */
class Misfit extends Error {
  readonly expected: string;
  readonly path: string[] = [];

  constructor(expected: string) {
    super(expected);
    this.expected = expected;
  }
}

/**
 * Decodes `json` with `codec`.
 *
 * @param name what it is, for messages
 * @throws `snapshot-corrupt`
 */
export function decodeAs<T>(codec: Codec<T>, json: unknown, name: string): T {
  try {
    return codec.decode(json);
  } catch (error) {
    if (error instanceof Misfit) throw unreadable(name + error.path.join(''), error.expected);
    throw error;
  }
}

/** A member that may be absent; absence is written by leaving it out. */
export interface OptionalMember<T> {
  readonly optional: Codec<T>;
}

interface Entry {
  readonly name: string;
  /** The name as part of a path. */
  readonly place: string;
  readonly codec: Codec<unknown>;
  readonly required: boolean;
}

type Members<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K>
    ? OptionalMember<Exclude<T[K], undefined>>
    : Codec<T[K]>;
};

/** Any text. */
export const text: Codec<string> = scalar('text', (json) => typeof json === 'string');

/** True or false. */
export const flag: Codec<boolean> = scalar('a boolean', (json) => typeof json === 'boolean');

/** A finite number; minus zero is written as zero. */
export const number: Codec<number> = scalar('a finite number', Number.isFinite);

/** An integer that a double holds exactly. */
export const integer: Codec<number> = scalar('an integer', Number.isSafeInteger);

/** A text or an integer. */
export const textOrInteger: Codec<string | number> = scalar(
  'text or an integer',
  (json) => typeof json === 'string' || Number.isSafeInteger(json),
);

/** One of `values`. */
export function oneOf<const T extends string>(...values: readonly T[]): Codec<T> {
  const known: ReadonlySet<unknown> = new Set(values);
  return scalar(`one of ${values.join(', ')}`, (json) => known.has(json));
}

/** A list, in its own order. */
export function list<T>(element: Codec<T>): Codec<readonly T[]> {
  const { accepts } = element;
  if (accepts !== undefined) return scalars(element, accepts);
  return {
    encode: (value) => value.map((item) => element.encode(item)),
    decode: (json) => {
      const items: T[] = [];
      try {
        for (const item of asList(json)) items.push(element.decode(item));
      } catch (error) {
        if (error instanceof Misfit && Array.isArray(json)) error.path.unshift(`[${items.length}]`);
        throw error;
      }
      return Object.freeze(items);
    },
  };
}

/** Columns are most of a snapshot, so they are neither copied nor visited by calls of a codec. */
function scalars<T>(element: Codec<T>, accepts: (value: unknown) => boolean): Codec<readonly T[]> {
  return {
    encode: (value) => {
      const wrong = value.find((item) => !accepts(item));
      if (wrong !== undefined || !value.every(accepts)) element.encode(wrong as T);
      return value;
    },
    decode: (json) => {
      const items = asList(json);
      if (!items.every(accepts)) {
        for (const [i, item] of items.entries()) at(`[${i}]`, element, item);
      }
      return Object.freeze(items) as readonly T[];
    },
  };
}

/**
 * A map of texts, written as a list of pairs sorted by key in code units: no key can collide with a
 * member of an object. The decoded map is in that order.
 */
export const textMap: Codec<ReadonlyMap<string, string>> = {
  encode: (value) => [...value].sort(([a], [b]) => (a < b ? -1 : 1)),
  decode: (json) => new Map(textPairs.decode(json)),
};

/** A pair, written as a list of two. */
export function pair<A, B>(first: Codec<A>, second: Codec<B>): Codec<readonly [A, B]> {
  return {
    encode: ([a, b]) => [first.encode(a), second.encode(b)],
    decode: (json) => {
      if (!Array.isArray(json) || json.length !== 2) throw new Misfit('a pair');
      const items: readonly unknown[] = json;
      return Object.freeze([at('[0]', first, items[0]), at('[1]', second, items[1])] as const);
    },
  };
}

/** The word `word`, or what `codec` writes, which must never be that word. */
export function wordOr<const W extends string, T>(word: W, codec: Codec<T>): Codec<W | T> {
  return {
    encode: (value) => (value === word ? word : codec.encode(value as T)),
    decode: (json) => (json === word ? word : codec.decode(json)),
  };
}

/** Marks a member of a {@link record} that may be absent. */
export function optional<T>(codec: Codec<T>): OptionalMember<T> {
  return { optional: codec };
}

/**
 * An object with exactly these members, written in the order given here. The type of `members` makes
 * the compiler ask for every member of `T`: none can be forgotten when the model grows.
 */
export function record<T extends object>(members: Members<T>): Codec<T> {
  const entries = Object.entries<Codec<unknown> | OptionalMember<unknown>>(members).map(asEntry);
  const names = new Set(entries.map(({ name }) => name));
  return {
    encode: (value) => {
      const source = value as Readonly<Record<string, unknown>>;
      const target: Record<string, unknown> = {};
      for (const { name, codec, required } of entries) {
        const item = source[name];
        if (required || item !== undefined) target[name] = codec.encode(item);
      }
      return target;
    },
    decode: (json) => {
      const source = asObject(json);
      const known = Object.keys(source);
      const stranger = known.find((name) => !names.has(name));
      if (stranger !== undefined) throw misfitAt(`.${stranger}`, 'a known member');
      const target: Record<string, unknown> = {};
      for (const { name, place, codec, required } of entries) {
        if (required || Object.hasOwn(source, name)) target[name] = at(place, codec, source[name]);
      }
      return Object.freeze(target) as T;
    },
  };
}

/** A union whose alternatives are told apart by their member `kind`. */
export function variant<T extends { readonly kind: string }>(alternatives: {
  readonly [K in T['kind']]: Codec<Extract<T, { readonly kind: K }>>;
}): Codec<T> {
  const byKind = new Map(Object.entries<Codec<T>>(alternatives));
  return {
    encode: (value) => {
      const codec = byKind.get(value.kind);
      if (codec === undefined) throw new TypeError(`cannot store the kind \`${value.kind}\``);
      return codec.encode(value);
    },
    decode: (json) => {
      const kind = asObject(json)['kind'];
      const codec = typeof kind === 'string' ? byKind.get(kind) : undefined;
      if (codec === undefined) throw misfitAt('.kind', [...byKind.keys()].join(' or '));
      return codec.decode(json);
    },
  };
}

/** The error for stored JSON that is not what was written. */
export function unreadable(path: string, expected: string): PodreachError {
  return new PodreachError('snapshot-corrupt', `stored member \`${path}\` is not ${expected}`);
}

/** A scalar, checked in both directions: what cannot be read back is never written. */
function scalar<T extends string | number | boolean>(
  expected: string,
  accepts: (json: unknown) => boolean,
): Codec<T> {
  return {
    encode: (value) => {
      if (!accepts(value)) throw new TypeError(`\`${String(value)}\` is not ${expected}`);
      return value;
    },
    decode: (json) => {
      if (!accepts(json)) throw new Misfit(expected);
      return json as T;
    },
    accepts,
  };
}

const textPairs = list(pair(text, text));

function asEntry([name, member]: [string, Codec<unknown> | OptionalMember<unknown>]): Entry {
  const required = !Object.hasOwn(member, 'optional');
  // Told apart by the member just looked for; only `optional()` makes it.
  const codec = required ? member : (member as OptionalMember<unknown>).optional;
  return { name, place: `.${name}`, codec: codec as Codec<unknown>, required };
}

/** Decodes what stands at `place`, which is told when it does not fit. */
function at<T>(place: string, codec: Codec<T>, json: unknown): T {
  try {
    return codec.decode(json);
  } catch (error) {
    if (error instanceof Misfit) error.path.unshift(place);
    throw error;
  }
}

function misfitAt(place: string, expected: string): Misfit {
  const misfit = new Misfit(expected);
  misfit.path.push(place);
  return misfit;
}

function asList(json: unknown): readonly unknown[] {
  if (!Array.isArray(json)) throw new Misfit('a list');
  return json;
}

function asObject(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Misfit('an object');
  }
  return json as Readonly<Record<string, unknown>>;
}
