import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { shippedService } from '../product.ts';
import { EVERYONE } from '../../src/service/viewer.ts';
import type { ManifestInput } from '../../src/model/input.ts';
import { usageOfTree } from './process-usage.ts';
import type { Usage } from './process-usage.ts';

/** What a process of its own is to do with a dump. */
export type IngestOrder =
  | {
      readonly what: 'ingest';
      readonly dump: string;
      readonly database: string;
      readonly from: string;
      readonly to: string;
    }
  /** `lengths`: a file with the start and end of every item, 8 bytes each. */
  | { readonly what: 'parse'; readonly dump: string; readonly lengths: string };

/** What it came to. */
export interface IngestReport extends Usage {
  readonly wallMs: number;
}

const PIECE_BYTES = 256 * 1024;

process.on('message', (order: IngestOrder) => {
  void run(order).then((report) => {
    process.send?.(report);
    process.disconnect();
  });
});

async function run(order: IngestOrder): Promise<IngestReport> {
  // What loading this program took is not counted.
  const { cpuMs } = usageOfTree();
  const start = performance.now();
  const finish = order.what === 'ingest' ? await ingest(order) : await parse(order);
  const used = usageOfTree();
  const wallMs = performance.now() - start;
  await finish();
  return { cpuMs: used.cpuMs - cpuMs, peakBytes: used.peakBytes, wallMs };
}

async function ingest(
  order: Extract<IngestOrder, { what: 'ingest' }>,
): Promise<() => Promise<void>> {
  const { dump, database, from, to } = order;
  const { podreach, ask } = await shippedService(database);
  await podreach.ingest(EVERYONE, 'bench', inputs(dump));
  await ask(from, to);
  return () => podreach.close();
}

async function* inputs(file: string): AsyncIterable<ManifestInput> {
  yield { file: 'dump.json', bytes: createReadStream(file) };
}

/** Reads the file and parses its items, and keeps nothing. */
async function parse({
  dump,
  lengths,
}: Extract<IngestOrder, { what: 'parse' }>): Promise<() => Promise<void>> {
  const table = await readFile(lengths);
  let held = Buffer.alloc(0);
  let heldStart = 0;
  let at = 0;
  for await (const chunk of createReadStream(dump, { highWaterMark: PIECE_BYTES })) {
    // Without an encoding the stream gives Buffers.
    held = Buffer.concat([held, chunk as Buffer]);
    while (at < table.length) {
      const start = table.readDoubleLE(at);
      const end = table.readDoubleLE(at + 8);
      if (heldStart + held.length < end) break;
      JSON.parse(held.toString('utf8', start - heldStart, end - heldStart));
      at += 16;
      if (PIECE_BYTES < end - heldStart) {
        held = held.subarray(end - heldStart);
        heldStart = end;
      }
    }
  }
  if (at !== table.length) throw new Error('not all items were read');
  return () => Promise.resolve();
}
