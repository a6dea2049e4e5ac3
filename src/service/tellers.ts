import type { ReachIndex } from '../engine/reach-index.ts';
import { Scope } from '../engine/scoped/scope.ts';
import { scopedSnapshot } from '../engine/scoped/scoped-snapshot.ts';
import { coverageHint } from '../manifest/build-snapshot.ts';
import type { SnapshotHeader } from '../model/answer.ts';
import type { Judging } from '../model/dialect.ts';
import type { SnapshotStore, StoredCluster, StoredSnapshot } from '../store/snapshot-store.ts';
import type { Engine, Engines } from './engines.ts';
import { oncePer } from './once-per.ts';
import type { ClusterInfo, SnapshotInfo } from './podreach.ts';
import type { Viewer } from './viewer.ts';

/** How what is stored is told. */
export interface Tellers {
  readonly engineOf: (stored: StoredSnapshot, judging?: Judging) => Engine;
  readonly headerOf: (
    viewer: Viewer,
    stored: StoredSnapshot,
    engine: Engine,
    index: ReachIndex,
  ) => SnapshotHeader;
  readonly infoOf: (
    viewer: Viewer,
    stored: StoredSnapshot,
    judging?: Judging,
  ) => Promise<SnapshotInfo>;
  readonly clusterOf: (cluster: StoredCluster) => ClusterInfo;
}

/**
 * What is told of snapshots and clusters, once for each way to judge them; to who may see some
 * namespaces, of these.
 */
export function tellers(engines: Engines, store: SnapshotStore): Tellers {
  const engineOf = ({ cluster }: StoredSnapshot, judging?: Judging): Engine =>
    engines.of(cluster, judging);
  const told = oncePer((engine: Engine) => ({
    headerOf: oncePer((stored: StoredSnapshot) => makeHeader(stored, engine.id)),
    infoOf: oncePer((stored: StoredSnapshot) => makeInfo(stored, engine.id)),
  }));
  return {
    engineOf,
    headerOf: ({ namespaces }, stored, engine, { view }) => {
      if (namespaces === null) return told(engine).headerOf(stored);
      return makeHeader({ ...stored, coverage: view.snapshot.coverage }, engine.id);
    },
    async infoOf({ namespaces }, stored, judging) {
      const engine = engineOf(stored, judging);
      if (namespaces === null) return told(engine).infoOf(stored);
      const part = scopedSnapshot(await store.get(stored.id), new Scope(namespaces));
      const { coverage, problems } = part;
      return makeInfo({ ...stored, coverage, problems }, engine.id);
    },
    clusterOf: (cluster) => makeCluster(cluster, engines.of(cluster.name).id),
  };
}

function makeHeader(stored: StoredSnapshot, engine: string): SnapshotHeader {
  return {
    id: stored.id,
    digest: stored.digest,
    cluster: stored.cluster,
    takenAt: stored.takenAt.toISOString(),
    engine,
    coverage: stored.coverage,
  };
}

function makeInfo(stored: StoredSnapshot, engine: string): SnapshotInfo {
  const hint = coverageHint(stored);
  return {
    id: stored.id,
    digest: stored.digest,
    cluster: stored.cluster,
    takenAt: stored.takenAt.toISOString(),
    ingestedAt: stored.ingestedAt.toISOString(),
    source: stored.source,
    sourceDetected: stored.sourceDetected,
    assumptions: stored.assumptions,
    engine,
    counts: stored.coverage.map(({ apiVersion, kind, count }) => ({ apiVersion, kind, count })),
    coverage: stored.coverage,
    problems: stored.problems,
    ...(hint === undefined ? {} : { hint }),
  };
}

function makeCluster({ name, lastSeenAt, latest }: StoredCluster, engine: string): ClusterInfo {
  return {
    name,
    latest:
      latest === undefined
        ? null
        : { id: latest.id, digest: latest.digest, takenAt: latest.takenAt.toISOString(), engine },
    lastSeenAt: lastSeenAt.toISOString(),
  };
}
