import fc from 'fast-check';
import t from 'tap';
import { coverageHint } from '../../src/manifest/build-snapshot.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { DEFAULT_INGEST_LIMITS } from '../../src/model/input.ts';
import type { ReadItem } from '../../src/manifest/read-item.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import {
  build,
  complaints,
  namespaceOf,
  object,
  pod,
  podsOf,
  policy,
  printProblem,
} from './build.ts';

const uid = (text: string): object => ({ uid: text });
const list = (
  apiVersion: string,
  kind: string,
  items: readonly unknown[] = [],
  metadata = {},
): unknown => ({
  apiVersion,
  kind,
  metadata,
  items,
});
const coverage = (snapshot: Snapshot): string[] =>
  snapshot.coverage.map(({ kind, status, count }) => `${kind} ${status} ${count}`).sort();
const statusOf = (snapshot: Snapshot, kind: string): string | undefined =>
  snapshot.coverage.find((row) => row.kind === kind)?.status;
const livePod = pod('shop/web', { app: 'web' }, { metadata: { uid: 'u1', resourceVersion: '7' } });

t.test('without metadata of a server the input is manifests, and all there is', async (t) => {
  const snapshot = await build([pod('web', {}, { status: { phase: 'Running' } }), policy('p', {})]);
  t.match(snapshot, { source: 'MANIFESTS', sourceDetected: true, assumptions: [] });
  t.same(coverage(snapshot), [
    'EndpointSlice COMPLETE 0',
    'Namespace COMPLETE 0',
    'NetworkPolicy COMPLETE 1',
    'Node COMPLETE 0',
    'Pod COMPLETE 1',
    'Service COMPLETE 0',
  ]);
  t.equal(coverageHint(snapshot), undefined);
});

t.test('a uid or resourceVersion of any known kind makes the input live', async (t) => {
  const spec = { scope: 'x', group: 'example.com', names: { kind: 'X' } };
  const cases: readonly (readonly [unknown, string])[] = [
    [livePod, 'LIVE'],
    [pod('web', {}, { metadata: { resourceVersion: '1' } }), 'LIVE'],
    [object('apps/v1', 'Deployment', 'd', { metadata: uid('u'), spec: { template: {} } }), 'LIVE'],
    [
      object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'x', {
        metadata: uid('u'),
        spec,
      }),
      'LIVE',
    ],
    [object('v1', 'ConfigMap', 'c', { metadata: uid('u') }), 'MANIFESTS'],
  ];
  for (const [raw, source] of cases)
    t.equal((await build([raw, pod('other')])).source, source, JSON.stringify(raw));
  t.match(await build([livePod], { source: 'MANIFESTS' }), {
    source: 'MANIFESTS',
    sourceDetected: false,
  });
});

t.test(
  'a kind that a live dump does not name is absent; a list of it that is empty names it',
  async (t) => {
    const some = await build([livePod]);
    t.same(coverage(some), [
      'EndpointSlice ABSENT 0',
      'Namespace ABSENT 0',
      'NetworkPolicy ABSENT 0',
      'Node ABSENT 0',
      'Pod COMPLETE 1',
      'Service ABSENT 0',
    ]);
    t.same(some.assumptions, ['NO_CLUSTER_POLICIES_SEEN']);
    t.equal(namespaceOf(some, 'shop').known, 'UNKNOWN');
    const named = await build([
      list('v1', 'List', [livePod]),
      list('networking.k8s.io/v1', 'NetworkPolicyList'),
      list('v1', 'NamespaceList', [{ metadata: { name: 'shop', uid: 'n' } }]),
    ]);
    t.equal(statusOf(named, 'NetworkPolicy'), 'COMPLETE');
    t.equal(statusOf(named, 'Namespace'), 'COMPLETE');
    t.equal(statusOf(named, 'Service'), 'ABSENT');
    t.match(namespaceOf(named, 'shop'), { known: 'OBJECT', uid: 'n' });
    const told = await build([livePod], { assumeNoPolicies: true });
    t.equal(statusOf(told, 'NetworkPolicy'), 'COMPLETE');
    t.same(told.assumptions, ['ASSUMED_NO_POLICIES', 'NO_CLUSTER_POLICIES_SEEN']);
    t.same((await build([livePod, policy('p', {})], { assumeNoPolicies: true })).assumptions, [
      'NO_CLUSTER_POLICIES_SEEN',
    ]);
  },
);

t.test('a list that was cut off makes its kind partial', async (t) => {
  const cut = await build([list('v1', 'PodList', [livePod], { continue: 'abc' }), policy('p', {})]);
  t.equal(statusOf(cut, 'Pod'), 'PARTIAL');
  t.equal(statusOf(cut, 'NetworkPolicy'), 'COMPLETE');
  t.same(complaints(cut).slice(0, 1), ['TRUNCATED_LIST PodList metadata.continue']);
  const mixed = await build([list('v1', 'List', [livePod], { remainingItemCount: 3 })]);
  t.equal(statusOf(mixed, 'Pod'), 'PARTIAL');
  t.equal(statusOf(mixed, 'Service'), 'ABSENT');
});

t.test('an object that could not be read leaves its kind partial in a live dump', async (t) => {
  const twice =
    '{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"p","name":"q"}}';
  const live = await build(`${JSON.stringify(livePod)}\n${twice}`);
  t.equal(statusOf(live, 'NetworkPolicy'), 'ABSENT');
  const other = JSON.stringify(policy('other', {}));
  const both = await build(`${JSON.stringify(livePod)}\n${twice}\n${other}`);
  t.equal(statusOf(both, 'NetworkPolicy'), 'PARTIAL');
  const manifests = await build(`${twice}\n${other}`);
  t.equal(statusOf(manifests, 'NetworkPolicy'), 'COMPLETE');
});

t.test(
  'keys that YAML versions read differently make the object doubtful, and only that',
  async (t) => {
    const yaml = (label: string): string =>
      `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: p }\nspec: { podSelector: { matchLabels: { ${label}: a } } }\n`;
    const after = `---\n${yaml('x').replace('name: p', 'name: q')}`;
    const snapshot = await build(yaml('on') + after);
    t.same(
      namespaceOf(snapshot).policies.map(({ ref }) => ref.name),
      ['q'],
    );
    t.ok(complaints(snapshot).includes('INVALID_POLICY NetworkPolicy default/p'));
    t.same(namespaceOf(await build(yaml('"on"') + after)).policies.length, 2);
  },
);

