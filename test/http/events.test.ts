import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import type { Test } from 'tap';
import { WebSocket } from 'ws';
import type { HttpOptions } from '../../src/http/app.ts';
import { HTTP_LIMITS } from '../../src/http/http-limits.ts';
import type { AuditEntry } from '../../src/service/audit.ts';
import type { Podreach, SnapshotInfo, SnapshotWatch } from '../../src/service/podreach.ts';
import { EVERYONE } from '../../src/service/viewer.ts';
import type { Authenticator, Viewer } from '../../src/service/viewer.ts';
import { AT_ROOT, serve, shop } from '../support/http-app.ts';
import type { Body, Served } from '../support/http-app.ts';

interface Live extends Served {
  readonly port: number;
}

/** A server that listens, until the test ends. */
async function listen(
  t: Test,
  options: Partial<HttpOptions> = {},
  overrides: Partial<Podreach> = {},
): Promise<Live> {
  const served = await serve(t, { ...AT_ROOT, ...options }, overrides);
  await served.app.listen({ port: 0, host: '127.0.0.1' });
  return { ...served, port: (served.app.server.address() as AddressInfo).port };
}

interface Frame {
  readonly event?: string;
  readonly id?: string;
  readonly data?: string;
  readonly comment?: string;
  readonly retry?: string;
}

interface Stream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The next frame; undefined at the end. */
  readonly next: () => Promise<Frame | undefined>;
  readonly close: () => void;
  /** The body of a refusal. */
  readonly problem: () => Promise<Body>;
}

/** Opens a stream of events; `pause` reads nothing of it. */
function openStream(
  t: Test,
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: '127.0.0.1', path, headers });
    t.teardown(() => request.destroy());
    request.on('error', reject).on('response', (response) => {
      let text = '';
      let isOver = false;
      let wake = (): void => undefined;
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        wake();
      });
      response
        .on('error', () => undefined)
        .on('close', () => {
          isOver = true;
          wake();
        });
      const more = (): Promise<void> => new Promise((done) => (wake = done));
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        close: () => request.destroy(),
        problem: async () => {
          while (!isOver) await more();
          return JSON.parse(text);
        },
        next: async () => {
          for (;;) {
            const end = text.indexOf('\n\n');
            if (0 <= end) {
              const lines = text.slice(0, end).split('\n');
              text = text.slice(end + 2);
              return Object.fromEntries(
                lines.map((line) => {
                  const [name = '', value = ''] = line.split(/: ?(.*)/s);
                  return [name === '' ? 'comment' : name, value];
                }),
              );
            }
            if (isOver) return undefined;
            await more();
          }
        },
      });
    });
    request.end();
  });
}

/** The next frame that is an event. */
async function nextEvent(stream: Stream): Promise<Frame | undefined> {
  for (;;) {
    const frame = await stream.next();
    if (frame === undefined || frame.event !== undefined) return frame;
  }
}

const EVENTS = '/api/v1/events';

