import { PodreachError } from '../../model/errors.ts';
import type { ErrorCode } from '../../model/errors.ts';

/** What can be wrong with a question itself, whatever happens to the snapshot that it is asked of. */
const OF_QUESTIONS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'bad-ref',
  'bad-port',
  'bad-query',
  'ambiguous-ref',
  'ref-not-found',
  'answer-too-large',
]);

/** Whether another question to the same snapshot may have an answer all the same. */
export function isOfQuestion(error: unknown): error is PodreachError {
  return error instanceof PodreachError && OF_QUESTIONS.has(error.code);
}
