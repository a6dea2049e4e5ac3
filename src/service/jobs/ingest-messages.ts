import type { IngestProgress } from '../../model/input.ts';
import type { ErrorMessage } from './error-message.ts';
import type { PhaseEvent } from '../observer.ts';
import type { IngestOutcome, IngestReading } from './ingest-runner.ts';

/** A task on its way to another process. */
export interface TaskMessage {
  readonly cluster: string;
  /** ISO 8601. */
  readonly takenAt: string;
  readonly key?: string;
  readonly reading: IngestReading;
}

/** A phase that ended, on a clock that all processes share. */
export interface PhaseMessage extends Omit<PhaseEvent, 'startMs'> {
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
}

/**
 * What the process that takes in tells the server. `stored`: the snapshot is there, whatever happens
 * from now on. Every task ends with `done` or `failed`, after which the process can be given another.
 */
export type IngestMessage =
  | { readonly type: 'progress'; readonly progress: IngestProgress }
  | { readonly type: 'phase'; readonly phase: PhaseMessage }
  | { readonly type: 'stored'; readonly outcome: IngestOutcome }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly error: ErrorMessage };
