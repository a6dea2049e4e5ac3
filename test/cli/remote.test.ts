import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { findManifests, manifestInputs } from '../../src/cli/manifest-files.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import type { ManifestInput } from '../../src/model/input.ts';
import { openFiles } from '../../src/service/answer-files.ts';
import { reachList, path, snapshotAnswer } from '../render/answers.ts';
import { tarOf } from '../support/tar.ts';
import { MANIFESTS, runMain } from './run-main.ts';
import { startStub } from './stub-server.ts';
import type { Received, Reply, StubServer } from './stub-server.ts';

const folder = await mkdtemp(join(tmpdir(), 'podreach-remote-'));
t.teardown(() => rm(folder, { recursive: true }));

const withStub = async (
  answer: (request: Received) => Reply,
  action: (stub: StubServer) => Promise<void>,
): Promise<void> => {
  const stub = await startStub(answer);
  try {
    await action(stub);
  } finally {
    await stub.close();
  }
};

const clusters = (...names: readonly string[]): object => ({
  items: names.map((name) => ({ name, latest: null, lastSeenAt: '2026-08-01T00:00:00.000Z' })),
  totalCount: names.length,
  nextCursor: null,
});

t.test(
  'a question is a GET with its refs in the query, and the exit code is the verdict',
  async (t) => {
    await withStub(
      () => [200, path],
      async ({ url, received }) => {
        const args = ['path', 'shop?app in (web)', 'api', '-n', 'shop', '-p', 'tcp/8080'];
        const { code, out } = await runMain([
          ...args,
          '--server',
          `${url}/prefix`,
          '--snapshot',
          'prod',
        ]);
        t.equal(code, 1);
        t.match(out, /^DENIED /);
        const [request] = received;
        t.match(request?.url, /^\/prefix\/api\/v1\/snapshots\/prod\/path\?/);
        t.strictSame(Object.fromEntries(request?.parameters ?? []), {
          from: 'shop?app in (web)',
          to: 'shop/api',
          port: 'tcp/8080',
        });
      },
    );
  },
);

t.test('lists are read to their end, page by page', async (t) => {
  const row = (reachList as { items: readonly object[] }).items[0];
  const answer = ({ parameters }: Received): Reply => {
    const start = Number(parameters.get('cursor') ?? 0);
    const count = Math.min(Number(parameters.get('limit')), 1000, 2500 - start);
    const items = Array.from({ length: count }, () => row);
    const nextCursor = start + count < 2500 ? String(start + count) : null;
    return [200, { ...(reachList as object), items, totalCount: 2500, nextCursor }];
  };
  await withStub(answer, async ({ url, received }) => {
    const ask = (...more: readonly string[]) =>
      runMain([
        ...['who-can-reach', 'shop/api', '--exclude', 'a,b', '--exclude', 'c', '--implicit'],
        ...['--group-by', 'pod', '--server', url, '--snapshot', 'c@2026-08-01T00:00:00Z', ...more],
      ]);
    t.match(JSON.parse((await ask('-o', 'json')).out), {
      items: { length: 2500 },
      nextCursor: null,
    });
    t.equal(received.length, 3);
    t.match(received[0]?.url, /\/snapshots\/c%402026-08-01T00%3A00%3A00Z\/who-can-reach\?/);
    t.strictSame(received[0]?.parameters.getAll('exclude'), ['a,b', 'c'], 'never split at commas');
    t.match(Object.fromEntries(received[0]?.parameters ?? []), {
      target: 'shop/api',
      port: 'any',
      groupBy: 'pod',
      implicit: 'true',
    });
    const csv = await ask('-o', 'csv');
    t.equal(csv.out.trimEnd().split('\r\n').length, 2501);
    const ndjson = await ask('-o', 'ndjson', '--limit', '1200');
    t.equal(ndjson.out.trimEnd().split('\n').length, 1201);
    t.match(ndjson.out, /\{"end":true,"count":1200,"complete":false\}\n$/);
    t.equal(received.at(-1)?.parameters.get('limit'), '200');
    t.match(JSON.parse((await ask('-o', 'json', '--limit', '0')).out), { items: { length: 0 } });
  });
});

