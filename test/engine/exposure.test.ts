import fc from 'fast-check';
import t from 'tap';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { EVERYONE, coversPeer, rulePeerOf } from '../../src/engine/queries/effective/rule-peer.ts';
import type { RulePeer } from '../../src/engine/queries/effective/rule-peer.ts';
import { effective } from '../../src/engine/queries/effective.ts';
import { exposure } from '../../src/engine/queries/exposure.ts';
import { isolation } from '../../src/engine/queries/isolation.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import { connectionsOf, printConnections } from '../../src/model/connection-set.ts';
import type { PortRange } from '../../src/model/connection-set.ts';
import type { EffectiveRule } from '../../src/model/effective.ts';
import type { Exposure, PortSets } from '../../src/model/exposure.ts';
import type { PeerAtom, Policy, Rule } from '../../src/model/policy.ts';
import { MATCH_ALL, fewestLabels, selectorOf } from '../../src/model/selector.ts';
import type { Requirement } from '../../src/model/selector.ts';
import { EVERY_KIND, indexOf, snapshotOf, snapshotOfDump } from '../support/cluster.ts';
import type { ListKind } from '../support/cluster.ts';
import type { KubeObject, KubeRule, KubeSelector, KubeSpec } from '../support/kube-objects.ts';
import { SEED, holds } from '../support/property.ts';
import { roughWorlds } from '../support/rough-worlds.ts';
import type { RoughWorld } from '../support/rough-worlds.ts';
import { worlds } from '../support/worlds.ts';
import {
  entireClusterDifferences,
  hypotheticalDifferences,
  internetDifferences,
  neighbourDifferences,
  tableDifferences,
} from './agreement-exposure.ts';
import { roughIndexes } from './agreement.ts';

t.setTimeout(600_000);
t.comment(`PODREACH_SEED=${SEED}`);

function object(
  kind: string,
  name: string,
  spec: KubeSpec,
  more: Partial<KubeObject> = {},
): KubeObject {
  const [namespace, own = ''] = name.split('/');
  const apiVersion = kind === 'NetworkPolicy' ? 'networking.k8s.io/v1' : 'v1';
  return { apiVersion, kind, metadata: { namespace, name: own }, spec, ...more };
}

function pod(name: string, ip: string, spec: KubeSpec = {}): KubeObject {
  const [namespace, own = ''] = name.split('/');
  return object(
    'Pod',
    name,
    {
      containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 8080 }] }],
      nodeName: 'n1',
      ...spec,
    },
    {
      metadata: { namespace, name: own, labels: { app: own.replace(/-\d+$/, '') } },
      status: {
        phase: 'Running',
        podIP: ip,
        podIPs: [{ ip }],
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    },
  );
}

const only = (app: string): KubeSelector => ({ matchLabels: { app } });

function policy(name: string, spec: KubeSpec): KubeObject {
  return object('NetworkPolicy', name, spec);
}

function service(name: string, spec: KubeSpec): KubeObject {
  const [, own = ''] = name.split('/');
  const ports = [{ port: 80, targetPort: 8080 }];
  return object('Service', name, {
    selector: { app: own },
    clusterIP: '10.96.0.9',
    ports,
    ...spec,
  });
}

const node = (name: string, address: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
});

const namespace = (name: string, labels: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});

const WEB = pod('x/web-1', '10.1.0.1');
const CLOSED = policy('x/closed', { podSelector: {}, policyTypes: ['Ingress'] });
const from = (cidr: string, except: readonly string[] = []): KubeObject =>
  policy('x/blocks', {
    podSelector: only('web'),
    ingress: [{ from: [{ ipBlock: { cidr, except } }], ports: [{ port: 8080 }] }],
  });

async function rowsOf(
  index: ReachIndex | Promise<ReachIndex>,
  of = '*/*',
): Promise<readonly Exposure[]> {
  const list = exposure(await index, { of, groupBy: 'WORKLOAD' });
  return list.slice(0, list.totalCount);
}

const print = (ports: readonly PortRange[]): string => printConnections(connectionsOf(ports));

const printSets = ({ ports, undetermined }: PortSets): string =>
  undetermined.length === 0 ? print(ports) : `${print(ports)} ? ${print(undetermined)}`;

t.test('what policies permit from the internet has one of six classes', async (t) => {
  const cases: readonly (readonly [name: string, objects: KubeObject[], want: string])[] = [
    ['no policy', [], 'OPEN all for internet'],
    ['closed', [CLOSED], 'NONE none for '],
    ['all addresses, one port', [from('0.0.0.0/0')], 'PORTS TCP 8080 for internet'],
    [
      'private excepts are not the internet',
      [from('0.0.0.0/0', ['10.0.0.0/8', '192.168.0.0/16'])],
      'PORTS TCP 8080 for internet',
    ],
    [
      'one block',
      [from('203.0.113.0/24', ['203.0.113.128/25'])],
      'RANGES TCP 8080 for 203.0.113.0/25',
    ],
    ['a private block', [from('10.0.0.0/8')], 'NONE none for '],
    ['the other family', [from('::/0')], 'NONE none for '],
    ['every port', [policy('x/all', { podSelector: {}, ingress: [{}] })], 'OPEN all for internet'],
    [
      'a rule for pods',
      [policy('x/pods', { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] })],
      'NONE none for ',
    ],
  ];
  for (const [name, objects, want] of cases) {
    const [row] = await rowsOf(indexOf([WEB, ...objects]));
    const { class: found = '', ports = [], ranges = [] } = row?.ingress ?? {};
    const where = ranges.map(({ peer }) => peer.ref).join(' ');
    t.equal(`${found} ${print(ports)} for ${where}`, want, name);
  }
});

