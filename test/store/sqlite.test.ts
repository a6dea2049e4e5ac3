import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import Database from 'better-sqlite3';
import t from 'tap';

import { provenanceByNamespace } from '../../src/model/snapshot.ts';
import type { Snapshot, SnapshotId } from '../../src/model/snapshot.ts';
import { openStore } from '../../src/store/open-store.ts';
import { readMigrations } from '../../src/store/sqlite/migrate.ts';
import { APPLICATION_ID, openDatabase } from '../../src/store/sqlite/open.ts';
import { scriptArguments } from '../support/script.ts';
import { readWhole, richSnapshot, sampleNamespace, sampleProblem } from './sample-snapshots.ts';
import { sampleSnapshot } from './sample-snapshots.ts';
import { at, countRows, meddle, newFile, withStore } from './sqlite-files.ts';
import { storeSuite } from './store-suite.ts';

storeSuite('sqlite in memory', (options) => openStore('sqlite::memory:', options));
storeSuite('sqlite in a file', (options) => openStore(`sqlite:${newFile()}`, options));

void t.test('a database that was closed and opened again holds everything', async (t) => {
  const file = newFile();
  const stored = await withStore(file, (store) => store.put('prod', richSnapshot(), at(1)));
  await withStore(file, async (store) => {
    t.strictSame(readWhole(await store.get(stored.stored.id)), richSnapshot());
    t.same(await store.latest('prod'), stored.stored);
    t.equal((await store.put('prod', richSnapshot(), at(2))).created, false);
  });
});

void t.test('every connection has every setting, the second one too', (t) => {
  const expected = {
    journal_mode: 'wal',
    synchronous: 2,
    foreign_keys: 1,
    trusted_schema: 0,
    cell_size_check: 1,
    mmap_size: 0,
    journal_size_limit: 67_108_864,
    wal_autocheckpoint: 1000,
    auto_vacuum: 2,
    busy_timeout: 50,
    application_id: APPLICATION_ID,
    user_version: readMigrations().length,
  };
  const file = newFile();
  const connections = [openDatabase(file), openDatabase(file)];
  for (const database of connections) {
    for (const [name, value] of Object.entries(expected)) {
      t.equal(database.pragma(name, { simple: true }), value, name);
    }
    database.close();
  }
  t.end();
});

void t.test('the hundredth snapshot costs what changed', async (t) => {
  const file = newFile();
  const place = (name: string, line: number) => ({
    object: { apiVersion: 'v1', kind: 'Pod', namespace: name, name: 'p' },
    line,
    lines: [],
  });
  const version = (pod: string): Snapshot => {
    const names = Array.from({ length: 30 }, (_, i) => `ns-${i + 10}`);
    const changed = sampleNamespace('changing', { pods: [pod] });
    return sampleSnapshot([changed, ...names.map((name) => sampleNamespace(name))], {
      problems: Array.from({ length: 20 }, (_, i) => sampleProblem({ path: `spec[${i}]` })),
      provenance: provenanceByNamespace(names.map((name) => place(name, 7))),
    });
  };
  await withStore(file, (store) => store.put('prod', version('a'), at(1)));
  const before = countRows(file);
  await withStore(file, (store) => store.put('prod', version('b'), at(2)));
  const after = countRows(file);
  const grown = [...after].map(([table, count]) => [table, count - (before.get(table) ?? 0)]);
  t.strictSame(Object.fromEntries(grown), {
    chunks: 1,
    chunk_namespaces: 1,
    snapshots: 1,
    snapshot_chunks: 63,
    indexes: 0,
  });
});

void t.test('two clusters share no chunk', async (t) => {
  const file = newFile();
  await withStore(file, async (store) => {
    await store.put('a', richSnapshot(), at(1));
    await store.put('b', richSnapshot(), at(1));
  });
  const database = new Database(file, { readonly: true });
  const twice = database.prepare('SELECT hash FROM chunks GROUP BY hash HAVING count(*) = 2').all();
  t.equal(twice.length * 2, countRows(file).get('chunks'));
  database.close();
});