t.test('a stream tells of each snapshot and where it is', async (t) => {
  const { port, upload, podreach } = await listen(t);
  const before = await upload('prod', shop(1));
  const stream = await openStream(t, port, EVENTS);
  t.equal(stream.status, 200);
  t.match(stream.headers, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  t.equal(stream.headers['content-encoding'], undefined);
  t.same(await stream.next(), { retry: '2000' });
  t.same(await stream.next(), { id: before }, 'no event, but a position');
  const one = await openStream(t, port, `${EVENTS}?cluster=stage`);
  const first = await upload('prod', shop(2));
  const second = await upload('stage', shop(1));
  const { digest, takenAt } = await podreach.snapshot(EVERYONE, first);
  const frame = await nextEvent(stream);
  t.match(frame, { event: 'snapshot', id: first });
  t.same(JSON.parse(frame?.data ?? ''), { id: first, digest, cluster: 'prod', takenAt });
  t.equal((await nextEvent(stream))?.id, second);
  t.equal((await nextEvent(one))?.id, second, 'only of one cluster');

  const cases: readonly (readonly [path: string, header: string, expected: readonly string[]])[] = [
    [`?after=${before}`, '', [first, second]],
    ['', before, [first, second]],
    [`?after=${before}`, first, [second]],
    [`?after=${before}&cluster=stage`, '', [second]],
  ];
  for (const [path, header, expected] of cases) {
    const headers = header === '' ? {} : { 'last-event-id': header };
    const again = await openStream(t, port, EVENTS + path, headers);
    for (const id of expected) t.equal((await nextEvent(again))?.id, id, `${path} ${header}`);
    again.close();
  }
});

t.test('a position that is not known is told, and the stream goes on', async (t) => {
  const { port, upload } = await listen(t);
  for (const [path, header] of [
    [`?after=s_gone`, ''],
    ['', 'nonsense'],
  ] as const) {
    const headers = header === '' ? {} : { 'last-event-id': header };
    const stream = await openStream(t, port, EVENTS + path, headers);
    const reset = await nextEvent(stream);
    t.equal(reset?.event, 'reset');
    t.equal(JSON.parse(reset?.data ?? '').code, 'events-missed');
    const id = await upload('prod', shop(path === '' ? 1 : 2));
    t.match(await nextEvent(stream), { event: 'snapshot', id });
    stream.close();
  }
});

t.test('a stream outlives the deadline of questions, and comments keep it open', async (t) => {
  const { port, upload } = await listen(t, {
    questionTimeoutMs: 40,
    live: { eventHeartbeatMs: 20 },
  });
  const stream = await openStream(t, port, EVENTS);
  for (let comments = 0; comments < 5;) {
    if ((await stream.next())?.comment !== undefined) comments += 1;
  }
  const id = await upload('prod', shop(1));
  t.equal((await nextEvent(stream))?.id, id);
});

t.test('a stream that cannot begin in time is refused', async (t) => {
  const { port } = await listen(
    t,
    { questionTimeoutMs: 30 },
    { watch: () => new Promise(() => undefined) },
  );
  const stream = await openStream(t, port, EVENTS);
  t.equal(stream.status, 503);
});

t.test('what cannot be streamed is a problem document', async (t) => {
  const { get, send } = await serve(t);
  for (const [query, status, code] of [
    ['?cluster=', 400, 'bad-query'],
    ['?cluster=s_x', 400, 'bad-cluster-name'],
    ['?since=1', 400, 'bad-query'],
    ['?after=a&after=b', 400, 'bad-query'],
  ] as const) {
    const response = await get(EVENTS + query);
    t.equal(response.statusCode, status, query);
    t.equal(response.json().code, code, query);
  }
  const head = await send({ method: 'HEAD', url: EVENTS });
  t.equal(head.statusCode, 200);
  t.match(head.headers['content-type'], 'text/event-stream');
  t.equal(head.body, '');
});

t.test('a service that breaks ends the stream and keeps its secrets', async (t) => {
  const { port } = await listen(t, {}, { watch: () => Promise.resolve(broken()) });
  const stream = await openStream(t, port, EVENTS);
  const frame = await nextEvent(stream);
  t.equal(frame?.event, 'problem');
  t.equal(JSON.parse(frame?.data ?? '').code, 'internal');
  t.notMatch(frame?.data, 'secret');
  t.equal(await nextEvent(stream), undefined);
});

const ALICE: Viewer = { ...EVERYONE, name: 'alice', clusters: ['prod'] };
const BOB: Viewer = { ...EVERYONE, name: 'bob', clusters: ['stage'] };

/** Knows two tokens until they are taken away. */
function tokens(): Authenticator & { readonly known: Map<string, Viewer> } {
  const known = new Map<string, Viewer>([
    ['alice-token', ALICE],
    ['bob-token', BOB],
    ['sender-token', { ...ALICE, name: 'sender', scopes: new Set(['ingest'] as const) }],
  ]);
  return { known, authenticate: (credential) => Promise.resolve(known.get(credential)) };
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** Uploads a cluster as who holds `token`; returns the id of the snapshot. */
async function uploadAs(send: Served['send'], cluster: string, token: string): Promise<string> {
  const url = `/api/v1/clusters/${cluster}/snapshots`;
  const request = { method: 'POST', url, payload: shop(1), headers: bearer(token) } as const;
  return (await send(request)).json<{ id: string }>().id;
}

t.test('streams are counted, of each viewer and of all', async (t) => {
  const { port } = await listen(t, {
    authenticator: tokens(),
    live: { eventStreamsPerViewerMax: 2, eventStreamsMax: 3 },
  });
  const open = (headers: Record<string, string>): Promise<Stream> =>
    openStream(t, port, EVENTS, headers);
  for (const headers of [{}, bearer('nobody'), { authorization: 'Basic alice-token' }]) {
    const refused = await open(headers);
    t.equal(refused.status, 401, JSON.stringify(headers));
    t.equal((await refused.problem()).code, 'unauthorized');
  }
  const two = await open({ ...bearer('alice-token'), 'x-podreach-token': 'bob-token' });
  t.equal(two.status, 400, 'two credentials');
  const first = await open(bearer('alice-token'));
  t.equal((await open({ 'x-podreach-token': 'alice-token' })).status, 200);
  const third = await open(bearer('alice-token'));
  t.equal(third.status, 429);
  t.equal(third.headers['retry-after'], '5');
  t.equal((await third.problem()).code, 'too-many-requests');
  t.equal((await open(bearer('bob-token'))).status, 200);
  const over = await open(bearer('bob-token'));
  t.equal(over.status, 503);
  t.equal((await over.problem()).code, 'busy');
  first.close();
  await until(async () => (await open(bearer('alice-token'))).status === 200);
});

t.test('a viewer hears of its clusters, until its credential is taken away', async (t) => {
  const authenticator = tokens();
  const { port, send } = await listen(t, { authenticator, live: { credentialCheckMs: 20 } });
  const stream = await openStream(t, port, EVENTS, bearer('alice-token'));
  const other = await openStream(t, port, `${EVENTS}?cluster=prod`, bearer('bob-token'));
  await uploadAs(send, 'stage', 'bob-token');
  const id = await uploadAs(send, 'prod', 'alice-token');
  t.equal((await nextEvent(stream))?.id, id);
  await pause(60);
  authenticator.known.delete('alice-token');
  const end = await nextEvent(stream);
  t.equal(end?.event, 'problem');
  t.equal(JSON.parse(end?.data ?? '').code, 'unauthorized');
  t.equal(await nextEvent(stream), undefined);
  authenticator.known.set('bob-token', ALICE);
  t.match(await nextEvent(other), { event: 'problem' }, 'nothing of prod came before');
});

t.test('who reads nothing is cut off, and costs little until then', async (t) => {
  const sent: { count: number; returned?: boolean } = { count: 0 };
  const { port } = await listen(
    t,
    { live: { eventStallMs: 100 } },
    { watch: () => Promise.resolve(endless(sent)) },
  );
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  socket.pause();
  await until(() => 0 < sent.count);
  let before = -1;
  await until(async () => {
    const isStill = before === sent.count;
    before = sent.count;
    await pause(30);
    return isStill;
  });
  t.ok(sent.count < 1000, `${sent.count} events were made`);
  await until(() => sent.returned === true);
  socket.destroy();
});

t.test('a server that stops ends its streams and sockets', async (t) => {
  const { port, app } = await listen(t);
  const stream = await openStream(t, port, EVENTS);
  const socket = await dial(t, port);
  await socket.init();
  socket.subscribe('1', 'subscription { snapshotAdded { id } }');
  const silent = await upgradeBySocket(t, port);
  const startedAt = performance.now();
  await app.close();
  t.equal(await nextEvent(stream), undefined);
  t.equal((await socket.closed).code, 1001);
  t.ok(performance.now() - startedAt < 8000, 'who does not answer is not waited for');
  silent.destroy();
});

/** A client of `graphql-transport-ws`. */
interface Client {
  readonly socket: WebSocket;
  readonly init: (payload?: object) => Promise<Body>;
  readonly send: (message: object) => void;
  readonly subscribe: (id: string, query: string, more?: object) => void;
  /** The next message; undefined when the socket is closed. */
  readonly next: () => Promise<Body>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

async function dial(
  t: Test,
  port: number,
  options: {
    readonly headers?: Record<string, string>;
    readonly origin?: string;
    readonly protocol?: string;
    readonly path?: string;
  } = {},
): Promise<Client> {
  const { headers = {}, origin, protocol = 'graphql-transport-ws', path = '/graphql' } = options;
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol, {
    headers,
    ...(origin === undefined ? {} : { origin }),
  });
  t.teardown(() => {
    socket.terminate();
  });
  const messages: Body[] = [];
  let isOver = false;
  let wake = (): void => undefined;
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()));
    wake();
  });
  const closed = once(socket, 'close').then(([code, reason]: unknown[]) => {
    isOver = true;
    wake();
    return { code: Number(code), reason: String(reason) };
  });
  const next = async (): Promise<Body> => {
    while (messages.length === 0 && !isOver) await new Promise<void>((done) => (wake = done));
    return messages.shift();
  };
  const send = (message: object): void => {
    socket.send(JSON.stringify(message));
  };
  await once(socket, 'open');
  return {
    socket,
    closed,
    next,
    send,
    init: (payload) => {
      send({ type: 'connection_init', ...(payload && { payload }) });
      return next();
    },
    subscribe: (id, query, more = {}) => {
      send({ id, type: 'subscribe', payload: { query, ...more } });
    },
  };
}

