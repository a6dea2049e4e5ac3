import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { readObjects } from '../../src/manifest/read/read-objects.ts';
import type { KeepList, KeepTree, ReadItem } from '../../src/manifest/read-item.ts';
import { PodreachError } from '../../src/model/errors.ts';
import {
  DEFAULT_INGEST_LIMITS,
  type IngestLimits,
  type IngestProgress,
} from '../../src/model/input.ts';

const SPEC_KEEP: KeepTree = {
  metadata: { name: true, namespace: true, labels: true },
  spec: {
    podSelector: true,
    ingress: true,
    nodeName: true,
    containers: { name: true, ports: true },
  },
};
const KNOWN = new Set(['Pod', 'NetworkPolicy', 'Namespace']);
const keepSpec: KeepList = (_apiVersion, kind) => (KNOWN.has(kind) ? SPEC_KEEP : undefined);
const keepAll: KeepList = () => true;

interface ReadOptions {
  readonly keep?: KeepList;
  readonly limits?: Partial<IngestLimits>;
  /** Sizes of the chunks, over and over; one chunk when absent. */
  readonly chunks?: readonly number[];
  readonly onProgress?: (progress: IngestProgress) => void;
}

async function read(input: string | Buffer, options: ReadOptions = {}): Promise<ReadItem[]> {
  const bytes = Buffer.from(input);
  async function* cut() {
    const sizes = options.chunks ?? [Math.max(1, bytes.length)];
    for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
      const size = sizes[turn % sizes.length] ?? 1;
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }
  async function* inputs() {
    yield { file: 'dump', bytes: cut() };
  }
  const items: ReadItem[] = [];
  const found = readObjects(inputs(), {
    keep: options.keep ?? keepSpec,
    limits: { ...DEFAULT_INGEST_LIMITS, ...options.limits },
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  for await (const item of found) items.push(item);
  return items;
}

async function readError(input: string | Buffer, options?: ReadOptions): Promise<PodreachError> {
  try {
    await read(input, options);
  } catch (error) {
    if (error instanceof PodreachError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Items without places and without lists, as plain JSON. */
function objectsOf(items: readonly ReadItem[]): unknown[] {
  return items.flatMap((item) => {
    if (item.type !== 'object') return item.type === 'list' ? [] : [item];
    const { apiVersion, kind, value } = item;
    return [JSON.parse(JSON.stringify({ apiVersion, kind, value }))];
  });
}

function kindsOf(items: readonly ReadItem[]): string[] {
  return items.map((item) =>
    item.type === 'problem'
      ? `${item.problem.code}@${item.problem.line}`
      : `${item.type} ${item.type === 'evidence' ? '' : item.kind}`,
  );
}

const CANARY = 'hunter2-canary';
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web-1',
    namespace: 'shop',
    labels: { app: 'web', version: '1.10', 'a.b/c': 'ünïcode "quoted" \\ \u2028' },
    annotations: { note: CANARY },
    managedFields: [{ manager: CANARY }],
  },
  spec: {
    nodeName: 'n1',
    containers: [
      { name: 'c', env: [{ name: 'PASSWORD', value: CANARY }], args: [CANARY], command: [CANARY] },
      { name: 'd', ports: [{ containerPort: 8080 }] },
    ],
  },
};
const POLICY = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'allow-web', namespace: 'shop' },
  spec: { podSelector: { matchLabels: {} }, ingress: [{ from: [] }, {}] },
};
const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'shop' },
  data: { password: CANARY },
};
const OBJECTS = [POD, POLICY, SECRET];

