/**
 * Small looks at everything, one world each, for mutants: most die of the first few of them.
 * @see scripts/mutation/runner.mjs
 */
import fc from 'fast-check';
import t from 'tap';
import type { KubeObject } from '../support/kube-objects.ts';
import { SEED } from '../support/property.ts';
import { roughWorlds, tierWorlds } from '../support/rough-worlds.ts';
import { worlds } from '../support/worlds.ts';
import { diffDifferences, follow } from './agreement-changes.ts';
import { compareRoughWorld, compareWorld, missedCandidates, newTally } from './agreement.ts';
import {
  isolationDifferences,
  pathDifferences,
  wireDifferences,
  withOwnService,
} from './agreement-lists.ts';
import { edits } from './edits.ts';

/** Worlds of each kind. */
const COUNT = { seed: SEED, numRuns: 12 };

for (const [i, objects] of fc.sample(worlds(), COUNT).entries()) {
  t.test(`pairs of world ${i}`, async (t) => {
    const { indexes, wrong } = await compareWorld(objects, newTally());
    t.same([...wrong, ...indexes.flatMap(missedCandidates)], []);
  });
  if (i % 2 === 0) addQuestions(i, withOwnService(objects));
}

for (const [kind, rough] of Object.entries({ rough: roughWorlds(), tiers: tierWorlds() })) {
  for (const [i, world] of fc.sample(rough, COUNT).entries()) {
    t.test(`pairs of ${kind} world ${i}`, async (t) => {
      const { indexes, wrong } = await compareRoughWorld(world, newTally());
      t.same([...wrong, ...indexes.flatMap(missedCandidates)], []);
    });
  }
}

const steps = fc.record({
  objects: worlds(),
  donors: worlds(),
  changes: edits(3),
  isWhole: fc.boolean(),
});
for (const [i, step] of fc.sample(steps, COUNT).entries()) {
  t.test(`overlays on world ${i}`, async (t) => {
    const counts = { overlaid: 0, compiled: 0 };
    const { objects, donors, changes } = step;
    t.same(await follow(withOwnService(objects), donors, changes, counts), []);
  });
  t.test(`a diff of worlds ${i}`, async (t) => {
    t.same((await diffDifferences(step)).wrong, []);
  });
}

function addQuestions(i: number, objects: readonly KubeObject[]): void {
  t.test(`answers about world ${i}`, async (t) => {
    const { indexes } = await compareWorld(objects, newTally());
    const [index] = indexes;
    t.same(wireDifferences(indexes, objects, i), []);
    t.same(isolationDifferences(index, objects), []);
    if (i % 4 === 0) t.same(pathDifferences(index, objects), []);
  });
}