/** How an upgrade is refused; undefined when it is not. */
async function refusal(
  t: Test,
  port: number,
  options: Parameters<typeof dial>[2],
): Promise<{ readonly status: number; readonly body: Body } | undefined> {
  const {
    headers = {},
    origin,
    protocol = 'graphql-transport-ws',
    path = '/graphql',
  } = options ?? {};
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol === '' ? [] : protocol, {
    headers,
    ...(origin === undefined ? {} : { origin }),
  });
  t.teardown(() => {
    socket.terminate();
  });
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.on('open', () => {
      resolve(undefined);
    });
    socket.on('unexpected-response', (_request, response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
      });
    });
  });
}

/** A WebSocket that answers nothing: not even pings. */
async function upgradeBySocket(t: Test, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  socket.write(
    'GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
      'Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
  );
  const [head] = (await once(socket, 'data')) as [Buffer];
  t.match(head.toString(), 'HTTP/1.1 101');
  return socket;
}

const ADDED =
  'subscription ($cluster: String) { snapshotAdded(cluster: $cluster) { ref cluster { name } } }';

t.test('a subscription tells of each snapshot, and answers questions about it', async (t) => {
  for (const basePath of ['', '/pre/fix']) {
    const { port, upload } = await listen(t, { basePath });
    const client = await dial(t, port, { path: `${basePath}/graphql` });
    t.same(await client.init(), { type: 'connection_ack' });
    client.subscribe('all', ADDED);
    client.subscribe('one', ADDED, { variables: { cluster: 'stage' } });
    client.subscribe(
      'ask',
      `subscription Ask { snapshotAdded(cluster: "prod") { ...Parts } }
       fragment Parts on Snapshot {
         whoCanReach(target: "shop/api", groupBy: POD) { totalCount nodes { from { ref } verdict } }
         path(from: "shop/none", to: "shop/api") { verdict }
         cluster { latest { ref } }
       }`,
      { operationName: 'Ask' },
    );
    // Whatever is ahead of it was begun when this is answered.
    client.send({ type: 'ping', payload: { a: 1 } });
    t.same(await client.next(), { type: 'pong', payload: { a: 1 } });
    for (const pods of [1, 2]) {
      const id = await upload('prod', shop(pods));
      const [all, ask] = sortById([await client.next(), await client.next()]);
      t.same(all, {
        id: 'all',
        type: 'next',
        payload: { data: { snapshotAdded: { ref: id, cluster: { name: 'prod' } } } },
      });
      const { data, errors } = ask.payload;
      t.equal(data.snapshotAdded.whoCanReach.totalCount, pods, 'about this snapshot');
      t.equal(data.snapshotAdded.cluster.latest.ref, id, 'names are looked up anew for each event');
      t.equal(data.snapshotAdded.path, null);
      t.match(errors, [{ path: ['snapshotAdded', 'path'], extensions: { code: 'ref-not-found' } }]);
    }
    const id = await upload('stage', shop(1));
    const both = sortById([await client.next(), await client.next()]);
    t.same(
      both.map((message) => [message.id, message.payload.data.snapshotAdded.ref]),
      [
        ['all', id],
        ['one', id],
      ],
    );
    client.send({ id: 'all', type: 'complete' });
    client.send({ id: 'ask', type: 'complete' });
    client.send({ type: 'ping' });
    t.match(await client.next(), { type: 'pong' });
    const last = await upload('stage', shop(2));
    t.match(await client.next(), {
      id: 'one',
      payload: { data: { snapshotAdded: { ref: last } } },
    });
  }
});

