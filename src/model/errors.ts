import type { Peer } from './peer.ts';

/**
 * Every error a caller can meet, with the HTTP status and the CLI exit code it becomes.
 *
 * One table, so that REST, GraphQL and the CLI can never disagree. Exit codes: 2 bad usage or bad
 * input, 4 server or store failure.
 */
export const ERROR_CODES = {
  'bad-ref': { status: 400, exit: 2, title: 'The reference cannot be read' },
  'bad-port': { status: 400, exit: 2, title: 'The port cannot be read' },
  'bad-query': { status: 400, exit: 2, title: 'A parameter is wrong or unknown' },
  'ambiguous-ref': { status: 400, exit: 2, title: 'The reference stands for several things' },
  'cursor-mismatch': { status: 400, exit: 2, title: 'The cursor belongs to another question' },
  'bad-encoding': { status: 400, exit: 2, title: 'The body cannot be decompressed or decoded' },
  'answer-too-large': { status: 422, exit: 2, title: 'The answer would be too large' },
  'limit-too-large': { status: 400, exit: 2, title: 'The page is too large' },
  'bad-cluster-name': { status: 400, exit: 2, title: 'The cluster name cannot be used' },
  unauthorized: { status: 401, exit: 2, title: 'Who asks is not known' },
  forbidden: { status: 403, exit: 2, title: 'The credential does not permit this' },
  'bad-host': { status: 403, exit: 2, title: 'The Host header is not on the allow-list' },
  'bad-origin': { status: 403, exit: 2, title: 'A page of another origin may not do this' },
  'snapshot-not-found': { status: 404, exit: 2, title: 'No such snapshot' },
  'cluster-not-found': { status: 404, exit: 2, title: 'No such cluster' },
  'ref-not-found': { status: 404, exit: 2, title: 'Nothing in the snapshot has this name' },
  'not-found': { status: 404, exit: 2, title: 'No such resource' },
  'method-not-allowed': { status: 405, exit: 2, title: 'The method is not allowed here' },
  'request-too-slow': { status: 408, exit: 4, title: 'The request did not come in time' },
  'upload-too-slow': { status: 408, exit: 4, title: 'The upload is too slow' },
  'key-reused': { status: 409, exit: 2, title: 'The key belongs to another upload' },
  'cursor-expired': { status: 410, exit: 2, title: 'The snapshot behind the cursor is gone' },
  'events-missed': { status: 410, exit: 4, title: 'Events before this moment may be missing' },
  'upload-too-large': { status: 413, exit: 2, title: 'The upload is over a limit' },
  'unsupported-media-type': { status: 415, exit: 2, title: 'The media type is not accepted' },
  'bad-input': { status: 422, exit: 2, title: 'The objects cannot be accepted' },
  'headers-too-large': { status: 431, exit: 2, title: 'The URL and the headers are too long' },
  'too-many-requests': { status: 429, exit: 4, title: 'Too many requests' },
  'snapshot-corrupt': {
    status: 500,
    exit: 4,
    title: 'The stored snapshot does not match its digest',
  },
  'store-failed': { status: 500, exit: 4, title: 'The store failed' },
  internal: { status: 500, exit: 4, title: 'Internal error' },
  busy: { status: 503, exit: 4, title: 'Too busy' },
  'ingest-failed': { status: 503, exit: 4, title: 'The ingest did not end well' },
  'server-unreachable': { status: 502, exit: 4, title: 'The server cannot be reached' },
  'disk-full': { status: 507, exit: 4, title: 'The disk is full' },
} as const;

/** A stable error code; the key of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** One wrong field of one object, for `errors[]` of a problem document. */
export interface InputError {
  /** `NetworkPolicy shop/allow-web`, or the file when no object could be read. */
  readonly object: string;
  /** `spec.ingress[0].ports[0].port`; empty when the whole object is meant. */
  readonly field: string;
  readonly message: string;
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
}

/** What an error can carry besides its message; the members of problem+json. */
export interface ErrorDetails {
  readonly parameter?: string;
  readonly candidates?: readonly Peer[];
  readonly suggestions?: readonly string[];
  readonly errors?: readonly InputError[];
  readonly retryAfterSeconds?: number;
  readonly limitBytes?: number;
  readonly receivedBytes?: number;
  readonly which?: string;
  readonly hint?: string;
}

/**
 * The one error class of the project: something the caller can understand and act on.
 *
 * Messages start in lower case, have no full stop, put input in backticks and say what would help.
 * Everything that is not a `PodreachError` is a bug and is shown as `internal error`.
 */
export class PodreachError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PodreachError';
    this.code = code;
    this.details = details;
  }
}
