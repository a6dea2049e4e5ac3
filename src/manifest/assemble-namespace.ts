import { canonicalJson } from './canonical-json.ts';
import { joinWorkloads, ownerKey, workloadOf } from './join-workloads.ts';
import type { SettledWorkload, WorkloadJoin } from './join-workloads.ts';
import type { Owner } from './kinds/metadata.ts';
import { namespaceLabels } from './kinds/namespace.ts';
import type { NamespaceObject } from './kinds/namespace.ts';
import type { PodObject } from './kinds/pod.ts';
import type { TemplatePod } from './kinds/workload.ts';
import type { Faulty, Settled } from './versions.ts';
import type { NamespaceEntries } from '../model/entry.ts';
import type { Policy } from '../model/policy.ts';
import { NO_LABELS } from '../model/selector.ts';
import type { Labels } from '../model/selector.ts';
import { POD_CONFLICT, POD_PHASES, POD_READY, POD_TEMPLATE } from '../model/snapshot.ts';
import { POD_TERMINATING } from '../model/snapshot.ts';
import type { NamespaceChunk, PodPhase, PodShape, PodTable } from '../model/snapshot.ts';
import type { Service, SnapshotSource, Workload } from '../model/snapshot.ts';

/** Everything of one namespace, settled but not yet laid out. */
export interface NamespaceParts {
  readonly name: string;
  readonly object: Settled<NamespaceObject & Faulty> | undefined;
  readonly pods: readonly Settled<PodObject & Faulty>[];
  readonly workloads: readonly SettledWorkload[];
  readonly policies: readonly Policy[];
  readonly services: readonly Service[];
  /** Undefined: none. */
  readonly waysIn: NamespaceEntries | undefined;
}

/** A pod before it has a row. */
interface DraftPod extends Omit<PodObject, 'owner' | 'ready' | 'terminating'> {
  readonly name: string;
  readonly uid: string;
  readonly owner: Owner | undefined;
  readonly flags: number;
}

/** A pod made from a template. */
interface StampedPod extends DraftPod {
  readonly owner: Owner;
}

/**
 * Lays out a namespace.
 *
 * @param source - decides what is known of a namespace without an object of its own
 * @param templates - whether workloads without pods get some made from their templates
 */
export function assembleNamespace(
  parts: NamespaceParts,
  source: SnapshotSource,
  templates: boolean,
): NamespaceChunk {
  const { name, object } = parts;
  const join = joinWorkloads(parts.workloads);
  const real = parts.pods.map((pod) => draftPod(pod, join));
  const stamped = templates ? templatePods(parts.workloads, real, join) : [];
  const drafts = [...real, ...stamped].sort((a, b) => (a.name < b.name ? -1 : 1));
  const workloads = listWorkloads(parts.workloads, join, real, stamped);
  return {
    name,
    ...(object?.ref.uid === undefined ? {} : { uid: object.ref.uid }),
    labels: object?.content.labels ?? namespaceLabels(name, NO_LABELS),
    known: object !== undefined ? 'OBJECT' : source === 'LIVE' ? 'UNKNOWN' : 'IMPLIED',
    terminating: object?.content.terminating ?? false,
    conflict: object !== undefined && (object.conflict || object.content.faulty),
    ...layOutPods(drafts, workloads),
    workloads,
    policies: parts.policies,
    services: parts.services,
    ...(parts.waysIn === undefined ? {} : { waysIn: parts.waysIn }),
  };
}

function draftPod(pod: Settled<PodObject & Faulty>, join: WorkloadJoin): DraftPod {
  const { ref, content } = pod;
  const { labels, hostNetwork, ports, addresses, phase } = content;
  // Versions of a pod on different nodes: which node may always reach it is not known.
  const moved = pod.versions.some((version) => version.content.node !== content.node);
  return {
    labels,
    hostNetwork,
    ports,
    node: moved ? '' : content.node,
    addresses,
    phase,
    name: ref.name,
    uid: ref.uid ?? '',
    owner: join.ownerOfPod(content),
    flags:
      (content.ready ? POD_READY : 0) |
      (content.terminating ? POD_TERMINATING : 0) |
      (pod.conflict || content.faulty ? POD_CONFLICT : 0),
  };
}

/**
 * Pods that stand for those a controller would make: for workloads that have none, unless something
 * in the input controls the workload itself and speaks for it.
 *
 * @see semantics R1.65, 5.3
 */
function templatePods(
  workloads: readonly SettledWorkload[],
  real: readonly DraftPod[],
  join: WorkloadJoin,
): StampedPod[] {
  const manned = new Set(real.flatMap(({ owner }) => (owner === undefined ? [] : ownerKey(owner))));
  const stamping = workloads.filter((workload) => {
    const owner = join.ownerOfWorkload(workload);
    const ownsItself = ownerKey(owner) === ownerKey(workload.ref);
    return !manned.has(ownerKey(owner)) && (ownsItself || join.find(owner) === undefined);
  });
  const namesakes = new Map<string, number>();
  for (const { ref } of stamping) namesakes.set(ref.name, (namesakes.get(ref.name) ?? 0) + 1);
  return stamping.flatMap((workload) => {
    const { ref, content, conflict } = workload;
    const templates = mostTemplates(workload);
    const prefix = namesakes.get(ref.name) === 1 ? '' : `${ref.kind.toLowerCase()}-`;
    return templates.map((template, i) => ({
      ...template,
      name: `${ref.name}[${prefix}${i}]`,
      uid: '',
      node: '',
      addresses: [],
      phase: 'UNKNOWN' as const,
      owner: join.ownerOfWorkload(workload),
      flags: POD_TEMPLATE | POD_READY | (conflict || content.faulty ? POD_CONFLICT : 0),
    }));
  });
}

