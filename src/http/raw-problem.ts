import { STATUS_CODES } from 'node:http';
import { ERROR_CODES } from '../model/errors.ts';
import type { PodreachError } from '../model/errors.ts';
import { PROBLEM_JSON, challengeOf, problemOf } from './errors.ts';

/**
 * A whole response with a problem document, for connections that no framework answers on. It is the last
 * one there.
 */
export function rawProblem(problem: PodreachError, requestId: string): string {
  const body = JSON.stringify(problemOf(problem, requestId));
  const { status } = ERROR_CODES[problem.code];
  const { retryAfterSeconds } = problem.details;
  const challenge = challengeOf(status);
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    `Content-Type: ${PROBLEM_JSON}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${requestId}`,
    ...(retryAfterSeconds === undefined ? [] : [`Retry-After: ${retryAfterSeconds}`]),
    ...(challenge === undefined ? [] : [`WWW-Authenticate: ${challenge}`]),
    '',
    body,
  ].join('\r\n');
}
