import type { PartyId } from '../party.ts';
import type { ReachIndex } from '../reach-index.ts';

/** Groups of a side from which on it is quicker to ask who of them can be met at all. */
const LARGE = 128;

/** Whether a side is large, or not a small part of a small cluster. */
export function isLarge({ partyCount }: ReachIndex, groups: readonly unknown[]): boolean {
  return Math.min(LARGE, partyCount / 8) <= groups.length;
}

interface Member<Item> {
  readonly item: Item;
  /** Position among the kinds. */
  readonly kind: number;
}

interface KindOfItems<Item> {
  readonly example: Item;
  readonly count: number;
}

/**
 * The groups of a large side by party. Nearly all of them come to nothing for any one other end: the
 * index says who may come to something (`sourcesOf`, `destinationsOf`), and of all others only the
 * kinds matter.
 */
export class LargeSide<Item extends { readonly party: PartyId }> {
  readonly #byParty = new Map<PartyId, Member<Item>[]>();
  readonly #kinds: readonly KindOfItems<Item>[];
  readonly #seen: Int32Array;

  /** @param kindOf equal for items that are the same to whoever cannot reach them */
  constructor(items: readonly Item[], kindOf: (item: Item) => string) {
    const numbers = new Map<string, number>();
    const kinds: { example: Item; count: number }[] = [];
    for (const item of items) {
      const key = kindOf(item);
      const kind = numbers.get(key) ?? kinds.push({ example: item, count: 0 }) - 1;
      numbers.set(key, kind);
      const counted = kinds[kind];
      if (counted !== undefined) counted.count += 1;
      const members = this.#byParty.get(item.party);
      if (members === undefined) this.#byParty.set(item.party, [{ item, kind }]);
      else members.push({ item, kind });
    }
    this.#kinds = kinds;
    this.#seen = new Int32Array(kinds.length);
  }

  /**
   * Calls `judge` for every item that may come to something, and `shut` for one of each kind of which
   * others are left, until one of them returns false.
   *
   * @param met parties that may come to something, each once
   * @param own a party that is judged as well: who meets itself is no stranger
   * @returns whether none did
   */
  visit(
    met: ArrayLike<PartyId>,
    own: PartyId | undefined,
    judge: (item: Item) => boolean,
    shut: (example: Item) => void,
  ): boolean {
    const seen = this.#seen.fill(0);
    let isOwnMet = own === undefined;
    const judgeAll = (party: PartyId): boolean => {
      for (const { item, kind } of this.#byParty.get(party) ?? []) {
        seen[kind] = (seen[kind] ?? 0) + 1;
        if (!judge(item)) return false;
      }
      return true;
    };
    for (let i = 0; i < met.length; i += 1) {
      const party = met[i];
      if (party === undefined) continue;
      if (party === own) isOwnMet = true;
      if (!judgeAll(party)) return false;
    }
    if (own !== undefined && !isOwnMet && !judgeAll(own)) return false;
    for (const [kind, { example, count }] of this.#kinds.entries()) {
      if ((seen[kind] ?? 0) < count) shut(example);
    }
    return true;
  }
}
