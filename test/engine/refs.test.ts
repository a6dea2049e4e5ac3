import { createHash } from 'node:crypto';

import t from 'tap';

import { countPods } from '../../src/engine/count-pods.ts';
import { coverageOf, missingKind, missingPolicyKinds } from '../../src/engine/missing.ts';
import { buildDirectory } from '../../src/engine/directory.ts';
import { buildModelView, podOrdinals } from '../../src/engine/model-view.ts';
import type { ModelView } from '../../src/engine/model-view.ts';
import { namedPorts } from '../../src/engine/named-ports.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { editDistance } from '../../src/engine/refs/edit-distance.ts';
import type { EndSet } from '../../src/engine/refs/end-set.ts';
import { parsePort, printAskedPorts } from '../../src/engine/refs/parse-port.ts';
import { parseRef, printRef } from '../../src/engine/refs/parse-ref.ts';
import { resolveRef } from '../../src/engine/refs/resolve-ref.ts';
import { endpointsOf } from '../../src/engine/refs/service-endpoints.ts';
import type { ServiceMember } from '../../src/engine/refs/service-endpoints.ts';
import {
  cidrsOf,
  containsAddress,
  parseAddress,
  parseCidr,
  printAddress,
} from '../../src/model/address.ts';
import { PodreachError } from '../../src/model/errors.ts';
import type { ErrorDetails } from '../../src/model/errors.ts';
import { makeSnapshot } from '../support/snapshot.ts';
import type { NamespaceSpec, ServiceSpec, SnapshotSpec } from '../support/snapshot.ts';

const API = 'apps/v1 Deployment api';

/** The cluster that most cases ask about. */
const CLUSTER: SnapshotSpec = {
  nodes: {
    'worker-1': { addresses: ['192.0.2.11', '2001:db8:1::11'], podCIDRs: ['100.1.0.0/24'] },
    'worker-2': { addresses: ['192.0.2.12'], labels: { zone: 'b' }, uid: 'n2' },
  },
  namespaces: {
    shop: {
      labels: { team: 'pay', env: 'prod' },
      workloads: {
        [API]: { uid: 'd1' },
        'apps/v1 Deployment web': { template: true, replicas: 3 },
        'apps/v1 Deployment idle': { template: true, replicas: 0 },
        'batch/v1 Job migrate': {},
        'apps/v1 StatefulSet db': {},
        'argoproj.io/v1alpha1 Rollout canary': {},
        'serving.knative.dev/v1 Service fn': {},
      },
      pods: {
        'api-1': {
          owner: API,
          labels: { app: 'api', rev: '1' },
          ips: ['10.1.0.1', 'fd00::1'],
          uid: 'p1',
        },
        'api-2': { owner: API, labels: { app: 'api', rev: '2' }, ips: ['10.1.0.2'], ready: false },
        'api-0': { owner: API, labels: { app: 'api', rev: '0' }, phase: 'SUCCEEDED' },
        'web[0]': {
          owner: 'apps/v1 Deployment web',
          template: true,
          labels: { app: 'web', tier: 'front' },
        },
        'migrate-x': { owner: 'batch/v1 Job migrate', phase: 'FAILED', labels: { job: 'migrate' } },
        'db-0': { owner: 'apps/v1 StatefulSet db', labels: { app: 'store' }, ips: ['10.1.0.3'] },
        'canary-1': { owner: 'argoproj.io/v1alpha1 Rollout canary', ips: ['10.1.0.4'] },
        'fn-1': { owner: 'serving.knative.dev/v1 Service fn' },
        agent: {
          hostNetwork: true,
          node: 'worker-1',
          ips: ['192.0.2.11'],
          labels: { app: 'agent' },
        },
        solo: { labels: { app: 'solo', tier: 'db' } },
      },
      services: {
        api: {
          selector: { app: 'api' },
          clusterIPs: ['10.96.0.1', 'fd00:96::1'],
          ports: [{ port: 80 }],
        },
        solo: { selector: { app: 'solo' }, clusterIPs: ['10.96.0.2'] },
        db: { selector: { app: 'api' } },
        front: {
          selector: { app: 'web' },
          loadBalancerIPs: ['203.0.113.9'],
          externalIPs: ['203.0.113.10'],
          type: 'LoadBalancer',
        },
        mail: { type: 'ExternalName', externalName: 'mail.example.com' },
      },
    },
    'shop-staging': {
      labels: { team: 'pay', env: 'test' },
      pods: {
        'web-9': { labels: { app: 'web' }, ips: ['10.2.0.9'] },
        twin: { labels: { app: 'twin' } },
      },
      services: { only: { selector: { app: 'web' } } },
    },
    ops: { pods: { twin: { labels: { app: 'twin' } } } },
    empty: {},
  },
};

const view = buildModelView(makeSnapshot(CLUSTER));
const directory = buildDirectory(view);

/** `shop/api-1`, `node/x`, CIDRs: what an end stands for, as text. */
function members(end: EndSet, of: ModelView = view): string[] {
  return [
    ...end.pods.map((pod) => `${of.namespaceOf(pod).name}/${of.pod(pod).name}`),
    ...end.nodes.map((node) => `node/${of.nodes[node]?.node.name ?? '?'}`),
    ...cidrsOf(end.ranges),
  ];
}

function errorOf(run: () => unknown): { code: string; message: string; details: ErrorDetails } {
  try {
    run();
  } catch (error) {
    if (error instanceof PodreachError) return error;
    throw error;
  }
  return { code: 'none', message: '', details: {} };
}

