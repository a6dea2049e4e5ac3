import type { FastifyReply, FastifyRequest } from 'fastify';
import { canonicalText, hashOf } from './cursor.ts';

/**
 * Says how an answer may be cached, and whether the caller has it already: then the reply is 304
 * and nothing needs to be computed.
 *
 * @param parts everything the bytes of the answer depend on
 * @param isImmutable the URL names both a snapshot id and the engine
 */
export function isFresh(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: readonly unknown[],
  isImmutable: boolean,
): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  const etag = `"${hashOf(canonicalText(parts)).slice(0, 27)}"`;
  void reply
    .header('etag', etag)
    .header('vary', 'Authorization, Accept, Accept-Encoding')
    .header(
      'cache-control',
      isImmutable ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    );
  const isKnown = matches(request.headers['if-none-match'], etag);
  if (isKnown) void reply.code(304);
  return isKnown;
}

/** `If-None-Match` compares weakly (RFC 9110, 13.1.2). */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === '*' || one === etag);
}
