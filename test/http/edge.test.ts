import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { auditServer } from 'graphql-http';
import { getIntrospectionQuery } from 'graphql';
import t from 'tap';
import { PersistedQueries, parseQueryList } from '../../src/http/graphql/persisted-queries.ts';
import { HTTP_LIMITS } from '../../src/http/http-limits.ts';
import { linkFrom } from '../../src/http/links.ts';
import { EVERYONE } from '../../src/service/viewer.ts';
import type { Viewer } from '../../src/service/viewer.ts';
import { AT_ROOT, follow, serve, shop } from '../support/http-app.ts';
import type { Body, Served } from '../support/http-app.ts';

const MODERN = 'application/graphql-response+json';
const PORTAL = 'https://portal.example';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const persisted = (hash: string): object => ({
  extensions: { persistedQuery: { version: 1, sha256Hash: hash } },
});

const post = (payload: unknown, headers: Record<string, string> = {}): Body => ({
  method: 'POST',
  url: '/graphql',
  payload,
  headers,
});

const listen = async (app: FastifyInstance): Promise<number> => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
};

t.test('the audit of GraphQL over HTTP finds nothing', async (t) => {
  const { app } = await serve(t, AT_ROOT);
  const port = await listen(app);
  const results = await auditServer({ url: `http://127.0.0.1:${port}/graphql` });
  t.ok(60 < results.length, 'the audit ran');
  for (const result of results) {
    t.equal(result.status, 'ok', `${result.id} ${result.name}`, {
      reason: result.status === 'ok' ? '' : result.reason,
    });
  }
});

t.test('the media type is the one that is wanted most', async (t) => {
  const { send } = await serve(t);
  const cases: readonly (readonly [accept: string, modern: boolean])[] = [
    [MODERN, true],
    [`application/json, ${MODERN}`, true],
    [`${MODERN};charset=utf-8`, true],
    [`${MODERN};q=0.5, application/json;q=0.4`, true],
    [MODERN.toUpperCase(), true],
    [`${MODERN};q=0.5, application/json`, false],
    [`${MODERN};q=0, */*`, false],
    ['application/json', false],
    ['*/*', false],
    ['text/html', false],
    ['', false],
  ];
  for (const [accept, modern] of cases) {
    const { headers, statusCode } = await send(post({ query: '{ nothing }' }, { accept }));
    t.equal(String(headers['content-type']).includes(MODERN), modern, accept);
    t.equal(statusCode, modern ? 400 : 200, accept);
  }
});

t.test('no page can make a browser send a mutation', async (t) => {
  const { send, get } = await serve(t);
  const mutation = 'mutation { deleteSnapshot(id: "x") }';
  const json = JSON.stringify({ query: mutation });
  const form = `query=${encodeURIComponent(mutation)}`;
  const bodies: readonly (readonly [type: string | undefined, body: string])[] = [
    ['text/plain', json],
    ['text/plain; charset=application/json', json],
    ['text/plain;application/json', json],
    ['application/x-www-form-urlencoded', form],
    ['application/x-www-form-urlencoded', json],
    ['multipart/form-data; boundary=b', `--b\r\n\r\n${json}\r\n--b--`],
    ['multipart/form-data; boundary=application/json', json],
    ['application/graphql', mutation],
    [undefined, json],
  ];
  for (const [type, payload] of bodies) {
    const headers = type === undefined ? {} : { 'content-type': type };
    const response = await send({ method: 'POST', url: '/graphql', payload, headers });
    t.equal(response.statusCode, 415, String(type));
  }
  const inUrl = `/graphql?query=${encodeURIComponent(mutation)}`;
  const accept = { accept: MODERN };
  t.equal((await get(inUrl, accept)).statusCode, 405);
  t.equal((await send({ method: 'HEAD', url: inUrl, headers: accept })).statusCode, 405);
  t.equal((await send({ method: 'POST', url: inUrl })).statusCode, 400, 'POST has a body');
  const hash = sha256(mutation);
  const known = `${inUrl}&extensions=${encodeURIComponent(JSON.stringify({ persistedQuery: { version: 1, sha256Hash: hash } }))}`;
  t.equal((await get(known, accept)).statusCode, 405);
});

