import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { diskProbe } from '../../src/cli/disk-probe.ts';
import { roomCheck } from '../../src/store/disk-room.ts';
import { endConnectionsWell } from '../../src/http/end-connections.ts';
import { HTTP_LIMITS } from '../../src/http/http-limits.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { inSteps } from '../../src/engine/query.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import { CompileThread } from '../../src/service/jobs/compile-thread.ts';
import type { JobSettings } from '../../src/service/jobs/job-settings.ts';
import type { IndexEvent } from '../../src/service/observer.ts';
import { QuestionGate } from '../../src/service/question-gate.ts';
import { EVERYONE } from '../../src/service/viewer.ts';
import { AT_ROOT, serve, shop } from '../support/http-app.ts';
import type { Served } from '../support/http-app.ts';
import { startServer } from '../support/server.ts';
import { pod } from './crossings.ts';

const folder = t.testdir({});
/** Limits that take half a minute to cross are crossed when there is time for it. */
const isSlow = process.env['PODREACH_SLOW'] === '1';

t.setTimeout(isSlow ? 290_000 : 120_000);

/** The port that `app` listens on. */
const portOf = (app: Served['app']): number => (app.server.address() as AddressInfo).port;

/** What `work` throws. */
const thrownBy = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error;
  }
};

t.test('long questions wait for a place, in their order', async (t) => {
  const gate = new QuestionGate({ runningMax: 2, waitingMax: 10 });
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const ask = (i: number): Promise<void> =>
    gate.enter(() =>
      gate.run(() => {
        begun.push(i);
        return new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
  const all = [0, 1, 2, 3].map(ask);
  await sleep(0);
  t.same(begun, [0, 1]);
  t.same(gate.counts, { running: 2, waiting: 2 });
  for (let i = 0; i < 4; i += 1) {
    ends[i]?.();
    await sleep(0);
  }
  await Promise.all(all);
  t.same(begun, [0, 1, 2, 3]);
  t.same(gate.counts, { running: 0, waiting: 0 });
});

t.test('more questions than may wait are busy, and told when to come again', async (t) => {
  const { podreach, upload, get } = await serve(
    t,
    {},
    {},
    { questionLimits: { runningMax: 1, waitingMax: 2 } },
  );
  await upload('prod', shop(1));
  let isOpen = false;
  const long = inSteps<object, string>(function* () {
    while (!isOpen) yield;
    return 'done';
  });
  const ask = (): Promise<unknown> => podreach.ask(EVERYONE, 'prod', long, {});
  const first = ask();
  while (podreach.usage().questions.running === 0) await sleep(1);
  const others = [ask(), ask()];
  await sleep(5);
  const refused = await get('/api/v1/snapshots/prod/policies');
  t.equal(refused.statusCode, 503);
  t.match(refused.json(), { code: 'busy', retryAfterSeconds: 2 });
  t.equal(refused.headers['retry-after'], '2');
  isOpen = true;
  for (const one of [first, ...others]) t.match(await one, { result: 'done' });
  t.equal((await get('/api/v1/snapshots/prod/policies')).statusCode, 200);
});

t.test('a list that takes too long is given up, and holds no place', async (t) => {
  const questionLimits = { runningMax: 1, waitingMax: 2, timeoutMs: 50 };
  const { podreach, upload } = await serve(t, {}, {}, { questionLimits });
  await upload('prod', shop(1));
  const endless = inSteps<object, string>(function* () {
    for (;;) yield;
  });
  const error = await thrownBy(podreach.ask(EVERYONE, 'prod', endless, {}));
  t.ok(error instanceof PodreachError && error.code === 'busy', String(error));
  t.same(podreach.usage().questions, { running: 0, waiting: 0 });
});

t.test('a thousand questions about a cold snapshot open its index once', async (t) => {
  const opened: IndexEvent[] = [];
  const observer = { indexOpened: (event: IndexEvent): void => void opened.push(event) };
  const { get, upload } = await serve(t, {}, {}, { observer });
  await upload('prod', shop(20));
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, i) =>
      get(`/api/v1/snapshots/prod/who-can-reach?target=shop/api&limit=${1 + (i % 500)}`),
    ),
  );
  t.ok(answers.every(({ statusCode }) => statusCode === 200));
  t.equal(opened.length, 1);
});