const YAML_OBJECTS = [
  `apiVersion: v1
kind: Pod
metadata:
  name: web-1
  namespace: shop
  labels: {app: web, version: "1.10", a.b/c: 'ünïcode "quoted" \\ \u2028'}
  annotations:
    note: ${CANARY}
  managedFields:
  - manager: ${CANARY}
spec:
  nodeName: n1
  containers:
  - name: c
    env:
    - {name: PASSWORD, value: ${CANARY}}
    args: [${CANARY}]
    command:
    - ${CANARY}
  - name: d
    ports:
    - containerPort: 8080
`,
  `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-web
  namespace: shop
spec:
  podSelector:
    matchLabels: {}
  ingress:
  - from: []
  - {}
`,
  `apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
data:
  password: ${CANARY}
`,
];
const yamlItems = YAML_OBJECTS.map((text) => `- ${text.trimEnd().replace(/\n/g, '\n  ')}\n`).join(
  '',
);
const indented = yamlItems
  .split('\n')
  .map((line) => (line === '' ? '' : `    ${line}`))
  .join('\n');

const kubectlList = (items: readonly unknown[]) =>
  JSON.stringify(
    { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } },
    null,
    4,
  );
const bare = ({ metadata, spec }: typeof POD) => ({ metadata, spec });

/** Texts that all hold the same three objects. */
const SHAPES: Readonly<Record<string, string>> = {
  'a kubectl list, kind after items': kubectlList(OBJECTS),
  'a list with its kind first': JSON.stringify({ kind: 'List', apiVersion: 'v1', items: OBJECTS }),
  'a list in a list': kubectlList([{ apiVersion: 'v1', kind: 'List', items: OBJECTS }]),
  'a list in a list, kinds last': kubectlList([{ apiVersion: 'v1', items: OBJECTS, kind: 'List' }]),
  'lists and objects in a list': kubectlList([
    { kind: 'PodList', apiVersion: 'v1', items: [bare(POD)] },
    POLICY,
    { items: [SECRET], apiVersion: 'v1', kind: 'SecretList' },
  ]),
  'an array': JSON.stringify(OBJECTS),
  NDJSON: OBJECTS.map((object) => JSON.stringify(object)).join('\n'),
  'pretty JSON, one after the other': OBJECTS.map((object) => JSON.stringify(object, null, 2)).join(
    '\n',
  ),
  'JSON without separators': OBJECTS.map((object) => JSON.stringify(object)).join(''),
  'JSON with commas': OBJECTS.map((object) => JSON.stringify(object)).join(',\r\n'),
  'JSON between `---`': OBJECTS.map((object) => JSON.stringify(object)).join('\n---\n'),
  'JSON text sequences': OBJECTS.map((object) => `\u001e${JSON.stringify(object)}\n`)
    .join('')
    .slice(1),
  'JSON with a byte order mark': `\ufeff\n  ${JSON.stringify(OBJECTS)}`,
  'JSON with escaped keys': JSON.stringify(OBJECTS).replaceAll('"kind"', '"\\u006bind"'),
  'YAML documents': YAML_OBJECTS.join('---\n'),
  'YAML documents with noise': `\ufeff# head\n---\n---\n# only this\n---\n${YAML_OBJECTS.join('...\n---\n')}...\n`,
  'YAML with a directive': `%YAML 1.2\n---\n${YAML_OBJECTS.join('\n---\n')}`,
  'YAML with CRLF': YAML_OBJECTS.join('---\n').replace(/\n/g, '\r\n'),
  'a YAML list': `apiVersion: v1\nitems:\n${yamlItems}kind: List\nmetadata:\n  resourceVersion: ""\n`,
  'a YAML list, kind first': `apiVersion: v1\nkind: List\nitems:\n${indented}`,
  'a YAML array': yamlItems,
  'JSON in a YAML document': `---\n${JSON.stringify(OBJECTS[0])}\n---\n${JSON.stringify(OBJECTS.slice(1))}`,
};

