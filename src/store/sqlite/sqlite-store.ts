import { setTimeout as sleep } from 'node:timers/promises';

import type { ChunkCache } from '../../model/digest.ts';
import { PodreachError } from '../../model/errors.ts';
import type { Snapshot, SnapshotId } from '../../model/snapshot.ts';
import { openSnapshot } from '../snapshot-parts.ts';
import type { PutResult, SnapshotStore, StoredCluster, StoredSnapshot } from '../snapshot-store.ts';
import type { IngestedSnapshot, PutOptions, StoreOptions } from '../snapshot-store.ts';
import { connect, deleteWithChunks } from './connection.ts';
import type { Connection } from './connection.ts';
import { isWhole } from './indexes.ts';
import { IN_MEMORY } from './open.ts';
import { EXPIRED_PER_STEP, arrivalOf, putSnapshot } from './put-snapshot.ts';
import { END_OF_TIME } from './snapshots.ts';
import type { ClusterRow, SnapshotRow } from './snapshots.ts';
import { spoilsConnection, toStoreError } from './store-error.ts';
import { expectedOf, naming } from './stored-rows.ts';
import type { StoredForms } from './stored-rows.ts';

/** Indexes kept per cluster when nobody says. */
const INDEXES_PER_CLUSTER = 8;

/**
 * The store in the SQLite file `path`, or in memory.
 *
 * @throws `store-failed`, `disk-full`
 */
export function openSqliteStore(path: string, options: StoreOptions): SnapshotStore {
  return new SqliteStore(path, options);
}

/** How long a write waits for another process, and how often it looks. */
const BUSY_MS_MAX = 30_000;
const BUSY_RETRY_MS = 50;

class SqliteStore implements SnapshotStore {
  readonly #path: string;
  readonly #options: StoreOptions;
  #connection: Connection | undefined;
  #closed = false;
  /** Counts what this connection and others have changed. */
  #revision = 0;
  #foreignVersion: number | undefined;

  constructor(path: string, options: StoreOptions) {
    this.#path = path;
    this.#options = options;
    this.#connection = connect(path);
  }

