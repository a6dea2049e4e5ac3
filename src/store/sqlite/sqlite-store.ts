import { randomBytes } from 'node:crypto';

import type { Database } from 'better-sqlite3';

import { PodreachError } from '../../model/errors.ts';
import type { Snapshot, SnapshotId } from '../../model/snapshot.ts';
import { encodeHeader, joinSnapshot, splitSnapshot } from '../snapshot-parts.ts';
import type { SplitSnapshot } from '../snapshot-parts.ts';
import type { SnapshotStore, StoredCluster, StoredSnapshot } from '../snapshot-store.ts';
import type { StoreOptions } from '../snapshot-store.ts';
import { chunkTable } from './chunks.ts';
import type { ChunkTable } from './chunks.ts';
import { IN_MEMORY, openDatabase } from './open.ts';
import { retentionOf } from './retention.ts';
import type { Retention } from './retention.ts';
import { END_OF_TIME, snapshotId, snapshotTable } from './snapshots.ts';
import type { ClusterRow, SnapshotRow, SnapshotTable } from './snapshots.ts';
import { spoilsConnection, toStoreError } from './store-error.ts';
import { expectedOf, listedOf, naming, rowHashOf, storedOf } from './stored-rows.ts';

/**
 * The store in the SQLite file `path`, or in memory.
 *
 * @throws `store-failed`, `disk-full`
 */
export function openSqliteStore(path: string, options: StoreOptions): SnapshotStore {
  return new SqliteStore(path, options);
}

/** A connection with every statement prepared once. */
interface Connection {
  readonly database: Database;
  readonly snapshots: SnapshotTable;
  readonly chunks: ChunkTable;
  readonly retention: Retention;
  /** Runs `work` in one write transaction: all of it, or nothing. */
  readonly write: <T>(work: () => T) => T;
  /** Runs `work` on one state of the database. */
  readonly read: <T>(work: () => T) => T;
  /** Another number whenever another connection has changed the file. */
  readonly foreignVersion: () => number;
}

interface PutResult {
  readonly stored: StoredSnapshot;
  readonly created: boolean;
}

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

  put(cluster: string, snapshot: Snapshot, takenAt: Date): Promise<PutResult> {
    const { snapshotsPerClusterMax: keep } = this.#options;
    const at = takenAt.getTime();
    return this.#useAndShrink<PutResult>((connection) => {
      const split = splitSnapshot(snapshot);
      return connection.write(() => {
        const row = connection.snapshots.seeCluster(cluster, at);
        const chunkIds = split.parts.map((part) => connection.chunks.ensure(row.id, part));
        const known = findSame(connection, row, { snapshot, split, at });
        if (known !== undefined) return [{ stored: known, created: false }, false];
        const inserted = insert(connection, row, { snapshot, split, at, chunkIds });
        const deleted = enforceRetention(connection, row, { keep, inserted: inserted.seq });
        return [{ stored: storedOf(inserted, connection.chunks), created: true }, deleted];
      });
    });
  }

  find(id: string): Promise<StoredSnapshot | undefined> {
    return this.#use(({ snapshots, chunks }) => {
      const row = snapshots.find(id);
      return row === undefined ? undefined : storedOf(row, chunks);
    });
  }

  latest(cluster: string, at?: Date): Promise<StoredSnapshot | undefined> {
    return this.#use(({ snapshots, chunks }) => {
      const known = snapshots.cluster(cluster);
      if (known === undefined) return undefined;
      const row = snapshots.latest(known.id, at?.getTime() ?? END_OF_TIME);
      return row === undefined ? undefined : storedOf(row, chunks);
    });
  }

  get(id: SnapshotId): Promise<Snapshot> {
    return this.#use(({ read, snapshots, chunks }) =>
      read(() => {
        const row = snapshots.find(id);
        if (row === undefined) {
          throw new PodreachError('snapshot-not-found', `no snapshot has the id \`${id}\``);
        }
        return naming(id, () => joinSnapshot(expectedOf(row), chunks.ofSnapshot(row.seq)));
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
    return this.#use(({ read, snapshots, chunks }) =>
      read(() => {
        const row = snapshots.cluster(cluster);
        if (row === undefined) return { items: [], totalCount: 0 };
        const rows = snapshots.page(row.id, page.offset, page.limit);
        const items = rows.map((item) => listedOf(item, chunks));
        return { items, totalCount: snapshots.count(row.id) };
      }),
    );
  }

  deleteSnapshot(id: string): Promise<boolean> {
    return this.#useAndShrink(({ snapshots, chunks, write }) =>
      write(() => {
        const row = snapshots.find(id);
        if (row === undefined) return [false, false];
        snapshots.delete(row.seq);
        chunks.deleteUnused(row.clusterId);
        return [true, true];
      }),
    );
  }

  deleteCluster(name: string): Promise<boolean> {
    return this.#useAndShrink(({ snapshots, write }) =>
      write(() => {
        const row = snapshots.cluster(name);
        if (row === undefined) return [false, false];
        snapshots.deleteCluster(row.id);
        return [true, true];
      }),
    );
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

  #use<T>(work: (connection: Connection) => T): Promise<T> {
    // What an executor throws rejects its promise.
    return new Promise((resolve) => {
      resolve(this.#run(work));
    });
  }

  /** Like `#use`; when `work` says that it deleted something, the file is shrunk afterwards. */
  #useAndShrink<T>(
    work: (connection: Connection) => readonly [result: T, deleted: boolean],
  ): Promise<T> {
    return new Promise((resolve) => {
      // Counted whether it works or not: reading once too often is never wrong.
      this.#revision += 1;
      const [result, deleted] = this.#run(work);
      if (deleted) this.#shrink();
      resolve(result);
    });
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
   * Gives free pages back to the file system. The deletion before is committed and stands whether
   * this works or not: free pages are used again, and the next deletion tries anew.
   */
  #shrink(): void {
    try {
      this.#run(({ retention }) => {
        retention.freeSpace();
      });
    } catch (error) {
      if (!(error instanceof PodreachError)) throw error;
    }
  }
}

