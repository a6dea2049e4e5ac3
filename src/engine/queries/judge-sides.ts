import {
  ALL_PORTS,
  NO_CONNECTIONS,
  equalConnections,
  intersect,
  isEmpty,
  printConnections,
  subtract,
  union,
} from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Implicit, Verdict } from '../../model/answer.ts';
import { ownNodeComesFirst } from '../pair/evaluate.ts';
import type { NodeOrdinal, PodOrdinal } from '../model-view.ts';
import type { PairQuestion, ReachIndex } from '../reach-index.ts';
import type { PortView } from './case-result.ts';
import { casesOf, verdictOf } from './cases.ts';
import { eachPair } from './each-pair.ts';
import { isLikeAnyNode, isPlain, sharedFamilies } from './plain-ends.ts';
import type { EndGroup, TargetGroup } from './cases.ts';

/** What a row comes to, before it is explained. */
export interface Judgement extends PortTotal {
  readonly implicit: Implicit | null;
  /** Some of its cases come to something else than others. */
  readonly differs: boolean;
}

/** Sets of ports over cases and the verdict they come to. */
export interface PortTotal {
  readonly verdict: Verdict;
  readonly allowed: ConnectionSet;
  readonly undetermined: ConnectionSet;
}

/**
 * The verdict over all cases of two sides, equal to that of `tally(casesOf(…))`.
 *
 * What only self or own-node traffic decides counts for nothing where it is not `implicit`ly listed.
 *
 * Lists judge many pairs of groups and explain few: where both are pods that meet as strangers, and
 * the index is certain, only sets are added up and nothing else is made.
 */
export function judgeSides(
  index: ReachIndex,
  sources: readonly EndGroup[],
  targets: readonly TargetGroup[],
  { open, implicit: isImpliedListed }: { readonly open: boolean; readonly implicit: boolean },
): Judgement {
  const explicit = new PortSum();
  const implied = new PortSum();
  let implicit: Implicit | null = null;
  const judge = (source: EndGroup, target: TargetGroup): void => {
    if (addStrangers(index, source, target, explicit)) return;
    if (!isImpliedListed && isImplied(index, source, target)) return;
    for (const one of casesOf(index, source, target)) {
      if (one.implicit === null) {
        explicit.add(one.result);
      } else {
        implicit ??= one.implicit;
        implied.add(one.result);
      }
    }
  };
  eachPair(index, sources, targets, judge, (ports) => {
    explicit.add(cutTo(ports, NO_CONNECTIONS));
  });
  const sum = explicit.isUsed ? explicit : implied;
  return {
    ...sum.total(open),
    differs: sum.differs,
    implicit: explicit.isUsed ? null : implicit,
  };
}

/** What one case comes to, in sets of ports. */
export type PortSets = Parameters<typeof verdictOf>[0];

/** Sets of ports over cases; each distinct one is added once. */
export class PortSum {
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

  /** Whether what was added is not all the same. */
  get differs(): boolean {
    const [first, ...rest] = this.#seen;
    return first !== undefined && rest.some((one) => !equalSets(one, first));
  }

