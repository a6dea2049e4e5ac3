import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EngineOptions } from '../engine/options.ts';
import type { ReachIndex } from '../engine/reach-index.ts';
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
import {
  ANSWER_CACHE_BYTES_DEFAULT,
  LIST_CACHE_ROWS_DEFAULT,
  QUESTION_LIMITS_DEFAULT,
} from './cache-limits.ts';
import { Engines } from './engines.ts';
import type { Engine } from './engines.ts';
import type { HealthProbe } from './health.ts';
import { askInTurns } from './in-turns.ts';
import { IndexCache } from './index-cache.ts';
import type { IndexCompiler } from './jobs/compile-thread.ts';
import type { Background } from './jobs/expire-snapshots.ts';
import { engineCodec } from './jobs/index-codec.ts';
import type { IndexCodec } from './jobs/index-codec.ts';
import { localRunner } from './jobs/ingest-runner.ts';
import type { IngestRunner, IngestTask } from './jobs/ingest-runner.ts';
import { ListMemo } from './list-memo.ts';
import { timed } from './observer.ts';
import type { IndexEvent, Observer } from './observer.ts';
import type { IngestOptions, Podreach } from './podreach.ts';
import { noCluster, noSnapshot } from './not-found.ts';
import { QuestionGate } from './question-gate.ts';
import type { QuestionLimits } from './question-gate.ts';
import { ScopedIndexes } from './scoped-indexes.ts';
import { rememberSnapshots } from './snapshot-memo.ts';
import { checkClusterName, parseSnapshotRef } from './snapshot-ref.ts';
import { phaseTeller, watched } from './watched.ts';
import type { Core } from './watched.ts';
import type { Judging } from '../model/dialect.ts';
import type { Viewer } from './viewer.ts';
import { tellers } from './tellers.ts';
import { uploadKeyOf } from './upload-key.ts';
import type { Tellers } from './tellers.ts';
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
  /** Told what is asked and taken in. Default: nobody. */
  readonly observer?: Observer;
  /** Default: {@link QUESTION_LIMITS_DEFAULT}. */
  readonly questionLimits?: QuestionLimits;
  /** What is looked at besides the store, such as the disk. Default: nothing. */
  readonly probes?: readonly HealthProbe[];
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
  const { observer = {} } = parts;
  const { runner = localRunner({ store, limits }) } = parts;
  const engines = new Engines(parts.engineOptions, parts.clusterOptions);
  const cache = new IndexCache(parts.indexCacheBytesMax);
  const answers = new AnswerCache(parts.answerCacheBytesMax ?? ANSWER_CACHE_BYTES_DEFAULT);
  const { gate, ask } = askersOf(parts.questionLimits);
  const lists = new ListMemo(parts.listCacheRowsMax ?? LIST_CACHE_ROWS_DEFAULT, ask);

  const { find, findCluster } = finders(store);
  const { engineOf, headerOf, infoOf, clusterOf } = tellers(engines, store);
  const open = indexOpener(parts, engines.base);
  const watcher = watchSnapshots({ store, mayRead, infoOf });
  // By id and not by digest alone: answers name files and lines, which a digest leaves out.
  const indexOf = ({ id }: StoredSnapshot, engine: Engine): Promise<ReachIndex> =>
    cache.get(engine === engines.base ? id : `${id} ${engine.id}`, () => open(id, engine));

  const opened = opener({ find, engineOf, headerOf, indexOf });

  const core: Core = {
    engine: engines.base.id,
    answers,
    async ingest(viewer, cluster, inputs, options = {}) {
      checkClusterName(cluster);
      const takenAt = checkTakenAt(options.takenAt, now());
      const how = { ...readingOf({ ...parts.reading, ...options }), ...phaseTeller(observer) };
      await checkRoom();
      const task = { cluster, takenAt, ...uploadKeyOf(viewer, options), ...how };
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
      return { snapshot, result: await ask(query, index, args) };
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
    close: () => closeAll([watcher, runner, compiler, parts.expiry], store),
  };
  return watched(core, { ...parts, observer, gate, cache, runner });
}

/** How questions are asked: long ones when there is a place for them. */
function askersOf(limits: QuestionLimits = QUESTION_LIMITS_DEFAULT): {
  readonly gate: QuestionGate;
  readonly ask: typeof askInTurns;
} {
  const gate = new QuestionGate(limits);
  const { timeoutMs = Number.POSITIVE_INFINITY } = limits;
  return {
    gate,
    ask: (query, index, args) =>
      askInTurns(query, index, args, {
        run: (work) => gate.run(work),
        untilMs: performance.now() + timeoutMs,
      }),
  };
}

const systemClock = (): Date => new Date();
const noLimit: RoomCheck = () => Promise.resolve();

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
  Pick<Tellers, 'engineOf' | 'headerOf'> & {
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
  { store, compiler, codec = engineCodec(), observer = {} }: PodreachParts,
  base: Engine,
): (id: SnapshotId, engine: Engine) => Promise<ReachIndex> {
  const openAs = async (id: SnapshotId, engine: Engine): Promise<OpenedIndex> => {
    const snapshot = await store.get(id);
    const { options } = engine;
    if (engine !== base) return { index: codec.compile(snapshot, options), from: 'here' };
    const load = (bytes: Uint8Array | undefined): ReachIndex | undefined =>
      bytes === undefined ? undefined : codec.load(bytes, snapshot, options);
    // What was read are some milliseconds of work, and so is what follows: others have a turn between.
    await nextTurn();
    const stored = load(await store.getIndex(id, engine.id));
    if (stored !== undefined) return { index: stored, from: 'stored' };
    const compiled = load(await compiler?.compile(id));
    if (compiled !== undefined) return { index: compiled, from: 'thread' };
    return { index: codec.compile(snapshot, options), from: 'here' };
  };
  return async (id, engine) => {
    let from: IndexEvent['from'] = 'failed';
    return timed(
      async () => {
        const opened = await openAs(id, engine);
        ({ from } = opened);
        return opened.index;
      },
      ({ startMs, tookMs }) => observer.indexOpened?.({ startMs, tookMs, from, snapshot: id }),
    );
  };
}

interface OpenedIndex {
  readonly index: ReachIndex;
  readonly from: IndexEvent['from'];
}
