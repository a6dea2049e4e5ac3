import { PodreachError } from '../../model/errors.ts';
import type { ManifestInput } from '../../model/input.ts';
import { IngestProcess, ingestFailed } from './ingest-process.ts';
import type { ProcessLimits } from './ingest-process.ts';
import type { IngestOutcome, IngestRunner, IngestTask } from './ingest-runner.ts';
import type { QueueUsage } from '../usage.ts';
import type { JobSettings } from './job-settings.ts';

/** How many processes there are, and how long one lives. */
export interface IngestProcessLimits extends ProcessLimits {
  /** Ingests at the same time, each in a process of its own. */
  readonly runningMax: number;
  /** Ingests that wait for one of those; more are `busy`. */
  readonly waitingMax: number;
  /** Ingests after which a process is replaced, so that nothing it keeps grows for ever. */
  readonly runsPerProcessMax: number;
  /** One that has grown beyond this is replaced after its ingest. */
  readonly keptMemoryBytesMax: number;
}

/** Starts the processes in which objects are taken in; the first at once, so that it is warm. */
export function ingestProcesses(settings: JobSettings, limits: IngestProcessLimits): IngestRunner {
  const pool = new IngestPool(settings, limits);
  pool.warm();
  return pool;
}

/** INVARIANT: one process at most is idle, and none is while somebody waits. */
class IngestPool implements IngestRunner {
  readonly #settings: JobSettings;
  readonly #limits: IngestProcessLimits;
  /** Those that have not ended yet. */
  readonly #processes = new Set<IngestProcess>();
  readonly #waiting: ((isOpen: boolean) => void)[] = [];
  /** Places of those that run or are about to. */
  #taken = 0;
  #idle: IngestProcess | undefined;
  #isClosed = false;

  constructor(settings: JobSettings, limits: IngestProcessLimits) {
    this.#settings = settings;
    this.#limits = limits;
  }

  /** Has a process ready. */
  warm(): void {
    if (this.#isClosed || this.#idle?.isAlive === true) return;
    this.#idle = this.#start();
  }

  async run(task: IngestTask, inputs: AsyncIterable<ManifestInput>): Promise<IngestOutcome> {
    const startMs = performance.now();
    const process = await this.#acquire();
    task.onPhase?.({ phase: 'wait', startMs, tookMs: performance.now() - startMs });
    try {
      return await process.run(task, inputs);
    } finally {
      this.#release(process);
    }
  }

  usage(): QueueUsage {
    return { running: this.#taken, waiting: this.#waiting.length };
  }

  ready(): Promise<void> {
    if (this.#isClosed) return Promise.reject(stopping());
    if (0 < this.#taken || this.#idle?.isAlive === true) return Promise.resolve();
    // Who asks next time finds it well again, if it can be.
    this.warm();
    return Promise.reject(ingestFailed('the process for it ended'));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const wake of this.#waiting.splice(0)) wake(false);
    const all = [...this.#processes];
    for (const process of all) process.kill(stopping());
    await Promise.all(all.map((process) => process.gone()));
  }

  #start(): IngestProcess {
    const process = new IngestProcess(this.#settings, this.#limits);
    this.#processes.add(process);
    void process.gone().then(() => this.#processes.delete(process));
    return process;
  }

  async #acquire(): Promise<IngestProcess> {
    const { runningMax, waitingMax } = this.#limits;
    if (this.#isClosed) throw stopping();
    if (this.#taken < runningMax) this.#taken += 1;
    else {
      if (waitingMax <= this.#waiting.length) throw tooMany(runningMax, waitingMax);
      // Whoever ends hands the place over.
      const isOpen = await new Promise<boolean>((resolve) => this.#waiting.push(resolve));
      if (!isOpen) throw stopping();
    }
    const process = this.#idle?.isAlive === true ? this.#idle : this.#start();
    this.#idle = undefined;
    return process;
  }

  #release(process: IngestProcess): void {
    const { runsPerProcessMax, keptMemoryBytesMax } = this.#limits;
    const isWorn = runsPerProcessMax <= process.runs || keptMemoryBytesMax < process.memoryBytes;
    if (!process.isAlive || isWorn || this.#idle?.isAlive === true) process.retire();
    else this.#idle = process;
    this.warm();
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next(true);
  }
}

function tooMany(runningMax: number, waitingMax: number): PodreachError {
  return new PodreachError(
    'busy',
    `${runningMax} uploads are being taken in and ${waitingMax} wait; try again`,
    { retryAfterSeconds: 10 },
  );
}

function stopping(): PodreachError {
  return ingestFailed('the server stops');
}
