import type { LazyList, OutcomeMembers, Reason, RuleRef } from './answer.ts';
import type { PortRange } from './connection-set.ts';
import type { Peer } from './peer.ts';
import type { Direction, ObjectRef } from './policy.ts';

/**
 * What a row of effective rules stands for.
 *
 * `RULE`: rules of policies. `ISOLATION`: what NetworkPolicies close. `DEFAULT`: nobody decided.
 * `SELF` and `LOCAL_NODE`: what no policy can stop. `UNDECIDABLE`: policies that may decide here, and
 * whose effect is not known.
 */
export type EffectiveKind =
  'SELF' | 'RULE' | 'LOCAL_NODE' | 'UNDECIDABLE' | 'ISOLATION' | 'DEFAULT';

/** What a row does with what reaches it; `PASS` leaves its tier. */
export type EffectiveAction = 'ALLOW' | 'DENY' | 'PASS' | 'UNDETERMINED';

/** The other side of a row. */
export interface EffectivePeer {
  readonly kind: 'EVERYONE' | 'PODS' | 'ADDRESSES' | 'NODES' | 'ITSELF' | 'OWN_NODE' | 'UNKNOWN';
  /** Of `PODS` a ref that can be asked back; `10.0.0.0/8 except 10.1.0.0/16`. */
  readonly text: string;
  /** Everything but this. */
  readonly negated: boolean;
  /** Only of `ADDRESSES`. */
  readonly cidr?: string;
  /** Cut out of `cidr`. */
  readonly except?: readonly string[];
}

/** One row of the rules that hold for pods in one direction. */
export interface EffectiveRule {
  readonly direction: Direction;
  /** From 1 in its direction and part: the order in which they are asked. */
  readonly position: number;
  /** Position of its pods in `parts`. */
  readonly part: number;
  readonly subject: OutcomeMembers;
  readonly kind: EffectiveKind;
  readonly tier: 'ADMIN' | 'NETWORK_POLICY' | 'BASELINE' | null;
  readonly action: EffectiveAction;
  /** Any of these. */
  readonly peers: readonly EffectivePeer[];
  readonly ports: readonly PortRange[];
  /**
   * Names that are no numbers here: of egress each destination has its own, of ingress no pod of the
   * row declares them. `tcp/http`; `http` for any protocol.
   */
  readonly portNames: readonly string[];
  /** Every rule behind the row, also those that add nothing to the others. */
  readonly contributors: readonly RuleRef[];
  /** The policies of these rules, or those that isolate, or whose effect is not known. */
  readonly policies: readonly ObjectRef[];
  /** What decides all of it before it is asked; null when it can decide something. */
  readonly shadowedBy: Shadow | null;
  /** Why it is not certain that the row holds. */
  readonly reason: Reason | null;
}

/** What stands before a row and leaves it nothing to decide. */
export interface Shadow {
  /** Earlier rules of first-match tiers. */
  readonly rules: readonly RuleRef[];
  /** NetworkPolicies that isolate: what they do not allow is denied before a baseline is asked. */
  readonly policies: readonly ObjectRef[];
}

/** What becomes of a connection that no rule speaks of: denied to isolated pods, else allowed. */
export interface EffectiveDefault {
  /** Null where that is not known. */
  readonly isolated: boolean | null;
  /** NetworkPolicies that isolate. */
  readonly policies: readonly ObjectRef[];
}

/** Pods that have the same rows. */
export interface EffectivePart {
  readonly subject: OutcomeMembers;
  /** False for pods that are their node: no policy applies to them. */
  readonly policed: boolean;
  /** Absent when only the other direction was asked for. */
  readonly ingress?: EffectiveDefault;
  readonly egress?: EffectiveDefault;
}

/** The rules that hold for an end, by part, direction and order of evaluation. */
export interface EffectiveList extends LazyList<EffectiveRule> {
  readonly peer: Peer;
  /** At most 100; each row names its pods all the same. */
  readonly parts: readonly EffectivePart[];
  readonly partCount: number;
}
