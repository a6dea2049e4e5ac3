import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { decodeIndex } from '../../src/engine/index/stored-index.ts';
import { DEFAULT_OPTIONS, ENGINE_VERSION } from '../../src/engine/options.ts';
import { path } from '../../src/engine/queries/path.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import type { ManifestInput } from '../../src/model/input.ts';
import type { SnapshotId } from '../../src/model/snapshot.ts';
import { createPodreach } from '../../src/service/create-podreach.ts';
import { readFrames, writeFrame } from '../../src/service/jobs/frames.ts';
import { engineCodec } from '../../src/service/jobs/index-codec.ts';
import { jobEntry } from '../../src/service/jobs/job-settings.ts';
import type { IndexCodec } from '../../src/service/jobs/index-codec.ts';
import { EVERYONE } from '../../src/service/viewer.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { SnapshotStore } from '../../src/store/snapshot-store.ts';
import { childrenOf } from '../support/children.ts';
import { snapshotOf } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import {
  LIMITS,
  MIB,
  builtProcesses,
  builtThread,
  endless,
  inputs,
  jobs,
  pod,
  task,
} from './job-support.ts';

t.setTimeout(240_000);

const shipped = await builtProcesses();
const Thread = await builtThread();
/** Runs as the tests do, which can be from sources, slowly: one for all tests that harm none. */
const shared = await jobs(t);

const CODEC = engineCodec();

t.test('frames come out as they went in, however the bytes are cut', async (t) => {
  const { PassThrough } = await import('node:stream');
  const payloads = [0, 1, 5, 70_000, 3].map((length) => Buffer.alloc(length, length));
  const pipe = new PassThrough({ highWaterMark: 1 << 20 });
  for (const payload of payloads) {
    await writeFrame(pipe, 'input', payload);
    await writeFrame(pipe, 'bytes', payload);
  }
  await writeFrame(pipe, 'end');
  pipe.end();
  const whole = Buffer.concat(await pipe.toArray());
  for (const size of [1, 3, 7, 65_536, whole.length]) {
    const cut = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
    };
    const found: { kind: string; payload: Buffer }[] = [];
    for await (const { kind, payload } of readFrames(cut())) {
      const last = found.at(-1);
      // Bytes come as they were cut; whatever else is one frame comes as one.
      if (kind !== 'bytes' || last?.kind !== 'bytes') {
        found.push({ kind, payload: Buffer.from(payload) });
      } else {
        last.payload = Buffer.concat([last.payload, payload]);
      }
    }
    const sent = payloads.flatMap((payload) => [
      { kind: 'input', payload },
      ...(payload.length === 0 ? [] : [{ kind: 'bytes', payload }]),
    ]);
    t.same(found, [...sent, { kind: 'end', payload: Buffer.alloc(0) }], `${size}`);
  }
  await t.rejects(writeFrame(pipe, 'end'), /closed/);
});

t.test('a source is started with the loaders of this process, what was built without', (t) => {
  const { execArgv } = process;
  t.teardown(() => (process.execArgv = execArgv));
  process.execArgv = ['--import', 'one', '--enable-source-maps', '--import=two'];
  t.same(jobEntry('child', 'file:///src/jobs/parent.ts'), {
    url: new URL('file:///src/jobs/child.ts'),
    execArgv: ['--import', 'one', '--enable-source-maps', '--import=two'],
    loaders: ['one', 'two'],
  });
  t.same(jobEntry('child', 'file:///dist/jobs/parent.js'), {
    url: new URL('file:///dist/jobs/child.js'),
    execArgv: [],
    loaders: [],
  });
  t.end();
});

t.test('another process takes in what this one passes on, and stores it', async (t) => {
  const { store, runner } = shared;
  const seen: number[] = [];
  const first = await runner.run(
    { ...task('taken'), onProgress: ({ objects }) => seen.push(objects) },
    inputs(pod('web'), pod('db')),
  );
  t.equal(first.created, true);
  t.equal(seen.at(-1), 2);
  const snapshot = await store.get(first.id);
  t.same(snapshot.namespaces.get('shop')?.pods.name, ['db', 'web']);
  const again = await runner.run(task('taken'), inputs(pod('web'), pod('db')));
  t.same(again, { id: first.id, created: false });
  const named = { ...task('taken'), key: 'a key' };
  t.ok((await runner.run(named, inputs(pod('api')))).created);
  await t.rejects(runner.run(named, inputs(pod('web'))), { code: 'key-reused' });
  const empty = runner.run(task('taken'), inputs());
  await t.rejects(empty, { code: 'bad-input' });
});

