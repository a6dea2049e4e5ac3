import { connectionsOf, intersect, isEmpty, printConnections } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Reason } from '../../model/answer.ts';
import type { PortTerm } from '../../model/policy.ts';
import type { LegQuestion } from './leg-question.ts';
import type { RuleProgram } from './policy-program.ts';

/** One entry of a rule's ports, and what it stands for on the destination. */
export interface PortTold {
  readonly term: PortTerm;
  /** Undefined: a name that the destination does not declare. */
  readonly set: ConnectionSet | undefined;
}

/** Every entry of the ports of `rule`; none when it has no such list. */
export function portsTold(
  { rule, namedPorts }: RuleProgram,
  resolved: LegQuestion['namedPorts'],
): PortTold[] {
  let names = 0;
  return (rule.ports === 'every' ? [] : rule.ports).map((term) => {
    if (term.kind === 'range') return { term, set: connectionsOf([term]) };
    const id = namedPorts[names];
    names += 1;
    return { term, set: id === undefined ? undefined : resolved.get(id) };
  });
}

/** Whether an entry covers any of `asked`, and what a name means here. */
export function explainPort(told: PortTold, asked: ConnectionSet): Reason {
  const { set } = told;
  if (set === undefined) return { code: 'PORT_NAME_NOT_DECLARED', message: notDeclared(told) };
  const covers = !isEmpty(intersect(set, asked));
  return { code: covers ? 'MATCHES' : 'OTHER_PORT', message: `it is ${printTold(told)}` };
}

/** Names among `told` with what they mean: `port "http" is TCP 8080 on the destination`. */
export function explainNames(told: readonly PortTold[]): string[] {
  return told
    .filter(({ term }) => term.kind === 'name')
    .map((one) => (one.set === undefined ? notDeclared(one) : printTold(one)));
}

function printTold({ term, set }: PortTold): string {
  const ports = printConnections(set ?? connectionsOf([]));
  return term.kind === 'name' ? `port "${term.name}", ${ports} on the destination` : ports;
}

function notDeclared({ term }: PortTold): string {
  if (term.kind !== 'name') return 'it names no port';
  return `the destination declares no port "${term.name}" for ${term.protocol ?? 'any protocol'}`;
}