const SETTINGS: JobSettings = {
  database: `sqlite:${join(folder, 'none.db')}`,
  storeOptions: { snapshotsPerClusterMax: 10 },
  limits: DEFAULT_INGEST_LIMITS,
  engineOptions: DEFAULT_OPTIONS,
  chunkMemoryBytesMax: 1024,
};

t.test('more snapshots than may wait are not compiled', async (t) => {
  const thread = new CompileThread(SETTINGS, { heapBytesMax: 256 * 1024 ** 2, waitingMax: 0 });
  const error = await thrownBy(thread.compile('s_none' as Parameters<typeof thread.compile>[0]));
  t.match(error, { code: 'busy', details: { retryAfterSeconds: 10 } });
});

t.test('a disk that is full is told, and one that is not', async (t) => {
  const database = `sqlite:${join(folder, 'none.db')}`;
  t.equal(await diskProbe(roomCheck(database, 1)).look(), undefined);
  const full = diskProbe(roomCheck(database, Number.MAX_SAFE_INTEGER));
  const error = await thrownBy(full.look());
  t.match(error, { code: 'disk-full' });
  t.notMatch(error, { message: folder }, 'anybody may ask, so no file is named');
  t.equal(full.essential, false);
});

t.test('a connection is closed after its requests', async (t) => {
  const { app } = await serve(t, AT_ROOT);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const port = portOf(app);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => {
    agent.destroy();
  });
  let last: IncomingMessage | undefined;
  for (let i = 0; i < HTTP_LIMITS.requestsPerSocketMax; i += 1) {
    const sent = request({ agent, host: '127.0.0.1', port, path: '/livez' }).end();
    [last] = (await once(sent, 'response')) as [IncomingMessage];
    last.resume();
    await once(last, 'end');
  }
  t.equal(last?.headers.connection, 'close');
});

t.test('who sends headers too slowly is cut off', { skip: !isSlow }, async (t) => {
  const { app } = await serve(t, AT_ROOT);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect(portOf(app), '127.0.0.1');
  socket.write('GET /livez HTTP/1.1\r\n');
  const start = performance.now();
  const [answer] = (await once(socket, 'data')) as [Buffer];
  t.match(answer.toString(), /^HTTP\/1\.1 408/);
  t.ok(performance.now() - start < HTTP_LIMITS.headersTimeoutMs + 5000);
});

t.test('an upload that is too slow is given up', { skip: !isSlow }, async (t) => {
  const { app } = await serve(t, AT_ROOT);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const port = portOf(app);
  const path = '/api/v1/clusters/slow/snapshots';
  const sending = request({ host: '127.0.0.1', port, path, method: 'POST' });
  const dripping = setInterval(() => sending.write('# drip\n'), 500);
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  clearInterval(dripping);
  t.equal(response.statusCode, 408);
  sending.destroy();
});

const QUESTION = 'path?from=shop/pod/web&to=shop/pod/web';

/** How a request ends: its status, or how its connection failed. */
const endOf = async (url: string): Promise<number | string> => {
  try {
    const response = await fetch(url);
    await response.text();
    return response.status;
  } catch {
    return 'refused';
  }
};

t.test(
  'on SIGTERM readiness ends first, then connections; what is asked is answered',
  async (t) => {
    const server = await startServer(
      t,
      join(folder, 'drain.db'),
      ...['--shutdown-delay-ms', '1500ms'],
    );
    const snapshots = `${server.url}/api/v1/clusters/prod/snapshots`;
    t.equal((await fetch(snapshots, { method: 'POST', body: pod('web') })).status, 201);
    const upload = request(snapshots.replace('prod', 'late'), { method: 'POST' });
    const answered = once(upload, 'response') as Promise<[IncomingMessage]>;
    upload.write(pod('early'));
    await sleep(300);
    server.signal('SIGTERM');
    const until = performance.now() + 1000;
    let ready: number | string = 200;
    while (ready === 200 && performance.now() < until) ready = await endOf(`${server.url}/readyz`);
    t.equal(ready, 503, 'it says at once that it stops');
    t.equal(await endOf(`${server.url}/api/v1/snapshots/prod/${QUESTION}`), 200);
    await sleep(1800);
    t.equal(await endOf(`${server.url}/livez`), 'refused');
    upload.end(pod('late'));
    const [response] = await answered;
    t.equal(response.statusCode, 201, 'an upload that is being sent is taken in');
    response.resume();
    const [code, stderr] = await server.ended;
    t.equal(code, 0, stderr);
    const again = await startServer(t, join(folder, 'drain.db'));
    t.equal(await endOf(`${again.url}/api/v1/snapshots/late`), 200, 'and is there afterwards');
    again.signal('SIGTERM');
    await again.ended;
  },
);

