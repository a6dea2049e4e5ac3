import type { FastifyInstance } from 'fastify';
import { toJson } from '../../render/wire.ts';
import { viewerOf } from '../viewer.ts';
import { queryString } from './parameters.ts';
import { responses } from './response-schemas.ts';
import { schemaRef } from './model-schemas.ts';
import { sendJson } from './send.ts';

/** Who the server takes the caller for: what a dashboard asks to see whether its credential is good. */
export function addWhoamiRoute(app: FastifyInstance): void {
  app.get(
    '/whoami',
    {
      schema: {
        summary: 'who asks, and what they may see and do',
        tags: ['service'],
        querystring: queryString({}),
        response: responses({ 200: schemaRef('Whoami') }),
      },
    },
    (request, reply) => {
      const { name, scopes, clusters, namespaces, expiresAt } = viewerOf(request);
      const body = {
        name,
        scopes: [...scopes],
        clusters,
        namespaces,
        expiresAt: expiresAt?.toISOString() ?? null,
      };
      return sendJson(reply.header('cache-control', 'no-store'), toJson(body));
    },
  );
}
