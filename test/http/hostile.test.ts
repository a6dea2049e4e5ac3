import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import type { Test } from 'tap';
import type { HttpOptions } from '../../src/http/app.ts';
import { AT_ROOT, serve, shop } from '../support/http-app.ts';
import type { Body, Served } from '../support/http-app.ts';
import { tarOf } from '../support/tar.ts';

/** What came back on one connection. */
interface Raw {
  /** Of every response on it, in order. */
  readonly statuses: readonly number[];
  readonly text: string;
  /** Whether the server ended it. */
  readonly closed: boolean;
}

/** How long the server may take to close a connection: everything below asks it to, or must make it. */
const CLOSE_MS = 10_000;

/** Sends bytes as they are and reads until the server closes. */
const raw = (port: number, bytes: string): Promise<Raw> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const end = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) =>
        Number(status),
      );
      resolve({ statuses, text, closed });
    };
    const timer = setTimeout(() => {
      end(false);
    }, CLOSE_MS);
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket
      .on('error', () => undefined)
      .on('close', () => {
        end(true);
      });
    socket.write(bytes, 'latin1');
  });

const listening = async (
  t: Test,
  options: Partial<HttpOptions> = {},
): Promise<Served & { readonly port: number }> => {
  const served = await serve(t, { ...AT_ROOT, ...options });
  await served.upload('prod', shop(1));
  await served.app.listen({ host: '127.0.0.1', port: 0 });
  return { ...served, port: (served.app.server.address() as AddressInfo).port };
};

const request = (
  start: string,
  headers: readonly string[] = [],
  body = '',
  host = 'Host: localhost',
): string =>
  [start, host, ...headers, '', body].filter((line, i) => i !== 1 || line !== '').join('\r\n');

const AT = '/api/v1/snapshots/prod';

t.test('whatever the media type says, a body is checked or refused', async (t) => {
  const { port } = await listening(t);
  const json = ['application/json', 'application/json; charset=utf-8', 'Application/JSON'];
  const types = [
    ...json,
    ...['application/json;', 'application/json ;charset=utf-8', 'application/json;charset=UTF-16'],
    ...[
      'application/json\t',
      'application/json\t; x',
      ' application/json',
      'application/json;a="b',
    ],
    ...['application/json, text/plain', 'text/plain, application/json', 'application/json,'],
    ...['application/jsonx', 'application/json5', 'application/json/x', 'xapplication/json'],
    ...['application/problem+json', 'application/vnd.api+json', 'text/json', 'text/x-json', '*/*'],
    ...['application/*', 'application/', '/json', 'json', ';', ',', '', 'application json'],
    ...['application/json\x0b', 'application/json\x00', 'application/js\u00f6n', '__proto__'],
    ...['constructor', 'text/plain', 'text/html', 'application/x-www-form-urlencoded'],
    ...['multipart/form-data; boundary=application/json', 'application/octet-stream'],
    ...['application/graphql', 'application/xml', 'a'.repeat(2000)],
  ];
  const routes: readonly (readonly [url: string, wrong: string])[] = [
    [`${AT}/paths`, '{"questions": [], "more": 1}'],
    [`${AT}/paths`, '[{"from": "a"}]'],
    ['/graphql', '{"query": 5}'],
  ];
  let cases = 0;
  for (const [url, wrong] of routes) {
    for (const type of [...types, undefined]) {
      const lines = [
        ...(type === undefined ? [] : [`Content-Type: ${type}`]),
        `Content-Length: ${wrong.length}`,
        'Connection: close',
      ];
      const { statuses, text } = await raw(port, request(`POST ${url} HTTP/1.1`, lines, wrong));
      const [status = 0] = statuses;
      t.ok([400, 415].includes(status), `${url} ${type}: ${status}`);
      if (type !== undefined && json.includes(type)) t.equal(status, 400, type);
      t.notMatch(text, /internal/);
      cases += 1;
    }
  }
  const twice = ['Content-Type: application/json', 'Content-Type: text/plain', 'Content-Length: 2'];
  const { statuses } = await raw(port, request('POST /graphql HTTP/1.1', twice, '{}'));
  t.same(statuses, [400], 'the first of two counts, and it is checked');
  t.ok(90 < cases);
});

