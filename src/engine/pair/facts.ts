import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Reason } from '../../model/answer.ts';
import type { Labels, Match } from '../../model/selector.ts';
import type { Party } from '../party.ts';
import type { BlockId } from './address-blocks.ts';
import type { PolicyProgram, PortNameId, SelectionId } from './policy-program.ts';

/** Which blocks hold an end's address; blocks not listed do not. */
export type BlockMatches = ReadonlyMap<BlockId, Match>;

/**
 * Everything a policy can see of a party. Two pods with equal facts are interchangeable for every
 * question but "itself" and "own node" (semantics 5.3).
 */
export interface PartyFacts {
  readonly party: Party;
  /** Selections that hold it; those not listed do not. */
  readonly selections: ReadonlyMap<SelectionId, Match>;
  /** Why an entry of `selections` is `maybe`. */
  readonly selectionDoubt: Reason | undefined;
  /** By family of the connection; `unknown` when neither end's address is known. */
  readonly blocks: {
    readonly 4: BlockMatches;
    readonly 6: BlockMatches;
    readonly unknown: BlockMatches;
  };
  /** Why an entry of `blocks` is `maybe`, where it is not just that the address is not known. */
  readonly addressDoubt: Reason | undefined;
  /** Ports behind each mentioned name; names not listed are not declared. */
  readonly namedPorts: ReadonlyMap<PortNameId, ConnectionSet>;
  /** Why `namedPorts` may not be all, or not be right. */
  readonly portDoubt: Reason | undefined;
  /** Labels for `nodes` peers; only on what is a node, or may be one. */
  readonly nodeLabels: Labels | undefined;
  /** Why it may not be a node, or have other labels. */
  readonly nodeDoubt: Reason | undefined;
  /** Policies that select it or may do so, in canonical order; none for nodes and addresses. */
  readonly programs: readonly PolicyProgram[];
  /** Those of which that is not certain, and why. */
  readonly perhaps: ReadonlyMap<PolicyProgram, Reason>;
  /** Why nothing its own leg says is certain. */
  readonly doubts: readonly Reason[];
  /** Why there may be NetworkPolicies that the snapshot does not have. */
  readonly missingPolicies: Reason | undefined;
  /** Equal for parties whose policies and doubts are equal: outcomes repeat along it. */
  readonly subjectKey: number;
  /** Equal for parties that resolve every mentioned port name alike. */
  readonly portsKey: number;
}
