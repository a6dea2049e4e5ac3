import type { OutcomeMembers } from '../../model/answer.ts';
import { portRangesOf, subtract, union } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import { EXPOSURE_LEVELS } from '../../model/exposure.ts';
import type {
  ClusterExposure,
  Effective,
  EntryPath,
  Exposure,
  ExposureLevel,
  ExposureList,
  ExposurePart,
  HypotheticalReach,
  PortSets,
} from '../../model/exposure.ts';
import type { Labels } from '../../model/selector.ts';
import { countPods } from '../count-pods.ts';
import { lookForEntries } from './exposure/entry-paths.ts';
import type { PodEntry } from './exposure/entry-paths.ts';
import { joinSides, permittedOf, reasonsOfSide, widest } from './exposure/internet.ts';
import { ExposureJudge, breadthOf, effectiveOf } from './exposure/judge-pods.ts';
import type { JudgedEntry, JudgedHypothetical, PodsJudgement } from './exposure/judge-pods.ts';
import { NOT_OPEN, addOpenPorts, isCertain } from './exposure/strangers.ts';
import type { OpenPorts } from './exposure/strangers.ts';
import type { PodOrdinal } from '../model-view.ts';
import { inSteps } from '../query.ts';
import type { ExposureArgs } from '../query.ts';
import type { ReachIndex } from '../reach-index.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import { atParameter } from './at-parameter.ts';
import { missingForLists, problemsOf } from './completeness.ts';
import { emptiness, podless } from './ends.ts';
import { eachEnd } from './list-ends.ts';
import type { ListEnd } from './list-ends.ts';
import { distinctReasons } from './outcomes.ts';
import { missingForWaysIn, unseenEntryKinds } from './ways-in/entry-coverage.ts';

/** Told per row; all are counted. */
const HYPOTHETICAL_MAX = 20;
const PARTS_MAX = 10;
const MEMBERS_MAX = 10;
const REASONS_MAX = 20;

/**
 * Who is exposed, to what, the most exposed first (semantics 5.7): what policies permit from and to
 * the internet, what brings traffic from there, both together, and from where in the cluster.
 *
 * The order is total: level, then how many ports the level is about, then the key.
 */
export const exposure = inSteps<ExposureArgs, ExposureList>(function* (index, args) {
  const end = atParameter('of', () => resolveRef(index.directory, args.of, 'subject'));
  yield* lookForEntries(index);
  const judge = new ExposureJudge(index);
  const drafts: Draft[] = [];
  const members = { pods: end.pods, nodes: [], ranges: [] };
  for (const one of eachEnd(index, members, args.groupBy)) {
    drafts.push(draftOf(one, judge));
    yield;
  }
  drafts.sort(mostExposedFirst);
  const empty = emptiness(index, end) ?? podless(end);
  const { snapshot } = index.view;
  const missing = [...missingForLists(index), ...missingForWaysIn(snapshot)];
  const notes = [...unseenEntryKinds(snapshot), ...(empty === undefined ? [] : [empty])];
  return {
    totalCount: drafts.length,
    complete: missing.length === 0 && drafts.every((draft) => draft.known),
    levels: EXPOSURE_LEVELS.map((level) => ({
      level,
      count: drafts.filter((draft) => draft.level === level).length,
    })),
    reasons: [...missing, ...notes],
    problems: problemsOf(snapshot),
    slice: (start, count) =>
      drafts.slice(start, start + count).map((draft, i) => exposureOf(index, draft, start + i + 1)),
  };
});

/** A row before it is told. */
interface Draft {
  readonly end: ListEnd;
  readonly judgements: readonly PodsJudgement[];
  readonly level: ExposureLevel;
  readonly breadth: number;
  /** Nothing that is missing could change it. */
  readonly known: boolean;
}

