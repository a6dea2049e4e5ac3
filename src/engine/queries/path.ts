import { intersectRanges } from '../../model/address.ts';
import {
  NO_CONNECTIONS,
  intersect,
  isEmpty,
  overlaps,
  portRangesOf,
  union,
} from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import { withPage } from '../../model/answer.ts';
import { once } from '../../model/lazy-member.ts';
import type { Path, PathVerdict, Reason, Verdict } from '../../model/answer.ts';
import { printObject } from '../../model/policy.ts';
import type { Direction } from '../../model/policy.ts';
import type { Problem, SnapshotSource } from '../../model/snapshot.ts';
import { POD_SPACE } from '../pair/address-blocks.ts';
import { missingKind, missingPolicyKinds } from '../missing.ts';
import type { ModelView } from '../model-view.ts';
import { allPolicies, isUnevaluated } from '../policies.ts';
import type { PathArgs, Query } from '../query.ts';
import type { EndSet } from '../refs/end-set.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import type { LegReach, ReachIndex } from '../reach-index.ts';
import { casesOf, tally } from './cases.ts';
import type { Case, EndGroup, Tally } from './cases.ts';
import { atParameter } from './at-parameter.ts';
import { problemsOf } from './completeness.ts';
import { PortSum, addStrangers } from './judge-sides.ts';
import type { PortSets } from './judge-sides.ts';
import { CASES_MAX, PAIRS_MAX, checkPairs } from './pair-limits.ts';
import { describePath } from './describe-path.ts';
import { dnsReasons } from './dns.ts';
import { emptiness, groupByParty } from './ends.ts';
import { HIDDEN, holdsOthers } from './others.ts';
import { distinctReasons, outcomesOf, reasonsOf } from './outcomes.ts';
import { sensitivity } from './sensitivity.ts';
import { resolveTarget } from './targets.ts';
import type { Target } from './targets.ts';

/** Distinct outcomes told. */
const OUTCOMES_MAX = 50;

/** Can `from` open connections to `to`, and why (not): both legs, every policy (contract 6). */
export const path: Query<PathArgs, Path> = (index, args) => {
  const asked = ask(index, args);
  const { source, target, total } = asked;
  const verdict = verdictAnswer(index, asked);
  const { snapshot } = index.view;
  const assumptions = once(() => [
    ...assumptionsOf(index).map(withPage),
    ...sensitivity(index, {
      verdict: verdict.verdict,
      cases: asked.cases(),
      destinations: target.end.pods,
      viaService: target.resolution !== undefined,
      ask: (other) => verdictAnswer(other, ask(other, args)).verdict,
    }).map(withPage),
  ]);
  const problems = once(() => problemsOf(snapshot, namespacesOf(index, source, target.end)));
  const outcomes = once(() => outcomesOf(index, total().counted, OUTCOMES_MAX));
  const reasons = once(() =>
    distinctReasons([
      ...verdict.reasons,
      ...dnsReasons(index, total().counted).map(withPage),
      ...excludedReasons(problems(), snapshot.source).map(withPage),
    ]),
  );
  const text = once((): string => describePath(answer));
  // Explaining costs many times what judging does, so it waits until somebody reads it.
  const answer: Path = {
    verdict: verdict.verdict,
    vacuous: verdict.vacuous,
    from: verdict.from,
    to: verdict.to,
    askedText: verdict.askedText,
    get asked() {
      return verdict.asked;
    },
    get allowed() {
      return verdict.allowed;
    },
    get denied() {
      return verdict.denied;
    },
    get undetermined() {
      return verdict.undetermined;
    },
    get reasons() {
      return reasons();
    },
    get outcomes() {
      return outcomes();
    },
    get legs() {
      return outcomes()[0]?.legs ?? [];
    },
    ...(target.resolution === undefined ? {} : { resolution: target.resolution }),
    get assumptions() {
      return assumptions();
    },
    get problems() {
      return problems();
    },
    get text() {
      return text();
    },
  };
  return answer;
};

/** The verdict alone: what batches and `fields=verdict` ask for. */
export const pathVerdict: Query<PathArgs, PathVerdict> = (index, args) =>
  verdictAnswer(index, ask(index, args));

interface Asked {
  readonly source: EndSet;
  readonly target: Target;
  /** Ports over all cases, and the verdict they come to. */
  readonly sum: PortSets & { readonly verdict: Verdict };
  readonly hasCases: boolean;
  /** The cases themselves, which a verdict alone mostly does without. */
  readonly cases: () => readonly Case[];
  readonly total: () => Tally;
  readonly empty: Reason | undefined;
}

