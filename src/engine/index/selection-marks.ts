import { eachMember, hasMember } from './class-set.ts';
import { csrOf, findIn } from './csr.ts';
import type { Csr } from './csr.ts';
import type { FlatArenas } from './flat-arenas.ts';
import { IntList } from './int-list.ts';
import type { PartyBits } from './party-bits.ts';
import { PEER_SELECTIONS } from './policy-tables.ts';
import { CONFLICTS } from './project.ts';

/** So many selections of one selector are faster tried than looked up. */
const SCANNED_MAX = 8;

/**
 * Selections and the parties they hold, both ways: what a selection is, as bits of parties, and which
 * selections hold a party, found from its few selectors rather than stored.
 */
export class SelectionMarks {
  readonly #arenas: FlatArenas;
  readonly #namespaces: number;
  readonly #peersEnd: number;
  /** Whether namespaces count that a scope only may hold. */
  readonly #possible: boolean;
  /** Scopes across namespaces by namespace, ascending. */
  #scopesOf: Csr | undefined;

  /** @param possible whether what may be held counts as well */
  constructor(arenas: FlatArenas, possible: boolean) {
    this.#arenas = arenas;
    this.#namespaces = arenas.numbers.namespaces;
    this.#peersEnd = PEER_SELECTIONS + arenas.policies.selectionScope.length;
    this.#possible = possible;
  }

  /** Adds the parties of a selection to `bits`; of those in conflict some, as the case may be. */
  mark(bits: PartyBits, selection: number): void {
    const { policies, scopes, possibleScopes } = this.#arenas;
    const scope = policies.selectionScope[selection]!;
    const selector = policies.selectionSelector[selection]!;
    if (scope < this.#namespaces) {
      this.#markClasses(bits, selector, scope, scope + 1);
    } else if (scope === this.#namespaces) {
      this.#markClasses(bits, selector, 0, this.#namespaces);
    } else if (scope !== this.#namespaces + 1) {
      const mark = (namespace: number): void =>
        this.#markClasses(bits, selector, namespace, namespace + 1);
      const selected = scope - this.#namespaces - 2;
      eachMember(scopes, selected, 0, this.#namespaces, mark);
      if (this.#possible) eachMember(possibleScopes, selected, 0, this.#namespaces, mark);
    }
  }

  /** Calls `visit` with the peer of each selection that holds the pods of class `one`. */
  eachOf(one: number, namespace: number, visit: (peer: number) => void): void {
    const { classes, policies, selectors } = this.#arenas;
    if ((classes.flags[one]! & CONFLICTS) !== 0) {
      if (!this.#possible) return;
      for (let peer = PEER_SELECTIONS; peer < this.#peersEnd; peer += 1) visit(peer);
      return;
    }
    this.#visit(0, namespace, visit);
    for (let i = classes.selectorStart[one]!; i < classes.selectorStart[one + 1]!; i += 1) {
      this.#visit(classes.selectors[i]!, namespace, visit);
    }
    const { denseSelectors } = policies;
    for (let i = 0; i < denseSelectors.length; i += 1) {
      const selector = denseSelectors[i]!;
      if (hasMember(selectors, selector, one)) this.#visit(selector, namespace, visit);
    }
  }

  #visit(selector: number, namespace: number, visit: (peer: number) => void): void {
    const { scopeSelections, selectionSelector, selectionScope, acrossStart, across } =
      this.#arenas.policies;
    const end = scopeSelections[namespace + 1]!;
    const here = findIn(selectionSelector, selector, scopeSelections[namespace]!, end);
    if (0 <= here) visit(PEER_SELECTIONS + here);
    const [from, last] = [acrossStart[selector]!, acrossStart[selector + 1]!];
    if (last - from <= SCANNED_MAX) {
      for (let i = from; i < last; i += 1) {
        const selection = across[i]!;
        if (this.#holds(selectionScope[selection]!, namespace)) visit(PEER_SELECTIONS + selection);
      }
      return;
    }
    // Both are ascending by scope: the few scopes of the namespace are looked up among the many.
    this.#scopesOf ??= indexScopes(this.#arenas, this.#possible);
    const { start, items } = this.#scopesOf;
    for (let i = start[namespace]!; i < start[namespace + 1]!; i += 1) {
      const first = scopeSelections[items[i]!]!;
      const selection = findIn(selectionSelector, selector, first, scopeSelections[items[i]! + 1]!);
      if (0 <= selection) visit(PEER_SELECTIONS + selection);
    }
  }

  #holds(scope: number, namespace: number): boolean {
    const selected = scope - this.#namespaces - 2;
    if (selected < 0) return selected === -2;
    const { scopes, possibleScopes } = this.#arenas;
    if (hasMember(scopes, selected, namespace)) return true;
    return this.#possible && hasMember(possibleScopes, selected, namespace);
  }

  /** Parties that a selector holds in the namespaces from `first` to before `last`. */
  #markClasses(bits: PartyBits, selector: number, first: number, last: number): void {
    const { classes, selectors } = this.#arenas;
    const { ofNamespace, parties } = classes;
    const [from, end] = [ofNamespace[first]!, ofNamespace[last]!];
    if (selector === 0) {
      bits.add(parties[from]!, parties[end]!);
      return;
    }
    eachMember(selectors, selector, from, end, (one) => bits.add(parties[one]!, parties[one + 1]!));
  }
}

/** Scopes across namespaces, by namespace. */
function indexScopes({ numbers, scopes, possibleScopes }: FlatArenas, possible: boolean): Csr {
  const { namespaces } = numbers;
  const owners = new IntList();
  const items = new IntList();
  for (let namespace = 0; namespace < namespaces; namespace += 1) {
    owners.push(namespace);
    items.push(namespaces);
  }
  for (let i = 0; i < scopes.form.length; i += 1) {
    const add = (namespace: number): void => {
      owners.push(namespace);
      items.push(namespaces + 2 + i);
    };
    eachMember(scopes, i, 0, namespaces, add);
    if (possible) eachMember(possibleScopes, i, 0, namespaces, add);
  }
  return csrOf(namespaces, owners.toArray(), items.toArray());
}