t.test('every form of ref stands for the pods, nodes and addresses the contract says', (t) => {
  const cases: readonly (readonly [ref: string, peer: string, members: readonly string[]])[] = [
    ['10.1.0.1', 'shop/pod/api-1', ['shop/api-1']],
    ['::ffff:10.1.0.1', 'shop/pod/api-1', ['shop/api-1']],
    ['192.0.2.11', 'node/worker-1', ['node/worker-1']],
    ['10.96.0.1', 'shop/svc/api', ['shop/api-1']],
    ['10.96.0.1,fd00:96::1', 'shop/svc/api', ['shop/api-1']],
    ['203.0.113.9', 'shop/svc/front', ['shop/web[0]']],
    ['203.0.113.10', 'shop/svc/front', ['shop/web[0]']],
    ['8.8.8.8', '8.8.8.8/32', ['8.8.8.8/32']],
    ['2001:DB8:0:0::/32', '2001:db8::/32', ['node/worker-1', 'CUT']],
    ['10.1.0.0/30', '10.1.0.0/30', ['shop/api-1', 'shop/api-2', 'shop/db-0', '10.1.0.0/32']],
    [
      '::ffff:10.1.0.0/126',
      '10.1.0.0/30',
      ['shop/api-1', 'shop/api-2', 'shop/db-0', '10.1.0.0/32'],
    ],
    ['10.96.0.0/31', '10.96.0.0/31', ['10.96.0.0/32']],
    [
      '9.9.9.9, 8.8.8.8 ,10.1.0.2/32',
      '8.8.8.8/32,9.9.9.9/32,10.1.0.2/32',
      ['shop/api-2', '8.8.8.8/32', '9.9.9.9/32'],
    ],
    ['10.1.0.1,8.8.8.8', '10.1.0.1,8.8.8.8', ['shop/api-1', '8.8.8.8/32']],
    ['10.1.0.1,::ffff:9.0.0.0/104', '10.1.0.1,9.0.0.0/8', ['shop/api-1', '9.0.0.0/8']],
    ['{team=pay}?app=web', '{team=pay}?app=web', ['shop/web[0]', 'shop-staging/web-9']],
    ['{team=pay,env in (prod)}?app=web', '{env=prod,team=pay}?app=web', ['shop/web[0]']],
    [
      '{kubernetes.io/metadata.name=ops}?app',
      '{kubernetes.io/metadata.name=ops}?app',
      ['ops/twin'],
    ],
    ['{ !team } ? app = twin', '{!team}?app=twin', ['ops/twin']],
    ['{env=test}/*', '{env=test}/*', ['shop-staging/twin', 'shop-staging/web-9']],
    ['shop?app=api', 'shop?app=api', ['shop/api-1', 'shop/api-2']],
    ['shop?app==api', 'shop?app=api', ['shop/api-1', 'shop/api-2']],
    [
      'shop?app in ( api , web )',
      'shop?app in (api,web)',
      ['shop/api-1', 'shop/api-2', 'shop/web[0]'],
    ],
    ['shop?tier,app!=web', 'shop?app!=web,tier', ['shop/solo']],
    [
      'shop?app notin (api,web,store,agent),app',
      'shop?app,app notin (agent,api,store,web)',
      ['shop/solo'],
    ],
    ['shop?!app', 'shop?!app', ['shop/canary-1', 'shop/fn-1']],
    ['shop?app=none', 'shop?app=none', []],
    ['*?app=twin', '*?app=twin', ['ops/twin', 'shop-staging/twin']],
    ['node/worker-2', 'node/worker-2', ['node/worker-2']],
    ['node/*', 'node/*', ['node/worker-1', 'node/worker-2']],
    ['shop/pod/api-1', 'shop/pod/api-1', ['shop/api-1']],
    ['shop/po/api-0', 'shop/pod/api-0', ['shop/api-0']],
    ['shop/pod/web[0]', 'shop/pod/web[0]', ['shop/web[0]']],
    ['shop/pods/agent', 'shop/pod/agent', ['shop/agent']],
    ['shop/deploy/api', 'shop/deploy/api', ['shop/api-1', 'shop/api-2']],
    ['shop/Deployments/api', 'shop/deploy/api', ['shop/api-1', 'shop/api-2']],
    ['shop/deployment.apps/api', 'shop/deploy/api', ['shop/api-1', 'shop/api-2']],
    ['shop/deploy/idle', 'shop/deploy/idle', []],
    ['shop/STS/db', 'shop/sts/db', ['shop/db-0']],
    ['shop/job/migrate', 'shop/job/migrate', ['shop/migrate-x']],
    ['shop/rollouts/canary', 'shop/rollout/canary', ['shop/canary-1']],
    ['shop/service.serving.knative.dev/fn', 'shop/service.serving.knative.dev/fn', ['shop/fn-1']],
    ['shop/svc/api', 'shop/svc/api', ['shop/api-1']],
    ['shop/Services/db', 'shop/svc/db', ['shop/api-1']],
    [
      'shop/*',
      'shop/*',
      [
        'shop/agent',
        'shop/api-1',
        'shop/api-2',
        'shop/canary-1',
        'shop/db-0',
        'shop/fn-1',
        'shop/solo',
        'shop/web[0]',
      ],
    ],
    ['empty/*', 'empty/*', []],
    ['ops/*', 'ops/*', ['ops/twin']],
    ['shop/api', 'shop/deploy/api', ['shop/api-1', 'shop/api-2']],
    ['shop/solo', 'shop/pod/solo', ['shop/solo']],
    ['shop/front', 'shop/svc/front', ['shop/web[0]']],
    ['shop/api-0', 'shop/pod/api-0', ['shop/api-0']],
    ['shop/migrate', 'shop/job/migrate', ['shop/migrate-x']],
    [' api ', 'shop/deploy/api', ['shop/api-1', 'shop/api-2']],
    ['only', 'shop-staging/svc/only', ['shop-staging/web-9']],
  ];
  for (const [ref, peer, expected] of cases) {
    const end = resolveRef(directory, ref, 'target');
    t.equal(end.peer.ref, peer, `${ref} is called ${peer}`);
    if (expected.includes('CUT')) {
      t.same(members(end).slice(0, 1), expected.slice(0, 1), ref);
      const hole = parseAddress('2001:db8:1::11') ?? { family: 6, value: 0n };
      t.notOk(
        end.ranges.some((range) => containsAddress(range, hole)),
        'owned addresses are cut',
      );
    } else t.same(members(end), expected, `${ref} stands for its members`);
  }
  t.same(members(resolveRef(directory, '*/*', 'source')).length, 11);
  t.same(resolveRef(directory, '*/*', 'source').peer.key, '*/*');
  t.end();
});

