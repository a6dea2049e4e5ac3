import t from 'tap';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { Test } from 'tap';
import { OTHERS } from '../../src/model/peer.ts';
import { EVERYONE } from '../../src/service/viewer.ts';
import type { Viewer } from '../../src/service/viewer.ts';
import { serve, shop } from '../support/http-app.ts';
import type { Body } from '../support/http-app.ts';

t.setTimeout(300_000);

/** May see `shop` alone. */
const READER: Viewer = { ...EVERYONE, name: 'shop reader', namespaces: ['shop'] };
const CANARY = 'canary';

t.test('no route tells a reader a name outside of its namespaces', async (t) => {
  const { get, send, ref } = await readerOf(t);
  const answers: [string, string][] = [];
  for (const format of ['json', 'ndjson', 'csv', 'md', 'dot', 'mermaid', 'text']) {
    for (const question of LISTS) {
      const url = `/api/v1/snapshots/${ref}/${question}${question.includes('?') ? '&' : '?'}format=${format}`;
      answers.push([url, (await get(url)).payload]);
    }
  }
  for (const url of PLAIN.map((one) => one.replaceAll('REF', ref))) {
    const { payload, statusCode } = await get(url);
    t.ok(statusCode === 200 || statusCode === 404, `${url}: ${statusCode}`);
    answers.push([url, payload]);
  }
  const questions = [
    { from: OTHERS, to: 'shop/api', port: '80' },
    { from: 'shop/api', to: OTHERS },
    { from: 'elsewhere/pod/a', to: 'shop/api' },
    { from: '10.9.0.1', to: 'shop/db-0' },
  ];
  for (const detail of ['verdict', 'full']) {
    const url = `/api/v1/snapshots/${ref}/paths?detail=${detail}`;
    const { payload } = await send({ method: 'POST', url, payload: { questions } });
    answers.push([url, payload]);
  }
  const query = { query: EVERYTHING, variables: { ref } };
  const { payload } = await send({ method: 'POST', url: '/graphql', payload: query });
  t.notOk(payload.includes('"errors"'), 'GraphQL answers', { payload });
  answers.push(['GraphQL', payload]);
  for (const [url, text] of answers) {
    const at = text.indexOf(CANARY);
    t.ok(at < 0, url, { told: text.slice(Math.max(0, at - 120), at + 60) });
  }
});

t.test('a reader sees pods outside of its namespaces as one group, counted', async (t) => {
  const { get, ref } = await readerOf(t);
  const url = `/api/v1/snapshots/${ref}/who-can-reach?target=shop/pod/api-0&port=8080&groupBy=pod`;
  const { items } = (await get(url)).json();
  const others = items.filter(({ from }: Body) => from.key === OTHERS);
  t.match(others, [
    { from: { key: OTHERS, ref: OTHERS, kind: 'PodSet', podCount: 3 }, verdict: 'PARTIAL' },
  ]);
  t.equal(others.length, 1);
  t.match(others[0].because, [{ policy: { namespace: 'shop', name: 'allow-web-of-all' } }]);
  t.match(others[0].reasons, [{ code: 'ADMITTED' }, { code: 'HIDDEN' }]);
  const path = (
    await get(`/api/v1/snapshots/${ref}/path?from=${OTHERS}&to=shop/pod/api-0&port=8080`)
  ).json();
  t.match(path, { verdict: 'PARTIAL', from: { key: OTHERS, podCount: 3 } });
  t.match(path.legs[0], { subject: { key: OTHERS }, decidedBy: { kind: 'HIDDEN' }, policies: [] });
  const address = (await get(`/api/v1/snapshots/${ref}/resolve?ref=10.9.0.1`)).json();
  t.match(address.peer, { key: OTHERS, podCount: 3 }, 'an address of one is all of them');
});

