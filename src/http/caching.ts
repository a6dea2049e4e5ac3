import type { FastifyReply, FastifyRequest } from 'fastify';
import { canonicalText, hashOf } from './cursor.ts';

/** Characters of a hash in a tag: 162 bits. */
const TAG_CHARS = 27;

/** The tag of an answer of which `parts` are everything that its bytes depend on. */
export function tagOf(parts: readonly unknown[]): string {
  return hashOf(canonicalText(parts)).slice(0, TAG_CHARS);
}

/**
 * Says how an answer may be cached, and whether the caller has it already: then the reply is 304
 * and nothing needs to be computed.
 *
 * @param tag names the bytes of the answer
 * @param isImmutable the URL names both a snapshot id and the engine
 */
export function isFresh(
  request: FastifyRequest,
  reply: FastifyReply,
  tag: string,
  isImmutable: boolean,
): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  const etag = `"${tag}"`;
  void reply
    .header('etag', etag)
    .header('vary', varyOf(reply))
    .header(
      'cache-control',
      isImmutable ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    );
  const known = request.headers['if-none-match'];
  const isKnown = known !== undefined && matches(known, etag);
  if (isKnown) void reply.code(304);
  return isKnown;
}

/** What of a request an answer may hang on besides its URL, the origin of a page where that counts. */
export function varyOf(reply: FastifyReply): string {
  const isForPages = reply.getHeader('vary') === 'Origin';
  return `Authorization, Accept, Accept-Encoding${isForPages ? ', Origin' : ''}`;
}

/** `If-None-Match` compares weakly (RFC 9110, 13.1.2). */
function matches(header: string, etag: string): boolean {
  return header
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === '*' || one === etag);
}
