import type { Query } from '../engine/query.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { ListQuestion } from './list-memo.ts';
import type { SnapshotHeader } from '../model/answer.ts';
import type { IngestProgress, ManifestInput } from '../model/input.ts';
import type { ReadingChoice } from '../model/reading.ts';
import type { KindCoverage, Problem, SnapshotId, SnapshotSource } from '../model/snapshot.ts';
import type { Judging } from '../model/dialect.ts';
import type { HealthCheck } from './health.ts';
import type { Usage } from './usage.ts';
import type { Viewer } from './viewer.ts';

/** How to read an upload. */
export interface IngestOptions extends ReadingChoice {
  /** Default: now. At most five minutes ahead. */
  readonly takenAt?: Date;
  /** Default: detected (contract 3). */
  readonly source?: SnapshotSource;
  /** A dump without NetworkPolicies means that there are none. */
  readonly assumeNoPolicies?: boolean;
  /** Refuse the upload when anything in it is a problem of severity `error`. */
  readonly strict?: boolean;
  /** Namespace of manifests that name none. Default `default`. */
  readonly defaultNamespace?: string;
  /**
   * What the viewer calls this upload: sent again to the cluster under the same name it is the snapshot of
   * the first time. Each viewer has its own names. Default: none.
   */
  readonly idempotencyKey?: string;
  /** Objects and bytes read so far; called a few times a second at most. */
  readonly onProgress?: (progress: IngestProgress) => void;
}

/** A stored snapshot as callers see it. */
export interface SnapshotInfo {
  readonly id: SnapshotId;
  readonly digest: string;
  readonly cluster: string;
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  readonly ingestedAt: string;
  readonly source: SnapshotSource;
  readonly sourceDetected: boolean;
  readonly assumptions: readonly string[];
  readonly engine: string;
  /** Objects per kind: `NetworkPolicy` → 12. */
  readonly counts: readonly {
    readonly apiVersion: string;
    readonly kind: string;
    readonly count: number;
  }[];
  readonly coverage: readonly KindCoverage[];
  readonly problems: readonly Problem[];
  /** What is missing and the one command that fixes it; absent when nothing is. */
  readonly hint?: string;
}

/** A cluster: small, the thing to poll. */
export interface ClusterInfo {
  readonly name: string;
  readonly latest: Pick<SnapshotInfo, 'id' | 'digest' | 'takenAt' | 'engine'> | null;
  readonly lastSeenAt: string;
}

/** What an ingest did. */
export interface IngestResult {
  readonly snapshot: SnapshotInfo;
  /** False: the cluster's latest snapshot already held this content. */
  readonly created: boolean;
}

/** An answer with the snapshot it is about. */
export interface Answer<Result> {
  readonly snapshot: SnapshotHeader;
  readonly result: Result;
}

/** What to watch. */
export interface WatchOptions {
  /** Only snapshots of this cluster, whether there is one of that name yet or not. Default: all. */
  readonly cluster?: string;
  /** Id of a snapshot: begin with what was ingested after it. Default: with what comes from now on. */
  readonly after?: string;
}

/** Snapshots as they are added. It ends when it is returned, or when the service closes. */
export interface SnapshotWatch extends AsyncIterableIterator<SnapshotInfo> {
  /** Id of the snapshot after which it begins; undefined when there was none to be seen. */
  readonly after: string | undefined;
  return(): Promise<IteratorResult<SnapshotInfo, undefined>>;
}

/**
 * The use cases, the same for GraphQL, REST and the CLI.
 *
 * Every method rejects with `PodreachError`; anything else is a bug.
 */
export interface Podreach {
  /**
   * How questions are judged unless the cluster or the question says otherwise: `2`, or with dialect
   * options `2;ipBlockMatchesPods=false`. Each snapshot and answer names its own.
   */
  readonly engine: string;
  /** Answers as bytes, for whoever sends them. */
  readonly answers: AnswerCache;
  /**
   * Reads `inputs` as one snapshot of `cluster` and stores it, whole or not at all.
   *
   * @throws `bad-cluster-name`, `bad-input`, `upload-too-large`, `bad-encoding`, `bad-query`, `busy`,
   * `key-reused`
   */
  ingest(
    viewer: Viewer,
    cluster: string,
    inputs: AsyncIterable<ManifestInput>,
    options?: IngestOptions,
  ): Promise<IngestResult>;
  /** Clusters by name, in code units, after `after`. */
  clusters(
    viewer: Viewer,
    page: { after?: string; limit: number },
  ): Promise<{ items: ClusterInfo[]; totalCount: number }>;
  /** @throws `cluster-not-found` */
  cluster(viewer: Viewer, name: string): Promise<ClusterInfo>;
  /** Snapshots of a cluster, newest first. @throws `cluster-not-found` */
  snapshots(
    viewer: Viewer,
    cluster: string,
    page: { offset: number; limit: number },
  ): Promise<{ items: SnapshotInfo[]; totalCount: number }>;
  /**
   * `ref`: an id, a cluster (its latest), or `cluster@time`; `engine` is that of `judging`.
   *
   * @throws `snapshot-not-found`
   */
  snapshot(viewer: Viewer, ref: string, judging?: Judging): Promise<SnapshotInfo>;
  /** Asks one question. @throws what the query throws, `snapshot-not-found`, `snapshot-corrupt`, `busy` */
  ask<Args, Result>(
    viewer: Viewer,
    ref: string,
    query: Query<Args, Result>,
    args: Args,
    judging?: Judging,
  ): Promise<Answer<Result>>;
  /**
   * Like {@link ask}, for an answer that is read page by page: it is remembered for the next page.
   *
   * @throws as `ask`
   */
  askList<Args, Result>(
    viewer: Viewer,
    ref: string,
    question: ListQuestion<Args, Result>,
    judging?: Judging,
  ): Promise<Answer<Result>>;
  /**
   * Watches for snapshots that are added, whichever process stores them: in the order of their ingest,
   * each exactly once. Resolves when it has begun: from then on none is missed, except those that are
   * deleted before it got to them. Whether the viewer may see one is asked for each.
   *
   * @throws `events-missed` when `after` is not there (any more) or not to be seen; `bad-cluster-name`
   */
  watch(viewer: Viewer, options?: WatchOptions): Promise<SnapshotWatch>;
  /** @throws `snapshot-not-found` */
  deleteSnapshot(viewer: Viewer, id: string): Promise<void>;
  /** Deletes a cluster with all its snapshots. @throws `cluster-not-found` */
  deleteCluster(viewer: Viewer, name: string): Promise<void>;
  /** How each part is, the store first. Cheap: it is asked every few seconds. */
  health(): Promise<readonly HealthCheck[]>;
  /** What is held and done at the moment. */
  usage(): Usage;
  close(): Promise<void>;
}
