import { PodreachError } from '../model/errors.ts';

/** How many questions there may be at a time. */
export interface QuestionLimits {
  /** Lists that are being judged; all others wait for one of them to end. */
  readonly runningMax: number;
  /** Questions that wait, for an index or for that; more are `busy`. */
  readonly waitingMax: number;
  /** Deadline of one list, waiting included. Default: none. */
  readonly timeoutMs?: number;
}

const RETRY_AFTER_SECONDS = 2;

/**
 * Bounds what questions hold in memory: each list that is being judged holds the rows it has.
 *
 * Who waits does so in the order of asking. A place is handed over, so that nobody overtakes.
 */
export class QuestionGate {
  readonly #limits: QuestionLimits;
  readonly #queue: (() => void)[] = [];
  #entered = 0;
  #running = 0;

  constructor(limits: QuestionLimits) {
    this.#limits = limits;
  }

  /** Questions that wait for an index or for their turn, and lists that are being judged. */
  get counts(): { readonly waiting: number; readonly running: number } {
    return { waiting: this.#entered - this.#running, running: this.#running };
  }

  /** Does `work`, one whole question, unless too many wait. @throws `busy`, what `work` throws */
  async enter<Value>(work: () => Promise<Value>): Promise<Value> {
    const { waitingMax } = this.#limits;
    if (waitingMax <= this.#entered - this.#running) {
      throw new PodreachError('busy', `${waitingMax} questions wait already; try again`, {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    this.#entered += 1;
    try {
      return await work();
    } finally {
      this.#entered -= 1;
    }
  }

  /** Does `work`, the long part of a question that was let in, when there is a place for it. */
  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running < this.#limits.runningMax) this.#running += 1;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
