import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import t from 'tap';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import type { ManifestInput } from '../../src/model/input.ts';
import { AnswerCache } from '../../src/service/answer-cache.ts';
import type { MadeAnswer } from '../../src/service/answer-cache.ts';
import { createPodreach } from '../../src/service/create-podreach.ts';
import { ListMemo } from '../../src/service/list-memo.ts';
import { EVERYONE } from '../../src/service/viewer.ts';
import type { Podreach } from '../../src/service/podreach.ts';
import type { Viewer } from '../../src/service/viewer.ts';
import { openStore } from '../../src/store/open-store.ts';
import { shop } from '../support/http-app.ts';

const SCOPED: readonly Viewer[] = [
  { ...EVERYONE, name: 'a', clusters: ['prod'] },
  { ...EVERYONE, name: 'b', namespaces: ['shop'] },
];

const made = (text: string, keep = true): MadeAnswer => ({
  answer: { body: Buffer.from(text), mediaType: 'text/plain' },
  keep,
});

/** Makes `text` and counts how often. */
function maker(
  text: string,
  keep = true,
): { make: () => Promise<MadeAnswer>; count: () => number } {
  let count = 0;
  return {
    make: async () => {
      count += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return made(text, keep);
    },
    count: () => count,
  };
}

t.test('an answer is made once for all who wait, and kept', async (t) => {
  const cache = new AnswerCache(1 << 20);
  const { make, count } = maker('a');
  const all = await Promise.all(
    Array.from({ length: 100 }, () => cache.answer(EVERYONE, 's_1 k', make)),
  );
  t.equal(new Set(all).size, 1, 'the same bytes');
  t.equal(cache.known(EVERYONE, 's_1 k'), all[0]);
  t.equal(count(), 1);
  const failing = (): Promise<MadeAnswer> => Promise.reject(new PodreachError('busy', 'x'));
  await t.rejects(cache.answer(EVERYONE, 's_1 bad', failing), { code: 'busy' });
  t.equal((await cache.answer(EVERYONE, 's_1 bad', make)).body.toString(), 'a', 'not remembered');
});

t.test('an answer that is only for who asked is made for each', async (t) => {
  const cache = new AnswerCache(1 << 20);
  const makers = ['a', 'b', 'c'].map((text) => maker(text, false));
  const answers = await Promise.all(
    makers.map(({ make }) => cache.answer(EVERYONE, 's_1 k', make)),
  );
  t.same(
    answers.map(({ body }) => body.toString()),
    ['a', 'b', 'c'],
  );
  t.equal(cache.known(EVERYONE, 's_1 k'), undefined);
});

t.test('viewers who see a part neither get nor leave bytes', async (t) => {
  const cache = new AnswerCache(1 << 20);
  await cache.answer(EVERYONE, 's_1 k', maker('everything').make);
  for (const viewer of SCOPED) {
    t.equal(cache.known(viewer, 's_1 k'), undefined);
    const { make, count } = maker(viewer.name);
    for (const time of [1, 2]) {
      const { body } = await cache.answer(viewer, 's_1 k', make);
      t.equal(body.toString(), viewer.name);
      t.equal(count(), time, 'made for each');
    }
    await cache.answer(viewer, 's_1 own', make);
    t.equal(cache.known(EVERYONE, 's_1 own'), undefined);
  }
  t.equal(cache.known(EVERYONE, 's_1 k')?.body.toString(), 'everything');
});

t.test('bytes bound the answers, and one answer never takes them all', async (t) => {
  const bytesMax = 64 * 1024;
  const cache = new AnswerCache(bytesMax);
  for (let i = 0; i < 200; i += 1) {
    await cache.answer(EVERYONE, `s_1 ${i}`, maker('x'.repeat(1000)).make);
    t.ok(cache.bytes <= bytesMax);
  }
  t.ok(bytesMax / 2 < cache.bytes);
  t.equal(cache.known(EVERYONE, 's_1 0'), undefined, 'the least recently used is gone');
  t.ok(cache.known(EVERYONE, 's_1 199'));
  const { body } = await cache.answer(EVERYONE, 's_1 big', maker('x'.repeat(20_000)).make);
  t.equal(body.length, 20_000);
  t.equal(cache.known(EVERYONE, 's_1 big'), undefined);
  t.ok(cache.known(EVERYONE, 's_1 199'));
  const none = new AnswerCache(0);
  await none.answer(EVERYONE, 's_1 k', maker('a').make);
  t.equal(none.known(EVERYONE, 's_1 k'), undefined);
});

