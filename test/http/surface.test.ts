import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { parseQueryString } from '../../src/http/query-string.ts';
import { SEED } from '../support/property.ts';
import { ERROR_CODES, PodreachError } from '../../src/model/errors.ts';
import { checkHealth } from '../../src/service/health.ts';
import { AT_ROOT, entrances, follow, serve, shop } from '../support/http-app.ts';
import type { Body } from '../support/http-app.ts';

t.test('on loopback only known hosts are answered', async (t) => {
  const { get } = await serve(t, { allowedHosts: ['podreach.example', 'named.example:9000'] });
  const cases: readonly (readonly [host: string, allowed: boolean])[] = [
    ['localhost', true],
    ['LOCALHOST:8471', true],
    ['127.0.0.1:8471', true],
    ['[::1]:8471', true],
    ['podreach.example:80', true],
    ['named.example:9000', true],
    ['named.example:9001', false],
    ['127.0.0.1.evil.example', false],
    ['evil.example:8471', false],
    ['localhost.evil.example', false],
  ];
  for (const [host, allowed] of cases) {
    for (const url of ['/api/v1/clusters', '/graphql?query={__typename}', '/livez', '/nowhere']) {
      const response = await get(url, { host });
      t.equal(response.statusCode === 403, !allowed, `${host} ${url}`);
      if (!allowed) t.equal(response.json().code, 'bad-host');
    }
  }
});

t.test('elsewhere hosts are checked when a list was given', async (t) => {
  const open = await serve(t, { host: '0.0.0.0' });
  t.equal((await open.get('/livez', { host: 'any.example' })).statusCode, 200);
  const listed = await serve(t, { host: '0.0.0.0', allowedHosts: ['a.example'] });
  t.equal((await listed.get('/livez', { host: 'a.example' })).statusCode, 200);
  t.equal((await listed.get('/livez', { host: 'b.example' })).statusCode, 403);
});

t.test('a page of another origin changes nothing', async (t) => {
  const { send, get } = await serve(t);
  const url = '/api/v1/clusters/prod/snapshots';
  const post = (headers: Record<string, string>): ReturnType<typeof send> =>
    send({
      method: 'POST',
      url,
      payload: shop(1),
      headers: { host: 'localhost:8471', ...headers },
    });
  const refused: readonly Record<string, string>[] = [
    { origin: 'http://evil.example', 'content-type': 'text/plain' },
    { origin: 'http://localhost:3000', 'content-type': 'text/plain' },
    { origin: 'null', 'content-type': 'application/x-www-form-urlencoded' },
    { 'sec-fetch-site': 'cross-site' },
  ];
  for (const headers of refused) {
    const response = await post(headers);
    t.equal(response.statusCode, 403, JSON.stringify(headers));
    t.equal(response.json().code, 'bad-origin');
  }
  t.equal((await get('/api/v1/clusters')).json().totalCount, 0);
  t.equal((await post({ origin: 'http://localhost:8471' })).statusCode, 201, 'its own pages may');
  t.equal((await get('/livez')).headers['access-control-allow-origin'], undefined);
});

t.test('bodies of questions are JSON and nothing else', async (t) => {
  const { send, upload } = await serve(t);
  await upload('prod', shop(1));
  const payload = '{"questions":[]}';
  for (const [type, status] of [
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/jsonx', 415],
  ] as const) {
    const url = '/api/v1/snapshots/prod/paths';
    const headers = { 'content-type': type };
    t.equal((await send({ method: 'POST', url, payload, headers })).statusCode, status, type);
  }
  const poisoned = await send({
    method: 'POST',
    url: '/api/v1/snapshots/prod/paths',
    payload: '{"__proto__": {"questions": []}}',
    headers: { 'content-type': 'application/json' },
  });
  t.equal(poisoned.json().code, 'bad-query');
});

