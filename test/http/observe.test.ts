import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSchema, getNamedType, isLeafType, isRequiredArgument } from 'graphql';
import type { GraphQLObjectType } from 'graphql';
import t from 'tap';
import { createMetrics } from '../../src/http/metrics.ts';
import { startTracing } from '../../src/http/tracing/tracing.ts';
import type { QuestionEvent } from '../../src/service/observer.ts';
import type { Usage } from '../../src/service/usage.ts';
import type { Viewer } from '../../src/service/viewer.ts';
import { EVERYONE } from '../../src/service/viewer.ts';
import { AT_ROOT, serve, shop } from '../support/http-app.ts';
import type { Body } from '../support/http-app.ts';
import { readsOf } from '../support/reads.ts';

/** The samples of a scrape by their name and labels, as they are written. */
function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

const NONE = { bytes: 0, hits: 0, misses: 0 };
const USAGE: Usage = {
  indexCache: NONE,
  answerCache: NONE,
  questions: { running: 0, waiting: 0 },
  ingests: undefined,
  compiles: undefined,
};

/** Every question there is, asked of the snapshot `prod`. */
const QUESTIONS: Readonly<Record<string, string>> = {
  path: 'path?from=shop/pod/web-00&to=shop/api',
  'who-can-reach': 'who-can-reach?target=shop/api',
  'reachable-from': 'reachable-from?source=shop/pod/web-00',
  connectivity: 'connectivity',
  isolation: 'isolation',
  exposure: 'exposure',
  effective: 'effective?of=shop/pod/api-0',
  'ways-in': 'ways-in',
  policies: 'policies',
  resolve: 'resolve?ref=shop/api',
};

