import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HTTP_LIMITS } from './http-limits.ts';

/** Their bodies are read by nobody. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Gives a body that nobody reads, or reads any more once its request is answered, a moment to come. It has
 * no deadline of its own: whoever sends it byte by byte would hold a connection for as long as an upload
 * may take, with any request, and would not even look idle to who waits for them to read the answer.
 */
export function endUnreadBody(request: FastifyRequest, reply: FastifyReply): void {
  if (!isBodyMissing(request)) return;
  const { raw, method } = request;
  if (WITHOUT_BODY.has(method)) giveMoment(raw);
  else {
    reply.raw.once('finish', () => {
      giveMoment(raw);
    });
  }
}

/** Whether there is more of the body of a request than has been read. */
export function isBodyMissing({ raw, headers }: FastifyRequest): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return (length !== undefined || encoding !== undefined) && !raw.readableEnded;
}

function giveMoment(raw: IncomingMessage): void {
  if (raw.readableEnded || raw.destroyed) return;
  // What destroys a request that is not whole ends its connection.
  const timer = setTimeout(() => raw.destroy(), HTTP_LIMITS.uploadDrainMs);
  const settle = (): void => {
    clearTimeout(timer);
  };
  raw.once('end', settle).once('close', settle).resume();
}
