import { containsRange, intersectRanges, parseCidr } from '../../../model/address.ts';
import type { EffectivePeer } from '../../../model/effective.ts';
import type { NamespaceScope, PeerAtom, PeerTerm, PodSelection } from '../../../model/policy.ts';
import { MATCH_ALL, NAMESPACE_NAME_LABEL, printSelector } from '../../../model/selector.ts';
import type { LabelSelector } from '../../../model/selector.ts';
import { printRef } from '../../refs/parse-ref.ts';

/** The other side of a rule: one entry of its peer list, or everyone when it has none. */
export interface RulePeer {
  /** Equal for entries that mean the same text. */
  readonly key: string;
  readonly term: { readonly negated: boolean; readonly atom: PeerAtom } | 'every';
  readonly told: EffectivePeer;
}

/** Everyone: the rule has no peer list. */
export const EVERYONE: RulePeer = {
  key: '*',
  term: 'every',
  told: { kind: 'EVERYONE', text: 'everyone', negated: false },
};

/** One entry of a peer list. */
export function rulePeerOf({ negated, atom }: PeerTerm): RulePeer {
  const simple = simplified(atom);
  const told = { ...tell(simple), negated };
  const scope = simple.kind === 'addresses' ? simple.owned : '';
  const key = [told.kind, told.text, negated, scope].join('|');
  return { key, term: { negated, atom: simple }, told };
}

/** A namespace by its name label is the namespace of that name (semantics R1.30). */
function simplified(atom: PeerAtom): PeerAtom {
  if (atom.kind !== 'pods' || atom.selection.namespaces.kind !== 'selected') return atom;
  const [one, ...others] = atom.selection.namespaces.selector.requirements;
  const isName = one?.key === NAMESPACE_NAME_LABEL && one.operator === 'In';
  const [name, ...names] = isName ? one.values : [];
  if (name === undefined || others.length + names.length !== 0) return atom;
  return { kind: 'pods', selection: { ...atom.selection, namespaces: { kind: 'named', name } } };
}

function tell(atom: PeerAtom): Omit<EffectivePeer, 'negated'> {
  switch (atom.kind) {
    case 'pods':
      return { kind: 'PODS', text: printSelection(atom.selection) };
    case 'addresses': {
      const { cidr, except } = atom;
      const holes = except.length === 0 ? '' : ` except ${except.join(',')}`;
      return { kind: 'ADDRESSES', text: `${cidr}${holes}`, cidr, except };
    }
    case 'nodes':
      return { kind: 'NODES', text: `nodes ${printSelector(atom.selector)}` };
    case 'opaque':
      return { kind: 'UNKNOWN', text: atom.reason };
  }
}

function printSelection({ namespaces, pods }: PodSelection): string {
  const isAll = namespaces.kind === 'selected' && isEverything(namespaces.selector);
  return printRef({
    kind: 'pods',
    namespaces: isAll ? { kind: 'every' } : namespaces,
    ...(isEverything(pods) ? {} : { selector: pods }),
  });
}

/**
 * Whether `outer` holds all that `inner` holds, whatever objects there are: by the texts alone, so
 * that some that happen to be equal today are not.
 */
export function coversPeer(
  { key, term: outer }: RulePeer,
  { key: innerKey, term: inner }: RulePeer,
): boolean {
  if (outer === 'every' || key === innerKey) return true;
  if (inner === 'every' || outer.negated || inner.negated) return false;
  const [a, b] = [outer.atom, inner.atom];
  if (a.kind === 'pods' && b.kind === 'pods') {
    return (
      coversScope(a.selection.namespaces, b.selection.namespaces) &&
      coversSelector(a.selection.pods, b.selection.pods)
    );
  }
  if (a.kind === 'addresses' && b.kind === 'addresses') return coversBlock(a, b);
  return a.kind === 'nodes' && b.kind === 'nodes' && coversSelector(a.selector, b.selector);
}

function coversScope(outer: NamespaceScope, inner: NamespaceScope): boolean {
  if (outer.kind === 'named') return inner.kind === 'named' && inner.name === outer.name;
  const selector = inner.kind === 'named' ? MATCH_ALL : inner.selector;
  return coversSelector(outer.selector, selector);
}

/** Fewer requirements hold more. */
function coversSelector(outer: LabelSelector, inner: LabelSelector): boolean {
  const asked = new Set(inner.requirements.map((one) => printSelector({ requirements: [one] })));
  return outer.requirements.every((one) => asked.has(printSelector({ requirements: [one] })));
}

function coversBlock(
  outer: PeerAtom & { kind: 'addresses' },
  inner: PeerAtom & { kind: 'addresses' },
): boolean {
  if (outer.owned === 'options' && inner.owned === 'always') return false;
  const [a, b] = [parseCidr(outer.cidr)?.range, parseCidr(inner.cidr)?.range];
  if (a === undefined || b === undefined || !containsRange(a, b)) return false;
  const holes = outer.except.flatMap((text) => parseCidr(text)?.range ?? []);
  return intersectRanges([b], holes).length === 0;
}

function isEverything({ requirements }: LabelSelector): boolean {
  return requirements.length === 0;
}
