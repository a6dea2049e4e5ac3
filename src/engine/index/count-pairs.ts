import { FAMILY_ROWS } from './address-signatures.ts';
import { eachBlock, hasBlock } from './block-sets.ts';
import type { FlatArenas } from './flat-arenas.ts';
import type { FlatKernel } from './flat-kernel.ts';
import type { PartyId } from '../party.ts';
import { IntList } from './int-list.ts';
import { PairTable } from './pair-table.ts';
import { PartyBits, countPods } from './party-bits.ts';
import { EVERYONE, ISOLATES, PEER_SELECTIONS, UNCERTAIN } from './policy-tables.ts';
import { ALL_SET, NO_SET } from './port-sets.ts';
import { SelectionMarks } from './selection-marks.ts';

/*
 * The whole matrix, counted (performance C, "Queries", `matrix`).
 *
 * A row is everyone who can reach one party. It depends on the party's profile and port map, on the
 * selections and on the blocks that egress keys hold it by: parties with equal numbers for all of them
 * share a row, and a row is counted once. Nothing the size of pods × pods is ever there.
 *
 *   row = ∪ over distinct port sets p that the party's keys open:
 *         near(p) ∩ (subjects of egress keys that hold the party with a port in common with p ∪ not isolated)
 *
 * Tiers cut ports out of any of these sets, pair by pair: where there are some, rows are shared as well, but
 * each is counted by judging its candidates.
 */

/** Ordered pairs of different pods of which the first can certainly open some connection to the second. */
export function countReachablePairs(index: FlatKernel): number {
  return new PairCounter(index).count();
}

/** With more blocks, signatures are told apart by all of them, not by those of egress keys alone. */
const SPELLED_BLOCKS_MAX = 1024;

class PairCounter {
  readonly #index: FlatKernel;
  readonly #marks: SelectionMarks;
  readonly #blockPeers: number;
  readonly #near: PartyBits;
  readonly #far: PartyBits;
  readonly #row: PartyBits;
  /** Parties of pods that nothing isolates for egress. */
  readonly #open: PartyBits;
  /**
   * Parties of whose egress nothing is in doubt, by row, with an address in its family: of those that
   * ask a party with a known address, and of those that ask one without.
   */
  readonly #askKnown: readonly PartyBits[];
  readonly #askUnknown: readonly PartyBits[];
  readonly #trie = new PairTable(1024);
  /** Rows by class: selections with egress keys that hold it. */
  readonly #classPeerStart = new IntList(1024);
  readonly #classPeers = new IntList(1024);
  /** By peer: 1 where some egress key names it. */
  readonly #speaks: Uint8Array;
  /** Peers with egress keys that hold the party, selections and blocks. */
  readonly #peers = new IntList();
  /** Pods of `#open` by the set of those who ask. */
  readonly #openPods = new Map<PartyBits, number>();

