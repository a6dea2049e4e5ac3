import type { AnswerKind, Renderer } from './answer-kind.ts';
import { listAt, member } from './json-access.ts';
import { escapeForTerminals, jsonLine } from './json.ts';
import { rowsOf } from './rows.ts';
import type { Json } from './wire.ts';

/** One row a line; lists end with a line that proves that nothing was cut off. */
export const ndjson: Renderer = {
  mediaType: 'application/x-ndjson; charset=utf-8',
  render: (kind, answer) => {
    const rows = ndjsonRows(kind, answer);
    if (kind === 'path' || kind === 'snapshot') return rows;
    return rows + ndjsonEnd(rowsOf(kind, answer).length, isComplete(answer));
  },
};

/** The rows of one page, each with its line end. */
export function ndjsonRows(kind: AnswerKind, page: Json): string {
  return rowsOf(kind, page)
    .map((row) => ndjsonRow(JSON.stringify(row)))
    .join('');
}

/** A row that is JSON text already, with its line end. */
export function ndjsonRow(json: string): string {
  return `${escapeForTerminals(json)}\n`;
}

/** The last line of a list: a stream without it was cut off. */
export function ndjsonEnd(count: number, complete: boolean): string {
  return `${jsonLine({ end: true, count, complete })}\n`;
}

/** Whether no missing fact and no limit keeps rows out; batches are always whole. */
function isComplete(answer: Json): boolean {
  const total = member(answer, 'totalCount');
  const isWhole = typeof total !== 'number' || total <= listAt(answer, 'items').length;
  return member(answer, 'complete') !== false && isWhole;
}
