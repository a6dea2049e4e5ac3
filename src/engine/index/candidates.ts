import { FAMILY_ROWS } from './address-signatures.ts';
import { eachBlock, hasBlock } from './block-sets.ts';
import { countMembers, eachMember, hasMember } from './class-set.ts';
import { findIn } from './csr.ts';
import type { EdgeArenas, FlatArenas } from './flat-arenas.ts';
import { IntList } from './int-list.ts';
import { NO, UNKNOWN_SET } from './leg-judge.ts';
import type { LegJudge } from './leg-judge.ts';
import { PartyBits } from './party-bits.ts';
import {
  EVERYONE,
  INGRESS,
  ISOLATES,
  PEER_SELECTIONS,
  SOMEBODY,
  UNCERTAIN,
} from './policy-tables.ts';
import { NO_SET } from './port-sets.ts';
import { CONFLICTS } from './project.ts';

/*
 * Who may be on the other end of a party (performance C, "Queries", `who`).
 *
 *   near  what the party's own policies let in or out: the peer sets of its keys, or all
 *   far   those whose own policies let the party in or out: all that are not isolated, and the subjects
 *         of the groups of every key whose peer set holds the party
 *   answer = near ∩ far
 *
 * Two ways to the same answer. When the near side is a few parties, each is judged as a pair, ports and
 * all: O(near × leg). Otherwise both sides are bits, one for each party, and classes being runs of
 * parties most of what is set is whole words: O(parties / 32 + sets). There ports are not compared, so
 * the answer can hold parties that no port is left for; it never lacks one.
 */

/** At most so many near parties are judged one by one; above that bits are cheaper. */
const SPARSE_MAX = 40;
/** With more signatures than this blocks are not counted through to see how many parties they hold. */
const COUNTED_SIGNATURES_MAX = 64;

/** Finds candidates; not reentrant, as it keeps its scratch. */
export class CandidateFinder {
  readonly #arenas: FlatArenas;
  readonly #judge: LegJudge;
  readonly #podParties: number;
  readonly #partyCount: number;
  readonly #namespaces: number;
  readonly #blockPeers: number;
  readonly #edges: readonly [EdgeArenas, EdgeArenas];
  readonly #near: PartyBits;
  readonly #far: PartyBits;
  /** By direction: parties whose own policies certainly or possibly let anyone through. */
  readonly #open: [PartyBits | undefined, PartyBits | undefined] = [undefined, undefined];
  readonly #list = new IntList(256);
  /** Stamps of peers that were met in this question. */
  readonly #met: Int32Array;
  #stamp = 0;

  constructor(arenas: FlatArenas, judge: LegJudge) {
    const { numbers, parties, policies } = arenas;
    this.#arenas = arenas;
    this.#judge = judge;
    this.#podParties = numbers.podParties;
    this.#partyCount = parties.signature.length;
    this.#namespaces = numbers.namespaces;
    this.#blockPeers = PEER_SELECTIONS + policies.selectionScope.length;
    this.#edges = [arenas.egress, arenas.ingress];
    this.#near = new PartyBits(this.#partyCount);
    this.#far = new PartyBits(this.#partyCount);
    this.#met = new Int32Array(policies.peerKeys.length - 1);
  }

  /** Other ends that `party` may have in `direction`: sources for ingress, destinations for egress. */
  of(party: number, direction: 0 | 1): Int32Array {
    if (this.#podParties <= party) {
      this.#markFar(party, direction);
      this.#far.clearFrom(this.#podParties);
      return this.#far.toArray();
    }
    const peers = this.#nearPeers(party, direction);
    if (peers !== undefined) {
      const listed = this.#listPeers(peers);
      if (listed !== undefined) return this.#judgeEach(party, direction, listed);
    }
    this.#markFar(party, direction);
    if (peers === undefined) return this.#far.toArray();
    this.#near.clear();
    for (let i = 0; i < peers.length; i += 1) this.#markPeer(this.#near, peers.at(i));
    this.#markConflicts(this.#near);
    this.#far.keep(this.#near);
    return this.#far.toArray();
  }

  /** Distinct peers of the keys of `party`; undefined when its policies may let anyone through. */
  #nearPeers(party: number, direction: 0 | 1): IntList | undefined {
    const { classes, parties, policies } = this.#arenas;
    const one = parties.classOf[party]!;
    if (isOpen(classes.flags[one]!, direction)) return undefined;
    const { groupStart, groupKeys } = this.#edges[direction];
    const peers = this.#list;
    peers.truncate(0);
    this.#stamp += 1;
    const profile = classes.profile[one]!;
    for (let i = policies.profileStart[profile]!; i < policies.profileStart[profile + 1]!; i += 1) {
      const group = policies.profileGroups[i]!;
      for (let k = groupStart[group]!; k < groupStart[group + 1]!; k += 1) {
        const peer = policies.keyPeer[groupKeys[k]!]!;
        if (peer <= SOMEBODY) return undefined;
        if (this.#met[peer] === this.#stamp) continue;
        this.#met[peer] = this.#stamp;
        peers.push(peer);
      }
    }
    return peers;
  }

