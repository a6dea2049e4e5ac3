import type { FastifyInstance } from 'fastify';
import fc from 'fast-check';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { buildApp } from '../../src/http/app.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import { createPodreach } from '../../src/service/create-podreach.ts';
import { openStore } from '../../src/store/open-store.ts';
import { shop } from '../support/http-app.ts';
import { grammarTexts, mutatedText } from './mutations.ts';
import { demand, targetOf } from './target.ts';
import type { AnyTarget } from './target.ts';

const QUERIES: readonly string[] = [
  '{ clusters(first: 3) { nodes { name } totalCount } }',
  'query Q($s: String!) { snapshot(ref: $s) { whoCanReach(target: "shop/api", port: "80") { nodes { ports } pageInfo { endCursor } } } }',
  'query Q { snapshot(ref: "prod") { ...F } } fragment F on Snapshot { id isolation(ref: "shop/*") { totalCount } }',
  '{ a: snapshot(ref: "prod") { path(from: "shop/web-00", to: "shop/api", port: "tcp/80") { verdict __typename } } }',
];
const GRAPHQL_PIECES = [
  '{',
  '}',
  '(',
  ')',
  '"',
  '"""',
  '...',
  '... on Snapshot',
  '@skip(if: true)',
  '$a',
];
const GRAPHQL_WORDS = [
  'query ',
  'mutation ',
  'subscription ',
  'fragment F on Query ',
  '__schema',
  '#',
  '!',
];
const GRAPHQL_FIELDS = [
  'snapshot(ref: "prod")',
  'clusters',
  'id ',
  'nodes',
  'a:',
  ' first: ',
  '1e400',
  '-1',
];
const GRAPHQL = [
  ...GRAPHQL_PIECES,
  ...GRAPHQL_WORDS,
  ...GRAPHQL_FIELDS,
  '{ nodes '.repeat(30),
  '[',
  'null',
];

const ROUTES: readonly string[] = [
  '/api/v1/clusters?limit=10&cursor=x',
  '/api/v1/clusters/prod/snapshots?limit=1',
  '/api/v1/snapshots/prod/path?from=shop/web-00&to=shop/api&port=80&format=text',
  '/api/v1/snapshots/prod/who-can-reach?target=shop/api&port=tcp/80&groupBy=pod&limit=5&exclude=shop/*',
  '/api/v1/snapshots/prod/reachable-from?source=shop%3Fapp%3Dweb&format=csv',
  '/api/v1/snapshots/prod@2026-01-01/connectivity?limit=3&fields=from,to',
  '/api/v1/snapshots/prod/isolation?ref=shop/*',
  '/api/v1/snapshots/prod/exposure?ref=shop/api&direction=ingress',
  '/api/v1/snapshots/prod/resolve?ref=10.0.0.0/8,::1',
  '/api/v1/snapshots/prod/policies?namespace=shop',
  '/graphql?query=%7Bclusters%7BtotalCount%7D%7D&variables=%7B%7D',
];

/** A question as it comes in over HTTP. */
interface Question {
  readonly query: string;
  readonly variables: unknown;
  readonly operationName: unknown;
}

const questions: fc.Arbitrary<Question> = fc.record({
  query: fc.oneof(mutatedText(QUERIES), grammarTexts(GRAPHQL)),
  variables: fc.oneof(fc.constantFrom({}, null, { s: 'prod' }), fc.jsonValue({ maxDepth: 3 })),
  operationName: fc.constantFrom(undefined, 'Q', null, 'F', 7, '__proto__'),
});

/** A server whose answers to anything are looked at. */
export interface FuzzedServer {
  readonly targets: readonly AnyTarget[];
  readonly close: () => Promise<void>;
}

/** GraphQL and REST, asked in this process of a small cluster. */
export async function requestTargets(): Promise<FuzzedServer> {
  const store = await openStore('sqlite::memory:', { snapshotsPerClusterMax: 100 });
  const podreach = createPodreach({
    store,
    engineOptions: DEFAULT_OPTIONS,
    limits: DEFAULT_INGEST_LIMITS,
    indexCacheBytesMax: 64 * 1024 * 1024,
  });
  const app = await buildApp({ podreach, host: '127.0.0.1', uploadBytesMax: 1024 * 1024 });
  await app.inject({ method: 'POST', url: '/api/v1/clusters/prod/snapshots', payload: shop(2) });
  return {
    targets: [
      bodyTarget(
        'a GraphQL question',
        5,
        app,
        questions.map((question) => JSON.stringify(question)),
      ),
      bodyTarget('a GraphQL body', 3, app, mutatedText(QUERIES.map(bodyOf))),
      targetOf({
        name: 'a URL',
        weight: 5,
        inputs: mutatedText(ROUTES).map((url) => (url.startsWith('/') ? url : `/${url}`)),
        bytesOf: ({ length }) => length,
        outcomeOf: async (url) => judged(await app.inject({ url: printable(url) })),
      }),
    ],
    close: async () => {
      await app.close();
      await podreach.close();
    },
  };
}

function bodyOf(query: string): string {
  return JSON.stringify({ query, variables: { s: 'prod' }, operationName: null });
}

function bodyTarget(
  name: string,
  weight: number,
  app: FastifyInstance,
  inputs: fc.Arbitrary<string>,
): AnyTarget {
  return targetOf({
    name,
    weight,
    inputs,
    bytesOf: ({ length }) => length,
    outcomeOf: async (payload) => {
      const headers = { 'content-type': 'application/json' };
      return judged(await app.inject({ method: 'POST', url: '/graphql', payload, headers }));
    },
  });
}

/** Status and kind of error; whatever was asked, the server has not failed. */
function judged({ statusCode, payload }: { statusCode: number; payload: string }): string {
  demand(statusCode < 500, `${statusCode}: ${payload.slice(0, 500)}`);
  demand(!/"code": ?"internal"|internal error/.test(payload), payload.slice(0, 500));
  return `${statusCode === 200 ? '' : 'refused: '}${statusCode} ${payload.slice(0, 2000).replace(REQUEST, '')}`;
}

/** What differs between two answers to the same. */
const REQUEST = /"(instance|requestId|took\w*)": ?"?[^",}]*"?/g;

/** What a program can put on the wire: the library refuses to send anything else. */
function printable(url: string): string {
  return url.replace(/[^\x21-\x7e]/g, (one) =>
    new URLSearchParams([['', one]]).toString().slice(1),
  );
}
