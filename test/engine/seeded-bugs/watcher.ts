import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Place } from './find-difference.ts';
import type { Now, Order, Report } from './look-at-copies.ts';

/** What a report says when a loop that a bug made endless was given up. */
export const NO_ANSWER = 'no answer in time';

/** A process that looks at copies, another one after each that it does not come back from. */
export class Watcher {
  readonly #home: string;
  #child: ChildProcess | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  /**
   * @param order - what to look for, besides the script, which is that of the copy `name`
   * @param msMax - how long a look may take before it counts as one that never ends
   * @param likelyMsMax - the same of the place that is looked at first
   */
  async lookAt(
    name: string,
    order: Omit<Order, 'script'>,
    { msMax, likelyMsMax }: { readonly msMax: number; readonly likelyMsMax: number },
  ): Promise<Report> {
    const folder = 'test/engine/seeded-bugs';
    const child = (this.#child ??= fork(
      join(this.#home, 'plain', folder, 'look-at-copies.js'),
      [join(this.#home, 'trial.json')],
      { env: {}, execArgv: [] },
    ));
    const script = join(this.#home, name, folder, 'find-difference.js');
    child.send({ ...order, script } satisfies Order);
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
