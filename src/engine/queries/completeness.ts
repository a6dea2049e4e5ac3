import type { Reason } from '../../model/answer.ts';
import type { Problem, Snapshot } from '../../model/snapshot.ts';
import { missingKind, missingPolicyKinds } from '../missing.ts';
import type { ReachIndex } from '../reach-index.ts';

/** Problems told with an answer; the snapshot has them all. */
const PROBLEMS_MAX = 100;

/**
 * The kinds whose absence could add or change rows of any list (decisions 4): pods, policies, and
 * namespaces once a rule reads their labels, nodes where they are listed.
 */
export function missingForLists(index: ReachIndex, listsNodes = false): Reason[] {
  const { snapshot } = index.view;
  const reasons = [missingKind(snapshot, 'Pod'), missingKind(snapshot, 'NetworkPolicy')];
  if (index.readsNamespaceLabels) reasons.push(missingKind(snapshot, 'Namespace'));
  if (listsNodes && snapshot.source === 'LIVE') reasons.push(missingKind(snapshot, 'Node'));
  reasons.push(missingPolicyKinds(snapshot, index.options));
  return reasons.flatMap((reason) => reason ?? []);
}

/** Problems that could change a verdict about `namespaces`; all of them when none are named. */
export function problemsOf(snapshot: Snapshot, namespaces?: ReadonlySet<string>): Problem[] {
  return snapshot.problems
    .filter(
      ({ affectsVerdicts, namespace }) =>
        affectsVerdicts &&
        (namespaces === undefined || namespace === undefined || namespaces.has(namespace)),
    )
    .slice(0, PROBLEMS_MAX);
}
