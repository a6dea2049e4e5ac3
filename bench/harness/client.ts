import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClientOrder, ClientReport, ClientRequest } from '../reference/http-client.ts';
import { timed } from './measure.ts';
import type { Times } from './measure.ts';

const CLIENT = fileURLToPath(new URL('../reference/http-client.ts', import.meta.url));

/** A bounded client in a process of its own, over loopback. */
export class LoopbackClient {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(CLIENT, { execArgv: ['--import', 'tsx'], serialization: 'advanced' });
  }

  /**
   * Sends `requests` once each and tells what this process, the server's, spent meanwhile.
   *
   * @throws Error when any of them is answered by anything but 200
   */
  async serve(
    requests: readonly ClientRequest[],
    to: { readonly port: number; readonly connections: number },
  ): Promise<Times & { readonly bytes: number }> {
    await this.#order({ load: requests });
    let report: ClientReport | undefined;
    const times = await timed(async () => {
      report = await this.#order({ send: to });
    });
    const { bytes = 0, failures = ['nothing was reported'] } = report ?? {};
    if (failures.length !== 0) throw new Error(`requests failed: ${failures.join('; ')}`);
    return { ...times, bytes };
  }

  close(): void {
    this.#child.disconnect();
  }

  async #order(order: ClientOrder): Promise<ClientReport> {
    const ended = new AbortController();
    const onExit = (): void => ended.abort(new Error('the client ended before it reported'));
    this.#child.once('exit', onExit);
    this.#child.send(order);
    // The client answers each order once, with a report.
    const message = await once(this.#child, 'message', { signal: ended.signal });
    this.#child.off('exit', onExit);
    return (message as [ClientReport])[0];
  }
}
