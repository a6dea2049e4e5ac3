import { gzipSync } from 'node:zlib';
import { get as httpGet } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LightMyRequestResponse } from 'fastify';
import t from 'tap';
import type { Test } from 'tap';
import { PROXY_KINDS, sendThrough, startProxy } from '../support/proxies.ts';
import type { Proxy, ProxyKind } from '../support/proxies.ts';
import { readsOf } from '../support/reads.ts';
import { entrances, serve, shop } from '../support/http-app.ts';
import type { Body, Served } from '../support/http-app.ts';

interface Shown extends Served {
  readonly proxies: ReadonlyMap<ProxyKind, Proxy>;
  readonly target: { readonly port: number; readonly basePath: string };
}

/** A server with the cluster `prod`, and a proxy of each kind in front of it. */
async function show(t: Test, basePath: string): Promise<Shown> {
  const served = await serve(t, { basePath });
  await served.upload('prod', shop(3) + entrances(2));
  if (!served.app.server.listening) await served.app.listen({ port: 0, host: '127.0.0.1' });
  const target = { port: (served.app.server.address() as AddressInfo).port, basePath };
  const proxies = new Map<ProxyKind, Proxy>();
  for (const kind of PROXY_KINDS) proxies.set(kind, await startProxy(t, kind, target));
  return { ...served, proxies, target };
}

/** Health has no body worth comparing to the byte, and requests have ids of their own. */
function bodyOf({ body }: LightMyRequestResponse): string {
  return body.replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'ID');
}

for (const basePath of ['', '/pod/reach']) {
  t.test(`every read is the same through proxies, base path \`${basePath}\``, async (t) => {
    const { app, proxies } = await show(t, basePath);
    const document = (await app.inject(`${basePath}/openapi.json`)).json();
    const urls = [
      ...readsOf(document),
      '/graphql?query={snapshot(ref:"prod"){whoCanReach(target:"shop/api"){nodes{from{ref}}}}}',
      '/graphql?query={nothing}',
      '/api/v1/snapshots/prod/who-can-reach?target=shop?app=api&port=tcp/8080,udp/53',
      '/api/v1/snapshots/prod/policies/NetworkPolicy/-/none',
      '/api/v1/nothing/at/all',
      '/api/v1/snapshots/prod@2020-01-01T00:00:00Z/path?from=shop/*&to=0.0.0.0/0',
      '/api/v1/snapshots/%ff',
    ];
    t.ok(100 < urls.length, `${urls.length} reads`);
    const kinds = [...proxies.entries()];
    for (const [i, url] of urls.entries()) {
      const direct = await app.inject(basePath + url);
      t.ok(direct.statusCode < 500, `${direct.statusCode} ${url}`);
      // What a base path changes is the same for all kinds: they take turns.
      const chosen = basePath === '' ? kinds : kinds.slice(i % kinds.length).slice(0, 1);
      for (const [kind, proxy] of chosen) {
        const passed = await sendThrough(proxy, { url });
        t.equal(passed.statusCode, direct.statusCode, `${kind} ${url}`);
        if (bodyOf(passed) !== bodyOf(direct))
          t.equal(bodyOf(passed), bodyOf(direct), `${kind} ${url}`);
        t.equal(passed.headers['content-type'], direct.headers['content-type'], `${kind} ${url}`);
      }
    }
  });
}

t.test('pages are turned by what is in the body', async (t) => {
  const { app, proxies } = await show(t, '/pre');
  const list = '/api/v1/snapshots/prod/who-can-reach?target=shop/api&groupBy=pod&limit=';
  const all = (await app.inject(`/pre${list}1000`)).json();
  t.equal(all.totalCount, 3);
  for (const [kind, proxy] of proxies) {
    const items: unknown[] = [];
    let next: string | null = '';
    while (next !== null) {
      const cursor = next === '' ? '' : `&cursor=${next}`;
      const page: Body = (await sendThrough(proxy, { url: `${list}1${cursor}` })).json();
      items.push(...page.items);
      next = page.nextCursor;
    }
    t.same(items, all.items, kind);
  }
});

