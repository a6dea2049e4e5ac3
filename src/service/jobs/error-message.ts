import { PodreachError } from '../../model/errors.ts';
import type { ErrorCode, ErrorDetails } from '../../model/errors.ts';

/** An error as plain data, from one process or thread to another. */
export interface ErrorMessage {
  /** Absent: a bug. */
  readonly code?: ErrorCode;
  readonly message: string;
  readonly details?: ErrorDetails;
  /** Of a bug. */
  readonly stack?: string;
}

/** What there is to tell of `error`. */
export function errorToMessage(error: unknown): ErrorMessage {
  if (error instanceof PodreachError) {
    return { code: error.code, message: error.message, details: error.details };
  }
  if (!(error instanceof Error)) return { message: String(error) };
  return { message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) };
}

/** The error of {@link errorToMessage}. */
export function errorOfMessage({ code, message, details, stack }: ErrorMessage): Error {
  if (code !== undefined) return new PodreachError(code, message, details);
  const bug = new Error(message);
  if (stack !== undefined) bug.stack = stack;
  return bug;
}
