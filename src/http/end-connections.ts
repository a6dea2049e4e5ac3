import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Makes `server`, when it closes, end its connections as soon as they are not used any more, and no
 * sooner: those that wait for a request at once, the others with the last byte of their answer.
 *
 * Node's own way cuts off answers that are finished but not sent yet, of which a slow reader has seen a
 * part, and leaves connections open whose answer ends after the closing has begun, until they time out.
 */
export function endConnectionsWell(server: Server): void {
  const open = new Set<Socket>();
  const answers = new Map<Socket, number>();
  let isClosing = false;
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  // What a connection speaks then is not ours: whoever speaks it says goodbye.
  server.on('upgrade', ({ socket }) => open.delete(socket));
  server.on('request', ({ socket }, response) => {
    // Also of an upgrade that was declined.
    open.add(socket);
    answers.set(socket, (answers.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (answers.get(socket) ?? 1) - 1;
      if (0 < left) answers.set(socket, left);
      else {
        answers.delete(socket);
        if (isClosing) socket.destroySoon();
      }
    });
  });
  // Called by Node and by fastify when the server begins to close, and by nobody else.
  server.closeIdleConnections = () => {
    isClosing = true;
    for (const socket of open) if (!answers.has(socket)) socket.destroySoon();
  };
}
