import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, copyFileSync, linkSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { rmSync, rmdirSync, statSync, statfsSync, symlinkSync, truncateSync } from 'node:fs';
import { writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import Database from 'better-sqlite3';
import t from 'tap';
import type { Test } from 'tap';

import { PodreachError } from '../../src/model/errors.ts';
import { roomCheck } from '../../src/store/disk-room.ts';
import { claimDatabase, openStore } from '../../src/store/open-store.ts';
import { migrate, readMigrations } from '../../src/store/sqlite/migrate.ts';
import { spoilsConnection, toStoreError } from '../../src/store/sqlite/store-error.ts';
import { readWhole, richSnapshot, sampleNamespace, sampleSnapshot } from './sample-snapshots.ts';
import { at, countRows, KEEP, meddle, newFile, withStore } from './sqlite-files.ts';

const folder = dirname(newFile());

void t.test('a database from a newer podreach is refused and left as it is', async (t) => {
  const file = newFile();
  await withStore(file, (store) => store.put('prod', sampleSnapshot([]), at(1)));
  meddle(file, 'PRAGMA user_version = 1000');
  const before = readFileSync(file);
  const message = /has schema 1000.*newer podreach/;
  await t.rejects(openStore(`sqlite:${file}`, KEEP), { code: 'store-failed', message });
  t.ok(before.equals(readFileSync(file)), 'not a byte changed');
});

void t.test('a newer database that was not closed is left as it is too', async (t) => {
  const file = newFile();
  const copy = newFile();
  await withStore(file, (store) => store.put('prod', sampleSnapshot([]), at(1)));
  const newer = new Database(file);
  newer.pragma('user_version = 1000');
  // With its log, as after a crash.
  for (const end of ['', '-wal']) copyFileSync(`${file}${end}`, `${copy}${end}`);
  newer.close();
  const read = (): Buffer[] => ['', '-wal'].map((end) => readFileSync(`${copy}${end}`));
  const before = read();
  await t.rejects(openStore(`sqlite:${copy}`, KEEP), { message: /has schema 1000/ });
  t.same(read(), before);
});

void t.test('a file that is not ours is refused and left as it is', async (t) => {
  const other = newFile();
  meddle(other, 'CREATE TABLE theirs (x)');
  const marked = newFile();
  meddle(marked, 'CREATE TABLE theirs (x)');
  meddle(marked, 'PRAGMA application_id = 42');
  const text = newFile();
  writeFileSync(text, 'this is not a database, but it is long enough to look like one'.repeat(99));
  for (const file of [other, marked, text]) {
    const before = readFileSync(file);
    const message = /is not a podreach database/;
    await t.rejects(openStore(`sqlite:${file}`, KEEP), { code: 'store-failed', message });
    t.ok(before.equals(readFileSync(file)));
  }
  await t.rejects(openStore(`sqlite:${folder}`, KEEP), { message: /is not a podreach database/ });
});

void t.test('an empty file, as from a start that was cut short, is used', async (t) => {
  const file = newFile();
  writeFileSync(file, '');
  await withStore(file, (store) => store.put('prod', sampleSnapshot([]), at(1)));
  t.equal(countRows(file).get('snapshots'), 1);
});

void t.test('migrations are applied once, in order, whole or not at all', (t) => {
  const database = new Database(':memory:');
  const step = (number: number, sql: string, checksum = sql) =>
    ({ number, name: `00${number}-x.sql`, sql, checksum }) as const;
  const first = step(1, 'CREATE TABLE a (x)');
  migrate(database, [first]);
  const broken = step(2, 'CREATE TABLE b (x); CREATE TABLE a (x)');
  t.throws(() => {
    migrate(database, [first, broken]);
  }, /already exists/);
  t.equal(database.pragma('user_version', { simple: true }), 1);
  t.same(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'b'").all(), []);
  const second = step(2, 'CREATE TABLE b (x)');
  migrate(database, [first, second]);
  migrate(database, [first, second]);
  t.equal(database.pragma('user_version', { simple: true }), 2);
  t.throws(
    () => {
      migrate(database, [first]);
    },
    { code: 'store-failed', message: /schema 2/ },
  );
  const edited = step(1, first.sql, 'other');
  t.throws(() => {
    migrate(database, [edited, second]);
  }, /another `001-x.sql`/);
  database.close();
  t.end();
});

void t.test('migrations have no gaps, and line ends do not change them', (t) => {
  const unix = t.testdir({ a: { '001-x.sql': 'SELECT 1;\n', 'notes.txt': '' } });
  const [migration] = readMigrations(join(unix, 'a'));
  writeFileSync(join(unix, 'a', '001-x.sql'), 'SELECT 1;\r\n');
  t.same(readMigrations(join(unix, 'a')), [migration]);
  writeFileSync(join(unix, 'a', '003-y.sql'), 'SELECT 1;\n');
  t.throws(() => readMigrations(join(unix, 'a')), /migration 2 is missing/);
  t.end();
});

const REFUSED_URLS: readonly (readonly [url: string, message: RegExp])[] = [
  ['mysql://root:secret@db/x', /^unknown database `mysql:`; supported is `sqlite:PATH`$/],
  ['postgres://root:secret@db/x', /^PostgreSQL is not available yet/],
  ['podreach.db', /write `sqlite:/],
  ['', /write `sqlite:/],
  ['sqlite:', /has no path/],
  ['sqlite://podreach.db', /write `sqlite:podreach.db`/],
  ['sqlite:a\0b', /NUL/],
];

for (const [url, message] of REFUSED_URLS) {
  void t.test(`the database ${JSON.stringify(url)} is refused`, async (t) => {
    await t.rejects(openStore(url, KEEP), { code: 'bad-query', message });
  });
}

void t.test('a missing folder is named', async (t) => {
  const url = `sqlite:${join(folder, 'none', 'x.db')}`;
  await t.rejects(openStore(url, KEEP), { code: 'store-failed', message: /folder `.*none`/ });
});

void t.test('errors of SQLite become errors that say what would help', (t) => {
  const cases = [
    ['SQLITE_FULL', 'disk-full', /is full; free some space/],
    ['SQLITE_CORRUPT_INDEX', 'store-failed', /damaged \(why\).*podreach restore FILE/],
    ['SQLITE_BUSY_SNAPSHOT', 'busy', /another process writes/],
    ['SQLITE_READONLY_DBMOVED', 'store-failed', /cannot be written/],
    ['SQLITE_MISUSE', 'store-failed', /failed: why \(SQLITE_MISUSE\)/],
  ] as const;
  for (const [code, expected, message] of cases) {
    const cause = new Database.SqliteError('why', code);
    t.match(toStoreError(cause, 'x.db'), { code: expected, message, cause }, code);
  }
  const unbuilt = Object.assign(new Error('x'), { code: 'ERR_DLOPEN_FAILED' });
  t.match(toStoreError(unbuilt, 'x.db'), { message: /run `npm rebuild better-sqlite3`/ });
  const broken = new Database.SqliteError('why', 'SQLITE_IOERR_FSYNC');
  t.equal(spoilsConnection(broken), true, 'what is on disk is not known any more');
  t.equal(spoilsConnection(new Database.SqliteError('why', 'SQLITE_FULL')), false);
  const bug = new TypeError('bug');
  t.equal(toStoreError(bug, 'x.db'), bug, 'a bug stays what it is');
  t.end();
});

const CHECK_BYTES = 1024 * 1024 * 1024;

void t.test('a database is claimed by one at a time, until it is released', async (t) => {
  const file = newFile();
  const claim = claimDatabase(`sqlite:${file}`, CHECK_BYTES);
  const inUse = { code: 'store-failed', message: `the database \`${file}\` is in use by` };
  t.throws(() => claimDatabase(`sqlite:${file}`, CHECK_BYTES), inUse);
  await withStore(file, (store) => store.put('prod', sampleSnapshot([]), at(1)));
  t.throws(() => claimDatabase(`sqlite:${file}`, CHECK_BYTES), inUse, 'whoever else opens it');
  claim.release();
  claimDatabase(`sqlite:${file}`, CHECK_BYTES).release();
  claimDatabase('sqlite::memory:', CHECK_BYTES).release();
  writeFileSync(`${file}-lock`, 'not a lock of ours, but as long as one'.repeat(200));
  t.throws(() => claimDatabase(`sqlite:${file}`, CHECK_BYTES), { message: `${file}-lock` });
});

void t.test('a damaged database is refused before it is opened, and left as it is', async (t) => {
  const file = newFile();
  await withStore(file, async (store) => {
    for (const cluster of ['a', 'b', 'c']) await store.put(cluster, richSnapshot(), at(1));
  });
  const whole = readFileSync(file);
  const swapped = Buffer.from(whole);
  whole.copy(swapped, 4 * 4096, 8 * 4096, 9 * 4096);
  const damages: readonly (readonly [what: string, message: RegExp, damage: () => void])[] = [
    ['cut off', /is damaged \(its end is missing\)/, () => truncateSync(file, 40_960)],
    ['shorter than a header', /is not a podreach database/, () => truncateSync(file, 50)],
    ['garbage', /is not a podreach database/, () => writeFileSync(file, Buffer.alloc(9e4, 7))],
    ['a page of another place', /is damaged \(/, () => writeFileSync(file, swapped)],
    [
      'a snapshot of no cluster',
      /is damaged \((a snapshot has lost its cluster|row \d+ missing from index)/,
      () => moveToNowhere(file),
    ],
  ];
  for (const [what, message, damage] of damages) {
    writeFileSync(file, whole);
    damage();
    const before = readFileSync(file);
    for (const bytes of what === 'a page of another place' ? [CHECK_BYTES] : [CHECK_BYTES, 1]) {
      const claim = (): unknown => claimDatabase(`sqlite:${file}`, bytes);
      t.throws(claim, { code: 'store-failed', message }, what);
      t.throws(claim, { message: `podreach restore FILE --database sqlite:${file}` }, what);
    }
    t.ok(before.equals(readFileSync(file)), what);
  }
  writeFileSync(file, whole);
  claimDatabase(`sqlite:${file}`, CHECK_BYTES).release();
});

function moveToNowhere(file: string): void {
  const database = new Database(file);
  database.pragma('foreign_keys = OFF');
  database.exec('UPDATE snapshots SET cluster_id = 77 WHERE seq = 2');
  database.close();
}

void t.test('a database has one name, in a folder that is there', (t) => {
  const file = newFile();
  writeFileSync(file, '');
  symlinkSync(file, `${file}.symbolic`);
  linkSync(file, `${file}.hard`);
  const cases = [
    [`${file}.symbolic`, /is a symbolic link/],
    [`${file}.hard`, /has other names/],
    [join(folder, 'none', 'x.db'), /the folder `.*none` does not exist/],
  ] as const;
  for (const [path, message] of cases) {
    t.throws(() => claimDatabase(`sqlite:${path}`, CHECK_BYTES), { code: 'store-failed', message });
  }
  t.end();
});

void t.test('a file system that is read-only is named', { skip: !canMount() }, async (t) => {
  const mounted = mountMemory(t, '4m');
  const file = join(mounted, 'x.db');
  await withStore(file, (store) => store.put('prod', sampleSnapshot([]), at(1)));
  t.equal(spawnSync('mount', ['-o', 'remount,ro', mounted]).status, 0);
  const message = `the folder \`${mounted}\` is on a file system that is read-only`;
  t.throws(() => claimDatabase(`sqlite:${file}`, CHECK_BYTES), { code: 'store-failed', message });
});

void t.test('a full disk stops uploads only', { skip: !canMount() }, async (t) => {
  const mounted = mountMemory(t, '80m');
  const url = `sqlite:${join(mounted, 'x.db')}`;
  const { ballast, release } = claimDatabase(url, CHECK_BYTES);
  if (ballast === undefined) throw new Error('no ballast');
  const ballastBytes = (): number | undefined =>
    statSync(join(mounted, 'x.db-ballast'), { throwIfNoEntry: false })?.size;
  t.equal(ballastBytes(), 16 * 1024 * 1024);
  const store = await openStore(url, { ...KEEP, ballast });
  const hasRoom = roomCheck(url, 1024 * 1024);
  const { stored } = await store.put('prod', richSnapshot(), at(1));
  const old = sampleSnapshot([sampleNamespace('old', { pods: randomNames(20_000) })]);
  for (let i = 0; i < 3; i += 1) await store.put(`old-${i}`, old, at(1));
  await hasRoom();

  const filler = join(mounted, 'filler');
  fill(filler, 512 * 1024);
  await t.rejects(hasRoom(), { code: 'disk-full', details: { which: 'diskReserveBytes' } });
  const big = sampleSnapshot([sampleNamespace('big', { pods: randomNames(80_000) })]);
  await t.rejects(store.put('prod', big, at(2)), { code: 'disk-full', message: /is full/ });
  // Nor is there room in the log.
  truncateSync(filler, Math.max(0, statSync(filler).size - 16 * 1024 * 1024));
  const other = new Database(join(mounted, 'x.db'));
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.close();
  fill(filler, 0);
  t.strictSame(readWhole(await store.get(stored.id)), richSnapshot(), 'questions go on');
  t.equal(await store.deleteCluster('old-0'), true, 'something can be deleted');
  const { id = '' } = (await store.latest('old-1')) ?? {};
  t.equal(await store.deleteSnapshot(id), true);
  fill(filler, 0);
  release();
  claimDatabase(url, CHECK_BYTES).release();
  t.equal(ballastBytes(), undefined, 'a start needs space as well');

  rmSync(filler);
  await hasRoom();
  t.equal((await store.put('prod', sampleSnapshot([]), at(3))).created, true);
  t.equal(await store.deleteCluster('old-2'), true);
  t.equal(ballastBytes(), 16 * 1024 * 1024, 'and the ballast is there again');
  await store.close();
});

void t.test('a bit that flips in a database never changes what is read', async (t) => {
  const flips = Number(process.env['PODREACH_FLIPS'] ?? 60);
  const file = newFile();
  // Mostly content: of a small one nearly all is space that nothing uses.
  const pods = randomNames(3000);
  const expected = [richSnapshot(), sampleSnapshot([sampleNamespace('shop', { pods })])] as const;
  const ids = await withStore(file, async (store) => [
    (await store.put('prod', expected[0], at(1))).stored.id,
    (await store.put('prod', expected[1], at(2))).stored.id,
  ]);
  const whole = readFileSync(file);
  const outcomes = { refused: 0, corrupt: 0, same: 0 };
  const known = (error: unknown): void => {
    const code = error instanceof PodreachError ? error.code : String(error);
    t.match(code, /^(store-failed|snapshot-corrupt|snapshot-not-found)$/);
  };
  for (let i = 0; i < flips; i += 1) {
    const flipped = Buffer.from(whole);
    const bit = (i * 7_919_993 + 4321) % (whole.length * 8);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    writeFileSync(file, flipped);
    try {
      claimDatabase(`sqlite:${file}`, CHECK_BYTES).release();
      await withStore(file, async (store) => {
        t.equal((await store.snapshots('prod', { offset: 0, limit: 9 })).totalCount, 2);
        for (const [n, id] of ids.entries()) {
          try {
            const read = readWhole(await store.get(id));
            t.equal(isDeepStrictEqual(read, expected[n]), true, `bit ${bit}`);
            outcomes.same += 1;
          } catch (error) {
            known(error);
            outcomes.corrupt += 1;
          }
        }
      });
    } catch (error) {
      known(error);
      outcomes.refused += 1;
    }
    for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
  }
  t.comment(JSON.stringify(outcomes));
  t.ok(flips / 3 < outcomes.refused + outcomes.corrupt, 'most bits carry something');
});

function randomNames(count: number): string[] {
  return Array.from({ length: count }, () => randomBytes(20).toString('hex'));
}

/** Fills the disk with `file` until `left` bytes are free. */
function fill(file: string, left: number): void {
  const opened = openSync(file, 'a');
  const { bavail, bsize } = statfsSync(file);
  try {
    for (let free = bavail * bsize - left; 0 < free; free -= 1024 * 1024) {
      writeSync(opened, Buffer.alloc(Math.min(free, 1024 * 1024)));
    }
  } catch {
    // As full as it gets.
  }
  closeSync(opened);
}

/** A file system of its own; not below the folder of the test, which is removed at the next run. */
function mountMemory(t: Test, size: string): string {
  const place = mkdtempSync(join(tmpdir(), 'podreach-test-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', place]);
  if (status !== 0) throw new Error('it could not be mounted');
  t.teardown(() => {
    spawnSync('umount', ['-l', place]);
    rmdirSync(place);
  });
  return place;
}

/** Only the superuser can. */
function canMount(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}
