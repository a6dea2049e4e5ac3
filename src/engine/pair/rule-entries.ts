import { intersect, isEmpty, portRangesOf } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import { withPage } from '../../model/answer.ts';
import type { EntryMatch, PeerEntry, PortEntry } from '../../model/answer.ts';
import { portPointer, rulePointer } from '../../model/policy.ts';
import type { EngineOptions } from '../options.ts';
import { explainMatch, explainPeer } from './explain-peer.ts';
import type { OtherSide } from './explain-peer.ts';
import { explainPort, portsTold } from './explain-ports.ts';
import type { LegQuestion } from './leg-question.ts';
import { matchPeer } from './match-peer.ts';
import type { RuleMeeting } from './witness.ts';

/** Nearest first: what is told of an entry that stands for several things. */
const BY_MATCH: readonly EntryMatch[] = ['YES', 'MAYBE', 'NO'];

/** Every entry of the peers of a rule, and whether it holds the other side; null: it has no list. */
export function peerEntries(
  { rule }: RuleMeeting,
  question: LegQuestion,
  other: OtherSide,
  options: EngineOptions,
): PeerEntry[] | null {
  const { peers } = rule.rule;
  if (rule.peers === 'every' || peers === 'every') return null;
  const { direction, peer, family } = question;
  const tests = rule.peers;
  const each = peers.map(({ index, atom }, i) => {
    const test = tests[i];
    const { match, doubt } = test === undefined ? NO : matchPeer(test, peer, family, options);
    const pointer = rulePointer(direction, rule.rule.index, index);
    if (match === 'yes') {
      const reason = { code: 'MATCHES', message: explainMatch(atom, other) };
      return { pointer, match: 'YES', rank: 0, reason } as const;
    }
    if (match === 'maybe' && doubt !== undefined) {
      return { pointer, match: 'MAYBE', rank: 0, reason: doubt } as const;
    }
    const { rank, code, why } = explainPeer(atom, other);
    return { pointer, match: 'NO', rank, reason: { code, message: why } } as const;
  });
  // An entry with several networks is one entry to its author.
  const pointers = [...new Set(each.map(({ pointer }) => pointer))];
  return pointers.flatMap((pointer) => {
    const [nearest] = each
      .filter((one) => one.pointer === pointer)
      .sort((a, b) => BY_MATCH.indexOf(a.match) - BY_MATCH.indexOf(b.match) || a.rank - b.rank);
    if (nearest === undefined) return [];
    return [{ pointer, match: nearest.match, reason: withPage(nearest.reason) }];
  });
}

/** Every entry of the ports of a rule, and whether it covers what was asked; null: no list. */
export function portEntries(
  { rule, program, names }: RuleMeeting,
  { direction, portDoubt }: LegQuestion,
  asked: ConnectionSet,
): PortEntry[] | null {
  if (rule.rule.ports === 'every') return null;
  return portsTold(rule, names).map((told) => {
    const { term, set } = told;
    const pointer = portPointer(program.policy, direction, rule.rule.index, term.index);
    if (term.kind === 'name' && portDoubt !== undefined) {
      return { pointer, match: 'MAYBE', ports: [], reason: withPage(portDoubt) };
    }
    const covers = set !== undefined && !isEmpty(intersect(set, asked));
    return {
      pointer,
      match: covers ? 'YES' : 'NO',
      ports: set === undefined ? [] : portRangesOf(set),
      reason: withPage(explainPort(told, asked)),
    };
  });
}

const NO: ReturnType<typeof matchPeer> = { match: 'no' };
