import { readFile } from 'node:fs/promises';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { buildSchema } from 'graphql';
import t from 'tap';
import type { Test } from 'tap';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { buildApp } from '../../src/http/app.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import type { ManifestInput } from '../../src/model/input.ts';
import { createPodreach } from '../../src/service/create-podreach.ts';
import type { Podreach } from '../../src/service/podreach.ts';
import { EVERYONE } from '../../src/service/viewer.ts';
import type { Scope, Viewer } from '../../src/service/viewer.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { SnapshotStore } from '../../src/store/snapshot-store.ts';
import { shop } from '../support/http-app.ts';
import type { Body } from '../support/http-app.ts';
import { senderTo, testBasePath } from '../support/through-proxy.ts';

t.setTimeout(600_000);

/** A cluster the reader may see, one that is there all the same, and one that is not: equally long. */
const [OWN, FOREIGN, MISSING] = ['alpha', 'bravo', 'delta'];
/** An id that no snapshot has. */
const NO_ID = `s_${'0'.repeat(26)}`;

interface Row {
  /** `any`: whoever has a credential. `open`: whoever comes. */
  readonly scope: Scope | 'any' | 'open';
  /** `{ref}` and `{cluster}` stand for what is asked about. */
  readonly url: string;
  readonly body?: object | string;
}

const AT = '/api/v1/snapshots/{ref}';

/** Every operation of REST, and who may call it. One that is new has no row, and fails the test. */
const ROUTES: Readonly<Record<string, Row>> = {
  'get /': { scope: 'any', url: '/' },
  'get /livez': { scope: 'open', url: '/livez' },
  'get /readyz': { scope: 'open', url: '/readyz' },
  'get /healthz': { scope: 'open', url: '/healthz' },
  'get /openapi.json': { scope: 'open', url: '/openapi.json' },
  'get /schema.graphql': { scope: 'open', url: '/schema.graphql' },
  'get /docs/{file}': { scope: 'open', url: '/docs/reasons.md' },
  'get /docs/reasons': { scope: 'open', url: '/docs/reasons' },
  'get /docs/reasons/{code}': { scope: 'open', url: '/docs/reasons/NO_PODS' },
  'get /api/v1/whoami': { scope: 'any', url: '/api/v1/whoami' },
  'get /api/v1/clusters': { scope: 'read', url: '/api/v1/clusters' },
  'get /api/v1/clusters/{cluster}': { scope: 'read', url: '/api/v1/clusters/{cluster}' },
  'delete /api/v1/clusters/{cluster}': { scope: 'admin', url: '/api/v1/clusters/{cluster}' },
  'get /api/v1/clusters/{cluster}/snapshots': {
    scope: 'read',
    url: '/api/v1/clusters/{cluster}/snapshots',
  },
  'post /api/v1/clusters/{cluster}/snapshots': {
    scope: 'ingest',
    url: '/api/v1/clusters/{cluster}/snapshots',
    body: shop(1),
  },
  // Refused for its parameter, since it would not end; what it tells whom is in the tests of events.
  'get /api/v1/events': { scope: 'read', url: '/api/v1/events?cluster=s_x' },
  'get /api/v1/ingests/{id}': { scope: 'ingest', url: '/api/v1/ingests/nobody' },
  'get /api/v1/snapshots/{ref}': { scope: 'read', url: AT },
  'delete /api/v1/snapshots/{ref}': { scope: 'admin', url: AT },
  'get /api/v1/snapshots/{ref}/resolve': { scope: 'read', url: `${AT}/resolve?ref=shop/api` },
  'get /api/v1/snapshots/{ref}/path': {
    scope: 'read',
    url: `${AT}/path?from=shop/web-00&to=shop/api&port=80`,
  },
  'get /api/v1/snapshots/{ref}/paths': { scope: 'read', url: `${AT}/paths?q=shop/web-00~shop/api` },
  'post /api/v1/snapshots/{ref}/paths': {
    scope: 'read',
    url: `${AT}/paths`,
    body: { questions: [{ from: 'shop/web-00', to: 'shop/api' }] },
  },
  'get /api/v1/snapshots/{ref}/who-can-reach': {
    scope: 'read',
    url: `${AT}/who-can-reach?target=shop/api`,
  },
  'get /api/v1/snapshots/{ref}/reachable-from': {
    scope: 'read',
    url: `${AT}/reachable-from?source=shop/web-00`,
  },
  'get /api/v1/snapshots/{ref}/connectivity': {
    scope: 'read',
    url: `${AT}/connectivity?format=ndjson`,
  },
  'get /api/v1/snapshots/{ref}/graph': { scope: 'read', url: `${AT}/graph` },
  'get /api/v1/snapshots/{ref}/isolation': { scope: 'read', url: `${AT}/isolation` },
  'get /api/v1/snapshots/{ref}/exposure': { scope: 'read', url: `${AT}/exposure` },
  'get /api/v1/snapshots/{ref}/effective': { scope: 'read', url: `${AT}/effective?of=shop/api` },
  'get /api/v1/snapshots/{ref}/policies': { scope: 'read', url: `${AT}/policies` },
  'get /api/v1/snapshots/{ref}/ways-in': { scope: 'read', url: `${AT}/ways-in` },
  'get /api/v1/snapshots/{ref}/policies/{kind}/{namespace}/{name}': {
    scope: 'read',
    url: `${AT}/policies/NetworkPolicy/shop/allow-web`,
  },
};

