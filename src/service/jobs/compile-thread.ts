import { Worker } from 'node:worker_threads';
import { PodreachError } from '../../model/errors.ts';
import type { SnapshotId } from '../../model/snapshot.ts';
import type { CompileReply, CompileRequest } from './compile-messages.ts';
import { errorOfMessage } from './error-message.ts';
import type { QueueUsage } from '../usage.ts';
import { jobEntry } from './job-settings.ts';
import type { JobSettings } from './job-settings.ts';

/** Compiles stored snapshots beside the event loop, and keeps their indexes in the store. */
export interface IndexCompiler {
  /**
   * The index of a stored snapshot; undefined when indexes of this engine cannot be passed on, so that
   * it has to be compiled by whoever wants it.
   *
   * @throws what reading and compiling throw; `busy` when too many wait, or the thread ended
   */
  compile(id: SnapshotId): Promise<Uint8Array | undefined>;
  /** Snapshots that it compiles, one at a time, and those that wait. */
  usage?(): QueueUsage;
  close(): Promise<void>;
}

/** What the thread may use. */
export interface ThreadLimits {
  /** Heap of V8. */
  readonly heapBytesMax: number;
  /** Snapshots that wait; more are `busy`. */
  readonly waitingMax: number;
}

const MIB = 1024 * 1024;

/** One thread, started with the first snapshot and anew when it ended. */
export class CompileThread implements IndexCompiler {
  readonly #settings: JobSettings;
  readonly #limits: ThreadLimits;
  readonly #waiting = new Map<number, (reply: CompileReply | Error) => void>();
  #worker: Worker | undefined;
  #number = 0;

  constructor(settings: JobSettings, limits: ThreadLimits) {
    this.#settings = settings;
    this.#limits = limits;
  }

  async compile(id: SnapshotId): Promise<Uint8Array | undefined> {
    if (this.#limits.waitingMax <= this.#waiting.size) {
      throw busy(`${this.#waiting.size} snapshots are being compiled`);
    }
    const worker = (this.#worker ??= this.#start());
    const number = (this.#number += 1);
    // A question that waits keeps the process, the thread for itself does not.
    worker.ref();
    const reply = await new Promise<CompileReply | Error>((resolve) => {
      this.#waiting.set(number, resolve);
      worker.postMessage({ number, id } satisfies CompileRequest);
    });
    if (reply instanceof Error) throw reply;
    if (reply.error !== undefined) throw errorOfMessage(reply.error);
    return reply.index === undefined ? undefined : new Uint8Array(reply.index);
  }

  usage(): QueueUsage {
    const { size } = this.#waiting;
    return { running: Math.min(1, size), waiting: Math.max(0, size - 1) };
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#drop(worker, busy('the server stops'));
    await worker.terminate();
  }

  #start(): Worker {
    const { url, loaders } = jobEntry('compile-worker', import.meta.url);
    // Node 20 gives a thread no loaders of its own accord, so it is started with what imports them.
    const imports = [...loaders, url.href].map((one) => `await import(${JSON.stringify(one)});`);
    const worker = new Worker(`(async () => { ${imports.join(' ')} })()`, {
      eval: true,
      workerData: this.#settings,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(this.#limits.heapBytesMax / MIB) },
    });
    worker.on('message', (reply: CompileReply) => {
      const resolve = this.#waiting.get(reply.number);
      this.#waiting.delete(reply.number);
      if (this.#waiting.size === 0) worker.unref();
      resolve?.(reply);
    });
    worker.on('error', (error) => {
      this.#drop(worker, busy('the snapshot could not be compiled', error));
    });
    worker.on('exit', () => {
      this.#drop(worker, busy('the thread that compiles ended'));
    });
    return worker;
  }

  /** Forgets a worker that ended, and tells those who wait for it. */
  #drop(worker: Worker, reason: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const resolve of waiting) resolve(reason);
  }
}

function busy(what: string, cause?: unknown): PodreachError {
  return new PodreachError('busy', `${what}; try again`, { retryAfterSeconds: 10 }, cause);
}
