import { findKind } from '../../kinds.ts';
import { EXTENSION_KINDS } from '../../kinds/extension-kinds.ts';
import type { DumpShape, KindName } from '../../read-item.ts';

/** What a path says of a file, if it lies where a tool that dumps clusters would put it. */
export interface DumpPlace {
  readonly shape: DumpShape;
  /** The path down to where the dump starts, with a `/` at its end; empty for the whole tree. */
  readonly root: string;
  /**
   * `list`: all objects of `kind`, in `namespace` if there is one; `object`: some; `errors`: why a
   * list is missing; `private`: Secrets and the like, which podreach never opens; `copy`: what the
   * dump has elsewhere as well.
   */
  readonly role: 'list' | 'object' | 'errors' | 'private' | 'copy';
  readonly kind?: KindName;
  readonly namespace?: string;
  /**
   * Whether a list of the kind, or an object out of a cluster, shows that the tool made all of it:
   * people have folders of the same names.
   */
  readonly tells: boolean;
}

/** Files that can hold manifests, by the end of their names. */
const MANIFEST = /\.(yaml|yml|json|ndjson)(\.gz)?$/i;
const EXTENSION = /\.(yaml|yml|json)(\.gz)?$/i;
const ARCHIVE = /\.(tar|tgz|tar\.(gz|bz2|xz|zst)|tbz2?|txz)$/i;

/** Whether a file of a directory or an archive is read; `._x` is what macOS adds to `x`. */
export function isManifestName(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return MANIFEST.test(name) && !name.startsWith('._');
}

/** Whether a file is an archive, by its name. */
export function isArchiveName(path: string): boolean {
  return ARCHIVE.test(path);
}

/** Where `path` would lie in the dump of a known tool; undefined for every other place. */
export function placeInDump(path: string): DumpPlace | undefined {
  const segments = path.split('/');
  for (const find of [inVelero, inSupportBundle, inInspect, inClusterInfo]) {
    const place = find(segments);
    if (place !== undefined) return place;
  }
  return undefined;
}

/**
 * `resources/<resource>.<group>/namespaces/<ns>/<name>.json`, or `.../cluster/<name>.json`, each also
 * below the version of the API. A backup can be filtered by labels and does not say so: what is in
 * it is never known to be all there was.
 *
 * @see https://velero.io/docs/main/output-file-format/
 */
function inVelero(segments: readonly string[]): DumpPlace | undefined {
  const at = segments.lastIndexOf('resources');
  if (at === -1) return undefined;
  const [resource = '', ...below] = segments.slice(at + 1);
  const version = /^v\d\w*(-preferredversion)?$/.test(below[0] ?? '') ? below.shift() : undefined;
  const [scope, ...rest] = below;
  const isObject =
    (scope === 'namespaces' && rest.length === 2) || (scope === 'cluster' && rest.length === 1);
  if (!isObject) return undefined;
  const place = { shape: 'velero', root: rootOf(segments, at) } as const;
  if (PRIVATE.has(resource)) return { ...place, role: 'private', tells: false };
  const [plural = '', group] = splitOnce(resource, '.');
  const kind = kindOf(group ?? '', plural);
  if (kind === undefined) return undefined;
  // Every object is there in the version that clients get; the others are the same once more.
  const isOther = version !== undefined && !version.endsWith('-preferredversion');
  if (isOther) return { ...place, role: 'copy', tells: false };
  return { ...place, role: 'object', kind, tells: true };
}

