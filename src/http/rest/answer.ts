import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TObject } from 'typebox';
import type { Query } from '../../engine/query.ts';
import type { ListParts } from '../../engine/queries/list-parts.ts';
import { PodreachError } from '../../model/errors.ts';
import type { AnswerKind } from '../../render/formats.ts';
import { scopeOf } from '../../service/answer-cache.ts';
import type { AnswerBytes } from '../../service/answer-cache.ts';
import type { ListQuestion } from '../../service/list-memo.ts';
import { onceOn } from '../../service/once-per.ts';
import type { Podreach } from '../../service/podreach.ts';
import type { Viewer } from '../../service/viewer.ts';
import { noteQuestion, noteSnapshot } from '../audit-notes.ts';
import { isFresh, tagOf } from '../caching.ts';
import { parseCursor, printCursor, questionHash } from '../cursor.ts';
import { checkEngine } from '../engine-check.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { pinSnapshot, whilePinned } from '../pin-snapshot.ts';
import { viewerOf } from '../viewer.ts';
import { answerBody, pageBody } from './body.ts';
import type { Listing } from './body.ts';
import type { RouteService } from './route-service.ts';
import { sendBytes } from './send.ts';
import { isStreamed, streamList, streamParts } from './stream-list.ts';
import { chosenFields } from './view.ts';
import type { ListView, View } from './view.ts';
import type { Judging } from '../../model/dialect.ts';

/** A question of a request. */
export interface Asked<Args extends object, Result> {
  /** Name of the question: part of cursors and ETags. */
  readonly name: string;
  readonly kind: AnswerKind;
  readonly query: Query<Args, Result>;
  readonly args: Args;
  /** Members of the answer, or of the rows of a list: what `fields` can name. */
  readonly schema: TObject;
}

/** A question with one answer. */
export interface AskedOne<Args extends object, Result> extends Asked<Args, Result> {
  readonly view: View;
  /** Makes the body of the result, without its snapshot. */
  readonly toBody: (result: Result) => object;
  /** Whether the body is the same whoever asks. Default: it is. */
  readonly isShared?: (result: Result) => boolean;
}

/** A question whose answer is a list. */
export interface AskedList<Args extends object, Result, Row extends object> extends Asked<
  Args,
  Result
> {
  readonly view: ListView;
  /** Finds the list in the result. */
  readonly toListing: (result: Result) => Listing<Row>;
  /** The same rows for who streams them, where the list can be too long to be counted first. */
  readonly inParts?: Query<Args, ListParts | undefined>;
}

/**
 * Answers with one thing.
 *
 * What follows from `asked` alone is worked out once for each object: the same query string gives the
 * same object.
 */
export async function answerOne<Args extends object, Result>(
  request: FastifyRequest,
  reply: FastifyReply,
  { podreach }: RouteService,
  ref: string,
  asked: AskedOne<Args, Result>,
): Promise<FastifyReply> {
  const { query, args, kind, view, toBody, isShared } = asked;
  const plan = planOne(asked);
  const viewer = viewerOf(request);
  const judging = judgingOf(view);
  noteQuestion(request, asked.name, args);
  const found = await podreach.snapshot(viewer, ref, judging);
  noteSnapshot(request, found);
  const { id, engine } = found;
  checkEngine(view.engine, engine);
  const { key, etag } = namesOf(plan, podreach, viewer, { id, engine });
  if (isFresh(request, reply, etag, isImmutable(ref, id, view))) return reply.send();
  const known = podreach.answers.known(viewer, key);
  if (known !== undefined) return sendBytes(reply, known);
  const answer = await podreach.answers.answer(viewer, key, async () => {
    const { snapshot, result } = await podreach.ask(viewer, id, query, args, judging);
    const one = { snapshot, answer: toBody(result), fields: plan.fields };
    return { answer: answerBody(kind, view.format, one), keep: isShared?.(result) ?? true };
  });
  return sendBytes(reply, answer);
}

/** Answers with a page of a list, or streams all of it. */
export async function answerList<Args extends object, Result, Row extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  { podreach }: RouteService,
  ref: string,
  asked: AskedList<Args, Result, Row>,
): Promise<FastifyReply> {
  const { kind, view } = asked;
  const plan = planList(asked);
  const cursor =
    view.cursor === undefined ? undefined : parseCursor(view.cursor, { question: plan.hash });
  const viewer = viewerOf(request);
  const judging = judgingOf(view);
  noteQuestion(request, asked.name, asked.args);
  const found = await pinSnapshot(podreach, viewer, ref, { cursor, judging });
  noteSnapshot(request, found);
  const { id, engine } = found;
  checkEngine(view.engine, engine);
  const start = cursor?.offset ?? 0;
  const page = start === 0 ? plan : { ...plan, tag: tagOf([plan.tag, start]), names: undefined };
  const { key, etag } = namesOf(page, podreach, viewer, { id, engine });
  if (isFresh(request, reply, etag, isImmutable(ref, id, view))) return reply.send();
  if (isStreamed(view.format)) {
    const { inParts, args } = asked;
    const parts = inParts && (await podreach.ask(viewer, id, inParts, args, judging));
    if (parts?.result !== undefined) {
      const shown = { kind, list: parts.result, fields: plan.fields };
      return streamParts(request, reply, view.format, shown);
    }
    const { snapshot, result } = await podreach.askList(viewer, id, questionOf(asked), judging);
    const { list } = asked.toListing(result);
    return streamList(request, reply, view.format, { kind, snapshot, list, fields: plan.fields });
  }
  const make = (): Promise<AnswerBytes> =>
    podreach.answers.answer(viewer, key, async () => {
      return { answer: await makePage(podreach, viewer, asked, { id, engine, start }), keep: true };
    });
  return sendBytes(reply, await (cursor === undefined ? make() : whilePinned(make)));
}

