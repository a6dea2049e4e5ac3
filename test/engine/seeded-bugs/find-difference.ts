/** Looks for one difference in the sources it was copied with. @see seeded-bugs.test.ts */
import { indexOf, snapshotOf } from '../../support/cluster.ts';
import type { KubeObject } from '../../support/kube-objects.ts';
import type { RoughWorld } from '../../support/rough-worlds.ts';
import {
  compareRoughWorld,
  compareWorld,
  compileAll,
  missedCandidates,
  newTally,
} from '../agreement.ts';
import {
  isolationDifferences,
  listDifferences,
  pathDifferences,
  wireDifferences,
  withOwnService,
} from '../agreement-lists.ts';
import type { World } from '../oracle-world.ts';

/** What to compare, made once for all bugs. */
export interface Trial {
  readonly worlds: readonly (readonly KubeObject[])[];
  readonly rough: readonly RoughWorld[];
  readonly tiers: readonly RoughWorld[];
}

const DIALECTS: readonly NonNullable<World['options']>[] = [
  { ipBlockMatchesPods: false },
  { ipBlockMatchesNodes: false },
  { namedPortContainers: 'regular+init' },
];

/** A way to look at the world of a number. */
type Look = (trial: Trial, i: number) => Promise<readonly string[]> | readonly string[];

const LOOKS = {
  pairs: pairDifferences,
  rough: roughDifferences,
  tiers: tierDifferences,
  dialects: dialectDifferences,
  paths: pathsOf,
  lists: listsOf,
  isolation: isolationOf,
  wires: wiresOf,
  vectors: vectorDifferences,
} as const satisfies Readonly<Record<string, Look>>;

type LookName = keyof typeof LOOKS;

const PAIRS: readonly LookName[] = ['pairs', 'rough', 'tiers', 'dialects'];
const QUESTIONS: readonly LookName[] = ['paths', 'lists', 'isolation', 'wires'];

/** Where something shows: a look, and the number of its world. */
export type Place = readonly [look: LookName, world: number];

/** What differs, and where that shows. */
export interface Difference {
  readonly text: string;
  readonly place: Place;
}

/** Worlds are looked at in rounds: most bugs are in the first few of one of the looks. */
const ROUNDS = [0, 15, 60];

/**
 * The first difference that some comparison finds; undefined: everybody agrees.
 *
 * @param likely - looked at before anything else
 * @param onPlace - told each place before it is looked at
 */
export async function findDifference(
  trial: Trial,
  first: 'pairs' | 'questions',
  likely: Place | undefined,
  onPlace: (place: Place) => void,
): Promise<Difference | undefined> {
  for (const place of placesOf(trial, first, likely)) {
    onPlace(place);
    const [look, world] = place;
    const [wrong] = await LOOKS[look](trial, world);
    if (wrong !== undefined) return { text: `${look} of world ${world}: ${wrong}`, place };
  }
  return undefined;
}

function* placesOf(
  trial: Trial,
  first: 'pairs' | 'questions',
  likely: Place | undefined,
): Iterable<Place> {
  if (likely !== undefined) yield likely;
  const looks = first === 'pairs' ? [...PAIRS, ...QUESTIONS] : [...QUESTIONS, ...PAIRS];
  const count = trial.worlds.length;
  for (const [round, start] of ROUNDS.entries()) {
    const end = Math.min(count, ROUNDS[round + 1] ?? count);
    for (const look of looks) for (let i = start; i < end; i += 1) yield [look, i];
  }
  yield ['vectors', 0];
}

async function pairDifferences({ worlds }: Trial, i: number): Promise<readonly string[]> {
  return (await compareWorld(worlds[i] ?? [], newTally())).wrong;
}

async function dialectDifferences({ worlds }: Trial, i: number): Promise<readonly string[]> {
  if (i % 2 === 1) return [];
  const options = DIALECTS[(i >> 1) % DIALECTS.length];
  return (await compareWorld(worlds[i] ?? [], newTally(), options)).wrong;
}

async function roughDifferences({ rough }: Trial, i: number): Promise<readonly string[]> {
  const world = rough[i];
  if (world === undefined) return [];
  const { indexes, wrong } = await compareRoughWorld(world, newTally());
  return [...wrong, ...wireDifferences(indexes, world.objects, i)];
}

async function tierDifferences({ tiers }: Trial, i: number): Promise<readonly string[]> {
  const world = tiers[i];
  if (world === undefined) return [];
  const { indexes, wrong } = await compareRoughWorld(world, newTally());
  return [...wrong, ...indexes.flatMap(missedCandidates)];
}

// Paths and lists cost most, so each looks at some of the worlds.

async function pathsOf({ worlds }: Trial, i: number): Promise<readonly string[]> {
  const objects = withOwnService(worlds[i] ?? []);
  return i % 3 === 0 ? pathDifferences(await indexOf(objects), objects) : [];
}

async function listsOf({ worlds }: Trial, i: number): Promise<readonly string[]> {
  const objects = withOwnService(worlds[i] ?? []);
  return i % 3 === 1 ? listDifferences(await indexOf(objects), objects, i) : [];
}

async function isolationOf({ worlds }: Trial, i: number): Promise<readonly string[]> {
  const objects = worlds[i] ?? [];
  return i % 3 === 2 ? isolationDifferences(await indexOf(objects), objects) : [];
}

async function wiresOf({ worlds }: Trial, i: number): Promise<readonly string[]> {
  if (i % 2 === 1) return [];
  const objects = withOwnService(worlds[i] ?? []);
  const indexes = compileAll(await snapshotOf(objects));
  return [...indexes.flatMap(missedCandidates), ...wireDifferences(indexes, objects, i)];
}

/** Answers that are written down, of which some look at corners that worlds do not have. */
async function vectorDifferences(): Promise<readonly string[]> {
  // Few bugs get this far, and the reader of vectors takes its time.
  const { productJudge } = await import('../../vectors/judges.ts');
  const { loadVectors, parseQuestion } = await import('../../vectors/load.ts');
  for (const file of ['isolation', 'peers', 'ports', 'nodes', 'services', 'queries', 'more']) {
    for (const vector of loadVectors(file)) {
      const judge = await productJudge(vector);
      for (const { q, set, atoms, want } of vector.ask ?? []) {
        if (q?.includes('lb:') === true) continue;
        const found =
          q !== undefined
            ? judge.rule(parseQuestion(q)).verdict
            : set !== undefined
              ? judge.set(parseQuestion(set))
              : atoms !== undefined
                ? judge.atoms(
                    atoms.replace('->', '').trim(),
                    atoms.startsWith('->') ? 'target' : 'source',
                  )
                : want;
        if (JSON.stringify(found) === JSON.stringify(want)) continue;
        return [`${vector.id}: ${q ?? set ?? atoms ?? ''} is ${JSON.stringify(found)}`];
      }
    }
  }
  return [];
}