t.test('a peer that an answer names can be asked back as it is', (t) => {
  const refs = [
    '10.1.0.1,8.8.8.8',
    '10.0.0.0/7,8.8.8.8',
    '{env=prod,team=pay}?app=web',
    'internet',
    'shop?app in (,api)',
    'node/*',
    '*/*',
    'shop/*',
    'shop/api',
    'shop/svc/api',
    'shop/fn',
    '{team}/*',
  ];
  for (const ref of refs) {
    const end = resolveRef(directory, ref, 'source');
    const again = resolveRef(directory, end.peer.ref, 'source');
    t.same(again.peer, end.peer, ref);
    t.same(members(again), members(end), ref);
    t.same(again.families, end.families, ref);
    t.equal(printRef(parseRef(printRef(parseRef(ref)))), printRef(parseRef(ref)));
  }
  for (const pod of podOrdinals(view)) {
    for (const groupBy of ['POD', 'WORKLOAD', 'NAMESPACE'] as const) {
      const { key, peer } = directory.groupOfPod(pod, groupBy);
      t.equal(peer().key, key);
      t.equal(resolveRef(directory, peer().ref, 'target').peer.key, key);
    }
  }
  t.end();
});

t.test('single addresses mean their owner in that family, CIDRs in every family', (t) => {
  const cases = [
    ['10.1.0.1', [4]],
    ['fd00::1', [6]],
    ['192.0.2.11', [4]],
    ['2001:db8:1::11', [6]],
    ['10.1.0.1,fd00::1', [4, 6]],
    ['10.1.0.1,8.8.8.8', [4]],
    ['10.1.0.1,10.9.0.0/16', [4]],
    ['10.1.0.1/32', undefined],
    ['10.1.0.1,10.1.0.2/32', undefined],
    ['8.8.8.8', undefined],
    ['10.96.0.1', undefined],
    ['shop/api', undefined],
  ] as const;
  for (const [ref, families] of cases)
    t.same(resolveRef(directory, ref, 'target').families, families, ref);
  t.end();
});

t.test('the internet is what the registries call global and nothing in the cluster owns', (t) => {
  const { peer, ranges, pods, nodes } = resolveRef(directory, 'internet', 'source');
  const inside = [
    '1.1.1.1',
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '192.0.0.9',
    '100.128.0.1',
    '223.255.255.255',
    '11.0.0.0',
    '2001:db8::1',
    '2606:4700::1',
    '2001:20::1',
    '64:ff9b::1',
    '3fff::1',
    '192.31.196.1',
  ];
  const outside = [
    '0.0.0.1',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.1.1',
    '192.0.0.1',
    '192.88.99.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:0:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2002::1',
    '5f00::1',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'ff02::1',
    '192.0.2.11',
    '2001:db8:1::11',
    '203.0.113.9',
    '203.0.113.10',
    '100.1.0.7',
  ];
  const holds = (text: string): boolean => {
    const address = parseAddress(text);
    return address !== undefined && ranges.some((range) => containsAddress(range, address));
  };
  for (const text of inside) t.ok(holds(text), `${text} is internet`);
  for (const text of outside) t.notOk(holds(text), `${text} is not`);
  t.same(
    [peer.key, peer.ref, peer.kind, pods, nodes],
    ['internet', 'internet', 'AddressRange', [], []],
  );
  t.ok(
    peer.cidrs?.every((cidr) => !cidr.startsWith('203.0.113.')),
    'owned addresses are not cut out of what is printed',
  );
  t.end();
});

t.test('refs that cannot be read say what would help', (t) => {
  const cases: readonly (readonly [
    ref: string,
    message: RegExp,
    suggestions?: readonly string[],
  ])[] = [
    ['', /reference is empty/],
    ['  ', /reference is empty/],
    ['10.0.0.5/8', /bits set/, ['10.0.0.0/8', '10.0.0.5']],
    ['2001:db8::1/32', /bits set/, ['2001:db8::/32', '2001:db8::1']],
    ['fe80::1%eth0', /zone/],
    ['fe80::/10%eth0', /zone/],
    ['10.0.0.0/33', /no address/],
    ['10.0.0.300', /no address/],
    ['10.0.0', /no address/],
    ['10.0.0.01', /no address/],
    ['10.1.2.3:80', /port of the question/],
    ['[::1]', /brackets/],
    ['10.1.2.3,', /an address is missing/],
    ['10.1.2.3,shop', /`shop` is no address/],
    ['http://x', /no address/],
    ['10.1.0.1,10.96.0.1', /shop\/svc\/api/, ['shop/svc/api']],
    ['10.96.0.1,10.96.0.2', /by itself/, ['shop/svc/api']],
    ['10.96.0.1,10.0.0.0/16', /by itself/, ['shop/svc/api']],
    ['shop?', /every pod write `shop\/\*`/],
    ['{team=pay}?', /\{team=pay\}\/\*/],
    ['{team=pay', /not closed/],
    ['{}?app=api', /\*\?app=api/],
    ['{team=pay}', /behind/],
    ['{team=pay}/web', /behind/],
    ['shop?app=', /^$/],
    ['shop?=api', /label key/],
    ['shop?app>1', /`<` and `>`/],
    ['shop?app in api', /parentheses/],
    ['shop?app in ()', /cannot be empty/],
    ['shop?app in (a', /expected `\)`/],
    ['shop?app=a,', /label key at the end/],
    ['shop?app=a b', /comma/],
    ['shop?app is (a)', /expected `=`/],
    ['shop?a/b/c=d', /no label key/],
    ['shop?app=-a', /no label value/],
    ['?app=api', /name is missing/],
    ['sh op?app=api', /no name/],
    ['a/b/c/d', /shop\/deploy\/api/],
    ['shop/', /name is missing/],
    ['/api', /name is missing/],
    ['shop//api', /name is missing/],
    ['shop/deploy/*', /shop\/\*/],
    ['*', /\*\/\*/],
    ['*/api', /write `api`/],
    ['a,b', /only addresses/],
    ['shop/api!', /no name/],
    [`shop/${'a'.repeat(254)}`, /253 characters/],
  ];
  for (const [ref, message, suggestions] of cases) {
    const error = errorOf(() => resolveRef(directory, ref, 'target'));
    t.equal(error.code, ref === 'shop?app=' ? 'none' : 'bad-ref', ref);
    t.match(error.message, message, ref);
    if (suggestions !== undefined) t.same(error.details.suggestions, suggestions, ref);
  }
  t.end();
});

