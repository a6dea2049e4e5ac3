import { MAYBE, NO, YES } from './certainty.ts';
import type { Answer } from './certainty.ts';
import type { FlatArenas } from './flat-arenas.ts';
import { IntList } from './int-list.ts';
import { PairTable } from './pair-table.ts';
import { ALL_SET, NO_SET } from './port-sets.ts';
import type { PortSets } from './port-sets.ts';
import { ALLOW, DENY, PASS } from './tier-ir.ts';
import { MAYBE_ACTION, isBaseline } from './tier-tables.ts';
import { TierViews, UNLABELLED } from './tier-views.ts';
import type { HoldsPeer } from './tier-views.ts';

/*
 * What the admin and the baseline tier come to for a subject and a peer, on all ports at once: the walk of
 * pair/evaluate.ts on numbers of sets (port-sets.ts).
 *
 * It depends on the subject's list (tier-tables.ts), on whether NetworkPolicies isolate it, for then they
 * decide instead of the baseline, on what the rules see of the peer (tier-views.ts), and on what the
 * destination makes of port names. Those are few combinations, so each walk is made once, and a pair costs
 * three looks into tables.
 *
 *   isolated       admin → { allow, deny, rest }, and the rest is for NetworkPolicies
 *   not isolated   admin → baseline → allow what nobody spoke of; nothing is left
 *
 * Rules that match only perhaps stand beside the walk, as in pair/walk.ts: what they may have allowed or
 * denied is certain only where the end of the walk agrees.
 */

/** Numbers of sets for each outcome. */
interface Column {
  readonly allow: IntList;
  readonly rest: IntList;
  readonly mayAllow: IntList;
  readonly mayDeny: IntList;
  readonly unknown: IntList;
}

/** Outcomes kept before all are dropped and made anew. */
const OUTCOMES_MAX = 200_000;

/** Some rule of a list speaks in a direction. */
const SPEAKS = 1;
/** One of its port lists has names. */
const NAMES_PORTS = 2;
/** One of its peers is nodes by labels. */
const NAMES_NODES = 4;

/** Actions of a walk so far, as numbers of sets. */
type Sums = [allow: number, deny: number, pass: number];

/** What the tiers of a snapshot come to. */
export class TierOutcomes {
  readonly views: TierViews;
  readonly #sets: PortSets;
  readonly #holds: HoldsPeer;
  readonly #tiers: FlatArenas['tiers'];
  /** By list and direction: {@link SPEAKS} and the like. */
  readonly #speaks: Uint8Array;
  #generation = -1;
  /** (list, direction and isolation; view). */
  #asked = new PairTable(64);
  /** (asked, port map). */
  #numbers = new PairTable(64);
  #columns = newColumns();
  // The walk that is being made.
  #rest = ALL_SET;
  #mayAllow = NO_SET;
  #mayDeny = NO_SET;
  #unknown = NO_SET;

  constructor(arenas: FlatArenas, sets: PortSets, holds: HoldsPeer) {
    this.#tiers = arenas.tiers;
    this.#sets = sets;
    this.#holds = holds;
    this.views = new TierViews(arenas, holds);
    this.#speaks = speakingLists(arenas);
  }

  /** The list of a profile, 0 if none of its policies has a rule in `direction`. */
  listOf(profile: number, direction: 0 | 1): number {
    const list = this.#tiers.profileList[profile]!;
    return this.#speaks[2 * list + direction] === 0 ? 0 : list;
  }