t.test(
  'the other questions send what their options say, and nothing that was not said',
  async (t) => {
    const cases: readonly (readonly [
      args: readonly string[],
      route: string,
      parameters: object,
    ])[] = [
      [
        ['reachable-from', 'a/b', '--to', 'c/d', '--max-hops', '3'],
        'reachable-from',
        {
          source: 'a/b',
          to: 'c/d',
          port: 'any',
          groupBy: 'workload',
          maxHops: '3',
        },
      ],
      [
        ['connectivity', '--from', 'a/b', '--no-external', '--nodes'],
        'connectivity',
        { from: 'a/b', port: 'any', groupBy: 'workload', external: 'false', nodes: 'true' },
      ],
      [
        ['isolation', '--direction', 'egress', '--no-isolated'],
        'isolation',
        { of: '*/*', direction: 'egress', isolated: 'false', groupBy: 'workload' },
      ],
      [['isolation', '-n', 'shop'], 'isolation', { of: 'shop/*', groupBy: 'workload' }],
      [
        ['isolation', '--no-protected'],
        'isolation',
        { of: '*/*', protected: 'false', groupBy: 'workload' },
      ],
      [['exposure'], 'exposure', { of: '*/*', groupBy: 'workload' }],
      [
        ['exposure', '--of', 'api', '-n', 'shop', '--group-by', 'pod'],
        'exposure',
        { of: 'shop/api', groupBy: 'pod' },
      ],
      [
        ['effective', 'a/b', '--direction', 'egress'],
        'effective',
        { of: 'a/b', direction: 'egress' },
      ],
      [['policies', '--selecting', 'api', '-n', 'shop'], 'policies', { selecting: 'shop/api' }],
      [['resolve', 'api'], 'resolve', { ref: 'api' }],
    ];
    await withStub(
      () => [200, { items: [], totalCount: 0, complete: true, nextCursor: null }],
      async ({ url, received }) => {
        for (const [args, route, parameters] of cases) {
          const { code, err } = await runMain([...args, '--snapshot', 's_1'], {
            environment: { PODREACH_SERVER: url },
          });
          t.equal(code, 0, `${args.join(' ')} ${err}`);
          const request = received.at(-1);
          t.equal(request?.url.split('?')[0], `/api/v1/snapshots/s_1/${route}`);
          const sent = Object.fromEntries(request?.parameters ?? []);
          delete sent['limit'];
          t.strictSame(sent, parameters, args.join(' '));
        }
      },
    );
  },
);

t.test('a list that never ends is given up', async (t) => {
  const endless: readonly object[] = [
    { items: [{}], totalCount: 9, nextCursor: 'same' },
    { items: [], totalCount: 9, nextCursor: 'next' },
  ];
  for (const page of endless) {
    await withStub(
      () => [200, page],
      async ({ url }) => {
        const finished = await runMain(['clusters', '--server', url]);
        t.match(finished, { code: 4, err: /does not end its list/ });
      },
    );
  }
});