t.test('the same holds outwards', async (t) => {
  const egress = policy('x/out', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr: '198.51.100.0/24' } }], ports: [{ port: 443 }] }],
  });
  const [row] = await rowsOf(indexOf([WEB, egress]));
  t.equal(row?.egress.class, 'RANGES');
  t.strictSame(
    row?.egress.ranges.map((range) => `${range.peer.ref} ${printSets(range)}`),
    ['198.51.100.0/24 TCP 443'],
  );
  t.equal(row?.ingress.class, 'OPEN');
});

t.test('an entry path is effective where policies let through what it brings', async (t) => {
  const balancer = (spec: KubeSpec): KubeObject =>
    service('x/web', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ...spec });
  const ranges = { loadBalancerSourceRanges: ['198.51.100.0/24'] };
  const home = node('n1', '10.0.0.1');
  const cases: readonly (readonly [string, KubeObject[], string])[] = [
    ['nothing brings traffic', [WEB, service('x/web', {})], 'NO INTERNET_PERMITTED '],
    ['a load balancer', [WEB, balancer({})], 'YES INTERNET LOAD_BALANCER=TCP 8080'],
    ['policies close it', [WEB, CLOSED, balancer({})], 'NO NONE LOAD_BALANCER=none'],
    [
      'some addresses are let in',
      [WEB, from('203.0.113.0/24'), balancer({})],
      'YES INTERNET LOAD_BALANCER=TCP 8080',
    ],
    [
      'the load balancer lets in others than policies',
      [WEB, from('203.0.113.0/24'), balancer(ranges)],
      'NO INTERNET_PERMITTED LOAD_BALANCER=none',
    ],
    [
      'a client may arrive as the own node, which nobody can close',
      [WEB, CLOSED, home, service('x/web', { type: 'NodePort' })],
      'CONDITIONAL INTERNET_CONDITIONAL NODE_PORT=none ? TCP 8080',
    ],
    [
      'a node port of a load balancer knows no source ranges',
      [
        WEB,
        from('203.0.113.0/24'),
        balancer({
          ...ranges,
          ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }],
        }),
      ],
      'YES INTERNET LOAD_BALANCER=none NODE_PORT=TCP 8080',
    ],
    [
      'external addresses',
      [WEB, service('x/web', { externalIPs: ['192.0.2.1'] })],
      'YES INTERNET EXTERNAL_IP=TCP 8080',
    ],
    [
      'a host port',
      [
        pod('x/web-1', '10.1.0.1', {
          containers: [{ name: 'c', ports: [{ containerPort: 9000, hostPort: 80 }] }],
        }),
      ],
      'YES INTERNET HOST_PORT=TCP 9000',
    ],
    [
      'a pod on the network of its node, which no policy closes',
      [CLOSED, home, pod('x/web-1', '10.0.0.1', { hostNetwork: true })],
      'YES INTERNET HOST_NETWORK=all',
    ],
    [
      'a headless Service',
      [WEB, service('x/web', { clusterIP: 'None' })],
      'NO INTERNET_PERMITTED ',
    ],
  ];
  for (const [name, objects, want] of cases) {
    const [row] = await rowsOf(indexOf(objects), 'x/*');
    const paths = (row?.entryPaths ?? []).map((one) => `${one.kind}=${printSets(one)}`).join(' ');
    t.equal(`${row?.effective ?? ''} ${row?.level ?? ''} ${paths}`, want, name);
  }
});