t.test('an odd URL is not found, or not a URL, and nothing else', async (t) => {
  const { port } = await listening(t);
  const targets: readonly (readonly [target: string, status: number])[] = [
    ['/api/v1/clusters', 200],
    ['/api/v1/clusters?', 200],
    ['/api/v1/clusters#x', 400],
    ['/api/v1/clusters/', 404],
    ['//api/v1/clusters', 404],
    ['/api//v1/clusters', 404],
    ['/api/v1/./clusters', 404],
    ['/api/v1/x/../clusters', 404],
    ['/api/v1/%2e%2e/v1/clusters', 404],
    ['/api%2fv1%2fclusters', 404],
    ['/API/v1/clusters', 404],
    ['/api/v1/clusters;x=1', 404],
    ['/api/v1/clusters%00', 404],
    ['/api/v1/clusters%20', 404],
    ['/api/v1/clusters%0d%0aSet-Cookie:x', 404],
    ['/api\\v1\\clusters', 404],
    ['/%', 400],
    ['/%zz', 400],
    ['/api/v1/clusters/%ff', 400],
    ['/api/v1/clusters/%c0%ae%c0%ae', 400],
    ['/api/v1/clusters/%ed%a0%80', 400],
    ['/api/v1/clusters/..%2f..%2fetc', 404],
    ['/api/v1/clusters/__proto__', 404],
    ['/api/v1/clusters/constructor', 404],
    ['/__proto__', 404],
    ['/constructor', 404],
    [`/${'a'.repeat(4000)}`, 404],
    [`/api/v1/snapshots/${'a'.repeat(600)}`, 400],
    [`/${'a/'.repeat(2000)}`, 404],
    ['/docs/reasons/..%2f..%2fpackage.json', 404],
    ['/docs/reasons/%2e%2e%2f%2e%2e', 404],
    ['/docs/assets/..%2findex.html', 404],
    ['http://localhost/api/v1/clusters', 200],
    ['HTTP://LOCALHOST/api/v1/clusters?limit=1', 200],
    ['http://localhost', 200],
    ['http://evil.example/api/v1/clusters', 400],
    ['http://localhost@evil.example/api/v1/clusters', 400],
    ['http://localhost.evil.example/api/v1/clusters', 400],
    ['https://localhost/api/v1/clusters', 400],
    ['file:///etc/passwd', 400],
    ['*', 400],
    [`${AT}/path?__proto__=1`, 400],
    [`${AT}/path?constructor=1&toString=2`, 400],
    [`${AT}/path?from=%&to=%zz`, 400],
    [`${AT}/path?from[]=a&to[a]=b`, 400],
    [`${AT}/path?${'a'.repeat(3000)}`, 400],
    [`${AT}/path?${'a=1&'.repeat(2000)}`, 400],
  ];
  for (const [target, wanted] of targets) {
    const { statuses, text } = await raw(
      port,
      request(`GET ${target} HTTP/1.1`, ['Connection: close']),
    );
    t.same(statuses, [wanted], target.slice(0, 80));
    if (wanted !== 200)
      t.match(text, /content-type: application\/problem\+json/i, target.slice(0, 80));
    t.notMatch(text, /\r\nset-cookie/i);
  }
});

