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
  markHousemates(index, groups, marks);
  const parties: PartyId[] = [];
  for (let i = marks.indexOf(1); 0 <= i; i = marks.indexOf(1, i + 1)) parties.push(i as PartyId);
  return { has: (party) => marks[party] === 1, parties };
}

/**
 * Adds who may be at home with a member of `groups`, which no policy can stop: where the node of
 * either is not known, it may be the other's.
 */
function markHousemates(index: ReachIndex, groups: readonly EndGroup[], marks: Uint8Array): void {
  const { nodes, homeless, pods } = homesOf(index);
  const unknownNode = index.partyOfUnknownNode();
  for (const group of groups) {
    const { kind } = index.party(group.party);
    if (kind === 'node') {
      for (const party of group.party === unknownNode ? pods : homeless) marks[party] = 1;
    } else if (kind === 'pods') {
      marks[unknownNode] = 1;
      const isHomeless = group.pods.some((pod) => index.view.nodeOf(pod) === undefined);
      if (isHomeless) for (const party of nodes) marks[party] = 1;
    }
  }
}

/** Parties by what is known of where they are. */
interface Homes {
  readonly nodes: readonly PartyId[];
  readonly pods: readonly PartyId[];
  /** Parties with a pod whose node is not known. */
  readonly homeless: readonly PartyId[];
}

/** Does not depend on the question. */
const HOMES = new WeakMap<ReachIndex, Homes>();

function homesOf(index: ReachIndex): Homes {
  const known = HOMES.get(index);
  if (known !== undefined) return known;
  const homes: Record<keyof Homes, PartyId[]> = { nodes: [], pods: [], homeless: [] };
  for (let id = 0; id < index.partyCount; id += 1) {
    const party = id as PartyId;
    const { kind } = index.party(party);
    if (kind === 'node') homes.nodes.push(party);
    if (kind !== 'pods') continue;
    homes.pods.push(party);
    const pods = Array.from(index.podsOf(party));
    if (pods.some((pod) => index.view.nodeOf(pod) === undefined)) homes.homeless.push(party);
  }
  HOMES.set(index, homes);
  return homes;
}
