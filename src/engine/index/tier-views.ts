import { FAMILY_ROWS } from './address-signatures.ts';
import { NO } from './certainty.ts';
import type { Answer } from './certainty.ts';
import { hasMember } from './class-set.ts';
import type { FlatArenas } from './flat-arenas.ts';
import { OTHER_POSITIONS, nodePosition } from './node-selections.ts';
import { PairTable } from './pair-table.ts';
import { PEER_SELECTIONS } from './policy-tables.ts';

/** Whether a peer of a rule holds a party on a connection in the family of a row (leg-judge.ts). */
export type HoldsPeer = (peer: number, party: number, row: number) => Answer;

/** View of a node, or of an address that may be one, of which no label is certain. */
export const UNLABELLED = -1;

/**
 * What the rules of the tiers see of a party, as a number: parties of equal views are one and the same
 * to them. Two parts, as parties have two axes: one by labels, of a class of pods or of a node, and one
 * by addresses, of a row of a signature. Worked out when it is first asked for; there are few.
 */
export class TierViews {
  readonly #arenas: FlatArenas;
  readonly #holds: HoldsPeer;
  readonly #selections: Int32Array;
  readonly #blocks: Int32Array;
  readonly #nodes: Int32Array;
  readonly #ofClass: Int32Array;
  readonly #ofNode: Int32Array;
  readonly #ofRow: Int32Array;
  /** (what holds a party so far, one more peer and how it does). */
  readonly #trie = new PairTable(64);
  /** (by labels, by addresses). */
  readonly #pairs = new PairTable(64);

  constructor(arenas: FlatArenas, holds: HoldsPeer) {
    const { classes, numbers, policies, signatures, tiers } = arenas;
    this.#arenas = arenas;
    this.#holds = holds;
    const blockPeers = PEER_SELECTIONS + policies.selectionScope.length;
    const peers = [...new Set(tiers.peers.map((peer) => (peer < 0 ? ~peer : peer)))];
    const between = (from: number, end: number): Int32Array =>
      Int32Array.from(peers.filter((peer) => from <= peer && peer < end)).sort();
    this.#selections = between(PEER_SELECTIONS, blockPeers);
    this.#blocks = between(blockPeers, blockPeers + numbers.blocks);
    this.#nodes = between(blockPeers + numbers.blocks, Infinity);
    this.#ofClass = new Int32Array(classes.flags.length).fill(-1);
    this.#ofNode = new Int32Array(numbers.nodes + OTHER_POSITIONS).fill(-1);
    this.#ofRow = new Int32Array(signatures.certain.length).fill(-1);
  }

  /** The number of what the tiers see of `party` in the family of `row`. */
  of(party: number, row: number): number {
    return this.#pairs.idOf(this.byLabels(party), this.byAddress(party, row));
  }

  /** The part of it that labels make up. */
  byLabels(party: number): number {
    const { numbers, parties } = this.#arenas;
    if (party < numbers.podParties) {
      const one = parties.classOf[party]!;
      const known = this.#ofClass[one]!;
      return 0 <= known ? known : (this.#ofClass[one] = this.#look(this.#selections, party, 0));
    }
    if (this.#nodes.length === 0) return 0;
    const node = nodePosition(this.#arenas, party);
    if (hasMember(this.#arenas.unlabelledNodes, 0, node)) return UNLABELLED;
    const known = this.#ofNode[node]!;
    return 0 <= known ? known : (this.#ofNode[node] = this.#look(this.#nodes, party, 0));
  }

  /** The part of it that addresses make up. */
  byAddress(party: number, row: number): number {
    if (this.#blocks.length === 0) return 0;
    const at = FAMILY_ROWS * this.#arenas.parties.signature[party]! + row;
    const known = this.#ofRow[at]!;
    return 0 <= known ? known : (this.#ofRow[at] = this.#look(this.#blocks, party, row));
  }

  /** 0: none of `peers` holds it. */
  #look(peers: Int32Array, party: number, row: number): number {
    let node = -1;
    for (let i = 0; i < peers.length; i += 1) {
      const held = this.#holds(peers[i]!, party, row);
      if (held !== NO) node = this.#trie.idOf(node, 4 * peers[i]! + held);
    }
    return node + 1;
  }
}
