import fc from 'fast-check';
import t, { type Test } from 'tap';
import { isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments } from 'yaml';
import { JsonItemReader } from '../../src/manifest/read/json/json-item-reader.ts';
import { readJson } from '../../src/manifest/read/json/read-json.ts';
import type { ReadContext } from '../../src/manifest/read/report.ts';
import { appendText, SLACK_BYTES } from '../../src/manifest/read/text-buffer.ts';
import { readYaml } from '../../src/manifest/read/yaml/read-yaml.ts';
import { YamlItemReader } from '../../src/manifest/read/yaml/yaml-item-reader.ts';
import { keepList } from '../../src/manifest/kinds.ts';
import { AmbiguousScalar, type KeepList, type KeepTree } from '../../src/manifest/read-item.ts';
import type { ReadItem } from '../../src/manifest/read-item.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { DEFAULT_INGEST_LIMITS, type IngestLimits } from '../../src/model/input.ts';
import {
  alike,
  damaged,
  Dice,
  type Json,
  type JsonObject,
  jsonText,
  objectOf,
  someStyle,
  somePod,
  yamlItem,
} from './dump-texts.ts';

/** `FUZZ_RUNS=20000 npx tap test/manifest/fast-readers.test.ts` looks longer; `FUZZ_SEED=1`: at one. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 100);
/** Deep enough for all that is made here, and now and then not. */
const depthOf = (seed: number): number => (seed % 4 === 0 ? 6 : 12);
const { FUZZ_SEED } = process.env;
const seeds = FUZZ_SEED === undefined ? fc.integer() : fc.constant(Number(FUZZ_SEED));

/** Pods are kept as they are in the product; other kinds whole, or not at all. */
const keep: KeepList = (apiVersion, kind) => (kind === 'Whole' ? true : keepList(apiVersion, kind));

interface Outcome {
  readonly items: readonly unknown[];
  /** What was thrown. */
  readonly error: unknown;
}

interface Reading {
  readonly as: typeof readJson;
  readonly generalOnly: boolean;
  readonly depth: number;
  /** Bytes of each chunk, in turn. */
  readonly chunks?: readonly number[];
}

/** Everything that a reader says of `bytes`, lines of fields included. */
function readAll(bytes: Buffer, reading: Reading): Outcome {
  const { as, generalOnly, depth, chunks = [1_000_000] } = reading;
  const limits: IngestLimits = { ...DEFAULT_INGEST_LIMITS, nestingDepthMax: depth };
  const items: ReadItem[] = [];
  const context: ReadContext = {
    file: 'dump',
    keep,
    limits,
    generalOnly,
    emit: (item) => void items.push(item),
    countObject: () => undefined,
  };
  let error: unknown = null;
  try {
    const reader = as(context, 1);
    for (let at = 0, i = 0; at < bytes.length; i += 1) {
      const size = chunks[i % chunks.length] ?? 1;
      reader.push(bytes.subarray(at, at + size));
      at += size;
    }
    reader.end();
  } catch (caught) {
    if (!(caught instanceof PodreachError)) throw caught;
    error = { code: caught.code, message: caught.message, details: caught.details };
  }
  return { items: items.map(describe), error };
}

function describe(item: ReadItem): unknown {
  if (item.type !== 'object') return item;
  const { value, from } = item;
  const paths = [['metadata', 'name'], ['spec', 'containers', 0, 'ports', 0], ['nothing']];
  const lines = paths.map((path) => from.lineOf?.(path));
  return { ...item, value: plain(value), from: { line: from.line, lines } };
}

/** A value as lists of entries, so that nothing about keys is lost; zeros keep their signs. */
function plain(value: unknown): unknown {
  if (value instanceof AmbiguousScalar) return { ambiguous: value.text };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'number') return { number: Object.is(value, -0) ? '-0' : String(value) };
  if (typeof value !== 'object' || value === null) return value;
  return { entries: Object.entries(value).map(([key, member]) => [key, plain(member)]) };
}

/** What a keep-list leaves of a value: the rule, written down a second time. */
function restrict(value: unknown, tree: KeepTree): unknown {
  if (Array.isArray(value)) return value.map((item) => restrict(item, tree));
  if (tree === true || typeof value !== 'object' || value === null) return value;
  const fields = tree;
  return objectOf(
    Object.entries(value)
      .filter(([key]) => Object.hasOwn(fields, key))
      .map(([key, member]) => [key, restrict(member, fields[key] ?? true) as Json]),
  );
}