t.test('what cannot be asked is a problem document that says why', async (t) => {
  const { get, send, upload } = await serve(t);
  await upload('prod', shop(2));
  const at = '/api/v1/snapshots/prod';
  const long = 'x'.repeat(600);
  const cases: readonly (readonly [
    url: string,
    status: number,
    code: string,
    parameter?: string,
  ])[] = [
    [`${at}/path?from=shop/web-00`, 400, 'bad-query', 'to'],
    [`${at}/path?from=shop/web-00&to=shop/api&prot=80`, 400, 'bad-query', 'prot'],
    [`${at}/path?from=shop/web-00&from=shop/web-01&to=shop/api`, 400, 'bad-query', 'from'],
    [`${at}/path?from=shop/web-00&to=shop/api&port=`, 400, 'bad-query', 'port'],
    [`${at}/path?from=shop/web-00&to=shop/api&port=http`, 400, 'bad-port'],
    [`${at}/path?from=!&to=shop/api`, 400, 'bad-ref'],
    [`${at}/path?from=nobody&to=shop/api`, 404, 'ref-not-found'],
    [`${at}/path?from=shop/web-00&to=shop/api&fields=verdict,nothing`, 400, 'bad-query', 'fields'],
    [`${at}/path?from=shop/web-00&to=shop/api&format=pdf`, 400, 'bad-query', 'format'],
    [`${at}/path?from=shop/web-00&to=shop/api&engine=9`, 400, 'bad-query', 'engine'],
    [`${at}/path?from=shop/web-00&to=shop/api&__proto__=1`, 400, 'bad-query', '__proto__'],
    [`${at}/policies?limit=1001`, 400, 'limit-too-large', 'limit'],
    [`${at}/policies?limit=-1`, 400, 'bad-query', 'limit'],
    [`${at}/policies?limit=1e2`, 400, 'bad-query', 'limit'],
    [`${at}/reachable-from?source=shop/web-00&maxHops=11`, 400, 'bad-query', 'maxHops'],
    [`${at}/connectivity?of=shop/api&from=shop/web-00`, 400, 'bad-query'],
    [`${at}/connectivity?external=yes`, 400, 'bad-query', 'external'],
    [`${at}/isolation?groupBy=cluster`, 400, 'bad-query', 'groupBy'],
    [`${at}/exposure?of=shop/nobody`, 404, 'ref-not-found', 'of'],
    [`${at}/effective`, 400, 'bad-query', 'of'],
    [`${at}/effective?of=shop/api&direction=both`, 400, 'bad-query', 'direction'],
    [`${at}/paths?${'q=a~b&'.repeat(101)}`, 400, 'bad-query', 'q'],
    [`${at}/paths?q=a`, 400, 'bad-query', 'q'],
    [`${at}/policies/NetworkPolicy/shop/none`, 404, 'ref-not-found', 'name'],
    ['/api/v1/snapshots/none/policies', 404, 'snapshot-not-found'],
    ['/api/v1/snapshots/prod@never/policies', 400, 'bad-query'],
    ['/api/v1/snapshots/%ff/policies', 400, 'bad-query'],
    [`/api/v1/snapshots/${long}/policies`, 400, 'bad-query'],
    ['/api/v1/clusters/none', 404, 'cluster-not-found'],
    ['/api/v1/clusters?verbose=true', 400, 'bad-query', 'verbose'],
    ['/api/v1/nothing', 404, 'not-found'],
    ['/api/v2/clusters', 404, 'not-found'],
  ];
  for (const [url, status, code, parameter] of cases) {
    const response = await get(url);
    const body = response.json();
    t.equal(response.statusCode, status, url.slice(0, 100));
    t.match(response.headers['content-type'], 'application/problem+json');
    t.match(body, { code, status, title: ERROR_CODES[code as keyof typeof ERROR_CODES].title });
    t.match(body.detail, /^[a-z`\d].*[^.]$/s, 'a message begins small and has no full stop');
    t.equal(body.requestId, response.headers['x-request-id']);
    if (parameter !== undefined) t.equal(body.parameter, parameter, url.slice(0, 100));
  }
  for (const [method, url, allow] of [
    ['PUT', '/api/v1/clusters', 'GET, HEAD'],
    ['PATCH', at, 'GET, HEAD, DELETE'],
    ['DELETE', '/livez', 'GET, HEAD'],
  ] as const) {
    const response = await send({ method, url });
    t.equal(response.json().code, 'method-not-allowed', `${method} ${url}`);
    t.equal(response.headers['allow'], allow);
  }
});

t.test('errors of the service keep their status, and bugs keep their secrets', async (t) => {
  const errors: readonly (readonly [error: Error, status: number, code: string])[] = [
    [new PodreachError('busy', 'too many', { retryAfterSeconds: 3 }), 503, 'busy'],
    [new PodreachError('store-failed', 'the disk is odd'), 500, 'store-failed'],
    [new PodreachError('snapshot-corrupt', 'flipped'), 500, 'snapshot-corrupt'],
    [new RangeError('secret'), 500, 'internal'],
    [Object.assign(new Error('secret'), { statusCode: 418 }), 400, 'bad-query'],
  ];
  for (const [error, status, code] of errors) {
    const { get } = await serve(t, {}, { clusters: () => Promise.reject(error) });
    const response = await get('/api/v1/clusters', { 'x-request-id': 'my-id.1' });
    t.equal(response.statusCode, status, code);
    t.match(response.json(), { code, requestId: 'my-id.1' });
    t.notMatch(response.body, 'secret');
    t.equal(response.headers['retry-after'], code === 'busy' ? '3' : undefined);
    t.equal(response.headers['x-request-id'], 'my-id.1');
  }
  const { get } = await serve(t);
  const forged = await get('/livez', { 'x-request-id': 'a b"' });
  t.match(forged.headers['x-request-id'], /^[0-9a-f-]{36}$/, 'an odd id is replaced');
});

t.test('a question has a deadline', async (t) => {
  const { get } = await serve(
    t,
    { questionTimeoutMs: 30 },
    { clusters: () => new Promise(() => undefined) },
  );
  const response = await get('/api/v1/clusters');
  t.equal(response.statusCode, 503);
  t.equal(response.json().code, 'busy');
});

t.test('health tells the process from the store', async (t) => {
  const well = await serve(t);
  for (const url of ['/livez', '/readyz', '/healthz']) {
    const response = await well.get(url);
    t.same([response.statusCode, response.body], [200, 'ok\n'], url);
  }
  t.equal(
    (await well.get('/readyz?verbose')).body,
    '[+] store ok\n[+] ingest ok\n[+] compiler ok\n[+] load ok\n[+] running ok\nok\n',
  );
  const look = (): Promise<string> => Promise.reject(new PodreachError('store-failed', '/a/path'));
  const broken = { name: 'store', essential: true, look };
  const ill = await serve(t, {}, { health: () => checkHealth([broken]) });
  t.equal((await ill.get('/livez')).statusCode, 200);
  t.equal(
    (await ill.get('/readyz?verbose')).body,
    '[-] store failed\n[+] load ok\n[+] running ok\nnot ready\n',
  );
  t.equal((await ill.get('/healthz')).statusCode, 503);
  const full = { ...broken, name: 'disk', essential: false };
  const unwell = await serve(t, {}, { health: () => checkHealth([full]) });
  const { statusCode, body } = await unwell.get('/readyz?verbose');
  t.equal(statusCode, 200, 'questions are answered without room for more');
  t.match(body, /^\[-\] disk failed: .*\n.*\n.*\nok, but not well\n$/);
  const stopping = await serve(t, { isDraining: () => true });
  t.equal((await stopping.get('/readyz')).statusCode, 503);
  t.equal((await stopping.get('/livez')).statusCode, 200);
});

t.test('under a prefix everything moves, links included', async (t) => {
  const { get, send } = await serve(t, { basePath: '/tools/podreach/' });
  const url = '/tools/podreach/api/v1/clusters/prod/snapshots';
  const { headers } = await send({ method: 'POST', url, payload: shop(1) });
  const location = follow(url, headers['location']);
  t.match(location, /^\/tools\/podreach\/api\/v1\/snapshots\/s_/);
  t.equal((await get(location)).statusCode, 200);
  t.equal((await get('/api/v1/clusters')).statusCode, 404);
  for (const root of ['/tools/podreach/', '/tools/podreach']) {
    const { links } = (await get(root)).json();
    for (const link of Object.values<string>(links)) {
      const at = follow(root, link);
      if (!at.endsWith('/graphql')) t.equal((await get(at)).statusCode, 200, at);
    }
  }
  const document = (await get('/tools/podreach/openapi.json')).json();
  t.equal(document.servers.length, 1);
  const server = follow('/tools/podreach/openapi.json', document.servers[0].url);
  t.equal(server, '/tools/podreach/');
  t.ok(document.paths['/api/v1/clusters']);
  await t.rejects(serve(t, { basePath: 'podreach?' }), { code: 'bad-query' });
});

t.test('the OpenAPI document has every route, with its parameters and responses', async (t) => {
  const { app, get } = await serve(t);
  const document = (await get('/openapi.json')).json();
  t.equal(document.openapi, '3.1.0');
  const routes = app.printRoutes({ commonPrefix: false, includeHooks: false }).match(/\(.*\)/g);
  t.ok((routes?.length ?? 0) > 15, 'the routes were found');
  const wanted = [
    'get /api/v1/clusters',
    'get /api/v1/clusters/{cluster}',
    'delete /api/v1/clusters/{cluster}',
    'get /api/v1/clusters/{cluster}/snapshots',
    'post /api/v1/clusters/{cluster}/snapshots',
    'get /api/v1/events',
    'get /api/v1/ingests/{id}',
    'get /api/v1/whoami',
    'get /api/v1/snapshots/{ref}',
    'delete /api/v1/snapshots/{ref}',
    'get /api/v1/snapshots/{ref}/resolve',
    'get /api/v1/snapshots/{ref}/path',
    'get /api/v1/snapshots/{ref}/paths',
    'post /api/v1/snapshots/{ref}/paths',
    'get /api/v1/snapshots/{ref}/who-can-reach',
    'get /api/v1/snapshots/{ref}/reachable-from',
    'get /api/v1/snapshots/{ref}/connectivity',
    'get /api/v1/snapshots/{ref}/graph',
    'get /api/v1/snapshots/{ref}/isolation',
    'get /api/v1/snapshots/{ref}/exposure',
    'get /api/v1/snapshots/{ref}/effective',
    'get /api/v1/snapshots/{ref}/policies',
    'get /api/v1/snapshots/{ref}/ways-in',
    'get /api/v1/snapshots/{ref}/policies/{kind}/{namespace}/{name}',
  ];
  const found: string[] = [];
  const refs = new Set<string>();
  const collect = (value: Body): void => {
    if (typeof value !== 'object' || value === null) return;
    if (typeof value.$ref === 'string') refs.add(value.$ref);
    Object.values(value).forEach(collect);
  };
  for (const [path, methods] of Object.entries<Body>(document.paths)) {
    for (const [method, operation] of Object.entries<Body>(methods)) {
      if (path.startsWith('/api/v1')) found.push(`${method} ${path}`);
      t.ok(operation.summary, `${method} ${path} is described`);
      for (const { name, description, required, schema } of operation.parameters ?? []) {
        t.ok(description, `${method} ${path} ${name} is described`);
        const hasDefault = Object.hasOwn(schema, 'default');
        t.notOk(hasDefault && required, `${method} ${path} ${name} may be left out`);
      }
      if (!path.startsWith('/api/v1')) continue;
      const statuses = Object.keys(operation.responses);
      t.ok(
        statuses.some((status) => status.startsWith('2')),
        `${method} ${path} has an answer`,
      );
      t.ok(operation.responses['4XX'] ?? operation.responses['4xx'], `${method} ${path} can fail`);
    }
  }
  t.same(found.filter((one) => !one.startsWith('head')).sort(), wanted.sort());
  collect(document);
  t.ok(refs.size > 20);
  for (const ref of refs) {
    const name = ref.replace('#/components/schemas/', '');
    t.ok(document.components.schemas[name]?.description, `${ref} is there and described`);
    t.notMatch(name, /^def-/, 'schemas have names');
  }
});

t.test('answers have the members that the OpenAPI document tells', async (t) => {
  const { get, upload } = await serve(t);
  await upload('prod', shop(2) + entrances(2));
  const { components } = (await get('/openapi.json')).json();
  const check = (schema: Body, value: Body, place: string): void => {
    if (schema.$ref !== undefined) {
      check(components.schemas[schema.$ref.split('/').at(-1)], value, place);
    } else if (schema.anyOf !== undefined) {
      const [first] = schema.anyOf;
      if (value !== null) check(first, value, place);
    } else if (schema.type === 'array') {
      value.forEach((one: unknown, i: number) => check(schema.items, one, `${place}.${i}`));
    } else if (schema.properties !== undefined) {
      for (const name of schema.required ?? []) t.ok(name in value, `${place}.${name} is there`);
      for (const name of Object.keys(value)) {
        const member = schema.properties[name];
        if (member === undefined) t.fail(`${place}.${name} is not in the document`);
        else check(member, value[name], `${place}.${name}`);
      }
    } else if (schema.enum !== undefined) {
      t.ok(schema.enum.includes(value), `${place} is one of ${schema.enum}`);
    }
  };
  const cases: readonly (readonly [url: string, schema: string])[] = [
    ['/snapshots/prod/path?from=shop/web-00&to=shop/svc/api', 'Path'],
    ['/snapshots/prod/connectivity', 'ReachPage'],
    ['/snapshots/prod/graph', 'Graph'],
    ['/snapshots/prod/who-can-reach?target=shop?app=api&groupBy=namespace', 'ReachPage'],
    ['/snapshots/prod/reachable-from?source=shop/web-00&maxHops=2', 'ReachPage'],
    ['/snapshots/prod/isolation', 'IsolationPage'],
    ['/snapshots/prod/exposure', 'ExposurePage'],
    ['/snapshots/prod/exposure?groupBy=namespace', 'ExposurePage'],
    ['/snapshots/prod/effective?of=shop/*', 'EffectivePage'],
    ['/snapshots/prod/policies', 'PolicyPage'],
    ['/snapshots/prod/ways-in', 'WayInPage'],
    ['/snapshots/prod/who-can-reach?target=shop/web-00', 'ReachPage'],
    ['/snapshots/prod/resolve?ref=shop/svc/api', 'Resolution'],
    ['/snapshots/prod', 'Snapshot'],
    ['/clusters', 'ClusterPage'],
    ['/clusters/prod', 'Cluster'],
    ['/clusters/prod/snapshots', 'SnapshotPage'],
    ['/snapshots/prod/path?from=nobody&to=shop/api', 'Problem'],
  ];
  for (const [url, schema] of cases) {
    check(components.schemas[schema], (await get(`/api/v1${url}`)).json(), url);
  }
});

t.test('over a real port: raw characters, keep-alive, and headers of a browser', async (t) => {
  const { app, upload } = await serve(t, AT_ROOT);
  await upload('prod', shop(2));
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const get = (
    path: string,
    host: string,
  ): Promise<{ status: number; body: string; headers: Body }> =>
    new Promise((resolve, reject) => {
      httpRequest({ port, path, headers: { host } }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body, headers: response.headers });
        });
      })
        .on('error', reject)
        .end();
    });
  const path =
    '/api/v1/snapshots/prod/who-can-reach?target=shop?app=api,!tier,zone+notin+(x,y)' +
    '&exclude=shop/web-00&exclude=*?app=db&port=tcp/8080,udp/53';
  const { status, body, headers } = await get(path, `localhost:${port}`);
  t.equal(status, 200);
  t.same(
    JSON.parse(body).items.map((row: Body) => row.from.ref),
    ['shop/pod/web-01'],
  );
  t.match(headers, { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  t.equal((await get(path, `evil.example:${port}`)).status, 403);
});

t.test('query strings are taken apart as URLs are', (t) => {
  const piece = fc.oneof(
    fc.constantFrom('a', '=', '&', '+', '%20', '%', '%C3%A9', '%ff', 'é', '\ud800', '%26', '?'),
    fc.constantFrom('__proto__', '%E2%80%A8', '\u{1f600}', '%00'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('');
      const wanted = new Map<string, string[]>();
      for (const [name, value] of new URLSearchParams(text)) {
        wanted.set(name, [...(wanted.get(name) ?? []), value]);
      }
      const found = new Map(Object.entries(parseQueryString(text)));
      return (
        found.size === wanted.size &&
        [...wanted].every(([name, values]) => {
          return found.get(name)?.join('\n') === values.join('\n');
        })
      );
    }),
    { numRuns: 2000, seed: SEED },
  );
  t.end();
});
