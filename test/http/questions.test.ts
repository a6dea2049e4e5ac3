import t from 'tap';
import { parse } from 'yaml';
import { EVERYONE } from '../../src/service/viewer.ts';
import { entrances, serve, shop } from '../support/http-app.ts';
import type { Body } from '../support/http-app.ts';

const BASE = '/api/v1/snapshots/prod';

t.test('every question answers about its snapshot, in JSON', async (t) => {
  const { get, upload } = await serve(t);
  const id = await upload('prod', shop(3));
  const cases: readonly (readonly [
    url: string,
    check: (body: Body) => unknown,
    wanted: unknown,
  ])[] = [
    ['path?from=shop/web-00&to=shop/api&port=tcp/80', (b) => b.verdict, 'ALLOWED'],
    ['path?from=shop/db-0&to=shop/api&port=tcp/80', (b) => b.verdict, 'DENIED'],
    ['path?from=shop/web-00&to=shop/svc/api&port=80', (b) => b.verdict, 'ALLOWED'],
    // Raw: `?`, `=`, `,`, `!` and parentheses are parts of a ref.
    ['path?from=shop?app=web,tier!=x&to=shop?app in (api)', (b) => b.verdict, 'PARTIAL'],
    ['path?from=shop/web-00&to=shop/api&fields=verdict', (b) => 'outcomes' in b, false],
    [
      'path?from=shop/web-00&to=shop/api&fields=text,verdict',
      Object.keys,
      ['snapshot', 'text', 'verdict'],
    ],
    ['who-can-reach?target=shop/api&port=tcp/80', (b) => b.items.length, 3],
    [
      'who-can-reach?target=shop/api&exclude=shop/web-00&exclude=shop/web-01',
      (b) => b.items.map((row: Body) => row.from.ref),
      ['shop/pod/web-02'],
    ],
    ['who-can-reach?target=shop/api&groupBy=namespace', (b) => b.items[0].from.ref, 'shop/*'],
    ['reachable-from?source=shop/db-0&to=shop/*', (b) => b.items.length, 3],
    [
      'connectivity?to=shop/api&external=false',
      (b) => b.counts,
      {
        allowed: 3,
        partial: 0,
        undetermined: 0,
      },
    ],
    ['connectivity?limit=0', (b) => [b.items, b.totalCount > 0, b.nextCursor], [[], true, null]],
    [
      'graph?to=shop/api&external=false',
      (b) => [b.nodes.map((node: Body) => node.key).sort(), b.edges.length, b.totalCount],
      [['shop/pod/web-00', 'shop/pod/web-01', 'shop/pod/web-02', 'shop/svc/api'], 3, 3],
    ],
    [
      'graph?to=shop/api&external=false&limit=1',
      (b) => [b.edges.map((edge: Body) => [edge.from, edge.to, edge.verdict]), b.totalCount],
      [[['shop/pod/web-00', 'shop/svc/api', 'ALLOWED']], 3],
    ],
    [
      'isolation?direction=ingress&isolated=true',
      (b) => b.items.map((row: Body) => row.peer.name),
      ['api-0', 'db-0'],
    ],
    [
      'isolation?protected=true',
      (b) => b.items.map((row: Body) => row.peer.name),
      ['api-0', 'db-0'],
    ],
    [
      'exposure?limit=2&fields=rank,level',
      (b) => [b.items, b.totalCount, b.levels[0], typeof b.nextCursor],
      [
        [
          { rank: 1, level: 'INTERNET_PERMITTED' },
          { rank: 2, level: 'INTERNET_PERMITTED' },
        ],
        5,
        { level: 'INTERNET', count: 0 },
        'string',
      ],
    ],
    [
      'exposure?of=shop/api',
      (b) => [b.items[0].level, b.items[0].ingress.class, b.items[0].cluster.hypothetical[0].text],
      ['OWN_NAMESPACE', 'NONE', 'a pod labelled app=web in namespace shop'],
    ],
    [
      'effective?of=shop/api&direction=ingress&fields=action,portNames',
      (b) => [b.peer.ref, b.partCount, b.items],
      [
        'shop/svc/api',
        1,
        [
          { action: 'ALLOW', portNames: [] },
          { action: 'ALLOW', portNames: [] },
          { action: 'ALLOW', portNames: [] },
          { action: 'DENY', portNames: [] },
        ],
      ],
    ],
    ['policies', (b) => b.items.map((row: Body) => row.policy.name), ['allow-web', 'lock-db']],
    ['policies?selecting=shop/db-0', (b) => b.items.length, 1],
    ['policies/networkpolicy/shop/lock-db', (b) => b.selects.podCount, 1],
    ['resolve?ref=shop/api', (b) => [b.ref, b.empty, b.items.length], ['shop/api', false, 1]],
    ['resolve?ref=shop/*&fields=ref&limit=1', (b) => b.items, [{ ref: 'shop/pod/api-0' }]],
    [
      'paths?q=shop/web-00~shop/api~tcp/80&q=nobody~shop/api',
      (b) => [b.answers[0].verdict, b.answers[1].error.code, b.answers[1].question],
      ['ALLOWED', 'ref-not-found', { from: 'nobody', to: 'shop/api', port: 'any' }],
    ],
  ];
  for (const [url, check, wanted] of cases) {
    const response = await get(`${BASE}/${url}`);
    t.equal(response.statusCode, 200, url);
    const body = response.json();
    t.equal(body.snapshot.id, id, `${url} names its snapshot`);
    t.same(check(body), wanted, url);
  }
});