t.test('names that nothing has get suggestions that are found', (t) => {
  const cases: readonly (readonly [ref: string, suggestions: readonly string[]])[] = [
    ['deploy/api', ['shop/deploy/api']],
    ['deployments/API', ['shop/deploy/api']],
    ['svc/fornt', ['shop/svc/front']],
    ['pod/twin', ['ops/pod/twin', 'shop-staging/pod/twin']],
    ['rollout/canary', ['shop/rollout/canary']],
    ['nodes/worker-1', ['node/worker-1']],
    ['no/worker-1', ['node/worker-1']],
    ['shop', ['shop/*']],
    ['shpo', ['shop/*']],
    ['worker-1', ['node/worker-1']],
    ['api.shop.svc.cluster.local', ['shop/svc/api']],
    ['fornt', ['shop/front']],
    ['store', ['*?app=store']],
    ['shop/fornt', ['shop/front']],
    ['shop/store', ['shop?app=store']],
    ['shop/agnet', ['shop/agent']],
    ['shop/deploy/solo', ['shop/pod/solo', 'shop/svc/solo', 'shop?app=solo']],
    ['shop/deploy/wbe', ['shop/deploy/web']],
    ['shop/pod/api-7f9c-x2', ['shop/deploy/api']],
    ['shpo/deploy/api', ['shop/deploy/api']],
    ['shpo?app=api', ['shop?app=api']],
    ['shpo/*', ['shop/*']],
    ['node/worker-3', ['node/worker-1', 'node/worker-2']],
    ['ops/svc/solo', ['shop/svc/solo']],
    ['shop/only', ['shop-staging/only']],
    ['zzzzzz', []],
  ];
  for (const [ref, first] of cases) {
    const { code, message, details } = errorOf(() => resolveRef(directory, ref, 'target'));
    const suggestions = details.suggestions ?? [];
    t.equal(code, 'ref-not-found', ref);
    t.same(suggestions.slice(0, Math.max(first.length, 1)), first, ref, { suggestions });
    t.ok(suggestions.length <= 5);
    t.ok(
      suggestions.every((each) => message.includes(`\`${each}\``)),
      message,
    );
    for (const each of suggestions)
      t.not(errorOf(() => resolveRef(directory, each, 'source')).code, 'ref-not-found', each);
  }
  const many = Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [`ns-${i}`, { pods: { api: {} } }]),
  );
  const crowd = buildDirectory(buildModelView(makeSnapshot({ namespaces: many })));
  t.equal(errorOf(() => resolveRef(crowd, 'pod/api', 'target')).details.suggestions?.length, 5);
  t.end();
});

t.test(
  'a name of several things that differ is ambiguous, with candidates that can be asked',
  (t) => {
    const cases: readonly (readonly [ref: string, candidates: readonly string[]])[] = [
      ['shop/db', ['shop/sts/db', 'shop/svc/db']],
      ['db', ['shop/sts/db', 'shop/svc/db']],
      ['twin', ['ops/pod/twin', 'shop-staging/pod/twin']],
    ];
    for (const [ref, candidates] of cases) {
      const { code, message, details } = errorOf(() => resolveRef(directory, ref, 'target'));
      t.equal(code, 'ambiguous-ref', ref);
      t.same(
        details.candidates?.map((peer) => peer.ref),
        candidates,
        ref,
      );
      t.ok(
        candidates.every((each) => message.includes(each)),
        message,
      );
      for (const each of candidates) t.equal(resolveRef(directory, each, 'target').peer.ref, each);
    }
    t.end();
  },
);

t.test(
  'a Service that shares name and pods with a workload is the pods, and is told as untranslated',
  (t) => {
    const same = resolveRef(directory, 'shop/api', 'target');
    t.equal(same.service, undefined);
    t.same(
      same.untranslated.map(({ service }) => service.name),
      ['api'],
      'also with a pod that is not ready',
    );
    t.equal(resolveRef(directory, 'shop/solo', 'target').untranslated.length, 1);
    t.equal(resolveRef(directory, 'shop/front', 'target').service?.service.name, 'front');
    t.same(resolveRef(directory, 'shop/deploy/api', 'target').untranslated, []);
    t.same(resolveRef(directory, 'shop/svc/api', 'target').untranslated, []);
    const namespace: NamespaceSpec = {
      workloads: {
        'apps/v1 Deployment x': {},
        'apps/v1 Deployment off': {},
        'apps/v1 StatefulSet off': {},
        'apps/v1 Deployment gone': {},
      },
      pods: {
        x: { owner: 'apps/v1 Deployment x', labels: { app: 'x' } },
        'x-old': { labels: { app: 'x' }, phase: 'SUCCEEDED' },
      },
      services: {
        x: { selector: { app: 'x' } },
        gone: { selector: { app: 'gone' } },
        off: { type: 'ExternalName' },
      },
    };
    const other = buildDirectory(buildModelView(makeSnapshot({ namespaces: { n: namespace } })));
    t.equal(
      resolveRef(other, 'n/x', 'target').peer.ref,
      'n/deploy/x',
      'pod, workload and Service at once',
    );
    const gone = resolveRef(other, 'n/gone', 'target');
    t.same(
      [gone.peer.ref, gone.pods, gone.untranslated.length],
      ['n/deploy/gone', [], 1],
      'both without pods',
    );
    const { code, details } = errorOf(() => resolveRef(other, 'n/off', 'target'));
    t.same(
      [code, details.candidates?.map(({ ref }) => ref)],
      ['ambiguous-ref', ['n/deploy/off', 'n/sts/off', 'n/svc/off']],
    );
    t.end();
  },
);

t.test('an ExternalName Service is no destination', (t) => {
  const { code, message } = errorOf(() => resolveRef(directory, 'shop/svc/mail', 'target'));
  t.equal(code, 'ref-not-found');
  t.match(message, /DNS alias of `mail.example.com`/);
  t.same(members(resolveRef(directory, 'shop/mail', 'source')), []);
  t.end();
});

