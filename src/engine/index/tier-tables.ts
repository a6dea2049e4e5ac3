import type { LabelSelector } from '../../model/selector.ts';
import type { Csr } from './csr.ts';
import { csrOf } from './csr.ts';
import { IntList } from './int-list.ts';
import { PairTable } from './pair-table.ts';
import { ADMIN, BASELINE } from './tier-ir.ts';
import type { TierPolicyIr, TierRuleIr } from './tier-ir.ts';

/*
 * The policies of the admin and the baseline tier (performance C, "AdminNetworkPolicy"; semantics 5.4).
 *
 *   class ─▶ profile ─▶ list ─▶ policies, in order of evaluation ─▶ rules, from the top ─▶ action, ports, peers
 *
 * Which of these policies select a class is its list; a cluster has a handful of lists, whatever the
 * number of its pods. Peers are numbered as those of keys are (policy-tables.ts); one that is negated is
 * the complement of its number. What a list comes to for a peer is worked out by tier-outcomes.ts.
 */

/** Bits of an action that is only taken perhaps, because the rule hangs on something unknown. */
export const MAYBE_ACTION = 4;

/** The tiers as they are stored; nothing at all where there are none. */
export interface TierArenas {
  /** By profile: its list; list 0 is empty. */
  readonly profileList: Int32Array;
  /** Rows by list: its policies, in order of evaluation. */
  readonly listStart: Int32Array;
  readonly listPolicies: Int32Array;
  /** By policy: equal for those of one tier and order, ascending; even ones are of the admin tier. */
  readonly level: Int32Array;
  /** Rules of policy `i`: egress from `ruleStart[2 * i]`, ingress from `ruleStart[2 * i + 1]`. */
  readonly ruleStart: Int32Array;
  /** By rule: its action (tier-ir.ts), and {@link MAYBE_ACTION}. */
  readonly actions: Uint8Array;
  readonly ports: Int32Array;
  /** Rows by rule: its peers. */
  readonly peerStart: Int32Array;
  readonly peers: Int32Array;
}

/** The tiers of a snapshot, before classes have lists. */
export interface TierTables {
  /** By policy: the group it selects. */
  readonly groups: Int32Array;
  /** For each selector of a `nodes` peer, by number. */
  readonly nodeSelectors: readonly LabelSelector[];
  readonly policies: Omit<TierArenas, 'profileList' | 'listStart' | 'listPolicies'>;
}

/** How numbers of an IrCache become those of a snapshot. */
export interface TierNumbers {
  readonly peerOf: (peer: number) => number;
  readonly portsOf: (ports: number) => number;
}

interface Draft {
  readonly ir: TierPolicyIr;
  readonly group: number;
  readonly rules: readonly (readonly TierRuleIr[])[];
}

/** Collects the policies of the tiers while a snapshot is linked. */
export class TierLinker {
  readonly #drafts: Draft[] = [];

  /** Adds a policy; they come in canonical order. */
  add(ir: TierPolicyIr, group: number, { peerOf, portsOf }: TierNumbers): void {
    const rules = ir.rules.map((list) =>
      list.map((rule) => ({
        ...rule,
        ports: portsOf(rule.ports),
        peers: rule.peers.map(({ peer, negated }) => ({ peer: peerOf(peer), negated })),
      })),
    );
    this.#drafts.push({ ir, group, rules });
  }

  /** @param peerNumbers final numbers of the peers that `add` was told */
  build(peerNumbers: Int32Array, nodeSelectors: readonly LabelSelector[]): TierTables {
    // Sorting is stable: policies of one order stay in canonical order.
    const drafts = this.#drafts.sort(
      ({ ir: a }, { ir: b }) => a.tier - b.tier || a.order - b.order,
    );
    const ruleStart = new IntList();
    const actions = new IntList();
    const ports = new IntList();
    const peerStart = new IntList();
    const peers = new IntList();
    for (const { rules } of drafts) {
      for (const list of rules) {
        ruleStart.push(actions.length);
        for (const rule of list) {
          actions.push(rule.action | (rule.opaque ? MAYBE_ACTION : 0));
          ports.push(rule.ports);
          peerStart.push(peers.length);
          for (const { peer, negated } of rule.peers) {
            peers.push(negated ? ~peerNumbers[peer]! : peerNumbers[peer]!);
          }
        }
      }
    }
    if (drafts.length !== 0) {
      ruleStart.push(actions.length);
      peerStart.push(peers.length);
    }
    return {
      groups: Int32Array.from(drafts, ({ group }) => group),
      nodeSelectors,
      policies: {
        level: levelsOf(drafts),
        ruleStart: ruleStart.toArray(),
        actions: Uint8Array.from(actions.toArray()),
        ports: ports.toArray(),
        peerStart: peerStart.toArray(),
        peers: peers.toArray(),
      },
    };
  }
}

function levelsOf(drafts: readonly Draft[]): Int32Array {
  let rank = 0;
  return Int32Array.from(drafts, ({ ir }, i) => {
    const before = drafts[i - 1]?.ir;
    if (before !== undefined && (before.tier !== ir.tier || before.order !== ir.order)) rank += 1;
    return 2 * rank + (ir.tier === ADMIN ? 0 : 1);
  });
}

/** Whether a level is of the baseline tier. */
export function isBaseline(level: number): boolean {
  return level % 2 === BASELINE;
}

/** The lists of all profiles, found through the groups that profiles are made of. */
export function buildTierLists(
  { groups, policies }: TierTables,
  profiles: Csr,
  groupCount: number,
): TierArenas {
  const none = new Int32Array(0);
  if (groups.length === 0) {
    return { profileList: none, listStart: none, listPolicies: none, ...policies };
  }
  const byGroup = csrOf(groupCount, groups);
  const trie = new PairTable(64);
  const lists = new Map<number, number>([[-1, 0]]);
  const start = new IntList();
  const items = new IntList();
  start.push(0);
  const found: number[] = [];
  const profileList = new Int32Array(profiles.start.length - 1);
  for (let profile = 0; profile < profileList.length; profile += 1) {
    found.length = 0;
    for (let i = profiles.start[profile]!; i < profiles.start[profile + 1]!; i += 1) {
      const group = profiles.items[i]!;
      for (let k = byGroup.start[group]!; k < byGroup.start[group + 1]!; k += 1) {
        found.push(byGroup.items[k]!);
      }
    }
    // Policies are numbered in order of evaluation.
    found.sort((a, b) => a - b);
    let node = -1;
    for (const policy of found) node = trie.idOf(node, policy);
    let list = lists.get(node);
    if (list === undefined) {
      list = lists.size;
      lists.set(node, list);
      start.push(items.length);
      for (const policy of found) items.push(policy);
    }
    profileList[profile] = list;
  }
  start.push(items.length);
  return { profileList, listStart: start.toArray(), listPolicies: items.toArray(), ...policies };
}
