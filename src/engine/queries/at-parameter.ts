import { PodreachError } from '../../model/errors.ts';
import { isOfQuestion } from './question-errors.ts';

/**
 * Runs `read` and names `parameter` in the error it throws, so that a caller of several refs knows
 * which one is meant (contract 4).
 *
 * @throws PodreachError what `read` throws
 */
export function atParameter<Value>(parameter: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!isOfQuestion(error) || error.details.parameter !== undefined) throw error;
    throw new PodreachError(error.code, error.message, { ...error.details, parameter }, error);
  }
}
