import { connectionsOf, union } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Address, AddressRange, Family } from '../../model/address.ts';
import type { Reason } from '../../model/answer.ts';
import type { PodSelection } from '../../model/policy.ts';
import { NO_LABELS } from '../../model/selector.ts';
import type { Match } from '../../model/selector.ts';
import type { NamespaceChunk, Pod, Snapshot } from '../../model/snapshot.ts';
import { aboutNamespace } from '../reason-subjects.ts';
import { missingKind, missingPolicyKinds } from '../missing.ts';
import type { ModelView, NodeOrdinal, PodOrdinal } from '../model-view.ts';
import { namedPorts } from '../named-ports.ts';
import type { EngineOptions } from '../options.ts';
import type { Party } from '../party.ts';
import type { AddressBlocks, BlockId } from './address-blocks.ts';
import type { BlockMatches, PartyFacts } from './facts.ts';
import type { PolicyProgram, PortName, PortNameId, SelectionId } from './policy-program.ts';
import { SelectionMatcher } from './selection-matcher.ts';
import type { SelectionMatches } from './selection-matcher.ts';

/** What {@link makeContext} needs. */
export interface FactInput {
  readonly view: ModelView;
  readonly options: EngineOptions;
  readonly programs: readonly PolicyProgram[];
  readonly selections: readonly PodSelection[];
  readonly blocks: AddressBlocks;
  readonly portNames: readonly PortName[];
}

const NO_BLOCKS: BlockMatches = new Map();

/** What policies see of something, before it is known which party it is. */
export type UnplacedFacts = Omit<PartyFacts, 'party'>;

/** The policies facts are worked out against, and what is worked out once for all of them. */
export interface FactContext extends FactInput {
  readonly atomMatches: readonly BlockMatches[];
  readonly unknownMatches: PartyFacts['blocks'];
  /** Every block may hold it. */
  readonly anyMatches: PartyFacts['blocks'];
  readonly unknownNodeMatches: PartyFacts['blocks'];
  /** Set when a dump does not have the nodes of its cluster. */
  readonly missingNodes: Reason | undefined;
  /** Set when policies of extensions, which could select any pod, are not in the snapshot. */
  readonly extensionPolicies: Reason | undefined;
  readonly unpoliced: UnplacedFacts;
  readonly matcher: SelectionMatcher;
  readonly programsBySubject: ReadonlyMap<SelectionId, readonly number[]>;
  readonly subjectKeys: Interner;
  readonly portsKeys: Interner;
}

/** Numbers distinct keys from 0. */
class Interner {
  readonly #ids = new Map<string, number>();

  idOf(key: string): number {
    const id = this.#ids.get(key) ?? this.#ids.size;
    this.#ids.set(key, id);
    return id;
  }
}

/** Prepares facts against the policies of `input`. */
export function makeContext(input: FactInput): FactContext {
  const programsBySubject = new Map<SelectionId, number[]>();
  for (const [i, { subject }] of input.programs.entries()) {
    const list = programsBySubject.get(subject) ?? [];
    list.push(i);
    programsBySubject.set(subject, list);
  }
  const subjectKeys = new Interner();
  const portsKeys = new Interner();
  const unpoliced: UnplacedFacts = {
    selections: new Map(),
    selectionDoubt: undefined,
    blocks: { 4: NO_BLOCKS, 6: NO_BLOCKS, unknown: NO_BLOCKS },
    namedPorts: new Map(),
    addressDoubt: undefined,
    portDoubt: undefined,
    nodeLabels: undefined,
    nodeDoubt: undefined,
    programs: [],
    perhaps: new Map(),
    doubts: [],
    missingPolicies: undefined,
    subjectKey: subjectKeys.idOf('unpoliced'),
    portsKey: portsKeys.idOf(''),
  };
  return {
    ...input,
    atomMatches: input.blocks.atoms.map((atom) => new Map(atom.blocks.map((id) => [id, 'yes']))),
    anyMatches: matchAnyBlock(input),
    unknownMatches: matchUnknownAddress(input, 'pods'),
    unknownNodeMatches: matchUnknownAddress(input, 'anywhere'),
    missingNodes: missingNodes(input.view.snapshot),
    extensionPolicies: missingPolicyKinds(input.view.snapshot, input.options),
    unpoliced,
    matcher: new SelectionMatcher(input.selections),
    programsBySubject,
    subjectKeys,
    portsKeys,
  };
}