t.test('ways in are a list like any other', async (t) => {
  const { get, graphql, upload } = await serve(t);
  await upload('prod', shop(2) + entrances(3));
  const list = `${BASE}/ways-in`;
  const whole = (await get(list)).json();
  t.same(whole.counts, { allowed: 1, denied: 3, partial: 0, undetermined: 0 });
  t.equal(whole.totalCount, 4);
  t.same(
    whole.items.map((row: Body) => [row.via.type, row.via.host, row.verdict]),
    [
      ['INGRESS', '0.example', 'DENIED'],
      ['INGRESS', '1.example', 'DENIED'],
      ['INGRESS', '2.example', 'DENIED'],
      ['NODE_PORT', undefined, 'ALLOWED'],
    ],
  );
  t.same(
    whole.items[0].legs.map((leg: Body) => [leg.leg, leg.from?.ref.split(',')[0], leg.verdict]),
    [
      ['ENTRY', '0.0.0.0/0', 'ALLOWED'],
      ['BACKEND', 'edge/pod/nginx', 'DENIED'],
    ],
  );
  t.same(whole.items[0].legs[1].blockedBy[0].name, 'allow-web');

  const joined: Body[] = [];
  for (let url: string | undefined = `${list}?limit=3`; url !== undefined;) {
    const page: Body = (await get(url)).json();
    joined.push(...page.items);
    url = page.nextCursor === null ? undefined : `${list}?limit=3&cursor=${page.nextCursor}`;
  }
  t.same(joined, whole.items, 'pages joined are the whole list');
  const { nextCursor } = (await get(`${list}?limit=3`)).json();
  const other = await get(`${list}?of=shop/api&cursor=${nextCursor}`);
  t.equal(other.json().code, 'cursor-mismatch');

  t.same(
    (await get(`${list}?of=shop/api&fields=verdict,via`)).json().items.map(Object.keys),
    Array.from({ length: 3 }, () => ['verdict', 'via']),
  );
  t.equal((await get(`${list}?of=shop/nobody`)).json().code, 'ref-not-found');
  t.equal((await get(`${list}?target=shop/api`)).json().code, 'bad-query');
  t.equal((await get(`${list}?fields=from`)).json().code, 'bad-query');

  const text = async (format: string): Promise<string> =>
    (await get(`${list}?format=${format}`)).body;
  t.match(await text('csv'), /^type,kind,namespace,name,host,path,port,protocol,gateway,verdict,/);
  t.match(
    await text('csv'),
    /^INGRESS,Ingress,shop,api-0,0\.example,,80,TCP,,DENIED,,KNOWN_NAME,edge\/pod\/nginx,shop\/svc\/api,80,tcp\/8080,/m,
  );
  t.equal((await text('csv')).split('\r\n').length, 6);
  const lines = (await text('ndjson'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.same(lines.slice(0, -1), whole.items);
  t.match(lines.at(-1), { end: true, count: 4 });
  t.match(
    await text('text'),
    /^Ingress shop\/api-0 +0\.example tcp\/80 +DENIED +edge\/pod\/nginx +shop\/svc\/api 80 +shop\/allow-web$/m,
  );

  const query = `{ snapshot(ref: "prod") { waysIn(of: "shop/api", first: 1) { totalCount nodes { via { host } } pageInfo { hasNextPage } } } }`;
  t.same((await graphql(query)).json().data.snapshot.waysIn, {
    totalCount: 3,
    nodes: [{ via: { host: '0.example' } }],
    pageInfo: { hasNextPage: true },
  });
});

t.test('what a source brings in from outside is told in every format, however often', async (t) => {
  const { get, upload } = await serve(t);
  // Without policies everything is open, so that each controller is a row of what it leads to.
  const open = shop(2).replaceAll('"NetworkPolicy"', '"Secret"');
  await upload('prod', open + entrances(3));
  const told = new Map<string, number>();
  for (const group of ['workload', 'pod', 'namespace']) {
    for (const exclude of ['', '&exclude=shop/web-00', '&exclude=shop/web-01']) {
      const url = `${BASE}/who-can-reach?target=shop/api&groupBy=${group}${exclude}`;
      const { items } = (await get(url)).json();
      const lines = (await get(`${url}&format=ndjson`)).body.trimEnd().split('\n');
      t.same(
        lines.slice(0, -1).map((line) => JSON.parse(line)),
        items,
        url,
      );
      t.same(parse((await get(`${url}&format=yaml`)).body).items, items, url);
      const some = (await get(`${url}&fields=from,via`)).json().items;
      t.same(
        some,
        items.map(({ from, via }: Body) => (via ? { from, via } : { from })),
      );
      for (const { from, via } of items) if (via) told.set(`${group} ${from.kind}`, via.length);
    }
  }
  t.same(Object.fromEntries(told), { 'workload Pod': 3, 'pod Pod': 3, 'namespace Namespace': 3 });
});

t.test('a batch is answered in order, whole or in short', async (t) => {
  const { send, upload } = await serve(t);
  await upload('prod', shop(2));
  const questions = [
    { from: 'shop/web-00', to: 'shop/api', port: 'tcp/80' },
    { from: 'shop/db-0', to: 'shop/api', port: 'tcp/80' },
    { from: 'shop/db-0', to: 'shop/api', port: 'tcp/nine' },
    { from: 'shop/db-0', to: 'shop/api', port: 'x' },
  ];
  const ask = (query: string, payload: object): ReturnType<typeof send> =>
    send({ method: 'POST', url: `${BASE}/paths${query}`, payload });
  const short = (await ask('', { questions })).json();
  t.same(
    short.answers.map((answer: Body) => answer.verdict ?? answer.error.code),
    ['ALLOWED', 'DENIED', 'DENIED', 'bad-port'],
  );
  t.notOk('legs' in short.answers[0], 'verdicts have no explanation');
  const full = (await ask('?detail=full', { questions })).json();
  t.ok('legs' in full.answers[0], 'full answers have one');

  const odd = [
    { from: 'a' },
    { from: 'a', to: 'b', prot: 'c' },
    { from: 1, to: 'b' },
    { from: 'shop/web-00', to: 'shop/api', port: 80 },
    { from: 'shop/web-00', to: 'shop/api', port: null },
  ];
  const mixed = (await ask('', { questions: [questions[0], ...odd] })).json();
  t.same(
    mixed.answers.map((answer: Body) => answer.verdict ?? answer.error.parameter),
    ['ALLOWED', 'to', 'prot', 'from', 'port', 'ALLOWED'],
    'a question that cannot be read is its error, in its place',
  );
  t.notOk(
    mixed.answers.some(
      ({ question }: Body) => question !== undefined && question.from === undefined,
    ),
    'and is not told as it was read',
  );

  const many = { questions: Array.from({ length: 1001 }, () => questions[0]) };
  const refused: readonly (readonly [payload: object, code: string])[] = [
    [many, 'limit-too-large'],
    [{ questions: ['a'] }, 'bad-query'],
    [{}, 'bad-query'],
    [[], 'bad-query'],
  ];
  for (const [payload, code] of refused) {
    const response = await ask('', payload);
    t.equal(response.json().code, code, JSON.stringify(payload).slice(0, 60));
  }
});

t.test('pages joined are the whole list, whoever uploads meanwhile', async (t) => {
  const { get, upload } = await serve(t);
  const id = await upload('prod', shop(23));
  const list = `${BASE}/who-can-reach?target=shop/api&port=tcp/80&groupBy=pod`;
  const whole = (await get(`${list}&limit=1000`)).json();
  t.equal(whole.items.length, 23);
  t.equal(whole.nextCursor, null);
  for (const limit of [1, 5, 22, 23, 24]) {
    const rows: unknown[] = [];
    let cursor = '';
    do {
      const page = (await get(`${list}&limit=${limit}${cursor}`)).json();
      t.equal(page.snapshot.id, id);
      rows.push(...page.items);
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    t.same(rows, whole.items, `pages of ${limit}`);
  }
  const { nextCursor } = (await get(`${list}&limit=20`)).json();
  const newer = await upload('prod', shop(2));
  t.not(newer, id);
  const rest = (await get(`${list}&limit=20&cursor=${nextCursor}`)).json();
  t.equal(rest.snapshot.id, id, 'the cursor pins its snapshot');
  t.same(rest.items, whole.items.slice(20));
  t.equal((await get(list)).json().snapshot.id, newer, 'without it the latest answers');
});

t.test('a cursor belongs to one question, one engine and one snapshot', async (t) => {
  const { get, upload, podreach } = await serve(t);
  await upload('prod', shop(5));
  await upload('other', shop(4));
  const list = 'who-can-reach?target=shop/api&limit=1';
  const cursor: string = (await get(`${BASE}/${list}`)).json().nextCursor;
  const tampered = (change: (values: Body[]) => void): string => {
    const values = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    change(values);
    return Buffer.from(JSON.stringify(values)).toString('base64url');
  };
  const cases: readonly (readonly [url: string, code: string | undefined])[] = [
    [`${BASE}/${list}&cursor=${cursor}`, undefined],
    [`${BASE}/who-can-reach?target=shop/api&limit=3&port=any&cursor=${cursor}`, undefined],
    [`${BASE}/who-can-reach?target=shop/db-0&cursor=${cursor}`, 'cursor-mismatch'],
    [`${BASE}/${list}&implicit=true&cursor=${cursor}`, 'cursor-mismatch'],
    [`/api/v1/snapshots/other/${list}&cursor=${cursor}`, 'cursor-mismatch'],
    [`${BASE}/${list}&cursor=nonsense`, 'cursor-mismatch'],
    [`${BASE}/${list}&cursor=${tampered((v) => (v[2] = '0'))}`, 'cursor-mismatch'],
    [`${BASE}/${list}&cursor=${tampered((v) => (v[4] = -1))}`, 'cursor-mismatch'],
    [`${BASE}/${list}&cursor=${tampered((v) => (v[1] = 's_0'))}`, 'cursor-expired'],
  ];
  for (const [url, code] of cases) t.equal((await get(url)).json().code, code, url);
  await podreach.deleteCluster(EVERYONE, 'prod');
  const gone = await get(`${BASE}/${list}&cursor=${cursor}`);
  t.equal(gone.statusCode, 410);
  t.equal(gone.json().code, 'cursor-expired');
});

t.test('an answer that the caller has is not sent again', async (t) => {
  const { get, upload } = await serve(t);
  const id = await upload('prod', shop(3));
  const list = 'who-can-reach?target=shop/api';
  const { headers } = await get(`${BASE}/${list}`);
  const etag = String(headers['etag']);
  t.equal(headers['cache-control'], 'private, no-cache');
  t.match(headers['vary'], 'Authorization');

  const same = await get(`${BASE}/${list}&port=any`, { 'if-none-match': `"x", W/${etag}` });
  t.equal(same.statusCode, 304, 'a default that is written out is the same question');
  t.equal(same.body, '');
  t.equal(same.headers['etag'], etag);
  for (const other of ['&port=80', '&limit=2', '&format=csv', '&fields=from', '&implicit=true']) {
    const response = await get(`${BASE}/${list}${other}`, { 'if-none-match': etag });
    t.equal(response.statusCode, 200, `${other} is another answer`);
  }
  await upload('prod', shop(4));
  const newer = await get(`${BASE}/${list}`, { 'if-none-match': etag });
  t.equal(newer.statusCode, 200, 'a newer snapshot is another answer');

  const pinned = await get(`/api/v1/snapshots/${id}/${list}&engine=2`);
  t.equal(pinned.headers['cache-control'], 'private, max-age=31536000, immutable');
  const loose: readonly string[] = [`/api/v1/snapshots/${id}/${list}`, `${BASE}/${list}&engine=2`];
  for (const url of loose) {
    t.equal((await get(url)).headers['cache-control'], 'private, no-cache', url);
  }
  t.equal((await get(`${BASE}/${list}&engine=0`)).json().code, 'bad-query', 'another engine');
  const failed = await get(`${BASE}/path?from=nobody&to=shop/api`);
  t.equal(failed.headers['cache-control'], 'no-store', 'errors are not kept');
  t.equal(failed.headers['etag'], undefined);
});

t.test('whole lists are streamed, and say where they end', async (t) => {
  const { get, upload } = await serve(t);
  await upload('prod', shop(450));
  const list = `${BASE}/who-can-reach?target=shop/api&groupBy=pod`;
  const lines = (await get(`${list}&format=ndjson&fields=verdict,ports`)).body
    .trimEnd()
    .split('\n');
  t.equal(lines.length, 451);
  t.same(JSON.parse(lines.at(-1) ?? ''), { end: true, count: 450, complete: true });
  t.same(Object.keys(JSON.parse(lines[0] ?? '')), ['verdict', 'ports']);
  const csv = await get(`${list}&format=csv`);
  t.match(csv.headers['content-type'], 'text/csv');
  const rows = csv.body.trimEnd().split('\r\n');
  t.equal(rows.length, 451);
  t.match(rows[0], /^from,fromKind,fromNamespace/);
  t.match((await get(`${list}&format=text`)).headers['content-type'], 'text/plain');
  for (const wrong of ['&format=ndjson&limit=5', '&format=csv&fields=from', '&format=pdf']) {
    t.equal((await get(`${list}${wrong}`)).json().code, 'bad-query', wrong);
  }
});

t.test('every reason of an explanation links to a page that the server has', async (t) => {
  const { get, graphql, upload } = await serve(t, { basePath: '/reach' });
  await upload('prod', shop(2));
  const path = '/reach/api/v1/snapshots/prod/path?from=shop/db-0&to=shop/svc/api&port=any';
  const answer = (await get(path)).body;
  const links = new Set([...answer.matchAll(/"docs":"([^"]*)"/g)].map(([, link = '']) => link));
  t.ok(1 < links.size, 'of the answer, and of what is in its legs');
  for (const link of links) {
    const page = await get(`/reach/${link}`);
    t.equal(page.statusCode, 200, link);
    t.match(page.headers['content-type'], 'text/plain');
    t.ok(page.body.startsWith(`# ${link.split('/').at(-1)}\n`), link);
    t.equal((await get(`/reach/${link}.md`)).body, page.body, 'as the list of all links to it');
    const etag = String(page.headers.etag);
    t.equal((await get(`/reach/${link}`, { 'if-none-match': etag })).statusCode, 304);
  }
  t.match((await get('/reach/docs/reasons')).body, '(reasons/DNS_BLOCKED.md)');
  for (const wrong of ['NO_SUCH_CODE', '..%2Fapi', 'dns_blocked', '..%2F..%2Fpackage.json']) {
    const { statusCode, headers } = await get(`/reach/docs/reasons/${wrong}`);
    t.equal(statusCode, 404, wrong);
    t.match(headers['content-type'], 'application/problem+json');
  }
  const query = `{ snapshot(ref: "prod") {
    path(from: "shop/web-00", to: "shop/api") { legs { isolatedBy { name } passed { ports { from } }
      policies { rules {
        peerEntries { pointer match reason { code docs } }
        portEntries { match ports { from } reason { docs } } } } } }
    whoCanReach(target: "shop/api") { nodes { reasons { code docs } } } } }`;
  const { data, errors } = (await graphql(query)).json();
  t.equal(errors, undefined);
  const [row] = data.snapshot.whoCanReach.nodes;
  t.equal(row.reasons[0].docs, `docs/reasons/${row.reasons[0].code}`, 'rows have it there as well');
});

t.test('a question can be judged as on another plugin, and says by which engine', async (t) => {
  const { get, graphql, upload } = await serve(t);
  const id = await upload('prod', dialectCluster());
  const ask = '/path?from=shop/web&to=shop/api&port=80';
  const plain = await get(`${BASE}${ask}`);
  const cilium = await get(`${BASE}${ask}&dialect=cilium`);
  t.same([plain.json().verdict, cilium.json().verdict], ['ALLOWED', 'DENIED']);
  t.match(plain.json().assumptions, [
    {
      code: 'IPBLOCK_MATCHES_PODS',
      option: 'ipBlockMatchesPods',
      value: false,
      verdict: 'DENIED',
      message: 'ALLOWED here, DENIED with ipBlockMatchesPods=false, as on Cilium',
    },
  ]);
  const engine = '2;ipBlockMatchesNodes=false;ipBlockMatchesPods=false';
  t.equal(cilium.json().snapshot.engine, engine);
  t.not(cilium.headers['etag'], plain.headers['etag']);
  const again = await get(`${BASE}${ask}`);
  t.equal(again.json().verdict, 'ALLOWED', 'answers of dialects are kept apart');
  const fixed = `${ask}&dialect=cilium&engine=${encodeURIComponent(engine)}`;
  t.match((await get(`/api/v1/snapshots/${id}${fixed}`)).headers['cache-control'], 'immutable');
  t.equal((await get(`${BASE}${ask}&dialect=cilium&engine=2`)).json().code, 'bad-query');
  t.equal((await get(`${BASE}${ask}&dialect=weave`)).json().code, 'bad-query');
  const same = await get(`${BASE}${ask}&dialect=upstream`);
  t.equal(same.json().snapshot.engine, '2');

  const list = `${BASE}/who-can-reach?target=shop/api&groupBy=pod&limit=1`;
  const page = (await get(`${list}&dialect=openshift`)).json();
  const next = `${list}&cursor=${page.nextCursor}`;
  t.equal((await get(`${next}&dialect=openshift`)).statusCode, 200);
  t.equal((await get(next)).json().code, 'cursor-mismatch', 'a cursor is of one dialect');

  const query = `query ($dialect: Dialect) {
    a: snapshot(ref: "prod") { engine path(from: "shop/web", to: "shop/api") { verdict } }
    b: snapshot(ref: "prod", dialect: $dialect) {
      engine
      path(from: "shop/web", to: "shop/api") { verdict assumptions { code option value verdict } }
      paths(questions: [{ from: "shop/web", to: "shop/api" }]) { path { verdict } }
      whoCanReach(target: "shop/api") { totalCount }
    }
  }`;
  for (let turn = 0; turn < 3; turn += 1) {
    const { a, b } = (await graphql(query, { dialect: 'CILIUM' })).json().data;
    t.same([a.engine, a.path.verdict], ['2', 'ALLOWED']);
    t.same([b.engine, b.path.verdict, b.whoCanReach.totalCount], [engine, 'DENIED', 1]);
    t.same(b.path.assumptions[0], {
      code: 'IPBLOCK_MATCHES_PODS',
      option: 'ipBlockMatchesPods',
      value: 'true',
      verdict: 'ALLOWED',
    });
    t.equal(b.paths[0].path.verdict, 'DENIED');
    const other = (await graphql(query, { dialect: 'KUBE_ROUTER' })).json().data;
    t.same([other.b.engine, other.b.path.verdict], ['2', 'ALLOWED']);
  }
});

t.test('policies of other makers are ignored where a question asks for it', async (t) => {
  const { get, graphql, upload } = await serve(t);
  const cilium = {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { namespace: 'shop', name: 'c' },
    spec: { endpointSelector: {}, ingress: [{}] },
  };
  await upload('prod', `${dialectCluster()}${JSON.stringify(cilium)}\n`);
  const ask = `${BASE}/path?from=shop/web&to=shop/api&port=80`;
  t.equal((await get(ask)).json().verdict, 'UNDETERMINED');
  const ignoring = (await get(`${ask}&ignore-vendor-policies=true`)).json();
  t.equal(ignoring.verdict, 'ALLOWED');
  t.equal(ignoring.snapshot.engine, '2;vendorPolicies=ignore');
  t.match(ignoring.assumptions[0], {
    code: 'VENDOR_POLICIES_IGNORED',
    message: /CiliumNetworkPolicy shop\/c$/,
  });
  const both = (await get(`${ask}&ignore-vendor-policies=true&dialect=cilium`)).json();
  t.equal(both.verdict, 'DENIED');
  const query = `{ snapshot(ref: "prod", ignoreVendorPolicies: true) {
    path(from: "shop/web", to: "shop/api", port: "80") { verdict } } }`;
  t.equal((await graphql(query)).json().data.snapshot.path.verdict, 'ALLOWED');
});

/** A pod that admits another by its address. */
function dialectCluster(): string {
  const pod = (name: string, ip: string): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name, labels: { app: name } },
    spec: { nodeName: 'n1', containers: [{ name: 'main' }] },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
  });
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace: 'shop', name: 'by-address' },
    spec: {
      podSelector: { matchLabels: { app: 'api' } },
      ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/24' } }] }],
    },
  };
  const objects = [pod('web', '10.0.0.1'), pod('db', '10.0.0.3'), pod('api', '10.0.0.2'), policy];
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('');
}
