import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { PodreachError } from '../../model/errors.ts';
import type { Authenticator } from '../../service/viewer.ts';
import { credentialOf } from '../authenticate.ts';
import { internalError, publicError } from '../errors.ts';
import { isOwnPage, unknownHost } from '../guard.ts';
import { rawProblem } from '../raw-problem.ts';
import { creditedBy } from './credential.ts';
import type { Place, Places } from './places.ts';

/** Who may upgrade. */
export interface UpgradeParts {
  readonly isKnownHost: (host: string) => boolean;
  /** Origins, besides that of the server itself, whose pages may connect. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** Undefined: everybody may subscribe. */
  readonly authenticator?: Authenticator | undefined;
}

/**
 * A place for who asks for a WebSocket, and the credential in the headers; it may also come later.
 *
 * @throws `bad-host`, `bad-origin`, `bad-query`, `busy`, `unauthorized`, `too-many-requests`
 */
export async function admitUpgrade(
  request: IncomingMessage,
  parts: UpgradeParts,
  places: Places,
): Promise<{ readonly credential: string | undefined; readonly place: Place }> {
  checkHeaders(request, parts);
  const credential = credentialOf(request.rawHeaders);
  const place = places.enter();
  try {
    if (credential !== undefined && parts.authenticator !== undefined) {
      place.claim((await creditedBy(parts.authenticator, credential)).viewer);
    }
    return { credential, place };
  } catch (error) {
    place.leave();
    throw error;
  }
}

/** Answers an upgrade with a problem document instead. */
export function refuseUpgrade(
  socket: Duplex,
  error: unknown,
  { requestId, log }: { readonly requestId: string; readonly log: FastifyBaseLogger },
): void {
  const known = publicError(error);
  if (known === undefined) log.error({ err: error, reqId: requestId }, 'upgrade failed');
  else log.info({ code: known.code, reqId: requestId }, 'upgrade refused');
  const shown = known ?? internalError();
  socket.once('finish', () => socket.destroy());
  socket.end(rawProblem(shown, requestId));
}

/** @throws `bad-host`, `bad-origin`, `bad-query` */
function checkHeaders({ headers }: IncomingMessage, parts: UpgradeParts): void {
  const { host = '', origin } = headers;
  if (!parts.isKnownHost(host)) {
    throw unknownHost(host);
  }
  if (origin !== undefined && !isOwnPage(origin, host) && !parts.allowedOrigins.has(origin)) {
    const page = origin.slice(0, 100);
    throw new PodreachError('bad-origin', `a page of \`${page}\` may not connect here`);
  }
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (!offered.includes(GRAPHQL_TRANSPORT_WS_PROTOCOL)) {
    throw new PodreachError(
      'bad-query',
      `only the protocol \`${GRAPHQL_TRANSPORT_WS_PROTOCOL}\` is spoken here; offer it`,
    );
  }
  const { 'sec-websocket-key': key = '', 'sec-websocket-version': version } = headers;
  if (version === '13' && KEY.test(key) && offered.every((name) => TOKEN.test(name))) return;
  throw new PodreachError('bad-query', 'this is no handshake of a WebSocket (RFC 6455)');
}

/** 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;
/** A word of HTTP. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
