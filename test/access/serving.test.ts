import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t from 'tap';
import { shop } from '../support/http-app.ts';
import type { Body } from '../support/http-app.ts';
import { runMain } from '../cli/run-main.ts';
import type { Finished } from '../cli/run-main.ts';

const folder = await mkdtemp(join(tmpdir(), 'podreach-serving-'));
t.teardown(() => rm(folder, { recursive: true }));
const fileUrl = (name: string): string => `sqlite:${join(folder, name)}`;
const TOKEN = /^pr_[0-9A-Za-z]{49}\n$/;

/** Serves while `action` runs, then stops as SIGTERM would. */
async function whileServing(
  args: readonly string[],
  action: (url: string, printed: string) => Promise<void>,
): Promise<Finished> {
  let stop = (): void => undefined;
  let announce: (text: string) => void = () => undefined;
  const announced = new Promise<string>((resolve) => {
    announce = resolve;
  });
  const finished = runMain(['serve', '--port', '0', ...args], {
    onOutput: announce,
    onStop: (listener) => {
      stop = listener;
      return () => undefined;
    },
  });
  const printed = await Promise.race([announced, finished.then(({ err }) => err)]);
  const url = /listens on (http:\S+)/.exec(printed)?.[1];
  if (url === undefined) throw new Error(printed);
  try {
    await action(url, printed);
  } finally {
    stop();
  }
  return finished;
}

t.test('tokens are made, listed and revoked on the database', async (t) => {
  const database = ['--database', fileUrl('made.db')];
  const create = (...args: string[]): Promise<Finished> =>
    runMain(['token', 'create', ...args, ...database]);
  t.match(await runMain(['token', 'list', ...database]), { code: 2, err: /there is no database/ });
  const made = await create(
    'ci',
    '--scope',
    'ingest',
    '--scope',
    'read',
    '--cluster',
    'prod',
    '--expires',
    '90d',
  );
  t.equal(made.code, 0);
  t.match(made.out, TOKEN, 'the token alone, for a script');
  t.match(made.err, /`ci` is in `sqlite:.*made\.db`; this is the only time/);
  const shown = await create(
    'shop',
    '--scope',
    'read',
    '--namespace',
    'shop',
    '--namespace',
    'pay',
    '-o',
    'json',
  );
  const { token, ...rest } = JSON.parse(shown.out);
  t.match(`${token}\n`, TOKEN);
  t.match(rest, {
    name: 'shop',
    state: 'usable',
    scopes: ['read'],
    clusters: null,
    namespaces: ['pay', 'shop'],
    expiresAt: null,
  });
  const cases: readonly (readonly [args: readonly string[], err: RegExp])[] = [
    [['ci', '--scope', 'read'], /there is a token `ci` already/],
    [['x'], /--scope/],
    [['x', '--scope', 'write'], /`write` is no scope; use read, ingest, admin/],
    [['a b', '--scope', 'read'], /a token name has/],
    [['x', '--scope', 'read', '--cluster', 'a b'], /a cluster name has/],
    [['x', '--scope', 'ingest', '--namespace', 'shop'], /goes with `--scope read` alone/],
    [['x', '--scope', 'read', '--namespace', 'Shop'], /`Shop` is no namespace/],
    [['x', '--scope', 'read', '--expires', '90'], /`--expires`: `90` is no duration/],
  ];
  for (const [args, err] of cases)
    t.match(await create(...args), { code: 2, err, out: '' }, args.join(' '));
  t.match(await runMain(['token', 'revoke', 'ci', ...database]), {
    code: 0,
    err: /`ci` is revoked/,
    out: '',
  });
  t.match(await runMain(['token', 'revoke', 'ci', ...database]), { code: 2, err: /no token `ci`/ });
  const list = await runMain(['token', 'list'], {
    environment: { PODREACH_DATABASE: fileUrl('made.db') },
  });
  t.match(
    list.out,
    /^NAME +STATE +SCOPES +CLUSTERS +NAMESPACES +EXPIRES\nci +revoked +read,ingest +prod +\* +20.*Z\nshop +usable +read +\* +pay,shop +never\n$/,
  );
  const json = await runMain(['token', 'list', '-o', 'json', ...database]);
  t.match(
    JSON.parse(json.out).items.map(({ name }: Body) => name),
    ['ci', 'shop'],
  );
  t.notMatch(json.out + list.out, /hash|pr_/);
});

