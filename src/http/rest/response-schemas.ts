import { Type } from 'typebox';
import type { TObject, TProperties, TSchema } from 'typebox';
import { ERROR_CODES } from '../../model/errors.ts';
import { formats } from '../../render/formats.ts';
import { EFFECTIVE_PAGE, EXPOSURE_PAGE, EXPOSURE_SCHEMAS } from './exposure-schemas.ts';
import { MODEL_SCHEMAS, schemaRef } from './model-schemas.ts';
import { WAY_IN_SCHEMAS } from './way-in-schemas.ts';

const page = (id: string, description: string, item: string, more: TProperties = {}): TObject =>
  Type.Object(
    {
      snapshot: schemaRef('SnapshotHeader'),
      ...more,
      complete: Type.Boolean({
        description: 'false when a missing fact could add or change rows',
      }),
      reasons: Type.Array(schemaRef('Reason'), { description: 'about the whole list' }),
      problems: Type.Array(schemaRef('InputProblem'), {
        description: 'problems of the snapshot that could change it',
      }),
      items: Type.Array(schemaRef(item), { description: 'rows of this page' }),
      totalCount: Type.Integer({ minimum: 0, description: 'rows of all pages' }),
      nextCursor: Type.Union([Type.String(), Type.Null()], {
        description: 'cursor of the next page; null on the last',
      }),
    },
    { $id: id, description },
  );

const COUNTS = {
  counts: schemaRef('VerdictCounts'),
  unreachable: Type.Optional(
    Type.Array(schemaRef('Peer'), {
      description:
        'only in `connectivity` over everything: groups of pods that no other pod may reach, ' +
        'at most 1,000',
    }),
  ),
  unreachableCount: Type.Optional(
    Type.Integer({ minimum: 0, description: 'how many such groups there are' }),
  ),
};

const storedPage = (id: string, description: string, item: string): TObject =>
  Type.Object(
    {
      items: Type.Array(schemaRef(item), { description: 'rows of this page' }),
      totalCount: Type.Integer({ minimum: 0, description: 'rows of all pages' }),
      nextCursor: Type.Union([Type.String(), Type.Null()], {
        description: 'cursor of the next page; null on the last',
      }),
    },
    { $id: id, description },
  );

/** A stored snapshot. */
export const SNAPSHOT = Type.Object(
  {
    id: Type.String({ description: 'id of the snapshot' }),
    digest: Type.String({ description: 'of its content: equal digests, equal answers' }),
    cluster: Type.String({ description: 'name of the cluster' }),
    takenAt: Type.String({ format: 'date-time', description: 'when the objects were read' }),
    ingestedAt: Type.String({ format: 'date-time', description: 'when it was stored' }),
    source: Type.Unsafe({
      type: 'string',
      enum: ['LIVE', 'MANIFESTS'],
      description: 'a running cluster, or files somebody wrote',
    }),
    sourceDetected: Type.Boolean({ description: 'whether `source` was detected, not told' }),
    assumptions: Type.Array(Type.String(), { description: 'what the ingest was told to assume' }),
    engine: Type.String({ description: 'version and options of the engine' }),
    counts: Type.Array(
      Type.Object({
        apiVersion: Type.String({ description: 'API version' }),
        kind: Type.String({ description: 'kind' }),
        count: Type.Integer({ minimum: 0, description: 'objects' }),
      }),
      { description: 'objects per kind' },
    ),
    coverage: Type.Array(schemaRef('KindCoverage'), { description: 'what it has of each kind' }),
    problems: Type.Array(schemaRef('InputProblem'), { description: 'what readers must know' }),
    hint: Type.Optional(
      Type.String({ description: 'what is missing and the command that fixes it' }),
    ),
  },
  { $id: 'Snapshot', description: 'the content of a cluster at a time' },
);

/** A cluster. */
export const CLUSTER = Type.Object(
  {
    name: Type.String({ description: 'name of the cluster' }),
    latest: Type.Union(
      [
        Type.Object({
          id: Type.String({ description: 'id of the snapshot' }),
          digest: Type.String({ description: 'of its content' }),
          takenAt: Type.String({ format: 'date-time', description: 'when it was taken' }),
          engine: Type.String({ description: 'version and options of the engine' }),
        }),
        Type.Null(),
      ],
      { description: 'the snapshot with the greatest `takenAt`' },
    ),
    lastSeenAt: Type.String({
      format: 'date-time',
      description: 'when it was last ingested, unchanged content included',
    }),
  },
  { $id: 'Cluster', description: 'a cluster: small, the thing to poll' },
);

