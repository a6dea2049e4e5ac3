import { readFileSync } from 'node:fs';
import { buildSchema, getIntrospectionQuery, isInterfaceType, isObjectType } from 'graphql';
import type { GraphQLObjectType, GraphQLOutputType } from 'graphql';
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isLeafType,
} from 'graphql';
import t from 'tap';
import { EVERYONE } from '../../src/service/viewer.ts';
import { entrances, serve, shop } from '../support/http-app.ts';
import type { Body } from '../support/http-app.ts';

const MODERN = 'application/graphql-response+json';
const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));

t.test('everything in the schema is described', (t) => {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || /^(ID|String|Int|Boolean|Float)$/.test(type.name)) continue;
    t.ok(type.description, type.name);
    if (isEnumType(type)) {
      for (const value of type.getValues()) t.ok(value.description, `${type.name}.${value.name}`);
    }
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      t.ok(field.description, `${type.name}.${field.name}`);
      for (const { name, description } of 'args' in field ? field.args : []) {
        t.ok(description, `${type.name}.${field.name}(${name})`);
      }
    }
  }
  t.end();
});

/** What {@link everything} selects of an answer, field by field; lists have the fields of an item. */
function membersOf(type: GraphQLOutputType, depth: number): string[] {
  const named = getNamedType(type);
  if (!isObjectType(named)) return [everything(type, depth).slice(1, -1)];
  return Object.values(named.getFields())
    .filter(({ args }) => args.every((arg) => !String(arg.type).endsWith('!')))
    .map((field) => `${field.name} ${everything(field.type, depth - 1)}`);
}

/** Every field below a type, `depth` levels deep, without those that need arguments. */
function everything(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return '';
  if (depth === 0) return '{ __typename }';
  const fieldsOf = (one: GraphQLObjectType): string =>
    Object.values(one.getFields())
      .filter(({ args }) => args.every(({ type }) => !String(type).endsWith('!')))
      .map((field) => {
        const inner = everything(field.type, depth - 1);
        // One name, two types: conflicts unless each has an alias of its own.
        const alias = inner === '' ? `${one.name}_${field.name}: ` : '';
        return `${alias}${field.name} ${inner}`;
      })
      .join(' ');
  if (isInterfaceType(named)) {
    const types = schema.getPossibleTypes(named).map((one) => {
      return `... on ${one.name} { ${fieldsOf(one)} }`;
    });
    return `{ __typename ${types.join(' ')} }`;
  }
  return isObjectType(named) ? `{ ${fieldsOf(named)} }` : '{ __typename }';
}

t.test('every field of every answer can be read', async (t) => {
  const { graphql, upload } = await serve(t);
  await upload('prod', shop(2) + entrances(1));
  const snapshotFields = (schema.getType('Snapshot') as GraphQLObjectType).getFields();
  const questions: Readonly<Record<string, string>> = {
    path: '(from: "shop/web-00", to: "shop/svc/api", port: "80")',
    paths: '(questions: [{from: "shop/web-00", to: "shop/api"}, {from: "x", to: "y"}])',
    resolve: '(ref: "shop/svc/api")',
    whoCanReach: '(target: "shop?app=api", groupBy: NAMESPACE)',
    reachableFrom: '(source: "shop/web-00", maxHops: 2)',
    connectivity: '',
    isolation: '',
    exposure: '',
    effective: '(of: "shop/*")',
    policies: '',
    waysIn: '',
    problems: '',
    cluster: '',
  };
  for (const [name, args] of Object.entries(questions)) {
    const field = snapshotFields[name];
    if (field === undefined) throw new Error(`no field ${name}`);
    // One member at a time: all of a path together are more than one query may say.
    for (const member of membersOf(field.type, 4)) {
      const query = `{ snapshot(ref: "prod") { ref ${name}${args} { ${member} } } }`;
      const response = (await graphql(query)).json();
      t.equal(response.errors, undefined, `${name} ${member.slice(0, 60)}`);
      t.ok(response.data?.snapshot?.[name], name);
    }
  }
});

