import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { PodreachError } from '../../model/errors.ts';
import type { ManifestInput } from '../../model/input.ts';
import type { IngestResult } from '../../service/podreach.ts';
import { HTTP_LIMITS } from '../http-limits.ts';

/** An upload that is taken in after its request was answered. */
export interface IngestJob {
  readonly id: string;
  readonly cluster: string;
  readonly state:
    | { readonly status: 'RUNNING' }
    | { readonly status: 'DONE'; readonly result: IngestResult }
    | { readonly status: 'FAILED'; readonly error: unknown };
}

/** Takes in what there is to read, as the job `id`. */
export type Ingest = (inputs: AsyncIterable<ManifestInput>, id: string) => Promise<IngestResult>;

/**
 * Jobs of this process: they end with it, and a client that finds its job unknown sends again, which
 * is harmless because equal content is the same snapshot.
 */
export interface IngestJobs {
  /**
   * Keeps `bytes` in a file, then takes them in while the caller goes on.
   *
   * @throws `busy` when too many run
   */
  start(cluster: string, bytes: AsyncIterable<Uint8Array>, ingest: Ingest): Promise<IngestJob>;
  /** Undefined when there is none, or not any more. */
  find(id: string): IngestJob | undefined;
  /** Resolves when none runs. */
  settled(): Promise<void>;
}

/** No jobs yet. */
export function createIngestJobs(): IngestJobs {
  // In the order of their starts, so that the oldest are forgotten first.
  const jobs = new Map<string, IngestJob>();
  const running = new Set<Promise<void>>();
  let started = 0;

  const forgetOld = (): void => {
    for (const [id, { state }] of jobs) {
      if (jobs.size <= HTTP_LIMITS.ingestJobsKept) return;
      if (state.status !== 'RUNNING') jobs.delete(id);
    }
  };
  const run = async (job: IngestJob, folder: string, ingest: Ingest): Promise<void> => {
    try {
      const result = await ingest(oneFile(join(folder, FILE)), job.id);
      jobs.set(job.id, { ...job, state: { status: 'DONE', result } });
    } catch (error) {
      jobs.set(job.id, { ...job, state: { status: 'FAILED', error } });
    } finally {
      await remove(folder);
      forgetOld();
    }
  };

  return {
    async start(cluster, bytes, ingest) {
      if (HTTP_LIMITS.ingestJobsRunningMax <= started) throw tooMany();
      started++;
      let folder: string | undefined;
      try {
        folder = await mkdtemp(join(tmpdir(), 'podreach-'));
        await keep(join(folder, FILE), bytes);
      } catch (error) {
        started--;
        if (folder !== undefined) await remove(folder);
        throw error;
      }
      const job: IngestJob = { id: randomUUID(), cluster, state: { status: 'RUNNING' } };
      jobs.set(job.id, job);
      const done = run(job, folder, ingest).finally(() => {
        started--;
        running.delete(done);
      });
      running.add(done);
      return job;
    },
    find: (id) => jobs.get(id),
    settled: async () => {
      await Promise.allSettled(running);
    },
  };
}

const FILE = 'upload';

async function keep(file: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  // Nobody else has to see what a cluster is made of.
  const handle = await open(file, 'wx', 0o600);
  try {
    for await (const chunk of bytes) await handle.writeFile(chunk);
  } finally {
    await handle.close();
  }
}

async function* oneFile(file: string): AsyncGenerator<ManifestInput> {
  yield await Promise.resolve({ bytes: createReadStream(file) });
}

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

function tooMany(): PodreachError {
  return new PodreachError(
    'busy',
    `${HTTP_LIMITS.ingestJobsRunningMax} uploads are being taken in already; try again`,
    { retryAfterSeconds: 10 },
  );
}
