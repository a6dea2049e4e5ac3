import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Which paths of src a folder may import besides its own; `''` is everything. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  manifest: ['model/'],
  engine: ['model/'],
  store: ['model/'],
  render: ['model/'],
  service: ['model/', 'engine/', 'manifest/', 'store/'],
  access: ['model/', 'store/', 'service/viewer.ts', 'service/audit.ts', 'service/snapshot-ref.ts'],
  http: ['service/', 'engine/queries/', 'engine/query.ts', 'model/', 'render/'],
  sync: ['service/', 'model/'],
  cli: [''],
};

/** The only folders that may know a package: everything else goes through what they export. */
const PACKAGE_HOMES: Readonly<Record<string, readonly string[]>> = {
  '@fastify/cors': ['http/'],
  '@fastify/swagger': ['http/'],
  'better-sqlite3': ['store/sqlite/'],
  'cli-progress': ['cli/'],
  commander: ['cli/'],
  fastify: ['http/'],
  graphql: ['http/'],
  'graphql-jit': ['http/graphql/'],
  'graphql-ws': ['http/'],
  jose: ['access/'],
  'js-yaml': ['manifest/read/'],
  'lru-cache': ['service/', 'access/', 'http/'],
  mercurius: ['http/'],
  picocolors: ['cli/'],
  typebox: ['http/'],
  ws: ['http/live/'],
  yaml: ['manifest/', 'render/', 'cli/'],
};

/** Folders that are pure, and the files in them that may hash: content is identity. */
const PURE = ['model/', 'engine/', 'render/'];
const HASHING = ['model/digest.ts', 'engine/refs/cidr-key.ts'];

/** The lowest versions without a known hole that matters here, and the first major that is too new. */
const FLOORS: readonly (readonly [name: string, floor: string, below: number])[] = [
  ['fastify', '5.12.5', 6],
  ['mercurius', '16.10.1', 17],
  ['graphql', '16.15.0', 17],
  ['ws', '8.21.1', 9],
  ['js-yaml', '5.5.0', 6],
  ['better-sqlite3', '12.10.1', 13],
  ['find-my-way', '9.7.0', 10],
  ['@fastify/proxy-addr', '5.1.1', 6],
  ['@fastify/static', '10.1.4', 11],
  ['@fastify/websocket', '11.3.6', 12],
  ['yaml', '2.8.3', 3],
  ['undici', '6.29.1', 7],
];

/** Of packages that are there in two majors, the floor of each. */
const FLOORS_BY_MAJOR: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'fast-uri': { 3: '3.1.8', 4: '4.1.5' },
};

/** Packages with holes enough not to be used here at all. */
const UNWANTED = [
  'busboy',
  '@fastify/multipart',
  '@fastify/jwt',
  'fast-jwt',
  '@fastify/express',
  '@fastify/middie',
  '@fastify/http-proxy',
  '@fastify/reply-from',
];

/**
 * Packages that say they want a newer Node than ours, run on it all the same, and have no version that a
 * dependent here would take instead.
 */
const BEYOND_ENGINES = ['content-disposition', 'cookie'];

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly names: readonly string[];
}

interface SourceFile {
  /** Relative to src, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  /** Whether it re-exports everything of another file. */
  readonly isBarrel: boolean;
}

const filesBelow = (folder: string): readonly string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(join(root, folder).length + 1))
        .map((path) => path.replaceAll('\\', '/'))
        .sort()
    : [];

const readSource = (path: string): SourceFile => {
  const text = readFileSync(join(root, 'src', path), 'utf8');
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const imports: Import[] = [];
  let isBarrel = false;
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const clause = node.importClause;
      const bindings = clause?.namedBindings;
      imports.push({
        specifier: node.moduleSpecifier.text,
        typeOnly: clause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
        names:
          bindings !== undefined && ts.isNamedImports(bindings)
            ? bindings.elements.map((element) => (element.propertyName ?? element.name).text)
            : ['*'],
      });
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      if (ts.isStringLiteral(node.moduleSpecifier)) {
        imports.push({
          specifier: node.moduleSpecifier.text,
          typeOnly: node.isTypeOnly,
          names: ['*'],
        });
      }
      if (node.exportClause === undefined) isBarrel = true;
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument !== undefined && ts.isStringLiteral(argument)) {
        imports.push({ specifier: argument.text, typeOnly: false, names: ['*'] });
      }
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const { literal } = node.argument;
      if (ts.isStringLiteral(literal)) {
        imports.push({ specifier: literal.text, typeOnly: true, names: ['*'] });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { path, text, imports, isBarrel };
};

