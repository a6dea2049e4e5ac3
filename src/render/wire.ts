import type { LazyList, ReachList, SnapshotHeader } from '../model/answer.ts';

/** A JSON value as it goes over the wire. Objects have no prototype: label keys can be anything. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object; members that are absent are not there, never `undefined`. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * `value` as JSON, in the order its members were written: Maps become objects, Dates ISO 8601 text,
 * members that are `undefined` are left out.
 */
export function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(toJson);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const result = Object.create(null) as { [key: string]: Json };
  for (const [key, member] of entries as [string, unknown][]) {
    if (member !== undefined && typeof member !== 'function') result[key] = toJson(member);
  }
  return result;
}

/** One page of a list in the shape of contract 4. `rows` is `list.slice(...)`. */
export function pageToJson<Row>(
  snapshot: SnapshotHeader,
  list: LazyList<Row> & Partial<Pick<ReachList, 'counts' | 'unreachable' | 'unreachableCount'>>,
  rows: readonly Row[],
  nextCursor: string | null,
): JsonObject {
  return toJson({
    snapshot,
    complete: list.complete,
    counts: list.counts,
    unreachable: list.unreachable,
    unreachableCount: list.unreachableCount,
    reasons: list.reasons,
    problems: list.problems,
    items: rows,
    totalCount: list.totalCount,
    nextCursor,
  }) as JsonObject;
}

/** A single answer (a path, a resolution ...) with its snapshot first. */
export function answerToJson(snapshot: SnapshotHeader, answer: object): JsonObject {
  return toJson({ snapshot, ...answer }) as JsonObject;
}
