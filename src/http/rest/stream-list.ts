import { pipeline } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LazyList, ReachList, SnapshotHeader } from '../../model/answer.ts';
import { csv, csvHeader, csvRows } from '../../render/csv.ts';
import type { AnswerKind } from '../../render/formats.ts';
import { rowWriter } from '../../render/json-text.ts';
import { escapeForTerminals } from '../../render/json.ts';
import { ndjson, ndjsonEnd, ndjsonRow } from '../../render/ndjson.ts';
import { toJson } from '../../render/wire.ts';
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
export async function streamList<Row extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  format: 'ndjson' | 'csv',
  stream: Stream<Row>,
): Promise<FastifyReply> {
  const { mediaType } = format === 'csv' ? csv : ndjson;
  void reply.header('content-type', mediaType);
  if (request.method === 'HEAD') return reply.send();
  reply.hijack();
  // A library border: what a handler set is what node takes.
  reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>);
  try {
    await pipeline(format === 'csv' ? csvBytes(stream) : ndjsonBytes(stream), reply.raw);
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

async function* ndjsonBytes<Row extends object>({
  list,
  fields,
}: Stream<Row>): AsyncGenerator<Buffer> {
  const { totalCount, complete } = list;
  const shared = list.shared?.();
  if (shared !== undefined) {
    const writer = new SharedRowWriter(shared, reachForm(shared, fields, LINES));
    yield* writtenInSlices(writer, 0, totalCount);
    yield Buffer.from(ndjsonEnd(totalCount, complete));
    return;
  }
  const write = rowWriter(fields);
  const bytes = new BytePieces();
  for await (const rows of rowSlices(list, 0, totalCount)) {
    for (const row of rows) bytes.add(ndjsonRow(write(row)));
    yield bytes.take();
  }
  yield Buffer.from(ndjsonEnd(totalCount, complete));
}

/** One row a line, as `ndjsonRow` writes it. */
const LINES = { name: 'line', text: escapeForTerminals, before: '', after: '\n' };

async function* csvBytes<Row extends object>({ kind, list }: Stream<Row>): AsyncGenerator<Buffer> {
  yield Buffer.from(csvHeader(kind));
  for await (const rows of rowSlices(list, 0, list.totalCount)) {
    yield Buffer.from(csvRows(kind, { items: rows.map(toJson) }));
  }
}
