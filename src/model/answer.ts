import type { PortRange } from './connection-set.ts';
import type { Peer } from './peer.ts';
import type { Direction, ObjectRef } from './policy.ts';
import type { WayInVia } from './way-in.ts';
import type { CoverageStatus, KindCoverage, Problem, SnapshotId } from './snapshot.ts';

/** What is said of a question's cases together (contract 3). */
export type Verdict = 'ALLOWED' | 'DENIED' | 'PARTIAL' | 'UNDETERMINED';

/** How rows are grouped. */
export type GroupBy = 'POD' | 'WORKLOAD' | 'NAMESPACE';

/** Why a row is left out of lists by default: only self or own-node traffic allows it. */
export type Implicit = 'SELF' | 'LOCAL_NODE';

/** The snapshot an answer is about; part of every answer. */
export interface SnapshotHeader {
  readonly id: SnapshotId | null;
  readonly digest: string;
  readonly cluster: string | null;
  /** ISO 8601, UTC. */
  readonly takenAt: string | null;
  /** Engine version with its dialect options: same snapshot and engine, same bytes. */
  readonly engine: string;
  readonly coverage: readonly KindCoverage[];
}

/** A fact the snapshot lacks. */
export interface MissingFact {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly status: CoverageStatus;
}

/** Stable code and message; `missing` only with `MISSING_KIND`. */
export interface Reason {
  readonly code: string;
  readonly message: string;
  /** The page about the code ({@link reasonPage}); left out in the rows of lists. */
  readonly docs?: string;
  readonly missing?: readonly MissingFact[];
}

/**
 * Where the page about a code is, relative to the base path of a server: the same in every answer,
 * whatever stands in front of the server.
 */
export function reasonPage(code: string): string {
  return `docs/reasons/${code}`;
}

/** `reason` with the link to its page. */
export function withPage<Told extends Reason>(reason: Told): Told & { readonly docs: string } {
  return { ...reason, docs: reasonPage(reason.code) };
}

/** A rule in the author's manifest. */
export interface RuleRef {
  readonly policy: ObjectRef;
  readonly direction: Direction;
  /** JSON pointer: `/spec/ingress/0/from/1`. */
  readonly pointer: string;
  /** Zero-based index of the rule in its direction. */
  readonly index: number;
  readonly file?: string;
  readonly line?: number;
}

/** What decided a leg (semantics 5.6). */
export type DecidedBy =
  | {
      readonly kind: 'RULE';
      readonly rule: RuleRef;
      readonly tier: 'ADMIN' | 'NETWORK_POLICY' | 'BASELINE';
      readonly action: string;
      readonly short: string;
    }
  | { readonly kind: 'ISOLATION'; readonly policies: readonly ObjectRef[]; readonly short: string }
  | {
      readonly kind: 'DEFAULT' | 'SELF' | 'LOCAL_NODE' | 'EXTERNAL' | 'AMBIGUOUS' | 'UNDETERMINED';
      readonly short: string;
    }
  /** Policies of namespaces that the reader may not see. */
  | { readonly kind: 'HIDDEN'; readonly short: string };

/** What one policy did in one leg (contract 3, 6). */
export type Effect =
  'ADMITS' | 'DOES_NOT_ADMIT' | 'ACCEPT' | 'DENY' | 'PASS' | 'NOT_APPLICABLE' | 'UNDECIDABLE';

/** Whether one entry of a rule holds what was asked; `MAYBE` when a named fact is missing. */
export type EntryMatch = 'YES' | 'NO' | 'MAYBE';

/** One entry of a rule's `from` or `to`, against the other end. */
export interface PeerEntry {
  /** JSON pointer: `/spec/ingress/0/from/1`. */
  readonly pointer: string;
  readonly match: EntryMatch;
  /** What matches, or the requirements that fail with the actual values. */
  readonly reason: Reason;
}

/** One entry of a rule's `ports`, against the asked ports. */
export interface PortEntry {
  /** JSON pointer: `/spec/ingress/0/ports/1`. */
  readonly pointer: string;
  /** `YES` when it covers any asked port. */
  readonly match: EntryMatch;
  /** All ports it stands for on the destination, asked or not; a name as the destination has it. */
  readonly ports: readonly PortRange[];
  readonly reason: Reason;
}

/** One rule of a policy that selects the subject, and what it did with the asked ports. */
export interface RuleEffect {
  readonly rule: RuleRef;
  readonly effect: Effect;
  /** The asked ports it admits (or would, were the peer to match). */
  readonly ports: readonly PortRange[];
  readonly reason: Reason;
  /** In the author's order; null: the rule has no list of peers, it is about everyone. */
  readonly peerEntries: readonly PeerEntry[] | null;
  /** In the author's order; null: the rule has no list of ports, it is about all of them. */
  readonly portEntries: readonly PortEntry[] | null;
}

