import { NO_CONNECTIONS, intersect, isEmpty, subtract, union } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Family } from '../../model/address.ts';
import type { Implicit, Verdict } from '../../model/answer.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { PortView } from './case-result.ts';
import { casesOf, verdictOf } from './cases.ts';
import type { EndGroup, TargetGroup } from './cases.ts';

/** What a row comes to, before it is explained. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly implicit: Implicit | null;
}

/**
 * The verdict over all cases of two sides, equal to that of `tally(casesOf(…))`.
 *
 * Lists judge many pairs of groups and explain few: where both are pods that meet as strangers, and
 * the index is certain, only sets are added up and nothing else is made.
 */
export function judgeSides(
  index: ReachIndex,
  sources: readonly EndGroup[],
  targets: readonly TargetGroup[],
  open: boolean,
): Judgement {
  const explicit = new Sum();
  const implied = new Sum();
  let implicit: Implicit | null = null;
  for (const target of targets) {
    for (const source of sources) {
      if (addStrangers(index, source, target, explicit)) continue;
      for (const one of casesOf(index, source, target)) {
        if (one.implicit === null) {
          explicit.add(one.result);
        } else {
          implicit ??= one.implicit;
          implied.add(one.result);
        }
      }
    }
  }
  if (explicit.isUsed) return { verdict: explicit.verdict(open), implicit: null };
  return { verdict: implied.verdict(open), implicit };
}

type PortSets = Parameters<typeof verdictOf>[0];

/** Sets of ports over cases; each distinct one is added once. */
class Sum {
  readonly #seen = new Set<PortSets>();
  readonly #allowed = new Set<ConnectionSet>();
  readonly #denied = new Set<ConnectionSet>();
  readonly #undetermined = new Set<ConnectionSet>();

  get isUsed(): boolean {
    return this.#seen.size !== 0;
  }

  add(sets: PortSets): void {
    if (this.#seen.has(sets)) return;
    this.#seen.add(sets);
    this.#allowed.add(sets.allowed);
    this.#denied.add(sets.denied);
    this.#undetermined.add(sets.undetermined);
  }

  verdict(open: boolean): Verdict {
    const allowed = unionOf(this.#allowed);
    const undetermined = unionOf(this.#undetermined);
    const all = unionOf(this.#denied);
    const denied = open ? intersect(all, union(allowed, undetermined)) : all;
    return verdictOf({ allowed, denied, undetermined });
  }
}

function unionOf(sets: Iterable<ConnectionSet>): ConnectionSet {
  let sum = NO_CONNECTIONS;
  for (const set of sets) sum = union(sum, set);
  return sum;
}

/** Adds the cases of two groups of different pods; false when there is more to them than that. */
function addStrangers(index: ReachIndex, source: EndGroup, target: TargetGroup, sum: Sum): boolean {
  // One party may meet itself.
  if (source.party === target.party || !isPlain(target.ports)) return false;
  if (source.maybeNode !== undefined) return false;
  if (source.families !== undefined || target.families !== undefined) return false;
  const from = index.party(source.party);
  const to = index.party(target.party);
  if (from.kind !== 'pods' || to.kind === 'addresses') return false;
  if (to.kind === 'node' && !isLikeAnyNode(index)) return false;
  const families = common(from.families, to.families);
  if (families === undefined) return false;
  const found: PortSets[] = [];
  for (const family of families) {
    const allowed = index.certain(source.party, target.party, family);
    if (allowed === undefined) return false;
    found.push(cutTo(target.ports, allowed));
  }
  for (const sets of found) sum.add(sets);
  return true;
}

/** Whether a pod's own node is like any other to it, as a destination. */
function isLikeAnyNode({ options }: ReachIndex): boolean {
  return options.localNode !== 'both';
}

function isPlain(ports: PortView): boolean {
  return (
    ports.service === undefined &&
    ports.clients === undefined &&
    ports.rivals === undefined &&
    ports.masquerade !== true &&
    (ports.doubts === undefined || ports.doubts.length === 0)
  );
}

/** Families both have; undefined when the addresses of one are not known. */
function common(
  a: readonly Family[] | 'unknown',
  b: readonly Family[] | 'unknown',
): readonly Family[] | undefined {
  if (a === 'unknown' || b === 'unknown') return undefined;
  return a === b ? a : a.filter((family) => b.includes(family));
}

/** A list meets the same few sets again and again. */
const CUTS = new WeakMap<PortView, Map<ConnectionSet, PortSets>>();

function cutTo(ports: PortView, allowed: ConnectionSet): PortSets {
  const cuts = CUTS.get(ports) ?? new Map<ConnectionSet, PortSets>();
  CUTS.set(ports, cuts);
  const known = cuts.get(allowed);
  if (known !== undefined) return known;
  const { asked } = ports;
  const both = intersect(allowed, asked);
  const cut = {
    allowed: both,
    denied: isEmpty(both) ? asked : subtract(asked, both),
    undetermined: NO_CONNECTIONS,
  };
  cuts.set(allowed, cut);
  return cut;
}
