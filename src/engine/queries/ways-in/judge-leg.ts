import {
  ALL_PORTS,
  NO_CONNECTIONS,
  connectionsOf,
  intersect,
  isEmpty,
  overlaps,
  union,
} from '../../../model/connection-set.ts';
import type { ConnectionSet } from '../../../model/connection-set.ts';
import type { Reason, Verdict } from '../../../model/answer.ts';
import type { Peer } from '../../../model/peer.ts';
import { DIRECTIONS } from '../../../model/policy.ts';
import type { Direction, Policy } from '../../../model/policy.ts';
import type { Segment, ReachIndex } from '../../reach-index.ts';
import { casesOf, familiesOf, splitClients, tally, verdictOf } from '../cases.ts';
import type { Case, EndGroup, TargetGroup } from '../cases.ts';
import { resultOf } from '../case-result.ts';
import type { CaseResult } from '../case-result.ts';
import { distinctReasons } from '../outcomes.ts';
import { reachFromAssumed } from './assumed-controller.ts';
import { anySourceGroups, clientGroups, clientsByVerdict, outsideGroups } from './outside.ts';

type PortSets = Omit<CaseResult, 'doubts'>;

/** What policies say of one connection of a way in. */
export interface LegJudgement {
  readonly verdict: Verdict;
  /** Allowed in at least one case: ports of the Service, where there is one. */
  readonly allowed: ConnectionSet;
  /** The cases that count; none where no policy speaks, or the source is not in the snapshot. */
  readonly counted: readonly Case[];
  /** Worked out when it is told: lists judge many ways and explain few. */
  readonly why: () => Why;
  /** Where outside addresses differ. */
  readonly clients?: readonly { readonly from: Peer; readonly verdict: Verdict }[];
}

/** Why a leg comes out as it does. */
export interface Why {
  readonly reasons: readonly Reason[];
  /** Policies that stop something. */
  readonly blockedBy: readonly Policy[];
}

/** `judged` with one reason more. */
export function withReason(judged: LegJudgement, reason: Reason): LegJudgement {
  const why = (): Why => {
    const { reasons, blockedBy } = judged.why();
    return { reasons: [...reasons, reason], blockedBy };
  };
  return { ...judged, why };
}

/** From pods or nodes of the snapshot. */
export function judgeFrom(
  index: ReachIndex,
  sources: readonly EndGroup[],
  targets: readonly TargetGroup[],
): LegJudgement {
  const pairs = sources.flatMap((source) => targets.map((target) => [source, target] as const));
  const cases = pairs.flatMap(([source, target]) => casesOf(index, source, target));
  const unpoliced = pairs
    .filter(([source, target]) => !isPod(index, source) && !isPod(index, target))
    .map(([, target]) => askedOf(target));
  const total = tally(cases, false);
  const { counted } = total;
  return judgement(index, withAllowed(total, unpoliced), { counted, unpoliced });
}

/** From every address outside of the cluster, or from `clients` among these. */
export function judgeFromOutside(
  index: ReachIndex,
  targets: readonly TargetGroup[],
  clients: readonly EndGroup[] = outsideGroups(index),
): LegJudgement {
  const isOpen = (target: TargetGroup): boolean => isOpenToAll(index, target);
  const open = targets.filter(isOpen);
  const others = targets.filter((target) => !isOpen(target));
  const judged = clientGroups(clients, others).map((group) => judgeClients(index, group, others));
  const each = judged.filter(({ sets }) => Object.values(sets).some((set) => !isEmpty(set)));
  const opened = open.map(askedOf);
  const sets = withAllowed(sumOf(judged.map((one) => one.sets)), opened);
  const all = judgement(index, sets, {
    counted: judged.flatMap(({ cases }) => cases),
    unpoliced: [...opened, ...each.map((one) => one.sets.allowed)],
    isOpenPod: open.some((target) => isPod(index, target)),
  });
  const verdicts = each.map((one) => ({
    group: one.group,
    verdict: verdictOf(withAllowed(one.sets, opened)),
  }));
  const differs = verdicts.some(({ verdict }) => verdict !== verdicts[0]?.verdict);
  return differs ? { ...all, clients: clientsByVerdict(index, verdicts) } : all;
}