  constructor(index: FlatKernel) {
    const { classes, parties, policies, signatures } = index.arenas;
    this.#index = index;
    this.#marks = new SelectionMarks(index.arenas, false);
    this.#blockPeers = PEER_SELECTIONS + policies.selectionScope.length;
    this.#speaks = speakingPeers(index.arenas);
    const bits = (): PartyBits => new PartyBits(index.podParties);
    [this.#near, this.#far, this.#row] = [bits(), bits(), bits()];
    this.#open = bits();
    this.#askKnown = [bits(), bits(), bits()];
    this.#askUnknown = [bits(), bits(), bits()];
    for (let party = 0; party < index.podParties; party += 1) {
      const flags = classes.flags[parties.classOf[party]!]!;
      if ((flags & UNCERTAIN) !== 0) continue;
      if ((flags & ISOLATES) === 0) this.#open.add(party, party + 1);
      const families = signatures.families[parties.signature[party]!]!;
      // Who has no known address uses the family of the other end; two such ends use one nobody knows.
      for (const row of ROWS_OF_ONE[families]!) this.#askUnknown[row]!.add(party, party + 1);
      for (const row of families === 0 ? [0, 1] : ROWS_OF_ONE[families]!) {
        this.#askKnown[row]!.add(party, party + 1);
      }
    }
  }

  count(): number {
    const { arenas, partyPodStart, podParties } = this.#index;
    const { classes, parties, signatures } = arenas;
    const ofClass = this.#keysOfClasses();
    const ofSignature = this.#keysOfSignatures();
    const rows = new PairTable(1024);
    const sources: number[] = [];
    let total = 0;
    for (let party = 0; party < podParties; party += 1) {
      const one = parties.classOf[party]!;
      if ((classes.flags[one]! & (UNCERTAIN << 1)) !== 0) continue;
      const signature = parties.signature[party]!;
      const row = rows.idOf(ofClass[one]!, ofSignature[signature]!);
      if (row === sources.length) {
        sources.push(this.#countRow(party, signatures.families[signature]!));
      }
      const pods = partyPodStart[party + 1]! - partyPodStart[party]!;
      total += pods * sources[row]!;
      // A pod is not its own neighbour.
      if (this.#reachesItself(party, signatures.families[signature]!)) total -= pods;
    }
    return total;
  }

  /** Equal numbers for classes whose rows are equal as far as labels and ports go. */
  #keysOfClasses(): Int32Array {
    const { classes, parties } = this.#index.arenas;
    const views = this.#index.judge.tiers?.views;
    this.#classPeerStart.push(0);
    return classes.profile.map((profile, one) => {
      let node = this.#trie.idOf(-1, profile);
      node = this.#trie.idOf(node, classes.portMap[one]!);
      if (views !== undefined) node = this.#trie.idOf(node, views.byLabels(classes.parties[one]!));
      const namespace = parties.namespace[classes.parties[one]!]!;
      this.#marks.eachOf(one, namespace, (peer) => {
        if (this.#speaks[peer] !== 1) return;
        node = this.#trie.idOf(node, peer);
        this.#classPeers.push(peer);
      });
      this.#classPeerStart.push(this.#classPeers.length);
      return node;
    });
  }

  /** Equal numbers for signatures that egress keys do not tell apart. */
  #keysOfSignatures(): Int32Array {
    const { blockSets, numbers, parties, signatures } = this.#index.arenas;
    const views = this.#index.judge.tiers?.views;
    return Int32Array.from(signatures.families, (families, i) => {
      let node = this.#trie.idOf(-2, families);
      for (let row = 0; row < FAMILY_ROWS; row += 1) {
        node = this.#trie.idOf(node, -1);
        if (views !== undefined) {
          const party = parties.ofSignature[parties.signatureStart[i]!]!;
          node = this.#trie.idOf(node, views.byAddress(party, row));
        }
        if (SPELLED_BLOCKS_MAX < numbers.blocks) {
          node = this.#trie.idOf(node, signatures.certain[FAMILY_ROWS * i + row]!);
          continue;
        }
        eachBlock(blockSets, signatures.certain[FAMILY_ROWS * i + row]!, (block) => {
          if (this.#speaks[this.#blockPeers + block] === 1) node = this.#trie.idOf(node, block);
        });
      }
      return node;
    });
  }

  /** Pods that certainly reach `party`. */
  #countRow(party: number, families: number): number {
    if (this.#index.judge.tiers !== undefined) return this.#countJudgedRow(party, families);
    const { classes, parties } = this.#index.arenas;
    const flags = classes.flags[parties.classOf[party]!]!;
    if ((flags & (ISOLATES << 1)) === 0 && (families === 1 || families === 2)) {
      return this.#countOpenRow(party, families - 1);
    }
    this.#row.clear();
    const ask = families === 0 ? this.#askUnknown : this.#askKnown;
    for (const row of families === 0 ? ALL_ROWS : ROWS_OF_ONE[families]!) {
      this.#addRow(party, row, ask[row]!);
    }
    return countPods(this.#row, this.#index.partyPodStart);
  }

  /** As {@link #countRow}, candidate by candidate. */
  #countJudgedRow(party: number, families: number): number {
    const { arenas, partyPodStart, podParties } = this.#index;
    const { parties, signatures } = arenas;
    let pods = 0;
    for (const source of this.#index.sourcesOf(party as PartyId)) {
      if (podParties <= source) break;
      const others = signatures.families[parties.signature[source]!]!;
      const both = families === 0 ? others : others === 0 ? families : families & others;
      if (both === 0 && families !== others) continue;
      if (!this.#opensAny(source, party, ROWS_OF_ONE[both]!)) continue;
      pods += partyPodStart[source + 1]! - partyPodStart[source]!;
    }
    return pods;
  }

  /** As {@link #countRow} for a party that lets everyone in: only who is isolated has to be looked at. */
  #countOpenRow(party: number, row: number): number {
    const { arenas, partyPodStart } = this.#index;
    const { classes, parties } = arenas;
    const ask = this.#askKnown[row]!;
    let open = this.#openPods.get(ask);
    if (open === undefined) {
      this.#row.clear();
      this.#row.addWithin(this.#open, ask, ask, ask);
      open = countPods(this.#row, partyPodStart);
      this.#openPods.set(ask, open);
    }
    this.#findPeers(party, row);
    this.#markFar(ALL_SET, classes.portMap[parties.classOf[party]!]!);
    this.#row.clear();
    this.#row.addWithout(this.#far, this.#open, ask);
    return open + countPods(this.#row, partyPodStart);
  }

  #addRow(party: number, row: number, ask: PartyBits): void {
    const { arenas, judge, podParties } = this.#index;
    const { classes, ingress, parties, policies } = arenas;
    const one = parties.classOf[party]!;
    this.#findPeers(party, row);
    const map = classes.portMap[one]!;
    if ((classes.flags[one]! & (ISOLATES << 1)) === 0) {
      this.#near.clear();
      this.#near.add(0, podParties);
      this.#addNear(ALL_SET, map, ask);
      return;
    }
    const bySet = new Map<number, number[]>();
    const profile = classes.profile[one]!;
    const last = ingress.profileStart[profile + 1]!;
    for (let i = ingress.profileStart[profile]!; i < last; i += 1) {
      const group = ingress.profileGroups[i]!;
      for (let k = ingress.groupStart[group]!; k < ingress.groupStart[group + 1]!; k += 1) {
        const key = ingress.groupKeys[k]!;
        const set = judge.sets.addList(NO_SET, policies.keyPorts[key]!, map);
        if (set === NO_SET) continue;
        const peers = bySet.get(set);
        if (peers === undefined) bySet.set(set, [policies.keyPeer[key]!]);
        else peers.push(policies.keyPeer[key]!);
      }
    }
    for (const [set, peers] of bySet) {
      this.#near.clear();
      for (const peer of peers) this.#markNear(peer, row);
      this.#addNear(set, map, ask);
    }
  }

  /** Sets `#peers` to those of egress keys that hold the party. */
  #findPeers(party: number, row: number): void {
    const { blockSets, parties, signatures } = this.#index.arenas;
    const add = (peer: number): void => {
      if (this.#speaks[peer] === 1) this.#peers.push(peer);
    };
    this.#peers.truncate(0);
    add(EVERYONE);
    const one = parties.classOf[party]!;
    for (let i = this.#classPeerStart.at(one); i < this.#classPeerStart.at(one + 1); i += 1) {
      this.#peers.push(this.#classPeers.at(i));
    }
    const signature = FAMILY_ROWS * parties.signature[party]! + row;
    eachBlock(blockSets, signatures.certain[signature]!, (block) => add(this.#blockPeers + block));
  }

  /** Adds to the row those of `#near` whose own policies let them use a port of `set`. */
  #addNear(set: number, map: number, ask: PartyBits): void {
    this.#markFar(set, map);
    this.#row.addWithin(this.#near, this.#far, this.#open, ask);
  }

  /** Sets `#far` to the subjects of egress keys that hold the party with a port of `set`. */
  #markFar(set: number, map: number): void {
    const { arenas, judge } = this.#index;
    const { egress, policies } = arenas;
    this.#far.clear();
    for (let i = 0; i < this.#peers.length; i += 1) {
      const peer = this.#peers.at(i);
      for (let key = policies.peerKeys[peer]!; key < policies.peerKeys[peer + 1]!; key += 1) {
        const [from, end] = [egress.keyStart[key]!, egress.keyStart[key + 1]!];
        if (from === end) continue;
        const ports = judge.sets.addList(NO_SET, policies.keyPorts[key]!, map);
        if (judge.sets.intersectionOf(set, ports) === NO_SET) continue;
        for (let k = from; k < end; k += 1) {
          this.#marks.mark(this.#far, policies.groupSelection[egress.keyGroups[k]!]!);
        }
      }
    }
  }

  #markNear(peer: number, row: number): void {
    if (peer === EVERYONE) this.#near.add(0, this.#index.podParties);
    else if (this.#blockPeers <= peer) this.#markBlock(peer - this.#blockPeers, row);
    else if (PEER_SELECTIONS <= peer) this.#marks.mark(this.#near, peer - PEER_SELECTIONS);
  }

  #markBlock(block: number, row: number): void {
    const { arenas, podParties } = this.#index;
    const { blockSets, parties, signatures } = arenas;
    for (let i = 0; i < signatures.families.length; i += 1) {
      if (!hasBlock(blockSets, signatures.certain[FAMILY_ROWS * i + row]!, block)) continue;
      const end = parties.signatureStart[i + 1]!;
      for (let k = parties.signatureStart[i]!; k < end; k += 1) {
        const party = parties.ofSignature[k]!;
        if (party < podParties) this.#near.add(party, party + 1);
      }
    }
  }

  #reachesItself(party: number, families: number): boolean {
    return this.#opensAny(party, party, ROWS_OF_ONE[families]!);
  }

  /** Whether one party certainly opens something to another in one of the families of `rows`. */
  #opensAny(source: number, destination: number, rows: readonly number[]): boolean {
    const { judge } = this.#index;
    return rows.some((row) => {
      const egress = judge.certainLeg(source, destination, 0, row);
      const ingress = judge.certainLeg(destination, source, 1, row);
      return judge.sets.intersectionOf(egress, ingress) !== NO_SET;
    });
  }
}

/** By peer: 1 where some egress key with a group names it. */
function speakingPeers({ egress, policies }: FlatArenas): Uint8Array {
  const { peerKeys } = policies;
  return Uint8Array.from({ length: peerKeys.length - 1 }, (_, peer) =>
    egress.keyStart[peerKeys[peer]!]! < egress.keyStart[peerKeys[peer + 1]!]! ? 1 : 0,
  );
}

/** Rows of a signature by the families of an end, that of its own kind where none is known. */
const ROWS_OF_ONE: readonly (readonly number[])[] = [[2], [0], [1], [0, 1]];
const ALL_ROWS = [0, 1, 2];
