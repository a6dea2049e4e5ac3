import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { outcomeOf } from '../harness/measure.ts';
import type { Times } from '../harness/measure.ts';
import { fasterThan } from '../harness/row.ts';
import type { Row } from '../harness/row.ts';
import type { BenchContext } from '../harness/context.ts';
import { objectsOfKind } from '../generate/cluster-objects.ts';
import type { Kind } from '../generate/kube-object.ts';
import { rawList } from '../generate/text/json-text.ts';
import { shippedService } from '../product.ts';
import type { IngestOrder, IngestReport } from '../reference/ingest-process.ts';
import type { ManifestInput } from '../../src/model/input.ts';
import { EVERYONE } from '../../src/service/viewer.ts';
import { twoPods } from './questions.ts';

const PROCESS = fileURLToPath(new URL('../reference/ingest-process.ts', import.meta.url));
/** What a dump for questions about pods holds. */
const DUMPED: readonly Kind[] = [
  'Namespace',
  'Node',
  'Pod',
  'Service',
  'EndpointSlice',
  'NetworkPolicy',
];
/** No pair is begun after this, in milliseconds. */
const BUDGET_MS = 120_000;
/** How long the event loop is watched while nothing happens. */
const IDLE_MS = 3_000;

/** Rows about whole processes: from a file to the first answer. */
export const processRows: readonly Row[] = [
  {
    id: '23',
    area: 'process',
    title: 'a dump from a file: read, stored, compiled, first answer',
    against: 'reading it and JSON.parse of each item',
    bound: 'scanning bytes, then hashing and storing what is kept',
    async run(context) {
      const dump = await dumpOf(context);
      const [from, to] = twoPods(context);
      const folder = await context.folder();
      const pairs: (readonly [Times, Times])[] = [];
      const peaks: number[] = [];
      const started = performance.now();
      const ingest = async (): Promise<IngestReport> => {
        const database = join(folder, `ingest-${peaks.length}.db`);
        const { file } = dump;
        const report = await inProcess({ what: 'ingest', dump: file, database, from, to });
        for (const suffix of ['', '-wal', '-shm'])
          await rm(`${database}${suffix}`, { force: true });
        peaks.push(report.peakBytes);
        return report;
      };
      const parse = (): Promise<IngestReport> =>
        inProcess({ what: 'parse', dump: dump.file, lengths: dump.lengths });
      while (pairs.length < context.pairs) {
        const first = await ingest();
        pairs.push([first, await parse()]);
        if (BUDGET_MS < performance.now() - started) break;
      }
      const goal = { ratioAtMost: 0.55 };
      const what = `CPU, ${Math.round(dump.bytes / 1e6)} MB`;
      return [
        fasterThan(outcomeOf(pairs), { what, unit: 'ms', goal }),
        {
          what: 'peak memory of all processes',
          unit: 'MB',
          figure: Math.max(...peaks) / 1e6,
          goal: { atMost: 400 },
        },
      ];
    },
  },
  {
    id: '20',
    area: 'process',
    title: 'delay of the event loop while a dump is ingested',
    against: 'an idle process',
    bound: 'adopting the index; everything else is done elsewhere',
    async run(context) {
      const dump = await dumpOf(context);
      const [from, to] = twoPods(context);
      const database = join(await context.folder(), 'delay.db');
      const { podreach, ask } = await shippedService(database);
      const idle = await delays(() => new Promise((resolve) => setTimeout(resolve, IDLE_MS)));
      const busy = await delays(async () => {
        await podreach.ingest(EVERYONE, 'bench', inputs(dump.file));
        await ask(from, to);
      });
      await podreach.close();
      return [
        {
          what: 'p99',
          unit: 'ms',
          figure: busy.p99,
          reference: idle.p99,
          ratio: busy.p99 / idle.p99,
          goal: { ratioAtMost: 2 },
        },
        {
          what: 'longest',
          unit: 'ms',
          figure: busy.longest,
          reference: idle.longest,
          goal: { atMost: 25 },
          isAbsoluteTime: true,
        },
      ];
    },
  },
];

interface Dump {
  readonly file: string;
  readonly bytes: number;
  /** A file with the start and end of every item. */
  readonly lengths: string;
}

/** The realistic cluster as API servers send it, in a file. */
async function dumpOf(context: BenchContext): Promise<Dump> {
  const folder = await context.folder();
  return context.once('dump', async () => {
    const file = join(folder, 'dump.json');
    const lengths = join(folder, 'dump.lengths');
    const out = createWriteStream(file);
    const places: number[] = [];
    let bytes = 0;
    for (const kind of DUMPED) {
      let isFirst = true;
      for (const piece of rawList(objectsOfKind(context.plan, kind, 'managed'))) {
        const length = Buffer.byteLength(piece);
        // The first piece opens the list and the last one ends it.
        const lead = piece.indexOf('{');
        if (!isFirst && lead !== -1) places.push(bytes + lead, bytes + length);
        isFirst = false;
        bytes += length;
        if (!out.write(piece)) await once(out, 'drain');
      }
    }
    out.end();
    await once(out, 'close');
    await writeFile(lengths, Buffer.from(Float64Array.from(places).buffer));
    return { file, bytes, lengths };
  });
}

async function inProcess(order: IngestOrder): Promise<IngestReport> {
  const child = fork(PROCESS, { execArgv: ['--import', 'tsx'], serialization: 'advanced' });
  child.send(order);
  const reported = once(child, 'message');
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process ended with ${String(code)} before it reported`);
  });
  // The process reports once, in this form.
  const [report] = (await Promise.race([reported, ended])) as [IngestReport];
  ended.catch(() => undefined);
  return report;
}

async function* inputs(file: string): AsyncIterable<ManifestInput> {
  yield { file: 'dump.json', bytes: createReadStream(file) };
}

/** How late timers were while `work` ran, in milliseconds. */
async function delays(
  work: () => Promise<unknown>,
): Promise<{ readonly p99: number; readonly longest: number }> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await work();
  // The loop turns once more, so that what came last is counted as well.
  await new Promise((resolve) => setTimeout(resolve, 20));
  histogram.disable();
  return { p99: histogram.percentile(99) / 1e6, longest: histogram.max / 1e6 };
}
