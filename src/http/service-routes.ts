import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { isFresh, tagOf } from './caching.ts';
import type { RouteService } from './rest/route-service.ts';
import { sendJson } from './rest/send.ts';

const NOTHING = Type.Object({}, { additionalProperties: false });

/** The server itself: the published forms of the API, and where to find what. */
export function addServiceRoutes(
  app: FastifyInstance,
  { podreach, basePath }: RouteService,
  schemaText: string,
): void {
  app.get(
    '/',
    { schema: { summary: 'where to find what', tags: ['service'], querystring: NOTHING } },
    (_request, reply) =>
      sendJson(reply, {
        name: 'podreach',
        engine: podreach.engine,
        links: {
          clusters: `${basePath}/api/v1/clusters`,
          graphql: `${basePath}/graphql`,
          openapi: `${basePath}/openapi.json`,
          schema: `${basePath}/schema.graphql`,
          live: `${basePath}/livez`,
          ready: `${basePath}/readyz`,
          reasons: `${basePath}/docs/reasons`,
        },
      }),
  );
  app.get(
    '/openapi.json',
    { schema: { summary: 'this document', tags: ['service'], querystring: NOTHING } },
    (request, reply) => {
      const document = JSON.stringify(app.swagger());
      if (isFresh(request, reply, tagOf([document]), false)) return reply.send();
      return reply.type('application/json; charset=utf-8').send(document);
    },
  );
  app.get(
    '/schema.graphql',
    { schema: { summary: 'the GraphQL schema', tags: ['service'], querystring: NOTHING } },
    (request, reply) => {
      if (isFresh(request, reply, tagOf([schemaText]), false)) return reply.send();
      return reply.type('application/graphql; charset=utf-8').send(schemaText);
    },
  );
}