t.test('GraphQL and REST say the same', async (t) => {
  const { graphql, get, upload } = await serve(t);
  await upload('prod', shop(5) + entrances(1));
  const query = `{ snapshot(ref: "prod") {
    ref digest
    path(from: "shop/db-0", to: "shop/api", port: "tcp/80") { verdict vacuous askedText text reasons { code message } }
    whoCanReach(target: "shop/api", first: 2) {
      totalCount complete counts { allowed partial undetermined }
      nodes { from { key ref kind name } to { key } verdict ports { protocol from to } becauseCount podPairs }
      pageInfo { endCursor hasNextPage hasPreviousPage }
    }
    isolation(protected: true) { nodes { peer { ref } ingress { isolated protected policies { name } } policed } }
    exposure(of: "shop/api") {
      levels { level count }
      nodes { rank level effective ingress { class ports { from } } cluster { hypothetical { text ports { from } } } }
    }
    effective(of: "shop/api", direction: INGRESS) {
      peer { ref } partCount
      nodes { position kind action peers { kind text negated } contributors { pointer } shadowedBy { rules { pointer } } }
    }
    policies { nodes { subject spec policy { name } } }
    waysIn {
      complete counts { allowed denied partial undetermined }
      nodes {
        via { type kind namespace name port protocol } verdict addresses
        backend { kind name peer { ref } targets { protocol from to } podCount }
        legs { leg verdict ports { protocol from to } because { pointer } blockedBy { name } reasons { code } }
      }
    }
  } }`;
  const { snapshot } = (await graphql(query)).json().data;
  const rest = async (url: string): Promise<Body> =>
    (await get(`/api/v1/snapshots/prod/${url}`)).json();
  const pick = (value: Body, like: Body): unknown =>
    Array.isArray(like)
      ? value.map((one: unknown, i: number) => pick(one, like[i]))
      : like !== null && typeof like === 'object'
        ? Object.fromEntries(Object.keys(like).map((key) => [key, pick(value[key], like[key])]))
        : value;
  const path = await rest('path?from=shop/db-0&to=shop/api&port=tcp/80');
  t.same([snapshot.ref, snapshot.digest], [path.snapshot.id, path.snapshot.digest]);
  t.same(snapshot.path, pick(path, snapshot.path));

  const { pageInfo, nodes, ...list } = snapshot.whoCanReach;
  const page = await rest('who-can-reach?target=shop/api&limit=2');
  t.same(nodes, pick(page.items, nodes));
  t.same(list, pick(page, list));
  t.same(pageInfo, { endCursor: page.nextCursor, hasNextPage: true, hasPreviousPage: false });
  const isolation = await rest('isolation?protected=true');
  t.same(snapshot.isolation.nodes, pick(isolation.items, snapshot.isolation.nodes));
  for (const [name, url] of [
    ['exposure', 'exposure?of=shop/api'],
    ['effective', 'effective?of=shop/api&direction=ingress'],
  ] as const) {
    const { nodes: rows, ...summary } = snapshot[name];
    const answer = await rest(url);
    t.same(rows, pick(answer.items, rows));
    t.same(summary, pick(answer, summary));
  }
  const { nodes: ways, ...waysList } = snapshot.waysIn;
  const waysPage = await rest('ways-in');
  t.same(ways, pick(waysPage.items, ways));
  t.same(waysList, pick(waysPage, waysList));
  t.same(snapshot.policies.nodes, pick((await rest('policies')).items, snapshot.policies.nodes));
});

t.test('pages joined are the whole list, and cursors stay with their snapshot', async (t) => {
  const { graphql, upload, podreach } = await serve(t);
  const id = await upload('prod', shop(7));
  const query = `query ($ref: String!, $after: String) { snapshot(ref: $ref) {
    whoCanReach(target: "shop/api", first: 3, after: $after) {
      totalCount edges { cursor node { from { ref } } } pageInfo { hasNextPage endCursor } } } }`;
  const refs: string[] = [];
  let after: string | null = null;
  let hasNextPage = true;
  while (hasNextPage) {
    const variables = { ref: 'prod', after };
    const page: Body = (await graphql(query, variables)).json().data.snapshot.whoCanReach;
    refs.push(...page.edges.map(({ node }: Body) => node.from.ref));
    t.equal(page.edges.at(-1).cursor, page.pageInfo.endCursor);
    ({ hasNextPage, endCursor: after } = page.pageInfo);
  }
  t.equal(new Set(refs).size, 7);
  await upload('prod', shop(8));
  const other = (await graphql(query, { ref: 'prod', after })).json();
  t.equal(other.errors[0].extensions.code, 'cursor-mismatch');
  t.match(other.errors[0].message, id, 'it says where to go on');
  t.equal((await graphql(query, { ref: id, after })).json().errors, undefined);
  await podreach.deleteSnapshot(EVERYONE, id);
  const gone = (await graphql(query, { ref: 'prod', after })).json();
  t.equal(gone.errors[0].extensions.code, 'cursor-expired');
});