/** A rule that handed asked ports on to the next tier. */
export interface PassedBy {
  readonly rule: RuleRef;
  readonly tier: 'ADMIN' | 'BASELINE';
  readonly ports: readonly PortRange[];
}

/** One policy that selects the subject in a direction, and what it did. */
export interface PolicyEffect {
  readonly policy: ObjectRef;
  readonly tier: 'ADMIN' | 'NETWORK_POLICY' | 'BASELINE';
  readonly effect: Effect;
  readonly rules: readonly RuleEffect[];
  readonly reason: Reason;
}

/** A rule that nearly matched, and the first requirement that failed. */
export interface NearMiss {
  readonly rule: RuleRef;
  readonly peerMatch: boolean;
  readonly portMatch: boolean;
  readonly why: string;
}

/** One direction of one outcome: the source's egress or the destination's ingress. */
export interface Leg {
  readonly direction: Direction;
  readonly subject: Peer;
  /** Null where it is not known (policies not covered). */
  readonly isolated: boolean | null;
  /** The policies that isolate it, sorted; empty when none is known to. */
  readonly isolatedBy: readonly ObjectRef[];
  readonly verdict: Verdict;
  readonly decidedBy: DecidedBy;
  readonly alsoAllowedBy: readonly RuleRef[];
  /** What cluster policies passed, in the order in which they did. */
  readonly passed: readonly PassedBy[];
  readonly nearest: readonly NearMiss[];
  readonly policies: readonly PolicyEffect[];
}

/** Members of a group that share an outcome: how many, and up to ten of them. */
export interface OutcomeMembers {
  readonly count: number;
  readonly nodes: readonly Peer[];
}

/** One distinct outcome of a question. */
export interface Outcome {
  readonly verdict: Verdict;
  /** Null when an end's addresses are not known. */
  readonly family: 'IPV4' | 'IPV6' | null;
  readonly from: OutcomeMembers;
  readonly to: OutcomeMembers;
  readonly allowed: readonly PortRange[];
  readonly denied: readonly PortRange[];
  readonly undetermined: readonly PortRange[];
  readonly legs: readonly Leg[];
  readonly reasons: readonly Reason[];
}

/** How the ports of a Service target were translated. */
export interface ServiceResolution {
  readonly service: Peer;
  readonly ports: readonly {
    readonly name?: string;
    readonly protocol: string;
    readonly port: number;
    readonly targets: readonly { readonly port: number; readonly podCount: number }[];
  }[];
}

/** Something taken for granted; of an option, what another value would make of the verdict. */
export interface Assumption extends Reason {
  readonly option?: string;
  /** The other value. */
  readonly value?: string | boolean | null;
  /** The verdict with that. */
  readonly verdict?: Verdict;
}

/** The answer to "can A reach B, and why (not)" (contract 6). Ports of a Service target are its own. */
export interface Path {
  readonly verdict: Verdict;
  /** No case existed: the verdict is about an empty question. */
  readonly vacuous: boolean;
  readonly from: Peer;
  readonly to: Peer;
  readonly askedText: string;
  readonly asked: readonly PortRange[];
  /** Ports allowed in at least one case. */
  readonly allowed: readonly PortRange[];
  /** Ports denied in at least one case. */
  readonly denied: readonly PortRange[];
  /** Ports undetermined in at least one case. */
  readonly undetermined: readonly PortRange[];
  /** One per distinct outcome, worst first, at most 50. */
  readonly outcomes: readonly Outcome[];
  /** Legs of the first outcome. */
  readonly legs: readonly Leg[];
  readonly resolution?: ServiceResolution;
  readonly reasons: readonly Reason[];
  /** What was taken for granted, and the options of the dialect that would change the verdict. */
  readonly assumptions?: readonly Assumption[];
  /** Problems of the snapshot that could change this answer. */
  readonly problems: readonly Problem[];
  readonly text: string;
}

/** The verdict alone: `fields=verdict`, and batches by default. */
export type PathVerdict = Pick<
  Path,
  | 'verdict'
  | 'vacuous'
  | 'from'
  | 'to'
  | 'askedText'
  | 'asked'
  | 'allowed'
  | 'denied'
  | 'undetermined'
  | 'reasons'
>;

/** One row of who-can-reach, reachable-from and connectivity (contract 5). */
export interface Reach {
  readonly from: Peer;
  readonly to: Peer;
  readonly verdict: Verdict;
  readonly ports: readonly PortRange[];
  readonly undetermined: readonly PortRange[];
  readonly implicit: Implicit | null;
  /** Up to ten rules that allow, then `becauseCount` in all. */
  readonly because: readonly RuleRef[];
  readonly becauseCount: number;
  readonly reasons: readonly Reason[];
  /** Only where pods or families of a group differ, at most ten; their JSON leaves `legs` out. */
  readonly parts?: readonly Outcome[] | undefined;
  /** The label that tells the parts apart, when one does. */
  readonly splitBy?: { readonly label: string } | undefined;
  /** Pod pairs (or pod × range) that were judged; of a written-down workload, two pods at most. */
  readonly podPairs: number;
  /** Hops from the source; only with `maxHops` over 1. */
  readonly hops?: number;
  /** Where the source brings outside traffic to the target: what for, at most ten. */
  readonly via?: readonly WayInVia[];
}