t.test('what is wrong with the input is told as if it were read here', async (t) => {
  const { store, runner } = shared;
  const strict = { ...task('wrong'), reading: { strict: true } };
  const twice = `${pod('web')}---\n${pod('web').replace('app: web', 'app: other')}`;
  const cases = [
    runner.run(task('wrong'), inputs('{"kind": "Pod" "x"}')),
    runner.run(strict, inputs(twice)),
  ];
  for (const failed of cases) {
    const error: unknown = await failed.catch((thrown: unknown) => thrown);
    t.ok(error instanceof PodreachError && error.code === 'bad-input', String(error));
  }
  t.equal(await store.cluster('wrong'), undefined);
  t.ok((await runner.run(task('wrong'), inputs(pod('web')))).created, 'the process goes on');
});

t.test('another process reads as it is told', async (t) => {
  const { store, runner } = shared;
  const reading = { unknownFields: 'prune', strictCIDR: false } as const;
  const { id } = await runner.run({ ...task('chosen'), reading }, inputs(pod('web')));
  t.same((await store.get(id)).assumptions, ['LENIENT_CIDRS_ACCEPTED', 'UNKNOWN_FIELDS_PRUNED']);
});

t.test('an error of the sender is the error of the ingest, and nothing is stored', async (t) => {
  const { store, runner } = shared;
  const cut = async function* (): AsyncGenerator<ManifestInput> {
    yield {
      bytes: (async function* () {
        yield Buffer.from(pod('web'));
        throw new PodreachError('upload-too-large', 'more than 10 bytes');
      })(),
    };
  };
  await t.rejects(runner.run(task('sender'), cut()), { code: 'upload-too-large' });
  t.equal(await store.cluster('sender'), undefined);
  t.ok((await runner.run(task('sender'), inputs(pod('web')))).created);
});

t.test('a task that fails early does not wait for the rest of its input', async (t) => {
  const { runner } = shared;
  let isReturned = false;
  const stuck = async function* (): AsyncGenerator<ManifestInput> {
    yield {
      bytes: (async function* () {
        try {
          yield Buffer.from('1f8b08ff', 'hex');
          for (;;) yield await sleep(20, Buffer.from('more\n'));
        } finally {
          isReturned = true;
        }
      })(),
    };
  };
  await t.rejects(runner.run(task('early'), stuck()), { code: 'bad-encoding' });
  t.ok((await runner.run(task('early'), inputs(pod('web')))).created);
  await sleep(50);
  t.equal(isReturned, true, 'the input was let go');
});

t.test('a slow reader slows the sender down', async (t) => {
  const { runner } = await jobs(t, { memoryBytesMax: 4096 * MIB }, shipped);
  const { input, sent, end } = endless();
  const running = runner.run(task(), input);
  await sleep(1500);
  end();
  const outcome = await running;
  t.ok(outcome.created, `${sent()} pods`);
});

const isLinux = process.platform === 'linux';

t.test('a process killed at any moment fails its ingest only', { skip: !isLinux }, async (t) => {
  const { store, runner } = await jobs(t, {}, shipped);
  let killed = 0;
  let kept = 0;
  for (const delay of [0, 30, 300, 600, 900, 1200, 1500, 2000, 3000]) {
    const { input, end } = endless(100);
    const ingest = runner.run(task(`c${delay}`), input);
    setTimeout(() => {
      end();
    }, 50);
    const killer = setTimeout(() => {
      for (const pid of childrenOf(process.pid)) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It ended by itself.
        }
      }
    }, delay);
    const result = await ingest.catch((error: unknown) => error);
    clearTimeout(killer);
    const cluster = await store.cluster(`c${delay}`);
    if (result instanceof Error) {
      killed += 1;
      t.match(result, { code: 'ingest-failed' });
    } else kept += 1;
    if (cluster?.latest === undefined) continue;
    const snapshot = await store.get(cluster.latest.id);
    t.equal([...snapshot.namespaces.values()].length, 50, 'what is visible is whole');
  }
  t.ok(0 < killed, `${killed} killed, ${kept} stored`);
  t.ok((await runner.run(task(), inputs(pod('web')))).created, 'the next one works');
});

