import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';
import t from 'tap';
import type { Test } from 'tap';

import type { ChunkCache } from '../../src/model/digest.ts';
import { provenanceByNamespace } from '../../src/model/snapshot.ts';
import type { NamespaceChunk, Snapshot, SnapshotId } from '../../src/model/snapshot.ts';
import type { PutResult, SnapshotStore, StoreOptions } from '../../src/store/snapshot-store.ts';
import { anySnapshot, readWhole, richSnapshot, sampleNamespace } from './sample-snapshots.ts';
import { sampleProblem, sampleSnapshot } from './sample-snapshots.ts';

/** Opens a new, empty store. */
export type OpenStore = (options: StoreOptions) => Promise<SnapshotStore>;

const KEEP_ALL: StoreOptions = { snapshotsPerClusterMax: 1000 };

/** What every store must do; the one suite for all of them. */
export function storeSuite(name: string, open: OpenStore): void {
  const check = (
    behaviour: string,
    body: (t: Test, store: SnapshotStore) => Promise<void>,
    options = KEEP_ALL,
  ): void => {
    void t.test(`${name}: ${behaviour}`, async (t) => {
      const store = await open(options);
      t.teardown(() => store.close());
      await body(t, store);
    });
  };
  returnsWhatWasPut(check);
  opensLazily(check);
  knowsWhatItHolds(check);
  ordersByTime(check);
  ordersByIngest(check);
  remembersKeys(check);
  deletes(check);
  forgetsWhatIsOld(check);
  keepsIndexes(check);
}

type Check = (
  behaviour: string,
  body: (t: Test, store: SnapshotStore) => Promise<void>,
  options?: StoreOptions,
) => void;

function returnsWhatWasPut(check: Check): void {
  check('a snapshot comes back as it was put, with hostile label keys', async (t, store) => {
    const snapshot = richSnapshot();
    const { stored, created } = await store.put('prod', snapshot, at(1));
    t.equal(created, true);
    const opened = await store.get(stored.id);
    const back = readWhole(opened);
    t.strictSame(back, snapshot);
    t.ok(isDeepStrictEqual(back, snapshot), 'maps included');
    const labels = back.namespaces.get('shop')?.labelSets[0];
    t.same([...(labels?.keys() ?? [])], ['__proto__', 'constructor', 'hasOwnProperty', 'toString']);
    t.throws(() => Object.assign(opened, { digest: '' }), 'it is frozen');
  });

  check('random snapshots come back as they were put', async (t, store) => {
    let time = 1;
    const roundTrip = fc.asyncProperty(anySnapshot, async (snapshot) => {
      const { stored } = await store.put('prod', snapshot, at((time += 1)));
      const back = readWhole(await store.get(stored.id));
      return isDeepStrictEqual(back, snapshot) && sameOrder(back, snapshot);
    });
    await fc.assert(roundTrip, { numRuns: 60 });
    t.pass();
  });

  check('the stored form says what the snapshot says', async (t, store) => {
    const snapshot = richSnapshot();
    const { stored } = await store.put('prod', snapshot, at(1));
    const { digest, source, sourceDetected, assumptions, coverage, problems } = snapshot;
    const expected = { digest, source, sourceDetected, assumptions, coverage, problems };
    t.match(stored.id, /^s_[0-9a-z]{26}$/);
    t.match(stored, { ...expected, cluster: 'prod', takenAt: at(1) });
    t.same(await store.find(stored.id), stored);
    t.same(await store.latest('prod'), stored);
  });

  check('a snapshot that is not as it was sealed is refused', async (t, store) => {
    const changed = { ...richSnapshot(), assumptions: [] };
    await t.rejects(store.put('prod', changed, at(1)), /changed after it was sealed/);
    t.equal(await store.cluster('prod'), undefined, 'and leaves nothing');
  });

  check('what happens to labels after sealing is never stored', async (t, store) => {
    const snapshot = richSnapshot();
    const labels = snapshot.namespaces.get('shop')?.labels;
    if (labels instanceof Map) labels.set('late', 'yes');
    const { stored } = await store.put('prod', snapshot, at(1));
    t.strictSame(readWhole(await store.get(stored.id)), richSnapshot());
    const again = (await store.put('other', snapshot, at(1))).stored;
    t.strictSame(readWhole(await store.get(again.id)), richSnapshot(), 'however often it is put');
  });
}

