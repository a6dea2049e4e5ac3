import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PodreachError } from '../model/errors.ts';
import { EVERYONE } from '../service/viewer.ts';
import type { Authenticator } from '../service/viewer.ts';
import { drainUpload } from './rest/upload.ts';
import { unauthorized } from './viewer.ts';

/** Routes that need no credential: health, and the documentation, which is in the package anyway. */
const OPEN_ROUTES: ReadonlySet<string> = new Set([
  '/livez',
  '/readyz',
  '/healthz',
  '/openapi.json',
  '/schema.graphql',
  '/docs',
]);
const OPEN_FOLDER = '/docs/';

/**
 * Finds out who sends a request and notes it there.
 *
 * Rejects with `unauthorized`; with `bad-query` for two different credentials, of which each could be
 * the one that a proxy in front has looked at; and as the authenticator does.
 */
export type Authentication = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** @param authenticator undefined: everybody may ask everything */
export function authentication(
  authenticator: Authenticator | undefined,
  basePath: string,
): Authentication {
  return async (request, reply) => {
    if (authenticator === undefined) {
      request.viewer ??= EVERYONE;
      return;
    }
    if (isOpenRoute(request.routeOptions.url, basePath)) return;
    try {
      const credential = credentialOf(request.raw.rawHeaders);
      const viewer =
        credential === undefined ? undefined : await authenticator.authenticate(credential);
      if (viewer === undefined) throw unauthorized();
      request.viewer = viewer;
    } catch (error) {
      await refuseBody(request, reply);
      throw error;
    }
  };
}

/**
 * Asks for a credential before anything else is done for a request, whatever it asks for: who sends
 * none learns not even which routes there are. Every route is closed unless it is in the list above.
 */
export function addAuthentication(app: FastifyInstance, who: Authentication): void {
  app.addHook('onRequest', who);
}

/** @param url the pattern of a route with its prefix; undefined where nothing is */
export function isOpenRoute(url: string | undefined, basePath: string): boolean {
  if (url?.startsWith(basePath) !== true) return false;
  const route = url.slice(basePath.length);
  return OPEN_ROUTES.has(route) || route.startsWith(OPEN_FOLDER);
}

/**
 * The one credential of a request, by the headers as they came: parsed ones keep the first of two and
 * say nothing of the second. Schemes other than `Bearer` are not ours. A query string is never looked at.
 *
 * @param rawHeaders names and values in turn
 * @throws `bad-query` for two that differ
 */
export function credentialOf(rawHeaders: readonly string[]): string | undefined {
  let found: string | undefined;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const credential = credentialIn(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '');
    if (credential === undefined) continue;
    if (found !== undefined && found !== credential) throw twoCredentials();
    found = credential;
  }
  return found;
}

const BEARER = 'authorization';
const TOKEN = 'x-podreach-token';

function credentialIn(name: string, value: string): string | undefined {
  // Most headers differ in length already.
  if (name.length !== BEARER.length && name.length !== TOKEN.length) return undefined;
  const lower = name.toLowerCase();
  if (lower === TOKEN) return value.trim();
  if (lower !== BEARER) return undefined;
  return bearerOf(value);
}

/** `Bearer x` as `x`; undefined for anything else. */
export function bearerOf(authorization: string): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization)?.[1];
}

function twoCredentials(): PodreachError {
  return new PodreachError(
    'bad-query',
    'the request has two different credentials; send one, in `Authorization` or in `X-Podreach-Token`',
  );
}

/** A body that nobody reads: the connection ends with the answer, which its sender gets to see. */
async function refuseBody(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  if (length === '0' && encoding === undefined) return;
  void reply.header('connection', 'close');
  await drainUpload(request);
}