t.test('labels of namespaces that are not known are an error, not an empty answer', (t) => {
  const pods = { a: { labels: { app: 'a' } } };
  const spec = {
    known: { labels: { team: 'x' }, pods },
    dark: { known: 'UNKNOWN', pods },
    blank: { known: 'IMPLIED', pods },
  } as const;
  const dim = buildDirectory(buildModelView(makeSnapshot({ namespaces: spec })));
  const { code, message, details } = errorOf(() => resolveRef(dim, '{team=x}?app=a', 'target'));
  t.same([code, details.suggestions], ['ref-not-found', ['dark?app=a']]);
  t.match(message, /no Namespace object of `dark`,/);
  t.same(resolveRef(dim, '{team=x}?app=b', 'target').pods, [], 'no pod there could be meant');
  t.equal(resolveRef(dim, '{kubernetes.io/metadata.name=dark}?app=a', 'target').pods.length, 1);
  const torn = buildDirectory(
    buildModelView(
      makeSnapshot({
        namespaces: { n: { conflict: true, pods }, m: { pods: { b: { conflict: true } } } },
      }),
    ),
  );
  t.equal(
    resolveRef(torn, '{team=x}?app=a', 'target').pods.length,
    1,
    'a namespace told twice may have the label',
  );
  t.equal(resolveRef(torn, 'm?app=a', 'target').pods.length, 1, 'so may a pod');
  t.end();
});

t.test('owners of other API groups keep apart from those of Kubernetes', (t) => {
  const spec: NamespaceSpec = {
    workloads: {
      'apps/v1 Deployment a': {},
      'x.io/v1 Deployment a': {},
      'one.io/v1 Set b': {},
      'two.io/v1 Set b': {},
      'v1 Node n': {},
      'x.io/v1 Proxy p': {},
    },
  };
  const other = buildDirectory(buildModelView(makeSnapshot({ namespaces: { n: spec } })));
  const refs = [0, 1, 2, 3, 4, 5].map((i) => other.workloadPeer('n', i).ref);
  t.same(refs.sort(), [
    'n/deploy/a',
    'n/deployment.x.io/a',
    'n/node/n',
    'n/proxy/p',
    'n/set.one.io/b',
    'n/set.two.io/b',
  ]);
  for (const ref of refs) t.equal(resolveRef(other, ref, 'target').peer.ref, ref);
  t.equal(resolveRef(other, 'n/proxies/p', 'target').peer.ref, 'n/proxy/p');
  t.equal(errorOf(() => resolveRef(other, 'n/set/b', 'target')).code, 'ambiguous-ref');
  t.equal(errorOf(() => resolveRef(other, 'n/deployment/a', 'target')).code, 'ambiguous-ref');
  t.end();
});

t.test('peers carry what the contract lists', (t) => {
  const peer = (ref: string): object => {
    const { labels, ...rest } = resolveRef(directory, ref, 'source').peer;
    return { ...rest, ...(labels === undefined ? {} : { labels: Object.fromEntries(labels) }) };
  };
  const shop = { namespace: 'shop' };
  const cases = [
    {
      key: 'shop/deploy/api',
      kind: 'Deployment',
      ...shop,
      name: 'api',
      uid: 'd1',
      labels: { app: 'api' },
      podCount: 2,
    },
    {
      key: 'shop/deploy/web',
      kind: 'Deployment',
      ...shop,
      name: 'web',
      labels: { app: 'web', tier: 'front' },
      podCount: 3,
    },
    { key: 'shop/deploy/idle', kind: 'Deployment', ...shop, name: 'idle', labels: {}, podCount: 0 },
    {
      key: 'shop/job/migrate',
      kind: 'Job',
      ...shop,
      name: 'migrate',
      labels: { job: 'migrate' },
      podCount: 0,
    },
    {
      key: 'shop/pod/api-1',
      kind: 'Pod',
      ...shop,
      name: 'api-1',
      uid: 'p1',
      labels: { app: 'api', rev: '1' },
    },
    { key: 'node/worker-2', kind: 'Node', name: 'worker-2', uid: 'n2', labels: { zone: 'b' } },
    {
      key: 'ops/*',
      kind: 'Namespace',
      name: 'ops',
      labels: { 'kubernetes.io/metadata.name': 'ops' },
      podCount: 1,
    },
    { key: 'shop/svc/db', kind: 'Service', ...shop, name: 'db' },
    { key: 'shop?app=api', kind: 'PodSet', labels: { app: 'api' }, podCount: 2 },
  ];
  for (const expected of cases)
    t.same(peer(expected.key), { ref: expected.key, ...expected }, expected.key);
  t.same(peer('10.0.0.0/8'), {
    key: 'cidr:10.0.0.0/8',
    ref: '10.0.0.0/8',
    kind: 'AddressRange',
    cidrs: ['10.0.0.0/8'],
  });
  const list = '10.0.0.0/7,12.0.0.0/8';
  const hash = createHash('sha256').update(list).digest('hex').slice(0, 8);
  t.same(peer('12.0.0.0/8,11.0.0.0/8,10.0.0.0/8'), {
    key: `cidr:10.0.0.0/7+1~${hash}`,
    ref: list,
    kind: 'AddressRange',
    cidrs: list.split(','),
  });
  const solo = view.findPod('shop', 'solo');
  const first = view.findPod('shop', 'api-1');
  if (solo === undefined || first === undefined) throw new Error('the pods are there');
  t.equal(directory.groupOfPod(solo, 'WORKLOAD').key, 'shop/pod/solo');
  t.equal(directory.groupOfPod(first, 'WORKLOAD').key, 'shop/deploy/api');
  t.equal(directory.groupOfPod(first, 'NAMESPACE').key, 'shop/*');
  t.end();
});

