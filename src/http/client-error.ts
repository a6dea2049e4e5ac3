import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { PodreachError } from '../model/errors.ts';
import { rawProblem } from './raw-problem.ts';

/**
 * Answers what is no request of HTTP, of which nothing else here ever hears, with a problem document, and
 * ends the connection: where the next request would begin is not known.
 */
export function refuseBytes(error: Error & { readonly code?: string }, socket: Socket): void {
  // A library border: the answer that is being sent, if there is one. Nothing fits into its middle.
  const { _httpMessage: sending } = socket as { readonly _httpMessage?: ServerResponse | null };
  if (error.code !== 'ECONNRESET' && socket.writable && sending?.headersSent !== true) {
    socket.write(rawProblem(problemFor(error.code), randomUUID()));
  }
  socket.destroy();
}

function problemFor(code: string | undefined): PodreachError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new PodreachError('request-too-slow', 'the request did not come in time');
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new PodreachError('headers-too-large', 'the URL and the headers are too long');
  }
  return new PodreachError('bad-query', 'this is no request of HTTP/1.1');
}
