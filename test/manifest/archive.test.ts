import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { stringify } from 'yaml';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { path } from '../../src/engine/queries/path.ts';
import { buildSnapshot, coverageHint } from '../../src/manifest/build-snapshot.ts';
import type { BuildOptions } from '../../src/manifest/build-snapshot.ts';
import { keepList } from '../../src/manifest/kinds.ts';
import { readObjects } from '../../src/manifest/read/read-objects.ts';
import { readTar } from '../../src/manifest/read/archive/read-tar.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { DEFAULT_INGEST_LIMITS, type IngestLimits } from '../../src/model/input.ts';
import type { ManifestInput } from '../../src/model/input.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { openFiles } from '../../src/service/answer-files.ts';
import { paxOf, tarEntry, tarOf } from '../support/tar.ts';
import type { TarPart } from '../support/tar.ts';

type Files = Readonly<Record<string, string | Buffer>>;
type Options = Partial<Omit<BuildOptions, 'limits'>> & {
  readonly limits?: Partial<IngestLimits>;
  /** Bytes of each chunk. */
  readonly chunk?: number;
};

async function* chunksOf(bytes: Buffer, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function snapshotOf(
  inputs: readonly ManifestInput[],
  { limits, ...options }: Options = {},
): Promise<Snapshot> {
  const all = { ...DEFAULT_INGEST_LIMITS, ...limits };
  async function* given(): AsyncGenerator<ManifestInput> {
    yield* inputs;
  }
  const items = readObjects(given(), { keep: keepList, limits: all });
  return buildSnapshot(items, { ...options, limits: all });
}

function one(bytes: Buffer | string, options: Options = {}): Promise<Snapshot> {
  return snapshotOf([{ bytes: chunksOf(Buffer.from(bytes), options.chunk) }], options);
}

/** The same files as a directory, as a tar and as a tar.gz. */
const WAYS: Readonly<Record<string, (files: Files, options?: Options) => Promise<Snapshot>>> = {
  directory: (files, options) =>
    snapshotOf(
      Object.entries(files)
        .filter(([path]) => /\.(ya?ml|json)(\.gz)?$/.test(path))
        .map(([path, content]) => ({
          file: `DIR/${path}`,
          bytes: chunksOf(Buffer.from(content)),
          tree: { name: 'DIR', path: `DIR/${path}` },
        })),
      options,
    ),
  tar: (files, options) => one(tarOfFiles(files), options),
  'tar.gz': (files, options) => one(gzipSync(tarOfFiles(files)), options),
  'tar in another order': (files, options) => {
    const parts = Object.entries(files).map(([name, content]) => ({ name, content }));
    return one(tarOf(parts.reverse()), options);
  },
};

function tarOfFiles(files: Files): Buffer {
  return tarOf(Object.entries(files).map(([name, content]) => ({ name: `./${name}`, content })));
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await errorOf(work);
  const { which } = error.details;
  return which === undefined ? error.code : `${error.code} ${which}`;
}

async function errorOf(work: Promise<unknown>): Promise<PodreachError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof PodreachError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

const CANARY = 'hunter2-canary';

function live(apiVersion: string, kind: string, name: string, rest: object = {}): object {
  const { namespace, ...fields } = rest as { namespace?: string };
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: `uid-${kind}-${namespace ?? ''}-${name}`,
      resourceVersion: '7',
      annotations: { note: CANARY },
      managedFields: [{ manager: CANARY }],
    },
    ...fields,
  };
}

const pod = (namespace: string, name: string): object =>
  live('v1', 'Pod', name, {
    namespace,
    spec: { containers: [{ name: 'c', env: [{ name: 'TOKEN', value: CANARY }], args: [CANARY] }] },
    status: { phase: 'Running', podIP: '10.0.0.1', message: CANARY },
  });

const policy = (namespace: string, name = 'deny'): object =>
  live('networking.k8s.io/v1', 'NetworkPolicy', name, {
    namespace,
    spec: { podSelector: {}, policyTypes: ['Ingress'] },
  });

const secret = (namespace: string): string =>
  JSON.stringify(live('v1', 'Secret', 's', { namespace, data: { password: CANARY } }));

/** A typed list, as clients get it: items do not repeat their kind unless they are told to. */
function listOf(kind: string, items: readonly object[], apiVersion = 'v1'): string {
  const metadata = { resourceVersion: '9' };
  return JSON.stringify({ kind: `${kind}List`, apiVersion, metadata, items }, null, 2);
}

const policies = (...items: readonly object[]): string =>
  listOf('NetworkPolicy', items, 'networking.k8s.io/v1');

const coverageText = (snapshot: Snapshot): string[] =>
  snapshot.coverage
    .map(({ kind, status, count, namespaces }) =>
      `${kind} ${status} ${count} ${namespaces.join(',')}`.trimEnd(),
    )
    .map((row) => row.replace(/(ABSENT|FORBIDDEN) 0$/, '$1'))
    .sort();

const complaintsOf = (snapshot: Snapshot): string[] =>
  snapshot.problems
    .filter(({ severity, code }) => severity !== 'info' && !code.startsWith('NAMESPACE_'))
    .map(({ code }) => code);

const NS = (name: string): object => live('v1', 'Namespace', name);
const LOG = `${CANARY}\n{"apiVersion":"v1","kind":"Pod","metadata":{"name":"forged"}}\n`;

