import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { handleProtocols, makeServer } from 'graphql-ws';
import type { Server, ServerOptions } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { PodreachError } from '../../model/errors.ts';
import type { AuditLog } from '../../service/audit.ts';
import { unauthorized } from '../viewer.ts';
import { CredentialChecks } from './credential-checks.ts';
import { creditedBy } from './credential.ts';
import type { LiveLimits } from './live-limits.ts';
import { serveAsPlain } from './plain-request.ts';
import { Places } from './places.ts';
import type { Place } from './places.ts';
import { credentialInPayload } from './socket-credential.ts';
import { tellRefusal } from './refusal-audit.ts';
import { SocketConnection } from './socket-connection.ts';
import type { SocketExtra } from './socket-connection.ts';
import { admitUpgrade, refuseUpgrade } from './upgrade.ts';
import type { UpgradeParts } from './upgrade.ts';

/** What is needed to accept WebSockets. */
export interface SocketParts extends UpgradeParts {
  /** Where they are accepted. */
  readonly path: string;
  readonly limits: LiveLimits;
  /** Where it is written who was not let in; undefined: nowhere. */
  readonly audit: AuditLog | undefined;
  /** What is done with operations. */
  readonly operations: Pick<
    ServerOptions<Record<string, unknown>, SocketExtra>,
    'onSubscribe' | 'subscribe' | 'onNext' | 'onError'
  >;
}

/**
 * Accepts WebSockets that speak `graphql-transport-ws` until `app` closes.
 *
 * The upgrade is ours, since the library of the HTTP routes takes subscriptions that it never
 * validated, believes headers in `connection_init`, and has no limits. Who connects follows from the
 * headers of the upgrade, or from a credential in `connection_init`; nothing else in there is read.
 */
export function acceptSockets(app: FastifyInstance, parts: SocketParts): void {
  const { limits, authenticator } = parts;
  const places = new Places('WebSockets', limits.socketsMax, limits.socketsPerViewerMax);
  const checks = new CredentialChecks(authenticator, limits.credentialCheckMs);
  const open = new Set<SocketConnection>();
  let isClosing = false;
  const upgrades = new WebSocketServer(upgradeOptions(limits));
  const protocol = protocolOf(parts, checks);
  const pings = setInterval(() => {
    for (const connection of open) connection.ping();
  }, limits.socketPingMs);
  pings.unref();

  const serve = (socket: WebSocket, known: SocketExtra['upgrade'], place: Place): void => {
    const connection = new SocketConnection(socket, { limits, log: app.log, place });
    open.add(connection);
    socket.once('close', () => open.delete(connection));
    connection.serve(protocol, known);
    if (isClosing) void connection.goAway();
  };
  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const requestId = randomUUID();
    const ignore = (): void => undefined;
    // Until it is a WebSocket, nobody else listens for errors of the connection.
    socket.on('error', ignore);
    try {
      if (isClosing) throw new PodreachError('busy', 'this server is stopping');
      const { credential, place } = await admitUpgrade(request, parts, places);
      // Whoever leaves before it is a WebSocket never was one.
      socket.once('close', () => {
        place.leave();
      });
      upgrades.handleUpgrade(request, socket, head, (accepted) => {
        socket.off('error', ignore);
        serve(accepted, { credential, requestId }, place);
      });
    } catch (error) {
      tellRefusal(parts.audit, requestId, error);
      refuseUpgrade(socket, error, { requestId, log: app.log });
    }
  };
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isForUs(request, parts.path)) void upgrade(request, socket, head);
    else serveAsPlain(app.server, request, { socket, head });
  });
  app.addHook('preClose', async () => {
    isClosing = true;
    clearInterval(pings);
    await Promise.all([...open].map((connection) => connection.goAway()));
  });
}

function protocolOf(
  { operations, authenticator, limits, audit }: SocketParts,
  checks: CredentialChecks,
): Server<SocketExtra> {
  return makeServer<Record<string, unknown>, SocketExtra>({
    ...operations,
    connectionInitWaitTimeout: limits.socketInitMs,
    onConnect: async ({ connectionParams, extra }) => {
      const { credential: first, requestId } = extra.upgrade;
      try {
        const credential = credentialInPayload(connectionParams) ?? first;
        if (first !== undefined && first !== credential) throw unauthorized();
        extra.connection.identify(await creditedBy(authenticator, credential), checks);
        return true;
      } catch (error) {
        tellRefusal(audit, requestId, error);
        throw error;
      }
    },
  });
}

function upgradeOptions(limits: LiveLimits): ConstructorParameters<typeof WebSocketServer>[0] {
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.socketMessageBytesMax,
    // Newer than the types of the library: how long a handshake of closing may take.
    closeTimeout: limits.socketClosingMs,
    handleProtocols: (offered: Set<string>) => handleProtocols(offered),
  };
  return options;
}

function isForUs({ method, url = '', headers }: IncomingMessage, path: string): boolean {
  const isOffer = method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
  return isOffer && url.split('?', 1)[0] === path;
}