const NGINX: KubeObject = {
  ...pod('edge/nginx', '10.9.0.1'),
  metadata: {
    namespace: 'edge',
    name: 'nginx',
    labels: {
      app: 'nginx',
      'app.kubernetes.io/name': 'ingress-nginx',
      'app.kubernetes.io/component': 'controller',
    },
  },
};
const DOOR = service('edge/nginx', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' });
const EDGE = namespace('edge', { team: 'edge' });
type JsonObject = Readonly<Record<string, unknown>>;
/** An object of a kind that no oracle reads. */
const entryObject = (
  apiVersion: string,
  kind: string,
  name: string,
  spec: JsonObject,
): KubeObject => ({ ...object(kind, name, spec), apiVersion });

/** Through the controller, for each of `hosts`. */
function ingress(hosts: readonly string[], backend: JsonObject = toService('web')): KubeObject {
  const paths = ['/a', '/b'].map((path) => ({ path, pathType: 'Prefix', backend }));
  return entryObject('networking.k8s.io/v1', 'Ingress', 'x/i', {
    ingressClassName: 'nginx',
    rules: hosts.map((host) => ({ host, http: { paths } })),
  });
}
const toService = (name: string): JsonObject => ({ service: { name, port: { number: 80 } } });
const THROUGH = [NGINX, DOOR, EDGE, service('x/web', {})];
const admitting = (rule: KubeRule): KubeObject =>
  policy('x/admit', { podSelector: only('web'), ingress: [{ ...rule, ports: [{ port: 8080 }] }] });
const FROM_EDGE = admitting({ from: [{ namespaceSelector: { matchLabels: { team: 'edge' } } }] });
const gatewayApi = (kind: string, name: string, spec: JsonObject): KubeObject =>
  entryObject('gateway.networking.k8s.io/v1', kind, name, spec);
const ROUTE = gatewayApi('HTTPRoute', 'x/r', {
  parentRefs: [{ name: 'gw' }],
  hostnames: ['r.example'],
  rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
});
const GATEWAY = gatewayApi('Gateway', 'x/gw', {
  gatewayClassName: 'c',
  listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
});

/** `YES INTERNET INGRESS Ingress x/i a.example=TCP 8080`: a row in a line. */
function printEntries(row: Exposure | undefined): string {
  const paths = (row?.entryPaths ?? []).map((one) => {
    const { kind, namespace, name, host } = one.via;
    const at = host === undefined ? '' : ` ${host}`;
    const codes = one.reasons.map(({ code }) => ` ${code}`).join('');
    return `${one.kind} ${kind} ${namespace}/${name}${at}=${printSets(one)}${codes}`;
  });
  return [row?.effective, row?.level, ...paths].join(' ');
}

t.test('through a controller it must be let in to it, and it to the pods', async (t) => {
  const cases: readonly (readonly [string, KubeObject[], string])[] = [
    [
      'both let in, the internet itself kept out',
      [...THROUGH, CLOSED, FROM_EDGE, ingress(['a.example'])],
      'YES INTERNET INGRESS Ingress x/i a.example=TCP 8080',
    ],
    [
      'every host is a path of its own',
      [...THROUGH, CLOSED, FROM_EDGE, ingress(['b.example', 'a.example'])],
      'YES INTERNET INGRESS Ingress x/i a.example=TCP 8080 INGRESS Ingress x/i b.example=TCP 8080',
    ],
    [
      'the pods keep the controller out',
      [...THROUGH, CLOSED, ingress(['a.example'])],
      'NO NONE INGRESS Ingress x/i a.example=none',
    ],
    [
      'a controller that lets in private addresses alone brings no internet',
      [
        ...THROUGH,
        CLOSED,
        FROM_EDGE,
        policy('edge/inside', {
          podSelector: {},
          ingress: [{ from: [{ ipBlock: { cidr: '172.16.0.0/12' } }] }],
        }),
        ingress(['a.example']),
      ],
      'NO OTHER_NAMESPACES INGRESS Ingress x/i a.example=none',
    ],
    [
      'a controller that lets in a part of the internet brings it',
      [
        ...THROUGH,
        CLOSED,
        FROM_EDGE,
        policy('edge/inside', {
          podSelector: {},
          ingress: [{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }],
        }),
        ingress(['a.example']),
      ],
      'YES INTERNET INGRESS Ingress x/i a.example=TCP 8080',
    ],
    [
      'the controller may not send',
      [
        ...THROUGH,
        CLOSED,
        FROM_EDGE,
        policy('edge/mute', { podSelector: {}, policyTypes: ['Egress'] }),
        ingress(['a.example']),
      ],
      'NO OTHER_NAMESPACES INGRESS Ingress x/i a.example=none',
    ],
    [
      'a controller that nobody sees may be who a rule admits',
      [
        service('x/web', {}),
        CLOSED,
        admitting({ from: [{ namespaceSelector: {}, podSelector: only('c') }] }),
        ingress(['a.example']),
      ],
      'CONDITIONAL INTERNET_CONDITIONAL INGRESS Ingress x/i a.example=none ? TCP 8080 CONTROLLER_ASSUMED CONTROLLER_ASSUMED',
    ],
    [
      'where it leads may not be known',
      [
        CLOSED,
        ingress(['a.example'], { resource: { apiGroup: 'g', kind: 'Bucket', name: 'web' } }),
      ],
      'CONDITIONAL INTERNET_CONDITIONAL',
    ],
    ['a Service that is not there', [CLOSED, ingress(['a.example'])], 'NO NONE'],
    [
      'a route of a Gateway',
      [service('x/web', {}), ROUTE, GATEWAY],
      'YES INTERNET GATEWAY HTTPRoute x/r r.example=TCP 8080',
    ],
    ['a route without its Gateway', [CLOSED, service('x/web', {}), ROUTE], 'NO NONE'],
    [
      'a host port, by which a client may arrive as the own node',
      [
        CLOSED,
        node('n1', '10.0.0.1'),
        pod('x/web-1', '10.1.0.1', {
          containers: [{ name: 'c', ports: [{ containerPort: 9000, hostPort: 80 }] }],
        }),
      ],
      'CONDITIONAL INTERNET_CONDITIONAL HOST_PORT Pod x/web-1=none ? TCP 9000 CONDITIONAL',
    ],
    [
      'a host port of an init container, which is gone',
      [
        CLOSED,
        pod('x/web-1', '10.1.0.1', {
          initContainers: [{ name: 'i', ports: [{ containerPort: 9000, hostPort: 80 }] }],
        }),
      ],
      'NO NONE',
    ],
  ];
  for (const [name, objects, want] of cases) {
    const isThere = objects.some(
      ({ kind, metadata }) => kind === 'Pod' && metadata.namespace === 'x',
    );
    const [row] = await rowsOf(indexOf(isThere ? objects : [WEB, ...objects]), 'x/*');
    t.equal(printEntries(row), want, name);
  }
});

t.test('pods behind one Service are judged each', async (t) => {
  const behind = (name: string, ip: string): KubeObject => {
    const one = pod(name, ip);
    return { ...one, metadata: { ...one.metadata, labels: { ...one.metadata.labels, tier: 't' } } };
  };
  const both = service('x/web', { selector: { tier: 't' } });
  const rows = await rowsOf(
    indexOf([
      behind('x/web-1', '10.1.0.1'),
      behind('x/db', '10.1.0.2'),
      ...[NGINX, DOOR, EDGE, both, CLOSED, FROM_EDGE, ingress(['a.example'])],
    ]),
    'x/*',
  );
  t.strictSame(
    rows.map((row) => `${row.peer.name ?? ''} ${printEntries(row)}`),
    [
      'web-1 YES INTERNET INGRESS Ingress x/i a.example=TCP 8080',
      'db NO NONE INGRESS Ingress x/i a.example=none',
    ],
  );
});

t.test('a dump without what could bring traffic says nobody is safe from it', async (t) => {
  const objects = [WEB, CLOSED, service('x/web', {})];
  const cases: readonly (readonly [string, KubeObject[], ListKind | '', string, string[]])[] = [
    ['nothing lacks', [], '', 'NO NONE', []],
    ['Ingresses', [], 'Ingress', 'CONDITIONAL INTERNET_CONDITIONAL', ['Ingress']],
    [
      'a Gateway',
      [ROUTE],
      '',
      'CONDITIONAL INTERNET_CONDITIONAL GATEWAY HTTPRoute x/r r.example=none ? TCP 8080 MISSING_KIND',
      ['Gateway'],
    ],
  ];
  for (const [name, more, lacks, want, kinds] of cases) {
    const dump = await snapshotOfDump(
      [...objects, ...more],
      EVERY_KIND.filter((kind) => kind !== lacks),
    );
    const list = exposure(compileIndex(dump, DEFAULT_OPTIONS), { of: 'x/*', groupBy: 'WORKLOAD' });
    const [row] = list.slice(0, 1);
    t.equal(printEntries(row), want, name);
    t.equal(list.complete, kinds.length === 0, name);
    for (const kind of kinds) {
      t.ok(
        row?.reasons.some(
          ({ code, missing = [] }) =>
            code === 'MISSING_KIND' && missing.some((one) => one.kind === kind),
        ),
        `${name}: ${kind}`,
      );
    }
  }
});

t.test('pods on the network of their node are not policed', async (t) => {
  const [row] = await rowsOf(indexOf([CLOSED, pod('x/web-1', '10.0.0.1', { hostNetwork: true })]));
  t.match(row, { policed: false, ingress: { class: 'UNPOLICED' }, egress: { class: 'UNPOLICED' } });
  t.equal(print(row?.cluster.entireCluster ?? []), 'all');
});

t.test('a missing kind leaves open what it could change, and says so', async (t) => {
  const dump = async (kinds: readonly ListKind[], ...objects: KubeObject[]): Promise<ReachIndex> =>
    compileIndex(await snapshotOfDump(objects, kinds), DEFAULT_OPTIONS);
  const without = (kind: ListKind): ListKind[] => EVERY_KIND.filter((one) => one !== kind);
  const unknown = await dump(without('NetworkPolicy'), WEB);
  t.match((await rowsOf(unknown))[0], {
    level: 'INTERNET_UNDETERMINED',
    ingress: { class: 'UNDETERMINED', ports: [] },
    reasons: [{ code: 'MISSING_KIND' }],
  });
  t.equal(exposure(unknown, { of: '*/*', groupBy: 'WORKLOAD' }).complete, false);
  const closed = await dump(without('Service'), WEB, CLOSED);
  t.match((await rowsOf(closed))[0], {
    effective: 'CONDITIONAL',
    level: 'INTERNET_CONDITIONAL',
    ingress: { class: 'NONE' },
    reasons: [{ code: 'MISSING_KIND', missing: [{ kind: 'Service' }] }],
  });
  const whole = await dump(EVERY_KIND, WEB, CLOSED);
  t.match((await rowsOf(whole))[0], { effective: 'NO', level: 'NONE', reasons: [] });
  t.equal(exposure(whole, { of: '*/*', groupBy: 'WORKLOAD' }).complete, true);
});

t.test('rows are ranked by level, then by how much is open, then by key', async (t) => {
  const pods = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, i) =>
    pod(`x/${name}`, `10.1.0.${i + 1}`),
  );
  const admit = (app: string, spec: KubeSpec): KubeObject =>
    policy(`x/${app}`, { podSelector: only(app), ...spec });
  const port = (number: number): KubeRule[] => [
    { from: [{ podSelector: only('a') }], ports: [{ port: number }] },
  ];
  const objects = [
    ...pods,
    pod('y/z', '10.2.0.1'),
    service('x/b', { type: 'LoadBalancer' }),
    admit('a', { policyTypes: ['Ingress'] }),
    admit('c', { ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 1 }] }] }),
    admit('d', {
      ingress: [{ from: [{ namespaceSelector: only('q') }], ports: [{ port: 1 }] }],
    }),
    admit('e', { ingress: port(1) }),
    admit('f', { ingress: [...port(1), ...port(2)] }),
    admit('g', { ingress: port(1) }),
    admit('h', { ingress: [{ ports: [{ port: 1 }] }] }),
  ];
  const wanted = ['x/b', 'y/z', 'x/h', 'x/c', 'x/d', 'x/f', 'x/e', 'x/g', 'x/a'];
  for (const order of [objects, objects.toReversed()]) {
    const rows = await rowsOf(indexOf(order));
    t.strictSame(
      rows.map(({ peer }) => `${peer.namespace ?? ''}/${peer.name ?? ''}`),
      wanted,
    );
    t.strictSame(
      rows.map(({ rank }) => rank),
      wanted.map((_, i) => i + 1),
    );
    t.strictSame(
      rows.map(({ level }) => level).slice(2),
      ['INTERNET_PERMITTED', 'ENTIRE_CLUSTER', 'OTHER_NAMESPACES'].concat([
        'OWN_NAMESPACE',
        'OWN_NAMESPACE',
        'OWN_NAMESPACE',
        'NONE',
      ]),
    );
  }
  const { levels } = exposure(await indexOf(objects), { of: 'x/*', groupBy: 'NAMESPACE' });
  t.match(levels, [{ level: 'INTERNET', count: 1 }]);
});

