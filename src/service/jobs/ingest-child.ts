// The process in which bytes of others are read, built, stored and compiled. It is started by
// `ingest-process.ts`, is told what to do on its stdin, and answers by messages.
import { engineCodec } from './index-codec.ts';
import { chunkMemory } from './chunk-memory.ts';
import { errorToMessage } from './error-message.ts';
import { jsonOf, readFrames } from './frames.ts';
import type { Frame } from './frames.ts';
import type { IngestMessage, TaskMessage } from './ingest-messages.ts';
import { indexKeeper, ingestHere } from './ingest-runner.ts';
import type { IngestParts } from './ingest-runner.ts';
import type { JobSettings } from './job-settings.ts';
import { PodreachError } from '../../model/errors.ts';
import type { IngestProgress, ManifestInput } from '../../model/input.ts';
import type { PhaseEvent } from '../observer.ts';
import { openStore } from '../../store/open-store.ts';

// Both ends of the pipe are ours: what a frame of JSON holds is not checked but known.
type InputMessage = Omit<ManifestInput, 'bytes'>;

/** The frames of one task, of which one can be looked at before it is taken. */
class TaskFrames {
  readonly #frames: AsyncIterator<Frame, void>;
  #next: Frame | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #ended = false;

  constructor(frames: AsyncIterator<Frame, void>) {
    this.#frames = frames;
  }

  /** The inputs of the task; what nobody reads of one is skipped. */
  async *inputs(): AsyncGenerator<ManifestInput> {
    for (let frame = await this.#take(); ; frame = await this.#take()) {
      if (frame.kind === 'end') return;
      if (frame.kind === 'abort') throw new PodreachError('bad-input', 'the sender went away');
      if (frame.kind === 'input')
        yield { ...(jsonOf(frame) as InputMessage), bytes: this.#bytes() };
    }
  }

  /** Reads what is left, so that the next frame is one of the next task. */
  async skipRest(): Promise<void> {
    while (!this.#ended) await this.#take();
  }

  async *#bytes(): AsyncGenerator<Uint8Array> {
    for (let frame = await this.#take(); ; frame = await this.#take()) {
      if (frame.kind !== 'bytes') {
        this.#next = frame;
        return;
      }
      yield frame.payload;
    }
  }

  /**
   * The next frame, one at a time: a reader of bytes that was left may still wait for one when the rest
   * is skipped, and nobody may read past the end of the task.
   */
  #take(): Promise<Frame> {
    const taken = this.#turn.then(() => this.#read());
    this.#turn = taken;
    return taken;
  }

  async #read(): Promise<Frame> {
    const known = this.#next;
    this.#next = undefined;
    if (known !== undefined) return known;
    if (this.#ended) return END;
    const { done, value } = await this.#frames.next();
    // The server is gone, and with it everybody who could want the answer.
    if (done === true) process.exit(0);
    this.#ended = value.kind === 'end' || value.kind === 'abort';
    return value;
  }
}

const END: Frame = { kind: 'end', payload: new Uint8Array() };

/** Without a channel the server is gone. */
function tell(message: IngestMessage): void {
  if (process.send === undefined) process.exit(0);
  process.send(message, undefined, undefined, () => undefined);
}

/** Opens the store for the first task: one that cannot be opened fails tasks, not the process. */
async function openParts(settings: JobSettings): Promise<Parts> {
  const { database, storeOptions, limits, engineOptions, chunkMemoryBytesMax } = settings;
  const store = await openStore(database, storeOptions);
  const keepIndex = indexKeeper({ store, codec: engineCodec(), options: engineOptions });
  return { ingest: { store, limits, chunks: chunkMemory(chunkMemoryBytesMax) }, keepIndex };
}

interface Parts {
  readonly ingest: IngestParts;
  readonly keepIndex: ReturnType<typeof indexKeeper>;
}

async function takeIn(task: TaskMessage, frames: TaskFrames, parts: Parts): Promise<void> {
  const { takenAt, ...rest } = task;
  const onProgress = (progress: IngestProgress): void => {
    tell({ type: 'progress', progress });
  };
  const onPhase = ({ startMs, ...phase }: PhaseEvent): void => {
    tell({ type: 'phase', phase: { ...phase, startedAtMs: performance.timeOrigin + startMs } });
  };
  const { id, created, snapshot } = await ingestHere(
    parts.ingest,
    { ...rest, takenAt: new Date(takenAt), onProgress, onPhase },
    frames.inputs(),
  );
  tell({ type: 'stored', outcome: { id, created } });
  const startMs = performance.now();
  const made = await parts.keepIndex(id, snapshot);
  if (made !== undefined) {
    onPhase({ phase: 'compile', startMs, tookMs: performance.now() - startMs });
  }
}

async function main(): Promise<void> {
  // Ctrl-C reaches the whole group; the server decides when this process ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => undefined);
  }
  process.on('disconnect', () => process.exit(0));
  const frames = readFrames(process.stdin);
  const first = await frames.next();
  if (first.done === true) return;
  const settings = jsonOf(first.value) as JobSettings;
  let parts: Parts | undefined;
  for await (const frame of { [Symbol.asyncIterator]: () => unclosed(frames) }) {
    const rest = new TaskFrames(frames);
    try {
      parts ??= await openParts(settings);
      await takeIn(jsonOf(frame) as TaskMessage, rest, parts);
      tell({ type: 'done' });
    } catch (error) {
      tell({ type: 'failed', error: errorToMessage(error) });
    }
    // Only now: the sender goes on until it is told.
    await rest.skipRest();
  }
  process.exit(0);
}

/** A task takes its frames from the iterator in between: nobody may close it. */
function unclosed<Value>(iterator: AsyncIterator<Value, void>): AsyncIterator<Value, void> {
  return { next: () => iterator.next() };
}

await main();