t.test('ports are read in every spelling and printed in one', (t) => {
  const cases = [
    ['any', 'any'],
    ['tcp', 'tcp'],
    ['UDP', 'udp'],
    ['443', 'tcp/443'],
    ['tcp/443', 'tcp/443'],
    ['443/TCP', 'tcp/443'],
    ['udp/53', 'udp/53'],
    ['sctp/3868', 'sctp/3868'],
    ['tcp/8000-8100', 'tcp/8000-8100'],
    ['8000-8100/udp', 'udp/8000-8100'],
    ['tcp/http', 'tcp/http'],
    ['tcp/any', 'tcp/any'],
    ['udp/53, 443', 'tcp/443,udp/53'],
    ['tcp/1-65535', 'tcp'],
    ['80,81,tcp/80', 'tcp/80-81'],
    ['tcp/http,tcp/80,tcp/a,tcp/http', 'tcp/80,tcp/a,tcp/http'],
    ['80,any', 'any'],
    ['tcp/b,udp/a,tcp/a', 'tcp/a,tcp/b,udp/a'],
    ['tcp,udp,sctp', 'tcp,udp,sctp'],
    ['tcp/2nd-port', 'tcp/2nd-port'],
  ] as const;
  for (const [text, printed] of cases) {
    t.equal(printAskedPorts(parsePort(text)), printed, text);
    t.same(parsePort(printed), parsePort(text), `${printed} asks the same`);
  }
  t.same(parsePort('8000-8100/udp,tcp/http'), [
    { kind: 'name', protocol: 'TCP', name: 'http' },
    { kind: 'range', protocol: 'UDP', from: 8000, to: 8100 },
  ]);
  const bad: readonly (readonly [text: string, message: RegExp])[] = [
    ['', /write `any`/],
    ['80,', /write `any`/],
    ['http', /write `tcp\/http`/],
    ['http/tcp', /write `tcp\/http`/],
    ['0', /1 to 65535/],
    ['tcp/65536', /1 to 65535/],
    ['tcp/0-5', /1 to 65535/],
    ['9-8', /write `tcp\/8-9`/],
    ['icmp/8', /protocols are/],
    ['80/http', /protocols are/],
    ['tcp/', /no port/],
    ['tcp/80-', /no port/],
    ['-80', /no port/],
    ['tcp/80/90', /no port/],
    ['tcp/a b', /no port/],
    ['ANY', /tcp\/ANY/],
    [`tcp/${'a'.repeat(64)}`, /no port/],
  ];
  for (const [text, message] of bad) {
    const error = errorOf(() => parsePort(text));
    t.equal(error.code, 'bad-port', text);
    t.match(error.message, message, text);
  }
  t.same(errorOf(() => parsePort('http')).details.suggestions, ['tcp/http']);
  t.end();
});

t.test('named ports are those that containers which count declare, with that protocol', (t) => {
  const ports = [
    { name: 'http', port: 9090, container: 'sidecar' },
    { name: 'http', port: 8080 },
    { name: 'http', port: 8081 },
    { name: 'http', port: 8080 },
    { name: 'http', port: 7070, container: 'init' },
    { name: 'http', port: 53, protocol: 'UDP' },
    { port: 1 },
  ] as const;
  const world = buildModelView(makeSnapshot({ namespaces: { n: { pods: { a: { ports } } } } }));
  const ordinal = world.findPod('n', 'a');
  if (ordinal === undefined) throw new Error('the pod is there');
  const pod = world.pod(ordinal);
  const numbers = (containers: 'regular+sidecars' | 'regular' | 'regular+init'): number[] =>
    namedPorts(pod, 'http', 'TCP', { namedPortContainers: containers });
  t.same(numbers('regular+sidecars'), [8080, 8081, 9090]);
  t.same(numbers('regular'), [8080, 8081]);
  t.same(numbers('regular+init'), [8080, 8081, 9090, 7070]);
  t.same(namedPorts(pod, 'http', 'UDP', DEFAULT_OPTIONS), [53]);
  t.same(namedPorts(pod, 'http', undefined, DEFAULT_OPTIONS), [8080, 8081, 53, 9090]);
  t.same(namedPorts(pod, 'dns', 'TCP', DEFAULT_OPTIONS), []);
  t.end();
});

