import type { FastifyReply, FastifyRequest } from 'fastify';
import { ERROR_CODES, PodreachError } from '../model/errors.ts';
import type { ErrorCode } from '../model/errors.ts';
import { logText } from './safe-log.ts';
import { toJson } from '../render/wire.ts';
import type { JsonObject } from '../render/wire.ts';
import { noteOutcome } from './audit-notes.ts';
import { drainUpload } from './rest/upload.ts';

/** Media type of an error over REST. */
export const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/**
 * `error` as something the caller can understand, or undefined for a bug of ours.
 *
 * What fastify itself refuses (media types, bodies, URLs) becomes the code that says the same.
 */
export function publicError(error: unknown): PodreachError | undefined {
  if (error instanceof PodreachError) return error;
  const { code, statusCode } = signsOf(error);
  const known = code === undefined ? undefined : FASTIFY_ERRORS.get(code);
  if (known !== undefined) return new PodreachError(known[0], known[1], {}, error);
  if (statusCode === undefined || statusCode < 400 || 500 <= statusCode) return undefined;
  return new PodreachError('bad-query', 'the request cannot be read', {}, error);
}

/** The members of a problem that are the same in REST and in GraphQL `extensions`. */
export function problemMembers(error: PodreachError, requestId: string): JsonObject {
  // A library border: what toJson makes of an object is one.
  return toJson({ code: error.code, ...error.details, requestId }) as JsonObject;
}

/** A problem document (RFC 9457). */
export function problemOf(error: PodreachError, requestId: string): JsonObject {
  const { status, title } = ERROR_CODES[error.code];
  return {
    type: `urn:podreach:error:${error.code}`,
    title,
    status,
    detail: error.message,
    instance: `urn:podreach:request:${requestId}`,
    ...problemMembers(error, requestId),
  };
}

/** What a caller gets to see of a bug: nothing but where to look it up. */
export function internalError(): PodreachError {
  return new PodreachError(
    'internal',
    'internal error; the log of the server has it under this request id',
  );
}

/**
 * Answers what went wrong with a request. The rest of a body that is too large is read for a moment: a
 * sender that is cut off while it sends sees no answer.
 */
export async function refuse(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (signsOf(error).code === 'FST_ERR_CTP_BODY_TOO_LARGE') await drainUpload(request);
  sendProblem(error, request, reply);
  return reply;
}

/** What a caller who has to say who they are is asked for, as `WWW-Authenticate`. */
export function challengeOf(status: number): string | undefined {
  return status === 401 ? 'Bearer realm="podreach"' : undefined;
}

/** Answers with a problem document; logs what is not the caller's doing, whole. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const shown = publicError(error) ?? internalError();
  const { status } = ERROR_CODES[shown.code];
  if (500 <= status) request.log.error({ err: error, code: shown.code }, 'request failed');
  else request.log.info({ code: shown.code, detail: logText(shown.message) }, 'request refused');
  const { retryAfterSeconds } = shown.details;
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds);
  const challenge = challengeOf(status);
  if (challenge !== undefined) void reply.header('www-authenticate', challenge);
  noteOutcome(request, shown.code);
  void reply
    .removeHeader('etag')
    .removeHeader('vary')
    .header('cache-control', 'no-store')
    .code(status)
    .type(PROBLEM_JSON)
    .send(JSON.stringify(problemOf(shown, request.id)));
}

const FASTIFY_ERRORS: ReadonlyMap<string, readonly [code: ErrorCode, message: string]> = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', ['upload-too-large', 'the body is over the limit of this route']],
  [
    'FST_ERR_CTP_INVALID_MEDIA_TYPE',
    ['unsupported-media-type', 'this route reads `Content-Type: application/json`'],
  ],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', ['bad-query', 'the body is empty; send JSON']],
  ['FST_ERR_CTP_INVALID_JSON_BODY', ['bad-query', 'the body is not valid JSON']],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', ['bad-query', 'the body is not as long as was announced']],
  ['FST_ERR_BAD_URL', ['bad-query', 'the URL cannot be decoded; `%` must be written as `%25`']],
  ['FST_ERR_MAX_PARAM_LENGTH', ['bad-query', 'a part of the path is too long']],
  ['FST_ERR_HANDLER_TIMEOUT', ['busy', 'the question took too long; ask for less, or try again']],
] as const);

function signsOf(error: unknown): { readonly code?: string; readonly statusCode?: number } {
  if (!(error instanceof Error)) return {};
  const code = Object.getOwnPropertyDescriptor(error, 'code')?.value as unknown;
  const status = Object.getOwnPropertyDescriptor(error, 'statusCode')?.value as unknown;
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof status === 'number' ? { statusCode: status } : {}),
  };
}
