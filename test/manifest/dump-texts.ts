/** Any JSON value; objects without prototype, so that every key is an ordinary one. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

/** A repeatable source of choices. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 to below `count`. */
  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  }

  /** True once in `count` times. */
  once(count: number): boolean {
    return this.below(count) === 0;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}

const WORDS = ['a', 'web', 'x1', 'kube-system', '10.0.0.7', 'fd00::1', 'TCP', 'Running', 'app'];
const ODD_TEXTS = [
  '',
  ' ',
  'a: b',
  'a #b',
  '- a',
  '{}',
  '}',
  ']\n}',
  '"',
  "it's",
  '\\',
  'say "hi"\n\ttwice',
  '\u0000\u001f\u007f',
  'é',
  '漢字',
  '😀',
  '\ud83d',
  '\u2028\u0085\ufeff',
  'yes',
  '010',
  '1e3',
  '~',
  'null',
  'true',
  '2026-01-01',
  '12:30',
  '0x1f',
  '<<',
  '|',
  '&a',
  '*a',
  '!t',
  'kind: List',
  'x'.repeat(120),
  'many words that go on '.repeat(6),
];
const ODD_KEYS = [
  '__proto__',
  'constructor',
  'kind',
  'items',
  'f:a',
  '.',
  'k:{"ip":"1"}',
  'é',
  '1',
  'no',
  '',
];
const ODD_NUMBERS = [0, -0, 1, 8080, -17, 1.5, 1e21, 1e-7, 123456789012345680, 2147483648];

function text(dice: Dice): string {
  if (dice.once(4)) return dice.pick(ODD_TEXTS);
  return `${dice.pick(WORDS)}-${dice.below(dice.pick([10, 100_000]))}`;
}

function scalar(dice: Dice): Json {
  if (dice.once(5)) return dice.pick([true, false, null]);
  return dice.once(4) ? dice.pick(ODD_NUMBERS) : text(dice);
}

function anything(dice: Dice, depth: number): Json {
  if (depth === 0 || dice.once(2)) return scalar(dice);
  const count = dice.below(4);
  if (dice.once(2)) return Array.from({ length: count }, () => anything(dice, depth - 1));
  return objectOf(
    Array.from({ length: count }, () => [
      dice.once(3) ? dice.pick(ODD_KEYS) : text(dice),
      anything(dice, depth - 1),
    ]),
  );
}

/** An object whose keys are all ordinary. */
export function objectOf(entries: readonly (readonly [string, Json])[]): JsonObject {
  const object = Object.create(null) as JsonObject;
  for (const [key, value] of entries) object[key] = value;
  return object;
}

/** Something like a Pod: what is kept and what is dropped, of ordinary and of odd values. */
export function somePod(dice: Dice): JsonObject {
  const labels = Array.from({ length: dice.below(5) }, (_, i): [string, Json] => [
    dice.once(8) ? dice.pick(ODD_KEYS) : `app.kubernetes.io/l${i}`,
    dice.once(6) ? scalar(dice) : text(dice),
  ]);
  const container = (): Json =>
    objectOf([
      ['args', Array.from({ length: dice.below(3) }, () => text(dice))],
      ['env', anything(dice, 3)],
      ['name', text(dice)],
      [
        'ports',
        [
          objectOf([
            ['containerPort', 80 + dice.below(9000)],
            ['name', text(dice)],
          ]),
        ],
      ],
      ['resources', objectOf([])],
    ]);
  return objectOf([
    ['apiVersion', 'v1'],
    ['kind', dice.once(12) ? 'Secret' : 'Pod'],
    [
      'metadata',
      objectOf([
        ['annotations', anything(dice, 3)],
        ['labels', objectOf(labels)],
        ['managedFields', anything(dice, 4)],
        ['name', dice.once(8) ? text(dice) : `pod-${dice.below(1000)}`],
        ['namespace', 'shop'],
        ['uid', `${dice.below(1_000_000)}-b`],
      ]),
    ],
    [
      'spec',
      objectOf([
        ['containers', Array.from({ length: 1 + dice.below(2) }, container)],
        ['hostNetwork', dice.once(2)],
        ['nodeName', text(dice)],
        ['volumes', anything(dice, 3)],
      ]),
    ],
    [
      'status',
      objectOf([
        ['message', text(dice)],
        ['phase', 'Running'],
        ['podIP', text(dice)],
      ]),
    ],
  ]);
}

