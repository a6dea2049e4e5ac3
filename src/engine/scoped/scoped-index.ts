import type { GroupBy } from '../../model/answer.ts';
import type { Grouping } from '../grouping.ts';
import type { PodOrdinal } from '../model-view.ts';
import type { PartyId } from '../party.ts';
import type { PartyFacts } from '../pair/facts.ts';
import type { LegQuestion } from '../pair/leg-question.ts';
import type { DirectionOutcome, EndPods, LegReach, PairReach, ReachIndex } from '../reach-index.ts';
import { OthersOrder } from './others-order.ts';
import { Scope } from './scope.ts';
import { scopedDirectory } from './scoped-directory.ts';
import { otherPods, scopedRows } from './scoped-rows.ts';
import { scopedView } from './scoped-view.ts';
import { ToldReasons } from './told-reasons.ts';

/** From what a scoped index was made. */
export interface ScopedFrom {
  readonly whole: ReachIndex;
  readonly scope: Scope;
}

const SCOPED = new WeakMap<ReachIndex, ScopedFrom>();

/** What `index` was made from; undefined for one of which everything is told. */
export function scopedFrom(index: ReachIndex): ScopedFrom | undefined {
  return SCOPED.get(index);
}

/**
 * `whole` for a reader of some namespaces: the same parties, pairs and verdicts, judged on the whole
 * cluster, under the names that the reader may see. Pods of all other namespaces are one row and one
 * end, {@link OTHERS}, that has a count and no name; policies of other namespaces count and are not
 * named.
 *
 * Cheap: what it costs is worked out when a question needs it, once.
 */
export function scopedIndex(whole: ReachIndex, namespaces: Iterable<string>): ReachIndex {
  return scopeIndex(whole, new Scope(namespaces));
}

/** {@link scopedIndex} for a scope that is there. */
export function scopeIndex(whole: ReachIndex, scope: Scope): ReachIndex {
  const view = scopedView(whole.view, scope);
  const directory = scopedDirectory(view, () => otherPods(view, (by) => whole.rows(by)));
  const rows = new Map<GroupBy, Grouping>();
  const reasons = new ToldReasons(scope);
  const told = new ToldLegs(scope, reasons);
  let order: ReadonlyMap<PartyId, string> | undefined;
  const orderOf = (party: PartyId): string => {
    order ??= orderOthers(whole, scope, directory.others?.pods ?? []);
    return order.get(party) ?? '';
  };
  const index: ReachIndex = {
    ...whole,
    view,
    directory,
    rows: (groupBy) => {
      const known = rows.get(groupBy) ?? scopedRows(whole.rows(groupBy), directory);
      rows.set(groupBy, known);
      return known;
    },
    reach: (question) => told.reach(whole.reach(question)),
    legOutcome: (question, direction) => told.outcome(whole.legOutcome(question, direction)),
    legQuestion: (question, direction) => told.question(whole.legQuestion(question, direction)),
    hypotheticalLeg: (question, direction) =>
      told.question(whole.hypotheticalLeg(question, direction)),
    policiesOf: (party) => whole.policiesOf(party).filter((policy) => scope.tellsPolicy(policy)),
    arrange: (groups) => arrange(groups, (pod) => view.isOther(pod), orderOf),
  };
  SCOPED.set(index, { whole, scope });
  return index;
}

/** By party of other pods, what it comes after. */
function orderOthers(
  whole: ReachIndex,
  scope: Scope,
  pods: readonly PodOrdinal[],
): ReadonlyMap<PartyId, string> {
  const { view } = whole;
  const { cluster, namespaces } = view.snapshot;
  const told = [...namespaces].flatMap(([name, chunk]) =>
    scope.tells(name) ? chunk.policies : [],
  );
  return new OthersOrder(view, [...cluster.policies, ...told]).keysOf(pods, (pod) =>
    whole.partyOfPod(pod),
  );
}

/** Pods with a name first, as they are; then those without, party by party, in `order`. */
function arrange<Group extends EndPods>(
  groups: readonly Group[],
  isOther: (pod: PodOrdinal) => boolean,
  order: (party: PartyId) => string,
): readonly Group[] {
  const named: Group[] = [];
  const others: Group[] = [];
  for (const group of groups) {
    const pods = group.pods.filter(isOther);
    if (pods.length === 0) {
      named.push(group);
    } else if (pods.length === group.pods.length) {
      others.push(group);
    } else {
      named.push({ ...group, pods: group.pods.filter((pod) => !isOther(pod)) });
      others.push({ ...alone(group), pods });
    }
  }
  if (others.length < 2) return [...named, ...others];
  const keyed = others.map((group) => ({ group, key: order(group.party) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return [...named, ...keyed.map(({ group }) => group)];
}

/** The group without its nodes and addresses, which stay with the pods that have names. */
function alone<Group extends EndPods>(group: Group): Group {
  return { ...group, nodes: [], ranges: [] };
}

/** Legs as the reader is told them: sets and verdicts as they are. */
class ToldLegs {
  readonly #scope: Scope;
  readonly #reasons: ToldReasons;
  readonly #facts = new WeakMap<PartyFacts, PartyFacts>();

  constructor(scope: Scope, reasons: ToldReasons) {
    this.#scope = scope;
    this.#reasons = reasons;
  }

  reach(reach: PairReach): PairReach {
    const { egress, ingress, allowed, denied, undetermined } = reach;
    if (egress.unsure.length + ingress.unsure.length === 0) return reach;
    const legs = { egress: this.#leg(egress), ingress: this.#leg(ingress) };
    return { ...legs, allowed, denied, undetermined };
  }

  outcome(outcome: DirectionOutcome): DirectionOutcome {
    return {
      ...this.#leg(outcome),
      segments: outcome.segments.map((segment) => ({
        ...segment,
        policies: segment.policies.filter((policy) => this.#scope.tellsPolicy(policy)),
      })),
      passed: outcome.passed.filter(({ policy }) => this.#scope.tellsPolicy(policy)),
    };
  }

  question(question: LegQuestion): LegQuestion {
    return {
      ...question,
      subject: this.#party(question.subject),
      peer: this.#party(question.peer),
      portDoubt: this.#reasons.tellMaybe(question.portDoubt),
    };
  }

  /** Written out: legs of an index can have members that no copy has. */
  #leg({ allow, deny, unsure, isolated }: LegReach): LegReach {
    const told = unsure.map(({ set, reason }) => ({ set, reason: this.#reasons.tell(reason) }));
    return { allow, deny, unsure: told, isolated };
  }

  #party(facts: PartyFacts): PartyFacts {
    const known = this.#facts.get(facts);
    if (known !== undefined) return known;
    const reasons = this.#reasons;
    const made: PartyFacts = {
      ...facts,
      selectionDoubt: reasons.tellMaybe(facts.selectionDoubt),
      addressDoubt: reasons.tellMaybe(facts.addressDoubt),
      portDoubt: reasons.tellMaybe(facts.portDoubt),
      nodeDoubt: reasons.tellMaybe(facts.nodeDoubt),
      missingPolicies: reasons.tellMaybe(facts.missingPolicies),
      doubts: facts.doubts.map((reason) => reasons.tell(reason)),
      perhaps: new Map([...facts.perhaps].map(([one, reason]) => [one, reasons.tell(reason)])),
    };
    this.#facts.set(facts, made);
    return made;
  }
}