t.test('the hint says what is missing and how to get it', async (t) => {
  const hint = coverageHint(await build([livePod])) ?? '';
  t.match(hint, /^1 pods, 0 namespaces, 0 NetworkPolicies found/);
  t.match(hint, /no Namespace, no NetworkPolicy, no Service, no EndpointSlice, no Node/);
  t.match(hint, /kubectl get all/);
  t.match(hint, /assume=no-policies/);
  t.match(hint, /run: kubectl get ns,no,po,svc,ing,ingressclasses,netpol,.* -A -o json$/);
  const lists = ['Namespace', 'Pod', 'Service', 'Node'].map((kind) => list('v1', `${kind}List`));
  const whole = [
    ...lists,
    list('networking.k8s.io/v1', 'NetworkPolicyList'),
    list('discovery.k8s.io/v1', 'EndpointSliceList'),
  ];
  t.equal(coverageHint(await build(whole, { source: 'LIVE' })), undefined);
  const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'x', {
    spec: { group: 'policy.networking.k8s.io', names: { kind: 'AdminNetworkPolicy' } },
  });
  const defined = await build([...whole, definition], { source: 'LIVE' });
  t.match(coverageHint(defined), /,adminnetworkpolicies\.policy\.networking\.k8s\.io -A/);
  t.match(
    coverageHint(
      await build([...whole.slice(1), list('v1', 'NamespaceList', [], { continue: 'x' })], {
        source: 'LIVE',
      }),
    ),
    /only some of kind Namespace/,
  );
  t.match(
    coverageHint(await build(whole.slice(0, 5), { source: 'LIVE' })),
    /questions that touch them/,
  );
});

t.test('policy kinds that are not evaluated are never skipped', async (t) => {
  const cases: readonly (readonly [api: string, kind: string, name: string, meaning: string])[] = [
    ['policy.networking.k8s.io/v9', 'AdminNetworkPolicy', 'a', 'admin * both'],
    ['policy.networking.k8s.io/v9', 'BaselineAdminNetworkPolicy', 'a', 'baseline * both'],
    ['policy.networking.k8s.io/v1', 'ClusterNetworkPolicy', 'a', 'admin * both'],
    ['cilium.io/v2', 'CiliumNetworkPolicy', 'shop/a', 'admin shop both'],
    ['cilium.io/v2', 'CiliumClusterwideNetworkPolicy', 'a', 'admin * both'],
    ['projectcalico.org/v3', 'NetworkPolicy', 'shop/a', 'admin shop both'],
    ['crd.projectcalico.org/v1', 'GlobalNetworkPolicy', 'a', 'admin * both'],
    ['crd.antrea.io/v1beta1', 'ClusterNetworkPolicy', 'a', 'admin * both'],
    ['networking.k8s.aws/v1alpha1', 'ApplicationNetworkPolicy', 'shop/a', 'admin shop both'],
    ['k8s.ovn.org/v1', 'EgressFirewall', 'shop/a', 'admin shop egress'],
    ['security.istio.io/v1', 'AuthorizationPolicy', 'shop/a', 'admin shop both'],
    ['security.istio.io/v1', 'AuthorizationPolicy', 'istio-system/a', 'admin * both'],
    ['networking.k8s.io/v2', 'NetworkPolicy', 'shop/a', 'admin shop both'],
  ];
  for (const [apiVersion, kind, name, meaning] of cases) {
    const snapshot = await build([
      livePod,
      object(apiVersion, kind, name, { spec: { b: 1, a: 2 } }),
    ]);
    const policies = [...snapshot.namespaces.values()].flatMap((chunk) => chunk.policies);
    const [found] = [...policies, ...snapshot.cluster.policies];
    const scope = found?.subject.namespaces;
    const sides = found?.applies.ingress === true ? 'both' : 'egress';
    t.equal(`${found?.tier} ${scope?.kind === 'named' ? scope.name : '*'} ${sides}`, meaning, kind);
    t.match(found, { opaque: { code: 'UNEVALUATED_POLICY' }, spec: '{"a":2,"b":1}' });
    const row = snapshot.coverage.find(
      (each) => each.apiVersion === apiVersion && each.kind === kind,
    );
    t.match(row, { status: 'PARTIAL', count: 1 }, kind);
    t.same(snapshot.assumptions, []);
    t.ok(
      snapshot.problems.some(
        ({ code, affectsVerdicts }) => code === 'UNEVALUATED_POLICY' && affectsVerdicts,
      ),
    );
  }
  const baseline = object('policy.networking.k8s.io/v9', 'ClusterNetworkPolicy', 'b', {
    spec: { tier: 'Baseline' },
  });
  t.match((await build([baseline])).cluster.policies, [{ tier: 'baseline' }]);
  const staged = await build([
    object('projectcalico.org/v3', 'StagedNetworkPolicy', 'shop/a'),
    pod('x'),
  ]);
  t.same(staged.problems.map(printProblem), [
    'NAMESPACE_IMPLIED Namespace default',
    'SKIPPED_KIND StagedNetworkPolicy',
  ]);
});

t.test('a definition of a policy kind without a list of it is a gap in a live dump', async (t) => {
  const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'x', {
    spec: { group: 'cilium.io', names: { kind: 'CiliumNetworkPolicy' } },
  });
  const live = await build([livePod, definition]);
  t.equal(statusOf(live, 'CiliumNetworkPolicy'), 'ABSENT');
  t.same(live.assumptions, []);
  const listed = await build([
    livePod,
    definition,
    list('cilium.io/v2', 'CiliumNetworkPolicyList'),
  ]);
  t.same([statusOf(listed, 'CiliumNetworkPolicy'), listed.assumptions], ['COMPLETE', []]);
  t.equal(statusOf(await build([pod('web'), definition]), 'CiliumNetworkPolicy'), undefined);
});

