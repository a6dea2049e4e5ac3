import { NO_CONNECTIONS, connectionsOf, intersect, isEmpty } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Reason } from '../../model/answer.ts';
import type { Match } from '../../model/selector.ts';
import type { PolicyProgram, RuleProgram } from './policy-program.ts';
import { programRules } from './policy-program.ts';
import type { EngineOptions } from '../options.ts';
import type { LegQuestion } from './leg-question.ts';
import { matchOf } from './evaluate.ts';
import { matchPeer, matchRule, rulePorts } from './match-peer.ts';

/** How one rule meets one question. */
export interface RuleMeeting {
  readonly program: PolicyProgram;
  readonly rule: RuleProgram;
  readonly match: Match;
  /** First peer entry that holds the other side; `*` when the rule has no peer list. */
  readonly peer: number | '*' | undefined;
  /** First port entry that covers some asked port; `*` when the rule has no port list. */
  readonly port: number | '*' | undefined;
  /** Asked ports the rule certainly covers. */
  readonly ports: ConnectionSet;
  /** Asked ports it may cover besides, because what a name means is not known. */
  readonly maybePorts: ConnectionSet;
  /** What port names mean to the rule. */
  readonly names: LegQuestion['namedPorts'];
  /** Why it may match, or may cover more ports. */
  readonly doubt: Reason | undefined;
}

/** Every rule of `program` in the question's direction, against the asked ports. */
export function meetRules(
  program: PolicyProgram,
  question: LegQuestion,
  asked: ConnectionSet,
  options: EngineOptions,
): RuleMeeting[] {
  const names =
    question.direction === 'INGRESS' && question.scopedPorts !== undefined
      ? question.scopedPorts(program)
      : question.namedPorts;
  return programRules(program, question.direction).map((rule): RuleMeeting => {
    const { match, doubt } = matchOf(program, rule, question, options);
    const portDoubt = rule.namedPorts.length === 0 ? undefined : question.portDoubt;
    const opened = portDoubt === undefined ? rulePorts(rule, names) : rule.fixedPorts;
    return {
      program,
      rule,
      match,
      peer: firstPeer(rule, question, options),
      port: firstPort(rule, asked, names),
      ports: intersect(asked, opened),
      maybePorts: portDoubt === undefined ? NO_CONNECTIONS : asked,
      names,
      doubt: doubt ?? portDoubt,
    };
  });
}

/** Whether the rule certainly takes its action on some asked port. */
export function takesEffect({ match, ports }: RuleMeeting): boolean {
  return match === 'yes' && !isEmpty(ports);
}

/** `NP shop/api ingress[0] peer[1] port[*]`: the short form of semantics 5.6. */
export function shortRule({ program, rule, peer, port }: RuleMeeting, direction: string): string {
  const { ref, tier } = program.policy;
  const section = `${direction.toLowerCase()}[${rule.rule.index}]`;
  if (tier === 'network-policy') {
    return `NP ${ref.namespace ?? ''}/${ref.name} ${section} peer[${peer ?? '*'}] port[${port ?? '*'}]`;
  }
  const initials = ref.kind.replace(/[^A-Z]/g, '');
  const level = tier === 'admin' ? 'Admin' : 'Baseline';
  const verbs = { allow: initials === 'CNP' ? 'Accept' : 'Allow', deny: 'Deny', pass: 'Pass' };
  return `${initials} ${ref.name} ${level} ${section} ${verbs[rule.action]}`;
}

function firstPeer(
  rule: RuleProgram,
  question: LegQuestion,
  options: EngineOptions,
): number | '*' | undefined {
  if (rule.peers === 'every') return '*';
  const { match } = matchRule(rule, question.peer, question.family, options);
  if (match === 'no') return undefined;
  return rule.peers.find(
    (peer) => matchPeer(peer, question.peer, question.family, options).match === match,
  )?.index;
}

function firstPort(
  { rule, namedPorts }: RuleProgram,
  asked: ConnectionSet,
  resolved: LegQuestion['namedPorts'],
): number | '*' | undefined {
  if (rule.ports === 'every') return '*';
  let names = 0;
  for (const term of rule.ports) {
    if (term.kind === 'range') {
      if (!isEmpty(intersect(asked, connectionsOf([term])))) return term.index;
      continue;
    }
    const set = resolved.get(namedPorts[names] ?? -1);
    names += 1;
    if (set !== undefined && !isEmpty(intersect(asked, set))) return term.index;
  }
  return undefined;
}
