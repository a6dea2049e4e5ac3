import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Test } from 'tap';
import { readWhole } from '../store/sample-snapshots.ts';
import { openStore } from '../../src/store/open-store.ts';
import { childrenOf } from '../support/children.ts';
import { shop } from '../support/http-app.ts';
import type { Body } from '../support/http-app.ts';
import { limitFiles, startServer } from '../support/server.ts';
import { askUntilGone, sendUntilGone, upload } from './clients.ts';

t.setTimeout(240_000);

const folder = t.testdir({});
const isLinux = process.platform === 'linux';
/** Snapshots that are exchanged under the questions (`PODREACH_SWAPS`). */
const SWAPS = Number(process.env['PODREACH_SWAPS'] ?? 30);
/** How long a server stands still (`PODREACH_PAUSE_MS`). */
const PAUSE_MS = Number(process.env['PODREACH_PAUSE_MS'] ?? 2500);
const LIST = 'who-can-reach?target=shop/api&groupBy=pod';

/** Sends SIGTERM while everybody asks and sends: answers are whole, and what was acknowledged is there. */
async function endUnderLoad(
  t: Test,
  server: Awaited<ReturnType<typeof startServer>>,
  database: string,
): Promise<void> {
  await upload(server.url, 'load', shop(300));
  const list = `${server.url}/api/v1/snapshots/load/${LIST}&limit=1000`;
  const asking = [1, 2, 3].map(() => askUntilGone(list));
  const sending = sendUntilGone(server.url, 'sent');
  await sleep(300);
  server.signal('SIGTERM');
  const startedAt = performance.now();
  const [code, stderr] = await server.ended;
  t.equal(code, 0, stderr);
  t.ok(performance.now() - startedAt < 10_000, 'in ten seconds');
  const answers = (await Promise.all(asking)).flat();
  t.same(
    answers.filter((answer) => answer === 'cut'),
    [],
    `no answer of ${answers.length} is cut off`,
  );
  t.ok(answers.includes('whole'));
  const acknowledged = await sending;
  const store = await openStore(`sqlite:${database}`, { snapshotsPerClusterMax: 1000 });
  const { items } = await store.snapshots('sent', { offset: 0, limit: 1000 });
  for (const { id } of items) readWhole(await store.get(id));
  const ids = new Set<string>(items.map(({ id }) => id));
  t.same(
    acknowledged.filter((id) => !ids.has(id)),
    [],
    `${acknowledged.length} uploads are there`,
  );
  t.ok(ids.size <= acknowledged.length + 1, 'and one at most that nobody heard of');
  await store.close();
}

t.test('questions that race uploads are answered from the snapshot that they name', async (t) => {
  const database = join(folder, 'swaps.db');
  const server = await startServer(t, database);
  const worlds = [shop(3), shop(5)];
  const told = new Map<string, string>();
  const ids = new Set<string>();
  const ask = async (ref: string): Promise<{ readonly digest: string; readonly rows: string }> => {
    const answer = await fetch(`${server.url}/api/v1/snapshots/${ref}/${LIST}`);
    const { snapshot, items }: Body = await answer.json();
    return { digest: snapshot.digest, rows: JSON.stringify(items) };
  };
  for (const world of worlds) {
    const { id } = await upload(server.url, 'prod', world);
    const { digest, rows } = await ask(id);
    told.set(digest, rows);
    ids.add(id);
  }
  t.equal(new Set(told.values()).size, 2, 'the answers differ');
  const over = { isOver: false };
  const seen = new Map<string, number>();
  const asking = [1, 2, 3].map(async () => {
    while (!over.isOver) {
      const { digest, rows } = await ask('prod');
      if (told.get(digest) !== rows) throw new Error(`${digest}: ${rows}`);
      seen.set(digest, (seen.get(digest) ?? 0) + 1);
    }
  });
  for (let i = 0; i < SWAPS; i += 1) ids.add((await upload(server.url, 'prod', worlds[i % 2])).id);
  over.isOver = true;
  await Promise.all(asking);
  t.equal(ids.size, SWAPS + 2, 'each upload is a snapshot of its own');
  t.equal(seen.size, 2, `both were told: ${[...seen.values()].join(' and ')} times`);
  await endUnderLoad(t, server, database);
});

