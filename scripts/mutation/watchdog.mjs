// Ends what never ends by itself, without ending the process: a thread watches the processor time that a
// test takes, and has V8 give up what runs. Where a mutant is passed in each round, its hits end it sooner.
import { Worker } from 'node:worker_threads';

/** Written as a script: a thread of the runner must not load the runner. */
const WATCH = `
const { parentPort, workerData } = require('node:worker_threads');
const { Session } = require('node:inspector');
const allowed = new Int32Array(workerData);
const session = new Session();
session.connectToMainThread();
let from, last = 0;
setInterval(() => {
  const { user } = process.cpuUsage();
  const [turn, ms] = allowed;
  if (turn !== last) [from, last] = [user, turn];
  if (ms === 0 || user - from < 1000 * ms) return;
  if (Atomics.compareExchange(allowed, 1, ms, 0) !== ms) return;
  session.post('Runtime.terminateExecution', () => parentPort.postMessage(turn));
}, 50);
`;

export class Watchdog {
  #allowed = new Int32Array(new SharedArrayBuffer(8));
  #worker;

  /** Resolves once it watches. */
  async start() {
    this.#worker = new Worker(WATCH, { eval: true, workerData: this.#allowed.buffer });
    await new Promise((resolve) => this.#worker.once('online', resolve));
    this.#worker.unref();
  }

  /** Does what `run` does; `undefined` when it was given up after `ms` of processor time. */
  async within(ms, run) {
    this.#allowed[0] += 1;
    const turn = this.#allowed[0];
    Atomics.store(this.#allowed, 1, ms);
    let listen;
    const givenUp = new Promise((resolve) => {
      listen = (ended) => {
        if (ended === turn) resolve(undefined);
      };
      this.#worker.on('message', listen);
    });
    // In a turn of its own: what is given up takes all that waits for it in the same turn with it.
    const turnOfItsOwn = new Promise((resolve) => setImmediate(resolve));
    try {
      return await Promise.race([turnOfItsOwn.then(run), givenUp]);
    } finally {
      Atomics.store(this.#allowed, 1, 0);
      this.#worker.off('message', listen);
    }
  }

  async stop() {
    await this.#worker?.terminate();
  }
}