t.test('the same objects come out of every shape, however it is cut', async (t) => {
  const expected = objectsOf(await read(JSON.stringify(OBJECTS)));
  t.equal(expected.length, 3);
  t.match(expected[0], {
    kind: 'Pod',
    value: { spec: { containers: [{ name: 'c' }, { name: 'd' }] } },
  });
  t.strictSame(expected[2], {
    type: 'skipped',
    apiVersion: 'v1',
    kind: 'Secret',
    name: 'db',
    namespace: 'shop',
  });
  for (const [name, text] of Object.entries(SHAPES)) {
    for (const [cut, options] of Object.entries({
      whole: {},
      'byte by byte': { chunks: [1] },
      unevenly: { chunks: [7, 1, 130, 3] },
    })) {
      t.strictSame(objectsOf(await read(text, options)), expected, `${name}, ${cut}`);
    }
    t.strictSame(
      objectsOf(await read(gzipSync(text), { chunks: [11] })),
      expected,
      `${name}, gzip`,
    );
  }
});

t.test('no value that is not kept appears in what is read', async (t) => {
  for (const [name, text] of Object.entries(SHAPES)) {
    t.notMatch(JSON.stringify(await read(text)), CANARY, name);
    // Cut off in the middle, where most shapes fail.
    const outcome = await read(text.slice(0, text.lastIndexOf(CANARY) + 20)).then(
      (items) => JSON.stringify(items),
      (error: unknown) => `${String(error)}${JSON.stringify(error)}`,
    );
    t.notMatch(outcome, CANARY, `${name}, cut off`);
  }
});

t.test('lists are evidence, empty ones too', async (t) => {
  const cases: readonly [string, string[]][] = [
    ['{"kind":"PodList","apiVersion":"v1","items":[]}', ['list PodList']],
    ['{"kind":"PodList","apiVersion":"v1","items":null}', ['list PodList']],
    ['{"items":[],"apiVersion":"v1","kind":"PodList"}', ['list PodList']],
    [
      '{"items":[{"metadata":{"name":"a"}}],"apiVersion":"v1","kind":"PodList"}',
      ['object Pod', 'list PodList'],
    ],
    ['{"apiVersion":"v1","items":[],"kind":"List"}', ['list List']],
    ['{"apiVersion":"v1","kind":"List"}', ['list List']],
    ['apiVersion: v1\nkind: PodList\nitems: []\n', ['list PodList']],
    ['apiVersion: v1\nkind: PodList\nitems:\n', ['list PodList']],
    [
      'apiVersion: v1\nitems:\n- metadata:\n    name: a\nkind: PodList\n',
      ['object Pod', 'list PodList'],
    ],
    ['{"kind":"AccessList","apiVersion":"x/v1","spec":{}}', ['skipped AccessList']],
    ['{"kind":"Foo","apiVersion":"x/v1","items":["a",{"kind":"Pod"}]}', ['skipped Foo']],
    ['{"items":["a",{"b":1}],"kind":"Foo","apiVersion":"x/v1"}', ['skipped Foo']],
    ['apiVersion: x/v1\nkind: Foo\nitems: [a]\n', ['skipped Foo']],
    ['{"kind":"PodList","apiVersion":"v1","items":{}}', ['BAD_LIST@1']],
    ['kind: PodList\napiVersion: v1\nitems: {}\n', ['BAD_LIST@1']],
    [
      '{"kind":"List","apiVersion":"v1",\n"items":[\n3,[{}],{"a":1}]}',
      ['NOT_AN_OBJECT@3', 'NOT_AN_OBJECT@3', 'NOT_AN_OBJECT@3', 'list List'],
    ],
    [
      '{"items":[3,{"a":1}],"kind":"PodList","apiVersion":"v1"}',
      ['NOT_AN_OBJECT@1', 'object Pod', 'list PodList'],
    ],
    [
      '{"items":[{"metadata":{}},{"items":[{"apiVersion":"v1","kind":"Pod"}],"kind":"List","apiVersion":"v1"}],"kind":"PodList","apiVersion":"v1"}',
      ['object Pod', 'object Pod', 'list List', 'list PodList'],
    ],
    ['', []],
    [' \n\t\n', []],
    ['# nothing\n', []],
    ['---\n~\n---\n', []],
  ];
  for (const [text, expected] of cases) {
    t.strictSame(kindsOf(await read(text)), expected, JSON.stringify(text));
    t.strictSame(kindsOf(await read(text, { chunks: [1] })), expected, 'byte by byte');
  }
  for (const metadata of [{ continue: 'token' }, { remainingItemCount: 3 }, { continue: '' }, {}]) {
    const truncated = metadata.continue === 'token' || metadata.remainingItemCount === 3;
    const list = { kind: 'PodList', apiVersion: 'v1', metadata, items: [] };
    t.match(await read(JSON.stringify(list)), [{ type: 'list', truncated }]);
    t.match(await read(`---\n${JSON.stringify(list)}`), [{ type: 'list', truncated }]);
  }
});

