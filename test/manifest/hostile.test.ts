import { gzipSync } from 'node:zlib';
import t from 'tap';
import { buildSnapshot } from '../../src/manifest/build-snapshot.ts';
import { keepList } from '../../src/manifest/kinds.ts';
import { readObjects } from '../../src/manifest/read/read-objects.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import { tarOf } from '../support/tar.ts';

/*
 * Documents that are made to cost more than they weigh. Each is taken or refused with an error of ours,
 * in a time that grows no faster than its size, and in little memory.
 */

const KIB = 1024;
const MIB = 1024 * KIB;
/** Of one document on a machine that is busy with other things; on a quiet one most take a hundredth. */
const CPU_MS_PER_MIB = 2500;
const CPU_MS_FIXED = 500;
/** The best of so many times counts: what else the machine does is not the reader's fault. */
const TRIES = 4;
const MEMORY_BYTES_MAX = 512 * MIB;
/** Size of a document whose cost could grow faster than its size. */
const LENGTH = 150 * KIB;

type Outcome = 'read' | 'bad-input' | 'bad-encoding' | 'upload-too-large';
type Hostile = readonly [what: string, input: string | Buffer, wanted: Outcome];

const POLICY = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\n';
const HEAD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: n}\n';
const JSON_HEAD = '"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"n"}';

function podJson(rest: string): string {
  return `{${JSON_HEAD},${rest}}`;
}

/** `line` with its number, as often as `LENGTH` allows. */
function lines(line: (i: number) => string, length = LENGTH): string {
  const count = Math.floor(length / line(10_000).length);
  return Array.from({ length: count }, (_, i) => line(i)).join('');
}

const labels = (entries: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n${entries}`;

/** T1: what anchors and aliases multiply. */
const ALIASES: readonly Hostile[] = [
  ...[4, 9].map((levels): Hostile => {
    const level = (n: number): string =>
      `  a${n}: &a${n} [${Array.from({ length: 9 }, () => (n === 0 ? 'x' : `*a${n - 1}`)).join(',')}]\n`;
    const bomb = Array.from({ length: levels }, (_, n) => level(n)).join('');
    return [
      `a bomb of ${levels} levels`,
      `${POLICY}spec:\n${bomb}`,
      levels === 4 ? 'read' : 'bad-input',
    ];
  }),
  [
    'a long alias, often',
    `${HEAD}spec:\n  a: &a ${'x'.repeat(9999)}\n${lines((i) => `  b${i}: *a\n`, 9000)}`,
    'read',
  ],
  ['more aliases than allowed', `${HEAD}spec:\n- &a b\n${'- *a\n'.repeat(2000)}`, 'bad-input'],
  ['an alias of itself', `${HEAD}spec: &s {a: *s}\n`, 'bad-input'],
  ['an alias of nothing', `${HEAD}spec: *none\n`, 'bad-input'],
  ['nothing but anchors', `${HEAD}spec:\n${lines((i) => `- &a${i} b\n`)}`, 'read'],
  ['one anchor again and again', `${HEAD}spec:\n${lines(() => '- &a b\n')}`, 'read'],
  ['an anchor of an endless name', `${HEAD}spec: &${'a'.repeat(LENGTH)} b\n`, 'read'],
  ['merges', `${HEAD}x: &x {a: b}\nspec:\n${lines(() => '- {<<: *x}\n', 5000)}`, 'read'],
];

/** T2: nesting. */
const NESTED: readonly Hostile[] = [
  ...[65, 1000, 100_000].flatMap((depth): readonly Hostile[] => [
    [
      `${depth} lists, JSON`,
      podJson(`"spec":${'['.repeat(depth)}${']'.repeat(depth)}`),
      'bad-input',
    ],
    [
      `${depth} objects, JSON`,
      podJson(`"spec":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
      'bad-input',
    ],
    [`${depth} lists never closed, JSON`, podJson(`"spec":${'['.repeat(depth)}`), 'bad-input'],
    [
      `${depth} lists, YAML in flow`,
      `${HEAD}spec: ${'['.repeat(depth)}${']'.repeat(depth)}\n`,
      'bad-input',
    ],
    [
      `${depth} maps, YAML in flow`,
      `${HEAD}spec: ${'{a: '.repeat(depth)}${'}'.repeat(depth)}\n`,
      'bad-input',
    ],
    [`${depth} dashes, YAML`, `${HEAD}spec:\n  ${'- '.repeat(depth)}a\n`, 'bad-input'],
    [`${depth} questions, YAML`, `${HEAD}spec:\n  ${'? '.repeat(depth)}a\n`, 'bad-input'],
    [
      `${depth} lists of lists`,
      '{"kind":"List","apiVersion":"v1","items":['.repeat(depth),
      'bad-input',
    ],
  ]),
  [
    'a staircase of maps, YAML',
    `${HEAD}spec:\n${Array.from({ length: 700 }, (_, i) => `${' '.repeat(i + 1)}a:\n`).join('')}`,
    'bad-input',
  ],
];