/**
 * How blocks treat a pod whose address is not known. With neither address known the family is open:
 * IPv4 is taken as given, an IPv6 block can at most be `maybe` (decisions 7).
 */
function matchUnknownAddress(
  { blocks }: FactInput,
  space: 'pods' | 'anywhere',
): PartyFacts['blocks'] {
  const ids = new Set(blocks.atoms.flatMap((atom) => atom.blocks));
  const table = (match: (id: BlockId) => Match): BlockMatches =>
    new Map([...ids].map((id) => [id, match(id)] as const).filter(([, value]) => value !== 'no'));
  return {
    4: table((id) => blocks.matchUnknown(id, 4, space)),
    6: table((id) => blocks.matchUnknown(id, 6, space)),
    unknown: table((id) => {
      const v4 = blocks.matchUnknown(id, 4, space);
      return v4 === 'no' && blocks.matchUnknown(id, 6, space) !== 'no' ? 'maybe' : v4;
    }),
  };
}

/** A pod with all that policies can see of it. */
export interface SeenPod {
  readonly pod: Pod;
  readonly chunk: NamespaceChunk;
  readonly addresses: readonly Address[];
}

/**
 * Facts of a pod, with a key that is equal for pods that no policy can tell apart (semantics 5.3).
 */
export function podFacts(
  context: FactContext,
  ordinal: PodOrdinal,
): { key: string; facts: UnplacedFacts } {
  const { view } = context;
  return factsOf(context, {
    pod: view.pod(ordinal),
    chunk: view.namespaceOf(ordinal),
    addresses: view.addressesOf(ordinal),
  });
}

/** {@link podFacts} of a pod that need not be in the snapshot. */
export function factsOf(
  context: FactContext,
  { pod, chunk, addresses }: SeenPod,
): { key: string; facts: UnplacedFacts } {
  const { view } = context;
  const conflict = pod.conflict || chunk.conflict;
  const selections = conflict
    ? context.matcher.matchAnything()
    : context.matcher.matchPod(chunk, pod.labels);
  const ports = resolvePorts(context, pod);
  const portsText = [...ports].map(([id, set]) => `${id}=${JSON.stringify(set)}`).join(';');
  const doubts = podDoubts(context, pod, chunk, conflict);
  const missingPolicies = missingKind(view.snapshot, 'NetworkPolicy', chunk.name);
  const selecting = selectingPrograms(context, selections, chunk, conflict);
  const programs = selecting.map(({ id }) => id);
  const perhaps = selecting.filter(({ match }) => match === 'maybe').map(({ id }) => id);
  const scope = doubts.length === 0 && missingPolicies === undefined ? '' : chunk.name;
  const doubtText = doubts.map((doubt) => doubt.message).join(',');
  const perhapsText = perhaps.length === 0 ? '' : `?${perhaps.join(',')}@${chunk.name}`;
  const subjectText = `${programs.join(',')}${perhapsText}|${scope}|${doubtText}`;
  const blocks = podBlocks(context, pod, addresses);
  const doubtful = [...selections].some(([, match]) => match === 'maybe');
  const key = [
    [...selections].map(([id, match]) => (match === 'yes' ? id : `${id}?`)).join(','),
    doubtful ? chunk.name : '',
    blocks.key,
    portsText,
    subjectText,
  ].join('|');
  return {
    key,
    facts: {
      ...context.unpoliced,
      selections,
      selectionDoubt: doubtful ? selectionDoubt(chunk, conflict) : undefined,
      blocks: blocks.matches,
      namedPorts: ports,
      // Which version of the pod is the true one decides both.
      addressDoubt: pod.conflict ? conflictReason(chunk, pod) : undefined,
      portDoubt: pod.conflict ? conflictReason(chunk, pod) : undefined,
      programs: programs.flatMap((i) => context.programs[i] ?? []),
      perhaps: new Map(
        perhaps
          .flatMap((i) => context.programs[i] ?? [])
          .map((program) => [program, selectionDoubt(chunk, conflict)]),
      ),
      doubts,
      missingPolicies,
      subjectKey: context.subjectKeys.idOf(subjectText),
      portsKey: context.portsKeys.idOf(portsText),
    },
  };
}