function ask(index: ReachIndex, { from, to, port }: PathArgs): Asked {
  const source = atParameter('from', () => resolveRef(index.directory, from, 'source'));
  const target = resolveTarget(index, to, port);
  const empty = emptiness(index, source) ?? target.empty;
  const groups = sourceGroups(index, source);
  const pairs = groups.length * target.groups.length;
  checkPairs(pairs, PAIRS_MAX);
  const doubts = podDoubts(index);
  const cases = once((): readonly Case[] => {
    if (empty !== undefined) return [];
    checkPairs(pairs, CASES_MAX);
    const all = groups.flatMap((group) =>
      target.groups.flatMap((destination) => casesOf(index, group, destination)),
    );
    return doubts.length === 0 ? all : all.map((one) => leaveOpen(one, doubts));
  });
  const total = once((): Tally => tally(cases(), false));
  const asked = { source, target, cases, total };
  const sum = empty === undefined ? strangersSum(index, groups, target, doubts) : undefined;
  if (sum !== undefined) return { ...asked, sum, hasCases: true, empty };
  const { allowed, denied, undetermined, verdict, counted } = total();
  return {
    ...asked,
    sum: { allowed, denied, undetermined, verdict },
    hasCases: counted.length !== 0,
    empty: empty ?? noCase(index, source, target, counted),
  };
}