/** Addresses that each load balancer lets in, or does not, altogether. */
function judgeClients(
  index: ReachIndex,
  group: EndGroup,
  targets: readonly TargetGroup[],
): { readonly group: EndGroup; readonly cases: readonly Case[]; readonly sets: PortSets } {
  const cases = targets.flatMap((target) => casesOf(index, group, target));
  const { allowed, denied, undetermined } = tally(cases, false);
  // What is no pod has no cases, and may be behind a load balancer that filters.
  const filtered = targets.filter((target) => !isPod(index, target));
  const isLetIn = ({ ports: { clients = [] } }: TargetGroup): boolean =>
    splitClients(group, clients).every((part) => part.isLetIn);
  return {
    group,
    cases,
    sets: {
      allowed: unionOf([allowed, ...filtered.filter(isLetIn).map(askedOf)]),
      denied: unionOf([denied, ...filtered.filter((one) => !isLetIn(one)).map(askedOf)]),
      undetermined,
    },
  };
}

/** From somewhere in front of the cluster: certain only where nothing there is treated otherwise. */
export function judgeFromAnywhere(
  index: ReachIndex,
  targets: readonly TargetGroup[],
): LegJudgement {
  const cases = anySourceGroups(index).flatMap((source) =>
    targets.flatMap((target) => casesOf(index, source, target)),
  );
  const unpoliced = targets.filter((target) => !isPod(index, target)).map(askedOf);
  // A pod's own node counts as well, known or not: a load balancer may go through it.
  const results = [
    ...cases.map(({ result }) => result),
    ...targets.flatMap((target) => fromUnknownNode(index, target)),
  ];
  const sets = withAllowed(sumOf(results), unpoliced);
  const found = judgement(index, sets, { counted: cases, unpoliced });
  if (found.verdict !== 'PARTIAL') return found;
  const reason = {
    code: 'CONTROLLER_OUTSIDE',
    message: 'policies let in some of the addresses that the load balancer may have, not all',
  };
  return withReason({ ...found, verdict: 'UNDETERMINED' }, reason);
}

function fromUnknownNode(index: ReachIndex, target: TargetGroup): CaseResult[] {
  const party = index.party(target.party);
  if (party.kind !== 'pods') return [];
  const source = index.partyOfUnknownNode();
  const families = party.families === 'unknown' ? [null] : party.families;
  return families.map((family) => {
    const relation = 'MAYBE_LOCAL_NODE';
    const reach = index.reach({ source, destination: target.party, family, relation });
    return resultOf(reach, [], [], target.ports);
  });
}

/** From a pod of which nothing is known. */
export function judgeFromAssumed(index: ReachIndex, targets: readonly TargetGroup[]): LegJudgement {
  const judged = targets.map((target) => ({ target, ...reachFromAssumed(index, target) }));
  const sets = sumOf(judged.map(({ result }) => result));
  const why = (): Why => ({
    reasons: distinctReasons([
      ...judged.flatMap(({ result }) => result.doubts),
      ...(isEmpty(sets.denied) ? [] : [BLOCKED.INGRESS]),
    ]),
    blockedBy: distinct(
      judged.flatMap(({ target, outcome }) =>
        stoppingPolicies(outcome.segments, target.ports.asked),
      ),
    ),
  });
  const allowed = intersect(sets.allowed, ALL_PORTS);
  return { verdict: verdictOf(sets), allowed, counted: [], why };
}

/** One judgement for several controllers of which one passes the traffic on. */
export function judgeEither(judged: readonly LegJudgement[]): LegJudgement {
  const [first, ...others] = judged;
  if (first === undefined) throw new RangeError('one of no controllers');
  if (others.every(({ verdict }) => verdict === first.verdict)) return first;
  const reason = {
    code: 'CONTROLLER_AMBIGUOUS',
    message: 'several controllers may pass this on, and policies treat them differently',
  };
  return withReason({ ...first, verdict: 'UNDETERMINED' }, reason);
}

/** Nobody is kept out. */
export const NOT_ISOLATED: Reason = {
  code: 'NOT_ISOLATED',
  message: 'no policy isolates either end in this direction',
};

const NOT_POLICED: Reason = {
  code: 'NOT_POLICED',
  message: 'what is on the network of a node is not policed',
};

const NO_COMMON_FAMILY: Reason = {
  code: 'NO_COMMON_FAMILY',
  message: 'the ends have no address family in common',
};

