import type { Labels } from './selector.ts';

/**
 * Key and ref of the pods in namespaces that a reader may not see, together (a `PodSet`). No other ref
 * looks like it, and it comes before all of them.
 */
export const OTHERS = '*/others';

/**
 * One end of an answer, in the form callers see (contract 5).
 *
 * `key` is unique in the snapshot; `ref` can be asked back as it is. `kind` is free text: owners of
 * pods can be any kind. Besides owner kinds: `Pod`, `Node`, `Namespace`, `Service`, `PodSet`,
 * `AddressRange`.
 */
export interface Peer {
  readonly key: string;
  readonly ref: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  /** Labels that all its pods share (or the node's or namespace's own). */
  readonly labels?: Labels;
  /** Pods it stands for; declared replicas for a workload known by its template only. */
  readonly podCount?: number;
  /** Minimal CIDRs of an address range, sorted, IPv4 first. */
  readonly cidrs?: readonly string[];
}
