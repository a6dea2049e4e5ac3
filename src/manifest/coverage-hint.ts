import { groupOf } from './kinds.ts';
import { EXTENSION_KINDS } from './kinds/extension-kinds.ts';
import type { KindCoverage, Snapshot } from '../model/snapshot.ts';

/** What `kubectl get` is to be asked for; workloads are there for the owners of pods. */
const RESOURCES: readonly string[] = [
  'ns',
  'no',
  'po',
  'svc',
  'ing',
  'ingressclasses',
  'netpol',
  'rs',
  'deploy',
  'sts',
  'ds',
  'job',
  'cj',
  'endpointslices',
];

/** Kinds without which no answer about pods is certain (decisions 4). */
const REQUIRED: readonly string[] = ['Namespace', 'Pod', 'NetworkPolicy'];
/** Kinds that only some questions need. */
const OPTIONAL: readonly string[] = ['Service', 'EndpointSlice', 'Node'];

/** Namespaces that a hint names for one kind. */
const NAMESPACES_SHOWN_MAX = 3;

/**
 * In plain words what a dump lacks, and the command that gets it; undefined when nothing is missing,
 * or when the snapshot is of manifests, where what is given is all there is.
 *
 * @see users 3.1
 */
export function coverageHint(
  snapshot: Pick<Snapshot, 'coverage' | 'source' | 'problems'>,
): string | undefined {
  const { coverage, source } = snapshot;
  const shapes = snapshot.problems.filter(({ code }) => code === 'DUMP_SHAPE');
  const incomplete = coverage.filter(({ status }) => status === 'PARTIAL' && source === 'LIVE');
  const absent = coverage.filter(({ status }) => status === 'ABSENT' || status === 'FORBIDDEN');
  const native = [...REQUIRED, ...OPTIONAL].filter((kind) => has(absent, kind));
  const cut = [...REQUIRED, ...OPTIONAL].filter((kind) => has(incomplete, kind));
  const others = absent.flatMap((row) => {
    const resource = resourceOf(row);
    return resource === undefined ? [] : [{ resource, count: row.count }];
  });
  const extra = others.map(({ resource }) => resource);
  if (native.length === 0 && cut.length === 0 && extra.length === 0) return undefined;
  const required = native.filter((kind) => REQUIRED.includes(kind));
  const consequence =
    required.length + cut.length + extra.length === 0
      ? 'questions that touch them are UNDETERMINED'
      : 'answers that hang on them are UNDETERMINED';
  const command = `kubectl get ${[...RESOURCES, ...extra].join(',')} -A -o json`;
  const lacks = [
    ...native.map((kind) => `no ${kind}`),
    ...others.map(({ resource, count }) =>
      count === 0 ? `no ${resource} (the cluster has the kind)` : `not every one of ${resource}`,
    ),
    ...cut.map((kind) => `only some of kind ${kind}${ofNamespaces(incomplete, kind)}`),
  ];
  const remarks = [
    ...shapes.flatMap(({ object }) => REMARKS.get(object) ?? []),
    ...advice(native, shapes.length !== 0),
  ];
  const about = remarks.map((remark) => `; ${remark}`).join('');
  return `${counted(coverage)}; the dump has ${lacks.join(', ')}: ${consequence}${about}; run: ${command}`;
}

/** What the dumps of tools never have, or do not say. */
const REMARKS: ReadonlyMap<string, string> = new Map([
  [
    'cluster-info',
    '`kubectl cluster-info dump` has neither NetworkPolicies nor Namespaces, and, without `-A`, few namespaces',
  ],
  [
    'inspect',
    '`oc adm inspect` and must-gathers have only the namespaces that they were asked for',
  ],
  [
    'velero',
    'a Velero backup does not say what its filters left out; if it was made without any, pass `source=manifests`, which takes what is there for all there is',
  ],
  ['support-bundle', 'a support bundle has only the namespaces that its collector may read'],
]);

function ofNamespaces(rows: readonly KindCoverage[], kind: string): string {
  const namespaces = rows.find((row) => row.kind === kind && isNative(row))?.namespaces ?? [];
  if (namespaces.length === 0) return '';
  const shown = namespaces.slice(0, NAMESPACES_SHOWN_MAX).join(', ');
  const others = namespaces.length - NAMESPACES_SHOWN_MAX;
  return ` (all in ${shown}${0 < others ? ` and ${others} more` : ''})`;
}

/** What to say about dumps without policies, beyond dumping again. */
function advice(native: readonly string[], isKnownShape: boolean): string[] {
  if (!native.includes('NetworkPolicy')) return [];
  const assume = 'if the cluster really has no NetworkPolicies, pass `assume=no-policies`';
  const origin = '`kubectl get all` and `kubectl cluster-info dump` leave policies out';
  return isKnownShape ? [assume] : [origin, assume];
}

function counted(coverage: readonly KindCoverage[]): string {
  const count = (kind: string): number =>
    coverage.find((row) => row.kind === kind && isNative(row))?.count ?? 0;
  return `${count('Pod')} pods, ${count('Namespace')} namespaces, ${count('NetworkPolicy')} NetworkPolicies found`;
}

function has(rows: readonly KindCoverage[], kind: string): boolean {
  return rows.some((row) => row.kind === kind && isNative(row));
}

function isNative({ apiVersion }: Pick<KindCoverage, 'apiVersion'>): boolean {
  return ['v1', 'networking.k8s.io/v1', 'discovery.k8s.io/v1'].includes(apiVersion);
}

/** `adminnetworkpolicies.policy.networking.k8s.io`: a policy kind as `kubectl get` takes it. */
function resourceOf({ apiVersion, kind }: KindCoverage): string | undefined {
  if (isNative({ apiVersion })) return undefined;
  const group = groupOf(apiVersion);
  const of = EXTENSION_KINDS.find((known) => known.group === group && known.kind === kind);
  return of === undefined ? undefined : `${of.plural}.${of.group}`;
}
