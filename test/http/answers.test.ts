import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { buildSchema } from 'graphql';
import type { GraphQLObjectType } from 'graphql';
import t from 'tap';
import type { Test } from 'tap';
import { globalId } from '../../src/http/graphql/global-id.ts';
import { LASTING_FIELDS } from '../../src/http/graphql/snapshot-refs.ts';
import { rowSlices } from '../../src/http/slices.ts';
import { jsonText, membersText, rowWriter } from '../../src/render/json-text.ts';
import { toJson } from '../../src/render/wire.ts';
import { AnswerCache } from '../../src/service/answer-cache.ts';
import type { Podreach } from '../../src/service/podreach.ts';
import { AT_ROOT, serve, shop } from '../support/http-app.ts';
import type { Body, Served } from '../support/http-app.ts';
import { SEED, holds } from '../support/property.ts';

const BASE = '/api/v1/snapshots/prod';
t.comment(`seed ${SEED}`);

/** One server that remembers and one that does not, over the same snapshots. */
async function twins(t: Test): Promise<readonly [remembers: Served, forgets: Served]> {
  const remembers = await serve(t);
  const { podreach } = remembers;
  const forgets = await serve(
    t,
    {},
    {
      ...podreach,
      answers: new AnswerCache(0),
      askList: (viewer, ref, { query, args }) => podreach.ask(viewer, ref, query, args),
    },
  );
  await remembers.upload('prod', shop(12));
  return [remembers, forgets];
}

const words = (...values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...values);
const maybe = (values: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.option(values, { nil: '' });
const ref = words('shop/api', 'shop/svc/api', 'shop/web-00', 'shop/*', '*/*', 'internet', 'nobody');
const port = maybe(words('&port=80', '&port=tcp/http', '&port=udp', '&port=x'));
const format = maybe(words('ndjson', 'csv', 'text', 'yaml', 'json').map((one) => `&format=${one}`));
const page = maybe(fc.integer({ min: 0, max: 15 }).map((limit) => `&limit=${limit}`));
const group = maybe(words('pod', 'namespace', 'workload').map((one) => `&groupBy=${one}`));
const fields = maybe(words('&fields=verdict', '&fields=to,from,to', '&fields=text,reasons'));
const url: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(ref, ref, port, format, fields).map((parts) => {
    const [from, to, ...view] = parts;
    return `path?from=${from}&to=${to}${view.join('')}`;
  }),
  fc.tuple(ref, port, group, page, format, fields).map(([target, ...view]) => {
    return `who-can-reach?target=${target}${view.join('')}`;
  }),
  fc.tuple(group, page, port, format).map((view) => `connectivity?external=false${view.join('')}`),
  fc.tuple(ref, ref).map(([from, to]) => `paths?q=${from}~${to}&q=shop/db-0~shop/api`),
  fc.tuple(ref, page).map(([what, view]) => `resolve?ref=${what}${view}`),
  page.map((view) => `policies?${view.slice(1)}`),
);

t.test('REST gives the same bytes whether they were kept or are made', async (t) => {
  const [remembers, forgets] = await twins(t);
  const headers = { 'x-request-id': 'same' };
  await holds(url, 0.05, async (question) => {
    const [first, again, fresh] = [
      await remembers.get(`${BASE}/${question}`, headers),
      await remembers.get(`${BASE}/${question}`, headers),
      await forgets.get(`${BASE}/${question}`, headers),
    ];
    const shown = [first, again, fresh].map(({ statusCode, body, headers: sent }) => {
      const { etag, vary } = sent;
      return JSON.stringify([statusCode, body, etag, vary, sent['content-type']]);
    });
    return shown.every((one) => one === shown[0]) ? [] : [question, ...shown];
  });
  t.ok(remembers.podreach.answers.bytes > 10_000, 'answers were kept');
});