t.test('the entire cluster is claimed only where a rule says it', async (t) => {
  const cases: readonly (readonly [string, KubeRule[], string])[] = [
    ['every namespace', [{ from: [{ namespaceSelector: {} }] }], 'all'],
    ['every pod of them', [{ from: [{ namespaceSelector: {}, podSelector: {} }] }], 'all'],
    ['no peers', [{ ports: [{ port: 80 }] }], 'TCP 80'],
    [
      'some pods of every namespace',
      [{ from: [{ namespaceSelector: {}, podSelector: only('web') }] }],
      'none',
    ],
    ['all pods of its own', [{ from: [{ podSelector: {} }] }], 'none'],
    [
      'every address',
      [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }] }],
      'none',
    ],
    ['namespaces that all are', [{ from: [{ namespaceSelector: only('x') }] }], 'none'],
  ];
  for (const [name, ingress, want] of cases) {
    const objects = [
      namespace('x', { app: 'x' }),
      WEB,
      policy('x/p', { podSelector: {}, ingress }),
    ];
    const [row] = await rowsOf(indexOf(objects));
    t.equal(print(row?.cluster.entireCluster ?? []), want, name);
  }
});

t.test('pods that could be created are told by what a rule asks of them', async (t) => {
  const peers = [
    { podSelector: { matchLabels: { app: 'near' } } },
    { namespaceSelector: { matchLabels: { team: 'a' } }, podSelector: only('far') },
    { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'y' } } },
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'gone', team: 'b' } },
    },
    {
      podSelector: {
        matchExpressions: [
          { key: 'role', operator: 'In', values: ['r', 'q'] },
          { key: 'old', operator: 'DoesNotExist' },
        ],
      },
    },
    // Nobody can satisfy these.
    {
      podSelector: {
        matchLabels: { no: '1' },
        matchExpressions: [{ key: 'no', operator: 'DoesNotExist' }],
      },
    },
    { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'y', team: 'b' } } },
  ];
  const objects = [
    WEB,
    pod('y/z', '10.2.0.1'),
    policy('x/in', { podSelector: {}, ingress: [{ from: peers, ports: [{ port: 80 }] }] }),
    policy('x/out', {
      podSelector: { matchLabels: { role: 'q' } },
      policyTypes: ['Egress'],
      egress: [],
    }),
  ];
  const [row] = await rowsOf(indexOf(objects), 'x/web-1');
  t.strictSame(
    row?.cluster.hypothetical.map(
      (one) => `${one.text}: ${printSets(one)} of ${print(one.admitted)}`,
    ),
    [
      'a pod labelled app=far in a new namespace labelled team=a: TCP 80 of TCP 80',
      'a pod without labels in a new namespace gone labelled team=b: TCP 80 of TCP 80',
      'a pod labelled app=near in namespace x: TCP 80 of TCP 80',
      'a pod labelled role=q in namespace x: none of TCP 80',
      'a pod labelled role=r in namespace x: TCP 80 of TCP 80',
      'a pod without labels in namespace y: TCP 80 of TCP 80',
    ],
  );
  t.equal(row?.cluster.hypotheticalCount, 6);
});

