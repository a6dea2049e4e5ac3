import { outcomeOf, timed } from '../harness/measure.ts';
import type { Outcome, Times } from '../harness/measure.ts';
import { fasterThan } from '../harness/row.ts';
import type { Check, Goal, Row } from '../harness/row.ts';
import type { BenchContext } from '../harness/context.ts';
import type { ClientRequest } from '../reference/http-client.ts';
import { constantsFor, lab } from './http-lab.ts';

/** Requests in one run of a small answer. */
const REQUESTS = 2_000;
/** Requests in one run of a list of a thousand rows. */
const LIST_REQUESTS = 60;
/** Requests in one run of an answer of megabytes. */
const BIG_REQUESTS = 2;
const CONNECTIONS = 16;
/** Connections for answers of megabytes. */
const FEW_CONNECTIONS = 4;
/** Longest that one comparison goes on, in milliseconds. */
const BUDGET_MS = 25_000;

/** Rows about answers over HTTP: CPU time of the server's process, clients in another one. */
export const httpRows: readonly Row[] = [
  {
    id: '2',
    area: 'http',
    title: 'GraphQL path verdict, every question a new one',
    against: 'a constant resolver of the same shape',
    bound: 'reading the request and the variables',
    async run(context) {
      const { product, client } = await lab(context);
      const constant = await constantsFor(context, 'path');
      const outcome = await interleaved(context, (round) => {
        const requests = constant.questions(REQUESTS, round);
        const figure = { port: product.port, connections: CONNECTIONS };
        const reference = { port: constant.port, connections: CONNECTIONS };
        return [() => client.serve(requests, figure), () => client.serve(requests, reference)];
      });
      return [perRequest(outcome, 'CPU for each', REQUESTS, { ratioAtLeast: 0.95 })];
    },
  },
  {
    id: '3b',
    area: 'http',
    title: 'GraphQL path verdict, known questions',
    against: 'a constant resolver of the same shape',
    bound: 'the body of a POST',
    async run(context) {
      const { product, client } = await lab(context);
      const constant = await constantsFor(context, 'path');
      const some = constant.questions(REQUESTS / 10, 0);
      const requests = Array.from({ length: 10 }, () => some).flat();
      const outcome = await interleaved(context, () => [
        () => client.serve(requests, { port: product.port, connections: CONNECTIONS }),
        () => client.serve(requests, { port: constant.port, connections: CONNECTIONS }),
      ]);
      return [perRequest(outcome, 'CPU for each', REQUESTS, { ratioAtLeast: 1.25 })];
    },
  },
  {
    id: '3',
    area: 'http',
    title: 'GraphQL who can reach, up to 20 sources, every question a new one',
    against: 'a constant resolver of the same shape',
    bound: 'names and counts of the sources',
    async run(context) {
      const { product, client } = await lab(context);
      const constant = await constantsFor(context, 'who');
      const outcome = await interleaved(context, (round) => {
        const requests = constant.questions(constant.requests, round);
        return [
          () => client.serve(requests, { port: product.port, connections: CONNECTIONS }),
          () => client.serve(requests, { port: constant.port, connections: CONNECTIONS }),
        ];
      });
      return [perRequest(outcome, 'CPU for each', constant.requests, { ratioAtLeast: 0.9 })];
    },
  },
  {
    id: '4',
    area: 'http',
    title: 'REST path verdict, every question a new one',
    against: 'a constant GET of Fastify with the same body',
    bound: 'reading the query string',
    async run(context) {
      const { product, client } = await lab(context);
      const constant = await constantsFor(context, 'rest-path');
      const same = Array.from({ length: REQUESTS }, () => get('/constant'));
      const outcome = await interleaved(context, (round) => [
        () =>
          client.serve(constant.questions(REQUESTS, round), {
            port: product.port,
            connections: CONNECTIONS,
          }),
        () => client.serve(same, { port: constant.port, connections: CONNECTIONS }),
      ]);
      return [perRequest(outcome, 'CPU for each', REQUESTS, { ratioAtLeast: 0.85 })];
    },
  },
  {
    id: '6',
    area: 'http',
    title: 'GraphQL list of up to 1,000 rows, asked again',
    against: 'a ready Buffer of the same size over GET',
    bound: 'the body of a POST',
    async run(context) {
      const { product, client } = await lab(context);
      const constant = await constantsFor(context, 'list');
      const [first] = constant.questions(1, 0);
      if (first === undefined) throw new Error('there is no question');
      const again = Array.from({ length: LIST_REQUESTS }, () => first);
      const same = again.map(() => get('/buffer'));
      const outcome = await interleaved(context, () => [
        () => client.serve(again, { port: product.port, connections: CONNECTIONS }),
        () => client.serve(same, { port: constant.port, connections: CONNECTIONS }),
      ]);
      return [perRequest(outcome, constant.size, LIST_REQUESTS, { ratioAtLeast: 0.75 })];
    },
  },
  {
    id: '7',
    area: 'http',
    title: 'GraphQL list of up to 1,000 rows, asked for the first time',
    against: 'JSON.stringify of the same objects',
    bound: 'fields that GraphQL looks at one by one',
    async run(context) {
      const { product, client } = await lab(context);
      const constant = await constantsFor(context, 'list');
      const objects: unknown = JSON.parse(constant.body);
      const requests = Math.min(LIST_REQUESTS, constant.requests);
      const outcome = await interleaved(context, (round) => [
        () =>
          client.serve(constant.questions(requests, round), {
            port: product.port,
            connections: FEW_CONNECTIONS,
          }),
        () => stringified(objects, requests),
      ]);
      return [perRequest(outcome, constant.size, requests, { ratioAtMost: 0.5 })];
    },
  },
  {
    id: '9',
    area: 'http',
    title: 'all pods that can reach DNS and on what ports, as NDJSON, every question a new one',
    against: 'a ready Buffer of the same size',
    bound: 'one more copy of the bytes',
    async run(context) {
      const { product, client } = await lab(context);
      const constant = await constantsFor(context, 'big');
      const same = Array.from({ length: BIG_REQUESTS }, () => get('/buffer'));
      const outcome = await interleaved(context, (round) => [
        () =>
          client.serve(constant.questions(BIG_REQUESTS, round), {
            port: product.port,
            connections: FEW_CONNECTIONS,
          }),
        () => client.serve(same, { port: constant.port, connections: FEW_CONNECTIONS }),
      ]);
      return [perRequest(outcome, constant.size, BIG_REQUESTS, { ratioAtLeast: 0.65 })];
    },
  },
  {
    id: '8',
    area: 'http',
    title: 'all pods that can reach DNS and on what ports, as NDJSON, every question a new one',
    against: 'JSON.stringify of the same rows',
    bound: 'copying bytes that were encoded before',
    async run(context) {
      const { product, client } = await lab(context);
      const constant = await constantsFor(context, 'big');
      const rows: unknown = JSON.parse(`[${constant.body.trimEnd().replaceAll('\n', ',')}]`);
      const outcome = await interleaved(context, (round) => [
        () =>
          client.serve(constant.questions(BIG_REQUESTS, round + 1000), {
            port: product.port,
            connections: FEW_CONNECTIONS,
          }),
        () => stringified(rows, BIG_REQUESTS),
      ]);
      return [perRequest(outcome, constant.size, BIG_REQUESTS, { ratioAtLeast: 20 })];
    },
  },
];

type Run = () => Promise<Times>;

/** Times pairs of runs, which a round makes anew; the first round only warms up. */
async function interleaved(
  context: BenchContext,
  runsOf: (round: number) => readonly [figure: Run, reference: Run],
): Promise<Outcome> {
  const pairs: (readonly [Times, Times])[] = [];
  const started = performance.now();
  for (let round = 0; round <= context.pairs; round += 1) {
    const [figure, reference] = runsOf(round);
    if (round % 2 === 0) {
      const first = await figure();
      pairs.push([first, await reference()]);
    } else {
      const first = await reference();
      pairs.push([await figure(), first]);
    }
    if (BUDGET_MS < performance.now() - started && 1 < pairs.length) break;
  }
  return outcomeOf(pairs.slice(1));
}

function perRequest(outcome: Outcome, what: string, operations: number, goal: Goal): Check {
  return fasterThan(outcome, { what, unit: 'us', operations, goal });
}

function stringified(value: unknown, times: number): Promise<Times> {
  return timed(() => Array.from({ length: times }, () => JSON.stringify(value).length));
}

function get(path: string): ClientRequest {
  return { method: 'GET', path };
}
