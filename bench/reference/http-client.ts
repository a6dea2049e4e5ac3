import { Agent, request as httpRequest } from 'node:http';

/** One request to send. */
export interface ClientRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a client is told: requests to keep, then to send them all to a port. */
export type ClientOrder =
  | { readonly load: readonly ClientRequest[] }
  | { readonly send: { readonly port: number; readonly connections: number } };

/** What a client answers to an order. */
export interface ClientReport {
  readonly responses: number;
  /** Of all bodies. */
  readonly bytes: number;
  /** Statuses other than 200, and connections that broke. */
  readonly failures: readonly string[];
}

/** Most failures told of one by one. */
const FAILURES_TOLD = 5;

// A process of its own: what it costs must not be counted with the server.
let requests: readonly ClientRequest[] = [];
process.on('message', (order: ClientOrder) => {
  if ('load' in order) {
    requests = order.load;
    report({ responses: 0, bytes: 0, failures: [] });
  } else {
    void sendAll(order.send).then(report);
  }
});
process.on('disconnect', () => process.exit(0));

function report(what: ClientReport): void {
  process.send?.(what);
}

/** Sends all requests once, some at a time. */
async function sendAll(to: { port: number; connections: number }): Promise<ClientReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: to.connections });
  const total = { responses: 0, bytes: 0 };
  const failures: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      try {
        const { status, bytes } = await send(agent, to.port, request);
        total.responses += 1;
        total.bytes += bytes;
        if (status !== 200) failures.push(`${status} ${request.path.slice(0, 100)}`);
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: to.connections }, work));
  agent.destroy();
  return { ...total, failures: failures.slice(0, FAILURES_TOLD) };
}

function send(
  agent: Agent,
  port: number,
  { method, path, headers = {}, body }: ClientRequest,
): Promise<{ status: number; bytes: number }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, agent, method, path, headers });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes }));
    });
    sent.end(body);
  });
}
