import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import ts from 'typescript';
import { roughWorlds, tierWorlds } from '../support/rough-worlds.ts';
import type { RoughWorld } from '../support/rough-worlds.ts';
import { worlds } from '../support/worlds.ts';
import { IMPLEMENTATIONS } from './agreement.ts';
import type { Trial } from './seeded-bugs/find-difference.ts';
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
 * copied once as JavaScript, each bug is put into a copy of that, and processes look for the first
 * difference in each.
 */

/** The same worlds each time, so that a bug that is caught stays caught. */
const SEED = 20_270;
const WORLDS = Number(process.env['PODREACH_BUG_WORLDS'] ?? 180);
/** From this many on, bugs that are rare show as well. */
const RARE_WORLDS = 2000;
const PROCESSES = 2;
/** One look at the sources without a bug, at the most. */
const LOOK_MS_MAX = 900_000;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['src/model', 'src/manifest', 'src/engine', 'src/render'];
const TEST_FOLDERS = ['test/support', 'test/engine', 'test/vectors'];
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
  const home = mkdtempSync(join(tmpdir(), 'podreach-bugs-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'));
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(home, 'trial.json'), JSON.stringify(makeTrial()));
  const plain = join(home, 'plain');
  for (const folder of [...FOLDERS, ...TEST_FOLDERS]) translateFolder(plain, folder);

  const lookAt = async (
    watcher: Watcher,
    name: string,
    bug: SeededBug | undefined,
    msMax: number,
  ): Promise<string | undefined> => {
    plant(home, name, bug);
    const { difference } = await watcher.lookAt(name, firstLook(bug), msMax);
    rmSync(join(home, name), { recursive: true });
    return difference;
  };

  const first = new Watcher(home);
  const start = performance.now();
  t.equal(await lookAt(first, 'without', undefined, LOOK_MS_MAX), undefined, 'without a bug');
  first.stop();
  // A bug may make a loop endless; that is a catch only when everything else would have been done long ago.
  const msMax = 60_000 + 5 * (performance.now() - start);

  const wrong: string[] = [];
  const planted = BUGS.filter(({ what }) => RARE_WORLDS <= WORLDS || !RARE.has(what));
  const orders = planted.entries();
  const lane = async (): Promise<void> => {
    const watcher = new Watcher(home);
    for (const [i, bug] of orders) {
      const difference = await lookAt(watcher, `copy-${i}`, bug, msMax);
      if (difference === undefined) {
        wrong.push(`not caught: ${bug.file}: ${bug.what}`);
      } else if (/ReferenceError|SyntaxError/.test(difference)) {
        wrong.push(`no program: ${bug.file}: ${bug.what}: ${difference}`);
      } else if (difference === NO_ANSWER) {
        t.comment(`never ends: ${bug.file}: ${bug.what}`);
      }
    }
    watcher.stop();
  };
  await Promise.all(Array.from({ length: PROCESSES }, lane));
  t.same(wrong, []);
  t.ok(40 <= planted.length, `${planted.length} of ${BUGS.length} seeded bugs`);
});

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

/** Writes a folder of sources as JavaScript below `home`, with what else lies in it. */
function translateFolder(home: string, folder: string): void {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) translateFolder(home, path);
    else if (entry.name.endsWith('.test.ts')) continue;
    else if (entry.name.endsWith('.ts')) {
      writeScript(home, path, readFileSync(join(ROOT, path), 'utf8'));
    } else {
      mkdirSync(join(home, folder), { recursive: true });
      cpSync(join(ROOT, path), join(home, path));
    }
  }
}

function writeScript(home: string, path: string, text: string): void {
  const { outputText } = ts.transpileModule(text, {
    fileName: path,
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  const target = join(home, path.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, outputText);
}

function plant(home: string, name: string, bug: SeededBug | undefined): void {
  cpSync(join(home, 'plain'), join(home, name), { recursive: true });
  if (bug === undefined) return;
  const text = readFileSync(join(ROOT, 'src', bug.file), 'utf8');
  writeScript(join(home, name), join('src', bug.file), text.split(bug.find).join(bug.replace));
}
