import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import { createPodreach } from '../../src/service/create-podreach.ts';
import type { Podreach, SnapshotWatch } from '../../src/service/podreach.ts';
import { SnapshotFeed } from '../../src/service/snapshot-feed.ts';
import { EVERYONE } from '../../src/service/viewer.ts';
import type { Viewer } from '../../src/service/viewer.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { IngestedSnapshot, SnapshotStore } from '../../src/store/snapshot-store.ts';
import { sampleNamespace, sampleSnapshot } from '../store/sample-snapshots.ts';

/** A service on the database `url`, until the test ends. */
async function open(
  t: Test,
  url = 'sqlite::memory:',
): Promise<{ readonly podreach: Podreach; readonly store: SnapshotStore }> {
  const store = await openStore(url, { snapshotsPerClusterMax: 1000 });
  const podreach = createPodreach({
    store,
    engineOptions: DEFAULT_OPTIONS,
    limits: DEFAULT_INGEST_LIMITS,
    indexCacheBytesMax: 1024 * 1024,
  });
  t.teardown(() => podreach.close());
  return { podreach, store };
}

/** Sends a cluster in which a pod of that name runs; returns the id of its snapshot. */
async function send(podreach: Podreach, cluster: string, pod: string): Promise<string> {
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod, namespace: 'shop' },
    spec: { containers: [{ name: 'a' }] },
  });
  const bytes = (async function* (): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from(text));
  })();
  const inputs = (async function* (): AsyncGenerator<{ bytes: typeof bytes }> {
    yield await Promise.resolve({ bytes });
  })();
  return (await podreach.ingest(EVERYONE, cluster, inputs)).snapshot.id;
}

async function take(watch: SnapshotWatch, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const { value } = await watch.next();
    if (value === undefined) break;
    ids.push(value.id);
  }
  return ids;
}

/** Keeps the process while nothing but a watch does. */
function stayAwake(t: Test): void {
  const timer = setInterval(() => undefined, 1000);
  t.teardown(() => {
    clearInterval(timer);
  });
}

stayAwake(t);

t.test('each snapshot is told once, in the order of ingest, whoever stores it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'podreach-watch-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const url = `sqlite:${join(folder, 'a.db')}`;
  const here = await open(t, url);
  const other = await open(t, url);
  await send(here.podreach, 'prod', 'before');
  const all = await here.podreach.watch(EVERYONE);
  const one = await here.podreach.watch(EVERYONE, { cluster: 'later' });
  const ids = [
    await send(here.podreach, 'prod', 'a'),
    await send(other.podreach, 'prod', 'b'),
    await send(other.podreach, 'later', 'c'),
  ];
  t.equal(await send(here.podreach, 'later', 'c'), ids[2], 'equal content is nothing new');
  t.same(await take(all, 3), ids);
  t.same(await take(one, 1), ids.slice(2));
  const next = take(all, 1);
  const last = await send(other.podreach, 'prod', 'd');
  t.same(await next, [last], 'one that waits is told of what another process stores');
});

t.test('a watch begins after a snapshot that is named', async (t) => {
  const { podreach } = await open(t);
  t.equal((await podreach.watch(EVERYONE)).after, undefined);
  const ids: string[] = [];
  for (let i = 0; i < 90; i += 1) ids.push(await send(podreach, `c${i % 3}`, `p${i}`));
  t.equal((await podreach.watch(EVERYONE)).after, ids.at(-1));
  t.equal((await podreach.watch(EVERYONE, { cluster: 'c0' })).after, ids.at(-3));
  const watch = await podreach.watch(EVERYONE, { after: ids[9] ?? '' });
  t.same(await take(watch, 80), ids.slice(10), 'more than a page');
  const next = await send(podreach, 'c0', 'next');
  t.same(await take(watch, 1), [next], 'and goes on');
  const some = await podreach.watch(EVERYONE, { after: ids[9] ?? '', cluster: 'c1' });
  t.same(
    await take(some, 3),
    ids.filter((_id, i) => 9 < i && i % 3 === 1).slice(0, 3),
    'after one of another cluster',
  );
  await podreach.deleteSnapshot(EVERYONE, ids[9] ?? '');
  for (const after of [ids[9] ?? '', 's_none', 'prod', '']) {
    await t.rejects(podreach.watch(EVERYONE, { after }), { code: 'events-missed' }, after);
  }
  await t.rejects(podreach.watch(EVERYONE, { cluster: 's_x' }), { code: 'bad-cluster-name' });
});

t.test('a viewer is told of what it may see, and of nothing else', async (t) => {
  const { podreach } = await open(t);
  const viewer: Viewer = { ...EVERYONE, name: 'a', clusters: ['mine', 'empty'] };
  const first = await send(podreach, 'mine', 'a');
  const foreign = await send(podreach, 'theirs', 'a');
  const watch = await podreach.watch(viewer);
  t.equal(watch.after, first, 'its position does not name what others have');
  const asked = await podreach.watch(viewer, { cluster: 'theirs' });
  t.equal(asked.after, undefined, 'as if there were none');
  await t.rejects(podreach.watch(viewer, { after: foreign }), { code: 'events-missed' });
  await send(podreach, 'theirs', 'b');
  const second = await send(podreach, 'mine', 'b');
  t.same(await take(watch, 1), [second]);
  await asked.return();
  t.same(await asked.next(), { done: true, value: undefined });
});

t.test('one that waits ends when it is told to, or the service closes', async (t) => {
  const { podreach } = await open(t);
  const one = await podreach.watch(EVERYONE);
  const two = await podreach.watch(EVERYONE);
  const waiting = [one.next(), two.next()];
  await one.return();
  t.same(await waiting[0], { done: true, value: undefined });
  await podreach.close();
  t.same(await waiting[1], { done: true, value: undefined });
  t.same(await two.next(), { done: true, value: undefined });
});