  async put(
    cluster: string,
    snapshot: Snapshot,
    takenAt: Date,
    options: PutOptions = {},
  ): Promise<PutResult> {
    const arrival = { ...arrivalOf(cluster, snapshot, takenAt), ...options };
    return this.#useAndShrink<PutResult>((connection) =>
      connection.write(() => putSnapshot(connection, arrival, this.#options)),
    );
  }

  find(id: string): Promise<StoredSnapshot | undefined> {
    return this.#use(({ snapshots, forms }) => {
      const row = snapshots.find(id);
      return row === undefined ? undefined : forms.storedOf(row);
    });
  }

  clusterOf(id: string): Promise<string | undefined> {
    return this.#use(({ snapshots }) => snapshots.clusterOf(id));
  }

  latest(cluster: string, at?: Date): Promise<StoredSnapshot | undefined> {
    return this.#use(({ snapshots, forms }) => {
      const known = snapshots.cluster(cluster);
      if (known === undefined) return undefined;
      const row = snapshots.latest(known.id, at?.getTime() ?? END_OF_TIME);
      return row === undefined ? undefined : forms.storedOf(row);
    });
  }

  get(id: SnapshotId): Promise<Snapshot> {
    return this.#use(({ read, snapshots, chunks }) =>
      read(() => {
        const row = snapshots.find(id);
        if (row === undefined) {
          throw new PodreachError('snapshot-not-found', `no snapshot has the id \`${id}\``);
        }
        const parts = naming(id, () => chunks.ofSnapshot(row.clusterId, row.seq));
        const reader = { read: this.#partReader(row), ...this.#cache() };
        return naming(id, () => openSnapshot(expectedOf(row), parts, reader));
      }),
    );
  }

  cluster(name: string): Promise<StoredCluster | undefined> {
    return this.#use((connection) => {
      const row = connection.snapshots.cluster(name);
      return row === undefined ? undefined : storedCluster(connection, row);
    });
  }

  clusters(page: {
    readonly after?: string;
    readonly limit: number;
  }): Promise<{ readonly items: readonly StoredCluster[]; readonly totalCount: number }> {
    return this.#use((connection) =>
      connection.read(() => {
        const rows = connection.snapshots.clusters(page.after ?? '', page.limit);
        const items = rows.map((row) => storedCluster(connection, row));
        return { items, totalCount: connection.snapshots.clusterCount() };
      }),
    );
  }

  snapshots(
    cluster: string,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly items: readonly StoredSnapshot[]; readonly totalCount: number }> {
    return this.#use(({ read, snapshots, forms }) =>
      read(() => {
        const row = snapshots.cluster(cluster);
        if (row === undefined) return { items: [], totalCount: 0 };
        const rows = snapshots.page(row.id, page.offset, page.limit);
        const items = rows.map((item) => forms.listedOf(item));
        return { items, totalCount: snapshots.count(row.id) };
      }),
    );
  }

  ingestedAfter(position: number, limit: number): Promise<readonly IngestedSnapshot[]> {
    return this.#use(({ read, snapshots, forms }) =>
      read(() => snapshots.after(position, limit).map((row) => ingestedOf(row, forms))),
    );
  }

  lastIngested(cluster?: string): Promise<IngestedSnapshot | undefined> {
    return this.#use(({ read, snapshots, forms }) =>
      read(() => {
        const known = cluster === undefined ? undefined : snapshots.cluster(cluster);
        if (cluster !== undefined && known === undefined) return undefined;
        const row = snapshots.lastIngested(known?.id);
        return row === undefined ? undefined : ingestedOf(row, forms);
      }),
    );
  }

  ingested(id: string): Promise<IngestedSnapshot | undefined> {
    return this.#use(({ snapshots, forms }) => {
      const row = snapshots.find(id);
      return row === undefined ? undefined : ingestedOf(row, forms);
    });
  }

  deleteSnapshot(id: string): Promise<boolean> {
    return this.#delete(({ snapshots, chunks, write }) =>
      write(() => {
        const row = snapshots.find(id);
        if (row === undefined) return [false, false];
        deleteWithChunks({ snapshots, chunks }, row.seq);
        return [true, true];
      }),
    );
  }

  deleteCluster(name: string): Promise<boolean> {
    return this.#delete(({ snapshots, write }) =>
      write(() => {
        const row = snapshots.cluster(name);
        if (row === undefined) return [false, false];
        snapshots.deleteCluster(row.id);
        return [true, true];
      }),
    );
  }

  putIndex(id: SnapshotId, engine: string, bytes: Uint8Array): Promise<void> {
    const keep = this.#options.indexesPerClusterMax ?? INDEXES_PER_CLUSTER;
    // SQLite takes no shared memory.
    const own = bytes.buffer instanceof SharedArrayBuffer ? Uint8Array.from(bytes) : bytes;
    return this.#use(({ write, snapshots, indexes }) => {
      write(() => {
        const row = snapshots.find(id);
        if (row === undefined) return;
        indexes.write(row.seq, engine, own);
        indexes.deleteOld(row.clusterId, keep);
      });
    });
  }

  async getIndex(id: SnapshotId, engine: string): Promise<Uint8Array | undefined> {
    const stored = await this.#use(({ snapshots, indexes }) => {
      const row = snapshots.find(id);
      return row === undefined ? undefined : indexes.read(row.seq, engine);
    });
    if (stored === undefined) return undefined;
    if (await isWhole(stored)) return stored.bytes;
    await this.#use(({ write, indexes }) => {
      write(() => {
        indexes.delete(stored);
      });
    });
    return undefined;
  }

  async deleteExpired(): Promise<boolean> {
    const { snapshotsAgeMaxMs } = this.#options;
    if (snapshotsAgeMaxMs === undefined) return false;
    const oldest = Date.now() - snapshotsAgeMaxMs;
    return this.#delete((connection) => {
      const find = (): readonly number[] => connection.retention.expired(oldest, EXPIRED_PER_STEP);
      // Looked for without the lock first: nearly always there is nothing to do.
      if (find().length === 0) return [false, false];
      return connection.write(() => {
        const expired = find();
        for (const seq of expired) deleteWithChunks(connection, seq);
        return [expired.length === EXPIRED_PER_STEP, 0 < expired.length];
      });
    });
  }

  revision(): Promise<number> {
    return this.#use(({ foreignVersion }) => {
      const version = foreignVersion();
      if (version !== this.#foreignVersion) this.#revision += 1;
      this.#foreignVersion = version;
      return this.#revision;
    });
  }

  async ping(): Promise<void> {
    await this.#use(({ snapshots }) => snapshots.clusterCount());
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#connection?.database.close();
    this.#connection = undefined;
    return Promise.resolve();
  }

  /** Reads parts of a snapshot later, as long as it is stored. */
  #partReader({ id, clusterId }: SnapshotRow): (hash: string) => Uint8Array {
    return (hash) =>
      this.#run(({ snapshots, chunks, read }) =>
        read(() => {
          if (snapshots.find(id) === undefined) throw deletedMeanwhile(id);
          return naming(id, () => chunks.read(clusterId, hash));
        }),
      );
  }

  #cache(): { cache?: ChunkCache } {
    const { chunkCache } = this.#options;
    return chunkCache === undefined ? {} : { cache: chunkCache };
  }

  /** Runs `work`, waiting without blocking when another process holds the lock it needs. */
  async #use<T>(work: (connection: Connection) => T): Promise<T> {
    for (const startedAt = performance.now(); ;) {
      try {
        return this.#run(work);
      } catch (error) {
        const isOver = BUSY_MS_MAX < performance.now() - startedAt;
        if (!(error instanceof PodreachError) || error.code !== 'busy' || isOver) throw error;
      }
      await sleep(BUSY_RETRY_MS);
    }
  }

  /** Like `#useAndShrink`, also when the disk is full. */
  async #delete<T>(
    work: (connection: Connection) => readonly [result: T, deleted: boolean],
  ): Promise<T> {
    const { ballast } = this.#options;
    try {
      return await this.#useAndShrink(work);
    } catch (error) {
      const isFull = error instanceof PodreachError && error.code === 'disk-full';
      if (!isFull || ballast?.release() !== true) throw error;
      return await this.#useAndShrink(work);
    } finally {
      ballast?.refill();
    }
  }

  /** Like `#use`; when `work` says that it deleted something, the file is shrunk afterwards. */
  async #useAndShrink<T>(
    work: (connection: Connection) => readonly [result: T, deleted: boolean],
  ): Promise<T> {
    let outcome: readonly [result: T, deleted: boolean];
    try {
      outcome = await this.#use(work);
    } finally {
      // Counted whether it worked or not: reading once too often is never wrong.
      this.#revision += 1;
    }
    const [result, deleted] = outcome;
    // Step by step, so that whoever deletes much does not keep everybody else waiting.
    while (deleted && this.#shrink()) await sleep(0);
    return result;
  }

  /** Runs `work` on the connection, opening it anew if an input or output error spoiled the last. */
  #run<T>(work: (connection: Connection) => T): T {
    if (this.#closed) throw new PodreachError('store-failed', 'the store is closed');
    const connection = (this.#connection ??= connect(this.#path));
    try {
      return work(connection);
    } catch (cause) {
      if (spoilsConnection(cause) && this.#path !== IN_MEMORY) {
        this.#connection = undefined;
        this.#foreignVersion = undefined;
        connection.database.close();
      }
      throw toStoreError(cause, this.#path);
    }
  }

  /**
   * Gives some free pages back to the file system. The deletion before is committed and stands whether
   * this works or not: free pages are used again, and the next deletion tries anew.
   *
   * @returns whether there are more
   */
  #shrink(): boolean {
    try {
      return !this.#closed && this.#run(({ retention }) => retention.freeSpace());
    } catch (error) {
      if (!(error instanceof PodreachError)) throw error;
      return false;
    }
  }
}

function deletedMeanwhile(id: string): PodreachError {
  return new PodreachError('snapshot-not-found', `snapshot \`${id}\` was deleted meanwhile`);
}

function storedCluster({ snapshots, forms }: Connection, row: ClusterRow): StoredCluster {
  const latest = snapshots.latest(row.id, END_OF_TIME);
  return {
    name: row.name,
    lastSeenAt: new Date(row.lastSeenAt),
    latest: latest === undefined ? undefined : forms.listedOf(latest),
  };
}

function ingestedOf(row: SnapshotRow, forms: StoredForms): IngestedSnapshot {
  return { position: row.seq, stored: forms.listedOf(row) };
}