/** @see https://troubleshoot.sh/docs/collect/cluster-resources/ */
function inSupportBundle(segments: readonly string[]): DumpPlace | undefined {
  const at = segments.lastIndexOf('cluster-resources');
  if (at === -1) return undefined;
  const place = { shape: 'support-bundle', root: rootOf(segments, at) } as const;
  const below = segments.slice(at + 1).map((segment) => segment.replace(EXTENSION, ''));
  const isJson = segments.at(-1)?.endsWith('.json') === true;
  if (isJson && PRIVATE.has(below[0] ?? '')) return { ...place, role: 'private', tells: false };
  const isCustom = below[0] === 'custom-resources';
  const [resource = '', namespace, ...rest] = isCustom ? below.slice(1) : below;
  const isErrors = namespace === undefined && resource.endsWith('-errors');
  const name = isErrors ? resource.slice(0, -'-errors'.length) : resource;
  const [plural = '', group] = splitOnce(name, '.');
  const kind = isCustom ? kindOf(group ?? '', plural) : BUNDLE_KINDS.get(name);
  if (kind === undefined || rest.length !== 0) return undefined;
  if (isErrors) return { ...place, role: 'errors', kind, tells: false };
  if (isNamespaced(kind) !== (namespace !== undefined)) return undefined;
  // Of the namespaces it may hold only those that the collector was told to look at.
  if (name === 'namespaces') return { ...place, role: 'object', kind, tells: true };
  const where = namespace === undefined ? {} : { namespace };
  return { ...place, role: 'list', kind, ...where, tells: true };
}

/**
 * `namespaces/<ns>/<group>/<resource>.yaml` and `cluster-scoped-resources/<group>/<resource>.yaml`,
 * or one file for each object in a folder of that name.
 *
 * @see https://github.com/openshift/oc/tree/main/pkg/cli/admin/inspect
 */
function inInspect(segments: readonly string[]): DumpPlace | undefined {
  const cluster = segments.lastIndexOf('cluster-scoped-resources');
  const at = cluster === -1 ? segments.lastIndexOf('namespaces') : cluster;
  if (at === -1) return undefined;
  const place = { shape: 'inspect', root: rootOf(segments, at) } as const;
  const below = segments.slice(at + 1);
  const namespace = cluster === -1 ? below.shift() : undefined;
  const [group = '', resource = '', name, ...rest] = below;
  if (namespace !== undefined && name === undefined && resource === '') {
    const isOwn = group.replace(EXTENSION, '') === namespace;
    return isOwn ? { ...place, role: 'object', kind: NAMESPACE, tells: false } : undefined;
  }
  // The folder of a pod has its logs, and the pod once more.
  const isPodFolder = namespace !== undefined && group === 'pods';
  if (isPodFolder && name?.replace(EXTENSION, '') === resource) {
    return { ...place, role: 'copy', tells: false };
  }
  if (resource === '' || rest.length !== 0) return undefined;
  const plural = name === undefined ? resource.replace(EXTENSION, '') : resource;
  const apiGroup = group === 'core' ? '' : group;
  if (apiGroup === '' && PRIVATE.has(plural)) return { ...place, role: 'private', tells: false };
  const kind = kindOf(apiGroup, plural);
  if (kind === undefined || isNamespaced(kind) !== (namespace !== undefined)) return undefined;
  if (name !== undefined) return { ...place, role: 'object', kind, tells: true };
  const where = namespace === undefined ? {} : { namespace };
  return { ...place, role: 'list', kind, ...where, tells: true };
}

/**
 * `nodes.json` and `<ns>/<resource>.json`. Other folders look like that; one name that nobody else
 * would write shows what it is.
 *
 * @see https://github.com/kubernetes/kubectl/blob/master/pkg/cmd/clusterinfo/clusterinfo_dump.go
 */
function inClusterInfo(segments: readonly string[]): DumpPlace | undefined {
  const file = segments.at(-1) ?? '';
  if (!EXTENSION.test(file)) return undefined;
  const resource = file.replace(EXTENSION, '');
  const kind = CLUSTER_INFO_KINDS.get(resource);
  if (kind === undefined) return undefined;
  const isNode = resource === 'nodes';
  const root = rootOf(segments, Math.max(0, segments.length - (isNode ? 1 : 2)));
  const place = {
    shape: 'cluster-info',
    root,
    kind,
    tells: resource === 'replication-controllers',
  } as const;
  if (isNode) return { ...place, role: 'list' };
  const namespace = segments.at(-2);
  // In the folder of a namespace alone, nothing says what that is called.
  if (namespace === undefined) return { ...place, role: 'object' };
  return { ...place, role: 'list', namespace };
}

