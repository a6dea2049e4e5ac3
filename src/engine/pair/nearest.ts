import { PROTOCOLS, isEmpty, printConnections } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import { rulePorts } from './match-peer.ts';
import { explainPeer } from './explain-peer.ts';
import type { OtherSide } from './explain-peer.ts';
import { explainNames, portsTold } from './explain-ports.ts';
import type { RuleMeeting } from './witness.ts';

/** Why a rule does not let a question through; lower ranks are nearer misses (semantics 5.6). */
export interface Miss {
  readonly rank: number;
  readonly peerMatch: boolean;
  readonly portMatch: boolean;
  readonly why: string;
}

/** Misses of which more than one requirement fails come after all others. */
const FAR = 4;

/** The first requirement of `meeting` that fails, where `asked` are the ports that were asked. */
export function explainMiss(meeting: RuleMeeting, asked: ConnectionSet, other: OtherSide): Miss {
  const peerMatch = meeting.match !== 'no';
  const portMatch = !isEmpty(meeting.ports);
  if (peerMatch) {
    const rank = sharesProtocol(rulePorts(meeting.rule, meeting.names), asked) ? 0 : FAR;
    return { rank, peerMatch, portMatch, why: explainPorts(meeting) };
  }
  const peers = meeting.rule.rule.peers === 'every' ? [] : meeting.rule.rule.peers;
  const misses = peers.map(({ atom, index }) => ({ index, ...explainPeer(atom, other) }));
  const best = misses.sort((a, b) => a.rank - b.rank)[0];
  if (best === undefined) {
    const why = 'what the rule says of the other side cannot be read, so that it accepts nothing';
    return { rank: 2 * FAR + 1, peerMatch, portMatch, why };
  }
  const peerWhy = `peer ${best.index}: ${best.why}`;
  const why = portMatch ? peerWhy : `${peerWhy}; and ${explainPorts(meeting)}`;
  return { rank: best.rank + (portMatch ? 0 : FAR), peerMatch, portMatch, why };
}

function sharesProtocol(a: ConnectionSet, b: ConnectionSet): boolean {
  return PROTOCOLS.some((protocol) => a[protocol].length !== 0 && b[protocol].length !== 0);
}

function explainPorts({ rule, program, names }: RuleMeeting): string {
  const opened = rulePorts(rule, names);
  const meanings = explainNames(portsTold(rule, names));
  if (isEmpty(opened) && meanings.length !== 0) return meanings.join('; ');
  const verb = program.policy.tier === 'network-policy' ? 'allows' : 'is about';
  const named = meanings.length === 0 ? '' : ` (${meanings.join('; ')})`;
  return `the rule ${verb} ${printConnections(opened)}${named}`;
}
