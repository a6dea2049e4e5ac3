import {
  NO_CONNECTIONS,
  intersect,
  isEmpty,
  portRangesOf,
  printConnections,
  subtract,
  union,
} from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import { withPage } from '../../model/answer.ts';
import type {
  DecidedBy,
  Effect,
  Leg,
  NearMiss,
  PassedBy,
  PolicyEffect,
  Reason,
  RuleEffect,
  RuleRef,
  Verdict,
} from '../../model/answer.ts';
import type { Peer } from '../../model/peer.ts';
import type { Direction, ObjectRef, Policy } from '../../model/policy.ts';
import type { PolicyProgram } from './policy-program.ts';
import type { DirectionOutcome, PairQuestion, ReachIndex, Segment } from '../reach-index.ts';
import { isolating, speaking } from './evaluate.ts';
import type { LegQuestion } from './leg-question.ts';
import type { OtherSide } from './explain-peer.ts';
import { explainMiss } from './nearest.ts';
import { peerEntries, portEntries } from './rule-entries.ts';
import { ruleRef } from './rule-ref.ts';
import { meetRules, shortRule, takesEffect } from './witness.ts';
import type { RuleMeeting } from './witness.ts';

/** Near misses told per leg. */
const NEAREST_MAX = 3;

/** What to explain: one direction of a pair, for the asked ports of the pod. */
export interface LegToExplain {
  readonly question: PairQuestion;
  readonly direction: Direction;
  /** Ports on the destination pod (after Service translation). */
  readonly asked: ConnectionSet;
  readonly subject: Peer;
  readonly other: OtherSide;
  /** Only the outcome is told: the subject has no name for who asks. */
  readonly isWithheld?: boolean;
}

/** One leg with every policy that selects its subject and what each did (contract 6). */
export function explainLeg(index: ReachIndex, leg: LegToExplain): Leg {
  const { question, direction, asked } = leg;
  const outcome = index.legOutcome(question, direction);
  const verdict = verdictOf(outcome, asked);
  if (leg.isWithheld === true) return withheldLeg(leg, verdict);
  const legQuestion = index.legQuestion(question, direction);
  const meetings = speaking(legQuestion).map((program) => ({
    program,
    rules: meetRules(program, legQuestion, asked, index.options),
  }));
  const rules = meetings.flatMap((meeting) => meeting.rules);
  const decided = decidedBy(index, leg, outcome, legQuestion, rules);
  return {
    direction,
    subject: leg.subject,
    isolated: outcome.isolated,
    isolatedBy: isolatedBy(legQuestion, outcome),
    verdict,
    decidedBy: decided.by,
    alsoAllowedBy: decided.others,
    passed: passedBy(index, leg, outcome, rules),
    // Where a cluster policy denies, no rule of a NetworkPolicy could have helped.
    nearest: decided.by.kind === 'ISOLATION' ? nearest(index, leg, rules) : [],
    policies: [...meetings]
      .sort((a, b) => byTurn(a.program.policy, b.program.policy))
      .map((one) => policyEffect(index, leg, legQuestion, one.program, one.rules)),
  };
}

/** What another namespace's policies come to, and nothing of what they are. */
function withheldLeg({ direction, subject }: LegToExplain, verdict: Verdict): Leg {
  return {
    direction,
    subject,
    isolated: null,
    isolatedBy: [],
    verdict,
    decidedBy: { kind: 'HIDDEN', short: 'hidden' },
    alsoAllowedBy: [],
    passed: [],
    nearest: [],
    policies: [],
  };
}

