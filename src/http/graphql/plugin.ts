import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, NoSchemaIntrospectionCustomRule, OperationTypeNode } from 'graphql';
import type { ExecutionResult, ValidationRule } from 'graphql';
import { mercurius } from 'mercurius';
import type { IResolvers } from 'mercurius';
import { PodreachError } from '../../model/errors.ts';
import type { Podreach } from '../../service/podreach.ts';
import { noteOutcome, noteQuestion } from '../audit-notes.ts';
import { varyOf } from '../caching.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { acceptSockets } from '../live/socket-server.ts';
import type { SocketParts } from '../live/socket-server.ts';
import { viewerOf } from '../viewer.ts';
import { answerKnown } from './answer-known.ts';
import { contextOf } from './context.ts';
import { shownError, shownResult } from './graphql-errors.ts';
import type { Result } from './graphql-errors.ts';
import { readBody, readUrl } from './graphql-request.ts';
import type { FindText, GraphqlRequest } from './graphql-request.ts';
import { PARSE_OPTIONS } from './known-operations.ts';
import { KnownRequests } from './known-requests.ts';
import { RESPONSE_JSON, responseTypeOf } from './media-type.ts';
import { PersistedQueries } from './persisted-queries.ts';
import type { PersistedOptions } from './persisted-queries.ts';
import { queryCost } from './query-cost.ts';
import { queryRepeats } from './query-repeats.ts';
import { abstractTypes, resolvers } from './resolvers.ts';
import { scalars } from './scalars.ts';
import { operationTypeOf } from './operation-type.ts';
import { subscriptionHandlers } from './subscriptions.ts';

/** How GraphQL is served. */
export interface GraphqlOptions extends PersistedOptions {
  /** Whether queries may ask for the schema. Default true. */
  readonly introspection?: boolean;
}

/** What answers a request. */
interface Answering {
  readonly known: KnownRequests;
  readonly persisted: PersistedQueries;
  readonly hidesSchema: boolean;
}

/** What a query must keep besides the rules of GraphQL, however it comes. */
const QUERY_RULES: readonly ValidationRule[] = [queryCost, queryRepeats];

/** How subscriptions are served. */
export interface GraphqlSockets extends Omit<SocketParts, 'operations'> {
  readonly questionTimeoutMs: number;
}

/**
 * `POST` and `GET /graphql`, and WebSockets there.
 *
 * The routes are ours, so that media types, statuses and errors follow GraphQL over HTTP: with
 * `Accept: application/graphql-response+json` a request that cannot be executed is a 4xx; otherwise
 * it is 200, as older clients expect, unless the request is no GraphQL request at all.
 *
 * The library says what is a valid query within all limits, and what is wrong with one that is not.
 * A query that it accepted before is run compiled, past it; and a question that was answered before
 * is answered with the same bytes.
 *
 * Its own routes are not registered, and with them what they would let in: batches, syntax trees in
 * JSON, queries in media types that a page can send without asking, hooks that are dropped, and a socket
 * that validates nothing.
 */
export async function registerGraphql(
  app: FastifyInstance,
  podreach: Podreach,
  schemaText: string,
  { sockets, ...graphql }: GraphqlOptions & { readonly sockets: GraphqlSockets },
): Promise<void> {
  const hidesSchema = graphql.introspection === false;
  const rules = hidesSchema ? [...QUERY_RULES, NoSchemaIntrospectionCustomRule] : QUERY_RULES;
  await app.register(mercurius, {
    schema: schemaText,
    // A library border: the generated resolver types know more than those of the library.
    resolvers: { ...resolvers, ...abstractTypes, ...scalars } as unknown as IResolvers,
    routes: false,
    graphiql: false,
    ide: false,
    allowBatchedQueries: false,
    // What comes twice is compiled by KnownOperations.
    jit: 0,
    cache: HTTP_LIMITS.graphqlQueriesKept,
    queryDepth: HTTP_LIMITS.graphqlDepthMax,
    validationRules: [...rules],
    graphql: {
      parseOptions: PARSE_OPTIONS,
      validateOptions: { maxErrors: HTTP_LIMITS.graphqlErrorsMax },
    },
    // What went wrong is told below; here it only must not be changed.
    errorFormatter: ({ data, errors }) => ({
      statusCode: 200,
      response: { ...(data === undefined ? {} : { data }), errors },
    }),
  });
  const parseJson = app.getDefaultJsonParser('error', 'error');
  // Bodies are kept as text: one that came before needs no reading.
  app.addContentTypeParser(
    ['application/json', RESPONSE_JSON],
    { parseAs: 'string' },
    (_request, body, done) => {
      done(null, body);
    },
  );
  const { schema } = app.graphql;
  const persisted = new PersistedQueries(graphql);
  persisted.checkList(schema);
  const known = new KnownRequests(podreach, schema);
  const answering: Answering = { known, persisted, hidesSchema };
  const options = { bodyLimit: HTTP_LIMITS.graphqlBodyBytesMax, schema: { hide: true } };
  app.post('/graphql', options, (request, reply) => {
    const { body } = request;
    const text = typeof body === 'string' ? body : '';
    return answer(request, reply, answering, text, (findText) => {
      if (typeof body !== 'string') return readBody(body, findText);
      let value: unknown;
      void parseJson(request, body, (error, parsed) => {
        if (error !== null) throw error;
        value = parsed;
      });
      return readBody(value, findText);
    });
  });
  app.get<{ Querystring: Record<string, string[]> }>(
    '/graphql',
    // The library refuses mutations over GET only, and would run them for a HEAD.
    { ...options, exposeHeadRoute: false },
    (request, reply) =>
      // No body is this text: it is no JSON.
      answer(request, reply, answering, `GET ${request.url}`, (findText) =>
        readUrl(onlyValues(request.query), findText),
      ),
  );
  addSubscriptions(app, answering, { rules, sockets });
}

