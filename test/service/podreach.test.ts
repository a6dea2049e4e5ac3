import t from 'tap';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { path } from '../../src/engine/queries/path.ts';
import { whoCanReach } from '../../src/engine/queries/who-can-reach.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import type { ManifestInput } from '../../src/model/input.ts';
import { createPodreach } from '../../src/service/create-podreach.ts';
import type { PodreachParts } from '../../src/service/create-podreach.ts';
import { IndexCache } from '../../src/service/index-cache.ts';
import { EVERYONE } from '../../src/service/viewer.ts';
import type { Podreach } from '../../src/service/podreach.ts';
import { checkClusterName, parseSnapshotRef } from '../../src/service/snapshot-ref.ts';
import { openStore } from '../../src/store/open-store.ts';

const NOW = new Date('2026-08-01T12:00:00Z');

async function service(parts: Partial<PodreachParts> = {}): Promise<Podreach> {
  const store = await openStore('sqlite::memory:', { snapshotsPerClusterMax: 100 });
  return createPodreach({
    store,
    engineOptions: DEFAULT_OPTIONS,
    limits: DEFAULT_INGEST_LIMITS,
    indexCacheBytesMax: 1 << 28,
    now: () => NOW,
    ...parts,
  });
}

async function* upload(text: string, file?: string): AsyncIterable<ManifestInput> {
  const bytes = async function* (): AsyncIterable<Uint8Array> {
    yield Buffer.from(text);
  };
  yield { ...(file === undefined ? {} : { file }), bytes: bytes() };
}

const SHOP = `apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec: { containers: [{ name: main }] }
---
apiVersion: v1
kind: Pod
metadata: { name: db, namespace: shop, labels: { app: db } }
spec: { containers: [{ name: main, ports: [{ name: pg, containerPort: 5432 }] }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  ingress:
    - from: [{ podSelector: { matchLabels: { app: web } } }]
      ports: [{ port: pg }]
`;

const BAD_CIDR = `${SHOP}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: office, namespace: shop }
spec:
  podSelector: {}
  ingress:
    - from:
        - ipBlock:
            cidr: 10.0.0.0/33
`;

const LIVE_WITHOUT_POLICIES = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: ['web', 'db'].map((name, i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', uid: `u${i}`, labels: { app: name } },
    spec: { nodeName: 'n1', containers: [{ name: 'main' }] },
    status: { phase: 'Running', podIP: `10.0.0.${i + 1}`, podIPs: [{ ip: `10.0.0.${i + 1}` }] },
  })),
});

t.test('the same content twice is one snapshot', async (t) => {
  const podreach = await service();
  const first = await podreach.ingest(EVERYONE, 'a', upload(SHOP));
  const second = await podreach.ingest(EVERYONE, 'a', upload(SHOP));
  t.equal(first.created, true);
  t.equal(second.created, false);
  t.equal(second.snapshot.id, first.snapshot.id);
  const { totalCount } = await podreach.snapshots(EVERYONE, 'a', { offset: 0, limit: 10 });
  t.equal(totalCount, 1);
  const changed = await podreach.ingest(EVERYONE, 'a', upload(SHOP.replace('pg }', 'pgx }')));
  t.equal(changed.created, true);
  const back = await podreach.ingest(EVERYONE, 'a', upload(SHOP));
  t.equal(back.created, true, 'going back to older content is a new snapshot');
  t.equal(back.snapshot.digest, first.snapshot.digest, 'with the old digest');
  await podreach.close();
});

t.test('a question is answered from the snapshot it names', async (t) => {
  const podreach = await service();
  const { snapshot } = await podreach.ingest(EVERYONE, 'a', upload(SHOP, 'shop.yaml'));
  const args = { from: 'shop/web', to: 'shop/db', port: 'tcp/5432' };
  for (const ref of [snapshot.id, 'a', 'a@2026-08-01T12:00:00Z']) {
    const answer = await podreach.ask(EVERYONE, ref, path, args);
    t.equal(answer.snapshot.id, snapshot.id, ref);
    t.equal(answer.result.verdict, 'ALLOWED', ref);
  }
  const { result } = await podreach.ask(EVERYONE, 'a', path, { ...args, port: 'tcp/80' });
  t.equal(result.verdict, 'DENIED');
  t.match(result.legs[1]?.nearest[0], { rule: { file: 'shop.yaml', index: 0 }, peerMatch: true });
  await t.rejects(podreach.ask(EVERYONE, 'b', path, args), { code: 'snapshot-not-found' });
  await t.rejects(podreach.ask(EVERYONE, 'a@2020-01-01', path, args), {
    code: 'snapshot-not-found',
  });
  await podreach.close();
});