  /** Whether what `list` comes to depends on port names. */
  readsNames(list: number, direction: 0 | 1): boolean {
    return (this.#speaks[2 * list + direction]! & NAMES_PORTS) !== 0;
  }

  /** Whether `list` names nodes by labels, and those of `peer` are not known: what it comes to is not. */
  isBlind(list: number, direction: 0 | 1, peer: number): boolean {
    if ((this.#speaks[2 * list + direction]! & NAMES_NODES) === 0) return false;
    return this.views.byLabels(peer) === UNLABELLED;
  }

  /**
   * The number of what `list` comes to for `peer`.
   *
   * @param map port map of the destination, whichever end that is
   */
  of(
    list: number,
    direction: 0 | 1,
    isolated: boolean,
    peer: number,
    row: number,
    map: number,
  ): number {
    if (this.#generation !== this.#sets.generation || OUTCOMES_MAX < this.#numbers.size) {
      this.#forget();
    }
    const question = 4 * list + 2 * direction + (isolated ? 1 : 0);
    const asked = this.#asked.idOf(question, this.views.of(peer, row));
    const id = this.#numbers.idOf(asked, this.readsNames(list, direction) ? map : 0);
    if (id === this.#columns.allow.length) this.#walk(list, direction, isolated, peer, row, map);
    return id;
  }

  /** What is allowed, as far as is certain of the rules that certainly match. */
  allowOf(outcome: number): number {
    return this.#columns.allow.at(outcome);
  }

  /** What is left to NetworkPolicies. */
  restOf(outcome: number): number {
    return this.#columns.rest.at(outcome);
  }

  /** What some rule may have allowed. */
  mayAllowOf(outcome: number): number {
    return this.#columns.mayAllow.at(outcome);
  }

  /** What some rule may have denied. */
  mayDenyOf(outcome: number): number {
    return this.#columns.mayDeny.at(outcome);
  }

  /** What nobody can know, whatever else is decided: ties, and what may have been passed on. */
  unknownOf(outcome: number): number {
    return this.#columns.unknown.at(outcome);
  }

  /** Whether anything is certainly or possibly allowed before NetworkPolicies are asked. */
  admits(outcome: number): boolean {
    const { allow, mayAllow, unknown } = this.#columns;
    return (
      allow.at(outcome) !== NO_SET ||
      mayAllow.at(outcome) !== NO_SET ||
      unknown.at(outcome) !== NO_SET
    );
  }

  #forget(): void {
    this.#generation = this.#sets.generation;
    this.#asked = new PairTable(64);
    this.#numbers = new PairTable(64);
    this.#columns = newColumns();
  }

  #walk(
    list: number,
    direction: 0 | 1,
    isolated: boolean,
    peer: number,
    row: number,
    map: number,
  ): void {
    const { listStart, listPolicies, level } = this.#tiers;
    const sets = this.#sets;
    this.#rest = ALL_SET;
    this.#mayAllow = NO_SET;
    this.#mayDeny = NO_SET;
    this.#unknown = NO_SET;
    let allow = NO_SET;
    let passed = NO_SET;
    let inBaseline = false;
    const end = listStart[list + 1]!;
    for (let i = listStart[list]!; i < end;) {
      const here = level[listPolicies[i]!]!;
      if (isBaseline(here) && !inBaseline) {
        if (isolated) break;
        inBaseline = true;
        this.#rest = sets.unionOf(this.#rest, passed);
        passed = NO_SET;
      }
      const total: Sums = [NO_SET, NO_SET, NO_SET];
      for (; i < end && level[listPolicies[i]!] === here; i += 1) {
        const one = this.#runAlone(listPolicies[i]!, direction, peer, row, map);
        for (const action of [ALLOW, DENY, PASS] as const) {
          total[action] = sets.unionOf(total[action], one[action]);
        }
      }
      // Policies of one order speak at once: where two of them differ, nobody knows (semantics R3.8).
      const ties = this.#tiesOf(total);
      this.#unknown = sets.unionOf(this.#unknown, ties);
      allow = sets.unionOf(allow, sets.differenceOf(total[ALLOW], ties));
      passed = sets.unionOf(passed, sets.differenceOf(total[PASS], ties));
      for (const set of total) this.#rest = sets.differenceOf(this.#rest, set);
    }
    let rest = sets.unionOf(this.#rest, passed);
    if (!isolated) {
      allow = sets.unionOf(allow, rest);
      rest = NO_SET;
    }
    const columns = this.#columns;
    columns.allow.push(allow);
    columns.rest.push(rest);
    columns.mayAllow.push(this.#mayAllow);
    columns.mayDeny.push(this.#mayDeny);
    columns.unknown.push(this.#unknown);
  }

  #tiesOf([allow, deny, pass]: Sums): number {
    const sets = this.#sets;
    return sets.unionOf(
      sets.unionOf(sets.intersectionOf(allow, deny), sets.intersectionOf(allow, pass)),
      sets.intersectionOf(deny, pass),
    );
  }

  /** First match of one policy on what is still undecided; what it may have done besides is noted. */
  #runAlone(policy: number, direction: 0 | 1, peer: number, row: number, map: number): Sums {
    const { ruleStart, actions, ports } = this.#tiers;
    const sets = this.#sets;
    const sums: Sums = [NO_SET, NO_SET, NO_SET];
    let left = this.#rest;
    const end = ruleStart[2 * policy + direction + 1]!;
    for (let rule = ruleStart[2 * policy + direction]!; rule < end && left !== NO_SET; rule += 1) {
      const held = this.#ruleHolds(rule, peer, row);
      if (held === NO) continue;
      const set = sets.intersectionOf(left, sets.addList(NO_SET, ports[rule]!, map));
      const action = (actions[rule]! & ~MAYBE_ACTION) as typeof ALLOW | typeof DENY | typeof PASS;
      if (held === MAYBE || (actions[rule]! & MAYBE_ACTION) !== 0) {
        this.#doubt(action, set);
        continue;
      }
      sums[action] = sets.unionOf(sums[action], set);
      left = sets.differenceOf(left, set);
    }
    return sums;
  }

  #doubt(action: number, set: number): void {
    const sets = this.#sets;
    if (action === ALLOW) this.#mayAllow = sets.unionOf(this.#mayAllow, set);
    else if (action === DENY) this.#mayDeny = sets.unionOf(this.#mayDeny, set);
    else this.#unknown = sets.unionOf(this.#unknown, set);
  }

  /** Whether any peer of a rule holds the party. */
  #ruleHolds(rule: number, party: number, row: number): Answer {
    const { peerStart, peers } = this.#tiers;
    let answer: Answer = NO;
    for (let i = peerStart[rule]!; i < peerStart[rule + 1]!; i += 1) {
      const peer = peers[i]!;
      const plain = this.#holds(peer < 0 ? ~peer : peer, party, row);
      const held = plain === MAYBE ? MAYBE : (plain === YES) === 0 <= peer ? YES : NO;
      if (held === YES) return YES;
      if (held === MAYBE) answer = MAYBE;
    }
    return answer;
  }
}

function newColumns(): Column {
  return {
    allow: new IntList(),
    rest: new IntList(),
    mayAllow: new IntList(),
    mayDeny: new IntList(),
    unknown: new IntList(),
  };
}

function speakingLists({ policies, ports: portArenas, tiers }: FlatArenas): Uint8Array {
  const { listStart, listPolicies, ruleStart, ports, peerStart, peers } = tiers;
  const firstNodes = policies.peerKeys.length - 1;
  const { listNameStart } = portArenas;
  const speaks = new Uint8Array(2 * (listStart.length - 1));
  for (let list = 0; list + 1 < listStart.length; list += 1) {
    for (let i = listStart[list]!; i < listStart[list + 1]!; i += 1) {
      for (const direction of [0, 1]) {
        const first = 2 * listPolicies[i]! + direction;
        for (let rule = ruleStart[first]!; rule < ruleStart[first + 1]!; rule += 1) {
          const named = listNameStart[ports[rule]!] !== listNameStart[ports[rule]! + 1];
          let bits = SPEAKS | (named ? NAMES_PORTS : 0);
          for (let k = peerStart[rule]!; k < peerStart[rule + 1]!; k += 1) {
            const peer = peers[k]! < 0 ? ~peers[k]! : peers[k]!;
            if (firstNodes <= peer) bits |= NAMES_NODES;
          }
          speaks[2 * list + direction]! |= bits;
        }
      }
    }
  }
  return speaks;
}
