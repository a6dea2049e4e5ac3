import { addFault, rootField } from './fields.ts';
import { versionOf } from './found-object.ts';
import type { FoundObject } from './found-object.ts';
import { isAbout } from './is-about.ts';
import { decodedKindCalled, findKind } from './kinds.ts';
import type { KindRole, KnownKind } from './kinds.ts';
import type { EntryContent } from './kinds/entry/entry-content.ts';
import { HeldEndpoints } from './held/held-endpoints.ts';
import { PodVersions } from './held/pod-versions.ts';
import { decodeEndpointSlice, decodeEndpoints } from './kinds/endpoints.ts';
import type { EndpointsObject } from './kinds/endpoints.ts';
import { decodeMetadata } from './kinds/metadata.ts';
import type { Metadata } from './kinds/metadata.ts';
import { decodeNamespace } from './kinds/namespace.ts';
import type { NamespaceObject } from './kinds/namespace.ts';
import { policyContent } from './kinds/policy-object.ts';
import type { PolicyContent } from './kinds/policy-object.ts';
import { decodeNode } from './kinds/node.ts';
import type { NodeObject } from './kinds/node.ts';
import { decodePod, isNetworkUnreadable } from './kinds/pod.ts';
import { decodeEntryDefinition, decodePolicyDefinition } from './kinds/policy-crd.ts';
import { EXTENSION_KINDS } from './kinds/extension-kinds.ts';
import type { ExtensionKind } from './kinds/extension-kinds.ts';
import { decodeService } from './kinds/service.ts';
import type { ServiceObject } from './kinds/service.ts';
import { decodeWorkload } from './kinds/workload.ts';
import type { WorkloadObject } from './kinds/workload.ts';
import { LabelCheck } from './label-limits.ts';
import { problemAt, problemsOf } from './problems.ts';
import type { InputEvidence, KindName, ReadItem } from './read-item.ts';
import { VersionTable } from './versions.ts';
import type { Faulty } from './versions.ts';
import type { IngestLimits } from '../model/input.ts';
import type { ObjectRef } from '../model/policy.ts';
import type { Problem } from '../model/snapshot.ts';

type ObjectItem = Extract<ReadItem, { type: 'object' }>;
type ListItem = Extract<ReadItem, { type: 'list' }>;

/** Name of a policy that has none: it has an effect nonetheless. */
const UNNAMED = '(unnamed)';

/** What the input says about how much of a kind it holds. */
export interface KindEvidence {
  readonly kind: KnownKind;
  /** Objects or a list of the kind occurred that stand for all there is. */
  seen: boolean;
  /** Objects of it occurred in a dump of which nobody says that it has all of them. */
  some: boolean;
  /** Namespaces of which a dump has all of it. */
  readonly covered: Set<string>;
  /** A dump could not list it for lack of rights. */
  forbidden: boolean;
  /** A list of it was cut off, or objects of it are in doubt and cannot say so themselves. */
  partial: boolean;
  /** Objects of it could not be read or told apart, so that a dump of it is not whole. */
  lost: boolean;
}

/** Everything read, decoded as far as possible before all of it was seen. */
export interface Collected {
  readonly namespaces: VersionTable<NamespaceObject & Faulty>;
  /** Of the Namespaces among the objects. */
  readonly namespaceNames: Set<string>;
  readonly nodes: VersionTable<NodeObject & Faulty>;
  readonly pods: PodVersions;
  readonly services: VersionTable<ServiceObject & Faulty>;
  readonly slices: VersionTable<EndpointsObject & Faulty>;
  readonly endpoints: VersionTable<EndpointsObject & Faulty>;
  /** Of what is in `slices` and `endpoints`. */
  readonly heldEndpoints: HeldEndpoints;
  readonly workloads: VersionTable<WorkloadObject & Faulty>;
  /** Ingresses, Gateways and their like, of all kinds. */
  readonly entries: VersionTable<EntryContent & Faulty>;
  /** Policies of all kinds, raw. */
  readonly policies: VersionTable<PolicyContent>;
  /** Kinds of policies that the cluster can hold, by their definitions. */
  readonly definitions: Set<ExtensionKind>;
  readonly evidence: Map<string, KindEvidence>;
  /** A list of unnamed kinds was cut off: no kind is known to be complete. */
  everythingIncomplete: boolean;
  /** Something could not be read of which not even the kind is known. */
  anythingLost: boolean;
  /** Some object has a uid or a resourceVersion: it was in a cluster (contract 3). */
  live: boolean;
  /** Objects in kinds that are not read, by `kind apiVersion`. */
  readonly skipped: Map<string, { apiVersion: string; kind: string; count: number }>;
  readonly problems: Problem[];
  /** Lists, and objects of kinds that are read. */
  knownCount: number;
}