void t.test('deleting gives the space back to the file system', async (t) => {
  const file = newFile();
  const pods = Array.from({ length: 20_000 }, (_, i) => `pod-${i}-${(i * 7919) % 10_007}`);
  const small = sampleSnapshot([sampleNamespace('small')]);
  const big = sampleSnapshot([sampleNamespace('big', { pods }), sampleNamespace('small')]);
  await withStore(file, (store) => store.put('prod', small, at(1)));
  const size = statSync(file).size;
  await withStore(file, (store) => store.put('other', big, at(2)));
  t.ok(size + 100_000 < statSync(file).size, 'the big one takes space');
  await withStore(file, async (store) => {
    await store.deleteCluster('other');
    t.ok(statSync(file).size <= size + 16_384, 'none after its cluster is deleted');
    t.equal(statSync(`${file}-wal`).size, 0);
    const { stored } = await store.put('prod', big, at(2));
    await store.deleteSnapshot(stored.id);
    t.ok(statSync(file).size <= size + 16_384, 'none after it is deleted');
  });
  const full = await openStore(`sqlite:${file}`, { snapshotsPerClusterMax: 1 });
  await full.put('prod', big, at(3));
  await full.put('prod', small, at(4));
  t.ok(statSync(file).size <= size + 16_384, 'none after it is no longer kept');
  await full.close();
  const database = openDatabase(file);
  t.equal(database.pragma('freelist_count', { simple: true }), 0);
  database.close();
});

void t.test('two processes see what the other one puts', async (t) => {
  const file = newFile();
  await withStore(file, (one) =>
    withStore(file, async (other) => {
      const first = await one.put('prod', richSnapshot(), at(1));
      t.same(await other.latest('prod'), first.stored);
      const second = await other.put('prod', sampleSnapshot([]), at(2));
      t.same(await one.latest('prod'), second.stored);
      t.strictSame(readWhole(await one.get(second.stored.id)), sampleSnapshot([]));
    }),
  );
});

void t.test('a chunk that changed on disk is noticed, and only it', async (t) => {
  const file = newFile();
  const good = sampleSnapshot([sampleNamespace('shop')]);
  const bad = sampleSnapshot([sampleNamespace('shop', { pods: ['x'] })]);
  const [first, second] = await withStore(file, async (store) => [
    await store.put('prod', good, at(1)),
    await store.put('prod', bad, at(2)),
  ]);
  const database = new Database(file);
  const chunk = database
    .prepare<[], { id: number; hash: string; bytes: Buffer }>(
      "SELECT id, hash, bytes FROM chunks WHERE kind = 'namespace' ORDER BY id DESC",
    )
    .get();
  const write = database.prepare('UPDATE chunks SET bytes = ? WHERE id = ?');
  if (chunk === undefined) throw new Error('no chunk');
  await withStore(file, async (store) => {
    let noticed = 0;
    for (let i = 0; i < chunk.bytes.length; i += 7) {
      const flipped = Buffer.from(chunk.bytes);
      flipped.writeUInt8(flipped.readUInt8(i) ^ (1 << (i % 8)), i);
      write.run(flipped, chunk.id);
      // Bits past the end of the deflated stream change nothing.
      const result = await store
        .get(second.stored.id)
        .then(readWhole)
        .catch((error: unknown) => error);
      if (result instanceof Error) {
        t.match(result, { code: 'snapshot-corrupt', message: second.stored.id });
        t.match(result.message, chunk.hash);
        noticed += 1;
      } else t.strictSame(result, bad);
    }
    t.ok(chunk.bytes.length / 7 - 2 < noticed, 'nearly every bit carries something');
    t.strictSame(readWhole(await store.get(first.stored.id)), good, 'the other snapshot is read');
    t.ok((await store.latest('prod'))?.id, 'and both are listed');
    write.run(Buffer.from('garbage'), chunk.id);
    t.equal((await store.put('prod', bad, at(3))).created, false);
    t.strictSame(
      readWhole(await store.get(second.stored.id)),
      bad,
      'ingesting it again repairs it',
    );
  });
  database.close();
});