t.test('too much memory or time ends the process with one clear error', async (t) => {
  const heap = await jobs(t, { heapBytesMax: 100 * MIB }, shipped);
  const first = endless();
  await t.rejects(heap.runner.run(task(), first.input), {
    code: 'upload-too-large',
    details: { which: 'ingestHeapBytesMax' },
  });
  t.ok((await heap.runner.run(task(), inputs(pod('web')))).created);
  await heap.runner.close();
  if (isLinux) {
    const memory = await jobs(t, { memoryBytesMax: 150 * MIB }, shipped);
    const second = endless();
    await t.rejects(memory.runner.run(task(), second.input), {
      code: 'upload-too-large',
      details: { which: 'ingestMemoryBytesMax' },
    });
  }
  const time = await jobs(t, { timeoutMs: 700 }, shipped);
  await t.rejects(time.runner.run(task(), endless().input), {
    code: 'ingest-failed',
    message: /longer than 1 s/,
  });
  t.equal(await time.store.cluster('prod'), undefined);
});

t.test('ingests wait for their turn, and beyond a few are busy', async (t) => {
  const { runner, store } = await jobs(t, {}, shipped);
  const { input, end } = endless();
  const first = runner.run(task('a'), input);
  const second = runner.run(task('b'), inputs(pod('web')));
  const third = runner.run(task('c'), inputs(pod('web')));
  await t.rejects(runner.run(task('d'), inputs(pod('web'))), {
    code: 'busy',
    details: { retryAfterSeconds: 10 },
  });
  end();
  t.match(await Promise.all([first, second, third]), [{}, { created: true }, { created: true }]);
  t.equal((await store.clusters({ limit: 9 })).totalCount, 3);
});

t.test('a worn process is replaced, and closing ends what runs', { skip: !isLinux }, async (t) => {
  const { runner } = await jobs(t, { runsPerProcessMax: 2, runningMax: 2 }, shipped);
  const [born] = childrenOf(process.pid);
  await runner.run(task(), inputs(pod('a')));
  t.same(childrenOf(process.pid), [born], 'one is kept');
  await runner.run(task(), inputs(pod('b')));
  const two = [runner.run(task('x'), inputs(pod('x'))), runner.run(task('y'), inputs(pod('y')))];
  t.match(await Promise.all(two), [{ created: true }, { created: true }]);
  t.notOk(childrenOf(process.pid).includes(born ?? 0));
  const ends = [1, 2, 3, 4].map(async () =>
    t.rejects(runner.run(task(), endless().input), { code: 'ingest-failed', message: /stops/ }),
  );
  await sleep(100);
  await runner.close();
  await Promise.all(ends);
  await t.rejects(runner.run(task(), inputs(pod('a'))), { message: /stops/ });
  t.same(childrenOf(process.pid), []);
});

t.test('a database that cannot be opened fails the ingest', async (t) => {
  const { settings } = await jobs(t, {}, shipped);
  const runner = shipped({ ...settings, database: 'sqlite:/none/x.db' }, LIMITS);
  t.teardown(() => runner.close());
  await t.rejects(runner.run(task(), inputs(pod('web'))), { code: 'store-failed' });
});

t.test('a thread compiles what is stored without an index', async (t) => {
  const { store, settings, runner } = await jobs(t, {}, shipped);
  const { id } = await runner.run(task(), inputs(pod('web'), pod('db')));
  const snapshot = await store.get(id);
  const canSave = CODEC.save(CODEC.compile(snapshot, DEFAULT_OPTIONS)) !== undefined;
  t.equal((await store.getIndex(id, ENGINE_VERSION)) !== undefined, canSave, 'the ingest kept it');
  await store.putIndex(id, 'another', new Uint8Array());
  const thread = new Thread(settings, { heapBytesMax: 512 * MIB, waitingMax: 2 });
  t.teardown(() => thread.close());
  const index = await thread.compile(id);
  t.equal(index?.buffer instanceof SharedArrayBuffer, canSave);
  t.equal((await store.getIndex(id, ENGINE_VERSION)) !== undefined, canSave, 'and the thread does');
  if (index !== undefined) t.ok(CODEC.load(index, snapshot, DEFAULT_OPTIONS));
  const waiting = [thread.compile(id), thread.compile(id)];
  await t.rejects(thread.compile(id), { code: 'busy' });
  await Promise.all(waiting);
  await thread.close();
  t.equal((await thread.compile(id)) === undefined, true, 'a new one starts when it is needed');
});