/**
 * Reads all items, decoding what does not depend on the rest of the input.
 *
 * @param defaultNamespace - where objects live whose manifest does not say
 * @throws `upload-too-large` for labels over a limit
 */
export async function collectObjects(
  items: AsyncIterable<ReadItem>,
  defaultNamespace: string,
  limits: Pick<IngestLimits, 'labelsMax' | 'labelBytesMax'>,
): Promise<Collected> {
  const labels = new LabelCheck(limits);
  const collected = emptyCollection();
  // Problems that readers told since the last object; some are about the next one.
  let told: Problem[] = [];
  for await (const item of items) {
    if (item.type === 'problem') {
      collected.problems.push(item.problem);
      told.push(item.problem);
    } else if (item.type === 'evidence') {
      collectEvidence(collected, item);
    } else {
      const doubted = item.type === 'object' && told.some((problem) => isAbout(problem, item));
      const losses = told.filter((problem) => item.type !== 'object' || !isAbout(problem, item));
      noteLosses(collected, losses);
      told = [];
      collectItem(collected, item, { defaultNamespace, labels, doubted });
    }
  }
  noteLosses(collected, told);
  return collected;
}

/** The evidence about a kind, which then counts as having been looked for. */
export function evidenceOf(collected: Pick<Collected, 'evidence'>, kind: KnownKind): KindEvidence {
  const known = collected.evidence.get(kind.key);
  if (known !== undefined) return known;
  const fresh: KindEvidence = {
    kind,
    seen: false,
    some: false,
    covered: new Set(),
    forbidden: false,
    partial: false,
    lost: false,
  };
  collected.evidence.set(kind.key, fresh);
  return fresh;
}

/** What a directory, an archive or a dump says that it has, or has only in part. */
function collectEvidence(collected: Collected, evidence: InputEvidence): void {
  const { shapes, covers, doubts, forbidden } = evidence;
  // Tools dump what is there; people write what shall be.
  collected.live ||= shapes.length !== 0;
  const of = ({ apiVersion, kind }: KindName): KindEvidence | undefined => {
    const known = findKind(apiVersion, kind);
    return known === undefined ? undefined : evidenceOf(collected, known);
  };
  for (const cover of covers) {
    const known = of(cover);
    if (known === undefined) continue;
    if (cover.namespaces === undefined) known.seen = true;
    for (const namespace of cover.namespaces ?? []) known.covered.add(namespace);
  }
  for (const doubt of doubts) {
    const known = of(doubt);
    if (known !== undefined) known.partial = true;
  }
  for (const kind of forbidden) {
    const known = of(kind);
    if (known !== undefined) known.forbidden = true;
  }
}

function emptyCollection(): Collected {
  return {
    namespaces: new VersionTable(),
    namespaceNames: new Set(),
    nodes: new VersionTable(),
    pods: new PodVersions(),
    services: new VersionTable(),
    slices: new VersionTable(),
    endpoints: new VersionTable(),
    heldEndpoints: new HeldEndpoints(),
    workloads: new VersionTable(),
    entries: new VersionTable(),
    policies: new VersionTable(),
    definitions: new Set(),
    evidence: new Map(),
    everythingIncomplete: false,
    anythingLost: false,
    live: false,
    skipped: new Map(),
    problems: [],
    knownCount: 0,
  };
}