t.test('a key that stands twice makes the object a problem, not a value', async (t) => {
  const head = '{"apiVersion":"v1","kind":"Pod",\n"metadata":{"namespace":"shop","name":"a"},\n';
  const cases: readonly [string, Record<string, unknown>][] = [
    [
      `${head}"spec":{"nodeName":"a",\n"nodeName":"b"}}`,
      { path: 'spec.nodeName', line: 3, namespace: 'shop', object: 'Pod shop/a' },
    ],
    [`${head}"spec":{},"spec":{}}`, { path: 'spec' }],
    [
      `${head}"spec":{"containers":[{},{"ports":1,"p\\u006frts":2}]}}`,
      { path: 'spec.containers[1].ports' },
    ],
    [`${head}"kind":"Secret"}`, { path: 'kind', object: 'shop/a' }],
    [
      '{"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"a","namespace":"b"}}',
      { path: 'metadata.namespace', namespace: undefined, object: 'Pod' },
    ],
    [
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: shop\n  labels:\n    app: a\n    app: b\n',
      { path: 'metadata.labels.app', line: 8, namespace: 'shop' },
    ],
    ['apiVersion: v1\nkind: Secret\nkind: NetworkPolicy\n', { path: 'kind' }],
  ];
  for (const [text, expected] of cases) {
    const items = await read(text);
    t.equal(items.length, 1, text);
    const [item] = items;
    t.match(item, {
      type: 'problem',
      problem: { code: 'DUPLICATE_KEY', severity: 'error', affectsVerdicts: true, file: 'dump' },
    });
    if (item?.type !== 'problem') return;
    for (const [key, value] of Object.entries(expected)) {
      if (key === 'object') t.match(item.problem.object, value, text);
      else t.strictSame(item.problem[key as 'path'], value, `${key} of ${text}`);
    }
  }
  t.strictSame(
    kindsOf(await read(`${head}"status":{"a":1,"a":2}}`)),
    ['object Pod'],
    'dropped parts may',
  );
  for (const text of [
    '{"kind":"List","apiVersion":"v1","items":[],"items":[]}',
    '{"kind":"PodList","apiVersion":"v1","metadata":{"continue":"a"},"metadata":{},"items":[]}',
    'kind: List\napiVersion: v1\nitems: []\nitems: []\n',
  ]) {
    t.equal((await readError(text)).code, 'bad-input', text);
  }
});

t.test('keys such as `__proto__` are ordinary keys of objects that inherit nothing', async (t) => {
  const labels = '{"__proto__":"a","constructor":"b","toString":"c"}';
  for (const text of [
    `{"apiVersion":"v1","kind":"Pod","metadata":{"labels":${labels}}}`,
    `apiVersion: v1\nkind: Pod\nmetadata:\n  labels: ${labels}\n`,
  ]) {
    const [item] = await read(text);
    if (item?.type !== 'object') throw new Error('no object');
    const { metadata } = item.value as { metadata: { labels: Record<string, string> } };
    t.strictSame(Object.entries(metadata.labels), [
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ]);
    for (const object of [item.value, metadata, metadata.labels]) {
      t.strictSame(inheritedKeys(object), [], 'nothing is inherited');
    }
  }
});