t.test('what a reader may not see is not found, as what does not exist', async (t) => {
  const { get, ref } = await readerOf(t);
  const hidden = [
    'HID/*',
    'HID/pod/NAME-a',
    'HID/deploy/NAME',
    'HID/svc/NAME',
    'HID?app=x',
    'NAME',
  ];
  const ask = async (text: string, namespace: string, name: string): Promise<string> => {
    const asked = text.replace('HID', namespace).replace('NAME', name);
    const { payload } = await get(
      `/api/v1/snapshots/${ref}/resolve?ref=${encodeURIComponent(asked)}`,
    );
    const { detail, code, suggestions, candidates } = JSON.parse(payload);
    return JSON.stringify({ detail, code, suggestions, candidates })
      .replaceAll(namespace, 'HID')
      .replaceAll(name, 'NAME');
  };
  for (const text of hidden) {
    const [there, nowhere] = await Promise.all([
      ask(text, `${CANARY}-ns`, `${CANARY}-app`),
      ask(text, 'absents-ns', 'absents-app'),
    ]);
    t.match(there, /ref-not-found/);
    t.equal(there, nowhere, text);
  }
});

t.test('a snapshot tells a reader of its namespaces and the cluster', async (t) => {
  const { get, ref, whole } = await readerOf(t);
  const url = `/api/v1/snapshots/${ref}`;
  const [info, all] = [(await get(url)).json(), (await whole.get(url)).json()];
  const count = ({ counts }: Body, wanted: string): number =>
    counts.find(({ kind }: Body) => kind === wanted)?.count;
  t.equal(count(info, 'Pod'), 4);
  t.equal(count(all, 'Pod'), 7);
  t.same(
    info.problems.map(({ object }: Body) => object),
    [],
  );
  t.ok(all.problems.some(({ object }: Body) => object.includes(CANARY)));
  t.equal(info.digest, all.digest);
});

t.test('what is kept for all is never told to a reader, nor the other way', async (t) => {
  const { get, ref, whole } = await readerOf(t);
  const url = `/api/v1/snapshots/${ref}/connectivity?groupBy=pod&limit=1000`;
  const [first, mine] = [await whole.get(url), await get(url)];
  const [again, mineAgain] = [await whole.get(url), await get(url)];
  t.ok(first.payload.includes(CANARY));
  t.notOk(mine.payload.includes(CANARY));
  t.equal(again.payload, first.payload);
  t.equal(mineAgain.payload, mine.payload);
});

interface Asked {
  readonly get: (url: string) => Promise<LightMyRequestResponse>;
  readonly send: (request: InjectOptions) => Promise<LightMyRequestResponse>;
}

/** A server as {@link READER} meets it, and as `whole` who may see everything. */
async function readerOf(t: Test): Promise<Asked & { readonly ref: string; readonly whole: Asked }> {
  const viewers = new Map([
    ['reader', READER],
    ['everyone', EVERYONE],
  ]);
  const authenticator = {
    authenticate: (credential: string) => Promise.resolve(viewers.get(credential)),
  };
  const { send } = await serve(t, { authenticator });
  const as = (credential: string): Asked => {
    const headers = { authorization: `Bearer ${credential}` };
    return {
      get: (url) => send({ url, headers }),
      send: (request) => send({ ...request, headers }),
    };
  };
  const whole = as('everyone');
  const response = await whole.send({
    method: 'POST',
    url: '/api/v1/clusters/prod/snapshots',
    payload: `${shop(2)}\n${hiddenPart()}`,
  });
  return { ...as('reader'), whole, ref: response.json<{ id: string }>().id };
}

