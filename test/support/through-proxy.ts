import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import type { Test } from 'tap';
import { PROXY_KINDS, passesOn, sendThrough, startProxy } from './proxies.ts';
import type { ProxyKind } from './proxies.ts';

/** Sends a request to a server of a test. */
export type Send = (request: InjectOptions) => Promise<LightMyRequestResponse>;

/** Where servers of tests are served when `PODREACH_TEST_PROXY=prefix`. */
const PREFIX = '/some/pre-fix';

/** What `PODREACH_TEST_PROXY` names: a kind of proxy, a prefix, or nothing. */
const NAMED = process.env['PODREACH_TEST_PROXY'] ?? '';

/** The base path of a server of which a test does not say where it is: none, unless all are to have one. */
export function testBasePath(): string {
  return NAMED === 'prefix' ? PREFIX : '';
}

/**
 * Sends to `app`; where `PODREACH_TEST_PROXY` says so, over the network through a proxy of that kind, or under
 * a prefix, so that every test of what is answered is one of what comes through.
 *
 * What the proxy would not pass on is sent past it: a test of a header is one of whoever can send it. The headers of
 * an answer are those of the server for the same reason; which of them get lost is in `proxies.test.ts`.
 *
 * @param isAtRoot whether URLs of the test are without the prefix
 */
export async function senderTo(t: Test, app: FastifyInstance, isAtRoot = true): Promise<Send> {
  if (NAMED === '') return (request) => app.inject(request);
  if (NAMED === 'prefix') {
    if (!isAtRoot) return (request) => app.inject(request);
    return ({ url = '', ...request }) => {
      if (typeof url !== 'string') throw new Error('only texts of URLs are sent');
      return app.inject({ ...request, url: PREFIX + url });
    };
  }
  const kind = PROXY_KINDS.find((one) => one === NAMED);
  if (kind === undefined) throw new Error(`no proxy of the kind \`${NAMED}\``);
  // A server of its own: that of the app is for tests that listen.
  const front = createServer((request, response) => {
    app.routing(request, response);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    front.close();
    front.closeAllConnections();
  });
  const { port } = front.address() as AddressInfo;
  // The proxy stands for the root: tests that have a base path name it in their URLs.
  const proxy = await startProxy(t, kind, { port, basePath: '' }, { tellsHeaders: true });
  return (request) =>
    comesThrough(kind, request) ? sendThrough(proxy, request) : app.inject(request);
}

function comesThrough(kind: ProxyKind, { headers = {} }: InjectOptions): boolean {
  // A library border: every test gives plain headers.
  return passesOn(kind, headers as Record<string, string>);
}
