import { withPage } from '../../model/answer.ts';
import type { DirectionIsolation, Isolation, LazyList, Reason } from '../../model/answer.ts';
import { DIRECTIONS, appliesTo, printObject, rulesOf } from '../../model/policy.ts';
import type { Direction, ObjectRef, Policy } from '../../model/policy.ts';
import { podOrdinals } from '../model-view.ts';
import type { PodOrdinal } from '../model-view.ts';
import { inSteps } from '../query.ts';
import type { IsolationArgs } from '../query.ts';
import type { EndSet } from '../refs/end-set.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import type { PartyId } from '../party.ts';
import type { PairQuestion, ReachIndex } from '../reach-index.ts';
import { missingForLists, problemsOf } from './completeness.ts';
import { atParameter } from './at-parameter.ts';
import type { EndGroup } from './cases.ts';
import { emptiness, podless } from './ends.ts';
import { namedEndsInSteps } from './list-ends.ts';
import type { ListEnd } from './list-ends.ts';

/**
 * Which pods are isolated, per direction, and by which policies (semantics R1.4), and which pods no
 * policy of any tier protects.
 */
export const isolation = inSteps<IsolationArgs, LazyList<Isolation>>(function* (index, args) {
  const resolved = (): EndSet =>
    atParameter('of', () => resolveRef(index.directory, args.of, 'subject'));
  // Who is no subject, every index knows without a look at the pods themselves.
  const isEvery = args.of === '*/*' && index.directory.others === undefined;
  const end = isEvery ? undefined : resolved();
  const pods = end?.pods ?? unfinishedPods(index);
  const { groupBy } = args;
  const rows: IsolationDraft[] = [];
  for (const one of yield* namedEndsInSteps(index, pods, { groupBy, families: undefined })) {
    const draft = draftOf(index, one);
    if (wanted(draft, args)) rows.push(draft);
    yield;
  }
  const subject = end ?? (pods.length === 0 ? resolved() : undefined);
  const empty = subject && emptyReason(index, subject);
  const missing = missingForLists(index);
  return {
    totalCount: rows.length,
    complete: missing.length === 0 && rows.every(isKnown),
    reasons: [...missing, ...(empty === undefined ? [] : [empty])].map(withPage),
    problems: problemsOf(index.view.snapshot),
    slice: (start, count) =>
      rows.slice(start, start + count).map((draft) => isolationOf(index, draft)),
  };
});

function unfinishedPods(index: ReachIndex): PodOrdinal[] {
  return [...podOrdinals(index.view)].filter((pod) => index.partyOfPod(pod) !== undefined);
}

function emptyReason(index: ReachIndex, end: EndSet): Reason | undefined {
  return emptiness(index, end) ?? podless(end);
}

/** A row before its policies are looked up. */
interface IsolationDraft {
  readonly end: ListEnd;
  readonly groups: readonly EndGroup[];
  readonly isolated: Readonly<Record<Direction, boolean | null>>;
  readonly isProtected: Readonly<Record<Direction, boolean | null>>;
}

function draftOf(index: ReachIndex, end: ListEnd): IsolationDraft {
  const groups = end.groups.filter(({ party }) => index.party(party).kind === 'pods');
  const isolatedIn = (direction: Direction): boolean | null => isIsolated(index, groups, direction);
  const protectedIn = (direction: Direction): boolean | null =>
    isProtected(index, groups, direction);
  return {
    end,
    groups,
    isolated: { INGRESS: isolatedIn('INGRESS'), EGRESS: isolatedIn('EGRESS') },
    isProtected: { INGRESS: protectedIn('INGRESS'), EGRESS: protectedIn('EGRESS') },
  };
}

/** True when every pod is isolated; null where policies that could isolate are not known. */
function isIsolated(
  index: ReachIndex,
  groups: readonly EndGroup[],
  direction: Direction,
): boolean | null {
  return everyOne(groups.map(({ party }) => isPartyIsolated(index, party, direction)));
}