t.test('an answer that is known already is sent again where that gets lost', async (t) => {
  const { proxies } = await show(t, '');
  const url = '/api/v1/snapshots/prod/path?from=shop/web-00&to=shop/api';
  for (const [kind, proxy] of proxies) {
    const first = await sendThrough(proxy, { url });
    const etag = first.headers['etag'] ?? '"lost"';
    const again = await sendThrough(proxy, { url, headers: { 'if-none-match': etag } });
    const isLost = kind === 'backstage';
    t.equal(first.headers['etag'] === undefined, isLost, kind);
    t.equal(again.statusCode, isLost ? 200 : 304, kind);
    if (isLost) t.equal(again.body, first.body);
  }
});

t.test('uploads and questions in bodies come through, or are refused clearly', async (t) => {
  const { proxies, target } = await show(t, '/pre');
  for (const [kind, proxy] of proxies) {
    const upload = {
      method: 'POST',
      url: '/api/v1/clusters/prod/snapshots',
      payload: gzipSync(shop(3) + entrances(2)),
      headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' },
    } as const;
    t.equal((await sendThrough(proxy, upload)).statusCode, 200, `${kind}: the same content`);
    const question = {
      method: 'POST',
      url: '/api/v1/snapshots/prod/paths',
      payload: { questions: [{ from: 'shop/web-00', to: 'shop/api', port: 'tcp/80' }] },
    } as const;
    const [answer] = (await sendThrough(proxy, question)).json().answers;
    t.equal(answer.verdict, 'ALLOWED', kind);
    const query = { query: '{ clusters { totalCount } }' };
    const graphql = await sendThrough(proxy, { method: 'POST', url: '/graphql', payload: query });
    t.same(graphql.json(), { data: { clusters: { totalCount: 1 } } }, kind);
  }
  const lossy = await startProxy(t, 'backstage', target, { dropsBodies: true });
  for (const [url, payload, statuses] of [
    ['/api/v1/snapshots/prod/paths', { questions: [] }, [400]],
    ['/graphql', { query: '{ __typename }' }, [400]],
    ['/api/v1/clusters/prod/snapshots', { kind: 'List' }, [400, 422]],
  ] as const) {
    const answer = await sendThrough(lossy, { method: 'POST', url, payload });
    t.ok(
      (statuses as readonly number[]).includes(answer.statusCode),
      `${answer.statusCode} ${url}`,
    );
  }
});

t.test('events come through as they happen, and go on without headers', async (t) => {
  const { proxies, app } = await show(t, '/pre');
  let pods = 10;
  for (const [kind, proxy] of proxies) {
    const next = await follow(t, proxy, '/api/v1/events?cluster=prod');
    const upload = async (): Promise<string> => {
      const url = '/pre/api/v1/clusters/prod/snapshots';
      pods += 1;
      return (await app.inject({ method: 'POST', url, payload: shop(pods) })).json().id;
    };
    await next(/retry: \d+\n\n/);
    const first = await upload();
    await next(new RegExp(`event: snapshot\nid: ${first}\ndata: .*\n\n`));
    const second = await upload();
    const again = await follow(t, proxy, `/api/v1/events?after=${first}`);
    await again(new RegExp(`event: snapshot\nid: ${second}\ndata: .*\n\n`));
    t.pass(kind);
  }
});

/** Reads a stream; resolves when what was read matches. */
function follow(t: Test, proxy: Proxy, url: string): Promise<(wanted: RegExp) => Promise<void>> {
  return new Promise((resolve, reject) => {
    const request = httpGet({ port: proxy.port, host: '127.0.0.1', path: proxy.prefix + url });
    t.teardown(() => request.destroy());
    request.on('error', reject).on('response', (response) => {
      let text = '';
      let wake = (): void => undefined;
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        wake();
      });
      response.on('error', () => undefined);
      resolve(async (wanted) => {
        while (!wanted.test(text)) await new Promise<void>((done) => (wake = done));
      });
    });
  });
}