function addSubscriptions(
  app: FastifyInstance,
  { known, persisted, hidesSchema }: Answering,
  parts: { readonly rules: readonly ValidationRule[]; readonly sockets: GraphqlSockets },
): void {
  const { limits, questionTimeoutMs, audit } = parts.sockets;
  acceptSockets(app, {
    ...parts.sockets,
    operations: subscriptionHandlers({
      podreach: known.podreach,
      schema: app.graphql.schema,
      rules: parts.rules,
      hidesSchema,
      textOf: (viewer, asked) => persisted.textOf(viewer, asked),
      subscriptionsMax: limits.socketSubscriptionsMax,
      questionTimeoutMs,
      audit,
    }),
  });
}

/** @param text the request as it came: what it asks follows from its text alone */
async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { known, persisted, hidesSchema }: Answering,
  text: string,
  read: (findText: FindText) => GraphqlRequest,
): Promise<FastifyReply> {
  const responseType = responseTypeOf(request.headers.accept);
  const isModern = responseType === RESPONSE_JSON;
  const mediaType = `${responseType}; charset=utf-8`;
  const send = (status: number, body: Buffer | string): FastifyReply =>
    reply.code(status).header('content-type', mediaType).send(body);
  const asker = {
    requestId: request.id,
    log: request.log,
    hidesSchema,
    noteOutcome: (code: string): void => {
      noteOutcome(request, code);
    },
  };
  const viewer = viewerOf(request);
  let found = known.recall(text);
  let asked: GraphqlRequest;
  try {
    asked = found?.asked ?? read((query) => persisted.textOf(viewer, query));
  } catch (error) {
    // That a hash is not known is said in GraphQL: older clients go on only after a 200.
    const isGraphql = error instanceof GraphQLError;
    if (!isGraphql && !(error instanceof PodreachError)) throw error;
    setHeaders(reply);
    const status = isGraphql && !isModern ? 200 : 400;
    return send(status, JSON.stringify({ errors: [shownError(error, asker)] }));
  }
  noteRequest(request, asked);
  setHeaders(reply);
  found ??= known.recognise(text, asked);
  const answered = found && (await answerKnown(request, reply, found, { ...asker, mediaType }));
  if (answered !== undefined) persisted.remember(viewer, asked.hash, asked.query);
  if (answered === 'not modified') return reply.send();
  if (answered !== undefined) return send(200, answered.body);
  const { status, body } = await execute(asked, request, reply, known.podreach);
  if (body.data !== undefined) {
    known.accept(asked);
    persisted.remember(viewer, asked.hash, asked.query);
  }
  return send(status === 400 && !isModern ? 200 : status, JSON.stringify(shownResult(body, asker)));
}

/** What a mutation brings is a body: only that it was one is told, and so of what may be a broken one. */
function noteRequest(request: FastifyRequest, asked: GraphqlRequest): void {
  if (request.auditNotes === null) return;
  const { query, operationName, variables } = asked;
  const isBody =
    query.includes('mutation') && operationTypeOf(query, operationName) !== OperationTypeNode.QUERY;
  noteQuestion(
    request,
    'graphql',
    isBody ? { operationName } : { operationName, query, variables },
  );
}

function setHeaders(reply: FastifyReply): void {
  void reply.header('cache-control', 'no-store').header('vary', varyOf(reply));
}

/** Runs a query that is not known to be valid. Status 400: nothing was executed. */
async function execute(
  { query, operationName, variables }: GraphqlRequest,
  request: FastifyRequest,
  reply: FastifyReply,
  podreach: Podreach,
): Promise<{ readonly status: number; readonly body: Result }> {
  const isSubscription =
    query.includes('subscription') &&
    operationTypeOf(query, operationName) === OperationTypeNode.SUBSCRIPTION;
  if (isSubscription) {
    const message = 'a subscription is answered over a WebSocket, with `graphql-transport-ws`';
    return { status: 400, body: { errors: [new PodreachError('bad-query', message)] } };
  }
  try {
    // A library border: it adds members of its own to the context.
    const context = contextOf(podreach, request);
    const body: ExecutionResult = await reply.graphql(query, context, variables, operationName);
    return { status: body.data === undefined ? 400 : 200, body };
  } catch (error) {
    const refused = refusalOf(error);
    if (refused === undefined) throw error;
    return { status: refused.isWrongMethod ? 405 : 400, body: { errors: refused.errors } };
  }
}

/** The reasons why a query was not executed; undefined for anything else. */
function refusalOf(
  error: unknown,
): { readonly errors: readonly unknown[]; readonly isWrongMethod: boolean } | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, errors } = error as Error & { readonly code?: unknown; readonly errors?: unknown };
  if (code === 'MER_ERR_METHOD_NOT_ALLOWED') {
    const message = 'a mutation is not allowed over GET; send it with POST';
    return { errors: [new PodreachError('method-not-allowed', message)], isWrongMethod: true };
  }
  if (code !== 'MER_ERR_GQL_VALIDATION' || !Array.isArray(errors)) return undefined;
  return { errors, isWrongMethod: false };
}

/** Each parameter once, as GraphQL over HTTP has it. @throws `bad-query` */
function onlyValues(query: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).map(([name, values]) => {
      const [value, second] = values;
      if (value !== undefined && second === undefined) return [name, value];
      throw new PodreachError('bad-query', `\`${name.slice(0, 100)}\` is given twice`, {
        parameter: name.slice(0, 100),
      });
    }),
  );
}
