import { existsSync, readdirSync } from 'node:fs';
import { once } from 'node:events';
import { get as httpGet } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Test } from 'tap';
import { AT_ROOT, serve, shop } from '../support/http-app.ts';
import { childrenOf } from '../support/children.ts';
import { startServer } from '../support/server.ts';

t.setTimeout(120_000);

const folder = t.testdir({});
const AT = '/api/v1/snapshots/prod';

/** The head of a request, and what comes after it. */
function bytesOf(start: string, headers: readonly string[] = [], rest = ''): string {
  return [`${start} HTTP/1.1`, 'Host: localhost', ...headers, '', rest].join('\r\n');
}

const LENGTH = 'Content-Length: 5000';
const JSON_TYPE = 'Content-Type: application/json';
const CHUNKED = 'Transfer-Encoding: chunked';

/** Clients that send one small piece after another, and are never done. */
const DRIPPING: readonly (readonly [name: string, first: string, drip: string])[] = [
  ['nothing', '', ''],
  ['headers', 'GET /livez HTTP/1.1\r\nHost: localhost\r\n', 'X: y\r\n'],
  ['one header', 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ', 'y'],
  ['a query', bytesOf('POST /graphql', [JSON_TYPE, LENGTH], '{'), ' '],
  ['a batch in chunks', bytesOf(`POST ${AT}/paths`, [JSON_TYPE, CHUNKED]), '1\r\n \r\n'],
  ['a body of another type', bytesOf('POST /graphql', ['Content-Type: text/plain', LENGTH]), ' '],
  ['a body that nobody reads', bytesOf('GET /livez', [LENGTH]), ' '],
  ['a body for nothing', bytesOf('POST /nowhere', [LENGTH]), ' '],
  ['a body for no URL', bytesOf('POST /%', [LENGTH]), ' '],
  ['a body to delete', bytesOf('DELETE /api/v1/clusters/none', [CHUNKED]), '1\r\n \r\n'],
  ['a body for another host', bytesOf('POST /graphql HTTP/1.1\r\nHost: evil.example'), ' '],
  ['an upload that is refused', bytesOf('POST /api/v1/clusters/s_x/snapshots', [LENGTH]), ' '],
  [
    'a body with an offer',
    bytesOf('GET /livez', ['Connection: upgrade', 'Upgrade: x', LENGTH]),
    ' ',
  ],
  [
    'a body beside a list',
    bytesOf(`GET ${AT}/connectivity?groupBy=pod&format=ndjson`, [LENGTH]),
    ' ',
  ],
];

const GRAPHQL = encodeURIComponent(
  `{ snapshot(ref: "prod") { connectivity(groupBy: POD, first: 1000) { nodes {
    from { ref key kind name } to { ref key kind name } verdict ports { protocol from to } } } } }`,
);

/** Clients that ask for more than the buffers between them hold, and read none of it. */
const READING_NOTHING: readonly (readonly [name: string, bytes: string])[] = [
  ['ndjson', bytesOf(`GET ${AT}/connectivity?groupBy=pod&format=ndjson`)],
  ['pages', bytesOf(`GET ${AT}/connectivity?groupBy=pod&limit=1000`).repeat(40)],
  ['pages of GraphQL', bytesOf(`GET /graphql?query=${GRAPHQL}`).repeat(30)],
];

interface Slow {
  readonly name: string;
  readonly socket: Socket;
  /** How long the server kept it, in ms; resolves when it is closed. */
  readonly closed: Promise<number>;
}

/** Connects, sends `first`, then `drip` again and again; reads only if told to. */
function slow(
  t: Test,
  port: number,
  [name, first, drip]: readonly [string, string, string],
  reads = true,
): Slow {
  const start = performance.now();
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined);
  if (first !== '') socket.write(first);
  if (reads) socket.resume();
  else socket.pause();
  const dripping = setInterval(() => {
    if (drip !== '' && !socket.destroyed) socket.write(drip);
  }, 50);
  const closed = new Promise<number>((resolve) => {
    socket.once('close', () => {
      clearInterval(dripping);
      resolve(performance.now() - start);
    });
  });
  return { name, socket, closed };
}

/** How long each of `count` questions takes, in ms. @throws when one is not answered with 200 */
async function timesOf(port: number, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  const path = `${AT}/path?from=shop/web-00&to=shop/api`;
  for (let i = 0; i < count; i += 1) {
    const start = performance.now();
    const asking = httpGet({ port, path, agent: false });
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    if (response.statusCode !== 200) throw new Error(`it answers ${response.statusCode}`);
    times.push(performance.now() - start);
    await sleep(20);
  }
  return times.sort((a, b) => a - b);
}

async function listen(t: Test): Promise<Awaited<ReturnType<typeof serve>> & { port: number }> {
  const served = await serve(t, { ...AT_ROOT, questionTimeoutMs: 500 });
  await served.upload('prod', shop(120));
  await served.app.listen({ port: 0, host: '127.0.0.1' });
  return { ...served, port: (served.app.server.address() as AddressInfo).port };
}

