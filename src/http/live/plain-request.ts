import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Headers that offer another protocol; without them it is a request like any other. */
const OFFERS = new Set(['upgrade', 'connection', 'http2-settings']);

/**
 * Serves a request that offered to speak another protocol as if it had not, which is how an offer is
 * declined. Some clients offer HTTP/2 with each first request, whatever it asks.
 *
 * Once anything listens for upgrades, node reads nothing of such a request but its head. So the head is
 * put back without the offer, before the body, and the connection begins anew.
 */
export function serveAsPlain(
  server: Server,
  request: IncomingMessage,
  { socket, head }: { readonly socket: Duplex; readonly head: Buffer },
): void {
  const lines = [`${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/${request.httpVersion}`];
  const { rawHeaders } = request;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (!OFFERS.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[i + 1] ?? ''}`);
  }
  // Node sets these anew.
  socket.removeAllListeners('timeout');
  // Text of a head is one byte a character.
  const plain = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  socket.unshift(Buffer.concat([plain, head]));
  server.emit('connection', socket);
}
