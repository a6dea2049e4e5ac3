import {
  ALL_CONNECTIONS,
  ALL_PORTS,
  NO_CONNECTIONS,
  intersect,
  isEmpty,
  subtract,
  union,
} from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Reason } from '../../model/answer.ts';
import { appliesTo, printObject } from '../../model/policy.ts';
import type { Action, TierId } from '../../model/policy.ts';
import { programRules } from './policy-program.ts';
import type { PolicyProgram, RuleProgram } from './policy-program.ts';
import type { EngineOptions } from '../options.ts';
import { aboutNamespace } from '../reason-subjects.ts';
import type { DirectionOutcome, PairReach, ReachIndex } from '../reach-index.ts';
import type { LegQuestion } from './leg-question.ts';
import { matchRule, rulePorts } from './match-peer.ts';
import type { PeerMatch } from './match-peer.ts';
import { TierWalk } from './walk.ts';

/** How a tier settles; the list is the order of evaluation (semantics 4.4, 5.4). */
interface Tier {
  readonly id: TierId;
  /** `union`: rules only add, and whoever is selected and not allowed is denied. */
  readonly mode: 'first-match' | 'union';
}

const TIERS: readonly Tier[] = [
  { id: 'admin', mode: 'first-match' },
  { id: 'network-policy', mode: 'union' },
  { id: 'baseline', mode: 'first-match' },
];

/** `external`: the subject is no pod, and only pods have policies (semantics R1.14). */
export const EXTERNAL_OUTCOME: DirectionOutcome = {
  allow: ALL_CONNECTIONS,
  deny: NO_CONNECTIONS,
  unsure: [],
  segments: [{ set: ALL_CONNECTIONS, action: 'allow', by: 'external', policies: [] }],
  passed: [],
  isolated: false,
};

/** What one direction says of every connection of a pair (semantics 0.2, 5.4). */
export function evaluateLeg(question: LegQuestion, options: EngineOptions): DirectionOutcome {
  const { subject, relation } = question;
  if (subject.party.kind !== 'pods') return EXTERNAL_OUTCOME;
  const walk = new TierWalk();
  if (relation === 'SELF') {
    walk.decide(ALL_CONNECTIONS, 'allow', 'self');
    return walk.finish(isIsolated(question));
  }
  for (const reason of subject.doubts) doubtAll(walk, reason);
  for (const program of speaking(question)) {
    const { opaque } = program.policy;
    if (opaque !== undefined && program.policy.tier !== 'network-policy') {
      doubtAll(walk, policyDoubt(program));
    }
  }
  for (const tier of TIERS) {
    if (walk.done) break;
    const programs = speaking(question).filter(
      ({ policy }) => policy.tier === tier.id && policy.opaque === undefined,
    );
    if (tier.mode === 'union') settleUnion(walk, programs, question, options);
    else settleFirstMatch(walk, programs, question, options);
  }
  return walk.finish(isIsolated(question));
}

/** What two legs come to: allowed where both allow, denied where either denies (semantics 5.4). */
export function joinLegs(egress: DirectionOutcome, ingress: DirectionOutcome): PairReach {
  const allowed = intersect(intersect(egress.allow, ingress.allow), ALL_PORTS);
  const denied = intersect(union(egress.deny, ingress.deny), ALL_PORTS);
  const undetermined = subtract(subtract(ALL_PORTS, allowed), denied);
  return { egress, ingress, allowed, denied, undetermined };
}

/** Policies that speak about the subject in the asked direction. */
export function speaking({ subject, direction }: LegQuestion): readonly PolicyProgram[] {
  return subject.programs.filter(({ policy }) => appliesTo(policy, direction));
}

/** The NetworkPolicy-tier policies among them whose effect is known. */
export function isolating(question: LegQuestion): readonly PolicyProgram[] {
  return speaking(question).filter(
    ({ policy }) => policy.tier === 'network-policy' && policy.opaque === undefined,
  );
}

function isIsolated(question: LegQuestion): boolean | null {
  if (isolating(question).length !== 0) return true;
  return isolationDoubts(question).length === 0 && question.subject.doubts.length === 0
    ? false
    : null;
}

/** Why the subject may be isolated by policies whose rules are not known. */
function isolationDoubts(question: LegQuestion): Reason[] {
  const opaque = speaking(question)
    .filter(({ policy }) => policy.tier === 'network-policy' && policy.opaque !== undefined)
    .map(policyDoubt);
  const { missingPolicies } = question.subject;
  return missingPolicies === undefined ? opaque : [...opaque, missingPolicies];
}