/** Connections that are open. */
const openOn = ({ app }: Awaited<ReturnType<typeof listen>>): Promise<number> =>
  new Promise((resolve, reject) => {
    app.server.getConnections((error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });

/** Above the limits of the tests: what is left of a body may come for 2 s, and looks are 1 s apart. */
const CLOSE_MS_MAX = 6000;

t.test('who sends slowly, whatever it is, is cut off while others are answered', async (t) => {
  const served = await listen(t);
  served.app.server.headersTimeout = 300;
  const { port, podreach } = served;
  const clients = DRIPPING.map((mode) => slow(t, port, mode));
  const times = await timesOf(port, 40);
  t.comment(`ms of a question meanwhile: ${times[20]}, ${times.at(-1)} at most`);
  for (const { name, closed } of clients) {
    const ms = await Promise.race([closed, sleep(CLOSE_MS_MAX, Infinity)]);
    t.ok(ms < CLOSE_MS_MAX, `${name}: closed after ${Math.round(ms)} ms`);
  }
  t.ok((times[20] ?? Infinity) < 250, 'they were answered at once');
  t.same(podreach.usage().questions, { running: 0, waiting: 0 });
  await sleep(500);
  t.equal(await openOn(served), 0, 'no connection is left');
});

t.test('who reads nothing is cut off, and little is made for them', async (t) => {
  const served = await listen(t);
  served.app.server.timeout = 600;
  served.app.server.keepAliveTimeout = 300;
  const { port, podreach } = served;
  const before = process.memoryUsage();
  const clients = READING_NOTHING.map(([name, bytes]) => slow(t, port, [name, bytes, ''], false));
  await sleep(500);
  const { external, arrayBuffers } = process.memoryUsage();
  const held = external + arrayBuffers - before.external - before.arrayBuffers;
  t.ok(held < 100 * 1024 * 1024, `${held} bytes wait for those who do not read`);
  const end = Date.now() + 2 * CLOSE_MS_MAX;
  while ((await openOn(served)) !== 0 && Date.now() < end) await sleep(50);
  t.equal(await openOn(served), 0, 'each is closed, though it said nothing of it');
  t.same(podreach.usage().questions, { running: 0, waiting: 0 });
  for (const { socket } of clients) socket.destroy();
});

const FRAME = Buffer.from([0x81, 0x80, 0, 0, 0, 0]);
const PARTIAL = `{"apiVersion":"v1","kind":"List","items":[${shop(3)},`;

/** What a client begins, and leaves in the middle. */
const LEAVING: readonly (readonly [name: string, bytes: string | Buffer])[] = [
  [
    'an upload',
    bytesOf('POST /api/v1/clusters/gone/snapshots', ['Content-Length: 90000'], PARTIAL),
  ],
  [
    'a job',
    bytesOf('POST /api/v1/clusters/gone/snapshots?async=true', [LENGTH], PARTIAL.slice(0, 90)),
  ],
  ['half a head', 'GET /livez HTTP/1.1\r\nHost: loc'],
  ['ndjson', bytesOf(`GET ${AT}/connectivity?groupBy=pod&format=ndjson`)],
  ['a page', bytesOf(`GET ${AT}/connectivity?groupBy=pod&limit=1000`)],
  ['GraphQL', bytesOf(`GET /graphql?query=${GRAPHQL}`)],
  ['a batch', bytesOf(`POST ${AT}/paths`, [JSON_TYPE, LENGTH], '{"questions":[')],
  ['events', bytesOf('GET /api/v1/events')],
  [
    'a WebSocket',
    Buffer.concat([
      Buffer.from(
        bytesOf('GET /graphql', [
          'Connection: Upgrade',
          'Upgrade: websocket',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
          'Sec-WebSocket-Protocol: graphql-transport-ws',
        ]),
      ),
      FRAME,
    ]),
  ],
];

t.test('who vanishes in the middle leaves nothing behind', async (t) => {
  const server = await startServer(t, join(folder, 'vanish.db'), '--log-level', 'error');
  const { port } = new URL(server.url);
  const upload = await fetch(`${server.url}/api/v1/clusters/prod/snapshots`, {
    method: 'POST',
    body: shop(80),
  });
  t.equal(upload.status, 201);
  const leave = async (bytes: string | Buffer, ms: number): Promise<void> => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined).write(bytes);
    await sleep(ms);
    if (ms % 2 === 0) socket.destroy();
    else socket.resetAndDestroy();
  };
  const held = async (): Promise<Record<string, number>> => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const counts = text.matchAll(
      /^podreach_((?:questions|ingests|compiles)_(?:running|waiting)) (\d+)/gm,
    );
    const files = `/proc/${server.pid}/fd`;
    return {
      ...Object.fromEntries([...counts].map(([, name = '', count]) => [name, Number(count)])),
      files: existsSync(files) ? readdirSync(files).length : 0,
      children: childrenOf(server.pid).length,
    };
  };
  // What is opened once and kept is open then.
  for (const [, bytes] of LEAVING) await leave(bytes, 20);
  const isBusy = (counts: Record<string, number>): boolean =>
    Object.entries(counts).some(([name, count]) => /running|waiting/.test(name) && 0 < count);
  await sleep(300);
  let before = await held();
  for (let i = 0; i < 100 && isBusy(before); i += 1) {
    await sleep(100);
    before = await held();
  }
  t.notOk(isBusy(before));
  await Promise.all(
    [0, 3, 10, 41, 90].flatMap((ms) => LEAVING.map(([, bytes]) => leave(bytes, ms))),
  );
  const end = Date.now() + 15_000;
  let after = await held();
  while (JSON.stringify(after) !== JSON.stringify(before) && Date.now() < end) {
    await sleep(100);
    after = await held();
  }
  t.same(after, before, 'no file, no process, no question and no upload');
  const { items } = (await (await fetch(`${server.url}/api/v1/clusters`)).json()) as {
    items: readonly { name: string }[];
  };
  t.same(
    items.map(({ name }) => name),
    ['prod'],
    'half an upload is none',
  );
  const [code, stderr] = await server.stop();
  t.equal(code, 0);
  t.notMatch(stderr, /"level":|rror/, 'and none of it is an error of the server');
});