t.test('a server that stood still goes on where it was', { skip: !isLinux }, async (t) => {
  const database = join(folder, 'still.db');
  const server = await startServer(t, database);
  await upload(server.url, 'prod', shop(2));
  const events = await fetch(`${server.url}/api/v1/events?cluster=late`);
  let heard = '';
  const hearing = (async () => {
    for await (const text of events.body?.pipeThrough(new TextDecoderStream()) ?? []) heard += text;
  })().catch(() => undefined);
  const body = shop(4);
  const sending = request(`${server.url}/api/v1/clusters/late/snapshots`, { method: 'POST' });
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
  sending.write(body.slice(0, 100));
  const question = `${server.url}/api/v1/snapshots/prod/${LIST}`;
  const before = await (await fetch(question)).text();
  await sleep(100);
  server.signal('SIGSTOP');
  const waiting = fetch(question).then((response) => response.text());
  await sleep(PAUSE_MS);
  server.signal('SIGCONT');
  t.equal(await waiting, before, 'who asked meanwhile is answered');
  sending.end(body.slice(100));
  const [response] = await answered;
  t.equal(response.statusCode, 201, 'an upload goes on');
  const { id } = JSON.parse(Buffer.concat(await response.toArray()).toString());
  t.equal((await fetch(`${server.url}/readyz`)).status, 200);
  for (let waits = 0; waits < 50 && !heard.includes(id); waits += 1) await sleep(100);
  t.equal(heard.split(`id: ${id}`).length, 2, 'listeners hear of it once');
  await endUnderLoad(t, server, database);
  await hearing;
});

t.test('without file descriptors a server sheds connections and goes on', async (t) => {
  const database = join(folder, 'files.db');
  const server = await startServer(t, database);
  const files = 64;
  if (!isLinux || !limitFiles(server.pid, files)) {
    await server.stop();
    t.comment('skipped: the system cannot limit the files of a process');
    return;
  }
  await upload(server.url, 'prod', shop(2));
  const { port } = new URL(server.url);
  const sockets: Socket[] = [];
  let closed = 0;
  for (let i = 0; i < files + 20; i += 1) {
    const socket = connect(Number(port), '127.0.0.1');
    sockets.push(socket.on('error', () => undefined).on('close', () => (closed += 1)));
  }
  await sleep(500);
  t.ok(10 < closed, `${closed} of ${sockets.length} were closed`);
  const open = sockets.filter(({ destroyed }) => !destroyed);
  const say = async (text: string): Promise<string> => {
    const [socket] = open.splice(0, 1);
    if (socket === undefined) throw new Error('no connection is left');
    socket.write(text.replace('\r\n', '\r\nHost: localhost\r\nConnection: close\r\n'));
    let said = '';
    for await (const part of socket.setEncoding('utf8')) said += String(part);
    // Its descriptor is taken again by somebody who waits.
    const next = connect(Number(port), '127.0.0.1');
    sockets.push(next.on('error', () => undefined));
    await once(next, 'connect');
    return said;
  };
  const post = (query: string, pods: number): Promise<string> => {
    const body = shop(pods);
    const head = `Content-Length: ${body.length}\r\n\r\n`;
    return say(`POST /api/v1/clusters/prod/snapshots${query} HTTP/1.1\r\n${head}${body}`);
  };
  const question = `/api/v1/snapshots/prod/${LIST}`;
  t.match(
    await say(`GET ${question} HTTP/1.1\r\n\r\n`),
    /^HTTP\/1\.1 200 /,
    'who is in is answered',
  );
  t.match(await post('', 3), /^HTTP\/1\.1 201 /, 'and may send');
  t.match(await post('?async=true', 4), /^HTTP\/1\.1 (503 [^]*"code":"busy"|202 )/);
  for (const pid of childrenOf(server.pid)) process.kill(pid, 'SIGKILL');
  await sleep(300);
  t.match(await post('', 4), /^HTTP\/1\.1 503 [^]*"code":"ingest-failed"/, 'no process can start');
  for (const socket of sockets) socket.destroy();
  t.ok(limitFiles(server.pid, 1024));
  await sleep(300);
  t.equal((await fetch(`${server.url}${question}`)).status, 200);
  let status = 0;
  for (let tries = 0; tries < 20 && status !== 201; tries += 1) {
    const url = `${server.url}/api/v1/clusters/prod/snapshots`;
    ({ status } = await fetch(url, { method: 'POST', body: shop(5) }));
    if (status === 503) await sleep(200);
  }
  t.equal(status, 201, 'afterwards all is as before');
  await endUnderLoad(t, server, database);
});