t.test('headers do not change who asks, where, or with what method', async (t) => {
  const { port, get } = await listening(t);
  const cases: readonly (readonly [name: string, lines: readonly string[], status: number])[] = [
    ['a method in a header', ['X-HTTP-Method-Override: DELETE'], 200],
    ['a method in a header', ['X-HTTP-Method: DELETE', 'X-Method-Override: DELETE'], 200],
    ['another URL', ['X-Original-URL: /graphql', 'X-Rewrite-URL: /graphql'], 200],
    ['another host', ['X-Forwarded-Host: evil.example', 'Forwarded: host=evil.example'], 200],
    ['another address', ['X-Forwarded-For: 127.0.0.1, 10.0.0.1', 'X-Real-IP: 10.0.0.1'], 200],
    ['another prefix', ['X-Forwarded-Prefix: /evil', 'X-Script-Name: /evil'], 200],
    ['an odd Accept', ['Accept: __proto__;q=x,,,;'], 200],
    ['a long Accept', [`Accept: ${'a/b,'.repeat(2000)}`], 200],
    ['an odd tag', ['If-None-Match: "', 'If-Match: "x"'], 200],
    ['any tag', ['If-None-Match: *'], 304],
    ['a range', ['Range: bytes=0-1,2-3,-1'], 200],
    ['odd names', ['__proto__: x', 'constructor: x', 'toString: x'], 200],
    ['an odd id', ['X-Request-Id: a b\x1b[31m'], 400],
    ['a long id', [`X-Request-Id: ${'a'.repeat(1000)}`], 200],
    ['bytes above ASCII', ['User-Agent: \u00ff\u00fe\u0080'], 200],
    ['a NUL', ['User-Agent: a\x00b'], 400],
    ['a line break', ['User-Agent: a\rb'], 400],
    ['a space before the colon', ['User-Agent : a'], 400],
    ['an upgrade', ['Connection: upgrade', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'], 200],
    ['an expectation', ['Expect: 200-ok'], 417],
    [
      'credentials that nobody asked for',
      ['Authorization: Basic \xff', 'Cookie: __proto__=1'],
      200,
    ],
    ['a body nobody asked for', ['Content-Type: x', 'Content-Length: 0'], 200],
  ];
  for (const [name, lines, wanted] of cases) {
    const text = request('GET /api/v1/clusters HTTP/1.1', [...lines, 'Connection: close']);
    const found = await raw(port, text);
    t.equal(found.statuses[0], wanted, `${name}: ${lines.join(' ').slice(0, 80)}`);
    t.notMatch(found.text, /evil|\x1b/, name);
  }
  const hosts: readonly (readonly [lines: readonly string[], status: number])[] = [
    [['Host: localhost'], 200],
    [[], 400],
    [['Host: localhost', 'Host: localhost'], 400],
    [['Host: localhost', 'Host: evil.example'], 400],
    [['Host:'], 403],
    [['Host: localhost@evil.example'], 403],
    [['Host: localhost, evil.example'], 403],
    [['Host: localhost\t.evil.example'], 403],
    [['Host: __proto__'], 403],
  ];
  for (const [lines, wanted] of hosts) {
    const text = request('GET /livez HTTP/1.1', [...lines, 'Connection: close'], '', '');
    t.equal((await raw(port, text)).statuses[0], wanted, lines.join(' '));
  }
  for (const method of ['TRACE', 'PUT', 'PROPFIND', 'PURGE', 'M-SEARCH', 'get', 'G\u00cbT', '']) {
    const found = await raw(port, request(`${method} /livez HTTP/1.1`, ['Connection: close']));
    t.ok([400, 404, 405].includes(found.statuses[0] ?? 0), `${method}: ${found.statuses[0]}`);
  }
  t.same((await raw(port, request('CONNECT localhost:80 HTTP/1.1'))).closed, true, 'no tunnel');
  t.equal((await get('/api/v1/clusters')).json().totalCount, 1, 'nothing was deleted');
  const long = await raw(port, request('GET /livez HTTP/1.1', [`X-Long: ${'a'.repeat(20_000)}`]));
  t.same([long.statuses, long.closed], [[431], true]);
  t.match(long.text, '"code":"headers-too-large"');
});

t.test(
  'what two servers could take for two requests is refused, and the connection closed',
  async (t) => {
    const { port } = await listening(t);
    const hidden = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const post = (lines: readonly string[], body: string): string =>
      request('POST /graphql HTTP/1.1', ['Content-Type: application/json', ...lines], body);
    const chunked = 'Transfer-Encoding: chunked';
    const zero = '0\r\n\r\n';
    const cases: readonly (readonly [name: string, bytes: string])[] = [
      ['both lengths', post(['Content-Length: 5', chunked], zero + hidden)],
      ['both lengths, the other way', post([chunked, 'Content-Length: 5'], zero + hidden)],
      ['two lengths', post(['Content-Length: 2', 'Content-Length: 40'], `{}${hidden}`)],
      ['two equal lengths', post(['Content-Length: 2', 'Content-Length: 2'], `{}${hidden}`)],
      ['a list of lengths', post(['Content-Length: 2, 2'], `{}${hidden}`)],
      ['a signed length', post(['Content-Length: +2'], `{}${hidden}`)],
      ['a negative length', post(['Content-Length: -2'], `{}${hidden}`)],
      ['a hexadecimal length', post(['Content-Length: 0x2'], `{}${hidden}`)],
      ['a length with a space in it', post(['Content-Length: 2 2'], `{}${hidden}`)],
      ['a length with a fraction', post(['Content-Length: 2.0'], `{}${hidden}`)],
      ['a huge length', post([`Content-Length: ${'9'.repeat(40)}`], `{}${hidden}`)],
      ['no length', post(['Content-Length: '], `{}${hidden}`)],
      ['a length that is a word', post(['Content-Length: two'], `{}${hidden}`)],
      ['a length with a colon apart', post(['Content-Length : 2'], `{}${hidden}`)],
      ['chunked, not last', post(['Transfer-Encoding: chunked, identity'], zero + hidden)],
      ['chunked and a length with a tab', post([chunked, 'Content-Length:\t5'], zero + hidden)],
      ['an unknown encoding', post(['Transfer-Encoding: xchunked'], zero + hidden)],
      ['an encoding with a colon apart', post(['Transfer-Encoding : chunked'], zero + hidden)],
      ['an encoding after a vertical tab', post(['Transfer-Encoding:\x0bchunked'], zero + hidden)],
      ['an encoding in quotes', post(['Transfer-Encoding: "chunked"'], zero + hidden)],
      ['an encoding after a NUL', post(['Transfer-Encoding: \x00chunked'], zero + hidden)],
      [
        'an encoding on a line of its own',
        post(['X: y\nTransfer-Encoding: chunked'], zero + hidden),
      ],
      ['an encoding after a bare CR', post(['X: y\rTransfer-Encoding: chunked'], zero + hidden)],
      ['a folded header', post(['Transfer-Encoding:', ' chunked'], zero + hidden)],
      ['a header without a name', post([': x'], hidden)],
      ['a header without a colon', post(['Content-Length'], hidden)],
      ['a header that begins with a space', post([' Content-Length: 2'], `{}${hidden}`)],
      ['a chunk size that is no number', post([chunked], `x\r\n{}\r\n${zero}${hidden}`)],
      ['a chunk size with a sign', post([chunked], `+2\r\n{}\r\n${zero}${hidden}`)],
      ['a chunk size with 0x', post([chunked], `0x2\r\n{}\r\n${zero}${hidden}`)],
      ['a huge chunk size', post([chunked], `${'f'.repeat(20)}\r\n{}\r\n${zero}${hidden}`)],
      ['a chunk that is longer', post([chunked], `2\r\n{}{}\r\n${zero}${hidden}`)],
      ['a chunk that ends with LF', post([chunked], `2\r\n{}\n${zero}${hidden}`)],
      ['a chunk size that ends with LF', post([chunked], `2\n{}\r\n${zero}${hidden}`)],
      ['a chunk size that ends with CR', post([chunked], `2\r{}\r\n${zero}${hidden}`)],
      ['a chunk extension with LF', post([chunked], `2;a\nb\r\n{}\r\n${zero}${hidden}`)],
      ['lines that end with LF', 'GET /livez HTTP/1.1\nHost: localhost\n\n'],
      ['lines that end with CR', 'GET /livez HTTP/1.1\rHost: localhost\r\r'],
      ['HTTP/1.2', 'GET /livez HTTP/1.2\r\nHost: localhost\r\n\r\n'],
      ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
      ['no HTTP', `\x16\x03\x01\x02\x00\x01\x00\r\n\r\n${hidden}`],
      ['a target with a space', `GET /livez x HTTP/1.1\r\nHost: localhost\r\n\r\n${hidden}`],
      ['a tab', `GET\t/livez HTTP/1.1\r\nHost: localhost\r\n\r\n${hidden}`],
    ];
    for (const [name, bytes] of cases) {
      const { statuses, closed, text } = await raw(port, bytes);
      t.same(statuses, [400], name);
      t.ok(closed, `${name}: the connection is closed`);
      t.match(text, /application\/problem\+json/i, name);
    }
    const last = hidden.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
    const two = await raw(port, hidden + last);
    t.same(two.statuses, [200, 200], 'two honest requests are two');
  },
);

const HOSTILE_KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];

const podOf = (name: string, labels: string): string =>
  `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${name}","namespace":"constructor","labels":{${labels}}},"spec":{"containers":[{"name":"c"}]}}`;

const policyOf = (name: string, subject: string, peer: string): string =>
  `{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"${name}","namespace":"constructor"},` +
  `"spec":{"podSelector":${subject},"policyTypes":["Ingress"],"ingress":[{"from":[{"podSelector":${peer}}]}]}}`;

const has = (key: string, operator: string): string =>
  `{"matchExpressions":[{"key":"${key}","operator":"${operator}"}]}`;

/** Labels, names and selectors that every object of JavaScript seems to have. */
const COLLIDING: readonly string[] = [
  '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"constructor"}}',
  podOf('constructor', '"app":"a","constructor":"x"'),
  podOf('plain', '"app":"b"'),
  podOf('client', '"app":"c","toString":"y","valueOf":"z"'),
  policyOf('constructor', has('constructor', 'Exists'), '{"matchLabels":{"toString":"y"}}'),
  policyOf(
    'plain',
    '{"matchExpressions":[{"key":"hasOwnProperty","operator":"DoesNotExist"},{"key":"app","operator":"In","values":["b"]}]}',
    has('valueOf', 'Exists'),
  ),
  policyOf('client', '{"matchLabels":{"app":"c"}}', has('isPrototypeOf', 'DoesNotExist')),
];

const isClean = (t: Test, after: string): void => {
  const { polluted } = {} as { polluted?: unknown };
  t.equal(polluted, undefined, after);
  t.same(Object.keys(Object.prototype), [], after);
};

t.test('labels and names that every object seems to have get the right verdicts', async (t) => {
  const { send, get } = await serve(t);
  const list = `{"apiVersion":"v1","kind":"List","items":[${COLLIDING.join(',')}]}`;
  const yaml = COLLIDING.join('\n---\n');
  const plainYaml = `---\n${yaml}`.replaceAll(/"(\w+)":/g, '$1: ');
  const forms: readonly (readonly [name: string, payload: string | Buffer])[] = [
    ['json', list],
    ['yaml', yaml],
    ['yaml-plain', plainYaml],
    ['ndjson', `${COLLIDING.join('\n')}\n`],
    ['gzip', gzipSync(list)],
    ['tar', tarOf(COLLIDING.map((content, i) => ({ name: `constructor/${i}.yaml`, content })))],
  ];
  const wanted = [
    ['client', 'constructor', 'ALLOWED'],
    ['plain', 'constructor', 'DENIED'],
    ['client', 'plain', 'ALLOWED'],
    ['constructor', 'plain', 'DENIED'],
    ['constructor', 'client', 'ALLOWED'],
    ['plain', 'client', 'ALLOWED'],
  ] as const;
  for (const [name, payload] of forms) {
    const url = `/api/v1/clusters/${name}/snapshots`;
    t.equal((await send({ method: 'POST', url, payload })).statusCode, 201, name);
    for (const [from, to, verdict] of wanted) {
      const question = `from=constructor/${from}&to=constructor/${to}`;
      const { statusCode, ...answer } = await get(`/api/v1/snapshots/${name}/path?${question}`);
      t.equal(statusCode, 200);
      t.equal(JSON.parse(answer.body).verdict, verdict, `${name}: ${from} to ${to}`);
    }
    const { items } = (
      await get(`/api/v1/snapshots/${name}/who-can-reach?target=constructor/plain`)
    ).json();
    t.same(
      items.map((row: Body) => row.from.name),
      ['client'],
      name,
    );
    isClean(t, name);
  }
});

t.test('a hostile key changes no object but its own', async (t) => {
  const { send, get } = await serve(t);
  const evil = (key: string): string =>
    key === '__proto__'
      ? '"__proto__":{"polluted":true}'
      : `"${key}":{"prototype":{"polluted":true}}`;
  const url = '/api/v1/clusters/prod/snapshots';
  for (const key of HOSTILE_KEYS) {
    const places = [
      `{"apiVersion":"v1","kind":"Pod",${evil(key)},"metadata":{"name":"a","namespace":"n"},"spec":{"containers":[]}}`,
      `{"apiVersion":"v1","kind":"Pod","metadata":{${evil(key)},"name":"a","namespace":"n"},"spec":{"containers":[]}}`,
      `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"n","labels":{${evil(key)}}},"spec":{"containers":[]}}`,
      `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"n","labels":{"${key}":"x"}},"spec":{"containers":[]}}`,
      `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${key}","namespace":"${key}"},"spec":{${evil(key)},"containers":[{${evil(key)}}]}}`,
      policyOf('p', `{"matchLabels":{"${key}":"x"},${evil(key)}}`, has(key, 'DoesNotExist')),
      `{"apiVersion":"v1","kind":"${key}","metadata":{"name":"a"}}`,
      `{"apiVersion":"${key}","kind":"Pod","metadata":{"name":"a"}}`,
    ];
    for (const place of places) {
      const list = `{"apiVersion":"v1","kind":"List",${evil(key)},"items":[${place}]}`;
      for (const payload of [
        place,
        list,
        `${place}\n${place}\n`,
        place.replaceAll(/"(\w+)":/g, '$1: '),
      ]) {
        const response = await send({ method: 'POST', url, payload });
        t.ok(response.statusCode < 500, `${response.statusCode} ${payload.slice(0, 100)}`);
      }
    }
    isClean(t, `uploads with ${key}`);
    const questions = [
      `{"questions":[{"from":"n/a","to":"n/a",${evil(key)}}]}`,
      `{${evil(key)},"questions":[]}`,
      `{"questions":{${evil(key)}}}`,
      `{"questions":[{"from":"${key}","to":"${key}/${key}"}]}`,
    ];
    for (const payload of questions) {
      const headers = { 'content-type': 'application/json' };
      const response = await send({
        method: 'POST',
        url: '/api/v1/snapshots/prod/paths',
        payload,
        headers,
      });
      t.ok(response.statusCode < 500, payload);
      if (payload.includes('polluted')) t.match(response.body, '"code":"bad-query"', payload);
    }
    const query = 'query ($r: String! = "prod") { snapshot(ref: $r) { id } }';
    const bodies = [
      `{"query":"${query.replaceAll('"', '\\"')}","variables":{${evil(key)}}}`,
      `{"query":"{ __typename }",${evil(key)}}`,
      `{"query":"{ __typename }","extensions":{${evil(key)}}}`,
      `{"query":"{ __typename }","extensions":{"persistedQuery":{${evil(key)}}}}`,
      `{"query":"query ${key} { __typename }","operationName":"${key}"}`,
      `{"query":"{ ${key}: __typename }"}`,
      `{"query":"{ ${key} }"}`,
      `{"query":"query ($${key}: String) { __typename }","variables":{"${key}":5}}`,
    ];
    for (const payload of bodies) {
      for (const time of [1, 2, 3]) {
        const headers = { 'content-type': 'application/json' };
        const response = await send({ method: 'POST', url: '/graphql', payload, headers });
        t.ok(response.statusCode < 500, `${payload}, time ${time}`);
        t.notMatch(response.body, /"internal"/, payload);
      }
    }
    const variables = encodeURIComponent(`{${evil(key)}}`);
    const asked = await get(
      `/graphql?query=${encodeURIComponent(query)}&variables=${variables}&${key}=1`,
    );
    t.ok(asked.statusCode < 500);
    const aliased = { query: `{ ${key}: __typename }` };
    const answered = await send({ method: 'POST', url: '/graphql', payload: aliased });
    const { data = {} } = answered.json();
    if (!key.startsWith('__')) t.ok(Object.hasOwn(data, key), `an alias ${key} is answered`);
    isClean(t, `questions with ${key}`);
  }
});

t.test('whatever a caller sends, a line of the log is one line, and holds no secret', async (t) => {
  const lines: string[] = [];
  const served = await serve(t, {
    logger: { level: 'trace', stream: { write: (line) => void lines.push(line) } },
  });
  const { send, get } = served;
  await served.upload('prod', shop(1));
  const evil = '\n{"level":60,"msg":"forged"}\r\n\u001b[31m\u009b31m\u2028\u202e\u007f__proto__';
  const encoded = encodeURIComponent(evil);
  const secrets = {
    authorization: 'Bearer swordfish',
    'x-podreach-token': 'swordfish',
    cookie: 'a=swordfish',
  };
  const at = `/api/v1/snapshots/prod`;
  const urls = [
    `/${encoded}`,
    `/${'x'.repeat(9000)}`,
    `/api/v1/clusters/${encoded}`,
    `/api/v1/snapshots/${encoded}`,
    `/api/v1/ingests/${encoded}`,
    `/docs/reasons/${encoded}`,
    `/docs/${encoded}`,
    ...[
      'path',
      'paths',
      'who-can-reach',
      'reachable-from',
      'connectivity',
      'isolation',
      'policies',
    ].map((name) => `${at}/${name}?from=${encoded}&to=${encoded}&${encoded}=${encoded}`),
    `${at}/path?from=${encoded}&to=shop/api`,
    `${at}/path?from=shop/web-00&to=shop/api&port=${encoded}`,
    `${at}/who-can-reach?target=${encoded}`,
    `${at}/who-can-reach?target=shop/api&cursor=${encoded}`,
    `${at}/policies/${encoded}/${encoded}/${encoded}`,
    `/graphql?query=${encoded}`,
    `/graphql?query={__typename}&operationName=${encoded}`,
    `/graphql?query={__typename}&extensions=${encoded}`,
  ];
  for (const url of urls) {
    await get(url, { ...secrets, 'user-agent': 'a\u001b[31m', 'x-request-id': '\u001b[31m"x' });
  }
  const odd: readonly Record<string, string>[] = [
    { host: `evil\u001b[31m${'x'.repeat(5000)}` },
    { origin: `https://evil\u001b[31m${'x'.repeat(5000)}` },
    { 'content-type': `a\u001b[31m${'x'.repeat(5000)}` },
    { 'content-encoding': `a\u001b[31m${'x'.repeat(5000)}` },
  ];
  for (const headers of odd) {
    for (const url of ['/graphql', '/api/v1/clusters/prod/snapshots', `${at}/paths`]) {
      await send({ method: 'POST', url, payload: '{}', headers: { ...secrets, ...headers } });
    }
  }
  const failing = await serve(
    t,
    { logger: { level: 'trace', stream: { write: (line) => void lines.push(line) } } },
    { clusters: () => Promise.reject(new Error(`${evil}${'x'.repeat(50_000)}`, { cause: evil })) },
  );
  await failing.get('/api/v1/clusters', secrets);
  t.ok(60 < lines.length, 'lines were written');
  for (const line of lines) {
    t.match(line, /^\{[^\n]*\}\n$/, 'one line');
    t.notMatch(line, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202e]/, 'plain text');
    t.ok(line.length < 20_000, 'of bounded length');
    t.notMatch(line, 'swordfish');
    const { level } = JSON.parse(line) as { level: number };
    t.ok(level < 60, 'nothing is forged');
    if (level < 50) t.ok(line.length < 1500, line.slice(0, 200));
  }
});

