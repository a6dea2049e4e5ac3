import type { FastifyReply, FastifyRequest } from 'fastify';
import { PodreachError } from '../model/errors.ts';

const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Whether `host` is an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\./.test(host);
}

/**
 * Refuses requests whose `Host` is not on the list.
 *
 * A page that rebinds its own name to 127.0.0.1 could otherwise read the whole map of a cluster
 * through a browser of somebody who runs this server (decisions 22). Listening elsewhere, there is a
 * list only when one was given.
 *
 * @throws `bad-host`
 */
export function hostCheck(
  host: string,
  allowedHosts: readonly string[],
): (request: FastifyRequest) => Promise<void> {
  const isOpen = !isLoopback(host) && allowedHosts.length === 0;
  const allowed = new Set([...LOOPBACK_NAMES, ...allowedHosts].map((name) => name.toLowerCase()));
  return (request) => {
    const asked = request.headers.host ?? '';
    if (isOpen || allowed.has(asked.toLowerCase()) || allowed.has(hostName(asked))) {
      return Promise.resolve();
    }
    throw new PodreachError(
      'bad-host',
      `this server is not known as \`${asked.slice(0, 100)}\`; ` +
        'add the name with `--allowed-hosts` if it is meant',
    );
  };
}

/**
 * Refuses what a page of another origin makes a browser send, wherever it could change something.
 *
 * Programs send no `Origin`. Reading needs no check: without CORS headers no page sees the answer.
 *
 * @throws `bad-origin`
 */
export function originCheck(request: FastifyRequest): Promise<void> {
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return Promise.resolve();
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const isForeign =
    origin === undefined
      ? site === 'cross-site'
      : hostOf(origin) !== (request.headers.host ?? '').toLowerCase();
  if (!isForeign) return Promise.resolve();
  throw new PodreachError(
    'bad-origin',
    `a page of \`${(origin ?? 'another site').slice(0, 100)}\` may not change anything here`,
  );
}

/** Headers of every response: nothing here is a page, a script or a frame. */
export function secureHeaders(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  void reply
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('x-frame-options', 'DENY')
    .header('cross-origin-resource-policy', 'same-origin')
    .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
    .header('x-request-id', request.id);
  return Promise.resolve();
}

/** `LOCALHOST:8471` as `localhost`, `[::1]:80` as `[::1]`. */
function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}

/** Host and port of an origin; undefined for `null` and what is no URL. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
