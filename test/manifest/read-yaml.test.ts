import t from 'tap';
import { readObjects } from '../../src/manifest/read/read-objects.ts';
import { AmbiguousScalar, type KeepList, type ReadItem } from '../../src/manifest/read-item.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { DEFAULT_INGEST_LIMITS, type IngestLimits } from '../../src/model/input.ts';

const KNOWN = new Set(['Pod', 'NetworkPolicy']);
const keep: KeepList = (_apiVersion, kind) =>
  KNOWN.has(kind)
    ? { metadata: { name: true, namespace: true, labels: true }, spec: true }
    : undefined;

async function read(
  text: string,
  limits: Partial<IngestLimits> = {},
  chunkBytes = 100_000,
): Promise<ReadItem[]> {
  const bytes = Buffer.from(text);
  async function* cut() {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  async function* inputs() {
    yield { file: 'a.yaml', bytes: cut() };
  }
  const items: ReadItem[] = [];
  const options = { keep, limits: { ...DEFAULT_INGEST_LIMITS, ...limits } };
  for await (const item of readObjects(inputs(), options)) items.push(item);
  return items;
}

async function readError(text: string, limits?: Partial<IngestLimits>): Promise<PodreachError> {
  try {
    await read(text, limits);
  } catch (error) {
    if (error instanceof PodreachError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The `spec` of one policy whose spec is `text`, in flow or block style. */
async function readSpec(text: string): Promise<unknown> {
  const [item] = await read(`apiVersion: v1\nkind: NetworkPolicy\nspec:\n${text}\n`);
  return item?.type === 'object' ? item.value['spec'] : item;
}

/** Kept objects have no prototype. */
const kept = (fields: object): unknown => Object.assign(Object.create(null) as object, fields);

const codesOf = (items: readonly ReadItem[]) =>
  items.map((item) =>
    item.type === 'problem'
      ? `${item.problem.code} ${item.problem.path}`
      : `${item.type} ${item.type === 'evidence' ? '' : item.kind}`,
  );

t.test('a plain scalar has a value where YAML 1.1 and 1.2 agree', async (t) => {
  const agreed: readonly [string, unknown][] = [
    ['', null],
    ['~', null],
    ['null', null],
    ['Null', null],
    ['NULL', null],
    ['true', true],
    ['False', false],
    ['TRUE', true],
    ['0', 0],
    ['8080', 8080],
    ['-12', -12],
    ['+7', 7],
    ['0x1F', 31],
    ['1.5', 1.5],
    ['-.5', -0.5],
    ['1.', 1],
    ['1.5e+3', 1500],
    ['1.10', 1.1],
    ['.inf', Infinity],
    ['-.Inf', -Infinity],
    ['+.INF', Infinity],
    ['.nan', NaN],
    ['web', 'web'],
    ['v1', 'v1'],
    ['nULL', 'nULL'],
    ['yEs', 'yEs'],
    ['none', 'none'],
    ['north', 'north'],
    ['1.2.3', '1.2.3'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['fd00::/8', 'fd00::/8'],
    ['1a', '1a'],
    ['8080:80', '8080:80'],
    ['.', '.'],
    ['+', '+'],
    ['<', '<'],
    ['==', '=='],
    ['2024-1', '2024-1'],
    ['-web', '-web'],
    ['0x', '0x'],
    ['1e', '1e'],
    ['_1', '_1'],
    ['"yes"', 'yes'],
    ["'010'", '010'],
    ['"1:30"', '1:30'],
    ['!!str 010', '010'],
    ['! yes', 'yes'],
    ['|-\n      yes', 'yes'],
    ['>-\n      010', '010'],
  ];
  for (const [text, value] of agreed) {
    t.strictSame(await readSpec(`  a: ${text}`), kept({ a: value }), text);
  }
});

t.test('a plain scalar on which YAML 1.1 and 1.2 disagree stays ambiguous', async (t) => {
  const disputed = [
    'y',
    'Y',
    'yes',
    'Yes',
    'YES',
    'n',
    'N',
    'no',
    'No',
    'NO',
    'on',
    'On',
    'ON',
    'off',
    'Off',
    'OFF',
    '0777',
    '010',
    '00',
    '08',
    '-010',
    '0o14',
    '0b1',
    '-0b1',
    '0B1',
    '1_000',
    '1_',
    '-0x1F',
    '0x1_F',
    '0X1F',
    '1e3',
    '1.5e3',
    '1E-3',
    '12:30:45',
    '1:30',
    '-1:30',
    '190:20:30.15',
    '1_0.5',
    '2024-01-02',
    '2024-1-2',
    '2024-01-02T03:04:05Z',
    '2024-01-02 03:04:05',
    '=',
    '<<',
    '9'.repeat(300) + '_',
  ];
  for (const text of disputed) {
    t.strictSame(await readSpec(`  a: ${text}`), kept({ a: new AmbiguousScalar(text) }), text);
    t.strictSame(
      await readSpec(`  - [${text}]`),
      [[new AmbiguousScalar(text)]],
      `${text} in a list`,
    );
  }
});

t.test('an ambiguous key is kept as text, and said to be a problem', async (t) => {
  for (const key of ['on', 'y', '010', '1.10', 'True', '~', '2024-01-02', '!foo a']) {
    const items = await read(
      `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: shop\n  labels:\n    ${key}: x\n`,
    );
    t.match(items[0], {
      type: 'problem',
      problem: {
        code: 'AMBIGUOUS_SCALAR',
        severity: 'error',
        affectsVerdicts: true,
        namespace: 'shop',
        object: 'Pod shop/a',
        line: 7,
      },
    });
    t.match(items[1], {
      type: 'object',
      value: { metadata: { labels: { [key.replace('!foo ', '')]: 'x' } } },
    });
  }
  for (const key of ['"on"', '1', '8080', 'true', 'x']) {
    t.equal((await read(`apiVersion: v1\nkind: Pod\nspec: {${key}: x}\n`)).length, 1, key);
  }
});

t.test(
  'what JSON has no word for is a problem where it is kept, and nothing where it is not',
  async (t) => {
    const head = 'apiVersion: v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: shop}\n';
    const cases: readonly [string, readonly string[]][] = [
      ['spec:\n  <<: {podSelector: {}}\n', ['MERGE_KEY spec["<<"]', 'object NetworkPolicy']],
      ['spec: {a: !foo b}\n', ['UNSUPPORTED_TAG spec.a']],
      ['spec: !foo {a: b}\n', ['UNSUPPORTED_TAG spec']],
      ['spec: {a: [!!set {b}]}\n', ['UNSUPPORTED_TAG spec.a[0]']],
      ['spec: {a: !!int "5"}\n', ['UNSUPPORTED_TAG spec.a']],
      ['spec: !!map {a: !!seq [!!str 1]}\n', ['object NetworkPolicy']],
      ['spec:\n  ? [a]\n  : b\n', ['UNSUPPORTED_KEY spec']],
      ['spec:\n  a: 1\n  b: 2\n  a: 3\n', ['DUPLICATE_KEY spec.a']],
      ['spec: {a: 1, "\\x61": 3}\n', ['DUPLICATE_KEY spec.a']],
      ['spec: {"<<": 1}\n', ['object NetworkPolicy']],
      ['status: {a: 1, a: 2, b: !foo c, <<: d, ? [e] : f, g: yes}\n', ['object NetworkPolicy']],
      ['<<: {spec: {}}\n', ['MERGE_KEY ["<<"]', 'object NetworkPolicy']],
    ];
    for (const [text, expected] of cases) {
      const items = await read(head + text);
      t.strictSame(codesOf(items), expected, text);
      for (const item of items) {
        if (item.type !== 'problem') continue;
        t.match(item.problem, {
          severity: 'error',
          affectsVerdicts: true,
          namespace: text.startsWith('<<') ? undefined : 'shop',
          file: 'a.yaml',
        });
        t.ok(4 <= (item.problem.line ?? 0), text);
      }
    }
    const [, item] = await read(`${head}spec:\n  <<: {podSelector: {secret: x}}\n`);
    t.strictSame(item?.type === 'object' && item.value['spec'], kept({ '<<': null }));
    const merged = await read(
      `apiVersion: v1\nkind: Pod\nmetadata:\n  <<: {namespace: other}\n  namespace: shop\n`,
    );
    t.equal(
      merged[0]?.type === 'problem' && merged[0].problem.namespace,
      undefined,
      'a merged namespace is unknown',
    );
    t.match(await read('x: &x {kind: NetworkPolicy, apiVersion: v1}\n<<: *x\n'), [
      { problem: { code: 'NOT_AN_OBJECT', severity: 'error', affectsVerdicts: true } },
    ]);
    t.match(await read('kind: !foo NetworkPolicy\napiVersion: v1\n'), [
      { problem: { affectsVerdicts: true } },
    ]);
    t.match(await read('resources: [a.yaml]\n'), [
      { problem: { code: 'NOT_AN_OBJECT', severity: 'warning', affectsVerdicts: false } },
    ]);
  },
);

t.test('anchors and aliases are followed, within limits', async (t) => {
  const head = 'apiVersion: v1\nkind: Pod\n';
  const [item] = await read(
    `${head}x: &labels {app: web, &k key: v}\nmetadata:\n  labels: *labels\nspec: {a: &a 1, b: *a, *k : &a 2, c: *a}\n`,
  );
  t.match(item, {
    value: { metadata: { labels: { app: 'web', key: 'v' } }, spec: { a: 1, b: 1, key: 2, c: 2 } },
  });
  t.strictSame(
    codesOf(
      await read('apiVersion: v1\nkind: List\nitems:\n- &p {apiVersion: v1, kind: Pod}\n- *p\n'),
    ),
    ['object Pod', 'object Pod', 'list List'],
  );
  const level = (n: number) =>
    `a${n}: &a${n} [${Array(9)
      .fill(n === 0 ? 'x' : `*a${n - 1}`)
      .join(', ')}]`;
  const bomb = Array.from({ length: 9 }, (_, n) => `  ${level(n)}`).join('\n');
  const cases: readonly [string, RegExp][] = [
    [`${head}spec:\n${bomb}\n`, /line \d+: its aliases make it too large/],
    [
      `apiVersion: v1\nkind: List\nx:\n${bomb}\nitems: [{apiVersion: v1, kind: Pod, spec: *a8}]\n`,
      /too large/,
    ],
    [`${head}spec: &s {a: *s}\n`, /its own anchor/],
    [`${head}spec: {a: *none}\n`, /no anchor/],
    [`${head}spec:\n- &a b\n${'- *a\n'.repeat(1001)}`, /more than 1000 aliases/],
    [
      `${head}spec: {a: &a ${'['.repeat(40)}${']'.repeat(40)}, b: ${'['.repeat(40)}*a${']'.repeat(40)}}\n`,
      /nested deeper/,
    ],
  ];
  for (const [text, message] of cases) {
    t.match(await readError(text), { code: 'bad-input', message }, text.slice(0, 80));
  }
});

t.test('kinds that are not read are not parsed, unless a line is unclear', async (t) => {
  const skipped = ['skipped Other'];
  const policy = ['object NetworkPolicy'];
  const cases: readonly [string, readonly string[]][] = [
    ['apiVersion: x/v1\nkind: Other\nspec: [\n', skipped],
    ['apiVersion: x/v1\nkind: Other\nmatch: =\nlist:\n- =\n', skipped],
    ['# c\n---  # d\n"apiVersion": x/v1\nkind: "Other"\nspec: =\n', skipped],
    ['"kind": NetworkPolicy\napiVersion: x/v1\n', policy],
    ['? kind\n: NetworkPolicy\napiVersion: x/v1\n', policy],
    ['--- {apiVersion: x/v1,\nkind: NetworkPolicy\n}\n', policy],
    ['kind:\n  NetworkPolicy\napiVersion: x/v1\n', policy],
    ['kind: >-\n  NetworkPolicy\napiVersion: x/v1\n', policy],
    ['kind: &k NetworkPolicy\napiVersion: x/v1\n', policy],
    ['  kind: NetworkPolicy\n  apiVersion: x/v1\n', policy],
    ['text: |\n  kind: Other\nkind: NetworkPolicy\napiVersion: x/v1\n', policy],
    ['spec:\n  kind: Other\n  apiVersion: x/v1\nkind: NetworkPolicy\napiVersion: x/v1\n', policy],
    ['apiVersion: x/v1\rkind: NetworkPolicy\r', policy],
    ['apiVersion: x/v1\nkind: Other\nspec: {a: "b\r kind: c"}\n', skipped],
    [
      'apiVersion: x/v1\nkind: Other\nspec:\n  a: b\n{{ broken }}\n',
      ['skipped Other', 'UNREADABLE_SKIPPED '],
    ],
    ['apiVersion: x/v1\nkind: Other\nkind: Pod\n', ['DUPLICATE_KEY kind']],
    ['apiVersion: x/v1\nkind: Pod\nkind: Other\n', ['DUPLICATE_KEY kind']],
    [
      'apiVersion: x/v1\nkind: Other\nspec:\n  a: b\r---\rapiVersion: x/v1\rkind: NetworkPolicy\n',
      ['skipped Other', 'object NetworkPolicy'],
    ],
  ];
  for (const [text, expected] of cases) t.strictSame(codesOf(await read(text)), expected, text);
  const named =
    'apiVersion: x/v1\nkind: Other\nmetadata:\n  labels:\n    name: x\n  name: a-1\n  namespace: shop\nspec:\n  name: y\n';
  t.strictSame(await read(named), [
    { type: 'skipped', apiVersion: 'x/v1', kind: 'Other', name: 'a-1', namespace: 'shop' },
  ]);
  for (const text of [
    'apiVersion: v1\nkind: Pod\n{{ broken }}\n',
    'apiVersion: x/v1\n"kind": Pod\nkind: Other\n{{ broken }}\n',
    'apiVersion: x/v1\nkind: Other\nkind: Pod\n{{ broken }}\n',
    'kind: Other\n{{ broken }}\n',
  ]) {
    const error = await readError(text);
    t.equal(error.code, 'bad-input', text);
    t.match(error.details.hint, /template/, text);
  }
});

t.test('a long list is read item by item, wherever its kind stands', async (t) => {
  const item = (n: number, type = true) =>
    `- ${type ? 'apiVersion: v1\n  kind: Pod\n  ' : ''}metadata:\n    name: pod-${n}\n    namespace: shop\n  spec:\n    # comment\n    text: |\n      - x\n      ---\n    list:\n    - a\n    - b\n  status: {note: "${'x'.repeat(300)}"}\n`;
  const count = 1500;
  const items = (type: boolean) =>
    Array.from({ length: count }, (_, n) => item(n, type)).join('\n# between\n');
  const shift = (text: string) => text.replace(/^(?=.)/gm, '   ');
  const shapes: Readonly<Record<string, [string, string, number]>> = {
    'as kubectl writes it': [
      `apiVersion: v1\nitems:\n${items(true)}kind: List\nmetadata:\n  resourceVersion: ""\n`,
      'List',
      3,
    ],
    'its kind first': [
      `---\napiVersion: v1\nkind: List\nmetadata: {a: b}\nitems: # all\n\n${items(true)}`,
      'List',
      7,
    ],
    'its items without kind': [
      `apiVersion: v1\nkind: PodList\nitems:\n${items(false)}`,
      'PodList',
      4,
    ],
    'kind only at the end': [
      `apiVersion: v1\nitems:\n${items(false)}kind: PodList\n...\n`,
      'PodList',
      3,
    ],
    'its items indented': [
      `apiVersion: v1\nkind: PodList\nitems:\n${shift(items(true))}metadata: {continue: x}\n`,
      'PodList',
      4,
    ],
  };
  for (const [name, [text, kind, firstLine]] of Object.entries(shapes)) {
    const all = await read(
      `${text}---\napiVersion: v1\nkind: Pod\n`,
      { objectBytesMax: 60_000 },
      10_007,
    );
    const objects = all.flatMap((found) => (found.type === 'object' ? [found] : []));
    t.equal(objects.length, count + 1, name);
    t.equal(all.length, count + 2, name);
    t.match(all[count], { type: 'list', kind, truncated: text.includes('continue') }, name);
    t.strictSame(objects[1], { ...objects[1], apiVersion: 'v1', kind: 'Pod' });
    t.strictSame(
      JSON.parse(JSON.stringify(objects[7]?.value)),
      {
        metadata: { name: 'pod-7', namespace: 'shop' },
        spec: { text: '- x\n---\n', list: ['a', 'b'] },
      },
      name,
    );
    const perItem =
      item(0, name !== 'its items without kind' && name !== 'kind only at the end').split('\n')
        .length + 1;
    t.equal(objects[0]?.from.line, firstLine, `line in ${name}`);
    t.equal(objects[100]?.from.line, firstLine + 100 * perItem, `line in ${name}`);
    const lineOfName = objects[100]?.from.lineOf?.(['spec', 'list', 1]) ?? NaN;
    t.match(text.split('\n')[lineOfName - 1], /^ +- b$/, name);
  }
  const long = (end: string, bad = '') =>
    `apiVersion: v1\nitems:\n${items(true)}${bad}${items(true)}${end}`;
  const errors: readonly [string, RegExp][] = [
    [long('kind: Thing\n'), /no list kind/],
    [long(''), /no list kind/],
    [long('kind: List\nitems: []\n'), /items/],
    [long('kind: List\n', '- apiVersion: v1\n  kind: Pod\n  spec: "a\n- b"\n'), /YAML/],
    [long('kind: List\n', '- apiVersion: v1\n  kind: Pod\n  spec: *x\n'), /no anchor/],
    [long('kind: List\n}\n'), /YAML/],
  ];
  for (const [text, message] of errors)
    t.match(await readError(text), { code: 'bad-input', message });
});

t.test('lines of fields are known', async (t) => {
  const text = `# head

---
# a
apiVersion: v1
kind: NetworkPolicy
metadata:
  name: a
spec:
  ingress:
  - from:
    - podSelector: {}
    -
      ipBlock:
        cidr: 10.0.0.0/8
  "pod\\x53elector": {}
`;
  const list = `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n- ${text.split('\n').slice(4).join('\n  ')}`;
  for (const [name, input, shift] of [
    ['a document', text, 0],
    ['an item', list, 1],
  ] as const) {
    const item = (await read(input)).find(
      (found) => found.type === 'object' && found.kind !== 'Pod',
    );
    if (item?.type !== 'object') throw new Error('no object');
    const lineOf = (path: readonly (string | number)[]) =>
      (item.from.lineOf?.(path) ?? NaN) - shift;
    t.equal((item.from.line ?? NaN) - shift, 5, name);
    t.equal(lineOf([]), 5, name);
    t.equal(lineOf(['spec', 'ingress']), 10, name);
    t.equal(lineOf(['spec', 'ingress', 0, 'from', 1, 'ipBlock', 'cidr']), 15, name);
    t.equal(lineOf(['spec', 'ingress', 0, 'from', 0]), 12, name);
    t.equal(lineOf(['spec', 'podSelector']), 16, name);
    t.equal(lineOf(['spec', 'egress']), 9, `${name}: the nearest field above`);
  }
});