t.test(
  'equal duplicates are one object, and the newest of others wins if all say how new',
  async (t) => {
    const version = (resourceVersion: string | undefined, app: string): unknown =>
      pod('shop/web', { app }, { metadata: { resourceVersion, uid: 'u' } });
    const app = (snapshot: Snapshot): unknown =>
      podsOf(snapshot, 'shop').map(({ labels, conflict }) => [labels.get('app'), conflict]);
    const same = await build([version('1', 'a'), version('2', 'a'), pod('shop/web', { app: 'a' })]);
    t.same([app(same), complaints(same)], [[['a', false]], []]);
    const newer = await build([version('10', 'b'), version('9', 'a')]);
    t.same([app(newer), complaints(newer)], [[['b', false]], ['DUPLICATE_OBJECT Pod shop/web']]);
    const conflicts: readonly (readonly (string | undefined)[])[] = [
      [undefined, undefined],
      ['3', undefined],
      ['3', '3'],
      ['0x3', '2'],
    ];
    for (const [first, second] of conflicts) {
      const snapshot = await build([version(first, 'b'), version(second, 'a')]);
      t.same(app(snapshot), [['a', true]]);
      t.same(complaints(snapshot), ['CONFLICTING_OBJECTS Pod shop/web']);
      t.match(
        snapshot.problems.find(({ severity }) => severity === 'error'),
        { affectsVerdicts: true, namespace: 'shop' },
      );
    }
  },
);

t.test('resourceVersions are no part of the digest', async (t) => {
  const one = await build([pod('web', { a: 'b' }, { metadata: { resourceVersion: '1' } })]);
  const two = await build([pod('web', { a: 'b' }, { metadata: { resourceVersion: '2' } })]);
  t.equal(one.digest, two.digest);
  t.not(
    one.digest,
    (await build([pod('web', { a: 'c' }, { metadata: { resourceVersion: '1' } })])).digest,
  );
});

t.test('objects in conflict are undetermined, whatever their kind', async (t) => {
  const policies = await build([
    policy('p', { podSelector: { matchLabels: { a: 'b' } }, policyTypes: ['Egress'] }),
    policy('p', { podSelector: { matchLabels: { a: 'b' } }, ingress: [{}] }),
    policy('q', { podSelector: { matchLabels: { a: 'b' } }, policyTypes: ['Egress'] }),
    policy('q', { policyTypes: ['Egress'] }),
    pod('web', { a: 'b' }),
  ]);
  const requirements = [{ key: 'a', operator: 'In', values: ['b'] }];
  t.match(namespaceOf(policies).policies, [
    {
      opaque: { code: 'CONFLICTING_OBJECTS' },
      applies: { ingress: true, egress: true },
      subject: { pods: { requirements } },
    },
    { opaque: { code: 'CONFLICTING_OBJECTS' }, applies: { ingress: false, egress: true } },
  ]);
  t.same(namespaceOf(policies).policies[1]?.subject.pods.requirements, []);
  const others = await build([
    object('v1', 'Namespace', 'default', { metadata: { labels: { a: '1' } } }),
    object('v1', 'Namespace', 'default', { metadata: { labels: { a: '2' } } }),
    object('v1', 'Service', 's', { spec: { ports: [{ port: 1 }] } }),
    object('v1', 'Service', 's', { spec: { ports: [{ port: 2 }] } }),
    object('v1', 'Service', 'r'),
    object('v1', 'Endpoints', 'r', { subsets: [{ ports: [{ port: 1 }] }] }),
    object('v1', 'Endpoints', 'r', { subsets: [{ ports: [{ port: 2 }] }] }),
    object('v1', 'Node', 'n', { metadata: { labels: { a: '1' } } }),
    object('v1', 'Node', 'n', { metadata: { labels: { a: '2' } } }),
    object('apps/v1', 'Deployment', 'd', { spec: { replicas: 0, template: {} } }),
    object('apps/v1', 'Deployment', 'd', { spec: { replicas: 2, template: {} } }),
  ]);
  const chunk = namespaceOf(others);
  t.equal(chunk.conflict, true);
  t.same(
    chunk.services.map(({ name, conflict }) => [name, conflict]),
    [
      ['r', true],
      ['s', true],
    ],
  );
  t.same(
    podsOf(others).map(({ name, conflict }) => [name, conflict]),
    [
      ['d[0]', true],
      ['d[1]', true],
    ],
  );
  t.equal(statusOf(others, 'Node'), 'PARTIAL');
});

t.test(
  'a pod that may or may not be its node is left out, and pods of a dump are not all',
  async (t) => {
    const host = (name: string, hostNetwork: unknown): unknown =>
      pod(name, {}, { metadata: { uid: 'u' }, spec: { hostNetwork, nodeName: 'n' } });
    for (const [what, objects] of Object.entries({
      'no boolean': [host('a', 'true')],
      'no spec': [pod('a', {}, { metadata: { uid: 'u' }, spec: ['hostNetwork'] })],
      'two versions': [host('a', true), host('a', false)],
    })) {
      const snapshot = await build([...objects, list('v1', 'PodList', [host('b', false)])]);
      t.same(
        podsOf(snapshot).map(({ name }) => name),
        ['b'],
        what,
      );
      t.equal(statusOf(snapshot, 'Pod'), 'PARTIAL', what);
    }
  },
);

t.test('a pod that two versions see on two nodes is on a node that is not known', async (t) => {
  const on = (nodeName: string): unknown => pod('a', {}, { spec: { nodeName } });
  t.match(podsOf(await build([on('n'), on('m')])), [{ name: 'a', node: '', conflict: true }]);
  t.match(podsOf(await build([on('n'), on('n')])), [{ name: 'a', node: 'n', conflict: false }]);
});

t.test('a node of a dump that is not known in full is as good as not listed', async (t) => {
  const node = (name: string, addresses: unknown, labels = {}): unknown =>
    object('v1', 'Node', name, { metadata: { uid: name, labels }, status: { addresses } });
  const address = [{ type: 'InternalIP', address: '10.0.0.1' }];
  const snapshot = await build([
    node('a', address),
    node('b', { InternalIP: '10.0.0.2' }),
    node('c', [], { zone: '1' }),
    node('c', [], { zone: '2' }),
  ]);
  t.same(
    snapshot.cluster.nodes.map(({ name }) => name),
    ['a'],
  );
  t.equal(statusOf(snapshot, 'Node'), 'PARTIAL');
});

