import { addFault, child, isAbsent, itemsOf, textOf, wordOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import type { Action, Direction, PeerTerm, PortTerm, Rule } from '../../model/policy.ts';
import { refuseUnknown } from './cluster-policy-fields.ts';
import type { ClusterRuleContext } from './cluster-policy-fields.ts';
import { decodeClusterPeers, warnOfNames } from './cluster-policy-peers.ts';
import { decodeClusterPorts } from './cluster-policy-ports.ts';

/** In characters. */
const NAME_LENGTH_MAX = 100;

/**
 * The rules at `list`, first match first. One that says something which is not known here fails
 * closed: it accepts nothing, or denies everything (semantics R3.12).
 */
export function decodeClusterRules(
  list: Field,
  direction: Direction,
  context: ClusterRuleContext,
): Rule[] {
  const items = itemsOf(list);
  const { itemsMax } = context.api;
  if (itemsMax < items.length && context.source !== 'LIVE') {
    addFault(list, `there are ${items.length} rules, and ${itemsMax} are allowed in a direction`);
  }
  return items.map((rule, index) => decodeRule(rule, index, direction, context));
}

function decodeRule(
  rule: Field,
  index: number,
  direction: Direction,
  context: ClusterRuleContext,
): Rule {
  const { api, source } = context;
  const peersKey = direction === 'INGRESS' ? 'from' : 'to';
  refuseUnknown(rule, ['name', 'action', peersKey, api.portsKey], source);
  const written = child(rule, 'name');
  const name = textOf(written);
  if (name !== undefined && NAME_LENGTH_MAX < name.length) {
    addFault(written, `the name is longer than ${NAME_LENGTH_MAX} characters`);
  }
  const action = decodeAction(child(rule, 'action'), context);
  const peers = decodeClusterPeers(rule, direction, context);
  const ports = decodeClusterPorts(rule, context);
  const base = { index, ...(name === undefined || name === '' ? {} : { name }) };
  if (peers === undefined || ports === undefined) return { ...base, ...failClosed(action) };
  checkNamedPorts(rule, peers, ports);
  if (action !== 'allow' && peers.some(({ atom }) => atom.kind === 'opaque')) {
    warnOfNames(child(rule, peersKey), action);
  }
  return { ...base, action, peers, ports };
}

function decodeAction(field: Field, { api }: ClusterRuleContext): Action {
  const words = Object.keys(api.actions);
  if (isAbsent(field)) addFault(field, `the action is missing: ${words.join(', ')}`);
  const word = wordOf(field, words);
  return (word === undefined ? undefined : api.actions[word]) ?? 'deny';
}

function failClosed(action: Action): Pick<Rule, 'action' | 'peers' | 'ports'> {
  return action === 'allow'
    ? { action, peers: [], ports: 'every' }
    : { action: 'deny', peers: 'every', ports: 'every' };
}

/** Only pods declare names (semantics R3.11). */
function checkNamedPorts(
  rule: Field,
  peers: readonly PeerTerm[],
  ports: readonly PortTerm[] | 'every',
): void {
  if (ports === 'every' || !ports.some(({ kind }) => kind === 'name')) return;
  if (peers.every(({ atom }) => atom.kind === 'pods')) return;
  addFault(rule, 'a port name means something on pods only; use numbers beside other peers');
}