t.test('what is asked, taken in and kept is counted', async (t) => {
  const metrics = createMetrics({ clusterNames: true });
  const { get, send, upload } = await serve(
    t,
    { ...AT_ROOT, metrics },
    {},
    { observer: metrics.observer },
  );
  await upload('prod', shop(3));
  await send({ method: 'POST', url: '/api/v1/clusters/prod/snapshots', payload: '{"kind": 3 4}' });
  for (const question of Object.values(QUESTIONS)) {
    const response = await get(`/api/v1/snapshots/prod/${question}`);
    t.equal(response.statusCode, 200, question);
    await get(`/api/v1/snapshots/prod/${question}`);
  }
  await get('/api/v1/snapshots/prod/path?from=nothing&to=shop/api');
  await get('/nowhere');
  const response = await get('/metrics');
  t.match(response.headers['content-type'], /^text\/plain; version=0\.0\.4/);
  const samples = samplesOf(response.body);
  for (const kind of Object.keys(QUESTIONS)) {
    const name = `podreach_question_duration_seconds_count{kind="${kind}",outcome="ok"}`;
    t.equal(samples.get(name), 1, `${kind}: the second time the answer was there`);
  }
  const expected: Readonly<Record<string, number>> = {
    'podreach_question_duration_seconds_count{kind="path",outcome="ref-not-found"}': 1,
    'podreach_ingest_duration_seconds_count{outcome="ok"}': 1,
    'podreach_ingest_duration_seconds_count{outcome="bad-input"}': 1,
    'podreach_ingest_phase_duration_seconds_count{phase="store"}': 1,
    'podreach_index_open_duration_seconds_count{from="here"}': 1,
    'podreach_compile_duration_seconds_count{where="here"}': 1,
    podreach_index_cache_misses_total: 1,
    podreach_index_cache_hits_total: Object.keys(QUESTIONS).length,
    podreach_answer_cache_hits_total: Object.keys(QUESTIONS).length,
    'podreach_http_request_duration_seconds_count{method="GET",route="/api/v1/snapshots/:ref/resolve",status="200"}': 2,
    'podreach_http_request_duration_seconds_count{method="GET",route="none",status="404"}': 1,
    podreach_questions_running: 0,
    podreach_questions_shed_total: 0,
  };
  for (const [name, value] of Object.entries(expected)) t.equal(samples.get(name), value, name);
  for (const name of ['podreach_index_cache_bytes', 'podreach_answer_cache_bytes']) {
    t.ok(0 < (samples.get(name) ?? 0), name);
  }
  const age = samples.get('podreach_snapshot_age_seconds{cluster="prod"}') ?? -1;
  t.ok(0 <= age && age < 60, `the snapshot is ${age} s old`);
  t.ok(samples.has('nodejs_eventloop_lag_p99_seconds'), 'how late the event loop is');
  const units = [...samples.keys()].filter((name) => name.startsWith('podreach_'));
  const named = /_(seconds|bytes|total|running|waiting)(_bucket|_sum|_count)?(\{|$)/;
  t.same(
    units.filter((name) => !named.test(name)),
    [],
    'every name ends in its unit',
  );
});

t.test('every question is counted by its name, and counts when a query is weighed', async (t) => {
  const kinds: string[] = [];
  const observer = { questionAnswered: ({ kind }: QuestionEvent): void => void kinds.push(kind) };
  const { get, graphql, upload } = await serve(t, {}, {}, { observer });
  const kindsOf = async (ask: () => Promise<unknown>): Promise<readonly string[]> => {
    kinds.length = 0;
    await ask();
    return [...new Set(kinds)];
  };
  await upload('prod', shop(1));
  const document = (await get('/openapi.json')).json();
  const routes = Object.keys(document.paths).filter((path) => path.includes('/{ref}/'));
  const read = readsOf(document);
  for (const route of routes) {
    const name = route.split('/{ref}/')[1] ?? '';
    const url = read.find((one) =>
      one.split('?')[0]?.endsWith(`/prod/${name.replace(/\{.*/, '')}`),
    );
    if (url === undefined) continue;
    const wanted = name === 'graph' ? 'connectivity' : name;
    t.same(await kindsOf(() => get(url)), [wanted], url);
  }
  const schema = buildSchema(await readFile('schema.graphql', 'utf8'));
  const fields = (schema.getType('Snapshot') as GraphQLObjectType).getFields();
  const values = { PeerRef: '"shop/api"', PathQuestion: '[{from: "shop/web-00", to: "shop/api"}]' };
  let questions = 0;
  for (const { name, args, type } of Object.values(fields)) {
    const given = args
      .filter(isRequiredArgument)
      .map((one) => `${one.name}: ${values[getNamedType(one.type).name as keyof typeof values]}`);
    const asked =
      name +
      (given.length === 0 ? '' : `(${given.join(', ')})`) +
      (isLeafType(getNamedType(type)) ? '' : ' { __typename }');
    const ask = (text: string): ReturnType<typeof graphql> =>
      graphql(`{ snapshot(ref: "prod") { ${text} } }`);
    const found = await kindsOf(async () => {
      t.notMatch((await ask(asked)).body, '"errors"', asked);
    });
    const isQuestion = 0 < found.length;
    if (isQuestion) questions += 1;
    t.notOk(found.includes('other'), `${name} is counted by a name of its own`);
    const many = Array.from({ length: 51 }, (_, i) => `a${i}: ${asked}`).join(' ');
    const isCosted = /asks 51 questions/.test((await ask(many)).body);
    t.equal(isCosted, isQuestion, `${name} ${isQuestion ? 'is' : 'is no'} question`);
  }
  t.ok(9 < questions, `${questions} fields are questions`);
});

t.test('a scrape names the clusters that its sender may see, and none when told so', async (t) => {
  const metrics = createMetrics({ clusterNames: true });
  const { podreach, upload } = await serve(t, { metrics });
  await upload('mine', shop(1));
  await upload('theirs', shop(1));
  const viewer: Viewer = { ...EVERYONE, clusters: ['mine'] };
  const texts = await Promise.all([
    metrics.text(podreach, viewer),
    metrics.text(podreach, EVERYONE),
  ]);
  t.notMatch(texts[0], /theirs/);
  t.match(texts[1], /cluster="theirs"/);
  const quiet = await createMetrics({ clusterNames: false }).text(podreach, EVERYONE);
  t.notMatch(quiet, /mine|theirs/);
  t.match(quiet, /^podreach_snapshot_age_seconds \d/m);
});

t.test('who asks too often is told when to come again', async (t) => {
  const { get } = await serve(t, { requestsPerMinuteMax: 3 });
  for (const left of ['2', '1', '0']) {
    const { statusCode, headers } = await get('/api/v1/clusters');
    t.equal(statusCode, 200);
    t.match(headers, { 'ratelimit-limit': '3', 'ratelimit-remaining': left });
  }
  const refused = await get('/api/v1/clusters');
  t.equal(refused.statusCode, 429);
  t.match(refused.headers['content-type'], 'application/problem+json');
  t.match(refused.json(), { code: 'too-many-requests', detail: /requests-per-minute-max/ });
  const seconds = Number(refused.headers['retry-after']);
  t.ok(0 < seconds && seconds <= 60, `again after ${seconds} s`);
  t.equal((await get('/graphql?query={__typename}')).statusCode, 429, 'of all routes together');
  for (let i = 0; i < 5; i += 1) t.equal((await get('/readyz')).statusCode, 200);
});

t.test('a process that cannot keep up refuses questions, and only those', async (t) => {
  const metrics = createMetrics({ clusterNames: true });
  let running = 8;
  const usage = (): Usage => ({ ...USAGE, questions: { running, waiting: 0 } });
  const served = await serve(t, { metrics, eventLoopDelayMaxMs: 50 }, { usage });
  const { get, upload } = served;
  await upload('prod', shop(1));
  const question = '/api/v1/snapshots/prod/policies';
  const block = (ms: number): void => {
    for (const end = performance.now() + ms; performance.now() < end;);
  };
  block(400);
  await sleep(1100);
  t.equal((await get(question)).statusCode, 200, 'one long turn is no overload');
  let refused = await get(question);
  for (
    const end = performance.now() + 8000;
    performance.now() < end && refused.statusCode === 200;
  ) {
    block(100);
    await sleep(1);
    refused = await get(question);
  }
  t.equal(refused.statusCode, 503);
  t.match(refused.json(), { code: 'busy' });
  t.equal(refused.headers['retry-after'], '2');
  running = 7;
  t.equal((await get(question)).statusCode, 200, 'a few questions are answered nonetheless');
  running = 8;
  t.equal((await get('/livez')).statusCode, 200);
  t.equal((await get('/readyz')).statusCode, 503);
  t.equal((await served.graphql('{ __typename }')).statusCode, 503);
  t.match((await get('/metrics')).body, /^podreach_questions_shed_total [12]$/m);
  await sleep(2200);
  t.equal((await get(question)).statusCode, 200, 'it recovers by itself');
});

/** A collector on loopback, and the spans it was sent. */
async function collector(): Promise<{
  url: string;
  spans: Body[];
  resources: Body[];
  close: () => void;
}> {
  const spans: Body[] = [];
  const resources: Body[] = [];
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      const body: Body = JSON.parse(Buffer.concat(chunks).toString());
      for (const { resource, scopeSpans } of body.resourceSpans) {
        resources.push(resource);
        for (const scope of scopeSpans) spans.push(...scope.spans);
      }
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    resources,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

t.test(
  'a request, what it asked and what it took in are spans of the caller’s trace',
  async (t) => {
    const { url, spans, resources, close } = await collector();
    t.teardown(close);
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = url;
    t.teardown(() => delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT']);
    const tracing = startTracing();
    const { send } = await serve(t, { ...AT_ROOT, tracing }, {}, { observer: tracing.observer });
    const headers = { traceparent: CALLER, 'x-request-id': 'mine-1' };
    await send({
      method: 'POST',
      url: '/api/v1/clusters/prod/snapshots',
      payload: shop(2),
      headers,
    });
    await send({ url: '/api/v1/snapshots/prod/path?from=shop/pod/web-00&to=shop/api', headers });
    const query = '{ snapshot(ref: "prod") { policies { totalCount } } }';
    await send({ method: 'POST', url: '/graphql', payload: { query }, headers });
    await tracing.end();
    const named = (name: string): Body => spans.find((span) => span.name === name) ?? {};
    t.ok(
      spans.every(({ traceId }) => traceId === CALLER.split('-')[1]),
      'all of one trace',
    );
    const question = named('GET /api/v1/snapshots/:ref/path');
    t.equal(question.parentSpanId, CALLER.split('-')[2]);
    t.equal(named('question path').parentSpanId, question.spanId);
    t.equal(named('compile').parentSpanId, question.spanId);
    t.equal(named('question policies').parentSpanId, named('POST /graphql').spanId);
    const upload = named('POST /api/v1/clusters/:cluster/snapshots');
    for (const name of ['ingest', 'ingest read', 'ingest store']) {
      t.equal(named(name).parentSpanId, upload.spanId, name);
    }
    t.notMatch(JSON.stringify(spans), /shop/, 'no span names what was asked about');
    t.match(JSON.stringify(question), /mine-1/);
    t.match(JSON.stringify(resources[0]), /"podreach"/);
  },
);

t.test('a collector that does not answer costs nobody anything', async (t) => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  process.env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] = `http://127.0.0.1:${port}/v1/traces`;
  t.teardown(() => delete process.env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']);
  const tracing = startTracing();
  const { get } = await serve(t, { tracing }, {}, { observer: tracing.observer });
  t.equal((await get('/api/v1/clusters')).statusCode, 200);
  const start = performance.now();
  await tracing.end();
  t.ok(performance.now() - start < 5000, 'it is not waited for');
});

t.test(
  'the log has a line for each request, under its id and without what was asked',
  async (t) => {
    const lines: Body[] = [];
    const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
    const ingest = (): Promise<never> => Promise.reject(new Error('a bug of ours'));
    const served = await serve(t, { ...AT_ROOT, logger: { level: 'info', stream } }, {});
    const { app, get, send, upload } = served;
    // A line comes after the answer.
    const lineOf = async (id: string): Promise<Body> => {
      const found = (): Body => lines.find(({ reqId, ms }) => reqId === id && ms !== undefined);
      for (let i = 0; i < 100 && found() === undefined; i += 1) await sleep(20);
      return found();
    };
    await upload('prod', shop(1));
    const url = '/api/v1/snapshots/prod/resolve?ref=shop/api';
    const { rawPayload } = await get(url, { 'x-request-id': 'mine-2' });
    const line = await lineOf('mine-2');
    const route = '/api/v1/snapshots/:ref/resolve';
    t.match(line, { method: 'GET', route, status: 200, bytes: rawPayload.length });
    t.ok(0 < line.ms, 'it took some time');
    const headers = { 'x-request-id': 'mine-3' };
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    const sent = await (await fetch(address + url, { headers })).arrayBuffer();
    t.match(await lineOf('mine-3'), { route, bytes: sent.byteLength }, 'over the network too');
    t.notMatch(JSON.stringify(lines), /shop/);
    const missing = '/api/v1/snapshots/prod/resolve?ref=nothing/here';
    await send({ url: missing, headers: { 'x-request-id': 'mine-4' } });
    t.match(await lineOf('mine-4'), { route, status: 404 });

    const failing = await serve(t, { logger: { level: 'info', stream } }, { ingest });
    const async = '/api/v1/clusters/prod/snapshots?async=true';
    const job = (await failing.send({ method: 'POST', url: async, payload: shop(1) })).json();
    for (let i = 0; i < 100 && !lines.some((one) => one.ingest === job.id); i += 1) await sleep(20);
    const failed = lines.find((one) => one.ingest === job.id);
    t.match(failed, { msg: 'ingest failed', code: 'internal', err: { message: 'a bug of ours' } });
    const told = (await failing.get(`/api/v1/ingests/${job.id}`)).json();
    t.equal(told.error.requestId, job.id, 'what the caller is told leads to the line');
  },
);
