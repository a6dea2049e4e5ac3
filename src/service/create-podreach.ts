import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EngineOptions } from '../engine/options.ts';
import type { ReachIndex } from '../engine/reach-index.ts';
import { Scope } from '../engine/scoped/scope.ts';
import { scopedSnapshot } from '../engine/scoped/scoped-snapshot.ts';
import { coverageHint } from '../manifest/build-snapshot.ts';
import type { SnapshotHeader } from '../model/answer.ts';
import { PodreachError } from '../model/errors.ts';
import type { IngestLimits } from '../model/input.ts';
import { choiceOf } from '../model/reading.ts';
import type { ReadingChoice } from '../model/reading.ts';
import type { SnapshotId } from '../model/snapshot.ts';
import type { RoomCheck } from '../store/disk-room.ts';
import type { SnapshotStore, StoredCluster, StoredSnapshot } from '../store/snapshot-store.ts';
import { AnswerCache } from './answer-cache.ts';
import { authorise, mayRead } from './authorise.ts';
import { ANSWER_CACHE_BYTES_DEFAULT, LIST_CACHE_ROWS_DEFAULT } from './cache-limits.ts';
import { Engines } from './engines.ts';
import type { Engine } from './engines.ts';
import { askInTurns } from './in-turns.ts';
import { IndexCache } from './index-cache.ts';
import type { IndexCompiler } from './jobs/compile-thread.ts';
import type { Background } from './jobs/expire-snapshots.ts';
import { engineCodec } from './jobs/index-codec.ts';
import type { IndexCodec } from './jobs/index-codec.ts';
import { localRunner } from './jobs/ingest-runner.ts';
import type { IngestRunner, IngestTask } from './jobs/ingest-runner.ts';
import { ListMemo } from './list-memo.ts';
import type { ClusterInfo, IngestOptions, Podreach, SnapshotInfo } from './podreach.ts';
import { noCluster, noSnapshot } from './not-found.ts';
import { oncePer } from './once-per.ts';
import { ScopedIndexes } from './scoped-indexes.ts';
import { rememberSnapshots } from './snapshot-memo.ts';
import { checkClusterName, parseSnapshotRef } from './snapshot-ref.ts';
import type { Judging } from '../model/dialect.ts';
import type { Viewer } from './viewer.ts';
import { watchSnapshots } from './watch-snapshots.ts';

/** What a service is made of. */
export interface PodreachParts {
  readonly store: SnapshotStore;
  readonly engineOptions: EngineOptions;
  /** Clusters that are judged by other options. Default: none. */
  readonly clusterOptions?: ReadonlyMap<string, EngineOptions>;
  readonly limits: IngestLimits;
  /** How uploads are read that do not say. Default: as their source says. */
  readonly reading?: ReadingChoice;
  readonly indexCacheBytesMax: number;
  /** Answers kept as bytes. Default: {@link ANSWER_CACHE_BYTES_DEFAULT}. */
  readonly answerCacheBytesMax?: number;
  /** Rows of lists kept for their next pages. Default: {@link LIST_CACHE_ROWS_DEFAULT}. */
  readonly listCacheRowsMax?: number;
  /** Where objects are taken in. Default: in this process. */
  readonly runner?: IngestRunner;
  /** What compiles when no index is stored. Default: this process does. */
  readonly compiler?: IndexCompiler;
  /** Rejects with `disk-full` when nothing more should be stored. Default: never. */
  readonly checkRoom?: RoomCheck;
  /** Closed with the service, before its store. */
  readonly expiry?: Background;
  /** Default: the engine. */
  readonly codec?: IndexCodec;
  /** Default: the system clock. */
  readonly now?: () => Date;
}

/** A snapshot that is asked, and what answers say of it. */
interface Opened {
  readonly index: ReachIndex;
  readonly snapshot: SnapshotHeader;
}

/** How far `takenAt` may be ahead of our clock (decisions 8). */
const AHEAD_MS_MAX = 5 * 60 * 1000;

/** The use cases over a store. Closing the service closes the store and what works for it. */
export function createPodreach(parts: PodreachParts): Podreach {
  return authorise(useCases(parts), (id) => parts.store.clusterOf(id));
}

