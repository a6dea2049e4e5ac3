import type { FastifyRequest } from 'fastify';
import { escapeForTerminals } from '../render/json.ts';

/** Longest text of a caller's in a line, and longest stack of a bug's. */
const TEXT_CHARS_MAX = 256;
const STACK_CHARS_MAX = 8192;
const CAUSES_MAX = 3;

/** A logger's options, with the stream it writes to. */
export interface LogOptions {
  readonly level?: string;
  readonly stream?: { readonly write: (line: string) => void };
}

/**
 * The logger that `options` describe, made safe for what callers send: a line is one line whatever is in
 * it, also on a terminal, and no longer than what we want to know. Headers and bodies are not logged, so
 * neither are tokens.
 */
export function safeLogger({ stream, ...options }: LogOptions): object {
  return {
    ...options,
    serializers: { req: requestOf, err: errorOf },
    ...(stream === undefined
      ? {}
      : { stream: { write: (line: string) => stream.write(escapeForTerminals(line)) } }),
  };
}

/** What a message says of a caller's request, short enough for a log. */
export function logText(text: string, charsMax = TEXT_CHARS_MAX): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax)}…`;
}

function requestOf({ method, url, headers, ip }: FastifyRequest): object {
  const { host = '' } = headers;
  return { method, url: logText(url), host: logText(host), remoteAddress: ip };
}

function errorOf(error: unknown, causes = 0): object {
  if (!(error instanceof Error)) return { type: typeof error, message: logText(String(error)) };
  const { name, message, stack = '', cause } = error;
  return {
    type: name,
    message: logText(message, STACK_CHARS_MAX),
    stack: logText(stack, STACK_CHARS_MAX),
    ...(cause === undefined || causes === CAUSES_MAX ? {} : { cause: errorOf(cause, causes + 1) }),
  };
}