t.test('the only cluster is asked unless another is named', async (t) => {
  const cases: readonly (readonly [names: readonly string[], code: number, err: RegExp])[] = [
    [['prod'], 1, /^$/],
    [[], 2, /has no cluster yet; send one with `ingest/],
    [['prod', 'test'], 2, /has several clusters.*\n.*did you mean\n {4}prod\n {4}test/],
  ];
  for (const [names, code, err] of cases) {
    await withStub(
      ({ url }) => (url.includes('/clusters') ? [200, clusters(...names)] : [200, path]),
      async ({ url, received }) => {
        const finished = await runMain(['path', 'a/b', 'c/d', '--server', url]);
        t.match(finished, { code, err }, names.join());
        if (code === 1) t.match(received[1]?.url, /\/snapshots\/prod\/path/);
      },
    );
  }
});

t.test('errors of a server read and exit as those made here', async (t) => {
  const cases: readonly (readonly [reply: Reply, code: number, err: RegExp])[] = [
    [
      [404, { code: 'ref-not-found', status: 404, detail: 'no `a/b`', suggestions: ['a/c'] }],
      2,
      /^podreach: no `a\/b`\n {2}did you mean\n {4}a\/c\n$/,
    ],
    [
      [
        400,
        {
          code: 'ambiguous-ref',
          detail: 'several',
          candidates: [{ ref: 'a/svc/b', kind: 'Service' }],
        },
      ],
      2,
      /it could be\n {4}a\/svc\/b {2}Service/,
    ],
    [[503, { code: 'busy', status: 503, detail: 'too busy' }], 4, /^podreach: too busy\n$/],
    [[500, { code: 'new-code', status: 500, detail: 'broken' }], 4, /broken/],
    [
      [400, { code: 'new-code', status: 400, detail: 'odd', suggestions: 'x' }],
      2,
      /^podreach: odd\n$/,
    ],
    [
      [
        404,
        {
          code: 'ref-not-found',
          detail: 'odd',
          suggestions: [1],
          candidates: [2],
          errors: [null],
          hint: 3,
        },
      ],
      2,
      /^podreach: odd\n$/,
    ],
    [[502, '<html>Bad gateway</html>'], 4, /answers 502, but not as podreach does/],
    [[200, '<html>Sign in</html>'], 4, /answers 200, but not as podreach does/],
    [[200, [1]], 4, /not as podreach does/],
  ];
  for (const [reply, code, err] of cases) {
    await withStub(
      () => reply,
      async ({ url }) => {
        const asked = ['path', 'a/b', 'c/d', '--server', url, '--snapshot', 's_1'];
        t.match(await runMain(asked), { code, err, out: '' }, JSON.stringify(reply));
      },
    );
  }
});

t.test(
  'a server that cannot be reached is 4 when it was named, bad usage when nobody named one',
  async (t) => {
    const stub = await startStub(() => [200, {}]);
    await stub.close();
    const ask = ['path', 'a/b', 'c/d', '--snapshot', 's_1'];
    const gone = await runMain([...ask, '--server', stub.url]);
    t.match(gone, {
      code: 4,
      err: /^podreach: no podreach server can be reached at `http.*\(ECONNREFUSED\)\n$/,
    });
    t.match(await runMain([...ask, '--server', 'localhost:1']), {
      code: 2,
      err: /is no server; write it like/,
    });
    const { fetch } = globalThis;
    t.teardown(() => {
      globalThis.fetch = fetch;
    });
    const asked: string[] = [];
    globalThis.fetch = async (address) => {
      asked.push(address instanceof URL ? address.href : '');
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }),
      });
    };
    const none = await runMain(ask);
    t.match(none, { code: 2, err: /^podreach: nothing to ask: name files with `-f` or a server/ });
    t.match(asked, [/^http:\/\/127\.0\.0\.1:8471\/api\/v1\/snapshots\/s_1\/path/]);
  },
);

t.test('a batch is sent in requests of at most 1,000, all about one snapshot', async (t) => {
  const answer = ({ body }: Received): Reply => {
    const { questions } = JSON.parse(body.toString()) as { questions: readonly object[] };
    const answers = questions.map(() => ({ verdict: 'ALLOWED' }));
    return [200, { snapshot: { id: 's_9' }, answers }];
  };
  await withStub(answer, async ({ url, received }) => {
    const stdin = 'a/b c/d 80\n'.repeat(1500);
    const args = ['paths', '--server', url, '--snapshot', 'prod', '-o', 'json'];
    const { code, out } = await runMain(args, { stdin });
    t.equal(code, 0);
    t.match(JSON.parse(out), { snapshot: { id: 's_9' }, answers: { length: 1500 } });
    t.strictSame(
      received.map((request) => [request.method, request.url, request.headers['content-type']]),
      [
        ['POST', '/api/v1/snapshots/prod/paths?detail=verdict', 'application/json'],
        ['POST', '/api/v1/snapshots/s_9/paths?detail=verdict', 'application/json'],
      ],
    );
    t.match(JSON.parse(received[0]?.body.toString() ?? ''), {
      questions: { 0: { from: 'a/b', to: 'c/d', port: '80' }, length: 1000 },
    });
  });
});

t.test('clusters and snapshots show what a server holds', async (t) => {
  const answer = ({ url }: Received): Reply => {
    if (/\/clusters\?/.test(url)) return [200, clusters('prod')];
    if (/\/clusters\/prod\/snapshots\?/.test(url)) {
      return [200, { items: [snapshotAnswer], totalCount: 1, nextCursor: null }];
    }
    return [200, snapshotAnswer];
  };
  await withStub(answer, async ({ url, received }) => {
    t.match(await runMain(['clusters', '--server', url]), { code: 0, out: /^prod +2026/m });
    t.match(await runMain(['snapshots', '--server', url]), { code: 0, out: /^s_1 +prod/m });
    const shown = await runMain(['snapshots', '--show', 'prod@2026-08-01', '--server', url]);
    t.match(shown, { code: 0, out: /^snapshot +s_1\n/ });
    t.match(received.at(-1)?.url, /\/snapshots\/prod%402026-08-01$/);
    t.match(await runMain(['snapshots', 'prod', '--show', 's_1', '--server', url]), { code: 2 });
  });
});

