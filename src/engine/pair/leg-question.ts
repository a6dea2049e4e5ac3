import type { Family } from '../../model/address.ts';
import type { Reason } from '../../model/answer.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Direction } from '../../model/policy.ts';
import type { PartyFacts } from './facts.ts';
import type { PolicyProgram, PortNameId } from './policy-program.ts';
import type { Relation } from '../party.ts';

/** One direction of one pair, seen from the end that is judged. */
export interface LegQuestion {
  readonly direction: Direction;
  readonly subject: PartyFacts;
  readonly peer: PartyFacts;
  readonly family: Family | null;
  readonly relation: Relation;
  /** Names resolved on the destination, whichever end that is. */
  readonly namedPorts: ReadonlyMap<PortNameId, ConnectionSet>;
  /** Why they may be others. */
  readonly portDoubt: Reason | undefined;
  /** Dialect `namedPortScope: policy`: names over all pods a policy selects. */
  readonly scopedPorts?: (program: PolicyProgram) => ReadonlyMap<PortNameId, ConnectionSet>;
}
