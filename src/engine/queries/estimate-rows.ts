import type { ReachIndex } from '../reach-index.ts';
import { possibleSources } from './candidates.ts';
import type { Candidates } from './candidates.ts';
import type { SourceSide, TargetSide } from './reach-list.ts';

/** Destinations that are looked at; the others are taken to be like them. */
const SAMPLES = 64;

/**
 * About how many rows a list of `sources` by `targets` has, from who may reach some of the targets that
 * lie evenly among all of them. The same question is estimated the same way each time.
 */
export function estimateRows(
  index: ReachIndex,
  sources: readonly SourceSide[],
  targets: readonly TargetSide[],
  holding: (among: Candidates) => readonly SourceSide[],
): number {
  const count = Math.min(SAMPLES, targets.length);
  let found = 0;
  for (let i = 0; i < count; i += 1) {
    const target = targets[Math.floor((i * targets.length) / count)];
    if (target === undefined) continue;
    const among = possibleSources(index, target.groups, false);
    found += among === undefined ? sources.length : holding(among).length;
  }
  return count === 0 ? 0 : Math.round((found / count) * targets.length);
}
