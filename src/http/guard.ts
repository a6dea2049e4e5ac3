import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { PodreachError } from '../model/errors.ts';
import { isLoopback } from './loopback.ts';

const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Looks at a request before it is handled; `done` at once, since everything waits for it. */
export type RequestCheck = (
  request: FastifyRequest,
  reply: FastifyReply,
  done: HookHandlerDoneFunction,
) => void;

/**
 * Refuses requests whose `Host` is not on the list.
 *
 * A page that rebinds its own name to 127.0.0.1 could otherwise read the whole map of a cluster
 * through a browser of somebody who runs this server (decisions 22). Listening elsewhere, there is a
 * list only when one was given.
 *
 * Passes on `bad-host`.
 */
export function hostCheck(host: string, allowedHosts: readonly string[]): RequestCheck {
  const isKnown = knownHosts(host, allowedHosts);
  let lastAllowed: string | undefined;
  return (request, _reply, done) => {
    const asked = request.headers.host ?? '';
    if (asked === lastAllowed) {
      done();
    } else if (isKnown(asked)) {
      lastAllowed = asked;
      done();
    } else {
      done(unknownHost(asked));
    }
  };
}

/** What is said to who asks for a host that is not on the list. */
export function unknownHost(asked: string): PodreachError {
  return new PodreachError(
    'bad-host',
    `this server is not known as \`${asked.slice(0, 100)}\`; ` +
      'add the name with `--allowed-hosts` if it is meant',
  );
}

/** Tells whether a `Host` header is on the list, for servers that listen on `host`. */
export function knownHosts(
  host: string,
  allowedHosts: readonly string[],
): (asked: string) => boolean {
  const isOpen = !isLoopback(host) && allowedHosts.length === 0;
  const allowed = new Set([...LOOPBACK_NAMES, ...allowedHosts].map((name) => name.toLowerCase()));
  return (asked) => isOpen || allowed.has(asked.toLowerCase()) || allowed.has(hostName(asked));
}

/**
 * Refuses what a page of another origin makes a browser send, wherever it could change something.
 *
 * Programs send no `Origin`. Reading needs no check: without CORS headers no page sees the answer.
 *
 * Passes on `bad-origin`.
 *
 * @param allowed origins whose pages may
 */
export function originCheck(allowed: ReadonlySet<string>): RequestCheck {
  return (request, _reply, done) => {
    done(isForeign(request, allowed) ? foreignPage(request) : undefined);
  };
}

function isForeign({ method, headers }: FastifyRequest, allowed: ReadonlySet<string>): boolean {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false;
  const { origin } = headers;
  if (origin === undefined) return headers['sec-fetch-site'] === 'cross-site';
  return !allowed.has(origin) && !isOwnPage(origin, headers.host ?? '');
}

/** Whether a page of `origin` came from `host`, which is this server. */
export function isOwnPage(origin: string, host: string): boolean {
  return hostOf(origin) === host.toLowerCase();
}

function foreignPage({ headers }: FastifyRequest): PodreachError {
  const page = (headers.origin ?? 'another site').slice(0, 100);
  return new PodreachError('bad-origin', `a page of \`${page}\` may not change anything here`);
}

/** `LOCALHOST:8471` as `localhost`, `[::1]:80` as `[::1]`. */
function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}

/** Host and port of an origin; undefined for `null` and what is no URL. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
