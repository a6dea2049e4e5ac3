import type { PartyId } from '../party.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { EndGroup, TargetGroup } from './cases.ts';

/** Parties that can make a row: all that might, and perhaps some that cannot. */
export interface Candidates {
  has(party: PartyId): boolean;
  /** Ascending. */
  readonly parties: readonly PartyId[];
}

/**
 * Who may be a source of a row whose destination is `targets`; undefined: anyone, because something
 * else than policies decides (a pod that meets itself, its own node, a Service in doubt).
 */
export function possibleSources(
  index: ReachIndex,
  targets: readonly TargetGroup[],
  implicit: boolean,
): Candidates | undefined {
  const doubtful = targets.some(({ ports }) => (ports.doubts ?? []).length !== 0);
  if (implicit || doubtful) return undefined;
  return collect(index, targets, (party) => index.sourcesOf(party));
}

/** Who may be a destination of a row whose source is `groups`. @see possibleSources */
export function possibleDestinations(
  index: ReachIndex,
  groups: readonly EndGroup[],
  implicit: boolean,
): Candidates | undefined {
  if (implicit) return undefined;
  return collect(index, groups, (party) => index.destinationsOf(party));
}

function collect(
  index: ReachIndex,
  groups: readonly EndGroup[],
  strangersOf: (party: PartyId) => ArrayLike<PartyId>,
): Candidates {
  const marks = new Uint8Array(index.partyCount);
  for (const party of new Set(groups.map((group) => group.party))) {
    const found = strangersOf(party);
    for (let i = 0; i < found.length; i += 1) marks[found[i] ?? 0] = 1;
  }
  if (groups.some((group) => isAnywhere(index, group))) markNodes(index, marks);
  const parties: PartyId[] = [];
  for (let i = marks.indexOf(1); 0 <= i; i = marks.indexOf(1, i + 1)) parties.push(i as PartyId);
  return { has: (party) => marks[party] === 1, parties };
}

/** Any node may be the own node of a pod whose node is not known. */
function isAnywhere(index: ReachIndex, { pods }: EndGroup): boolean {
  return pods.some((pod) => index.view.nodeOf(pod) === undefined);
}

function markNodes(index: ReachIndex, marks: Uint8Array): void {
  for (let party = 0; party < index.partyCount; party += 1) {
    if (index.party(party as PartyId).kind === 'node') marks[party] = 1;
  }
}