/** The use cases for whoever asks: what a viewer may see and do is decided before. */
function useCases(parts: PodreachParts): Podreach {
  const { store, limits, compiler, checkRoom = noLimit, now = systemClock } = parts;
  const runner = careful(parts.runner ?? localRunner({ store, limits }), checkRoom);
  const engines = new Engines(parts.engineOptions, parts.clusterOptions);
  const cache = new IndexCache(parts.indexCacheBytesMax);
  const answers = new AnswerCache(parts.answerCacheBytesMax ?? ANSWER_CACHE_BYTES_DEFAULT);
  const lists = new ListMemo(parts.listCacheRowsMax ?? LIST_CACHE_ROWS_DEFAULT);

  const { find, findCluster } = finders(store);
  const { engineOf, headerOf, infoOf, clusterOf } = tellers(engines, store);
  const open = indexOpener(parts, engines.base);
  const watcher = watchSnapshots({ store, mayRead, infoOf });
  // By id and not by digest alone: answers name files and lines, which a digest leaves out.
  const indexOf = ({ id }: StoredSnapshot, engine: Engine): Promise<ReachIndex> =>
    cache.get(engine === engines.base ? id : `${id} ${engine.id}`, () => open(id, engine));

  const opened = opener({ find, engineOf, headerOf, indexOf });

  return {
    engine: engines.base.id,
    answers,
    async ingest(viewer, cluster, inputs, options = {}) {
      checkClusterName(cluster);
      const takenAt = checkTakenAt(options.takenAt, now());
      const task = { cluster, takenAt, ...readingOf({ ...parts.reading, ...options }) };
      const { id, created } = await runner.run(task, inputs);
      if (created) watcher.look();
      return { snapshot: await infoOf(viewer, await find(id)), created };
    },
    async clusters(_viewer, page) {
      const { items, totalCount } = await store.clusters(page);
      return { items: items.map(clusterOf), totalCount };
    },
    cluster: async (_viewer, name) => clusterOf(await findCluster(name)),
    async snapshots(viewer, cluster, page) {
      await findCluster(cluster);
      const { items, totalCount } = await store.snapshots(cluster, page);
      const infos = items.map((stored) => infoOf(viewer, stored));
      return { items: await Promise.all(infos), totalCount };
    },
    snapshot: async (viewer, ref, judging) => infoOf(viewer, await find(ref), judging),
    async ask(viewer, ref, query, args, judging) {
      const { index, snapshot } = await opened(viewer, ref, judging);
      return { snapshot, result: await askInTurns(query, index, args) };
    },
    async askList(viewer, ref, question, judging) {
      const { index, snapshot } = await opened(viewer, ref, judging);
      return { snapshot, result: await lists.answer(viewer, index, question) };
    },
    watch: (viewer, options) => watcher.watch(viewer, options),
    async deleteSnapshot(_viewer, id) {
      if (parseSnapshotRef(id).kind !== 'id') {
        throw new PodreachError('snapshot-not-found', `\`${id}\` is not a snapshot id`);
      }
      const stored = await find(id);
      await store.deleteSnapshot(stored.id);
      answers.forget(stored.id);
    },
    async deleteCluster(_viewer, name) {
      await findCluster(name);
      await store.deleteCluster(name);
      answers.clear();
    },
    ready: () => store.ping(),
    checkRoom,
    close: () => closeAll([watcher, runner, compiler, parts.expiry], store),
  };
}

const systemClock = (): Date => new Date();
const noLimit: RoomCheck = () => Promise.resolve();

/** Takes in only while there is room. */
function careful(runner: IngestRunner, checkRoom: RoomCheck): IngestRunner {
  return {
    run: async (task, inputs) => {
      await checkRoom();
      return runner.run(task, inputs);
    },
    close: () => runner.close(),
  };
}

async function closeAll(
  workers: readonly (Background | undefined)[],
  store: SnapshotStore,
): Promise<void> {
  await Promise.all(workers.map(async (worker) => worker?.close()));
  await store.close();
}