t.test('the fewest labels of a selector are those it asks for, each value once', (t) => {
  const need = (
    key: string,
    operator: Requirement['operator'],
    ...values: string[]
  ): Requirement => ({
    key,
    operator,
    values,
  });
  const cases: readonly (readonly [Requirement[], string])[] = [
    [[], '{}'],
    [[need('a', 'In', '1')], '{"a":"1"}'],
    [[need('a', 'In', '1', '2')], '{"a":"1"} {"a":"2"}'],
    [[need('a', 'In', '1', '2'), need('a', 'NotIn', '1')], '{"a":"2"}'],
    [[need('a', 'In', '1'), need('a', 'In', '2')], ''],
    [
      [need('a', 'In', '1', '2'), need('b', 'In', '3', '4')],
      '{"a":"1","b":"3"} {"a":"2","b":"3"} {"a":"1","b":"4"}',
    ],
    [[need('a', 'Exists')], '{"a":"any"}'],
    [[need('a', 'Exists'), need('a', 'NotIn', 'any')], '{"a":"any-2"}'],
    [[need('a', 'Exists'), need('a', 'In', '1')], '{"a":"1"}'],
    [[need('a', 'Exists'), need('a', 'DoesNotExist')], ''],
    [[need('a', 'NotIn', '1'), need('b', 'DoesNotExist')], '{}'],
    [[need('constructor', 'In', '')], '{"constructor":""}'],
  ];
  for (const [requirements, want] of cases) {
    const found = fewestLabels(selectorOf(requirements));
    t.equal(found.map((labels) => JSON.stringify(Object.fromEntries(labels))).join(' '), want);
  }
  t.end();
});

t.test('pods of a row that differ are parts of it, the most exposed first', async (t) => {
  const owned = (
    name: string,
    ip: string,
    labels: Readonly<Record<string, string>>,
  ): KubeObject => {
    const made = pod(name, ip);
    return {
      ...made,
      metadata: {
        ...made.metadata,
        labels,
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true },
        ],
      } as KubeObject['metadata'],
    };
  };
  const objects = [
    owned('x/web-0', '10.1.0.1', { app: 'web' }),
    owned('x/web-1', '10.1.0.2', { app: 'web', open: 'yes' }),
    policy('x/p', {
      podSelector: { matchExpressions: [{ key: 'open', operator: 'DoesNotExist' }] },
      policyTypes: ['Ingress'],
    }),
  ];
  const [row, ...others] = await rowsOf(indexOf(objects));
  t.equal(others.length, 0);
  t.match(row, { level: 'INTERNET_PERMITTED', ingress: { class: 'OPEN' } });
  t.strictSame(
    row?.parts?.map(({ level, members }) => [level, members.nodes.map(({ name }) => name).join()]),
    [
      ['INTERNET_PERMITTED', 'web-1'],
      ['NONE', 'web-0'],
    ],
  );
});

