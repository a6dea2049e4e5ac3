import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { isOpenRoute } from './authenticate.ts';
import { SCHEMAS } from './rest/response-schemas.ts';

/** Collects the schemas of all routes that are added after it into an OpenAPI document. */
export async function registerOpenApi(app: FastifyInstance, basePath: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'podreach',
        description:
          'Who can reach what in a Kubernetes cluster: exact NetworkPolicy answers. Every answer ' +
          'names its snapshot; a list with `complete: false` and a verdict `UNDETERMINED` say what ' +
          'cannot be known. Errors are RFC 9457 problem documents with a stable `code`.',
        version: '1',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'questions', description: 'who can reach what, and why' },
        { name: 'snapshots', description: 'what is stored' },
        { name: 'service', description: 'the server itself' },
      ],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description:
              'A token of `podreach token create` or a JSON Web Token, where the server has `auth` on. ' +
              'Reading needs the scope `read`, uploads `ingest`, deleting `admin`.',
          },
          token: {
            type: 'apiKey',
            in: 'header',
            name: 'X-Podreach-Token',
            description: 'The same, for proxies that take `Authorization` for themselves.',
          },
        },
      },
      security: [{ bearer: [] }, { token: [] }, {}],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) =>
        typeof json['$id'] === 'string' ? json['$id'] : `def-${i}`,
    },
    transform: ({ schema, url }) => ({
      schema: {
        ...schema,
        ...(schema.querystring === undefined
          ? {}
          : { querystring: withOptionalDefaults(schema.querystring) }),
        ...(isOpenRoute(url, basePath) ? { security: [] } : {}),
      },
      // The base path is in `servers`.
      url: url.startsWith(basePath) ? url.slice(basePath.length) || '/' : url,
    }),
    // Relative to this document: right under any prefix that a proxy has taken away.
    transformObject: (made) => {
      // A library border: that member is there for the version asked for above.
      const { openapiObject } = made as { readonly openapiObject: object };
      return { ...openapiObject, servers: [{ url: '.' }] };
    },
  });
  for (const schema of SCHEMAS) app.addSchema(schema);
}

interface DescribedQuery {
  readonly properties: Readonly<Record<string, object>>;
  readonly required?: readonly string[];
}

/** What has a default may be left out: the reader of query strings puts it there. */
function withOptionalDefaults(querystring: unknown): unknown {
  // A library border: every query string here is described by an object of typebox, which leaves out
  // what would be empty.
  const { properties, required = [], ...rest } = querystring as DescribedQuery;
  const isNeeded = (name: string): boolean => !Object.hasOwn(properties[name] ?? {}, 'default');
  return { ...rest, properties, required: required.filter(isNeeded) };
}