t.test('what is no valid subscription is told as over HTTP', async (t) => {
  const { port, graphql } = await listen(t, { live: { socketMessagesPerSecondMax: 100 } });
  const client = await dial(t, port);
  await client.init();
  const deep = (levels: number): string =>
    `{ id ${'cluster { latest { '.repeat(levels)} id ${'} }'.repeat(levels)} }`;
  const many = `{ ${Array.from({ length: 51 }, (_, i) => `a${i}: path(from: "a", to: "b") { verdict }`).join(' ')} }`;
  const long = `{ ${'id '.repeat(HTTP_LIMITS.graphqlTokensMax)} }`;
  const cases: readonly (readonly [query: string, code: string, message: RegExp, same?: false])[] =
    [
      ['subscription { snapshotAdded { nothing } }', 'bad-query', /Cannot query field "nothing"/],
      ['subscription { snapshotAdded(x: 1) { id } }', 'bad-query', /Unknown argument "x"/],
      ['subscription { snapshotAdded }', 'bad-query', /must have a selection/],
      [
        'subscription { snapshotAdded { id } two: snapshotAdded { id } }',
        'bad-query',
        /one top level/,
      ],
      ['subscription { __typename }', 'bad-query', /introspection/],
      ['subscription { ...A } fragment A on Subscription { ...A }', 'bad-query', /itself/],
      [`subscription { snapshotAdded ${deep(8)} }`, 'bad-query', /levels deep/],
      [`subscription { snapshotAdded ${many} }`, 'bad-query', /asks 51 questions/],
      [`subscription { snapshotAdded ${long} }`, 'bad-query', /tokens/],
      ['subscription {', 'bad-query', /Syntax Error/],
      ['subscription A { snapshotAdded { id } } query B { __typename }', 'bad-query', /which/],
      ['{"kind": "Document", "definitions": []}', 'bad-query', /no GraphQL/],
      ['{ clusters { totalCount } }', 'method-not-allowed', /a query is not answered/],
      ['mutation { deleteSnapshot(id: "s_x") }', 'method-not-allowed', /a mutation is not/],
      ['subscription { snapshotAdded(cluster: "s_x") { id } }', 'bad-cluster-name', /would do/],
    ];
  for (const [query, code, message] of cases) {
    client.subscribe('x', query);
    const answer = await client.next();
    const [error] = answer.type === 'error' ? answer.payload : answer.payload.errors;
    t.equal(error.extensions.code, code, query.slice(0, 80));
    t.match(error.message, message);
    t.match(error.extensions.requestId, /^[0-9a-f-]{36}$/);
    if (answer.type === 'next') t.match(await client.next(), { type: 'complete' });
  }
  client.send({ id: 'x', type: 'subscribe', payload: { query: ADDED, variables: { cluster: 1 } } });
  t.match((await client.next()).payload.errors[0].extensions, { code: 'bad-query' });
  t.match(await client.next(), { type: 'complete' });

  const inside = (levels: number): string => `{ snapshot(ref: "a") ${deep(levels)} }`;
  for (const levels of [6, 7]) {
    const isDeep = 7 <= levels;
    const refused = (await graphql(inside(levels))).json().errors[0].message;
    t.equal(/depth/.test(refused), isDeep, `over HTTP ${levels} ${refused}`);
    client.subscribe(`deep${levels}`, `subscription { snapshotAdded ${deep(levels)} }`);
    if (!isDeep) client.send({ type: 'ping' });
    t.equal(
      (await client.next()).type,
      isDeep ? 'error' : 'pong',
      `the same over a socket ${levels}`,
    );
  }
});

t.test(
  'a schema that is hidden is hidden from sockets, and trees and batches are no queries',
  async (t) => {
    const { port } = await listen(t, { graphql: { introspection: false } });
    const client = await dial(t, port);
    await client.init();
    for (const query of [
      'subscription { snapshotAded { id } }',
      'subscription { snapshotAdded { idd } }',
      'subscription { snapshotAdded(clustr: "prod") { id } }',
      'subscription { __schema { types { name } } }',
    ]) {
      client.subscribe('1', query);
      const answer = await client.next();
      t.equal(answer.type, 'error', query);
      t.notMatch(JSON.stringify(answer), /did you mean|snapshotAdded"|types"/i, query);
    }
    const tree = { kind: 'Document', definitions: [] };
    for (const payload of [{ query: tree }, { query: [ADDED] }, [{ query: ADDED }], 'x', null]) {
      const other = await dial(t, port);
      await other.init();
      other.send({ id: '1', type: 'subscribe', payload });
      t.equal((await other.closed).code, 4400, JSON.stringify(payload));
    }
  },
);

