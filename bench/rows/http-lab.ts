import { performance } from 'node:perf_hooks';
import type { BenchContext } from '../harness/context.ts';
import { LoopbackClient } from '../harness/client.ts';
import { Random } from '../generate/random.ts';
import { serveProduct } from '../product.ts';
import type { ServedProduct } from '../product.ts';
import { serveConstants } from '../reference/constant-server.ts';
import type { ClientRequest } from '../reference/http-client.ts';
import { podRefs } from './questions.ts';
import type { FastifyInstance } from 'fastify';
import type { JsonValue } from '../generate/kube-object.ts';
import { sorted } from '../generate/text/sorted.ts';

/** The product on a port, and a client to ask it. */
export interface HttpLab {
  readonly product: ServedProduct;
  readonly client: LoopbackClient;
}

/** A kind of question, and a server that always answers as the product answered the first one. */
export interface ConstantKind {
  readonly port: number;
  /** What the product answered. */
  readonly body: string;
  /** `123 kB for each`. */
  readonly size: string;
  /** Requests that take a second or two in one run. */
  readonly requests: number;
  /** `count` questions that no other round asks. */
  readonly questions: (count: number, round: number) => readonly ClientRequest[];
}

/** Kinds of questions. */
export type Asked = 'path' | 'who' | 'rest-path' | 'list' | 'big';

const REQUESTS_MAX = 2_000;
/** How long one run should take at most, in milliseconds. */
const RUN_MS = 1_500;
/** Sources of a target that counts as small. */
const SOURCES_MAX = 20;
/** Small targets looked for, and how many pods are tried. */
const SMALL_TARGETS = 200;
const TRIES = 600;
const SEARCH_MS = 10_000;
const DNS = 'kube-system?k8s-app=kube-dns';

const PATH_QUERY = `query Path($ref: String!, $from: PeerRef!, $to: PeerRef!, $port: Port) {
  snapshot(ref: $ref) {
    path(from: $from, to: $to, port: $port) { verdict allowed { protocol from to } }
  }
}`;
const WHO_QUERY = `query Who($ref: String!, $target: PeerRef!, $first: Int) {
  snapshot(ref: $ref) {
    whoCanReach(target: $target, first: $first) {
      totalCount
      complete
      nodes {
        from { __typename key ... on WorkloadPeer { podCount } }
        verdict
        ports { protocol from to }
      }
    }
  }
}`;
const LIST_QUERY = `query List($ref: String!, $target: PeerRef!, $exclude: [PeerRef!]) {
  snapshot(ref: $ref) {
    whoCanReach(target: $target, groupBy: POD, first: 1000, exclude: $exclude) {
      totalCount
      nodes { from { __typename key kind name } verdict ports { protocol from to } }
    }
  }
}`;

/** The product over the realistic cluster, served once. */
export function lab(context: BenchContext): Promise<HttpLab> {
  return context.once('lab', async () => {
    const product = await serveProduct(await context.snapshot());
    const client = new LoopbackClient();
    context.onEnd(() => product.close());
    context.onEnd(() => client.close());
    return { product, client };
  });
}

/** A server with constants for one kind of question; each is made once. */
export function constantsFor(context: BenchContext, asked: Asked): Promise<ConstantKind> {
  return context.once(`constants ${asked}`, async () => {
    const { product } = await lab(context);
    const questions = await questionsOf(context, product, asked);
    const [first] = questions(1, 0);
    if (first === undefined) throw new Error('there is nothing to ask');
    const body = await answerOf(product, first);
    // The second one of its kind tells how long one takes when all is warm.
    const started = performance.now();
    const [second = first] = questions(1, 1);
    await answerOf(product, second);
    const tookMs = performance.now() - started;
    const bytes = Buffer.byteLength(body);
    const { app, port } = await serveConstants(constantsOf(asked, body));
    context.onEnd(() => app.close());
    if (first.method === 'POST') await checkConstant(app, first, body);
    return {
      port,
      body,
      size: bytes < 10_000 ? `${bytes} bytes for each` : `${Math.round(bytes / 1000)} kB for each`,
      requests: Math.max(2, Math.min(REQUESTS_MAX, Math.floor(RUN_MS / tookMs))),
      questions,
    };
  });
}