/** An upload that is taken in after its request was answered. */
export const INGEST_JOB = Type.Object(
  {
    id: Type.String({ description: 'id of the ingest' }),
    cluster: Type.String({ description: 'name of the cluster' }),
    status: Type.Unsafe({
      type: 'string',
      enum: ['RUNNING', 'DONE', 'FAILED'],
      description: 'how far it is',
    }),
    created: Type.Optional(
      Type.Boolean({ description: 'false: the latest snapshot held this content already' }),
    ),
    snapshot: Type.Optional(schemaRef('Snapshot')),
    error: Type.Optional(schemaRef('Problem')),
  },
  { $id: 'IngestJob', description: 'an upload that is taken in after its request was answered' },
);

const NAMES_OR_ALL = Type.Union([Type.Array(Type.String()), Type.Null()]);

const WHOAMI = Type.Object(
  {
    name: Type.String({ description: 'of the token, or `jwt:` and its `sub`' }),
    scopes: Type.Array(Type.Unsafe({ type: 'string', enum: ['read', 'ingest', 'admin'] }), {
      description: 'what the caller may do',
    }),
    clusters: Type.Unsafe({ ...NAMES_OR_ALL, description: 'what the caller may see; null: all' }),
    namespaces: Type.Unsafe({ ...NAMES_OR_ALL, description: 'the same; null: all' }),
    expiresAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'when the credential ends; null: never',
    }),
  },
  { $id: 'Whoami', description: 'who asks' },
);

const PROBLEM = Type.Object(
  {
    type: Type.String({ description: 'the code as a URN' }),
    title: Type.String({ description: 'what the code means' }),
    status: Type.Integer({ description: 'HTTP status' }),
    detail: Type.String({ description: 'what is wrong here, and what would help' }),
    code: Type.Unsafe({
      type: 'string',
      enum: Object.keys(ERROR_CODES),
      description: 'stable code',
    }),
    requestId: Type.String({ description: 'where to look it up in the log' }),
    instance: Type.String({ description: 'this very occurrence' }),
    parameter: Type.Optional(Type.String({ description: 'the parameter that is wrong' })),
    candidates: Type.Optional(
      Type.Array(schemaRef('Peer'), { description: 'what an ambiguous ref can mean' }),
    ),
    suggestions: Type.Optional(
      Type.Array(Type.String(), { description: 'what may have been meant' }),
    ),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          object: Type.String({ description: 'the object, or the file' }),
          field: Type.String({ description: 'field of the object' }),
          message: Type.String({ description: 'what is wrong with it' }),
          file: Type.Optional(Type.String({ description: 'file' })),
          line: Type.Optional(Type.Integer({ description: 'line in the file' })),
        }),
        { description: 'each wrong field of each object' },
      ),
    ),
    retryAfterSeconds: Type.Optional(Type.Integer({ description: 'when to try again' })),
    limitBytes: Type.Optional(Type.Integer({ description: 'the limit that was passed' })),
    receivedBytes: Type.Optional(Type.Integer({ description: 'how much there was' })),
    which: Type.Optional(Type.String({ description: 'which limit it was' })),
    hint: Type.Optional(Type.String({ description: 'what would help' })),
  },
  { $id: 'Problem', description: 'an error (RFC 9457)' },
);

const PATHS = Type.Object(
  {
    snapshot: schemaRef('SnapshotHeader'),
    answers: Type.Array(
      Type.Union([
        schemaRef('PathOfBatch'),
        Type.Object({
          question: Type.Optional(
            Type.Object(
              {
                from: Type.String({ description: 'source as asked' }),
                to: Type.String({ description: 'destination as asked' }),
                port: Type.String({ description: 'ports as asked' }),
              },
              { description: 'absent where it cannot be read' },
            ),
          ),
          error: schemaRef('Problem'),
        }),
      ]),
      { description: 'in the order of the questions, each without the snapshot' },
    ),
  },
  { $id: 'Paths', description: 'the answers of a batch' },
);

