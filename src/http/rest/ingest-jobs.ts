import { mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
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
   * @throws `busy` when too many run, or no file can be opened; `disk-full`; `store-failed`
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
  const run = async (job: IngestJob, file: FileHandle, ingest: Ingest): Promise<void> => {
    try {
      const result = await ingest(oneFile(file), job.id);
      jobs.set(job.id, { ...job, state: { status: 'DONE', result } });
    } catch (error) {
      jobs.set(job.id, { ...job, state: { status: 'FAILED', error } });
    } finally {
      await file.close();
      forgetOld();
    }
  };

  return {
    async start(cluster, bytes, ingest) {
      if (HTTP_LIMITS.ingestJobsRunningMax <= started) throw tooMany();
      started++;
      let file: FileHandle;
      try {
        file = await keep(bytes);
      } catch (error) {
        started--;
        throw error;
      }
      const job: IngestJob = { id: randomUUID(), cluster, state: { status: 'RUNNING' } };
      jobs.set(job.id, job);
      const done = run(job, file, ingest).finally(() => {
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

/**
 * A file that has `bytes` and no name: the system frees it with this process, however that ends.
 *
 * @throws `disk-full`, `busy`, `store-failed`
 */
async function keep(bytes: AsyncIterable<Uint8Array>): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'podreach-'));
  let file: FileHandle | undefined;
  try {
    // Nobody else has to see what a cluster is made of.
    file = await open(join(folder, 'upload'), 'wx+', 0o600);
    await rm(folder, { recursive: true, force: true });
    for await (const chunk of bytes) await file.writeFile(chunk);
    return file;
  } catch (error) {
    await file?.close();
    await rm(folder, { recursive: true, force: true });
    throw keepingError(error);
  }
}

async function* oneFile(file: FileHandle): AsyncGenerator<ManifestInput> {
  yield await Promise.resolve({ bytes: file.createReadStream({ start: 0, autoClose: false }) });
}

/** What the system says of the file, as something to act on; all else as it is. */
function keepingError(cause: unknown): unknown {
  const { code, syscall } = cause instanceof Error ? (cause as NodeJS.ErrnoException) : {};
  if (code === undefined || syscall === undefined) return cause;
  const place = `\`${tmpdir()}\``;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new PodreachError(
        'disk-full',
        `the disk that holds ${place} is full; free some space, or send without \`async\``,
        {},
        cause,
      );
    case 'EMFILE':
    case 'ENFILE':
      return new PodreachError(
        'busy',
        'too many files and connections are open; try again, or send without `async`',
        { retryAfterSeconds: 10 },
        cause,
      );
    default:
      return new PodreachError(
        'store-failed',
        `no file can be written in ${place} (${code}); send without \`async\``,
        {},
        cause,
      );
  }
}

function tooMany(): PodreachError {
  return new PodreachError(
    'busy',
    `${HTTP_LIMITS.ingestJobsRunningMax} uploads are being taken in already; try again`,
    { retryAfterSeconds: 10 },
  );
}
