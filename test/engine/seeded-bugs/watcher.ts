import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Order, Report } from './look-at-copies.ts';

/** What a report says when a loop that a bug made endless was given up. */
export const NO_ANSWER = 'no answer in time';

/** A process that looks at copies, another one after each that it does not come back from. */
export class Watcher {
  readonly #home: string;
  #child: ChildProcess | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  /** @param msMax - how long a look may take before it counts as one that never ends */
  async lookAt(name: string, first: Order['first'], msMax: number): Promise<Report> {
    const folder = 'test/engine/seeded-bugs';
    const child = (this.#child ??= fork(
      join(this.#home, 'plain', folder, 'look-at-copies.js'),
      [join(this.#home, 'trial.json')],
      { env: {}, execArgv: [] },
    ));
    const script = join(this.#home, name, folder, 'find-difference.js');
    child.send({ script, first } satisfies Order);
    const report = await new Promise<Report>((resolve) => {
      const timer = setTimeout(() => resolve({ difference: NO_ANSWER }), msMax);
      const answer = (report: Report): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(report);
      };
      child.once('message', (message) => answer(message as Report));
      child.once('exit', (code) => answer({ difference: `exit code ${code}` }));
    });
    if (report.difference === NO_ANSWER || child.exitCode !== null) this.stop();
    return report;
  }

  stop(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}
