import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { HTTP_LIMITS } from '../../src/http/http-limits.ts';
import { tarOf } from '../support/tar.ts';

/** What a server said to somebody who crossed a limit. */
export interface Said {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** How a limit is crossed. */
export interface Crossing {
  /** The setting as the server of the test has it. */
  readonly set?: string;
  /** Status and code of the answer. */
  readonly status: number;
  /** Absent where the answer is no problem document. */
  readonly code?: string;
  /** What the answer must name: the limit, or what to do. */
  readonly says?: RegExp;
  readonly cross: (server: string) => Promise<Said>;
}

/** A request on a connection of its own: one that is refused early is closed by the server. */
function send(
  server: string,
  path: string,
  { method = 'GET', body, headers = {} }: Sent,
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const sending = request(`${server}${path}`, { method, headers, agent: false });
    sending.on('error', reject);
    sending.on('response', (response) => {
      // What is left of the body has no reader.
      sending.on('error', () => undefined);
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers });
      });
    });
    sending.end(body);
  });
}

interface Sent {
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
}

const get = (server: string, path: string, headers: Record<string, string> = {}): Promise<Said> =>
  send(server, path, { headers });

const post = (
  server: string,
  path: string,
  body: string | Buffer,
  type = 'application/json',
): Promise<Said> => send(server, path, { method: 'POST', body, headers: { 'content-type': type } });

const upload = (server: string, body: string | Buffer): Promise<Said> =>
  post(server, '/api/v1/clusters/limits/snapshots', body, 'application/octet-stream');

const graphql = (server: string, query: string): Promise<Said> =>
  post(server, '/graphql', JSON.stringify({ query }), 'application/json');

