import { containsAddress, parseCidr, printAddress } from '../../model/address.ts';
import type { Address } from '../../model/address.ts';
import { isEmpty, printConnections } from '../../model/connection-set.ts';
import { meets, printRequirement } from '../../model/selector.ts';
import type { LabelSelector, Labels } from '../../model/selector.ts';
import type { PeerTerm, PodSelection } from '../../model/policy.ts';
import { rulePorts } from './match-peer.ts';
import type { LegQuestion } from './leg-question.ts';
import type { RuleMeeting } from './witness.ts';

/** The other side of a leg as explanations speak of it. */
export interface OtherSide {
  /** `pod shop/web-1`, `node n1`, `address 10.0.0.1`. */
  readonly name: string;
  readonly pod?: {
    readonly labels: Labels;
    readonly namespace: string;
    readonly namespaceLabels: Labels;
  };
  readonly addresses: readonly Address[];
}

/** Why a rule does not let a question through; lower ranks are nearer misses (semantics 5.6). */
export interface Miss {
  readonly rank: number;
  readonly peerMatch: boolean;
  readonly portMatch: boolean;
  readonly why: string;
}

/** The first requirement of `meeting` that fails. */
export function explainMiss(meeting: RuleMeeting, question: LegQuestion, other: OtherSide): Miss {
  const peerMatch = meeting.match !== 'no';
  const portMatch = !isEmpty(meeting.ports);
  if (peerMatch) {
    return { rank: 0, peerMatch, portMatch, why: explainPorts(meeting, question) };
  }
  const peers = meeting.rule.rule.peers === 'every' ? [] : meeting.rule.rule.peers;
  const misses = peers.map((peer) => explainPeer(peer, other));
  const best = misses.sort((a, b) => a.rank - b.rank)[0];
  if (best === undefined) {
    const why = 'what the rule says of the other side cannot be read, so that it accepts nothing';
    return { rank: 9, peerMatch, portMatch, why };
  }
  const why = portMatch ? best.why : `${best.why}; and ${explainPorts(meeting, question)}`;
  return { rank: best.rank + (portMatch ? 0 : 4), peerMatch, portMatch, why };
}

function explainPorts({ rule, program }: RuleMeeting, question: LegQuestion): string {
  const opened = rulePorts(rule, question.namedPorts);
  const names = rule.rule.ports === 'every' ? [] : rule.rule.ports;
  const unresolved = names.find(
    (port, i) =>
      port.kind === 'name' && resolveTerm(rule.namedPorts, names, i, question) === undefined,
  );
  if (isEmpty(opened) && unresolved?.kind === 'name') {
    const protocol = unresolved.protocol ?? 'any protocol';
    return `the destination declares no port "${unresolved.name}" for ${protocol}`;
  }
  const verb = program.policy.tier === 'network-policy' ? 'allows' : 'is about';
  return `the rule ${verb} ${printConnections(opened)}`;
}

function resolveTerm(
  ids: readonly number[],
  terms: readonly { readonly kind: string }[],
  i: number,
  question: LegQuestion,
): unknown {
  const nth = terms.slice(0, i).filter(({ kind }) => kind === 'name').length;
  return question.namedPorts.get(ids[nth] ?? -1);
}

function explainPeer({ atom, index }: PeerTerm, other: OtherSide): { rank: number; why: string } {
  const at = `peer ${index}: `;
  switch (atom.kind) {
    case 'pods':
      return explainSelection(atom.selection, other, at);
    case 'addresses':
      return explainBlock(atom, other, at);
    case 'nodes':
      return { rank: 4, why: `${at}it selects nodes, and ${other.name} is none it selects` };
    case 'opaque':
      return { rank: 4, why: `${at}${atom.reason}` };
  }
}

function explainSelection(
  { namespaces, pods }: PodSelection,
  other: OtherSide,
  at: string,
): { rank: number; why: string } {
  if (other.pod === undefined) {
    return {
      rank: 4,
      why: `${at}it selects pods, and ${other.name} is not a pod of the pod network`,
    };
  }
  const { namespace, namespaceLabels, labels } = other.pod;
  const namespaceWhy =
    namespaces.kind === 'named'
      ? namespaces.name === namespace
        ? undefined
        : `it selects pods of namespace ${namespaces.name} only, and ${other.name} is in ${namespace}`
      : failing(
          namespaces.selector,
          namespaceLabels,
          `namespace ${namespace}`,
          'namespaceSelector',
        );
  const podWhy = failing(pods, labels, other.name, 'podSelector');
  if (namespaceWhy === undefined) return { rank: 1, why: `${at}${podWhy ?? 'it does not match'}` };
  return podWhy === undefined
    ? { rank: 2, why: `${at}${namespaceWhy}` }
    : { rank: 4, why: `${at}${namespaceWhy}; ${podWhy}` };
}

function failing(
  selector: LabelSelector,
  labels: Labels,
  who: string,
  field: string,
): string | undefined {
  const requirement = selector.requirements.find((one) => !meets(one, labels));
  if (requirement === undefined) return undefined;
  const value = labels.get(requirement.key);
  const actual =
    value === undefined ? `has no label ${requirement.key}` : `has ${requirement.key}=${value}`;
  return `${field} ${printRequirement(requirement)}: ${who} ${actual}`;
}

function explainBlock(
  { cidr, except, owned }: Extract<PeerTerm['atom'], { kind: 'addresses' }>,
  other: OtherSide,
  at: string,
): { rank: number; why: string } {
  const field = owned === 'always' ? 'network' : 'ipBlock';
  const block = parseCidr(cidr)?.range;
  const inside = other.addresses.find(
    (address) => block !== undefined && containsAddress(block, address),
  );
  if (inside === undefined) {
    return { rank: 4, why: `${at}${other.name} has no address in ${field} ${cidr}` };
  }
  const hole = except.find((text) => {
    const range = parseCidr(text)?.range;
    return range !== undefined && containsAddress(range, inside);
  });
  const address = printAddress(inside);
  return hole === undefined
    ? { rank: 4, why: `${at}ipBlock ${cidr} does not match pods or nodes in this dialect` }
    : { rank: 3, why: `${at}${address} is in ipBlock ${cidr} but excepted by ${hole}` };
}
