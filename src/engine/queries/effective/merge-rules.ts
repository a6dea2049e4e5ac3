import type { Reason, RuleRef } from '../../../model/answer.ts';
import { portRangesOf, union } from '../../../model/connection-set.ts';
import type { ConnectionSet } from '../../../model/connection-set.ts';
import type { Direction } from '../../../model/policy.ts';
import type { LegQuestion } from '../../pair/leg-question.ts';
import { rulePorts } from '../../pair/match-peer.ts';
import { programRules } from '../../pair/policy-program.ts';
import type { PolicyProgram, RuleProgram } from '../../pair/policy-program.ts';
import { ruleRef } from '../../pair/rule-ref.ts';
import type { ProvenanceMap } from '../../pair/rule-ref.ts';
import { EVERYONE, rulePeerOf } from './rule-peer.ts';
import type { RulePeer } from './rule-peer.ts';

/** Peers that share ports, and every rule behind them. */
export interface MergedRule {
  readonly action: RuleProgram['action'];
  readonly peers: readonly RulePeer[];
  /** Numbers alone; of ingress, those of the names that the subject declares too. */
  readonly ports: ConnectionSet;
  /** Names that are no numbers here. */
  readonly portNames: readonly string[];
  readonly contributors: readonly RuleRef[];
  readonly programs: readonly PolicyProgram[];
  /** Why it is not certain that it holds. */
  readonly reason: Reason | undefined;
}

/** One rule with its ports, as it stands in its policy. */
export function ruleAsWritten(
  provenance: ProvenanceMap,
  leg: LegQuestion,
  program: PolicyProgram,
  rule: RuleProgram,
): MergedRule {
  const { ports, portNames } = portsOf(leg, program, rule);
  return {
    action: rule.action,
    peers: peersOf(rule).map(({ peer }) => peer),
    ports,
    portNames,
    contributors: [ruleRef(provenance, program.policy, leg.direction, rule.rule.index)],
    programs: [program],
    reason: leg.subject.perhaps.get(program) ?? reasonOf(leg, rule),
  };
}

/**
 * Rules that only add up, merged: one peer has the ports of all rules that name it, and peers with
 * equal ports are one row. Rows are in the order of their first rule.
 */
export function mergeRules(
  provenance: ProvenanceMap,
  leg: LegQuestion,
  programs: readonly PolicyProgram[],
): MergedRule[] {
  const byPeer = new Map<string, MergedRule>();
  for (const program of programs) {
    for (const rule of programRules(program, leg.direction)) {
      const reason = reasonOf(leg, rule);
      const { ports, portNames } = portsOf(leg, program, rule);
      for (const { peer, index } of peersOf(rule)) {
        const key = `${peer.key} ${reason?.message ?? ''}`;
        const ref = refOf(provenance, leg.direction, program, rule, index);
        join(byPeer, key, {
          action: rule.action,
          peers: [peer],
          ports,
          portNames,
          contributors: [ref],
          programs: [program],
          reason,
        });
      }
    }
  }
  const byPorts = new Map<string, MergedRule>();
  for (const row of byPeer.values()) {
    const ports = JSON.stringify(portRangesOf(row.ports));
    join(byPorts, [ports, ...row.portNames, row.reason?.message ?? ''].join(' '), row);
  }
  return [...byPorts.values()];
}

function join(rows: Map<string, MergedRule>, key: string, row: MergedRule): void {
  const known = rows.get(key);
  if (known === undefined) {
    rows.set(key, row);
    return;
  }
  const peers = new Map([...known.peers, ...row.peers].map((peer) => [peer.key, peer]));
  rows.set(key, {
    ...known,
    peers: [...peers.values()],
    ports: union(known.ports, row.ports),
    portNames: distinct([...known.portNames, ...row.portNames]).sort(),
    contributors: [...known.contributors, ...row.contributors],
    programs: distinct([...known.programs, ...row.programs]),
  });
}

function peersOf(rule: RuleProgram): { readonly peer: RulePeer; readonly index?: number }[] {
  const { peers } = rule.rule;
  if (peers === 'every') return [{ peer: EVERYONE }];
  return peers.map((term) => ({ peer: rulePeerOf(term), index: term.index }));
}

function refOf(
  provenance: ProvenanceMap,
  direction: Direction,
  program: PolicyProgram,
  rule: RuleProgram,
  peer: number | undefined,
): RuleRef {
  return ruleRef(provenance, program.policy, direction, rule.rule.index, peer);
}

/** Names are those of the destination: known of ingress, of each destination another of egress. */
function portsOf(
  leg: LegQuestion,
  program: PolicyProgram,
  rule: RuleProgram,
): { readonly ports: ConnectionSet; readonly portNames: readonly string[] } {
  const names =
    leg.direction === 'EGRESS' ? NO_NAMES : (leg.scopedPorts?.(program) ?? leg.namedPorts);
  const written = rule.rule.ports === 'every' ? [] : rule.rule.ports;
  const texts = written.flatMap((term) =>
    term.kind === 'name'
      ? term.protocol === undefined
        ? term.name
        : `${term.protocol.toLowerCase()}/${term.name}`
      : [],
  );
  const unresolved = texts.filter((_, i) => names.get(rule.namedPorts[i] ?? -1) === undefined);
  return { ports: rulePorts(rule, names), portNames: distinct(unresolved).sort() };
}

const NO_NAMES: LegQuestion['namedPorts'] = new Map();

/** Why a rule may or may not hold where it seems to. */
function reasonOf({ direction, portDoubt }: LegQuestion, rule: RuleProgram): Reason | undefined {
  const { opaque } = rule.rule;
  if (opaque !== undefined) return { code: 'CONDITIONAL', message: opaque };
  return direction === 'INGRESS' && rule.namedPorts.length !== 0 ? portDoubt : undefined;
}

function distinct<Item>(items: readonly Item[]): Item[] {
  return [...new Set(items)];
}
