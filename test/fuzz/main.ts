/**
 * Sends random and damaged input to every decoder and grammar, as much as there is time for:
 * `npm run fuzz:inputs -- --inputs 100000 --seed 1`. Exits with 1 when any input fails.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fuzz } from './targets.ts';

/** Inputs of a batch; each has a seed of its own, so that it can be run alone. */
const BATCH = 5000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { inputs: { type: 'string' }, seed: { type: 'string' } },
  });
  const inputs = Number(values.inputs ?? 100_000);
  const first = Number(values.seed ?? randomInt(2 ** 30));
  if (!Number.isInteger(inputs) || inputs < 1 || !Number.isInteger(first)) {
    process.stderr.write('fuzz:inputs: `--inputs` and `--seed` are whole numbers\n');
    return 2;
  }
  let failures = 0;
  let sent = 0;
  for (let batch = 0; batch * BATCH < inputs; batch += 1) {
    const count = Math.min(BATCH, inputs - batch * BATCH);
    const seed = first + batch;
    process.stdout.write(`--seed ${seed} --inputs ${count}\n`);
    await fuzz({ inputs: count, seed }, ({ name, count, failure }) => {
      sent += count;
      if (failure === undefined) return;
      failures += 1;
      process.stdout.write(`--- ${name}\n${failure}\n`);
    });
  }
  process.stdout.write(`${sent} inputs, ${failures} failures\n`);
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main();
