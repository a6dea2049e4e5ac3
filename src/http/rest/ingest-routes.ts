import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { ERROR_CODES, PodreachError } from '../../model/errors.ts';
import { choiceOf } from '../../model/reading.ts';
import { toJson } from '../../render/wire.ts';
import type { JsonObject } from '../../render/wire.ts';
import { checkIngest, checkScope, mayRead } from '../../service/authorise.ts';
import { checkClusterName, parseTime } from '../../service/snapshot-ref.ts';
import type { IngestOptions } from '../../service/podreach.ts';
import { noteSnapshot } from '../audit-notes.ts';
import { internalError, problemOf, publicError } from '../errors.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { linkFrom } from '../links.ts';
import { viewerOf } from '../viewer.ts';
import { createIngestJobs } from './ingest-jobs.ts';
import type { IngestJob, IngestJobs } from './ingest-jobs.ts';
import { ASSUME, READING_PARAMETERS, SOURCE_PARAMETER, queryString } from './parameters.ts';
import { CLUSTER_PARAMS, INGEST_HEADERS, INGEST_PARAMS } from './path-parameters.ts';
import type { ClusterParams, IngestParams } from './path-parameters.ts';
import { responses } from './response-schemas.ts';
import { schemaRef } from './model-schemas.ts';
import type { RouteService } from './route-service.ts';
import { sendJson } from './send.ts';
import { checkUploadHeaders, countedBytes, drainUpload, uploadOf } from './upload.ts';

const INGEST = queryString({
  takenAt: Type.Optional(
    Type.String({
      description:
        'when the objects were read (ISO 8601), at most five minutes ahead. Default: now',
      examples: ['2026-08-01T00:00:00Z'],
    }),
  ),
  source: Type.Optional(SOURCE_PARAMETER),
  assume: Type.Optional(ASSUME),
  strict: Type.Boolean({
    default: false,
    description: 'refuse (422) instead of keeping errors with the snapshot',
  }),
  ...READING_PARAMETERS,
  async: Type.Boolean({
    default: false,
    description: 'answer 202 once the bytes are here; ask `GET /ingests/{id}` for the rest',
  }),
});

type IngestRequest = FastifyRequest<{ Params: ClusterParams; Querystring: Static<typeof INGEST> }>;

/** What the description of the API names; the bytes decide. */
const UPLOAD_TYPES = [
  'application/json',
  'application/yaml',
  'application/x-ndjson',
  'application/x-tar',
  'application/gzip',
];

/** Uploads. Their bodies are streams, so they have content types of their own. */
export function addIngestRoutes(
  app: FastifyInstance,
  service: RouteService,
  uploadBytesMax: number,
): void {
  const jobs = createIngestJobs();
  app.addHook('onClose', () => jobs.settled());
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => {
    done(null);
  });
  app.post<{ Params: ClusterParams; Querystring: Static<typeof INGEST> }>(
    '/clusters/:cluster/snapshots',
    {
      handlerTimeout: HTTP_LIMITS.requestTimeoutMs,
      schema: {
        summary: 'take in the objects of a cluster as a snapshot',
        description:
          'The body is JSON, YAML, NDJSON or a tar archive of such files, each also gzip: a ' +
          'Kubernetes List, one object, or many, or what `kubectl cluster-info dump`, ' +
          '`oc adm inspect`, Velero or a support bundle leave. Sending what the latest snapshot holds already is harmless.',
        tags: ['snapshots'],
        consumes: UPLOAD_TYPES,
        params: CLUSTER_PARAMS,
        headers: INGEST_HEADERS,
        querystring: INGEST,
        response: responses({
          200: schemaRef('Snapshot'),
          201: schemaRef('Snapshot'),
          202: schemaRef('IngestJob'),
        }),
      },
    },
    async (request, reply) => {
      try {
        checkUploadHeaders(request, uploadBytesMax);
        return await takeIn(request, reply, { ...service, jobs, uploadBytesMax });
      } catch (error) {
        await drainUpload(request);
        void reply.header('connection', 'close');
        throw error;
      }
    },
  );
  app.get<{ Params: IngestParams }>(
    '/ingests/:id',
    {
      schema: {
        summary: 'how far an upload with `async=true` is',
        tags: ['snapshots'],
        params: INGEST_PARAMS,
        querystring: queryString({}),
        response: responses({ 200: schemaRef('IngestJob') }),
      },
    },
    async (request, reply) => {
      const viewer = viewerOf(request);
      checkScope(viewer, 'ingest');
      const job = jobs.find(request.params.id);
      if (job !== undefined && mayRead(viewer, job.cluster)) {
        return sendJson(reply.header('cache-control', 'no-store'), jobToJson(job));
      }
      throw new PodreachError(
        'not-found',
        'no such ingest, or it ended long ago; sending the same objects again is harmless',
      );
    },
  );
}

