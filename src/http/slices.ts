import type { LazyList } from '../model/answer.ts';
import { TURNS } from '../service/turns.ts';
import { HTTP_LIMITS } from './http-limits.ts';
import type { SharedRowWriter } from './shared-rows.ts';

/**
 * Rows `start` to `end - 1` of `list`, a few at a time: between slices all other requests have their
 * turn.
 *
 * How many rows a slice has follows from how long the last one took, what the caller did with it
 * included.
 */
export async function* rowSlices<Row>(
  list: Pick<LazyList<Row>, 'totalCount' | 'slice'>,
  start: number,
  end: number,
): AsyncGenerator<readonly Row[]> {
  const { sliceMs, sliceRowsFirst, sliceRowsMax } = HTTP_LIMITS;
  const last = Math.min(end, list.totalCount);
  let size: number = sliceRowsFirst;
  let turn = performance.now();
  for (let at = start; at < last;) {
    const began = performance.now();
    const rows = list.slice(at, Math.min(size, last - at));
    if (rows.length === 0) return;
    yield rows;
    at += rows.length;
    const now = performance.now();
    if (now - began < sliceMs / 4) size = Math.min(2 * size, sliceRowsMax);
    else if (sliceMs / 2 < now - began) size = Math.max(1, size >> 1);
    if (at < last && sliceMs / 2 < now - turn) {
      await TURNS.next();
      turn = performance.now();
    }
  }
}

/** Rows `start` to `end - 1` as bytes, likewise: rows that share what they say take little time. */
export async function* writtenInSlices(
  writer: SharedRowWriter,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  const { sliceMs, sharedRowsFirst, sharedRowsMax } = HTTP_LIMITS;
  let size: number = sharedRowsFirst;
  let turn = performance.now();
  for (let at = start; at < end;) {
    const began = performance.now();
    const count = Math.min(size, end - at);
    const pieces = writer.write(at, count);
    const now = performance.now();
    at += count;
    if (now - began < sliceMs / 4) size = Math.min(4 * size, sharedRowsMax);
    else if (sliceMs / 2 < now - began) size = Math.max(1, size >> 1);
    yield* pieces;
    if (at < end && sliceMs / 2 < now - turn) {
      await TURNS.next();
      turn = performance.now();
    }
  }
}

/** The same rows together. */
export async function rowsBetween<Row>(
  list: Pick<LazyList<Row>, 'totalCount' | 'slice'>,
  start: number,
  end: number,
): Promise<readonly Row[]> {
  const all: Row[] = [];
  for await (const rows of rowSlices(list, start, end)) all.push(...rows);
  return all;
}
