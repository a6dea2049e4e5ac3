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
 * and nothing is allocated. Most keys of a rule name one namespace, and most pairs are of two: that is
 * one comparison, made before anything else. Arrays are fields of their own here because each step
 * through an object is one more load on the path. Who may be the peer at all is candidates.ts.
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

/** Stands for a key that no comparison of namespaces rules out. */
const ANY_NAMESPACE = -1;
/** Namespace of a party that has none, or that any selection may hold. */
const NO_NAMESPACE = -2;

/** Answers about single pairs. */
export class LegJudge {
  readonly sets: PortSets;
  readonly #arenas: FlatArenas;
  readonly #podParties: number;
  readonly #namespaces: number;
  readonly #blockPeers: number;
  readonly #edges: readonly [EdgeArenas, EdgeArenas];
  readonly #classOf: Int32Array;
  readonly #classFlags: Uint8Array;
  readonly #classProfile: Int32Array;
  readonly #classPortMap: Int32Array;
  readonly #namespaceOf: Int32Array;
  readonly #keyPeer: Int32Array;
  readonly #keyPorts: Int32Array;
  /** The one namespace whose pods a key can hold, or {@link ANY_NAMESPACE}. */
  readonly #keyNamespace: Int32Array;
  /** What {@link certainLeg} found last that may be allowed as well. */
  #possible = NO_SET;