const CLUSTER_INFO: Files = {
  'dump/nodes.json': listOf('Node', [live('v1', 'Node', 'n1')]),
  'dump/shop/events.json': listOf('Event', []),
  'dump/shop/replication-controllers.json': listOf('ReplicationController', []),
  'dump/shop/services.json': listOf('Service', []),
  'dump/shop/deployments.json': listOf('Deployment', [], 'apps/v1'),
  'dump/shop/daemonsets.json': listOf('DaemonSet', [], 'apps/v1'),
  'dump/shop/replicasets.json': listOf('ReplicaSet', [], 'apps/v1'),
  'dump/shop/pods.json': listOf('Pod', [pod('shop', 'web'), pod('shop', 'db')]),
  'dump/shop/web/logs.txt': LOG,
  'dump/kube-system/replication-controllers.json': listOf('ReplicationController', []),
  'dump/kube-system/services.json': listOf('Service', []),
  'dump/kube-system/pods.json': listOf('Pod', [pod('kube-system', 'dns')]),
};

const INSPECT_ROOT = 'must-gather.local.1/quay-io-sha256-1';
const INSPECT: Files = {
  'must-gather.local.1/event-filter.html': '<html>',
  [`${INSPECT_ROOT}/namespaces/shop/shop.yaml`]: `---\n${JSON.stringify(NS('shop'))}`,
  [`${INSPECT_ROOT}/namespaces/shop/core/pods.yaml`]: `---\n${listOf('Pod', [pod('shop', 'web')])}`,
  [`${INSPECT_ROOT}/namespaces/shop/core/secrets.yaml`]: secret('shop'),
  [`${INSPECT_ROOT}/namespaces/shop/core/configmaps.yaml`]: `{"broken": "${CANARY}`,
  [`${INSPECT_ROOT}/namespaces/shop/core/services.yaml`]: listOf('Service', []),
  [`${INSPECT_ROOT}/namespaces/shop/networking.k8s.io/networkpolicies.yaml`]: policies(
    policy('shop'),
  ),
  [`${INSPECT_ROOT}/namespaces/shop/pods/web/web.yaml`]: JSON.stringify(pod('shop', 'web')),
  [`${INSPECT_ROOT}/namespaces/shop/pods/web/c/c/logs/current.log`]: LOG,
  [`${INSPECT_ROOT}/namespaces/bare/bare.yaml`]: JSON.stringify(NS('bare')),
  [`${INSPECT_ROOT}/namespaces/bare/core/pods.yaml`]: listOf('Pod', [pod('bare', 'job')]),
  [`${INSPECT_ROOT}/cluster-scoped-resources/core/nodes/n1.yaml`]: JSON.stringify(
    live('v1', 'Node', 'n1'),
  ),
  [`${INSPECT_ROOT}/etcd_info/endpoint_health.json`]: '[{"endpoint": "https://a", "health": true}]',
  [`${INSPECT_ROOT}/monitoring/rules.json`]: '{"status": "success", "data": {}}',
  [`${INSPECT_ROOT}/monitoring/broken.yaml`]: 'a: [1,\nb: }',
};

const VELERO: Files = {
  'metadata/version': '1.1.0',
  'resources/namespaces/cluster/shop.json': JSON.stringify(NS('shop')),
  'resources/namespaces/v1-preferredversion/cluster/shop.json': JSON.stringify(NS('shop')),
  'resources/pods/namespaces/shop/web.json': JSON.stringify(pod('shop', 'web')),
  'resources/pods/v1-preferredversion/namespaces/shop/web.json': JSON.stringify(pod('shop', 'web')),
  'resources/networkpolicies.networking.k8s.io/namespaces/shop/deny.json': JSON.stringify(
    policy('shop'),
  ),
  'resources/endpointslices.discovery.k8s.io/v1beta1/namespaces/shop/x.json': '{"other": "shape"}',
  'resources/secrets/namespaces/shop/s.json': secret('shop'),
  'resources/secrets/v1-preferredversion/namespaces/shop/s.json': secret('shop'),
  'resources/widgets.example.com/namespaces/shop/w.json': JSON.stringify(
    live('example.com/v1', 'Widget', 'w', { namespace: 'shop', spec: { secret: CANARY } }),
  ),
};

const BUNDLE: Files = {
  'support-bundle-1/version.yaml': 'apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\n',
  'support-bundle-1/analysis.json': '[{"name": "x", "insight": {}}]',
  'support-bundle-1/cluster-resources/namespaces.json': JSON.stringify([NS('shop'), NS('bare')]),
  // Old bundles have bare items, new ones lists.
  'support-bundle-1/cluster-resources/pods/shop.json': `\n${JSON.stringify([
    { ...pod('shop', 'web'), kind: undefined, apiVersion: undefined },
  ])}`,
  'support-bundle-1/cluster-resources/pods/bare.json': listOf('Pod', [pod('bare', 'job')]),
  'support-bundle-1/cluster-resources/network-policy/shop.json': policies(policy('shop')),
  'support-bundle-1/cluster-resources/network-policy/bare.json': 'null',
  'support-bundle-1/cluster-resources/services/shop.json': '[]',
  'support-bundle-1/cluster-resources/services-errors.json': '{"bare": "timeout"}',
  'support-bundle-1/cluster-resources/endpointslices-errors.json':
    '{"shop": "endpointslices is forbidden: User cannot list"}',
  'support-bundle-1/cluster-resources/nodes.json': listOf('Node', [live('v1', 'Node', 'n1')]),
  'support-bundle-1/cluster-resources/auth-cani-list/shop.json': '[{"verbs": ["get"]}]',
  'support-bundle-1/cluster-resources/image-pull-secrets/shop/s.json': `{"r": "${CANARY}"}`,
  'support-bundle-1/shop/web/c.log': LOG,
};

