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

/** Kinds of members of the named end of a list: each of its rows is explained by all of them. */
export const SIDE_GROUPS_MAX = 2_500;

/** @throws `answer-too-large`: a page of such rows would take longer than anybody waits */
export function checkSide(parameter: string, groups: readonly unknown[]): void {
  if (groups.length <= SIDE_GROUPS_MAX) return;
  throw new PodreachError(
    'answer-too-large',
    `\`${parameter}\` holds pods and nodes of ${groups.length} kinds that policies tell apart, and a list is made ` +
      `about ${SIDE_GROUPS_MAX} at most; name a smaller end, or list the pairs with \`connectivity\``,
    { parameter },
  );
}

/** Cases judged or looked at between two pauses; a question about so few is short. */
export const CASES_PER_STEP = 16;
