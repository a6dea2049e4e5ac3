import { union } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Family } from '../../model/address.ts';
import type { Reason } from '../../model/answer.ts';
import { matches, matchesPartly } from '../../model/selector.ts';
import type { LabelSelector, Labels, Match } from '../../model/selector.ts';
import type { BlockMatches, PartyFacts } from './facts.ts';
import type { PeerTest, PortNameId, RuleProgram } from './policy-program.ts';
import type { EngineOptions } from '../options.ts';

/** Whether a rule's peers hold the other side, and why that is not certain. */
export interface PeerMatch {
  readonly match: Match;
  readonly doubt?: Reason;
  /** The doubt is a text of the rule's own policy. */
  readonly fromRule?: true;
}

const YES: PeerMatch = { match: 'yes' };
const NO: PeerMatch = { match: 'no' };

const ADDRESS_DOUBT: Reason = {
  code: 'CONDITIONAL',
  message: 'a rule names an address range, and the address of one end is not known',
};

/** Whether any peer of `rule` holds `peer`; a rule without a peer list holds everyone. */
export function matchRule(
  rule: RuleProgram,
  peer: PartyFacts,
  family: Family | null,
  options: EngineOptions,
): PeerMatch {
  if (rule.peers === 'every') return ruleDoubt(rule, YES);
  let result = NO;
  for (const test of rule.peers) {
    const one = matchPeer(test, peer, family, options);
    if (one.match === 'yes') return ruleDoubt(rule, YES);
    if (one.match === 'maybe') result = one;
  }
  return ruleDoubt(rule, result);
}

/** Whether one entry of a peer list holds `peer`. */
export function matchPeer(
  term: PeerTest,
  peer: PartyFacts,
  family: Family | null,
  options: EngineOptions,
): PeerMatch {
  const plain = matchTest(term, peer, family, options);
  if (!term.negated || plain.match === 'maybe') return plain;
  return plain.match === 'yes' ? NO : YES;
}

/**
 * Ports a rule opens on `destination`: its numbers, and its names as the destination declares them.
 * On anything but a pod a name opens nothing (semantics R1.47).
 */
export function rulePorts(
  rule: RuleProgram,
  namedPorts: ReadonlyMap<PortNameId, ConnectionSet>,
): ConnectionSet {
  let ports = rule.fixedPorts;
  for (const id of rule.namedPorts) {
    const resolved = namedPorts.get(id);
    if (resolved !== undefined) ports = union(ports, resolved);
  }
  return ports;
}

/** The blocks that matter for a connection in `family`. */
export function blocksIn(peer: PartyFacts, family: Family | null): BlockMatches {
  return family === null ? peer.blocks.unknown : peer.blocks[family];
}

function matchTest(
  { test }: PeerTest,
  peer: PartyFacts,
  family: Family | null,
  options: EngineOptions,
): PeerMatch {
  switch (test.kind) {
    case 'selection':
      return of(peer.selections.get(test.id), peer.selectionDoubt);
    case 'block':
      if (!test.always && !matchesOwned(peer, options)) return NO;
      return of(blocksIn(peer, family).get(test.id), peer.addressDoubt ?? ADDRESS_DOUBT);
    case 'nodes':
      if (peer.nodeLabels === undefined) return NO;
      return matchNode(test.selector, peer.nodeLabels, peer);
    case 'opaque':
      return doubtOfRule(test.reason);
  }
}

/** Of a node that is not known, or an address that may be one, some labels may be missing. */
function matchNode(
  selector: LabelSelector,
  labels: Labels,
  { nodeDoubt, party }: PartyFacts,
): PeerMatch {
  if (nodeDoubt === undefined) return matches(selector, labels) ? YES : NO;
  const match = matchesPartly(selector, labels);
  if (match === 'yes' && party.kind === 'node') return YES;
  return match === 'no' ? NO : { match: 'maybe', doubt: nodeDoubt };
}

function matchesOwned(peer: PartyFacts, options: EngineOptions): boolean {
  if (peer.party.kind === 'pods') return options.ipBlockMatchesPods;
  return peer.party.kind === 'node' ? options.ipBlockMatchesNodes : true;
}

function of(match: Match | undefined, doubt: Reason | undefined): PeerMatch {
  if (match === undefined || match === 'no') return NO;
  if (match === 'yes') return YES;
  return { match, doubt: doubt ?? ADDRESS_DOUBT };
}

function ruleDoubt(rule: RuleProgram, result: PeerMatch): PeerMatch {
  if (rule.rule.opaque === undefined || result.match === 'no') return result;
  return doubtOfRule(rule.rule.opaque);
}

function doubtOfRule(message: string): PeerMatch {
  return { match: 'maybe', doubt: { code: 'CONDITIONAL', message }, fromRule: true };
}