const MANIFESTS: Files = {
  'shop/pods.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n',
  'shop/policies.json': JSON.stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny', namespace: 'shop' },
    spec: { podSelector: {} },
  }),
  'namespaces/shop/apps/deployments.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\n' +
    'spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}}}\n',
  'cluster-scoped-resources/core/namespaces/shop.yaml':
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
  'packed/more.json.gz': gzipSync(
    JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: {} }),
  ),
  'README.md': '# not read',
  'charts/chart-1.tgz': 'not opened',
};

interface Shape {
  readonly files: Files;
  readonly source: string;
  readonly coverage: readonly string[];
  readonly hint: RegExp | undefined;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  'kubectl cluster-info dump': {
    files: CLUSTER_INFO,
    source: 'LIVE',
    coverage: [
      'Namespace ABSENT',
      'Pod PARTIAL 3 kube-system,shop',
      'NetworkPolicy ABSENT',
      'Service PARTIAL 0 kube-system,shop',
      'EndpointSlice ABSENT',
      'Node COMPLETE 1',
      'DaemonSet PARTIAL 0 shop',
      'Deployment PARTIAL 0 shop',
      'ReplicaSet PARTIAL 0 shop',
      'ReplicationController PARTIAL 0 kube-system,shop',
    ],
    hint: /no Namespace, no NetworkPolicy.* only some of kind Pod \(all in kube-system, shop\).*run: kubectl get/,
  },
  'oc adm inspect': {
    files: INSPECT,
    source: 'LIVE',
    coverage: [
      'Namespace PARTIAL 2 bare,shop',
      'Pod PARTIAL 2 bare,shop',
      'NetworkPolicy PARTIAL 1 shop',
      'Service PARTIAL 0 shop',
      'EndpointSlice ABSENT',
      'Node PARTIAL 1',
    ],
    hint: /only some of kind NetworkPolicy \(all in shop\).*must-gathers have only the namespaces/,
  },
  'a Velero backup': {
    files: VELERO,
    source: 'LIVE',
    coverage: [
      'Namespace PARTIAL 1 shop',
      'Pod PARTIAL 1',
      'NetworkPolicy PARTIAL 1',
      'Service ABSENT',
      'EndpointSlice ABSENT',
      'Node ABSENT',
    ],
    hint: /does not say what its filters left out.*`source=manifests`/,
  },
  'a support bundle': {
    files: BUNDLE,
    source: 'LIVE',
    coverage: [
      'Namespace PARTIAL 2 bare,shop',
      'Pod PARTIAL 2 bare,shop',
      'NetworkPolicy PARTIAL 1 bare,shop',
      'Service PARTIAL 0 shop',
      'EndpointSlice FORBIDDEN',
      'Node COMPLETE 1',
    ],
    hint: /no EndpointSlice.*a support bundle has only the namespaces/,
  },
  manifests: {
    files: MANIFESTS,
    source: 'MANIFESTS',
    coverage: [
      'Namespace COMPLETE 1',
      'Pod COMPLETE 1',
      'NetworkPolicy COMPLETE 1',
      'Service COMPLETE 1',
      'EndpointSlice COMPLETE 0',
      'Node COMPLETE 0',
      'Deployment COMPLETE 1',
    ],
    hint: undefined,
  },
};

for (const [name, { files, source, coverage, hint }] of Object.entries(SHAPES)) {
  t.test(`${name} has the coverage it really has, as a directory and as a tar`, async (t) => {
    const digests = new Set<string>();
    for (const [way, read] of Object.entries(WAYS)) {
      const snapshot = await read(files);
      digests.add(snapshot.digest);
      t.equal(snapshot.source, source, way);
      t.strictSame(coverageText(snapshot), coverage.toSorted(), way);
      t.strictSame(complaintsOf(snapshot), [], way);
      t.equal(JSON.stringify(snapshot).includes(CANARY), false, 'nothing private is kept');
      t.equal(JSON.stringify([...snapshot.namespaces]).includes(CANARY), false);
      t.equal(JSON.stringify([...snapshot.namespaces]).includes('forged'), false);
      const text = coverageHint(snapshot);
      if (hint === undefined) t.equal(text, undefined);
      else t.match(text, hint);
    }
    t.equal(digests.size, 1, 'one content, one digest');
  });
}

t.test('answers are sure where the dump has all of a namespace, and nowhere else', async (t) => {
  const bytes = gzipSync(tarOfFiles({ ...INSPECT }));
  async function* given(): AsyncGenerator<ManifestInput> {
    yield { bytes: chunksOf(bytes) };
  }
  const files = await openFiles(given(), {
    limits: DEFAULT_INGEST_LIMITS,
    engineOptions: DEFAULT_OPTIONS,
  });
  const verdict = (from: string, to: string): string =>
    files.ask(path, { from, to, port: 'tcp/80' }).result.verdict;
  t.equal(verdict('bare/pod/job', 'shop/pod/web'), 'DENIED', 'its policies are known');
  t.equal(verdict('shop/pod/web', 'bare/pod/job'), 'UNDETERMINED', 'its policies are not');
});

t.test('where all Namespaces are listed and covered, all of a kind is there', async (t) => {
  const names = (...all: string[]): ManifestInput => ({
    file: 'ns.json',
    bytes: chunksOf(Buffer.from(listOf('Namespace', all.map(NS)))),
  });
  const dump = (): ManifestInput => {
    const shop = Object.entries(INSPECT).filter(([path]) => !path.includes('/bare/'));
    return { file: 'x.tar', bytes: chunksOf(tarOfFiles(Object.fromEntries(shop))) };
  };
  const whole = coverageText(await snapshotOf([names('shop'), dump()]));
  t.ok(
    whole.includes('Pod COMPLETE 1') && whole.includes('NetworkPolicy COMPLETE 1'),
    whole.join(),
  );
  const more = coverageText(await snapshotOf([dump(), names('shop', 'other')]));
  t.ok(more.includes('Pod PARTIAL 1 shop'), more.join());
});