function opensLazily(check: Check): void {
  check('names are known before anything is read, in order', async (t, store) => {
    const { stored } = await store.put('prod', richSnapshot(), at(1));
    const { namespaces, provenance } = await store.get(stored.id);
    t.same([...namespaces.keys()], ['data', 'shop']);
    t.same([namespaces.size, provenance.size], [2, 2]);
    t.same([namespaces.has('shop'), namespaces.has('constructor')], [true, false]);
    t.equal(namespaces.get('constructor'), undefined);
    t.equal(namespaces.get('shop'), namespaces.get('shop'), 'what was read is kept');
    const seen: string[] = [];
    namespaces.forEach(({ name }, key, map) => seen.push(`${name} ${key} ${map.size}`));
    t.same(seen, ['data data 2', 'shop shop 2']);
    t.same([...namespaces.values()], [...richSnapshot().namespaces.values()]);
  });

  check(
    'what was not read before a snapshot was deleted is gone, and says so',
    async (t, store) => {
      const { stored } = await store.put('prod', richSnapshot(), at(1));
      const { namespaces } = await store.get(stored.id);
      const data = namespaces.get('data');
      await store.deleteSnapshot(stored.id);
      t.equal(namespaces.get('data'), data);
      const message = /deleted meanwhile/;
      t.throws(() => namespaces.get('shop'), { code: 'snapshot-not-found', message });
    },
  );

  const kept = new Map<string, NamespaceChunk>();
  const chunkCache: ChunkCache = {
    get: (hash) => kept.get(hash),
    set: (hash, chunk, bytes) => {
      if (0 < bytes) kept.set(hash, chunk);
    },
  };
  check(
    'a namespace that did not change is the same object in the next snapshot',
    async (t, store) => {
      const read = async (...pods: string[]): Promise<readonly NamespaceChunk[]> => {
        const chunks = [sampleNamespace('same'), sampleNamespace('shop', { pods })];
        const { stored } = await store.put('prod', sampleSnapshot(chunks), at(pods.length));
        return [...(await store.get(stored.id)).namespaces.values()];
      };
      const [same, changed] = await read('a');
      const [sameLater, changedLater] = await read('a', 'b');
      t.equal(sameLater, same);
      t.not(changedLater, changed);
    },
    { ...KEEP_ALL, chunkCache },
  );
}

