/**
 * Compares every implementation of the engine with the oracle on as many random worlds as it is
 * given time for: `npm run fuzz -- --worlds 100000 --seed 1`. Exits with 1 at any difference.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { KubeObject } from '../support/kube-objects.ts';
import { roughWorlds, tierWorlds } from '../support/rough-worlds.ts';
import type { RoughWorld } from '../support/rough-worlds.ts';
import { worlds } from '../support/worlds.ts';
import { IMPLEMENTATIONS, compareRoughWorld, compareWorld, missedCandidates } from './agreement.ts';
import { newTally, printTally } from './agreement.ts';
import type { Compared } from './agreement.ts';
import {
  entireClusterDifferences,
  hypotheticalDifferences,
  internetDifferences,
  neighbourDifferences,
  tableDifferences,
} from './agreement-exposure.ts';
import { isolationDifferences, listDifferences, pathDifferences } from './agreement-lists.ts';
import { wireDifferences, withOwnService } from './agreement-lists.ts';

/** Worlds between two reports; a batch has a seed of its own, so that it can be run alone. */
const BATCH = 250;
/** Kinds of worlds, a batch of each in turn: a third has policies of tiers. */
const KINDS = [roughWorlds, worlds, tierWorlds] as const;
/** Of so many worlds, one has its lists and paths compared as well. */
const LISTS_EVERY = 20;

interface Failure {
  readonly seed: number;
  readonly what: string;
  readonly world: unknown;
}

const tally = newTally();

async function exact(objects: readonly KubeObject[], salt: number): Promise<readonly string[]> {
  const { wrong } = await compareWorld(objects, tally);
  if (salt % LISTS_EVERY !== 0) return wrong;
  const served = withOwnService(objects);
  const { indexes } = await compareWorld(served, newTally());
  const [index] = indexes;
  return [
    ...wrong,
    ...isolationDifferences(index, served),
    ...listDifferences(index, served, salt),
    ...pathDifferences(index, served),
    ...internetDifferences(index, served),
    ...entireClusterDifferences(index, served),
    ...neighbourDifferences(index, served),
    ...tableDifferences(index, served),
    ...(await hypotheticalDifferences(index, { objects: served }, salt)),
    ...alike(indexes, served, salt),
  ];
}

async function rough(world: RoughWorld, salt: number): Promise<readonly string[]> {
  const { indexes, wrong } = await compareRoughWorld(world, tally);
  return salt % LISTS_EVERY === 0 ? [...wrong, ...alike(indexes, world.objects, salt)] : wrong;
}

function alike(
  indexes: Compared['indexes'],
  objects: readonly KubeObject[],
  salt: number,
): string[] {
  return [...indexes.flatMap(missedCandidates), ...wireDifferences(indexes, objects, salt)];
}

/** Runs one batch; what it returns is the smallest world in which something differs. */
async function runBatch(seed: number, count: number): Promise<Failure | undefined> {
  const kind = KINDS[seed % KINDS.length] ?? worlds;
  const values: fc.Arbitrary<readonly [readonly KubeObject[] | RoughWorld, number]> = fc.tuple(
    kind(),
    fc.nat(1000),
  );
  const property = fc.asyncProperty(values, async ([world, salt]) => {
    const wrong = 'harm' in world ? await rough(world, salt) : await exact(world, salt);
    if (wrong.length !== 0) throw new Error(wrong.slice(0, 3).join('\n'));
  });
  const { failed, counterexample, errorInstance } = await fc.check(property, {
    seed,
    numRuns: count,
  });
  if (!failed) return undefined;
  const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return { seed, what, world: counterexample };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { worlds: { type: 'string' }, seed: { type: 'string' } },
  });
  const count = Number(values.worlds ?? 100_000);
  const seed = Number(values.seed ?? randomInt(2 ** 30));
  if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed)) {
    process.stderr.write('fuzz: `--worlds` and `--seed` are whole numbers\n');
    return 2;
  }
  const names = IMPLEMENTATIONS.map(({ name }) => name).join(', ');
  process.stdout.write(`seed ${seed}, implementations: ${names}, and the oracle\n`);
  const bar = new SingleBar(
    { format: '{bar} {value}/{total} worlds, {packets} packets, {eta_formatted} left' },
    Presets.shades_classic,
  );
  const isTerminal = process.stdout.isTTY;
  if (isTerminal) bar.start(count, 0, { packets: 0 });
  const failures: Failure[] = [];
  for (let done = 0; done < count; done += BATCH) {
    const failure = await runBatch(seed + done / BATCH, Math.min(BATCH, count - done));
    if (failure !== undefined) failures.push(failure);
    if (isTerminal) bar.update(done + BATCH, { packets: tally.packets });
    else if ((done / BATCH) % 40 === 39) process.stdout.write(`${printTally(tally)}\n`);
  }
  if (isTerminal) bar.stop();
  for (const { seed, what, world } of failures) {
    process.stdout.write(
      `--- # --seed ${seed} --worlds ${BATCH}\n# ${what.replaceAll('\n', '\n# ')}\n`,
    );
    process.stdout.write(stringify(world, { aliasDuplicateObjects: false }));
  }
  process.stdout.write(`${printTally(tally)}; ${failures.length} batches with a difference\n`);
  return failures.length === 0 ? 0 : 1;
}

process.exitCode = await main();
