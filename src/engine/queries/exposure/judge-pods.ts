import type { Reason } from '../../../model/answer.ts';
import {
  ALL_PORTS,
  NO_CONNECTIONS,
  PROTOCOLS,
  isEmpty,
  union,
} from '../../../model/connection-set.ts';
import type { ConnectionSet } from '../../../model/connection-set.ts';
import type { Effective, ExposureLevel, PermittedClass } from '../../../model/exposure.ts';
import type { PodOrdinal } from '../../model-view.ts';
import type { PartyId } from '../../party.ts';
import type { EndGroup } from '../cases.ts';
import { missingForWaysInto } from '../ways-in/entry-coverage.ts';
import type { WayMemo } from '../ways-in/judge-way.ts';
import type { ReachIndex } from '../../reach-index.ts';
import { clusterSources } from './cluster-sources.ts';
import type { ClusterSources } from './cluster-sources.ts';
import { entryPaths, unknownEntries } from './entry-paths.ts';
import type { PodEntry } from './entry-paths.ts';
import { internetMemo, isDirect, openThrough } from './entry-reach.ts';
import { HypotheticalPods } from './hypothetical-pods.ts';
import type { NamedHypothetical } from './hypothetical-pods.ts';
import { classOf, internetSide, portsOfSide, unpolicedSide } from './internet.ts';
import type { InternetSide } from './internet.ts';
import {
  NOT_OPEN,
  addOpenPorts,
  hypotheticalReach,
  hypotheticallyAdmitted,
  isClosed,
  openToEveryPod,
} from './strangers.ts';
import type { OpenPorts } from './strangers.ts';

/** Pods that neither policies nor entry paths can tell apart. */
export interface ExposedPods {
  readonly party: PartyId;
  /** Name of their namespace, and its position in `namespaceNames`. */
  readonly home: string;
  readonly namespace: number;
  readonly pods: readonly PodOrdinal[];
  readonly entries: readonly PodEntry[];
}

/** An entry path with what policies let through it. */
export interface JudgedEntry {
  readonly entry: PodEntry;
  readonly open: OpenPorts;
}

/** A pod that could be created, and what it could do. */
export interface JudgedHypothetical extends NamedHypothetical {
  /** Ports that the policies on the exposed pods let it in on. */
  readonly admitted: OpenPorts;
  /** Those of them that its own policies let out; worked out when it is read. */
  readonly open: OpenPorts;
}

/** From where inside the cluster; each member is worked out when it is first read. */
export interface ClusterJudgement {
  readonly entireCluster: ConnectionSet;
  readonly today: ClusterSources;
  /** Those that are let in somewhere, or may be, sorted by key. */
  readonly hypothetical: readonly JudgedHypothetical[];
}

/** What is said of {@link ExposedPods}. */
export interface PodsJudgement {
  readonly exposed: ExposedPods;
  readonly policed: boolean;
  readonly ingress: InternetSide;
  readonly ingressClass: PermittedClass;
  readonly egress: InternetSide;
  readonly egressClass: PermittedClass;
  readonly entries: readonly JudgedEntry[];
  readonly effective: Effective;
  /** Why `effective` is not certain although no entry path says so. */
  readonly missing: readonly Reason[];
  readonly cluster: ClusterJudgement;
  readonly level: ExposureLevel;
  /** The ports that the level is about. */
  readonly levelPorts: ConnectionSet;
}

/** Judges pods of one snapshot whose entries were looked for; what follows from their party alone is worked out once. */
export class ExposureJudge {
  readonly #index: ReachIndex;
  readonly #hypothetical: HypotheticalPods;
  readonly #sides = new Map<PartyId, Record<'ingress' | 'egress', InternetSide>>();
  readonly #ways: WayMemo;
  readonly #missing = new Map<string, readonly Reason[]>();
  readonly #entries = new Map<PodEntry, Map<PartyId, JudgedEntry>>();
  readonly #clusters = new Map<string, ClusterJudgement>();
  readonly #numbers = new Map<PodEntry, number>();

  constructor(index: ReachIndex) {
    this.#index = index;
    this.#hypothetical = hypotheticalPodsOf(index);
    this.#ways = internetMemo(index);
  }