/** The kept objects of a parsed text, lists in lists included. */
function* keptOf(
  value: unknown,
  inherited: { apiVersion?: string; kind?: string } = {},
): Iterable<unknown> {
  if (Array.isArray(value)) {
    for (const item of value) yield* keptOf(item);
    return;
  }
  const object = value as JsonObject;
  const apiVersion = object['apiVersion'] ?? inherited.apiVersion;
  const kind = object['kind'] ?? inherited.kind;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') return;
  const { items } = object;
  if (kind.endsWith('List') && Array.isArray(items)) {
    const type = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -4) };
    for (const item of items) yield* keptOf(item, type);
    return;
  }
  const tree = keep(apiVersion, kind);
  if (tree === undefined) return;
  yield { apiVersion, kind, value: plain(restrict(untyped(object), tree)) };
}

function untyped(object: JsonObject): JsonObject {
  return objectOf(Object.entries(object).filter(([key]) => key !== 'apiVersion' && key !== 'kind'));
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A run of objects, each like the one before. */
function someObjects(dice: Dice): JsonObject[] {
  let object: Json = somePod(dice);
  const mayVary = dice.once(3);
  return Array.from({ length: 1 + dice.below(8) }, () => {
    if (mayVary && dice.once(6)) object = somePod(dice);
    else if (!dice.once(8)) object = alike(dice, object, mayVary);
    if (!isObject(object)) object = somePod(dice);
    if (mayVary && dice.once(20)) return objectOf(Object.entries(object).reverse());
    return mayVary && dice.once(10)
      ? objectOf([...Object.entries(object), ['kind', 'Whole']])
      : object;
  });
}

/** A text of one or more values, in one of the shapes that dumps have. */
function someJson(dice: Dice): { readonly text: string; readonly values: readonly Json[] } {
  const objects = someObjects(dice);
  const style = someStyle(dice);
  const listOf = (items: Json[]): JsonObject => {
    const silent = items.map((item) => untyped(item as JsonObject));
    const metadata = objectOf([['resourceVersion', '']]);
    return dice.pick([
      objectOf([
        ['apiVersion', 'v1'],
        ['items', items],
        ['kind', 'List'],
        ['metadata', metadata],
      ]),
      objectOf([
        ['kind', 'List'],
        ['apiVersion', 'v1'],
        ['metadata', metadata],
        ['items', items],
      ]),
      objectOf([
        ['kind', 'PodList'],
        ['apiVersion', 'v1'],
        ['metadata', metadata],
        ['items', silent],
      ]),
      objectOf([
        ['apiVersion', 'v1'],
        ['items', silent],
        ['kind', 'PodList'],
      ]),
    ]);
  };
  const values: Json[] = dice.pick([
    () => [listOf(objects)],
    () => [listOf(objects)],
    () => [listOf(objects), listOf([]), listOf([...objects].reverse())],
    () => [listOf([...objects, listOf(objects)])],
    () => [objects],
    () => objects,
  ])();
  const between = dice.pick(['\n', '', ' ', '\n---\n', ',', '\r\n']);
  const mark = dice.once(10) ? '\n \n' : '';
  return { text: mark + values.map((value) => jsonText(dice, value, style)).join(between), values };
}

function someChunks(dice: Dice): number[] {
  return dice.pick([
    () => [1],
    () => [1 + dice.below(40), 1 + dice.below(4000)],
    () => [64 * 1024],
    () => Array.from({ length: 5 }, () => 1 + dice.below(900)),
  ])();
}

t.test('JSON of every shape gives what JSON.parse gives, however it is cut', (t) => {
  const property = fc.property(seeds, (seed) => {
    const dice = new Dice(seed);
    const depth = depthOf(seed);
    const { text, values } = someJson(dice);
    const bytes = Buffer.from(text);
    const chunks = someChunks(dice);
    const fast = readAll(bytes, { as: readJson, generalOnly: false, depth, chunks });
    const general = readAll(bytes, { as: readJson, generalOnly: true, depth });
    t.strictSame(fast, general, `seed ${seed}`);
    if (fast.error !== null) return t.passing();
    const parsed = values.map((value) => JSON.parse(JSON.stringify(value)) as unknown);
    const expected = parsed.flatMap((value) => [...keptOf(value)]);
    const found = fast.items.filter((item) => (item as ReadItem).type === 'object');
    const doubted = fast.items.some((item) => (item as ReadItem).type === 'problem');
    if (!doubted) t.strictSame(found.map(withoutPlace), expected, `seed ${seed}`);
    return t.passing();
  });
  fc.assert(property, { numRuns: RUNS });
  t.end();
});

function withoutPlace(item: unknown): unknown {
  const { apiVersion, kind, value } = item as { apiVersion: string; kind: string; value: unknown };
  return { apiVersion, kind, value };
}

t.test('damaged JSON gives what the general reader gives, or the same refusal', (t) => {
  const property = fc.property(seeds, (seed) => {
    const dice = new Dice(seed);
    const depth = depthOf(seed);
    const bytes = damaged(dice, Buffer.from(someJson(dice).text));
    const general = readAll(bytes, { as: readJson, generalOnly: true, depth });
    const chunks = someChunks(dice);
    const fast = readAll(bytes, { as: readJson, generalOnly: false, depth, chunks });
    t.strictSame(fast, general, `seed ${seed}`);
    return t.passing();
  });
  fc.assert(property, { numRuns: 2 * RUNS });
  t.end();
});

function withRoom(text: Buffer): Buffer {
  const bytes = Buffer.alloc(text.length + SLACK_BYTES);
  appendText(bytes, 0, text);
  return bytes;
}

t.test('objects of ordinary dumps are not left to the general reader', (t) => {
  const dice = new Dice(7);
  const depth = depthOf(7);
  const reader = new JsonItemReader(keep, depth);
  const style = { indent: '    ', feed: '\n', isLoose: false, escapeOnceIn: 0 };
  let object = ordinaryPod(0);
  for (let i = 1; i < 20; i += 1) {
    object = ordinaryPod(i);
    const text = Buffer.from(jsonText(dice, object, style));
    const bytes = withRoom(text);
    const item = reader.read({ bytes, length: text.length, isLast: true }, 0);
    t.equal(typeof item, 'object', 'JSON');
  }
  const yaml = new YamlItemReader(keep, depth);
  for (let i = 1; i < 20; i += 1) {
    const text = Buffer.from(yamlItem(dice, ordinaryPod(i), 0));
    const text0 = { bytes: withRoom(text), length: text.length, isLast: true };
    t.equal(typeof yaml.read(text0, 0, 0), 'object', 'YAML');
  }
  t.end();
});

function ordinaryPod(i: number): JsonObject {
  const labels = objectOf([
    ['app', `web-${i % 3}`],
    ['pod-template-hash', '5d8f'],
  ]);
  const ports = [
    objectOf([
      ['containerPort', 8080],
      ['name', 'http'],
      ['protocol', 'TCP'],
    ]),
  ];
  const container = objectOf([
    ['args', ['--port=8080']],
    ['image', 'a:1'],
    ['ports', ports],
  ]);
  return objectOf([
    ['apiVersion', 'v1'],
    ['kind', 'Pod'],
    [
      'metadata',
      objectOf([
        ['labels', labels],
        ['name', `web-${i * 77}`],
        ['namespace', 'shop'],
      ]),
    ],
    [
      'spec',
      objectOf([
        ['containers', [container]],
        ['nodeName', `node-${i % 4}`],
      ]),
    ],
    [
      'status',
      objectOf([
        ['phase', 'Running'],
        ['podIP', `10.0.0.${i}`],
      ]),
    ],
  ]);
}

/** What the general reader and the `yaml` package say of one item of a list of YAML. */
function checkYamlItem(t: Test, text: string, column: number, item: FastItem, seed: number): void {
  const depth = depthOf(seed);
  const own = `${text.slice(0, column)} ${text.slice(column + 1)}`;
  const general = readAll(Buffer.from(own), { as: readYaml, generalOnly: true, depth });
  t.equal(general.error, null, `seed ${seed}`);
  const [found] = general.items as readonly {
    type: string;
    apiVersion: string;
    kind: string;
    value: unknown;
  }[];
  t.equal(general.items.length, 1, `seed ${seed}`);
  t.equal(found?.type, item.isKept ? 'object' : 'skipped', `seed ${seed}`);
  t.same([found?.apiVersion, found?.kind], [item.apiVersion, item.kind]);
  if (!item.isKept) return;
  t.strictSame(plain(item.value), found?.value, `seed ${seed}`);
  const documents = parseAllDocuments(own, { uniqueKeys: false, version: '1.2', schema: 'core' });
  const [document] = documents;
  if (!Array.isArray(documents) || document === undefined) throw new Error('no document');
  t.same(
    document.errors.map(({ code }) => code),
    [],
    `seed ${seed}`,
  );
  const tree = keep(item.apiVersion, item.kind) ?? {};
  const reference = nodeValue(document.contents) as JsonObject;
  const expected = restrict(untyped(reference), tree);
  t.strictSame(withoutDoubts(item.value, expected), plain(expected), `seed ${seed}`);
}

type FastItem = Exclude<ReturnType<YamlItemReader['read']>, string>;

/** The value of a node; keys are their text, as kubectl reads them. */
function nodeValue(node: Node | null): unknown {
  if (node === null) return null;
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map((item) => nodeValue(item as Node));
  if (isAlias(node) || !isMap(node)) throw new Error('this is for the general reader');
  return objectOf(
    node.items.map(({ key, value }) => {
      const name = isScalar(key) ? (key.source ?? String(key.value)) : '?';
      return [name, nodeValue(value as Node | null) as Json];
    }),
  );
}

/** A value, with that of `reference` where versions of YAML disagree. */
function withoutDoubts(value: unknown, reference: unknown): unknown {
  if (value instanceof AmbiguousScalar) return plain(reference);
  if (Array.isArray(value)) {
    return value.map((item, i) => withoutDoubts(item, (reference as unknown[])[i]));
  }
  if (typeof value !== 'object' || value === null) return plain(value);
  return {
    entries: Object.entries(value).map(([key, member]) => [
      key,
      withoutDoubts(member, (reference as JsonObject)[key]),
    ]),
  };
}

/** Reads a list item by item, as far as the fast reader takes them; the number it took. */
function readYamlItems(t: Test, text: Buffer, column: number, seed: number): number {
  const reader = new YamlItemReader(keep, depthOf(seed));
  const bytes = withRoom(text);
  const dash = Buffer.from(`${' '.repeat(column)}- `);
  let taken = 0;
  let at = 0;
  while (at < text.length) {
    const item = reader.read({ bytes, length: text.length, isLast: true }, at, column);
    if (typeof item === 'object') {
      taken += 1;
      const own = text.toString('utf8', at, item.end);
      t.equal(own.split('\n').length - 1, item.lines, `seed ${seed}`);
      checkYamlItem(t, own, column, item, seed);
      at = item.end;
    }
    do {
      if (typeof item === 'object' && text.subarray(at).indexOf(dash) === 0) break;
      const next = text.indexOf('\n', at);
      at = next === -1 ? text.length : next + 1;
    } while (at < text.length && !text.subarray(at, at + dash.length).equals(dash));
  }
  return taken;
}

for (const isDamaged of [false, true]) {
  const what = isDamaged ? 'damaged YAML items are' : 'YAML items are';
  t.test(`${what} read as the general reader and the yaml package do, or left to it`, (t) => {
    let taken = 0;
    const property = fc.property(seeds, (seed) => {
      const dice = new Dice(seed);
      const column = dice.pick([0, 0, 2, 4]);
      const objects = someObjects(dice);
      const items = objects.map((object) => yamlItem(dice, object, column));
      const text = Buffer.from(`${items.join('')}${dice.pick(['', 'kind: List\n'])}`);
      taken += readYamlItems(t, isDamaged ? damaged(dice, text) : text, column, seed);
      return t.passing();
    });
    fc.assert(property, { numRuns: 2 * RUNS });
    t.ok(FUZZ_SEED !== undefined || 0.2 * RUNS < taken, `${taken} items were taken`);
    t.end();
  });
}

t.test('long YAML lists are read the same way, however they are cut', (t) => {
  const property = fc.property(seeds, (seed) => {
    const dice = new Dice(seed);
    const depth = depthOf(seed);
    const column = dice.pick([0, 2]);
    const items: string[] = [];
    for (let bytes = 0; bytes < 300 * 1024; bytes += items.at(-1)?.length ?? 1) {
      const isSpecial = dice.once(40);
      const special = dice.pick(['# between\n', `${' '.repeat(column)}- kind: {}\n`, '\n']);
      const object = dice.once(5) ? somePod(dice) : ordinaryPod(dice.below(1000));
      items.push(isSpecial ? special : yamlItem(dice, object, column));
    }
    const head = dice.pick(['apiVersion: v1\nitems:\n', 'apiVersion: v1\nkind: List\nitems:\n']);
    const tail = dice.pick(['kind: List\nmetadata: {}\n', 'kind: List\n---\n---\nkind: A\n', '']);
    const text = Buffer.from(head + items.join('') + tail);
    const bytes = dice.once(3) ? damaged(dice, text) : text;
    const general = readAll(bytes, { as: readYaml, generalOnly: true, depth });
    const chunks = someChunks(dice);
    const fast = readAll(bytes, { as: readYaml, generalOnly: false, depth, chunks });
    t.strictSame(fast, general, `seed ${seed}`);
    return t.passing();
  });
  // Once: the name of an object that is not read, without quotes and a number to some readers.
  fc.assert(property, { numRuns: Math.ceil(RUNS / 15), examples: [[-11]] });
  t.end();
});
