import { intersectRanges } from '../../model/address.ts';
import type { AddressRange } from '../../model/address.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import { union } from '../../model/connection-set.ts';
import type { Direction, Policy } from '../../model/policy.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { buildDirectory } from '../directory.ts';
import { buildWorkloadRows, groupings } from '../grouping.ts';
import { allPolicies, isUnevaluated, readsNamespaceLabels, sortPolicies } from '../policies.ts';
import { buildParties } from './parties.ts';
import type { PartyTable } from './parties.ts';
import type { PartyFacts } from '../pair/facts.ts';
import { compilePolicies } from '../pair/policy-program.ts';
import type { PolicyProgram, PortNameId } from '../pair/policy-program.ts';
import { buildModelView } from '../model-view.ts';
import type { ModelView, PodOrdinal } from '../model-view.ts';
import type { EngineOptions } from '../options.ts';
import { provenanceOf } from '../pair/rule-ref.ts';
import { EXTERNAL_OUTCOME, evaluateLeg, joinLegs } from '../pair/evaluate.ts';
import { hypotheticalFacts } from '../pair/hypothetical.ts';
import type { LegQuestion } from '../pair/leg-question.ts';
import type { DirectionOutcome, PairQuestion, ReachIndex } from '../reach-index.ts';
import type { PartyId } from '../party.ts';

/** Outcomes remembered per index; a bound on memory, the oldest half goes first. */
const OUTCOMES_MAX = 200_000;

/**
 * Compiles `snapshot` the clear way, for every dialect: pods fold into classes that no policy can tell
 * apart, outcomes are computed once per class pair when they are first asked for.
 *
 * Cost: one selector match per distinct (namespace, label set) and selection; memory in proportion
 * to pods and policies, plus remembered outcomes.
 */
export function compileClearIndex(snapshot: Snapshot, options: EngineOptions): ReachIndex {
  const view = buildModelView(snapshot);
  const compiled = compilePolicies(canonicalPolicies(view, options));
  const { programs } = compiled;
  const table = buildParties({ view, options, ...compiled });
  const facts = (party: PartyId): PartyFacts => {
    const found = table.facts[party];
    if (found === undefined) throw new RangeError(`no party ${party}`);
    return found;
  };
  const scopedPorts =
    options.namedPortScope === 'policy' ? portsOverSubjects(table.facts) : undefined;
  const legQuestion = (question: PairQuestion, direction: Direction): LegQuestion => {
    const { source, destination, family, relation } = question;
    const [from, to] = [facts(source), facts(destination)];
    return { ...legBetween(from, to, direction, scopedPorts), family, relation };
  };
  const legs = new OutcomeMemo(facts, legQuestion, options);
  const directory = buildDirectory(view);
  const partyOfPod = (pod: PodOrdinal): PartyId | undefined => partyAt(table.ofPod, pod);
  const every = table.facts.map((_, id) => id as PartyId);
  return {
    view,
    options,
    partyCount: table.facts.length,
    party: (id) => facts(id).party,
    podsOf: (id) => table.pods[id] ?? [],
    rows: groupings(view, directory, buildWorkloadRows(view)),
    // Clear, not clever: anyone may be a candidate.
    sourcesOf: () => every,
    destinationsOf: () => every,
    readsNamespaceLabels: programs.some(({ policy }) => readsNamespaceLabels(policy)),
    directory,
    provenance: provenanceOf(snapshot),
    legQuestion,
    hypotheticalLeg: ({ source, destination, family }, direction) => {
      const from = hypotheticalFacts(table.context, source);
      const leg = legBetween(from, facts(destination), direction, scopedPorts);
      return { ...leg, family, relation: 'NONE' };
    },
    partyOfPod,
    partyOfNode: (node) => partyAt(table.ofNode, node) ?? (0 as PartyId),
    likeOf: (party) => party,
    partyOfUnknownNode: () => table.ofUnknownNode as PartyId,
    partyOfUnknownAddress: (family) => table.ofUnknownAddress[family] as PartyId,
    partiesOfRanges: (ranges) => cutRanges(ranges, table),
    certain: () => undefined,
    reach: (question) =>
      joinLegs(legs.outcome(question, 'EGRESS'), legs.outcome(question, 'INGRESS')),
    legOutcome: (question, direction) => legs.outcome(question, direction),
    policiesOf: (party) => facts(party).programs.map(({ policy }) => policy),
    bytes: estimateBytes(view, table, programs),
  };
}

