import type { ChunkCache } from '../model/digest.ts';
import type { Snapshot, SnapshotId } from '../model/snapshot.ts';
import type { Ballast } from './sqlite/ballast.ts';

/** What is known of a stored snapshot without reading its chunks. */
export interface StoredSnapshot extends Pick<
  Snapshot,
  'digest' | 'source' | 'sourceDetected' | 'assumptions' | 'coverage' | 'problems'
> {
  readonly id: SnapshotId;
  readonly cluster: string;
  readonly takenAt: Date;
  readonly ingestedAt: Date;
}

/** A cluster as stored. */
export interface StoredCluster {
  readonly name: string;
  /** Greatest `takenAt` of all that was put, also when nothing new had to be stored. */
  readonly lastSeenAt: Date;
  /** Greatest `takenAt`, ties by ingest. */
  readonly latest: StoredSnapshot | undefined;
}

/** A stored snapshot with its place in the order of ingest. */
export interface IngestedSnapshot {
  /** Greater than that of all that were put before it, in any cluster; never used again. */
  readonly position: number;
  readonly stored: StoredSnapshot;
}

/** What a put did. */
export interface PutResult {
  readonly stored: StoredSnapshot;
  /** False: nothing had to be stored. */
  readonly created: boolean;
}

/** How a snapshot is put. */
export interface PutOptions {
  /** Names this put among those of the cluster: one that is made again is the same one. Absent: no name. */
  readonly key?: string;
}

/**
 * Where snapshots live. Small and asynchronous, so that another database fits behind it unchanged.
 *
 * INVARIANT: a snapshot is visible whole or not at all; what `get` returns equals what was put, or
 * it throws `snapshot-corrupt`, at the latest when what is damaged is touched. Lists and `StoredCluster.latest` name a damaged snapshot without its
 * coverage and with the problem `SNAPSHOT_CORRUPT`, so that it hides no other.
 *
 * Every method can reject with `store-failed`, and with `busy` when another process writes for long.
 */
export interface SnapshotStore {
  /**
   * Stores `snapshot`, which must be sealed, as seen in `cluster` at `takenAt`. When the cluster's
   * latest snapshot, or the one in force at `takenAt`, has the same digest and provenance, nothing is
   * stored, `created` is false and that one is returned. Either way damaged chunks that `snapshot`
   * holds are written anew, `lastSeenAt` moves to `takenAt` if that is later, and snapshots beyond
   * the limits are deleted, oldest `takenAt` first, in the same transaction.
   *
   * A put with the `key` of an earlier one, whose snapshot is there, changes nothing and returns that
   * snapshot, whatever came after it; so many keys of a cluster are remembered, the newest.
   *
   * @throws `key-reused` when that snapshot has another digest or provenance
   * @throws `store-failed`, `disk-full`, `bad-query` when `takenAt` is so old that the snapshot would
   * be deleted at once, `upload-too-large` when it alone is over the limit of bytes; RangeError when it is not as it was sealed
   */
  put(cluster: string, snapshot: Snapshot, takenAt: Date, options?: PutOptions): Promise<PutResult>;
  /** @throws `snapshot-corrupt` */
  find(id: string): Promise<StoredSnapshot | undefined>;
  /** The cluster of a snapshot, by its row alone: the same work whether there is one or not. */
  clusterOf(id: string): Promise<string | undefined>;
  /**
   * The latest snapshot of `cluster`, or the latest taken at or before `at`.
   *
   * @throws `snapshot-corrupt`
   */
  latest(cluster: string, at?: Date): Promise<StoredSnapshot | undefined>;
  /**
   * The snapshot, whose hashes are checked at once and whose content is read and verified when it is
   * first touched; touching it throws `snapshot-corrupt`, or `snapshot-not-found` when it was deleted
   * meanwhile. Until then the store must stay open.
   *
   * @throws `snapshot-not-found`, `snapshot-corrupt`
   */
  get(id: SnapshotId): Promise<Snapshot>;
  cluster(name: string): Promise<StoredCluster | undefined>;
  /** By name in code units, after `after`. */
  clusters(page: {
    readonly after?: string;
    readonly limit: number;
  }): Promise<{ readonly items: readonly StoredCluster[]; readonly totalCount: number }>;
  /** Newest first. */
  snapshots(
    cluster: string,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly items: readonly StoredSnapshot[]; readonly totalCount: number }>;
  /**
   * What was ingested after `position`, in that order, at most `limit`; what was deleted meanwhile is
   * not among it. Damaged ones are named as in lists.
   *
   * INVARIANT: whatever becomes visible later has a greater position than everything that is visible now.
   */
  ingestedAfter(position: number, limit: number): Promise<readonly IngestedSnapshot[]>;
  /** What was ingested last, of all clusters or of one, and is still there. */
  lastIngested(cluster?: string): Promise<IngestedSnapshot | undefined>;
  /** The snapshot of that id, damaged or not, with its position. */
  ingested(id: string): Promise<IngestedSnapshot | undefined>;
  /** Returns false when there was none. Frees the space of chunks nothing else uses. */
  deleteSnapshot(id: string): Promise<boolean>;
  deleteCluster(name: string): Promise<boolean>;
  /**
   * Keeps what `engine` compiled from a snapshot. Does nothing when the snapshot was deleted, or is not
   * among those of its cluster whose indexes are kept.
   */
  putIndex(id: SnapshotId, engine: string, bytes: Uint8Array): Promise<void>;
  /**
   * What was put, or undefined when it has to be compiled: never put, of another engine, damaged. What
   * is damaged is deleted.
   */
  getIndex(id: SnapshotId, engine: string): Promise<Uint8Array | undefined>;
  /**
   * Deletes a few snapshots that are too old, the latest of a cluster never among them.
   *
   * @returns whether there may be more
   */
  deleteExpired(): Promise<boolean>;
  /**
   * A number that is another one whenever anything that can be read here has changed, whoever changed
   * it, another process included. Cheap: it is asked before every question.
   */
  revision(): Promise<number>;
  /** Rejects when the store cannot be read. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Limits of a store. */
export interface StoreOptions {
  /** Snapshots kept per cluster, the latest always among them. */
  readonly snapshotsPerClusterMax: number;
  /**
   * Bytes of the snapshots of a cluster as they are stored, what they share counted once and compiled
   * indexes not at all; absent: any number.
   */
  readonly snapshotBytesPerClusterMax?: number;
  /** By `takenAt`, the latest of a cluster excepted; absent: for ever. */
  readonly snapshotsAgeMaxMs?: number;
  /** Compiled indexes kept per cluster, those of its newest snapshots. Default 8. */
  readonly indexesPerClusterMax?: number;
  /** Keys of puts remembered per cluster, the newest. Default 1000. */
  readonly uploadKeysPerClusterMax?: number;
  /** Given up where something cannot be deleted for lack of space. */
  readonly ballast?: Ballast;
  /** Where namespaces that were read are kept for the next snapshot; absent: nowhere. */
  readonly chunkCache?: ChunkCache;
}
