import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request as the stub got it. */
export interface Received {
  readonly method: string;
  /** Path with query, not decoded. */
  readonly url: string;
  readonly parameters: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** What the stub answers: a status and a body, which is sent as JSON unless it is text. */
export type Reply = readonly [status: number, body: unknown];

/** A server that answers what a test says, and remembers what it was asked. */
export interface StubServer {
  readonly url: string;
  readonly received: readonly Received[];
  readonly close: () => Promise<void>;
}

/** Starts a stub on a free port of loopback. */
export async function startStub(answer: (request: Received) => Reply): Promise<StubServer> {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => {
    const respond = (body: Buffer): void => {
      const url = request.url ?? '';
      const got = {
        method: request.method ?? '',
        url,
        parameters: new URL(url, 'http://stub').searchParams,
        headers: request.headers,
        body,
      };
      received.push(got);
      const [status, content] = answer(got);
      const isText = typeof content === 'string';
      const type = status < 400 ? 'application/json' : 'application/problem+json';
      response.writeHead(status, { 'content-type': isText ? 'text/html' : type });
      response.end(isText ? content : JSON.stringify(content));
    };
    // A client that breaks off gets no answer.
    buffer(request).then(respond, () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
