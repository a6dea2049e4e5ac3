import { PodreachError } from '../../model/errors.ts';

/** Pairs of ends that are not alike, of one question: about a second where all are certain. */
export const PAIRS_MAX = 1_000_000;
/** The same where each has to be looked at by itself, and remembered. */
export const CASES_MAX = 100_000;

/** @throws `answer-too-large`: one question must not take the memory of all others */
export function checkPairs(pairs: number, most: number): void {
  if (pairs <= most) return;
  throw new PodreachError(
    'answer-too-large',
    `the two ends make ${pairs} pairs that differ, and one verdict is given about ${most} at most; ` +
      'name a smaller end, or list the pairs with `connectivity`',
  );
}

/** Cases judged or looked at between two pauses; a question about so few is short. */
export const CASES_PER_STEP = 16;