function legBetween(
  source: PartyFacts,
  destination: PartyFacts,
  direction: Direction,
  scopedPorts: LegQuestion['scopedPorts'],
): Omit<LegQuestion, 'family' | 'relation'> {
  const egress = direction === 'EGRESS';
  return {
    direction,
    subject: egress ? source : destination,
    peer: egress ? destination : source,
    namedPorts: destination.namedPorts,
    portDoubt: destination.portDoubt,
    ...(scopedPorts === undefined ? {} : { scopedPorts }),
  };
}

/** Policies in the order witnesses are chosen. */
function canonicalPolicies(view: ModelView, options: EngineOptions): Policy[] {
  const all = allPolicies(view);
  const ignores = options.vendorPolicies === 'ignore';
  return sortPolicies(ignores ? all.filter((policy) => !isUnevaluated(policy)) : all);
}

function partyAt(list: readonly number[], i: number): PartyId | undefined {
  const party = list[i];
  return party === undefined || party < 0 ? undefined : (party as PartyId);
}

function cutRanges(
  ranges: readonly AddressRange[],
  table: PartyTable,
): { party: PartyId; ranges: readonly AddressRange[] }[] {
  return table.ofAtom.flatMap((id) => {
    const party = table.facts[id]?.party;
    if (party?.kind !== 'addresses') return [];
    const part = intersectRanges(ranges, party.ranges);
    return part.length === 0 ? [] : [{ party: id as PartyId, ranges: part }];
  });
}

/** Dialect: a name means every number it has on any pod that the policy selects (semantics R1.43). */
function portsOverSubjects(
  facts: readonly PartyFacts[],
): (program: PolicyProgram) => ReadonlyMap<PortNameId, ConnectionSet> {
  const byProgram = new Map<PolicyProgram, Map<PortNameId, ConnectionSet>>();
  for (const { programs, namedPorts } of facts) {
    for (const program of programs) {
      const all = byProgram.get(program) ?? new Map<PortNameId, ConnectionSet>();
      byProgram.set(program, all);
      for (const [id, set] of namedPorts) {
        const known = all.get(id);
        all.set(id, known === undefined ? set : union(known, set));
      }
    }
  }
  return (program) => byProgram.get(program) ?? new Map();
}

/**
 * Outcomes by what they depend on: the subject's policies, not the subject, so that rows repeat.
 */
class OutcomeMemo {
  readonly #facts: (party: PartyId) => PartyFacts;
  readonly #question: (question: PairQuestion, direction: Direction) => LegQuestion;
  readonly #options: EngineOptions;
  #young = new Map<string, DirectionOutcome>();
  #old = new Map<string, DirectionOutcome>();

  constructor(
    facts: (party: PartyId) => PartyFacts,
    question: (question: PairQuestion, direction: Direction) => LegQuestion,
    options: EngineOptions,
  ) {
    this.#facts = facts;
    this.#question = question;
    this.#options = options;
  }

  outcome(question: PairQuestion, direction: Direction): DirectionOutcome {
    const { source, destination } = question;
    const egress = direction === 'EGRESS';
    const subject = this.#facts(egress ? source : destination);
    if (subject.party.kind !== 'pods') return EXTERNAL_OUTCOME;
    const peer = egress ? destination : source;
    const ports = egress ? 0 : subject.portsKey;
    const key = `${direction}${subject.subjectKey},${ports},${peer},${question.family ?? 0},${question.relation}`;
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (known !== undefined) return known;
    const outcome = evaluateLeg(this.#question(question, direction), this.#options);
    if (OUTCOMES_MAX / 2 <= this.#young.size) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, outcome);
    return outcome;
  }
}

/** A rough count, good enough to bound a cache: rows, sets and strings dominate. */
function estimateBytes(
  view: ModelView,
  table: PartyTable,
  programs: readonly PolicyProgram[],
): number {
  const rules = programs.reduce((n, { ingress, egress }) => n + ingress.length + egress.length, 0);
  const matched = table.facts.reduce((n, { selections }) => n + selections.size, 0);
  const specs = programs.reduce((n, { policy }) => n + policy.spec.length, 0);
  return 600 * view.podCount + 400 * table.facts.length + 40 * matched + 500 * rules + 2 * specs;
}