t.test(
  'a bad policy is kept out, named with field and line, and told with each answer',
  async (t) => {
    const podreach = await service();
    const { snapshot } = await podreach.ingest(EVERYONE, 'a', upload(BAD_CIDR, 'all.yaml'));
    const problem = snapshot.problems.find(({ code }) => code === 'INVALID_POLICY');
    t.match(problem, {
      object: 'NetworkPolicy shop/office',
      path: 'spec.ingress[0].from[0].ipBlock.cidr',
      file: 'all.yaml',
      line: 28,
      affectsVerdicts: true,
    });
    const args = { from: 'shop/web', to: 'shop/db', port: 'tcp/5432' };
    const { result } = await podreach.ask(EVERYONE, 'a', path, args);
    t.ok(result.problems.some(({ object }) => object === 'NetworkPolicy shop/office'));
    t.ok(result.reasons.some(({ code }) => code === 'INVALID_POLICY_EXCLUDED'));
    await t.rejects(podreach.ingest(EVERYONE, 'b', upload(BAD_CIDR), { strict: true }), {
      code: 'bad-input',
    });
    await t.rejects(podreach.cluster(EVERYONE, 'b'), { code: 'cluster-not-found' });
    await podreach.close();
  },
);

t.test('an upload is read as the server is set, unless it says otherwise', async (t) => {
  const loose = upload.bind(null, BAD_CIDR.replace('10.0.0.0/33', '10.0.0.1/8'));
  const podreach = await service({ reading: { strictCIDR: false, invalidPolicy: 'strict' } });
  const { snapshot } = await podreach.ingest(EVERYONE, 'a', loose());
  t.same(snapshot.assumptions, ['LENIENT_CIDRS_ACCEPTED']);
  const args = { from: 'shop/web', to: 'shop/db', port: 'tcp/5432' };
  const { result } = await podreach.ask(EVERYONE, 'a', path, args);
  t.match(result.assumptions, [{ code: 'LENIENT_CIDRS_ACCEPTED', message: /strictCIDR=false/ }]);
  await t.rejects(podreach.ingest(EVERYONE, 'a', loose(), { strictCIDR: true }), {
    code: 'bad-input',
  });
  const other = { strictCIDR: true, invalidPolicy: 'exclude' } as const;
  const again = await podreach.ingest(EVERYONE, 'a', loose(), other);
  t.match(again, { created: true, snapshot: { assumptions: [] } });
  await podreach.close();
});

t.test('a dump without NetworkPolicies never answers ALLOWED', async (t) => {
  const podreach = await service();
  const { snapshot } = await podreach.ingest(EVERYONE, 'a', upload(LIVE_WITHOUT_POLICIES));
  t.equal(snapshot.source, 'LIVE');
  t.match(snapshot.hint, /kubectl get/, 'the answer says what to run');
  const args = { from: 'shop/web', to: 'shop/db', port: 'tcp/5432' };
  const { result } = await podreach.ask(EVERYONE, 'a', path, args);
  t.equal(result.verdict, 'UNDETERMINED');
  const missing = result.reasons.flatMap((reason) => reason.missing ?? []);
  t.ok(missing.some(({ kind }) => kind === 'NetworkPolicy'));
  const list = await podreach.ask(EVERYONE, 'a', whoCanReach, {
    target: 'shop/db',
    port: 'any',
    groupBy: 'WORKLOAD',
    exclude: [],
    implicit: false,
  });
  t.equal(list.result.complete, false);
  t.same(list.result.counts, { ...list.result.counts, allowed: 0, partial: 0 });
  t.ok(list.result.counts.undetermined > 0, 'pairs that may be allowed are rows');
  const told = await podreach.ingest(EVERYONE, 'b', upload(LIVE_WITHOUT_POLICIES), {
    assumeNoPolicies: true,
  });
  t.same(told.snapshot.assumptions.includes('ASSUMED_NO_POLICIES'), true);
  const answer = await podreach.ask(EVERYONE, 'b', path, args);
  t.equal(answer.result.verdict, 'ALLOWED');
  await podreach.close();
});

t.test('names and times that cannot be used are refused with what would do', async (t) => {
  for (const [name, suggestion] of [
    ['s_prod', 'prod'],
    ['my cluster', 'my-cluster'],
    ['-x', 'x'],
    ['', 'my-cluster'],
  ] as const) {
    t.throws(
      () => checkClusterName(name),
      { code: 'bad-cluster-name', details: { suggestions: [suggestion] } },
      name,
    );
  }
  t.same(parseSnapshotRef('s_0abc'), { kind: 'id', id: 's_0abc' });
  t.throws(() => parseSnapshotRef('a@yesterday'), { code: 'bad-query' });
  const podreach = await service();
  const ahead = podreach.ingest(EVERYONE, 'a', upload(SHOP), {
    takenAt: new Date('2026-08-01T12:06:00Z'),
  });
  await t.rejects(ahead, { code: 'bad-query', details: { parameter: 'takenAt' } });
  await podreach.close();
});