function policyDoubt({ policy }: PolicyProgram): Reason {
  const { opaque, ref } = policy;
  const message = `${printObject(ref)}: ${opaque?.message ?? 'its effect is not known'}`;
  return aboutNamespace({ code: opaque?.code ?? 'CONDITIONAL', message }, ref.namespace);
}

/** Nothing that is still open is certain: it may be allowed as well as denied. */
function doubtAll(walk: TierWalk, reason: Reason): void {
  walk.doubt(walk.rest, 'allow', reason);
  walk.doubt(walk.rest, 'deny', reason);
}

/**
 * The NetworkPolicy tier: whoever is isolated gets exactly what some rule allows (semantics R1.4,
 * R1.11). Policies that are missing or cannot be read may isolate and may allow, never forbid what
 * a rule of another policy allows.
 */
function settleUnion(
  walk: TierWalk,
  programs: readonly PolicyProgram[],
  question: LegQuestion,
  options: EngineOptions,
): void {
  const doubts = isolationDoubts(question);
  if (programs.length === 0 && doubts.length === 0) return;
  settleRelation(walk, question, options, programs.length !== 0);
  leaveOtherProtocols(walk, options, programs.length !== 0);
  for (const program of programs) {
    const { policy } = program;
    for (const rule of programRules(program, question.direction)) {
      const { match, doubt } = matchRule(rule, question.peer, question.family, options);
      if (match === 'no') continue;
      const ports = portsFor(program, rule, question);
      if (match === 'yes') walk.decide(ports.sure, 'allow', 'rule', [policy], rule.rule.index);
      doubtPorts(walk, rule, ports, match === 'yes' ? ports.doubt : doubt);
    }
  }
  for (const reason of doubts) doubtAll(walk, reason);
  if (programs.length !== 0) {
    walk.decide(
      walk.rest,
      'deny',
      'isolation',
      programs.map(({ policy }) => policy),
    );
  }
}

/** Own-node and hairpin traffic, which no NetworkPolicy can stop (semantics R2.4, R2.13a). */
function settleRelation(
  walk: TierWalk,
  { relation, direction }: LegQuestion,
  options: EngineOptions,
  isolated: boolean,
): void {
  if (relation === 'HAIRPIN' && options.selfViaService === 'allow') {
    walk.decide(walk.rest, 'allow', 'self');
  }
  const exempt =
    options.localNode === 'both' ||
    (options.localNode === 'ingress-only' && direction === 'INGRESS');
  if (!exempt) return;
  if (relation === 'LOCAL_NODE') walk.decide(walk.rest, 'allow', 'local-node');
  if (relation === 'MAYBE_LOCAL_NODE' && isolated) {
    walk.doubt(walk.rest, 'allow', {
      code: 'LOCAL_NODE_UNKNOWN',
      message:
        'a pod is always reachable from its own node, and it is not known whether this is it',
    });
  }
}

/**
 * Whether an isolated pod is always reachable from its own node before anything else is looked at:
 * without policies of the cluster, no tier comes before the one that isolates.
 */
export function ownNodeComesFirst({ options, view }: ReachIndex): boolean {
  return options.localNode !== 'none' && view.snapshot.cluster.policies.length === 0;
}

/** ICMP and the like: nobody says what happens to it on an isolated pod (semantics R2.16). */
function leaveOtherProtocols(walk: TierWalk, options: EngineOptions, isolated: boolean): void {
  if (options.icmp !== 'unspecified' || !isolated) return;
  walk.leaveOpen(subtract(ALL_CONNECTIONS, ALL_PORTS), {
    code: 'UNSPECIFIED',
    message: 'NetworkPolicy says nothing of protocols other than TCP, UDP and SCTP',
  });
}

/**
 * Admin and baseline tiers: policies by order, rules from the top, the first match decides; `pass`
 * leaves the tier. Policies of equal order are run side by side, and where they differ nobody knows.
 *
 * @see semantics R3.4-R3.8
 */
