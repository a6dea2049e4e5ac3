import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Test } from 'tap';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import type { ManifestInput } from '../../src/model/input.ts';
import type { CompileThread } from '../../src/service/jobs/compile-thread.ts';
import { ingestProcesses } from '../../src/service/jobs/ingest-processes.ts';
import type { IngestProcessLimits } from '../../src/service/jobs/ingest-processes.ts';
import type { IngestRunner, IngestTask } from '../../src/service/jobs/ingest-runner.ts';
import type { JobSettings } from '../../src/service/jobs/job-settings.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { SnapshotStore } from '../../src/store/snapshot-store.ts';
import { builtModule } from '../support/built.ts';

export const MIB = 1024 * 1024;
const folder = t.testdir({});
let files = 0;

export const LIMITS: IngestProcessLimits = {
  runningMax: 1,
  waitingMax: 2,
  runsPerProcessMax: 100,
  timeoutMs: 60_000,
  heapBytesMax: 512 * MIB,
  memoryBytesMax: 2048 * MIB,
  keptMemoryBytesMax: 2048 * MIB,
};

/** A store, what processes work with on it, and what takes in there. */
export interface Jobs {
  readonly store: SnapshotStore;
  readonly settings: JobSettings;
  readonly runner: IngestRunner;
}

/** {@link ingestProcesses} as it is shipped: its processes start faster than from sources. */
export async function builtProcesses(): Promise<typeof ingestProcesses> {
  const module = await builtModule('service/jobs/ingest-processes');
  return (module as { ingestProcesses: typeof ingestProcesses }).ingestProcesses;
}

/** {@link CompileThread} as it is shipped. */
export async function builtThread(): Promise<typeof CompileThread> {
  const module = await builtModule('service/jobs/compile-thread');
  return (module as { CompileThread: typeof CompileThread }).CompileThread;
}

/** A store in a new file, and processes that take in what goes there. */
export async function jobs(
  t: Test,
  limits: Partial<IngestProcessLimits> = {},
  start = ingestProcesses,
): Promise<Jobs> {
  files += 1;
  const settings: JobSettings = {
    database: `sqlite:${join(folder, `${files}.db`)}`,
    storeOptions: { snapshotsPerClusterMax: 100 },
    limits: DEFAULT_INGEST_LIMITS,
    engineOptions: DEFAULT_OPTIONS,
    chunkMemoryBytesMax: 16 * MIB,
  };
  const store = await openStore(settings.database, settings.storeOptions);
  const runner = start(settings, { ...LIMITS, ...limits });
  t.teardown(async () => {
    await runner.close();
    await store.close();
  });
  return { store, settings, runner };
}

/** An ingest that begins now. */
export const task = (cluster = 'prod'): IngestTask => ({
  cluster,
  takenAt: new Date(),
  reading: {},
});

/** Files of these texts. */
export async function* inputs(...texts: string[]): AsyncGenerator<ManifestInput> {
  for (const [i, text] of texts.entries()) yield { file: `${i}.yaml`, bytes: bytesOf(text) };
}

/** The bytes of one input. */
export async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** One pod of the namespace `shop`. */
export const pod = (name: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: shop, labels: { app: ${name} } }\n` +
  'spec: { containers: [{ name: main }] }\n';

/** Pods without end, so many at a time, and how far the reader came. */
export function endless(batch = 5000): {
  input: AsyncGenerator<ManifestInput>;
  sent: () => number;
  end: () => void;
} {
  let sent = 0;
  let isEnding = false;
  const line = (i: number): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${i}`, namespace: `ns-${i % 50}`, labels: { app: `app-${i}` } },
      spec: { containers: [{ name: 'main' }] },
    });
  async function* bytes(): AsyncGenerator<Uint8Array> {
    do {
      const lines = Array.from({ length: batch }, () => line((sent += 1)));
      yield Buffer.from(`${lines.join('\n')}\n`);
      await sleep(1);
    } while (!isEnding);
  }
  async function* input(): AsyncGenerator<ManifestInput> {
    yield { bytes: bytes() };
  }
  return { input: input(), sent: () => sent, end: () => (isEnding = true) };
}