/** Everything that comes back for `bytes`, sent one after the other, until the server closes. */
async function answerTo(port: number, ...bytes: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket
    .on('error', () => undefined)
    .on('data', (part: Buffer) => (text += part.toString('latin1')));
  const closed = once(socket, 'close');
  for (const part of bytes) {
    socket.write(part);
    await pause(20);
  }
  await closed;
  return text;
}

t.test(
  'what is no handshake is told like anything else, and what is no frame closes the socket',
  async (t) => {
    const { port } = await listen(t, { live: { socketInitMs: 200, socketClosingMs: 100 } });
    const right = {
      Host: 'localhost',
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol': 'graphql-transport-ws',
    };
    const head = (changes: Readonly<Record<string, string>> = {}, method = 'GET'): string =>
      `${method} /graphql HTTP/1.1\r\n${Object.entries({ ...right, ...changes })
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`;
    for (const changes of [
      { 'Sec-WebSocket-Key': '' },
      { 'Sec-WebSocket-Key': 'x' },
      { 'Sec-WebSocket-Version': '8' },
      { 'Sec-WebSocket-Version': 'x' },
      { 'Sec-WebSocket-Protocol': 'graphql-transport-ws,,(x)' },
    ]) {
      const answer = await answerTo(port, head(changes));
      t.match(answer, /^HTTP\/1\.1 400 [\s\S]*application\/problem\+json/, JSON.stringify(changes));
      t.match(answer, '"code":"bad-query"');
    }
    const body = JSON.stringify({ query: '{ __typename }' });
    const posted = { 'Content-Type': 'application/json', 'Content-Length': String(body.length) };
    // A body makes it no offer of a WebSocket: the request is answered as it is.
    const answered = answerTo(
      port,
      head({ ...posted, Connection: 'Upgrade, close' }, 'POST') + body,
    );
    t.match(await answered, /^HTTP\/1\.1 200 [\s\S]*"__typename":"Query"/);
    const MASK = [0, 0, 0, 0];
    const frames: readonly (readonly [name: string, bytes: readonly number[]])[] = [
      ['without a mask', [0x81, 0x02, 0x7b, 0x7d]],
      ['with a bit that nobody knows', [0xf1, 0x80, ...MASK]],
      ['of a kind that nobody knows', [0x83, 0x80, ...MASK]],
      ['of endless length', [0x81, 0xff, 0x7f, ...Array.from({ length: 7 }, () => 0xff), ...MASK]],
      ['a long ping', [0x89, 0xfe, 0, 200, ...MASK, ...Array.from({ length: 200 }, () => 0)]],
      ['a ping in parts', [0x09, 0x80, ...MASK]],
      ['the end of nothing', [0x80, 0x80, ...MASK]],
      ['no UTF-8', [0x81, 0x82, ...MASK, 0xc3, 0x28]],
      ['a close that means nothing', [0x88, 0x82, ...MASK, 0, 1]],
      ['as a body', [...Buffer.from('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')]],
      [
        'in endless parts',
        [
          0x01,
          0x81,
          ...MASK,
          0x20,
          ...Array.from({ length: 500 }, () => [0, 0x81, ...MASK, 0x20]).flat(),
        ],
      ],
    ];
    for (const [name, bytes] of frames) {
      const answer = await answerTo(port, head(), Buffer.from(bytes));
      t.match(answer, 'HTTP/1.1 101', name);
      t.equal(answer.split('HTTP/1.1 ').length, 2, `${name}: one answer and no other`);
    }
  },
);

t.test('over HTTP a subscription is refused', async (t) => {
  const { graphql } = await serve(t);
  const response = await graphql('subscription { snapshotAdded { id } }', undefined, {
    accept: 'application/graphql-response+json',
  });
  t.equal(response.statusCode, 400);
  t.match(response.json().errors[0], { message: /WebSocket/, extensions: { code: 'bad-query' } });
  const named = { query: 'subscription A { snapshotAdded { id } } query B { __typename }' };
  const { app } = await serve(t);
  const payload = { ...named, operationName: 'B' };
  const other = await app.inject({ method: 'POST', url: '/graphql', payload });
  t.same(other.json(), { data: { __typename: 'Query' } }, 'another operation beside it is not');
});