t.test('text that cannot be read fails with its file and line', async (t) => {
  const cases: readonly [string, string | Buffer, number][] = [
    ['an object cut off', '{"kind":"Pod",\n"spec":{\n"a":1', 3],
    ['a list cut off between items', '{"kind":"List","apiVersion":"v1","items":[\n{"a":1},\n', 3],
    ['a string cut off', '{"kind":"Po', 1],
    ['a comma too many', '{"a":1,\n}', 2],
    ['an array that ends with a comma', '[{"a":1},\n]', 2],
    ['the wrong bracket', '{"a":[1}}', 1],
    ['a number with a leading zero', '{"a":01}', 1],
    ['a number without digits', '{"a":-}', 1],
    ['NaN', '{"a":NaN}', 1],
    ['a broken literal', '{"a":trux}', 1],
    ['a control character', '{"a":"\u0001"}', 1],
    ['an unknown escape', '{"a":"\\x41"}', 1],
    ['a short escape', '{"a":"\\u12g4"}', 1],
    ['text after JSON', '{"a":1}\nlog line', 2],
    ['a scalar after JSON', '{"a":1}\n\n5', 3],
    [
      'bytes that are no UTF-8',
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]),
      1,
    ],
    [
      'bytes that are no UTF-8, YAML',
      Buffer.concat([Buffer.from('a: b\n---\na: '), Buffer.from([0xff])]),
      2,
    ],
    ['UTF-16', Buffer.from('\ufeffkind: Pod\n', 'utf16le'), 1],
    ['YAML that does not parse', 'apiVersion: v1\nkind: Pod\nspec: {a\n', 4],
    ['YAML text', '---\nError from server\n', 2],
    ['a template', 'apiVersion: v1\nkind: Pod\n{{- if x }}\nspec: 1\n{{- end }}\n', 3],
    [
      'a list in a list whose kind is open',
      '{"items":[{"a":1},{"kind":"List","apiVersion":"v1","items":[]}],"kind":"PodList"}',
      1,
    ],
    ['a list of an object kind', '{"items":[{"apiVersion":"v1","kind":"Pod"}],"kind":"Foo"}', 1],
  ];
  for (const [name, text, line] of cases) {
    for (const chunks of [[1000], [1]]) {
      const error = await readError(text, { chunks });
      t.equal(error.code, 'bad-input', name);
      t.match(error.message, '`dump`', name);
      t.match(error.details.errors, [{ object: 'dump', field: '', file: 'dump' }], name);
      t.equal(error.details.errors?.[0]?.line, line, `line of ${name}`);
    }
  }
});