function knowsWhatItHolds(check: Check): void {
  check('posting what the latest holds stores nothing and moves lastSeenAt', async (t, store) => {
    const first = await store.put('prod', shop('a'), at(1));
    const again = await store.put('prod', shop('a'), at(2));
    t.equal(again.created, false);
    t.same(again.stored, first.stored);
    t.same((await store.cluster('prod'))?.lastSeenAt, at(2));
    t.equal((await store.snapshots('prod', { offset: 0, limit: 10 })).totalCount, 1);
  });

  check('equal content from other lines of a file is another snapshot', async (t, store) => {
    const object = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'a' };
    const place = (line: number): Snapshot =>
      sampleSnapshot([sampleNamespace('shop')], {
        provenance: provenanceByNamespace([{ object, line, lines: [] }]),
      });
    const first = await store.put('prod', place(1), at(1));
    const second = await store.put('prod', place(2), at(2));
    t.equal(second.created, true);
    t.equal(second.stored.digest, first.stored.digest);
    t.strictSame(readWhole(await store.get(second.stored.id)), place(2));
  });

  check('a note that no longer applies is not returned with the old snapshot', async (t, store) => {
    const note = sampleProblem({ severity: 'info', affectsVerdicts: false });
    const noted = sampleSnapshot([sampleNamespace('shop')], { problems: [note] });
    await store.put('prod', noted, at(1));
    const { stored, created } = await store.put('prod', shop('api-1', 'api-2'), at(2));
    t.equal(created, true);
    t.same(stored.problems, []);
  });

  check('going back to older content is a new snapshot with an old digest', async (t, store) => {
    const first = await store.put('prod', shop('a'), at(1));
    await store.put('prod', shop('b'), at(2));
    const back = await store.put('prod', shop('a'), at(3));
    t.equal(back.created, true);
    t.equal(back.stored.digest, first.stored.digest);
    t.not(back.stored.id, first.stored.id);
  });

  check('repeating a backfill after a lost answer stores it once', async (t, store) => {
    await store.put('prod', shop('now'), at(10));
    const first = await store.put('prod', shop('then'), at(5));
    const again = await store.put('prod', shop('then'), at(5));
    t.equal(again.created, false);
    t.equal(again.stored.id, first.stored.id);
    t.same((await store.cluster('prod'))?.lastSeenAt, at(10));
  });

  check('what the latest holds is not stored as of an earlier time', async (t, store) => {
    const first = await store.put('prod', shop('a'), at(10));
    const earlier = await store.put('prod', shop('a'), at(5));
    t.equal(earlier.created, false);
    t.equal(earlier.stored.id, first.stored.id);
  });

  check('clusters are apart and listed by name', async (t, store) => {
    for (const name of ['b', 'a', 'C', 'a.b']) await store.put(name, shop('x'), at(1));
    const all = await store.clusters({ limit: 10 });
    t.same(
      all.items.map(({ name }) => name),
      ['C', 'a', 'a.b', 'b'],
    );
    const page = await store.clusters({ after: 'a', limit: 1 });
    t.same(
      page.items.map(({ name }) => name),
      ['a.b'],
    );
    t.equal(page.totalCount, 4);
    t.equal(page.items[0]?.latest?.cluster, 'a.b');
  });

  check('what does not exist is undefined, false or not found', async (t, store) => {
    const id = 's_none' as SnapshotId;
    t.equal(await store.find(id), undefined);
    t.equal(await store.latest('none'), undefined);
    t.equal(await store.cluster('none'), undefined);
    t.equal(await store.deleteSnapshot(id), false);
    t.equal(await store.deleteCluster('none'), false);
    t.same(await store.snapshots('none', { offset: 0, limit: 9 }), { items: [], totalCount: 0 });
    await t.rejects(store.get(id), { code: 'snapshot-not-found' });
    await store.ping();
  });

  check('a closed store says so', async (t, store) => {
    await store.close();
    await t.rejects(store.ping(), { code: 'store-failed', message: 'the store is closed' });
  });
}

function ordersByTime(check: Check): void {
  check('the latest is the one taken last, not the one put last', async (t, store) => {
    const now = await store.put('prod', shop('now'), at(10));
    const then = await store.put('prod', shop('then'), at(5));
    t.equal(then.created, true);
    t.equal((await store.latest('prod'))?.id, now.stored.id);
    t.equal((await store.cluster('prod'))?.latest?.id, now.stored.id);
    const ids = (await store.snapshots('prod', { offset: 0, limit: 10 })).items.map(({ id }) => id);
    t.same(ids, [now.stored.id, then.stored.id]);
  });

  check('of two taken at the same time the one put last is the latest', async (t, store) => {
    await store.put('prod', shop('a'), at(1));
    const second = await store.put('prod', shop('b'), at(1));
    t.equal((await store.latest('prod'))?.id, second.stored.id);
  });

  check('the latest at a time is the last one taken until then', async (t, store) => {
    const first = await store.put('prod', shop('a'), at(10));
    const second = await store.put('prod', shop('b'), at(20));
    t.equal(await store.latest('prod', at(9)), undefined);
    t.equal((await store.latest('prod', at(10)))?.id, first.stored.id);
    t.equal((await store.latest('prod', at(19)))?.id, first.stored.id);
    t.equal((await store.latest('prod', at(20)))?.id, second.stored.id);
  });

  check('pages of snapshots are newest first', async (t, store) => {
    for (const time of [3, 1, 2]) await store.put('prod', shop(`p${time}`), at(time));
    const page = await store.snapshots('prod', { offset: 1, limit: 1 });
    t.same(
      page.items.map(({ takenAt }) => takenAt),
      [at(2)],
    );
    t.equal(page.totalCount, 3);
    const none = await store.snapshots('prod', { offset: 0, limit: 0 });
    t.same(none, { items: [], totalCount: 3 });
  });
}

