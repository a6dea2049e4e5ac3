import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { copyFileSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

import Database from 'better-sqlite3';
import t from 'tap';

import { ERROR_CODES } from '../../src/model/errors.ts';
import { migrate, readMigrations } from '../../src/store/sqlite/migrate.ts';
import type { Migration } from '../../src/store/sqlite/migrate.ts';
import { APPLICATION_ID } from '../../src/store/sqlite/open.ts';
import { build } from '../support/built.ts';
import { readWhole, richSnapshot, sampleNamespace, sampleSnapshot } from './sample-snapshots.ts';
import { at, newFile, withStore } from './sqlite-files.ts';

/*
 * What other processes do to a database, and what the system does to them. They run what is shipped, which
 * starts faster than sources.
 */

t.setTimeout(240_000);

const dist = build();
const script = (name: string): string => resolve('test/store', name);
const module = (path: string): string => pathToFileURL(join(dist, path)).href;
const migrations = readMigrations();

/** Statements of a migration, of which none has a semicolon in it. */
function statementsOf({ sql }: Migration): readonly string[] {
  const plain = sql.replaceAll(/^\s*--.*$/gm, '');
  return plain.split(';').filter((one) => one.trim() !== '');
}

/** A database as the first `count` migrations leave it, with the rows of `from` that it has tables for. */
function olderDatabase(count: number, from: string): string {
  const file = newFile();
  const database = new Database(file);
  database.pragma('auto_vacuum = INCREMENTAL');
  database.pragma('journal_mode = WAL');
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.pragma('foreign_keys = OFF');
  migrate(database, migrations.slice(0, count));
  database.prepare('ATTACH ? AS newer').run(from);
  const tables = database
    .prepare<[], string>(
      "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' " +
        "AND name <> 'migrations'",
    )
    .pluck()
    .all();
  for (const table of tables)
    database.exec(`INSERT INTO main.${table} SELECT * FROM newer.${table}`);
  database.close();
  return file;
}

t.test(
  'a start that was killed between two statements of the schema is completed by the next',
  async (t) => {
    const full = newFile();
    const { id } = (
      await withStore(full, (store) => store.put('prod', richSnapshot(), at(1), { key: 'first' }))
    ).stored;
    let kills = 0;
    for (const migration of migrations) {
      const before = migrations.slice(0, migration.number - 1);
      const statements = statementsOf(migration);
      const older = olderDatabase(before.length, full);
      for (let done = 0; done <= statements.length; done += 1) {
        const file = newFile();
        copyFileSync(older, file);
        const sql = [...statements.slice(0, done), 'SELECT die()'].join(';');
        const steps = JSON.stringify([...before, { ...migration, sql }]);
        const args = [script('migrate-and-die.mjs'), module('store/sqlite/migrate.js')];
        const { signal, stderr } = spawnSync(process.execPath, [...args, file, steps]);
        t.equal(signal, 'SIGKILL', stderr.toString());
        await withStore(file, async (store) => {
          const hasRows = 0 < before.length;
          if (hasRows) t.strictSame(readWhole(await store.get(id)), richSnapshot());
          t.equal((await store.put('prod', richSnapshot(), at(2))).created, !hasRows);
        });
        kills += 1;
      }
    }
    t.ok(20 < kills, `${kills} kills`);
  },
);

/** Pairs of servers that want the same database at the same time (`PODREACH_RACES`). */
const RACES = Number(process.env['PODREACH_RACES'] ?? 4);

t.test('of two that claim a database at the same time exactly one has it', async (t) => {
  const file = newFile();
  for (let race = 0; race < RACES; race += 1) {
    const args = [script('claim-once.mjs'), module('store/open-store.js'), `sqlite:${file}`];
    const both = [1, 2].map(() => spawn(process.execPath, args));
    const said = await Promise.all(
      both.map(async ({ stdout }) => String(await once(stdout, 'data'))),
    );
    t.equal(said.filter((one) => one === 'claimed\n').length, 1, said.join(''));
    t.equal(said.filter((one) => /is in use by process \d+/.test(one)).length, 1, said.join(''));
    const ended = both.map((child) => once(child, 'close'));
    for (const child of both) child.stdin.end();
    t.same(await Promise.all(ended), [
      [0, null],
      [0, null],
    ]);
  }
});

t.test(
  'a log that grew while another process read for long is used again afterwards',
  async (t) => {
    const file = newFile();
    const logBytes = (): number => statSync(`${file}-wal`).size;
    await withStore(file, async (store) => {
      let number = 0;
      const put = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i += 1) {
          number += 1;
          const pods = Array.from({ length: 6000 }, () => randomBytes(20).toString('hex'));
          await store.put('prod', sampleSnapshot([sampleNamespace('shop', { pods })]), at(number));
        }
      };
      await put(1);
      const reader = new Database(file, { readonly: true });
      reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM snapshots').get();
      await put(20);
      const grown = logBytes();
      t.ok(4.5 * 1024 ** 2 < grown, `it has ${grown} bytes`);
      reader.close();
      await put(25);
      t.ok(logBytes() < 1.2 * grown, `and then ${logBytes()}`);
    });
    t.equal(
      statSync(`${file}-wal`, { throwIfNoEntry: false }),
      undefined,
      'and is gone at the end',
    );
  },
);

