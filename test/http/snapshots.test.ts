import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { PodreachError } from '../../src/model/errors.ts';
import { AT_ROOT, follow, serve, shop } from '../support/http-app.ts';
import type { Body } from '../support/http-app.ts';
import { SEED } from '../support/property.ts';
import { tarOf } from '../support/tar.ts';

/** Schedules of uploads that are sent again (`PODREACH_SCHEDULES`). */
const SCHEDULES = Number(process.env['PODREACH_SCHEDULES'] ?? 30);

const URL = '/api/v1/clusters/prod/snapshots';

t.test('an upload is a new snapshot, or the one with the same content', async (t) => {
  const { send, get } = await serve(t);
  const first = await send({ method: 'POST', url: URL, payload: shop(2) });
  t.equal(first.statusCode, 201);
  const { id, counts, sourceDetected } = first.json();
  t.equal(follow(URL, first.headers['location']), `/api/v1/snapshots/${id}`);
  t.equal((await get(follow(URL, first.headers['location']))).json().id, id);
  t.ok(sourceDetected);
  t.same(counts.find((one: Body) => one.kind === 'Pod').count, 4);

  const again: readonly (readonly [
    name: string,
    headers: Record<string, string>,
    body: unknown,
  ])[] = [
    ['no media type', {}, Buffer.from(shop(2))],
    ['JSON', { 'content-type': 'application/json' }, shop(2)],
    ['a form, as curl -d says', { 'content-type': 'application/x-www-form-urlencoded' }, shop(2)],
    ['bytes', { 'content-type': 'application/octet-stream' }, shop(2)],
    ['gzip that says so', { 'content-encoding': 'gzip' }, gzipSync(shop(2))],
    ['gzip that does not', {}, gzipSync(shop(2))],
    ['gzip as a media type', { 'content-type': 'application/gzip' }, gzipSync(shop(2))],
  ];
  for (const [name, headers, payload] of again) {
    const response = await send({ method: 'POST', url: URL, headers, payload: payload as Buffer });
    t.equal(response.statusCode, 200, name);
    t.equal(response.json().id, id, name);
  }
  const told = await send({ method: 'POST', url: `${URL}?source=manifests`, payload: shop(3) });
  t.notOk(told.json().sourceDetected, 'a source that is told is not detected');
});

t.test('an archive is known by its bytes, whatever the headers say', async (t) => {
  const { send } = await serve(t);
  const tar = tarOf([{ name: 'dump/shop.yaml', content: shop(2) }]);
  const cases: readonly (readonly [Record<string, string>, Buffer])[] = [
    [{}, tar],
    [{ 'content-type': 'application/x-tar' }, tar],
    [{ 'content-type': 'application/octet-stream' }, tar],
    [{ 'content-type': 'application/json' }, tar],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, gzipSync(tar)],
    [{}, gzipSync(tar)],
    [{ 'content-type': 'application/gzip' }, gzipSync(tar)],
    [{ 'content-type': 'application/x-tar', 'content-encoding': 'gzip' }, gzipSync(tar)],
  ];
  const first = await send({ method: 'POST', url: URL, payload: tar });
  t.equal(first.statusCode, 201);
  for (const [headers, payload] of cases) {
    const response = await send({ method: 'POST', url: URL, headers, payload });
    t.equal(response.statusCode, 200, JSON.stringify(headers));
    t.equal(response.json().id, first.json().id);
  }
  const plain = await send({ method: 'POST', url: URL, payload: shop(2) });
  t.equal(plain.json().digest, first.json().digest, 'the same content as the file by itself');
  const cut = await send({ method: 'POST', url: URL, payload: tar.subarray(0, 512) });
  t.match(cut.json(), { status: 400, code: 'bad-encoding' });
  const link = { name: '../a.yaml', content: shop(1) };
  const outside = await send({ method: 'POST', url: URL, payload: tarOf([link]) });
  t.match(outside.json(), { status: 422, code: 'bad-input', detail: /points out of the archive/ });
});

