import { copyFileSync, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

import { setImmediate as nextTurn } from 'node:timers/promises';

import t from 'tap';

import { backUp, restore, verify } from '../../src/store/backups.ts';
import { claimDatabase, openStore } from '../../src/store/open-store.ts';
import { readWhole, richSnapshot, sampleNamespace, sampleSnapshot } from './sample-snapshots.ts';
import { at, countRows, KEEP, meddle, newFile, withStore } from './sqlite-files.ts';

const OPTIONS = { version: '1.2.3', force: false };
const backupOf = (file: string, to: string): ReturnType<typeof backUp> =>
  backUp(`sqlite:${file}`, to, OPTIONS);

/** A snapshot that no other is equal to. */
const numbered = (number: number): ReturnType<typeof sampleSnapshot> =>
  sampleSnapshot([sampleNamespace('shop', { pods: [`pod-${number}`] }), sampleNamespace('data')]);

/** Files beside `file` that begin like it. */
const beside = (file: string): string[] =>
  readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}.`));

t.test('a backup holds what there was at one moment, whatever is put meanwhile', async (t) => {
  const file = newFile();
  const backup = newFile();
  await withStore(file, async (store) => {
    const first = await store.put('prod', richSnapshot(), at(1));
    await store.putIndex(first.stored.id, '1', Buffer.from('an index'));
    for (let i = 0; i < 20; i += 1) await store.put('test', numbered(i), at(i));
    const state = { isDone: false };
    const phases = new Set<string>();
    const making = backUp(`sqlite:${file}`, backup, {
      ...OPTIONS,
      onProgress: (phase) => phases.add(phase),
    }).finally(() => (state.isDone = true));
    for (let i = 100; !state.isDone; i += 1) {
      await store.put('test', numbered(i), at(i));
      await nextTurn();
    }
    const manifest = await making;
    t.match(manifest, { version: '1.2.3', clusters: 2 });
    t.ok(21 <= manifest.snapshots);
    t.same([...phases], ['copying', 'verifying']);
    t.same(verify(backup), manifest);
    t.same(beside(backup), [], 'one file');
    t.equal(statSync(backup).mode & 0o777, 0o600, 'that only its owner reads');

    const target = newFile();
    const restored = restore(backup, `sqlite:${target}`, { force: false });
    t.same(restored, { manifest, kept: undefined });
    await withStore(target, async (copy) => {
      t.strictSame(readWhole(await copy.get(first.stored.id)), richSnapshot());
      t.equal((await copy.getIndex(first.stored.id, '1'))?.length, 8, 'and indexes');
      const { items, totalCount } = await copy.snapshots('test', { offset: 0, limit: 1000 });
      t.equal(totalCount, manifest.snapshots - 1);
      for (const { id } of items) {
        t.strictSame(readWhole(await copy.get(id)), readWhole(await store.get(id)));
      }
      t.equal((await copy.put('prod', richSnapshot(), at(9))).created, false, 'it goes on');
    });
    t.same(beside(target), []);
    t.throws(() => verify(target), /`podreach backup` did not make it/, 'no backup any more');
  });
});

t.test('a backup replaces a file only when it is told to, in one step', async (t) => {
  const file = newFile();
  const backup = newFile();
  await withStore(file, (store) => store.put('prod', richSnapshot(), at(1)));
  writeFileSync(backup, 'something else');
  await t.rejects(backupOf(file, backup), { code: 'bad-query', message: /exists.*--force/ });
  t.equal(readFileSync(backup, 'utf8'), 'something else');
  writeFileSync(`${backup}.999999999.partial`, 'of one that was killed');
  await backUp(`sqlite:${file}`, backup, { ...OPTIONS, force: true });
  t.equal(verify(backup).snapshots, 1);
  t.same(beside(backup), []);
});

t.test('what cannot be backed up is told, and nothing is written', async (t) => {
  const other = newFile();
  meddle(other, 'CREATE TABLE theirs (x)');
  const damaged = newFile();
  const { stored } = await withStore(damaged, async (store) => {
    await store.put('test', sampleSnapshot([]), at(1));
    return store.put('prod', richSnapshot(), at(1));
  });
  meddle(damaged, "UPDATE chunks SET bytes = x'00' WHERE kind = 'namespace'");
  const cases: readonly (readonly [from: string, to: string, message: RegExp])[] = [
    [newFile(), newFile(), /there is no database/],
    [other, newFile(), /is not a podreach database/],
    [damaged, newFile(), new RegExp(`holds damaged snapshots: ${stored.id} of prod$`)],
    [damaged, `${newFile()}/none/x`, /the folder .* does not exist/],
  ];
  for (const [from, to, message] of cases) {
    await t.rejects(backupOf(from, to), { message });
    t.notOk(existsSync(to));
    t.same(existsSync(dirname(to)) ? beside(to) : [], []);
  }
  await t.rejects(backUp('sqlite::memory:', newFile(), OPTIONS), { code: 'bad-query' });
});

t.test('the copy of a database file is not taken for a backup', async (t) => {
  const file = newFile();
  await withStore(file, async (store) => {
    await store.put('prod', richSnapshot(), at(1));
    const live = newFile();
    copyFileSync(file, live);
    for (const copy of [live, file]) {
      t.throws(() => verify(copy), { code: 'store-failed', message: /did not make it/ });
    }
    t.same(beside(live), [], 'it is not even opened');
  });
  const closed = newFile();
  copyFileSync(file, closed);
  meddle(closed, 'PRAGMA journal_mode = DELETE');
  t.throws(() => verify(closed), /did not make it/);
  writeFileSync(closed, 'text');
  t.throws(() => verify(closed), /did not make it/);
  t.throws(() => verify(newFile()), { code: 'bad-query' });
});

const DAMAGE: readonly (readonly [what: string, sql: string])[] = [
  ['a time', 'UPDATE snapshots SET taken_at = taken_at + 1'],
  ['a lost snapshot', 'DELETE FROM snapshots WHERE seq = 1'],
  ['a chunk', "UPDATE chunks SET bytes = x'00' WHERE kind = 'namespace'"],
  ['a cluster', "UPDATE clusters SET name = 'other'"],
  ['a row more', "INSERT INTO clusters (name, last_seen_at) VALUES ('x', 1)"],
  ['a row that repeats a chunk', 'DELETE FROM pod_labels'],
  ['no manifest', 'DELETE FROM backup_manifest'],
  ['a manifest that is none', "UPDATE backup_manifest SET manifest = '{'"],
];

t.test('a backup that was changed is refused, and the database stays', async (t) => {
  const file = newFile();
  const backup = newFile();
  await withStore(file, (store) => store.put('prod', richSnapshot(), at(1)));
  await backupOf(file, backup);
  const whole = readFileSync(backup);
  const before = readFileSync(file);
  const refused = (what: string): void => {
    t.throws(() => verify(backup), { code: 'store-failed', message: /cannot be used/ }, what);
    t.throws(() => restore(backup, `sqlite:${file}`, { force: true }), { code: 'store-failed' });
    t.ok(before.equals(readFileSync(file)), what);
    writeFileSync(backup, whole);
  };
  for (const [what, sql] of DAMAGE) {
    meddle(backup, sql);
    refused(what);
  }
  writeFileSync(backup, whole.subarray(0, whole.length - 8192));
  refused('its end is missing');
  t.equal(verify(backup).snapshots, 1);
  t.same(beside(file), [], 'nothing is left beside it');
});

t.test('no bit of a backup can flip unnoticed', async (t) => {
  const flips = Number(process.env['PODREACH_FLIPS'] ?? 60);
  const file = newFile();
  const backup = newFile();
  await withStore(file, (store) => store.put('prod', richSnapshot(), at(1)));
  await backupOf(file, backup);
  const whole = readFileSync(backup);
  const expected = verify(backup);
  let noticed = 0;
  for (let i = 0; i < flips; i += 1) {
    const flipped = Buffer.from(whole);
    const bit = (i * 7_919_993 + 12_345) % (whole.length * 8);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    writeFileSync(backup, flipped);
    try {
      // What is left unnoticed is space that nothing uses, and indexes.
      t.same(verify(backup), expected);
    } catch (error) {
      t.match(error, { code: 'store-failed' }, `bit ${bit}`);
      noticed += 1;
    }
  }
  t.comment(`${noticed} of ${flips} flips were noticed`);
  t.ok(0 < noticed);
});

t.test('a restore keeps the database that was there, with what stood in its log', async (t) => {
  const file = newFile();
  const backup = newFile();
  await withStore(file, (store) => store.put('prod', richSnapshot(), at(1)));
  await backupOf(file, backup);
  const copy = newFile();
  const later = await withStore(file, async (store) => {
    const put = await store.put('prod', sampleSnapshot([]), at(2));
    // As a kill leaves it.
    for (const end of ['', '-wal']) copyFileSync(`${file}${end}`, `${copy}${end}`);
    return put;
  });
  const refused = (): unknown => restore(backup, `sqlite:${copy}`, { force: false });
  t.throws(refused, { code: 'bad-query', message: /exists; `--force`/ });
  const claim = claimDatabase(`sqlite:${copy}`, 1);
  t.throws(() => restore(backup, `sqlite:${copy}`, { force: true }), /is in use by/);
  claim.release();
  const { kept = '' } = restore(backup, `sqlite:${copy}`, { force: true });
  await withStore(copy, async (store) => {
    t.equal((await store.snapshots('prod', { offset: 0, limit: 9 })).totalCount, 1);
  });
  await withStore(kept, async (store) => {
    t.same(await store.latest('prod'), later.stored, 'what was put last is in the kept one');
  });
  claimDatabase(`sqlite:${copy}`, 1e9).release();
});

t.test('a damaged database is kept too, and replaced', async (t) => {
  const file = newFile();
  const backup = newFile();
  const { stored } = await withStore(file, (store) => store.put('prod', richSnapshot(), at(1)));
  await backupOf(file, backup);
  const garbage = Buffer.alloc(20_000, 7);
  writeFileSync(file, garbage);
  writeFileSync(`${file}-wal`, garbage);
  const { kept = '' } = restore(backup, `sqlite:${file}`, { force: true });
  t.ok(readFileSync(kept).equals(garbage));
  t.ok(readFileSync(`${kept}-wal`).equals(garbage));
  await withStore(file, async (store) => {
    t.strictSame(readWhole(await store.get(stored.id)), richSnapshot());
  });
});

t.test('a backup of an older schema is brought up to date', async (t) => {
  const file = newFile();
  const backup = newFile();
  const { stored } = await withStore(file, (store) => store.put('prod', richSnapshot(), at(1)));
  await backupOf(file, backup);
  meddle(backup, 'PRAGMA user_version = 1000');
  t.throws(() => verify(backup), /schema 1000.*newer podreach/);
  const target = newFile();
  t.throws(() => restore(backup, `sqlite:${target}`, { force: false }), /schema 1000/);
  t.notOk(existsSync(target));
  meddle(backup, 'PRAGMA user_version = 1');
  t.equal(verify(backup).snapshots, 1);
  restore(backup, `sqlite:${target}`, { force: false });
  t.ok(countRows(target).get('chunk_namespaces'));
  const store = await openStore(`sqlite:${target}`, KEEP);
  t.equal((await store.find(stored.id))?.id, stored.id);
  await store.close();
});