/** The sum over all cases where they are those of strangers, and certain; undefined for any other. */
function strangersSum(
  index: ReachIndex,
  groups: readonly EndGroup[],
  target: Target,
  doubts: readonly Reason[],
): Asked['sum'] | undefined {
  const sum = new PortSum();
  for (const destination of target.groups) {
    if (doubts.length !== 0 && destination.ranges.length !== 0) return undefined;
    for (const group of groups) {
      if (doubts.length !== 0 && group.ranges.length !== 0) return undefined;
      if (!addStrangers(index, group, destination, sum)) return undefined;
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

function verdictAnswer(
  index: ReachIndex,
  { source, target, sum, hasCases, total, empty }: Asked,
): PathVerdict {
  // An end that is empty only as far as the snapshot knows is not known to be empty.
  const unknown = empty?.code === 'MISSING_KIND';
  const vacuous = empty !== undefined && !unknown;
  // Ports that lead nowhere (a name nobody declares, a port the Service lacks) have no case.
  const unmet = !hasCases && empty === undefined;
  const reasons = once(() => {
    const { counted } = total();
    const isWithheld = counted.some((one) => holdsOthers(index, one));
    return reasonsOf(index, counted, [
      ...(empty === undefined ? [] : [empty]),
      ...target.notes,
      ...counted.flatMap(({ result }) => result.doubts),
      ...legReasons(index, total()),
      ...(isWithheld ? [HIDDEN] : []),
    ]).map(withPage);
  });
  return {
    verdict: unknown ? 'UNDETERMINED' : vacuous ? 'DENIED' : wholeVerdict(target, sum.verdict),
    vacuous,
    from: source.peer,
    to: target.end.peer,
    askedText: target.askedText,
    get asked() {
      return portRangesOf(target.asked);
    },
    get allowed() {
      return portRangesOf(sum.allowed);
    },
    get denied() {
      return portRangesOf(unmet ? target.asked : sum.denied);
    },
    get undetermined() {
      return portRangesOf(unknown ? target.asked : sum.undetermined);
    },
    get reasons() {
      return reasons();
    },
  };
}

/** Beside a name that leads nowhere, nothing is allowed as a whole. */
function wholeVerdict({ unmet }: Target, verdict: Verdict): Verdict {
  return unmet && verdict === 'ALLOWED' ? 'PARTIAL' : verdict;
}

/** In one word per leg, why the counted cases came out as they did. */
function legReasons(index: ReachIndex, { counted, implicit }: Tally): Reason[] {
  const codes = new Set<keyof typeof LEG_REASONS>();
  for (const { question, destination } of counted) {
    const { egress, ingress } = index.reach(question);
    const { asked } = destination.ports;
    for (const code of denials(index, question, 'EGRESS', asked, egress)) codes.add(code);
    for (const code of denials(index, question, 'INGRESS', asked, ingress)) codes.add(code);
    const allowed = intersect(intersect(egress.allow, ingress.allow), asked);
    if (isEmpty(allowed) || implicit !== null) continue;
    const open = egress.isolated === false && ingress.isolated === false;
    codes.add(open ? 'NOT_ISOLATED' : 'ADMITTED');
  }
  if (implicit !== null) codes.add(implicit);
  return [...codes].map((code) => ({ code, message: LEG_REASONS[code] }));
}

/** Whether a direction is closed by isolation, or by a rule of an ordered tier. */
function denials(
  index: ReachIndex,
  question: Case['question'],
  direction: Direction,
  asked: ConnectionSet,
  { deny }: LegReach,
): (keyof typeof LEG_REASONS)[] {
  if (!overlaps(deny, asked)) return [];
  const subject = direction === 'EGRESS' ? question.source : question.destination;
  const isOrdered = index.policiesOf(subject).some(({ tier }) => tier !== 'network-policy');
  if (!isOrdered) return [`${direction}_NOT_ADMITTED`];
  const denied = index
    .legOutcome(question, direction)
    .segments.filter(({ action, set }) => action === 'deny' && overlaps(set, asked));
  return [
    ...(denied.some(({ by }) => by === 'isolation') ? [`${direction}_NOT_ADMITTED` as const] : []),
    ...(denied.some(({ by }) => by === 'rule') ? [`${direction}_DENIED` as const] : []),
  ];
}

const LEG_REASONS = {
  EGRESS_DENIED: 'a cluster policy denies this to the source',
  INGRESS_DENIED: 'a cluster policy denies this to clients of the destination',
  EGRESS_NOT_ADMITTED: 'egress of the source is isolated and no rule admits this',
  INGRESS_NOT_ADMITTED: 'ingress of the destination is isolated and no rule admits this',
  NOT_ISOLATED: 'no policy isolates the source for egress or the destination for ingress',
  ADMITTED: 'where policies isolate an end, a rule admits this',
  SELF: 'a pod always reaches itself',
  LOCAL_NODE: 'a pod is always reachable from its own node',
} as const;

/** Namespaces whose policies decide about the pods of both ends. */
function namespacesOf(index: ReachIndex, ...ends: readonly EndSet[]): ReadonlySet<string> {
  return new Set(ends.flatMap(({ pods }) => pods.map((pod) => index.view.namespaceOf(pod).name)));
}

/** Policies that files define and an API server would refuse; a dump's are undetermined instead. */
function excludedReasons(problems: readonly Problem[], source: SnapshotSource): Reason[] {
  return problems
    .filter(({ code }) => source === 'MANIFESTS' && code === 'INVALID_POLICY')
    .map(({ object, path: field, message }) => ({
      code: 'INVALID_POLICY_EXCLUDED',
      message: `${object} is left out, as an API server would refuse it: ${field} ${message}`,
    }));
}

function assumptionsOf({ view, options }: ReachIndex): Reason[] {
  const told = view.snapshot.assumptions.map((code) => ({
    code,
    message: ASSUMPTIONS.get(code) ?? code,
  }));
  return options.vendorPolicies === 'ignore' ? [...told, ...ignoredPolicies(view)] : told;
}

/** Policies named when they are ignored; the message counts the others. */
const IGNORED_SHOWN_MAX = 10;

function ignoredPolicies(view: ModelView): Reason[] {
  const names = allPolicies(view)
    .filter(isUnevaluated)
    .map(({ ref }) => printObject(ref));
  const kinds = missingPolicyKinds(view.snapshot, { vendorPolicies: 'report' });
  const others = names.length - IGNORED_SHOWN_MAX;
  const shown = names.slice(0, IGNORED_SHOWN_MAX).join(', ');
  const ignored = `${shown}${0 < others ? ` and ${others} more` : ''}`;
  return [
    ...(names.length === 0 ? [] : [ignored]),
    ...(kinds === undefined ? [] : [kinds.message]),
  ].map((what) => ({
    code: 'VENDOR_POLICIES_IGNORED',
    message: `answered as if there were no policies that podreach does not evaluate: ${what}`,
  }));
}

const ASSUMPTIONS: ReadonlyMap<string, string> = new Map([
  [
    'NO_CLUSTER_POLICIES_SEEN',
    'the dump shows no cluster-wide policy kinds; it is assumed there are none',
  ],
  [
    'ASSUMED_NO_POLICIES',
    'the dump has no NetworkPolicies, and the upload said that there are none',
  ],
  [
    'UNKNOWN_FIELDS_PRUNED',
    'fields that NetworkPolicies do not have were dropped, as a server does that only warns (`unknownFields=prune`)',
  ],
  [
    'UNKNOWN_FIELDS_REFUSED',
    'stored NetworkPolicies with fields that are not known here count as not understood (`unknownFields=error`)',
  ],
  [
    'LENIENT_CIDRS_ACCEPTED',
    'CIDRs that servers refuse from 1.36 on were read as those before it do (`strictCIDR=false`)',
  ],
  [
    'STRICT_CIDRS_REQUIRED',
    'stored NetworkPolicies with CIDRs that servers refuse from 1.36 on count as not understood (`strictCIDR=true`)',
  ],
]);