/** The answer of `graph`, for the OpenAPI document. */
export const GRAPH = Type.Object(
  {
    snapshot: schemaRef('SnapshotHeader'),
    complete: Type.Boolean({ description: 'false when a missing fact could add or change edges' }),
    counts: schemaRef('VerdictCounts'),
    reasons: Type.Array(schemaRef('Reason'), { description: 'why it is not complete' }),
    problems: Type.Array(schemaRef('InputProblem'), {
      description: 'what in the input could not be understood and matters here',
    }),
    nodes: Type.Array(schemaRef('Peer'), { description: 'the ends of the edges, each once' }),
    edges: Type.Array(
      Type.Object({
        from: Type.String({ description: '`key` of a node' }),
        to: Type.String({ description: '`key` of a node' }),
        verdict: Type.String({ description: 'ALLOWED, PARTIAL or UNDETERMINED' }),
        ports: Type.Array(schemaRef('PortRange'), { description: 'allowed' }),
        undetermined: Type.Array(schemaRef('PortRange'), { description: 'may be allowed' }),
        implicit: Type.Union([Type.String(), Type.Null()], {
          description: 'as in `connectivity`',
        }),
      }),
      { description: 'as the rows of `connectivity`, in their order' },
    ),
    totalCount: Type.Integer({ description: 'how many edges there are; more than `edges` if cut' }),
  },
  { $id: 'Graph', description: 'connectivity as nodes and edges' },
);

/** Every named schema; registered before any route. */
export const SCHEMAS: readonly TObject[] = [
  ...MODEL_SCHEMAS,
  ...EXPOSURE_SCHEMAS,
  ...WAY_IN_SCHEMAS,
  SNAPSHOT,
  CLUSTER,
  INGEST_JOB,
  WHOAMI,
  PROBLEM,
  PATHS,
  GRAPH,
  page('ReachPage', 'a page of pairs that are or may be allowed', 'Reach', COUNTS),
  page('IsolationPage', 'a page of who is isolated', 'Isolation'),
  page('ExposurePage', 'a page of who is exposed', 'Exposure', EXPOSURE_PAGE),
  page('EffectivePage', 'a page of the rules that hold', 'EffectiveRule', EFFECTIVE_PAGE),
  page('PolicyPage', 'a page of policies', 'PolicySummary'),
  page('WayInPage', 'a page of ways in', 'WayIn', { counts: schemaRef('WayInCounts') }),
  page('Resolution', 'what a ref stands for; `items` are its members', 'Peer', {
    ref: Type.String({ description: 'the ref as asked' }),
    peer: schemaRef('Peer'),
    empty: Type.Boolean({ description: 'whether it stands for nothing at the moment' }),
    service: Type.Optional(schemaRef('ServiceResolution')),
  }),
  storedPage('SnapshotPage', 'a page of snapshots, the newest first', 'Snapshot'),
  storedPage('ClusterPage', 'a page of clusters by name', 'Cluster'),
];

/** Responses of a route: `good`, by status, and the problems that every route can have. */
export function responses(
  good: Readonly<Record<number, TSchema | object>>,
): Record<string, unknown> {
  return { ...good, '4xx': PROBLEM_RESPONSE, '5xx': PROBLEM_RESPONSE };
}

/** An answer that can be had in every format, and be known already. */
export function answerResponses(schema: string): Record<string, unknown> {
  const others = [...formats.entries()]
    .filter(([name]) => name !== 'json')
    .map(([, { mediaType }]) => [mediaType.split(';')[0] ?? mediaType, TEXT_CONTENT] as const);
  return {
    200: {
      description: 'the answer',
      content: {
        'application/json': { schema: schemaRef(schema) },
        ...Object.fromEntries(others),
      },
    },
    ...responses({ 304: NOT_MODIFIED }),
  };
}

const TEXT_CONTENT = { schema: Type.String() };

/** The caller has the answer already. */
export const NOT_MODIFIED = Type.Null({ description: 'the answer is the one of `If-None-Match`' });

const PROBLEM_RESPONSE = {
  description: 'an error',
  content: { 'application/problem+json': { schema: schemaRef('Problem') } },
};