function matchAnyBlock({ blocks }: FactInput): PartyFacts['blocks'] {
  const ids = new Set(blocks.atoms.flatMap((atom) => atom.blocks));
  const any: BlockMatches = new Map([...ids].map((id) => [id, 'maybe']));
  return { 4: any, 6: any, unknown: any };
}

/** Positions of the programs whose subject holds the pod, or may hold it, ascending. */
function selectingPrograms(
  context: FactContext,
  selections: SelectionMatches,
  chunk: NamespaceChunk,
  conflict: boolean,
): { readonly id: number; readonly match: Match }[] {
  const result: { readonly id: number; readonly match: Match }[] = [];
  for (const [id, match] of selections) {
    const scope = context.selections[id]?.namespaces;
    if (conflict && scope?.kind === 'named' && scope.name !== chunk.name) continue;
    for (const program of context.programsBySubject.get(id) ?? []) {
      result.push({ id: program, match });
    }
  }
  return result.sort((a, b) => a.id - b.id);
}

function resolvePorts(context: FactContext, pod: Pod): ReadonlyMap<PortNameId, ConnectionSet> {
  const result = new Map<PortNameId, ConnectionSet>();
  for (const [id, { name, protocol }] of context.portNames.entries()) {
    const set = namedPortSet(pod, name, protocol, context.options);
    if (set !== undefined) result.set(id, set);
  }
  return result;
}

function namedPortSet(
  pod: Pod,
  name: string,
  protocol: PortName['protocol'],
  options: EngineOptions,
): ConnectionSet | undefined {
  const protocols = protocol === undefined ? (['TCP', 'UDP', 'SCTP'] as const) : [protocol];
  let set: ConnectionSet | undefined;
  for (const lane of protocols) {
    for (const port of namedPorts(pod, name, lane, options)) {
      const one = connectionsOf([{ protocol: lane, from: port, to: port }]);
      set = set === undefined ? one : union(set, one);
    }
  }
  return set;
}

function podDoubts(
  { view, extensionPolicies }: FactContext,
  pod: Pod,
  chunk: NamespaceChunk,
  conflict: boolean,
): Reason[] {
  const doubts: Reason[] = extensionPolicies === undefined ? [] : [extensionPolicies];
  if (conflict) doubts.push(conflictReason(chunk, pod));
  if (pod.template && view.snapshot.source === 'LIVE') {
    const missing = missingKind(view.snapshot, 'Pod', chunk.name);
    if (missing !== undefined) doubts.push(missing);
  }
  return doubts;
}

function conflictReason(chunk: NamespaceChunk, pod: Pod): Reason {
  const object = chunk.conflict ? `Namespace ${chunk.name}` : `Pod ${chunk.name}/${pod.name}`;
  const message = `${object} is contradictory or cannot be read in full; see the problems of the snapshot`;
  return aboutNamespace({ code: 'CONFLICTING_OBJECTS', message }, chunk.name);
}

function selectionDoubt(chunk: NamespaceChunk, conflict: boolean): Reason {
  if (conflict) {
    const message = `a pod of namespace ${chunk.name} is contradictory or cannot be read in full`;
    return aboutNamespace({ code: 'CONFLICTING_OBJECTS', message }, chunk.name);
  }
  const missing: Reason = {
    code: 'MISSING_KIND',
    message: `a rule reads labels of namespace ${chunk.name}, which the snapshot does not have`,
    missing: [{ apiVersion: 'v1', kind: 'Namespace', namespace: chunk.name, status: 'ABSENT' }],
  };
  return aboutNamespace(missing, chunk.name);
}

function podBlocks(
  context: FactContext,
  pod: Pod,
  addresses: readonly Address[],
): { key: string; matches: PartyFacts['blocks'] } {
  if (pod.conflict) return { key: 'conflict', matches: context.anyMatches };
  if (addresses.length === 0) {
    // A pod that was seen running or pending without an address has none to match (R2.6); one that
    // is only written down will get one from the pod network.
    return pod.phase === 'UNKNOWN'
      ? { key: 'unknown', matches: context.unknownMatches }
      : { key: 'none', matches: context.unpoliced.blocks };
  }
  const atoms = new Map(
    addresses.map((address) => [address.family, context.blocks.atomOf(address)]),
  );
  const of = (family: Family): BlockMatches =>
    context.atomMatches[atoms.get(family) ?? -1] ?? NO_BLOCKS;
  const key = `${atoms.get(4) ?? '-'},${atoms.get(6) ?? '-'}`;
  return { key, matches: { 4: of(4), 6: of(6), unknown: NO_BLOCKS } };
}