t.test('an object whose metadata is no map may be in any namespace', async (t) => {
  const metadata = ['shop'];
  const stray = { ...(policy('p', { policyTypes: ['Ingress'] }) as object), metadata };
  const snapshot = await build([livePod, stray, pod('other/b', {})]);
  t.match(snapshot.cluster.policies, [{ opaque: { code: 'INVALID_POLICY' } }]);
  t.same(
    [...snapshot.namespaces.values()].flatMap(({ policies }) => policies),
    [],
    'and in no single one',
  );
});

const owner = (apiVersion: string, kind: string, name: string): object => ({
  ownerReferences: [
    { apiVersion: 'v1', kind: 'Other', name: 'no-controller' },
    { apiVersion, kind, name, uid: `uid-${name}`, controller: true },
  ],
});

t.test('pods belong to the top owner that people speak of', async (t) => {
  const owned = (name: string, api: string, kind: string, of: string, labels = {}): unknown =>
    pod(name, labels, { metadata: { uid: name, ...owner(api, kind, of) } });
  const workload = (api: string, kind: string, name: string, metadata = {}): unknown =>
    object(api, kind, name, {
      metadata: { uid: `u-${name}`, ...metadata },
      spec: { replicas: 3, template: {} },
    });
  const snapshot = await build([
    workload('apps/v1', 'Deployment', 'web', { labels: { team: 'a' } }),
    workload('apps/v1', 'ReplicaSet', 'web-5d', owner('apps/v1', 'Deployment', 'web')),
    workload('apps/v1', 'ReplicaSet', 'roll-5d', owner('argoproj.io/v1alpha1', 'Rollout', 'roll')),
    workload('apps/v1', 'ReplicaSet', 'alone'),
    workload('batch/v1', 'Job', 'nightly-1', owner('batch/v1', 'CronJob', 'nightly')),
    workload('apps/v1', 'Deployment', 'idle'),
    owned('a', 'apps/v1', 'ReplicaSet', 'web-5d'),
    owned('b', 'apps/v1', 'ReplicaSet', 'gone-77', { 'pod-template-hash': '77' }),
    owned('c', 'apps/v1', 'ReplicaSet', 'gone-77', { 'pod-template-hash': '78' }),
    owned('d', 'apps/v1', 'ReplicaSet', 'roll-5d'),
    owned('e', 'apps/v1', 'ReplicaSet', 'alone'),
    owned('f', 'batch/v1', 'Job', 'nightly-1'),
    owned('g', 'v1', 'Node', 'worker-1'),
    owned('h', 'apps/v1', 'StatefulSet', 'db'),
    pod('i', {}, { metadata: { uid: 'i' } }),
  ]);
  const chunk = namespaceOf(snapshot);
  const ownerOf = (row: number): string => {
    const found = chunk.workloads[row];
    return found === undefined ? '-' : `${found.kind} ${found.name}`;
  };
  t.same(
    podsOf(snapshot).map(({ name, workload: row }) => `${name} ${ownerOf(row)}`),
    [
      'a Deployment web',
      'b Deployment gone',
      'c ReplicaSet gone-77',
      'd Rollout roll',
      'e ReplicaSet alone',
      'f CronJob nightly',
      'g -',
      'h StatefulSet db',
      'i -',
    ],
  );
  t.match(
    chunk.workloads.find(({ name }) => name === 'web'),
    {
      uid: 'u-web',
      replicas: 3,
      template: false,
      labels: new Map([['team', 'a']]),
    },
  );
  t.ok(
    chunk.workloads.some(({ name }) => name === 'idle'),
    'workloads without pods are listed',
  );
});

t.test('workloads stand for their pods among manifests', async (t) => {
  const made = (api: string, kind: string, name: string, spec: object, metadata = {}): unknown =>
    object(api, kind, name, { metadata: { labels: { own: 'x' }, ...metadata }, spec });
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { hostNetwork: true, containers: [{ ports: [{ containerPort: 80, name: 'http' }] }] },
  };
  const snapshot = await build([
    made('apps/v1', 'Deployment', 'one', { template }),
    made('apps/v1', 'Deployment', 'many', { replicas: 5, template }),
    made('apps/v1', 'Deployment', 'none', { replicas: 0, template }),
    made('apps/v1', 'DaemonSet', 'each', { template }),
    made('apps/v1', 'StatefulSet', 'db', { replicas: 2, ordinals: { start: 4 }, template }),
    made('v1', 'ReplicationController', 'rc', { template }),
    made('batch/v1', 'Job', 'task', { parallelism: 3, template }),
    made('batch/v1', 'CronJob', 'cron', { jobTemplate: { spec: { template } } }),
    made('batch/v1', 'Job', 'cron-1', { template }, owner('batch/v1', 'CronJob', 'cron')),
    made('apps/v1', 'ReplicaSet', 'one-5d', { template }, owner('apps/v1', 'Deployment', 'one')),
    made(
      'apps/v1',
      'ReplicaSet',
      'orphan-5d',
      { template },
      owner('apps/v1', 'Deployment', 'orphan'),
    ),
    made('apps/v1', 'StatefulSet', 'one', { template }),
    made('apps/v1', 'Deployment', 'manned', { template }),
    pod('manned-1', {}, { metadata: owner('apps/v1', 'Deployment', 'manned') }),
  ]);
  const pods = podsOf(snapshot);
  t.same(
    pods.map(({ name }) => name),
    [
      'cron[0]',
      'db[0]',
      'db[1]',
      'each[0]',
      'each[1]',
      'manned-1',
      'many[0]',
      'many[1]',
      'one[deployment-0]',
      'one[statefulset-0]',
      'orphan-5d[0]',
      'rc[0]',
      'task[0]',
      'task[1]',
    ],
  );
  const find = (name: string): Record<string, string> =>
    Object.fromEntries(pods.find((each) => each.name === name)?.labels ?? []);
  t.same(find('many[0]'), { app: 'web' }, "not the workload's own labels");
  t.same(find('db[1]'), {
    app: 'web',
    'apps.kubernetes.io/pod-index': '5',
    'statefulset.kubernetes.io/pod-name': 'db-5',
  });
  t.same(find('task[0]'), {
    app: 'web',
    'batch.kubernetes.io/job-name': 'task',
    'job-name': 'task',
  });
  t.match(
    pods.find(({ name }) => name === 'many[0]'),
    {
      template: true,
      ready: true,
      phase: 'UNKNOWN',
      hostNetwork: true,
      ports: [{ port: 80, name: 'http', hostPort: 80 }],
      addresses: [],
      node: '',
    },
  );
  const chunk = namespaceOf(snapshot);
  t.same(
    chunk.workloads.filter(({ template: made }) => !made).map(({ name }) => name),
    ['manned', 'none'],
  );
  t.match(
    chunk.workloads.find(({ name }) => name === 'orphan'),
    { kind: 'Deployment', template: true },
  );
});