/** A source in memory that counts how often it is asked, and fails when it is told to. */
function source(): {
  readonly ingestedAfter: SnapshotStore['ingestedAfter'];
  readonly revision: SnapshotStore['revision'];
  readonly add: (...positions: number[]) => void;
  readonly remove: (position: number) => void;
  readonly asked: { looks: number; reads: number };
  readonly fail: { with: Error | undefined };
} {
  let rows: IngestedSnapshot[] = [];
  let changes = 0;
  const asked = { looks: 0, reads: 0 };
  const fail: { with: Error | undefined } = { with: undefined };
  const { digest } = sampleSnapshot([sampleNamespace('a')]);
  return {
    asked,
    fail,
    add: (...positions) => {
      changes += 1;
      rows.push(
        // Only what a feed looks at.
        ...positions.map(
          (position) => ({ position, stored: { id: String(position), digest } }) as never,
        ),
      );
    },
    remove: (position) => {
      changes += 1;
      rows = rows.filter((row) => row.position !== position);
    },
    revision: async () => {
      asked.looks += 1;
      await Promise.resolve();
      if (fail.with !== undefined) throw fail.with;
      return changes;
    },
    ingestedAfter: async (position, limit) => {
      asked.reads += 1;
      const page = rows.filter((row) => position < row.position).slice(0, limit);
      await Promise.resolve();
      return page;
    },
  };
}

const LIMITS = { pollMs: 5, recentMax: 4, pageRows: 3 };
const ALL = (): boolean => true;

t.test('the store is looked at while somebody listens, once for all', async (t) => {
  const store = source();
  const feed = new SnapshotFeed(store, LIMITS);
  await pause(30);
  t.equal(store.asked.looks, 0, 'nobody listens');
  const listeners = Array.from({ length: 50 }, () => feed.listen(0, ALL));
  store.add(1, 2, 3, 4);
  for (const listener of listeners) {
    const ids = [];
    for (let i = 0; i < 4; i += 1) ids.push((await listener.next()).value?.id);
    t.same(ids, ['1', '2', '3', '4']);
  }
  const waiting = listeners.map((listener) => listener.next());
  await pause(30);
  const { reads } = store.asked;
  store.add(5);
  for (const { value } of await Promise.all(waiting)) t.equal(value?.id, '5');
  t.ok(store.asked.reads - reads <= 2, `read ${store.asked.reads - reads} times for 50`);
  for (const listener of listeners) listener.end();
  const { looks } = store.asked;
  await pause(30);
  t.ok(store.asked.looks <= looks + 1, 'nobody listens any more');
});

t.test('one that is far behind misses nothing and nothing is kept for it', async (t) => {
  const store = source();
  const feed = new SnapshotFeed(store, LIMITS);
  const fast = feed.listen(0, ALL);
  const slow = feed.listen(0, ALL);
  for (let position = 1; position <= 40; position += 1) {
    store.add(position);
    t.equal((await fast.next()).value?.id, String(position));
    if (position % 10 === 0) t.equal((await slow.next()).value?.id, String(position / 10));
  }
  store.remove(20);
  const rest = [];
  for (let i = 0; i < 35; i += 1) rest.push(Number((await slow.next()).value?.id));
  t.same(
    rest,
    Array.from({ length: 36 }, (_, i) => i + 5).filter((id) => id !== 20),
    'what was deleted before it got there is not told',
  );
  store.add(41);
  t.equal((await slow.next()).value?.id, '41');
  await feed.close();
});

t.test('a listener that begins while the feed reads for others misses nothing', async (t) => {
  const store = source();
  const feed = new SnapshotFeed(store, LIMITS);
  const first = feed.listen(0, ALL);
  store.add(1, 2, 3);
  for (const id of ['1', '2', '3']) t.equal((await first.next()).value?.id, id);
  feed.look();
  await pause(20);
  store.add(4);
  const { reads } = store.asked;
  feed.look();
  while (store.asked.reads === reads) await Promise.resolve();
  // What is read now comes after 3, and the next listener begins after 1.
  first.end();
  const second = feed.listen(1, ALL);
  for (const id of ['2', '3', '4']) t.equal((await second.next()).value?.id, id);
  await feed.close();
});

t.test('one that is behind ends to read where everything was deleted', async (t) => {
  const store = source();
  const feed = new SnapshotFeed(store, LIMITS);
  const fast = feed.listen(0, ALL);
  const slow = feed.listen(0, ALL);
  for (let position = 1; position <= 9; position += 1) {
    store.add(position);
    t.equal((await fast.next()).value?.id, String(position));
  }
  for (let position = 1; position <= 9; position += 1) store.remove(position);
  const next = slow.next();
  await pause(20);
  const { reads } = store.asked;
  await pause(20);
  t.equal(store.asked.reads, reads, 'it waits');
  store.add(10);
  t.equal((await next).value?.id, '10');
  await feed.close();
});

t.test('a store that fails is looked at again; a bug ends all', async (t) => {
  const store = source();
  const feed = new SnapshotFeed(store, LIMITS);
  const listener = feed.listen(0, ALL);
  const next = listener.next();
  store.fail.with = new PodreachError('busy', 'locked');
  store.add(1);
  await pause(20);
  store.fail.with = undefined;
  t.equal((await next).value?.id, '1');
  const waiting = listener.next();
  store.fail.with = new RangeError('a bug');
  await t.rejects(waiting, { message: 'a bug' });
  t.equal(feed.listenerCount, 0);
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
