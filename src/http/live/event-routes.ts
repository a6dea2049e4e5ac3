import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { responses } from '../rest/response-schemas.ts';
import { EventStreams } from './event-streams.ts';
import type { EventParts, EventQuery } from './event-streams.ts';

const QUERY = Type.Object(
  {
    cluster: Type.Optional(Type.String({ description: 'only snapshots of this cluster' })),
    after: Type.Optional(
      Type.String({
        description:
          'begin with what was ingested after this snapshot: the `id` of the last event that was ' +
          'read, where a `Last-Event-ID` header, which is stronger, does not get through',
      }),
    ),
  },
  { additionalProperties: false },
);

/** `GET /events`: snapshots as they are added, as server-sent events. */
export function addEventRoutes(app: FastifyInstance, parts: EventParts): void {
  const streams = new EventStreams(parts);
  app.addHook('preClose', (done) => {
    streams.close();
    done();
  });
  app.get<{ Querystring: EventQuery }>(
    '/events',
    {
      schema: {
        summary: 'snapshots as they are added, as server-sent events',
        description:
          'Event `snapshot` has `id`, `digest`, `cluster` and `takenAt` of a snapshot as JSON, and its ' +
          'id as position. Event `reset`: the position asked for is not known (any more), read the ' +
          'clusters anew. Event `problem`: a problem document, and the end.',
        tags: ['snapshots'],
        querystring: QUERY,
        response: responses({
          200: {
            description: 'events, until one side ends',
            content: { 'text/event-stream': { schema: Type.String() } },
          },
        }),
      },
    },
    (request, reply) => streams.serve(request, reply),
  );
}
