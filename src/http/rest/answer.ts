import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TObject } from 'typebox';
import type { Query } from '../../engine/query.ts';
import type { LazyList, ReachList } from '../../model/answer.ts';
import { PodreachError } from '../../model/errors.ts';
import type { AnswerKind } from '../../render/formats.ts';
import { answerToJson, pageToJson, toJson } from '../../render/wire.ts';
import type { JsonObject } from '../../render/wire.ts';
import { isFresh } from '../caching.ts';
import { parseCursor, printCursor, questionHash } from '../cursor.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { pinSnapshot, whilePinned } from '../pin-snapshot.ts';
import { viewerOf } from '../viewer.ts';
import type { RouteService } from './route-service.ts';
import { isStreamed, sendAnswer, sendStream } from './send.ts';
import { chosenFields, pickFields } from './view.ts';
import type { ListView, View } from './view.ts';

/** A question of a request. */
export interface Asked<Args extends object, Result> {
  /** Name of the question: part of cursors and ETags. */
  readonly name: string;
  readonly kind: AnswerKind;
  /** Snapshot ref. */
  readonly ref: string;
  readonly query: Query<Args, Result>;
  readonly args: Args;
  /** Members of the answer, or of the rows of a list: what `fields` can name. */
  readonly schema: TObject;
}

/** A list with what stands before its rows. */
export interface Listing<Row> {
  readonly list: LazyList<Row> & Partial<Pick<ReachList, 'counts'>>;
  readonly more?: object;
}

/** Answers with one thing. `toBody` makes its JSON. */
export async function answerOne<Args extends object, Result>(
  request: FastifyRequest,
  reply: FastifyReply,
  { podreach }: RouteService,
  asked: Asked<Args, Result> & {
    readonly view: View;
    readonly toBody: (result: Result) => object;
  },
): Promise<FastifyReply> {
  const { name, kind, ref, query, args, view } = asked;
  const fields = chosenFields(view, asked.schema);
  const viewer = viewerOf();
  const snapshot = await podreach.snapshot(viewer, ref);
  const parts = [snapshot.id, podreach.engine, name, args, view.format, fields ?? null];
  if (isFresh(request, reply, parts, isImmutable(ref, snapshot.id, view))) return reply.send();
  const answer = await podreach.ask(viewer, snapshot.id, query, args);
  const body = answerToJson(answer.snapshot, asked.toBody(answer.result));
  const shown = fields === undefined ? body : pickFields(body, ['snapshot', ...fields]);
  return sendAnswer(reply, kind, view.format, shown);
}

/** Answers with a page of a list, or streams all of it. `toListing` finds the list in the result. */
export async function answerList<Args extends object, Result, Row>(
  request: FastifyRequest,
  reply: FastifyReply,
  { podreach }: RouteService,
  asked: Asked<Args, Result> & {
    readonly view: ListView;
    readonly toListing: (result: Result) => Listing<Row>;
  },
): Promise<FastifyReply> {
  const { name, kind, ref, query, args, view } = asked;
  const { format } = view;
  refusePages(view);
  const fields = chosenFields(view, asked.schema);
  const { engine } = podreach;
  const question = questionHash(name, args);
  const cursor =
    view.cursor === undefined ? undefined : parseCursor(view.cursor, { engine, question });
  const viewer = viewerOf();
  const { id } = await pinSnapshot(podreach, viewer, ref, cursor);
  const start = cursor?.offset ?? 0;
  const limit = view.limit ?? HTTP_LIMITS.pageRowsDefault;
  const parts = [id, engine, name, args, format, fields ?? null, start, limit];
  if (isFresh(request, reply, parts, isImmutable(ref, id, view))) return reply.send();

  const ask = (): ReturnType<typeof podreach.ask<Args, Result>> =>
    podreach.ask(viewer, id, query, args);
  const { snapshot, result } = await (cursor === undefined ? ask() : whilePinned(ask));
  const { list, more = {} } = asked.toListing(result);
  if (isStreamed(format)) return sendStream(reply, format, { kind, snapshot, list, fields });
  const rows = list.slice(start, limit);
  const end = start + rows.length;
  const hasMore = 0 < rows.length && end < list.totalCount;
  const next = hasMore ? printCursor({ snapshot: id, engine, question, offset: end }) : null;
  const body = withMore(more, pageToJson(snapshot, list, rows, next));
  const shown =
    fields === undefined
      ? body
      : { ...body, items: itemsOf(body).map((row) => pickFields(row, fields)) };
  return sendAnswer(reply, kind, format, shown);
}

/** Only where the URL names a snapshot id and the engine can the answer never change. */
function isImmutable(ref: string, id: string, view: View): boolean {
  return ref === id && view.engine !== undefined;
}

function refusePages({ format, limit, cursor }: ListView): void {
  if (!isStreamed(format)) return;
  for (const [parameter, value] of Object.entries({ limit, cursor })) {
    if (value === undefined) continue;
    throw new PodreachError(
      'bad-query',
      `\`${parameter}\` does not go with \`format=${format}\`, which streams the whole list`,
      { parameter },
    );
  }
}

/** `more` between the snapshot and the rest of a page. */
function withMore(more: object, page: JsonObject): JsonObject {
  // A library border: what toJson makes of an object is one.
  return { snapshot: page['snapshot'] ?? null, ...(toJson(more) as JsonObject), ...page };
}

function itemsOf(body: JsonObject): readonly JsonObject[] {
  // The rows of a page are objects: pageToJson made them.
  return body['items'] as readonly JsonObject[];
}
