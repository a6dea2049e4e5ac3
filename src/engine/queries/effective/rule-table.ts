import type { Reason } from '../../../model/answer.ts';
import { ALL_PORTS, portRangesOf } from '../../../model/connection-set.ts';
import type { EffectiveAction, EffectivePeer, EffectiveRule } from '../../../model/effective.ts';
import { appliesTo, printObject } from '../../../model/policy.ts';
import type { Direction, ObjectRef, Policy, TierId } from '../../../model/policy.ts';
import { isolating, speaking } from '../../pair/evaluate.ts';
import type { LegQuestion } from '../../pair/leg-question.ts';
import { programRules } from '../../pair/policy-program.ts';
import type { PolicyProgram } from '../../pair/policy-program.ts';
import type { PartyId } from '../../party.ts';
import type { ReachIndex } from '../../reach-index.ts';
import { mergeRules, ruleAsWritten } from './merge-rules.ts';
import type { MergedRule } from './merge-rules.ts';
import { EVERYONE } from './rule-peer.ts';
import { Shadows } from './shadows.ts';

/** A row before it is known whose it is. */
export type TableRow = Omit<EffectiveRule, 'subject' | 'part' | 'position'>;

/** The rows of one direction, and whether the pods are isolated in it. */
export interface RuleTable {
  readonly rows: readonly TableRow[];
  readonly isolated: boolean | null;
  readonly policies: readonly ObjectRef[];
}

/**
 * The rules that hold for the pods of `party` in `direction`, in the order they are asked: itself,
 * admin, own node, NetworkPolicy, what that denies, baseline, and what nobody decided (semantics 0.2).
 */
export function ruleTable(index: ReachIndex, party: PartyId, direction: Direction): RuleTable {
  const leg = legOf(index, party, direction);
  if (leg.subject.party.kind !== 'pods') return unpoliced(direction);
  const isolators = isolating(leg).map(({ policy }) => policy);
  const doubts = doubtsAboutIsolation(leg);
  const isIsolated = isolators.length !== 0;
  const shadows = new Shadows();
  const rows = [
    fixed('SELF', 'ALLOW', ITSELF, direction),
    ...leg.subject.doubts.map((reason) => undecidable(direction, reason)),
    ...opaqueRows(leg, (tier) => tier !== 'network-policy'),
    ...firstMatchRows(index, leg, 'admin', { shadows }),
    ...(isIsolated && isNodeExempt(index, direction)
      ? [fixed('LOCAL_NODE', 'ALLOW', OWN_NODE, direction)]
      : []),
    ...unionRows(index, leg, shadows),
    ...opaqueRows(leg, (tier) => tier === 'network-policy'),
    ...missingRows(leg),
    ...(isIsolated
      ? [{ ...fixed('ISOLATION', 'DENY', EVERYONE.told, direction), ...isolatedBy(isolators) }]
      : []),
    ...firstMatchRows(index, leg, 'baseline', { shadows, isolators }),
    ...(isIsolated ? [] : [fixed('DEFAULT', 'ALLOW', EVERYONE.told, direction)]),
  ];
  const isolated = isIsolated || (doubts ? null : false);
  return { rows, isolated, policies: isolators.map(({ ref }) => ref) };
}

const ITSELF: EffectivePeer = { kind: 'ITSELF', text: 'the pod itself', negated: false };
const OWN_NODE: EffectivePeer = { kind: 'OWN_NODE', text: 'the node it runs on', negated: false };

/** No policy applies to a node. */
function unpoliced(direction: Direction): RuleTable {
  const rows = [fixed('DEFAULT', 'ALLOW', EVERYONE.told, direction)];
  return { rows, isolated: false, policies: [] };
}

/** A leg of the party's own; an address at the other end, which declares no names. */
function legOf(index: ReachIndex, party: PartyId, direction: Direction): LegQuestion {
  const other = index.partyOfUnknownAddress(4);
  const [source, destination] = direction === 'EGRESS' ? [party, other] : [other, party];
  return index.legQuestion({ source, destination, family: 4, relation: 'NONE' }, direction);
}

function isNodeExempt({ options }: ReachIndex, direction: Direction): boolean {
  const { localNode } = options;
  return localNode === 'both' || (localNode === 'ingress-only' && direction === 'INGRESS');
}

/** Whether policies that are not there, or cannot be read, may isolate. */
function doubtsAboutIsolation({ subject, direction }: LegQuestion): boolean {
  const opaque = subject.programs.some(
    ({ policy }) =>
      policy.tier === 'network-policy' &&
      policy.opaque !== undefined &&
      appliesTo(policy, direction),
  );
  return opaque || subject.missingPolicies !== undefined || subject.doubts.length !== 0;
}

