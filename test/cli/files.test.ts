import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { parse } from 'yaml';
import { findManifests, manifestInputs } from '../../src/cli/manifest-files.ts';
import { tarOf } from '../support/tar.ts';
import { MANIFESTS, runMain } from './run-main.ts';

const SHOP = join(MANIFESTS, 'shop');
const folder = await mkdtemp(join(tmpdir(), 'podreach-cli-'));
t.teardown(() => rm(folder, { recursive: true }));

async function* nothing(): AsyncGenerator<Uint8Array> {
  // No bytes.
}

t.test('the exit code of a path is its verdict', async (t) => {
  const dump = join(MANIFESTS, 'dump.json');
  const cases: readonly (readonly [args: readonly string[], code: number, verdict: string])[] = [
    [['shop/web', 'shop/api', '-p', '8080', '-f', SHOP], 0, 'ALLOWED'],
    [['shop/job', 'shop/api', '-p', '8080', '-f', SHOP], 1, 'DENIED'],
    [['shop/web', 'shop/api', '-f', SHOP], 1, 'PARTIAL'],
    [['shop/web', 'shop/api', '-f', dump], 3, 'UNDETERMINED'],
    [['shop/web', 'shop/api', '-f', dump, '--assume-no-policies'], 0, 'ALLOWED'],
    [['shop/web', 'shop/api', '-f', dump, '--source', 'manifests'], 0, 'ALLOWED'],
    [
      ['shop/web', 'shop/job', '-f', join(SHOP, 'pods.yaml'), '--source', 'live'],
      3,
      'UNDETERMINED',
    ],
  ];
  for (const [args, code, verdict] of cases) {
    const finished = await runMain(['path', ...args]);
    t.equal(finished.code, code, args.join(' '));
    t.ok(finished.out.startsWith(`${verdict}  `), finished.out);
  }
  const loose = join(folder, 'loose.yaml');
  const block = '{ ipBlock: { cidr: 10.0.0.1/8 } }';
  const meta = 'metadata: { name: a, namespace: shop }';
  await writeFile(
    loose,
    [
      `apiVersion: v1\nkind: Pod\n${meta}`,
      `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n${meta}\nspec: { ingress: [{ from: [${block}] }] }`,
    ].join('\n---\n'),
  );
  const ask = ['path', '203.0.113.1', 'shop/pod/a', '-f', loose];
  const environment = { PODREACH_STRICT_CIDR: 'false' };
  t.equal((await runMain(ask)).code, 0, 'the policy is refused, and isolates nobody');
  t.equal((await runMain([...ask, '--strict-cidr', 'false'])).code, 1);
  t.equal((await runMain(ask, { environment })).code, 1, 'as the environment says');
  t.equal((await runMain([...ask, '--strict-cidr', 'true'], { environment })).code, 0);
  t.match(await runMain([...ask, '--invalid-policy', 'strict']), {
    code: 2,
    err: /NetworkPolicy shop\/a/,
  });
  const alias = await runMain(['can-reach', 'shop/web', 'shop/api', '-p', '8080', '-f', SHOP]);
  t.equal(alias.code, 0, 'can-reach is path');
});

t.test('a denial names the policy, its file and line, and what nearly matched', async (t) => {
  const { out } = await runMain(['path', 'shop/job', 'shop/api', '-p', 'tcp/8080', '-f', SHOP]);
  t.match(out, /✗ ingress of shop\/.*api: isolated, and no rule admits this/);
  t.match(out, /NetworkPolicy shop\/api-from-web does not admit/);
  t.match(out, /policies\.yml:1\d\)\s+nearest:\s/, 'lines break where the folder is deep');
});

