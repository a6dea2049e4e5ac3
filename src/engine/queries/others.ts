import type { Reason } from '../../model/answer.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { Case, EndGroup } from './cases.ts';

/** An end that has no name here has policies of which only the outcome is told. */
export const HIDDEN: Reason = {
  code: 'HIDDEN',
  message: 'one end is pods of other namespaces; what their policies say counts and is not told',
};

/** Whether `group` is of pods that have no name here: pods with and without are never one group. */
export function isOfOthers({ view }: ReachIndex, { pods: [first] }: EndGroup): boolean {
  return first !== undefined && view.isOther(first);
}

/** Whether pods without a name are at an end of the case. */
export function holdsOthers(index: ReachIndex, { source, destination }: Case): boolean {
  return isOfOthers(index, source) || isOfOthers(index, destination);
}