/** A tier in which the first match decides: every rule as it is written. */
function firstMatchRows(
  { provenance }: ReachIndex,
  leg: LegQuestion,
  tier: TierId,
  before: { readonly shadows: Shadows; readonly isolators?: readonly Policy[] },
): TableRow[] {
  const { shadows, isolators = [] } = before;
  return inOrder(leg, tier).flatMap((program) =>
    programRules(program, leg.direction).map((rule) => {
      const merged = ruleAsWritten(provenance, leg, program, rule);
      const shadow = shadows.of(merged, tier, program.policy);
      shadows.add(merged, program.policy);
      const isolated = isolators.length === 0 ? null : isolationShadow(isolators);
      return rowOf(leg.direction, tier, merged, shadow ?? isolated);
    }),
  );
}

function inOrder(leg: LegQuestion, tier: TierId): PolicyProgram[] {
  return speaking(leg)
    .filter(({ policy }) => policy.tier === tier && policy.opaque === undefined)
    .sort((a, b) => a.policy.order - b.policy.order);
}

function unionRows({ provenance }: ReachIndex, leg: LegQuestion, shadows: Shadows): TableRow[] {
  return mergeRules(provenance, leg, isolating(leg)).map((merged) =>
    rowOf(leg.direction, 'network-policy', merged, shadows.of(merged, 'network-policy')),
  );
}

const TIER_NAMES = {
  admin: 'ADMIN',
  'network-policy': 'NETWORK_POLICY',
  baseline: 'BASELINE',
} as const;

const ACTIONS = { allow: 'ALLOW', deny: 'DENY', pass: 'PASS' } as const;

function rowOf(
  direction: Direction,
  tier: TierId,
  merged: MergedRule,
  shadowedBy: TableRow['shadowedBy'],
): TableRow {
  return {
    direction,
    kind: 'RULE',
    tier: TIER_NAMES[tier],
    action: ACTIONS[merged.action],
    peers: merged.peers.map(({ told }) => told),
    ports: portRangesOf(merged.ports),
    portNames: merged.portNames,
    contributors: merged.contributors,
    policies: merged.programs.map(({ policy }) => policy.ref),
    shadowedBy,
    reason: merged.reason ?? unknownPeers(merged),
  };
}

/** Peers that no snapshot can tell: names, mostly. */
function unknownPeers({ peers }: MergedRule): Reason | null {
  const unknown = peers.find(({ told }) => told.kind === 'UNKNOWN');
  return unknown === undefined ? null : { code: 'CONDITIONAL', message: unknown.told.text };
}

function opaqueRows(leg: LegQuestion, isIn: (tier: TierId) => boolean): TableRow[] {
  return speaking(leg).flatMap(({ policy }) => {
    const { opaque, tier, ref } = policy;
    if (opaque === undefined || !isIn(tier)) return [];
    const message = `${printObject(ref)}: ${opaque.message}`;
    const row = undecidable(leg.direction, { code: opaque.code, message });
    return [{ ...row, tier: TIER_NAMES[tier], policies: [ref] }];
  });
}

function missingRows({ subject, direction }: LegQuestion): TableRow[] {
  const { missingPolicies } = subject;
  if (missingPolicies === undefined) return [];
  return [{ ...undecidable(direction, missingPolicies), tier: 'NETWORK_POLICY' }];
}

function undecidable(direction: Direction, reason: Reason): TableRow {
  return { ...fixed('UNDECIDABLE', 'UNDETERMINED', EVERYONE.told, direction), reason };
}

function isolatedBy(isolators: readonly Policy[]): Pick<TableRow, 'tier' | 'policies'> {
  return { tier: 'NETWORK_POLICY', policies: isolators.map(({ ref }): ObjectRef => ref) };
}

function isolationShadow(isolators: readonly Policy[]): TableRow['shadowedBy'] {
  return { rules: [], policies: isolators.map(({ ref }) => ref) };
}

/** A row that no rule wrote, about all ports of one peer. */
function fixed(
  kind: TableRow['kind'],
  action: EffectiveAction,
  peer: EffectivePeer,
  direction: Direction,
): TableRow {
  return {
    direction,
    kind,
    tier: null,
    action,
    peers: [peer],
    ports: portRangesOf(ALL_PORTS),
    portNames: [],
    contributors: [],
    policies: [],
    shadowedBy: null,
    reason: null,
  };
}