const value = fc.oneof(
  ref,
  fc.constantFrom<unknown>(null, 1, 1.5, true, [], {}, 'shop/api', ['shop/api'], [null], [[1]]),
  fc.constantFrom<unknown>('WORKLOAD', 'POD', 'pod', '2026-08-01T00:00:00Z', '', 'tcp/80', 1e12),
);
const variables = fc.dictionary(
  words('ref', 'target', 'port', 'group', 'exclude', 'first', 'questions', 'on', 'other'),
  value,
);
const OPERATIONS = [
  `query A($target: PeerRef!, $port: Port = "any", $group: GroupBy, $exclude: [PeerRef!], $first: Int) {
     snapshot(ref: "prod") { digest whoCanReach(target: $target, port: $port, groupBy: $group, exclude: $exclude, first: $first) {
       totalCount nodes { from { ref ... on PodPeer { labels { key value } } } verdict ports { from to } }
       edges { cursor } pageInfo { endCursor hasNextPage } } } }`,
  `query B($ref: String!, $on: Boolean = true) { snapshot(ref: $ref) {
     id ... @include(if: $on) { policies { nodes { spec } } cluster { name } } } }`,
  `query C($questions: [PathQuestion!] = [{from: "shop/web-00", to: "shop/api"}]) {
     a: snapshot(ref: "prod") { paths(questions: $questions) { path { verdict } error { code } } }
     b: snapshot(ref: "prod") { isolation(first: 2) { nodes { peer { ref } } } } }`,
  'query D($ref: ID = "x", $first: Int = 5) { node(id: $ref) { id } clusters(first: $first) { totalCount } }',
  'query E($first: Int!) { clusters(first: $first) { totalCount } }',
];
const questions = variables.map((given) => ({
  ...given,
  ...(Array.isArray(given['questions'])
    ? { questions: [{ from: 'shop/web-00', to: given['target'], port: given['port'] }] }
    : {}),
}));

t.test('GraphQL gives the same bytes whether they were kept, are compiled or not', async (t) => {
  const { send, upload } = await serve(t);
  await upload('prod', shop(6));
  const accepts = words('application/json', 'application/graphql-response+json');
  let fresh = 0;
  for (const query of OPERATIONS) {
    // So that the operation is known, whatever the first variables are.
    const plain = { target: 'shop/api', ref: 'prod', first: 1 };
    for (const time of [1, 2]) {
      const body = {
        query,
        variables: query.includes('D(') ? { ref: globalId('Snapshot', 's_0') } : plain,
      };
      const response = await send({ method: 'POST', url: '/graphql', payload: body });
      t.equal(response.json().errors, undefined, `${query.slice(6, 7)} ${time}`);
    }
  }
  const cases = fc.tuple(fc.constantFrom(...OPERATIONS), questions, accepts);
  await holds(cases, 0.1, async ([query, given, accept]) => {
    const ask = async (text: string, spaces: number): Promise<string> => {
      const { statusCode, body, headers } = await send({
        method: 'POST',
        url: '/graphql',
        payload: JSON.stringify({ query: text, variables: given }, null, spaces),
        headers: { accept, 'content-type': 'application/json', 'x-request-id': 'same' },
      });
      return JSON.stringify([statusCode, body, headers['content-type'], headers['cache-control']]);
    };
    fresh += 1;
    const answers = [
      await ask(`${query} # ${fresh}`, 0),
      await ask(query, 0),
      await ask(query, 0),
      await ask(query, 1),
    ];
    return answers.every((one) => one === answers[0])
      ? []
      : [query, JSON.stringify(given), ...answers];
  });
});

t.test(
  'a name means the snapshot of the moment, and nothing answers for one that is gone',
  async (t) => {
    const { get, graphql, send, upload, podreach } = await serve(t);
    const query = `query ($ref: String!) { snapshot(ref: $ref) { ref whoCanReach(target: "shop/api") { totalCount } } }`;
    const ask = async (name: string): Promise<string> => {
      const { data, errors } = (await graphql(query, { ref: name })).json();
      return errors?.[0].extensions.code ?? data.snapshot.ref;
    };
    const list = async (name: string): Promise<string> => {
      const body = (await get(`/api/v1/snapshots/${name}/who-can-reach?target=shop/api`)).json();
      return body.code ?? body.snapshot.id;
    };
    const both = async (name: string): Promise<readonly string[]> => {
      const seen: string[] = [];
      for (const one of [ask, ask, ask, list, list]) seen.push(await one(name));
      return [...new Set(seen)];
    };
    const first = await upload('prod', shop(2));
    t.same(await both('prod'), [first]);
    const second = await upload('prod', shop(3));
    t.same(await both('prod'), [second], 'a newer one answers at once');
    t.same(await both(first), [first]);
    const before = podreach.answers.bytes;
    t.equal((await send({ method: 'DELETE', url: `/api/v1/snapshots/${second}` })).statusCode, 204);
    t.ok(podreach.answers.bytes < before, 'its bytes are gone');
    t.same(await both(second), ['snapshot-not-found']);
    t.same(await both('prod'), [first], 'the older one answers at once');
    await send({ method: 'DELETE', url: '/api/v1/clusters/prod' });
    t.equal(podreach.answers.bytes, 0);
    t.same(await both(first), ['snapshot-not-found']);
    t.same(await both('prod'), ['snapshot-not-found']);
  },
);