t.test('a live dump gets template pods only where it has no pods at all', async (t) => {
  const deployment = object('apps/v1', 'Deployment', 'web', {
    metadata: { uid: 'u' },
    spec: { template: { metadata: { labels: { app: 'web' } } } },
  });
  t.same(
    podsOf(await build([deployment])).map(({ name }) => name),
    ['web[0]'],
  );
  t.same(podsOf(await build([deployment, list('v1', 'PodList')])), []);
});

t.test('a policy that asks for labels which templates cannot have is reported', async (t) => {
  const hash = { podSelector: { matchLabels: { 'pod-template-hash': 'x' } } };
  const deployment = object('apps/v1', 'Deployment', 'web', { spec: { template: {} } });
  const snapshot = await build([deployment, policy('p', hash)]);
  t.same(complaints(snapshot), ['LABEL_NOT_KNOWN NetworkPolicy default/p']);
  t.same(complaints(await build([pod('web'), policy('p', hash)])), []);
});

t.test(
  'namespaces without an object are implied among manifests and unknown in a dump',
  async (t) => {
    const manifests = await build([pod('shop/web'), policy('p', {})], { defaultNamespace: 'mine' });
    t.same([...manifests.namespaces.keys()], ['mine', 'shop']);
    t.match(namespaceOf(manifests, 'shop'), { known: 'IMPLIED' });
    t.same([...namespaceOf(manifests, 'shop').labels], [['kubernetes.io/metadata.name', 'shop']]);
    const live = await build([livePod, object('v1', 'Namespace', 'other')]);
    t.equal(namespaceOf(live, 'shop').known, 'UNKNOWN');
    t.ok(complaints(live).includes('NAMESPACE_UNKNOWN Namespace shop'));
  },
);

t.test('selectors that select nothing are pointed out, with the nearest label', async (t) => {
  const objects = [
    pod('carts-1', { name: 'carts' }),
    policy('cart', {
      podSelector: { matchLabels: { name: 'cart' } },
      ingress: [
        { from: [{ podSelector: { matchLabels: { nmae: 'carts' } } }, { podSelector: {} }] },
        {
          from: [{ namespaceSelector: { matchLabels: { team: 'x' } } }, { namespaceSelector: {} }],
        },
      ],
    }),
    policy('all', {}),
    policy('expr', { podSelector: { matchExpressions: [{ key: 'name', operator: 'Exists' }] } }),
  ];
  const manifests = await build(objects);
  const found = manifests.problems.filter(({ code }) => /NOTHING/.test(code));
  t.same(
    found.map((problem) => `${problem.severity} ${printProblem(problem)} ${problem.message}`),
    [
      'info PEER_MATCHES_NOTHING NetworkPolicy default/cart spec.ingress[0].from[0] no pod of the namespace has `nmae=carts`; did you mean `name=carts`?',
      'info PEER_MATCHES_NOTHING NetworkPolicy default/cart spec.ingress[1].from[0] there is no pod in namespaces with `team=x`',
      'info SELECTS_NOTHING NetworkPolicy default/cart spec.podSelector no pod of the namespace has `name=cart`; did you mean `name=carts`?',
    ],
  );
  const live = await build(objects, { source: 'LIVE' });
  t.same(
    live.problems
      .filter(({ code }) => /NOTHING/.test(code))
      .map(({ severity, path }) => `${severity} ${path}`),
    ['warning spec.ingress[0].from[0]', 'warning spec.podSelector'],
    'labels of namespaces are not known here',
  );
  const noPods = await build(objects.slice(1), { source: 'LIVE' });
  t.same(
    noPods.problems.filter(({ code }) => /NOTHING/.test(code)),
    [],
    'nor are pods here',
  );
});

t.test('strict ingest refuses every error, and names field, file and line', async (t) => {
  const bad = policy('p', { ingress: [{ form: [] }], egress: 1 });
  const error = await build([bad], { strict: true }).catch((thrown: unknown) => thrown);
  t.ok(error instanceof PodreachError);
  t.match(error, {
    code: 'bad-input',
    details: {
      errors: [
        { object: 'NetworkPolicy default/p', field: 'spec.egress', file: 'input', line: 1 },
        { object: 'NetworkPolicy default/p', field: 'spec.ingress[0].form' },
      ],
    },
  });
  const refused: readonly unknown[][] = [
    [pod('a', { x: 1 })],
    [pod('a', { x: '1' }), pod('a', { x: '2' })],
    [list('v1', 'PodList', [], { continue: 'x' })],
  ];
  for (const objects of refused)
    await t.rejects(build(objects, { strict: true }), { code: 'bad-input' });
  t.ok(
    await build([pod('a'), policy('p', { podSelector: { matchLabels: { x: 'y' } } })], {
      strict: true,
    }),
  );
});