const sources = filesBelow('src')
  .filter((path) => path.endsWith('.ts'))
  .map(readSource);

const folderOf = (path: string): string => path.split('/')[0] ?? '';

const isRelative = (specifier: string): boolean => specifier.startsWith('.');

/** `../model/peer.ts` in `engine/query.ts` is `model/peer.ts`. */
const resolved = (from: string, specifier: string): string =>
  posix.normalize(posix.join(posix.dirname(from), specifier));

const startsWithAny = (path: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => path.startsWith(prefix));

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** What is wrong with one import, or undefined. */
const forbidden = (from: string, { specifier, names }: Import): string | undefined => {
  const allowed = LAYERS[folderOf(from)];
  if (allowed === undefined) return 'its folder is not in the table of layers';
  if (isRelative(specifier)) {
    const to = resolved(from, specifier);
    if (!to.endsWith('.ts')) return 'the import does not end in .ts';
    if (to.startsWith('..')) return 'the import leaves src';
    return folderOf(to) === folderOf(from) || startsWithAny(to, allowed)
      ? undefined
      : 'a lower layer never imports a higher one or a sibling';
  }
  if (specifier.startsWith('node:')) {
    if (!startsWithAny(from, PURE)) return undefined;
    const hashes = specifier === 'node:crypto' && names.join() === 'createHash';
    return hashes && HASHING.includes(from) ? undefined : 'model, engine and render are pure';
  }
  const homes = PACKAGE_HOMES[packageOf(specifier)];
  if (homes === undefined) return 'the package has no home in the table of packages';
  return startsWithAny(from, homes) ? undefined : 'the package belongs to another folder';
};

/** Files on a cycle of imports that exist at run time, each cycle once, as `a -> b -> a`. */
const cyclesOf = (graph: ReadonlyMap<string, readonly string[]>): readonly string[] => {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (0 <= start) cycles.push([...trail.slice(start), path].join(' -> '));
    if (0 <= start || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
};

const compareVersions = (left: string, right: string): number => {
  const [leftParts, rightParts] = [left, right].map((version) => version.split('.').map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (leftParts?.[index] ?? 0) - (rightParts?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

t.test('a file imports only from its own folder, lower layers and packages at home there', (t) => {
  t.ok(20 < sources.length, 'the sources were found');
  for (const { path, imports } of sources) {
    const wrong = imports.flatMap((each) => {
      const reason = forbidden(path, each);
      return reason === undefined ? [] : [`${each.specifier}: ${reason}`];
    });
    t.strictSame(wrong, [], path);
  }
  t.end();
});

t.test('the table of layers refuses what it should', (t) => {
  const cases: readonly (readonly [from: string, specifier: string, allowed: boolean])[] = [
    ['model/peer.ts', '../engine/query.ts', false],
    ['model/peer.ts', './address.ts', true],
    ['engine/query.ts', '../manifest/kinds.ts', false],
    ['engine/query.ts', 'node:fs', false],
    ['engine/query.ts', 'node:crypto', false],
    ['model/digest.ts', 'node:crypto', true],
    ['render/json.ts', '../service/podreach.ts', false],
    ['http/app.ts', '../engine/compile.ts', false],
    ['http/app.ts', '../engine/queries/path.ts', true],
    ['http/app.ts', '../engine/query.ts', true],
    ['http/app.ts', '../store/open-store.ts', false],
    ['http/app.ts', '../access/jwt.ts', false],
    ['access/jwt.ts', '../service/podreach.ts', false],
    ['access/jwt.ts', 'jose', true],
    ['service/podreach.ts', '../http/app.ts', false],
    ['service/podreach.ts', 'better-sqlite3', false],
    ['cli/main.ts', '../http/app.ts', true],
    ['cli/main.ts', '../../package.json', false],
    ['cli/main.ts', '../model/peer', false],
    ['cli/main.ts', 'lodash', false],
    ['plugins/new.ts', '../model/peer.ts', false],
  ];
  for (const [from, specifier, allowed] of cases) {
    const reason = forbidden(from, { specifier, typeOnly: false, names: ['createHash'] });
    t.equal(reason === undefined, allowed, `${from} imports ${specifier}`);
  }
  t.end();
});

// Imports that are only of types vanish when compiled, so inside one folder they may form a cycle;
// between folders the table of layers already forbids it.
t.test('no file imports itself by way of others', (t) => {
  const graph = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports
        .filter(({ specifier, typeOnly }) => isRelative(specifier) && !typeOnly)
        .map(({ specifier }) => resolved(path, specifier)),
    ]),
  );
  t.strictSame(cyclesOf(graph), []);
  t.strictSame(
    cyclesOf(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['b']],
      ]),
    ),
    ['b -> c -> b'],
    'a cycle is found',
  );
  t.end();
});

