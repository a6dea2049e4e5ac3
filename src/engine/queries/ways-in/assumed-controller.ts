import type { Family } from '../../../model/address.ts';
import type { Reason } from '../../../model/answer.ts';
import type { PodSelection } from '../../../model/policy.ts';
import { NAMESPACE_NAME_LABEL } from '../../../model/selector.ts';
import type { LabelSelector, Match } from '../../../model/selector.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { EXTERNAL_OUTCOME, evaluateLeg, joinLegs, speaking } from '../../pair/evaluate.ts';
import type { PartyFacts } from '../../pair/facts.ts';
import type { LegQuestion } from '../../pair/leg-question.ts';
import { programRules } from '../../pair/policy-program.ts';
import type { PolicyProgram, SelectionId } from '../../pair/policy-program.ts';
import type { DirectionOutcome, PairReach, ReachIndex } from '../../reach-index.ts';
import { resultOf } from '../case-result.ts';
import type { CaseResult } from '../case-result.ts';
import type { TargetGroup } from '../cases.ts';

const UNKNOWN_POD: Reason = {
  code: 'CONTROLLER_ASSUMED',
  message: 'a rule chooses pods by labels, and those of the controller are not in the snapshot',
};

/**
 * What a pod that the snapshot does not have may open to `target`: the walk over its policies with
 * everything unknown of the other side (semantics R2.18, 4).
 *
 * Of manifests it is in a namespace of its own, so that whoever admits only namespaces of the snapshot
 * does not admit it. A dump has all namespaces, so there it may be any pod.
 */
export function reachFromAssumed(
  index: ReachIndex,
  target: TargetGroup,
): { readonly result: CaseResult; readonly outcome: DirectionOutcome } {
  const family = familyOf(index, target);
  const question = {
    source: index.partyOfUnknownAddress(family ?? 4),
    destination: target.party,
    family,
    relation: 'NONE',
  } as const;
  if (index.party(target.party).kind !== 'pods') {
    const open = joinLegs(EXTERNAL_OUTCOME, EXTERNAL_OUTCOME);
    return { result: resultOf(open, [], [], target.ports), outcome: EXTERNAL_OUTCOME };
  }
  const leg = index.legQuestion(question, 'INGRESS');
  const outcome = evaluateLeg({ ...leg, peer: unknownPod(index, leg) }, index.options);
  const reach: PairReach = joinLegs(EXTERNAL_OUTCOME, outcome);
  return { result: resultOf(reach, [], [], target.ports), outcome };
}

function familyOf(index: ReachIndex, target: TargetGroup): Family | null {
  const party = index.party(target.party);
  const families = party.kind === 'addresses' ? [party.family] : party.families;
  return families === 'unknown' ? null : (families[0] ?? null);
}

/** The facts of an address of which nothing is known, with the selectors that may hold such a pod. */
function unknownPod({ view }: ReachIndex, leg: LegQuestion): PartyFacts {
  const selections = new Map<SelectionId, Match>();
  for (const program of speaking(leg)) {
    for (const [id, selection] of selectionsIn(program)) {
      const match = matchUnknown(view.snapshot, selection);
      if (match !== 'no') selections.set(id, match);
    }
  }
  return {
    ...leg.peer,
    party: { kind: 'pods', families: 'unknown' },
    selections,
    selectionDoubt: UNKNOWN_POD,
  };
}

function selectionsIn(program: PolicyProgram): (readonly [SelectionId, PodSelection])[] {
  return programRules(program, 'INGRESS').flatMap(({ rule, peers }) => {
    if (peers === 'every' || rule.peers === 'every') return [];
    const terms = rule.peers;
    // A test stands where its term does; one of several of a policy's peers may be many terms.
    return peers.flatMap(({ test }, i) => {
      const atom = terms[i]?.atom;
      if (test.kind !== 'selection' || atom?.kind !== 'pods') return [];
      return [[test.id, atom.selection] as const];
    });
  });
}

function matchUnknown(snapshot: Snapshot, { namespaces, pods }: PodSelection): Match {
  const isThere = (name: string): boolean =>
    snapshot.source === 'MANIFESTS' && snapshot.namespaces.has(name);
  const home: Match =
    namespaces.kind === 'named'
      ? isThere(namespaces.name)
        ? 'no'
        : 'maybe'
      : matchUnknownNamespace(namespaces.selector, isThere);
  if (home !== 'yes') return home;
  return pods.requirements.length === 0 ? 'yes' : 'maybe';
}

function matchUnknownNamespace(
  { requirements }: LabelSelector,
  isThere: (name: string) => boolean,
): Match {
  const isOther = requirements.some(
    ({ key, operator, values }) =>
      key === NAMESPACE_NAME_LABEL && operator === 'In' && values.every(isThere),
  );
  if (isOther) return 'no';
  return requirements.length === 0 ? 'yes' : 'maybe';
}
