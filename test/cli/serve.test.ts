import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t from 'tap';
import { openStore } from '../../src/store/open-store.ts';
import { MANIFESTS, runMain } from './run-main.ts';
import type { Finished } from './run-main.ts';

const folder = await mkdtemp(join(tmpdir(), 'podreach-serve-'));
t.teardown(() => rm(folder, { recursive: true }));

const MEMORY = ['--database', 'sqlite::memory:', '--port', '0'];

/** Serves while `action` runs, then stops as SIGTERM would. */
const whileServing = async (
  args: readonly string[],
  action: (url: string, printed: string) => Promise<void>,
): Promise<Finished> => {
  let stop = (): void => undefined;
  let announce: (text: string) => void = () => undefined;
  const announced = new Promise<string>((resolve) => {
    announce = resolve;
  });
  const finished = runMain(['serve', ...args], {
    onOutput: announce,
    onStop: (listener) => {
      stop = listener;
      return () => undefined;
    },
  });
  const printed = await Promise.race([announced, finished.then(({ err }) => err)]);
  const url = /listens on (http:\S+)/.exec(printed)?.[1];
  if (url === undefined) throw new Error(printed);
  try {
    await action(url, printed);
  } finally {
    stop();
  }
  return finished;
};

t.test('serve --demo answers the curl it prints, and every way of asking agrees', async (t) => {
  const { code, err } = await whileServing([...MEMORY, '--demo'], async (url, printed) => {
    const [, curl = ''] = /curl -sS '([^']+target=shop\/api)'/.exec(printed) ?? [];
    t.ok(curl.startsWith(`${url}/api/v1/snapshots/demo/`), printed);
    const body = (await (await fetch(curl)).json()) as { readonly items: readonly object[] };
    t.ok(0 < body.items.length);
    const asked = ['who-can-reach', 'shop/api', '-o', 'json'];
    const remote = JSON.parse((await runMain([...asked, '--server', url])).out);
    t.strictSame(remote, { ...body, nextCursor: null }, 'the command line asks the server');
    const local = JSON.parse(
      (await runMain([...asked, '-f', 'demo', '--source', 'manifests'])).out,
    );
    const withoutPlaces = (items: unknown): unknown =>
      JSON.parse(JSON.stringify(items).replaceAll(/"file":"[^"]*"/g, '"file":""'));
    t.strictSame(withoutPlaces(local.items), withoutPlaces(remote.items), 'files answer the same');
    const resolve = ['resolve', 'payments/svc/checkout'];
    const [here, there] = [
      await runMain([...resolve, '-f', 'demo']),
      await runMain([...resolve, '--server', url]),
    ];
    t.equal(there.out, here.out, 'a resolution too');
    const ways = await runMain(['ways-in', '-f', 'demo', '--source', 'manifests']);
    t.equal((await runMain(['ways-in', '--server', url])).out, ways.out, 'and ways in');
    t.match(ways.out, /search\.shop\.example tcp\/443 +DENIED +edge\/deploy\/gateway/);
    const [, query = ''] = /-d '(\{"query".*\})'/.exec(printed) ?? [];
    const graphql = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: query,
    });
    t.match(await graphql.json(), {
      data: { snapshot: { whoCanReach: { totalCount: body.items.length } } },
    });
  });
  t.equal(code, 0);
  t.match(err, /^podreach: stopping$/m);
});