interface FieldRow {
  readonly scope: Scope;
  /** `{ref}`, `{cluster}` and `{id}`, the global id of the cluster, stand for what is asked about. */
  readonly query: string;
}

/** The same for root fields of GraphQL. */
const FIELDS: Readonly<Record<string, FieldRow>> = {
  'Query.node': { scope: 'read', query: '{ node(id: "{id}") { id } }' },
  'Query.clusters': { scope: 'read', query: '{ clusters { totalCount nodes { name } } }' },
  'Query.cluster': {
    scope: 'read',
    query: '{ cluster(name: "{cluster}") { name latest { id } } }',
  },
  'Query.snapshot': {
    scope: 'read',
    query: `{ snapshot(ref: "{ref}") { id cluster { name }
      whoCanReach(target: "shop/api") { totalCount } paths(questions: [{from: "a", to: "b"}]) { error { code } } } }`,
  },
  'Mutation.ingest': {
    scope: 'ingest',
    query: 'mutation { ingest(cluster: "{cluster}", manifest: "{}") { digest } }',
  },
  'Mutation.deleteSnapshot': {
    scope: 'admin',
    query: 'mutation { deleteSnapshot(id: "{ref}") }',
  },
};

const some = (
  name: string,
  scopes: readonly Scope[],
  clusters: readonly string[] | null,
): Viewer => ({
  name,
  scopes: new Set(scopes),
  clusters,
  namespaces: null,
});
const VIEWERS: ReadonlyMap<string, Viewer> = new Map(
  [
    some('root', ['read', 'ingest', 'admin'], null),
    some('reader', ['read'], null),
    some('sender', ['ingest'], null),
    some('admin', ['admin'], null),
    some('alpha', ['read', 'ingest', 'admin'], [OWN]),
    { ...some('shop', ['read', 'ingest', 'admin'], null), namespaces: ['shop'] },
  ].map((viewer) => [viewer.name, viewer]),
);

interface Tenants {
  readonly podreach: Podreach;
  /** Asks as the viewer of this name; `''` without a credential. */
  readonly as: (viewer: string, request: InjectOptions) => Promise<LightMyRequestResponse>;
  readonly graphql: (viewer: string, query: string) => Promise<LightMyRequestResponse>;
  /** Ids of the snapshots of both clusters. */
  readonly own: string;
  readonly foreign: string;
  /** What was called on the store, in order; emptied by who looks at it. */
  readonly calls: string[];
}