/** Rows by verdict; denied pairs are never rows. */
export interface VerdictCounts {
  readonly allowed: number;
  readonly partial: number;
  readonly undetermined: number;
}

/**
 * A list whose rows are made when they are asked for: the counts are cheap, explanations are not.
 */
export interface LazyList<Row> {
  readonly totalCount: number;
  /** False when a missing fact could add or change rows. */
  readonly complete: boolean;
  readonly reasons: readonly Reason[];
  readonly problems: readonly Problem[];
  /** Rows `start` to `start + count - 1`, fewer at the end. */
  slice(start: number, count: number): readonly Row[];
}

/** Peers that lists name again and again, by number: one object for all lists of an index. */
export interface PeerTable {
  readonly count: number;
  peerAt(number: number): Peer;
}

/** What rows that are judged alike have in common; equal ones are mostly the same object. */
export type VerdictShare = Pick<Reach, 'verdict' | 'ports' | 'undetermined'> & {
  /** Such a row has parts of its own. */
  readonly differs: boolean;
};

/** Why rows of equal ends are as they are; equal ones are the same object. */
export type ReasonShare = Pick<Reach, 'because' | 'becauseCount' | 'reasons'>;

/**
 * The rows of a list that has one end in common, without an object for each: rows are numbers, and what
 * they say is said once for all that say it.
 */
export interface SharedRows {
  /** The end that differs from row to row. */
  readonly end: 'from' | 'to';
  /** The other one. */
  readonly other: Peer;
  readonly peers: PeerTable;
  /**
   * Rows `start` to `start + count - 1`, fewer at the end: the number of a peer for a row that shares
   * what it says (its `implicit` is null, and it has no `hops`), a negative number for any other.
   */
  numbers(start: number, count: number): Int32Array;
  /** The row of a number, whole. */
  rowOf(number: number): Reach;
  verdictOf(peer: number): VerdictShare;
  reasonsOf(peer: number): ReasonShare;
  podPairsOf(peer: number): number;
}

/** A list of reaches with its counts. */
export interface ReachList extends LazyList<Reach> {
  readonly counts: VerdictCounts;
  /** The same rows for whoever writes many of them; absent where each row is only for itself. */
  readonly shared?: () => SharedRows;
  /**
   * Only in `connectivity` over everything: the pod groups that no other pod may reach on the asked
   * ports, sorted by key, at most 1,000, and how many there are.
   */
  readonly unreachable?: readonly Peer[];
  readonly unreachableCount?: number;
}

/** Whether one direction of a peer is isolated, and by what. */
export interface DirectionIsolation {
  /** True when every pod of the peer is isolated; null where policies are not covered. */
  readonly isolated: boolean | null;
  /** NetworkPolicies that isolate, and those that may. */
  readonly policies: readonly ObjectRef[];
  /**
   * True when every pod of the peer is isolated, or an admin or baseline policy denies it something;
   * null where that is not known.
   */
  readonly protected: boolean | null;
  /** Admin and baseline policies that speak in this direction, whatever they say. */
  readonly clusterPolicies: readonly ObjectRef[];
}

/** One row of `isolation`. */
export interface Isolation {
  readonly peer: Peer;
  readonly ingress: DirectionIsolation;
  readonly egress: DirectionIsolation;
  /** False for hostNetwork pods: no policy applies to them. */
  readonly policed: boolean;
}

/** One row of `policies`: a policy and what it selects today. */
export interface PolicySummary {
  readonly policy: ObjectRef;
  readonly tier: 'ADMIN' | 'NETWORK_POLICY' | 'BASELINE';
  readonly directions: readonly Direction[];
  /** The subject as text: `shop?app=web`. */
  readonly subject: string;
  readonly selects: { readonly podCount: number; readonly peers: readonly Peer[] };
  readonly ruleCounts: { readonly ingress: number; readonly egress: number };
  /** False when its effect is not known; `reason` says why. */
  readonly evaluated: boolean;
  readonly reason?: Reason;
  /** The kept spec. */
  readonly spec: unknown;
  readonly file?: string;
  readonly line?: number;
}

/** What a ref stands for. */
export interface Resolution {
  readonly ref: string;
  /** The thing named, as one peer. */
  readonly peer: Peer;
  /** Whether it stands for nothing at the moment. */
  readonly empty: boolean;
  /** Its members: workloads, pods without an owner, nodes and address ranges. */
  readonly members: LazyList<Peer>;
  readonly service?: ServiceResolution;
  readonly reasons: readonly Reason[];
}
