import { PodreachError } from '../model/errors.ts';

/** Something that took time. */
interface Timed {
  /** On the clock of `performance.now()`. */
  readonly startMs: number;
  readonly tookMs: number;
}

/** `ok`, the code of the error it ended with, or `internal`. */
export type OutcomeName = string;

/** A question that was asked of an index; answers from a cache are none. */
export interface QuestionEvent extends Timed {
  /** As in {@link questionKind}. */
  readonly kind: string;
  readonly outcome: OutcomeName;
}

/** An index that was not at hand, and now is. */
export interface IndexEvent extends Timed {
  /** Loaded as it was stored; compiled by the thread; or compiled here, while nothing else runs. */
  readonly from: 'stored' | 'thread' | 'here' | 'failed';
  /** Id of the snapshot. */
  readonly snapshot: string;
}

/** A part of taking in. `read`: from the first byte until the snapshot is built. */
export interface PhaseEvent extends Timed {
  readonly phase: 'wait' | 'read' | 'store' | 'compile';
}

/** A snapshot that was taken in, or not. */
export interface IngestEvent extends Timed {
  readonly outcome: OutcomeName;
  readonly cluster: string;
}

/**
 * Who wants to know what the service does: metrics, traces. Called at once, in the asynchronous context
 * of who caused it; must not throw.
 */
export interface Observer {
  readonly questionAnswered?: (event: QuestionEvent) => void;
  readonly indexOpened?: (event: IndexEvent) => void;
  readonly ingestPhase?: (event: PhaseEvent) => void;
  readonly ingestEnded?: (event: IngestEvent) => void;
}

/** Tells every one of `observers`. */
export function observers(all: readonly Observer[]): Observer {
  const [only] = all;
  if (all.length === 1 && only !== undefined) return only;
  return {
    questionAnswered: (event) => {
      for (const one of all) one.questionAnswered?.(event);
    },
    indexOpened: (event) => {
      for (const one of all) one.indexOpened?.(event);
    },
    ingestPhase: (event) => {
      for (const one of all) one.ingestPhase?.(event);
    },
    ingestEnded: (event) => {
      for (const one of all) one.ingestEnded?.(event);
    },
  };
}

/** What an error is called in an event. */
export function outcomeOf(error: unknown): OutcomeName {
  return error instanceof PodreachError ? error.code : 'internal';
}

/** Does `work` and tells when it began, how long it took and how it ended. @throws what it throws */
export async function timed<Value>(
  work: () => Promise<Value>,
  tell: (event: Timed & { readonly outcome: OutcomeName }) => void,
): Promise<Value> {
  const startMs = performance.now();
  let outcome: OutcomeName = 'ok';
  try {
    return await work();
  } catch (error) {
    outcome = outcomeOf(error);
    throw error;
  } finally {
    tell({ startMs, tookMs: performance.now() - startMs, outcome });
  }
}