async function makePage<Args extends object, Result, Row extends object>(
  podreach: Podreach,
  viewer: Viewer,
  asked: AskedList<Args, Result, Row>,
  { id, engine, start }: Judged & { readonly start: number },
): Promise<AnswerBytes> {
  const { fields, limit, hash } = planList(asked);
  const question = questionOf(asked);
  const { snapshot, result } = await podreach.askList(viewer, id, question, judgingOf(asked.view));
  const listing = asked.toListing(result);
  const { totalCount } = listing.list;
  const end = Math.min(start + limit, totalCount);
  const nextCursor =
    start < end && end < totalCount
      ? printCursor({ snapshot: id, engine, question: hash, offset: end })
      : null;
  const page = { ...listing, snapshot, start, end, nextCursor, fields };
  return pageBody(asked.kind, asked.view.format, page);
}

function questionOf<Args extends object, Result, Row extends object>(
  asked: AskedList<Args, Result, Row>,
): ListQuestion<Args, Result> {
  const { query, args, toListing } = asked;
  const rowCount = (result: Result): number => toListing(result).list.totalCount;
  return { query, args, key: planList(asked).listKey, rowCount };
}

/** What a question is and how its answer is shown: all that its plan follows from. */
interface Shown<SomeView extends View> {
  readonly name: string;
  readonly args: object;
  readonly schema: TObject;
  readonly view: SomeView;
}

/** What follows from a question alone, whatever the snapshot. */
interface Plan {
  /** Names the question and how its answer is shown. */
  readonly tag: string;
  readonly fields: readonly string[] | undefined;
  /** What it was called last: mostly the same snapshot is asked again. */
  names: Names | undefined;
}

/** What an answer about one snapshot is called. */
interface Names {
  readonly podreach: Podreach;
  readonly scope: string;
  readonly id: string;
  readonly engine: string;
  /** In the cache: everything that its bytes depend on. */
  readonly key: string;
  readonly etag: string;
}

interface ListPlan extends Plan {
  readonly limit: number;
  /** Names the question alone. */
  readonly listKey: string;
  /** The same for cursors, shorter. */
  readonly hash: string;
}

/** @throws `bad-query` */
const planOne = onceOn(({ name, args, view, schema }: Shown<View>): Plan => {
  const fields = chosenFields(view, schema);
  return { fields, tag: tagOf([name, args, view.format, fields ?? null]), names: undefined };
});

/** @throws `bad-query` */
const planList = onceOn(({ name, args, view, schema }: Shown<ListView>): ListPlan => {
  refusePages(view);
  const fields = chosenFields(view, schema);
  const limit = view.limit ?? HTTP_LIMITS.pageRowsDefault;
  return {
    fields,
    limit,
    hash: questionHash(name, args),
    listKey: tagOf([name, args]),
    tag: tagOf([name, args, view.format, fields ?? null, limit]),
    names: undefined,
  };
});

/** A snapshot, and the engine by which it is judged. */
interface Judged {
  readonly id: string;
  readonly engine: string;
}

/** See `AnswerCache` for how a key begins. */
function namesOf(plan: Plan, podreach: Podreach, viewer: Viewer, { id, engine }: Judged): Names {
  const { names } = plan;
  const scope = scopeOf(viewer);
  const isSame = names?.id === id && names.engine === engine;
  if (isSame && names.podreach === podreach && names.scope === scope) return names;
  const { tag } = plan;
  const made = {
    podreach,
    scope,
    id,
    engine,
    key: `${id} ${engine} ${tag}`,
    etag: [id, engineTagOf(engine), tag, ...(scope === '' ? [] : [tagOf([scope])])].join('-'),
  };
  plan.names = made;
  return made;
}

/** A dialect can be long, and with commas and quotes. */
function engineTagOf(engine: string): string {
  return tagOf([engine]).slice(0, 8);
}

/** How a question asks to be judged; undefined where it leaves that to the server. */
const judgingOf = onceOn((view: View): Judging | undefined => {
  const { dialect, 'ignore-vendor-policies': ignoreVendorPolicies } = view;
  if (dialect === undefined && ignoreVendorPolicies !== true) return undefined;
  return {
    ...(dialect === undefined ? {} : { dialect }),
    ...(ignoreVendorPolicies === true ? { ignoreVendorPolicies } : {}),
  };
});

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
