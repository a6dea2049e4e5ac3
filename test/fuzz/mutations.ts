import fc from 'fast-check';

/*
 * Ways to damage a text that was right. A mutation is plain data, so that a counterexample shrinks.
 */

/** One change; places are parts of a whole in 2^-20, so that they fit any text. */
export interface Mutation {
  readonly kind: (typeof KINDS)[number];
  readonly at: number;
  readonly length: number;
  readonly piece: string;
}

const KINDS = [
  'flip a bit',
  'cut off',
  'take out',
  'insert',
  'replace a number',
  'replace a word',
  'double a line',
  'double a key',
  'move',
  'repeat',
] as const;

const WHOLE = 2 ** 20;

/** What a parser trips over, of JSON, YAML, numbers and names. */
const PIECES: readonly string[] = [
  ...['{', '}', '[', ']', '"', "'", ':', ',', '- ', '? ', '| ', '> ', '\n---\n', '\n...\n', '\t'],
  ...['&a ', '*a', '<<: *a', '!!binary ', '!!python/object ', '!<x>', '%TAG ! x', '%YAML 1.1\n'],
  ...['\u0000', '\ufeff', '\ud800', '\u2028', '\u001e', '\r', '\r\n', '#', ' # ', '\\', '\\u0000'],
  ...['null', '~', 'yes', 'on', 'true', 'NaN', '.inf', '0777', '0o17', '0x1f', '1_000', '12:30:45'],
  ...[
    '-0',
    '-1',
    '0',
    '65535',
    '65536',
    '80.0',
    '8e1',
    '1e400',
    '9007199254740993',
    '9'.repeat(400),
  ],
  ...['"__proto__": {"x": 1}, ', '__proto__: {x: 1}\n', 'constructor: a\n', '"toString": "b", '],
  ...['{}', '[]', '[[', '{"a":'.repeat(70), '['.repeat(200), '- '.repeat(100), '  '.repeat(200)],
  ...['10.0.0.0/33', '::ffff:10.0.0.1/128', '010.0.0.1', '0.0.0.0/0', '::/0', 'fe80::1%eth0'],
  ...[
    'kind: List\nitems:\n',
    '"items":[',
    '"kind":"PodList",',
    'apiVersion: v1\n',
    'x'.repeat(300),
  ],
];

/** A few changes at once; often none but one. */
export function mutations(): fc.Arbitrary<readonly Mutation[]> {
  const mutation = fc.record({
    kind: fc.constantFrom(...KINDS),
    at: fc.nat({ max: WHOLE - 1 }),
    length: fc.nat({ max: 64 }),
    piece: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...PIECES) }, fc.string()),
  });
  return fc.array(mutation, { minLength: 1, maxLength: 4 });
}

/** `text` after all changes, one after the other. */
export function mutate(text: Buffer, changes: readonly Mutation[]): Buffer {
  return changes.reduce(mutateOnce, text);
}

function mutateOnce(text: Buffer, { kind, at, length, piece }: Mutation): Buffer {
  const start = Math.floor((at / WHOLE) * text.length);
  const end = Math.min(text.length, start + length);
  const replace = (from: number, to: number, by: Buffer | string): Buffer =>
    Buffer.concat([text.subarray(0, from), Buffer.from(by), text.subarray(to)]);
  switch (kind) {
    case 'flip a bit': {
      const flipped = Buffer.from(text);
      if (start < flipped.length) flipped[start] = (flipped[start] ?? 0) ^ (1 << (length & 7));
      return flipped;
    }
    case 'cut off':
      return text.subarray(0, start);
    case 'take out':
      return replace(start, end, '');
    case 'insert':
      return replace(start, start, piece);
    case 'replace a number':
      return replaceNext(text, start, /\d+/g, piece);
    case 'replace a word':
      return replaceNext(text, start, /[A-Za-z][\w./-]*/g, piece);
    case 'double a line':
      return replace(lineStart(text, start), lineStart(text, start), lineAt(text, start));
    case 'double a key': {
      const [pair = ''] =
        /"?[\w./-]+"?:\s*[^,\n{}[\]]*[,\n]/.exec(text.toString('latin1', start)) ?? [];
      const found = text.indexOf(pair, start, 'latin1');
      return replace(found, found, Buffer.from(pair, 'latin1'));
    }
    case 'move': {
      const part = Buffer.from(text.subarray(start, end));
      const rest = replace(start, end, '');
      const to = Math.floor((length / 64) * rest.length);
      return Buffer.concat([rest.subarray(0, to), part, rest.subarray(to)]);
    }
    case 'repeat': {
      const part = text.subarray(start, end).toString('latin1');
      return replace(start, start, Buffer.from(part.repeat(1 + (at % 20)), 'latin1'));
    }
  }
}

/** The first match behind `start` by another text; nothing where there is none. */
function replaceNext(text: Buffer, start: number, what: RegExp, by: string): Buffer {
  const latin = text.toString('latin1');
  what.lastIndex = start;
  const found = what.exec(latin);
  if (found === null) return text;
  const end = found.index + found[0].length;
  return Buffer.concat([text.subarray(0, found.index), Buffer.from(by), text.subarray(end)]);
}

function lineStart(text: Buffer, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf(0x0a, at - 1) + 1;
}

function lineAt(text: Buffer, at: number): Buffer {
  const end = text.indexOf(0x0a, at);
  return text.subarray(lineStart(text, at), end === -1 ? text.length : end + 1);
}

/** One of `texts`, whole or damaged: the bytes of a third to a half of them are still right. */
export function mutated(texts: readonly string[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom(...texts), fc.option(mutations(), { freq: 4 }))
    .map(([text, changes]) => mutate(Buffer.from(text), changes ?? []));
}

/** The same as text; bytes that are no UTF-8 become marks. */
export function mutatedText(texts: readonly string[]): fc.Arbitrary<string> {
  return mutated(texts).map((bytes) => bytes.toString());
}

/** Texts that fit a grammar in parts: `pieces` in any order, and any characters. */
export function grammarTexts(pieces: readonly string[]): fc.Arbitrary<string> {
  const any = fc.string({ unit: 'binary', maxLength: 4 });
  const piece = fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...pieces) }, any);
  const short = fc.array(piece, { maxLength: 4 });
  return fc.oneof(short, fc.array(piece, { maxLength: 14 })).map((parts) => parts.join(''));
}