t.test('endpoints of a Service are those of its slices, or the ready pods it selects', (t) => {
  const pod = { labels: { app: 'a' } };
  const pods: NamespaceSpec['pods'] = {
    bare: pod,
    done: { ...pod, ips: ['10.0.0.9'], phase: 'FAILED' },
    host: {
      ...pod,
      hostNetwork: true,
      ips: ['192.0.2.1'],
      node: 'n1',
      ports: [{ name: 'http', port: 80 }],
    },
    ill: { ...pod, ips: ['10.0.0.3'], ready: false, ports: [{ name: 'http', port: 83 }] },
    manifest: { ...pod, phase: 'UNKNOWN' },
    one: {
      ...pod,
      ips: ['10.0.0.1', 'fd00::1'],
      ports: [
        { name: 'http', port: 81 },
        { name: 'http', port: 99 },
      ],
    },
    stamp: { ...pod, template: true, ports: [{ name: 'http', port: 84, protocol: 'UDP' }] },
  };
  const ready = { ready: true, serving: true, terminating: false };
  const draining = { ready: false, serving: true, terminating: true };
  const dead = { ready: false, serving: false, terminating: true };
  const slice = (
    endpoints: readonly object[],
    ports: readonly object[] = [{ protocol: 'TCP', port: 81 }],
    source = 'EndpointSlice',
  ): object => ({ source, ports, endpoints });
  const selector = { app: 'a' };
  const named = [{ port: 80, targetPort: 'http' }];
  const number = [{ port: 80, targetPort: 8080 }];
  const one = { addresses: ['10.0.0.1'], pod: 'n/one', ...ready };
  const cases: readonly (readonly [
    title: string,
    service: object,
    ports: readonly string[],
    options?: object,
  ])[] = [
    ['a number', { selector, ports: number }, ['host:8080 manifest:8080 one:8080 stamp:8080']],
    ['a name, per pod, the first declaration', { selector, ports: named }, ['host:80 one:81']],
    [
      'a name with the port of another protocol',
      { selector, ports: [{ ...named[0], protocol: 'UDP' }] },
      ['stamp:84'],
    ],
    [
      'pods that are not ready are published',
      { selector, ports: named, publishNotReadyAddresses: true },
      ['host:80 ill:83 one:81'],
    ],
    [
      'pods that are not ready are asked for',
      { selector, ports: named },
      ['host:80 ill:83 one:81'],
      { notReadyEndpoints: 'include' },
    ],
    [
      'several ports',
      { selector: { app: 'none' }, ports: [...number, ...named] },
      ['', '', 'NO_ENDPOINTS'],
    ],
    [
      'headless: no translation',
      { selector, headless: true, ports: named },
      ['host:80 manifest:80 one:80 stamp:80'],
    ],
    ['no selector, no slices', { ports: number }, ['', 'NO_ENDPOINTS']],
    ['an empty selector', { selector: {}, ports: number }, ['', 'NO_ENDPOINTS']],
    [
      'slices before the selector',
      { selector, ports: number, endpoints: [slice([one])] },
      ['one[4]:81'],
    ],
    ['an empty slice', { selector, ports: number, endpoints: [slice([])] }, ['', 'NO_ENDPOINTS']],
    [
      'slices of both families',
      { ports: number, endpoints: [slice([one]), slice([{ ...one, addresses: ['fd00::1'] }])] },
      ['one[4,6]:81'],
    ],
    [
      'slices with different ports',
      { ports: number, endpoints: [slice([one]), slice([one], [{ protocol: 'TCP', port: 70 }])] },
      ['one[4]:70,81'],
    ],
    [
      'slices before Endpoints',
      {
        ports: number,
        endpoints: [slice([{ ...one, pod: 'n/bare' }], undefined, 'Endpoints'), slice([one])],
      },
      ['one[4]:81'],
    ],
    [
      'Endpoints alone',
      { ports: number, endpoints: [slice([one], undefined, 'Endpoints')] },
      ['one[4]:81'],
    ],
    [
      'an address without a name',
      { ports: number, endpoints: [slice([{ ...one, pod: undefined }])] },
      ['one[4]:81'],
    ],
    [
      'addresses of nodes and outside',
      {
        ports: number,
        endpoints: [
          slice([
            { addresses: ['198.51.100.7'], ...ready },
            { addresses: ['192.0.2.1'], ...ready },
          ]),
        ],
      },
      ['192.0.2.1[4]:81 198.51.100.7[4]:81'],
    ],
    [
      'a finished pod',
      { ports: number, endpoints: [slice([{ ...one, pod: 'n/done' }])] },
      ['', 'NO_ENDPOINTS'],
    ],
    [
      'draining endpoints while one is ready',
      { ports: number, endpoints: [slice([one, { ...draining, pod: 'n/ill', addresses: [] }])] },
      ['one[4]:81'],
    ],
    [
      'draining endpoints where none is ready',
      {
        ports: number,
        endpoints: [
          slice([
            { ...one, ...dead },
            { ...one, ...draining, pod: 'n/ill' },
          ]),
        ],
      },
      ['ill[4]:81!', 'terminating'],
    ],
    [
      'no endpoint is even serving',
      { ports: number, endpoints: [slice([{ ...one, ...dead }])] },
      ['', 'NO_ENDPOINTS'],
    ],
    [
      'ports by name and protocol',
      {
        ports: [{ port: 80, name: 'web' }, { port: 80, name: 'web', protocol: 'UDP' }, { port: 9 }],
        endpoints: [slice([one], [{ name: 'web', protocol: 'TCP', port: 5 }])],
      },
      ['one[4]:5', '', ''],
    ],
    [
      'a slice of every port',
      { ports: number, endpoints: [slice([one], [{ protocol: 'TCP' }])] },
      ['one[4]:80'],
    ],
    ['an ExternalName', { type: 'ExternalName', ports: number }, ['', 'NO_ENDPOINTS']],
  ];
  for (const [title, service, expected, options = {}] of cases) {
    // The rows leave types to makeSnapshot's defaults; a wrong one would fail the comparison.
    const services = { s: service as ServiceSpec };
    const world = buildModelView(
      makeSnapshot({
        nodes: { n1: { addresses: ['192.0.2.1'] } },
        namespaces: { n: { pods, services } },
      }),
    );
    const target = world.findService('n', 's');
    if (target === undefined) throw new Error('the Service is there');
    const member = ({ pod: ordinal, address, families }: ServiceMember): string => {
      const name =
        ordinal === undefined
          ? address === undefined
            ? '?'
            : printAddress(address)
          : world.pod(ordinal).name;
      return `${name}${families === undefined ? '' : `[${families.join()}]`}`;
    };
    const result = endpointsOf(world, target, { ...DEFAULT_OPTIONS, ...options });
    const ports = result.ports.map(
      ({ endpoints, usedFallback }) =>
        endpoints.map((each) => `${member(each)}:${each.targetPorts.join()}`).join(' ') +
        (usedFallback === undefined ? '' : '!'),
    );
    t.same(
      [...ports, result.usedFallback, result.reason].filter((each) => each !== undefined),
      expected,
      title,
    );
    t.equal(result.translates, !title.startsWith('headless'));
  }
  t.end();
});

t.test('a Service as a source means its endpoints, nodes and outside addresses included', (t) => {
  const ready = { ready: true, serving: true, terminating: false };
  const endpoints = [
    {
      source: 'EndpointSlice',
      ports: [],
      endpoints: [
        { addresses: ['192.0.2.1'], ...ready },
        { addresses: ['198.51.100.7'], ...ready },
        { addresses: [], pod: 'n/a', ...ready },
      ],
    },
  ] as const;
  const world = buildModelView(
    makeSnapshot({
      nodes: { n1: { addresses: ['192.0.2.1'] } },
      namespaces: { n: { pods: { a: {} }, services: { kubernetes: { endpoints } } } },
    }),
  );
  const end = resolveRef(buildDirectory(world), 'n/kubernetes', 'source');
  t.same(members(end, world), ['n/a', 'node/n1', '198.51.100.7/32']);
  t.end();
});

t.test('edit distance counts swaps as one, and gives up beyond its limit', (t) => {
  const cases = [
    ['shop', 'shpo', 1],
    ['api', 'api', 0],
    ['', 'ab', 2],
    ['kitten', 'sitting', 3],
    ['abc', 'xyz', undefined],
    ['frontend', 'fronend', 1],
    ['ca', 'abc', undefined],
  ] as const;
  for (const [a, b, distance] of cases) {
    const max = a === 'abc' || a === 'ca' ? 2 : 3;
    t.equal(editDistance(a, b, max), distance, `${a} ${b}`);
    t.equal(editDistance(b, a, max), distance, `${b} ${a}`);
  }
  t.end();
});

