import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { toJson } from '../../render/wire.ts';
import type { AnswerKind } from '../../render/formats.ts';
import { noteSnapshot } from '../audit-notes.ts';
import { isFresh, tagOf } from '../caching.ts';
import { parseCursor, printCursor, questionHash } from '../cursor.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { checkEngine } from '../engine-check.ts';
import { viewerOf } from '../viewer.ts';
import { ANSWER_VIEW, LIST_VIEW, queryString } from './parameters.ts';
import { CLUSTER_PARAMS, SNAPSHOT_PARAMS } from './path-parameters.ts';
import type { ClusterParams, SnapshotParams } from './path-parameters.ts';
import { CLUSTER, SNAPSHOT, answerResponses, responses } from './response-schemas.ts';
import type { RouteService } from './route-service.ts';
import { rendered } from './body.ts';
import { sendBytes, sendJson } from './send.ts';
import { chosenFields, pickFields } from './view.ts';
import type { ListView, View } from './view.ts';

const ONE = queryString(ANSWER_VIEW);
const LIST = queryString({ ...LIST_VIEW, ...ANSWER_VIEW });
const NOTHING = queryString({});
const GONE = Type.Null({ description: 'it is deleted' });

/** What is stored: clusters and snapshots, to list, read and delete. */
export function addClusterRoutes(app: FastifyInstance, service: RouteService): void {
  const { podreach } = service;
  addLists(app, service);
  app.get<{ Params: ClusterParams; Querystring: Static<typeof ONE> }>(
    '/clusters/:cluster',
    {
      schema: {
        summary: 'one cluster: small, the thing to poll',
        tags: ['snapshots'],
        params: CLUSTER_PARAMS,
        querystring: ONE,
        response: answerResponses('Cluster'),
      },
    },
    async (request, reply) => {
      const cluster = await podreach.cluster(viewerOf(request), request.params.cluster);
      return answerStored(request, reply, { kind: 'cluster-list', body: cluster, schema: CLUSTER });
    },
  );
  app.get<{ Params: SnapshotParams; Querystring: Static<typeof ONE> }>(
    '/snapshots/:ref',
    {
      schema: {
        summary: 'one snapshot: counts, coverage, problems',
        tags: ['snapshots'],
        params: SNAPSHOT_PARAMS,
        querystring: ONE,
        response: answerResponses('Snapshot'),
      },
    },
    async (request, reply) => {
      const snapshot = await podreach.snapshot(viewerOf(request), request.params.ref);
      noteSnapshot(request, snapshot);
      checkEngine(request.query.engine, snapshot.engine);
      return answerStored(request, reply, { kind: 'snapshot', body: snapshot, schema: SNAPSHOT });
    },
  );
  addDeletions(app, service);
}

function addLists(app: FastifyInstance, { podreach }: RouteService): void {
  const { engine } = podreach;
  app.get<{ Querystring: Static<typeof LIST> }>(
    '/clusters',
    {
      schema: {
        summary: 'the clusters, by name',
        tags: ['snapshots'],
        querystring: LIST,
        response: answerResponses('ClusterPage'),
      },
    },
    (request, reply) =>
      answerStoredList(request, reply, {
        kind: 'cluster-list',
        engine,
        question: questionHash('clusters', {}),
        schema: CLUSTER,
        read: (after, limit) =>
          podreach.clusters(viewerOf(request), {
            ...(after.name === '' ? {} : { after: after.name }),
            limit,
          }),
        nameOf: ({ name }) => name,
      }),
  );
  app.get<{ Params: ClusterParams; Querystring: Static<typeof LIST> }>(
    '/clusters/:cluster/snapshots',
    {
      schema: {
        summary: 'the snapshots of a cluster, the newest first',
        tags: ['snapshots'],
        params: CLUSTER_PARAMS,
        querystring: LIST,
        response: answerResponses('SnapshotPage'),
      },
    },
    (request, reply) => {
      const { cluster } = request.params;
      return answerStoredList(request, reply, {
        kind: 'snapshot-list',
        engine,
        question: questionHash('snapshots', { cluster }),
        schema: SNAPSHOT,
        read: ({ offset }, limit) =>
          podreach.snapshots(viewerOf(request), cluster, { offset, limit }),
        nameOf: ({ id }) => id,
      });
    },
  );
}