t.test('a server that could let in strangers does not start', async (t) => {
  const database = ['--database', fileUrl('none.db'), '--port', '0'];
  const jwt = {
    'jwt-jwks-url': 'https://issuer.example/keys',
    'jwt-issuer': 'https://issuer.example',
    'jwt-audience': 'podreach',
    'jwt-scopes': 'team=read',
  };
  const withJwt = (
    changes: Partial<Record<keyof typeof jwt | 'jwt-algorithms', string>>,
  ): string[] => [
    ...database,
    '--auth',
    'jwt',
    ...Object.entries({ ...jwt, ...changes }).flatMap(([name, value]) => [`--${name}`, value]),
  ];
  const cases: readonly (readonly [args: readonly string[], err: RegExp])[] = [
    [[...database, '--host', '0.0.0.0'], /`auth` is off: everyone there could read/],
    [[...database, '--host', '::'], /`auth` is off/],
    [
      ['--port', '0', '--auth', 'tokens', '--database', 'sqlite::memory:'],
      /needs a database in a file/,
    ],
    [[...database, '--auth', 'on'], /`on` is no off \| tokens \| jwt \| tokens,jwt/],
    [[...database, '--jwt-jwks-url', 'https://x.example'], /`auth` is without `jwt`/],
    [withJwt({ 'jwt-jwks-url': '' }), /needs `jwtJwksUrl`/],
    [withJwt({ 'jwt-jwks-url': 'http://issuer.example/keys' }), /`https:\/\/` URL/],
    [withJwt({ 'jwt-jwks-url': 'https://u:secret@issuer.example/keys' }), /without a password/],
    [withJwt({ 'jwt-issuer': '' }), /needs `jwtIssuer`/],
    [withJwt({ 'jwt-audience': '' }), /needs `jwtAudience`/],
    [withJwt({ 'jwt-scopes': '' }), /needs `jwtScopes`/],
    [withJwt({ 'jwt-scopes': 'team=write' }), /maps no value to scopes/],
    [withJwt({ 'jwt-algorithms': 'RS256,HS256' }), /`HS256` cannot be allowed/],
    [withJwt({ 'jwt-algorithms': 'none' }), /`none` cannot be allowed/],
  ];
  for (const [args, err] of cases) {
    const { code, out, err: said } = await runMain(['serve', ...args]);
    t.match({ code, out, said }, { code: 2, out: '', said: err }, args.join(' '));
    t.notMatch(said, /secret/);
  }
  const damaged = fileUrl('damaged.db');
  await runMain(['token', 'create', 'ci', '--scope', 'read', '--database', damaged]);
  const raw = new Database(join(folder, 'damaged.db'));
  raw.exec(`UPDATE tokens SET scopes = '["read","admin"]'`);
  raw.close();
  const refused = await runMain([
    'serve',
    '--port',
    '0',
    '--auth',
    'tokens',
    '--database',
    damaged,
  ]);
  t.match(refused, { code: 4, out: '', err: /the token `ci` is damaged/ });
  const lost = new Database(join(folder, 'damaged.db'));
  lost.exec('DROP TABLE tokens');
  lost.close();
  const serve = ['serve', '--port', '0', '--auth', 'tokens', '--database', damaged];
  t.match(await runMain(serve), { code: 4, out: '', err: /no such table: tokens/ });
});

