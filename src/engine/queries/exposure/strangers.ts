import type { Family } from '../../../model/address.ts';
import type { Reason } from '../../../model/answer.ts';
import {
  NO_CONNECTIONS,
  contains,
  isEmpty,
  overlaps,
  union,
} from '../../../model/connection-set.ts';
import type { ConnectionSet } from '../../../model/connection-set.ts';
import type { Direction } from '../../../model/policy.ts';
import { EXTERNAL_OUTCOME, evaluateLeg, joinLegs } from '../../pair/evaluate.ts';
import type { HypotheticalSource } from '../../pair/hypothetical.ts';
import type { PartyId } from '../../party.ts';
import type {
  DirectionOutcome,
  HypotheticalQuestion,
  PairReach,
  ReachIndex,
} from '../../reach-index.ts';

/** Ports on which connections are allowed in some family, or may be. */
export interface OpenPorts {
  readonly allowed: ConnectionSet;
  readonly undetermined: ConnectionSet;
  readonly reasons: readonly Reason[];
}

/** Nothing is allowed, and nothing may be. */
export const NOT_OPEN: OpenPorts = {
  allowed: NO_CONNECTIONS,
  undetermined: NO_CONNECTIONS,
  reasons: [],
};

/** What two parties that are strangers may open, over the families they share. */
export function strangersReach(
  index: ReachIndex,
  source: PartyId,
  destination: PartyId,
): OpenPorts {
  let sum = NOT_OPEN;
  for (const family of sharedFamilies(index, source, destination)) {
    const allowed = family === null ? undefined : index.certain(source, destination, family);
    const one =
      allowed === undefined
        ? openPortsOf(index.reach({ source, destination, family, relation: 'NONE' }))
        : certainly(allowed);
    sum = addOpenPorts(sum, one);
  }
  return sum;
}

/** Ports on which the policies on `destination` let a pod in that is not in the snapshot. */
export function hypotheticallyAdmitted(
  index: ReachIndex,
  source: HypotheticalSource,
  destination: PartyId,
): OpenPorts {
  return familiesFor(index, destination).reduce<OpenPorts>((sum, family) => {
    const ingress = hypotheticalOutcome(index, { source, destination, family }, 'INGRESS');
    return addOpenPorts(sum, openPortsOf(joinLegs(EXTERNAL_OUTCOME, ingress)));
  }, NOT_OPEN);
}

/** {@link hypotheticallyAdmitted}, and let out by the policies on the hypothetical pod itself. */
export function hypotheticalReach(
  index: ReachIndex,
  source: HypotheticalSource,
  destination: PartyId,
): OpenPorts {
  return familiesFor(index, destination).reduce<OpenPorts>((sum, family) => {
    const question = { source, destination, family };
    const egress = hypotheticalOutcome(index, question, 'EGRESS');
    const ingress = hypotheticalOutcome(index, question, 'INGRESS');
    return addOpenPorts(sum, openPortsOf(joinLegs(egress, ingress)));
  }, NOT_OPEN);
}

function hypotheticalOutcome(
  index: ReachIndex,
  question: HypotheticalQuestion,
  direction: Direction,
): DirectionOutcome {
  return evaluateLeg(index.hypotheticalLeg(question, direction), index.options);
}

const EVERY_POD = { kind: 'every-pod' } as const;

/** Ports that the policies on `destination` open to literally every pod (semantics 5.7). */
export function openToEveryPod(index: ReachIndex, destination: PartyId): ConnectionSet {
  return familiesFor(index, destination).reduce((sum, family) => {
    const question = { source: EVERY_POD, destination, family };
    return union(sum, hypotheticalOutcome(index, question, 'INGRESS').allow);
  }, NO_CONNECTIONS);
}

/** Open in either; what is allowed in one is not undetermined. */
export function addOpenPorts(a: OpenPorts, b: OpenPorts): OpenPorts {
  if (a === b || isClosed(b)) return a;
  if (isClosed(a)) return b;
  if (isEmpty(b.undetermined) && contains(a.allowed, b.allowed)) return a;
  return {
    allowed: union(a.allowed, b.allowed),
    undetermined: union(a.undetermined, b.undetermined),
    reasons: [...new Set([...a.reasons, ...b.reasons])],
  };
}

/** Whether nothing is left open. */
export function isCertain({ undetermined }: OpenPorts): boolean {
  return isEmpty(undetermined);
}

/** Whether nothing is allowed, and nothing may be. */
export function isClosed({ allowed, undetermined }: OpenPorts): boolean {
  return isEmpty(allowed) && isEmpty(undetermined);
}

/** Sets are few and shared, and so are these. */
const CERTAIN = new WeakMap<ConnectionSet, OpenPorts>();

function certainly(allowed: ConnectionSet): OpenPorts {
  const known = CERTAIN.get(allowed);
  if (known !== undefined) return known;
  const made = { allowed, undetermined: NO_CONNECTIONS, reasons: [] };
  CERTAIN.set(allowed, made);
  return made;
}

function openPortsOf({ allowed, undetermined, egress, ingress }: PairReach): OpenPorts {
  if (isEmpty(undetermined)) return { allowed, undetermined, reasons: [] };
  const reasons = [...egress.unsure, ...ingress.unsure]
    .filter(({ set }) => overlaps(set, undetermined))
    .map(({ reason }) => reason);
  return { allowed, undetermined, reasons };
}

/** Families of a party's addresses. */
export function familiesOfParty(index: ReachIndex, id: PartyId): readonly Family[] | 'unknown' {
  const party = index.party(id);
  return party.kind === 'addresses' ? [party.family] : party.families;
}

/** Families in which a pod whose address is not known may connect to `destination`. */
function familiesFor(index: ReachIndex, destination: PartyId): readonly (Family | null)[] {
  const families = familiesOfParty(index, destination);
  return families === 'unknown' ? [null] : families;
}

/** Families both have; `[null]` when neither is known, none when they have none in common. */
function sharedFamilies(
  index: ReachIndex,
  source: PartyId,
  destination: PartyId,
): readonly (Family | null)[] {
  const a = familiesOfParty(index, source);
  const b = familiesOfParty(index, destination);
  if (a === 'unknown') return b === 'unknown' ? [null] : b;
  return b === 'unknown' || a === b ? a : a.filter((family) => b.includes(family));
}
