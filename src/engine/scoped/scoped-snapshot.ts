import type {
  KindCoverage,
  NamespaceChunk,
  Problem,
  Provenance,
  Snapshot,
} from '../../model/snapshot.ts';
import { countKinds, countKey } from './count-kinds.ts';
import type { Scope } from './scope.ts';

/**
 * What a reader is told of `snapshot`: the chunks of its namespaces and the cluster's, and of coverage
 * and problems what concerns those. Nothing here judges: verdicts come from the whole.
 *
 * The digest stays that of the whole: it names what is looked at.
 */
export function scopedSnapshot(snapshot: Snapshot, scope: Scope): Snapshot {
  const { digest, source, sourceDetected, assumptions, cluster } = snapshot;
  const namespaces = keysTold(snapshot.namespaces, (name) => scope.tells(name));
  const provenance = keysTold(snapshot.provenance, (name) => name === '' || scope.tells(name));
  const chunks = partOf<NamespaceChunk>(snapshot.namespaces, namespaces);
  let coverage: readonly KindCoverage[] | undefined;
  return {
    digest,
    source,
    sourceDetected,
    assumptions,
    cluster,
    namespaces: chunks,
    provenance: partOf<readonly Provenance[]>(snapshot.provenance, provenance),
    get coverage() {
      return (coverage ??= scopedCoverage(snapshot, chunks, scope));
    },
    problems: scopedProblems(snapshot.problems, scope),
  };
}

function keysTold<Value>(
  map: ReadonlyMap<string, Value>,
  isTold: (key: string) => boolean,
): readonly string[] {
  return [...map.keys()].filter(isTold);
}

/** The entries of `keys`, read when they are asked for. */
function partOf<Value>(
  whole: ReadonlyMap<string, Value>,
  keys: readonly string[],
): ReadonlyMap<string, Value> {
  const told = new Set(keys);
  const get = (key: string): Value | undefined => (told.has(key) ? whole.get(key) : undefined);
  function* entries(): MapIterator<[string, Value]> {
    for (const key of keys) {
      const value = get(key);
      if (value !== undefined) yield [key, value];
    }
  }
  function* values(): MapIterator<Value> {
    for (const [, value] of entries()) yield value;
  }
  const part: ReadonlyMap<string, Value> = {
    size: keys.length,
    has: (key) => told.has(key),
    get,
    keys: () => keys.values(),
    values,
    entries,
    [Symbol.iterator]: entries,
    forEach: (visit) => {
      for (const [key, value] of entries()) visit(value, key, part);
    },
  };
  return part;
}

/** Objects are counted where the reader may see them. */
function scopedCoverage(
  { coverage, cluster }: Snapshot,
  namespaces: Snapshot['namespaces'],
  scope: Scope,
): KindCoverage[] {
  const counts = countKinds(cluster, namespaces.values());
  return coverage.map((row) => ({
    ...row,
    count: counts.get(countKey(row)) ?? 0,
    namespaces: row.namespaces.filter((name) => scope.tells(name)),
  }));
}

/** Kinds of objects that are in no namespace, and whose problems everybody may know. */
const CLUSTER_KINDS = new Set([
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'ClusterNetworkPolicy',
  'GatewayClass',
  'IngressClass',
  'Node',
]);

/**
 * Problems of objects in namespaces of the reader, and of the cluster's own. One that says neither may
 * name anything, and is left out: what it makes of verdicts is in them.
 */
function scopedProblems(problems: readonly Problem[], scope: Scope): Problem[] {
  return problems.filter(({ namespace, object }) => {
    if (namespace !== undefined) return scope.tells(namespace);
    const [kind = '', name = '', ...more] = object.split(' ');
    if (more.length !== 0 || name === '') return false;
    const slash = name.indexOf('/');
    return slash < 0 ? CLUSTER_KINDS.has(kind) : scope.tells(name.slice(0, slash));
  });
}