function ordersByIngest(check: Check): void {
  check('what came after a position is read in the order of ingest', async (t, store) => {
    t.equal(await store.lastIngested(), undefined);
    t.same(await store.ingestedAfter(0, 10), []);
    // Taken in another order, and in two clusters.
    const ids: SnapshotId[] = [];
    for (const [cluster, time] of [
      ['prod', 30],
      ['other', 10],
      ['prod', 20],
      ['prod', 40],
    ] as const) {
      ids.push((await store.put(cluster, shop(`p${time}`), at(time))).stored.id);
    }
    const all = await store.ingestedAfter(0, 10);
    t.same(
      all.map(({ stored }) => stored.id),
      ids,
    );
    for (const [i, one] of all.entries()) {
      t.same(await store.find(one.stored.id), one.stored);
      t.same(await store.ingested(one.stored.id), one);
      t.same(await store.ingestedAfter(one.position, 10), all.slice(i + 1));
      t.same(
        await store.ingestedAfter(one.position, 1),
        all.slice(i + 1, i + 2),
        'at most so many',
      );
    }
    t.same(await store.lastIngested(), all[3]);
    t.same(await store.lastIngested('other'), all[1]);
    t.equal(await store.lastIngested('none'), undefined);
    t.equal(await store.ingested('s_none'), undefined);
  });

  check('a position is never given again', async (t, store) => {
    const first = await store.put('prod', shop('a'), at(1));
    const known = await store.ingested(first.stored.id);
    await store.deleteCluster('prod');
    t.same(await store.ingestedAfter(0, 10), []);
    t.equal(await store.lastIngested(), undefined);
    await store.put('prod', shop('a'), at(1));
    t.equal((await store.put('prod', shop('a'), at(2))).created, false);
    const after = await store.ingestedAfter(known?.position ?? 0, 10);
    t.equal(after.length, 1, 'only what was stored anew');
    t.equal(await store.ingested(first.stored.id), undefined);
  });
}