function draftOf(end: ListEnd, judge: ExposureJudge): Draft {
  const judgements = end.groups
    .flatMap((group) => judge.split(group))
    .map((exposed) => judge.judge(exposed));
  const level =
    EXPOSURE_LEVELS.find((one) => judgements.some((judged) => judged.level === one)) ?? 'NONE';
  const ports = judgements
    .filter((judged) => judged.level === level)
    .map(({ levelPorts }) => levelPorts);
  const known = judgements.every(isKnown);
  return { end, judgements, level, breadth: breadthOf(unionOf(ports)), known };
}

function mostExposedFirst(a: Draft, b: Draft): number {
  return (
    EXPOSURE_LEVELS.indexOf(a.level) - EXPOSURE_LEVELS.indexOf(b.level) ||
    b.breadth - a.breadth ||
    (a.end.key < b.end.key ? -1 : 1)
  );
}

/** Whether nothing that is missing could change what is said of the internet. */
function isKnown({ ingress, egress, entries, missing }: PodsJudgement): boolean {
  return (
    missing.length === 0 &&
    entries.every(({ entry }) => entry.way.doubts.length === 0) &&
    [...ingress, ...egress].every(({ ports }) => isCertain(ports))
  );
}

function exposureOf(index: ReachIndex, draft: Draft, rank: number): Exposure {
  const { end, judgements, level } = draft;
  const ingress = joinSides(judgements.map((one) => one.ingress));
  const egress = joinSides(judgements.map((one) => one.egress));
  const entries = joinEntries(judgements.flatMap((one) => one.entries));
  const reasons = [
    ...reasonsOfSide(ingress),
    ...reasonsOfSide(egress),
    ...entries.flatMap(({ open }) => open.reasons),
    ...judgements.flatMap(({ missing }) => missing),
  ];
  const parts = partsOf(index, judgements);
  return {
    get peer() {
      return end.peer();
    },
    rank,
    level,
    policed: judgements.some(({ policed }) => policed),
    ingress: permittedOf(index, ingress, widest(judgements.map((one) => one.ingressClass))),
    egress: permittedOf(index, egress, widest(judgements.map((one) => one.egressClass))),
    entryPaths: entries.map(entryPathOf),
    effective: mostOf(judgements.map(({ effective }) => effective)),
    cluster: clusterOf(judgements),
    reasons: distinctReasons(reasons).slice(0, REASONS_MAX),
    ...(parts.length < 2 ? {} : { parts }),
  };
}

function mostOf(all: readonly Effective[]): Effective {
  return (['YES', 'CONDITIONAL', 'NO'] as const).find((one) => all.includes(one)) ?? 'NO';
}