t.test('what is forgotten stays forgotten, also when it is being made', async (t) => {
  const cache = new AnswerCache(1 << 20);
  const keys = ['s_1 a', 's_2 a', 's_2,s_1 a', 's_11 a'];
  for (const key of keys) await cache.answer(EVERYONE, key, maker('a').make);
  const late = cache.answer(EVERYONE, 's_1 late', maker('a').make);
  cache.forget('s_1');
  await late;
  t.same(
    [...keys, 's_1 late'].filter((key) => cache.known(EVERYONE, key) !== undefined),
    ['s_2 a', 's_11 a'],
  );
  cache.clear();
  t.equal(cache.bytes, 0);
});

t.test('a list is judged once for all its pages, and goes with its index', async (t) => {
  const index = (): ReachIndex => ({}) as unknown as ReachIndex;
  const memo = new ListMemo(100);
  let asked = 0;
  const question = (key: string, rows = 1): Parameters<ListMemo['answer']>[2] => ({
    query: () => (asked += 1),
    args: {},
    key,
    rowCount: () => rows,
  });
  const first = index();
  t.equal(await memo.answer(EVERYONE, first, question('a')), 1);
  t.equal(await memo.answer(EVERYONE, first, question('a')), 1);
  t.equal(await memo.answer(EVERYONE, first, question('b')), 2);
  t.equal(await memo.answer(EVERYONE, index(), question('a')), 3, 'another snapshot');
  for (const viewer of SCOPED) await memo.answer(viewer, first, question('a'));
  t.equal(asked, 5, 'who sees a part shares nothing');
  await memo.answer(EVERYONE, first, question('long', 97));
  t.equal(await memo.answer(EVERYONE, first, question('a')), 7, 'rows bound what is kept');
  t.equal(await memo.answer(EVERYONE, first, question('endless', 101)), 8);
  t.equal(await memo.answer(EVERYONE, first, question('endless', 101)), 9, 'too long to keep');
  const both = await Promise.all(
    ['c', 'c'].map((key) => memo.answer(EVERYONE, first, question(key))),
  );
  t.same(both, [10, 10], 'who asks meanwhile waits for the same list');
});

async function* upload(text: string): AsyncIterable<ManifestInput> {
  const bytes = async function* (): AsyncIterable<Uint8Array> {
    yield Buffer.from(text);
  };
  yield { bytes: bytes() };
}

t.test('names of snapshots move at once, whoever moves them', async (t) => {
  const file = join(t.testdir(), `${randomUUID()}.db`);
  const open = async (): Promise<Podreach> => {
    const store = await openStore(`sqlite:${file}`, { snapshotsPerClusterMax: 100 });
    return createPodreach({
      store,
      engineOptions: DEFAULT_OPTIONS,
      limits: DEFAULT_INGEST_LIMITS,
      indexCacheBytesMax: 1 << 28,
    });
  };
  const [one, other] = [await open(), await open()];
  const idOf = async (podreach: Podreach, ref: string): Promise<string> =>
    (await podreach.snapshot(EVERYONE, ref)).id;
  await t.rejects(one.snapshot(EVERYONE, 'prod'), { code: 'snapshot-not-found' });
  const first = (await other.ingest(EVERYONE, 'prod', upload(shop(1)))).snapshot.id;
  t.equal(await idOf(one, 'prod'), first, 'what another process puts');
  t.equal(await idOf(one, first), first);
  const seen = await one.snapshot(EVERYONE, 'prod');
  t.equal(await one.snapshot(EVERYONE, first), seen, 'one snapshot is one object');
  const second = (await one.ingest(EVERYONE, 'prod', upload(shop(2)))).snapshot.id;
  t.equal(await idOf(one, 'prod'), second, 'what this process puts');
  t.equal(await idOf(other, 'prod'), second);
  await other.deleteSnapshot(EVERYONE, second);
  t.equal(await idOf(one, 'prod'), first, 'what another process deletes');
  await t.rejects(one.snapshot(EVERYONE, second), { code: 'snapshot-not-found' });
  await one.deleteCluster(EVERYONE, 'prod');
  for (const podreach of [one, other]) {
    await t.rejects(podreach.snapshot(EVERYONE, first), { code: 'snapshot-not-found' });
    await podreach.close();
    await t.rejects(podreach.snapshot(EVERYONE, 'prod'), { code: 'store-failed' });
  }
});