async function tenants(t: Test): Promise<Tenants> {
  const store = await openStore('sqlite::memory:', { snapshotsPerClusterMax: 10 });
  const calls: string[] = [];
  const podreach = createPodreach({
    store: watched(store, calls),
    engineOptions: DEFAULT_OPTIONS,
    limits: DEFAULT_INGEST_LIMITS,
    indexCacheBytesMax: 64 * 1024 * 1024,
  });
  const authenticate = (name: string): Promise<Viewer | undefined> =>
    Promise.resolve(VIEWERS.get(name));
  const app = await buildApp({
    podreach,
    host: '127.0.0.1',
    uploadBytesMax: 1024 * 1024,
    authenticator: { authenticate },
    basePath: testBasePath(),
  });
  const send = await senderTo(t, app);
  t.teardown(async () => {
    await app.close();
    await podreach.close();
  });
  const as: Tenants['as'] = (viewer, request) => {
    const credential = viewer === '' ? {} : { authorization: `Bearer ${viewer}` };
    return send({
      ...request,
      headers: { 'x-request-id': 'same', ...credential, ...request.headers },
    });
  };
  const ingest = async (cluster: string, pods: number): Promise<string> =>
    (await podreach.ingest(EVERYONE, cluster, upload(shop(pods)))).snapshot.id;
  return {
    podreach,
    as,
    graphql: (viewer, query) => as(viewer, { method: 'POST', url: '/graphql', payload: { query } }),
    own: await ingest(OWN, 2),
    foreign: await ingest(FOREIGN, 3),
    calls,
  };
}

/** The store, telling the name of each method that is called. */
function watched(store: SnapshotStore, calls: string[]): SnapshotStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        calls.push(String(name));
        return Reflect.apply(value, target, args);
      };
    },
  });
}

async function* upload(text: string): AsyncGenerator<ManifestInput> {
  yield await Promise.resolve({ bytes: oneChunk(text) });
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

/** A request of a row about `ref` and `cluster`. */
function requestOf(key: string, row: Row, ref: string, cluster: string): InjectOptions {
  const [method = 'get'] = key.split(' ');
  const url = row.url.replace('{ref}', ref).replace('{cluster}', cluster);
  // A library border: the key begins with a method.
  const request: InjectOptions = { method: method.toUpperCase(), url };
  return row.body === undefined ? request : { ...request, payload: row.body };
}

function queryOf({ query }: FieldRow, ref: string, cluster: string): string {
  const id = Buffer.from(ref.startsWith('s_') ? `Snapshot:${ref}` : `Cluster:${cluster}`);
  return query
    .replace('{ref}', ref)
    .replace('{cluster}', cluster)
    .replace('{id}', id.toString('base64'));
}

/** Everything of a response but its time, with the name that was asked put as `NAME`. */
function shapeOf({ statusCode, headers, body }: LightMyRequestResponse, asked: string): object {
  const { date, ...rest } = headers;
  return { statusCode, headers: rest, body: body.replaceAll(asked, 'NAME'), dated: date !== '' };
}

t.test('every operation has a row, and every row an operation', async (t) => {
  const { as } = await tenants(t);
  const document = (await as('', { url: '/openapi.json' })).json();
  const routes = Object.entries<Body>(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object)
      .filter((method) => method !== 'head')
      .map((method) => `${method} ${path}`),
  );
  t.same(routes.sort(), Object.keys(ROUTES).sort());
  const schema = buildSchema(await readFile('schema.graphql', 'utf8'));
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const fields = roots.flatMap((root) =>
    Object.keys(root?.getFields() ?? {}).map((field) => `${root?.name ?? ''}.${field}`),
  );
  // Subscriptions are not asked over HTTP: those who may are in the tests of events.
  t.same(fields.sort(), [...Object.keys(FIELDS), 'Subscription.snapshotAdded'].sort());
  t.same(
    Object.entries<Body>(document.paths)
      .filter(([, methods]) => methods.get?.security?.length === 0)
      .map(([path]) => `get ${path}`)
      .sort(),
    Object.keys(ROUTES)
      .filter((key) => ROUTES[key]?.scope === 'open')
      .sort(),
    'the document says which routes need no credential',
  );
});

