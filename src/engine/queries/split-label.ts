import type { PodOrdinal } from '../model-view.ts';
import type { ReachIndex } from '../reach-index.ts';
import { podsInPairs } from './case-members.ts';
import type { Case } from './cases.ts';
import { resultKey } from './outcomes.ts';

/**
 * The label that tells the outcomes of a row apart: each of its values (or its absence) goes with
 * one outcome. Sources are looked at first, then destinations; the first such key in code units.
 */
export function splitLabel(index: ReachIndex, cases: readonly Case[]): string | undefined {
  return splitSide(index, cases, 'source') ?? splitSide(index, cases, 'destination');
}

function splitSide(
  index: ReachIndex,
  cases: readonly Case[],
  side: 'source' | 'destination',
): string | undefined {
  const outcomes = new Map<PodOrdinal, Set<string>>();
  for (const one of cases) {
    for (const pod of podsInPairs(index, one, side)) {
      const keys = outcomes.get(pod) ?? new Set();
      outcomes.set(pod, keys.add(resultKey(one)));
    }
  }
  const labels = new Map([...outcomes.keys()].map((pod) => [pod, index.view.pod(pod).labels]));
  const keys = new Set([...labels.values()].flatMap((own) => [...own.keys()]));
  return [...keys].sort().find((key) => {
    const byValue = new Map<string | undefined, string>();
    for (const [pod, results] of outcomes) {
      const value = labels.get(pod)?.get(key);
      const result = [...results].sort().join(';');
      if ((byValue.get(value) ?? result) !== result) return false;
      byValue.set(value, result);
    }
    return 1 < byValue.size && 1 < new Set(byValue.values()).size;
  });
}