t.test('no answer tells a stack, a path or a message of a bug', async (t) => {
  const noError = (value: unknown): Error => value as Error;
  const thrown: readonly (readonly [name: string, value: Error])[] = [
    ['an error', new TypeError('swordfish')],
    [
      'an error with a status of its own',
      Object.assign(new Error('swordfish'), { statusCode: 500 }),
    ],
    ['an error with an odd status', Object.assign(new Error('swordfish'), { statusCode: 200 })],
    [
      'an error with a validation',
      Object.assign(new Error('swordfish'), { validation: [], code: 'X' }),
    ],
    ['an error that fakes a code', Object.assign(new Error('swordfish'), { code: 'bad-ref' })],
    ['a text', noError('swordfish')],
    ['a number', noError(418)],
    ['null', noError(null)],
    ['an object', noError({ statusCode: 404, message: 'swordfish', stack: 'swordfish' })],
    ['an error whose members throw', hostileError()],
  ];
  const values: readonly (readonly [name: string, value: unknown])[] = [
    ['a number that JSON does not have', { cluster: { totalCount: 1n } }],
    [
      'what throws when it is read',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('swordfish');
          },
        },
      ),
    ],
    ['nothing', undefined],
  ];
  const cases = [
    ...thrown.map(([name, value]) => [name, (): Promise<never> => Promise.reject(value)] as const),
    ...values.map(
      ([name, value]) => [name, (): Promise<never> => Promise.resolve(value as never)] as const,
    ),
  ];
  const urls = [
    '/api/v1/clusters',
    '/api/v1/clusters/prod',
    AT,
    `${AT}/path?from=a&to=b`,
    `${AT}/who-can-reach?target=a`,
    `${AT}/connectivity?format=ndjson`,
    `${AT}/connectivity?format=csv`,
    '/graphql?query={clusters{totalCount}}',
    '/graphql?query={snapshot(ref:"prod"){id}}',
  ];
  for (const [name, fail] of cases) {
    const overrides = { clusters: fail, cluster: fail, snapshot: fail, ask: fail, find: fail };
    const { get } = await serve(t, {}, overrides);
    for (const url of urls) {
      const { body, statusCode } = await get(url);
      t.notMatch(body, /swordfish|node_modules|\bat .*\.[tj]s\b|\/src\//, `${name}: ${url}`);
      if (!values.some(([one]) => one === name)) {
        t.match(body, '"code":"internal"', `${name}: ${url} is ${statusCode}`);
      }
    }
  }
});

function hostileError(): Error {
  const error = new Error('swordfish');
  for (const member of ['code', 'statusCode', 'name']) {
    Object.defineProperty(error, member, {
      get: () => {
        throw new Error('swordfish');
      },
    });
  }
  return error;
}