t.test('without a credential nothing is told, whatever is asked', async (t) => {
  const { as, graphql } = await tenants(t);
  const bodies = new Set<string>();
  for (const [key, row] of Object.entries(ROUTES)) {
    const response = await as('', requestOf(key, row, OWN, OWN));
    if (row.scope === 'open') {
      t.equal(response.statusCode, 200, key);
      continue;
    }
    t.equal(response.statusCode, 401, key);
    t.match(response.headers['www-authenticate'], /^Bearer/, key);
    bodies.add(response.body);
  }
  for (const request of [
    { url: '/nowhere' },
    { url: '/api/v1/nowhere' },
    { url: '/metrics' },
    { method: 'PUT', url: '/api/v1/clusters' },
    { method: 'OPTIONS', url: '/api/v1/clusters' },
    { url: '/api/v1/snapshots/%ff/policies' },
    { url: `/api/v1/snapshots/${'x'.repeat(600)}/policies` },
    { url: '/livez/' },
    { url: '/docs/../api/v1/clusters' },
    { url: '//livez' },
    { url: '/graphql?query={__typename}' },
    { method: 'POST', url: '/graphql', payload: 'no JSON', headers: { 'content-type': 'x/y' } },
    { url: '/api/v1/clusters?token=root&access_token=root' },
  ] as const) {
    const response = await as('', request);
    t.equal(response.statusCode, 401, request.url.slice(0, 60));
    bodies.add(response.body);
  }
  bodies.add((await as('nobody', { url: '/api/v1/whoami' })).body);
  bodies.add((await graphql('nobody', '{ nonsense')).body);
  t.equal(bodies.size, 1, 'and all say the same');
  t.match(JSON.parse([...bodies][0] ?? ''), { code: 'unauthorized', status: 401 });
});

t.test('each operation needs its scope and no other', async (t) => {
  for (const name of ['root', 'reader', 'sender', 'admin', 'shop']) {
    const { as, graphql, own } = await tenants(t);
    const viewer = VIEWERS.get(name);
    // Who sees some namespaces reads them, and neither sends nor deletes a cluster.
    const has = (scope: string): boolean =>
      viewer !== undefined &&
      viewer.scopes.has(scope as Scope) &&
      (viewer.namespaces === null || scope === 'read');
    const rows = Object.entries(ROUTES).filter(([key]) => !key.startsWith('delete'));
    for (const [key, row] of [...rows, ...Object.entries(ROUTES)]) {
      const response = await as(name, requestOf(key, row, OWN, OWN));
      if (row.scope === 'open' || row.scope === 'any' || has(row.scope)) {
        t.notOk([401, 403].includes(response.statusCode), `${name} ${key}`);
        continue;
      }
      t.equal(response.statusCode, 403, `${name} ${key}`);
      t.match(response.json(), {
        code: 'forbidden',
        detail: new RegExp(`\`${row.scope}\``),
      });
    }
    for (const [field, row] of Object.entries(FIELDS)) {
      const { errors = [] } = (await graphql(name, queryOf(row, own, OWN))).json();
      const codes = errors.map((error: Body) => error.extensions.code);
      t.equal(codes.includes('forbidden'), !has(row.scope), `${name} ${field}`);
    }
  }
});

