import { FAMILY_ROWS } from './address-signatures.ts';
import type { FlatArenas } from './flat-arenas.ts';
import { PairTable } from './pair-table.ts';
import { PartyBits } from './party-bits.ts';
import { EGRESS, ISOLATES, UNCERTAIN } from './policy-tables.ts';
import { NO_SET } from './port-sets.ts';
import { CONFLICTS } from './project.ts';
import type { TierOutcomes } from './tier-outcomes.ts';

/*
 * Who is a candidate because of the tiers, or is none (candidates.ts): decided by the very outcomes that
 * pairs are judged by, so that an allow opens what NetworkPolicies closed, and a deny keeps lists short.
 *
 * What a list says of every peer, and what every list says of a peer, are two sets of bits each, and the
 * same for all subjects with the list, and all peers with the view. They are made when they are first asked
 * for.
 */

/** Parties that tiers decide about, whatever NetworkPolicies say; the others are left to those. */
export interface TierBits {
  /** They certainly or possibly allow something. */
  readonly admitted: PartyBits;
  /** They certainly allow nothing, and leave nothing. */
  readonly shut: PartyBits;
}

/** Bits kept for each of the two questions; then they are made anew. */
const KEPT_MAX = 256;

/** Rows of a signature that a connection can be asked about in, by the families of the end. */
const ROWS_ASKED: readonly (readonly number[])[] = [[0, 1, 2], [0], [1], [0, 1]];

/** Step of a key that stands for a party in two versions. */
const CONFLICT = -2;

/** What tiers say of whole sides at once. */
export class TierCandidates {
  readonly #arenas: FlatArenas;
  readonly #tiers: TierOutcomes;
  readonly #podParties: number;
  readonly #partyCount: number;
  readonly #peers = new Kept();
  readonly #subjects = new Kept();

  constructor(arenas: FlatArenas, tiers: TierOutcomes) {
    this.#arenas = arenas;
    this.#tiers = tiers;
    this.#podParties = arenas.numbers.podParties;
    this.#partyCount = arenas.parties.signature.length;
  }

  /** The list that speaks for pods of class `one`; 0 for none, and where nothing they say is certain. */
  listOf(one: number, direction: 0 | 1): number {
    const { flags, profile } = this.#arenas.classes;
    if (((flags[one]! >> direction) & UNCERTAIN) !== 0) return 0;
    return this.#tiers.listOf(profile[one]!, direction);
  }

  /** What the tiers say of all peers of pods of class `one`, which have a list. */
  peersOf(one: number, direction: 0 | 1): TierBits {
    const list = this.listOf(one, direction);
    const ownMap = direction === EGRESS ? -1 : this.#mapOf(one, list, direction);
    const isolated = this.#isIsolated(one, direction);
    const key = this.#peers.step(4 * list + 2 * direction + (isolated ? 1 : 0), ownMap);
    return this.#peers.get(key, () => {
      const bits = this.#newBits();
      for (let peer = 0; peer < this.#partyCount; peer += 1) {
        const map = ownMap < 0 ? this.#portMap(peer) : ownMap;
        this.#judge(bits, { list, direction, isolated, peer, map }, peer, peer + 1);
      }
      return bits;
    });
  }

  /** What the tiers of all pods say of `peer`. */
  subjectsOf(peer: number, direction: 0 | 1): TierBits {
    return this.#subjects.get(this.#keyOf(peer, direction), () => {
      const { classes } = this.#arenas;
      const bits = this.#newBits();
      for (let one = 0; one < classes.flags.length; one += 1) {
        const list = this.listOf(one, direction);
        if (list === 0) continue;
        const isolated = this.#isIsolated(one, direction);
        const map = direction === EGRESS ? this.#portMap(peer) : this.#mapOf(one, list, direction);
        const question = { list, direction, isolated, peer, map };
        this.#judge(bits, question, classes.parties[one]!, classes.parties[one + 1]!);
      }
      return bits;
    });
  }

  /** Adds the parties from `from` to before `end` where they belong, if anywhere. */
  #judge(
    { admitted, shut }: TierBits,
    question: {
      readonly list: number;
      readonly direction: 0 | 1;
      readonly isolated: boolean;
      readonly peer: number;
      readonly map: number;
    },
    from: number,
    end: number,
  ): void {
    const { list, direction, isolated, peer, map } = question;
    if (this.#isInConflict(peer) || this.#tiers.isBlind(list, direction, peer)) {
      admitted.add(from, end);
      return;
    }
    const tiers = this.#tiers;
    let isShut = true;
    for (const row of this.#rowsOf(peer)) {
      const outcome = tiers.of(list, direction, isolated, peer, row, map);
      if (tiers.admits(outcome)) {
        admitted.add(from, end);
        return;
      }
      isShut &&= tiers.restOf(outcome) === NO_SET;
    }
    if (isShut) shut.add(from, end);
  }

  /** Equal for peers of which the tiers of all pods say the same. */
  #keyOf(peer: number, direction: 0 | 1): number {
    const { views } = this.#tiers;
    // Unlike any step after it, so that no part of a longer key is a shorter one.
    const side = -2 - direction;
    if (this.#isInConflict(peer)) return this.#subjects.step(side, CONFLICT);
    const map = direction === EGRESS ? this.#portMap(peer) : 0;
    let key = this.#subjects.step(side, this.#subjects.step(views.byLabels(peer), map));
    for (const row of this.#rowsOf(peer)) {
      key = this.#subjects.step(key, FAMILY_ROWS * views.byAddress(peer, row) + row);
    }
    return key;
  }

  #rowsOf(peer: number): readonly number[] {
    const { parties, signatures } = this.#arenas;
    return ROWS_ASKED[signatures.families[parties.signature[peer]!]!]!;
  }

  #isInConflict(peer: number): boolean {
    if (this.#podParties <= peer) return false;
    const { classes, parties } = this.#arenas;
    return (classes.flags[parties.classOf[peer]!]! & CONFLICTS) !== 0;
  }

  #isIsolated(one: number, direction: 0 | 1): boolean {
    return ((this.#arenas.classes.flags[one]! >> direction) & ISOLATES) !== 0;
  }

  #mapOf(one: number, list: number, direction: 0 | 1): number {
    return this.#tiers.readsNames(list, direction) ? this.#arenas.classes.portMap[one]! : 0;
  }

  #portMap(party: number): number {
    if (this.#podParties <= party) return 0;
    const { classes, parties } = this.#arenas;
    return classes.portMap[parties.classOf[party]!]!;
  }

  #newBits(): TierBits {
    return {
      admitted: new PartyBits(this.#partyCount),
      shut: new PartyBits(this.#partyCount),
    };
  }
}

/** Bits by key; keys are nodes of a trie. */
class Kept {
  #trie = new PairTable(64);
  #bits = new Map<number, TierBits>();

  step(first: number, second: number): number {
    return this.#trie.idOf(first, second);
  }

  get(key: number, make: () => TierBits): TierBits {
    const known = this.#bits.get(key);
    if (known !== undefined) return known;
    if (KEPT_MAX <= this.#bits.size) this.#bits.clear();
    const made = make();
    this.#bits.set(key, made);
    return made;
  }
}