/**
 * True when every pod is isolated, or an admin or baseline policy denies it something; null where
 * that is not known.
 */
function isProtected(
  index: ReachIndex,
  groups: readonly EndGroup[],
  direction: Direction,
): boolean | null {
  return everyOne(
    groups.map(({ party }) => {
      const isolated = isPartyIsolated(index, party, direction);
      return isolated === true ? true : isDenied(index, party, direction, isolated);
    }),
  );
}

/** Whether the cluster's policies deny a party something; `otherwise` where they say nothing. */
function isDenied(
  index: ReachIndex,
  party: PartyId,
  direction: Direction,
  otherwise: boolean | null,
): boolean | null {
  if (!index.policiesOf(party).some((policy) => isOfCluster(policy, direction))) return otherwise;
  const { programs, perhaps } = index.legQuestion(strangers(party), direction).subject;
  const speaking = programs.filter(({ policy }) => isOfCluster(policy, direction));
  const denying = speaking.filter(({ policy }) => denies(policy, direction));
  if (denying.some((program) => !perhaps.has(program))) return true;
  const isUnknown = speaking.some(({ policy }) => policy.opaque !== undefined);
  return isUnknown || denying.length !== 0 ? null : otherwise;
}

function isPartyIsolated(index: ReachIndex, party: PartyId, direction: Direction): boolean | null {
  const { egress, ingress } = index.reach(strangers(party));
  return direction === 'EGRESS' ? egress.isolated : ingress.isolated;
}

/** Two pods of one party. */
function strangers(party: PartyId): PairQuestion {
  return { source: party, destination: party, family: null, relation: 'NONE' };
}

function everyOne(outcomes: readonly (boolean | null)[]): boolean | null {
  if (outcomes.includes(null)) return null;
  return outcomes.length !== 0 && !outcomes.includes(false);
}

function isOfCluster(policy: Policy, direction: Direction): boolean {
  return policy.tier !== 'network-policy' && appliesTo(policy, direction);
}

function denies(policy: Policy, direction: Direction): boolean {
  return (
    policy.opaque === undefined &&
    rulesOf(policy, direction).some(({ action }) => action === 'deny')
  );
}

function isolationOf(index: ReachIndex, draft: IsolationDraft): Isolation {
  const { end, groups, isolated, isProtected: found } = draft;
  const of = (direction: Direction): DirectionIsolation => ({
    isolated: isolated[direction],
    policies: policiesIn(
      index,
      groups,
      (policy) => policy.tier === 'network-policy' && appliesTo(policy, direction),
    ),
    protected: found[direction],
    clusterPolicies: policiesIn(index, groups, (policy) => isOfCluster(policy, direction)),
  });
  return {
    peer: end.peer(),
    ingress: of('INGRESS'),
    egress: of('EGRESS'),
    policed: groups.length !== 0,
  };
}

function policiesIn(
  index: ReachIndex,
  groups: readonly EndGroup[],
  isWanted: (policy: Policy) => boolean,
): ObjectRef[] {
  const policies = new Map<string, ObjectRef>();
  for (const { party } of groups) {
    for (const policy of index.policiesOf(party)) {
      if (isWanted(policy)) policies.set(printObject(policy.ref), policy.ref);
    }
  }
  return [...policies.values()];
}

function wanted(draft: IsolationDraft, args: IsolationArgs): boolean {
  const { direction, isolated, protected: shielded } = args;
  const asked = direction === undefined ? DIRECTIONS : [direction];
  return (
    (isolated === undefined || asked.some((one) => draft.isolated[one] !== !isolated)) &&
    (shielded === undefined || asked.some((one) => draft.isProtected[one] !== !shielded))
  );
}

function isKnown({ isolated }: IsolationDraft): boolean {
  return isolated.INGRESS !== null && isolated.EGRESS !== null;
}