t.test('a foreign cluster cannot be told from none, over REST', async (t) => {
  const { as, own, foreign, calls } = await tenants(t);
  const ask = async (key: string, row: Row, ref: string, cluster: string, headers = {}) => {
    calls.length = 0;
    const asked = row.url.includes('{cluster}') ? cluster : ref;
    const response = await as('alpha', { ...requestOf(key, row, ref, cluster), headers });
    return { ...shapeOf(response, asked), calls: [...calls] };
  };
  const time = '@2126-01-01T00:00:00Z';
  for (const [key, row] of Object.entries(ROUTES)) {
    if (!/\{(ref|cluster)\}/.test(row.url)) continue;
    // Known answers, open indexes and judged lists of others are of no help.
    if (key.startsWith('get')) await as('root', requestOf(key, row, FOREIGN, FOREIGN));
    const tagged = await as('root', requestOf(key, row, FOREIGN, FOREIGN));
    const pairs: readonly (readonly [string, string])[] = row.url.includes('{cluster}')
      ? [[FOREIGN, MISSING]]
      : [
          [FOREIGN, MISSING],
          [foreign, NO_ID],
          [FOREIGN + time, MISSING + time],
        ];
    // What was asked as `root` may have deleted it.
    if (!key.startsWith('get'))
      await as(
        'root',
        requestOf(
          'post /',
          { scope: 'ingest', url: '/api/v1/clusters/{cluster}/snapshots', body: shop(3) },
          '',
          FOREIGN,
        ),
      );
    for (const [there, none] of pairs) {
      const shape = await ask(key, row, there, FOREIGN);
      t.same(shape, await ask(key, row, none, MISSING), `${key} ${there}`);
      t.match(shape, { statusCode: 404 }, key);
      if (there !== foreign) t.same(shape.calls, [], 'a name is refused without looking it up');
    }
    const headers = { 'if-none-match': `*, ${String(tagged.headers.etag)}` };
    const [there, none] = [
      await ask(key, row, FOREIGN, FOREIGN, headers),
      await ask(key, row, MISSING, MISSING, headers),
    ];
    t.same(there, none, `${key} with a tag`);
  }
  t.equal((await as('alpha', { url: `/api/v1/snapshots/${own}` })).statusCode, 200);
});

t.test('a foreign cluster cannot be told from none, over GraphQL', async (t) => {
  const { graphql, foreign, calls } = await tenants(t);
  const ask = async (query: string, asked: string): Promise<object> => {
    calls.length = 0;
    const response = await graphql('alpha', query);
    const id = Buffer.from(asked.startsWith('s_') ? `Snapshot:${asked}` : `Cluster:${asked}`);
    const { body } = response;
    const shape = shapeOf(response, asked);
    return {
      ...shape,
      body: body.replaceAll(id.toString('base64'), 'ID').replaceAll(asked, 'NAME'),
      calls: [...calls],
    };
  };
  const fieldsOf = [
    'digest',
    'problems { totalCount }',
    'resolve(ref: "shop/api") { totalCount }',
    'path(from: "shop/web-00", to: "shop/api") { verdict }',
    'whoCanReach(target: "shop/api") { nodes { from { ref } verdict } }',
    'connectivity { totalCount }',
  ];
  const rows: readonly FieldRow[] = [
    ...Object.values(FIELDS),
    ...fieldsOf.map((field): FieldRow => ({
      scope: 'read',
      query: `{ own: snapshot(ref: "${OWN}") { cluster { name } } other: snapshot(ref: "{ref}") { ${field} } }`,
    })),
    { scope: 'read', query: '{ snapshot(ref: "{ref}") { digest } }' },
  ];
  for (const row of rows) {
    const isMutation = row.query.startsWith('mutation');
    // Others asked both before: then the query is compiled, and one has an answer that is kept.
    for (let i = 0; !isMutation && i < 3; i++) {
      for (const name of [FOREIGN, MISSING]) await graphql('root', queryOf(row, name, name));
    }
    for (const [there, none] of [
      [FOREIGN, MISSING],
      [foreign, NO_ID],
    ] as const) {
      const [cluster, other] = there === FOREIGN ? [FOREIGN, MISSING] : [FOREIGN, MISSING];
      const asksCluster = row.query.includes('{cluster}');
      for (let i = 0; i < 3; i++) {
        const shape = await ask(queryOf(row, there, cluster), asksCluster ? cluster : there);
        t.same(shape, await ask(queryOf(row, none, other), asksCluster ? other : none), row.query);
      }
    }
  }
});