function missingNodes(snapshot: Snapshot): Reason | undefined {
  return snapshot.source === 'LIVE' ? missingKind(snapshot, 'Node') : undefined;
}

/** Facts of a node; `undefined`: some node of which nothing is known. */
export function nodeFacts(context: FactContext, ordinal: NodeOrdinal | undefined): PartyFacts {
  const viewNode = ordinal === undefined ? undefined : context.view.nodes[ordinal];
  // Of a node that only pods speak of, a dump without Nodes knows some addresses at best.
  const partly = viewNode?.synthetic === true && context.missingNodes !== undefined;
  const addresses = partly ? [] : (viewNode?.addresses ?? []);
  const of = (family: Family): BlockMatches => {
    const own = addresses.filter((address) => address.family === family);
    return own.length === 0 ? NO_BLOCKS : unanimous(context, own);
  };
  const known = addresses.length !== 0;
  return {
    ...context.unpoliced,
    party: { kind: 'node', node: ordinal, families: familiesOf(addresses) },
    blocks: known ? { 4: of(4), 6: of(6), unknown: NO_BLOCKS } : context.unknownNodeMatches,
    addressDoubt: partly ? context.missingNodes : undefined,
    nodeLabels: viewNode?.node.labels ?? NO_LABELS,
    nodeDoubt: viewNode === undefined ? UNKNOWN_NODE : partly ? context.missingNodes : undefined,
    selections: hostNetworkSelections(context),
  };
}

const UNKNOWN_NODE: Reason = {
  code: 'CONDITIONAL',
  message: 'a rule names nodes by their labels, and it is not known which node this is',
};

/** A block that holds some of a node's addresses of one family, but not all, is `maybe`. */
function unanimous(context: FactContext, addresses: readonly Address[]): BlockMatches {
  const each = addresses.map(
    (address) => context.atomMatches[context.blocks.atomOf(address)] ?? NO_BLOCKS,
  );
  const ids = new Set(each.flatMap((matched) => [...matched.keys()]));
  return new Map(
    [...ids].map((id) => [id, each.every((matched) => matched.has(id)) ? 'yes' : 'maybe']),
  );
}

/** Dialect: namespace peers that select this one namespace match node traffic as well. */
function hostNetworkSelections({ options, view, matcher }: FactContext): SelectionMatches {
  const name = options.hostNetworkNamespace;
  const chunk = name === null ? undefined : view.snapshot.namespaces.get(name);
  return chunk === undefined ? new Map() : matcher.matchNamespaceOnly(chunk);
}

/** Families of a pod; not known of one in two versions. */
export function podFamilies(view: ModelView, ordinal: PodOrdinal): readonly Family[] | 'unknown' {
  return view.pod(ordinal).conflict ? 'unknown' : familiesOf(view.addressesOf(ordinal));
}

function familiesOf(addresses: readonly Address[]): readonly Family[] | 'unknown' {
  if (addresses.length === 0) return 'unknown';
  return ([4, 6] as const).filter((family) =>
    addresses.some((address) => address.family === family),
  );
}

/** Facts of outside addresses that all blocks treat alike; one of them tells for all. */
export function addressFacts(
  context: FactContext,
  family: Family,
  ranges: readonly AddressRange[],
): PartyFacts {
  const [range] = ranges;
  const party: Party = { kind: 'addresses', family, ranges };
  if (range === undefined) {
    const unknown = {
      blocks: context.unknownMatches,
      nodeLabels: NO_LABELS,
      nodeDoubt: UNKNOWN_NODE,
    };
    return { ...context.unpoliced, party, ...unknown };
  }
  const atom = context.blocks.atomOf({ family, value: range.first });
  const none = { 4: NO_BLOCKS, 6: NO_BLOCKS, unknown: NO_BLOCKS };
  const matched = context.atomMatches[atom] ?? NO_BLOCKS;
  const facts = { ...context.unpoliced, party, blocks: { ...none, [family]: matched } };
  // Where a dump has no Nodes, any address may be one.
  const { missingNodes } = context;
  return missingNodes === undefined
    ? facts
    : { ...facts, nodeLabels: NO_LABELS, nodeDoubt: missingNodes };
}