/** Objects that readers could not yield: a dump is not whole without them. */
function noteLosses(collected: Collected, problems: readonly Problem[]): void {
  for (const { object, affectsVerdicts } of problems) {
    if (!affectsVerdicts) continue;
    const name = (object.split(' ', 1)[0] ?? '').replace(/List$/, '');
    const kind = decodedKindCalled(name);
    // Every other object that has a kind is of one that is not read, unless it may be a policy.
    const isPolicy = EXTENSION_KINDS.some((each) => each.kind === name);
    const isUnread = /^[A-Z]\w+ /.test(object) && !isPolicy;
    if (kind !== undefined) evidenceOf(collected, kind).lost = true;
    else if (!isUnread) collected.anythingLost = true;
  }
}

interface ItemContext {
  readonly defaultNamespace: string;
  readonly labels: LabelCheck;
  /** A reader told that keys of the object mean different things to different readers. */
  readonly doubted: boolean;
}

function collectItem(
  collected: Collected,
  item: Exclude<ReadItem, { type: 'problem' | 'evidence' }>,
  context: ItemContext,
): void {
  if (item.type === 'list') {
    collected.knownCount += 1;
    collectList(collected, item);
    return;
  }
  const kind = item.type === 'object' ? findKind(item.apiVersion, item.kind) : undefined;
  if (item.type === 'skipped' || kind === undefined) {
    const key = `${item.kind} ${item.apiVersion}`;
    const known = collected.skipped.get(key);
    const { apiVersion, kind: name } = item;
    if (known === undefined) collected.skipped.set(key, { apiVersion, kind: name, count: 1 });
    else known.count += 1;
    return;
  }
  collected.knownCount += 1;
  collectObject(collected, item, kind, context);
}

function collectList(collected: Collected, item: ListItem): void {
  const named = item.kind === 'List' ? undefined : item.kind.replace(/List$/, '');
  const kind = named === undefined ? undefined : findKind(item.apiVersion, named);
  if (kind !== undefined) {
    const evidence = evidenceOf(collected, kind);
    if (item.scoped === undefined) evidence.seen = true;
    // What is cut off in a dump is not covered by it, whatever else is.
    evidence.partial ||= item.truncated && item.scoped === undefined;
  }
  if (!item.truncated || (named !== undefined && kind === undefined)) return;
  collected.everythingIncomplete ||= kind === undefined;
  collected.problems.push({
    severity: 'error',
    code: 'TRUNCATED_LIST',
    object: item.kind,
    path: 'metadata.continue',
    message: 'the list is one page of several, so objects are missing; dump it without a limit',
    affectsVerdicts: true,
    ...(item.from.file === undefined ? {} : { file: item.from.file }),
    ...(item.from.line === undefined ? {} : { line: item.from.line }),
  });
}

function collectObject(
  collected: Collected,
  item: ObjectItem,
  kind: KnownKind,
  { defaultNamespace, labels, doubted }: ItemContext,
): void {
  const { role } = kind;
  const root = rootField(item.value);
  if (doubted) addFault(root, 'what some of its keys mean depends on the version of YAML');
  const metadata = decodeMetadata(root);
  collected.live ||= metadata.uid !== undefined || metadata.resourceVersion !== undefined;
  const evidence = evidenceOf(collected, kind);
  if (item.scoped === undefined) evidence.seen = true;
  else evidence.some = true;
  const ref = refOf(kind, metadata, defaultNamespace);
  labels.check(ref, metadata.labels);
  const found: FoundObject = { item, root, metadata, ref, labels };
  if (role.type === 'crd') {
    const definition = decodePolicyDefinition(root);
    if (definition !== undefined) collected.definitions.add(definition);
    // A kind that the cluster has, and that nothing was seen of as yet.
    const entry = decodeEntryDefinition(root);
    const known = entry && findKind(entry.versions[0] ?? '', entry.kind);
    if (known !== undefined) evidenceOf(collected, known);
  } else if (role.type === 'policy' || role.type === 'unevaluated') {
    collectPolicy(collected, found);
  } else if (
    metadata.name === undefined ||
    metadata.namespaceUnreadable ||
    (role.type === 'pod' && isNetworkUnreadable(root))
  ) {
    // It cannot be told which object this is, or what; that there is one more is all that is known.
    evidence.lost = true;
    const place = { ref, from: item.from };
    collected.problems.push(...problemsOf(place, root.faults, 'INVALID_OBJECT'));
  } else {
    decodeInto(collected, role, found);
  }
}