t.test('a list vouches only for what it shows', async (t) => {
  const at = (content: string): Files => ({
    'x/namespaces/shop/core/pods.yaml': listOf('Pod', [pod('shop', 'web')]),
    'x/namespaces/shop/networking.k8s.io/networkpolicies.yaml': content,
  });
  const cut = policies(policy('shop')).replace('"resourceVersion": "9"', '"continue": "more"');
  const cases: readonly (readonly [name: string, content: string, row: string])[] = [
    ['all of it', policies(policy('shop')), 'NetworkPolicy PARTIAL 1 shop'],
    ['none, said so', policies(), 'NetworkPolicy PARTIAL 0 shop'],
    ['one page of it', cut, 'NetworkPolicy PARTIAL 1'],
    ['of another namespace', policies(policy('other')), 'NetworkPolicy PARTIAL 1'],
    ['one object', JSON.stringify(policy('shop')), 'NetworkPolicy PARTIAL 1'],
    ['an empty file', '\n', 'NetworkPolicy ABSENT'],
    ['another list', listOf('Pod', []), 'NetworkPolicy ABSENT'],
  ];
  for (const [name, content, row] of cases) {
    for (const [way, read] of Object.entries(WAYS)) {
      const rows = coverageText(await read(at(content)));
      t.ok(rows.includes(row), `${name}, ${way}: ${rows.join('; ')}`);
    }
  }
});

t.test('what was added to a cluster-info dump completes it', async (t) => {
  const added = policies(policy('shop')).replace('NetworkPolicyList', 'List');
  for (const [way, read] of Object.entries(WAYS)) {
    const snapshot = await read({
      ...CLUSTER_INFO,
      'dump/netpol.json': added,
      'dump/ns.json': listOf('Namespace', ['shop', 'kube-system'].map(NS)),
    });
    const rows = coverageText(snapshot);
    t.ok(rows.includes('NetworkPolicy COMPLETE 1'), way);
    t.ok(rows.includes('Pod COMPLETE 3'), 'all namespaces are known, and each is covered');
    t.ok(rows.includes('Deployment PARTIAL 0 shop'), 'of one there are no Deployments');
  }
  const printed = await one(`${printedDump(AS_JSON)}${added}`);
  t.ok(coverageText(printed).includes('NetworkPolicy COMPLETE 1'), 'as to one that was printed');
});

t.test('what is wrong in one namespace leaves another as sure as it can be', async (t) => {
  const read = (shop: string): Promise<Snapshot> =>
    one(
      tarOfFiles({
        'x/namespaces/shop/networking.k8s.io/networkpolicies.yaml': shop,
        'x/namespaces/bare/networking.k8s.io/networkpolicies.yaml': policies(policy('bare')),
      }),
    );
  const cut = policies(policy('shop')).replace('"resourceVersion": "9"', '"continue": "more"');
  t.ok(coverageText(await read(cut)).includes('NetworkPolicy PARTIAL 2 bare'), 'one page of it');
  // Of what namespace it is cannot be told.
  const lost =
    '{"kind": "NetworkPolicy", "apiVersion": "networking.k8s.io/v1", "spec": {}, "spec": {}}';
  t.ok(coverageText(await read(lost)).includes('NetworkPolicy PARTIAL 1'), 'a lost policy');
});

t.test('policies of extensions that a dump has only in part leave everything open', async (t) => {
  const cilium = listOf('CiliumNetworkPolicy', [], 'cilium.io/v2');
  const snapshot = await one(
    tarOfFiles({
      ...INSPECT,
      [`${INSPECT_ROOT}/namespaces/shop/cilium.io/ciliumnetworkpolicies.yaml`]: cilium,
    }),
  );
  t.ok(coverageText(snapshot).includes('CiliumNetworkPolicy ABSENT'));
});

t.test('folders that look like a dump are read as the manifests they are', async (t) => {
  const yaml = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n';
  const paths = [
    'namespaces/shop/core/pods.yaml',
    'namespaces/shop/shop.yaml',
    'cluster-resources/in-cluster/ns.yaml',
    'cluster-resources/pods/shop.yaml',
    'resources/pods/namespaces/shop/web.yaml',
    'shop/pods.yaml',
    'shop/replication-controllers.yaml',
  ];
  for (const path of paths) {
    for (const [way, read] of Object.entries(WAYS)) {
      const snapshot = await read({ [path]: yaml });
      t.equal(snapshot.source, 'MANIFESTS', `${path}, ${way}`);
      t.ok(coverageText(snapshot).includes('Pod COMPLETE 1'), path);
      t.equal(await codeOf(read({ [path]: yaml, 'other.yaml': 'a: [1,\nb: }' })), 'bad-input');
    }
  }
  const copy = { 'namespaces/shop/pods/web/web.yaml': yaml };
  for (const read of Object.values(WAYS)) {
    t.match(await errorOf(read(copy)), { code: 'bad-input', message: /second copy/ });
  }
});