t.test('ingest sends one file as it is, with its options', async (t) => {
  const zipped = join(folder, 'dump.json.gz');
  const bytes = gzipSync(await readFile(join(MANIFESTS, 'dump.json')));
  await writeFile(zipped, bytes);
  await withStub(
    () => [
      201,
      { ...(snapshotAnswer as object), problems: [{ object: 'Pod a', message: 'odd', line: 3 }] },
    ],
    async ({ url, received }) => {
      const { code, out, err } = await runMain([
        ...['ingest', 'prod', '-f', zipped, '--server', url, '--source', 'live', '--strict'],
        ...['--assume-no-policies', '--taken-at', '2026-08-01T00:00:00Z'],
        ...['--unknown-fields', 'prune', '--strict-cidr', 'false', '--invalid-policy', 'strict'],
        ...['--idempotency-key', 'run-17'],
      ]);
      t.equal(code, 0, err);
      t.match(err, /stored as a new snapshot of `prod`/);
      t.match(out, /Pod a: odd \(\S+dump\.json\.gz:3\)/, 'problems name the file');
      const [request] = received;
      t.equal(request?.method, 'POST');
      t.match(request?.url, /^\/api\/v1\/clusters\/prod\/snapshots\?/);
      t.equal(request?.headers['idempotency-key'], 'run-17');
      t.strictSame(Object.fromEntries(request?.parameters ?? []), {
        takenAt: '2026-08-01T00:00:00Z',
        source: 'live',
        strict: 'true',
        assume: 'no-policies',
        unknownFields: 'prune',
        strictCIDR: 'false',
        invalidPolicy: 'strict',
      });
      t.ok(request?.body.equals(bytes));
    },
  );
});

t.test('ingest joins several files into one stream that means the same', async (t) => {
  const write = async (name: string, content: string | Uint8Array): Promise<string> => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  const yaml = await write('a.yaml', '\ufeffkind: Pod\nname: one');
  const json = await write(
    'b.json',
    ' {"kind": "Pod", "name": "t}wo\\""}\n{"kind": "Pod", "name": "three"}',
  );
  const packed = await write('c.json.gz', gzipSync('{"kind": "Pod", "name": "four"}'));
  const cases: readonly (readonly [files: readonly string[], names: readonly string[]])[] = [
    [
      [yaml, json, packed],
      ['one', 't}wo"', 'three', 'four'],
    ],
    [
      [json, yaml],
      ['t}wo"', 'three', 'one'],
    ],
    [
      [yaml, '-'],
      ['one', 'five'],
    ],
  ];
  await withStub(
    () => [200, snapshotAnswer],
    async ({ url, received }) => {
      for (const [files, names] of cases) {
        const options = files.flatMap((file) => ['-f', file]);
        const stdin = 'name: five';
        const { code, err } = await runMain(['ingest', 'prod', ...options, '--server', url], {
          stdin,
        });
        t.equal(code, 0, err);
        t.match(err, /already holds exactly this/);
        t.notMatch(
          received.at(-1)?.body.toString(),
          '\ufeff',
          'a mark inside of a stream is an error',
        );
        const documents = parseAllDocuments(received.at(-1)?.body.toString() ?? '');
        const values: unknown[] = documents.map((document) => document.toJS());
        t.match(
          values.filter((value) => value !== null),
          names.map((name) => ({ name })),
        );
      }
      await runMain(['ingest', 'prod', '-f', json, '-f', packed, '--server', url]);
      const body = received.at(-1)?.body.toString() ?? '';
      t.notMatch(body, '---', 'JSON alone stays JSON');
      t.match(body, /"three"\}\n\{"kind": "Pod", "name": "four"\}$/);
    },
  );
});