t.test(
  'a server asks for tokens, believes them until they end, and tells of it without them',
  async (t) => {
    const database = fileUrl('served.db');
    const create = async (...args: string[]): Promise<string> =>
      (await runMain(['token', 'create', ...args, '--database', database])).out.trim();
    const [root, reader] = [
      await create('root', '--scope', 'read', '--scope', 'ingest', '--scope', 'admin'),
      await create('reader', '--scope', 'read', '--cluster', 'prod'),
    ];
    const audit = join(folder, 'audit.jsonl');
    const manifest = join(folder, 'shop.json');
    const tokenFile = join(folder, 'token');
    await writeFile(manifest, shop(2));
    await writeFile(tokenFile, `${reader}\n`);
    const printedByCommands: string[] = [];
    const run = async (token: Record<string, string>, ...args: string[]): Promise<Finished> => {
      const finished = await runMain(args, { environment: token });
      printedByCommands.push(finished.out, finished.err);
      return finished;
    };
    const settings = [
      '--auth',
      'tokens',
      '--database',
      database,
      '--audit',
      audit,
      '--log-level',
      'info',
    ];
    const { code, err } = await whileServing(settings, async (url, printed) => {
      t.match(printed, /^access: tokens \(2 in use\)$/m);
      const server = ['--server', url];
      const ask = ['who-can-reach', 'shop/api', '--snapshot', 'prod', ...server];
      t.match(await run({}, 'ingest', 'prod', '-f', manifest, ...server), {
        code: 2,
        err: /a credential is needed/,
      });
      t.match(await run({ PODREACH_TOKEN: reader }, 'ingest', 'prod', '-f', manifest, ...server), {
        code: 2,
        err: /this needs the scope `ingest`, which `reader` does not have/,
      });
      t.equal(
        (await run({ PODREACH_TOKEN: root }, 'ingest', 'prod', '-f', manifest, ...server)).code,
        0,
      );
      t.equal(
        (await run({ PODREACH_TOKEN: root }, 'ingest', 'dev', '-f', manifest, ...server)).code,
        0,
      );
      t.match(await run({ PODREACH_TOKEN_FILE: tokenFile }, ...ask), { code: 0, out: /ALLOWED/ });
      t.match(await run({ PODREACH_TOKEN: 'no' }, ...ask, '--token', reader), { code: 0 });
      t.match(await run({ PODREACH_TOKEN: reader }, 'clusters', ...server), {
        out: /^((?!dev)[\s\S])*prod((?!dev)[\s\S])*$/,
      });
      t.match(await run({ PODREACH_TOKEN: `a ${reader}` }, ...ask), {
        code: 2,
        err: /what `PODREACH_TOKEN` holds is no token/,
      });
      t.match(await run({ PODREACH_TOKEN_FILE: `${tokenFile}x` }, ...ask), {
        code: 2,
        err: /cannot be read \(ENOENT\)/,
      });
      t.match(await run({}, 'path', 'a', 'b', '-f', manifest, '--token', reader), {
        code: 2,
        err: /exclude each other/,
      });

      const as = (token: string, path = '/api/v1/whoami'): Promise<Response> =>
        fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      t.same(await (await as(reader)).json(), {
        name: 'reader',
        scopes: ['read'],
        clusters: ['prod'],
        namespaces: null,
        expiresAt: null,
      });
      t.equal((await as(`${reader.slice(0, -1)}_`)).status, 401);
      const inUrl = await fetch(`${url}/api/v1/whoami?access_token=${reader}`);
      t.equal(inUrl.status, 401, 'a credential in the URL is never read');
      t.equal((await as(reader, `/api/v1/clusters?token=${reader}`)).status, 400);
      const twice = await rawRequest(url, [
        `Authorization: Bearer ${reader}`,
        `Authorization: Bearer ${root}`,
      ]);
      t.match(twice, /^HTTP\/1\.1 400 /, 'of two, none is believed');
      const large = await fetch(`${url}/api/v1/clusters/prod/snapshots`, {
        method: 'POST',
        body: 'x'.repeat(8 * 1024 * 1024),
      });
      t.equal(large.status, 401, 'who sends much gets to see the answer');

      t.equal((await run({}, 'token', 'revoke', 'reader', '--database', database)).code, 0);
      const revokedAt = performance.now();
      let status = 200;
      while (status === 200 && performance.now() - revokedAt < 5000) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        ({ status } = await as(reader));
      }
      t.equal(status, 401, 'a revoked token is refused within five seconds');
    });
    t.equal(code, 0);
    const text = await readFile(audit, 'utf8');
    for (const token of [root, reader]) {
      t.notOk(text.includes(token), 'the audit log has no token');
      t.notOk(err.includes(token), 'nor has any other');
      t.notOk(
        printedByCommands.some((printed) => printed.includes(token)),
        'nor was one printed',
      );
    }
    t.match(err, /"route":"\/api\/v1\/whoami"/, 'the request was logged, without what was asked');
    const lines = text
      .trim()
      .split('\n')
      .map((line): Body => JSON.parse(line));
    const some = (wanted: object): boolean =>
      lines.some((line) =>
        Object.entries(wanted).every(
          ([name, value]) => JSON.stringify(line[name]) === JSON.stringify(value),
        ),
      );
    const id = lines.find(({ action, outcome }) => action === 'ingest' && outcome === 'ok')
      .snapshots[0];
    for (const wanted of [
      { viewer: null, action: 'ingest', clusters: ['prod'], outcome: 'unauthorized', status: 401 },
      { viewer: 'reader', action: 'ingest', clusters: ['prod'], outcome: 'forbidden', status: 403 },
      {
        viewer: 'root',
        action: 'ingest',
        clusters: ['prod'],
        snapshots: [id],
        outcome: 'ok',
        status: 201,
      },
      {
        viewer: 'reader',
        action: 'ask',
        question: 'who-can-reach',
        clusters: ['prod'],
        snapshots: [id],
        outcome: 'ok',
      },
    ]) {
      t.ok(some(wanted), JSON.stringify(wanted));
    }
    t.match(lines.find(({ question }) => question === 'who-can-reach').args, {
      ref: 'prod',
      target: 'shop/api',
      groupBy: 'WORKLOAD',
    });
  },
);

