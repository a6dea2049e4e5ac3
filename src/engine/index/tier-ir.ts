import type { Action, PeerTerm, Policy, Rule } from '../../model/policy.ts';
import { PEER_EVERYONE, PEER_NODES } from './ir-tables.ts';
import type { IrTables } from './ir-tables.ts';

/*
 * Policies of the tiers that settle by order, in the numbers of an IrCache (policy-ir.ts). They are a
 * handful for a whole cluster, so they are kept as they are read; what is many is told from whom.
 */

/** Number of the admin tier. */
export const ADMIN = 0;
/** Number of the baseline tier. */
export const BASELINE = 1;

/** Numbers of actions. */
export const ALLOW = 0;
/** @see ALLOW */
export const DENY = 1;
/** @see ALLOW */
export const PASS = 2;
const ACTIONS: Readonly<Record<Action, number>> = { allow: ALLOW, deny: DENY, pass: PASS };

/** One rule. */
export interface TierRuleIr {
  readonly action: number;
  /** A match is only a `maybe`. */
  readonly opaque: boolean;
  /** Number of its port list. */
  readonly ports: number;
  readonly peers: readonly { readonly peer: number; readonly negated: boolean }[];
}

/** One policy whose effect is known. */
export interface TierPolicyIr {
  readonly tier: typeof ADMIN | typeof BASELINE;
  /** Ascending order of evaluation inside the tier. */
  readonly order: number;
  /** Rules by direction; none where the policy does not speak. */
  readonly rules: readonly [egress: readonly TierRuleIr[], ingress: readonly TierRuleIr[]];
}

/** Reads `policy`; `peerOf` numbers what can be said of others. */
export function readTierPolicy(
  { tier, order, applies, egress, ingress }: Policy,
  tables: IrTables,
  peerOf: (atom: PeerTerm['atom'], tables: IrTables) => number,
): TierPolicyIr {
  const read = ({ action, opaque, ports, peers }: Rule): TierRuleIr => ({
    action: ACTIONS[action],
    opaque: opaque !== undefined,
    ports: tables.portLists.idOf(ports),
    peers:
      peers === 'every'
        ? [{ peer: tables.peers.idOf(PEER_EVERYONE, 0), negated: false }]
        : peers.map(({ atom, negated }) => ({
            peer:
              atom.kind === 'nodes'
                ? tables.peers.idOf(PEER_NODES, tables.selectors.idOf(atom.selector))
                : peerOf(atom, tables),
            negated,
          })),
  });
  return {
    tier: tier === 'admin' ? ADMIN : BASELINE,
    order,
    rules: [applies.egress ? egress.map(read) : [], applies.ingress ? ingress.map(read) : []],
  };
}
