import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import t from 'tap';
import Database from 'better-sqlite3';
import { childrenOf } from '../support/children.ts';
import { podreach, startServer } from '../support/server.ts';

t.setTimeout(240_000);

const folder = t.testdir({});

/** A List of running pods, a Deployment each five, and a policy in each namespace. */
function* dump(pods: number): Generator<string> {
  const namespaces = Math.ceil(pods / 50);
  yield '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"NodeList","items":[]}';
  for (let i = 0; i < namespaces; i += 1) {
    const metadata = { name: `ns-${i}`, uid: `n${i}` };
    yield `,${JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata })}`;
    yield `,${JSON.stringify({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'only-app-1', namespace: `ns-${i}`, uid: `p${i}` },
      spec: {
        podSelector: { matchLabels: { app: 'app-0' } },
        ingress: [{ from: [{ podSelector: { matchLabels: { app: 'app-1' } } }] }],
      },
    })}`;
  }
  for (let i = 0; i < pods; i += 1) {
    const app = `app-${i % 10}`;
    yield `,${JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${app}-${i}`,
        namespace: `ns-${Math.floor(i / 50)}`,
        uid: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
        labels: { app, version: `v${i % 3}` },
        annotations: { filler: 'x'.repeat(500) },
      },
      spec: { nodeName: `node-${i % 100}`, containers: [{ name: 'main', image: 'x' }] },
      status: { phase: 'Running', podIP: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}` },
    })}`;
  }
  yield ']}';
}

/** Posts a dump with gzip, as it is made. */
async function post(url: string, cluster: string, texts: Iterable<string>): Promise<Response> {
  const target = `${url}/api/v1/clusters/${cluster}/snapshots`;
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const sending = request(target, { method: 'POST', headers });
  const answered = once(sending, 'response') as Promise<[Readable & { statusCode?: number }]>;
  answered.catch(() => undefined);
  await pipeline(Readable.from(texts), createGzip({ level: 1 }), sending).catch(() => undefined);
  const [response] = await answered;
  const body = Buffer.concat(await response.toArray());
  return new Response(body, { status: response.statusCode ?? 500 });
}

/** Milliseconds that each of many requests took, until `until` is settled. */
async function watch(url: string, until: Promise<unknown>): Promise<number[]> {
  const ended = new AbortController();
  const end = (): void => {
    ended.abort();
  };
  void until.then(end, end);
  const times: number[] = [];
  while (!ended.signal.aborted) {
    const at = performance.now();
    const { status } = await fetch(url);
    if (status !== 200) throw new Error(`${url}: ${status}`);
    times.push(performance.now() - at);
    await sleep(10);
  }
  return times.sort((a, b) => a - b);
}

function spread(times: readonly number[]): string {
  const at = (share: number): string =>
    (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1);
  return `${times.length} requests, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const ASK = 'who-can-reach?target=ns-0/pod/app-0-0&port=tcp/80&format=json';

t.test('the server that is shipped answers while it takes in a big cluster', async (t) => {
  const database = join(folder, 'big.db');
  const server = await startServer(t, database);
  t.equal((await post(server.url, 'small', dump(100))).status, 201);
  const question = `${server.url}/api/v1/snapshots/small/${ASK}`;
  const before = await (await fetch(question)).text();
  t.comment(`idle: ${spread(await watch(`${server.url}/livez`, sleep(1000)))}`);
  const upload = post(server.url, 'big', dump(20_000));
  const [alive, answers] = await Promise.all([
    watch(`${server.url}/livez`, upload),
    watch(question, upload),
  ]);
  t.comment(`/livez meanwhile: ${spread(alive)}`);
  t.comment(`a question meanwhile: ${spread(answers)}`);
  t.ok(10 < alive.length && 10 < answers.length);
  t.equal((await upload).status, 201);
  t.equal(await (await fetch(question)).text(), before, 'the answer stays the same');
  const big = (await (await fetch(`${server.url}/api/v1/snapshots/big/${ASK}`)).json()) as object;
  t.match(big, { snapshot: { cluster: 'big' }, totalCount: 5, complete: true });
  const [code, stderr] = await server.stop();
  t.equal(code, 0, stderr);

  const again = await startServer(t, database);
  t.equal((await post(again.url, 'big', dump(20_000))).status, 200, 'it is known after a restart');
  const answer = await fetch(`${again.url}/api/v1/snapshots/big/${ASK}`);
  t.same(await answer.json(), big);
  t.equal((await again.stop())[0], 0);
  const file = new Database(database, { readonly: true });
  t.equal(file.pragma('integrity_check', { simple: true }), 'ok');
  file.close();
});

t.test('a server that is killed leaves no process behind and nothing half stored', async (t) => {
  const database = join(folder, 'killed.db');
  const server = await startServer(t, database);
  t.equal((await post(server.url, 'prod', dump(50))).status, 201);
  const upload = post(server.url, 'prod', dump(40_000)).catch((error: unknown) => error);
  await sleep(700);
  const children = childrenOf(server.pid);
  process.kill(server.pid, 'SIGKILL');
  t.ok((await upload) instanceof Error);
  for (let waits = 0; waits < 100 && children.some(isAlive); waits += 1) await sleep(100);
  t.same(children.filter(isAlive), []);
  const again = await startServer(t, database);
  const list = await fetch(`${again.url}/api/v1/clusters/prod/snapshots`);
  const { totalCount } = (await list.json()) as { readonly totalCount: number };
  // The child may have committed just before it died; then the snapshot is there, and all of it.
  t.ok(totalCount === 1 || totalCount === 2, `${totalCount} snapshots`);
  const latest = await fetch(`${again.url}/api/v1/snapshots/prod`);
  const { counts } = (await latest.json()) as {
    readonly counts: readonly { readonly kind: string; readonly count: number }[];
  };
  t.equal(counts.find(({ kind }) => kind === 'Pod')?.count, totalCount === 1 ? 50 : 40_000);
  t.equal((await fetch(`${again.url}/api/v1/snapshots/prod/${ASK}`)).status, 200);
  t.equal((await again.stop())[0], 0);
});

t.test('what is wrong with an upload is told by the server that is shipped', async (t) => {
  const server = await startServer(t, join(folder, 'wrong.db'), '--objects-max', '100');
  const many = await post(server.url, 'prod', dump(20_000));
  t.equal(many.status, 413);
  t.match(await many.json(), { code: 'upload-too-large', which: 'objects' });
  const broken = await post(server.url, 'prod', ['{"kind": "Pod" "x"}']);
  t.equal(broken.status, 422);
  t.match(await broken.json(), { code: 'bad-input' });
  t.equal((await post(server.url, 'prod', dump(50))).status, 201);
  t.equal((await server.stop())[0], 0);
});

t.test('a second server on a database ends at once and names the first', async (t) => {
  const database = join(folder, 'two.db');
  const first = await startServer(t, database);
  t.equal((await post(first.url, 'prod', dump(50))).status, 201);
  const startedAt = performance.now();
  const second = podreach('serve', '--port', '0', '--database', `sqlite:${database}`);
  t.comment(`it took ${Math.round(performance.now() - startedAt)} ms`);
  t.equal(second.code, 4);
  t.match(second.stderr, `the database \`${database}\` is in use by process ${first.pid} on `);
  t.equal(second.stdout, '');
  t.equal((await post(first.url, 'prod', dump(50))).status, 200, 'the first goes on');
  first.kill();
  await first.ended;
  const third = await startServer(t, database);
  t.equal((await post(third.url, 'prod', dump(50))).status, 200, 'a kill leaves nothing to clean');
  t.equal((await third.stop())[0], 0);
});