/** Of versions in conflict, that with the most pods: a pod too many says that there is a doubt. */
function mostTemplates({ content, versions }: SettledWorkload): readonly TemplatePod[] {
  const lists = versions.map((version) => version.content.templates);
  return lists.reduce((most, list) => (most.length < list.length ? list : most), content.templates);
}

/** Top owners that have an object or pods, sorted by kind, name and API version. */
function listWorkloads(
  objects: readonly SettledWorkload[],
  join: WorkloadJoin,
  real: readonly DraftPod[],
  stamped: readonly StampedPod[],
): Workload[] {
  const owners = new Map<string, Owner>();
  const note = (owner: Owner): void => {
    const key = ownerKey(owner);
    const known = owners.get(key);
    if (known?.apiVersion === owner.apiVersion && known.uid === owner.uid) return;
    if (known === undefined || canonicalJson(owner) < canonicalJson(known)) owners.set(key, owner);
  };
  for (const object of objects) {
    const owner = join.ownerOfWorkload(object);
    if (ownerKey(owner) === ownerKey(object.ref)) note(owner);
  }
  let last: Owner | undefined;
  for (const { owner } of [...real, ...stamped]) {
    if (owner !== undefined && owner !== last) note(owner);
    last = owner;
  }
  const made = new Set(stamped.map(({ owner }) => ownerKey(owner)));
  return [...owners.values()]
    .map((owner) => workloadOf(owner, join.find(owner), made.has(ownerKey(owner))))
    .map((workload) => ({ key: sortKey(workload), workload }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ workload }) => workload);
}

function sortKey({ kind, name, apiVersion }: Workload): string {
  return [kind, name, apiVersion].join('\u0000');
}

function layOutPods(
  drafts: readonly DraftPod[],
  workloads: readonly Workload[],
): Pick<NamespaceChunk, 'labelSets' | 'shapes' | 'pods'> {
  const labelSets = new Interned<Labels>(labelsKey);
  const portLists = new Interned<PodShape['ports']>(canonicalJson);
  const shapes = new Interned<PodShape & { readonly portList: number }>(
    ({ labels, hostNetwork, portList }) => `${labels} ${portList} ${hostNetwork}`,
  );
  const rows = new Map(workloads.map((workload, i) => [ownerKey(workload), i]));
  let lastOwner: Owner | undefined;
  let lastRow = -1;
  const rowOf = (owner: Owner | undefined): number => {
    if (owner !== lastOwner) lastRow = owner === undefined ? -1 : (rows.get(ownerKey(owner)) ?? -1);
    lastOwner = owner;
    return lastRow;
  };
  const pods: PodTable = {
    name: drafts.map(({ name }) => name),
    uid: drafts.map(({ uid }) => uid),
    shape: drafts.map(({ labels, ports, hostNetwork }) =>
      shapes.idOf({
        labels: labelSets.idOf(labels),
        ports,
        hostNetwork,
        portList: portLists.idOf(ports),
      }),
    ),
    addresses: drafts.map(({ addresses }) => addresses),
    node: drafts.map(({ node }) => node),
    workload: drafts.map(({ owner }) => rowOf(owner)),
    phase: drafts.map(({ phase }) => phaseNumber(phase)),
    flags: drafts.map(({ flags }) => flags),
  };
  return {
    labelSets: labelSets.values,
    shapes: shapes.values.map(({ labels, ports, hostNetwork }) => ({ labels, ports, hostNetwork })),
    pods,
  };
}

function phaseNumber(phase: PodPhase): number {
  return POD_PHASES.indexOf(phase);
}

/** Distinct values, numbered in the order in which they were first asked for. */
class Interned<Value> {
  readonly values: Value[] = [];
  readonly #keyOf: (value: Value) => string;
  readonly #ids = new Map<string, number>();
  #last: Value | undefined;
  #lastId = 0;

  /** @param keyOf equal for equal values only */
  constructor(keyOf: (value: Value) => string) {
    this.#keyOf = keyOf;
  }

  idOf(value: Value): number {
    if (value === this.#last) return this.#lastId;
    const key = this.#keyOf(value);
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.values.length;
      this.#ids.set(key, id);
      this.values.push(value);
    }
    this.#last = value;
    this.#lastId = id;
    return id;
  }
}

/** Equal for equal labels, in whatever order. */
function labelsKey(labels: Labels): string {
  let text = '';
  let before = '';
  for (const [key, value] of labels) {
    if (key < before) return labelsKey(new Map([...labels].sort(([a], [b]) => (a < b ? -1 : 1))));
    // With lengths, so that no text can look like the end of another.
    text += `${key.length} ${value.length} ${key}${value}`;
    before = key;
  }
  return text;
}
