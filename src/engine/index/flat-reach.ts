import { ALL_PORTS, NO_CONNECTIONS, subtract } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Direction, Policy } from '../../model/policy.ts';
import { buildDirectory } from '../directory.ts';
import { groupings } from '../grouping.ts';
import type { WorkloadRows } from '../grouping.ts';
import type { ModelView, NodeOrdinal, PodOrdinal } from '../model-view.ts';
import type { EngineOptions } from '../options.ts';
import type { Party, PartyId } from '../party.ts';
import { evaluateLeg, joinLegs } from '../pair/evaluate.ts';
import { LocalLegs } from '../pair/local-legs.ts';
import { provenanceOf } from '../pair/rule-ref.ts';
import type {
  DirectionOutcome,
  LegReach,
  PairQuestion,
  PairReach,
  ReachIndex,
} from '../reach-index.ts';
import type { FlatIndex } from './flat-index.ts';
import type { FlatKernel } from './flat-kernel.ts';

/** Outcomes of pairs that the arrays leave open, remembered; the older half goes first. */
const OUTCOMES_MAX = 50_000;

/** What a flat `ReachIndex` is made of. */
export interface FlatParts {
  readonly view: ModelView;
  readonly flat: FlatKernel;
  readonly rows: WorkloadRows;
  readonly options: EngineOptions;
  /** How many overlays lie between this and what was compiled as a whole. */
  readonly overlays: number;
}

/**
 * The flat index behind the interface of every query. Pairs of strangers that the arrays are certain
 * about are answered from them; the rest, and every explanation, is judged against the policies of
 * the one pod it is about.
 */
export function flatReachIndex({
  view,
  flat,
  rows,
  options,
}: Omit<FlatParts, 'overlays'>): ReachIndex {
  const directory = buildDirectory(view);
  const party = partyReader(view, flat);
  const podsOf = (id: PartyId): ArrayLike<PodOrdinal> =>
    flat.podParties <= id
      ? NO_PODS
      : // The elements are ordinals by construction.
        (flat.partyPods.subarray(
          flat.partyPodStart[id],
          flat.partyPodStart[id + 1],
        ) as ArrayLike<number> as ArrayLike<PodOrdinal>);
  const policiesOf = policyReader(view, flat);
  const legs = new LocalLegs({
    view,
    options,
    party,
    podsOf,
    policiesOf,
    policiesKeyOf: (id) => flat.policiesOf(id).join(),
  });
  const judge = new PairJudge(legs, options);
  return {
    view,
    options,
    directory,
    provenance: provenanceOf(view.snapshot),
    partyCount: flat.partyCount,
    party,
    podsOf,
    rows: groupings(view, directory, rows),
    // The elements are party ids by construction.
    sourcesOf: (id) => flat.sourcesOf(id) as ArrayLike<number> as ArrayLike<PartyId>,
    destinationsOf: (id) => flat.destinationsOf(id) as ArrayLike<number> as ArrayLike<PartyId>,
    readsNamespaceLabels: flat.readsNamespaceLabels,
    partyOfPod: (pod) => {
      const id = flat.partyOfPod[pod] ?? -1;
      return id < 0 ? undefined : (id as PartyId);
    },
    partyOfNode: (node) => (flat.nodeStart + node) as PartyId,
    likeOf: nodeLikeness(view, flat),
    partyOfUnknownNode: () => flat.unknownNode as PartyId,
    partyOfUnknownAddress: (family) =>
      (flat.unknownAddressStart + (family === 4 ? 0 : 1)) as PartyId,
    partiesOfRanges: (ranges) => flat.partiesOfRanges(ranges),
    certain: (source, destination, family) => flat.allowed(source, destination, family),
    reach: (question) => {
      const { source, destination, family, relation } = question;
      const allowed = relation === 'NONE' ? flat.allowed(source, destination, family) : undefined;
      return allowed === undefined
        ? judge.reach(question)
        : new CertainPair(allowed, question, { flat, judge });
    },
    legOutcome: (question, direction) => judge.outcome(question, direction),
    legQuestion: (question, direction) => legs.question(question, direction),
    hypotheticalLeg: (question, direction) => legs.hypothetical(question, direction),
    policiesOf,
    bytes: flat.bytes + bytesOf(rows) + TABLE_BYTES_PER_POD * view.podCount,
  };
}

/** Layout of the view, and what remembering rows, facts and outcomes may come to, per pod. */
const TABLE_BYTES_PER_POD = 200;

const NO_PODS: readonly PodOrdinal[] = [];

