import { ALL_PORTS, NO_CONNECTIONS, contains } from '../../model/connection-set.ts';
import { FAMILY_ROWS } from './address-signatures.ts';
import { hasBlock } from './block-sets.ts';
import { MAYBE, NO, YES } from './certainty.ts';
import type { Answer } from './certainty.ts';
import { DENSE, hasMember } from './class-set.ts';
import { findIn } from './csr.ts';
import type { EdgeArenas, FlatArenas } from './flat-arenas.ts';
import { nodePosition } from './node-selections.ts';
import { EGRESS, EVERYONE, ISOLATES, PEER_SELECTIONS, UNCERTAIN } from './policy-tables.ts';
import { ALL_SET, NO_SET, PortSets } from './port-sets.ts';
import { CONFLICTS } from './project.ts';
import { TierOutcomes } from './tier-outcomes.ts';

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
 * What is certain of one key stands, whatever the others may say, as NetworkPolicies only add up. Where
 * policies of other tiers have rules for the subject, they speak first, and keys decide what is left to
 * them (tier-outcomes.ts); a cluster without any pays one comparison for that.
 */

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
  readonly #peersEnd: number;
  /** Undefined: no policy is of another tier. */
  readonly tiers: TierOutcomes | undefined;
  /** What {@link certainLeg} found last that may be allowed as well. */
  #possible = NO_SET;

  constructor(arenas: FlatArenas) {
    const { classes, numbers, parties, policies } = arenas;
    this.#arenas = arenas;
    this.sets = new PortSets(arenas.ports);
    this.#podParties = numbers.podParties;
    this.#namespaces = numbers.namespaces;
    this.#blockPeers = PEER_SELECTIONS + policies.selectionScope.length;
    this.#peersEnd = policies.peerKeys.length - 1;
    this.tiers =
      arenas.tiers.listPolicies.length === 0
        ? undefined
        : new TierOutcomes(arenas, this.sets, (peer, party, row) =>
            this.peerHolds(peer, party, row),
          );
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
    if (this.tiers !== undefined && (flags & UNCERTAIN) === 0) {
      const list = this.tiers.listOf(this.#classProfile[one]!, direction);
      if (list !== 0) return this.#opensAfterTiers(list, subject, peer, direction, row, point);
    }
    if ((flags & (ISOLATES | UNCERTAIN)) !== ISOLATES) {
      return (flags & UNCERTAIN) === 0 ? YES : MAYBE;
    }
    return this.#opensByKeys(subject, peer, direction, row, point);
  }

  /** What tiers leave to NetworkPolicies, and whether some rule may see it differently. */
  #opensAfterTiers(
    list: number,
    subject: number,
    peer: number,
    direction: 0 | 1,
    row: number,
    point: number,
  ): Answer {
    const { tiers, sets } = this;
    if (tiers === undefined || this.#isObscure(list, direction, peer)) return MAYBE;
    const isolated = this.#isIsolated(subject, direction);
    const map = this.#portMap(direction === EGRESS ? peer : subject);
    const outcome = tiers.of(list, direction, isolated, peer, row, map);
    if (sets.has(tiers.unknownOf(outcome), point)) return MAYBE;
    let answer: Answer = sets.has(tiers.allowOf(outcome), point) ? YES : NO;
    if (answer === NO && sets.has(tiers.restOf(outcome), point)) {
      answer = this.#opensByKeys(subject, peer, direction, row, point);
    }
    if (answer === YES && sets.has(tiers.mayDenyOf(outcome), point)) return MAYBE;
    return answer === NO && sets.has(tiers.mayAllowOf(outcome), point) ? MAYBE : answer;
  }

  /** Whether some key of an isolated subject holds the peer and the port. */
  #opensByKeys(
    subject: number,
    peer: number,
    direction: 0 | 1,
    row: number,
    point: number,
  ): Answer {
    const one = this.#classOf[subject]!;
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
    if (this.tiers !== undefined) {
      const list = this.tiers.listOf(this.#classProfile[one]!, direction);
      if (list !== 0) return this.#legAfterTiers(list, subject, peer, direction, row);
    }
    if ((flags & ISOLATES) === 0) return ALL_SET;
    return this.#legByKeys(subject, peer, direction, row);
  }

  /** As {@link certainLeg} where tiers speak first. */
  #legAfterTiers(
    list: number,
    subject: number,
    peer: number,
    direction: 0 | 1,
    row: number,
  ): number {
    const { tiers, sets } = this;
    if (tiers === undefined || this.#isObscure(list, direction, peer)) {
      this.#possible = ALL_SET;
      return NO_SET;
    }
    const isolated = this.#isIsolated(subject, direction);
    const map = this.#portMap(direction === EGRESS ? peer : subject);
    const outcome = tiers.of(list, direction, isolated, peer, row, map);
    const rest = tiers.restOf(outcome);
    let allow = tiers.allowOf(outcome);
    if (rest !== NO_SET) {
      const byKeys = this.#legByKeys(subject, peer, direction, row);
      allow = sets.unionOf(allow, sets.intersectionOf(rest, byKeys));
      this.#possible = sets.intersectionOf(rest, this.#possible);
    }
    const unknown = tiers.unknownOf(outcome);
    const mayDeny = sets.intersectionOf(tiers.mayDenyOf(outcome), allow);
    const doubtful = sets.unionOf(unknown, mayDeny);
    this.#possible = sets.unionOf(
      sets.unionOf(this.#possible, doubtful),
      tiers.mayAllowOf(outcome),
    );
    return sets.differenceOf(allow, doubtful);
  }

  /** What keys of an isolated subject open; see {@link certainLeg}. */
  #legByKeys(subject: number, peer: number, direction: 0 | 1, row: number): number {
    const one = this.#classOf[subject]!;
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
    if (this.#peersEnd <= peer) return this.#nodesHold(peer - this.#peersEnd, party);
    const { blockSets, parties, signatures } = this.#arenas;
    const block = peer - this.#blockPeers;
    const at = FAMILY_ROWS * parties.signature[party]! + row;
    if (hasBlock(blockSets, signatures.certain[at]!, block)) return YES;
    return hasBlock(blockSets, signatures.possible[at]!, block) ? MAYBE : NO;
  }

  /** Whether nodes by labels hold a party. */
  #nodesHold(selection: number, party: number): Answer {
    if (party < this.#podParties) return NO;
    const node = nodePosition(this.#arenas, party);
    return hasMember(this.#arenas.nodeSelections, selection, node) ? YES : NO;
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

  /** Whether it is not certain what the rules of a list see of a peer. */
  #isObscure(list: number, direction: 0 | 1, peer: number): boolean {
    return (
      this.#homeOf(peer) === ANY_NAMESPACE || this.tiers?.isBlind(list, direction, peer) === true
    );
  }

  #isIsolated(subject: number, direction: 0 | 1): boolean {
    return ((this.#classFlags[this.#classOf[subject]!]! >> direction) & ISOLATES) !== 0;
  }

  #portMap(destination: number): number {
    return destination < this.#podParties ? this.#classPortMap[this.#classOf[destination]!]! : 0;
  }
}

/** Whether a key holds pods of another namespace only. */
function isElsewhere(namespace: number, home: number): boolean {
  return namespace !== ANY_NAMESPACE && namespace !== home && home !== ANY_NAMESPACE;
}