  /** Sorts the pods of `group` by namespace and entry paths. */
  split({ party, pods }: EndGroup): ExposedPods[] {
    const parts = new Map<string, ExposedPods & { readonly pods: PodOrdinal[] }>();
    for (const pod of pods) {
      const entries = entryPaths(this.#index, pod);
      const namespace = this.#index.view.namespaceIndexOf(pod);
      const key = [namespace, ...entries.map((entry) => this.#numberOf(entry))].join();
      const known = parts.get(key);
      const home = this.#index.view.namespaceNames[namespace] ?? '';
      if (known === undefined) parts.set(key, { party, home, namespace, pods: [pod], entries });
      else known.pods.push(pod);
    }
    return [...parts.values()];
  }

  judge(exposed: ExposedPods): PodsJudgement {
    const index = this.#index;
    const policed = index.party(exposed.party).kind === 'pods';
    const { ingress, egress } = this.#sidesOf(exposed.party, policed);
    const entries = exposed.entries.map((entry) => this.#judgeEntry(entry, exposed, ingress));
    const certain = effectiveOf(sumOf(entries));
    const missing = certain === 'NO' ? this.#missingFor(exposed.home) : [];
    const judged = {
      exposed,
      policed,
      ingress,
      ingressClass: policed ? classOf(ingress) : ('UNPOLICED' as const),
      egress,
      egressClass: policed ? classOf(egress) : ('UNPOLICED' as const),
      entries,
      effective: missing.length === 0 ? certain : ('CONDITIONAL' as const),
      missing,
      cluster: this.#clusterOf(exposed, policed),
    };
    const [level, levelPorts] = levelOf(judged);
    return Object.assign(judged, { level, levelPorts });
  }

  #numberOf(entry: PodEntry): number {
    const number = this.#numbers.get(entry) ?? this.#numbers.size;
    this.#numbers.set(entry, number);
    return number;
  }

  /** What may bring traffic to pods of `namespace` and is not known. */
  #missingFor(namespace: string): readonly Reason[] {
    const known = this.#missing.get(namespace);
    if (known !== undefined) return known;
    const { snapshot } = this.#index.view;
    const made = [
      ...missingForWaysInto(snapshot, namespace),
      ...unknownEntries(this.#index, namespace),
    ];
    this.#missing.set(namespace, made);
    return made;
  }

  #sidesOf(party: PartyId, policed: boolean): Record<'ingress' | 'egress', InternetSide> {
    const known = this.#sides.get(party);
    if (known !== undefined) return known;
    const sideOf = (direction: 'INGRESS' | 'EGRESS'): InternetSide =>
      policed ? internetSide(this.#index, party, direction) : unpolicedSide(this.#index);
    const made = { ingress: sideOf('INGRESS'), egress: sideOf('EGRESS') };
    this.#sides.set(party, made);
    return made;
  }

  #judgeEntry(entry: PodEntry, exposed: ExposedPods, ingress: InternetSide): JudgedEntry {
    const { party, pods } = exposed;
    const judge = (): JudgedEntry => {
      const target = { party, pods, nodes: [], ranges: [] };
      const open = openThrough(this.#index, entry, target, { ingress, memo: this.#ways });
      return { entry, open };
    };
    // A controller may be one of the pods, or share their node.
    if (!isDirect(entry)) return judge();
    const byParty = this.#entries.get(entry) ?? new Map<PartyId, JudgedEntry>();
    this.#entries.set(entry, byParty);
    const made = byParty.get(party) ?? judge();
    byParty.set(party, made);
    return made;
  }

  #clusterOf({ party, namespace }: ExposedPods, policed: boolean): ClusterJudgement {
    if (!policed) return UNPOLICED;
    const key = `${party},${namespace}`;
    const known = this.#clusters.get(key);
    if (known !== undefined) return known;
    const made = judgeCluster(this.#index, this.#hypothetical, { party, namespace });
    this.#clusters.set(key, made);
    return made;
  }
}

/** Hypothetical pods are remembered by what judges them, so there is one set of them. */
const HYPOTHETICAL = new WeakMap<ReachIndex, HypotheticalPods>();

function hypotheticalPodsOf(index: ReachIndex): HypotheticalPods {
  const known = HYPOTHETICAL.get(index) ?? new HypotheticalPods(index.view);
  HYPOTHETICAL.set(index, known);
  return known;
}

function judgeCluster(
  index: ReachIndex,
  hypothetical: HypotheticalPods,
  { party, namespace }: Pick<ExposedPods, 'party' | 'namespace'>,
): ClusterJudgement {
  const entireCluster = once(() => openToEveryPod(index, party));
  const today = once(() => clusterSources(index, party, namespace));
  const judged = once(() =>
    hypothetical.of(index.policiesOf(party)).flatMap((one): JudgedHypothetical[] => {
      const admitted = hypotheticallyAdmitted(index, one.pod, party);
      const open = once(() => hypotheticalReach(index, one.pod, party));
      if (isClosed(admitted)) return [];
      return [
        {
          ...one,
          admitted,
          get open() {
            return open();
          },
        },
      ];
    }),
  );
  return {
    get entireCluster() {
      return entireCluster();
    },
    get today() {
      return today();
    },
    get hypothetical() {
      return judged();
    },
  };
}

/** Works `make` out when it is first asked for. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

const EVERYTHING: OpenPorts = { allowed: ALL_PORTS, undetermined: NO_CONNECTIONS, reasons: [] };

/** No policy closes a node. */
const UNPOLICED: ClusterJudgement = {
  entireCluster: ALL_PORTS,
  today: { otherNamespaces: EVERYTHING, ownNamespace: EVERYTHING },
  hypothetical: [],
};

/** Whether traffic comes through: somewhere, perhaps, or not at all. */
export function effectiveOf({ allowed, undetermined }: OpenPorts): Effective {
  if (!isEmpty(allowed)) return 'YES';
  return isEmpty(undetermined) ? 'NO' : 'CONDITIONAL';
}

/** The level of a judgement and the ports it is about; the first that holds (semantics 5.7). */
function levelOf(
  judged: Pick<PodsJudgement, 'entries' | 'effective' | 'ingress' | 'cluster' | 'exposed'>,
): readonly [ExposureLevel, ConnectionSet] {
  const through = sumOf(judged.entries);
  if (judged.effective === 'YES') return ['INTERNET', through.allowed];
  const internet = portsOfSide(judged.ingress);
  if (judged.effective === 'CONDITIONAL') {
    const ports = isEmpty(through.undetermined) ? internet.allowed : through.undetermined;
    return ['INTERNET_CONDITIONAL', ports];
  }
  if (!isEmpty(internet.allowed)) return ['INTERNET_PERMITTED', internet.allowed];
  if (!isEmpty(internet.undetermined)) return ['INTERNET_UNDETERMINED', internet.undetermined];
  const { cluster } = judged;
  if (!isEmpty(cluster.entireCluster)) return ['ENTIRE_CLUSTER', cluster.entireCluster];
  const { hypothetical, today } = cluster;
  const isNeighbour = ({ namespace }: NamedHypothetical): boolean =>
    namespace === judged.exposed.home;
  // Whose own policies stop it today may be given a label tomorrow that lets it through.
  const admitted = (among: typeof hypothetical): OpenPorts =>
    sumOf(among.map((one) => ({ open: one.admitted })));
  const strangers = hypothetical.filter((one) => !isNeighbour(one));
  const fromOthers = possible(addOpenPorts(today.otherNamespaces, admitted(strangers)));
  if (!isEmpty(fromOthers)) return ['OTHER_NAMESPACES', fromOthers];
  const neighbours = hypothetical.filter(isNeighbour);
  const fromOwn = possible(addOpenPorts(today.ownNamespace, admitted(neighbours)));
  return isEmpty(fromOwn) ? ['NONE', fromOwn] : ['OWN_NAMESPACE', fromOwn];
}

function sumOf(list: readonly { readonly open: OpenPorts }[]): OpenPorts {
  return list.reduce((sum, { open }) => addOpenPorts(sum, open), NOT_OPEN);
}

function possible({ allowed, undetermined }: OpenPorts): ConnectionSet {
  return union(allowed, undetermined);
}

/** How many ports a set holds: what rows of one level are ordered by. */
export function breadthOf(set: ConnectionSet): number {
  return PROTOCOLS.flatMap((protocol) => set[protocol]).reduce(
    (sum, { lo, hi }) => sum + hi - lo + 1,
    0,
  );
}