t.test('what is stored can be listed, read and deleted', async (t) => {
  const { send, get, upload } = await serve(t);
  const ids = [];
  for (const [pods, day] of [
    [1, '01'],
    [2, '02'],
    [3, '03'],
  ] as const) {
    ids.unshift(await upload('prod', shop(pods), `?takenAt=2026-08-${day}T00:00:00Z`));
  }
  await upload('other', shop(1));
  const pages = [];
  let cursor = '';
  do {
    const page = (await get(`${URL}?limit=2${cursor}`)).json();
    pages.push(page.items.map(({ id }: Body) => id));
    cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
  } while (cursor !== '');
  t.same(pages, [ids.slice(0, 2), ids.slice(2)], 'newest first, in pages');

  const clusters = (await get('/api/v1/clusters?limit=1')).json();
  t.equal(clusters.totalCount, 2);
  const next = (await get(`/api/v1/clusters?limit=1&cursor=${clusters.nextCursor}`)).json();
  t.same([clusters.items[0].name, next.items[0].name], ['other', 'prod']);
  t.equal((await get('/api/v1/clusters/prod')).json().latest.id, ids[0]);
  const poll = await get('/api/v1/clusters/prod');
  const etag = String(poll.headers['etag']);
  t.equal((await get('/api/v1/clusters/prod', { 'if-none-match': etag })).statusCode, 304);

  const refs: readonly (readonly [ref: string, id: string | undefined])[] = [
    ['prod', ids[0]],
    ['prod@2026-08-02T12:00:00Z', ids[1]],
    [`prod@${encodeURIComponent('2026-08-02T02:00:00+02:00')}`, ids[1]],
    [ids[2] ?? '', ids[2]],
  ];
  for (const [ref, id] of refs) t.equal((await get(`/api/v1/snapshots/${ref}`)).json().id, id, ref);

  const remove = (url: string): ReturnType<typeof send> => send({ method: 'DELETE', url });
  t.equal((await remove('/api/v1/snapshots/prod')).json().code, 'snapshot-not-found', 'only by id');
  t.equal((await remove(`/api/v1/snapshots/${ids[0]}`)).statusCode, 204);
  t.equal((await get('/api/v1/snapshots/prod')).json().id, ids[1]);
  t.equal((await remove('/api/v1/clusters/prod')).statusCode, 204);
  t.equal((await get('/api/v1/clusters/prod')).json().code, 'cluster-not-found');
  t.equal((await remove('/api/v1/clusters/prod')).statusCode, 404);
});

const BROKEN = JSON.stringify({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace: 'shop' },
  spec: { podSelector: {}, ingress: [{ ports: [{ port: 0 }] }] },
});

t.test('how an upload is read is a parameter, and the snapshot says what was chosen', async (t) => {
  const { send } = await serve(t);
  const assumed = async (query: string): Promise<unknown> => {
    const response = await send({ method: 'POST', url: `${URL}${query}`, payload: BROKEN });
    return response.json().assumptions;
  };
  t.same(await assumed(''), []);
  t.same(await assumed('?unknownFields=prune'), ['UNKNOWN_FIELDS_PRUNED']);
  t.same(await assumed('?strictCIDR=false'), ['LENIENT_CIDRS_ACCEPTED']);
  t.same(await assumed('?unknownFields=error&strictCIDR=true&invalidPolicy=exclude'), []);
});

t.test('an upload that cannot be taken in says why', async (t) => {
  const { send } = await serve(t, { uploadBytesMax: 20_000 });
  const soon = new Date(Date.now() + 6 * 60 * 1000).toISOString();
  const cases: readonly (readonly [
    query: string,
    headers: Record<string, string>,
    body: string,
    status: number,
    code: string,
  ])[] = [
    ['', {}, '{"kind": "List"', 422, 'bad-input'],
    ['', {}, `{"kind": "List", "x": "${'x'.repeat(30_000)}"}`, 413, 'upload-too-large'],
    ['', { 'content-encoding': 'br' }, shop(1), 415, 'unsupported-media-type'],
    [
      '',
      { 'content-type': 'multipart/form-data; boundary=x' },
      '--x',
      415,
      'unsupported-media-type',
    ],
    [`?takenAt=${soon}`, {}, shop(1), 400, 'bad-query'],
    ['?takenAt=yesterday', {}, shop(1), 400, 'bad-query'],
    ['?source=guess', {}, shop(1), 400, 'bad-query'],
    ['?assume=nothing', {}, shop(1), 400, 'bad-query'],
    ['?strict=yes', {}, shop(1), 400, 'bad-query'],
    ['?unknownFields=drop', {}, shop(1), 400, 'bad-query'],
    ['?strictCIDR=no', {}, shop(1), 400, 'bad-query'],
    ['?invalidPolicy=include', {}, shop(1), 400, 'bad-query'],
    ['?invalidPolicy=strict', {}, BROKEN, 422, 'bad-input'],
    ['?dryRun=true', {}, shop(1), 400, 'bad-query'],
  ];
  for (const [query, headers, payload, status, code] of cases) {
    const response = await send({ method: 'POST', url: `${URL}${query}`, headers, payload });
    t.equal(response.json().code, code, `${query} ${JSON.stringify(headers)}`);
    t.equal(response.statusCode, status);
    t.match(response.headers['content-type'], 'application/problem+json');
  }
  const large = await send({ method: 'POST', url: URL, payload: 'x'.repeat(30_000) });
  t.match(large.json(), { limitBytes: 20_000, receivedBytes: 30_000, which: 'uploadBytesMax' });
  const badName = await send({
    method: 'POST',
    url: '/api/v1/clusters/a%20b/snapshots',
    payload: '',
  });
  t.match(badName.json(), { code: 'bad-cluster-name', suggestions: ['a-b'] });
  const unescaped = '?takenAt=2026-08-01T02:00:00+02:00';
  const response = await send({ method: 'POST', url: `${URL}${unescaped}`, payload: shop(1) });
  t.equal(response.json().takenAt, '2026-08-01T00:00:00.000Z', 'a plus sign may stay as it is');
});

