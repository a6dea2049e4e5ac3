import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ExecutionResult } from 'graphql';
import { mercurius } from 'mercurius';
import type { IResolvers } from 'mercurius';
import { PodreachError } from '../../model/errors.ts';
import type { JsonObject } from '../../render/wire.ts';
import type { Podreach } from '../../service/podreach.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { contextOf } from './context.ts';
import { shownError } from './graphql-errors.ts';
import type { Asker } from './graphql-errors.ts';
import { readBody, readUrl } from './graphql-request.ts';
import type { GraphqlRequest } from './graphql-request.ts';
import { queryCost } from './query-cost.ts';
import { abstractTypes, resolvers } from './resolvers.ts';
import { scalars } from './scalars.ts';

const RESPONSE_JSON = 'application/graphql-response+json';

/**
 * `POST` and `GET /graphql`.
 *
 * The routes are ours, so that media types, statuses and errors follow GraphQL over HTTP: with
 * `Accept: application/graphql-response+json` a request that cannot be executed is a 4xx; otherwise
 * it is 200, as older clients expect, unless the request is no GraphQL request at all.
 */
export async function registerGraphql(
  app: FastifyInstance,
  podreach: Podreach,
  schemaText: string,
): Promise<void> {
  await app.register(mercurius, {
    schema: schemaText,
    // A library border: the generated resolver types know more than those of the library.
    resolvers: { ...resolvers, ...abstractTypes, ...scalars } as unknown as IResolvers,
    routes: false,
    graphiql: false,
    ide: false,
    allowBatchedQueries: false,
    jit: 1,
    cache: HTTP_LIMITS.graphqlQueriesKept,
    queryDepth: HTTP_LIMITS.graphqlDepthMax,
    validationRules: [queryCost],
    graphql: {
      parseOptions: { maxLexicalTokens: HTTP_LIMITS.graphqlTokensMax },
      validateOptions: { maxErrors: HTTP_LIMITS.graphqlErrorsMax },
    },
    // What went wrong is told below; here it only must not be changed.
    errorFormatter: ({ data, errors }) => ({
      statusCode: 200,
      response: { ...(data === undefined ? {} : { data }), errors },
    }),
  });
  app.addContentTypeParser(
    RESPONSE_JSON,
    { parseAs: 'string' },
    app.getDefaultJsonParser('error', 'error'),
  );
  const options = { bodyLimit: HTTP_LIMITS.graphqlBodyBytesMax, schema: { hide: true } };
  app.post('/graphql', options, (request, reply) =>
    answer(request, reply, podreach, () => readBody(request.body)),
  );
  app.get<{ Querystring: Record<string, string[]> }>('/graphql', options, (request, reply) =>
    answer(request, reply, podreach, () => readUrl(onlyValues(request.query))),
  );
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  podreach: Podreach,
  read: () => GraphqlRequest,
): Promise<FastifyReply> {
  const isModern = (request.headers.accept ?? '').includes(RESPONSE_JSON);
  void reply
    .type(`${isModern ? RESPONSE_JSON : 'application/json'}; charset=utf-8`)
    .header('cache-control', 'no-store')
    .header('vary', 'Authorization, Accept, Accept-Encoding');
  const asker = { requestId: request.id, log: request.log };
  let asked: GraphqlRequest;
  try {
    asked = read();
  } catch (error) {
    if (!(error instanceof PodreachError)) throw error;
    return reply.code(400).send(JSON.stringify({ errors: [shownError(error, asker)] }));
  }
  const { status, body } = await execute(asked, reply, podreach, asker);
  return reply.code(status === 400 && !isModern ? 200 : status).send(JSON.stringify(body));
}

/** Status 400: nothing was executed. */
async function execute(
  { query, operationName, variables }: GraphqlRequest,
  reply: FastifyReply,
  podreach: Podreach,
  asker: Asker,
): Promise<{ readonly status: number; readonly body: object }> {
  const shown = (errors: readonly unknown[]): JsonObject[] =>
    errors.map((error) => shownError(error, asker));
  try {
    const result: ExecutionResult = await reply.graphql(
      // The library compiles a query once, for its first operation: each needs a text of its own.
      operationName === undefined ? query : `${query}\n# ${operationName}`,
      // A library border: it adds members of its own to the context.
      contextOf(podreach, reply),
      variables,
      operationName,
    );
    const { data, errors } = result;
    const told = errors === undefined || errors.length === 0 ? {} : { errors: shown(errors) };
    if (data === undefined) return { status: 400, body: told };
    return { status: 200, body: { ...told, data } };
  } catch (error) {
    const refused = refusalOf(error);
    if (refused === undefined) throw error;
    const status = refused.isWrongMethod ? 405 : 400;
    return { status, body: { errors: shown(refused.errors) } };
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
