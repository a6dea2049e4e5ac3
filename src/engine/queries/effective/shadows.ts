import {
  ALL_PORTS,
  NO_CONNECTIONS,
  contains,
  isEmpty,
  overlaps,
  subtract,
  union,
} from '../../../model/connection-set.ts';
import type { ConnectionSet } from '../../../model/connection-set.ts';
import type { RuleRef } from '../../../model/answer.ts';
import type { Shadow } from '../../../model/effective.ts';
import type { Policy, TierId } from '../../../model/policy.ts';
import type { MergedRule } from './merge-rules.ts';
import { coversPeer } from './rule-peer.ts';

/** A rule of a first-match tier. */
interface Earlier {
  readonly rule: MergedRule;
  readonly policy: Policy;
}

/**
 * Which rows have nothing left to decide because earlier rules of first-match tiers decide all of it,
 * whatever objects there are (semantics R3.4-R3.7). What may be covered is not said to be.
 */
export class Shadows {
  readonly #earlier: Earlier[] = [];

  /** Notes a rule of a first-match tier, once its own shadow was asked for. */
  add(rule: MergedRule, policy: Policy): void {
    this.#earlier.push({ rule, policy });
  }

  /** What shadows `row`, a row of `tier`; of a first-match tier with the policy it is in. */
  of(row: MergedRule, tier: TierId, policy?: Policy): Shadow | null {
    const ports = portsMeant(row);
    if (isEmpty(ports)) return null;
    const earlier = this.#earlier
      .filter((one) => isBefore(one, tier, policy))
      .map((one) => ({ rule: one.rule, taken: this.#takenBy(one, tier) }));
    const rules: RuleRef[] = [];
    for (const peer of row.peers) {
      let covered = NO_CONNECTIONS;
      for (const { rule, taken } of earlier) {
        if (!overlaps(taken, ports) || contains(covered, taken)) continue;
        if (!rule.peers.some((outer) => coversPeer(outer, peer))) continue;
        covered = union(covered, taken);
        rules.push(...rule.contributors);
      }
      if (!contains(covered, ports)) return null;
    }
    return { rules: distinct(rules), policies: [] };
  }

  /**
   * Ports on which a rule leaves nothing to a row of `tier`: to one of its own tier all that it
   * names, to one of a later tier only what no rule beside or before it may have passed on.
   */
  #takenBy({ rule, policy }: Earlier, tier: TierId): ConnectionSet {
    if (rule.reason !== undefined) return NO_CONNECTIONS;
    if (policy.tier === tier) return rule.ports;
    if (rule.action === 'pass') return NO_CONNECTIONS;
    return this.#earlier
      .filter((one) => one.rule.action === 'pass' && one.policy.tier === policy.tier)
      .filter((one) => one.policy.order <= policy.order)
      .reduce((ports, one) => subtract(ports, portsMeant(one.rule)), rule.ports);
  }
}

/** A name may be any number on a destination. */
function portsMeant({ ports, portNames }: MergedRule): ConnectionSet {
  return portNames.length === 0 ? ports : ALL_PORTS;
}

/** Whether a rule is asked first; of policies of one order none is before another. */
function isBefore({ policy: earlier }: Earlier, tier: TierId, policy?: Policy): boolean {
  return (
    earlier.tier !== tier || policy === earlier || earlier.order < (policy?.order ?? earlier.order)
  );
}

function distinct(refs: readonly RuleRef[]): RuleRef[] {
  const byPlace = new Map(
    refs.map((ref) => {
      const { kind, namespace = '', name } = ref.policy;
      return [`${kind} ${namespace}/${name}${ref.pointer}`, ref] as const;
    }),
  );
  return [...byPlace.values()];
}