t.test('how policies are read can be chosen, and the snapshot says so', async (t) => {
  const typo = policy('typo', { ingress: [{ form: [] }] });
  const loose = policy('loose', { ingress: [{ from: [{ ipBlock: { cidr: '10.1.2.3/8' } }] }] });
  const cases: readonly (readonly [options: object, policies: string[], assumptions: string[]])[] =
    [
      [{ source: 'MANIFESTS' }, [], []],
      [{ source: 'MANIFESTS', unknownFields: 'error', strictCIDR: true }, [], []],
      [{ source: 'MANIFESTS', unknownFields: 'prune' }, ['typo 1'], ['UNKNOWN_FIELDS_PRUNED']],
      [{ source: 'MANIFESTS', strictCIDR: false }, ['loose 1'], ['LENIENT_CIDRS_ACCEPTED']],
      [{ source: 'LIVE' }, ['loose 1', 'typo 1'], []],
      [
        { source: 'LIVE', unknownFields: 'error' },
        ['loose 1', 'typo INVALID_POLICY'],
        ['UNKNOWN_FIELDS_REFUSED'],
      ],
      [
        { source: 'LIVE', strictCIDR: true },
        ['loose INVALID_POLICY', 'typo 1'],
        ['STRICT_CIDRS_REQUIRED'],
      ],
    ];
  const digests = new Map<string, string>();
  for (const [options, policies, assumptions] of cases) {
    const snapshot = await build([pod('a'), typo, loose], options);
    const found = snapshot.namespaces.get('default')?.policies ?? [];
    t.same(
      found.map(({ ref, ingress, opaque }) => `${ref.name} ${opaque?.code ?? ingress.length}`),
      policies,
      JSON.stringify(options),
    );
    const told = snapshot.assumptions.filter((code) => code !== 'NO_CLUSTER_POLICIES_SEEN');
    t.same(told, assumptions, JSON.stringify(options));
    digests.set(snapshot.digest, JSON.stringify(options));
  }
  t.equal(digests.size, cases.length - 1, 'what is chosen as it would be anyway changes nothing');
  const clean = [pod('a'), policy('p', {})];
  t.not(
    (await build(clean, { unknownFields: 'prune' })).digest,
    (await build(clean)).digest,
    'read otherwise is another snapshot, whatever is in it',
  );
});

t.test('input with an invalid policy can be refused, whatever else is wrong', async (t) => {
  const bad = ['p', 'q'].map((name) => policy(name, { ingress: [{ ports: [{ port: 0 }] }] }));
  const strict = { invalidPolicy: 'strict' } as const;
  for (const source of ['MANIFESTS', 'LIVE'] as const) {
    const error: unknown = await build([pod('a'), ...bad], { ...strict, source }).catch(
      (thrown: unknown) => thrown,
    );
    t.match(error, {
      code: 'bad-input',
      details: {
        errors: [{ object: 'NetworkPolicy default/p' }, { object: 'NetworkPolicy default/q' }],
      },
    });
  }
  const copies = [policy('p', {}), ...bad.slice(0, 1)];
  await t.rejects(build(copies, strict), { code: 'bad-input' }, 'one of several copies');
  const other = [pod('a', { x: 1 }), policy('p', {})];
  t.equal((await build(other, strict)).digest, (await build(other)).digest, 'a pod is no policy');
});

t.test('input without any object is refused', async (t) => {
  const nothing = async function* (): AsyncGenerator<never> {};
  const { buildSnapshot } = await import('../../src/manifest/build-snapshot.ts');
  await t.rejects(buildSnapshot(nothing(), { limits: DEFAULT_INGEST_LIMITS }), {
    code: 'bad-input',
  });
  const noCluster = [object('v1', 'ConfigMap', 'x'), { message: 'Unauthorized' }, {}];
  for (const raw of noCluster) {
    await t.rejects(build(JSON.stringify(raw)), { code: 'bad-input' }, JSON.stringify(raw));
  }
  t.ok(await build([list('v1', 'PodList', [])]), 'an empty list is something');
});

t.test('problems beyond the limit are counted, those that matter last to go', async (t) => {
  const objects = [
    pod('web', { on: 1 }),
    ...Array.from({ length: 9 }, (_, i) => object('v1', `Kind${i}`, 'x')),
    policy('p', { ingress: 1 }),
  ];
  const limits = { ...DEFAULT_INGEST_LIMITS, problemsMax: 4 };
  const { problems } = await build(objects, { limits });
  t.same(problems.map(({ code }) => code).sort(), [
    'INVALID_OBJECT',
    'INVALID_POLICY',
    'MORE_PROBLEMS',
    'NAMESPACE_IMPLIED',
  ]);
  t.match(
    problems.find(({ code }) => code === 'MORE_PROBLEMS'),
    { message: /^9 more/, affectsVerdicts: false },
  );
  const one = await build(objects, { limits: { ...limits, problemsMax: 1 } });
  t.match(one.problems, [{ code: 'MORE_PROBLEMS', severity: 'error', affectsVerdicts: true }]);
  const warnings = [policy('a', undefined), pod('z', {}, { status: { podIP: 'x' } })];
  const two = await build(warnings, { limits: { ...limits, problemsMax: 2 } });
  t.same(two.problems.map(({ code }) => code).sort(), ['INVALID_ADDRESS', 'MORE_PROBLEMS']);
});

t.test('provenance names file and line of policies, rules, peers and ports', async (t) => {
  const yaml = [
    'apiVersion: networking.k8s.io/v1',
    'kind: NetworkPolicy',
    'metadata: { name: p }',
    'spec:',
    '  ingress:',
    '    - from:',
    '        - podSelector: {}',
    '      ports:',
    '        - port: 80',
    '  egress:',
    '    - {}',
  ].join('\n');
  t.same((await build(yaml)).provenance.get('default'), [
    {
      object: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        namespace: 'default',
        name: 'p',
      },
      file: 'input',
      line: 1,
      lines: [
        ['/spec/ingress/0', 6],
        ['/spec/ingress/0/from/0', 7],
        ['/spec/ingress/0/ports/0', 9],
        ['/spec/egress/0', 11],
      ],
    },
  ]);
});

t.test('nothing of what is dropped can be found in a snapshot', async (t) => {
  const canary = 'CANARY';
  const spec = {
    serviceAccountName: canary,
    containers: [
      { name: canary, image: canary, args: [canary], env: [{ name: canary, value: canary }] },
    ],
    volumes: [{ secret: { secretName: canary } }],
  };
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': canary };
  const metadata = { annotations, managedFields: [{ manager: canary }] };
  const snapshot = await build([
    pod('a', { x: 1 }, { metadata, spec, status: { message: canary } }),
    object('apps/v1', 'Deployment', 'd', {
      metadata,
      spec: { template: { metadata: { annotations }, spec } },
    }),
    object('v1', 'Secret', 's', { data: { key: canary } }),
    object('v1', 'Service', 's', { metadata }),
    object('v1', 'Namespace', 'default', { metadata }),
    policy('p', {}, metadata),
    object('cilium.io/v2', 'CiliumNetworkPolicy', 'c', { metadata }),
  ]);
  const text = JSON.stringify(snapshot, (_, value: unknown) =>
    value instanceof Map ? [...value] : value,
  );
  t.notMatch(text, new RegExp(canary));
});

