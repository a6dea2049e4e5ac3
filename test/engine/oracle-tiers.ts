/**
 * The ordered tiers around NetworkPolicy, one packet at a time (semantics 4.4, 5.4): every way in
 * which what is not known could be is walked on its own.
 */
import type { KubeBlock, KubePolicyPort, KubeSelector } from '../support/kube-objects.ts';

/** What a rule of a tier names as the other side; host names may be those of anybody. */
export type TierPeer = { readonly negated: boolean } & (
  | { readonly namespaces: KubeSelector; readonly pods: KubeSelector }
  | { readonly block: KubeBlock }
  | { readonly nodes: KubeSelector }
  | { readonly names: readonly string[] }
);

/** A rule; without peers, for everyone, and without ports, on every port. */
export interface TierRule {
  readonly action: 'allow' | 'deny' | 'pass';
  readonly peers: readonly TierPeer[];
  /** A name without protocol is that of any protocol. */
  readonly ports: readonly KubePolicyPort[];
  /** It hangs on something no snapshot has: it may match wherever it seems to. */
  readonly opaque: boolean;
  /** How explanations name it: the short form of semantics 5.6. */
  readonly short?: string;
}

/** A policy of the admin or baseline tier, about one direction. */
export interface TierPolicy {
  readonly name: string;
  readonly tier: 'admin' | 'baseline';
  /** Lower first; equal orders that disagree leave the outcome undefined. */
  readonly order: number;
  readonly namespaces: KubeSelector;
  readonly pods: KubeSelector;
  readonly direction: 'Ingress' | 'Egress';
  readonly rules: readonly TierRule[];
}

/** What a tier may come to; `none`: nobody spoke. */
export type TierOutcome = 'allow' | 'deny' | 'pass' | 'none';

/** Everything `policies` (of one tier and direction, about the subject) may come to. */
export function tierOutcomes(
  policies: readonly TierPolicy[],
  match: (rule: TierRule) => 'yes' | 'no' | 'maybe',
): Set<TierOutcome> {
  const orders = [...new Set(policies.map(({ order }) => order))].sort((a, b) => a - b);
  const results = new Set<TierOutcome>();
  for (const order of orders) {
    const group = policies.filter((policy) => policy.order === order);
    const each = group.map(({ rules }) => firstMatches(rules, match));
    const combined = sideBySide(each);
    for (const outcome of combined) if (outcome !== 'none') results.add(outcome);
    if (!combined.has('none')) return results;
  }
  return results.add('none');
}

/** The rule that decides where {@link tierOutcomes} are one; undefined where the tier is left. */
export function tierWitness(
  policies: readonly TierPolicy[],
  match: (rule: TierRule) => 'yes' | 'no' | 'maybe',
): TierRule | undefined {
  const sorted = [...policies].sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
  for (const { rules } of sorted) {
    const first = rules.find((rule) => match(rule) === 'yes');
    if (first !== undefined) return first.action === 'pass' ? undefined : first;
  }
  return undefined;
}

/** Everything the first matching rule may do. */
function firstMatches(
  rules: readonly TierRule[],
  match: (rule: TierRule) => 'yes' | 'no' | 'maybe',
): Set<TierOutcome> {
  const results = new Set<TierOutcome>();
  for (const rule of rules) {
    const found = match(rule);
    if (found !== 'no') results.add(rule.action);
    if (found === 'yes') return results;
  }
  return results.add('none');
}

/** Policies of one order speak at once: where two of them differ, either may be heard. */
function sideBySide(each: readonly ReadonlySet<TierOutcome>[]): Set<TierOutcome> {
  let combined = new Set<TierOutcome>(['none']);
  for (const outcomes of each) {
    const next = new Set<TierOutcome>();
    for (const a of combined) {
      for (const b of outcomes) {
        if (a !== 'none' || b === 'none') next.add(a);
        if (b !== 'none') next.add(b);
      }
    }
    combined = next;
  }
  return combined;
}