t.test('every source file keeps the house rules that text can show', (t) => {
  for (const { path, text, isBarrel } of sources) {
    const isGenerated = basename(path) === 'generated.ts';
    const lines = text.split('\n').length - 1;
    t.ok(isGenerated || lines <= 400, `${path} has at most 400 lines`, { lines });
    t.notOk(isBarrel, `${path} is no barrel`);
    t.match(basename(path), /^[a-z0-9]+(-[a-z0-9]+)*\.ts$/, `${path} is kebab-case`);
  }
  t.end();
});

t.test(
  'only cli, and the processes of service/jobs, read the environment or end the process',
  (t) => {
    const knowsProcess = /\bprocess\.(env|argv|exit|exitCode|stdin|stdout|stderr|cwd)\b/;
    const wrong = sources.filter(
      ({ path, text }) =>
        knowsProcess.test(text) && !startsWithAny(path, ['cli/', 'service/jobs/']),
    );
    t.strictSame(
      wrong.map(({ path }) => path),
      [],
    );
    t.end();
  },
);

t.test('nothing is left for later in a comment', (t) => {
  const words = new RegExp(
    `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK', 'XX' + 'X'].join('|')})\\b`,
  );
  const folders = ['src', 'test', 'scripts', 'docs', 'demo', 'migrations', 'bench'];
  const paths = folders.flatMap((folder) => filesBelow(folder).map((path) => `${folder}/${path}`));
  const wrong = [...paths, 'README.md', 'CONTRIBUTING.md', 'schema.graphql']
    .filter((path) => /\.(ts|mjs|js|md|yaml|sql|graphql|html|css)$/.test(path))
    .filter((path) => existsSync(join(root, path)))
    .filter((path) => words.test(readFileSync(join(root, path), 'utf8')));
  t.strictSame(wrong, []);
  t.end();
});

t.test('migrations are numbered from 001 without gaps, alike for every store', (t) => {
  const stores = readdirSync(join(root, 'migrations'));
  t.ok(stores.includes('sqlite'), 'there are migrations for SQLite');
  const numbersOf = (store: string): readonly string[] =>
    filesBelow(`migrations/${store}`).map(
      (path) => /^(\d{3})-[a-z0-9-]+\.sql$/.exec(path)?.[1] ?? path,
    );
  for (const store of stores) {
    const numbers = numbersOf(store);
    t.ok(0 < numbers.length, `${store} has migrations`);
    const expected = numbers.map((_, index) => String(index + 1).padStart(3, '0'));
    t.strictSame(numbers, expected, `${store} counts up from 001`);
    t.strictSame(numbers, numbersOf('sqlite'), `${store} has the numbers of sqlite`);
  }
  t.end();
});

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly engines?: { readonly node?: string };
}

const lockedPackages = (): readonly (readonly [path: string, locked: Locked])[] => {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { readonly packages: Record<string, Locked> };
  return Object.entries(packages).filter(([path]) => path.includes('node_modules/'));
};

/** Whether a range of `engines` takes the last Node 20: of ranges as packages write them. */
const takesNode20 = (range: string): boolean =>
  range.split('||').some((part) =>
    (part.replaceAll(/([<>=^~])\s+/g, '$1').match(/\S+/g) ?? ['*']).every((condition) => {
      const [, sign = '', version = ''] = /^([<>=^~]*)v?(.*)$/.exec(condition) ?? [];
      const full = version.replaceAll(/\.?[x*]/g, '').split('.');
      const [major = '', minor = '0', patch = '0'] = full;
      if (major === '') return true;
      const difference = compareVersions('20.20.2', `${major}.${minor}.${patch}`);
      if (sign === '>=') return 0 <= difference;
      if (sign === '>') return 0 < difference;
      if (sign === '<=') return difference <= 0;
      if (sign === '<') return difference < 0;
      return major === '20' && 0 <= difference;
    }),
  );