function connect(path: string): Connection {
  const database = openDatabase(path);
  const versions = database.prepare<[], number>('PRAGMA data_version').pluck();
  return {
    database,
    snapshots: snapshotTable(database),
    chunks: chunkTable(database),
    retention: retentionOf(database),
    write: (work) => database.transaction(work).immediate(),
    read: (work) => database.transaction(work).deferred(),
    foreignVersion: () => versions.get() ?? 0,
  };
}

interface Arrival {
  readonly snapshot: Snapshot;
  readonly split: SplitSnapshot;
  /** When it was taken, in milliseconds since 1970. */
  readonly at: number;
}

/**
 * The snapshot that already says what this one says: the latest, or the one in force at its time, so
 * that a repeated backfill is not stored twice either.
 */
function findSame(
  { snapshots, chunks }: Connection,
  cluster: ClusterRow,
  { snapshot, split, at }: Arrival,
): StoredSnapshot | undefined {
  for (const time of [END_OF_TIME, at]) {
    const row = snapshots.latest(cluster.id, time);
    if (row === undefined || rowHashOf(row) !== row.rowHash) continue;
    if (row.digest === snapshot.digest && row.provenanceHash === split.provenanceHash) {
      return storedOf(row, chunks);
    }
  }
  return undefined;
}

function insert(
  { snapshots }: Connection,
  cluster: ClusterRow,
  { snapshot, split, at, chunkIds }: Arrival & { readonly chunkIds: readonly number[] },
): SnapshotRow {
  const ingestedAt = Date.now();
  const row = {
    id: snapshotId(ingestedAt, randomBytes(10)),
    clusterId: cluster.id,
    cluster: cluster.name,
    digest: snapshot.digest,
    provenanceHash: split.provenanceHash,
    takenAt: at,
    ingestedAt,
    source: snapshot.source,
    header: encodeHeader(split.header),
  };
  const hashed = { ...row, rowHash: rowHashOf(row) };
  return { ...hashed, seq: snapshots.insert(hashed, chunkIds) };
}

/** Deletes all but the `keep` newest snapshots. @returns whether there were any */
function enforceRetention(
  { snapshots, chunks, retention }: Connection,
  cluster: ClusterRow,
  { keep, inserted }: { readonly keep: number; readonly inserted: number },
): boolean {
  const excess = retention.excess(cluster.id, Math.max(1, keep));
  if (excess.includes(inserted)) {
    throw new PodreachError(
      'bad-query',
      `\`takenAt\` is before all ${keep} snapshots that are kept of \`${cluster.name}\`: this one would be deleted at once; keep more snapshots, or delete some first`,
      { parameter: 'takenAt' },
    );
  }
  for (const seq of excess) snapshots.delete(seq);
  if (0 < excess.length) chunks.deleteUnused(cluster.id);
  return 0 < excess.length;
}

function storedCluster({ snapshots, chunks }: Connection, row: ClusterRow): StoredCluster {
  const latest = snapshots.latest(row.id, END_OF_TIME);
  return {
    name: row.name,
    lastSeenAt: new Date(row.lastSeenAt),
    latest: latest === undefined ? undefined : listedOf(latest, chunks),
  };
}