t.test('nothing to ask about is said, not left out', async (t) => {
  const index = await indexOf([WEB, node('n1', '10.0.0.1')]);
  for (const query of [
    () => exposure(index, { of: 'node/n1', groupBy: 'WORKLOAD' }),
    () => effective(index, { of: '192.0.2.1' }),
    () => isolation(index, { of: 'node/n1', groupBy: 'WORKLOAD' }),
  ]) {
    t.match(query(), { totalCount: 0, reasons: [{ code: 'NO_PODS' }] });
  }
  t.throws(() => effective(index, { of: 'x/nobody' }), { code: 'ref-not-found' });
});

/** `ALLOW TCP 80 from shop?app=web by x/p 0`: a row in a line. */
function printRow(row: EffectiveRule): string {
  const peers = row.peers.map(({ text, negated }) => `${negated ? 'not ' : ''}${text}`).join(' | ');
  const names = row.portNames.length === 0 ? '' : ` ${row.portNames.join()}`;
  const rules = row.contributors
    .map(({ policy: { name }, pointer }) => `${name}${pointer}`)
    .join(' ');
  const shadow = row.shadowedBy;
  const by =
    shadow === null
      ? ''
      : [
          ...shadow.rules.map(({ policy: { name }, pointer }) => `${name}${pointer}`),
          ...shadow.policies.map(({ name }) => name),
        ].join(' ');
  return [
    `${row.action} ${print(row.ports)}${names} ${peers}`,
    ...(rules === '' ? [] : [rules.replaceAll('/spec/', ':')]),
    ...(row.kind === 'RULE' ? [] : [row.kind]),
    ...(by === '' ? [] : [`never: ${by.replaceAll('/spec/', ':')}`]),
    ...(row.reason === null ? [] : [row.reason.code]),
  ].join(', ');
}

function tableOf(index: ReachIndex, of: string, direction: 'INGRESS' | 'EGRESS'): string[] {
  const list = effective(index, { of, direction });
  return list.slice(0, list.totalCount).map(printRow);
}

t.test(
  'rules of several policies are merged: one peer, all its ports; one port list, all its peers',
  async (t) => {
    const objects = [
      WEB,
      policy('x/a', {
        podSelector: only('web'),
        ingress: [
          { from: [{ podSelector: only('c') }], ports: [{ port: 'http' }] },
          { from: [{ podSelector: only('d') }], ports: [{ port: 8080 }, { port: 9 }] },
        ],
      }),
      policy('x/b', {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          {
            from: [{ podSelector: only('c') }, { podSelector: only('c') }],
            ports: [{ port: 9 }],
          },
          {
            from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }],
            ports: [{ port: 'nope' }],
          },
          {
            from: [
              {
                namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'x' } },
                podSelector: only('c'),
              },
            ],
          },
        ],
        egress: [{ ports: [{ port: 'http' }, { protocol: 'UDP', port: 53 }] }],
      }),
    ];
    const index = await indexOf(objects);
    t.strictSame(tableOf(index, 'x/web-1', 'INGRESS'), [
      'ALLOW all the pod itself, SELF',
      'ALLOW all the node it runs on, LOCAL_NODE',
      'ALLOW all x?app=c, a:ingress/0/from/0 b:ingress/0/from/0 b:ingress/0/from/1 b:ingress/2/from/0',
      'ALLOW TCP 9,8080 x?app=d, a:ingress/1/from/0',
      'ALLOW none tcp/nope 10.0.0.0/8 except 10.1.0.0/16, b:ingress/1/from/0',
      'DENY all everyone, ISOLATION',
    ]);
    t.strictSame(tableOf(index, 'x/web-1', 'EGRESS'), [
      'ALLOW all the pod itself, SELF',
      'ALLOW UDP 53 tcp/http everyone, b:egress/0',
      'DENY all everyone, ISOLATION',
    ]);
    t.match(effective(index, { of: 'x/web-1' }), {
      peer: { ref: 'x/pod/web-1' },
      partCount: 1,
      parts: [
        { policed: true, ingress: { isolated: true, policies: [{ name: 'a' }, { name: 'b' }] } },
      ],
    });
  },
);

const cluster = (
  tier: Policy['tier'],
  order: number,
  name: string,
  rules: readonly Omit<Rule, 'index'>[],
  more: Partial<Policy> = {},
): Policy => ({
  ref: { apiVersion: 'policy.networking.k8s.io/v1alpha2', kind: 'ClusterNetworkPolicy', name },
  tier,
  order,
  subject: { namespaces: { kind: 'selected', selector: MATCH_ALL }, pods: MATCH_ALL },
  applies: { ingress: true, egress: false },
  ingress: rules.map((rule, index) => ({ index, ...rule })),
  egress: [],
  spec: 'null',
  ...more,
});

const allPods: Rule['peers'] = [
  {
    index: 0,
    negated: false,
    atom: {
      kind: 'pods',
      selection: { namespaces: { kind: 'selected', selector: MATCH_ALL }, pods: MATCH_ALL },
    },
  },
];
const tcp = (number: number): Rule['ports'] => [
  { index: 0, kind: 'range', protocol: 'TCP', from: number, to: number },
];

function peerOf(atom: PeerAtom, negated = false): RulePeer {
  return rulePeerOf({ index: 0, negated, atom });
}

async function withPolicies(
  policies: readonly Policy[],
  ...objects: KubeObject[]
): Promise<ReachIndex> {
  const snapshot = await snapshotOf([WEB, ...objects]);
  return compileIndex({ ...snapshot, cluster: { ...snapshot.cluster, policies } }, DEFAULT_OPTIONS);
}

