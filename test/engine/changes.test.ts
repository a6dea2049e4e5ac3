import fc from 'fast-check';
import t from 'tap';
import { compileClearIndex } from '../../src/engine/clear/clear-index.ts';
import { compileIndex, loadIndex, overlayIndex, saveIndex } from '../../src/engine/compile.ts';
import { decodeIndex } from '../../src/engine/index/stored-index.ts';
import { IrCache } from '../../src/engine/index/policy-ir.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { snapshotOf } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { SEED, WORLDS, holds } from '../support/property.ts';
import { worlds } from '../support/worlds.ts';
import { missedCandidates } from './agreement.ts';
import { wireDifferences, withOwnService } from './agreement-lists.ts';
import { edited, edits } from './edits.ts';
import type { Edit } from './edits.ts';
import { differences, emptyTally } from './flat-compare.ts';
import { wideWorlds } from './flat-worlds.ts';

t.setTimeout(300_000);
t.comment(`PODREACH_SEED=${SEED} PODREACH_WORLDS=${WORLDS}`);

/** One for all worlds, as in a process that compiles for long. */
const CACHE = new IrCache();

interface Counts {
  overlaid: number;
  compiled: number;
}

/** Follows `changes` from overlay to overlay; everything in which one differs from a compile. */
async function follow(
  first: readonly KubeObject[],
  donors: readonly KubeObject[],
  changes: readonly Edit[],
  counts: Counts,
  stride = 1,
): Promise<string[]> {
  let objects = first;
  let snapshot = await snapshotOf(objects);
  let index = compileIndex(snapshot, DEFAULT_OPTIONS, CACHE);
  for (const [turn, edit] of changes.entries()) {
    objects = edited(objects, donors, edit, turn);
    snapshot = await snapshotOf(objects);
    const overlay = overlayIndex(index, snapshot, CACHE);
    if (overlay === undefined) {
      counts.compiled += 1;
      index = compileIndex(snapshot, DEFAULT_OPTIONS, CACHE);
      continue;
    }
    counts.overlaid += 1;
    const wrong = compare(overlay, snapshot, objects, turn, stride);
    if (wrong.length !== 0) return wrong.map((text) => `after ${edit.kind}: ${text}`);
    // What was stored and read again is as good.
    index = turn % 2 === 0 ? overlay : reread(overlay, snapshot);
  }
  return [];
}

function compare(
  overlay: ReachIndex,
  snapshot: Snapshot,
  objects: readonly KubeObject[],
  salt: number,
  stride: number,
): string[] {
  const clear = compileClearIndex(snapshot, DEFAULT_OPTIONS);
  const flat = decodeIndex(saveIndex(overlay) ?? new Uint8Array(), snapshot, DEFAULT_OPTIONS)?.flat;
  if (flat === undefined) return ['it cannot be stored'];
  const tally = emptyTally(true, stride);
  const wrong = differences(flat, clear, tally);
  if (tally.humble !== 0) wrong.push(`${tally.humble} answers are left open without need`);
  // In wide clusters the pairs above are enough.
  if (stride !== 1) return wrong;
  return [
    ...wrong,
    ...missedCandidates(overlay),
    ...wireDifferences([compileIndex(snapshot, DEFAULT_OPTIONS), overlay], objects, salt),
  ];
}

function reread(index: ReachIndex, snapshot: Snapshot): ReachIndex {
  const bytes = saveIndex(index);
  const again = bytes === undefined ? undefined : loadIndex(bytes, snapshot, DEFAULT_OPTIONS);
  if (again === undefined) throw new Error('it cannot be stored');
  return again;
}

t.test('after any edits an overlay on the index of before says what a compile says', async (t) => {
  const counts = { overlaid: 0, compiled: 0 };
  const sequences = fc.tuple(worlds(), worlds(), edits(4));
  await holds(sequences, 0.05, async ([objects, donors, changes]) =>
    follow(withOwnService(objects), donors, changes, counts),
  );
  t.comment(JSON.stringify(counts));
  t.ok(counts.compiled < 2 * counts.overlaid, 'many edits are taken in');
});

t.test('the same in wide clusters, where lists are bits and selectors many', async (t) => {
  const counts = { overlaid: 0, compiled: 0 };
  const sequences = fc.tuple(wideWorlds(), wideWorlds(), edits(3));
  // Each takes long, and a smaller one would be another kind of world: no counterexample is shrunk.
  const numRuns = Math.max(3, Math.ceil(WORLDS * 0.0003));
  for (const [objects, donors, changes] of fc.sample(sequences, { seed: SEED, numRuns })) {
    t.same(await follow(objects, donors, changes, counts, 211), []);
  }
  t.comment(JSON.stringify(counts));
});
