import type { Family } from '../../model/address.ts';
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
    const others = lookUp(index, targets, isUsualTarget);
    for (const source of sources) {
      const plain = isUsualSource(index, source) ? others : undefined;
      for (const target of plain?.odd ?? targets) judge(source, target);
      plain?.usual.visit(
        index.destinationsOf(source.party),
        source.party,
        (target) => (judge(source, target), true),
        (target) => {
          if (haveCommonFamily(index, source, target)) shut(target.ports);
        },
      );
    }
    return;
  }
  const others = isLarge(index, sources) ? lookUp(index, sources, isUsualSource) : undefined;
  for (const target of targets) {
    const plain = isUsualTarget(index, target) ? others : undefined;
    for (const source of plain?.odd ?? sources) judge(source, target);
    plain?.usual.visit(
      index.sourcesOf(target.party),
      target.party,
      (source) => (judge(source, target), true),
      (source) => {
        if (haveCommonFamily(index, source, target)) shut(target.ports);
      },
    );
  }
}

/** The groups of a side that can be looked up, and those that are judged whoever is asked about. */
interface Sorted<Group extends EndGroup> {
  readonly usual: LargeSide<Group>;
  readonly odd: readonly Group[];
}

/** Sides are few and rows many. */
const SORTED = new WeakMap<readonly EndGroup[], Sorted<EndGroup>>();

function lookUp<Group extends EndGroup>(
  index: ReachIndex,
  groups: readonly Group[],
  isUsual: (index: ReachIndex, group: Group) => boolean,
): Sorted<Group> {
  // What is kept for these very groups was made of them.
  const known = SORTED.get(groups) as Sorted<Group> | undefined;
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
  SORTED.set(groups, made);
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
