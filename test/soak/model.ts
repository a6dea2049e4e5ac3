import type { SoakWorld } from './worlds.ts';

/** A snapshot that was acknowledged. */
export interface KnownSnapshot {
  readonly id: string;
  readonly world: SoakWorld;
  /** The how-manieth of its cluster it is. */
  readonly order: number;
  /** Its deletion was asked for, and nobody said whether it happened. */
  maybeDeleted: boolean;
}

/** What is known of one cluster; one operation at a time changes it. */
export interface KnownCluster {
  readonly name: string;
  readonly snapshots: Map<string, KnownSnapshot>;
  /** Ids that must never be seen again. */
  readonly gone: Set<string>;
  /** Snapshots ever made, those counted that may have been. */
  made: number;
  /** An upload that was not answered, and the key it was sent under. */
  pending: { readonly world: SoakWorld; readonly key: string } | undefined;
  /** The deletion of the whole cluster was not answered. */
  maybeDropped: boolean;
}

/** A row of the list of snapshots of a cluster. */
export interface ListedSnapshot {
  readonly id: string;
  readonly digest: string;
  readonly problems: readonly { readonly code: string }[];
}

/** A cluster of which nothing is known. */
export function newCluster(name: string): KnownCluster {
  return {
    name,
    snapshots: new Map(),
    gone: new Set(),
    made: 0,
    pending: undefined,
    maybeDropped: false,
  };
}

/** Notes what an upload made or found. */
export function acknowledge(cluster: KnownCluster, id: string, world: SoakWorld): void {
  if (cluster.snapshots.has(id)) return;
  cluster.made += 1;
  cluster.snapshots.set(id, { id, world, order: cluster.made, maybeDeleted: false });
}

/** Notes that a snapshot was deleted. */
export function forget(cluster: KnownCluster, id: string): void {
  cluster.snapshots.delete(id);
  cluster.gone.add(id);
}

/** Notes that the cluster was deleted. */
export function drop(cluster: KnownCluster): void {
  for (const id of [...cluster.snapshots.keys()]) forget(cluster, id);
}

/** Whether a snapshot has to be there: nobody deleted it, and too few came after it for retention to. */
export function mustBeThere(
  cluster: KnownCluster,
  { order, maybeDeleted }: KnownSnapshot,
  keep: number,
): boolean {
  const made = cluster.made + (cluster.pending === undefined ? 0 : 1);
  return !maybeDeleted && !cluster.maybeDropped && made - order < keep;
}

/**
 * Settles what was not answered by what there is now, and says what is wrong with it.
 *
 * @param listed undefined: there is no such cluster
 */
export function settle(
  cluster: KnownCluster,
  listed: readonly ListedSnapshot[] | undefined,
  keep: number,
): { readonly lost: readonly string[]; readonly wrong: readonly string[] } {
  const { name } = cluster;
  if (cluster.maybeDropped) {
    cluster.maybeDropped = false;
    // An upload may have made it anew since, so that only ids tell.
    const isDropped = ![...cluster.snapshots.keys()].some((id) =>
      (listed ?? []).some((row) => row.id === id),
    );
    if (isDropped) drop(cluster);
  }
  const rows = new Map((listed ?? []).map((row) => [row.id, row]));
  const lost: string[] = [];
  const wrong: string[] = [];
  for (const known of [...cluster.snapshots.values()]) {
    const row = rows.get(known.id);
    if (row === undefined) {
      if (mustBeThere(cluster, known, keep)) lost.push(`${name}: ${known.id}`);
      forget(cluster, known.id);
    } else {
      known.maybeDeleted = false;
      if (row.digest !== known.world.digest) wrong.push(`${name}: ${known.id} has ${row.digest}`);
    }
  }
  for (const { id, digest, problems } of rows.values()) {
    if (problems.some(({ code }) => code === 'SNAPSHOT_CORRUPT')) wrong.push(`${id} is corrupt`);
    if (cluster.gone.has(id)) wrong.push(`${name}: ${id} is back`);
    else if (!cluster.snapshots.has(id)) {
      const { world } = cluster.pending ?? {};
      if (world?.digest === digest) acknowledge(cluster, id, world);
      else wrong.push(`${name}: nobody sent ${id}`);
    }
  }
  if (keep < rows.size) wrong.push(`${name}: ${rows.size} snapshots are kept`);
  return { lost, wrong };
}