t.test(
  'an error of one question leaves its neighbours alone, however often it is asked',
  async (t) => {
    const { graphql, upload } = await serve(t);
    await upload('prod', shop(1));
    const query = `query ($port: Port, $first: Int) { snapshot(ref: "prod") {
    bad: path(from: "shop/wep-00", to: "shop/api") { verdict }
    good: path(from: "shop/web-00", to: "shop/api", port: $port) { verdict askedText }
    large: policies(first: $first) { totalCount }
    paths(questions: [{from: "shop/web-00", to: "shop/api", port: null}, {from: "shop/wep-00", to: "x"}]) {
      path { verdict } error { code detail suggestions candidates { ref } } }
  } }`;
    // The first time it is interpreted, then compiled, then run as compiled.
    for (const time of [1, 2, 3]) {
      const response = await graphql(query, { port: null, first: 1001 });
      t.equal(response.statusCode, 200);
      const { data, errors } = response.json();
      t.equal(data.snapshot.good.askedText, 'any', `null is the default, time ${time}`);
      t.equal(data.snapshot.bad, null);
      t.equal(data.snapshot.large, null);
      const byPath = new Map(errors.map((error: Body) => [error.path.join('.'), error.extensions]));
      t.match(byPath.get('snapshot.bad'), { code: 'ref-not-found', requestId: /./ });
      t.match(byPath.get('snapshot.large'), { code: 'limit-too-large', parameter: 'first' });
      t.equal(data.snapshot.paths[0].path.verdict, 'ALLOWED');
      t.match(data.snapshot.paths[1].error, {
        code: 'ref-not-found',
        suggestions: ['shop/web-00'],
      });
    }
  },
);

t.test('an operation is chosen by its name, however often the document is sent', async (t) => {
  const { send } = await serve(t);
  const query = 'query A { a: __typename } query B { b: __typename }';
  for (const operationName of ['A', 'B', 'A', 'B', 'A', 'B']) {
    const payload = { query, operationName };
    const { data } = (await send({ method: 'POST', url: '/graphql', payload })).json();
    t.same(Object.keys(data), [operationName.toLowerCase()]);
  }
});

t.test('a request that is not executed has the status that its Accept asks for', async (t) => {
  const { send, upload } = await serve(t);
  await upload('prod', shop(1));
  const repeat = (text: string, times: number): string => text.repeat(times);
  const post = (payload: unknown): object => ({ method: 'POST', url: '/graphql', payload });
  const deep = `{ node(id: "x") ${repeat('{ ... on Cluster { latest { cluster ', 8)} { id } ${repeat('}} }', 8)} }`;
  // Without the modern media type: 200 for a query that is wrong, 400 for what is no query at all.
  const cases: readonly (readonly [name: string, request: Body, legacy: number])[] = [
    ['a syntax error', post({ query: '{' }), 200],
    ['an unknown field', post({ query: '{ nothing }' }), 200],
    [
      'a missing variable',
      post({ query: 'query ($r: String!) { snapshot(ref: $r) { id } }' }),
      200,
    ],
    [
      'a ref that is no text',
      post({ query: '{ snapshot(ref: "prod") { resolve(ref: 5) { empty } } }' }),
      200,
    ],
    ['an unknown operation', post({ query: '{ __typename }', operationName: 'X' }), 200],
    ['too many tokens', post({ query: `{ ${repeat('__typename ', 3000)} }` }), 200],
    [
      'too many fields',
      post({
        query: `{ ${repeat('...F ', 900)} } fragment F on Query { a: __typename b: __typename c: __typename }`,
      }),
      200,
    ],
    [
      'too many questions',
      post({
        query: `{ snapshot(ref: "prod") { ${Array.from({ length: 51 }, (_, i) => `a${i}: policies { totalCount }`).join(' ')} } }`,
      }),
      200,
    ],
    [
      'fragments in a circle',
      post({ query: '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }' }),
      200,
    ],
    ['depth', post({ query: deep }), 200],
    ['no query', post({}), 400],
    ['a batch', post([{ query: '{ __typename }' }]), 400],
    ['a syntax tree', post({ query: { kind: 'Document', definitions: [] } }), 400],
    ['a syntax tree as text', post({ query: '{"kind":"Document","definitions":[]}' }), 400],
    ['variables that are a list', post({ query: '{ __typename }', variables: [] }), 400],
    ['a name with a line break', post({ query: '{ __typename }', operationName: 'A\n}' }), 400],
    ['GET with two queries', { url: '/graphql?query={__typename}&query={__typename}' }, 400],
    ['GET without a query', { url: '/graphql' }, 400],
  ];
  for (const [name, request, legacy] of cases) {
    for (const time of [1, 2]) {
      const modern = await send({ ...request, headers: { accept: `${MODERN}, application/json` } });
      t.equal(modern.statusCode, 400, `${name}, time ${time}`);
      t.match(modern.headers['content-type'], MODERN);
      t.ok(modern.json().errors[0].message, name);
      t.ok(modern.json().errors[0].extensions.code, `${name} has a code`);
      t.notOk('data' in modern.json(), `${name} has no data`);
      const old = await send(request);
      t.equal(old.statusCode, legacy, name);
      t.match(old.headers['content-type'], 'application/json');
    }
  }
});