/** The same object with other scalars here and there and, if `mayVary`, another structure. */
export function alike(dice: Dice, value: Json, mayVary: boolean): Json {
  if (mayVary && dice.once(150)) return anything(dice, 2);
  if (Array.isArray(value)) {
    const items = value.map((item) => alike(dice, item, mayVary));
    return mayVary && dice.once(60) ? [...items, scalar(dice)] : items;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.keys(value).map((key): [string, Json] => {
      const isType = key === 'kind' || key === 'apiVersion';
      return [key, isType ? (value[key] ?? null) : alike(dice, value[key] ?? null, mayVary)];
    });
    if (mayVary && dice.once(60)) entries.pop();
    if (mayVary && dice.once(60)) entries.unshift([dice.pick(ODD_KEYS), anything(dice, 1)]);
    return objectOf(entries);
  }
  if (!dice.once(5)) return value;
  if (typeof value === 'string') return mayVary && dice.once(8) ? scalar(dice) : text(dice);
  return typeof value === 'number' && !mayVary ? dice.below(100_000) : scalar(dice);
}

/** How JSON is laid out. */
export interface JsonStyle {
  readonly indent: string;
  readonly feed: string;
  /** Blanks wherever there may be some. */
  readonly isLoose: boolean;
  /** One character in so many is written as an escape; 0: none that need not be. */
  readonly escapeOnceIn: number;
}

/** Any layout, most often one of a server or of kubectl. */
export function someStyle(dice: Dice): JsonStyle {
  const indent = dice.pick(['', '', '    ', '    ', '  ', '\t']);
  return {
    indent,
    feed: indent === '' ? '' : dice.once(6) ? '\r\n' : '\n',
    isLoose: dice.once(5),
    escapeOnceIn: dice.once(4) ? 1 + dice.below(30) : 0,
  };
}

/** `value` as JSON. */
export function jsonText(dice: Dice, value: Json, style: JsonStyle, level = 0): string {
  const blank = (): string => (style.isLoose ? dice.pick(['', ' ', '\n', '\t \r\n']) : '');
  const write = (child: Json): string => jsonText(dice, child, style, level + 1);
  if (typeof value === 'string') return quoted(dice, value, style);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Array.isArray(value)
    ? value.map((item) => blank() + write(item) + blank())
    : Object.keys(value).map((key) => {
        const space = style.indent === '' ? '' : ' ';
        const name = quoted(dice, key, style);
        return `${blank()}${name}${blank()}:${space}${blank()}${write(value[key] ?? null)}${blank()}`;
      });
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (members.length === 0) return `${open}${blank()}${close}`;
  const line = style.feed + style.indent.repeat(level + 1);
  return `${open}${line}${members.join(`,${line}`)}${style.feed}${style.indent.repeat(level)}${close}`;
}

function quoted(dice: Dice, value: string, { escapeOnceIn }: JsonStyle): string {
  const plain = JSON.stringify(value);
  if (escapeOnceIn === 0) return plain;
  const units = Array.from({ length: value.length }, (_, i) => {
    const unit = value.charAt(i);
    if (!dice.once(escapeOnceIn)) return JSON.stringify(unit).slice(1, -1);
    return unit === '/' ? '\\/' : `\\u${value.charCodeAt(i).toString(16).padStart(4, '0')}`;
  });
  // A pair of surrogates must not be written half as it is, half as an escape of its own.
  const text = `"${units.join('')}"`;
  return JSON.parse(text) === value ? text : plain;
}

/** An object as kubectl writes it as an item of a list, whose dash stands at `column`. */
export function yamlItem(dice: Dice, value: JsonObject, column: number): string {
  const lines = yamlMembers(dice, value, column + 2);
  return `${' '.repeat(column)}- ${lines.slice(column + 2)}`;
}