t.test(
  'a server that closes cuts off no answer, and waits for nobody who has theirs',
  async (t) => {
    const size = 20 * 1024 ** 2;
    const begun: (() => void)[] = [];
    const server = createServer(({ url }, response) => {
      if (url === '/big') response.end(Buffer.alloc(size, 'x'));
      else begun.push(() => response.end('late'));
    });
    endConnectionsWell(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = (path: string): Socket => {
      const socket = connect(port, '127.0.0.1');
      if (path !== '') socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      return socket;
    };
    const [slow, late, idle] = [ask('/big'), ask('/late'), ask('')];
    let received = 0;
    slow.on('data', (bytes) => (received += bytes.length));
    await once(slow, 'data');
    slow.pause();
    while (begun.length === 0) await sleep(5);
    // As full as the buffers between here and there get.
    await sleep(200);
    idle.resume();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await once(idle, 'close');
    for (const end of begun) end();
    t.match(await text(late), /late$/, 'its connection ends with its answer');
    await sleep(100);
    slow.resume();
    await once(slow, 'close');
    t.ok(size < received, `${received} bytes were received`);
    await closed;
  },
);

t.test('a request that hangs is cut off after the grace, and leaves nothing behind', async (t) => {
  const database = join(folder, 'grace.db');
  const server = await startServer(t, database, ...['--shutdown-grace-ms', '500ms']);
  const target = `${server.url}/api/v1/clusters/never/snapshots`;
  const upload = request(target, { method: 'POST' });
  upload.on('error', () => undefined);
  upload.write(pod('half'));
  await sleep(300);
  server.signal('SIGTERM');
  const start = performance.now();
  t.equal((await server.ended)[0], 0);
  t.ok(performance.now() - start < 8000, 'it does not wait for ever');
  const second = await startServer(t, database);
  t.equal(await endOf(`${second.url}/api/v1/clusters/never`), 404, 'the upload vanished');
  const hanging = request(target.replace(server.url, second.url), { method: 'POST' });
  hanging.on('error', () => undefined);
  hanging.write(pod('half'));
  await sleep(300);
  second.signal('SIGTERM');
  await sleep(200);
  second.signal('SIGTERM');
  t.equal((await second.ended)[0], 130, 'who asks twice does not wait');
});

t.test('a list that is far too long is refused before anything of it is judged', async (t) => {
  const { get, upload } = await serve(t, { uploadBytesMax: 16 * 1024 ** 2 });
  const pods = Array.from({ length: 2100 }, (_, i) => pod(`p-${i}`)).join('');
  const deny =
    'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n' +
    'metadata: { name: deny, namespace: shop }\nspec: { podSelector: {} }\n';
  await upload('open', pods, '?assume=no-policies');
  await upload('closed', pods + deny);
  const everything = 'connectivity?groupBy=pod&external=false&limit=0';
  const start = process.cpuUsage();
  const refused = await get(`/api/v1/snapshots/open/${everything}`);
  const { user } = process.cpuUsage(start);
  t.equal(refused.statusCode, 422, refused.body.slice(0, 300));
  t.match(refused.json(), { code: 'answer-too-large', detail: /^about 4410000 .*format=ndjson/ });
  t.comment(`refused after ${Math.round(user / 1000)} ms of CPU`);
  const closed = await get(`/api/v1/snapshots/closed/${everything}`);
  t.match(closed.json(), { totalCount: 0 }, 'what has few rows is answered, however many pairs');
  const paired = await get(
    '/api/v1/snapshots/open/connectivity?from=shop/pod/p-1&groupBy=pod&limit=0',
  );
  t.equal(paired.statusCode, 200, 'what it says to ask instead is answered');
});