t.test('only own pages, known hosts and the protocol may upgrade', async (t) => {
  const { port } = await listen(t, {
    browsers: { corsOrigins: ['https://portal.example'] },
    allowedHosts: ['podreach.example'],
  });
  const own = `127.0.0.1:${port}`;
  const cases: readonly (readonly [Parameters<typeof dial>[2], status: number | undefined])[] = [
    [{}, undefined],
    [{ origin: `http://${own}` }, undefined],
    [{ origin: 'https://portal.example' }, undefined],
    [{ origin: 'http://podreach.example', headers: { host: 'podreach.example' } }, undefined],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'https://portal.example.evil.example' }, 403],
    [{ origin: 'http://portal.example' }, 403],
    [{ origin: 'http://127.0.0.1' }, 403],
    [{ origin: 'http://evil.example', headers: { host: 'evil.example' } }, 403],
    [{ headers: { host: 'evil.example' } }, 403],
    [{ protocol: 'graphql-ws' }, 400],
    [{ protocol: '' }, 400],
    [{ path: '/graphql/' }, 404],
    [{ path: '/nothing' }, 404],
    [{ path: '/api/v1/events?cluster=s_x' }, 400],
  ];
  for (const [options, status] of cases) {
    const refused = await refusal(t, port, options);
    t.equal(refused?.status, status, JSON.stringify(options));
    if (refused !== undefined) t.match(refused.body, { status, code: /./, requestId: /./ });
  }
});

t.test('an offer of another protocol is declined, and the request answered', async (t) => {
  const { port } = await listen(t);
  const offer =
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
  const body = shop(1);
  const requests = [
    `GET /livez HTTP/1.1\r\nHost: localhost\r\n${offer}\r\n`,
    `POST /api/v1/clusters/prod/snapshots HTTP/1.1\r\nHost: localhost\r\n${offer}` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    `GET /api/v1/clusters/prod HTTP/1.1\r\nHost: localhost\r\n${offer}Connection: close\r\n\r\n`,
  ];
  // One connection; the body comes in parts.
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  for (const [i, request] of requests.entries()) {
    const middle = Math.floor(request.length / 2);
    socket.write(request.slice(0, middle));
    await pause(5);
    socket.write(request.slice(middle));
    await until(() => text.split('HTTP/1.1 ').length === i + 2);
  }
  await until(() => text.includes('"lastSeenAt"'));
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  t.same(statuses, ['200', '201', '200']);
});

t.test('who subscribes follows from a credential and from nothing else', async (t) => {
  const authenticator = tokens();
  const { port, send } = await listen(t, { authenticator, live: { credentialCheckMs: 20 } });
  t.equal((await refusal(t, port, { headers: bearer('nobody') }))?.status, 401);
  t.equal(
    (await refusal(t, port, { headers: { ...bearer('a'), 'x-podreach-token': 'b' } }))?.status,
    400,
  );
  const payloads: readonly (readonly [
    headers: Record<string, string>,
    object | undefined,
    code?: number,
  ])[] = [
    [bearer('alice-token'), undefined],
    [{ 'x-podreach-token': 'alice-token' }, { token: 'alice-token' }],
    [{}, { authorization: 'Bearer alice-token' }],
    [{}, { Authorization: 'bearer alice-token', 'x-tenant': 'stage' }],
    [{}, { 'X-Podreach-Token': 'alice-token', headers: { authorization: 'Bearer bob-token' } }],
    [{}, { token: 'alice-token', 'x-forwarded-user': 'bob', __proto__: { token: 'bob-token' } }],
    [{}, undefined, 4403],
    [{}, { token: 'nobody' }, 4403],
    [{}, { token: 1 }, 4403],
    [{}, { headers: bearer('alice-token') }, 4403],
    [{ 'x-forwarded-user': 'alice' }, { 'x-forwarded-user': 'alice' }, 4403],
    [bearer('alice-token'), { token: 'bob-token' }, 4403],
    [{}, { token: 'alice-token', authorization: 'Bearer bob-token' }, 4400],
  ];
  for (const [headers, payload, code] of payloads) {
    const client = await dial(t, port, { headers });
    const ack = await client.init(payload);
    t.equal(ack?.type, code === undefined ? 'connection_ack' : undefined, JSON.stringify(payload));
    if (code === undefined) client.socket.terminate();
    const closed = await client.closed;
    if (code !== undefined) t.equal(closed.code, code, JSON.stringify([headers, payload]));
  }
  const alice = await dial(t, port, { headers: bearer('alice-token') });
  await alice.init();
  alice.subscribe('1', ADDED);
  alice.send({ type: 'ping' });
  await alice.next();
  await uploadAs(send, 'stage', 'bob-token');
  const id = await uploadAs(send, 'prod', 'alice-token');
  t.match(await alice.next(), { payload: { data: { snapshotAdded: { ref: id } } } });
  await pause(60);
  authenticator.known.delete('alice-token');
  t.same(await alice.closed, { code: 4403, reason: 'the credential is not valid any more' });
});

t.test('who may not read hears nothing', async (t) => {
  const { port } = await listen(t, { authenticator: tokens() });
  const stream = await openStream(t, port, EVENTS, bearer('sender-token'));
  t.equal(stream.status, 403);
  t.equal((await stream.problem()).code, 'forbidden');
  const client = await dial(t, port, { headers: bearer('sender-token') });
  await client.init();
  client.subscribe('1', ADDED);
  t.match((await client.next()).payload.errors, [{ extensions: { code: 'forbidden' } }]);
});

