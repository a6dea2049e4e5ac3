import { intersectRanges } from '../../model/address.ts';
import { NO_CONNECTIONS, union } from '../../model/connection-set.ts';
import type { Reason, Verdict } from '../../model/answer.ts';
import { POD_SPACE } from '../pair/address-blocks.ts';
import { missingKind } from '../missing.ts';
import { lazily } from '../query.ts';
import type { Lazily, PathArgs, Steps } from '../query.ts';
import type { EndSet } from '../refs/end-set.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import type { ReachIndex } from '../reach-index.ts';
import { casesOf, tally } from './cases.ts';
import type { Case, EndGroup, Tally } from './cases.ts';
import { atParameter } from './at-parameter.ts';
import { PortSum, addStrangers } from './judge-sides.ts';
import type { PortSets } from './judge-sides.ts';
import { CASES_MAX, CASES_PER_STEP, PAIRS_MAX, checkPairs } from './pair-limits.ts';
import { emptiness, groupByParty } from './ends.ts';
import { resolveTarget } from './targets.ts';
import type { Target } from './targets.ts';

/** What a `path` question comes to before anything is explained. */
export interface AskedPath {
  readonly source: EndSet;
  readonly target: Target;
  /** Ports over all cases, and the verdict they come to. */
  readonly sum: PortSets & { readonly verdict: Verdict };
  readonly hasCases: boolean;
  /** The cases themselves, which a verdict alone mostly does without. */
  readonly cases: Lazily<readonly Case[]>;
  readonly total: Lazily<Tally>;
  /** Why there is no case at all. */
  readonly empty: Reason | undefined;
}

/** Pairs of strangers that are added up between two pauses. */
const PAIRS_PER_STEP = 256;

/**
 * Judges all pairs of the two ends.
 *
 * @throws PodreachError `bad-ref`, `bad-port`, `ambiguous-ref`, `ref-not-found`, `answer-too-large`
 */
export function* askPath(index: ReachIndex, { from, to, port }: PathArgs): Steps<AskedPath> {
  const source = atParameter('from', () => resolveRef(index.directory, from, 'source'));
  const target = resolveTarget(index, to, port);
  const empty = emptiness(index, source) ?? target.empty;
  const groups = sourceGroups(index, source);
  const pairs = groups.length * target.groups.length;
  checkPairs(pairs, PAIRS_MAX);
  const doubts = podDoubts(index);
  const cases = lazily(function* (): Steps<readonly Case[]> {
    if (empty !== undefined) return [];
    checkPairs(pairs, CASES_MAX);
    const all = yield* pairUp(index, groups, target.groups);
    return doubts.length === 0 ? all : all.map((one) => leaveOpen(one, doubts));
  });
  const total = lazily(function* (): Steps<Tally> {
    return tally(yield* cases.steps(), false);
  });
  const asked = { source, target, cases, total };
  const sum = empty === undefined ? yield* strangersSum(index, groups, target, doubts) : undefined;
  if (sum !== undefined) return { ...asked, sum, hasCases: true, empty };
  const { allowed, denied, undetermined, verdict, counted } = yield* total.steps();
  return {
    ...asked,
    sum: { allowed, denied, undetermined, verdict },
    hasCases: counted.length !== 0,
    empty: empty ?? noCase(index, source, target, counted),
  };
}

function* pairUp(
  index: ReachIndex,
  sources: readonly EndGroup[],
  destinations: Target['groups'],
): Steps<Case[]> {
  const all: Case[] = [];
  let pairs = 0;
  for (const source of sources) {
    for (const destination of destinations) {
      for (const one of casesOf(index, source, destination)) all.push(one);
      pairs += 1;
      if (pairs % CASES_PER_STEP === 0) yield;
    }
  }
  return all;
}

/** The sum over all cases where they are those of strangers, and certain; undefined for any other. */
function* strangersSum(
  index: ReachIndex,
  groups: readonly EndGroup[],
  target: Target,
  doubts: readonly Reason[],
): Steps<AskedPath['sum'] | undefined> {
  const sum = new PortSum();
  let pairs = 0;
  for (const destination of target.groups) {
    if (doubts.length !== 0 && destination.ranges.length !== 0) return undefined;
    for (const group of groups) {
      if (doubts.length !== 0 && group.ranges.length !== 0) return undefined;
      if (!addStrangers(index, group, destination, sum)) return undefined;
      pairs += 1;
      if (pairs % PAIRS_PER_STEP === 0) yield;
    }
  }
  return sum.isUsed ? sum.whole() : undefined;
}

/**
 * The groups of a source; a private address that nobody owns may be a node that the dump does not
 * have, and then perhaps the destination's own (decisions 4: Node counts when a question touches it).
 */
function sourceGroups(index: ReachIndex, source: EndSet): EndGroup[] {
  const { snapshot } = index.view;
  const missing = snapshot.source === 'LIVE' ? missingKind(snapshot, 'Node') : undefined;
  const groups = groupByParty(index, source);
  if (missing === undefined) return groups;
  return groups.map((group) => (isPrivate(group) ? { ...group, maybeNode: missing } : group));
}

/** A private address that nobody owns may also be a pod that the dump does not have. */
function podDoubts(index: ReachIndex): Reason[] {
  const { snapshot } = index.view;
  const missing = snapshot.source === 'LIVE' ? missingKind(snapshot, 'Pod') : undefined;
  return missing === undefined ? [] : [missing];
}

function isPrivate({ ranges }: EndGroup): boolean {
  return intersectRanges(ranges, POD_SPACE).length !== 0;
}

function leaveOpen(one: Case, doubts: readonly Reason[]): Case {
  if (!isPrivate(one.source) && !isPrivate(one.destination)) return one;
  const { allowed, denied, undetermined } = one.result;
  return {
    ...one,
    result: {
      allowed: NO_CONNECTIONS,
      denied: NO_CONNECTIONS,
      undetermined: union(union(allowed, denied), undetermined),
      doubts: [...one.result.doubts, ...doubts],
    },
  };
}

/** Why groups that are not empty have no case: no family in common, or neither end is a pod. */
function noCase(
  index: ReachIndex,
  source: EndSet,
  target: Target,
  cases: readonly Case[],
): Reason | undefined {
  if (cases.length !== 0 || target.groups.length === 0) return undefined;
  const isPod = (party: Parameters<ReachIndex['policiesOf']>[0]): boolean =>
    index.party(party).kind === 'pods';
  const pods =
    groupByParty(index, source).some(({ party }) => isPod(party)) ||
    target.groups.some(({ party }) => isPod(party));
  return {
    code: 'NO_COMMON_FAMILY',
    message: pods
      ? 'the ends have no address family in common'
      : 'neither end is a pod of the pod network, so no policy applies and there is no case to judge',
  };
}
