import type { Path, PathVerdict } from '../../model/answer.ts';
import { PodreachError } from '../../model/errors.ts';
import type { PathArgs, Query } from '../query.ts';
import { path, pathVerdict } from './path.ts';

/** A batch of `path` questions. */
export interface PathsArgs {
  /** One that the caller could not read is its error already. */
  readonly questions: readonly (PathArgs | PodreachError)[];
  readonly detail: 'verdict' | 'full';
}

/**
 * Answers in the order of the questions; one that cannot be asked is its error, in its place.
 */
export const paths: Query<PathsArgs, readonly (Path | PathVerdict | PodreachError)[]> = (
  index,
  { questions, detail },
) =>
  questions.map((question) => {
    if (question instanceof PodreachError) return question;
    try {
      return detail === 'full' ? path(index, question) : pathVerdict(index, question);
    } catch (error) {
      if (error instanceof PodreachError) return error;
      throw error;
    }
  });
