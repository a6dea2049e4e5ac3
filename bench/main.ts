import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { BenchContext } from './harness/context.ts';
import { describeConditions, json, load, markdown, summary } from './harness/report.ts';
import { tableHead, tableLines } from './harness/report.ts';
import type { Measured } from './harness/report.ts';
import type { Row } from './harness/row.ts';
import { changeRows } from './rows/changes.ts';
import { compileRows } from './rows/compile.ts';
import { engineRows } from './rows/engine.ts';
import { httpRows } from './rows/http.ts';
import { ingestRows } from './rows/ingest.ts';
import { processRows } from './rows/process.ts';
import { storeRows } from './rows/store.ts';
import { tierRows } from './rows/tiers.ts';

const USAGE = `Measures podreach against references in the same process, and prints a table.

  npm run bench -- --size 10k/1k --only engine,21

  --size PODS/POLICIES  the realistic cluster (default 100k/10k; 10k/1k for a quick look)
  --only ROW,AREA       rows by number, or areas: engine, ingest, store, http, process
  --pairs NUMBER        interleaved pairs of runs, of which the median is judged (default 7)
  --seed NUMBER         default 1
  --json, --markdown    print that instead of the table

Timings never fail: the exit code is 1 only when a row crashes.
`;

/** Small things first: what large clusters leave in memory is looked at by every collection. */
const ROWS: readonly Row[] = [
  ...ingestRows,
  ...processRows,
  ...storeRows,
  ...engineRows,
  ...tierRows,
  ...compileRows,
  ...changeRows,
  ...httpRows,
];
/** What rows of several areas need, and is dear to make. */
const KEPT = ['folder', 'dump', 'snapshot', 'refs'];

/** Runs what the command line asks for; returns the exit code. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: '100k/10k' },
      only: { type: 'string' },
      pairs: { type: 'string', default: '7' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const words = values.only?.split(',') ?? [];
  const isNamed = (word: string, { id, area }: Row): boolean => word === id || word === area;
  const isKnown = words.every((word) => ROWS.some((row) => isNamed(word, row)));
  if (values.help || !isKnown) {
    process.stderr.write(USAGE);
    return values.help ? 0 : 2;
  }
  const rows = ROWS.filter((row) => words.length === 0 || words.some((word) => isNamed(word, row)));
  const conditions = {
    size: values.size,
    seed: Number(values.seed),
    pairs: Number(values.pairs),
  };
  // The table goes to stdout while it grows; with another form only that does.
  const isTable = !values.json && !values.markdown;
  const tell = (text: string): boolean =>
    (isTable ? process.stdout : process.stderr).write(`${text}\n`);
  tell(`${describeConditions(conditions)}, load ${load().toFixed(1)}`);
  tell(tableHead());
  const { all, crashed } = await runRows(rows, new BenchContext(conditions), tell);
  tell(`${summary(all)}, load ${load().toFixed(1)}`);
  if (values.json) process.stdout.write(json(all, conditions));
  if (values.markdown) process.stdout.write(markdown(all, conditions));
  return crashed ? 1 : 0;
}

async function runRows(
  rows: readonly Row[],
  context: BenchContext,
  tell: (text: string) => unknown,
): Promise<{ readonly all: readonly Measured[]; readonly crashed: boolean }> {
  const all: Measured[] = [];
  let crashed = false;
  for (const [i, row] of rows.entries()) {
    if (row.area !== rows[i - 1]?.area) context.forgetAllBut(KEPT);
    // What earlier rows left behind must not be collected while this one is timed.
    globalThis.gc?.();
    const start = performance.now();
    try {
      const result = await row.run(context);
      const measured = { row, result, load: load(), tookMs: performance.now() - start };
      all.push(measured);
      tell(tableLines(measured).join('\n'));
    } catch (error) {
      crashed = true;
      tell(`${row.id.padEnd(4)}${row.title}: crashed`);
      console.error(error);
    }
  }
  await context.end();
  return { all, crashed };
}

process.exitCode = await main();