t.test('a name that moves while it is asked for means one snapshot', async (t) => {
  const { podreach, upload } = await serve(t);
  const ids = [await upload('prod', shop(1)), await upload('prod', shop(2))];
  let turn = 0;
  const { graphql } = await serve(
    t,
    {},
    {
      ...podreach,
      snapshot: (viewer, name) => {
        if (name === 'prod') turn += 1;
        return podreach.snapshot(viewer, name === 'prod' ? (ids[turn % 2] ?? '') : name);
      },
    },
  );
  const query =
    '{ snapshot(ref: "prod") { ref policies { totalCount } } again: snapshot(ref: "prod") { ref } }';
  for (let i = 0; i < 8; i += 1) {
    const { snapshot, again } = (await graphql(query)).json().data;
    t.equal(turn, i + 1, 'it is looked up once for each request');
    t.same([snapshot.ref, again.ref], [ids[turn % 2], ids[turn % 2]]);
  }
});

t.test('variables that nobody asked for change nothing, however deep they are', async (t) => {
  const { send, upload } = await serve(t);
  await upload('prod', shop(1));
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const query = String.raw`query ($ref: String = \"prod\") { snapshot(ref: $ref) { ref } }`;
  const given = ['{}', '{"x": 1}', `{"x": ${deep}}`, '{"ref": null}', '{"ref": "prod"}'];
  for (const variables of given) {
    const bodies = new Set<string>();
    for (const time of [1, 2, 3]) {
      const response = await send({
        method: 'POST',
        url: '/graphql',
        payload: `{"query": "${query}", "variables": ${variables}}`,
        headers: { 'content-type': 'application/json', 'x-request-id': 'same' },
      });
      t.equal(response.statusCode, 200, `time ${time}`);
      bodies.add(response.body);
    }
    t.equal(bodies.size, 1, variables.slice(0, 20));
    t.equal([...bodies][0]?.includes('errors'), variables.includes('null'));
  }
});

t.test('what changes is not kept', async (t) => {
  const { graphql, upload } = await serve(t);
  const id = await upload('prod', shop(1));
  const query = `query ($ref: String!) { snapshot(ref: $ref) { ...S } }
    fragment S on Snapshot { ref cluster { name ...C } } fragment C on Cluster { latest { ref } }`;
  const latest = async (): Promise<string> =>
    (await graphql(query, { ref: id })).json().data.snapshot.cluster.latest.ref;
  for (const time of [1, 2, 3]) t.equal(await latest(), id, `time ${time}`);
  const newer = await upload('prod', shop(2));
  t.equal(await latest(), newer, 'the latest of now');

  const schema = buildSchema(
    readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'),
  );
  const all = Object.keys((schema.getType('Snapshot') as GraphQLObjectType).getFields());
  const lasting = [...LASTING_FIELDS].filter((name) => name !== '__typename');
  // A new field of a snapshot belongs into LASTING_FIELDS, or here if it can change.
  t.same([...lasting, 'cluster'].sort(), [...all].sort());
});

t.test('the same question at the same time is computed once', async (t) => {
  let asked = 0;
  const counting = (real: Podreach): Partial<Podreach> => ({
    ask: (viewer, ref, query, args) => {
      asked += 1;
      return real.ask(viewer, ref, query, args);
    },
    askList: (viewer, ref, question) => {
      const query: typeof question.query = (index, args) => {
        asked += 1;
        return question.query(index, args);
      };
      return real.askList(viewer, ref, { ...question, query });
    },
  });
  const { podreach, upload } = await serve(t);
  const { get, graphql } = await serve(t, {}, { ...podreach, ...counting(podreach) });
  await upload('prod', shop(30));
  const path = `${BASE}/path?from=shop/web-00&to=shop/api`;
  const all = await Promise.all(Array.from({ length: 20 }, () => get(path)));
  t.equal(new Set(all.map(({ body }) => body)).size, 1);
  t.equal(asked, 1);
  for (const format of ['json', 'text', 'yaml']) await get(`${path}&format=${format}`);
  t.equal(asked, 3, 'each format is an answer of its own');

  asked = 0;
  const list = `${BASE}/who-can-reach?target=shop/api&groupBy=pod&limit=10`;
  let cursor: string | null = (await get(list)).json().nextCursor;
  while (cursor !== null) cursor = (await get(`${list}&cursor=${cursor}`)).json().nextCursor;
  await get(`${list}&fields=from`);
  await get(`${BASE}/who-can-reach?target=shop/api&groupBy=pod&format=csv`);
  const query = `{ snapshot(ref: "prod") { whoCanReach(target: "shop/api", groupBy: POD, first: 7) { totalCount } } }`;
  await graphql(query);
  t.equal(asked, 1, 'pages, formats and GraphQL read the same list');
});