t.test('pages, counts and cursors know nothing of foreign clusters', async (t) => {
  const { as, graphql, podreach, foreign } = await tenants(t);
  const page = async (query = ''): Promise<Body> =>
    (await as('alpha', { url: `/api/v1/clusters${query}` })).json();
  const { items, totalCount, nextCursor } = await page('?limit=1');
  t.match(
    { names: items.map((item: Body) => item.name), totalCount, nextCursor },
    { names: [OWN], totalCount: 1, nextCursor: null },
  );
  const all = (await as('root', { url: '/api/v1/clusters?limit=1' })).json();
  t.match(all, { totalCount: 2 });
  const at = (name: string): string => {
    const [version, , ...rest] = JSON.parse(Buffer.from(all.nextCursor, 'base64url').toString());
    return Buffer.from(JSON.stringify([version, name, ...rest])).toString('base64url');
  };
  t.same(
    await page(`?cursor=${at(FOREIGN)}`),
    await page(`?cursor=${at(MISSING)}`),
    'after either',
  );
  const { data } = (
    await graphql(
      'alpha',
      '{ clusters(first: 1) { totalCount pageInfo { hasNextPage } nodes { name } } }',
    )
  ).json();
  t.same(data.clusters, {
    totalCount: 1,
    pageInfo: { hasNextPage: false },
    nodes: [{ name: OWN }],
  });
  const url = `/api/v1/snapshots/${FOREIGN}/connectivity?limit=1`;
  const { nextCursor: cursor } = (await as('root', { url })).json();
  const moved = (id: string): string => {
    const [version, , ...rest] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Buffer.from(JSON.stringify([version, id, ...rest])).toString('base64url');
  };
  for (const ref of [OWN, FOREIGN]) {
    const asked = (id: string) =>
      as('alpha', { url: `/api/v1/snapshots/${ref}/connectivity?limit=1&cursor=${moved(id)}` });
    const [there, none] = [
      shapeOf(await asked(foreign), foreign),
      shapeOf(await asked(NO_ID), NO_ID),
    ];
    t.same(there, none, `a cursor in ${ref}`);
    t.match(there, { statusCode: 410 });
  }
  const after = (id: string) =>
    graphql(
      'alpha',
      `{ snapshot(ref: "${OWN}") { connectivity(first: 1, after: "${moved(id)}") { totalCount } } }`,
    );
  t.equal((await after(foreign)).body, (await after(NO_ID)).body, 'a cursor in GraphQL');
  const several = { ...some('several', ['read'], ['zulu', OWN, 'nobody', FOREIGN]) };
  t.match(await podreach.clusters(several, { limit: 10 }), {
    items: [{ name: OWN }, { name: FOREIGN }],
    totalCount: 2,
  });
  t.match(await podreach.clusters(several, { after: OWN, limit: 10 }), {
    items: [{ name: FOREIGN }],
    totalCount: 2,
  });
});

t.test('an upload that is taken in later is of those who may see its cluster', async (t) => {
  const { as } = await tenants(t);
  const started = await as('root', {
    method: 'POST',
    url: `/api/v1/clusters/${FOREIGN}/snapshots?async=true`,
    payload: shop(4),
  });
  t.equal(started.statusCode, 202);
  const { id } = started.json();
  const none = '00000000-0000-4000-8000-000000000000';
  const [foreign, missing] = [
    await as('alpha', { url: `/api/v1/ingests/${id}` }),
    await as('alpha', { url: `/api/v1/ingests/${none}` }),
  ];
  t.same(shapeOf(foreign, id), shapeOf(missing, none));
  t.equal(foreign.statusCode, 404);
  t.equal((await as('sender', { url: `/api/v1/ingests/${id}` })).statusCode, 200);
  const refused = await as('alpha', {
    method: 'POST',
    url: `/api/v1/clusters/${FOREIGN}/snapshots?async=true`,
    payload: shop(4),
  });
  t.equal(refused.statusCode, 404, 'refused before its bytes are kept');
});

t.test('the key of an upload is of who sent it, and of the cluster', async (t) => {
  const { as } = await tenants(t);
  const send = (viewer: string, cluster: string, pods: number): ReturnType<typeof as> =>
    as(viewer, {
      method: 'POST',
      url: `/api/v1/clusters/${cluster}/snapshots`,
      headers: { 'idempotency-key': 'k' },
      payload: shop(pods),
    });
  t.equal((await send('root', FOREIGN, 5)).statusCode, 201);
  t.equal((await send('root', OWN, 6)).statusCode, 201, 'another cluster, another key');
  t.equal((await send('alpha', OWN, 7)).statusCode, 201, 'nor does it meet that of another sender');
  const none = FOREIGN.replaceAll(/./g, 'n');
  const [used, unused] = [await send('alpha', FOREIGN, 7), await send('alpha', none, 7)];
  t.same(shapeOf(used, FOREIGN), shapeOf(unused, none));
  t.match((await send('root', OWN, 7)).json(), { status: 409, code: 'key-reused' });
});

