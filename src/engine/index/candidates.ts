import { FAMILY_ROWS } from './address-signatures.ts';
import { eachBlock, wordOf } from './block-sets.ts';
import { csrOf } from './csr.ts';
import type { Csr } from './csr.ts';
import type { EdgeArenas, FlatArenas } from './flat-arenas.ts';
import { IntList } from './int-list.ts';
import { PartyBits } from './party-bits.ts';
import {
  EVERYONE,
  INGRESS,
  ISOLATES,
  PEER_SELECTIONS,
  SOMEBODY,
  UNCERTAIN,
} from './policy-tables.ts';
import { SelectionMarks } from './selection-marks.ts';
import { TierCandidates } from './tier-candidates.ts';
import type { TierOutcomes } from './tier-outcomes.ts';

/*
 * Who may be on the other end of a party (performance C, "Queries", `who`).
 *
 *   near  what the party's own policies let in or out: the peer sets of its keys, or all
 *   far   those whose own policies let the party in or out: the subjects of the groups of every key whose
 *         peer set holds the party, and all that are open, because nothing isolates them for certain
 *   answer = near ∩ (far ∪ open)
 *
 * Both sides are bits, one for each party. Classes and namespaces are runs of parties, so most of what
 * is set is whole words, and a set knows the span it touches: a question about one namespace costs what
 * that namespace costs, O(span / 32 + classes that are set). Which peers hold the party is not stored
 * but found, from the few selectors and blocks that hold it.
 *
 * Where tiers decide about a pair before these do, either side is corrected (tier-candidates.ts).
 *
 * Ports are not compared: the answer can hold parties that no port is left for, and never lacks one.
 */

/** Pairs of block and signature that are worth an index; with more, blocks are tried one by one. */
const INDEXED_BLOCKS_MAX = 1_000_000;

/** Finds candidates; not reentrant, as it keeps its scratch. */
export class CandidateFinder {
  readonly #arenas: FlatArenas;
  readonly #indexedBlocksMax: number;
  readonly #selections: SelectionMarks;
  readonly #podParties: number;
  readonly #partyCount: number;
  readonly #blockPeers: number;
  readonly #edges: readonly [EdgeArenas, EdgeArenas];
  readonly #near: PartyBits;
  readonly #far: PartyBits;
  readonly #tiers: TierCandidates | undefined;
  /** By direction: parties whose own policies certainly or possibly let anyone through. */
  readonly #open: [PartyBits | undefined, PartyBits | undefined] = [undefined, undefined];
  /** Blocks that the policies of the party name. */
  readonly #blocks = new IntList();
  /** Signatures by block that may hold them; null when there are too many. */
  #signaturesOf: Csr | null | undefined = undefined;
  /** Stamps of peers that were met on this side of this question. */
  readonly #met: Int32Array;
  #stamp = 0;

  /**
   * @param tiers undefined: there are none
   * @param indexedBlocksMax pairs of block and signature above which there is no index of them
   */
  constructor(
    arenas: FlatArenas,
    tiers: TierOutcomes | undefined,
    indexedBlocksMax = INDEXED_BLOCKS_MAX,
  ) {
    const { numbers, parties, policies } = arenas;
    this.#arenas = arenas;
    this.#indexedBlocksMax = indexedBlocksMax;
    this.#tiers = tiers === undefined ? undefined : new TierCandidates(arenas, tiers);
    this.#selections = new SelectionMarks(arenas, true);
    this.#podParties = numbers.podParties;
    this.#partyCount = parties.signature.length;
    this.#blockPeers = PEER_SELECTIONS + policies.selectionScope.length;
    this.#edges = [arenas.egress, arenas.ingress];
    this.#near = new PartyBits(this.#partyCount);
    this.#far = new PartyBits(this.#partyCount);
    this.#met = new Int32Array(policies.peerKeys.length - 1);
  }

