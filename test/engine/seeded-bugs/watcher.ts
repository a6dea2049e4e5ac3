import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Place } from './find-difference.ts';
import type { Now, Order, Report } from './look-at-copies.ts';

/** What a report says when a loop that a bug made endless was given up. */
export const NO_ANSWER = 'no answer in time';

/** A process that looks at copies, another one after each that it does not come back from. */
export class Watcher {
  readonly #script: string;
  readonly #trial: string;
  #child: ChildProcess | undefined;

  /** @param script - that of `look-at-copies.ts` @param trial - path of what to compare, as JSON */
  constructor(script: string, trial: string) {
    this.#script = script;
    this.#trial = trial;
  }

  /**
   * @param order - the copy, and what to look for first
   * @param msMax - how long a look may take before it counts as one that never ends
   * @param likelyMsMax - the same of the place that is looked at first
   */
  async lookAt(
    order: Order,
    { msMax, likelyMsMax }: { readonly msMax: number; readonly likelyMsMax: number },
  ): Promise<Report> {
    const child = (this.#child ??= fork(this.#script, [this.#trial], {
      env: {},
      // Worlds are short-lived: a large nursery saves a tenth of the time.
      execArgv: ['--max-semi-space-size=64'],
    }));
    child.send(order);
    const report = await new Promise<Report>((resolve) => {
      let place: Place = ['pairs', 0];
      let places = 0;
      const giveUp = (): void => resolve({ difference: { text: NO_ANSWER, place } });
      const timer = setTimeout(giveUp, msMax);
      // It runs from when the place is begun: before that the copy is read.
      let likelyTimer: NodeJS.Timeout | undefined;
      const answer = (report: Report): void => {
        clearTimeout(timer);
        clearTimeout(likelyTimer);
        child.removeAllListeners();
        resolve(report);
      };
      child.on('message', (message: Now | Report) => {
        if (!('now' in message)) {
          answer(message);
          return;
        }
        place = message.now;
        places += 1;
        clearTimeout(likelyTimer);
        if (places === 1 && order.likely !== undefined) {
          likelyTimer = setTimeout(giveUp, likelyMsMax);
        }
      });
      child.once('exit', (code) =>
        answer({ difference: { text: `exit code ${String(code)}`, place } }),
      );
    });
    if (report.difference?.text === NO_ANSWER || child.exitCode !== null) this.stop();
    return report;
  }

  stop(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}
