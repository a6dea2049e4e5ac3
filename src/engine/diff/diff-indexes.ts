import type { Family } from '../../model/address.ts';
import { NO_CONNECTIONS, equalConnections } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { PartyId } from '../party.ts';
import type { ReachIndex } from '../reach-index.ts';
import { affectedEnds } from './affected.ts';
import { JointEnds } from './joint-ends.ts';
import type { JointEnd } from './joint-ends.ts';

/** What strangers may open; everything else is denied. */
export interface Openings {
  readonly allowed: ConnectionSet;
  readonly undetermined: ConnectionSet;
}

/** A pair of ends of which the two indexes say different things. */
export interface ReachChange {
  readonly source: JointEnd;
  readonly destination: JointEnd;
  /** Null: an end's addresses are not known. */
  readonly family: Family | null;
  /** Nothing where an end was not there, or has no address in this family. */
  readonly before: Openings;
  readonly after: Openings;
}

/**
 * Of two indexes of one dialect: every pair of different pods, or of a pod and a node or address, between which something else may be
 * opened after than before: exactly these, in all ports at once. What a pod does with itself and with
 * its own node is not compared.
 *
 * Only rows of ends that are affected are judged, and of these only candidates (decisions 26). So the
 * cost is that of what changed times who may be at its other end; of two snapshots that have nothing in
 * common it is that of the whole matrix, twice.
 */
export function diffIndexes(before: ReachIndex, after: ReachIndex): readonly ReachChange[] {
  const ends = new JointEnds(before, after);
  const affected = affectedEnds(before, after, ends);
  const changes: ReachChange[] = [];
  const compare = (source: JointEnd, destination: JointEnd): void => {
    if (source.kind !== 'pods' && destination.kind !== 'pods') return;
    // A party of one pod has no pair with itself.
    if (source === destination && source.pods.length === 1) return;
    changes.push(...changesOf(before, after, source, destination));
  };
  const others = (end: JointEnd, side: 'sourcesOf' | 'destinationsOf'): ReadonlySet<JointEnd> => {
    const old = end.before === undefined ? [] : Array.from(before[side](end.before));
    const now = end.after === undefined ? [] : Array.from(after[side](end.after));
    return new Set([
      ...old.flatMap((party) => ends.of('before', party)),
      ...now.flatMap((party) => ends.of('after', party)),
    ]);
  };
  for (const end of affected) {
    for (const source of others(end, 'sourcesOf')) compare(source, end);
    for (const destination of others(end, 'destinationsOf')) {
      // Those that are affected have been, or will be, looked at from their own side.
      if (!affected.has(destination)) compare(end, destination);
    }
  }
  return changes;
}

function changesOf(
  before: ReachIndex,
  after: ReachIndex,
  source: JointEnd,
  destination: JointEnd,
): ReachChange[] {
  const [x, y] = [
    openingsOf(before, source.before, destination.before),
    openingsOf(after, source.after, destination.after),
  ];
  return FAMILIES.flatMap((family) => {
    const [old, now] = [x(family), y(family)];
    if (isAlike(old, now)) return [];
    return [{ source, destination, family, before: old, after: now }];
  });
}

const FAMILIES: readonly (Family | null)[] = [4, 6, null];
const NOTHING: Openings = { allowed: NO_CONNECTIONS, undetermined: NO_CONNECTIONS };

/** What one index says of a pair, by family. */
function openingsOf(
  index: ReachIndex,
  source: PartyId | undefined,
  destination: PartyId | undefined,
): (family: Family | null) => Openings {
  if (source === undefined || destination === undefined) return () => NOTHING;
  const families = familiesOf(index, source, destination);
  return (family) => {
    if (!families.includes(family)) return NOTHING;
    const allowed = family === null ? undefined : index.certain(source, destination, family);
    if (allowed !== undefined) return { allowed, undetermined: NO_CONNECTIONS };
    return index.reach({ source, destination, family, relation: 'NONE' });
  };
}

/** Families in which a pair can be asked about: those both ends may have, or all that are possible. */
function familiesOf(index: ReachIndex, a: PartyId, b: PartyId): readonly (Family | null)[] {
  const [x, y] = [familiesOfParty(index, a), familiesOfParty(index, b)];
  if (x === 'unknown') return y === 'unknown' ? [null] : y;
  return y === 'unknown' ? x : x.filter((family) => y.includes(family));
}

function familiesOfParty(index: ReachIndex, id: PartyId): readonly Family[] | 'unknown' {
  const party = index.party(id);
  return party.kind === 'addresses' ? [party.family] : party.families;
}

function isAlike(a: Openings, b: Openings): boolean {
  return equalConnections(a.allowed, b.allowed) && equalConnections(a.undetermined, b.undetermined);
}