t.test('what ingest sends can be asked, listed and shown', async (t) => {
  await whileServing(MEMORY, async (url) => {
    const shop = join(MANIFESTS, 'shop');
    const send = () => runMain(['ingest', 'prod', '-f', shop, '--server', url]);
    t.match(await send(), { code: 0, err: /stored as a new snapshot/, out: /^cluster +prod$/m });
    t.match(await send(), { code: 0, err: /already holds exactly this/ });
    const asked = ['path', 'shop/job', 'shop/api', '-p', '8080', '--server', url];
    t.match(await runMain(asked), { code: 1, out: /^DENIED/ });
    const stdin = 'shop/web shop/api 8080\nshop/no shop/api\n';
    const batch = ['paths', '--server', url, '-o', 'json'];
    t.match(JSON.parse((await runMain(batch, { stdin })).out), {
      answers: [{ verdict: 'ALLOWED' }, { error: { code: 'ref-not-found' } }],
    });
    const full = await runMain([...batch, '--detail', 'full'], { stdin });
    t.match(JSON.parse(full.out), { answers: [{ text: /^ALLOWED/ }] });
    t.match(await runMain(['clusters', '--server', url]), { code: 0, out: /^prod +s_/m });
    t.match(await runMain(['snapshots', '--server', url]), { code: 0, out: /^s_\w+ +prod/m });
    t.match(await runMain(['snapshots', '--show', 'prod', '--server', url]), {
      out: /^holds +.*3 Pod/m,
    });
    t.match(await runMain(['isolation', '--isolated', '--server', url]), { out: /^1 row\n/ });
    t.match(await runMain(['policies', '--server', url]), { out: /^1 policy\n/ });
    t.match(await runMain(['connectivity', '--nodes', '--no-external', '--server', url]), {
      code: 0,
    });
    t.match(await runMain(['reachable-from', 'shop/job', '--implicit', '--server', url]), {
      code: 0,
    });
    const wrong = await runMain(['path', 'shop/jbo', 'shop/api', '--server', url]);
    t.match(wrong, { code: 2, err: /did you mean\n {4}shop\/\S*job/ });
    const refused = ['ingest', 'prod', '-f', join(MANIFESTS, 'invalid.yaml'), '--strict'];
    t.match(await runMain([...refused, '--server', url]), { code: 2, err: /invalid\.yaml:\d+\)/ });
  });
});

t.test('settings come from the file of --config too', async (t) => {
  const config = join(folder, 'podreach.yaml');
  await writeFile(config, 'database: "sqlite::memory:"\nport: 0\nbasePath: /reach\n');
  await whileServing(['--config', config], async (url, printed) => {
    t.match(printed, /listens on http:\/\/127\.0\.0\.1:\d+\/reach\n/);
    t.equal((await fetch(`${url}/api/v1/clusters`)).status, 200);
  });
});

t.test('what keeps the server from starting is one line', async (t) => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  t.teardown(() => blocker.close());
  const { port } = blocker.address() as AddressInfo;
  const memory = ['--database', 'sqlite::memory:'];
  const config = join(folder, 'wrong.yaml');
  await writeFile(config, 'prot: 1\n');
  const newer = join(folder, 'newer.db');
  await (await openStore(`sqlite:${newer}`, { snapshotsPerClusterMax: 1 })).close();
  const database = new Database(newer);
  database.pragma('user_version = 1000');
  database.close();
  const cases: readonly (readonly [args: readonly string[], code: number, err: RegExp])[] = [
    [
      [...memory, '--port', String(port)],
      4,
      /port \d+: the port is taken; choose another with `--port`\n$/,
    ],
    [[...memory, '--host', '0.0.0.0'], 2, /`0\.0\.0\.0` can be reached from other machines/],
    [[...memory, '--host', '127.0.0.1.example'], 2, /can be reached from other machines/],
    [['--database', 'mysql://x'], 2, /unknown database `mysql:`/],
    [['--database', join('sqlite:', folder, 'none', 'x.db'), '--port', '0'], 4, /^podreach: /m],
    [['--database', `sqlite:${newer}`, '--port', '0'], 4, /has schema 1000.*newer podreach/],
    [['--port', 'x'], 2, /`--port`: `x` is no number from 0 to 65535/],
    [['--config', config], 2, /unknown setting `prot`/],
    [['--config', join(folder, 'none.yaml')], 2, /it does not exist/],
  ];
  for (const [args, code, err] of cases) {
    t.match(await runMain(['serve', ...args]), { code, err, out: '' }, args.join(' '));
  }
  const environment = { PODREACH_DATABSE: 'x' };
  t.match(await runMain(['serve'], { environment }), { code: 2, err: /`PODREACH_DATABSE`/ });
});