t.test('GET /graphql can be asked whether anything changed', async (t) => {
  const { get, send, upload } = await serve(t);
  await upload('prod', shop(2));
  const query =
    '{ snapshot(ref: "prod") { ref path(from: "shop/web-00", to: "shop/api") { verdict } } }';
  const at = `/graphql?query=${encodeURIComponent(query)}`;
  await get(at);
  const { headers, body } = await get(at);
  const etag = String(headers['etag']);
  t.equal(headers['cache-control'], 'private, no-cache');
  const same = await get(at, { 'if-none-match': etag });
  t.same([same.statusCode, same.body], [304, '']);
  const accept = 'application/graphql-response+json';
  t.equal((await get(at, { 'if-none-match': etag, accept })).statusCode, 200, 'another media type');
  const post = await send({ method: 'POST', url: '/graphql', payload: { query } });
  t.same(
    [post.body, post.headers['etag'], post.headers['cache-control']],
    [body, undefined, 'no-store'],
  );
  await upload('prod', shop(3));
  t.equal((await get(at, { 'if-none-match': etag })).statusCode, 200, 'another snapshot');
  const bad = `/graphql?query=${encodeURIComponent(query.replace('web-00', 'wep'))}`;
  for (const time of [1, 2, 3]) {
    const response = await get(bad, { 'x-request-id': `id-${time}` });
    t.equal(response.headers['etag'], undefined, 'errors are not kept');
    t.equal(response.headers['cache-control'], 'no-store');
    t.equal(response.json().errors[0].extensions.requestId, `id-${time}`);
  }
});

t.test('errors in a batch name the request they are told to', async (t) => {
  const { get, upload } = await serve(t);
  await upload('prod', shop(1));
  const ask = (id: string): ReturnType<typeof get> =>
    get(`${BASE}/paths?q=nobody~shop/api`, { 'x-request-id': id });
  const ids = ['one', 'two', 'three'];
  const bodies = (await Promise.all(ids.map(ask))).map((response) => response.json());
  t.same(
    bodies.map(({ answers }) => answers[0].error.requestId),
    ids,
  );
});

/** A list of rows that nobody could hold, and how many of them were made. */
function endless(rowMs = 0): { list: Body; made: () => number } {
  let made = 0;
  const row = (i: number): object => ({ i, from: { ref: `shop/pod/${i}` }, pad: 'x'.repeat(500) });
  const list = {
    totalCount: 2_000_000,
    complete: true,
    counts: { allowed: 2_000_000, partial: 0, undetermined: 0 },
    reasons: [],
    problems: [],
    slice: (start: number, count: number) => {
      const end = performance.now() + rowMs * count;
      while (performance.now() < end);
      made += count;
      return Array.from({ length: count }, (_, i) => row(start + i));
    },
  };
  return { list, made: () => made };
}

async function listening(
  t: Test,
  list: Body,
  options: Parameters<typeof serve>[1] = {},
): Promise<{ open: (path: string) => Promise<IncomingMessage> }> {
  const { podreach, upload } = await serve(t);
  const askList = async (viewer: never, ref: string): Promise<Body> => {
    const { id } = await podreach.snapshot(viewer, ref);
    return { snapshot: { id }, result: list };
  };
  const { app } = await serve(t, { ...AT_ROOT, ...options }, { ...podreach, askList });
  await upload('prod', shop(1));
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port: at } = app.server.address() as AddressInfo;
  return {
    open: (path) =>
      new Promise((resolve, reject) => {
        httpRequest({ port: at, host: '127.0.0.1', path, agent: false }, resolve)
          .on('error', reject)
          .end();
      }),
  };
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

