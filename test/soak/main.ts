/**
 * Sends, asks, deletes and backs up while processes are killed, and compares every answer with the
 * oracle or an earlier answer: `npm run soak -- --minutes 5 --kills 200 --seed 1`. Exits with 1 when
 * anything that was acknowledged is lost or any answer is wrong.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { newTally } from './client.ts';
import type { Tally } from './client.ts';
import { KEEP, Soak, randomKills } from './soak.ts';
import { randomOf, soakWorlds } from './worlds.ts';

const WORLDS = 60;
const SHOWN_MAX = 20;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      kills: { type: 'string', default: '200' },
      seed: { type: 'string' },
    },
  });
  const seed = Number(values.seed ?? randomInt(2 ** 30));
  const [minutes, kills] = [Number(values.minutes), Number(values.kills)];
  if (!(0 < minutes) || !Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
    process.stderr.write('soak: `--minutes`, `--kills` and `--seed` are numbers\n');
    return 2;
  }
  process.stdout.write(`seed ${seed}, ${minutes} minutes, ${kills} kills\n`);
  const tally = newTally();
  const worlds = await soakWorlds(seed, WORLDS);
  const byDigest = new Map(worlds.map((world) => [world.digest, world]));
  const random = randomOf(seed);
  const soak = new Soak({ keep: KEEP, random, tally, worlds, byDigest });
  const startedAt = performance.now();
  const spanMs = minutes * 60_000;
  const elapsed = (): number => performance.now() - startedAt;
  try {
    // A busy machine has four times the time for its kills.
    for (let n = 0; elapsed() < spanMs || (soak.kills < kills && elapsed() < 4 * spanMs); n += 1) {
      const left = Math.max(1, kills - soak.kills);
      await soak.round(roundMs(spanMs - elapsed(), left), randomKills(random, n));
      if (n % 20 === 19) process.stdout.write(`${summary(tally, soak, elapsed())}\n`);
    }
    await soak.finish();
  } catch (error) {
    tally.wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    soak.clean();
  }
  process.stdout.write(`${summary(tally, soak, elapsed())}\n`);
  for (const line of [...tally.lost, ...tally.wrong].slice(0, SHOWN_MAX)) {
    process.stdout.write(`  ${line}\n`);
  }
  if (soak.kills < kills) process.stdout.write(`only ${soak.kills} kills in four times the time\n`);
  return tally.lost.length + tally.wrong.length === 0 && kills <= soak.kills ? 0 : 1;
}

/** How long a wait is at most, so that the kills are spread over the time that is left. */
function roundMs(leftMs: number, killsLeft: number): number {
  return Math.min(3000, Math.max(200, (2 * leftMs) / killsLeft - 1500));
}

function summary(tally: Tally, soak: Soak, ms: number): string {
  const { ingests, ambiguous, deletes, questions, backups, refused, wrong, lost } = tally;
  return (
    `${Math.round(ms / 1000)} s: ${soak.kills} kills, ${ingests} ingests, ${ambiguous} not answered, ` +
    `${deletes} deletes, ${questions} answers compared, ${refused} refused, ${backups} backups restored, ` +
    `${soak.held} snapshots held; lost ${lost.length}, wrong ${wrong.length}`
  );
}

process.exitCode = await main();
