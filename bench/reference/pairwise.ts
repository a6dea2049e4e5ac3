import type { Direction, Policy } from '../../src/model/policy.ts';
import { appliesTo } from '../../src/model/policy.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { allows, pairPods, selects } from './policy-match.ts';
import type { PairPod, PairQuestion } from './policy-match.ts';

/** Answers one packet at a time, over IPv4. */
export interface PairwiseEvaluator {
  /** By pod ordinal of a model view. */
  readonly pods: readonly PairPod[];
  readonly canReach: (question: PairQuestion) => boolean;
}

/**
 * The plain way: for each question, look at every policy of the cluster. What a first version of
 * any analyzer does.
 */
export function naivePairwise(snapshot: Snapshot): PairwiseEvaluator {
  const policies = [...snapshot.namespaces.values()].flatMap((chunk) => chunk.policies);
  const selecting = (pod: PairPod): readonly Policy[] =>
    policies.filter((policy) => selects(policy, pod));
  return evaluator(pairPods(snapshot), selecting);
}

/**
 * The good way of asking pair by pair: policies are found by namespace, and remembered for each pod
 * that they select. What analyzers do that care about speed.
 */
export function indexedPairwise(snapshot: Snapshot): PairwiseEvaluator {
  const known = new Map<PairPod, readonly Policy[]>();
  const selecting = (pod: PairPod): readonly Policy[] => {
    const found = known.get(pod);
    if (found !== undefined) return found;
    const policies = pod.namespace.policies.filter((policy) => selects(policy, pod));
    known.set(pod, policies);
    return policies;
  };
  return evaluator(pairPods(snapshot), selecting);
}

function evaluator(
  pods: readonly PairPod[],
  selecting: (pod: PairPod) => readonly Policy[],
): PairwiseEvaluator {
  const leg = (subject: PairPod, direction: Direction, question: PairQuestion): boolean => {
    if (subject.hostNetwork) return true;
    let isolated = false;
    for (const policy of selecting(subject)) {
      if (!appliesTo(policy, direction)) continue;
      if (allows(policy, direction, question)) return true;
      isolated = true;
    }
    return !isolated;
  };
  return {
    pods,
    canReach: (question) =>
      leg(question.source, 'EGRESS', question) && leg(question.destination, 'INGRESS', question),
  };
}