t.test('a query that was sent with its hash can be asked by the hash', async (t) => {
  const { send, get } = await serve(t);
  const query = '{ clusters { totalCount } }';
  const hash = sha256(query);
  const byHash = `/graphql?extensions=${encodeURIComponent(JSON.stringify({ persistedQuery: { version: 1, sha256Hash: hash } }))}`;
  const NOT_FOUND = {
    errors: [
      { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
    ],
  };
  const missed = await send(post(persisted(hash)));
  t.equal(missed.statusCode, 200, 'older clients go on only after a 200');
  t.match(missed.json(), NOT_FOUND);
  const modern = await get(byHash, { accept: MODERN });
  t.equal(modern.statusCode, 400);
  t.match(modern.json(), NOT_FOUND);
  t.equal(modern.headers['cache-control'], 'no-store');

  const answer = { data: { clusters: { totalCount: 0 } } };
  t.same((await send(post({ query, ...persisted(hash) }))).json(), answer);
  for (const time of [1, 2, 3]) {
    t.same((await send(post(persisted(hash)))).json(), answer, `POST, time ${time}`);
    t.same((await get(byHash)).json(), answer, `GET, time ${time}`);
  }

  const wrong: readonly (readonly [name: string, body: object])[] = [
    ['a hash of another text', { query, ...persisted(sha256('{ __typename }')) }],
    ['no hash', { query, ...persisted('x') }],
    [
      'another version',
      { query, extensions: { persistedQuery: { version: 2, sha256Hash: hash } } },
    ],
    ['no version', { extensions: { persistedQuery: { sha256Hash: hash } } }],
    ['no object', { query, extensions: { persistedQuery: 'x' } }],
    ['extensions that are a list', { query, extensions: [] }],
    ['a hash and a query that is no text', { query: 5, ...persisted(hash) }],
  ];
  for (const [name, body] of wrong) {
    const response = await send(post(body));
    t.equal(response.statusCode, 400, name);
    t.equal(response.json().errors[0].extensions.code, 'bad-query', name);
  }
  const invalid = '{ nothing }';
  await send(post({ query: invalid, ...persisted(sha256(invalid)) }));
  t.match((await send(post(persisted(sha256(invalid))))).json(), NOT_FOUND, 'not kept');
});

t.test('what one viewer fills the server with pushes out nothing of another', (t) => {
  const queries = new PersistedQueries({});
  const viewer = (name: string): Viewer => ({ ...EVERYONE, name });
  const long = (i: number): string => `{ __typename } #${String(i).padEnd(60_000)}`;
  const kept = (name: string, text: string): boolean => {
    try {
      return queries.textOf(viewer(name), { hash: sha256(text) }) === text;
    } catch {
      return false;
    }
  };
  queries.remember(viewer('a'), sha256('{ a }'), '{ a }');
  for (let i = 0; i < 100; i += 1) queries.remember(viewer('b'), sha256(long(i)), long(i));
  t.ok(kept('a', '{ a }'));
  t.notOk(kept('b', '{ a }'), 'nor does it show what the other one asks');
  const shown = Array.from({ length: 100 }, (_, i) => kept('b', long(i)));
  const own = shown.filter((one) => one).length;
  t.ok(own * 60_000 <= HTTP_LIMITS.persistedCharsMax, `${own} are kept`);
  t.ok(shown.at(-1), 'the newest is');
  for (let i = 0; i < 5000; i += 1) queries.remember(viewer('c'), sha256(`{${i}}`), `{${i}}`);
  const small = Array.from({ length: 5000 }, (_, i) => kept('c', `{${i}}`)).filter((one) => one);
  t.ok(small.length < 2100, 'short ones are bounded as well');
  for (let i = 0; i < 100; i += 1) queries.remember(viewer(`v${i}`), sha256('{ v }'), '{ v }');
  t.notOk(kept('b', long(99)), 'so are viewers');
  t.end();
});

t.test('only what is on the list of the operator is answered, if so told', async (t) => {
  const query = '{ __typename }';
  const list = new Map([[sha256(query), query]]);
  const { send } = await serve(t, {
    graphql: { persistedQueries: list, persistedQueriesOnly: true },
  });
  const answer = { data: { __typename: 'Query' } };
  t.same((await send(post(persisted(sha256(query))))).json(), answer, 'by its hash');
  t.same((await send(post({ query }))).json(), answer, 'by its text');
  const other = '{ clusters { totalCount } }';
  for (const body of [{ query: other }, { query: other, ...persisted(sha256(other)) }]) {
    for (const time of [1, 2]) {
      const refused = (await send(post(body))).json();
      t.equal(refused.errors[0].extensions.code, 'QUERY_NOT_IN_SAFELIST', `time ${time}`);
      t.notOk('data' in refused);
    }
  }
  const missed = (await send(post(persisted(sha256(other))))).json();
  t.equal(missed.errors[0].extensions.code, 'PERSISTED_QUERY_NOT_FOUND');

  const open = await serve(t, { graphql: { persistedQueries: list } });
  t.same((await open.send(post(persisted(sha256(query))))).json(), answer);
  t.same((await open.send(post({ query: other }))).json().data.clusters.totalCount, 0);
  const bad = new Map([[sha256('{ nothing }'), '{ nothing }']]);
  await t.rejects(serve(t, { graphql: { persistedQueries: bad } }), { code: 'bad-query' });
});

t.test('a list of queries is read as two tools write it', (t) => {
  const query = '{ __typename }';
  const id = sha256(query);
  const manifest = {
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: [{ id, name: '', type: 'query', body: query }],
  };
  t.same([...parseQueryList(JSON.stringify({ [id]: query }), 'q.json')], [[id, query]]);
  t.same([...parseQueryList(JSON.stringify(manifest), 'q.json')], [[id, query]]);
  for (const text of [
    '',
    '[]',
    'null',
    '{"a": "{ __typename }"}',
    JSON.stringify({ [id.toUpperCase()]: query }),
    JSON.stringify({ [id]: 5 }),
    JSON.stringify({ ...manifest, operations: {} }),
    JSON.stringify({ ...manifest, operations: [null] }),
    `{"__proto__": {"${id}": "${query}"}}`,
  ]) {
    t.throws(() => parseQueryList(text, 'q.json'), { code: 'bad-query' }, text);
  }
  t.end();
});

t.test('the schema is told to nobody when introspection is off', async (t) => {
  const { send, get } = await serve(t, { graphql: { introspection: false } });
  const questions = [
    getIntrospectionQuery(),
    '{ __schema { types { name } } }',
    '{ __type(name: "Query") { fields { name } } }',
    '{ ...F } fragment F on Query { a: __schema { types { name } } }',
  ];
  for (const query of questions) {
    for (const time of [1, 2]) {
      const response = await send(post({ query }));
      t.match(response.json().errors[0].message, /introspection/i, `${query}, time ${time}`);
      t.notOk('data' in response.json());
    }
  }
  t.same((await send(post({ query: '{ __typename }' }))).json().data, { __typename: 'Query' });
  const nearly = [
    '{ cluster { id } }',
    '{ clustrs { totalCount } }',
    '{ clusters(frst: 1) { totalCount } }',
    '{ clusters }',
    '{ node(id: "x") { ... on Snapsho { id } } }',
    '{ snapshot(ref: "p") { path(from: "a", to: "b") { verdct } } }',
    '{ snapshot(ref: "p") { whoCanReach(target: "a", groupBy: PODD) { totalCount } } }',
  ];
  const open = await serve(t);
  let suggestions = 0;
  for (const query of nearly) {
    t.notMatch((await send(post({ query }))).body, /did you mean/i, query);
    if (/did you mean/i.test((await open.send(post({ query }))).body)) suggestions += 1;
  }
  t.ok(4 < suggestions, 'otherwise there are suggestions');
  t.equal((await get('/schema.graphql')).statusCode, 404);
  t.notOk('schema' in (await get('/')).json().links);
});

t.test('aliases that repeat a field and directives are bounded', async (t) => {
  const { send } = await serve(t);
  const repeats = (count: number, piece: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => piece(i)).join(' ');
  const cases: readonly (readonly [query: string, message: RegExp | undefined])[] = [
    [`{ ${repeats(101, (i) => `a${i}: __typename`)} }`, undefined],
    [`{ ${repeats(102, (i) => `a${i}: __typename`)} }`, /more than 100 fields again/],
    [
      `{ ...A ...B } fragment A on Query { ${repeats(60, (i) => `a${i}: __typename`)} } fragment B on Query { ${repeats(60, (i) => `b${i}: __typename`)} }`,
      /more than 100 fields again/,
    ],
    [`{ ${repeats(50, (i) => `a${i}: __typename @skip(if: false)`)} }`, undefined],
    [`{ ${repeats(51, (i) => `a${i}: __typename @skip(if: false)`)} }`, /more than 50 directives/],
  ];
  for (const [query, message] of cases) {
    const { errors = [] } = (await send(post({ query }))).json();
    if (message === undefined) t.same(errors, [], query.slice(0, 60));
    else {
      t.ok(
        errors.some((error: Body) => message.test(error.message)),
        query.slice(0, 60),
      );
      t.ok(errors.length <= 6, 'those reported, and that there are more');
    }
  }
});

t.test('pages of the allow-list may ask, others may not', async (t) => {
  const { send, get, upload } = await serve(t, { browsers: { corsOrigins: [PORTAL] } });
  await upload('prod', shop(1));
  const at = '/api/v1/snapshots/prod';
  const urls = [
    '/api/v1/clusters',
    `${at}/who-can-reach?target=shop/api`,
    `${at}/who-can-reach?target=shop/api&format=ndjson`,
    `${at}/path?from=shop/web-00&to=shop/nobody`,
    '/graphql?query={__typename}',
    '/openapi.json',
    '/nowhere',
  ];
  for (const url of urls) {
    const allowed = (await get(url, { origin: PORTAL })).headers;
    t.equal(allowed['access-control-allow-origin'], PORTAL, url);
    t.equal(allowed['access-control-allow-credentials'], undefined, url);
    t.equal(allowed['access-control-expose-headers'], undefined, url);
    const [foreign, none] = [await get(url, { origin: 'https://evil.example' }), await get(url)];
    t.equal(foreign.headers['access-control-allow-origin'], undefined, url);
    t.equal(none.headers['access-control-allow-origin'], undefined, url);
    // What may be kept must not be given to a page of another origin, nor without the header to this.
    if (none.headers['cache-control'] !== 'no-store') t.match(none.headers['vary'], 'Origin', url);
  }

  const preflight = (origin: string, url: string, method = 'POST'): ReturnType<typeof send> =>
    send({
      method: 'OPTIONS',
      url,
      headers: {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization, x-podreach-token, content-type',
      },
    });
  for (const url of [`${at}/paths`, '/graphql', '/api/v1/clusters/prod/snapshots']) {
    const { statusCode, headers } = await preflight(PORTAL, url);
    t.equal(statusCode, 204, url);
    t.equal(headers['access-control-allow-origin'], PORTAL);
    t.equal(headers['access-control-allow-methods'], 'GET, HEAD, POST');
    t.match(headers['access-control-allow-headers'], /Authorization, X-Podreach-Token/);
    t.equal(headers['access-control-allow-credentials'], undefined);
    for (const origin of [
      'https://evil.example',
      'null',
      `${PORTAL}.evil.example`,
      'http://portal.example',
    ]) {
      const refused = await preflight(origin, url);
      t.equal(refused.headers['access-control-allow-origin'], undefined, origin);
      t.equal(refused.statusCode, 405, origin);
      t.match(refused.headers['content-type'], 'application/problem+json');
    }
  }

  const asked = (headers: Record<string, string>): ReturnType<typeof send> =>
    send(post({ query: '{ __typename }' }, { host: 'localhost', ...headers }));
  t.equal((await asked({ origin: PORTAL })).statusCode, 200);
  t.equal((await asked({ origin: 'https://evil.example' })).statusCode, 403);
  t.equal((await asked({ origin: 'null' })).statusCode, 403);
  t.equal(
    (await asked({ origin: PORTAL, host: 'evil.example' })).statusCode,
    403,
    'an origin is no excuse for a strange Host',
  );
  for (const origin of ['*', 'null', 'portal.example', `${PORTAL}/app`, 'ftp://a.example', '']) {
    await t.rejects(serve(t, { browsers: { corsOrigins: [origin] } }), { code: 'bad-query' });
  }
});

t.test('a browser asks for permission without a token, and sees why it was refused', async (t) => {
  const { send, get } = await serve(t, {
    browsers: { corsOrigins: [PORTAL] },
    authenticator: { authenticate: () => Promise.resolve(undefined) },
  });
  const headers = { origin: PORTAL, 'access-control-request-method': 'POST' };
  const preflight = await send({ method: 'OPTIONS', url: '/graphql', headers });
  t.equal(preflight.statusCode, 204);
  t.equal(preflight.headers['access-control-allow-origin'], PORTAL);
  const foreign = { ...headers, origin: 'https://evil.example' };
  t.equal((await send({ method: 'OPTIONS', url: '/graphql', headers: foreign })).statusCode, 401);
  for (const url of ['/api/v1/clusters', '/graphql?query={__typename}', '/nowhere']) {
    const refused = await get(url, { origin: PORTAL });
    t.equal(refused.statusCode, 401, url);
    t.equal(refused.headers['access-control-allow-origin'], PORTAL, url);
    t.match(refused.headers, { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
  }
  for (const url of ['/docs/', '/docs/assets/start.js', '/openapi.json']) {
    t.equal((await get(url)).statusCode, 200, `${url} tells nothing of a cluster`);
  }
});

t.test('every response has the headers that browsers look for', async (t) => {
  const { get, send, upload } = await serve(t);
  await upload('prod', shop(1));
  const wanted: Readonly<Record<string, string>> = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'x-dns-prefetch-control': 'off',
    'x-download-options': 'noopen',
    'x-permitted-cross-domain-policies': 'none',
    'x-xss-protection': '0',
  };
  const urls = [
    ...['/', '/livez', '/openapi.json', '/docs', '/docs/', '/docs/assets/start.js'],
    ...['/docs/reasons', '/docs/reasons/SELF', '/graphql', '/graphql?query={__typename}'],
    ...['/nowhere', '/%', '/api/v1/clusters', '/api/v1/snapshots/prod/connectivity?format=ndjson'],
  ];
  for (const url of urls) {
    const { headers } = await get(url);
    t.match(headers, wanted, url);
    const policy = String(headers['content-security-policy']);
    t.match(policy, /^default-src 'none';.*frame-ancestors 'none'/, url);
    t.notMatch(policy, /unsafe|\*|https?:/, url);
    t.match(headers['permissions-policy'], 'camera=()', url);
    t.equal(headers['strict-transport-security'], undefined, 'not without being told');
    t.equal(headers['x-powered-by'], undefined);
    t.equal(headers['server'], undefined);
  }
  t.match((await send({ method: 'PUT', url: '/livez' })).headers, wanted);

  const framed = await serve(t, {
    browsers: { frameAncestors: ['self', PORTAL], hstsMaxAgeMs: 86_400_000 },
  });
  for (const url of ['/docs/', '/livez', '/%']) {
    const { headers } = await framed.get(url);
    t.match(headers['content-security-policy'], `frame-ancestors 'self' ${PORTAL}`, url);
    t.equal(headers['x-frame-options'], undefined, url);
    t.equal(headers['strict-transport-security'], 'max-age=86400', url);
  }
  for (const one of ['*', "'unsafe-inline'", `${PORTAL}; script-src *`, 'portal.example', '']) {
    await t.rejects(serve(t, { browsers: { frameAncestors: [one] } }), { code: 'bad-query' });
  }
});

t.test('the viewer loads nothing from elsewhere and runs nothing inline', async (t) => {
  const { get } = await serve(t);
  t.equal((await get('/docs')).headers['location'], 'docs/');
  const page = await get('/docs/');
  t.match(page.headers['content-type'], 'text/html');
  t.equal(
    page.headers['content-security-policy'],
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
      "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  t.notMatch(page.body, /<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son\w+=|javascript:/i);
  const loaded = [...page.body.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, link = '']) => link);
  t.ok(6 < loaded.length);
  for (const link of loaded) {
    const response = await get(follow('/docs/', link));
    t.equal(response.statusCode, 200, link);
    t.not(response.headers['etag'], undefined, link);
    const etag = String(response.headers['etag']);
    const again = await get(follow('/docs/', link), { 'if-none-match': etag });
    t.equal(again.statusCode, 304, link);
  }
  const start = (await get('/docs/assets/start.js')).body;
  t.match(start, "'../openapi.json'");
  t.match(start, 'validatorUrl: null');
  const style = (await get('/docs/assets/swagger-ui.css')).body;
  t.notMatch(style, /@import|url\((?!["']?data:)/, 'the style sheet loads nothing');
  for (const name of ['..%2f..%2fpackage.json', 'index.html', '__proto__', 'swagger-ui.js']) {
    t.equal((await get(`/docs/assets/${name}`)).statusCode, 404, name);
  }
});

/** Follows every link of what the server publishes about itself, from `root`. */
const crawl = async (
  { get }: Served,
  root: string,
): Promise<{ readonly broken: readonly string[]; readonly seen: ReadonlySet<string> }> => {
  const seen = new Set<string>();
  const broken: string[] = [];
  const visit = async (url: string, from: string): Promise<void> => {
    if (seen.has(url)) return;
    seen.add(url);
    const response = await get(url);
    const { location } = response.headers;
    if (location !== undefined) return visit(follow(url, location), url);
    const isQuestion = url.endsWith('/graphql');
    if (response.statusCode !== (isQuestion ? 400 : 200)) broken.push(`${from} -> ${url}`);
    const type = String(response.headers['content-type']);
    for (const link of linksIn(response.body, type)) await visit(follow(url, link), url);
  };
  await visit(root, '');
  return { broken, seen };
};

const linksIn = (body: string, type: string): readonly string[] => {
  if (type.startsWith('text/html')) {
    return [...body.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, link = '']) => link);
  }
  if (type.startsWith('text/plain')) {
    const found = [...body.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link);
    return [...new Set(found)];
  }
  if (!type.startsWith('application/json')) return [];
  const { links = {} } = JSON.parse(body) as { links?: Record<string, string> };
  return Object.values(links);
};

t.test('every link leads somewhere, under every base path', async (t) => {
  for (const [basePath, root] of [
    ['', '/'],
    ['/podreach', '/podreach'],
    ['/a/b-c/d_e.f~0/', '/a/b-c/d_e.f~0/'],
  ] as const) {
    const served = await serve(t, { basePath });
    const { broken, seen } = await crawl(served, root);
    t.same(broken, [], root);
    t.ok(100 < seen.size, 'the pages of the reasons were found');
    t.ok(seen.has(`${basePath.replace(/\/$/, '')}/docs/assets/start.js`));
    t.ok(seen.has(`${basePath.replace(/\/$/, '')}/docs/semantics.md`));
  }
  const { get, send, upload } = await serve(t);
  await upload('prod', shop(1));
  t.equal((await get('/docs/reasons/')).headers['location'], '../reasons');
  for (const url of ['/docs/..%2fREADME.md', '/docs/README.md', '/docs/x.md']) {
    t.equal((await get(url)).statusCode, 404, url);
  }
  const failed = [
    await get('/nowhere'),
    await get('/docs/x.md'),
    await get('/api/v1/snapshots/prod/path?from=a&to=b'),
    await send({ method: 'POST', url: '/livez' }),
  ];
  for (const response of failed) {
    for (const value of Object.values<unknown>(response.json())) {
      t.notMatch(String(value), /^(\/|https?:)/, 'problems have no link that hangs on a prefix');
    }
  }
});

t.test('a link is relative to the URL that was asked', (t) => {
  const cases: readonly (readonly [url: string, target: string, link: string])[] = [
    ['/', '/api/v1/clusters', 'api/v1/clusters'],
    ['/p/', '/p/docs/', 'docs/'],
    ['/p', '/p/docs/', 'p/docs/'],
    ['/p?x=/a/b', '/p/livez', 'p/livez'],
    ['/api/v1/clusters/c/snapshots?async=true', '/api/v1/ingests/i', '../../ingests/i'],
    ['/docs/', '/docs/', './'],
  ];
  for (const [url, target, link] of cases) {
    t.equal(linkFrom(url, target), link, url);
    t.equal(follow(url, link), target, url);
  }
  t.end();
});

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

t.test('the OpenAPI document is one of version 3.1', async (t) => {
  const { get } = await serve(t);
  const document = (await get('/openapi.json')).json();
  t.match(document.openapi, /^3\.1\.\d+$/);
  t.type(document.info.title, 'string');
  t.type(document.info.version, 'string');
  const [server] = document.servers;
  t.equal(follow('/openapi.json', server.url), '/', 'the server is where the document is');
  const ids = new Set<string>();
  for (const [path, item] of Object.entries<Body>(document.paths)) {
    t.match(path, /^\//);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const [method, operation] of Object.entries<Body>(item)) {
      const name = `${method} ${path}`;
      t.ok(METHODS.includes(method), name);
      const parameters: Body[] = operation.parameters ?? [];
      const keys = parameters.map((one) => `${one.in} ${one.name}`);
      t.equal(new Set(keys).size, keys.length, `${name} names each parameter once`);
      for (const one of parameters) {
        t.ok(['path', 'query', 'header', 'cookie'].includes(one.in), name);
        t.ok(one.schema !== undefined || one.content !== undefined, `${name} ${one.name}`);
        if (one.in === 'path') t.equal(one.required, true, `${name} ${one.name}`);
      }
      t.same(
        parameters
          .filter((one) => one.in === 'path')
          .map((one) => one.name)
          .sort(),
        inPath.sort(),
        `${name} tells its path parameters`,
      );
      const statuses = Object.keys(operation.responses);
      t.ok(
        statuses.every((status) => /^([1-5]\d\d|[1-5]XX|default)$/.test(status)),
        `${name} has statuses`,
      );
      t.ok(
        statuses.some((status) => status.startsWith('2')),
        `${name} has a good answer`,
      );
      t.ok(statuses.includes('4XX') && statuses.includes('5XX'), `${name} can fail`);
      for (const [status, response] of Object.entries<Body>(operation.responses)) {
        t.ok(response.description, `${name} ${status} is described`);
        for (const type of Object.keys(response.content ?? {}))
          t.match(type, /^[\w.+-]+\/[\w.+-]+$/);
      }
      if (operation.operationId !== undefined) {
        t.notOk(ids.has(operation.operationId), `${operation.operationId} is there once`);
        ids.add(operation.operationId);
      }
    }
  }
  const check = (value: Body, place: string): void => {
    if (typeof value !== 'object' || value === null) return;
    t.notOk('nullable' in value && value.type !== undefined, `${place} is of 3.1, not of 3.0`);
    if (typeof value.$ref === 'string') {
      const target = value.$ref
        .split('/')
        .slice(1)
        .reduce((at: Body, key: string) => at?.[key], document);
      t.ok(target, `${place} ${value.$ref} is there`);
    }
    for (const [key, child] of Object.entries(value)) check(child, `${place}/${key}`);
  };
  check({ components: document.components, paths: document.paths }, '#');
});
