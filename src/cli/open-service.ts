import { createPodreach } from '../service/create-podreach.ts';
import { CompileThread } from '../service/jobs/compile-thread.ts';
import { expireSnapshots } from '../service/jobs/expire-snapshots.ts';
import { ingestProcesses } from '../service/jobs/ingest-processes.ts';
import type { JobSettings } from '../service/jobs/job-settings.ts';
import type { Podreach } from '../service/podreach.ts';
import { roomCheck } from '../store/disk-room.ts';
import { claimDatabase, isShared, openStore } from '../store/open-store.ts';
import type { DatabaseClaim } from '../store/open-store.ts';
import { JOB_LIMITS } from './config.ts';
import type { Settings } from './config.ts';
import { clusterOptions, engineOptions, ingestLimits } from './settings-parts.ts';
import { readingChoice, storeOptions } from './settings-parts.ts';

/**
 * The service of a server: what others send is taken in by processes of its own and compiled by a
 * thread, so that this one goes on answering. A database in memory is in no other process, so there
 * everything happens here.
 *
 * @throws `bad-query`, `store-failed`, `disk-full`
 */
export async function openService(settings: Settings): Promise<Podreach> {
  const claim = claimDatabase(settings.database, settings.startCheckBytesMax);
  try {
    const podreach = await openClaimed(settings, claim);
    const close = async (): Promise<void> => {
      await podreach.close();
      claim.release();
    };
    return { ...podreach, close };
  } catch (error) {
    claim.release();
    throw error;
  }
}

async function openClaimed(settings: Settings, { ballast }: DatabaseClaim): Promise<Podreach> {
  const store = await openStore(settings.database, {
    ...storeOptions(settings),
    ...(ballast === undefined ? {} : { ballast }),
  });
  const parts = {
    store,
    engineOptions: engineOptions(settings),
    clusterOptions: clusterOptions(settings),
    limits: ingestLimits(settings),
    reading: readingChoice(settings),
    indexCacheBytesMax: settings.indexCacheBytesMax,
    answerCacheBytesMax: settings.answerCacheBytesMax,
    listCacheRowsMax: settings.listCacheRowsMax,
    checkRoom: roomCheck(settings.database, settings.diskReserveBytes),
    expiry: expireSnapshots(store, JOB_LIMITS.expiryIntervalMs),
  };
  if (!isShared(settings.database)) return createPodreach(parts);
  const jobs: JobSettings = {
    database: settings.database,
    storeOptions: storeOptions(settings),
    limits: parts.limits,
    engineOptions: parts.engineOptions,
    chunkMemoryBytesMax: settings.chunkMemoryBytesMax,
  };
  const runner = ingestProcesses(jobs, {
    runningMax: settings.ingestsRunningMax,
    waitingMax: settings.ingestsWaitingMax,
    runsPerProcessMax: JOB_LIMITS.ingestsPerProcessMax,
    timeoutMs: settings.ingestTimeoutMs,
    heapBytesMax: settings.ingestHeapBytesMax,
    memoryBytesMax: settings.ingestMemoryBytesMax,
    keptMemoryBytesMax: JOB_LIMITS.keptMemoryBytesMax,
  });
  const compiler = new CompileThread(jobs, {
    heapBytesMax: settings.compileHeapBytesMax,
    waitingMax: JOB_LIMITS.compilesWaitingMax,
  });
  return createPodreach({ ...parts, runner, compiler });
}
