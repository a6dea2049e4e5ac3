import { evaluateLeg, joinLegs } from './pair/evaluate.ts';
import { podFamilies } from './pair/fact-sheet.ts';
import { LocalLegs } from './pair/local-legs.ts';
import { isFinished } from '../model/snapshot.ts';
import type { Direction, Policy } from '../model/policy.ts';
import type { PodOrdinal } from './model-view.ts';
import type { EngineOptions } from './options.ts';
import type { Party, PartyId } from './party.ts';
import { sortPolicies } from './policies.ts';
import { scopeIndex, scopedFrom } from './scoped/scoped-index.ts';
import type { DirectionOutcome, PairQuestion, ReachIndex } from './reach-index.ts';

/** Parties from here on are those of the other index that are no pods. */
const OTHERS = 2 ** 30;

/**
 * The snapshot of `index` judged by other `options`, for questions about a few pairs: nothing is
 * compiled, each pair is judged against the policies of its ends (semantics 4.2, "Sensitivity").
 *
 * Pods are one party here when they are one in `index` and declare the same ports, so that no option
 * tells them apart. It lists nobody: candidates are those of `index`.
 */
export function underOptions(index: ReachIndex, options: EngineOptions): ReachIndex {
  const from = scopedFrom(index);
  // Other options judge the whole as well.
  return from === undefined
    ? wholeUnderOptions(index, options)
    : scopeIndex(wholeUnderOptions(from.whole, options), from.scope);
}

function wholeUnderOptions(index: ReachIndex, options: EngineOptions): ReachIndex {
  const { view } = index;
  const parties = new PodParties(index, options);
  const party = (id: PartyId): Party =>
    OTHERS <= id
      ? index.party(baseOf(id))
      : { kind: 'pods', families: podFamilies(view, parties.podOf(id)) };
  const podsOf = (id: PartyId): ArrayLike<PodOrdinal> => (OTHERS <= id ? [] : [parties.podOf(id)]);
  const policiesOf = (id: PartyId): readonly Policy[] =>
    OTHERS <= id ? [] : parties.policiesOf(id);
  const legs = new LocalLegs({
    view,
    options,
    party,
    podsOf,
    policiesOf,
    policiesKeyOf: (id) => (OTHERS <= id ? 'none' : parties.policiesKeyOf(id)),
  });
  const outcomes = new Map<string, DirectionOutcome>();
  const outcome = (question: PairQuestion, direction: Direction): DirectionOutcome => {
    const { source, destination, family, relation } = question;
    const key = `${direction}${source},${destination},${family ?? 0},${relation}`;
    const known = outcomes.get(key) ?? evaluateLeg(legs.question(question, direction), options);
    outcomes.set(key, known);
    return known;
  };
  return {
    ...index,
    options,
    party,
    podsOf,
    policiesOf,
    // Whoever is alike under one dialect need not be under another.
    likeOf: (id) => id,
    partyOfPod: (pod) => parties.partyOf(pod),
    partyOfNode: (node) => otherOf(index.partyOfNode(node)),
    partyOfUnknownNode: () => otherOf(index.partyOfUnknownNode()),
    partyOfUnknownAddress: (family) => otherOf(index.partyOfUnknownAddress(family)),
    partiesOfRanges: (ranges) =>
      index.partiesOfRanges(ranges).map((part) => ({ ...part, party: otherOf(part.party) })),
    certain: () => undefined,
    reach: (question) => joinLegs(outcome(question, 'EGRESS'), outcome(question, 'INGRESS')),
    legOutcome: outcome,
    legQuestion: (question, direction) => legs.question(question, direction),
  };
}

function otherOf(base: PartyId): PartyId {
  return (OTHERS + base) as PartyId;
}

function baseOf(id: PartyId): PartyId {
  return (id - OTHERS) as PartyId;
}

/** Pods that no option tells apart, numbered when they are met. */
class PodParties {
  readonly #index: ReachIndex;
  readonly #options: EngineOptions;
  readonly #ids = new Map<string, PartyId>();
  readonly #pods: PodOrdinal[] = [];

  constructor(index: ReachIndex, options: EngineOptions) {
    this.#index = index;
    this.#options = options;
  }

  /** A pod of the party. */
  podOf(id: PartyId): PodOrdinal {
    const pod = this.#pods[id];
    if (pod === undefined) throw new RangeError(`no party ${id}`);
    return pod;
  }

  /** Undefined for a finished pod. */
  partyOf(ordinal: PodOrdinal): PartyId | undefined {
    const { view } = this.#index;
    const pod = view.pod(ordinal);
    if (isFinished(pod.phase)) return undefined;
    if (pod.hostNetwork && this.#options.hostNetworkPods === 'asNode') {
      const node = view.nodeOf(ordinal);
      const index = this.#index;
      return otherOf(node === undefined ? index.partyOfUnknownNode() : index.partyOfNode(node));
    }
    const base = this.#baseOf(ordinal);
    const key = base === undefined ? `pod ${ordinal}` : `${base} ${JSON.stringify(pod.ports)}`;
    const id = this.#ids.get(key) ?? ((this.#pods.push(ordinal) - 1) as PartyId);
    this.#ids.set(key, id);
    return id;
  }

  policiesOf(id: PartyId): readonly Policy[] {
    const ordinal = this.podOf(id);
    const base = this.#baseOf(ordinal);
    if (base !== undefined) return this.#index.policiesOf(base);
    // A pod that the index takes for its node: whatever may select it.
    const { view } = this.#index;
    const { policies } = view.namespaceOf(ordinal);
    return sortPolicies([...view.snapshot.cluster.policies, ...policies]);
  }

  policiesKeyOf(id: PartyId): string {
    const ordinal = this.podOf(id);
    const base = this.#baseOf(ordinal);
    return String(base ?? `namespace ${this.#index.view.namespaceIndexOf(ordinal)}`);
  }

  /** The pod's party in the index; undefined where that is its node. */
  #baseOf(ordinal: PodOrdinal): PartyId | undefined {
    const base = this.#index.partyOfPod(ordinal);
    return base === undefined || this.#index.party(base).kind !== 'pods' ? undefined : base;
  }
}