/** T3: what is quadratic in other readers. */
const QUADRATIC: readonly Hostile[] = [
  ['keys of one map, YAML', labels(lines((i) => `    k${i}: v\n`)), 'upload-too-large'],
  ['keys of one map in flow', `${HEAD}spec: {${lines((i) => `k${i}: v, `)}}\n`, 'read'],
  ['keys of one map, JSON', podJson(`"spec":{${lines((i) => `"k${i}":1,`)}"z":1}`), 'read'],
  ['one key again and again, YAML', labels(lines(() => '    k: v\n')), 'read'],
  ['one key again and again, JSON', podJson(`"spec":{${lines(() => '"k":1,')}"z":1}`), 'read'],
  ['complex keys', `${HEAD}spec:\n${lines((i) => `  ? [a, ${i}]\n  : b\n`)}`, 'read'],
  ['comments', `${HEAD}${lines(() => '# x\n')}spec: {}\n`, 'read'],
  ['comments in a list', `${HEAD}spec:\n${lines(() => '  - a # x\n')}`, 'read'],
  ['empty lines', `${HEAD}${'\n'.repeat(LENGTH)}spec: {}\n`, 'read'],
  ['empty documents', `${HEAD}${'---\n'.repeat(LENGTH / 4)}`, 'read'],
  ['tag directives', `${lines((i) => `%TAG !a${i}! tag:x,2000:\n`)}---\n${HEAD}`, 'read'],
  ['tags', `${HEAD}spec:\n${lines((i) => `- !a${i} b\n`)}`, 'read'],
  ['ordered maps', `${HEAD}spec: !!omap\n${lines((i) => `- k${i}: v\n`)}`, 'read'],
  ['a block of text', `${HEAD}spec: |\n${lines(() => '  x\n')}`, 'read'],
  ['a folded block', `${HEAD}spec: >\n${lines(() => '  x\n\n')}`, 'read'],
  ['text over many lines', `${HEAD}spec: "${lines(() => '  x\n')}  "\n`, 'read'],
  ['plain text over many lines', `${HEAD}spec: x\n${lines(() => '  x\n')}`, 'read'],
  ['text never closed, YAML', `${HEAD}spec: "${'x'.repeat(LENGTH)}`, 'bad-input'],
  ['text never closed, JSON', `{${JSON_HEAD},"spec":"${'x'.repeat(LENGTH)}`, 'bad-input'],
  ['escapes', podJson(`"spec":"${'\\u0041'.repeat(LENGTH / 6)}"`), 'read'],
  ['blanks', `{${' '.repeat(LENGTH)}${JSON_HEAD}}`, 'read'],
  [
    'objects on one line',
    lines((i) => `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p${i}"}}`),
    'read',
  ],
  ['carriage returns', `${HEAD}${'\r'.repeat(LENGTH)}spec: {}\n`, 'read'],
];

/** T4, T5: numbers and names. */
const SCALARS: readonly Hostile[] = [
  ['a number of many digits', podJson(`"spec":${'9'.repeat(LENGTH)}`), 'read'],
  ['a fraction of many digits', podJson(`"spec":0.${'1'.repeat(LENGTH)}`), 'read'],
  ['an exponent of many digits', podJson(`"spec":1e${'9'.repeat(LENGTH)}`), 'read'],
  ['a number of many digits, YAML', `${HEAD}spec: ${'9'.repeat(LENGTH)}\n`, 'read'],
  [
    'a name without end',
    `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${'a'.repeat(LENGTH)}"}}`,
    'read',
  ],
  ['a kind without end', `{"apiVersion":"v1","kind":"${'a'.repeat(LENGTH)}"}`, 'bad-input'],
  ['a key without end', podJson(`"${'a'.repeat(LENGTH)}":1`), 'read'],
  ['half a pair', podJson('"spec":"\\ud800"'), 'read'],
];

