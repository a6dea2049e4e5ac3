import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ExecutionResult, ValidationRule } from 'graphql';
import { mercurius } from 'mercurius';
import type { IResolvers } from 'mercurius';
import { PodreachError } from '../../model/errors.ts';
import type { Podreach } from '../../service/podreach.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { acceptSockets } from '../live/socket-server.ts';
import type { SocketParts } from '../live/socket-server.ts';
import { answerKnown } from './answer-known.ts';
import { contextOf } from './context.ts';
import { shownError, shownResult } from './graphql-errors.ts';
import type { Result } from './graphql-errors.ts';
import { readBody, readUrl } from './graphql-request.ts';
import type { GraphqlRequest } from './graphql-request.ts';
import { PARSE_OPTIONS } from './known-operations.ts';
import { KnownRequests } from './known-requests.ts';
import { queryCost } from './query-cost.ts';
import { abstractTypes, resolvers } from './resolvers.ts';
import { scalars } from './scalars.ts';
import { isSubscription } from './is-subscription.ts';
import { subscriptionHandlers } from './subscriptions.ts';

const RESPONSE_JSON = 'application/graphql-response+json';

/** What a query must keep besides the rules of GraphQL, however it comes. */
const QUERY_RULES: readonly ValidationRule[] = [queryCost];

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
 */
export async function registerGraphql(
  app: FastifyInstance,
  podreach: Podreach,
  schemaText: string,
  sockets: GraphqlSockets,
): Promise<void> {
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
    validationRules: [...QUERY_RULES],
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
  const known = new KnownRequests(podreach, schema);
  const options = { bodyLimit: HTTP_LIMITS.graphqlBodyBytesMax, schema: { hide: true } };
  app.post('/graphql', options, (request, reply) => {
    const { body } = request;
    if (typeof body !== 'string') return answer(request, reply, known, '', () => readBody(body));
    return answer(request, reply, known, body, () => {
      let value: unknown;
      void parseJson(request, body, (error, parsed) => {
        if (error !== null) throw error;
        value = parsed;
      });
      return readBody(value);
    });
  });
  app.get<{ Querystring: Record<string, string[]> }>('/graphql', options, (request, reply) =>
    // No body is this text: it is no JSON.
    answer(request, reply, known, `GET ${request.url}`, () => readUrl(onlyValues(request.query))),
  );
  const { limits, questionTimeoutMs } = sockets;
  acceptSockets(app, {
    ...sockets,
    operations: subscriptionHandlers({
      podreach,
      schema,
      rules: QUERY_RULES,
      subscriptionsMax: limits.socketSubscriptionsMax,
      questionTimeoutMs,
    }),
  });
}

/** @param text the request as it came: what it asks follows from its text alone */
async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  known: KnownRequests,
  text: string,
  read: () => GraphqlRequest,
): Promise<FastifyReply> {
  const isModern = (request.headers.accept ?? '').includes(RESPONSE_JSON);
  const mediaType = `${isModern ? RESPONSE_JSON : 'application/json'}; charset=utf-8`;
  const send = (status: number, body: Buffer | string): FastifyReply =>
    reply.code(status).header('content-type', mediaType).send(body);
  const asker = { requestId: request.id, log: request.log };
  let found = known.recall(text);
  let asked: GraphqlRequest;
  try {
    asked = found?.asked ?? read();
  } catch (error) {
    if (!(error instanceof PodreachError)) throw error;
    setHeaders(reply);
    return send(400, JSON.stringify({ errors: [shownError(error, asker)] }));
  }
  setHeaders(reply);
  found ??= known.recognise(text, asked);
  const answered = found && (await answerKnown(request, reply, found, { ...asker, mediaType }));
  if (answered === 'not modified') return reply.send();
  if (answered !== undefined) return send(200, answered.body);
  const { status, body } = await execute(asked, request, reply, known.podreach);
  if (body.data !== undefined) known.accept(asked);
  return send(status === 400 && !isModern ? 200 : status, JSON.stringify(shownResult(body, asker)));
}

function setHeaders(reply: FastifyReply): void {
  void reply
    .header('cache-control', 'no-store')
    .header('vary', 'Authorization, Accept, Accept-Encoding');
}

/** Runs a query that is not known to be valid. Status 400: nothing was executed. */
async function execute(
  { query, operationName, variables }: GraphqlRequest,
  request: FastifyRequest,
  reply: FastifyReply,
  podreach: Podreach,
): Promise<{ readonly status: number; readonly body: Result }> {
  if (isSubscription(query, operationName)) {
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