/** A namespace whose every name is a canary: pods, their owner, policies (one broken), ways in. */
function hiddenPart(): string {
  const namespace = `${CANARY}-ns`;
  const of = (apiVersion: string, kind: string, name: string, rest: object): object => ({
    apiVersion,
    kind,
    metadata: { name, namespace, labels: { app: `${CANARY}-label` } },
    ...rest,
  });
  const pod = (letter: string, labels: object, podIP: string): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${CANARY}-app-${letter}`, namespace, labels },
    spec: { nodeName: 'n1', containers: [{ name: CANARY }] },
    status: { phase: 'Running', podIP, podIPs: [{ ip: podIP }] },
  });
  const policy = 'networking.k8s.io/v1';
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    pod('a', { app: 'web', [CANARY]: CANARY }, '10.9.0.1'),
    pod('b', { app: `${CANARY}-label` }, '10.9.0.2'),
    pod('c', { app: `${CANARY}-label` }, '10.9.0.3'),
    of('v1', 'Service', `${CANARY}-svc`, {
      spec: { clusterIP: '10.96.9.9', selector: { app: 'web' }, ports: [{ port: 80 }] },
    }),
    of(policy, 'NetworkPolicy', `${CANARY}-policy`, {
      spec: {
        podSelector: { matchLabels: { app: `${CANARY}-label` } },
        policyTypes: ['Ingress', 'Egress'],
      },
    }),
    of(policy, 'NetworkPolicy', `${CANARY}-broken`, {
      spec: { podSelector: {}, ingress: [{ ports: [{ port: 99999999 }] }] },
    }),
    of(policy, 'Ingress', `${CANARY}-ingress`, {
      spec: { defaultBackend: { service: { name: `${CANARY}-svc`, port: { number: 80 } } } },
    }),
    {
      apiVersion: policy,
      kind: 'NetworkPolicy',
      metadata: { name: 'allow-web-of-all', namespace: 'shop' },
      spec: {
        podSelector: { matchLabels: { app: 'api' } },
        ingress: [
          {
            from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'web' } } }],
            ports: [{ port: 8080 }],
          },
        ],
      },
    },
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

const LISTS = [
  'who-can-reach?target=shop/api',
  `who-can-reach?target=${OTHERS}`,
  'reachable-from?source=shop/api&maxHops=3',
  `reachable-from?source=${OTHERS}&groupBy=pod`,
  'connectivity?groupBy=pod&nodes=true',
  'connectivity?groupBy=namespace',
  'isolation',
  'exposure',
  'ways-in',
  'effective?of=shop/api',
  'policies',
  'graph',
  `path?from=${OTHERS}&to=shop/api&port=8080`,
  `path?from=shop/api&to=${OTHERS}`,
  'path?from=10.9.0.0/24&to=shop/db-0',
  'resolve?ref=10.9.0.1',
];

const PLAIN = [
  '/api/v1/clusters',
  '/api/v1/clusters/prod',
  '/api/v1/clusters/prod/snapshots',
  '/api/v1/snapshots/REF',
  `/api/v1/snapshots/REF/resolve?ref=${OTHERS}`,
  '/api/v1/snapshots/REF/resolve?ref=10.96.9.9',
  '/api/v1/snapshots/REF/resolve?ref=shop/*',
  `/api/v1/snapshots/REF/effective?of=${OTHERS}`,
  `/api/v1/snapshots/REF/isolation?of=10.9.0.2`,
  '/api/v1/snapshots/REF/resolve?ref=anary-app',
  '/api/v1/snapshots/REF/policies/NetworkPolicy/shop/allow-web',
  '/api/v1/snapshots/REF/paths?q=*/others~shop/api~8080',
];

const EVERYTHING = `query Everything($ref: String!) {
  clusters { nodes { name latest { id counts { kind count } } snapshots { nodes { id } } } }
  snapshot(ref: $ref) {
    digest
    coverage { kind count namespaces }
    problems { nodes { object message file } }
    resolve(ref: "*/others") { nodes { key ref kind } }
    path(from: "*/others", to: "shop/api", port: "8080") {
      verdict text reasons { code message }
      outcomes { from { count nodes { key } } legs { subject { key } decidedBy { kind short policies { name } } nearest { why } policies { policy { name namespace } } } }
    }
    whoCanReach(target: "shop/api") { nodes { from { key ref ... on NamespacedPeer { namespace } } because { policy { name } } parts { legs { nearest { why } } } reasons { message } } }
    connectivity(groupBy: POD) { nodes { from { key } to { key } because { policy { name namespace } } reasons { message } } }
    isolation { nodes { peer { key } } }
    policies { nodes { policy { name namespace } selects { podCount peers { key } } } }
  }
}`;