t.test('GET asks, only POST changes', async (t) => {
  const { send, get, graphql } = await serve(t);
  const ingest = `mutation ($manifest: String!) { ingest(cluster: "prod", manifest: $manifest) { id ref } }`;
  const variables = { manifest: shop(1) };
  const url = `/graphql?query=${encodeURIComponent(ingest)}&variables=${encodeURIComponent(JSON.stringify(variables))}`;
  t.equal((await get(url)).statusCode, 405);
  t.equal((await get('/api/v1/clusters')).json().totalCount, 0, 'nothing was changed');
  const { id, ref } = (await graphql(ingest, variables)).json().data.ingest;
  const node = `/graphql?query=${encodeURIComponent('query ($id: ID!) { node(id: $id) { id __typename ... on Snapshot { ref } } }')}`;
  const found = await get(`${node}&variables=${encodeURIComponent(JSON.stringify({ id }))}`);
  t.same(found.json().data.node, { id, __typename: 'Snapshot', ref });
  const remove = 'mutation ($id: ID!) { deleteSnapshot(id: $id) }';
  t.equal((await graphql(remove, { id })).json().data.deleteSnapshot, true);
  const gone = await get(`${node}&variables=${encodeURIComponent(JSON.stringify({ id }))}`);
  t.same(gone.json(), { data: { node: null } });
  const twice = (await graphql(remove, { id: ref })).json();
  t.equal(twice.errors[0].extensions.code, 'snapshot-not-found');
  const chosen = `mutation ($manifest: String!) {
    ingest(cluster: "prod", manifest: $manifest, unknownFields: PRUNE, strictCIDR: false, invalidPolicy: EXCLUDE) { assumptions }
  }`;
  t.same(
    (await graphql(chosen, variables)).json().data.ingest.assumptions,
    ['LENIENT_CIDRS_ACCEPTED', 'UNKNOWN_FIELDS_PRUNED'],
    'how it is read is told',
  );
  const refused = await send({
    method: 'POST',
    url: '/graphql',
    payload: '{ __typename }',
    headers: { 'content-type': 'text/plain' },
  });
  t.equal(refused.statusCode, 415, 'what a page can send without asking is not read');
});

t.test('a bug shows nothing of itself', async (t) => {
  const secret = 'the password is swordfish';
  const failing = (): never => {
    throw new TypeError(secret);
  };
  const { graphql, get } = await serve(t, {}, { clusters: failing, snapshot: failing });
  for (const time of [1, 2, 3]) {
    const response = await graphql('{ snapshot(ref: "prod") { id } }');
    t.match(response.json(), {
      data: { snapshot: null },
      errors: [{ extensions: { code: 'internal' } }],
    });
    t.notMatch(response.body, 'swordfish', `time ${time}`);
  }
  const rest = await get('/api/v1/clusters');
  t.equal(rest.statusCode, 500);
  t.equal(rest.json().code, 'internal');
  t.notMatch(rest.body, 'swordfish');
});

t.test('the schema can be read by tools', async (t) => {
  const { graphql, get } = await serve(t);
  const { data, errors } = (await graphql(getIntrospectionQuery())).json();
  t.equal(errors, undefined);
  t.ok(data.__schema.types.length > 30);
  t.match((await get('/schema.graphql')).body, 'type Snapshot implements Node');
});

t.test('a query that is too deep is an error of the query', async (t) => {
  const { send, upload } = await serve(t);
  await upload('prod', shop(1));
  const deep = Array.from({ length: 8 }, () => 'snapshots { nodes { cluster {').join(' ');
  const query = `{ cluster(name: "prod") { ${deep} name ${'}'.repeat(8 * 3)} } }`;
  const response = await send({ method: 'POST', url: '/graphql', payload: { query } });
  const [error] = response.json().errors;
  t.equal(error.extensions.code, 'bad-query');
  t.match(error.message, /depth/);
});
