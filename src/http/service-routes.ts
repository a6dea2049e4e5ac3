import type { FastifyInstance, FastifySchema } from 'fastify';
import { Type } from 'typebox';
import { isFresh, tagOf } from './caching.ts';
import { linkFrom } from './links.ts';
import { NOT_MODIFIED, responses } from './rest/response-schemas.ts';
import type { RouteService } from './rest/route-service.ts';
import { sendJson } from './rest/send.ts';

const NOTHING = Type.Object({}, { additionalProperties: false });

const LINKS = Type.Object(
  {
    name: Type.String({ description: '`podreach`' }),
    engine: Type.String({ description: 'version and options of the engine' }),
    links: Type.Record(Type.String(), Type.String(), {
      description: 'what is where, relative to the URL that was asked',
    }),
  },
  { description: 'where to find what' },
);

/** A document that is sent as it is, and may be known already. */
const published = (
  summary: string,
  mediaType: string,
): { readonly schema: FastifySchema; readonly type: string } => ({
  schema: {
    summary,
    tags: ['service'],
    querystring: NOTHING,
    response: responses({
      200: { description: summary, content: { [mediaType]: { schema: {} } } },
      304: NOT_MODIFIED,
    }),
  },
  type: `${mediaType}; charset=utf-8`,
});

/**
 * The server itself: the published forms of the API, and where to find them.
 *
 * @param schemaText undefined when the GraphQL schema is not told
 */
export function addServiceRoutes(
  app: FastifyInstance,
  { podreach, basePath }: RouteService,
  schemaText: string | undefined,
): void {
  const places = {
    clusters: `${basePath}/api/v1/clusters`,
    graphql: `${basePath}/graphql`,
    openapi: `${basePath}/openapi.json`,
    ...(schemaText === undefined ? {} : { schema: `${basePath}/schema.graphql` }),
    live: `${basePath}/livez`,
    ready: `${basePath}/readyz`,
    docs: `${basePath}/docs/`,
    reasons: `${basePath}/docs/reasons`,
  };
  app.get(
    '/',
    {
      schema: {
        summary: 'where to find what',
        tags: ['service'],
        querystring: NOTHING,
        response: responses({ 200: LINKS }),
      },
    },
    (request, reply) => {
      const links = Object.entries(places).map(([name, to]) => [name, linkFrom(request.url, to)]);
      return sendJson(reply, {
        name: 'podreach',
        engine: podreach.engine,
        // Names of ours, none of a caller's.
        links: Object.fromEntries(links) as Record<string, string>,
      });
    },
  );
  const openApi = published('this document', 'application/json');
  app.get('/openapi.json', openApi, (request, reply) => {
    const document = JSON.stringify(app.swagger());
    if (isFresh(request, reply, tagOf([document]), false)) return reply.send();
    return reply.type(openApi.type).send(document);
  });
  if (schemaText === undefined) return;
  const graphqlSchema = published('the GraphQL schema', 'application/graphql');
  app.get('/schema.graphql', graphqlSchema, (request, reply) => {
    if (isFresh(request, reply, tagOf([schemaText]), false)) return reply.send();
    return reply.type(graphqlSchema.type).send(schemaText);
  });
}
