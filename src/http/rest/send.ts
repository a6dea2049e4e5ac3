import { setImmediate } from 'node:timers/promises';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { LazyList, SnapshotHeader } from '../../model/answer.ts';
import { PodreachError } from '../../model/errors.ts';
import { csv, csvHeader, csvRows } from '../../render/csv.ts';
import { formats } from '../../render/formats.ts';
import type { AnswerKind } from '../../render/formats.ts';
import { ndjson, ndjsonEnd, ndjsonRows } from '../../render/ndjson.ts';
import { toJson } from '../../render/wire.ts';
import type { Json } from '../../render/wire.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { pickFields } from './view.ts';

/** Media type of JSON answers. */
const JSON_TYPE = 'application/json; charset=utf-8';

/** Sends `answer` in `format`. @throws `bad-query` */
export function sendAnswer(
  reply: FastifyReply,
  kind: AnswerKind,
  format: string,
  answer: Json,
): FastifyReply {
  if (format === 'json') return sendJson(reply, answer);
  const renderer = formats.get(format);
  if (renderer === undefined) {
    throw new PodreachError('bad-query', `unknown format \`${format}\``, { parameter: 'format' });
  }
  return reply.type(renderer.mediaType).send(renderer.render(kind, answer));
}

/** Sends JSON as it is: what a schema says never drops or changes a member. */
export function sendJson(reply: FastifyReply, answer: Json): FastifyReply {
  return reply.type(JSON_TYPE).send(JSON.stringify(answer));
}

/** A list that is streamed whole. */
export interface Stream<Row> {
  readonly kind: AnswerKind;
  readonly snapshot: SnapshotHeader;
  readonly list: LazyList<Row>;
  readonly fields: readonly string[] | undefined;
}

/** Whether lists in `format` are streamed whole, without pages. */
export function isStreamed(format: string): format is 'ndjson' | 'csv' {
  return format === 'ndjson' || format === 'csv';
}

/** Sends all rows, made while they are sent. */
export function sendStream<Row>(
  reply: FastifyReply,
  format: 'ndjson' | 'csv',
  stream: Stream<Row>,
): FastifyReply {
  const { mediaType } = format === 'csv' ? csv : ndjson;
  return reply.type(mediaType).send(Readable.from(linesOf(format, stream)));
}

async function* linesOf<Row>(
  format: 'ndjson' | 'csv',
  { kind, list, fields }: Stream<Row>,
): AsyncGenerator<string> {
  if (format === 'csv') yield csvHeader(kind);
  const { totalCount, complete } = list;
  for (let start = 0; start < totalCount; start += HTTP_LIMITS.streamRowsPerChunk) {
    const rows = list.slice(start, HTTP_LIMITS.streamRowsPerChunk);
    const page = { items: rows.map((row) => pickFields(toJson(row), fields)) };
    yield format === 'csv' ? csvRows(kind, page) : ndjsonRows(kind, page);
    // A long list must not keep all other requests waiting.
    await setImmediate();
  }
  if (format === 'ndjson') yield ndjsonEnd(totalCount, complete);
}