/** One pod in YAML. */
export const pod = (name: string, labels = 'app: web', spec = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  namespace: shop\n  labels: { ${labels} }\n` +
  `spec:\n  containers: [{ name: main }]\n${spec}---\n`;

const times = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join('');

const KIB = 1024;

/** Limits of what is sent, by their settings. */
export const INGEST_CROSSINGS: Readonly<Record<string, Crossing>> = {
  uploadBytesMax: {
    set: '300KiB',
    status: 413,
    code: 'upload-too-large',
    says: /upload-bytes-max/,
    cross: (server) => upload(server, '#'.repeat(301 * KIB)),
  },
  decodedBytesMax: {
    set: '3MiB',
    status: 413,
    code: 'upload-too-large',
    says: /"which":"decoded"/,
    // It compresses badly enough to stay below the ratio.
    cross: (server) => {
      const text = times(3000, (i) => `${(i * 7919) % 99_991} ${'x'.repeat(50)} `);
      return upload(server, gzipSync(times(20, (i) => `{"kind":"X","n":${i},"x":"${text}"}\n`)));
    },
  },
  decompressionRatioMax: {
    set: '60',
    status: 413,
    code: 'upload-too-large',
    says: /"which":"ratio"/,
    cross: (server) =>
      upload(server, gzipSync(`{"kind":"List","items":[${' '.repeat(2 * KIB * KIB)}]}`)),
  },
  objectBytesMax: {
    set: '200KiB',
    status: 413,
    code: 'upload-too-large',
    says: /object|document/,
    cross: (server) =>
      upload(server, pod('big', 'app: web', `status: { message: ${'x'.repeat(210 * KIB)} }\n`)),
  },
  nestingDepthMax: {
    set: '12',
    status: 422,
    code: 'bad-input',
    says: /deeper than 12 levels/,
    cross: (server) =>
      upload(server, `{"apiVersion":"v1","kind":"Pod","x":${'['.repeat(14)}${']'.repeat(14)}}`),
  },
  yamlAliasesMax: {
    set: '5',
    status: 422,
    code: 'bad-input',
    says: /alias/,
    cross: (server) =>
      upload(server, `x: &a 1\ny: [${times(6, () => '*a, ')}]\nkind: Pod\napiVersion: v1\n`),
  },
  objectsMax: {
    set: '50',
    status: 413,
    code: 'upload-too-large',
    says: /50 objects/,
    cross: (server) =>
      upload(
        server,
        times(51, (i) => pod(`p${i}`)),
      ),
  },
  labelsMax: {
    set: '10',
    status: 413,
    code: 'upload-too-large',
    says: /Pod shop\/many has 11 labels.*labelsMax/,
    cross: (server) =>
      upload(
        server,
        pod(
          'many',
          times(11, (i) => `l${i}: v, `),
        ),
      ),
  },
  labelBytesMax: {
    set: '100B',
    status: 413,
    code: 'upload-too-large',
    says: /Pod shop\/long has a label of 101 bytes.*labelBytesMax/,
    cross: (server) => upload(server, pod('long', `k: ${'v'.repeat(100)}`)),
  },
  archiveEntriesMax: {
    set: '20',
    status: 413,
    code: 'upload-too-large',
    says: /20 entries/,
    cross: (server) =>
      upload(
        server,
        tarOf(Array.from({ length: 21 }, (_, i) => ({ name: `${i}.yaml`, content: pod(`p${i}`) }))),
      ),
  },
  archiveEntryBytesMax: {
    set: '32KiB',
    status: 413,
    code: 'upload-too-large',
    says: /"which":"entry"/,
    cross: (server) =>
      upload(server, tarOf([{ name: 'a.yaml', content: '# a comment\n'.repeat(4 * KIB) }])),
  },
  archivePathBytesMax: {
    set: '64B',
    status: 422,
    code: 'bad-input',
    says: /64 bytes/,
    cross: (server) =>
      upload(server, tarOf([{ name: `${'n'.repeat(70)}.yaml`, content: pod('p') }])),
  },
  archivePathDepthMax: {
    set: '4',
    status: 422,
    code: 'bad-input',
    says: /4 levels/,
    cross: (server) => upload(server, tarOf([{ name: 'a/b/c/d/e.yaml', content: pod('p') }])),
  },
  problemsMax: {
    set: '3',
    status: 201,
    says: /MORE_PROBLEMS/,
    cross: (server) =>
      upload(
        server,
        times(9, (i) => pod(`NO_NAME_${i}`)),
      ),
  },
};

/** Limits of requests, fixed. */
export const HTTP_CROSSINGS: Readonly<Record<string, Crossing>> = {
  bodyBytesMax: {
    status: 413,
    code: 'upload-too-large',
    cross: (server) =>
      send(server, '/api/v1/snapshots/s_none', {
        method: 'DELETE',
        headers: { 'content-type': 'application/json', 'content-length': '65538' },
        body: JSON.stringify('x'.repeat(HTTP_LIMITS.bodyBytesMax)),
      }),
  },
  batchBodyBytesMax: {
    status: 413,
    code: 'upload-too-large',
    cross: (server) =>
      post(
        server,
        '/api/v1/snapshots/shop/paths',
        JSON.stringify('x'.repeat(HTTP_LIMITS.batchBodyBytesMax)),
      ),
  },
  graphqlBodyBytesMax: {
    status: 413,
    code: 'upload-too-large',
    cross: (server) =>
      post(server, '/graphql', JSON.stringify('x'.repeat(HTTP_LIMITS.graphqlBodyBytesMax))),
  },
  graphqlQueryBytesMax: {
    status: 400,
    says: /more than 65536 bytes/,
    cross: (server) =>
      graphql(server, `{ __typename } #${'x'.repeat(HTTP_LIMITS.graphqlQueryBytesMax)}`),
  },
  graphqlTokensMax: {
    status: 200,
    says: /token/i,
    cross: (server) => graphql(server, `{ ${'__typename '.repeat(HTTP_LIMITS.graphqlTokensMax)} }`),
  },
  graphqlDepthMax: {
    status: 200,
    says: /depth|deep/i,
    cross: (server) => {
      const levels = Math.ceil(HTTP_LIMITS.graphqlDepthMax / 2) + 1;
      const inner = '{ cluster { latest '.repeat(levels) + '{ id }' + ' } }'.repeat(levels);
      return graphql(server, `{ snapshot(ref: "shop") ${inner} }`);
    },
  },
  graphqlErrorsMax: {
    status: 200,
    says: /Too many validation errors/,
    cross: (server) => graphql(server, `{ ${times(20, (i) => `nothing${i} `)} }`),
  },
  graphqlFieldsMax: {
    status: 200,
    says: /at most 2000/,
    cross: (server) =>
      graphql(
        server,
        `{ ${times(10, (i) => `a${i}: __typename ...F `)} } fragment F on Query { ${times(201, (i) => `f${i}: __typename `)} }`,
      ),
  },
  graphqlQuestionsMax: {
    status: 200,
    says: /and 50 are answered/,
    cross: (server) =>
      graphql(
        server,
        `{ snapshot(ref: "shop") { ${times(51, (i) => `q${i}: policies { totalCount } `)} } }`,
      ),
  },
  pageRowsMax: {
    status: 400,
    code: 'limit-too-large',
    says: /1000/,
    cross: (server) => get(server, '/api/v1/snapshots/shop/connectivity?limit=1001'),
  },
  questionsPerPost: {
    status: 400,
    code: 'limit-too-large',
    cross: (server) =>
      post(
        server,
        '/api/v1/snapshots/shop/paths',
        JSON.stringify({ questions: Array.from({ length: 1001 }, () => ({ from: 'a', to: 'b' })) }),
      ),
  },
  questionsPerGet: {
    status: 400,
    code: 'bad-query',
    says: /at most 100/,
    cross: (server) =>
      get(server, `/api/v1/snapshots/shop/paths?${times(101, () => 'q=a,b&')}detail=verdict`),
  },
  headerBytesMax: {
    status: 431,
    cross: (server) => get(server, '/livez', { 'x-long': 'x'.repeat(HTTP_LIMITS.headerBytesMax) }),
  },
  pathParameterLengthMax: {
    status: 400,
    code: 'bad-query',
    says: /too long/,
    cross: (server) => get(server, `/api/v1/snapshots/${'x'.repeat(513)}`),
  },
  idempotencyKeyLengthMax: {
    status: 400,
    code: 'bad-query',
    says: /1 to 255 printable/,
    cross: (server) =>
      send(server, '/api/v1/clusters/limits/snapshots', {
        method: 'POST',
        body: pod('web'),
        headers: { 'idempotency-key': 'x'.repeat(HTTP_LIMITS.idempotencyKeyLengthMax + 1) },
      }),
  },
  requestIdLengthMax: {
    status: 200,
    cross: async (server) => {
      const answer = await get(server, '/livez', { 'x-request-id': 'x'.repeat(65) });
      const id = String(answer.headers['x-request-id']);
      return id.length <= HTTP_LIMITS.requestIdLengthMax ? answer : { ...answer, status: 500 };
    },
  },
  connectionsMax: {
    status: 0,
    cross: async (server) => {
      const sockets = await Promise.all(
        Array.from({ length: HTTP_LIMITS.connectionsMax + 1 }, () => opened(server)),
      );
      const refused = await Promise.race(sockets.map(({ closed }) => closed));
      for (const { end } of sockets) end();
      return { status: refused, body: '', headers: {} };
    },
  },
};

/** A connection, and 0 when the server has closed it. */
async function opened(server: string): Promise<{ closed: Promise<number>; end: () => void }> {
  const { hostname, port } = new URL(server);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  const closed = new Promise<number>((resolve) => {
    if (socket.destroyed) resolve(0);
    else socket.resume().once('close', () => resolve(0));
  });
  return { closed, end: () => void socket.destroy() };
}