t.test('tiers stand in the order they are asked, and what never decides is marked', async (t) => {
  const policies = [
    cluster('baseline', 0, 'base', [{ action: 'deny', peers: allPods, ports: 'every' }]),
    cluster('admin', 2, 'late', [{ action: 'deny', peers: allPods, ports: tcp(80) }]),
    cluster('admin', 1, 'early', [
      { action: 'allow', peers: allPods, ports: tcp(80) },
      { action: 'pass', peers: allPods, ports: tcp(81) },
      { action: 'deny', peers: allPods, ports: tcp(81) },
    ]),
    cluster('admin', 1, 'tie', [{ action: 'deny', peers: allPods, ports: tcp(80) }]),
  ];
  const rules = policy('x/np', {
    podSelector: {},
    ingress: [80, 81].map((port) => ({
      from: [{ podSelector: only('c') }],
      ports: [{ port }],
    })),
  });
  const one = policy('x/np', {
    podSelector: {},
    ingress: [{ from: [{ podSelector: only('c') }], ports: [{ port: 80 }] }],
  });
  t.strictSame(tableOf(await withPolicies(policies, rules), 'x/web-1', 'INGRESS'), [
    'ALLOW all the pod itself, SELF',
    'ALLOW TCP 80 */*, early:ingress/0',
    'PASS TCP 81 */*, early:ingress/1',
    'DENY TCP 81 */*, early:ingress/2, never: early:ingress/1',
    'DENY TCP 80 */*, tie:ingress/0',
    'DENY TCP 80 */*, late:ingress/0, never: early:ingress/0',
    'ALLOW all the node it runs on, LOCAL_NODE',
    'ALLOW TCP 80-81 x?app=c, np:ingress/0/from/0 np:ingress/1/from/0',
    'DENY all everyone, ISOLATION',
    'DENY all */*, base:ingress/0, never: np',
  ]);
  t.match(
    tableOf(await withPolicies(policies, one), 'x/web-1', 'INGRESS')[7],
    /never: early:ingress\/0$/,
  );
  t.match(tableOf(await withPolicies(policies), 'x/web-1', 'INGRESS').slice(-2), [
    'DENY all */*, base:ingress/0',
    'ALLOW all everyone, DEFAULT',
  ]);
});

t.test('one peer covers another only where that is so whatever objects there are', (t) => {
  const pods = (namespaces: string | null, selector: Requirement[] = []): RulePeer =>
    peerOf({
      kind: 'pods',
      selection: {
        namespaces:
          namespaces === null
            ? { kind: 'selected', selector: MATCH_ALL }
            : { kind: 'named', name: namespaces },
        pods: selectorOf(selector),
      },
    });
  const block = (cidr: string, ...except: string[]): RulePeer =>
    peerOf({ kind: 'addresses', cidr, except, owned: 'options' });
  const a: Requirement = { key: 'a', operator: 'In', values: ['1'] };
  const b: Requirement = { key: 'b', operator: 'Exists', values: [] };
  const not = peerOf({ kind: 'nodes', selector: MATCH_ALL }, true);
  const cases: readonly (readonly [outer: RulePeer, inner: RulePeer, covers: boolean])[] = [
    [EVERYONE, not, true],
    [pods(null), EVERYONE, false],
    [pods(null), pods('x', [a]), true],
    [pods('x'), pods(null), false],
    [pods('x', [a]), pods('x', [a, b]), true],
    [pods('x', [a, b]), pods('x', [a]), false],
    [pods('x'), pods('y'), false],
    [block('10.0.0.0/8'), block('10.1.0.0/16'), true],
    [block('10.0.0.0/8', '10.1.0.0/24'), block('10.1.0.0/16'), false],
    [block('10.0.0.0/8', '10.2.0.0/16'), block('10.1.0.0/16'), true],
    [block('10.1.0.0/16'), block('10.0.0.0/8'), false],
    [block('0.0.0.0/0'), block('::/0'), false],
    [block('0.0.0.0/0'), pods('x'), false],
    [not, not, true],
    [peerOf({ kind: 'nodes', selector: MATCH_ALL }), not, false],
    [
      block('0.0.0.0/0'),
      peerOf({ kind: 'addresses', cidr: '10.0.0.0/8', except: [], owned: 'always' }),
      false,
    ],
  ];
  for (const [outer, inner, covers] of cases) {
    t.equal(coversPeer(outer, inner), covers, `${outer.told.text} covers ${inner.told.text}`);
  }
  t.end();
});

t.test('what cannot be read is a row that says so', async (t) => {
  const opaque = { code: 'UNEVALUATED_POLICY', message: 'it is not evaluated' } as const;
  const policies = [cluster('admin', 0, 'odd', [], { opaque })];
  const index = await withPolicies(policies, CLOSED);
  t.match(
    tableOf(index, 'x/web-1', 'INGRESS')[1],
    /^UNDETERMINED all everyone, UNDECIDABLE, UNEVALUATED_POLICY$/,
  );
  t.equal(effective(index, { of: 'x/web-1' }).complete, false);
  const dump = await snapshotOfDump(
    [WEB],
    EVERY_KIND.filter((kind) => kind !== 'NetworkPolicy'),
  );
  const list = effective(compileIndex(dump, DEFAULT_OPTIONS), { of: 'x/*' });
  t.match(list, { complete: false, parts: [{ ingress: { isolated: null } }] });
  t.match(
    list.slice(0, 2).map(printRow)[1],
    'UNDETERMINED all everyone, UNDECIDABLE, MISSING_KIND',
  );
});

t.test('pods with other rules are another part, pods on their node have none', async (t) => {
  const host = pod('x/host', '10.0.0.1', { hostNetwork: true });
  const index = await indexOf([
    WEB,
    pod('x/web-2', '10.1.0.2'),
    pod('x/db', '10.1.0.3'),
    host,
    policy('x/p', { podSelector: only('db'), policyTypes: ['Ingress'] }),
  ]);
  const list = effective(index, { of: 'x/*', direction: 'INGRESS' });
  t.strictSame(
    list.parts.map(({ subject, policed }) => [
      subject.nodes.map(({ name }) => name).join(),
      policed,
    ]),
    [
      ['db', true],
      ['host', false],
      ['web-1,web-2', true],
    ],
  );
  t.equal(list.parts[0]?.egress, undefined);
  t.strictSame(
    list.slice(0, list.totalCount).map((row) => `${row.part} ${row.position} ${row.kind}`),
    ['0 1 SELF', '0 2 LOCAL_NODE', '0 3 ISOLATION', '1 1 DEFAULT', '2 1 SELF', '2 2 DEFAULT'],
  );
});