/** T9: what becomes much more than was sent. */
const PACKED: readonly Hostile[] = [
  ['blanks', gzipSync(Buffer.alloc(16 * MIB, 0x20)), 'upload-too-large'],
  ['zeros', gzipSync(Buffer.alloc(8 * MIB)), 'upload-too-large'],
  ['one text', gzipSync(podJson(`"spec":"${'x'.repeat(8 * MIB)}"`)), 'upload-too-large'],
  ['one comment', gzipSync(`#${'x'.repeat(8 * MIB)}`), 'upload-too-large'],
  ['empty documents', gzipSync('---\n'.repeat(2 * MIB)), 'upload-too-large'],
  [
    'many members',
    Buffer.concat(Array.from({ length: 40 }, () => gzipSync(Buffer.alloc(MIB, 0x20)))),
    'upload-too-large',
  ],
  [
    'members of nothing',
    Buffer.concat(Array.from({ length: 9000 }, () => gzipSync(''))),
    'bad-input',
  ],
  ['packed twice', gzipSync(gzipSync(HEAD)), 'bad-encoding'],
  [
    'an archive of blanks',
    gzipSync(tarOf([{ name: 'a.json', content: Buffer.alloc(8 * MIB, 0x20) }])),
    'upload-too-large',
  ],
  [
    'an archive of nothing',
    gzipSync(tarOf(Array.from({ length: 9000 }, (_, i) => ({ name: `${i}.yaml` })))),
    'bad-input',
  ],
  ['a head without a body', gzipSync(HEAD).subarray(0, 12), 'bad-encoding'],
];

const HOSTILE: Readonly<Record<string, readonly Hostile[]>> = {
  'aliases in YAML': ALIASES,
  nesting: NESTED,
  'what is quadratic elsewhere': QUADRATIC,
  'numbers and names': SCALARS,
  'what is packed': PACKED,
};

/** Of what is packed, a few MiB are unpacked before it is refused. */
function weightOf(input: string | Buffer): number {
  return typeof input === 'string' ? input.length : 3 * MIB;
}

async function outcomeOf(input: string | Buffer): Promise<string> {
  const bytes = Buffer.from(input);
  async function* cut(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 64 * KIB) yield bytes.subarray(at, at + 64 * KIB);
  }
  async function* inputs(): AsyncIterable<{ file: string; bytes: AsyncIterable<Uint8Array> }> {
    yield { file: 'hostile', bytes: cut() };
  }
  const limits = DEFAULT_INGEST_LIMITS;
  try {
    await buildSnapshot(readObjects(inputs(), { keep: keepList, limits }), { limits });
    return 'read';
  } catch (error) {
    if (error instanceof PodreachError && error.message.length < 1000) return error.code;
    throw error;
  }
}

t.setTimeout(600_000);

for (const [what, documents] of Object.entries(HOSTILE)) {
  t.test(`${what}: taken or refused, in time`, async (t) => {
    const before = process.memoryUsage().rss;
    for (const [name, input, wanted] of documents) {
      const msMax = CPU_MS_FIXED + (CPU_MS_PER_MIB * weightOf(input)) / MIB;
      let msTaken = Infinity;
      for (let i = 0; i < TRIES && msMax < msTaken; i += 1) {
        const start = process.cpuUsage();
        const outcome = await outcomeOf(input);
        const { user, system } = process.cpuUsage(start);
        msTaken = Math.min(msTaken, (user + system) / 1000);
        if (i === 0) t.equal(outcome, wanted, name);
      }
      t.ok(msTaken <= msMax, `${name} takes ${msTaken} ms, at most ${msMax}`);
    }
    const grown = process.memoryUsage().rss - before;
    t.ok(grown < MEMORY_BYTES_MAX, `${grown} bytes of memory`);
  });
}