function yamlMembers(dice: Dice, value: JsonObject, column: number): string {
  const pad = ' '.repeat(column);
  return Object.keys(value)
    .map((key) => {
      const member = value[key] ?? null;
      const name = pad + yamlScalar(dice, key, undefined);
      if (Array.isArray(member)) {
        if (member.length === 0) return `${name}: []\n`;
        return `${name}:\n${member.map((item) => yamlElement(dice, item, column)).join('')}`;
      }
      if (typeof member === 'object' && member !== null) {
        if (Object.keys(member).length === 0) return `${name}: {}\n`;
        return `${name}:\n${yamlMembers(dice, member, column + 2)}`;
      }
      if (member === null && dice.once(2)) return `${name}:\n`;
      return `${name}: ${yamlScalar(dice, member, column + 2)}\n`;
    })
    .join('');
}

function yamlElement(dice: Dice, item: Json, column: number): string {
  const dash = `${' '.repeat(column)}- `;
  if (Array.isArray(item)) return `${dash}[]\n`;
  if (typeof item === 'object' && item !== null) {
    if (Object.keys(item).length === 0) return `${dash}{}\n`;
    return dash + yamlMembers(dice, item, column + 2).slice(column + 2);
  }
  return `${dash}${yamlScalar(dice, item, column + 2)}\n`;
}

const PLAIN = /^[A-Za-z./_][\w./:+$-]*$/;
const SPECIAL = /^(?:y|n|yes|no|on|off|true|false|null|~|\.|\.inf|\.nan|<<)$/i;

/** `blockColumn`: where a block may stand; undefined for keys. */
function yamlScalar(dice: Dice, value: Json, blockColumn: number | undefined): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  // Now and then as people write it, not as kubectl does: then it may mean something else.
  const isPlain = PLAIN.test(value) && !SPECIAL.test(value) && !/:$/.test(value);
  if (isPlain || (dice.once(12) && /^[\w ]+$/.test(value))) return value;
  const isPrintable = /^[\n\x20-\x7e]+$/.test(value);
  if (blockColumn !== undefined && isPrintable && /^\S.*\n/.test(value)) {
    const pad = ' '.repeat(blockColumn);
    return `|-\n${value
      .split('\n')
      .map((line) => pad + line)
      .join('\n')}`;
  }
  if (blockColumn !== undefined && dice.once(3) && /^\w+( \w+)+$/.test(value)) {
    const quote = dice.pick(['', "'", '"']);
    const folded = value.replace(/ (?=\w+$)/, `\n${' '.repeat(blockColumn)}`);
    return quote + folded + quote;
  }
  if (isPrintable && !value.includes('\n') && dice.once(2))
    return `'${value.replaceAll("'", "''")}'`;
  return JSON.stringify(value);
}

/** `bytes` with a few bytes changed, left out, put in, said twice, or cut off. */
export function damaged(dice: Dice, bytes: Buffer): Buffer {
  let result = bytes;
  for (let left = 1 + dice.below(3); 0 < left; left -= 1) {
    const at = dice.below(Math.max(1, result.length));
    const [head, tail] = [result.subarray(0, at), result.subarray(at)];
    switch (dice.below(6)) {
      case 0:
        result = Buffer.concat([head, Buffer.from([dice.below(256)]), tail.subarray(1)]);
        break;
      case 1:
        result = Buffer.concat([head, tail.subarray(1 + dice.below(3))]);
        break;
      case 2:
        result = Buffer.concat([head, Buffer.from(dice.pick(SPLINTERS)), tail]);
        break;
      case 3:
        result = Buffer.concat([head, Buffer.from(dice.pick(SPLINTERS)), tail.subarray(1)]);
        break;
      case 4:
        result = Buffer.concat([head, tail.subarray(0, dice.below(60)), tail]);
        break;
      default:
        if (dice.once(4)) result = head;
    }
  }
  return result;
}

const SPLINTERS = [
  ...[
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    ' ',
    '\n',
    '\r',
    '\t',
    '\0',
    '0',
    '-',
    '.',
    'e',
    'null',
  ],
  ...[
    '"kind":"List",',
    '"name":"x",',
    '"items":[],',
    '{"a":1},',
    '\\u0041',
    '\\q',
    '\\u12g4',
    '{',
    ':',
    ',',
    '\\ud800',
    '\ufeff',
    'é',
  ],
  ...[
    "'",
    ': ',
    ' #',
    '- ',
    '\n- ',
    '\n  ',
    '\n    ',
    '&a ',
    '*a',
    '!t ',
    '|\n',
    '>-\n',
    '<<: ',
    '? ',
    '---\n',
    '%a',
  ],
];