t.test('the order of objects does not matter', async (t) => {
  const objects = [
    pod('a', { app: 'a' }),
    pod('b', { app: 'b' }),
    pod('b', { app: 'c' }),
    pod('c', { app: 'a' }, { metadata: owner('apps/v1', 'ReplicaSet', 'x-1') }),
    policy('p', { ingress: [{}] }),
    policy('p', { ingress: [] }),
    policy('q', { ingress: 1 }),
    policy('r', { podSelector: { matchLabels: { app: 'd' } } }),
    object('v1', 'Service', 's'),
    object('discovery.k8s.io/v1', 'EndpointSlice', 's-1', {
      metadata: { labels: { 'kubernetes.io/service-name': 's' } },
      ports: [{ port: 1 }],
    }),
    object('discovery.k8s.io/v1', 'EndpointSlice', 's-2', {
      metadata: { labels: { 'kubernetes.io/service-name': 's' } },
      ports: [{ port: 2 }],
    }),
    object('apps/v1', 'ReplicaSet', 'x-1', {
      metadata: owner('apps/v1', 'Deployment', 'x'),
      spec: { template: {} },
    }),
    object('v1', 'Namespace', 'default', { metadata: { labels: { a: 'b' } } }),
    object('cilium.io/v2', 'CiliumNetworkPolicy', 'p'),
    object('v1', 'ConfigMap', 'x'),
  ];
  const withoutPlaces = ({ problems, provenance, ...rest }: Snapshot): unknown => ({
    ...rest,
    problems: problems.map(printProblem),
    provenance: [...provenance.values()]
      .flat()
      .map(({ object }) => `${object.kind} ${object.name}`),
  });
  const expected = withoutPlaces(await build(objects));
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(objects, { minLength: objects.length }),
      async (shuffled) => t.strictSame(withoutPlaces(await build(shuffled)), expected),
    ),
    { numRuns: 40 },
  );
});

t.test('pods and endpoints come out of being held as they went in', async (t) => {
  // Texts of one byte, of two, empty; owners, ports and nodes that repeat and that do not.
  const uids = ['u-1', 'ÿ', '日本', '\ud800', ''];
  const addresses = [[], ['10.0.0.1'], ['2001:db8::1'], ['10.0.0.2', '2001:db8::2']];
  const phases = ['Pending', 'Running', 'Succeeded', 'Failed'];
  const given = Array.from({ length: 240 }, (_, i) => ({
    name: `pod-${(i * 7919) % 10_007}`,
    uid: uids[i % 5] ?? '',
    ips: addresses[i % 4] ?? [],
    phase: phases[(i >> 2) % 4] ?? '',
    node: i % 3 === 0 ? '' : `n-${i % 11}`,
    ready: i % 2 === 0,
    labels: { app: `a-${i >> 3}` },
    port: 1000 + (i >> 4),
    owner: i % 10 === 0 ? undefined : `rs-${i >> 3}`,
  }));
  const objects = given.map(({ name, uid, ips, phase, node, ready, labels, port, owner }) =>
    pod(`ns-${port % 3}/${name}`, labels, {
      metadata: {
        labels,
        uid,
        ...(owner === undefined
          ? {}
          : { ownerReferences: [{ controller: true, kind: 'Custom', name: owner }] }),
      },
      spec: { nodeName: node, containers: [{ ports: [{ containerPort: port }] }] },
      status: {
        phase,
        podIPs: ips.map((ip) => ({ ip })),
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      },
    }),
  );
  const slices = given.map(({ name, ips, node, ready, port }, i) =>
    object('discovery.k8s.io/v1', 'EndpointSlice', `ns-0/slice-${String(i).padStart(3, '0')}`, {
      metadata: { labels: { 'kubernetes.io/service-name': 'all' } },
      endpoints: [
        {
          addresses: ips,
          conditions: { ready, serving: i % 3 === 0, terminating: i % 5 === 0 },
          ...(i % 7 === 0 ? {} : { targetRef: { kind: 'Pod', name, namespace: `ns-${port % 3}` } }),
          ...(node === '' ? {} : { nodeName: node }),
        },
      ],
    }),
  );
  const all = [...objects, ...slices, object('v1', 'Service', 'ns-0/all', { spec: {} })];
  const snapshot = await build(all);
  const found = [0, 1, 2].flatMap((i) =>
    podsOf(snapshot, `ns-${i}`).map((each) => {
      const { workloads } = namespaceOf(snapshot, `ns-${i}`);
      return {
        name: each.name,
        uid: each.uid,
        ips: each.addresses,
        phase: each.phase,
        node: each.node,
        ready: each.ready,
        labels: Object.fromEntries(each.labels),
        port: each.ports[0]?.port,
        owner: workloads[each.workload]?.name,
      };
    }),
  );
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
  t.strictSame(
    found.sort(byName),
    given.map((each) => ({ ...each, phase: each.phase.toUpperCase() })).sort(byName),
  );
  const [service] = namespaceOf(snapshot, 'ns-0').services;
  t.strictSame(
    service?.endpoints.map(({ endpoints }) => endpoints),
    given.map(({ name, ips, node, ready, port }, i) => [
      {
        addresses: ips,
        ...(i % 7 === 0 ? {} : { pod: `ns-${port % 3}/${name}` }),
        ...(node === '' ? {} : { node }),
        ready,
        serving: i % 3 === 0,
        terminating: i % 5 === 0,
      },
    ]),
  );
  t.equal((await build(all.toReversed())).digest, snapshot.digest, 'in whatever order');
});

t.test('versions of a pod are found wherever they stand, and only of one pod', async (t) => {
  const of = (name: string, version: string, app: string): Record<string, unknown> =>
    pod(name, { app }, { metadata: { labels: { app }, resourceVersion: version } });
  const others = Array.from({ length: 50 }, (_, i) => of(`ns-${i % 5}/pod-${i}`, '1', 'other'));
  const snapshot = await build([
    of('ns-1/twice', '2', 'new'),
    ...others,
    of('ns-2/twice', '1', 'elsewhere'),
    of('ns-1/twice', '1', 'old'),
    of('ns-1/same', '1', 'same'),
    of('ns-3/conflict', '1', 'one'),
    ...others,
    of('ns-1/same', '1', 'same'),
    of('ns-3/conflict', '1', 'other'),
  ]);
  const pods = [1, 2, 3].flatMap((i) => podsOf(snapshot, `ns-${i}`));
  t.same(
    pods
      .filter(({ name }) => !name.startsWith('pod-'))
      .map(({ name, labels, conflict }) => [name, labels.get('app'), conflict]),
    [
      ['same', 'same', false],
      ['twice', 'new', false],
      ['twice', 'elsewhere', false],
      ['conflict', 'one', true],
    ],
  );
  t.same(complaints(snapshot), [
    'CONFLICTING_OBJECTS Pod ns-3/conflict',
    'DUPLICATE_OBJECT Pod ns-1/twice',
  ]);
  const count = snapshot.coverage.find(({ kind }) => kind === 'Pod')?.count;
  t.equal(count, 54, 'each is counted once');
});