t.test('policies of the cluster protect pods that no NetworkPolicy isolates', async (t) => {
  const deny = cluster('baseline', 0, 'deny', [{ action: 'deny', peers: allPods, ports: 'every' }]);
  const allow = cluster('admin', 0, 'allow', [{ action: 'allow', peers: allPods, ports: 'every' }]);
  const opaque = { code: 'UNEVALUATED_POLICY', message: 'it is not evaluated' } as const;
  const odd = cluster('admin', 0, 'odd', [], { opaque });
  const cases = [
    ['nothing', [], [], false, false, ''],
    ['a rule that denies', [deny], [], false, true, 'deny'],
    ['a rule that allows', [allow], [], false, false, 'allow'],
    ['a policy that is not known', [odd], [], false, null, 'odd'],
    ['isolation', [allow], [CLOSED], true, true, 'allow'],
  ] as const;
  for (const [name, policies, objects, isolated, isProtected, names] of cases) {
    const index = await withPolicies(policies, ...objects);
    const ask = (wanted?: boolean): number =>
      isolation(index, {
        of: '*/*',
        groupBy: 'WORKLOAD',
        direction: 'INGRESS',
        ...(wanted === undefined ? {} : { protected: wanted }),
      }).totalCount;
    const [row] = isolation(index, { of: '*/*', groupBy: 'WORKLOAD' }).slice(0, 1);
    t.match(row?.ingress, { isolated, protected: isProtected }, name);
    t.equal(row?.ingress.clusterPolicies.map((one) => one.name).join(), names, name);
    t.equal(row?.egress.protected, false);
    t.strictSame(
      [ask(), ask(true), ask(false)],
      [1, isProtected === false ? 0 : 1, isProtected === true ? 0 : 1],
      name,
    );
  }
});

t.test(
  'a policy that may be about a pod protects it perhaps, and its rules hold perhaps',
  async (t) => {
    const team: Requirement = { key: 'team', operator: 'In', values: ['a'] };
    const policies = [
      cluster('admin', 0, 'by-label', [{ action: 'deny', peers: allPods, ports: 'every' }], {
        subject: {
          namespaces: { kind: 'selected', selector: selectorOf([team]) },
          pods: MATCH_ALL,
        },
      }),
    ];
    const dump = await snapshotOfDump(
      [WEB],
      EVERY_KIND.filter((kind) => kind !== 'Namespace'),
    );
    const index = compileIndex(
      { ...dump, cluster: { ...dump.cluster, policies } },
      DEFAULT_OPTIONS,
    );
    const [row] = isolation(index, { of: 'x/*', groupBy: 'WORKLOAD' }).slice(0, 1);
    t.match(row?.ingress, { isolated: false, protected: null });
    t.equal(
      tableOf(index, 'x/web-1', 'INGRESS')[1],
      'DENY all */*, by-label:ingress/0, MISSING_KIND',
    );
  },
);

t.test('policies of one name and two kinds are both named', async (t) => {
  const opaque = { code: 'UNEVALUATED_POLICY', message: 'it is not evaluated' } as const;
  const other = cluster('network-policy', 0, 'closed', [], { opaque });
  const ref = {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    namespace: 'x',
    name: 'closed',
  };
  const index = await withPolicies([{ ...other, ref }], CLOSED);
  const [row] = isolation(index, { of: '*/*', groupBy: 'WORKLOAD' }).slice(0, 1);
  t.strictSame(row?.ingress.policies.map(({ kind }) => kind).sort(), [
    'CiliumNetworkPolicy',
    'NetworkPolicy',
  ]);
});

const named = [
  ['an internet address opens what the row of its range says', internetDifferences],
  [
    'the entire cluster is said of what rules open to literally every pod',
    entireClusterDifferences,
  ],
  ['other pods open what is said of their namespaces', neighbourDifferences],
  ['a table of rules says what the legs of a path say', tableDifferences],
] as const;

for (const [name, differences] of named) {
  t.test(name, async (t) => {
    await holds(worlds(), 0.001, async (objects) => differences(await indexOf(objects), objects));
    t.pass('no counterexample');
  });
}

t.test('a hypothetical pod opens the same once it is there', async (t) => {
  await holds(fc.tuple(worlds(), fc.nat(100)), 0.002, async ([objects, salt]) =>
    hypotheticalDifferences(await indexOf(objects), { objects }, salt),
  );
  t.pass('no counterexample');
});

t.test('both hold under policies of other tiers', async (t) => {
  const tiered = roughWorlds().filter(isSettled);
  await holds(fc.tuple(tiered, fc.nat(100)), 0.001, async ([world, salt]) => {
    const [index] = await roughIndexes(world);
    return [
      ...tableDifferences(index, world.objects),
      ...(await hypotheticalDifferences(index, world, salt)),
    ];
  });
  t.pass('no counterexample');
});

/** Tiers in which every rule can be evaluated and no two policies speak at once. */
function isSettled({ harm, tiers }: RoughWorld): boolean {
  const orders = new Set(
    tiers.map(({ tier, direction, order }) => `${tier} ${direction} ${order}`),
  );
  const isKnown = tiers.every(({ rules }) => rules.every(({ opaque }) => !opaque));
  return harm === 'tiers of policies' && isKnown && orders.size === tiers.length;
}