t.test('the lock file holds no version below its floor', (t) => {
  for (const [name, floor, below] of FLOORS) {
    const versions = lockedPackages()
      .filter(([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`))
      .map(([, { version }]) => version ?? '0.0.0');
    t.ok(0 < versions.length, `${name} is installed`);
    for (const version of versions) {
      t.ok(0 <= compareVersions(version, floor), `${name} ${version} is at least ${floor}`);
      t.ok(compareVersions(version, `${below}.0.0`) < 0, `${name} ${version} is below ${below}`);
    }
  }
  t.end();
});

t.test(
  'packages in two majors are at the floor of theirs, and unwanted ones are not there',
  (t) => {
    for (const [path, { version = '0.0.0' }] of lockedPackages()) {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      t.notOk(UNWANTED.includes(name), `${name} is not used`);
      const floors = FLOORS_BY_MAJOR[name];
      if (floors === undefined) continue;
      const floor = floors[version.split('.')[0] ?? ''];
      t.ok(floor !== undefined && 0 <= compareVersions(version, floor), `${path} ${version}`);
    }
    t.end();
  },
);

t.test('what is installed with the product runs on the oldest Node it supports', (t) => {
  const beyond = lockedPackages()
    .filter(([, { dev, engines }]) => dev !== true && !takesNode20(engines?.node ?? ''))
    .map(([path]) => path.replace('node_modules/', ''));
  t.strictSame(beyond.sort(), BEYOND_ENGINES);
  for (const [range, wanted] of [
    ['', true],
    ['>=18', true],
    ['>=20.19', true],
    ['^20.19.0 || >=22.12.0', true],
    ['>= 22', false],
    ['>=22.15.0', false],
    ['^22 || ^24', false],
    ['20.x || 22.x', true],
    ['*', true],
    ['>=6.0.0 <7 || >=8', true],
  ] as const) {
    t.equal(takesNode20(range), wanted, range);
  }
  t.end();
});

/** The decoders' own mark for what `problemsOf` calls `INVALID_POLICY` or `INVALID_OBJECT`. */
const INNER_CODES = ['INVALID_FIELD'];

t.test('every code of a reason or problem has a page, and every page is of a code', (t) => {
  const pages = filesBelow('docs/reasons').map((path) => path.replace(/\.md$/, ''));
  const inEngine = sources
    .filter(({ path }) => path.startsWith('engine/'))
    .flatMap(({ text }) => [...text.matchAll(/\bcode(?::| =) .*/g)])
    .flatMap(([line]) => [...line.matchAll(/'([A-Z][A-Z_]+)'/g)].map(([, code]) => code));
  const inManifest = sources
    .filter(({ path }) => path.startsWith('manifest/'))
    .flatMap(({ text }) => [...text.matchAll(/'([A-Z]+(?:_[A-Z]+)+)'/g)].map(([, code]) => code));
  const given = [...new Set([...inEngine, ...inManifest])];
  t.ok(10 < given.length, 'codes were found');
  t.strictSame(
    given.filter((code = '') => !pages.includes(code) && !INNER_CODES.includes(code)),
    [],
    'codes without a page',
  );
  const words = new Set(
    sources
      .filter(({ path }) => /^(engine|manifest|model)\//.test(path))
      .flatMap(({ text }) => text.match(/\b[A-Z][A-Z_]+\b/g) ?? []),
  );
  t.strictSame(
    pages.filter((code) => !words.has(code)),
    [],
    'pages of no code',
  );
  const index = readFileSync(join(root, 'docs/reasons.md'), 'utf8');
  for (const code of pages) {
    const text = readFileSync(join(root, `docs/reasons/${code}.md`), 'utf8');
    t.ok(text.startsWith(`# ${code}\n`), `${code} has its title`);
    for (const part of ['When it is given', 'What to do', 'Source']) {
      t.match(text, new RegExp(`^## ${part}\n\n\\S`, 'm'), `${code} says: ${part}`);
    }
    t.ok(index.includes(`(reasons/${code}.md)`), `${code} is in the list of all`);
  }
  t.end();
});

t.test('the documentation points at files and vectors that exist', (t) => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'demo/README.md',
    'docs/access.md',
    'docs/api.md',
    'docs/reasons.md',
    ...filesBelow('docs/reasons').map((path) => `docs/reasons/${path}`),
  ];
  for (const page of [...pages, 'docs/semantics.md']) {
    const text = readFileSync(join(root, page), 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      t.ok(existsSync(join(root, dirname(page), link)), `${page} links to ${link}`);
    }
  }
  const vectors = filesBelow('test/vectors')
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => readFileSync(join(root, 'test/vectors', path), 'utf8'))
    .join('\n');
  const rules = readFileSync(join(root, 'docs/semantics.md'), 'utf8');
  const cited = new Set([...rules.matchAll(/\bV\d{2,3}\b/g)].map(([id]) => id));
  t.strictSame(
    [...cited].filter((id) => !new RegExp(`\\bid: ${id}\\b`).test(vectors)),
    [],
    'every vector named in docs/semantics.md is run',
  );
  t.end();
});