t.test('limits are kept and named', async (t) => {
  const pods = (count: number, size = 10) =>
    Array.from({ length: count }, () => ({ ...POD, filler: 'x'.repeat(size) }));
  const deep = (depth: number) =>
    `{"kind":"Pod","apiVersion":"v1","x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  const yaml = (text: string) => `---\n${text}`;
  const small = { objectBytesMax: 2000 };
  const bomb = gzipSync(Buffer.alloc(4 * 1024 * 1024, 0x20));
  const cases: readonly [string, string | Buffer, Partial<IngestLimits>, string | undefined][] = [
    ['bytes sent', JSON.stringify(pods(3)), { uploadBytesMax: 1000 }, 'upload'],
    ['bytes decoded', gzipSync(JSON.stringify(pods(30))), { decodedBytesMax: 5000 }, 'decoded'],
    ['the ratio', bomb, {}, 'ratio'],
    ['the ratio raised', bomb, { decompressionRatioMax: 10_000 }, undefined],
    ['one object', JSON.stringify(pods(1, 2000)), small, 'object'],
    ['one object without end', `{"a":"${'x'.repeat(5000)}`, small, 'object'],
    ['many small objects', JSON.stringify(pods(50)), small, undefined],
    ['many small objects in a list', kubectlList(pods(50)), small, undefined],
    ['an object in a list', kubectlList(pods(2, 2000)), small, 'object'],
    [
      'items that wait for their kind',
      JSON.stringify({ items: pods(200).map(bare), kind: 'PodList' }),
      small,
      'object',
    ],
    ['one YAML object', yaml(JSON.stringify(pods(1, 3000)[0])), small, 'object'],
    ['one YAML document', `a: |\n${'  text\n'.repeat(8000)}`, small, 'document'],
    ['the number of objects', JSON.stringify(pods(4)), { objectsMax: 3 }, 'objects'],
    ['the number of objects, YAML', yaml(JSON.stringify(pods(4))), { objectsMax: 3 }, 'objects'],
    ['the number of objects, just so', JSON.stringify(pods(3)), { objectsMax: 3 }, undefined],
  ];
  for (const [name, input, limits, which] of cases) {
    if (which === undefined) {
      await t.resolves(read(input, { limits, chunks: [500] }), name);
      continue;
    }
    const error = await readError(input, { limits, chunks: [500] });
    t.equal(error.code, 'upload-too-large', `${name}: ${error.message}`);
    t.equal(error.details.which, which, name);
    const { limitBytes = NaN, receivedBytes = NaN, hint } = error.details;
    t.ok(0 < limitBytes && limitBytes < receivedBytes && hint !== undefined, name);
  }
  for (const text of [
    deep(64),
    yaml(deep(64)),
    `[${deep(64)}]`,
    kubectlList([]).replace('[]', `[${deep(64)}]`),
  ]) {
    await t.resolves(read(text));
  }
  for (const text of [
    deep(65),
    yaml(deep(65)),
    deep(100_000),
    yaml(deep(20_000)),
    `[${deep(65)}]`,
    '[['.repeat(5000),
  ]) {
    t.match(await readError(text), { code: 'bad-input', message: /nested|early/ });
  }
  const lists = (depth: number) => '{"kind":"List","apiVersion":"v1","items":['.repeat(depth);
  t.match(await readError(lists(100_000)), { code: 'bad-input', message: /nested/ });
});

t.test('gzip must be whole, single and alone', async (t) => {
  const good = gzipSync(JSON.stringify(OBJECTS));
  const flipped = Buffer.from(good);
  flipped[flipped.length - 6] = (flipped.at(-6) ?? 0) ^ 1;
  for (const [name, bytes] of Object.entries({
    'cut off': good.subarray(0, -5),
    flipped,
    'followed by text': Buffer.concat([good, Buffer.from('{"kind":"NetworkPolicy"}')]),
    'followed by zeros': Buffer.concat([good, Buffer.alloc(9)]),
    twice: gzipSync(good),
  })) {
    for (const chunks of [[1], [100_000]]) {
      t.equal((await readError(bytes, { chunks })).code, 'bad-encoding', name);
    }
  }
  const members = Buffer.concat([gzipSync('{"kind":"List",'), gzipSync('"items":[]}')]);
  t.strictSame(kindsOf(await read(members)), ['list List'], 'several members are one text');
});

t.test('lines of fields are known', async (t) => {
  const text =
    '\n{"apiVersion":"v1","items":[\n{"apiVersion":"v1","kind":"Pod",\n"metadata":{\n"labels":{"a":"{\\"",\n"app":"b"}},\n"spec":{"containers":[{"name":"a"},\n{"name":"b",\n"ports":[]}]}}\n],"kind":"List"}';
  const [item] = await read(text, { chunks: [9] });
  if (item?.type !== 'object') throw new Error('no object');
  const lineOf = item.from.lineOf ?? (() => undefined);
  t.equal(item.from.line, 3);
  t.equal(item.from.file, 'dump');
  t.equal(lineOf([]), 3);
  t.equal(lineOf(['metadata', 'labels', 'app']), 6);
  t.equal(lineOf(['spec', 'containers', 1]), 8);
  t.equal(lineOf(['spec', 'containers', 1, 'ports']), 9);
  t.equal(lineOf(['spec', 'containers', 7]), 7, 'the nearest field above');
  t.equal(lineOf(['spec', 'podSelector', 'x']), 7);
  const [large] = await read(JSON.stringify({ ...POD, filler: 'x'.repeat(70_000) }));
  t.equal(large?.type === 'object' && large.from.lineOf, undefined, 'not of large objects');
});