t.test('what is wrong with a file of a dump is told, with other files it is not', async (t) => {
  const read = (extra: Files): Promise<Snapshot> => one(tarOfFiles({ ...INSPECT, ...extra }));
  const ns = `${INSPECT_ROOT}/namespaces/shop`;
  t.equal(await codeOf(read({ [`${ns}/core/services.yaml`]: 'a: [1,\nb: }' })), 'bad-input');
  t.equal(await codeOf(read({ 'beside.yaml': 'a: [1,\nb: }' })), 'bad-input', 'not in the dump');
  const odd = await read({ [`${ns}/core/endpoints.yaml`]: '[1]', 'beside.json': '{"a": 1}' });
  t.strictSame(complaintsOf(odd), ['NOT_AN_OBJECT', 'NOT_AN_OBJECT']);
  const beside = await read({ 'beside/netpol.yaml': policies(policy('bare')) });
  t.ok(coverageText(beside).includes('NetworkPolicy COMPLETE 2'), 'files beside it stand for all');
});

t.test('what is private by its place is not even opened', async (t) => {
  async function* never(): AsyncGenerator<Uint8Array> {
    yield* [];
    throw new Error('it was opened');
  }
  const paths = [
    'x/namespaces/shop/core/secrets.yaml',
    'x/namespaces/shop/core/configmaps/a.yaml',
    'x/namespaces/shop/core/events.yaml',
    'resources/secrets/namespaces/shop/a.json',
    'resources/secrets/v1-preferredversion/namespaces/shop/a.json',
    'b/cluster-resources/configmaps/shop.json',
    'b/cluster-resources/image-pull-secrets/shop/a.json',
  ];
  const inputs = paths.map((path) => ({ bytes: never(), tree: { name: 'x', path } }));
  const others = Object.entries({ ...INSPECT, ...VELERO, ...BUNDLE })
    .filter(([path]) => /\.(yaml|json)$/.test(path))
    .map(([path, content]) => ({
      bytes: chunksOf(Buffer.from(content)),
      tree: { name: 'x', path },
    }));
  const snapshot = await snapshotOf([...inputs, ...others]);
  const shapes = snapshot.problems.filter(({ code }) => code === 'DUMP_SHAPE');
  t.strictSame(
    shapes.map(({ object }) => object),
    ['inspect', 'support-bundle', 'velero'],
  );
});

t.test('many texts that are no objects are one problem', async (t) => {
  const files = Object.fromEntries(
    Array.from({ length: 100 }, (_, at) => [`a/${at}.json`, '{"a": 1}']),
  );
  for (const read of Object.values(WAYS)) {
    const { problems } = await read({ ...files, ...MANIFESTS });
    const told = problems.filter(({ code }) => code === 'NOT_AN_OBJECT');
    t.match(told, [{ message: /^100 texts/ }]);
  }
});

const LOG_OF = (namespace: string, name: string, text = LOG): string =>
  `==== START logs for container c of pod ${namespace}/${name} ====\n${text}` +
  `==== END logs for container c of pod ${namespace}/${name} ====\n`;

function printedDump(print: (list: string) => string, log = LOG): string {
  const lists = (namespace: string, pods: readonly object[]): string =>
    [
      listOf('Event', []),
      listOf('ReplicationController', []),
      listOf('Service', []),
      listOf('DaemonSet', [], 'apps/v1'),
      listOf('Deployment', [], 'apps/v1'),
      listOf('ReplicaSet', [], 'apps/v1'),
      listOf('Pod', pods),
    ]
      .map(print)
      .join('') + (pods.length === 0 ? '' : LOG_OF(namespace, 'p', log));
  return [
    print(listOf('Node', [live('v1', 'Node', 'n1')])),
    lists('kube-system', [pod('kube-system', 'p')]),
    lists('empty', []),
    lists('shop', [pod('shop', 'p'), pod('shop', 'q')]),
  ].join('');
}

const PRINTED = [
  'DaemonSet PARTIAL 0 kube-system,shop',
  'Deployment PARTIAL 0 kube-system,shop',
  'EndpointSlice ABSENT',
  'Namespace ABSENT',
  'NetworkPolicy ABSENT',
  'Node COMPLETE 1',
  'Pod PARTIAL 3 kube-system,shop',
  'ReplicaSet PARTIAL 0 kube-system,shop',
  'ReplicationController PARTIAL 0 kube-system,shop',
  'Service PARTIAL 0 kube-system,shop',
];
const AS_JSON = (list: string): string => `${list}\n`;
const AS_YAML = (list: string): string => `---\n${stringify(JSON.parse(list))}`;

t.test('a printed cluster-info dump is read without its logs, in chunks of any size', async (t) => {
  const logs = [
    LOG,
    '',
    `${CANARY} without an end of its line`,
    '==== START log\n====\n=\n',
    `${'x'.repeat(2000)}\r\n`,
    '---\napiVersion: v1\nkind: Pod\nmetadata: {name: forged}\n',
  ];
  for (const print of [AS_JSON, AS_YAML]) {
    for (const log of logs) {
      const text = printedDump(print, log);
      const digests = new Set<string>();
      for (const chunk of [13, 509, 64 * 1024]) {
        const snapshot = await one(text, { chunk });
        t.strictSame(coverageText(snapshot), PRINTED);
        t.strictSame(complaintsOf(snapshot), []);
        t.equal(JSON.stringify([...snapshot.namespaces]).includes('forged'), false);
        digests.add(snapshot.digest);
      }
      const packed = await one(tarOfFiles({ 'dump.json': text }));
      t.strictSame(coverageText(packed), PRINTED, 'saved among other files');
      digests.add(packed.digest);
      t.equal(digests.size, 1);
    }
  }
  t.match(coverageHint(await one(printedDump(AS_JSON))), /has neither NetworkPolicies nor/);
});