/** How often each call of the system fails (`PODREACH_SYSCALLS`: the first so many times it is made). */
const CALLS = Number(process.env['PODREACH_SYSCALLS'] ?? 1);
const PUTS = 3;

/** Calls that a database makes, what they fail with, and each how-manieth. */
const FAULTS: readonly (readonly [calls: string, error: string, each: number])[] = [
  ['fsync,fdatasync', 'EIO', 1],
  ['pwrite64', 'ENOSPC', 5],
  ['pwrite64', 'EIO', 3],
  ['ftruncate', 'EIO', 1],
];

/** Only where a process can be watched. */
function canInject(): boolean {
  const { status } = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']);
  return status === 0;
}

t.test(
  'whichever call of the system fails, nothing acknowledged is lost and nothing is there twice',
  { skip: !canInject() },
  async (t) => {
    let failures = 0;
    let injected = 0;
    for (const [call, error, each] of FAULTS) {
      const whens = Array.from({ length: CALLS }, (_, i) => [each * i + 1, `${each * (i + 1)}+`]);
      for (const when of whens.flat()) {
        const what = `${call} ${error} ${when}`;
        const file = newFile();
        await withStore(file, (store) => store.put('prod', richSnapshot(), at(0)));
        const inject = ['-f', '-qq', '-o', `${file}.calls`, '-e', `trace=${call}`];
        const args = [...inject, '-e', `inject=${call}:error=${error}:when=${when}`, '--'];
        const puts = [script('put-under-faults.mjs'), dist, `sqlite:${file}`, `${PUTS}`];
        const child = spawn('strace', [...args, process.execPath, ...puts]);
        const [said, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
        const lines = said.split('\n').filter((line) => line !== '');
        const told = lines.map((line) => line.split(' ').slice(1).join(' '));
        const ids = told.filter((one) => one.startsWith('s_'));
        const codes = told.filter((one) => !one.startsWith('s_'));
        failures += codes.length;
        t.same(
          codes.filter((code) => !['store-failed', 'disk-full', 'busy'].includes(code)),
          [],
          `${what}: what fails says so ${complaint}`,
        );
        t.ok(codes.every((code) => Object.hasOwn(ERROR_CODES, code)));
        t.ok(PUTS <= lines.length, `${what}: it goes on to the end`);
        await withStore(file, async (store) => {
          const { items } = await store.snapshots('prod', { offset: 0, limit: 99 });
          for (const { id } of items) readWhole(await store.get(id));
          const stored = new Set<string>(items.map(({ id }) => id));
          t.same(
            ids.filter((id) => !stored.has(id)),
            [],
            `${what}: what was acknowledged is there`,
          );
          const digests = new Set(items.map(({ digest }) => digest));
          t.equal(
            digests.size,
            items.length,
            `${what}: what failed and was sent again is there once`,
          );
        });
        const database = new Database(file, { readonly: true });
        t.equal(database.pragma('integrity_check', { simple: true }), 'ok', what);
        database.close();
        if (readFileSync(`${file}.calls`, 'utf8').includes('INJECTED')) injected += 1;
      }
    }
    t.ok(FAULTS.length <= injected, `calls failed in ${injected} processes`);
    t.ok(CALLS < failures, `${failures} attempts failed`);
  },
);