/** Opens what a question is asked of, as who asks may see it. */
function opener({
  find,
  engineOf,
  headerOf,
  indexOf,
}: Pick<ReturnType<typeof finders>, 'find'> &
  Pick<ReturnType<typeof tellers>, 'engineOf' | 'headerOf'> & {
    readonly indexOf: (stored: StoredSnapshot, engine: Engine) => Promise<ReachIndex>;
  }): (viewer: Viewer, ref: string, judging?: Judging) => Promise<Opened> {
  const scoped = new ScopedIndexes();
  return async (viewer, ref, judging) => {
    const stored = await find(ref);
    const engine = engineOf(stored, judging);
    const index = scoped.of(await indexOf(stored, engine), viewer);
    return { index, snapshot: headerOf(viewer, stored, engine, index) };
  };
}

/**
 * What is told of snapshots and clusters, once for each way to judge them; to who may see some
 * namespaces, of these.
 */
function tellers(
  engines: Engines,
  store: SnapshotStore,
): {
  engineOf: (stored: StoredSnapshot, judging?: Judging) => Engine;
  headerOf: (
    viewer: Viewer,
    stored: StoredSnapshot,
    engine: Engine,
    index: ReachIndex,
  ) => SnapshotHeader;
  infoOf: (viewer: Viewer, stored: StoredSnapshot, judging?: Judging) => Promise<SnapshotInfo>;
  clusterOf: (cluster: StoredCluster) => ClusterInfo;
} {
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

/** Look-ups that find or throw. */
function finders(store: SnapshotStore): {
  find: (ref: string) => Promise<StoredSnapshot>;
  findCluster: (name: string) => Promise<StoredCluster>;
} {
  const snapshots = rememberSnapshots(store);
  return {
    async find(ref) {
      const parsed = parseSnapshotRef(ref);
      const stored =
        parsed.kind === 'id'
          ? await snapshots.find(parsed.id)
          : await snapshots.latest(parsed.cluster, parsed.at);
      if (stored !== undefined) return stored;
      throw noSnapshot(ref);
    },
    async findCluster(name) {
      const found = await store.cluster(name);
      if (found !== undefined) return found;
      throw noCluster(name);
    },
  };
}

function checkTakenAt(takenAt: Date | undefined, now: Date): Date {
  if (takenAt === undefined) return now;
  if (takenAt.getTime() <= now.getTime() + AHEAD_MS_MAX) return takenAt;
  throw new PodreachError(
    'bad-query',
    `\`takenAt\` ${takenAt.toISOString()} is more than 5 minutes ahead of this server's clock`,
    { parameter: 'takenAt' },
  );
}

function readingOf(options: IngestOptions): Pick<IngestTask, 'reading' | 'onProgress'> {
  const { source, assumeNoPolicies, strict, defaultNamespace, onProgress } = options;
  return {
    reading: {
      ...(source === undefined ? {} : { source }),
      ...(assumeNoPolicies === undefined ? {} : { assumeNoPolicies }),
      ...(strict === undefined ? {} : { strict }),
      ...(defaultNamespace === undefined ? {} : { defaultNamespace }),
      ...choiceOf(options),
    },
    ...(onProgress === undefined ? {} : { onProgress }),
  };
}

/**
 * Opens the index of a stored snapshot: as it is stored, else as the compiler makes it, else by
 * compiling it here. Bytes that the engine does not know are as good as none; only those of the
 * server's own engine are stored.
 */
function indexOpener(
  { store, compiler, codec = engineCodec() }: PodreachParts,
  base: Engine,
): (id: SnapshotId, engine: Engine) => Promise<ReachIndex> {
  return async (id, engine) => {
    const snapshot = await store.get(id);
    const { options } = engine;
    if (engine !== base) return codec.compile(snapshot, options);
    const load = (bytes: Uint8Array | undefined): ReachIndex | undefined =>
      bytes === undefined ? undefined : codec.load(bytes, snapshot, options);
    // What was read are some milliseconds of work, and so is what follows: others have a turn between.
    await nextTurn();
    return (
      load(await store.getIndex(id, engine.id)) ??
      load(await compiler?.compile(id)) ??
      codec.compile(snapshot, options)
    );
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
