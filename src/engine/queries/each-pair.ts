import type { Family } from '../../model/address.ts';
import type { PartyId } from '../party.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { PortView } from './case-result.ts';
import type { EndGroup, TargetGroup } from './cases.ts';
import { isLikeAnyNode, isPlain, sharedFamilies } from './plain-ends.ts';
import { LargeSide, isLarge } from './large-side.ts';

/**
 * Calls `judge` for the pairs of two sides. Where one side is large, pairs that certainly come to nothing
 * are left out: `shut` is told the ports that are asked for there, once or more often.
 */
export function eachPair(
  index: ReachIndex,
  sources: readonly EndGroup[],
  targets: readonly TargetGroup[],
  judge: (source: EndGroup, target: TargetGroup) => void,
  shut: (ports: PortView) => void,
): void {
  if (isLarge(index, targets)) {
    const sorted = lookUp(index, targets, { known: TARGETS, isUsual: isUsualTarget });
    for (const source of sources) {
      const meeting = (target: TargetGroup): void => {
        judge(source, target);
      };
      if (!isUsualSource(index, source)) targets.forEach(meeting);
      else {
        eachMet(sorted, source.party, index.destinationsOf(source.party), meeting, (target) => {
          if (haveCommonFamily(index, source, target)) shut(target.ports);
        });
      }
    }
    return;
  }
  const sorted = isLarge(index, sources)
    ? lookUp(index, sources, { known: SOURCES, isUsual: isUsualSource })
    : undefined;
  for (const target of targets) {
    const meeting = (source: EndGroup): void => {
      judge(source, target);
    };
    if (sorted === undefined || !isUsualTarget(index, target)) sources.forEach(meeting);
    else {
      eachMet(sorted, target.party, index.sourcesOf(target.party), meeting, (source) => {
        if (haveCommonFamily(index, source, target)) shut(target.ports);
      });
    }
  }
}

/** Calls `meeting` for those of a large side that `own` may meet, and `shut` for what the others are. */
function eachMet<Group extends EndGroup>(
  { usual, odd }: Sorted<Group>,
  own: PartyId,
  met: ArrayLike<PartyId>,
  meeting: (group: Group) => void,
  shut: (example: Group) => void,
): void {
  odd.forEach(meeting);
  usual.visit(met, own, (group) => (meeting(group), true), shut);
}

/** The groups of a side that can be looked up, and those that are judged whoever is asked about. */
interface Sorted<Group extends EndGroup> {
  readonly usual: LargeSide<Group>;
  readonly odd: readonly Group[];
}

/** Sides are few and rows many. What is usual of a source need not be of a target. */
type KnownSides<Group extends EndGroup> = WeakMap<readonly Group[], Sorted<Group>>;
const SOURCES: KnownSides<EndGroup> = new WeakMap();
const TARGETS: KnownSides<TargetGroup> = new WeakMap();

function lookUp<Group extends EndGroup>(
  index: ReachIndex,
  groups: readonly Group[],
  {
    known: sides,
    isUsual,
  }: {
    readonly known: KnownSides<Group>;
    readonly isUsual: (index: ReachIndex, group: Group) => boolean;
  },
): Sorted<Group> {
  const known = sides.get(groups);
  if (known !== undefined) return known;
  const usual = groups.filter((group) => isUsual(index, group));
  const odd = groups.filter((group) => !isUsual(index, group));
  const views = new Map<PortView | undefined, number>();
  const kindOf = (group: EndGroup & { readonly ports?: PortView }): string => {
    const view = views.get(group.ports) ?? views.size;
    views.set(group.ports, view);
    return `${String(familiesOf(index, group))} ${view}`;
  };
  const made: Sorted<Group> = { usual: new LargeSide(usual, kindOf), odd };
  sides.set(groups, made);
  return made;
}

/** A pod to whom everybody but itself is a stranger. */
function isUsualSource(index: ReachIndex, group: EndGroup): boolean {
  return index.party(group.party).kind === 'pods' && isUsual(index, group);
}

/** A pod, or a node that is like any other, that is asked for its own ports. */
function isUsualTarget(index: ReachIndex, group: TargetGroup): boolean {
  const { kind } = index.party(group.party);
  const isStranger = kind === 'pods' || (kind === 'node' && isLikeAnyNode(index));
  return isStranger && isPlain(group.ports) && isUsual(index, group);
}

function isUsual(index: ReachIndex, group: EndGroup): boolean {
  const isNarrowed = group.families !== undefined || group.maybeNode !== undefined;
  return !isNarrowed && familiesOf(index, group) !== 'unknown';
}

function haveCommonFamily(index: ReachIndex, a: EndGroup, b: EndGroup): boolean {
  return sharedFamilies(familiesOf(index, a), familiesOf(index, b))?.length !== 0;
}

function familiesOf(index: ReachIndex, { party }: EndGroup): readonly Family[] | 'unknown' {
  const one = index.party(party);
  return one.kind === 'addresses' ? [one.family] : one.families;
}