/** Policies that isolate the subject; of a node or an address there are none. */
function isolatedBy(question: LegQuestion, { isolated }: DirectionOutcome): ObjectRef[] {
  if (isolated === false) return [];
  return isolating(question)
    .map(({ policy }) => policy.ref)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function nameOf({ namespace = '', name }: ObjectRef): string {
  return `${namespace}/${name}`;
}

/** Rules that handed asked ports on, in the order in which they did. */
function passedBy(
  index: ReachIndex,
  { direction, asked }: LegToExplain,
  { passed }: DirectionOutcome,
  meetings: readonly RuleMeeting[],
): PassedBy[] {
  return passed.flatMap(({ set, policy, rule }) => {
    const ports = intersect(set, asked);
    const meeting = meetings.find(
      (one) => isSame(one.program.policy, policy) && one.rule.rule.index === rule,
    );
    if (meeting === undefined || policy.tier === 'network-policy' || isEmpty(ports)) return [];
    const tier = TIER_NAMES[policy.tier];
    return [{ rule: refOf(index, meeting, direction), tier, ports: portRangesOf(ports) }];
  });
}

/** Rules that allow any of `asked` in one direction, in canonical order. */
export function allowingRules(
  index: ReachIndex,
  question: PairQuestion,
  direction: Direction,
  asked: ConnectionSet,
): RuleRef[] {
  const legQuestion = index.legQuestion(question, direction);
  const programs = speaking(legQuestion);
  const told = programs.filter(({ policy }) => index.view.tells(policy.ref.namespace));
  const isOrdered = programs.some(({ policy }) => policy.tier !== 'network-policy');
  // What an ordered tier comes to is known once the leg is judged; rules that add up need no judge.
  const outcome = isOrdered ? index.legOutcome(question, direction) : undefined;
  return told.flatMap((program) =>
    meetRules(program, legQuestion, asked, index.options)
      .filter((meeting) => allows(meeting, outcome))
      .map((meeting) => refOf(index, meeting, direction)),
  );
}

/**
 * Whether the rule allows some asked port: in an ordered tier it must be the one that decides, in
 * the other it must not be overruled.
 */
function allows(meeting: RuleMeeting, outcome: DirectionOutcome | undefined): boolean {
  if (!takesEffect(meeting) || meeting.rule.action !== 'allow') return false;
  if (outcome === undefined) return true;
  if (meeting.program.policy.tier !== 'network-policy') return !isEmpty(tookOf(meeting, outcome));
  const lost = outcome.segments
    .filter(({ action, by }) => action !== 'allow' && by === 'rule')
    .reduce((set, segment) => union(set, segment.set), NO_CONNECTIONS);
  return !isEmpty(subtract(meeting.ports, lost));
}

/** Asked ports that a rule decided or passed, as opposed to those that it matches. */
function tookOf(
  { program: { policy }, rule, ports }: RuleMeeting,
  { segments, passed }: DirectionOutcome,
): ConnectionSet {
  if (policy.tier === 'network-policy') return ports;
  const decided = segments.filter((segment) => isWitness(segment, policy, rule.rule.index));
  const handed = passed.filter((one) => isSame(one.policy, policy) && one.rule === rule.rule.index);
  const taken = [...decided, ...handed].reduce((set, one) => union(set, one.set), NO_CONNECTIONS);
  return intersect(ports, taken);
}

/** Where several policies of one order disagree, every rule of them that matches has its part. */
function isWitness({ policies, rule }: Segment, policy: Policy, index: number): boolean {
  return (rule === undefined || rule === index) && policies.some((one) => isSame(one, policy));
}

function isSame({ ref: a }: Policy, { ref: b }: Policy): boolean {
  return a.name === b.name && a.kind === b.kind && a.namespace === b.namespace;
}

/** What a direction says of all asked ports together. */
function verdictOf({ allow, deny }: DirectionOutcome, asked: ConnectionSet): Verdict {
  const allowed = intersect(allow, asked);
  const denied = intersect(deny, asked);
  if (isEmpty(subtract(asked, allowed))) return 'ALLOWED';
  if (isEmpty(subtract(asked, denied))) return 'DENIED';
  return isEmpty(allowed) || isEmpty(denied) ? 'UNDETERMINED' : 'PARTIAL';
}

function decidedBy(
  index: ReachIndex,
  { direction, asked }: LegToExplain,
  outcome: DirectionOutcome,
  question: LegQuestion,
  meetings: readonly RuleMeeting[],
): { by: DecidedBy; others: RuleRef[] } {
  const allowing = meetings.filter((meeting) => allows(meeting, outcome));
  const refs = allowing.map((meeting) => refOf(index, meeting, direction));
  const denied = outcome.segments.filter(
    ({ action, set }) =>
      action === 'deny' && !isEmpty(intersect(intersect(set, asked), outcome.deny)),
  );
  if (denied.some(({ by }) => by === 'isolation')) {
    const policies = isolatedBy(question, outcome);
    const short = `isolated ${policies.map(nameOf).join(',')}`;
    return { by: { kind: 'ISOLATION', policies, short }, others: refs };
  }
  const [denial] = denied;
  if (denial !== undefined) return byRule(index, direction, meetings, denial, refs);
  const open = outcome.unsure.find(({ set }) => !isEmpty(intersect(set, asked)));
  if (open !== undefined) {
    const { code } = open.reason;
    const kind = code === 'AMBIGUOUS_PRIORITY' ? 'AMBIGUOUS' : 'UNDETERMINED';
    return { by: { kind, short: `undetermined ${code}` }, others: refs };
  }
  const segment = outcome.segments.find(({ set }) => !isEmpty(intersect(set, asked)));
  switch (segment?.by) {
    case 'rule':
      return byRule(index, direction, meetings, segment, refs);
    case 'self':
      return { by: { kind: 'SELF', short: 'self' }, others: [] };
    case 'local-node':
      return { by: { kind: 'LOCAL_NODE', short: 'local-node' }, others: refs };
    case 'external':
      return { by: { kind: 'EXTERNAL', short: 'external' }, others: [] };
    default:
      return { by: { kind: 'DEFAULT', short: 'default' }, others: [] };
  }
}

/** The rule that decided `segment`; all others that allow besides it. */
function byRule(
  index: ReachIndex,
  direction: Direction,
  meetings: readonly RuleMeeting[],
  segment: Segment,
  allowing: readonly RuleRef[],
): { by: DecidedBy; others: RuleRef[] } {
  const witness = meetings.find(
    (meeting) =>
      takesEffect(meeting) &&
      meeting.rule.action === segment.action &&
      isWitness(segment, meeting.program.policy, meeting.rule.rule.index),
  );
  if (witness === undefined) return { by: { kind: 'DEFAULT', short: 'default' }, others: [] };
  const rule = refOf(index, witness, direction);
  const short = shortRule(witness, direction);
  const others = allowing.filter(
    (other) => other.pointer !== rule.pointer || other.policy !== rule.policy,
  );
  const tier = TIER_NAMES[witness.program.policy.tier];
  const action = segment.action.toUpperCase();
  return { by: { kind: 'RULE', rule, tier, action, short }, others };
}

function refOf(
  index: ReachIndex,
  { program, rule, peer }: RuleMeeting,
  direction: Direction,
): RuleRef {
  const at = typeof peer === 'number' ? peer : undefined;
  return ruleRef(index.provenance, program.policy, direction, rule.rule.index, at);
}

function nearest(
  index: ReachIndex,
  { direction, asked, other }: LegToExplain,
  meetings: readonly RuleMeeting[],
): NearMiss[] {
  return meetings
    .filter((meeting) => meeting.program.policy.tier === 'network-policy' && !takesEffect(meeting))
    .map((meeting) => ({ meeting, miss: explainMiss(meeting, asked, other) }))
    .sort((a, b) => a.miss.rank - b.miss.rank)
    .slice(0, NEAREST_MAX)
    .map(({ meeting, miss: { peerMatch, portMatch, why } }) => ({
      rule: refOf(index, meeting, direction),
      peerMatch,
      portMatch,
      why,
    }));
}

function policyEffect(
  index: ReachIndex,
  leg: LegToExplain,
  question: LegQuestion,
  program: PolicyProgram,
  meetings: readonly RuleMeeting[],
): PolicyEffect {
  const { policy } = program;
  const tier = TIER_NAMES[policy.tier];
  const base = { policy: policy.ref, tier } as const;
  if (policy.opaque !== undefined) {
    const { code, message } = policy.opaque;
    return { ...base, effect: 'UNDECIDABLE', rules: [], reason: withPage({ code, message }) };
  }
  const outcome = index.legOutcome(leg.question, leg.direction);
  const rules = meetings.map((meeting) => ruleEffect(index, leg, { question, outcome }, meeting));
  const effect = strongest(
    rules.map((rule) => rule.effect),
    policy.tier === 'network-policy',
  );
  const reason = withPage(policyReason(effect, rules, leg.direction));
  return { ...base, effect, rules, reason };
}

/** Policies in the order in which they are heard; those that are heard together stay as they are. */
function byTurn(a: Policy, b: Policy): number {
  return TURNS[a.tier] - TURNS[b.tier] || a.order - b.order;
}

const TURNS = { admin: 0, 'network-policy': 1, baseline: 2 } as const;

const TIER_NAMES = {
  admin: 'ADMIN',
  'network-policy': 'NETWORK_POLICY',
  baseline: 'BASELINE',
} as const;

function strongest(effects: readonly Effect[], networkPolicy: boolean): Effect {
  const none: Effect = networkPolicy ? 'DOES_NOT_ADMIT' : 'NOT_APPLICABLE';
  if (networkPolicy && effects.includes('ADMITS')) return 'ADMITS';
  if (effects.includes('UNDECIDABLE')) return 'UNDECIDABLE';
  return effects.find((effect) => effect !== none) ?? none;
}

/** What is said of a rule that is about something else. */
const MISSES: ReadonlySet<string> = new Set(['PEER_NOT_SELECTED', 'PORT_NOT_LISTED']);

function policyReason(effect: Effect, rules: readonly RuleEffect[], direction: Direction): Reason {
  if (rules.length === 0) {
    const side = direction.toLowerCase();
    return { code: 'NO_RULES', message: `it isolates for ${side} and has no ${side} rule` };
  }
  const same = rules.filter((rule) => rule.effect === effect);
  const [deciding] = same;
  const misses = same.every(({ reason: { code } }) => MISSES.has(code));
  return deciding === undefined || (misses && 1 < rules.length)
    ? { code: 'NO_RULE_MATCHES', message: `none of its ${rules.length} rules matches` }
    : deciding.reason;
}

function ruleEffect(
  index: ReachIndex,
  { direction, other, asked }: LegToExplain,
  { question, outcome }: { readonly question: LegQuestion; readonly outcome: DirectionOutcome },
  meeting: RuleMeeting,
): RuleEffect {
  const ports = meeting.match === 'yes' ? tookOf(meeting, outcome) : meeting.ports;
  const { effect, reason } = judgeRule(meeting, ports, asked, other);
  return {
    rule: refOf(index, meeting, direction),
    effect,
    ports: portRangesOf(ports),
    reason: withPage(reason),
    peerEntries: peerEntries(meeting, question, other, index.options),
    portEntries: portEntries(meeting, question, asked),
  };
}

/** What a rule did that took `ports`. */
function judgeRule(
  meeting: RuleMeeting,
  ports: ConnectionSet,
  asked: ConnectionSet,
  other: OtherSide,
): Pick<RuleEffect, 'effect' | 'reason'> {
  const { match, rule, program, doubt } = meeting;
  const networkPolicy = program.policy.tier === 'network-policy';
  if (match === 'yes' && !isEmpty(ports)) {
    const verbs = { allow: 'ACCEPT', deny: 'DENY', pass: 'PASS' } as const;
    const effect = networkPolicy ? 'ADMITS' : verbs[rule.action];
    const whole = isEmpty(subtract(asked, ports));
    const message = whole ? 'peer and port match' : `peer matches, for ${printConnections(ports)}`;
    return { effect, reason: { code: 'MATCHES', message } };
  }
  if (match === 'yes' && !isEmpty(meeting.ports)) {
    const message = 'peer and port match, and what comes before it decides';
    return { effect: 'NOT_APPLICABLE', reason: { code: 'DECIDED_BEFORE', message } };
  }
  const open = match === 'yes' ? meeting.maybePorts : union(ports, meeting.maybePorts);
  if (match !== 'no' && doubt !== undefined && !isEmpty(open)) {
    return { effect: 'UNDECIDABLE', reason: doubt };
  }
  const miss = explainMiss(meeting, asked, other);
  const code = miss.peerMatch ? 'PORT_NOT_LISTED' : 'PEER_NOT_SELECTED';
  const effect = networkPolicy ? 'DOES_NOT_ADMIT' : 'NOT_APPLICABLE';
  return { effect, reason: { code, message: miss.why } };
}