t.test('of three versions the newest wins unless it is tied', async (t) => {
  const cases: readonly (readonly [versions: string, winner: string])[] = [
    ['5a 5b 7c', 'c'],
    ['7c 5a 5b', 'c'],
    ['5a 5b 3c', 'conflict'],
    ['3c 5a 5b', 'conflict'],
    ['5a 7c 7c', 'c'],
  ];
  for (const [versions, winner] of cases) {
    const snapshot = await build(
      versions
        .split(' ')
        .map(([resourceVersion, app]) => pod('web', { app }, { metadata: { resourceVersion } })),
    );
    const [found] = podsOf(snapshot);
    t.equal(found?.conflict === true ? 'conflict' : found?.labels.get('app'), winner, versions);
  }
});

t.test('of equal policies in several places the first place is told', async (t) => {
  const same = policy('p', { ingress: [{}] });
  const snapshot = await build([pod('x'), same, same]);
  t.equal([...snapshot.provenance.values()].flat()[0]?.line, 2);
});

t.test('stray EndpointSlices are noted where the dump has Services', async (t) => {
  const slice = (name: string, labels: object): unknown =>
    object('discovery.k8s.io/v1', 'EndpointSlice', name, { metadata: { uid: name, labels } });
  const slices = [slice('a', {}), slice('b', { 'kubernetes.io/service-name': 'gone' })];
  const stray = (snapshot: Snapshot): string[] =>
    snapshot.problems.filter(({ code }) => code === 'ENDPOINTS_WITHOUT_SERVICE').map(printProblem);
  t.same(stray(await build(slices)), []);
  t.same(stray(await build([...slices, list('v1', 'ServiceList')])), [
    'ENDPOINTS_WITHOUT_SERVICE EndpointSlice default/a',
    'ENDPOINTS_WITHOUT_SERVICE EndpointSlice default/b',
  ]);
});

t.test('skipped objects are counted by kind', async (t) => {
  const skipped = [1, 2].map((i) => object('v1', 'ConfigMap', `c-${i}`));
  const { problems } = await build([...skipped, list('v1', 'PodList', [])]);
  const [problem] = problems.filter(({ code }) => code === 'SKIPPED_KIND');
  t.match(problem, { object: 'ConfigMap', message: /^2 of v1 / });
});

t.test(
  'something of which not even the kind is known leaves no kind of a dump complete',
  async (t) => {
    const items = [livePod, { metadata: { name: 'what' } }];
    const snapshot = await build([list('v1', 'List', items)]);
    t.equal(statusOf(snapshot, 'Pod'), 'PARTIAL');
    t.equal(
      statusOf(await build([list('v1', 'List', items)], { source: 'MANIFESTS' }), 'Pod'),
      'COMPLETE',
    );
    const unread = `${JSON.stringify(livePod)}\n{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","name":"b"}}`;
    t.equal(statusOf(await build(unread), 'Pod'), 'COMPLETE', 'a kind that is not read is no loss');
  },
);

t.test('objects without a place of their own are understood as well', async (t) => {
  const { buildSnapshot } = await import('../../src/manifest/build-snapshot.ts');
  const raw = { metadata: { name: 'p' }, spec: { ingress: [{ form: [] }] } };
  const items = async function* (): AsyncGenerator<ReadItem> {
    const from = {};
    const apiVersion = 'networking.k8s.io/v1';
    yield { type: 'object', apiVersion, kind: 'NetworkPolicy', value: raw, from };
    yield { type: 'object', apiVersion, kind: 'NetworkPolicy', value: { ...raw, spec: {} }, from };
    yield { type: 'list', apiVersion: 'v1', kind: 'PodList', truncated: true, from };
  };
  const limits = DEFAULT_INGEST_LIMITS;
  const snapshot = await buildSnapshot(items(), { limits });
  t.same(
    [...snapshot.provenance.values()].flat().map(({ lines, file, line }) => [lines, file, line]),
    [[[], undefined, undefined]],
  );
  const strict = buildSnapshot(items(), { limits, strict: true });
  t.match(await strict.catch((thrown: unknown) => thrown), { details: { errors: [{}, {}, {}] } });
});

t.test('one edit away is a letter more, less, other, or two swapped', async (t) => {
  for (const [label, near] of [
    ['cart', true],
    ['cartss', true],
    ['carfs', true],
    ['catrs', true],
    ['carets', true],
    ['crat', false],
    ['dogs', false],
  ] as const) {
    const objects = [
      pod('x', { app: 'carts' }),
      policy('p', { podSelector: { matchLabels: { app: label } } }),
    ];
    const { problems } = await build(objects);
    const found = problems.find(({ code }) => code === 'SELECTS_NOTHING');
    t.equal(found?.message.includes('did you mean `app=carts`?'), near, label);
  }
});

t.test('a namespace of unknown labels might hold what a peer selects', async (t) => {
  const peer = (labels: object): unknown =>
    policy('shop/p', { ingress: [{ from: [{ namespaceSelector: { matchLabels: labels } }] }] });
  const dead = async (labels: object): Promise<boolean> => {
    const objects = [livePod, object('v1', 'Namespace', 'other'), peer(labels)];
    return (await build(objects)).problems.some(({ code }) => code === 'PEER_MATCHES_NOTHING');
  };
  t.equal(await dead({ team: 'x' }), false);
  t.equal(await dead({ 'kubernetes.io/metadata.name': 'other' }), true, 'it has no pods');
  t.equal(await dead({ 'kubernetes.io/metadata.name': 'shop' }), false);
});
