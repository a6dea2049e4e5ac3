import type { Family } from '../../model/address.ts';
import { NO_CONNECTIONS, portRangesOf } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { VerdictShare } from '../../model/answer.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { PartyId } from '../party.ts';
import type { EndGroup } from './cases.ts';
import { fixedGroups, largeSideOf, withPorts } from './fixed-side.ts';
import type { FixedGroup, FixedSide } from './fixed-side.ts';
import { PortSum, cutTo, judgeSides } from './judge-sides.ts';
import type { PortSets } from './judge-sides.ts';
import type { LargeSide } from './large-side.ts';
import { sharedFamilies } from './plain-ends.ts';
import type { RowTable } from './row-table.ts';

/** What judging a case takes, in pairs of groups that are certain. */
const CASE_WORK = 16;

/** Verdict number of a class whose rows are judged one by one. */
export const APART = -1;

/** A list of distinct sets that cases come to. What a class comes to is the end of a path of them. */
interface Place {
  readonly sets: ReadonlySet<PortSets>;
  readonly next: Map<PortSets, Place>;
  /** Number of its verdict, when something has ended here. */
  verdict: number | undefined;
}

/**
 * Verdicts by the sets that the cases of a row come to: there are few of them, and equal ones are the
 * same object, so that most classes are judged by walking a path that others walked before.
 */
export class Paths {
  readonly verdicts: (VerdictShare | undefined)[] = [undefined];
  readonly #index: ReachIndex;
  readonly #side: FixedSide;
  readonly #open: boolean;
  readonly #root: Place = { sets: new Set(), next: new Map(), verdict: undefined };
  /** Undefined where cases are more than the sets of strangers. */
  readonly #fixed: readonly FixedGroup[] | undefined;
  /** The same, of a large side. */
  readonly #large: LargeSide<FixedGroup> | undefined;

  #work = 0;

  constructor(index: ReachIndex, side: FixedSide, open: boolean) {
    this.#index = index;
    this.#side = side;
    this.#open = open;
    this.#fixed = fixedGroups(index, side);
    this.#large = largeSideOf(index, this.#fixed);
  }

  /** Pairs of groups that were looked at so far, about. */
  get work(): number {
    return this.#work;
  }

  /** Number of the verdict of the class that `row` is of; 0 for no row, or {@link APART}. */
  verdictOf(table: RowTable, row: number): number {
    const { groups } = table.endOf(row);
    let place: Place | undefined = this.#root;
    for (const { party } of groups) {
      place = this.#walk(place, party);
      if (place === undefined) break;
    }
    if (place !== undefined) return (place.verdict ??= this.#number(place.sets));
    return table.isNode(row) ? APART : this.#judged(groups);
  }

  /** Where the cases of `party` lead; undefined when that takes more than their sets. */
  #walk(from: Place, party: PartyId): Place | undefined {
    if (this.#fixed === undefined) return undefined;
    const index = this.#index;
    const other = index.party(party);
    if (other.kind === 'addresses') return undefined;
    if (this.#large !== undefined) return this.#walkLarge(this.#large, from, party);
    this.#work += this.#fixed.length;
    const isPod = other.kind === 'pods';
    const isTarget = this.#side.end === 'target';
    let place = from;
    for (const fixed of this.#fixed) {
      if (!isPod && !fixed.isPod) continue;
      const families = sharedFamilies(other.families, fixed.families);
      if (families === undefined) return undefined;
      for (const family of families) {
        const allowed: ConnectionSet | undefined = isTarget
          ? index.certain(party, fixed.party, family)
          : index.certain(fixed.party, party, family);
        if (allowed === undefined) return undefined;
        place = step(place, cutTo(fixed.ports, allowed));
      }
    }
    return place;
  }

  #walkLarge(large: LargeSide<FixedGroup>, from: Place, party: PartyId): Place | undefined {
    const index = this.#index;
    const other = index.party(party);
    const isPod = other.kind === 'pods';
    const isTarget = this.#side.end === 'target';
    if (other.kind === 'addresses' || other.families === 'unknown') return undefined;
    let place = from;
    const add = (
      fixed: FixedGroup,
      allowedIn: (family: Family) => ConnectionSet | undefined,
    ): boolean => {
      if (!isPod && !fixed.isPod) return true;
      for (const family of sharedFamilies(other.families, fixed.families) ?? []) {
        const allowed = allowedIn(family);
        if (allowed === undefined) return false;
        place = step(place, cutTo(fixed.ports, allowed));
      }
      return true;
    };
    const met = isTarget ? index.destinationsOf(party) : index.sourcesOf(party);
    this.#work += met.length;
    const isCertain = large.visit(
      met,
      undefined,
      (fixed) =>
        add(fixed, (family) =>
          isTarget
            ? index.certain(party, fixed.party, family)
            : index.certain(fixed.party, party, family),
        ),
      (fixed) => void add(fixed, () => NO_CONNECTIONS),
    );
    return isCertain ? place : undefined;
  }

  #number(sets: ReadonlySet<PortSets>): number {
    const sum = new PortSum();
    for (const set of sets) sum.add(set);
    const { allowed, undetermined, verdict } = sum.total(this.#open);
    if (verdict === 'DENIED') return 0;
    return this.#add({
      verdict,
      ports: portRangesOf(allowed),
      undetermined: portRangesOf(undetermined),
      differs: sum.differs,
    });
  }

  /** The verdict of a row by its cases, which are not all certain. */
  #judged(groups: readonly EndGroup[]): number {
    const side = this.#side;
    this.#work += CASE_WORK * groups.length * side.groups.length;
    const options = { open: this.#open, implicit: true };
    const { verdict, implicit, ...rest } =
      side.end === 'target'
        ? judgeSides(this.#index, groups, side.groups, options)
        : judgeSides(this.#index, side.groups, withPorts(groups, side.ports), options);
    if (verdict === 'DENIED') return 0;
    if (implicit !== null) return APART;
    const { allowed, undetermined, differs } = rest;
    return this.#add({
      verdict,
      ports: portRangesOf(allowed),
      undetermined: portRangesOf(undetermined),
      differs,
    });
  }

  #add(verdict: VerdictShare): number {
    return this.verdicts.push(verdict) - 1;
  }
}

function step(place: Place, sets: PortSets): Place {
  if (place.sets.has(sets)) return place;
  const known = place.next.get(sets);
  if (known !== undefined) return known;
  const made: Place = {
    sets: new Set([...place.sets, sets]),
    next: new Map(),
    verdict: undefined,
  };
  place.next.set(sets, made);
  return made;
}
