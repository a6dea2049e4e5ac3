import type { PodOrdinal } from '../model-view.ts';
import { relationOf } from '../pair/connections-between.ts';
import type { PlacedEnd } from '../pair/connections-between.ts';
import type { ReachIndex } from '../reach-index.ts';
import { membersOf, podEnd } from './cases.ts';
import type { Case, EndGroup } from './cases.ts';

/**
 * Pods at one end of a case that are in one of its pairs, ascending as in their group.
 *
 * A group can hold pods that meet nobody in this case: one that is alone at the other end as well, one
 * that runs on the node it is asked about. Which groups there are depends on how an index splits equals
 * into parties; who is in a pair does not.
 */
export function podsInPairs(
  index: ReachIndex,
  one: Case,
  end: 'source' | 'destination',
): readonly PodOrdinal[] {
  const own: EndGroup = one[end];
  const other: EndGroup = end === 'source' ? one.destination : one.source;
  if (index.party(own.party).kind === 'node') return own.pods;
  const { relation } = one.question;
  const [member] = membersOf(index, other);
  if (member !== undefined && index.party(other.party).kind === 'node') {
    const standsTo = (pod: PlacedEnd): string =>
      end === 'source' ? relationOf(index.view, pod, member) : relationOf(index.view, member, pod);
    return own.pods.filter((pod) => standsTo(podEnd(own.party, pod)) === relation);
  }
  if (relation === 'SELF' || relation === 'HAIRPIN') {
    const others = new Set(other.pods);
    return own.pods.filter((pod) => others.has(pod));
  }
  // Two of a group meet each other; one alone does not meet itself.
  const [alone, ...others] = other.pods.slice(0, 2);
  const isAlone = alone !== undefined && others.length + other.ranges.length === 0;
  return isAlone && own.pods.includes(alone) ? own.pods.filter((pod) => pod !== alone) : own.pods;
}
