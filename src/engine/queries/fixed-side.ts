import type { Family } from '../../model/address.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { PartyId } from '../party.ts';
import type { EndGroup, TargetGroup } from './cases.ts';
import type { PortView } from './case-result.ts';
import { isLikeAnyNode, isPlain } from './plain-ends.ts';
import { LargeSide, isLarge } from './large-side.ts';

/** The end of a list that was named: the other one is every row of a table. */
export type FixedSide =
  | { readonly end: 'target'; readonly groups: readonly TargetGroup[] }
  /** `ports`: what is asked of every destination. */
  | { readonly end: 'source'; readonly groups: readonly EndGroup[]; readonly ports: PortView };

/** A group of the fixed side, without others that policies see alike. */
export interface FixedGroup {
  readonly party: PartyId;
  readonly isPod: boolean;
  readonly families: readonly Family[] | 'unknown';
  readonly ports: PortView;
}

/** Destination groups that are all asked for the same ports. */
export function withPorts(groups: readonly EndGroup[], ports: PortView): TargetGroup[] {
  return groups.map((group) => ({ ...group, ports }));
}

/** Undefined where a side is not large, or families of it are not known. */
export function largeSideOf(
  index: ReachIndex,
  groups: readonly FixedGroup[] | undefined,
): LargeSide<FixedGroup> | undefined {
  if (groups === undefined || !isLarge(index, groups)) return undefined;
  if (groups.some(({ families }) => families === 'unknown')) return undefined;
  const views = new Map<PortView, number>();
  return new LargeSide(groups, ({ families, isPod, ports }) => {
    const view = views.get(ports) ?? views.size;
    views.set(ports, view);
    return `${String(isPod)} ${String(families)} ${view}`;
  });
}

/** Undefined where cases of some group are more than sets of ports. */
export function fixedGroups(index: ReachIndex, side: FixedSide): readonly FixedGroup[] | undefined {
  const groups: readonly (EndGroup & { readonly ports: PortView })[] =
    side.end === 'target' ? side.groups : withPorts(side.groups, side.ports);
  const distinct = new Map<PartyId, Map<PortView, FixedGroup>>();
  for (const group of groups) {
    const party = index.likeOf(group.party);
    const found = index.party(party);
    const isAsUsual = isPlain(group.ports) && group.families === undefined;
    if (!isAsUsual || group.maybeNode !== undefined || found.kind === 'addresses') return undefined;
    if (side.end === 'target' && found.kind === 'node' && !isLikeAnyNode(index)) return undefined;
    const byPorts = distinct.get(party) ?? new Map<PortView, FixedGroup>();
    distinct.set(party, byPorts);
    const { ports } = group;
    byPorts.set(ports, {
      party,
      isPod: found.kind === 'pods',
      families: found.families,
      ports,
    });
  }
  return [...distinct.values()].flatMap((byPorts) => [...byPorts.values()]);
}