async function takeIn(
  request: IngestRequest,
  reply: FastifyReply,
  {
    podreach,
    basePath,
    jobs,
    uploadBytesMax,
  }: RouteService & { readonly jobs: IngestJobs; readonly uploadBytesMax: number },
): Promise<FastifyReply> {
  const { cluster } = request.params;
  const options = { ...optionsOf(request.query), ...keyOf(request) };
  checkClusterName(cluster);
  checkIngest(viewerOf(request), cluster);
  if (request.query.async) {
    const bytes = countedBytes(request, uploadBytesMax);
    const job = await jobs.start(cluster, bytes, async (inputs, id) => {
      try {
        return await podreach.ingest(viewerOf(request), cluster, inputs, options);
      } catch (error) {
        logFailure(request, id, error);
        throw error;
      }
    });
    void reply
      .code(202)
      .header('location', linkFrom(request.url, `${basePath}/api/v1/ingests/${job.id}`));
    return sendJson(reply, jobToJson(job));
  }
  const inputs = uploadOf(request, uploadBytesMax);
  const { snapshot, created } = await podreach.ingest(viewerOf(request), cluster, inputs, options);
  noteSnapshot(request, snapshot);
  void reply
    .code(created ? 201 : 200)
    .header('location', linkFrom(request.url, `${basePath}/api/v1/snapshots/${snapshot.id}`))
    .header('cache-control', 'no-store');
  return sendJson(reply, toJson(snapshot));
}

/** The caller has its answer already, and what failed is looked up under the id of the job. */
function logFailure(request: FastifyRequest, ingest: string, error: unknown): void {
  const shown = publicError(error) ?? internalError();
  if (500 <= ERROR_CODES[shown.code].status) {
    request.log.error({ err: error, code: shown.code, ingest }, 'ingest failed');
  } else request.log.info({ code: shown.code, detail: shown.message, ingest }, 'ingest refused');
}

/** By then the header is as its schema says. */
function keyOf({ headers }: FastifyRequest): Pick<IngestOptions, 'idempotencyKey'> {
  const idempotencyKey = headers['idempotency-key'];
  return typeof idempotencyKey === 'string' ? { idempotencyKey } : {};
}

/** @throws `bad-query` */
function optionsOf(query: Static<typeof INGEST>): IngestOptions {
  const { takenAt, source, assume, strict } = query;
  return {
    // An unescaped `+02:00` arrives as a space.
    ...(takenAt === undefined ? {} : { takenAt: parseTime(takenAt.replace(' ', '+'), 'takenAt') }),
    ...(source === undefined ? {} : { source: source === 'live' ? 'LIVE' : 'MANIFESTS' }),
    ...(assume === undefined ? {} : { assumeNoPolicies: true }),
    strict,
    ...choiceOf(query),
  };
}

function jobToJson({ id, cluster, state }: IngestJob): JsonObject {
  const { status } = state;
  if (state.status === 'RUNNING') return { id, cluster, status };
  if (state.status === 'DONE') {
    const { created, snapshot } = state.result;
    return { id, cluster, status, created, snapshot: toJson(snapshot) };
  }
  const error = publicError(state.error) ?? internalError();
  return { id, cluster, status, error: problemOf(error, id) };
}