t.test('sockets are counted, of each viewer and of all', async (t) => {
  const { port } = await listen(t, {
    authenticator: tokens(),
    live: { socketsPerViewerMax: 2, socketsMax: 4 },
  });
  const [one] = [await dial(t, port, { headers: bearer('alice-token') }), await dial(t, port)];
  const third = await dial(t, port);
  t.equal(await refusal(t, port, { headers: bearer('bob-token') }), undefined);
  const over = await refusal(t, port, { headers: bearer('bob-token') });
  t.match(over, { status: 503, body: { code: 'busy' } });
  t.match(await third.init({ token: 'alice-token' }), { type: 'connection_ack' });
  one.socket.close();
  await one.closed;
  t.equal(
    await refusal(t, port, { headers: bearer('alice-token') }),
    undefined,
    'there is room again',
  );
});

t.test('a viewer has so many sockets, whichever way it says who it is', async (t) => {
  const { port } = await listen(t, {
    authenticator: tokens(),
    live: { socketsPerViewerMax: 1 },
  });
  const first = await dial(t, port, { headers: bearer('alice-token') });
  t.match(await first.init(), { type: 'connection_ack' }, 'counted once');
  t.match(await refusal(t, port, { headers: bearer('alice-token') }), { status: 429 });
  const second = await dial(t, port);
  await second.init({ token: 'alice-token' });
  t.match(await second.closed, { code: 1013, reason: /are open/ });
});

t.test('each limit of a socket closes it', async (t) => {
  const { port } = await listen(t, {
    live: { socketInitMs: 50, socketPingMs: 40, socketClosingMs: 100 },
  });
  t.equal((await (await dial(t, port)).closed).code, 4408, 'nothing said in time');
  const silent = await upgradeBySocket(t, port);
  const startedAt = performance.now();
  await once(silent, 'close');
  t.ok(performance.now() - startedAt < 2000, 'no answer to pings');

  const ready = async (): Promise<Client> => {
    const client = await dial(t, port);
    await client.init();
    return client;
  };
  const cases: readonly (readonly [name: string, code: number, act: (client: Client) => void])[] = [
    [
      'a second beginning',
      4429,
      ({ send }): void => {
        send({ type: 'connection_init' });
      },
    ],
    [
      'no JSON',
      4400,
      ({ socket }): void => {
        socket.send('{');
      },
    ],
    [
      'no type',
      4400,
      ({ send }): void => {
        send({ type: 'start', id: '1' });
      },
    ],
    [
      'a query that is a list',
      4400,
      ({ send }): void =>
        send({ id: '1', type: 'subscribe', payload: { query: ADDED, variables: [] } }),
    ],
    [
      'bytes',
      1003,
      ({ socket }): void => {
        socket.send(Buffer.from('{}'), { binary: true });
      },
    ],
    [
      'a long message',
      1009,
      ({ socket }): void => {
        socket.send(' '.repeat(HTTP_LIMITS.socketMessageBytesMax + 1));
      },
    ],
    [
      'an id twice',
      4409,
      ({ subscribe }): void => {
        subscribe('1', ADDED);
        subscribe('1', ADDED);
      },
    ],
    [
      'many messages',
      1008,
      ({ send }): void => {
        for (let i = 0; i < 60; i += 1) send({ type: 'pong' });
      },
    ],
    [
      'many pings',
      1008,
      ({ socket }): void => {
        for (let i = 0; i < 60; i += 1) socket.ping();
      },
    ],
  ];
  for (const [name, code, act] of cases) {
    const client = await ready();
    act(client);
    t.equal((await client.closed).code, code, name);
  }
  const early = await dial(t, port);
  early.subscribe('1', ADDED);
  t.equal((await early.closed).code, 4401, 'a subscription before the beginning');
  const alive = await ready();
  await pause(200);
  t.equal(alive.socket.readyState, alive.socket.OPEN, 'who answers pings stays');
});

t.test('a socket has so many subscriptions', async (t) => {
  const { port } = await listen(t, { live: { socketMessagesPerSecondMax: 100 } });
  const client = await dial(t, port);
  await client.init();
  for (let i = 0; i < 21; i += 1) client.subscribe(String(i), ADDED);
  const answer = await client.next();
  t.equal(answer.id, '20');
  t.equal(answer.payload[0].extensions.code, 'too-many-requests');
  client.send({ id: '3', type: 'complete' });
  client.subscribe('again', ADDED);
  client.send({ type: 'ping' });
  t.match(await client.next(), { type: 'pong' }, 'there is room again');
});

t.test('a socket that nobody reads is closed, and little waits for it', async (t) => {
  const cases = [
    { eventStallMs: 100 },
    { socketBufferBytesMax: 1000, eventStallMs: 60_000 },
  ] as const;
  for (const live of cases) {
    const sent: { count: number; returned?: boolean } = { count: 0 };
    const { port } = await listen(t, { live }, { watch: () => Promise.resolve(endless(sent)) });
    const socket = await upgradeBySocket(t, port);
    socket.pause();
    const write = (message: object): void =>
      void socket.write(maskedFrame(JSON.stringify(message)));
    write({ type: 'connection_init' });
    await pause(20);
    for (let i = 0; i < 10; i += 1) {
      write({
        id: String(i),
        type: 'subscribe',
        payload: { query: 'subscription { snapshotAdded { digest } }' },
      });
    }
    await until(() => sent.returned === true);
    t.ok(sent.count < 1000, `${sent.count} events were made`);
    socket.destroy();
  }
});