const BLOCKED: Readonly<Record<Direction, Reason>> = {
  EGRESS: {
    code: 'EGRESS_NOT_ADMITTED',
    message: 'egress of the source is isolated and no rule admits this',
  },
  INGRESS: {
    code: 'INGRESS_NOT_ADMITTED',
    message: 'ingress of the destination is isolated and no rule admits this',
  },
};

function judgement(
  index: ReachIndex,
  sets: PortSets,
  {
    counted,
    unpoliced,
    isOpenPod = false,
  }: {
    readonly counted: readonly Case[];
    readonly unpoliced: readonly ConnectionSet[];
    /** Something of `unpoliced` is a pod that no policy selects. */
    readonly isOpenPod?: boolean;
  },
): LegJudgement {
  const isVacuous = counted.length === 0 && unpoliced.length === 0;
  const why = (): Why => {
    const stops = DIRECTIONS.map((direction) => ({
      direction,
      policies: isEmpty(sets.denied) ? [] : policiesStopping(index, counted, direction),
    }));
    const reasons = [
      ...counted.flatMap(({ result }) => result.doubts),
      ...stops.flatMap(({ direction, policies }) =>
        policies.length === 0 ? [] : [BLOCKED[direction]],
      ),
      ...(counted.length === 0 && !isVacuous ? [isOpenPod ? NOT_ISOLATED : NOT_POLICED] : []),
      ...(isVacuous ? [NO_COMMON_FAMILY] : []),
    ];
    const blockedBy = distinct(stops.flatMap(({ policies }) => policies));
    return { reasons: distinctReasons(reasons), blockedBy };
  };
  return { verdict: verdictOf(sets), allowed: intersect(sets.allowed, ALL_PORTS), counted, why };
}

function distinct(policies: readonly Policy[]): Policy[] {
  return [...new Set(policies)];
}

/** Policies that deny some of what was asked, in any of the cases. */
function policiesStopping(
  index: ReachIndex,
  cases: readonly Case[],
  direction: Direction,
): Policy[] {
  const seen = new Set<string>();
  return cases.flatMap(({ question, destination, result }) => {
    const key = JSON.stringify(question);
    if (isEmpty(result.denied) || seen.has(key)) return [];
    seen.add(key);
    const { segments } = index.legOutcome(question, direction);
    return stoppingPolicies(segments, destination.ports.asked);
  });
}

function stoppingPolicies(segments: readonly Segment[], asked: ConnectionSet): Policy[] {
  return segments
    .filter(({ action, set }) => action !== 'allow' && overlaps(set, asked))
    .flatMap(({ policies }) => policies);
}

/** A pod that no policy selects lets everybody in. */
function isOpenToAll(index: ReachIndex, target: TargetGroup): boolean {
  const { ports, party } = target;
  const { doubts = [], clients, rivals } = ports;
  if (!isPod(index, target)) return clients === undefined;
  // A pod of the other family is behind a Service of one family in name only.
  if (familiesOf(index, target).length === 0) return false;
  if (doubts.length !== 0 || clients !== undefined || rivals !== undefined) return false;
  if (index.policiesOf(party).length !== 0) return false;
  const source = index.partyOfUnknownNode();
  const question = { source, destination: party, family: null, relation: 'NONE' } as const;
  const { isolated, unsure } = index.reach(question).ingress;
  return isolated === false && unsure.length === 0;
}

function isPod(index: ReachIndex, { party }: EndGroup): boolean {
  return index.party(party).kind === 'pods';
}

/** The asked ports of a target, in the terms of results: of the Service where there is one. */
function askedOf({ ports }: TargetGroup): ConnectionSet {
  const { service } = ports;
  return service === undefined ? ports.asked : connectionsOf(service.map(({ port }) => port));
}

function withAllowed(sets: PortSets, more: readonly ConnectionSet[]): PortSets {
  const { allowed, denied, undetermined } = sets;
  return { allowed: unionOf([allowed, ...more]), denied, undetermined };
}

function sumOf(results: readonly PortSets[]): PortSets {
  const sum = (name: keyof PortSets): ConnectionSet => unionOf(results.map((one) => one[name]));
  return { allowed: sum('allowed'), denied: sum('denied'), undetermined: sum('undetermined') };
}

function unionOf(sets: readonly ConnectionSet[]): ConnectionSet {
  return [...new Set(sets)].reduce((sum, set) => union(sum, set), NO_CONNECTIONS);
}