  /** The parties of `peers`, ascending, if they are few. */
  #listPeers(peers: IntList): number[] | undefined {
    let size = this.#arenas.classes.conflicts.length;
    for (let i = 0; i < peers.length; i += 1) {
      size += this.#sizeOf(peers.at(i));
      if (SPARSE_MAX < size) return undefined;
    }
    const found: number[] = [];
    const sink = {
      add: (from: number, end: number) => {
        for (let party = from; party < end; party += 1) found.push(party);
      },
    };
    for (let i = 0; i < peers.length; i += 1) this.#markPeer(sink, peers.at(i));
    this.#markConflicts(sink);
    if (2 * SPARSE_MAX < found.length) return undefined;
    found.sort((a, b) => a - b);
    return found.filter((party, i) => i === 0 || party !== found[i - 1]);
  }

  /** Those of `candidates` that some port is left for, certainly or possibly. */
  #judgeEach(party: number, direction: 0 | 1, candidates: readonly number[]): Int32Array {
    this.#judge.sets.makeRoom();
    return Int32Array.from(candidates.filter((other) => this.#mayMeet(party, other, direction)));
  }

  #mayMeet(party: number, other: number, direction: 0 | 1): boolean {
    const { parties, signatures } = this.#arenas;
    const a = signatures.families[parties.signature[party]!]!;
    const b = signatures.families[parties.signature[other]!]!;
    const rows = a === 0 ? (b === 0 ? 7 : b) : b === 0 ? a : a & b;
    for (let row = 0; row < FAMILY_ROWS; row += 1) {
      if ((rows & (1 << row)) === 0) continue;
      const near = this.#judge.leg(party, other, direction, row);
      if (near === NO_SET) continue;
      const far = this.#judge.leg(other, party, direction === INGRESS ? 0 : 1, row);
      if (far === NO_SET) continue;
      if (near === UNKNOWN_SET || far === UNKNOWN_SET) return true;
      if (this.#judge.sets.intersectionOf(near, far) !== NO_SET) return true;
    }
    return false;
  }

  /** Sets `#far` to the parties whose own policies may let `party` through. */
  #markFar(party: number, direction: 0 | 1): void {
    const far = direction === INGRESS ? 0 : 1;
    this.#far.copy(this.#openIn(far));
    this.#stamp += 1;
    const mark = (peer: number): void => this.#markGroups(peer, far);
    mark(EVERYONE);
    mark(SOMEBODY);
    if (party < this.#podParties) this.#eachSelectionOf(party, mark);
    const { blockSets, parties, signatures } = this.#arenas;
    const at = FAMILY_ROWS * parties.signature[party]!;
    for (let row = 0; row < FAMILY_ROWS; row += 1) {
      for (const set of [signatures.certain[at + row]!, signatures.possible[at + row]!]) {
        eachBlock(blockSets, set, (block) => mark(this.#blockPeers + block));
      }
    }
  }

  /** Calls `visit` with the peer of each selection that may hold the pods of `party`. */
  #eachSelectionOf(party: number, visit: (peer: number) => void): void {
    const { classes, parties, policies } = this.#arenas;
    const one = parties.classOf[party]!;
    if ((classes.flags[one]! & CONFLICTS) !== 0) {
      for (let peer = PEER_SELECTIONS; peer < this.#blockPeers; peer += 1) visit(peer);
      return;
    }
    const namespace = parties.namespace[party]!;
    this.#visitSelections(0, namespace, visit);
    for (let i = classes.selectorStart[one]!; i < classes.selectorStart[one + 1]!; i += 1) {
      this.#visitSelections(classes.selectors[i]!, namespace, visit);
    }
    const { denseSelectors } = policies;
    for (let i = 0; i < denseSelectors.length; i += 1) {
      const selector = denseSelectors[i]!;
      if (hasMember(this.#arenas.selectors, selector, one)) {
        this.#visitSelections(selector, namespace, visit);
      }
    }
  }

  #visitSelections(selector: number, namespace: number, visit: (peer: number) => void): void {
    const { policies } = this.#arenas;
    const { scopeSelections, selectionSelector, selectionScope, acrossStart, across } = policies;
    const end = scopeSelections[namespace + 1]!;
    const here = findIn(selectionSelector, selector, scopeSelections[namespace]!, end);
    if (0 <= here) visit(PEER_SELECTIONS + here);
    for (let i = acrossStart[selector]!; i < acrossStart[selector + 1]!; i += 1) {
      const selection = across[i]!;
      const scope = selectionScope[selection]!;
      if (this.#judge.scopeHolds(scope, namespace) !== NO) visit(PEER_SELECTIONS + selection);
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
      this.#markSelection(this.#far, policies.groupSelection[keyGroups[i]!]!);
    }
  }

  #markPeer(sink: PartySink, peer: number): void {
    if (peer < this.#blockPeers) {
      this.#markSelection(sink, peer - PEER_SELECTIONS);
      return;
    }
    const { parties } = this.#arenas;
    const block = peer - this.#blockPeers;
    for (let i = 0; i < this.#arenas.signatures.families.length; i += 1) {
      if (!this.#mayHold(block, i)) continue;
      for (let k = parties.signatureStart[i]!; k < parties.signatureStart[i + 1]!; k += 1) {
        sink.add(parties.ofSignature[k]!, parties.ofSignature[k]! + 1);
      }
    }
  }

  #mayHold(block: number, signature: number): boolean {
    const { blockSets, signatures } = this.#arenas;
    const at = FAMILY_ROWS * signature;
    for (let row = 0; row < FAMILY_ROWS; row += 1) {
      if (hasBlock(blockSets, signatures.certain[at + row]!, block)) return true;
      if (hasBlock(blockSets, signatures.possible[at + row]!, block)) return true;
    }
    return false;
  }

  /** Parties that a selection holds or may hold, but for those in conflict. */
  #markSelection(sink: PartySink, selection: number): void {
    const { classes, policies, selectors } = this.#arenas;
    const scope = policies.selectionScope[selection]!;
    const selector = policies.selectionSelector[selection]!;
    const { ofNamespace, parties } = classes;
    const markClass = (one: number): void => sink.add(parties[one]!, parties[one + 1]!);
    if (scope < this.#namespaces) {
      const [from, end] = [ofNamespace[scope]!, ofNamespace[scope + 1]!];
      if (selector === 0) sink.add(parties[from]!, parties[end]!);
      else eachMember(selectors, selector, from, end, markClass);
      return;
    }
    if (scope === this.#namespaces + 1) return;
    if (scope === this.#namespaces) {
      if (selector === 0) sink.add(0, this.#podParties);
      else eachMember(selectors, selector, 0, classes.flags.length, markClass);
      return;
    }
    const { scopes, possibleScopes } = this.#arenas;
    const markNamespace = (namespace: number): void => {
      const [from, end] = [ofNamespace[namespace]!, ofNamespace[namespace + 1]!];
      if (selector === 0) sink.add(parties[from]!, parties[end]!);
      else eachMember(selectors, selector, from, end, markClass);
    };
    const selected = scope - this.#namespaces - 2;
    eachMember(scopes, selected, 0, this.#namespaces, markNamespace);
    eachMember(possibleScopes, selected, 0, this.#namespaces, markNamespace);
  }

  #markConflicts(sink: PartySink): void {
    const { classes } = this.#arenas;
    for (let i = 0; i < classes.conflicts.length; i += 1) {
      const one = classes.conflicts[i]!;
      sink.add(classes.parties[one]!, classes.parties[one + 1]!);
    }
  }

  /** At most how many classes or parties a peer holds: a guess that decides between two ways. */
  #sizeOf(peer: number): number {
    const { classes, parties, policies, selectors, signatures } = this.#arenas;
    if (this.#blockPeers <= peer) {
      const count = signatures.families.length;
      if (COUNTED_SIGNATURES_MAX < count) return SPARSE_MAX + 1;
      let size = 0;
      for (let i = 0; i < count; i += 1) {
        if (!this.#mayHold(peer - this.#blockPeers, i)) continue;
        size += parties.signatureStart[i + 1]! - parties.signatureStart[i]!;
      }
      return size;
    }
    const scope = policies.selectionScope[peer - PEER_SELECTIONS]!;
    const selector = policies.selectionSelector[peer - PEER_SELECTIONS]!;
    if (this.#namespaces <= scope) {
      return selector === 0 ? SPARSE_MAX + 1 : selectors.size[selector]!;
    }
    const [from, end] = [classes.ofNamespace[scope]!, classes.ofNamespace[scope + 1]!];
    if (selector === 0) return classes.parties[end]! - classes.parties[from]!;
    return countMembers(selectors, selector, from, end);
  }

  #openIn(direction: 0 | 1): PartyBits {
    const known = this.#open[direction];
    if (known !== undefined) return known;
    const { classes } = this.#arenas;
    const open = new PartyBits(this.#partyCount);
    for (let one = 0; one < classes.flags.length; one += 1) {
      if (isOpen(classes.flags[one]!, direction)) {
        open.add(classes.parties[one]!, classes.parties[one + 1]!);
      }
    }
    open.add(this.#podParties, this.#partyCount);
    this.#open[direction] = open;
    return open;
  }
}

/** What takes runs of parties. */
interface PartySink {
  add(from: number, end: number): void;
}

/** Whether policies of a class certainly or possibly let anyone through. */
function isOpen(flags: number, direction: 0 | 1): boolean {
  return (flags & ((ISOLATES | UNCERTAIN) << direction)) !== ISOLATES << direction;
}
