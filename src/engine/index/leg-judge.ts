import { ALL_PORTS, NO_CONNECTIONS, contains } from '../../model/connection-set.ts';
import { FAMILY_ROWS } from './address-signatures.ts';
import { hasBlock } from './block-sets.ts';
import { DENSE, hasMember } from './class-set.ts';
import { findIn } from './csr.ts';
import type { EdgeArenas, FlatArenas } from './flat-arenas.ts';
import { EGRESS, EVERYONE, ISOLATES, PEER_SELECTIONS, UNCERTAIN } from './policy-tables.ts';
import { ALL_SET, NO_SET, PortSets } from './port-sets.ts';
import { CONFLICTS } from './project.ts';

/*
 * One leg of one pair: do the policies of the subject allow the peer?
 *
 *   subject ─▶ class ─▶ profile ─▶ groups ─▶ keys ─▶ does the peer set hold the peer, and the port list the port?
 *
 * O(groups × keys × log |set|), a handful of dependent loads for most pairs (performance C, "Queries"),
 * and nothing is allocated. The other way round, who may be the peer, is candidates.ts.
 *
 * Three answers, because a `maybe` must never turn into either of the others: what is certain of one
 * key stands, whatever the others may say, as NetworkPolicies only add up.
 */

/** Certainly not. */
export const NO = 0;
/** Certainly. */
export const YES = 1;
/** It is not known from here. */
export const MAYBE = 2;

/** What {@link LegJudge} says of something. */
export type Answer = typeof NO | typeof YES | typeof MAYBE;

/** Number of a set that is not known; see {@link LegJudge.leg}. */
export const UNKNOWN_SET = -1;

/** Answers about single pairs. */
export class LegJudge {
  readonly sets: PortSets;
  readonly #arenas: FlatArenas;
  readonly #podParties: number;
  readonly #namespaces: number;
  readonly #blockPeers: number;
  readonly #edges: readonly [EdgeArenas, EdgeArenas];

  constructor(arenas: FlatArenas) {
    this.#arenas = arenas;
    this.sets = new PortSets(arenas.ports);
    this.#podParties = arenas.numbers.podParties;
    this.#namespaces = arenas.numbers.namespaces;
    this.#blockPeers = PEER_SELECTIONS + arenas.policies.selectionScope.length;
    this.#edges = [arenas.egress, arenas.ingress];
  }