for (const format of ['ndjson', 'csv']) {
  t.test(`${format} is made as fast as it is read, and no more once nobody reads`, async (t) => {
    const { list, made } = endless();
    const { open } = await listening(t, list);
    const response = await open(`${BASE}/who-can-reach?target=shop/api&format=${format}`);
    t.equal(response.statusCode, 200);
    response.pause();
    let before = -1;
    for (let i = 0; i < 100 && before !== made(); i += 1) {
      before = made();
      await later(100);
    }
    t.equal(made(), before, 'it stands still while nobody reads');
    t.ok(made() < 200_000, `${made()} rows were made ahead`);
    // Reading goes on until more is made than was, or the list would end.
    for await (const chunk of response) {
      if (before < made() && 0 < (chunk as Buffer).length) break;
    }
    response.destroy();
    await later(200);
    const atEnd = made();
    t.ok(before < atEnd, 'it went on while somebody read');
    await later(200);
    t.equal(made(), atEnd, 'and stopped for good when the caller had left');
  });
}

t.test('other requests have their turn while a long list is made', async (t) => {
  const { list } = endless(0.5);
  const { open } = await listening(t, list, { questionTimeoutMs: 100 });
  const stream = await open(`${BASE}/who-can-reach?target=shop/api&format=ndjson`);
  stream.resume();
  const times: number[] = [];
  for (let i = 0; i < 20; i += 1) {
    const began = performance.now();
    const live = await open('/livez');
    live.resume();
    t.equal(live.statusCode, 200);
    times.push(performance.now() - began);
  }
  t.comment(`ms: ${times.map(Math.round).join(' ')}`);
  t.ok((times.sort((a, b) => a - b)[10] ?? Infinity) < 100, 'at most a few slices later');
  await later(150);
  t.equal(stream.destroyed, false, 'the deadline of a question does not end a list that flows');
  stream.destroy();

  const page = open(`${BASE}/who-can-reach?target=shop/api&limit=400`);
  const began = performance.now();
  (await open('/livez')).resume();
  t.ok(performance.now() - began < 150, 'a page of 200 ms does not block');
  const response = await page;
  response.resume();
  t.match(response.statusCode, /200|503/);
});

t.test('slices follow the time that rows take, and cover every row once', async (t) => {
  for (const [rowMs, rows] of [
    [0, 5000],
    [1, 60],
    [8, 6],
  ] as const) {
    const { list } = endless(rowMs);
    const sizes: number[] = [];
    const seen: number[] = [];
    for await (const slice of rowSlices<Body>({ ...list, totalCount: rows + 3 }, 3, 1e9)) {
      sizes.push(slice.length);
      seen.push(...slice.map(({ i }: Body) => i));
    }
    t.same(
      seen,
      Array.from({ length: rows }, (_, i) => i + 3),
      `${rowMs} ms a row`,
    );
    t.ok(
      sizes.slice(2).every((size) => size * rowMs <= 16),
      sizes.join(' '),
    );
  }
});

t.test('a question by POST has a deadline as well', async (t) => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const { send } = await serve(t, { questionTimeoutMs: 30 }, { snapshot: never });
  const payload = { questions: [{ from: 'a', to: 'b' }] };
  const response = await send({ method: 'POST', url: `${BASE}/paths`, payload });
  t.equal(response.statusCode, 503);
  t.equal(response.json().code, 'busy');
});

t.test('text of answers is that of their JSON form', async (t) => {
  const leaf = fc.oneof(fc.string({ unit: 'grapheme' }), fc.double(), fc.integer(), fc.boolean());
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.constantFrom(null, undefined, new Date(0)),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('tree'), { maxKeys: 4 }),
      fc.array(fc.tuple(fc.string(), tie('tree')), { maxLength: 4 }).map((all) => new Map(all)),
    ),
  }));
  await holds(tree, 0.5, (one) => {
    const wanted = toJson(one);
    const written = JSON.parse(jsonText(one)) as unknown;
    return Promise.resolve(
      JSON.stringify(written) === JSON.stringify(JSON.parse(JSON.stringify(wanted)))
        ? []
        : [jsonText(one), JSON.stringify(wanted)],
    );
  });
  const [to, ports] = [{ ref: 'b' }, [{ from: 1 }]];
  const row = { from: { ref: 'a' }, to, ports, hops: undefined, implicit: null };
  const write = rowWriter();
  for (const one of [row, row, { ...row, to: { ref: 'c' } }, row]) {
    t.equal(write(one), JSON.stringify(toJson(one)));
  }
  t.equal(rowWriter(['to', 'hops', 'from'])(row), '{"to":{"ref":"b"},"from":{"ref":"a"}}');
  t.equal(membersText({}), '');
});
