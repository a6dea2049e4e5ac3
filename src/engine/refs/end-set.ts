import type { AddressRange, Family } from '../../model/address.ts';
import type { Peer } from '../../model/peer.ts';
import type { NodeOrdinal, PodOrdinal, ViewService } from '../model-view.ts';

/**
 * One end of a question: what a ref stands for in a snapshot (contract 2).
 *
 * A union; any part can be empty. When all are, the end is an empty group.
 */
export interface EndSet {
  /** How answers name this end. */
  readonly peer: Peer;
  /**
   * Ascending, hostNetwork pods included. Finished pods are here only where the end would mean
   * nothing else: a pod named as such, or a workload all of whose pods have finished.
   */
  readonly pods: readonly PodOrdinal[];
  readonly nodes: readonly NodeOrdinal[];
  /** Addresses that no pod, node or Service owns; canonical as `mergeRanges`. */
  readonly ranges: readonly AddressRange[];
  /** The ranges as they were asked, owned addresses not cut out; absent: as `ranges`. */
  readonly askedRanges?: readonly AddressRange[];
  /**
   * The end was named by single addresses that pods or nodes own: it means them in that family
   * only. Absent: every family.
   */
  readonly families?: readonly Family[];
  /** The end is a Service: as a target its ports are translated; `pods` are its endpoint pods. */
  readonly service?: ViewService;
  /**
   * Services of the same name whose ports were not translated although the ref could have meant
   * them (`SERVICE_PORT_NOT_TRANSLATED`, contract 2).
   */
  readonly untranslated: readonly ViewService[];
}
