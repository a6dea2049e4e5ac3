import type { Workload } from '../../model/snapshot.ts';

/** Owner kinds of Kubernetes itself, with the name refs print and others that kubectl accepts. */
const KNOWN_TYPES = [
  { group: 'apps', kind: 'Deployment', type: 'deploy' },
  { group: 'apps', kind: 'StatefulSet', type: 'sts' },
  { group: 'apps', kind: 'DaemonSet', type: 'ds' },
  { group: 'apps', kind: 'ReplicaSet', type: 'rs' },
  { group: '', kind: 'ReplicationController', type: 'rc' },
  { group: 'batch', kind: 'Job', type: 'job' },
  { group: 'batch', kind: 'CronJob', type: 'cj' },
] as const;

const POD_TYPES: readonly string[] = ['pod', 'pods', 'po'];
const SERVICE_TYPES: readonly string[] = ['svc', 'service', 'services'];

/** Words that are taken: an owner of another API group with such a kind prints its group too. */
const TAKEN: ReadonlySet<string> = new Set([
  ...POD_TYPES,
  ...SERVICE_TYPES,
  ...KNOWN_TYPES.flatMap(({ kind, type }) => [kind.toLowerCase(), type]),
]);

/** Whether `type` (lower case) asks for a pod or a Service; undefined: for an owner of pods. */
export function builtInType(type: string): 'pod' | 'service' | undefined {
  if (POD_TYPES.includes(type)) return 'pod';
  return SERVICE_TYPES.includes(type) ? 'service' : undefined;
}

/**
 * The middle part of each workload's ref: kubectl's short name, otherwise the kind in lower case,
 * with the API group behind it (`service.serving.knative.dev`) where the kind alone would mean, or
 * stand beside, something else of the same name.
 */
export function workloadTypes(workloads: readonly Workload[]): string[] {
  const groups = new Map<string, Set<string>>();
  for (const workload of workloads) {
    const key = `${workload.kind.toLowerCase()}/${workload.name}`;
    groups.set(key, (groups.get(key) ?? new Set()).add(groupOf(workload)));
  }
  return workloads.map((workload) => {
    const { kind, name } = workload;
    const known = KNOWN_TYPES.find((one) => one.kind === kind && one.group === groupOf(workload));
    if (known !== undefined) return known.type;
    const type = kind.toLowerCase();
    const alone = (groups.get(`${type}/${name}`)?.size ?? 0) < 2;
    return alone && !TAKEN.has(type) ? type : `${type}.${groupOf(workload) || 'core'}`;
  });
}

/**
 * Whether `type` (lower case) can mean the kind of `workload`: short name, singular, plural, each
 * also with the API group behind it.
 */
export function isOfType(
  { apiVersion, kind }: Pick<Workload, 'apiVersion' | 'kind'>,
  type: string,
): boolean {
  const dot = type.indexOf('.');
  const group = groupOf({ apiVersion });
  if (0 <= dot) {
    if (type.slice(dot + 1) !== (group || 'core')) return false;
    return namesOf(kind).includes(type.slice(0, dot));
  }
  const known = KNOWN_TYPES.find((one) => one.kind === kind && one.group === group);
  if (known?.type === type) return true;
  return builtInType(type) === undefined && namesOf(kind).includes(type);
}

/** Whether `type` (lower case) is a word of kubectl's for a kind that owns pods, a pod or a Service. */
export function isWellKnownType(type: string): boolean {
  if (builtInType(type) !== undefined) return true;
  return KNOWN_TYPES.some((one) => one.type === type || namesOf(one.kind).includes(type));
}

function namesOf(kind: string): string[] {
  const name = kind.toLowerCase();
  const stem = name.slice(0, -1);
  const plural = /[^aeiou]y$/.test(name)
    ? `${stem}ies`
    : `${name}${/(?:s|x|z|ch|sh)$/.test(name) ? 'es' : 's'}`;
  return [name, plural];
}

function groupOf({ apiVersion }: Pick<Workload, 'apiVersion'>): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
