import { union } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import { isFinished } from '../../model/snapshot.ts';
import type { Direction, Policy } from '../../model/policy.ts';
import { podOrdinals } from '../model-view.ts';
import type { ModelView, PodOrdinal } from '../model-view.ts';
import type { EngineOptions } from '../options.ts';
import type { Party, PartyId } from '../party.ts';
import type { HypotheticalQuestion, PairQuestion } from '../reach-index.ts';
import { podsOfNamespace } from '../refs/namespace-pods.ts';
import { addressFacts, makeContext, nodeFacts, podFacts } from './fact-sheet.ts';
import type { FactContext } from './fact-sheet.ts';
import type { PartyFacts } from './facts.ts';
import { hypotheticalFacts, policiesSelecting } from './hypothetical.ts';
import type { HypotheticalSource } from './hypothetical.ts';
import type { LegQuestion } from './leg-question.ts';
import { compilePolicies } from './policy-program.ts';
import type { PolicyProgram, PortNameId } from './policy-program.ts';

/** What {@link LocalLegs} needs to know of an index. */
export interface LegSource {
  readonly view: ModelView;
  readonly options: EngineOptions;
  party(id: PartyId): Party;
  podsOf(id: PartyId): ArrayLike<PodOrdinal>;
  /** Policies that select or may select the pods of a party, in canonical order. */
  policiesOf(id: PartyId): readonly Policy[];
  /** Equal for parties whose `policiesOf` is equal. */
  policiesKeyOf(id: PartyId): number | string;
}

/** Contexts kept; the older half goes first. */
const CONTEXTS_MAX = 512;

/** Facts kept in all contexts together: a context of few policies can meet every party of a cluster. */
const FACTS_MAX = 50_000;

/** Policies of one subject, compiled, with what they see of the parties met so far. */
interface LocalContext {
  readonly context: FactContext;
  readonly facts: Map<PartyId, PartyFacts>;
  /** Dialect: ports behind names, over all pods that a policy selects. */
  readonly scoped: Map<PolicyProgram, ReadonlyMap<PortNameId, ConnectionSet>>;
}

/**
 * Legs judged against the subject's own policies only, compiled when they are first needed: what an
 * index without the objects uses for explanations, and where its arrays cannot be certain.
 *
 * The work is in proportion to the policies of one pod, never to those of the cluster.
 */
export class LocalLegs {
  readonly #source: LegSource;
  #young = new Map<number | string, LocalContext>();
  #old = new Map<number | string, LocalContext>();
  /** Since contexts were forgotten the last time. */
  #factsMade = 0;
  /** What selects a hypothetical source; those of one question are asked about many destinations. */
  readonly #ofSource = new WeakMap<HypotheticalSource, LocalContext>();

  constructor(source: LegSource) {
    this.#source = source;
  }

  question(question: PairQuestion, direction: Direction): LegQuestion {
    const egress = direction === 'EGRESS';
    const subject = egress ? question.source : question.destination;
    const peer = egress ? question.destination : question.source;
    const local = this.#contextOf(subject);
    const destination = this.#factsIn(local, question.destination);
    return {
      direction,
      subject: this.#factsIn(local, subject),
      peer: this.#factsIn(local, peer),
      family: question.family,
      relation: question.relation,
      namedPorts: destination.namedPorts,
      portDoubt: destination.portDoubt,
      ...(this.#source.options.namedPortScope === 'policy'
        ? { scopedPorts: (program: PolicyProgram) => portsOver(local, this.#source, program) }
        : {}),
    };
  }

  /** One leg of a connection from a pod that the snapshot does not have. */
  hypothetical(
    { source, destination, family }: HypotheticalQuestion,
    direction: Direction,
  ): LegQuestion {
    const egress = direction === 'EGRESS';
    const local = egress ? this.#contextOfSource(source) : this.#contextOf(destination);
    const from = hypotheticalFacts(local.context, source);
    const to = this.#factsIn(local, destination);
    return {
      direction,
      subject: egress ? from : to,
      peer: egress ? to : from,
      family,
      relation: 'NONE',
      namedPorts: to.namedPorts,
      portDoubt: to.portDoubt,
    };
  }

  #contextOfSource(source: HypotheticalSource): LocalContext {
    const known = this.#ofSource.get(source);
    if (known !== undefined) return known;
    const policies = source.kind === 'pod' ? policiesSelecting(this.#source.view, source) : [];
    const made = makeLocal(this.#source, policies);
    this.#ofSource.set(source, made);
    return made;
  }

  #contextOf(subject: PartyId): LocalContext {
    const key = this.#source.policiesKeyOf(subject);
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (known !== undefined) return known;
    const made = makeLocal(this.#source, this.#source.policiesOf(subject));
    if (CONTEXTS_MAX / 2 <= this.#young.size) this.#forgetOld();
    this.#young.set(key, made);
    return made;
  }

  /** No context outlives two generations, and in one of them only so many facts are made. */
  #forgetOld(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#factsMade = 0;
  }

  #factsIn({ context, facts }: LocalContext, id: PartyId): PartyFacts {
    const known = facts.get(id);
    if (known !== undefined) return known;
    const made = makeFacts(context, this.#source, id);
    facts.set(id, made);
    this.#factsMade += 1;
    if (FACTS_MAX / 2 <= this.#factsMade) this.#forgetOld();
    return made;
  }
}

function makeLocal({ view, options }: LegSource, policies: readonly Policy[]): LocalContext {
  const context = makeContext({ view, options, ...compilePolicies(policies) });
  return { context, facts: new Map(), scoped: new Map() };
}

/** Dialect: a name means every number it has on any pod that the policy selects (semantics R1.43). */
function portsOver(
  { context, scoped }: LocalContext,
  { view, options }: LegSource,
  program: PolicyProgram,
): ReadonlyMap<PortNameId, ConnectionSet> {
  const known = scoped.get(program);
  if (known !== undefined) return known;
  const all = new Map<PortNameId, ConnectionSet>();
  for (const ordinal of podsUnder(context, program)) {
    const pod = view.pod(ordinal);
    const isNode = pod.hostNetwork && options.hostNetworkPods === 'asNode';
    if (isNode || isFinished(pod.phase)) continue;
    const { facts } = podFacts(context, ordinal);
    if (!facts.programs.includes(program)) continue;
    for (const [id, set] of facts.namedPorts) {
      const before = all.get(id);
      all.set(id, before === undefined ? set : union(before, set));
    }
  }
  scoped.set(program, all);
  return all;
}

/** Pods that a policy can select: of one namespace, most of the time. */
function podsUnder(
  { view, selections }: FactContext,
  { subject }: PolicyProgram,
): Iterable<PodOrdinal> {
  const scope = selections[subject]?.namespaces;
  return scope?.kind === 'named' ? podsOfNamespace(view, scope.name) : podOrdinals(view);
}

function makeFacts(context: FactContext, source: LegSource, id: PartyId): PartyFacts {
  const party = source.party(id);
  switch (party.kind) {
    case 'node':
      return nodeFacts(context, party.node);
    case 'addresses':
      return addressFacts(context, party.family, party.ranges);
    case 'pods': {
      // What no policy can tell apart has one set of facts, so any of its pods will do.
      const pod = source.podsOf(id)[0];
      if (pod === undefined) throw new RangeError(`party ${id} has no pod`);
      return { ...podFacts(context, pod).facts, party };
    }
  }
}
