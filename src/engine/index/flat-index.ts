import type { Address, AddressRange, Family } from '../../model/address.ts';
import type { ConnectionSet, Protocol } from '../../model/connection-set.ts';
import type { Direction } from '../../model/policy.ts';
import type { PartyId } from '../party.ts';

/** Where a policy of a {@link FlatIndex} stands in the snapshot. */
export interface PolicyPlace {
  /** Index into `view.namespaces`; -1 for the policies of the cluster chunk. */
  readonly namespace: number;
  /** Index into that chunk's `policies`. */
  readonly position: number;
}

/** A part of asked ranges that lies in one atom. */
export interface AtomPart {
  readonly party: PartyId;
  readonly ranges: readonly AddressRange[];
}

/** What {@link FlatIndex} is made of, in numbers that do not depend on the machine. */
export interface FlatCounts {
  readonly namespaces: number;
  /** Distinct (namespace, labels that a selector names, port names that a rule names). */
  readonly classes: number;
  /** Distinct ways in which blocks see an end's addresses. */
  readonly signatures: number;
  /** Address atoms of both families. */
  readonly atoms: number;
  /** Distinct `(cidr, except)`. */
  readonly blocks: number;
  readonly policies: number;
  /** Distinct subject selections: the left side of the bipartite core. */
  readonly groups: number;
  /** Distinct lists of groups that a class can be in: rows repeat along it. */
  readonly profiles: number;
  /** Distinct label selectors of pods. */
  readonly selectors: number;
  /** Distinct things that a rule names as the other side. */
  readonly peers: number;
  /** Distinct port lists of rules. */
  readonly portSets: number;
  /** Distinct (peer, port list): the right side of the bipartite core. */
  readonly keys: number;
  /** Distinct (group, key) of both directions. */
  readonly edges: number;
  /** Parties of pods. */
  readonly podParties: number;
}

/**
 * A snapshot compiled into flat arrays under the default dialect: who is told apart from whom, and
 * what each pair may open, for everything that is certain without looking at an object again.
 *
 * Parties are numbered: pods `[0, podParties)` by namespace, class, address signature; `view.nodes`
 * in order; the unknown node; address atoms, IPv4 before IPv6, ascending by first address within a
 * family; an unknown IPv4 address; an unknown IPv6 address.
 *
 * `undefined` in an answer means "not certain from here": the pair must be judged by the clear
 * evaluator. Relations ("itself", "own node") are decided above, never here.
 */
export interface FlatIndex {
  readonly podParties: number;
  /** Party of `view.nodes[0]`. */
  readonly nodeStart: number;
  readonly unknownNode: number;
  /** Party of the first atom. */
  readonly atomStart: number;
  /** Party of an unknown IPv4 address; that of IPv6 is the next. */
  readonly unknownAddressStart: number;
  readonly partyCount: number;
  /** By `PodOrdinal`; -1 for finished pods, the node's party for hostNetwork pods. */
  readonly partyOfPod: Int32Array;
  /** Pods of party `i` are `partyPods` from `partyPodStart[i]` to before `partyPodStart[i + 1]`. */
  readonly partyPodStart: Int32Array;
  /** Pod ordinals, ascending within a party. */
  readonly partyPods: Int32Array;
  /** Of parties of pods: index into `view.namespaces`. */
  readonly partyNamespace: Int32Array;
  /** Families of the party's addresses; `unknown` when it has none that is known. */
  familiesOf(party: PartyId): readonly Family[] | 'unknown';
  /** Ranges of an atom, sorted and disjoint; none for any other party. */
  atomRanges(party: PartyId): readonly AddressRange[];
  /** The atom that holds `address`. */
  atomOf(address: Address): PartyId;
  /** Cuts ranges along the atoms; ascending by party, together exactly `ranges`. */
  partiesOfRanges(ranges: readonly AddressRange[]): readonly AtomPart[];
  /**
   * Ids of the policies that select the pods of `party` in any direction, opaque ones included,
   * ascending; ids number all policies by namespace, name and kind.
   */
  policiesOf(party: PartyId): readonly number[];
  /** Where policy `id` stands. */
  policyAt(id: number): PolicyPlace;
  /** Whether some policy isolates `party` in `direction`; null when that is not known. */
  isIsolated(party: PartyId, direction: Direction): boolean | null;
  /**
   * Connections that the policies of `subject` allow with `peer` in `direction`; `ALL_PORTS` where
   * nothing isolates. Never holds `other`. Equal answers are the same object.
   */
  leg(
    subject: PartyId,
    peer: PartyId,
    direction: Direction,
    family: Family | null,
  ): ConnectionSet | undefined;
  /** Egress of `source` ∩ ingress of `destination`; equal answers are the same object. */
  allowed(source: PartyId, destination: PartyId, family: Family | null): ConnectionSet | undefined;
  /** Whether `allowed` holds the port, without building the set. */
  canReach(
    source: PartyId,
    destination: PartyId,
    family: Family | null,
    protocol: Protocol,
    port: number,
  ): boolean | undefined;
  /**
   * Ascending parties that may open a connection to `party`, certainly or possibly; a superset, as
   * ports are compared only where that is cheap. For a node or an address: parties of pods only.
   */
  sourcesOf(party: PartyId): Int32Array;
  /** Ascending parties that `party` may open a connection to; see {@link FlatIndex.sourcesOf}. */
  destinationsOf(party: PartyId): Int32Array;
  /** Some rule reads namespace labels other than the name (decisions 4). */
  readonly readsNamespaceLabels: boolean;
  readonly counts: FlatCounts;
  /** Bytes of the arrays it holds. */
  readonly bytes: number;
}
