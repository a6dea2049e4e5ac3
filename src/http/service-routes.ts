import type { FastifyInstance, FastifyReply, FastifySchema } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { PodreachError } from '../model/errors.ts';
import { isFresh, tagOf } from './caching.ts';
import type { RouteService } from './rest/route-service.ts';
import { sendJson } from './rest/send.ts';

const VERBOSE = Type.Object(
  {
    verbose: Type.Unsafe<boolean>({
      type: 'boolean',
      default: false,
      allowEmptyValue: true,
      description: 'tell each check',
    }),
  },
  { additionalProperties: false },
);
const NOTHING = Type.Object({}, { additionalProperties: false });

const TEXT = {
  description: '`ok`, or what is wrong',
  content: { 'text/plain': { schema: Type.String() } },
};
const health = (summary: string): FastifySchema => ({
  summary,
  tags: ['service'],
  querystring: VERBOSE,
  response: { 200: TEXT, 503: TEXT },
});

/** The server itself: health, the published forms of the API, and where to find them. */
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
  app.get<{ Querystring: Static<typeof VERBOSE> }>(
    '/livez',
    { schema: health('whether the process runs') },
    (request, reply) => sendHealth(reply, [], request.query.verbose),
  );
  for (const [url, summary] of [
    ['/readyz', 'whether questions can be answered'],
    ['/healthz', 'the same as `/readyz`'],
  ] as const) {
    app.get<{ Querystring: Static<typeof VERBOSE> }>(
      url,
      { schema: health(summary) },
      async (request, reply) => {
        const store = { name: 'store', passed: await holds(() => podreach.ready()) };
        // Questions are answered all the same: nobody should be sent elsewhere.
        const room = { ...ROOM, passed: await holds(() => podreach.checkRoom()) };
        return sendHealth(reply, [store, room], request.query.verbose);
      },
    );
  }
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

interface Check {
  readonly name: string;
  readonly passed: boolean;
  /** What does not work without it; absent: nothing does. */
  readonly only?: string;
}

const ROOM = { name: 'disk', only: 'uploads are refused: the disk is nearly full' } as const;

/** Machines look at the status alone, people at `?verbose`. */
function sendHealth(reply: FastifyReply, checks: readonly Check[], verbose: boolean): FastifyReply {
  const failed = checks.filter((check) => !check.passed);
  const passed = failed.every((check) => check.only !== undefined);
  const told = passed ? ['ok', ...failed.map((check) => check.only)] : ['not ready'];
  const lines = checks.map((check) =>
    check.passed ? `[+] ${check.name} ok\n` : `[-] ${check.name} failed\n`,
  );
  return reply
    .code(passed ? 200 : 503)
    .header('cache-control', 'no-store')
    .type('text/plain; charset=utf-8')
    .send(`${verbose ? lines.join('') : ''}${told.join('; ')}\n`);
}

async function holds(check: () => Promise<void>): Promise<boolean> {
  try {
    await check();
    return true;
  } catch (error) {
    // Every reason that a check fails is the same to who asks; bugs must not look like one.
    if (error instanceof PodreachError) return false;
    throw error;
  }
}
