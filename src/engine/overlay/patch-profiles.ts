import { DENSE, hasMember } from '../index/class-set.ts';
import type { SetArenas } from '../index/class-set.ts';
import type { Csr } from '../index/csr.ts';
import type { ClassArenas, FlatArenas } from '../index/flat-arenas.ts';
import { OF_CLASSES } from '../index/policy-tables.ts';
import { firstAtLeast } from './patch-policies.ts';
import type { PolicyPatch } from './patch-policies.ts';
import { spliceRows } from './splice.ts';

/** What classes are, as far as their groups go. */
export interface ProfilePatch {
  readonly profile: Int32Array;
  readonly flags: Uint8Array;
  /** Rows by profile: its groups, ascending. */
  readonly groups: Csr;
}

/**
 * Profiles and flags of the classes of `namespaces`, in which policies or classes are others; those of
 * all other classes stay.
 */
export function patchProfiles(
  arenas: FlatArenas,
  patch: PolicyPatch,
  { classes, selectors }: { readonly classes: ClassArenas; readonly selectors: SetArenas },
  namespaces: readonly number[],
): ProfilePatch {
  const { policies } = arenas;
  const old = { start: policies.profileStart, items: policies.profileGroups };
  const kept = keptProfiles(old, arenas, namespaces);
  const added: number[][] = [];
  const known = new Map<string, number>();
  const numberOf = (groups: number[]): number => {
    if (groups.length === 0 && 0 <= kept.empty) return kept.empty;
    const key = groups.join();
    const number = known.get(key) ?? kept.count + added.push(groups) - 1;
    known.set(key, number);
    return number;
  };
  const profile = new Int32Array(classes.profile.length);
  for (let one = 0; one < profile.length; one += 1) {
    profile[one] = kept.places[classes.profile[one]!]!;
  }
  const flags = classes.flags.slice();
  const dense = policies.denseSelectors;
  for (const namespace of namespaces) {
    const groupOf = groupsBySelector(patch, namespace);
    const end = classes.ofNamespace[namespace + 1]!;
    for (let one = classes.ofNamespace[namespace]!; one < end; one += 1) {
      const groups: number[] = [];
      const add = (selector: number): void => {
        const group = groupOf.get(selector);
        if (group !== undefined) groups.push(group);
      };
      add(0);
      for (let i = classes.selectorStart[one]!; i < classes.selectorStart[one + 1]!; i += 1) {
        add(classes.selectors[i]!);
      }
      for (const selector of dense) {
        if (selectors.form[selector] === DENSE && hasMember(selectors, selector, one))
          add(selector);
      }
      groups.sort((a, b) => a - b);
      profile[one] = numberOf(groups);
      flags[one] = groups.reduce(
        (all, group) => all | (patch.policies.groupFlags[group]! & OF_CLASSES),
        0,
      );
    }
  }
  const count = old.start.length - 1;
  const groups = spliceRows(
    old,
    [...kept.gone.map((row) => ({ from: row, end: row + 1 })), { from: count, end: count }],
    [...kept.gone.map(() => []), added],
    patch.groupPlaces,
  );
  return { profile, flags, groups };
}

/** Profiles without those of some namespaces. */
function keptProfiles(
  { start, items }: Csr,
  { numbers, policies }: FlatArenas,
  namespaces: readonly number[],
): {
  readonly places: Int32Array;
  readonly gone: readonly number[];
  readonly count: number;
  /** The profile without groups; -1: there is none. */
  readonly empty: number;
} {
  const isTouched = new Uint8Array(numbers.namespaces);
  for (const namespace of namespaces) isTouched[namespace] = 1;
  const places = new Int32Array(start.length - 1);
  const gone: number[] = [];
  let count = 0;
  let empty = -1;
  for (let one = 0; one + 1 < start.length; one += 1) {
    const isEmpty = start[one] === start[one + 1];
    // All groups of a profile are of one namespace.
    const group = isEmpty ? -1 : items[start[one]!]!;
    const scope = group < 0 ? -1 : policies.selectionScope[policies.groupSelection[group]!]!;
    if (isTouched[scope] === 1) {
      places[one] = -1;
      gone.push(one);
      continue;
    }
    if (isEmpty) empty = count;
    places[one] = count++;
  }
  return { places, gone, count, empty };
}

/** Groups of a namespace by their selector. */
function groupsBySelector(
  { policies, groupNamespace }: PolicyPatch,
  namespace: number,
): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  const end = firstAtLeast(groupNamespace, namespace + 1);
  for (let group = firstAtLeast(groupNamespace, namespace); group < end; group += 1) {
    found.set(policies.selectionSelector[policies.groupSelection[group]!]!, group);
  }
  return found;
}
