import type { AddressRange, Family } from '../model/address.ts';
import type { NodeOrdinal } from './model-view.ts';

/** Position of a party in a `ReachIndex`. */
export type PartyId = number & { readonly brand: 'PartyId' };

/**
 * Things that no policy can tell apart (semantics 5.3): pods of one equivalence class, one node, or
 * the external addresses of one atom. "Itself" and "own node" are relations, not party properties.
 */
export type Party =
  | { readonly kind: 'pods'; readonly families: readonly Family[] | 'unknown' }
  | {
      readonly kind: 'node';
      readonly node: NodeOrdinal | undefined;
      readonly families: readonly Family[] | 'unknown';
    }
  | {
      readonly kind: 'addresses';
      readonly family: Family;
      readonly ranges: readonly AddressRange[];
    };

/**
 * How the two ends of a pair belong together, beyond their parties.
 *
 * `SELF`: one pod, by its own address. `HAIRPIN`: one pod, through a Service. `LOCAL_NODE`: one end
 * is the node that the other, a pod, runs on. `MAYBE_LOCAL_NODE`: it may be, the snapshot does not say.
 */
export type Relation = 'NONE' | 'SELF' | 'HAIRPIN' | 'LOCAL_NODE' | 'MAYBE_LOCAL_NODE';