const SNAPSHOT_DAMAGE: readonly (readonly [what: string, sql: string, ...values: unknown[]])[] = [
  ['coverage', "UPDATE snapshots SET header = replace(header, 'COMPLETE', 'ABSENT')"],
  ['header', "UPDATE snapshots SET header = '{'"],
  ['source', "UPDATE snapshots SET source = 'MANIFESTS'"],
  ['digest', 'UPDATE snapshots SET digest = ?', '0'.repeat(64)],
  ['time', 'UPDATE snapshots SET taken_at = taken_at + 1'],
  ['id', "UPDATE snapshots SET id = replace(id, 's_', 's_0')"],
];

for (const [what, sql, ...values] of SNAPSHOT_DAMAGE) {
  void t.test(`a changed ${what} of a snapshot is noticed`, async (t) => {
    const file = newFile();
    await withStore(file, (store) => store.put('prod', richSnapshot(), at(1)));
    meddle(file, sql, ...values);
    await withStore(file, async (store) => {
      const { items } = await store.snapshots('prod', { offset: 0, limit: 1 });
      t.match(items, [{ problems: [{ code: 'SNAPSHOT_CORRUPT', severity: 'error' }] }]);
      t.same(items[0]?.coverage, []);
      const id = items[0]?.id ?? ('' as SnapshotId);
      await t.rejects(store.get(id), { code: 'snapshot-corrupt', message: id });
      await t.rejects(store.find(id), { code: 'snapshot-corrupt' });
      await t.rejects(store.latest('prod'), { code: 'snapshot-corrupt' });
      const again = await store.put('prod', richSnapshot(), at(2));
      t.equal(again.created, true, 'ingesting again stores it anew');
      t.strictSame(readWhole(await store.get(again.stored.id)), richSnapshot());
    });
  });
}

const CONTENT_DAMAGE: readonly (readonly [what: string, sql: string])[] = [
  [
    'a lost namespace',
    "DELETE FROM snapshot_chunks WHERE chunk_id = (SELECT max(id) FROM chunks WHERE kind = 'namespace')",
  ],
  [
    'a lost cluster chunk',
    "DELETE FROM snapshot_chunks WHERE chunk_id IN (SELECT id FROM chunks WHERE kind = 'cluster')",
  ],
  [
    'lost provenance',
    "DELETE FROM snapshot_chunks WHERE chunk_id IN (SELECT id FROM chunks WHERE kind = 'provenance')",
  ],
  ['another name', "UPDATE chunk_namespaces SET namespace = 'shoq' WHERE namespace = 'shop'"],
  ['a lost name', "DELETE FROM chunk_namespaces WHERE namespace = 'data'"],
  ['a wrong kind', "UPDATE chunks SET kind = 'cluster' WHERE kind = 'namespace'"],
];

for (const [what, sql] of CONTENT_DAMAGE) {
  void t.test(`${what} is noticed`, async (t) => {
    const file = newFile();
    const { stored } = await withStore(file, (store) => store.put('prod', richSnapshot(), at(1)));
    meddle(file, sql);
    const read = withStore(file, async (store) => readWhole(await store.get(stored.id)));
    await t.rejects(read, { code: 'snapshot-corrupt', message: stored.id });
  });
}