t.test('progress is told at the end, and an error of the source comes through', async (t) => {
  const told: IngestProgress[] = [];
  const text = JSON.stringify(OBJECTS);
  await read(text, { chunks: [1], onProgress: (progress) => told.push(progress) });
  t.ok(told.length < 10);
  t.strictSame(told.at(-1), { bytes: Buffer.byteLength(text), objects: 3 });
  async function* broken() {
    yield { bytes: failing() };
  }
  async function* failing() {
    yield gzipSync('{"a":1}').subarray(0, 12);
    throw new RangeError('the disk went away');
  }
  const items = readObjects(broken(), { keep: keepAll, limits: DEFAULT_INGEST_LIMITS });
  await t.rejects(items.next(), { name: 'RangeError' });
});

t.test('JSON values are those of JSON.parse', async () => {
  const key = fc.oneof(
    fc.constantFrom('items', 'metadata', '__proto__', 'a'),
    fc.string({ unit: 'binary' }),
  );
  const { value: json } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
      ),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    ),
  }));
  const spaces = fc.constantFrom(undefined, 1, '\t');
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(key, json),
      spaces,
      fc.nat({ max: 40 }),
      fc.boolean(),
      async (fields, space, chunk, first) => {
        const type = { apiVersion: 'x/v1', kind: 'Thing' };
        const text = JSON.stringify(
          first ? { ...type, ...fields } : { ...fields, ...type },
          null,
          space,
        );
        const plain = JSON.parse(text) as Record<string, unknown>;
        delete plain['apiVersion'];
        delete plain['kind'];
        // A list is what has items that say what they are.
        const items = await read(`${text}\n${text}`, { keep: keepAll, chunks: [chunk + 1] });
        return (
          items.length === 2 &&
          items.every(
            (item) =>
              item.type === 'object' && JSON.stringify(item.value) === JSON.stringify(plain),
          )
        );
      },
    ),
    { numRuns: 300 },
  );
});

t.test('damaged JSON is read as JSON.parse reads it, or refused', async () => {
  const text = JSON.stringify({ ...POD, numbers: [0, -1.5e-7, 1e400, true, null] });
  const damage = fc.record({
    at: fc.nat({ max: text.length - 1 }),
    to: fc.constantFrom(...Array.from('"{}[],:\\-+.e0x \n'), ''),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(damage, { minLength: 1, maxLength: 2 }),
      fc.integer({ min: 1, max: 50 }),
      async (damages, chunk) => {
        let damaged = text;
        for (const { at, to } of damages)
          damaged = damaged.slice(0, at) + to + damaged.slice(at + 1);
        if (!damaged.startsWith('{')) return true;
        let parses = true;
        try {
          JSON.parse(damaged);
        } catch {
          parses = false;
        }
        const outcome = await read(damaged, { keep: keepAll, chunks: [chunk] }).then(
          () => true,
          () => false,
        );
        // One text of several values is no JSON, but read here.
        return outcome === parses || /^\{.*\}\s*,?\s*\{.*\}$|^\{.*\},+$/s.test(damaged);
      },
    ),
    { numRuns: 500 },
  );
});

/** Keys that an object has from its prototypes. */
function inheritedKeys(value: object): PropertyKey[] {
  const keys: PropertyKey[] = [];
  for (let at: unknown = Object.getPrototypeOf(value); at !== null;) {
    keys.push(...Reflect.ownKeys(at as object));
    at = Object.getPrototypeOf(at);
  }
  return keys;
}
