/** Bytes of answers kept unless told otherwise. */
export const ANSWER_CACHE_BYTES_DEFAULT = 64 * 1024 * 1024;

/** Rows of lists kept for their next pages, of one compiled snapshot, unless told otherwise. */
export const LIST_CACHE_ROWS_DEFAULT = 1_000_000;

/** Lists judged at the same time, and questions that may wait for an index or for that. */
export const QUESTION_LIMITS_DEFAULT = Object.freeze({ runningMax: 64, waitingMax: 2000 });