function addDeletions(app: FastifyInstance, { podreach }: RouteService): void {
  app.delete<{ Params: ClusterParams }>(
    '/clusters/:cluster',
    {
      schema: {
        summary: 'delete a cluster with all its snapshots',
        tags: ['snapshots'],
        params: CLUSTER_PARAMS,
        querystring: NOTHING,
        response: responses({ 204: GONE }),
      },
    },
    async (request, reply) => {
      await podreach.deleteCluster(viewerOf(request), request.params.cluster);
      return reply.code(204).send();
    },
  );
  app.delete<{ Params: SnapshotParams }>(
    '/snapshots/:ref',
    {
      schema: {
        summary: 'delete a snapshot; only by its id',
        tags: ['snapshots'],
        params: SNAPSHOT_PARAMS,
        querystring: NOTHING,
        response: responses({ 204: GONE }),
      },
    },
    async (request, reply) => {
      await podreach.deleteSnapshot(viewerOf(request), request.params.ref);
      return reply.code(204).send();
    },
  );
}

function answerStored(
  request: FastifyRequest<{ Querystring: View }>,
  reply: FastifyReply,
  stored: {
    readonly kind: AnswerKind;
    readonly body: object;
    readonly schema: typeof CLUSTER | typeof SNAPSHOT;
  },
): FastifyReply {
  const view = request.query;
  const fields = chosenFields(view, stored.schema);
  const body = pickFields(toJson(stored.body), fields);
  const tag = tagOf([stored.kind, view.format, body]);
  if (isFresh(request, reply, tag, false)) return reply.send();
  if (view.format === 'json') return sendJson(reply, body);
  const isList = stored.kind === 'cluster-list';
  return sendBytes(reply, rendered(stored.kind, view.format, isList ? { items: [body] } : body));
}

/** A list that the store pages: by name, or by offset. */
interface StoredList<Row> {
  readonly kind: AnswerKind;
  readonly engine: string;
  readonly question: string;
  readonly schema: typeof CLUSTER | typeof SNAPSHOT;
  /** `after.name` is empty on the first page. */
  readonly read: (
    after: { readonly name: string; readonly offset: number },
    limit: number,
  ) => Promise<{ items: Row[]; totalCount: number }>;
  readonly nameOf: (row: Row) => string;
}

async function answerStoredList<Row extends object>(
  request: FastifyRequest<{ Querystring: ListView }>,
  reply: FastifyReply,
  stored: StoredList<Row>,
): Promise<FastifyReply> {
  const view = request.query;
  const { engine, question, nameOf } = stored;
  const fields = chosenFields(view, stored.schema);
  const cursor =
    view.cursor === undefined ? undefined : parseCursor(view.cursor, { engine, question });
  const start = cursor?.offset ?? 0;
  const limit = view.limit ?? HTTP_LIMITS.pageRowsDefault;
  const after = { name: cursor?.snapshot ?? '', offset: start };
  const { items, totalCount } = await stored.read(after, limit);
  const end = start + items.length;
  const last = items.at(-1);
  const nextCursor =
    last === undefined || totalCount <= end
      ? null
      : printCursor({ snapshot: nameOf(last), engine, question, offset: end });
  const rows = items.map((row) => pickFields(toJson(row), fields));
  const body = { items: rows, totalCount, nextCursor };
  const tag = tagOf([stored.kind, view.format, body]);
  if (isFresh(request, reply, tag, false)) return reply.send();
  if (view.format === 'json') return sendJson(reply, body);
  return sendBytes(reply, rendered(stored.kind, view.format, body));
}