t.test('an asynchronous upload is answered at once and told about later', async (t) => {
  const { send, get } = await serve(t);
  const poll = async (location: string): Promise<Body> => {
    for (;;) {
      const job = (await get(location)).json();
      if (job.status !== 'RUNNING') return job;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const start = async (payload: string): Promise<Body> => {
    const response = await send({ method: 'POST', url: `${URL}?async=true`, payload });
    t.equal(response.statusCode, 202);
    return poll(follow(URL, response.headers['location']));
  };
  const done = await start(shop(2));
  t.match(done, { status: 'DONE', created: true, cluster: 'prod' });
  t.equal((await get('/api/v1/clusters/prod')).json().latest.id, done.snapshot.id);
  t.match(await start('{"kind":'), { status: 'FAILED', error: { code: 'bad-input', status: 422 } });
  t.equal((await get('/api/v1/ingests/none')).json().code, 'not-found');
});

t.test('an upload under a key is one snapshot, however often it is sent', async (t) => {
  const { send, get } = await serve(t);
  const post = (key: string, pods: number, query = ''): ReturnType<typeof send> =>
    send({
      method: 'POST',
      url: `${URL}${query}`,
      headers: { 'idempotency-key': key },
      payload: shop(pods),
    });
  const first = await post('a', 1);
  t.equal(first.statusCode, 201);
  const between = await send({ method: 'POST', url: URL, payload: shop(2) });
  const again = await post('a', 1);
  t.equal(again.statusCode, 200);
  t.same(again.json(), first.json());
  t.equal((await get('/api/v1/clusters/prod')).json().latest.id, between.json().id);

  const other = await post('a', 3);
  t.match(other.json(), { status: 409, code: 'key-reused', detail: /choose a new key/ });
  t.match(other.headers['content-type'], 'application/problem+json');
  const otherWay = await post('a', 1, '?source=manifests');
  t.equal(otherWay.statusCode, 409, 'the same objects, read another way');
  t.equal((await post('b', 3, '?strict=maybe')).statusCode, 400);
  t.equal((await post('b', 3)).statusCode, 201, 'what was refused holds no key');
  for (const key of ['', 'a b', 'é', 'x'.repeat(256)]) {
    const refused = await post(key, 4);
    t.match(refused.json(), { code: 'bad-query', parameter: 'Idempotency-Key' }, key);
  }
  const job = await post('a', 1, '?async=true');
  t.equal(job.statusCode, 202);
  for (;;) {
    const told = (await get(follow(URL, job.headers['location']))).json();
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (told.status === 'RUNNING') continue;
    t.match(told, { status: 'DONE', created: false, snapshot: { id: first.json().id } });
    break;
  }
  const { paths } = (await get('/openapi.json')).json();
  const { parameters } = paths['/api/v1/clusters/{cluster}/snapshots'].post;
  t.ok(parameters.some((one: Body) => one.in === 'header' && one.name === 'Idempotency-Key'));
});

/** How one attempt to send goes: to its end, or cut off after a part of its bytes, or of its answer. */
type Attempt = 'whole' | 'cut' | 'unanswered';

t.test('whatever is cut off and sent again, each key is one snapshot', async (t) => {
  const { app } = await serve(t, AT_ROOT);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  let runs = 0;
  const attempts = fc.record({
    upload: fc.integer({ min: 0, max: 3 }),
    how: fc.constantFrom<Attempt>('whole', 'whole', 'cut', 'unanswered'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    isAlone: fc.boolean(),
  });
  const property = fc.asyncProperty(fc.array(attempts, { maxLength: 12 }), async (schedule) => {
    runs += 1;
    const cluster = `c${runs}`;
    const seen = new Map<number, Set<string>>();
    let made = 0;
    const send = async (upload: number, how: Attempt, at: number): Promise<void> => {
      // Two keys for the same objects: only the key tells these uploads apart.
      const sent = { cluster, key: `k${upload}`, body: shop(1 + (upload % 2)) };
      const answer = await sendRaw(port, sent, how, at);
      if (answer === undefined) return;
      if (answer.status !== 200 && answer.status !== 201) throw new Error(answer.body);
      made += answer.status === 201 ? 1 : 0;
      const ids = seen.get(upload) ?? new Set();
      seen.set(upload, ids.add(JSON.parse(answer.body).id));
    };
    const running: Promise<void>[] = [];
    for (const { upload, how, at, isAlone } of schedule) {
      running.push(send(upload, how, at));
      if (isAlone) await Promise.all(running);
    }
    await Promise.all(running);
    // What was sent is sent again until it is answered.
    const uploads = [...new Set(schedule.map(({ upload }) => upload))];
    for (const upload of uploads) await send(upload, 'whole', 1);
    for (const upload of uploads.reverse()) await send(upload, 'whole', 1);
    const list = await app.inject(`/api/v1/clusters/${cluster}/snapshots`);
    const stored = new Set<string>(
      schedule.length === 0 ? [] : list.json().items.map(({ id }: Body) => id),
    );
    const ids = new Set([...seen.values()].flatMap((one) => [...one]));
    const isOneEach = [...seen.values()].every((one) => one.size === 1);
    const isStored = [...ids].every((id) => stored.has(id)) && stored.size === ids.size;
    return isOneEach && isStored && made <= stored.size;
  });
  await fc.assert(property, { numRuns: SCHEDULES, seed: SEED });
  t.comment(`${runs} schedules, seed ${SEED}`);
});

/** Sends an upload on a connection of its own. @returns undefined when nobody saw the answer */
async function sendRaw(
  port: number,
  { cluster, key, body }: { readonly cluster: string; readonly key: string; readonly body: string },
  how: Attempt,
  at: number,
): Promise<{ readonly status: number; readonly body: string } | undefined> {
  const request =
    `POST /api/v1/clusters/${cluster}/snapshots HTTP/1.1\r\nHost: localhost:${port}\r\n` +
    `Idempotency-Key: ${key}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
  const length = how === 'cut' ? Math.floor(at * (request.length - 1)) : request.length;
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let answer = '';
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (text: string) => (answer += text));
    socket.on('close', () => resolve()).on('error', reject);
    socket.on('connect', () => {
      socket.write(request.slice(0, length), () => {
        if (how === 'cut') socket.destroy();
        // Long enough for it to be anywhere between its first byte and its answer.
        else if (how === 'unanswered') setTimeout(() => socket.destroy(), 10 * at);
      });
    });
  });
  if (how !== 'whole') return undefined;
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body: rest.join('\r\n\r\n') };
}

t.test('no more uploads run at a time than are meant to', async (t) => {
  let finish: () => void = () => undefined;
  const blocked = new Promise<void>((resolve) => (finish = resolve));
  const { send } = await serve(
    t,
    {},
    {
      ingest: async () => {
        await blocked;
        throw new PodreachError('bad-input', 'nothing');
      },
    },
  );
  const start = (): ReturnType<typeof send> =>
    send({ method: 'POST', url: `${URL}?async=true`, payload: shop(1) });
  const statuses = [];
  for (let i = 0; i < 5; i++) statuses.push((await start()).statusCode);
  t.same(statuses, [202, 202, 202, 202, 503]);
  t.equal((await start()).headers['retry-after'], '10');
  finish();
});

t.test('a sender that goes away leaves nothing behind', async (t) => {
  const { app, get } = await serve(t, AT_ROOT);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        `POST ${URL} HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 5000\r\n\r\n{"kind":`,
        () => setTimeout(() => socket.destroy(), 50),
      );
    });
    socket.on('close', () => resolve()).on('error', reject);
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.equal((await get('/api/v1/clusters')).json().totalCount, 0);
});

t.test('a refused upload is answered even while it is still being sent', async (t) => {
  const { app } = await serve(t, { ...AT_ROOT, uploadBytesMax: 1000 });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const endless = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (let i = 0; i < 200; i++) controller.enqueue(new Uint8Array(10_000).fill(32));
      controller.close();
    },
  });
  const request = { method: 'POST', body: endless, duplex: 'half' } as RequestInit;
  const response = await fetch(`${url}${URL}`, request);
  t.equal(response.status, 413);
  t.equal(((await response.json()) as Body).code, 'upload-too-large');
});