function constantsOf(
  asked: Asked,
  body: string,
): { readonly snapshot: object; readonly object: object; readonly buffer: Buffer } {
  const buffer = Buffer.from(body);
  if (asked === 'big') return { snapshot: {}, object: {}, buffer };
  // What the product answered, taken as it is.
  const object = JSON.parse(body) as { data?: { snapshot: object } };
  return { snapshot: object.data?.snapshot ?? {}, object, buffer };
}

async function questionsOf(
  context: BenchContext,
  product: ServedProduct,
  asked: Asked,
): Promise<ConstantKind['questions']> {
  const { ref } = product;
  const refs = podRefs(context);
  const pickers = (count: number, round: number): readonly (readonly [string, string])[] => {
    const random = new Random(context.options.seed, `questions ${asked} ${round}`);
    return Array.from({ length: count }, () => [random.pick(refs), random.pick(refs)]);
  };
  switch (asked) {
    case 'path':
      return (count, round) =>
        pickers(count, round).map(([from, to]) =>
          graphql(PATH_QUERY, { ref, from, to, port: 'tcp/8080' }),
        );
    case 'rest-path':
      return (count, round) =>
        pickers(count, round).map(([from, to]) =>
          rest(ref, 'path', { from, to, port: 'tcp/8080', fields: 'verdict' }),
        );
    case 'who': {
      const targets = await smallTargets(product, refs);
      // Pages of other sizes are other questions with the same rows.
      return (count, round) =>
        Array.from({ length: count }, (_, i) => {
          const number = round * count + i;
          const target = targets[number % targets.length];
          return graphql(WHO_QUERY, { ref, target, first: 100 + (number % 900) });
        });
    }
    case 'list':
      return (count, round) =>
        pickers(count, round).map(([pod]) =>
          graphql(LIST_QUERY, { ref, target: DNS, exclude: [pod] }),
        );
    case 'big':
      return (count, round) =>
        pickers(count, round).map(([exclude]) =>
          rest(ref, 'who-can-reach', {
            target: DNS,
            groupBy: 'pod',
            format: 'ndjson',
            fields: 'from,ports',
            exclude,
          }),
        );
  }
}

/** Pods that few workloads can reach, as far as some can be found in a while. */
async function smallTargets(
  product: ServedProduct,
  refs: readonly string[],
): Promise<readonly string[]> {
  const random = new Random(1, 'small targets');
  const found: string[] = [];
  const started = performance.now();
  for (let i = 0; i < TRIES && found.length < SMALL_TARGETS; i += 1) {
    if (SEARCH_MS < performance.now() - started) break;
    const target = random.pick(refs);
    const question = rest(product.ref, 'who-can-reach', { target, limit: '0' });
    const { totalCount } = JSON.parse(await answerOf(product, question)) as { totalCount: number };
    if (totalCount <= SOURCES_MAX) found.push(target);
  }
  if (found.length === 0) throw new Error(`no pod has ${SOURCES_MAX} sources or fewer`);
  return found;
}

async function answerOf(
  { app }: Pick<ServedProduct, 'app'>,
  question: ClientRequest,
): Promise<string> {
  const { method, path, headers = {}, body } = question;
  const response = await app.inject({
    method,
    url: path,
    headers,
    ...(body === undefined ? {} : { payload: body }),
  });
  const failed = response.statusCode !== 200 || response.body.startsWith('{"errors"');
  if (failed) throw new Error(`${path.slice(0, 200)}: ${response.body.slice(0, 500)}`);
  return response.body;
}

/** A constant server that answers less than the product would be no reference. */
async function checkConstant(
  app: FastifyInstance,
  question: ClientRequest,
  body: string,
): Promise<void> {
  const constant = await answerOf({ app }, question);
  const [expected, found] = [body, constant].map((text) => JSON.stringify(sorted(parsed(text))));
  if (expected !== found) throw new Error('the constant server answers something else');
}

function parsed(text: string): JsonValue {
  // JSON is all that can come of it.
  return JSON.parse(text) as JsonValue;
}

function graphql(query: string, variables: object): ClientRequest {
  const body = JSON.stringify({ query, variables });
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
  };
  return { method: 'POST', path: '/graphql', headers, body };
}

function rest(
  ref: string,
  question: string,
  parameters: Readonly<Record<string, string>>,
): ClientRequest {
  const search = new URLSearchParams(parameters).toString();
  return { method: 'GET', path: `/api/v1/snapshots/${ref}/${question}?${search}` };
}