/** Of kinds whose objects are decoded at once. */
type DecodedRole = Exclude<KindRole, { type: 'policy' | 'unevaluated' | 'crd' }>;

/** The identity of an object; without a namespace when that cannot be told. */
function refOf(kind: KnownKind, metadata: Metadata, defaultNamespace: string): ObjectRef {
  const { name = UNNAMED, namespace, namespaceUnreadable, uid } = metadata;
  const { apiVersion, kind: called } = kind;
  const place =
    kind.namespaced && !namespaceUnreadable ? (namespace ?? defaultNamespace) : undefined;
  // What nearly all objects have, in one small object.
  if (place !== undefined && uid !== undefined) {
    return { apiVersion, kind: called, namespace: place, name, uid };
  }
  return {
    apiVersion,
    kind: called,
    ...(place === undefined ? {} : { namespace: place }),
    name,
    ...(uid === undefined ? {} : { uid }),
  };
}

/** Policies keep their place whole: lines of rules are looked up once they are decoded. */
function collectPolicy(collected: Collected, { item, root, metadata, ref }: FoundObject): void {
  const { from } = item;
  from.detach?.();
  const problems: Problem[] = [];
  if (item.apiVersion !== ref.apiVersion && ref.kind === 'NetworkPolicy') {
    const problem = problemAt(
      { ref, from },
      {
        severity: 'warning',
        code: 'DEPRECATED_VERSION',
        message: `no server since 1.16 takes ${item.apiVersion}; it is read as ${ref.apiVersion}`,
        affectsVerdicts: false,
      },
    );
    problems.push(problem);
  }
  const content = policyContent(item.value, root.faults);
  const { resourceVersion } = metadata;
  collected.policies.add({ ref, resourceVersion, content, problems, from });
}

function decodeInto(collected: Collected, role: DecodedRole, found: FoundObject): void {
  const { root, metadata, ref } = found;
  const { name, namespace = '' } = ref;
  switch (role.type) {
    case 'namespace':
      collected.namespaceNames.add(name);
      collected.namespaces.add(versionOf(found, decodeNamespace(root, metadata, name)));
      return;
    case 'node':
      collected.nodes.add(versionOf(found, decodeNode(root, metadata)));
      return;
    case 'pod':
      collected.pods.add(versionOf(found, decodePod(root, metadata)));
      return;
    case 'service':
      collected.services.add(versionOf(found, decodeService(root)));
      return;
    case 'slice': {
      const slice = versionOf(found, decodeEndpointSlice(root, metadata, namespace));
      collected.slices.add(collected.heldEndpoints.hold(slice));
      return;
    }
    case 'endpoints': {
      const endpoints = versionOf(found, decodeEndpoints(root, name, namespace));
      collected.endpoints.add(collected.heldEndpoints.hold(endpoints));
      return;
    }
    case 'workload': {
      const workload = decodeWorkload(root, metadata, role.kind, name);
      for (const template of workload.templates) found.labels.check(ref, template.labels);
      collected.workloads.add(versionOf(found, workload));
      return;
    }
    case 'entry':
      collected.entries.add(versionOf(found, role.of.decode(root, namespace)));
      return;
  }
}