/** One host of an object is one entry path, whatever ports it has and whatever tells its pods apart. */
function joinEntries(entries: readonly JudgedEntry[]): JudgedEntry[] {
  const joined = new Map<string, JudgedEntry>();
  for (const { entry, open } of entries) {
    const key = keyOf(entry);
    const known = joined.get(key);
    const asked = union(known?.entry.ports.asked ?? entry.ports.asked, entry.ports.asked);
    joined.set(key, {
      entry: { ...entry, ports: { ...entry.ports, asked } },
      open: addOpenPorts(known?.open ?? NOT_OPEN, open),
    });
  }
  return [...joined].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

function keyOf({ way: { via } }: PodEntry): string {
  const { type, kind, namespace, name, host = '' } = via;
  return [type, kind, namespace, name, host].join(' ');
}

function entryPathOf({ entry, open }: JudgedEntry): EntryPath {
  const { type, kind, namespace, name, host } = entry.way.via;
  return {
    kind: type,
    via: { kind, namespace, name, ...(host === undefined ? {} : { host }) },
    targets: portRangesOf(entry.ports.asked),
    ...portSets(open),
    effective: effectiveOf(open),
    reasons: distinctReasons(open.reasons),
  };
}

function clusterOf(judgements: readonly PodsJudgement[]): ClusterExposure {
  const clusters = judgements.map(({ cluster }) => cluster);
  const sum = (opens: readonly OpenPorts[]): OpenPorts => opens.reduce(addOpenPorts, NOT_OPEN);
  const hypothetical = new Map<string, JudgedHypothetical[]>();
  for (const one of clusters.flatMap((cluster) => cluster.hypothetical)) {
    hypothetical.set(one.key, [...(hypothetical.get(one.key) ?? []), one]);
  }
  const rows = [...hypothetical].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  return {
    entireCluster: portRangesOf(unionOf(clusters.map(({ entireCluster }) => entireCluster))),
    otherNamespaces: portSets(sum(clusters.map(({ today }) => today.otherNamespaces))),
    ownNamespace: portSets(sum(clusters.map(({ today }) => today.ownNamespace))),
    hypothetical: rows.slice(0, HYPOTHETICAL_MAX).flatMap((same) => hypotheticalOf(same)),
    hypotheticalCount: rows.length,
  };
}

/** What one hypothetical pod could do, over all pods of a row. */
function hypotheticalOf(same: readonly JudgedHypothetical[]): HypotheticalReach[] {
  const [first] = same;
  if (first === undefined) return [];
  const admitted = same.map((one) => one.admitted).reduce(addOpenPorts, NOT_OPEN);
  return [
    {
      namespace: first.namespace,
      namespaceLabels: first.namespaceLabels,
      podLabels: first.pod.labels,
      text: describe(first),
      ...portSets(same.map((one) => one.open).reduce(addOpenPorts, NOT_OPEN)),
      admitted: portRangesOf(union(admitted.allowed, admitted.undetermined)),
    },
  ];
}

/** Which pods are meant, in a phrase. */
function describe({
  namespace,
  namespaceLabels,
  pod,
}: JudgedHypothetical): HypotheticalReach['text'] {
  const what =
    pod.labels.size === 0 ? 'a pod without labels' : `a pod labelled ${print(pod.labels)}`;
  const labelled =
    namespaceLabels.size === 0 ? ' without labels' : ` labelled ${print(namespaceLabels)}`;
  if (namespace === null) return `${what} in a new namespace${labelled}`;
  return namespaceLabels.size === 0
    ? `${what} in namespace ${namespace}`
    : `${what} in a new namespace ${namespace}${labelled}`;
}

function print(labels: Labels): string {
  return [...labels].map(([key, value]) => `${key}=${value}`).join(',');
}

function portSets({ allowed, undetermined }: OpenPorts): PortSets {
  return {
    ports: portRangesOf(allowed),
    undetermined: portRangesOf(subtract(undetermined, allowed)),
  };
}

function unionOf(sets: readonly ConnectionSet[]): ConnectionSet {
  return [...new Set(sets)].reduce(union, NOT_OPEN.allowed);
}

/** Pods with one outcome together, the most exposed first. */
function partsOf(index: ReachIndex, judgements: readonly PodsJudgement[]): ExposurePart[] {
  if (judgements.length < 2) return [];
  const parts = new Map<string, { told: Omit<ExposurePart, 'members'>; pods: PodOrdinal[] }>();
  for (const judged of judgements) {
    const told = {
      level: judged.level,
      ingress: permittedOf(index, judged.ingress, judged.ingressClass),
      egress: permittedOf(index, judged.egress, judged.egressClass),
      effective: judged.effective,
    };
    const key = JSON.stringify(told);
    const known = parts.get(key) ?? { told, pods: [] };
    known.pods.push(...judged.exposed.pods);
    parts.set(key, known);
  }
  if (parts.size < 2) return [];
  const rank = (level: ExposureLevel): number => EXPOSURE_LEVELS.indexOf(level);
  return [...parts.values()]
    .map(({ told, pods }) => ({ told, pods: pods.sort((a, b) => a - b) }))
    .sort((a, b) => rank(a.told.level) - rank(b.told.level) || (a.pods[0] ?? 0) - (b.pods[0] ?? 0))
    .slice(0, PARTS_MAX)
    .map(({ told, pods }) => ({ members: membersOf(index, pods), ...told }));
}

function membersOf(index: ReachIndex, pods: readonly PodOrdinal[]): OutcomeMembers {
  return {
    count: countPods(index.view, pods),
    nodes: pods.slice(0, MEMBERS_MAX).map((pod) => index.directory.podPeer(pod)),
  };
}