t.test('ingest sends a directory as an archive that means the same', async (t) => {
  const root = join(folder, 'must-gather');
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  const list = (kind: string, apiVersion: string, ...names: string[]): string =>
    JSON.stringify({
      kind: `${kind}List`,
      apiVersion,
      items: names.map((name) => ({ metadata: { name, namespace: 'shop', uid: name } })),
    });
  const long = 'é'.repeat(60);
  await write('namespaces/shop/core/pods.yaml', list('Pod', 'v1', 'web'));
  await write(
    'namespaces/shop/networking.k8s.io/networkpolicies.yaml',
    list('NetworkPolicy', 'networking.k8s.io/v1'),
  );
  await write('namespaces/shop/core/secrets.yaml', 'hunter2-canary');
  await write(`${long}/${long}.json`, list('Service', 'v1', 'api'));
  const beside = join(folder, 'beside');
  await writeFile(beside, list('Endpoints', 'v1', 'api'));
  const paths = [root, beside];
  const options = { limits: DEFAULT_INGEST_LIMITS, engineOptions: DEFAULT_OPTIONS };
  const files = await findManifests(paths, Readable.from([]));
  const { snapshot } = await openFiles(manifestInputs(files), options);
  await withStub(
    () => [201, snapshotAnswer],
    async ({ url, received }) => {
      const flags = paths.flatMap((path) => ['-f', path]);
      const { code, err } = await runMain(['ingest', 'prod', ...flags, '--server', url]);
      t.equal(code, 0, err);
      const body = received.at(-1)?.body ?? Buffer.alloc(0);
      t.notOk(body.includes('hunter2-canary'), 'what is private by its place is not even sent');
      const sent = await openFiles(inputOf(body), options);
      t.equal(sent.snapshot.digest, snapshot.digest);
      const pods = sent.snapshot.coverage.find(({ kind }) => kind === 'Pod');
      t.match(pods, { status: 'PARTIAL', count: 1, namespaces: ['shop'] });
      const endpoints = sent.snapshot.coverage.find(({ kind }) => kind === 'Endpoints');
      t.match(endpoints, { status: 'COMPLETE', count: 1 }, 'a file beside it stands for all');
    },
  );
});

async function* inputOf(bytes: Buffer): AsyncGenerator<ManifestInput> {
  yield { bytes: Readable.from([bytes]) };
}

t.test('what cannot be sent in one upload is refused before', async (t) => {
  const archive = join(folder, 'x.tar.gz');
  await writeFile(archive, gzipSync(tarOf([{ name: 'a.yaml', content: 'kind: Pod' }])));
  const cases: readonly (readonly [files: readonly string[], error: RegExp])[] = [
    [[archive, join(MANIFESTS, 'dump.json')], /x\.tar\.gz` with other files: it is an archive/],
    [[join(MANIFESTS, 'shop'), archive], /an archive cannot be sent along with a directory/],
    [[join(MANIFESTS, 'shop'), '-'], /`stdin`: it is a pipe/],
  ];
  await withStub(
    () => [201, snapshotAnswer],
    async ({ url, received }) => {
      for (const [files, error] of cases) {
        const flags = files.flatMap((file) => ['-f', file]);
        const finished = await runMain(['ingest', 'prod', ...flags, '--server', url]);
        t.match(finished, { code: 2, err: error });
      }
      const alone = await runMain(['ingest', 'prod', '-f', archive, '--server', url]);
      t.equal(alone.code, 0, alone.err);
      t.ok(received.at(-1)?.body.equals(await readFile(archive)), 'as it is');
    },
  );
});

t.test('errors of an upload name the file and its line, not those of the stream', async (t) => {
  const first = join(folder, 'first.yaml');
  const second = join(folder, 'second.yaml');
  await writeFile(first, 'a: 1\nb: 2\n');
  await writeFile(second, 'c: 3\nd: 4\n');
  const answer = ({ body }: Received): Reply => {
    const line = body.toString().split('\n').indexOf('d: 4') + 1;
    const errors = [{ object: 'Pod x', field: 'd', message: 'is wrong', line }];
    return [422, { code: 'bad-input', status: 422, detail: 'refused', errors }];
  };
  await withStub(answer, async ({ url }) => {
    const finished = await runMain(['ingest', 'prod', '-f', first, '-f', second, '--server', url]);
    t.match(finished, {
      code: 2,
      err: /^podreach: refused\n {2}Pod x d: is wrong \(\S+second\.yaml:2\)\n$/,
    });
  });
});

t.test('a damaged file is told before the server is blamed', async (t) => {
  const damaged = join(folder, 'damaged.yaml.gz');
  await writeFile(damaged, gzipSync('kind: Pod').subarray(0, 20));
  const files = ['-f', damaged, '-f', join(MANIFESTS, 'invalid.yaml')];
  await withStub(
    () => [201, snapshotAnswer],
    async ({ url }) => {
      const finished = await runMain(['ingest', 'prod', ...files, '--server', url]);
      t.match(finished, { code: 2, err: /`\S+damaged\.yaml\.gz` is damaged/ });
    },
  );
});
