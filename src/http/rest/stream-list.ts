import { pipeline } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LazyList, ReachList, SnapshotHeader } from '../../model/answer.ts';
import { csv, csvHeader, csvRows } from '../../render/csv.ts';
import type { ListParts } from '../../engine/queries/list-parts.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import type { AnswerKind } from '../../render/formats.ts';
import { rowWriter } from '../../render/json-text.ts';
import { escapeForTerminals } from '../../render/json.ts';
import { ndjson, ndjsonEnd, ndjsonRow } from '../../render/ndjson.ts';
import { toJson } from '../../render/wire.ts';
import { TURNS } from '../../service/turns.ts';
import { BytePieces } from '../byte-pieces.ts';
import { SharedRowWriter } from '../shared-rows.ts';
import { rowSlices, writtenInSlices } from '../slices.ts';
import { reachForm } from './reach-form.ts';

/** A list that is streamed whole. */
export interface Stream<Row extends object> {
  readonly kind: AnswerKind;
  readonly snapshot: SnapshotHeader;
  readonly list: LazyList<Row> & Partial<Pick<ReachList, 'shared'>>;
  readonly fields: readonly string[] | undefined;
}

/** A list in parts. */
export interface PartStream {
  readonly kind: AnswerKind;
  readonly list: ListParts;
  readonly fields: readonly string[] | undefined;
}

/** Whether lists in `format` are streamed whole, without pages. */
export function isStreamed(format: string): format is 'ndjson' | 'csv' {
  return format === 'ndjson' || format === 'csv';
}

/**
 * Sends all rows, made while they are sent: as fast as the caller reads, and none any more once the
 * caller is gone.
 *
 * The deadline of a question ends when its first byte is sent; from then on a caller may take long,
 * but not stand still for as long as an idle connection may.
 */
export function streamList<Row extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  format: 'ndjson' | 'csv',
  stream: Stream<Row>,
): Promise<FastifyReply> {
  return send(request, reply, format, () =>
    format === 'csv' ? csvBytes(stream) : ndjsonBytes(stream),
  );
}

/** Likewise for a list that comes in parts: how many rows there were is known at its end. */
export function streamParts(
  request: FastifyRequest,
  reply: FastifyReply,
  format: 'ndjson' | 'csv',
  stream: PartStream,
): Promise<FastifyReply> {
  return send(request, reply, format, () => partBytes(format, stream));
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  format: 'ndjson' | 'csv',
  bytes: () => AsyncGenerator<Buffer>,
): Promise<FastifyReply> {
  const { mediaType } = format === 'csv' ? csv : ndjson;
  void reply.header('content-type', mediaType);
  if (request.method === 'HEAD') return reply.send();
  reply.hijack();
  // A library border: what a handler set is what node takes.
  reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>);
  try {
    await pipeline(bytes(), reply.raw);
  } catch (error) {
    // The pipeline has cut the connection: a caller sees that the end is missing.
    if (hasLeft(error)) request.log.info('the caller left before the end of a list');
    else request.log.error({ err: error }, 'a list was cut off');
  }
  return reply;
}

/** Errors of streams have a code. */
function hasLeft(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === 'ERR_STREAM_PREMATURE_CLOSE';
}

async function* ndjsonBytes<Row extends object>(stream: Stream<Row>): AsyncGenerator<Buffer> {
  const { totalCount, complete } = stream.list;
  yield* ndjsonRows(stream);
  yield Buffer.from(ndjsonEnd(totalCount, complete));
}

async function* ndjsonRows<Row extends object>({
  list,
  fields,
}: Pick<Stream<Row>, 'list' | 'fields'>): AsyncGenerator<Buffer> {
  const { totalCount } = list;
  const shared = list.shared?.();
  if (shared !== undefined) {
    yield* writtenInSlices(
      new SharedRowWriter(shared, reachForm(shared, fields, LINES)),
      0,
      totalCount,
    );
    return;
  }
  const write = rowWriter(fields);
  const bytes = new BytePieces();
  for await (const rows of rowSlices(list, 0, totalCount)) {
    for (const row of rows) bytes.add(ndjsonRow(write(row)));
    yield bytes.take();
  }
}

/** One row a line, as `ndjsonRow` writes it. */
const LINES = { name: 'line', text: escapeForTerminals, before: '', after: '\n' };

async function* csvBytes<Row extends object>(stream: Stream<Row>): AsyncGenerator<Buffer> {
  yield Buffer.from(csvHeader(stream.kind));
  yield* csvRowBytes(stream);
}

async function* csvRowBytes<Row extends object>({
  kind,
  list,
}: Pick<Stream<Row>, 'kind' | 'list'>): AsyncGenerator<Buffer> {
  for await (const rows of rowSlices(list, 0, list.totalCount)) {
    yield Buffer.from(csvRows(kind, { items: rows.map(toJson) }));
  }
}

async function* partBytes(
  format: 'ndjson' | 'csv',
  { kind, list: { parts, complete }, fields }: PartStream,
): AsyncGenerator<Buffer> {
  let count = 0;
  let isComplete = complete;
  let turn = performance.now();
  if (format === 'csv') yield Buffer.from(csvHeader(kind));
  for (const list of parts()) {
    if (list !== undefined) {
      count += list.totalCount;
      isComplete &&= list.complete;
      yield* format === 'csv' ? csvRowBytes({ kind, list }) : ndjsonRows({ list, fields });
    }
    if (performance.now() - turn < HTTP_LIMITS.sliceMs) continue;
    await TURNS.next();
    turn = performance.now();
  }
  if (format === 'ndjson') yield Buffer.from(ndjsonEnd(count, isComplete));
}
