import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { roughWorlds, tierWorlds } from '../support/rough-worlds.ts';
import type { RoughWorld } from '../support/rough-worlds.ts';
import { worlds } from '../support/worlds.ts';
import { IMPLEMENTATIONS } from './agreement.ts';
import { makeCopies } from './seeded-bugs/copies.ts';
import type { Difference, Place, Trial } from './seeded-bugs/find-difference.ts';
import type { Order } from './seeded-bugs/look-at-copies.ts';
import { FLAT_BUGS } from './seeded-bugs/flat.ts';
import { MODEL_BUGS } from './seeded-bugs/model.ts';
import { PAIR_BUGS } from './seeded-bugs/pair.ts';
import { QUERY_BUGS } from './seeded-bugs/queries.ts';
import { RARE } from './seeded-bugs/rare.ts';
import type { SeededBug } from './seeded-bugs/seeded-bug.ts';
import { TIER_BUGS } from './seeded-bugs/tiers.ts';
import { NO_ANSWER, Watcher } from './seeded-bugs/watcher.ts';

/*
 * A comparison that finds nothing proves little until it has found something. Here the sources are
 * bundled once for each bug, with the bug, and processes look for the first difference in each.
 */

/** The same worlds each time, so that a bug that is caught stays caught. */
const SEED = 20_270;
const WORLDS = Number(process.env['PODREACH_BUG_WORLDS'] ?? 180);
/**
 * Where each bug showed last, so that it is looked for there first: a look that has to begin at the
 * beginning takes many times as long. Made by a run with `PODREACH_BUG_PLACES=write`; a place that is
 * out of date only costs time.
 */
const PLACES_FILE = new URL('seeded-bugs/places.json', import.meta.url);
/** From this many on, bugs that are rare show as well. */
const RARE_WORLDS = 2000;
const PROCESSES = 2;
/** One look at the sources without a bug, at the most. */
const LOOK_MS_MAX = 900_000;
/** One world where a bug showed before: without a bug that takes some milliseconds. */
const LIKELY_MS_MAX = 20_000;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUGS: readonly SeededBug[] = [
  ...PAIR_BUGS,
  ...MODEL_BUGS,
  ...QUERY_BUGS,
  ...FLAT_BUGS,
  ...TIER_BUGS,
];

t.setTimeout(1_800_000);
t.comment(`implementations: ${IMPLEMENTATIONS.map(({ name }) => name).join(', ')}`);

t.test('every seeded bug is in the sources, once', (t) => {
  for (const { file, find, replace, what } of BUGS) {
    const parts = readFileSync(join(ROOT, 'src', file), 'utf8').split(find);
    t.ok(parts.length === 2 && find !== replace, `${file}: ${what}`);
  }
  t.ok(40 <= BUGS.length, `${BUGS.length} bugs`);
  t.end();
});

t.test('some comparison catches every seeded bug', async (t) => {
  // Worlds of other counts have other numbers.
  const known = WORLDS < RARE_WORLDS ? readPlaces() : new Map<string, Place>();
  const home = mkdtempSync(join(tmpdir(), 'podreach-bugs-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  const trial = join(home, 'trial.json');
  writeFileSync(trial, JSON.stringify(makeTrial()));
  const copies = await makeCopies(home, new Set(BUGS.map(({ file }) => file)));
  t.teardown(() => copies.end());

  const lookAt = async (
    watcher: Watcher,
    name: string,
    bug: SeededBug | undefined,
    msMax: number,
  ): Promise<Difference | undefined> => {
    const script = await copies.write(name, bug);
    const likely = bug && known.get(titleOf(bug));
    const order = { first: firstLook(bug), ...(likely === undefined ? {} : { likely }) };
    const limits = { msMax, likelyMsMax: LIKELY_MS_MAX };
    const { difference } = await watcher.lookAt({ ...order, script }, limits);
    rmSync(script);
    return difference;
  };

  const first = new Watcher(copies.watcher, trial);
  const start = performance.now();
  t.equal(await lookAt(first, 'without', undefined, LOOK_MS_MAX), undefined, 'without a bug');
  first.stop();
  // A bug may make a loop endless; that is a catch only when everything else would have been done long ago.
  const msMax = 60_000 + 5 * (performance.now() - start);

  const wrong: string[] = [];
  const places = new Map<string, Place>();
  const planted = BUGS.filter(({ what }) => RARE_WORLDS <= WORLDS || !RARE.has(what));
  const orders = planted.entries();
  const lane = async (): Promise<void> => {
    const watcher = new Watcher(copies.watcher, trial);
    for (const [i, bug] of orders) {
      const difference = await lookAt(watcher, `copy-${i}`, bug, msMax);
      const title = titleOf(bug);
      if (difference === undefined) {
        wrong.push(`not caught: ${title}`);
        continue;
      }
      const { text, place } = difference;
      places.set(title, place);
      if (/ReferenceError|SyntaxError/.test(text)) wrong.push(`no program: ${title}: ${text}`);
      if (text === NO_ANSWER) t.comment(`never ends: ${title}`);
    }
    watcher.stop();
  };
  await Promise.all(Array.from({ length: PROCESSES }, lane));
  t.same(wrong, []);
  if (process.env['PODREACH_BUG_PLACES'] === 'write') {
    const rows = BUGS.map(titleOf).flatMap((title) => {
      const place = places.get(title) ?? known.get(title);
      return place === undefined ? [] : [`  ${JSON.stringify(title)}: ${JSON.stringify(place)}`];
    });
    writeFileSync(PLACES_FILE, `{\n${rows.join(',\n')}\n}\n`);
  }
  t.ok(40 <= planted.length, `${planted.length} of ${BUGS.length} seeded bugs`);
});

function titleOf({ file, what }: SeededBug): string {
  return `${file}: ${what}`;
}

function readPlaces(): ReadonlyMap<string, Place> {
  // What this test wrote itself.
  const places = JSON.parse(readFileSync(PLACES_FILE, 'utf8')) as Readonly<Record<string, Place>>;
  return new Map(Object.entries(places));
}

/** Where a bug of the file is likely to show. */
function firstLook(bug: SeededBug | undefined): Order['first'] {
  return bug?.file.startsWith('engine/queries/') === true ? 'questions' : 'pairs';
}

function makeTrial(): Trial {
  const parameters = { numRuns: WORLDS, seed: SEED };
  return {
    worlds: fc.sample(worlds(), parameters),
    rough: inTurn(fc.sample(roughWorlds(), parameters)),
    tiers: fc.sample(tierWorlds(), { ...parameters, numRuns: Math.ceil(WORLDS / 2) }),
  };
}

/** Worlds by what is wrong with them, one of each at a time: many bugs hide from all but one kind. */
function inTurn(rough: readonly RoughWorld[]): RoughWorld[] {
  const turns = new Map<string, number>();
  const placed = rough.map((world) => {
    const turn = turns.get(world.harm) ?? 0;
    turns.set(world.harm, turn + 1);
    return { world, turn };
  });
  return placed.sort((a, b) => a.turn - b.turn).map(({ world }) => world);
}