function bytesOf({ rowOf, start, pods, keys, keyStart }: WorkloadRows): number {
  return [rowOf, start, pods, keys, keyStart].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function partyReader(view: ModelView, flat: FlatIndex): (id: PartyId) => Party {
  const known = new Map<PartyId, Party>();
  return (id) => {
    const found = known.get(id) ?? readParty(view, flat, id);
    known.set(id, found);
    return found;
  };
}

function readParty(view: ModelView, flat: FlatIndex, id: PartyId): Party {
  if (id < 0 || flat.partyCount <= id) throw new RangeError(`no party ${id}`);
  if (id < flat.podParties) return { kind: 'pods', families: flat.familiesOf(id) };
  if (id < flat.unknownNode) {
    const node = (id - flat.nodeStart) as NodeOrdinal;
    return { kind: 'node', node, families: flat.familiesOf(id) };
  }
  if (id === flat.unknownNode) {
    return { kind: 'node', node: undefined, families: 'unknown' };
  }
  if (flat.unknownAddressStart <= id) {
    return { kind: 'addresses', family: id === flat.unknownAddressStart ? 4 : 6, ranges: [] };
  }
  const ranges = flat.atomRanges(id);
  return { kind: 'addresses', family: ranges[0]?.family ?? 4, ranges };
}

/**
 * NetworkPolicies see nothing of a node but its addresses: nodes of one signature are alike. Other
 * policies may see more.
 */
function nodeLikeness(view: ModelView, flat: FlatKernel): (party: PartyId) => PartyId {
  if (view.snapshot.cluster.policies.length !== 0) return (party) => party;
  const { signature } = flat.arenas.parties;
  const firstOf = new Map<number | undefined, PartyId>();
  for (let node = flat.unknownNode - 1; flat.nodeStart <= node; node -= 1) {
    firstOf.set(signature[node], node as PartyId);
  }
  return (party) =>
    flat.nodeStart <= party && party < flat.unknownNode
      ? (firstOf.get(signature[party]) ?? party)
      : party;
}

function policyReader(view: ModelView, flat: FlatIndex): (id: PartyId) => readonly Policy[] {
  const { cluster } = view.snapshot;
  return (id) =>
    flat.policiesOf(id).map((number) => {
      const { namespace, position } = flat.policyAt(number);
      const { policies } = namespace < 0 ? cluster : view.namespaceAt(namespace);
      const policy = policies[position];
      if (policy === undefined) throw new RangeError(`no policy ${number}`);
      return policy;
    });
}

/** Judges pairs by the clear evaluator, against the policies of their ends. */
class PairJudge {
  readonly #legs: LocalLegs;
  readonly #options: EngineOptions;
  #young = new Map<string, DirectionOutcome>();
  #old = new Map<string, DirectionOutcome>();

  constructor(legs: LocalLegs, options: EngineOptions) {
    this.#legs = legs;
    this.#options = options;
  }

  reach(question: PairQuestion): PairReach {
    return joinLegs(this.outcome(question, 'EGRESS'), this.outcome(question, 'INGRESS'));
  }

  outcome(question: PairQuestion, direction: Direction): DirectionOutcome {
    const { source, destination, family, relation } = question;
    const key = `${direction}${source},${destination},${family ?? 0},${relation}`;
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (known !== undefined) return known;
    const outcome = evaluateLeg(this.#legs.question(question, direction), this.#options);
    if (OUTCOMES_MAX / 2 <= this.#young.size) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, outcome);
    return outcome;
  }
}

/**
 * A pair the arrays are certain about. One of its legs may still be open: what the other denies is
 * denied whatever this one says.
 */
class CertainPair implements PairReach {
  readonly allowed: ConnectionSet;
  readonly undetermined = NO_CONNECTIONS;
  readonly #question: PairQuestion;
  readonly #flat: FlatIndex;
  readonly #judge: PairJudge;

  constructor(
    allowed: ConnectionSet,
    question: PairQuestion,
    { flat, judge }: { readonly flat: FlatIndex; readonly judge: PairJudge },
  ) {
    this.allowed = allowed;
    this.#question = question;
    this.#flat = flat;
    this.#judge = judge;
  }

  get denied(): ConnectionSet {
    return portsOutside(this.allowed);
  }

  get egress(): LegReach {
    const { source, destination, family } = this.#question;
    const allow = this.#flat.leg(source, destination, 'EGRESS', family);
    if (allow === undefined) return this.#judge.outcome(this.#question, 'EGRESS');
    return this.#certain(allow, this.#flat.isIsolated(source, 'EGRESS'));
  }

  get ingress(): LegReach {
    const { source, destination, family } = this.#question;
    const allow = this.#flat.leg(destination, source, 'INGRESS', family);
    if (allow === undefined) return this.#judge.outcome(this.#question, 'INGRESS');
    return this.#certain(allow, this.#flat.isIsolated(destination, 'INGRESS'));
  }

  #certain(allow: ConnectionSet, isolated: boolean | null): LegReach {
    return { allow, deny: portsOutside(allow), unsure: [], isolated };
  }
}

/** Answers are few and shared, so the rest of each is worked out once. */
const OUTSIDE = new WeakMap<ConnectionSet, ConnectionSet>();

function portsOutside(set: ConnectionSet): ConnectionSet {
  const known = OUTSIDE.get(set);
  if (known !== undefined) return known;
  const rest = subtract(ALL_PORTS, set);
  OUTSIDE.set(set, rest);
  return rest;
}
