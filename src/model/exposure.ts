import type { LazyList, OutcomeMembers, Reason } from './answer.ts';
import type { PortRange } from './connection-set.ts';
import type { Peer } from './peer.ts';
import type { Labels } from './selector.ts';
import type { WayInType, WayInVia } from './way-in.ts';

/**
 * How much of the internet policies let in, or let out (semantics 5.7).
 *
 * `OPEN`: every internet address, every port. `PORTS`: every address, some ports. `RANGES`: some
 * addresses. `NONE`. `UNPOLICED`: no policy applies, the pod is its node. `UNDETERMINED`: a fact that
 * is missing decides between these.
 */
export type PermittedClass = 'OPEN' | 'PORTS' | 'RANGES' | 'NONE' | 'UNPOLICED' | 'UNDETERMINED';

/** Whether outside traffic gets in; `CONDITIONAL` where that hangs on something the snapshot cannot say. */
export type Effective = 'YES' | 'CONDITIONAL' | 'NO';

/** The object that brings outside traffic. */
export type EntryVia = Pick<WayInVia, 'kind' | 'namespace' | 'name' | 'host'>;

/** From where a pod can be reached at most; the order of the ranked list. */
export const EXPOSURE_LEVELS = [
  'INTERNET',
  'INTERNET_CONDITIONAL',
  'INTERNET_PERMITTED',
  'INTERNET_UNDETERMINED',
  'ENTIRE_CLUSTER',
  'OTHER_NAMESPACES',
  'OWN_NAMESPACE',
  'NONE',
] as const;
/** One of {@link EXPOSURE_LEVELS}. */
export type ExposureLevel = (typeof EXPOSURE_LEVELS)[number];

/** Ports that are allowed, and those of which it is not known. */
export interface PortSets {
  readonly ports: readonly PortRange[];
  readonly undetermined: readonly PortRange[];
}

/** Internet addresses with equal rights. */
export interface PermittedRange extends PortSets {
  /** `internet` where all of it is meant. */
  readonly peer: Peer;
}

/** What policies permit in one direction between pods and the internet. */
export interface Permitted extends PortSets {
  /** Of the most open pod. */
  readonly class: PermittedClass;
  /** At most ten; addresses without any rights are left out. */
  readonly ranges: readonly PermittedRange[];
  readonly rangeCount: number;
}

/** One thing that brings outside traffic, and whether policies let it in. */
export interface EntryPath extends PortSets {
  readonly kind: WayInType;
  readonly via: EntryVia;
  /** Ports of the pod that it leads to; `ports` are those that are let in. */
  readonly targets: readonly PortRange[];
  readonly effective: Effective;
  readonly reasons: readonly Reason[];
}

/** A pod that somebody could create, and what it may reach: with these labels and no others. */
export interface HypotheticalReach extends PortSets {
  /**
   * Ports that the policies on the row's pods let it in on, or may; `ports` are those that the
   * policies on itself let out as well.
   */
  readonly admitted: readonly PortRange[];
  /** The namespace it has to be in; null for any new namespace with `namespaceLabels`. */
  readonly namespace: string | null;
  /** Labels that the namespace needs; its name is not among them. */
  readonly namespaceLabels: Labels;
  readonly podLabels: Labels;
  /** `any pod labelled app=web in any namespace labelled team=a`. */
  readonly text: string;
}

/** From where inside the cluster. */
export interface ClusterExposure {
  /**
   * Ports that rules open to literally every pod there is and will be, or that nothing closes; never
   * inferred from the pods of today.
   */
  readonly entireCluster: readonly PortRange[];
  /** Ports that some pod of another namespace may reach today. */
  readonly otherNamespaces: PortSets;
  /** Ports that some other pod of the same namespace may reach today. */
  readonly ownNamespace: PortSets;
  /** At most twenty; those that are let in nowhere are left out. */
  readonly hypothetical: readonly HypotheticalReach[];
  readonly hypotheticalCount: number;
}

/** Pods of a row that differ from its others. */
export interface ExposurePart {
  readonly members: OutcomeMembers;
  readonly level: ExposureLevel;
  readonly ingress: Permitted;
  readonly egress: Permitted;
  readonly effective: Effective;
}

/** One row of `exposure`: three facts, kept apart (semantics 5.7). */
export interface Exposure {
  readonly peer: Peer;
  /** From 1, the most exposed; over all rows that were asked for. */
  readonly rank: number;
  readonly level: ExposureLevel;
  /** False when no policy applies to any of its pods: they are their node. */
  readonly policed: boolean;
  /** From the internet. */
  readonly ingress: Permitted;
  /** To the internet. */
  readonly egress: Permitted;
  readonly entryPaths: readonly EntryPath[];
  /** Entry path ∩ permitted. */
  readonly effective: Effective;
  readonly cluster: ClusterExposure;
  readonly reasons: readonly Reason[];
  /** Only where pods differ, at most ten. */
  readonly parts?: readonly ExposurePart[];
}

/** The ranked list, the most exposed first. */
export interface ExposureList extends LazyList<Exposure> {
  /** How many rows are at each level, the most exposed first; all levels. */
  readonly levels: readonly { readonly level: ExposureLevel; readonly count: number }[];
}
