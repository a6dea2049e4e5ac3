import type { FastifyInstance, FastifyReply, FastifySchema } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { PodreachError } from '../model/errors.ts';
import { isFresh, tagOf } from './caching.ts';
import { linkFrom } from './links.ts';
import { NOT_MODIFIED, responses } from './rest/response-schemas.ts';
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
  response: responses({ 200: TEXT, 503: TEXT }),
});

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
 * The server itself: health, the published forms of the API, and where to find them.
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