t.test('a thread that ends tells those who wait, and the next one works', async (t) => {
  const { settings, store } = await jobs(t, {}, shipped);
  const broken = new Thread(
    { ...settings, database: 'sqlite:/none/x.db' },
    { heapBytesMax: 512 * MIB, waitingMax: 2 },
  );
  for (const time of ['first', 'second']) {
    await t.rejects(broken.compile('s_none' as SnapshotId), { code: 'busy' }, time);
  }
  const thread = new Thread(settings, { heapBytesMax: 512 * MIB, waitingMax: 2 });
  t.teardown(() => thread.close());
  await t.rejects(thread.compile('s_none' as SnapshotId), { code: 'snapshot-not-found' });
  const waiting = t.rejects(thread.compile('s_none' as SnapshotId), { message: /stops/ });
  await thread.close();
  await waiting;
  await store.ping();
});

t.test('an index that is compiled after another takes in what changed', async (t) => {
  const codec = engineCodec();
  const compiled = async (...objects: readonly KubeObject[]): Promise<number | undefined> => {
    const snapshot = await snapshotOf(objects);
    const bytes = codec.save(codec.compile(snapshot, DEFAULT_OPTIONS)) ?? new Uint8Array();
    t.ok(codec.load(bytes, snapshot, DEFAULT_OPTIONS), 'it is stored like any other');
    return decodeIndex(bytes, snapshot, DEFAULT_OPTIONS)?.overlays;
  };
  const web: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name: 'web', labels: { app: 'web' } },
  };
  const deny = (app: string): KubeObject => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace: 'shop', name: 'deny' },
    spec: { podSelector: { matchLabels: { app } }, policyTypes: ['Ingress'] },
  });
  t.equal(await compiled(web, deny('db')), 0, 'the first is compiled');
  t.equal(await compiled(web, deny('web')), 1, 'another rule is an overlay');
  t.equal(await compiled(web, deny('web')), 1, 'what is the same stays');
  t.equal(await compiled(deny('web')), 0, 'a pod that went is compiled');
});

t.test('an index is loaded, else compiled beside, else here, and never twice', async (t) => {
  const store = await openStore('sqlite::memory:', { snapshotsPerClusterMax: 9 });
  const log: string[] = [];
  let canLoad = true;
  let compiled: Uint8Array | undefined = Buffer.from('from the thread');
  const codec: IndexCodec = {
    ...CODEC,
    compile: (...args) => {
      log.push('compile');
      return CODEC.compile(...args);
    },
    load: (bytes, snapshot, options): ReachIndex | undefined => {
      log.push(`load ${Buffer.from(bytes).toString()}`);
      return canLoad ? CODEC.compile(snapshot, options) : undefined;
    },
  };
  const ask = async (text: string, kept?: string): Promise<string[]> => {
    log.length = 0;
    const podreach = createPodreach({
      store: wrap(store),
      engineOptions: DEFAULT_OPTIONS,
      limits: DEFAULT_INGEST_LIMITS,
      indexCacheBytesMax: MIB,
      codec,
      compiler: {
        compile: async () => {
          log.push('thread');
          return compiled;
        },
        close: () => Promise.resolve(),
      },
    });
    const { snapshot } = await podreach.ingest(EVERYONE, 'a', inputs(pod('web'), text));
    if (kept !== undefined) await store.putIndex(snapshot.id, ENGINE_VERSION, Buffer.from(kept));
    const args = { from: 'shop/web', to: 'shop/web', port: 'any' };
    await Promise.all([1, 2, 3].map(() => podreach.ask(EVERYONE, 'a', path, args)));
    await podreach.close();
    return log;
  };
  t.same(await ask(pod('a'), 'kept'), ['load kept']);
  t.same(await ask(pod('b')), ['thread', 'load from the thread']);
  canLoad = false;
  t.same(await ask(pod('c'), 'foreign'), [
    'load foreign',
    'thread',
    'load from the thread',
    'compile',
  ]);
  compiled = undefined;
  t.same(await ask(pod('d')), ['thread', 'compile']);
  await store.close();
});

/** A store that stays open. */
function wrap(store: SnapshotStore): SnapshotStore {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'close') return () => Promise.resolve();
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
