import { PodreachError } from '../model/errors.ts';
import { noCluster, noSnapshot } from './not-found.ts';
import type { ClusterInfo, Podreach } from './podreach.ts';
import { checkClusterName, parseSnapshotRef } from './snapshot-ref.ts';
import type { Scope, Viewer } from './viewer.ts';

/** The cluster of a snapshot id, or undefined; the same work whether there is one or not. */
export type ClusterOf = (id: string) => Promise<string | undefined>;

/**
 * The service as its viewers may use it: the one place that decides who may do what (decisions 15).
 *
 * A scope is asked for first, before anything is looked up. What is of a cluster that the viewer may not
 * see does not exist for them: a name is judged by itself, whatever is stored, and the cluster of an id
 * is looked up first and compared then, so that neither words nor counts nor work tell the two apart.
 */
export function authorise(inner: Podreach, clusterOf: ClusterOf): Podreach {
  const checkRef = async ({ clusters }: Viewer, ref: string): Promise<void> => {
    if (clusters === null) return;
    const parsed = parseSnapshotRef(ref);
    const cluster = parsed.kind === 'id' ? await clusterOf(parsed.id) : parsed.cluster;
    if (cluster === undefined || !clusters.includes(cluster)) throw noSnapshot(ref);
  };
  /** Runs `read` for a viewer who may read the snapshot `ref`. */
  const reading = async <Value>(
    viewer: Viewer,
    ref: string,
    read: () => Promise<Value>,
  ): Promise<Value> => {
    checkScope(viewer, 'read');
    if (viewer.clusters !== null) await checkRef(viewer, ref);
    return read();
  };
  // Each method by its name: one that is added to the service is missing here until somebody decides.
  return {
    engine: inner.engine,
    answers: inner.answers,
    async ingest(viewer, cluster, inputs, options) {
      checkClusterName(cluster);
      checkIngest(viewer, cluster);
      return inner.ingest(viewer, cluster, inputs, options);
    },
    async clusters(viewer, page) {
      checkScope(viewer, 'read');
      return viewer.clusters === null
        ? inner.clusters(viewer, page)
        : someClusters(inner, viewer, viewer.clusters, page);
    },
    async cluster(viewer, name) {
      checkScope(viewer, 'read');
      if (!mayRead(viewer, name)) throw noCluster(name);
      return inner.cluster(viewer, name);
    },
    async snapshots(viewer, cluster, page) {
      checkScope(viewer, 'read');
      if (!mayRead(viewer, cluster)) throw noCluster(cluster);
      return inner.snapshots(viewer, cluster, page);
    },
    snapshot: (viewer, ref, judging) =>
      reading(viewer, ref, () => inner.snapshot(viewer, ref, judging)),
    ask: (viewer, ref, query, args, judging) =>
      reading(viewer, ref, () => inner.ask(viewer, ref, query, args, judging)),
    askList: (viewer, ref, question, judging) =>
      reading(viewer, ref, () => inner.askList(viewer, ref, question, judging)),
    // Of what they may not see, watchers are told as little as of what never comes.
    async watch(viewer, options) {
      checkScope(viewer, 'read');
      return inner.watch(viewer, options);
    },
    async deleteSnapshot(viewer, id) {
      checkScope(viewer, 'admin');
      await checkRef(viewer, id);
      return inner.deleteSnapshot(viewer, id);
    },
    async deleteCluster(viewer, name) {
      checkScope(viewer, 'admin');
      if (!mayRead(viewer, name)) throw noCluster(name);
      return inner.deleteCluster(viewer, name);
    },
    ready: () => inner.ready(),
    checkRoom: () => inner.checkRoom(),
    close: () => inner.close(),
  };
}

/** Whether `viewer` may know of `cluster`. It says nothing of whether there is one. */
export function mayRead(viewer: Viewer, cluster: string): boolean {
  return viewer.clusters === null || viewer.clusters.includes(cluster);
}

/**
 * Whether `viewer` may send snapshots of `cluster`: for whoever has to know before the first byte is
 * read.
 *
 * @throws `forbidden`, `cluster-not-found`
 */
export function checkIngest(viewer: Viewer, cluster: string): void {
  checkScope(viewer, 'ingest');
  if (!mayRead(viewer, cluster)) throw noCluster(cluster);
}

/** @throws `forbidden`, which names the scope that is missing */
export function checkScope(viewer: Viewer, scope: Scope): void {
  if (!viewer.scopes.has(scope)) {
    throw new PodreachError(
      'forbidden',
      `this needs the scope \`${scope}\`, which \`${viewer.name}\` does not have`,
    );
  }
  // A snapshot is of all namespaces: who sees some of them neither makes nor deletes one.
  if (scope === 'read' || viewer.namespaces === null) return;
  throw new PodreachError(
    'forbidden',
    `the scope \`${scope}\` is of whole clusters, and \`${viewer.name}\` sees some namespaces only`,
  );
}

/** A page of the clusters `names` that exist: nothing else is read or counted. */
async function someClusters(
  inner: Podreach,
  viewer: Viewer,
  names: readonly string[],
  { after = '', limit }: Parameters<Podreach['clusters']>[1],
): Promise<{ items: ClusterInfo[]; totalCount: number }> {
  const found: ClusterInfo[] = [];
  for (const name of [...new Set(names)].sort()) {
    const cluster = await existing(inner.cluster(viewer, name));
    if (cluster !== undefined) found.push(cluster);
  }
  const items = found.filter(({ name }) => after < name).slice(0, limit);
  return { items, totalCount: found.length };
}

async function existing<Value>(found: Promise<Value>): Promise<Value | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof PodreachError && error.code === 'cluster-not-found') return undefined;
    throw error;
  }
}
