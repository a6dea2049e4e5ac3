import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PodreachError } from '../../model/errors.ts';
import type { ManifestInput } from '../../model/input.ts';
import { errorOfMessage } from './error-message.ts';
import { writeFrame, writeJson } from './frames.ts';
import type { PhaseEvent } from '../observer.ts';
import type { IngestMessage, PhaseMessage, TaskMessage } from './ingest-messages.ts';
import type { IngestOutcome, IngestTask } from './ingest-runner.ts';
import { jobEntry } from './job-settings.ts';
import type { JobSettings } from './job-settings.ts';

/** What one process may use. */
export interface ProcessLimits {
  /** From the start of an ingest to its end, the upload included. */
  readonly timeoutMs: number;
  /** Heap of V8. */
  readonly heapBytesMax: number;
  /** Resident memory, which buffers count towards and the heap limit does not see. */
  readonly memoryBytesMax: number;
}

/**
 * Most of what an ingest makes is short-lived: a small nursery costs no time and saves memory. What it
 * keeps is bytes, of which a collection is cheap, so the heap may grow by little before the next one.
 * V8 would guess from objects that were kept where new ones belong, which is wrong for those that are
 * made out of what was kept; and would mark with threads that compete with the server's.
 */
const HEAP_FLAGS: readonly string[] = [
  '--max-semi-space-size=8',
  '--heap-growing-percent=60',
  '--no-allocation-site-pretenuring',
  '--single-threaded-gc',
];
const MIB = 1024 * 1024;
/** Bytes in one frame: about what a pipe takes at once. */
const FRAME_BYTES_MAX = 64 * 1024;
const MEMORY_INTERVAL_MS = 250;
/** How long a task may take to notice that its sender went away. */
const ABORT_GRACE_MS = 2000;
/** What a dying process said last, for whoever looks for the reason. */
const LAST_WORDS_MAX = 4096;

/** One process that takes in, one task at a time. */
export class IngestProcess {
  readonly #child: ChildProcess;
  readonly #limits: ProcessLimits;
  /** Resolves with the reason when the process has ended. */
  readonly #ended: Promise<PodreachError>;
  #reason: PodreachError | undefined;
  #lastWords = '';
  #isAlive = true;
  /** Resident memory when it was last looked at. */
  #memoryBytes = 0;
  #runs = 0;

  constructor(settings: JobSettings, limits: ProcessLimits) {
    const { url, execArgv } = jobEntry('ingest-child', import.meta.url);
    const heap = `--max-old-space-size=${Math.ceil(limits.heapBytesMax / MIB)}`;
    this.#limits = limits;
    this.#child = fork(fileURLToPath(url), [], {
      execArgv: [...execArgv, heap, ...HEAP_FLAGS],
      stdio: ['pipe', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS_MAX);
    });
    // What a write to a process that ends runs into is told by its end.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      const end = (why: string): void => {
        this.#isAlive = false;
        resolve(this.#reason ?? deathOf(why, this.#lastWords, limits));
      };
      this.#child.once('close', (code, signal) => {
        end(signal ?? `exit code ${code}`);
      });
      // One that could not be started never closes.
      this.#child.once('error', (error) => {
        if (this.#child.pid === undefined) end(error.message);
      });
    });
    void writeJson(this.#stdin(), 'settings', settings).catch(() => undefined);
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Tasks it was given. */
  get runs(): number {
    return this.#runs;
  }

  /** Resident memory as seen during the last task; 0 where the system does not tell. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** Runs one task. Afterwards, if it is still alive, it can be given another. */
  async run(task: IngestTask, inputs: AsyncIterable<ManifestInput>): Promise<IngestOutcome> {
    this.#runs += 1;
    const stopWatching = this.#watch();
    const stopped = new AbortController();
    const answer = this.#answer(task).finally(() => {
      stopped.abort();
    });
    // Looked at below, when the pump has ended.
    answer.catch(() => undefined);
    try {
      await this.#pump(task, inputs, stopped.signal).catch(async (error: unknown) => {
        await this.#settled(answer);
        throw error;
      });
      return await answer;
    } finally {
      stopWatching();
    }
  }

  /** Ends the process at once. What it was storing is not stored. @param reason what its task throws */
  kill(reason: PodreachError): void {
    this.#reason ??= reason;
    this.#isAlive = false;
    this.#child.kill('SIGKILL');
  }

  /** Lets the process end when it has nothing to do. */
  retire(): void {
    this.#isAlive = false;
    this.#child.stdin?.end();
  }

  /** Resolves when the process is gone. */
  async gone(): Promise<void> {
    await this.#ended;
  }

  #stdin(): NonNullable<ChildProcess['stdin']> {
    const { stdin } = this.#child;
    if (stdin === null) throw new Error('the process has no stdin');
    return stdin;
  }

  /** Waits a moment for the task to notice that its sender went away, then ends the process. */
  async #settled(answer: Promise<unknown>): Promise<void> {
    const timer = setTimeout(() => {
      this.kill(ingestFailed('the sender went away'));
    }, ABORT_GRACE_MS);
    await answer.catch(() => undefined);
    clearTimeout(timer);
  }

  /** What the process says of a task; when it dies after it stored the snapshot, that stands. */
  #answer(task: IngestTask): Promise<IngestOutcome> {
    return new Promise((resolve, reject) => {
      let stored: IngestOutcome | undefined;
      const settle = (failure: Error): void => {
        this.#child.off('message', onMessage);
        if (stored === undefined) reject(failure);
        else resolve(stored);
      };
      const onMessage = (message: unknown): void => {
        // Our own child, which sends nothing else.
        const told = message as IngestMessage;
        if (told.type === 'progress') task.onProgress?.(told.progress);
        else if (told.type === 'phase') task.onPhase?.(phaseOf(told.phase));
        else if (told.type === 'stored') stored = told.outcome;
        else if (told.type === 'failed') settle(errorOfMessage(told.error));
        else settle(new Error('the process stored nothing'));
      };
      this.#child.on('message', onMessage);
      void this.#ended.then(settle);
    });
  }

  /** Passes the inputs on until they end or the task does. @throws what reading the inputs throws */
  async #pump(
    { cluster, takenAt, key, reading }: IngestTask,
    inputs: AsyncIterable<ManifestInput>,
    stopped: AbortSignal,
  ): Promise<void> {
    const stdin = this.#stdin();
    const named = key === undefined ? {} : { key };
    const task: TaskMessage = { cluster, takenAt: takenAt.toISOString(), ...named, reading };
    let last: 'end' | 'abort' = 'abort';
    try {
      await toProcess(() => writeJson(stdin, 'task', task));
      for await (const { bytes, ...input } of until(stopped, inputs)) {
        await toProcess(() => writeJson(stdin, 'input', input));
        for await (const chunk of until(stopped, bytes)) {
          for (let at = 0; at < chunk.length; at += FRAME_BYTES_MAX) {
            const part = chunk.subarray(at, at + FRAME_BYTES_MAX);
            await toProcess(() => writeFrame(stdin, 'bytes', part));
          }
        }
      }
      last = 'end';
    } finally {
      await toProcess(() => writeFrame(stdin, last));
    }
  }

  /** Kills the process when its task takes too long or too much memory. @returns how to stop that */
  #watch(): () => void {
    const { timeoutMs, memoryBytesMax } = this.#limits;
    const timeout = setTimeout(() => {
      const seconds = Math.round(timeoutMs / 1000);
      this.kill(ingestFailed(`it took longer than ${seconds} s`));
    }, timeoutMs);
    let isWatching = true;
    const timer = setInterval(() => {
      void residentBytes(this.#child.pid).then((bytes) => {
        if (!isWatching) return;
        this.#memoryBytes = bytes;
        if (memoryBytesMax < bytes) this.kill(tooBig(memoryBytesMax, 'ingestMemoryBytesMax'));
      });
    }, MEMORY_INTERVAL_MS);
    return () => {
      isWatching = false;
      clearTimeout(timeout);
      clearInterval(timer);
    };
  }
}