void t.test('a damaged namespace is noticed when it is touched, and hides no other', async (t) => {
  const file = newFile();
  const { stored } = await withStore(file, (store) => store.put('prod', richSnapshot(), at(1)));
  const damage =
    "UPDATE chunks SET bytes = x'00' WHERE id = " +
    "(SELECT chunk_id FROM chunk_namespaces JOIN chunks ON id = chunk_id WHERE kind = 'namespace' " +
    "AND namespace = 'shop')";
  meddle(file, damage);
  await withStore(file, async (store) => {
    const { namespaces } = await store.get(stored.id);
    t.strictSame(namespaces.get('data'), richSnapshot().namespaces.get('data'));
    for (const time of ['first', 'second']) {
      const corrupt = { code: 'snapshot-corrupt', message: stored.id };
      t.throws(() => namespaces.get('shop'), corrupt, `the ${time} time it is asked for`);
    }
    t.throws(() => [...namespaces], { code: 'snapshot-corrupt' });
  });
});

void t.test('provenance from before its namespace had a column is read to learn it', async (t) => {
  const file = newFile();
  const { stored } = await withStore(file, (store) => store.put('prod', richSnapshot(), at(1)));
  meddle(
    file,
    "DELETE FROM chunk_namespaces WHERE chunk_id IN (SELECT id FROM chunks WHERE kind = 'provenance')",
  );
  await withStore(file, async (store) => {
    t.strictSame(readWhole(await store.get(stored.id)), richSnapshot());
  });
});

const INDEX_DAMAGE: readonly (readonly [what: string, sql: string, ...values: unknown[]])[] = [
  ['other bytes', "UPDATE indexes SET bytes = cast(replace(bytes, 'i', 'j') AS BLOB)"],
  ['fewer bytes', 'UPDATE indexes SET bytes = substr(bytes, 1, 3)'],
  ['a wrong size', 'UPDATE indexes SET size = size + 1'],
  ['a wrong checksum', 'UPDATE indexes SET checksum = ?', '0'.repeat(64)],
  ['no bytes', "UPDATE indexes SET bytes = x''"],
];

for (const [what, sql, ...values] of INDEX_DAMAGE) {
  void t.test(`an index with ${what} is deleted and never returned`, async (t) => {
    const file = newFile();
    await withStore(file, async (store) => {
      const { id } = (await store.put('prod', richSnapshot(), at(1))).stored;
      await store.putIndex(id, '1', Buffer.from('an index'));
      t.equal((await store.getIndex(id, '1'))?.length, 8);
      meddle(file, sql, ...values);
      t.equal(await store.getIndex(id, '1'), undefined);
      t.equal(countRows(file).get('indexes'), 0);
      await store.putIndex(id, '1', Buffer.from('an index'));
      t.equal((await store.getIndex(id, '1'))?.length, 8, 'compiled anew, kept anew');
    });
  });
}

void t.test('a write waits for another process without blocking this one', async (t) => {
  const file = newFile();
  await withStore(file, async (store) => {
    const { id } = (await store.put('prod', richSnapshot(), at(1))).stored;
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 10);
    const writes = Promise.all([
      store.put('prod', sampleSnapshot([]), at(2)),
      store.putIndex(id, '1', Buffer.from('an index')),
      store.deleteCluster('none'),
    ]);
    t.ok(await store.get(id), 'reading goes on meanwhile');
    await sleep(600);
    other.exec('COMMIT');
    t.match(await writes, [{ created: true }, undefined, false]);
    clearInterval(timer);
    t.ok(5 < turns, `the event loop turned ${turns} times`);
    other.close();
  });
});

void t.test('a put that fails in the middle leaves nothing', async (t) => {
  const file = newFile();
  await withStore(file, (store) => store.put('prod', sampleSnapshot([]), at(1)));
  const before = countRows(file);
  meddle(
    file,
    'CREATE TRIGGER fail BEFORE INSERT ON snapshot_chunks WHEN ' +
      "NEW.chunk_id = (SELECT max(chunk_id) FROM chunk_namespaces) BEGIN SELECT RAISE(ABORT, 'no'); END",
  );
  await withStore(file, async (store) => {
    const put = store.put('prod', richSnapshot(), at(2));
    await t.rejects(put, { code: 'store-failed', cause: { code: 'SQLITE_CONSTRAINT_TRIGGER' } });
    t.same((await store.cluster('prod'))?.lastSeenAt, at(1));
  });
  t.same(countRows(file), before);
});