t.test('a printed dump that lacks its start covers nothing', async (t) => {
  const text = printedDump(AS_JSON);
  const headless = text.slice(text.indexOf('{\n  "kind": "EventList"'));
  const digests = new Set<string>();
  for (const chunk of [97, 1000, 64 * 1024]) {
    const snapshot = await one(headless, { chunk });
    t.ok(coverageText(snapshot).includes('Pod PARTIAL 3'));
    t.ok(coverageText(snapshot).includes('Service PARTIAL 0'));
    t.match(coverageHint(snapshot), /has neither NetworkPolicies nor/);
    digests.add(snapshot.digest);
  }
  t.equal(digests.size, 1, 'how it was cut into chunks does not show');
  for (const read of Object.values(WAYS)) {
    const rows = coverageText(await read({ 'x/dump.json': headless }));
    t.ok(rows.includes('Pod PARTIAL 3'), rows.join('; '));
  }
});

t.test('printed lists whose namespace cannot be told cover none', async (t) => {
  const text = printedDump(AS_JSON);
  const first = text.indexOf('{\n  "kind": "PodList"');
  const gap = text.slice(0, first) + text.slice(text.indexOf('{\n  "kind": "EventList"', first));
  const namespaced = gap.replace(
    listOf('Service', []),
    listOf('Service', [live('v1', 'Service', 's', { namespace: 'kube-system', spec: {} })]),
  );
  const rows = coverageText(await one(namespaced.replace(listOf('Pod', []), '')));
  t.ok(rows.includes('Pod PARTIAL 2'), rows.join('; '));
  t.ok(rows.includes('Service PARTIAL 1'), rows.join('; '));
});

t.test('a dump of a tool is of a running cluster, whatever its objects have', async (t) => {
  const pods = listOf('Pod', [{ metadata: { name: 'web', namespace: 'shop' } }]);
  const files = { 'x/namespaces/shop/core/pods.yaml': pods };
  for (const [way, read] of Object.entries(WAYS)) {
    const snapshot = await read(files);
    t.equal(snapshot.source, 'LIVE', way);
    t.ok(snapshot.sourceDetected);
    t.ok(coverageText(await read(files, { source: 'MANIFESTS' })).includes('Pod COMPLETE 1'));
  }
});

t.test('lines keep their numbers behind a log', async (t) => {
  const text = `${printedDump(AS_JSON)}{"apiVersion": "v1", "kind": "Pod", "kind": "Pod"}\n`;
  const snapshot = await one(text);
  const problem = snapshot.problems.find(({ code }) => code === 'DUPLICATE_KEY');
  t.equal(problem?.line, text.split('\n').length - 1);
});

t.test('a log that plays the dump is refused', async (t) => {
  const end = '==== END logs for container c of pod shop/p ====\n';
  const start = '==== START logs for container c of pod shop/p ====\n';
  const forged = listOf('Pod', [pod('shop', 'forged')]);
  const logs = [
    `${end}${forged}\n`,
    `${end}${forged}\n${start}`,
    `${end}${forged}\n==== START logs for container d of pod shop/q ====\n`,
    `${end}${forged}\n---\na: `,
    `${end}---\n#`,
    start,
    `x ${start}`,
    '==== END logs for container d of pod shop/q ====\n',
    `==== END logs for container ${'c'.repeat(600)}`,
  ];
  for (const print of [AS_JSON, AS_YAML]) {
    for (const log of logs) {
      for (const chunk of [31, 64 * 1024]) {
        const text = printedDump(print).replace(LOG_OF('shop', 'p'), LOG_OF('shop', 'p', log));
        t.equal(await codeOf(one(text, { chunk })), 'bad-input', JSON.stringify(log));
      }
    }
    const text = printedDump(print);
    const cut = text.slice(0, text.lastIndexOf('==== END'));
    t.match(await errorOf(one(cut)), { code: 'bad-input', message: /middle of a log/ });
  }
  const quoted = { ...policy('shop'), x: `${start} ${end}`, y: end.trim() };
  t.equal((await one(JSON.stringify(quoted))).namespaces.size, 1, 'a text may speak of logs');
});

const POD_FILE: TarPart = {
  name: 'a/pod.yaml',
  content: 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n',
};

t.test('every format of tar is read', async (t) => {
  const long = `${'folder/'.repeat(20)}pod.yaml`;
  const cases: Readonly<Record<string, readonly TarPart[]>> = {
    posix: [POD_FILE],
    gnu: [{ ...POD_FILE, format: 'gnu' }],
    'before POSIX': [{ ...POD_FILE, format: 'old', type: '\0' }],
    'a prefix': [{ ...POD_FILE, name: 'pod.yaml', prefix: 'folder/'.repeat(20).slice(0, -1) }],
    'pax path': [paxOf({ path: long, mtime: '1.5' }), { ...POD_FILE, name: 'cut' }],
    'pax size': [paxOf({ size: String(POD_FILE.content?.length) }), { ...POD_FILE, size: 0 }],
    'pax global': [paxOf({ comment: 'x', path: 'no.md' }, 'g'), POD_FILE],
    'GNU long name': [
      { name: '././@LongLink', type: 'L', format: 'gnu', content: `${long}\0` },
      { ...POD_FILE, name: 'cut', format: 'gnu' },
    ],
    'GNU long link': [
      { name: '././@LongLink', type: 'K', format: 'gnu', content: `${long}\0` },
      POD_FILE,
    ],
    'a binary size': [{ name: 'big', size: 8 ** 11, type: '5' }, POD_FILE],
    'an absolute name': [{ ...POD_FILE, name: '/a/pod.yaml' }],
    'folders, links, devices, pipes': [
      { name: 'a/', type: '5' },
      { name: 'b/', type: '0' },
      { name: 'hard.yaml', type: '1', link: 'a/pod.yaml' },
      { name: 'soft', type: '2', link: '/etc/passwd' },
      { name: 'null.yaml', type: '3' },
      { name: 'sda.yaml', type: '4' },
      { name: 'pipe.yaml', type: '6' },
      { name: 'odd.yaml', type: 'V', content: 'label' },
      { ...POD_FILE, type: '7' },
      { name: '._pod.yaml', content: '\0\x05\x16\x07' },
    ],
    'a packed file': [
      { ...POD_FILE, name: 'a.json.gz', content: gzipSync(POD_FILE.content ?? '') },
    ],
  };
  for (const [name, parts] of Object.entries(cases)) {
    for (const chunk of [29, 511, 64 * 1024]) {
      const { namespaces } = await one(tarOf(parts), { chunk });
      t.strictSame(namespaces.get('default')?.pods.name, ['web'], name);
    }
  }
  const twice = Buffer.concat([tarOf([POD_FILE]), Buffer.alloc(20 * 512)]);
  t.equal((await one(twice)).namespaces.size, 1, 'a whole record of empty blocks at the end');
});