t.test('deleting forgets, and what a viewer may not see does not exist', async (t) => {
  const podreach = await service();
  const { snapshot } = await podreach.ingest(EVERYONE, 'a', upload(SHOP));
  const stranger = { ...EVERYONE, name: 'stranger', clusters: ['b'] };
  await t.rejects(podreach.snapshot(stranger, snapshot.id), { code: 'snapshot-not-found' });
  await t.rejects(podreach.cluster(stranger, 'a'), { code: 'cluster-not-found' });
  t.same((await podreach.clusters(stranger, { limit: 10 })).items, []);
  await t.rejects(podreach.deleteSnapshot(stranger, snapshot.id), { code: 'snapshot-not-found' });
  await podreach.deleteSnapshot(EVERYONE, snapshot.id);
  await t.rejects(podreach.snapshot(EVERYONE, snapshot.id), { code: 'snapshot-not-found' });
  await podreach.close();
});

t.test(
  'one compile serves all who wait, a failed one is forgotten, and bytes bound the cache',
  async (t) => {
    const cache = new IndexCache(100);
    const index = (bytes: number): ReachIndex => ({ bytes }) as unknown as ReachIndex;
    let compiles = 0;
    const compile = async (): Promise<ReachIndex> => {
      compiles += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return index(60);
    };
    const all = await Promise.all(Array.from({ length: 1000 }, () => cache.get('a', compile)));
    t.equal(compiles, 1);
    t.equal(new Set(all).size, 1);
    await t.rejects(cache.get('bad', () => Promise.reject(new PodreachError('internal', 'x'))));
    await cache.get('b', compile);
    t.equal(compiles, 2);
    t.ok(cache.bytes <= 100, 'the least recently used is evicted');
    await cache.get('a', compile);
    t.equal(compiles, 3);
  },
);

t.test('a policy kind that the dump shows and does not list leaves everything open', async (t) => {
  const podreach = await service();
  const dump = JSON.parse(LIVE_WITHOUT_POLICIES) as { items: object[] };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'ciliumnetworkpolicies.cilium.io', uid: 'c' },
    spec: { group: 'cilium.io', names: { kind: 'CiliumNetworkPolicy' } },
  };
  const policies = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicyList', items: [] };
  const args = { from: 'shop/web', to: 'shop/db', port: 'tcp/5432' };
  const verdictWith = async (...items: object[]): Promise<string> => {
    const text = JSON.stringify({ ...dump, items: [...dump.items, policies, ...items] });
    await podreach.ingest(EVERYONE, 'a', upload(text));
    const { result } = await podreach.ask(EVERYONE, 'a', path, args);
    return `${result.verdict} ${result.reasons.map(({ code }) => code).join(',')}`;
  };
  t.equal(await verdictWith(), 'ALLOWED NOT_ISOLATED');
  t.equal(await verdictWith(definition), 'UNDETERMINED MISSING_KIND');
  const listed = { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicyList', items: [] };
  t.equal(
    await verdictWith(definition, listed),
    'ALLOWED NOT_ISOLATED',
    'an empty list says there are none',
  );
  await podreach.close();
});

t.test('nothing is taken in while there is no room for it', async (t) => {
  const full = new PodreachError('disk-full', 'the disk is full');
  const podreach = await service({ checkRoom: () => Promise.reject(full) });
  await t.rejects(podreach.ingest(EVERYONE, 'prod', upload(SHOP)), { code: 'disk-full' });
  await t.rejects(podreach.checkRoom(), { code: 'disk-full' });
  t.equal((await podreach.clusters(EVERYONE, { limit: 9 })).totalCount, 0);
  await podreach.close();
});

/** A day, and ten years, in milliseconds. */
const [DAY, DECADE] = [86_400_000, 10 * 365 * 86_400_000];

for (const [what, step] of [
  ['a day back', -DAY],
  ['a day ahead', DAY],
  ['ten years ahead', DECADE],
  ['to 1970', -Infinity],
] as const) {
  t.test(`a clock that steps ${what} never costs the latest snapshot`, async (t) => {
    const real = Date.now;
    t.teardown(() => (Date.now = real));
    const start = real();
    let time = start;
    Date.now = () => time;
    const options = { snapshotsPerClusterMax: 100, snapshotsAgeMaxMs: 30 * DAY };
    const store = await openStore('sqlite::memory:', options);
    const podreach = await service({ store, now: () => new Date(time) });
    const first = await podreach.ingest(EVERYONE, 'prod', upload(SHOP));
    time = Math.max(0, start + step);
    const second = await podreach.ingest(EVERYONE, 'prod', upload(SHOP.replaceAll('web', 'www')));
    t.equal(second.created, true);
    const taken = (0 < step ? second : first).snapshot.id;
    for (const moment of [time, start]) {
      time = moment;
      while (await store.deleteExpired());
      t.equal((await podreach.snapshot(EVERYONE, 'prod')).id, taken, 'it is the one taken last');
    }
    t.equal((await podreach.ingest(EVERYONE, 'prod', upload(SHOP))).snapshot.cluster, 'prod');
    await podreach.close();
  });
}