function deletes(check: Check): void {
  check(
    'only the newest snapshots are kept, in each cluster by itself',
    async (t, store) => {
      await store.put('other', shop('x'), at(0));
      for (const time of [1, 2, 3, 4]) await store.put('prod', shop(`p${time}`), at(time));
      const { items } = await store.snapshots('prod', { offset: 0, limit: 10 });
      t.same(
        items.map(({ takenAt }) => takenAt),
        [at(4), at(3)],
      );
      for (const { id } of items) t.ok(await store.get(id));
      t.ok(await store.latest('other'));
    },
    { snapshotsPerClusterMax: 2 },
  );

  check(
    'a snapshot that retention would delete at once is refused',
    async (t, store) => {
      await store.put('prod', shop('a'), at(5));
      const late = store.put('prod', shop('b'), at(4));
      await t.rejects(late, { code: 'bad-query', details: { parameter: 'takenAt' } });
      t.equal((await store.snapshots('prod', { offset: 0, limit: 9 })).totalCount, 1);
      t.same((await store.latest('prod'))?.takenAt, at(5));
    },
    { snapshotsPerClusterMax: 1 },
  );

  const pods = (number: number, count: number): Snapshot =>
    sampleSnapshot([
      sampleNamespace('shared', { pods: Array.from({ length: 3000 }, (_, i) => `s-${i}`) }),
      sampleNamespace('own', { pods: Array.from({ length: count }, (_, i) => `${number}-${i}`) }),
    ]);

  check(
    'a cluster keeps so many bytes, and a snapshot that alone is over them is refused',
    async (t, store) => {
      const times = async (): Promise<readonly Date[]> => {
        const { items } = await store.snapshots('prod', { offset: 0, limit: 99 });
        return items.map(({ takenAt }) => takenAt);
      };
      for (let i = 1; i <= 12; i += 1) await store.put('prod', pods(i, 1000), at(i));
      const kept = await times();
      t.ok(1 < kept.length && kept.length < 12, `${kept.length} are kept`);
      t.same(
        kept,
        Array.from(kept, (_, i) => at(12 - i)),
        'the newest',
      );
      for (const { id } of (await store.snapshots('prod', { offset: 0, limit: 99 })).items) {
        t.ok(readWhole(await store.get(id)));
      }
      await t.rejects(store.put('prod', pods(99, 1000), at(0)), {
        code: 'bad-query',
        details: { parameter: 'takenAt' },
      });
      await t.rejects(store.put('prod', pods(99, 40_000), at(20)), {
        code: 'upload-too-large',
        details: { limitBytes: 100_000, which: 'snapshotBytesPerClusterMax' },
      });
      t.same(await times(), kept, 'what is refused costs nothing');
      t.equal((await store.put('other', pods(1, 1000), at(1))).created, true, 'of each cluster');
      t.same(await times(), kept);
      t.equal((await store.put('prod', pods(12, 1000), at(21))).created, false);
      t.equal((await store.put('prod', pods(13, 5000), at(22))).created, true);
      t.ok((await times()).length < kept.length, 'a large one costs several');
    },
    { ...KEEP_ALL, snapshotBytesPerClusterMax: 100_000 },
  );

  check('deleting a snapshot leaves those that share its chunks', async (t, store) => {
    const one = sampleSnapshot([
      sampleNamespace('shared'),
      sampleNamespace('own', { pods: ['a'] }),
    ]);
    const two = sampleSnapshot([
      sampleNamespace('shared'),
      sampleNamespace('own', { pods: ['b'] }),
    ]);
    const first = await store.put('prod', one, at(1));
    const second = await store.put('prod', two, at(2));
    t.equal(await store.deleteSnapshot(second.stored.id), true);
    await t.rejects(store.get(second.stored.id), { code: 'snapshot-not-found' });
    t.strictSame(readWhole(await store.get(first.stored.id)), one);
    t.equal((await store.latest('prod'))?.id, first.stored.id);
    t.equal(await store.deleteSnapshot(first.stored.id), true);
    t.equal((await store.cluster('prod'))?.latest, undefined, 'the cluster stays');
  });

  check('deleting a cluster leaves the others', async (t, store) => {
    await store.put('prod', shop('a'), at(1));
    const other = await store.put('other', shop('a'), at(1));
    t.equal(await store.deleteCluster('prod'), true);
    t.equal(await store.cluster('prod'), undefined);
    t.strictSame(readWhole(await store.get(other.stored.id)), shop('a'));
  });
}

