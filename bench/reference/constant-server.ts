import { readFile } from 'node:fs/promises';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { mercurius } from 'mercurius';
import { listen } from '../product.ts';

const SCHEMA_FILE = new URL('../../schema.graphql', import.meta.url);

/** A server that always gives the same answers. */
export interface ConstantServer {
  readonly app: FastifyInstance;
  readonly port: number;
}

/** What a constant server answers. */
export interface Constants {
  /** `data.snapshot` of every GraphQL query, with `__typename` where a type is abstract. */
  readonly snapshot: object;
  /** Of `GET /constant`, made into JSON for each request. */
  readonly object: object;
  /** Of `GET /buffer`, ready to be sent. */
  readonly buffer: Buffer;
}

/**
 * The floor of what a server on the same libraries can do: the product's own schema with resolvers
 * that know the answer, compiled queries, and plain routes.
 */
export async function serveConstants(constants: Constants): Promise<ConstantServer> {
  const app = fastify();
  const typeOf = ({ __typename }: { readonly __typename?: string }): string | undefined =>
    __typename;
  await app.register(mercurius, {
    schema: await readFile(SCHEMA_FILE, 'utf8'),
    resolvers: {
      Query: { snapshot: () => constants.snapshot },
      Peer: { resolveType: typeOf },
      Node: { resolveType: typeOf },
    },
    jit: 1,
  });
  app.get('/constant', (_request, reply) => reply.send(constants.object));
  app.get('/buffer', (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(constants.buffer),
  );
  return { app, port: await listen(app) };
}