/** Kinds that a `kubectl cluster-info dump` has, beside Events. */
const CLUSTER_INFO_KINDS: ReadonlyMap<string, KindName> = new Map(
  (
    [
      ['nodes', 'v1', 'Node'],
      ['pods', 'v1', 'Pod'],
      ['services', 'v1', 'Service'],
      ['replication-controllers', 'v1', 'ReplicationController'],
      ['daemonsets', 'apps/v1', 'DaemonSet'],
      ['deployments', 'apps/v1', 'Deployment'],
      ['replicasets', 'apps/v1', 'ReplicaSet'],
    ] as const
  ).map(([name, apiVersion, kind]) => [name, { apiVersion, kind }]),
);

/** Resources that are never opened, by the names that the tools have for them. */
const PRIVATE = new Set(['secrets', 'configmaps', 'events', 'image-pull-secrets']);

const NAMESPACE: KindName = { apiVersion: 'v1', kind: 'Namespace' };

/** Kinds by `group/plural`, for every kind that podreach reads. */
const KINDS = new Map<string, KindName>([
  ...EXTENSION_KINDS.map(({ group, plural, version, kind }): [string, KindName] => [
    `${group}/${plural}`,
    { apiVersion: `${group}/${version}`, kind },
  ]),
  ...(
    [
      ['v1', 'Namespace', 'Node', 'Pod', 'Service', 'Endpoints', 'ReplicationController'],
      ['apps/v1', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'],
      ['batch/v1', 'Job', 'CronJob'],
      ['networking.k8s.io/v1', 'NetworkPolicy'],
      ['discovery.k8s.io/v1', 'EndpointSlice'],
      ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
    ] as const
  ).flatMap(([apiVersion, ...kinds]) =>
    kinds.map((kind): [string, KindName] => {
      const group = apiVersion.includes('/') ? apiVersion.replace(/\/.*/, '') : '';
      return [`${group}/${pluralOf(kind)}`, { apiVersion, kind }];
    }),
  ),
]);

/** Kinds by the names that support bundles have for them. */
const BUNDLE_KINDS = new Map<string, KindName>(
  [
    ['namespaces', '/namespaces'],
    ['nodes', '/nodes'],
    ['pods', '/pods'],
    ['services', '/services'],
    ['endpoints', '/endpoints'],
    ['endpointslices', 'discovery.k8s.io/endpointslices'],
    ['network-policy', 'networking.k8s.io/networkpolicies'],
    ['deployments', 'apps/deployments'],
    ['replicasets', 'apps/replicasets'],
    ['statefulsets', 'apps/statefulsets'],
    ['daemonsets', 'apps/daemonsets'],
    ['jobs', 'batch/jobs'],
    ['cronjobs', 'batch/cronjobs'],
    ['custom-resource-definitions', 'apiextensions.k8s.io/customresourcedefinitions'],
  ].flatMap(([name = '', key = '']): [string, KindName][] => {
    const kind = KINDS.get(key);
    return kind === undefined ? [] : [[name, kind]];
  }),
);

function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  return lower.endsWith('s') ? lower : `${lower}s`.replace(/ys$/, 'ies');
}

function kindOf(group: string, plural: string): KindName | undefined {
  return KINDS.get(`${group}/${plural}`);
}

function isNamespaced({ apiVersion, kind }: KindName): boolean {
  return findKind(apiVersion, kind)?.namespaced === true;
}

function rootOf(segments: readonly string[], end: number): string {
  return end === 0 ? '' : `${segments.slice(0, end).join('/')}/`;
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