t.test('an archive of a directory answers as the directory does', async (t) => {
  const files = ['pods.yaml', 'nested/policies.yml'];
  const parts = await Promise.all(
    files.map(async (name) => ({ name, content: await readFile(join(SHOP, name)) })),
  );
  const archive = join(folder, 'shop.tar.gz');
  await writeFile(archive, gzipSync(tarOf(parts)));
  const ask = ['path', 'shop/job', 'shop/api', '-p', 'tcp/8080', '-o', 'json', '-f'];
  const fromArchive = await runMain([...ask, archive]);
  const fromFolder = await runMain([...ask, SHOP]);
  t.equal(fromArchive.code, 1, fromArchive.err);
  const verdicts = [fromArchive, fromFolder].map(({ out }) => {
    const { verdict, outcomes, text, snapshot } = JSON.parse(out);
    // A place is told from where its reader stands: below the directory, or in the archive.
    const placed = text.replace(/\(\S+[/:](?=nested\/)/g, '(');
    return { verdict, text: placed, digest: snapshot.digest, count: outcomes.length };
  });
  t.strictSame(verdicts[0], verdicts[1]);
  t.match(
    fromArchive.out,
    /shop\.tar\.gz:nested\/policies\.yml/,
    'it names the file in the archive',
  );
  await writeFile(archive, gzipSync(tarOf([])));
  const empty = await runMain([...ask, archive]);
  t.match(empty, { code: 2, err: /shop\.tar\.gz`: the archive holds no \.yaml/ });
});

t.test('a dump without policies says how to make a better one', async (t) => {
  const dump = join(MANIFESTS, 'dump.json');
  const { err } = await runMain(['path', 'shop/web', 'shop/api', '-f', dump]);
  t.match(err, /^podreach: note: .*kubectl get/m);
});

t.test('each question command answers from files', async (t) => {
  const cases: readonly (readonly [args: readonly string[], expected: RegExp])[] = [
    [['who-can-reach', 'shop/api'], /^shop\/\S*web +shop\/\S*api +ALLOWED +tcp\/8080/m],
    [['who-can-reach', 'shop/api', '--exclude', 'shop/web'], /^none: no connection is allowed/],
    [['who-can-reach', 'shop/api', '--group-by', 'namespace'], /^shop\/\*/m],
    [['reachable-from', 'shop/job', '--to', 'shop/*'], /^1 row: 1 allowed/],
    [['reachable-from', 'shop/job', '--to', 'shop/web', '-p', 'tcp/81'], /tcp\/81 +NOT_ISOLATED/],
    [['connectivity', '--from', 'shop/web', '--to', 'shop/api'], /^1 row: 1 allowed/],
    [['connectivity', '-n', 'shop', '--no-external'], /^5 rows: 5 allowed/],
    [['isolation'], /^shop\/\S*api +isolated by shop\/api-from-web +open/m],
    [['isolation', '--isolated', '--direction', 'ingress'], /^1 row\n/],
    [['isolation', 'shop/*', '--no-isolated', '--direction', 'ingress'], /^2 rows\n/],
    [['isolation', '--direction', 'egress', '--isolated'], /^0 rows\n/],
    [['isolation', '--no-protected', '--direction', 'ingress'], /^2 rows\n/],
    [['exposure'], /^3 rows: 2 internet, but no way in, 1 own namespace\n/],
    [['exposure', '--of', 'api', '-n', 'shop'], /^ {2}a pod labelled app=web in namespace shop: /m],
    [['exposure', '--group-by', 'pod', '-o', 'csv'], /^1,shop\/pod\//m],
    [
      ['effective', 'shop/api'],
      /^3 +ALLOW +network policy +tcp\/8080 +shop\?app=web +shop\/api-from-web \/spec\/ingress\/0\/from\/0 \(\S+policies\.yml:\d+\)$/m,
    ],
    [
      ['effective', 'shop/api', '--direction', 'egress', '-o', 'csv'],
      /^0,.*,EGRESS,2,DEFAULT,,ALLOW,everyone,any,/m,
    ],
    [
      ['policies'],
      /^NetworkPolicy shop\/api-from-web +shop\?app=api +1 +ingress 1 +\S+policies.yml:2/m,
    ],
    [['policies', '--selecting', 'shop/web'], /^0 policies/],
    [['resolve', 'shop?app in (api,web)'], /^STANDS FOR/m],
    [['ways-in'], /^0 rows\n/],
    [['ways-in', '--of', 'api', '-n', 'shop'], /^0 rows\n/],
  ];
  for (const [args, expected] of cases) {
    const { out, err, code } = await runMain([...args, '-f', SHOP]);
    t.match(out, expected, args.join(' '));
    t.equal(code, 0, `${args.join(' ')} ${err}`);
  }
});

t.test('ways in are listed in every format', async (t) => {
  const cases: readonly (readonly [args: readonly string[], expected: RegExp])[] = [
    [['ways-in', '--of', 'shop/search'], /^1 row: 1 denied\n/],
    [['ways-in', '--of', 'search', '-n', 'shop'], /^1 row: 1 denied\n/],
    [
      ['ways-in', '-n', 'edge', '-o', 'csv'],
      /^type,kind.*\r\nLOAD_BALANCER,Service,edge,gateway,,,80,TCP,/,
    ],
    [['ways-in', '-o', 'ndjson'], /^\{"via":\{"type":"LOAD_BALANCER"[^]*"complete":true\}\n$/],
    [['ways-in', '-o', 'yaml'], /^snapshot:[^]*^ {4}verdict: DENIED$/m],
    [['ways-in', '--limit', '1'], /\n\n1 of 5 rows are shown\n$/],
    [['who-can-reach', 'shop/web', '-p', '8080'], /ALLOWED +tcp\/8080 +Ingress shop\.example +/],
  ];
  for (const [args, expected] of cases) {
    const { out, err, code } = await runMain([...args, '-f', 'demo']);
    t.match(out, expected, args.join(' '));
    t.equal(code, 0, `${args.join(' ')} ${err}`);
  }
});

t.test('a namespace given apart completes the refs that name none', async (t) => {
  const cases: readonly (readonly string[])[] = [
    ['web', 'api'],
    ['pod/web', 'pod/api'],
    ['?app=web', '?app in (api)'],
    ['shop/web', 'shop/pod/api'],
  ];
  for (const refs of cases) {
    const { code, err } = await runMain(['path', ...refs, '-n', 'shop', '-p', '8080', '-f', SHOP]);
    t.equal(code, 0, `${refs.join(' ')} ${err}`);
  }
  const outside = await runMain(['path', '10.0.0.1', 'internet', '-n', 'shop', '-f', SHOP]);
  t.notMatch(outside.err, /shop\//, 'addresses have no namespace');
});

t.test('every format says the same, and nothing else is on stdout', async (t) => {
  const ask = async (format: string): Promise<string> =>
    (await runMain(['who-can-reach', 'shop/api', '-f', SHOP, '-o', format])).out;
  const json: unknown = JSON.parse(await ask('json'));
  t.match(json, {
    snapshot: { id: null, cluster: null, takenAt: null, engine: '2' },
    complete: true,
    totalCount: 1,
    items: [{ verdict: 'ALLOWED', ports: [{ protocol: 'TCP', from: 8080, to: 8080 }] }],
    nextCursor: null,
  });
  t.strictSame(parse(await ask('yaml')), json);
  t.match(await ask('csv'), /^from,fromKind.*\r\nshop\/\S+web,.*,ALLOWED,tcp\/8080,,,1\r\n$/);
  t.match(await ask('ndjson'), /^\{"from":.*\n\{"end":true,"count":1,"complete":true\}\n$/);
  t.match(await ask('text'), /^1 row: 1 allowed\n/);
  t.match(JSON.parse((await runMain(['resolve', 'shop/*', '-f', SHOP, '-o', 'json'])).out), {
    ref: 'shop/*',
    empty: false,
    totalCount: 3,
    items: [{ ref: 'shop/pod/api' }, { ref: 'shop/pod/job' }, { ref: 'shop/pod/web' }],
  });
});

t.test('a limit cuts rows but not counts', async (t) => {
  const ask = (limit: string, format: string) =>
    runMain(['connectivity', '-f', SHOP, '--no-external', '--limit', limit, '-o', format]);
  t.match(JSON.parse((await ask('2', 'json')).out), { items: { length: 2 }, totalCount: 5 });
  t.match(JSON.parse((await ask('0', 'json')).out), { items: { length: 0 }, totalCount: 5 });
  t.match((await ask('2', 'text')).out, /2 of 5 rows are shown/);
  t.match((await ask('2', 'ndjson')).out, /"count":2,"complete":false\}\n$/, 'cut is not complete');
});

t.test('a list that misses facts exits 3 in every format', async (t) => {
  const dump = join(MANIFESTS, 'dump.json');
  for (const format of ['text', 'json', 'yaml', 'csv', 'ndjson']) {
    const { code, err } = await runMain(['who-can-reach', 'shop/api', '-f', dump, '-o', format]);
    t.equal(code, 3, format);
    if (format === 'csv') t.match(err, /the list is incomplete/);
  }
});

t.test('stdin is a file called -, plain or gzip', async (t) => {
  const pods = await readFile(join(SHOP, 'pods.yaml'));
  for (const stdin of [pods, gzipSync(pods)]) {
    const { code, err } = await runMain(['path', 'shop/job', 'shop/api', '-f', '-'], { stdin });
    t.equal(code, 0, err);
  }
  const policies = join(SHOP, 'nested', 'policies.yml');
  const both = ['path', 'shop/job', 'shop/api', '-p', '8080', '-f', '-', '-f', policies];
  t.equal((await runMain(both, { stdin: pods })).code, 1, 'next to other files');
  t.match(await runMain([...both, '-f', '-'], { stdin: pods }), { code: 2, err: /named twice/ });
});

t.test('a batch answers in order and names what could not be asked', async (t) => {
  const lines =
    '# from web\nshop/web shop/api 8080\nshop/job~shop?app in (api)~tcp/8080\nshop/no shop/api\n';
  const asked = ['paths', '-f', SHOP];
  const { code, out } = await runMain([...asked, '-o', 'json'], { stdin: lines });
  t.equal(code, 2, 'one could not be asked');
  t.match(JSON.parse(out), {
    snapshot: { id: null },
    answers: [
      { verdict: 'ALLOWED', text: undefined },
      { verdict: 'DENIED' },
      {
        question: { from: 'shop/no', to: 'shop/api', port: 'any' },
        error: { code: 'ref-not-found' },
      },
    ],
  });
  const forms: readonly string[] = [
    '{"questions": [{"from": "shop/job", "to": "shop/api", "port": 8080}]}',
    '[{"from": "shop/job", "to": "shop/api"}]',
    'questions:\n  - {from: shop/job, to: shop/api, port: tcp/8080}\n',
    '- from: job\n  to: api\n',
  ];
  for (const stdin of forms) {
    t.match(
      await runMain([...asked, '-n', 'shop'], { stdin }),
      { code: 1, out: /^DENIED/m },
      stdin,
    );
  }
  const full = await runMain([...asked, '--detail', 'full', '-o', 'json'], { stdin: lines });
  t.match(JSON.parse(full.out), { answers: [{ text: /^ALLOWED/ }] });
  for (const [stdin, err] of [
    ['', /holds no questions/],
    ['shop/web', /line 1: write FROM TO \[PORT\].*\(stdin:1\)/],
    ['[{"from": "shop/web"}]', /questions\[0\]: it needs `from` and `to`/],
    ['{"questions": 1}', /holds no questions/],
  ] as const) {
    t.match(await runMain(asked, { stdin }), { code: 2, err }, stdin);
  }
  t.match(await runMain(['paths', '-f', '-']), { code: 2, err: /cannot both come from stdin/ });
});

t.test('what goes wrong is one line with what would help, and exit code 2', async (t) => {
  const ask = ['path', 'shop/web', 'shop/api'];
  const cases: readonly (readonly [args: readonly string[], err: RegExp])[] = [
    [
      ['path', 'shop/wep', 'shop/api', '-f', SHOP],
      /^podreach: .*`wep`.*\n {2}did you mean\n {4}shop\/\S*web\n$/,
    ],
    [[...ask, '-p', 'http', '-f', SHOP], /^podreach: `http` .*`tcp\/http`/],
    [
      [...ask, '-f', join(folder, 'none.yaml')],
      /^podreach: cannot read `.*none.yaml`: it does not exist\n$/,
    ],
    [[...ask, '-f', SHOP, '--server', 'http://x'], /`-f` and `--server` exclude each other/],
    [
      [...ask, '-f', SHOP, '-o', 'xml'],
      /^podreach: option '-o, --output <format>' argument 'xml' is invalid/,
    ],
    [
      ['path', 'shop/web'],
      /^podreach: missing required argument 'to'\n {2}try `podreach --help`\n$/,
    ],
    [['pth'], /^podreach: unknown command 'pth'\n {2}\(Did you mean path\?\)/],
    [[...ask, '--prt', '80'], /^podreach: unknown option '--prt'/],
    [['who-can-reach', 'shop/api', '--limit', '-1', '-f', SHOP], /it is no whole number from 0/],
    [['connectivity', '--of', 'a', '--to', 'b', '-f', SHOP], /`--of` is either end/],
    [['policies', '-n', 'shop', '-f', SHOP], /--selecting 'shop\/\*'/],
    [['ingest', 'prod'], /nothing to send/],
    [
      [...ask, '--strict', '-f', join(MANIFESTS, 'invalid.yaml')],
      /^podreach: [\s\S]*70000[\s\S]*invalid\.yaml:\d+\)/,
    ],
  ];
  for (const [args, err] of cases) {
    const finished = await runMain(args);
    t.match(finished.err, err, args.join(' '));
    t.equal(finished.code, 2, args.join(' '));
    t.equal(finished.out, '', 'nothing on stdout');
  }
  const strict = await runMain([...ask, '--strict'], {
    environment: { PODREACH_SERVER: 'http://x' },
  });
  t.match(strict, { code: 2, err: /`--strict` says how files are read: it needs `-f`/ });
});

t.test('what is wrong with the files is told on stderr, and answers go on', async (t) => {
  const { err, code } = await runMain([
    ...['path', 'shop/web', 'shop/api', '-p', '8080'],
    ...['-f', SHOP, '-f', join(MANIFESTS, 'invalid.yaml')],
  ]);
  t.match(err, /^podreach: error: NetworkPolicy shop\/broken .*invalid\.yaml:\d+\)$/m);
  t.equal(code, 0);
});

t.test('limits and dialect of the environment hold for files too', async (t) => {
  const ask = (environment: Readonly<Record<string, string>>) =>
    runMain(['path', 'shop/web', 'shop/api', '-p', '8080', '-f', SHOP, '-o', 'json'], {
      environment,
    });
  t.match(await ask({ PODREACH_UPLOAD_BYTES_MAX: '10' }), { code: 2, err: /^podreach: / });
  t.match(await ask({ PODREACH_OBJECTS_MAX: 'many' }), {
    code: 2,
    err: /`PODREACH_OBJECTS_MAX`: `many`/,
  });
  const dialect = await ask({ PODREACH_IP_BLOCK_MATCHES_PODS: 'false' });
  t.match(JSON.parse(dialect.out), { snapshot: { engine: '2;ipBlockMatchesPods=false' } });
});

t.test('help is an answer; nothing to do is not', async (t) => {
  t.match(await runMain(['--help']), { code: 0, out: /Usage: podreach .*who-can-reach/s, err: '' });
  t.match(await runMain(['path', '--help']), { code: 0, out: /-p, --port/ });
  t.match(await runMain(['--version']), { code: 0, out: /^\d+\.\d+\.\d+\n$/ });
  t.match(await runMain([]), { code: 2, out: '', err: /Usage: podreach/ });
  const plugin = await runMain(['path', '--help'], { program: 'kubectl podreach' });
  t.match(plugin.out, /^Usage: kubectl podreach path\|can-reach /);
});

t.test('colour is for terminals, and not where NO_COLOR says so', async (t) => {
  const ask = (environment: Readonly<Record<string, string>>) =>
    runMain(['path', 'shop/job', 'shop/api', '-p', '8080', '-f', SHOP], {
      environment,
      isTerminal: true,
    });
  t.match((await ask({})).out, /^\u001b\[31mDENIED\u001b\[39m/);
  t.match((await ask({ NO_COLOR: '1' })).out, /^DENIED/);
  t.match((await ask({ TERM: 'dumb' })).out, /^DENIED/);
});

t.test('a directory is read by name, below it too, and nothing else than manifests', async (t) => {
  const names = await filesOf(SHOP);
  t.strictSame(names, ['nested/policies.yml', 'pods.yaml']);
  const root = join(folder, 'many');
  await mkdir(join(root, 'b.d'), { recursive: true });
  for (const name of ['z.yaml', 'A.YML', 'c.json', 'd.ndjson.gz', 'notes.md', 'b.d/x.yaml.gz']) {
    await writeFile(join(root, name), '');
  }
  await symlink('z.yaml', join(root, 'y.yaml'));
  await symlink('.', join(root, 'loop'));
  const found = await filesOf(root);
  t.strictSame(found, ['A.YML', 'b.d/x.yaml.gz', 'c.json', 'd.ndjson.gz', 'y.yaml']);
});

t.test('a link never leads out of its directory', async (t) => {
  await writeFile(join(folder, 'secret.yaml'), '');
  const root = join(folder, 'escape');
  await mkdir(join(root, 'in'), { recursive: true });
  await writeFile(join(root, 'in', 'a.yaml'), '');
  for (const [name, target] of [
    ['file.yaml', '../../secret.yaml'],
    ['folder', '../..'],
    ['gone.yaml', 'nowhere'],
  ] as const) {
    await symlink(target, join(root, 'in', name));
    await t.rejects(filesOf(root), { code: 'bad-input', message: new RegExp(name) }, name);
    await rm(join(root, 'in', name));
  }
  // The name of one directory may start like that of another.
  await mkdir(`${root}-other`);
  await writeFile(join(`${root}-other`, 'b.yaml'), '');
  await symlink('../../escape-other/b.yaml', join(root, 'in', 'b.yaml'));
  await t.rejects(filesOf(root), { code: 'bad-input' });
});

t.test('a file that becomes a link after it was looked at is not followed', async (t) => {
  const root = join(folder, 'race');
  await mkdir(root);
  await writeFile(join(root, 'a.yaml'), 'kind: Pod');
  await writeFile(join(folder, 'target.yaml'), 'kind: Secret');
  const files = await findManifests([root], nothing());
  await rm(join(root, 'a.yaml'));
  await symlink('../target.yaml', join(root, 'a.yaml'));
  const read = async (): Promise<void> => {
    for await (const { bytes } of manifestInputs(files)) await buffer(bytes);
  };
  await t.rejects(read(), { code: 'bad-input', message: /it is a link/ });
});

t.test('what is no manifest is refused by name', async (t) => {
  await mkdir(join(folder, 'empty'));
  await t.rejects(filesOf(join(folder, 'empty')), { message: /holds no \.yaml/ });
  await t.rejects(findManifests(['/dev/null'], nothing()), {
    message: /neither a file nor a directory/,
  });
});

/** Names of the files below `directory` that would be read, relative to it. */
async function filesOf(directory: string): Promise<readonly string[]> {
  const files = await findManifests([directory], nothing());
  return files.map(({ name }) => relative(directory, name ?? ''));
}