  /** Other ends that `party` may have in `direction`: sources for ingress, destinations for egress. */
  of(party: number, direction: 0 | 1): Int32Array {
    this.#near.clear();
    // Neither a node nor an address is judged, and somebody has to be a pod.
    if (this.#podParties <= party) this.#near.add(0, this.#podParties);
    else this.#markNear(party, direction);
    const other = direction === INGRESS ? 0 : 1;
    this.#far.clear();
    this.#markFar(party, other);
    const open = this.#openIn(other);
    if (this.#tiers === undefined) return this.#near.within(this.#far, open);
    const { shut, admitted } = this.#tiers.subjectsOf(party, other);
    return this.#near.withinBut(this.#far, open, shut, admitted);
  }

  /** Adds to `#near` whom the policies of `party` may let through. */
  #markNear(party: number, direction: 0 | 1): void {
    const { classes, parties } = this.#arenas;
    const one = parties.classOf[party]!;
    const open = isOpen(classes.flags[one]!, direction);
    if (this.#tiers === undefined || this.#tiers.listOf(one, direction) === 0) {
      if (open) this.#near.add(0, this.#partyCount);
      else this.#markHeld(one, direction);
      return;
    }
    const { admitted, shut } = this.#tiers.peersOf(one, direction);
    if (!open) this.#markHeld(one, direction);
    this.#near.removeAll(shut);
    this.#near.addAll(admitted);
  }

  /** Adds to `#near` whom the keys of class `one`, which is isolated, may hold. */
  #markHeld(one: number, direction: 0 | 1): void {
    const { classes, policies } = this.#arenas;
    const { profileStart, profileGroups, groupStart, groupKeys } = this.#edges[direction];
    this.#stamp += 1;
    this.#blocks.truncate(0);
    const profile = classes.profile[one]!;
    for (let i = profileStart[profile]!; i < profileStart[profile + 1]!; i += 1) {
      const group = profileGroups[i]!;
      for (let k = groupStart[group]!; k < groupStart[group + 1]!; k += 1) {
        const peer = policies.keyPeer[groupKeys[k]!]!;
        if (this.#met[peer] === this.#stamp) continue;
        this.#met[peer] = this.#stamp;
        if (peer <= SOMEBODY) this.#near.add(0, this.#partyCount);
        else if (peer < this.#blockPeers) this.#selections.mark(this.#near, peer - PEER_SELECTIONS);
        else this.#blocks.push(peer - this.#blockPeers);
      }
    }
    this.#markBlocks(this.#blocks);
    for (let i = 0; i < classes.conflicts.length; i += 1) {
      const conflict = classes.conflicts[i]!;
      this.#near.add(classes.parties[conflict]!, classes.parties[conflict + 1]!);
    }
  }

  /** Adds to `#far` those whose policies have a key that may hold `party`. */
  #markFar(party: number, direction: 0 | 1): void {
    this.#stamp += 1;
    const mark = (peer: number): void => this.#markGroups(peer, direction);
    mark(EVERYONE);
    mark(SOMEBODY);
    const { blockSets, parties, signatures } = this.#arenas;
    if (party < this.#podParties) {
      this.#selections.eachOf(parties.classOf[party]!, parties.namespace[party]!, mark);
    }
    const at = FAMILY_ROWS * parties.signature[party]!;
    const markBlock = (block: number): void => mark(this.#blockPeers + block);
    for (let row = 0; row < FAMILY_ROWS; row += 1) {
      eachBlock(blockSets, signatures.certain[at + row]!, markBlock);
      eachBlock(blockSets, signatures.possible[at + row]!, markBlock);
    }
  }

  /** Adds to `#far` the subjects of all groups that have a key of `peer`. */
  #markGroups(peer: number, direction: 0 | 1): void {
    if (this.#met[peer] === this.#stamp) return;
    this.#met[peer] = this.#stamp;
    const { policies } = this.#arenas;
    const { keyStart, keyGroups } = this.#edges[direction];
    const firstGroup = keyStart[policies.peerKeys[peer]!]!;
    const lastGroup = keyStart[policies.peerKeys[peer + 1]!]!;
    for (let i = firstGroup; i < lastGroup; i += 1) {
      this.#selections.mark(this.#far, policies.groupSelection[keyGroups[i]!]!);
    }
  }

  /** Adds to `#near` all ends that one of `blocks` may hold. */
  #markBlocks(blocks: IntList): void {
    if (blocks.length === 0) return;
    if (this.#signaturesOf === undefined) {
      this.#signaturesOf = indexBlocks(this.#arenas, this.#indexedBlocksMax);
    }
    const index = this.#signaturesOf;
    if (index === null) {
      this.#tryBlocks(blocks);
      return;
    }
    for (let i = 0; i < blocks.length; i += 1) {
      const block = blocks.at(i);
      for (let k = index.start[block]!; k < index.start[block + 1]!; k += 1) {
        this.#markSignature(index.items[k]!);
      }
    }
  }

  /** As {@link #markBlocks}, 32 blocks at a time on every signature. */
  #tryBlocks(blocks: IntList): void {
    const { blockSets, signatures } = this.#arenas;
    const masks = new Map<number, number>();
    for (let i = 0; i < blocks.length; i += 1) {
      const block = blocks.at(i);
      masks.set(block >> 5, (masks.get(block >> 5) ?? 0) | (1 << (block & 31)));
    }
    const words = [...masks];
    for (let i = 0; i < signatures.families.length; i += 1) {
      const held = (set: number): boolean =>
        words.some(([word, mask]) => (wordOf(blockSets, set, word) & mask) !== 0);
      for (let at = FAMILY_ROWS * i; at < FAMILY_ROWS * (i + 1); at += 1) {
        if (!held(signatures.certain[at]!) && !held(signatures.possible[at]!)) continue;
        this.#markSignature(i);
        break;
      }
    }
  }