t.test('questions of an event have a deadline, and bugs keep their secrets', async (t) => {
  const { port } = await listen(
    t,
    { questionTimeoutMs: 30 },
    {
      watch: () => Promise.resolve(endless({ count: 0 }, 1)),
      cluster: () => new Promise(() => undefined),
      ask: () => Promise.reject(new RangeError('secret')),
    },
  );
  const client = await dial(t, port);
  await client.init();
  client.subscribe('1', ADDED);
  t.match(await client.next(), { payload: { errors: [{ extensions: { code: 'busy' } }] } });
  t.match(await client.next(), { type: 'complete', id: '1' });
  client.subscribe('2', 'subscription { snapshotAdded { path(from: "a", to: "b") { verdict } } }');
  const answer = await client.next();
  t.match(answer.payload.errors, [{ extensions: { code: 'internal' } }]);
  t.notMatch(JSON.stringify(answer), 'secret');
  const broke = await listen(t, {}, { watch: () => Promise.resolve(broken()) });
  const other = await dial(t, broke.port);
  await other.init();
  other.subscribe('1', ADDED);
  const error = await other.next();
  t.match(error, { type: 'error', payload: [{ extensions: { code: 'internal' } }] });
  t.notMatch(JSON.stringify(error), 'secret');
});

t.test('who listens is in the audit log from the moment it begins, and once', async (t) => {
  const entries: AuditEntry[] = [];
  const audit = { write: (entry: AuditEntry) => void entries.push(entry), close: async () => {} };
  const { port } = await listen(t, { authenticator: tokens(), audit });
  const told = async (count: number): Promise<AuditEntry | undefined> => {
    await until(() => count <= entries.length);
    return entries[count - 1];
  };
  const stream = await openStream(t, port, `${EVENTS}?cluster=prod`, bearer('alice-token'));
  t.match(await told(1), {
    viewer: 'alice',
    action: 'watch',
    question: '/events',
    args: { cluster: 'prod' },
    clusters: ['prod'],
    outcome: 'ok',
    status: 200,
  });
  stream.close();
  await openStream(t, port, EVENTS, bearer('sender-token'));
  t.match(await told(2), {
    action: 'watch',
    question: '/events',
    outcome: 'forbidden',
    status: 403,
  });

  const client = await dial(t, port, { headers: bearer('alice-token') });
  await client.init();
  client.subscribe('1', ADDED, { variables: { cluster: 'prod' } });
  t.match(await told(3), {
    viewer: 'alice',
    action: 'watch',
    question: 'graphql',
    args: { query: ADDED, variables: '{"cluster":"prod"}' },
    clusters: ['prod'],
    outcome: 'ok',
    status: 101,
  });
  const refused: readonly (readonly [
    query: string,
    outcome: string,
    status: number,
    args: object,
  ])[] = [
    ['subscription { snapshotAdded { nothing } }', 'bad-query', 400, { query: /nothing/ }],
    [
      'mutation { ingest(cluster: "prod", manifest: "swordfish") { id } }',
      'method-not-allowed',
      405,
      {},
    ],
    ['mutation { ingest(manifest: "swordfish") { id } }', 'bad-query', 400, {}],
    ['subscription { snapshotAdded(cluster: "s_x") { id } }', 'bad-cluster-name', 400, {}],
  ];
  for (const [i, [query, outcome, status, args]] of refused.entries()) {
    client.subscribe(`refused${i}`, query);
    t.match(await told(4 + i), { viewer: 'alice', action: 'watch', outcome, status, args }, query);
  }
  t.notMatch(JSON.stringify(entries), 'swordfish', 'what a mutation brings is a body');
  const stranger = await dial(t, port);
  await stranger.init({ token: 'nobody' });
  const nobody = { viewer: null, action: 'watch', question: 'graphql', outcome: 'unauthorized' };
  t.match(await told(8), nobody);
  await refusal(t, port, { headers: bearer('nobody') });
  t.match(await told(9), nobody);
  client.socket.close();
  await client.closed;
  await pause(50);
  t.equal(entries.length, 9, 'the end of what was begun is no other entry');
});

/** A watch without an end, or of so many events; counts what is taken. */
function endless(sent: { count: number; returned?: boolean }, most = Infinity): SnapshotWatch {
  // Only what an event shows.
  const snapshot = { id: 's_x', digest: 'd'.repeat(50_000), cluster: 'prod', takenAt: 'now' };
  let count = 0;
  const watch: SnapshotWatch = {
    after: undefined,
    [Symbol.asyncIterator]: () => watch,
    next: async () => {
      await new Promise(setImmediate);
      if (sent.returned === true || most <= count) return { done: true, value: undefined };
      sent.count += 1;
      count += 1;
      return { done: false, value: snapshot as unknown as SnapshotInfo };
    },
    return: () => {
      sent.returned = true;
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  return watch;
}

function broken(): SnapshotWatch {
  const watch: SnapshotWatch = {
    ...endless({ count: 0 }),
    [Symbol.asyncIterator]: () => watch,
    next: () => Promise.reject(new RangeError('secret')),
  };
  return watch;
}

/** A frame of a short text as clients send it. */
function maskedFrame(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length =
    bytes.length < 126
      ? [0x80 | bytes.length]
      : [0x80 | 126, bytes.length >> 8, bytes.length & 255];
  // The mask is zero.
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), bytes]);
}

function sortById(messages: Body[]): Body[] {
  return messages.sort((left, right) => (left.id < right.id ? -1 : 1));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(5);
}
