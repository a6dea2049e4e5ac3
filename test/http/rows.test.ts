import fc from 'fast-check';
import t from 'tap';
import { EVERYONE } from '../../src/service/viewer.ts';
import { whoCanReach } from '../../src/engine/queries/who-can-reach.ts';
import { escapeForTerminals } from '../../src/render/json.ts';
import { toJson } from '../../src/render/wire.ts';
import { serve, shop } from '../support/http-app.ts';
import type { Body } from '../support/http-app.ts';
import { SEED, holds } from '../support/property.ts';

// Rows that share what they say are written from bytes that were made before. The bytes are those of
// rows written one by one.

t.comment(`seed ${SEED}`);

const LISTS = [
  'whoCanReach(target: "shop/api", first: $first, groupBy: POD)',
  'whoCanReach(target: "shop/svc/api", first: $first, port: "80")',
  'whoCanReach(target: "shop/*", first: $first, implicit: true)',
  'reachableFrom(source: "shop/web-00", first: $first, groupBy: POD)',
  'reachableFrom(source: "shop/web-00", first: $first, maxHops: 2)',
  'connectivity(first: $first, groupBy: NAMESPACE)',
];
const PEER_FIELDS = [
  '__typename',
  'key',
  'k: key',
  'kind',
  'name',
  'ref',
  '... on PodPeer { uid labels { value key } }',
  '... on NamespacedPeer { namespace uid }',
  '... on NodePeer { labels { __typename key } }',
  '... on WorkloadPeer { podCount }',
  '... on AddressRangePeer { cidrs }',
  '...named',
];
const ROW_FIELDS = [
  '__typename',
  'verdict',
  'v: verdict',
  'ports { protocol to from }',
  'undetermined { __typename from }',
  'implicit',
  'podPairs',
  'hops',
  '... on Reach { verdict }',
];
/** Fields that are left to the library, with the whole selection. */
const OTHERS = ['becauseCount', 'reasons { code }', 'because(first: 1) { pointer }', 'splitBy'];

const some = (fields: readonly string[]): fc.Arbitrary<string> =>
  fc.uniqueArray(fc.constantFrom(...fields), { minLength: 1 }).map((list) => list.join(' '));

const query = fc
  .record({
    list: fc.constantFrom(...LISTS),
    from: some(PEER_FIELDS),
    to: some(PEER_FIELDS),
    before: some(ROW_FIELDS),
    after: some([...ROW_FIELDS, ...OTHERS.slice(0, 1)]),
    ends: fc.constantFrom('from to', 'to from', 'from', 'to', ''),
    page: fc.constantFrom(
      '',
      'totalCount',
      'pageInfo { hasNextPage endCursor }',
      'edges { cursor }',
    ),
  })
  .map(({ list, from, to, before, after, ends, page }) => {
    const peers = { from: `from { ${from} }`, to: `to { ${to} }` };
    const named = ends.replace(/from|to/g, (end) => (end === 'from' ? peers.from : peers.to));
    const rows = `${before} ${named} ${after}`;
    const fragment = rows.includes('...named') ? 'fragment named on Peer { ref name }' : '';
    const lists = `${list} { ${page} nodes { ${rows} } complete }`;
    return `query ($first: Int) { snapshot(ref: "prod") { ${lists} } } ${fragment}`;
  });

t.test('GraphQL writes rows as the library does', async (t) => {
  const { graphql, upload } = await serve(t);
  await upload('prod', shop(140));
  let rows = 0;
  const values = fc.tuple(query, fc.integer({ min: 0, max: 200 }));
  await holds(values, 1 / 200, async ([text, first]) => {
    const [asLibrary, asWritten] = [await graphql(text, { first }), await graphql(text, { first })];
    rows += asLibrary.json().data === undefined ? 0 : 1;
    return asLibrary.body === asWritten.body ? [] : [text, asLibrary.body, asWritten.body];
  });
  t.ok(10 < rows, 'most queries are valid');
});

t.test('REST writes rows as they are one by one', async (t) => {
  const { get, podreach, upload } = await serve(t);
  const id = await upload('prod', shop(300));
  const args = { target: 'shop/api', port: 'any', groupBy: 'POD', exclude: [] } as const;
  const { result: list } = await podreach.ask(EVERYONE, id, whoCanReach, {
    ...args,
    implicit: true,
  });
  const rows = list.slice(0, list.totalCount).map(toJson) as Record<string, Body>[];
  t.ok(256 < rows.length, 'more than two blocks of rows');
  const question = '/api/v1/snapshots/prod/who-can-reach?target=shop/api&groupBy=pod&implicit=true';
  for (const fields of ['', 'from', 'to', 'verdict,from,ports', 'parts,from,podPairs,because']) {
    const picked = rows.map((row) =>
      fields === ''
        ? row
        : Object.fromEntries(
            fields.split(',').flatMap((name) => (name in row ? [[name, row[name]]] : [])),
          ),
    );
    const view = fields === '' ? '' : `&fields=${fields}`;
    const lines = picked.map((row) => `${escapeForTerminals(JSON.stringify(row))}\n`).join('');
    const { body } = await get(`${question}&format=ndjson${view}`);
    t.equal(body.slice(0, body.lastIndexOf('{"end"')), lines, fields);
    const page = await get(`${question}&limit=200${view}`);
    t.match(page.body, `"items":${JSON.stringify(picked.slice(0, 200))},`);
    const { nextCursor } = page.json<{ nextCursor: string }>();
    const next = await get(`${question}&limit=200&cursor=${nextCursor}${view}`);
    t.match(next.body, `"items":${JSON.stringify(picked.slice(200, 400))},`);
  }
});

t.test('connectivity streams, source by source, the rows that its pages have', async (t) => {
  const { get, upload } = await serve(t);
  await upload('prod', shop(8));
  const views = [
    '',
    '&groupBy=pod',
    '&groupBy=namespace&nodes=true',
    '&from=shop/api',
    '&port=http',
  ];
  for (const view of [...views, '&to=shop/svc/api', '&of=shop/api', '&external=false']) {
    const url = `/api/v1/snapshots/prod/connectivity?limit=1000${view.replace('=http', '=tcp/http')}`;
    const { items, totalCount, complete } = (await get(url)).json();
    const stream = await get(url.replace('limit=1000', 'format=ndjson'));
    const lines = stream.body.trimEnd().split('\n');
    t.same(JSON.parse(lines.pop() ?? ''), { end: true, count: totalCount, complete }, view);
    t.equal(
      lines.join('\n'),
      items.map((row: Body) => escapeForTerminals(JSON.stringify(row))).join('\n'),
    );
    const csv = await get(url.replace('limit=1000', 'format=csv'));
    t.equal(csv.body.trimEnd().split('\r\n').length - 1, totalCount);
  }
});