t.test('a link to a manifest is told, for what it names is not there', async (t) => {
  const link: TarPart = { name: 'b.yaml', type: '2', link: '../../etc/passwd' };
  const { problems } = await one(tarOf([POD_FILE, link]));
  t.match(
    problems.find(({ code }) => code === 'LINK_NOT_FOLLOWED'),
    { severity: 'error', affectsVerdicts: true, file: 'b.yaml', message: /--dereference/ },
  );
});

t.test('names of an archive cannot play with a terminal', async (t) => {
  const name = 'a\u001b[2J\n\u202e/pod.yaml';
  const { provenance } = await one(tarOf([{ name, content: JSON.stringify(policy('shop')) }]));
  t.strictSame(
    [...provenance.values()].flat().map(({ file }) => file),
    ['a\uFFFD[2J\uFFFD\uFFFD/pod.yaml'],
  );
  const { message } = await errorOf(one(tarOf([{ name: `../${name}`, content: 'x' }])));
  t.notMatch(message, /\p{C}/u);
});

t.test('hostile archives are refused', async (t) => {
  const named = (name: string): Buffer => tarOf([{ ...POD_FILE, name }]);
  const pax = (records: Record<string, string>): Buffer => tarOf([paxOf(records), POD_FILE]);
  const flipped = tarOf([POD_FILE]);
  flipped[0] = 0x62;
  const cases: readonly (readonly [string, Buffer, string, Partial<IngestLimits>?])[] = [
    ['out of the archive', named('../../etc/passwd.yaml'), 'bad-input'],
    ['out of the archive, inside', named('a/../../b.yaml'), 'bad-input'],
    ['out of the archive, pax', pax({ path: 'a/../b.yaml' }), 'bad-input'],
    ['NUL in a name', pax({ path: 'a\0.yaml' }), 'bad-input'],
    ['no name', named(''), 'bad-input'],
    ['a long name', pax({ path: `${'x'.repeat(2000)}.yaml` }), 'bad-input'],
    ['a deep name', pax({ path: `${'x/'.repeat(40)}a.yaml` }), 'bad-input'],
    ['a sparse file', tarOf([{ ...POD_FILE, type: 'S', format: 'gnu' }]), 'bad-input'],
    ['a sparse file, pax', pax({ 'GNU.sparse.major': '1', path: 'a.yaml' }), 'bad-input'],
    ['a flipped bit', flipped, 'bad-encoding'],
    ['a size of too much', tarOf([{ ...POD_FILE, size: 2 ** 40 }]), 'upload-too-large entry'],
    ['a size beyond all numbers', tarOf([{ ...POD_FILE, size: 2 ** 60 }]), 'bad-encoding'],
    ['a size of too little', tarOf([{ ...POD_FILE, size: 0 }]), 'bad-encoding'],
    ['a size beyond the end', tarOf([{ ...POD_FILE, size: 9000 }]), 'bad-encoding'],
    ['pax without an end', tarOf([{ name: 'p', type: 'x', content: '99 a=b\n' }]), 'bad-encoding'],
    ['pax of no number', tarOf([{ name: 'p', type: 'x', content: '-7 a=b\n' }]), 'bad-encoding'],
    ['pax size of no number', pax({ size: '-1' }), 'bad-encoding'],
    ['pax too long', pax({ x: 'y'.repeat(70_000) }), 'bad-encoding'],
    ['two archives', Buffer.concat([tarOf([POD_FILE]), tarOf([POD_FILE])]), 'bad-encoding'],
    ['an archive in it', tarOf([POD_FILE, { name: 'x.tar.gz', content: 'x' }]), 'bad-input'],
    [
      'an archive named as a manifest',
      tarOf([{ name: 'x.json', content: tarOf([]) }]),
      'bad-input',
    ],
    ['nothing', tarOf([]), 'bad-input'],
    ['no manifest', tarOf([{ name: 'a.txt', content: 'x' }]), 'bad-input'],
    ['too many', tarOf([POD_FILE, POD_FILE]), 'upload-too-large entries', { archiveEntriesMax: 1 }],
    [
      'too many records',
      tarOf(Array.from({ length: 9 }, () => paxOf({ a: 'b' }))),
      'upload-too-large entries',
      { archiveEntriesMax: 8 },
    ],
    ['a file too long', tarOf([POD_FILE]), 'upload-too-large entry', { archiveEntryBytesMax: 20 }],
  ];
  for (const [name, bytes, code, limits = {}] of cases) {
    for (const [way, input] of [
      ['tar', bytes],
      ['tar.gz', gzipSync(bytes)],
    ] as const) {
      for (const chunk of [500, 64 * 1024]) {
        t.equal(await codeOf(one(input, { limits, chunk })), code, `${name}, ${way}`);
      }
    }
  }
});