t.test('who sees some namespaces neither sends nor deletes', async (t) => {
  const { podreach, own } = await tenants(t);
  const viewer = { ...EVERYONE, namespaces: ['shop'] };
  await t.rejects(podreach.ingest(viewer, OWN, upload(shop(1))), { code: 'forbidden' });
  await t.rejects(podreach.deleteSnapshot(viewer, own), { code: 'forbidden' });
  await t.rejects(podreach.deleteCluster(viewer, OWN), { code: 'forbidden' });
});

/** Samples of one question in the test of times, half of them about each cluster. */
const SAMPLES = 10_000;

/**
 * How likely two samples of one distribution are as far apart as these (Kolmogorov and Smirnov).
 * Both are sorted.
 */
function likelihoodOfSame(left: readonly number[], right: readonly number[]): number {
  let distance = 0;
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    if ((left[i] ?? 0) <= (right[j] ?? 0)) i += 1;
    else j += 1;
    distance = Math.max(distance, Math.abs(i / left.length - j / right.length));
  }
  const size = (left.length * right.length) / (left.length + right.length);
  const lambda = (Math.sqrt(size) + 0.12 + 0.11 / Math.sqrt(size)) * distance;
  let sum = 0;
  for (let k = 1; k <= 100; k += 1) sum += (-1) ** (k - 1) * Math.exp(-2 * k * k * lambda * lambda);
  return Math.max(0, Math.min(1, 2 * sum));
}

t.test(
  'answers about a foreign cluster take as long as those about none',
  { skip: process.env['PODREACH_SLOW'] !== '1', timeout: 600_000 },
  async (t) => {
    const { as, graphql, foreign } = await tenants(t);
    const known: Readonly<Record<string, (name: string, id: string) => Promise<unknown>>> = {
      'a cluster': (name) => as('alpha', { url: `/api/v1/clusters/${name}` }),
      'a list by name': (name) => as('alpha', { url: `/api/v1/snapshots/${name}/policies` }),
      'a list by id': (_name, id) => as('alpha', { url: `/api/v1/snapshots/${id}/policies` }),
      'a snapshot over GraphQL': (name) =>
        graphql('alpha', `{ snapshot(ref: "${name}") { digest } }`),
      'an upload': (name) =>
        as('alpha', { method: 'POST', url: `/api/v1/clusters/${name}/snapshots`, payload: '{}' }),
    };
    for (const [what, ask] of Object.entries(known)) {
      const times: [number[], number[]] = [[], []];
      for (let i = 0; i < SAMPLES; i += 1) {
        // By chance, so that nothing else which happens every so often falls on one of them.
        const side = Math.random() < 0.5 ? 0 : 1;
        const start = performance.now();
        await (side === 0 ? ask(FOREIGN, foreign) : ask(MISSING, NO_ID));
        // The first ones are slower, whatever they are about.
        if (SAMPLES / 10 < i) times[side].push(performance.now() - start);
      }
      for (const side of times) side.sort((a, b) => a - b);
      const likelihood = likelihoodOfSame(...times);
      const medians = times.map((side) => ((side[side.length >> 1] ?? 0) * 1000).toFixed(0));
      t.comment(`${what}: p = ${likelihood.toFixed(3)}, medians ${medians.join(' and ')} us`);
      t.ok(0.001 < likelihood, `${what}: p = ${likelihood}`);
    }
    const shifted = Array.from({ length: 5000 }, (_, i) => i / 5000);
    t.ok(
      likelihoodOfSame(
        shifted,
        shifted.map((one) => one + 0.05),
      ) < 0.001,
      'it would be seen',
    );
    t.ok(0.99 < likelihoodOfSame(shifted, shifted), 'what is equal is');
  },
);