  /** Whether `subject` may use port `point` (port-sets.ts) with `peer`. */
  opens(subject: number, peer: number, direction: 0 | 1, row: number, point: number): Answer {
    if (this.#podParties <= subject) return YES;
    const { classes, parties, policies } = this.#arenas;
    const subjectClass = parties.classOf[subject]!;
    const flags = classes.flags[subjectClass]!;
    if ((flags & ((ISOLATES | UNCERTAIN) << direction)) !== ISOLATES << direction) {
      return (flags & (UNCERTAIN << direction)) === 0 ? YES : MAYBE;
    }
    const { groupStart, groupKeys } = this.#edges[direction];
    const { keyPeer, keyPorts, profileStart, profileGroups } = policies;
    const map = this.#portMap(direction === EGRESS ? peer : subject);
    const profile = classes.profile[subjectClass]!;
    const lastGroup = profileStart[profile + 1]!;
    let answer: Answer = NO;
    for (let i = profileStart[profile]!; i < lastGroup; i += 1) {
      const group = profileGroups[i]!;
      const lastKey = groupStart[group + 1]!;
      for (let k = groupStart[group]!; k < lastKey; k += 1) {
        const key = groupKeys[k]!;
        if (!this.sets.holds(keyPorts[key]!, map, point)) continue;
        const held = this.peerHolds(keyPeer[key]!, peer, row);
        if (held === YES) return YES;
        if (held === MAYBE) answer = MAYBE;
      }
    }
    return answer;
  }

  /** Number of the set of connections `subject` may have with `peer`; {@link UNKNOWN_SET}. */
  leg(subject: number, peer: number, direction: 0 | 1, row: number): number {
    if (this.#podParties <= subject) return ALL_SET;
    const { classes, parties, policies } = this.#arenas;
    const subjectClass = parties.classOf[subject]!;
    const flags = classes.flags[subjectClass]!;
    if ((flags & (UNCERTAIN << direction)) !== 0) return UNKNOWN_SET;
    if ((flags & (ISOLATES << direction)) === 0) return ALL_SET;
    const { groupStart, groupKeys } = this.#edges[direction];
    const { keyPeer, keyPorts, profileStart, profileGroups } = policies;
    const map = this.#portMap(direction === EGRESS ? peer : subject);
    const profile = classes.profile[subjectClass]!;
    const lastGroup = profileStart[profile + 1]!;
    let certain = NO_SET;
    let possible = NO_SET;
    for (let i = profileStart[profile]!; i < lastGroup; i += 1) {
      const group = profileGroups[i]!;
      const lastKey = groupStart[group + 1]!;
      for (let k = groupStart[group]!; k < lastKey; k += 1) {
        const key = groupKeys[k]!;
        const held = this.peerHolds(keyPeer[key]!, peer, row);
        if (held === YES) certain = this.sets.addList(certain, keyPorts[key]!, map);
        else if (held === MAYBE) possible = this.sets.addList(possible, keyPorts[key]!, map);
      }
      if (certain === ALL_SET) return ALL_SET;
    }
    if (possible === NO_SET || possible === certain) return certain;
    const whole = certain === NO_SET ? NO_CONNECTIONS : this.sets.setOf(certain);
    const doubtful = possible === ALL_SET ? ALL_PORTS : this.sets.setOf(possible);
    return contains(whole, doubtful) ? certain : UNKNOWN_SET;
  }

  /** Whether a peer of a rule holds `party` on a connection in the family of `row`. */
  peerHolds(peer: number, party: number, row: number): Answer {
    if (peer < PEER_SELECTIONS) return peer === EVERYONE ? YES : MAYBE;
    if (peer < this.#blockPeers) {
      if (this.#podParties <= party) return NO;
      return this.selectionHolds(peer - PEER_SELECTIONS, party);
    }
    const { blockSets, parties, signatures } = this.#arenas;
    const block = peer - this.#blockPeers;
    const at = FAMILY_ROWS * parties.signature[party]! + row;
    if (hasBlock(blockSets, signatures.certain[at]!, block)) return YES;
    return hasBlock(blockSets, signatures.possible[at]!, block) ? MAYBE : NO;
  }

  /** Whether a selection holds the pods of `party`. */
  selectionHolds(selection: number, party: number): Answer {
    const { classes, parties, policies } = this.#arenas;
    const one = parties.classOf[party]!;
    if ((classes.flags[one]! & CONFLICTS) !== 0) return MAYBE;
    const scope = policies.selectionScope[selection]!;
    const namespace = parties.namespace[party]!;
    if (scope < this.#namespaces && scope !== namespace) return NO;
    if (!this.selectorHolds(policies.selectionSelector[selection]!, one)) return NO;
    return scope < this.#namespaces ? YES : this.scopeHolds(scope, namespace);
  }

  /** Whether a selector holds a class. */
  selectorHolds(selector: number, one: number): boolean {
    if (selector === 0) return true;
    const { classes, selectors } = this.#arenas;
    const { selectorStart } = classes;
    const from = selectorStart[one]!;
    if (0 <= findIn(classes.selectors, selector, from, selectorStart[one + 1]!)) return true;
    // The lists of classes leave out what is kept as bits.
    return selectors.form[selector] === DENSE && hasMember(selectors, selector, one);
  }

  /** Whether a scope holds a namespace. */
  scopeHolds(scope: number, namespace: number): Answer {
    if (scope < this.#namespaces) return scope === namespace ? YES : NO;
    const selected = scope - this.#namespaces - 2;
    if (selected < 0) return selected === -2 ? YES : NO;
    const { scopes, possibleScopes } = this.#arenas;
    if (hasMember(scopes, selected, namespace)) return YES;
    return hasMember(possibleScopes, selected, namespace) ? MAYBE : NO;
  }

  #portMap(destination: number): number {
    if (this.#podParties <= destination) return 0;
    const { classes, parties } = this.#arenas;
    return classes.portMap[parties.classOf[destination]!]!;
  }
}