function remembersKeys(check: Check): void {
  check('a put under a key is the same one when it is made again', async (t, store) => {
    const key = 'first';
    const first = await store.put('prod', shop('a'), at(1), { key });
    const between = await store.put('prod', shop('b'), at(2));
    const again = await store.put('prod', shop('a'), at(9), { key });
    t.same(again, { stored: first.stored, created: false });
    t.equal((await store.latest('prod'))?.id, between.stored.id, 'nothing becomes the latest');
    t.same((await store.cluster('prod'))?.lastSeenAt, at(2), 'nor was the cluster seen');
    t.equal((await store.put('prod', shop('a'), at(10))).created, true, 'without it is another');
    const found = await store.put('prod', shop('a'), at(11), { key: 'second' });
    t.equal(found.created, false);
    await store.put('prod', shop('c'), at(12));
    const foundAgain = await store.put('prod', shop('a'), at(13), { key: 'second' });
    t.equal(foundAgain.stored.id, found.stored.id, 'one that found what was there as well');
    const elsewhere = await store.put('other', shop('c'), at(1), { key });
    t.equal(elsewhere.created, true, 'each cluster has its own');
  });

  check('a key that held something else is refused, and nothing changes', async (t, store) => {
    const key = 'first';
    const { stored } = await store.put('prod', shop('a'), at(1), { key });
    await t.rejects(store.put('prod', shop('b'), at(2), { key }), { code: 'key-reused' });
    t.equal((await store.latest('prod'))?.id, stored.id);
    t.same((await store.cluster('prod'))?.lastSeenAt, at(1));
  });

  check('a key goes with its snapshot', async (t, store) => {
    const key = 'first';
    for (const remove of [
      (id: string) => store.deleteSnapshot(id),
      () => store.deleteCluster('prod'),
    ]) {
      const { stored } = await store.put('prod', shop('a'), at(1), { key });
      t.equal(await remove(stored.id), true);
      const other = await store.put('prod', shop('b'), at(1), { key });
      t.equal(other.created, true, 'and is free');
      await store.deleteCluster('prod');
    }
  });

  check(
    'the oldest keys of a cluster are forgotten first',
    async (t, store) => {
      const put = (key: string): Promise<PutResult> =>
        store.put('prod', shop(key), at(Number(key)), { key });
      await store.put('other', shop('x'), at(1), { key: '1' });
      for (const key of ['1', '2', '3']) await put(key);
      await t.rejects(store.put('prod', shop('x'), at(4), { key: '2' }), { code: 'key-reused' });
      await t.rejects(store.put('other', shop('y'), at(4), { key: '1' }), { code: 'key-reused' });
      t.equal((await store.put('prod', shop('x'), at(4), { key: '1' })).created, true);
    },
    { ...KEEP_ALL, uploadKeysPerClusterMax: 2 },
  );
}

const HOUR = 3_600_000;

/** A time before now. */
function ago(hours: number): Date {
  return new Date(Date.now() - hours * HOUR);
}

function forgetsWhatIsOld(check: Check): void {
  const daily = { ...KEEP_ALL, snapshotsAgeMaxMs: 24 * HOUR };
  const ages = async (store: SnapshotStore, cluster: string): Promise<number[]> => {
    const { items } = await store.snapshots(cluster, { offset: 0, limit: 100 });
    return items.map(({ takenAt }) => Math.round((Date.now() - takenAt.getTime()) / HOUR));
  };

  check(
    'what is too old goes with the next put, the latest excepted',
    async (t, store) => {
      for (const hours of [90, 60, 30]) await store.put('prod', shop(`p${hours}`), ago(hours));
      t.same(await ages(store, 'prod'), [30], 'too old, and the latest');
      await store.put('prod', shop('new'), ago(1));
      t.same(await ages(store, 'prod'), [1]);
      const late = store.put('prod', shop('late'), ago(25));
      await t.rejects(late, { code: 'bad-query', details: { parameter: 'takenAt' } });
      t.equal((await store.put('prod', shop('backfill'), ago(23))).created, true);
    },
    daily,
  );

  check(
    'what is too old is deleted in steps, in every cluster',
    async (t, store) => {
      // A clock that was ahead: when the snapshots were put they were not old.
      const now = Date.now;
      t.teardown(() => (Date.now = now));
      Date.now = () => now() - 100 * HOUR;
      for (const cluster of ['a', 'b']) {
        for (let i = 0; i < 20; i += 1) await store.put(cluster, shop(`p${i}`), ago(20 - i));
      }
      Date.now = now;
      t.equal(await store.deleteExpired(), true, 'there are more than one step takes');
      t.ok(5 < (await ages(store, 'a')).length + (await ages(store, 'b')).length);
      while (await store.deleteExpired());
      t.same([(await ages(store, 'a')).length, (await ages(store, 'b')).length], [1, 1]);
      t.ok(await store.get((await store.latest('a'))?.id ?? ('' as SnapshotId)));
      t.equal(await store.deleteExpired(), false);
    },
    daily,
  );

  check('without a limit nothing is too old', async (t, store) => {
    await store.put('prod', shop('a'), at(1));
    await store.put('prod', shop('b'), at(2));
    t.equal(await store.deleteExpired(), false);
    t.equal((await store.snapshots('prod', { offset: 0, limit: 9 })).totalCount, 2);
  });
}