  #markSignature(signature: number): void {
    const { parties } = this.#arenas;
    const end = parties.signatureStart[signature + 1]!;
    for (let i = parties.signatureStart[signature]!; i < end; i += 1) {
      this.#near.add(parties.ofSignature[i]!, parties.ofSignature[i]! + 1);
    }
  }

  #openIn(direction: 0 | 1): PartyBits {
    const known = this.#open[direction];
    if (known !== undefined) return known;
    const { classes } = this.#arenas;
    const open = new PartyBits(this.#partyCount);
    for (let one = 0; one < classes.flags.length; one += 1) {
      const hasList = this.#tiers !== undefined && this.#tiers.listOf(one, direction) !== 0;
      if (isOpen(classes.flags[one]!, direction) && !hasList) {
        open.add(classes.parties[one]!, classes.parties[one + 1]!);
      }
    }
    open.add(this.#podParties, this.#partyCount);
    this.#open[direction] = open;
    return open;
  }
}

/** Whether policies of a class certainly or possibly let anyone through. */
function isOpen(flags: number, direction: 0 | 1): boolean {
  return ((flags >> direction) & (ISOLATES | UNCERTAIN)) !== ISOLATES;
}

/** Signatures by block; null when that is too much to keep. */
function indexBlocks({ blockSets, numbers, signatures }: FlatArenas, most: number): Csr | null {
  const owners = new IntList();
  const items = new IntList();
  for (let i = 0; i < signatures.families.length; i += 1) {
    const add = (block: number): void => {
      owners.push(block);
      items.push(i);
    };
    for (let row = 0; row < FAMILY_ROWS; row += 1) {
      eachBlock(blockSets, signatures.certain[FAMILY_ROWS * i + row]!, add);
      eachBlock(blockSets, signatures.possible[FAMILY_ROWS * i + row]!, add);
    }
    if (most < owners.length) return null;
  }
  return csrOf(numbers.blocks, owners.toArray(), items.toArray());
}
