import {
  ALL_CONNECTIONS,
  NO_CONNECTIONS,
  intersect,
  isEmpty,
  subtract,
  union,
} from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Reason } from '../../model/answer.ts';
import type { Action, Policy } from '../../model/policy.ts';
import type { DirectionOutcome, Passed, Segment, Unsure } from '../reach-index.ts';

/** Something that may or may not have happened to `set`. */
interface Alternative {
  readonly set: ConnectionSet;
  readonly action: Action;
  readonly reason: Reason;
}

/**
 * The state of one walk through the tiers, for one pair and direction and all connections at once
 * (semantics 5.4).
 *
 * `rest` is what no tier has decided. `decide` takes a part of it; `doubt` notes that a part may
 * have been decided by a rule that cannot be evaluated, and leaves it where it is: at the end a
 * connection is certain when every alternative agrees with its final decision.
 *
 * INVARIANT: the segments are disjoint, and with `rest` they make up all connections.
 */
export class TierWalk {
  #rest: ConnectionSet = ALL_CONNECTIONS;
  readonly #segments: Segment[] = [];
  readonly #passed: Passed[] = [];
  readonly #alternatives: Alternative[] = [];
  readonly #unsure: Unsure[] = [];

  /** What is still undecided. */
  get rest(): ConnectionSet {
    return this.#rest;
  }

  get done(): boolean {
    return isEmpty(this.#rest);
  }

  /** Settles what of `set` is still undecided; `rule` is the index of the rule that does. */
  decide(
    set: ConnectionSet,
    action: Segment['action'],
    by: Segment['by'],
    policies: readonly Policy[] = [],
    rule?: number,
  ): void {
    const part = intersect(this.#rest, set);
    if (isEmpty(part)) return;
    const witness = rule === undefined ? { policies } : { policies, rule };
    this.#segments.push({ set: part, action, by, ...witness });
    this.#rest = subtract(this.#rest, part);
  }

  /** Notes that `action` may have been taken on what of `set` is still undecided. */
  doubt(set: ConnectionSet, action: Action, reason: Reason): void {
    const part = intersect(this.#rest, set);
    if (!isEmpty(part)) this.#alternatives.push({ set: part, action, reason });
  }

  /** Takes what of `set` is undecided out of the walk: nobody can decide it. */
  leaveOpen(set: ConnectionSet, reason: Reason): void {
    const part = intersect(this.#rest, set);
    if (isEmpty(part)) return;
    this.#unsure.push({ set: part, reason });
    this.#rest = subtract(this.#rest, part);
  }

  /** Takes `set` out of this tier, as a rule says; `rejoin` brings it back for the next one. */
  setAside(set: ConnectionSet, policy: Policy, rule: number): ConnectionSet {
    const part = intersect(this.#rest, set);
    this.#rest = subtract(this.#rest, part);
    if (!isEmpty(part)) this.#passed.push({ set: part, policy, rule });
    return part;
  }

  rejoin(set: ConnectionSet): void {
    this.#rest = union(this.#rest, set);
  }

  /** Ends the walk; what nobody decided is allowed. */
  finish(isolated: boolean | null): DirectionOutcome {
    this.decide(this.#rest, 'allow', 'default');
    const total = (action: Segment['action']): ConnectionSet =>
      this.#segments
        .filter((segment) => segment.action === action)
        .reduce((set, segment) => union(set, segment.set), NO_CONNECTIONS);
    let allow = total('allow');
    let deny = total('deny');
    const finals: Readonly<Record<Action, ConnectionSet>> = { allow, deny, pass: NO_CONNECTIONS };
    const unsure = [...this.#unsure];
    for (const { set, action, reason } of this.#alternatives) {
      const changed = subtract(set, finals[action]);
      if (isEmpty(changed)) continue;
      unsure.push({ set: changed, reason });
      allow = subtract(allow, changed);
      deny = subtract(deny, changed);
    }
    const ambiguous = total('ambiguous');
    if (!isEmpty(ambiguous)) {
      unsure.push({
        set: ambiguous,
        reason: {
          code: 'AMBIGUOUS_PRIORITY',
          message: 'policies of equal priority disagree, and the API leaves the outcome undefined',
        },
      });
    }
    return { allow, deny, unsure, segments: this.#segments, passed: this.#passed, isolated };
  }
}
