import t from 'tap';
import { SEED } from '../support/property.ts';
import { newTally } from './client.ts';
import { KEEP, Soak } from './soak.ts';
import type { Kills } from './soak.ts';
import { randomOf, soakWorlds } from './worlds.ts';

t.setTimeout(600_000);

/** Rounds, with two to four kills each (`PODREACH_KILL_ROUNDS`; `npm run soak` has more of everything). */
const ROUNDS = Number(process.env['PODREACH_KILL_ROUNDS'] ?? 5);
const ROUND_MS = 250;
const WORLDS = 10;

/** One after the other, over and over. */
const PLANS: readonly Kills[] = [
  { children: 1, last: 'server', backup: 'killed' },
  { children: 2, last: 'server', backup: 'none' },
  { children: 1, last: 'stop', backup: 'none' },
  { children: 1, last: 'server', backup: 'whole' },
  { children: 1, last: 'start', backup: 'none' },
];

t.test(
  'whatever is killed while all go on, nothing acknowledged is lost and no answer is wrong',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const tally = newTally();
    const worlds = await soakWorlds(SEED, WORLDS);
    const byDigest = new Map(worlds.map((world) => [world.digest, world]));
    const soak = new Soak({ keep: KEEP, random: randomOf(SEED), tally, worlds, byDigest });
    t.teardown(() => soak.clean());
    let failure: unknown;
    try {
      for (let n = 0; n < ROUNDS; n += 1) {
        const plan = PLANS[n % PLANS.length];
        if (plan !== undefined) await soak.round(ROUND_MS, plan);
      }
      await soak.finish();
    } catch (error) {
      failure = error;
    }
    const { ingests, ambiguous, questions, backups, wrong, lost } = tally;
    t.comment(
      `seed ${SEED}: ${soak.kills} kills, ${ingests} ingests, ${ambiguous} not answered, ` +
        `${questions} answers compared, ${backups} backups restored`,
    );
    t.same(lost, [], 'nothing is lost');
    t.same(wrong, [], 'nothing is wrong, and no file is left behind');
    t.equal(failure, undefined);
    t.ok(ROUNDS < soak.kills && ROUNDS < ingests && ROUNDS < questions, 'there was enough to lose');
  },
);