void t.test('a write error fails the put, and the store goes on', async (t) => {
  const file = newFile();
  await withStore(file, (store) => store.put('prod', sampleSnapshot([]), at(1)));
  // Past 512 KiB of a file every write fails, as on a bad disk; the signal for it must not kill the process.
  const limited = `trap '' XFSZ; ulimit -f 512; exec "$0" "$@"`;
  const script = scriptArguments('put-big', import.meta.url);
  const args = ['-c', limited, process.execPath, ...script, `sqlite:${file}`];
  const child = spawnSync('/bin/bash', args);
  t.equal(child.stdout.toString(), 'store-failed\nput again: true\n', child.stderr.toString());
  await withStore(file, async (store) => {
    t.equal((await store.snapshots('prod', { offset: 0, limit: 9 })).totalCount, 2);
  });
});

void t.test('SQL finds namespaces, workloads, policies, labels and problems', async (t) => {
  const file = newFile();
  await withStore(file, (store) => store.put('prod', richSnapshot(), at(1)));
  const database = openDatabase(file);
  const all = (sql: string): unknown[] => database.prepare(sql).raw().all();
  t.same(all('SELECT name, pod_count FROM namespaces ORDER BY name'), [
    ['data', 2],
    ['shop', 2],
  ]);
  t.same(all('SELECT DISTINCT kind, name FROM workloads'), [['Deployment', 'api']]);
  t.same(all('SELECT name, tier, opaque_code FROM policies ORDER BY name'), [
    ['allow-web', 'network-policy', 'INVALID_POLICY'],
    ['allow-web', 'network-policy', 'INVALID_POLICY'],
    ['baseline', 'network-policy', 'INVALID_POLICY'],
  ]);
  t.same(all("SELECT value FROM pod_labels WHERE key = '__proto__'"), [['0']]);
  t.same(all('SELECT code, namespace FROM problems'), [['INVALID_POLICY', 'shop']]);
  database.close();
});

void t.test('a process killed while it puts loses nothing it acknowledged', async (t) => {
  const file = newFile();
  const url = `sqlite:${file}`;
  const script = scriptArguments('put-loop', import.meta.url);
  const acknowledged: (readonly string[])[] = [];
  for (let cycle = 0; cycle < 15; cycle += 1) {
    const first = String(1 + cycle * 1_000_000);
    const child = spawn(process.execPath, [...script, url, first], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    // So many puts, and then some way into the next one, however fast the machine is.
    let puts = cycle % 5;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line !== 'ready') acknowledged.push(line.split(' '));
      if (puts === 0) setTimeout(() => child.kill('SIGKILL'), 1 + cycle * 2);
      puts -= 1;
    }
    t.same(await ended, [null, 'SIGKILL']);
    await withStore(file, async (store) => {
      const { items, totalCount } = await store.snapshots('prod', { offset: 0, limit: 1000 });
      t.ok(totalCount <= 8, 'retention never stops halfway');
      for (const { id, digest } of items) {
        t.equal(readWhole(await store.get(id)).digest, digest);
        const index = await store.getIndex(id, '1');
        t.ok(index === undefined || Buffer.from(index).toString() === digest.repeat(1000));
      }
      // Of eight that are kept one at most is not acknowledged.
      const ids = new Set<string | undefined>(items.map(({ id }) => id));
      const kept = acknowledged.filter(([number]) => Number(first) <= Number(number)).slice(-7);
      t.same(
        kept.filter(([, id]) => !ids.has(id)),
        [],
        'what was acknowledged is there',
      );
    });
  }
  t.ok(20 < acknowledged.length, `${acknowledged.length} snapshots were acknowledged`);
  const database = openDatabase(file);
  t.equal(database.pragma('integrity_check', { simple: true }), 'ok');
  t.same(database.pragma('foreign_key_check'), []);
  database.close();
});
