import type { Path, PathVerdict } from '../../model/answer.ts';
import { PodreachError } from '../../model/errors.ts';
import { inSteps } from '../query.ts';
import type { PathArgs, PathMember, Query, Steps } from '../query.ts';
import type { ReachIndex } from '../reach-index.ts';
import { path, pathFor, pathVerdictWithReasons } from './path.ts';
import { isOfQuestion } from './question-errors.ts';

/** A batch of `path` questions. */
export interface PathsArgs {
  /** One that the caller could not read is its error already. */
  readonly questions: readonly (PathArgs | PodreachError)[];
  readonly detail: 'verdict' | 'full';
  /** What is read of full answers, which is worked out in steps. Default: everything. */
  readonly reads?: ReadonlySet<PathMember>;
}

/**
 * Answers in the order of the questions; one that cannot be asked is its error, in its place.
 *
 * @throws PodreachError what is wrong with the snapshot, such as that it was deleted meanwhile
 */
export const paths: Query<PathsArgs, readonly (Path | PathVerdict | PodreachError)[]> = inSteps(
  function* (index, { questions, detail, reads }) {
    const full = reads === undefined ? path : pathFor(reads);
    const query = detail === 'full' ? full : pathVerdictWithReasons;
    const answers: (Path | PathVerdict | PodreachError)[] = [];
    for (const question of questions) {
      answers.push(
        question instanceof PodreachError ? question : yield* answerOf(query, index, question),
      );
      if (questions.length !== 1) yield;
    }
    return answers;
  },
);

function* answerOf<Answer>(
  query: Query<PathArgs, Answer>,
  index: ReachIndex,
  question: PathArgs,
): Steps<Answer | PodreachError> {
  try {
    return query.steps === undefined ? query(index, question) : yield* query.steps(index, question);
  } catch (error) {
    if (isOfQuestion(error)) return error;
    throw error;
  }
}