function phaseOf({ startedAtMs, ...phase }: PhaseMessage): PhaseEvent {
  return { ...phase, startMs: startedAtMs - performance.timeOrigin };
}

/** The process did not end well, and what it was given may be all right. */
export function ingestFailed(why: string): PodreachError {
  return new PodreachError('ingest-failed', `the objects were not taken in: ${why}; try again`, {
    retryAfterSeconds: 10,
  });
}

/** The elements of `source` until `stopped`, even while it is waited for. */
async function* until<Value>(
  stopped: AbortSignal,
  source: AsyncIterable<Value>,
): AsyncGenerator<Value> {
  const iterator = source[Symbol.asyncIterator]();
  // One listener and no race: a promise that is raced against keeps what waited for it, and an upload
  // has many thousand elements.
  let settle: ((next: undefined) => void) | undefined;
  const stop = (): void => settle?.(undefined);
  stopped.addEventListener('abort', stop);
  const next = (): Promise<IteratorResult<Value, unknown> | undefined> =>
    new Promise((resolve, reject) => {
      settle = resolve;
      iterator.next().then(resolve, reject);
    });
  try {
    while (!stopped.aborted) {
      const element = await next();
      if (element === undefined || element.done === true) return;
      yield element.value;
    }
  } finally {
    stopped.removeEventListener('abort', stop);
    // Not waited for: one that is being read ends when what it waits for comes.
    void iterator.return?.().then(undefined, () => undefined);
  }
}

/** What writing to a process that ended throws says nothing: its end is told elsewhere. */
async function toProcess(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch {
    return;
  }
}

function deathOf(why: string, lastWords: string, { heapBytesMax }: ProcessLimits): PodreachError {
  if (lastWords.includes('heap out of memory')) return tooBig(heapBytesMax, 'ingestHeapBytesMax');
  const cause = new Error(lastWords);
  return new PodreachError(
    'ingest-failed',
    `the process that takes objects in ended (${why}); send them again`,
    { retryAfterSeconds: 10 },
    cause,
  );
}

function tooBig(limitBytes: number, which: string): PodreachError {
  return new PodreachError(
    'upload-too-large',
    `taking these objects in needs more than ${limitBytes} bytes of memory`,
    { limitBytes, which, hint: `send fewer kinds or namespaces, or raise \`${which}\`` },
  );
}

/** 0 where the system does not say. */
async function residentBytes(pid: number | undefined): Promise<number> {
  try {
    const text = await readFile(`/proc/${pid}/status`, 'utf8');
    return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