function keepsIndexes(check: Check): void {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i);
  const put = async (store: SnapshotStore, pod: string, time: number): Promise<SnapshotId> =>
    (await store.put('prod', shop(pod), at(time))).stored.id;

  const hex = async (
    store: SnapshotStore,
    id: SnapshotId,
    engine: string,
  ): Promise<string | undefined> => {
    const index = await store.getIndex(id, engine);
    return index === undefined ? undefined : Buffer.from(index).toString('hex');
  };

  check('an index comes back to the engine that made it, and to no other', async (t, store) => {
    const id = await put(store, 'a', 1);
    t.equal(await store.getIndex(id, '1'), undefined, 'missing is no error');
    await store.putIndex(id, '1', bytes);
    t.equal(await hex(store, id, '1'), Buffer.from(bytes).toString('hex'));
    t.equal(await store.getIndex(id, '2'), undefined);
    const shared = new Uint8Array(new SharedArrayBuffer(8)).fill(7);
    await store.putIndex(id, '2', shared);
    t.equal(await hex(store, id, '2'), '07'.repeat(8));
    t.equal(await store.getIndex(id, '1'), undefined, 'one of a snapshot is kept');
    await store.putIndex(id, '2', new Uint8Array());
    t.equal(await hex(store, id, '2'), '', 'an empty one is one');
  });

  check('an index goes with its snapshot, and can come too late', async (t, store) => {
    const id = await put(store, 'a', 1);
    await store.putIndex(id, '1', bytes);
    await store.deleteSnapshot(id);
    t.equal(await store.getIndex(id, '1'), undefined);
    await store.putIndex(id, '1', bytes);
    t.equal(await store.getIndex(id, '1'), undefined);
    t.not(await put(store, 'a', 1), id, 'the cluster is as it was');
  });

  check(
    'the indexes of the newest snapshots are kept',
    async (t, store) => {
      const ids = [await put(store, 'a', 1), await put(store, 'b', 2), await put(store, 'c', 3)];
      for (const id of ids.toReversed()) await store.putIndex(id, '1', bytes);
      const kept = await Promise.all(
        ids.map(async (id) => (await store.getIndex(id, '1'))?.length),
      );
      t.same(kept, [undefined, 1000, 1000]);
    },
    { ...KEEP_ALL, indexesPerClusterMax: 2 },
  );
}

/** Maps compare equal in any order; answers are made in that order. */
function sameOrder(a: Snapshot, b: Snapshot): boolean {
  const keys = ({ namespaces }: Snapshot): unknown =>
    [...namespaces].map(([name, chunk]) => [name, chunk.labelSets.map((set) => [...set])]);
  return isDeepStrictEqual(keys(a), keys(b));
}

function shop(...pods: string[]): Snapshot {
  return sampleSnapshot([sampleNamespace('shop', { pods })]);
}

function at(seconds: number): Date {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
}
