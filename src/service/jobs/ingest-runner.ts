import { engineId } from '../../engine/options.ts';
import type { EngineOptions } from '../../engine/options.ts';
import { buildSnapshot } from '../../manifest/build-snapshot.ts';
import { keepList } from '../../manifest/kinds.ts';
import { readObjects } from '../../manifest/read/read-objects.ts';
import type { ChunkCache } from '../../model/digest.ts';
import type { IngestLimits, IngestProgress, ManifestInput } from '../../model/input.ts';
import type { ReadingChoice } from '../../model/reading.ts';
import type { Snapshot, SnapshotId, SnapshotSource } from '../../model/snapshot.ts';
import type { SnapshotStore } from '../../store/snapshot-store.ts';
import type { PhaseEvent } from '../observer.ts';
import type { QueueUsage } from '../usage.ts';
import type { IndexCodec } from './index-codec.ts';

/** How the objects of one ingest are to be read, as plain data. */
export interface IngestReading extends ReadingChoice {
  readonly source?: SnapshotSource;
  readonly assumeNoPolicies?: boolean;
  readonly strict?: boolean;
  readonly defaultNamespace?: string;
}

/** One ingest. */
export interface IngestTask {
  readonly cluster: string;
  readonly takenAt: Date;
  /** What the store knows this upload by; absent: nothing. */
  readonly key?: string;
  readonly reading: IngestReading;
  readonly onProgress?: (progress: IngestProgress) => void;
  /** Called when a part of it ended well. */
  readonly onPhase?: (phase: PhaseEvent) => void;
}

/** The snapshot that an ingest made or found. */
export interface IngestOutcome {
  readonly id: SnapshotId;
  readonly created: boolean;
}

/** Takes in what others wrote: here, or in a process that can be killed. */
export interface IngestRunner {
  /**
   * Reads `inputs` as one snapshot and stores it, whole or not at all.
   *
   * @throws what reading and storing throw; `busy` when too many wait; `ingest-failed`,
   * `upload-too-large` when the process for it failed
   */
  run(task: IngestTask, inputs: AsyncIterable<ManifestInput>): Promise<IngestOutcome>;
  /** Ingests that run and wait; undefined where nobody counts them. */
  usage?(): QueueUsage;
  /** Rejects while nothing can be taken in. */
  ready?(): Promise<void>;
  /** Ends what runs; nothing of it is stored. */
  close(): Promise<void>;
}

/** What taking in needs. */
export interface IngestParts {
  readonly store: SnapshotStore;
  readonly limits: IngestLimits;
  /** Namespaces of earlier ingests. */
  readonly chunks?: ChunkCache;
}

/** A snapshot that was stored, while it is still at hand. */
export interface Ingested extends IngestOutcome {
  readonly snapshot: Snapshot;
}

/** Reads `inputs` as one snapshot and stores it, in this process. */
export async function ingestHere(
  { store, limits, chunks }: IngestParts,
  { cluster, takenAt, key, reading, onProgress, onPhase }: IngestTask,
  inputs: AsyncIterable<ManifestInput>,
): Promise<Ingested> {
  const items = readObjects(inputs, {
    keep: keepList,
    limits,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const known = chunks === undefined ? {} : { chunks };
  const startMs = performance.now();
  const snapshot = await buildSnapshot(items, { ...reading, ...known, limits });
  const builtMs = performance.now();
  onPhase?.({ phase: 'read', startMs, tookMs: builtMs - startMs });
  const named = key === undefined ? {} : { key };
  const { stored, created } = await store.put(cluster, snapshot, takenAt, named);
  onPhase?.({ phase: 'store', startMs: builtMs, tookMs: performance.now() - builtMs });
  return { id: stored.id, created, snapshot };
}

/** A runner that does everything in this process, for stores that no other process can open. */
export function localRunner(parts: IngestParts): IngestRunner {
  return {
    run: async (task, inputs) => {
      const { id, created } = await ingestHere(parts, task, inputs);
      return { id, created };
    },
    close: () => Promise.resolve(),
  };
}

/** What {@link indexKeeper} needs. */
export interface KeepingParts {
  readonly store: SnapshotStore;
  readonly codec: IndexCodec;
  readonly options: EngineOptions;
}

/**
 * Compiles snapshots and keeps their indexes in the store, unless they are there. An engine that could
 * not save one, as under options it has no such form for, is not made to compile for nothing again.
 *
 * @returns the bytes; undefined when they were there or cannot be saved
 */
export function indexKeeper({
  store,
  codec,
  options,
}: KeepingParts): (id: SnapshotId, snapshot: Snapshot) => Promise<Uint8Array | undefined> {
  const engine = engineId(options);
  let canSave = true;
  return async (id, snapshot) => {
    if (!canSave || (await store.getIndex(id, engine)) !== undefined) return undefined;
    const bytes = codec.save(codec.compile(snapshot, options));
    canSave = bytes !== undefined;
    if (bytes !== undefined) await store.putIndex(id, engine, bytes);
    return bytes;
  };
}
