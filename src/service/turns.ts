/** How long all questions together may keep everybody else waiting before these are let in, in milliseconds. */
const TURN_MS = 5;

/** Looks at the clock are cheap, and most steps are cheaper still. */
const STEPS_PER_LOOK = 4;

/**
 * Shares the one thread that answers: whatever takes long is done in turns, and each time the event loop
 * comes round there is time for one of them, and before it for work that has just come.
 *
 * Timers of the event loop alone do not do this: all that wait for it go on together.
 */
export class Turns {
  /** Work that has just come, and is short most of the time. */
  readonly #fresh: (() => void)[] = [];
  /** Work that goes on; each has one turn and then waits behind the others. */
  readonly #long: (() => void)[] = [];
  /** Since the event loop came round. */
  #spentMs = 0;
  #isScheduled = false;

  /** Does `work` at once, or soon where much was done already. @throws what `work` throws */
  soon<Value>(work: () => Value): Value | Promise<Value> {
    if (this.#spentMs < TURN_MS && this.#fresh.length === 0) return this.#measured(work);
    return new Promise((resolve) => {
      // What throws while a promise is made rejects it.
      this.#fresh.push(() => {
        resolve(
          new Promise<Value>((done) => {
            done(this.#measured(work));
          }),
        );
      });
      this.#schedule();
    });
  }

  /**
   * Does the rest of `work`, turn by turn.
   *
   * @param mayGoOn asked between turns; throws when it is to be given up
   */
  async finish<Value>(
    work: Iterator<unknown, Value, undefined>,
    mayGoOn: () => void = () => undefined,
  ): Promise<Value> {
    for (;;) {
      await this.next();
      mayGoOn();
      const last = this.#measured(() => stepUntil(work, performance.now() + TURN_MS));
      if (last !== undefined) return last.value;
    }
  }

  /** Resolves when whoever waits has a turn, which is as long as they make it. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#long.push(resolve);
      this.#schedule();
    });
  }

  #measured<Value>(work: () => Value): Value {
    const began = performance.now();
    try {
      return work();
    } finally {
      this.#spentMs += performance.now() - began;
      this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#comeRound();
    });
  }

  #comeRound(): void {
    this.#spentMs = 0;
    for (let work = this.#fresh.shift(); work !== undefined; work = this.#fresh.shift()) {
      work();
      if (TURN_MS <= this.#spentMs) break;
    }
    this.#long.shift()?.();
    if (this.#fresh.length + this.#long.length !== 0) this.#schedule();
  }
}

/** Undefined when the time is up. */
function stepUntil<Value>(
  work: Iterator<unknown, Value, undefined>,
  untilMs: number,
): IteratorReturnResult<Value> | undefined {
  for (let count = 1; ; count += 1) {
    const step = work.next();
    if (step.done === true) return step;
    if (count % STEPS_PER_LOOK === 0 && untilMs <= performance.now()) return undefined;
  }
}

/** Those of this process: it has one thread that answers. */
export const TURNS = new Turns();