function settleFirstMatch(
  walk: TierWalk,
  programs: readonly PolicyProgram[],
  question: LegQuestion,
  options: EngineOptions,
): void {
  let passed = NO_CONNECTIONS;
  const orders = [...new Set(programs.map(({ policy }) => policy.order))].sort((a, b) => a - b);
  for (const order of orders) {
    const group = programs.filter(({ policy }) => policy.order === order);
    const taken = group.flatMap((program) => runAlone(walk, program, question, options));
    const sum = (action: Action): ConnectionSet =>
      taken
        .filter(({ rule }) => rule.action === action)
        .reduce((set, one) => union(set, one.set), NO_CONNECTIONS);
    const [allow, deny, pass] = [sum('allow'), sum('deny'), sum('pass')];
    const ties = union(
      union(intersect(allow, deny), intersect(allow, pass)),
      intersect(deny, pass),
    );
    if (!isEmpty(ties)) {
      const policies = group.map(({ policy }) => policy);
      if (options.priorityTies === 'deny-wins') {
        walk.decide(intersect(ties, deny), 'deny', 'rule', policies);
      }
      // Rejected are all of them, not just where they disagree: what they would do is not known.
      const rejected = options.priorityTies === 'reject' ? union(union(allow, deny), pass) : ties;
      walk.decide(rejected, 'ambiguous', 'rule', policies);
    }
    for (const { program, rule, set } of taken) {
      const { policy } = program;
      const { index } = rule.rule;
      if (rule.action === 'pass') passed = union(passed, walk.setAside(set, policy, index));
      else walk.decide(set, rule.action, 'rule', [policy], index);
    }
  }
  walk.rejoin(passed);
}

/** What a rule matches of what reached it. */
interface Taken {
  readonly program: PolicyProgram;
  readonly rule: RuleProgram;
  readonly set: ConnectionSet;
}

/** First match of one policy on what is still open. */
function runAlone(
  walk: TierWalk,
  program: PolicyProgram,
  question: LegQuestion,
  options: EngineOptions,
): Taken[] {
  const taken: Taken[] = [];
  let open = walk.rest;
  for (const rule of programRules(program, question.direction)) {
    const { match, doubt } = matchOf(program, rule, question, options);
    if (match === 'no') continue;
    const ports = portsFor(program, rule, question);
    const set = intersect(open, ports.sure);
    if (match === 'yes') {
      taken.push({ program, rule, set });
      open = subtract(open, set);
    }
    doubtPorts(walk, rule, within(ports, open, set), match === 'yes' ? ports.doubt : doubt);
  }
  return taken;
}

/** Whether a rule matches; perhaps at most, where its policy may not be about the subject. */
export function matchOf(
  program: PolicyProgram,
  rule: RuleProgram,
  { subject, peer, family }: LegQuestion,
  options: EngineOptions,
): PeerMatch {
  const found = matchRule(rule, peer, family, options);
  if (found.fromRule === true && found.doubt !== undefined) {
    aboutNamespace(found.doubt, program.policy.ref.namespace);
  }
  const doubt = subject.perhaps.get(program);
  return found.match === 'yes' && doubt !== undefined ? { match: 'maybe', doubt } : found;
}

/** Ports of a rule on the destination of a question. */
interface PortsOfRule {
  /** Those that it certainly covers, if its peers match. */
  readonly sure: ConnectionSet;
  /** Those that it may cover besides, because what a name means is not known. */
  readonly maybe: ConnectionSet;
  readonly doubt: Reason | undefined;
}

function portsFor(program: PolicyProgram, rule: RuleProgram, question: LegQuestion): PortsOfRule {
  const { direction, namedPorts, portDoubt, scopedPorts } = question;
  if (rule.namedPorts.length === 0) {
    return { sure: rule.fixedPorts, maybe: NO_CONNECTIONS, doubt: undefined };
  }
  if (portDoubt !== undefined) {
    return { sure: rule.fixedPorts, maybe: ALL_PORTS, doubt: portDoubt };
  }
  const names = direction === 'EGRESS' ? namedPorts : (scopedPorts?.(program) ?? namedPorts);
  return { sure: rulePorts(rule, names), maybe: NO_CONNECTIONS, doubt: undefined };
}

/** What of `ports` is still open; `taken` was, before the rule took it. */
function within(ports: PortsOfRule, open: ConnectionSet, taken: ConnectionSet): PortsOfRule {
  return { ...ports, sure: taken, maybe: intersect(open, ports.maybe) };
}

/** Notes what a rule may do, for one of two reasons: its peers may match, or its names cover more. */
function doubtPorts(
  walk: TierWalk,
  { action }: RuleProgram,
  { sure, maybe, doubt }: PortsOfRule,
  reason: Reason | undefined,
): void {
  if (reason === undefined) return;
  walk.doubt(reason === doubt ? maybe : union(sure, maybe), action, reason);
}
