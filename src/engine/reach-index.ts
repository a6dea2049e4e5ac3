import type { AddressRange, Family } from '../model/address.ts';
import type { GroupBy, Reason } from '../model/answer.ts';
import type { ConnectionSet } from '../model/connection-set.ts';
import type { Direction, Policy } from '../model/policy.ts';
import type { Directory } from './directory.ts';
import type { Grouping } from './grouping.ts';
import type { ModelView, NodeOrdinal, PodOrdinal } from './model-view.ts';
import type { EngineOptions } from './options.ts';
import type { HypotheticalSource } from './pair/hypothetical.ts';
import type { LegQuestion } from './pair/leg-question.ts';
import type { PartyId, Party, Relation } from './party.ts';
import type { ProvenanceMap } from './pair/rule-ref.ts';

/** One ordered pair of parties in one family; `family: null` when an end's addresses are not known. */
export interface PairQuestion {
  readonly source: PartyId;
  readonly destination: PartyId;
  readonly family: Family | null;
  readonly relation: Relation;
}

/** A connection from a pod that the snapshot does not have, in one family. */
export interface HypotheticalQuestion {
  readonly source: HypotheticalSource;
  readonly destination: PartyId;
  readonly family: Family | null;
}

/** Connections whose decision hangs on something the snapshot cannot say. */
export interface Unsure {
  readonly set: ConnectionSet;
  readonly reason: Reason;
}

/** What decided a disjoint part of all connections in one direction. */
export interface Segment {
  readonly set: ConnectionSet;
  readonly action: 'allow' | 'deny' | 'ambiguous';
  readonly by: 'external' | 'self' | 'local-node' | 'rule' | 'isolation' | 'default';
  /** Deciding policy of `rule`; the isolating ones of `isolation`; those that disagree if `ambiguous`. */
  readonly policies: readonly Policy[];
  /** Index of the deciding rule in its policy, where one rule of one policy decides. */
  readonly rule?: number;
}

/** Connections that a rule hands over to the tiers after its own. */
export interface Passed {
  readonly set: ConnectionSet;
  readonly policy: Policy;
  /** Index of the rule in its policy. */
  readonly rule: number;
}

/** What one direction says of the ports of a pair; its sets may also hold other protocols. */
export interface LegReach {
  readonly allow: ConnectionSet;
  readonly deny: ConnectionSet;
  readonly unsure: readonly Unsure[];
  /** Null when it is not known whether the subject is isolated. */
  readonly isolated: boolean | null;
}

/**
 * What one direction says of every connection of a pair, and what decided it.
 *
 * INVARIANT: `allow`, `deny` and the union of `unsure` sets partition `ALL_CONNECTIONS`.
 */
export interface DirectionOutcome extends LegReach {
  readonly segments: readonly Segment[];
  /** In the order in which they were passed; what became of them is in `segments`. */
  readonly passed: readonly Passed[];
}

/** Both directions of a pair, and what they come to: a connection is egress ∩ ingress. */
export interface PairReach {
  readonly egress: LegReach;
  readonly ingress: LegReach;
  readonly allowed: ConnectionSet;
  readonly denied: ConnectionSet;
  readonly undetermined: ConnectionSet;
}

/** Pods of one party at one end of a question. */
export interface EndPods {
  readonly party: PartyId;
  readonly pods: readonly PodOrdinal[];
}

/**
 * A compiled snapshot: what every query is written against.
 *
 * Immutable; equal snapshots and options give equal indexes.
 */
export interface ReachIndex {
  readonly view: ModelView;
  readonly options: EngineOptions;
  /** Names and refs. */
  readonly directory: Directory;
  /** Where policies were written. */
  readonly provenance: ProvenanceMap;
  /** Parties are numbered from 0 to before this. */
  readonly partyCount: number;
  party(id: PartyId): Party;
  /** Pods of a party of kind `pods`, ascending; none for the others. */
  podsOf(id: PartyId): ArrayLike<PodOrdinal>;
  /** The rows that pods fall into. */
  rows(groupBy: GroupBy): Grouping;
  /**
   * Parties that may open a connection to `party` as strangers (relation `NONE`), ascending: all
   * that certainly or possibly can, and perhaps some that cannot.
   */
  sourcesOf(party: PartyId): ArrayLike<PartyId>;
  /** The mirror of `sourcesOf`. */
  destinationsOf(party: PartyId): ArrayLike<PartyId>;
  /** Some rule reads namespace labels other than the name. */
  readonly readsNamespaceLabels: boolean;
  /** Undefined for a finished pod. A hostNetwork pod's party is its node (semantics R2.2). */
  partyOfPod(pod: PodOrdinal): PartyId | undefined;
  partyOfNode(node: NodeOrdinal): PartyId;
  /**
   * A party that every policy treats as it does `party`, as a stranger; the same one for all that are
   * known to be alike, which only nodes are: pods that are alike are one party.
   */
  likeOf(party: PartyId): PartyId;
  /** Some node of which nothing is known. */
  partyOfUnknownNode(): PartyId;
  /** A private address of which nothing else is known. */
  partyOfUnknownAddress(family: Family): PartyId;
  /** Cuts unowned address ranges along the atoms; ascending, together exactly `ranges`. */
  partiesOfRanges(
    ranges: readonly AddressRange[],
  ): readonly { readonly party: PartyId; readonly ranges: readonly AddressRange[] }[];
  /**
   * What strangers may open in `family`; undefined when `reach` has to say. Equal answers are the
   * same object.
   */
  certain(source: PartyId, destination: PartyId, family: Family): ConnectionSet | undefined;
  /** All ports of one pair at once. */
  reach(question: PairQuestion): PairReach;
  /** One direction of a pair with what decided it, other protocols included. */
  legOutcome(question: PairQuestion, direction: Direction): DirectionOutcome;
  /** One leg of a pair with everything its rules look at, for explanations. */
  legQuestion(question: PairQuestion, direction: Direction): LegQuestion;
  /** {@link ReachIndex.legQuestion} for a source that is not in the snapshot. */
  hypotheticalLeg(question: HypotheticalQuestion, direction: Direction): LegQuestion;
  /** Policies that select the pods of `party`, in canonical order (namespace, name). */
  policiesOf(party: PartyId): readonly Policy[];
  /**
   * Members of one end as answers may tell them apart, in an order that shows no name of what the
   * reader is not told of. Absent: as they are.
   */
  readonly arrange?: <Group extends EndPods>(groups: readonly Group[]) => readonly Group[];
  /** Bytes this index holds, for the cache's bound. */
  readonly bytes: number;
}