t.test('GraphQL is in the audit log, what it uploads is not', async (t) => {
  const audit = join(folder, 'graphql.jsonl');
  await whileServing(['--database', 'sqlite::memory:', '--audit', audit], async (url, printed) => {
    t.match(printed, /^access: off: whoever reaches this address/m);
    const post = async (query: string, variables = {}): Promise<Body> => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ query, variables });
      return (await fetch(`${url}/graphql`, { method: 'POST', headers, body })).json();
    };
    const ingest =
      'mutation ($manifest: String!) { ingest(cluster: "prod", manifest: $manifest) { id } }';
    t.ok((await post(ingest, { manifest: shop(1) })).data.ingest.id);
    const ask =
      'query ($ref: String!) { snapshot(ref: $ref) { whoCanReach(target: "shop/api") { totalCount } } }';
    for (let i = 0; i < 3; i++) await post(ask, { ref: 'prod' });
    await post(ask, { ref: 'none' });
    await post(`# mutation\n${ask}`, { ref: 'prod' });
    await post('mutation { ingest(manifest: "apiVersion: v1"');
    await fetch(`${url}/livez`);
  });
  const text = await readFile(audit, 'utf8');
  t.notMatch(text, /apiVersion/, 'no manifest');
  const [first, ...asked] = text
    .trim()
    .split('\n')
    .map((line): Body => JSON.parse(line));
  t.match(first, {
    viewer: 'anonymous',
    action: 'ingest',
    question: 'graphql',
    args: {},
    clusters: ['prod'],
    outcome: 'ok',
  });
  t.equal(asked.length, 6, 'each question, also those with a known answer, and nothing of health');
  for (const line of asked.slice(0, 3)) {
    t.match(line, {
      action: 'ask',
      args: { variables: '{"ref":"prod"}' },
      clusters: ['prod'],
      outcome: 'ok',
    });
    t.equal(line.snapshots.length, 1);
  }
  t.match(asked[3], {
    args: { variables: '{"ref":"none"}' },
    outcome: 'snapshot-not-found',
    snapshots: [],
  });
  t.match(
    asked[4],
    { args: { query: /whoCanReach/, variables: '{"ref":"prod"}' }, outcome: 'ok' },
    'a word in a comment hides nothing',
  );
  t.match(asked[5], { args: {}, outcome: 'bad-query' }, 'what may be a mutation is no question');
  t.notOk('query' in asked[5].args);
});

/** A request with headers that `fetch` would not send. */
async function rawRequest(url: string, headers: readonly string[]): Promise<string> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = ['GET /api/v1/whoami HTTP/1.1', `Host: ${host}`, 'Connection: close', ...headers];
  socket.end(`${lines.join('\r\n')}\r\n\r\n`);
  return text(socket);
}