t.test('bombs are stopped by the ratio, the file and the whole', async (t) => {
  const zeros = Buffer.alloc(8 * 1024 * 1024, 0x20);
  const inner = tarOf([POD_FILE, { name: 'z.json.gz', content: gzipSync(zeros) }]);
  const random = Buffer.from(Array.from({ length: 40_000 }, (_, at) => (at * at * 7919) % 251));
  const padded = tarOf([
    { name: 'noise.bin', content: random },
    { name: 'z.json.gz', content: gzipSync(zeros) },
  ]);
  const word = Buffer.from(Array.from({ length: 1500 }, (_, at) => 97 + ((at * at) % 23)));
  const mild = gzipSync(Buffer.alloc(70_000, word));
  const mildOnes = Array.from({ length: 60 }, () => ({ name: 'z.json.gz', content: mild }));
  const many = Array.from({ length: 40 }, () => ({ name: 'z.json.gz', content: gzipSync(zeros) }));
  const cases: readonly (readonly [string, Buffer, string, Partial<IngestLimits>?])[] = [
    ['a bomb', gzipSync(tarOf([{ name: 'z.json', content: zeros }])), 'upload-too-large ratio'],
    ['a bomb inside', inner, 'upload-too-large ratio'],
    ['a bomb inside of a tar.gz', gzipSync(inner), 'upload-too-large ratio'],
    [
      'a bomb behind what is skipped',
      gzipSync(tarOf([{ name: 'z', content: zeros }])),
      'upload-too-large ratio',
    ],
    ['many bombs that are small', tarOf(many), 'upload-too-large ratio'],
    ['mild ones in a tar.gz', gzipSync(tarOf(mildOnes)), 'upload-too-large ratio'],
    [
      'one file',
      padded,
      'upload-too-large entry',
      { decompressionRatioMax: 9000, archiveEntryBytesMax: 2 ** 20 },
    ],
    [
      'all of it',
      tarOf(many),
      'upload-too-large decoded',
      { decompressionRatioMax: 9000, decodedBytesMax: 2 ** 25 },
    ],
    [
      'packed twice',
      tarOf([{ name: 'a.json.gz', content: gzipSync(gzipSync('{}')) }]),
      'bad-encoding',
    ],
  ];
  for (const [name, bytes, code, limits = {}] of cases) {
    t.equal(await codeOf(one(bytes, { limits })), code, name);
  }
});

t.test('an archive that is cut off anywhere is refused', async (t) => {
  const whole = tarOf([
    paxOf({ path: 'a/pod.yaml' }),
    POD_FILE,
    { name: 'b/', type: '5' },
    POD_FILE,
  ]);
  const end = whole.length - 1024;
  for (let length = 512; length <= end; length += 512) {
    const code = await codeOf(one(whole.subarray(0, length)));
    t.equal(code, 'bad-encoding', `${length} bytes`);
    t.equal(await codeOf(one(whole.subarray(0, length - 3))), length === 512 ? 'bad-input' : code);
  }
  t.equal((await one(whole.subarray(0, end + 512))).namespaces.size, 1, 'all of it and one block');
  const packed = gzipSync(whole);
  for (let length = 20; length < packed.length; length += 7) {
    t.equal(await codeOf(one(packed.subarray(0, length))), 'bad-encoding');
  }
});

t.test('any archive gives back its files, in chunks of any size', async (t) => {
  const segment = fc.stringMatching(/^[a-zA-Z0-9é_-]{1,60}$/);
  const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const content = fc.uint8Array({ maxLength: 1500 });
  const file = fc.record({ name, content, isRead: fc.boolean() });
  const run = fc.asyncProperty(
    fc.array(file),
    fc.integer({ min: 20, max: 2000 }),
    async (files, chunk) => {
      const bytes = tarOf(
        files.flatMap((one) => [paxOf({ path: one.name }), { ...one, name: 'cut' }]),
      );
      async function* given(): AsyncGenerator<Buffer> {
        for await (const part of chunksOf(bytes, chunk)) yield Buffer.from(part);
      }
      const found: unknown[] = [];
      for await (const entry of readTar(given(), DEFAULT_INGEST_LIMITS, undefined)) {
        const parts: Buffer[] = [];
        if (files[found.length]?.isRead === true) {
          for await (const part of entry.bytes) parts.push(part);
        }
        found.push([entry.path, Buffer.concat(parts).toString('hex')]);
      }
      const expected = files.map((one) => [
        one.name,
        one.isRead ? Buffer.from(one.content).toString('hex') : '',
      ]);
      return JSON.stringify(found) === JSON.stringify(expected);
    },
  );
  await fc.assert(run, { numRuns: 120 });
  t.pass();
});

t.test('a damaged archive is refused or read, and nothing else ever happens', async (t) => {
  const whole = tarOf([paxOf({ path: 'a/pod.yaml' }), POD_FILE, POD_FILE]);
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), {
    minLength: 1,
    maxLength: 8,
  });
  const codes = new Set<string>();
  const run = fc.asyncProperty(
    damage,
    fc.integer({ min: 60, max: 1000 }),
    async (places, chunk) => {
      const bytes = Buffer.from(whole);
      for (const [at, byte] of places) bytes[at] = byte;
      try {
        await one(bytes, { chunk });
      } catch (error) {
        if (!(error instanceof PodreachError)) throw error;
        codes.add(error.code);
      }
    },
  );
  await fc.assert(run, { numRuns: 500 });
  t.ok(codes.has('bad-encoding'), [...codes].join());
  for (const part of tarEntry(POD_FILE).slice(0, 1)) t.equal(part.length, 512);
});
