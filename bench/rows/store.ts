import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { contest } from '../harness/measure.ts';
import { fasterThan } from '../harness/row.ts';
import type { Row } from '../harness/row.ts';
import type { BenchContext } from '../harness/context.ts';
import { openProductStore, shippedService } from '../product.ts';
import { bareInsert, podCells } from '../reference/bare-insert.ts';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { twoPods } from './questions.ts';

const BUDGET_MS = 60_000;

/** Rows about what is on disk. */
export const storeRows: readonly Row[] = [
  {
    id: '24',
    area: 'store',
    title: 'storing a whole snapshot',
    against: 'inserting a bare table of its pods',
    bound: 'hashing and deflating chunks',
    async run(context) {
      const snapshot = await context.snapshot();
      const cells = podCells(snapshot);
      const folder = await context.folder();
      let number = 0;
      const fresh = (): string => join(folder, `put-${(number += 1)}.db`);
      const outcome = await contest({
        figure: async () => {
          const file = fresh();
          const store = await openProductStore(`sqlite:${file}`);
          await store.put('bench', snapshot, new Date());
          await store.close();
          await removeDatabase(file);
        },
        reference: async () => {
          const file = fresh();
          bareInsert(file, cells);
          await removeDatabase(file);
        },
        pairs: context.pairs,
        budgetMs: BUDGET_MS,
      });
      return [fasterThan(outcome, { what: 'CPU', unit: 'ms', goal: { ratioAtMost: 2 } })];
    },
  },
  {
    id: '19',
    area: 'store',
    title: 'from opening the database to the first answer',
    against: 'compiling the snapshot',
    bound: 'reading the bytes of the index',
    async run(context) {
      const snapshot = await context.snapshot();
      const file = await storedDatabase(context);
      const ask = firstQuestion(context);
      const outcome = await contest({
        figure: () => ask(file),
        reference: () => compileIndex(snapshot, DEFAULT_OPTIONS),
        pairs: context.pairs,
        budgetMs: BUDGET_MS,
      });
      return [fasterThan(outcome, { what: 'CPU', unit: 'ms', goal: { ratioAtMost: 0.1 } })];
    },
  },
];

/** A database that holds the snapshot, and its index where the product stores one. */
async function storedDatabase(context: BenchContext): Promise<string> {
  const folder = await context.folder();
  return context.once('database', async () => {
    const file = join(folder, 'cold.db');
    const store = await openProductStore(`sqlite:${file}`);
    await store.put('bench', await context.snapshot(), new Date());
    await store.close();
    // The first question makes what is kept for the next start.
    await firstQuestion(context)(file);
    return file;
  });
}

/** Opens a database, asks it about two pods, closes it. */
function firstQuestion(context: BenchContext): (file: string) => Promise<void> {
  const [from, to] = twoPods(context);
  return async (file) => {
    const { podreach, ask } = await shippedService(file);
    await ask(from, to);
    await podreach.close();
  };
}

async function removeDatabase(file: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-lock']) await rm(`${file}${suffix}`, { force: true });
}