t.test('pods that are only written down count as often as each workload declares', (t) => {
  const written = (names: readonly string[]): NamespaceSpec => ({
    workloads: Object.fromEntries(
      names.map((name) => [`apps/v1 Deployment ${name}`, { template: true, replicas: 3 }]),
    ),
    // The engine looks at two of each.
    pods: Object.fromEntries(
      names.flatMap((name) =>
        [1, 2].map((i) => [
          `${name}-${i}`,
          { owner: `apps/v1 Deployment ${name}`, template: true },
        ]),
      ),
    ),
  });
  const namespaces = { one: written(['a', 'b']), two: written(['a']) };
  const view = buildModelView(makeSnapshot({ namespaces }));
  const counts = ['one/deploy/a', 'one/*', '*/*'].map((ref) =>
    countPods(view, resolveRef(buildDirectory(view), ref, 'source').pods),
  );
  t.same(counts, [3, 6, 9]);
  t.end();
});

t.test('a kind is missing where nobody vouched for all of it', (t) => {
  const snapshot = makeSnapshot({
    coverage: [
      { apiVersion: 'v1', kind: 'Pod', status: 'PARTIAL', count: 1, namespaces: ['a'] },
      { apiVersion: 'v1', kind: 'Node', status: 'COMPLETE', count: 1, namespaces: [] },
      { apiVersion: 'x.io/v1', kind: 'Service', status: 'COMPLETE', count: 1, namespaces: [] },
    ],
  });
  const cases = [
    ['Pod', 'a', 'COMPLETE'],
    ['Pod', 'b', 'PARTIAL'],
    ['Pod', undefined, 'PARTIAL'],
    ['Node', undefined, 'COMPLETE'],
    ['Service', undefined, 'ABSENT'],
    ['Namespace', 'a', 'ABSENT'],
  ] as const;
  for (const [kind, namespace, status] of cases) {
    t.equal(coverageOf(snapshot, kind, namespace), status, `${kind} of ${namespace}`);
  }
  t.equal(missingKind(snapshot, 'Pod', 'a'), undefined);
  t.strictSame(
    { ...missingKind(snapshot, 'Pod', 'b') },
    {
      code: 'MISSING_KIND',
      message: 'the snapshot does not have every Pod of namespace b (PARTIAL)',
      missing: [{ apiVersion: 'v1', kind: 'Pod', namespace: 'b', status: 'PARTIAL' }],
    },
  );
  t.equal(missingKind(snapshot, 'Pod')?.message, 'the snapshot does not have every Pod (PARTIAL)');
  t.end();
});

t.test('policies that the cluster has and the snapshot lacks are named together', (t) => {
  const row = (apiVersion: string, kind: string, status: 'ABSENT' | 'FORBIDDEN' | 'COMPLETE') => ({
    ...{ apiVersion, kind, status, count: 0, namespaces: [] },
  });
  const snapshot = makeSnapshot({
    coverage: [
      row('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', 'FORBIDDEN'),
      row('cilium.io/v2', 'CiliumNetworkPolicy', 'ABSENT'),
      row('crd.projectcalico.org/v1', 'NetworkPolicy', 'COMPLETE'),
      row('networking.k8s.io/v1', 'Ingress', 'ABSENT'),
      row('v1', 'Pod', 'ABSENT'),
    ],
  });
  const told = (vendorPolicies: 'report' | 'ignore') =>
    missingPolicyKinds(snapshot, { ...DEFAULT_OPTIONS, vendorPolicies });
  t.strictSame(told('report'), {
    code: 'MISSING_KIND',
    message:
      'the cluster has policies of kind AdminNetworkPolicy, CiliumNetworkPolicy, and the snapshot does not',
    missing: [
      {
        apiVersion: 'policy.networking.k8s.io/v1alpha1',
        kind: 'AdminNetworkPolicy',
        status: 'FORBIDDEN',
      },
      { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', status: 'ABSENT' },
    ],
  });
  t.same(
    told('ignore')?.missing?.map(({ kind }) => kind),
    ['AdminNetworkPolicy'],
  );
  t.equal(missingPolicyKinds(makeSnapshot({})), undefined);
  t.end();
});

t.test('addresses of pods and nodes in a range are counted without those of Services', (t) => {
  const counted = buildModelView(
    makeSnapshot({
      nodes: { n: { addresses: ['10.0.0.9'] } },
      namespaces: {
        a: {
          pods: { p: { ips: ['10.0.0.1', 'fd00::1'] }, q: { ips: ['10.0.0.2'] } },
          services: { s: { clusterIPs: ['10.0.0.3'] }, u: { clusterIPs: ['10.0.1.3'] } },
        },
      },
    }),
  );
  const cases = [
    ['10.0.0.0/24', 3],
    ['10.0.0.0/16', 3],
    ['10.0.0.2/31', 1],
    ['10.0.0.3/32', 0],
    ['10.0.1.0/24', 0],
    ['10.2.0.0/16', 0],
    ['fd00::/64', 1],
  ] as const;
  for (const [cidr, count] of cases) {
    const range = parseCidr(cidr)?.range;
    t.equal(range === undefined ? -1 : counted.countOwnedByEnds(range), count, cidr);
  }
  t.end();
});

t.test('every address of a large cluster is owned by its pod, in whatever order they come', (t) => {
  const count = 5000;
  // A step that meets every number once, so that neighbours lie apart.
  const ipsOf = (i: number): string[] => {
    const at = (i * 2347) % count;
    return [`10.${at >> 8}.${at & 255}.1`, `fd00::${at.toString(16)}:1`];
  };
  const pods = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`p-${i}`, { ips: ipsOf(i) }]),
  );
  const large = buildModelView(makeSnapshot({ namespaces: { n: { pods } } }));
  const wrong = [...podOrdinals(large)].filter((pod) => {
    const ips = ipsOf(Number(large.pod(pod).name.slice(2)));
    return !ips.every((ip) => {
      const address = parseAddress(ip);
      const owner = address === undefined ? undefined : large.ownerOf(address);
      return owner?.kind === 'pod' && owner.pod === pod;
    });
  });
  t.same(wrong, []);
  t.end();
});