  /** The ports of {@link total} as text, which is short to make where only one thing was added. */
  rights(open: boolean): string {
    const [first, ...rest] = this.#seen;
    if (first === undefined || rest.length !== 0) return printRights(this.#sum(open));
    const known = (open ? OPEN_RIGHTS : RIGHTS).get(first) ?? printRights(this.#sum(open));
    (open ? OPEN_RIGHTS : RIGHTS).set(first, known);
    return known;
  }

  /** @param open any port was asked for: what is denied everywhere does not count */
  total(open: boolean): PortTotal {
    const sum = this.#sum(open);
    return { verdict: verdictOf(sum), allowed: sum.allowed, undetermined: sum.undetermined };
  }

  /** Every port that was asked for. */
  whole(): PortSets & { readonly verdict: Verdict } {
    const [first, ...rest] = this.#seen;
    const sum = first !== undefined && rest.length === 0 ? first : this.#sum(false);
    return { ...sum, verdict: verdictOf(sum) };
  }

  #sum(open: boolean): PortSets {
    const allowed = unionOf(this.#allowed);
    const undetermined = unionOf(this.#undetermined);
    const all = unionOf(this.#denied);
    const denied = open ? intersect(all, union(allowed, undetermined)) : all;
    return { allowed, denied, undetermined };
  }
}

/** Sets of ports as text: equal texts, equal ports. */
export function printRights(sets: PortSets): string {
  return [sets.allowed, sets.denied, sets.undetermined]
    .map((set) => printConnections(intersect(set, ALL_PORTS)))
    .join('|');
}

const RIGHTS = new WeakMap<PortSets, string>();
const OPEN_RIGHTS = new WeakMap<PortSets, string>();

function equalSets(a: PortSets, b: PortSets): boolean {
  return (
    equalConnections(a.allowed, b.allowed) &&
    equalConnections(a.denied, b.denied) &&
    equalConnections(a.undetermined, b.undetermined)
  );
}

function unionOf(sets: Iterable<ConnectionSet>): ConnectionSet {
  let sum = NO_CONNECTIONS;
  for (const set of sets) sum = union(sum, set);
  return sum;
}

/** Adds the cases of two groups of strangers; false when there is more to them than that. */
export function addStrangers(
  index: ReachIndex,
  source: EndGroup,
  target: TargetGroup,
  sum: PortSum,
): boolean {
  if (!isPlain(target.ports) || onlyItself(source, target)) return false;
  if (source.maybeNode !== undefined) return false;
  if (source.families !== undefined || target.families !== undefined) return false;
  const from = index.party(source.party);
  const to = index.party(target.party);
  if (from.kind === 'addresses' || to.kind === 'addresses') {
    // A family of its own; only where the other end is a pod is there anything to judge.
    return addOutside(index, source, target, sum);
  }
  if (from.kind === 'node') {
    if (to.kind !== 'pods' || mayBeAtHome(index, from.node, target.pods)) return false;
  } else if (to.kind === 'node' && !isLikeAnyNode(index)) return false;
  const families = sharedFamilies(from.families, to.families);
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

/** Whether a pod runs on `node`, or may do so; of most nodes and pods it is known that they do not. */
function mayBeAtHome(
  { view }: ReachIndex,
  node: NodeOrdinal | undefined,
  pods: readonly PodOrdinal[],
): boolean {
  if (node === undefined) return true;
  return pods.some((pod) => (view.nodeOf(pod) ?? node) === node);
}

/** Adds the cases of a pod and an outside address. */
function addOutside(
  index: ReachIndex,
  source: EndGroup,
  target: TargetGroup,
  sum: PortSum,
): boolean {
  const [from, to] = [index.party(source.party), index.party(target.party)];
  const outside = from.kind === 'addresses' ? from : to;
  const inside = outside === from ? to : from;
  if (outside.kind !== 'addresses') return false;
  // Without a pod at either end there is nothing to judge.
  if (inside.kind !== 'pods') return true;
  if (inside.families === 'unknown') return false;
  if (!inside.families.includes(outside.family)) return true;
  const allowed = index.certain(source.party, target.party, outside.family);
  if (allowed === undefined) return false;
  sum.add(cutTo(target.ports, allowed));
  return true;
}

/** Whether all cases of two groups are implicit, as far as that is known without judging them. */
function isImplied(index: ReachIndex, source: EndGroup, target: TargetGroup): boolean {
  if (index.party(target.party).kind !== 'pods') return false;
  if (index.party(source.party).kind === 'pods') return onlyItself(source, target);
  const [node, ...others] = source.nodes;
  if (node === undefined || others.length + source.pods.length !== 0) return false;
  return (
    ownNodeComesFirst(index) &&
    target.pods.every((pod) => index.view.nodeOf(pod) === node) &&
    index.reach(strangers(source, target)).ingress.isolated === true
  );
}

/** How isolated a pod is does not depend on who asks. */
function strangers({ party: source }: EndGroup, { party: destination }: EndGroup): PairQuestion {
  return { source, destination, family: null, relation: 'NONE' };
}

/** One pod that would only meet itself; other pods of a party are strangers to each other. */
function onlyItself(source: EndGroup, target: EndGroup): boolean {
  if (source.party !== target.party || 1 < source.pods.length || 1 < target.pods.length)
    return false;
  return source.pods[0] === target.pods[0];
}

const CUTS = new WeakMap<PortView, Map<ConnectionSet, PortSets>>();

/** `allowed` cut down to the asked ports: a list meets the same few sets again and again. */
export function cutTo(ports: PortView, allowed: ConnectionSet): PortSets {
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