  constructor(arenas: FlatArenas) {
    const { classes, numbers, parties, policies } = arenas;
    this.#arenas = arenas;
    this.sets = new PortSets(arenas.ports);
    this.#podParties = numbers.podParties;
    this.#namespaces = numbers.namespaces;
    this.#blockPeers = PEER_SELECTIONS + policies.selectionScope.length;
    this.#edges = [arenas.egress, arenas.ingress];
    this.#classOf = parties.classOf;
    this.#classFlags = classes.flags;
    this.#classProfile = classes.profile;
    this.#classPortMap = classes.portMap;
    this.#namespaceOf = parties.namespace;
    this.#keyPeer = policies.keyPeer;
    this.#keyPorts = policies.keyPorts;
    this.#keyNamespace = policies.keyPeer.map((peer) => {
      if (peer < PEER_SELECTIONS || this.#blockPeers <= peer) return ANY_NAMESPACE;
      const scope = policies.selectionScope[peer - PEER_SELECTIONS]!;
      return scope < this.#namespaces ? scope : ANY_NAMESPACE;
    });
  }

  /** Whether `subject` may use port `point` (port-sets.ts) with `peer`. */
  opens(subject: number, peer: number, direction: 0 | 1, row: number, point: number): Answer {
    if (this.#podParties <= subject) return YES;
    const one = this.#classOf[subject]!;
    const flags = this.#classFlags[one]! >> direction;
    if ((flags & (ISOLATES | UNCERTAIN)) !== ISOLATES) {
      return (flags & UNCERTAIN) === 0 ? YES : MAYBE;
    }
    const home = this.#homeOf(peer);
    if (home === ANY_NAMESPACE) return MAYBE;
    const { profileStart, profileGroups, groupStart, groupKeys } = this.#edges[direction];
    const keyNamespace = this.#keyNamespace;
    const map = this.#portMap(direction === EGRESS ? peer : subject);
    const profile = this.#classProfile[one]!;
    const lastGroup = profileStart[profile + 1]!;
    let answer: Answer = NO;
    for (let i = profileStart[profile]!; i < lastGroup; i += 1) {
      const group = profileGroups[i]!;
      const lastKey = groupStart[group + 1]!;
      for (let k = groupStart[group]!; k < lastKey; k += 1) {
        const key = groupKeys[k]!;
        if (isElsewhere(keyNamespace[key]!, home)) continue;
        if (!this.sets.holds(this.#keyPorts[key]!, map, point)) continue;
        const held = this.peerHolds(this.#keyPeer[key]!, peer, row);
        if (held === YES) return YES;
        if (held === MAYBE) answer = MAYBE;
      }
    }
    return answer;
  }

  /** Number of the set of connections `subject` may have with `peer`; {@link UNKNOWN_SET}. */
  leg(subject: number, peer: number, direction: 0 | 1, row: number): number {
    const certain = this.certainLeg(subject, peer, direction, row);
    const possible = this.#possible;
    return possible === NO_SET || possible === certain ? certain : this.#settle(certain, possible);
  }

  /** Number of the set of those among them that are certain. */
  certainLeg(subject: number, peer: number, direction: 0 | 1, row: number): number {
    this.#possible = NO_SET;
    if (this.#podParties <= subject) return ALL_SET;
    const one = this.#classOf[subject]!;
    const flags = this.#classFlags[one]! >> direction;
    if ((flags & UNCERTAIN) !== 0) {
      this.#possible = ALL_SET;
      return NO_SET;
    }
    if ((flags & ISOLATES) === 0) return ALL_SET;
    const home = this.#homeOf(peer);
    if (home === ANY_NAMESPACE) {
      this.#possible = ALL_SET;
      return NO_SET;
    }
    const { profileStart, profileGroups, groupStart, groupKeys } = this.#edges[direction];
    const keyNamespace = this.#keyNamespace;
    const map = this.#portMap(direction === EGRESS ? peer : subject);
    const profile = this.#classProfile[one]!;
    const lastGroup = profileStart[profile + 1]!;
    let certain = NO_SET;
    let possible = NO_SET;
    for (let i = profileStart[profile]!; i < lastGroup; i += 1) {
      const group = profileGroups[i]!;
      const lastKey = groupStart[group + 1]!;
      for (let k = groupStart[group]!; k < lastKey; k += 1) {
        const key = groupKeys[k]!;
        if (isElsewhere(keyNamespace[key]!, home)) continue;
        const held = this.peerHolds(this.#keyPeer[key]!, peer, row);
        if (held === NO) continue;
        const ports = this.#keyPorts[key]!;
        if (held === YES) certain = this.sets.addList(certain, ports, map);
        else possible = this.sets.addList(possible, ports, map);
      }
      if (certain === ALL_SET) return ALL_SET;
    }
    this.#possible = possible;
    return certain;
  }

  /** Whether a peer of a rule holds `party` on a connection in the family of `row`. */
  peerHolds(peer: number, party: number, row: number): Answer {
    if (peer < PEER_SELECTIONS) return peer === EVERYONE ? YES : MAYBE;
    if (peer < this.#blockPeers) {
      if (this.#podParties <= party) return NO;
      return this.#selectionHolds(peer - PEER_SELECTIONS, party);
    }
    const { blockSets, parties, signatures } = this.#arenas;
    const block = peer - this.#blockPeers;
    const at = FAMILY_ROWS * parties.signature[party]! + row;
    if (hasBlock(blockSets, signatures.certain[at]!, block)) return YES;
    return hasBlock(blockSets, signatures.possible[at]!, block) ? MAYBE : NO;
  }

  /** Whether a selection holds the pods of `party`. */
  #selectionHolds(selection: number, party: number): Answer {
    const { policies } = this.#arenas;
    const one = this.#classOf[party]!;
    if (!this.#selectorHolds(policies.selectionSelector[selection]!, one)) return NO;
    return this.#scopeHolds(policies.selectionScope[selection]!, this.#namespaceOf[party]!);
  }

  /** Whether a scope holds a namespace. */
  #scopeHolds(scope: number, namespace: number): Answer {
    if (scope < this.#namespaces) return scope === namespace ? YES : NO;
    const selected = scope - this.#namespaces - 2;
    if (selected < 0) return selected === -2 ? YES : NO;
    const { scopes, possibleScopes } = this.#arenas;
    if (hasMember(scopes, selected, namespace)) return YES;
    return hasMember(possibleScopes, selected, namespace) ? MAYBE : NO;
  }

  #selectorHolds(selector: number, one: number): boolean {
    if (selector === 0) return true;
    const { classes, selectors } = this.#arenas;
    const from = classes.selectorStart[one]!;
    const end = classes.selectorStart[one + 1]!;
    if (0 <= findIn(classes.selectors, selector, from, end)) return true;
    // The lists of classes leave out what is kept as bits.
    return selectors.form[selector] === DENSE && hasMember(selectors, selector, one);
  }

  #settle(certain: number, possible: number): number {
    const whole = certain === NO_SET ? NO_CONNECTIONS : this.sets.setOf(certain);
    const doubtful = possible === ALL_SET ? ALL_PORTS : this.sets.setOf(possible);
    return contains(whole, doubtful) ? certain : UNKNOWN_SET;
  }

  /**
   * The namespace of a peer; {@link ANY_NAMESPACE} for pods in two versions, of which neither labels
   * nor ports nor addresses are certain.
   */
  #homeOf(peer: number): number {
    if (this.#podParties <= peer) return NO_NAMESPACE;
    const conflict = (this.#classFlags[this.#classOf[peer]!]! & CONFLICTS) !== 0;
    return conflict ? ANY_NAMESPACE : this.#namespaceOf[peer]!;
  }

  #portMap(destination: number): number {
    return destination < this.#podParties ? this.#classPortMap[this.#classOf[destination]!]! : 0;
  }
}

/** Whether a key holds pods of another namespace only. */
function isElsewhere(namespace: number, home: number): boolean {
  return namespace !== ANY_NAMESPACE && namespace !== home && home !== ANY_NAMESPACE;
}
