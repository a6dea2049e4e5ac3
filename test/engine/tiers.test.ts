import t from 'tap';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import type { EngineOptions } from '../../src/engine/options.ts';
import { connectionsBetween } from '../../src/engine/pair/connections-between.ts';
import { TierWalk } from '../../src/engine/pair/walk.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import {
  NO_CONNECTIONS,
  connectionsOf,
  equalConnections,
  printConnections,
  union,
} from '../../src/model/connection-set.ts';
import type { ConnectionSet } from '../../src/model/connection-set.ts';
import type { Action, PeerTerm, Policy, PortTerm, Rule, TierId } from '../../src/model/policy.ts';
import { selectorOf } from '../../src/model/selector.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { snapshotOf } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';

// Tiers are the engine's own: these policies are written in its words, so that every way to settle
// is tested whether or not a decoder makes such policies yet.

const NAMESPACES = { prod: { env: 'prod' }, dev: { env: 'dev' }, mon: { team: 'obs' } };

function objects(networkPolicies: readonly KubeObject[] = []): KubeObject[] {
  const pods = [
    ['prod', 'db', '10.0.0.1'],
    ['prod', 'app', '10.0.0.2'],
    ['dev', 'foo', '10.0.0.3'],
    ['dev', 'bar', '10.0.0.4'],
    ['mon', 'prom', '10.0.0.5'],
  ] as const;
  return [
    ...Object.entries(NAMESPACES).map(([name, labels]) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels },
    })),
    ...pods.map(([namespace, name, ip]) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name, labels: { app: name } },
      spec: { containers: [{ name: 'main' }], nodeName: 'n1' },
      status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
    })),
    ...networkPolicies,
  ];
}

function networkPolicy(namespace: string, ingress: readonly object[]): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace, name: 'np' },
    spec: { podSelector: {}, policyTypes: ['Ingress'], ingress },
  };
}

const labels = (text: string): ReturnType<typeof selectorOf> =>
  selectorOf(
    text === ''
      ? []
      : text.split(',').map((pair) => {
          const [key = '', value = ''] = pair.split('=');
          return { key, operator: 'In' as const, values: [value] };
        }),
  );

/** `deny env=dev`, `allow app=foo@team=obs tcp/5432`: action, pods (`labels@namespace labels`), port. */
function rule(text: string, index: number): Rule {
  const [action = '', peer = '', port] = text.split(' ');
  const [pods, namespaces] = peer.includes('@') ? peer.split('@') : ['', peer];
  const term: PeerTerm = {
    index: 0,
    negated: false,
    atom: {
      kind: 'pods',
      selection: {
        namespaces: { kind: 'selected', selector: labels(namespaces ?? '') },
        pods: labels(pods ?? ''),
      },
    },
  };
  const [from = 0, to = from] = (port ?? '').split('/')[1]?.split('-').map(Number) ?? [];
  const ports: PortTerm[] | 'every' =
    port === undefined ? 'every' : [{ index: 0, kind: 'range', protocol: 'TCP', from, to }];
  return { index, action: action as Action, peers: peer === '*' ? 'every' : [term], ports };
}

function policy(
  tier: TierId,
  order: number,
  name: string,
  subject: string,
  rules: readonly string[],
  more: Partial<Policy> = {},
): Policy {
  return {
    ref: { apiVersion: 'policy.networking.k8s.io/v1alpha2', kind: 'ClusterNetworkPolicy', name },
    tier,
    order,
    subject: { namespaces: { kind: 'selected', selector: labels(subject) }, pods: labels('') },
    applies: { ingress: true, egress: false },
    ingress: rules.map(rule),
    egress: [],
    spec: 'null',
    ...more,
  };
}

async function clusterWith(
  policies: readonly Policy[],
  networkPolicies: readonly KubeObject[] = [],
  options: Partial<EngineOptions> = {},
): Promise<ReachIndex> {
  const snapshot: Snapshot = await snapshotOf(objects(networkPolicies));
  const cluster = { ...snapshot.cluster, policies };
  return compileIndex({ ...snapshot, cluster }, { ...DEFAULT_OPTIONS, ...options });
}

function connections(
  index: ReachIndex,
  question: string,
): Record<'allowed' | 'undetermined', string> {
  const [from, to] = question.split(' -> ').map((end) => {
    const [namespace = '', name = ''] = end.split('/');
    return { kind: 'pod', namespace, name } as const;
  });
  const found = from && to ? connectionsBetween(index, from, to, 4) : undefined;
  return {
    allowed: printConnections(found?.allowed ?? NO_CONNECTIONS),
    undetermined: printConnections(found?.undetermined ?? NO_CONNECTIONS),
  };
}

const OPEN = networkPolicy('prod', [{}]);
const CLOSED = networkPolicy('prod', []);

interface TierCase {
  readonly name: string;
  readonly policies: readonly Policy[];
  readonly networkPolicies?: readonly KubeObject[];
  readonly options?: Partial<EngineOptions>;
  /** Question → allowed, or `allowed ? undetermined`. */
  readonly want: Readonly<Record<string, string>>;
}

const CASES: readonly TierCase[] = [
  {
    name: 'an admin deny beats a NetworkPolicy allow, and other sources fall through',
    policies: [policy('admin', 10, 'no-dev', 'env=prod', ['deny env=dev'])],
    networkPolicies: [OPEN],
    want: { 'dev/foo -> prod/db': 'none', 'mon/prom -> prod/db': 'all' },
  },
  {
    name: 'an admin allow beats NetworkPolicy isolation',
    policies: [policy('admin', 1, 'mon', '', ['allow team=obs'])],
    networkPolicies: [CLOSED],
    want: { 'mon/prom -> prod/db': 'all', 'dev/foo -> prod/db': 'none' },
  },
  {
    name: 'pass leaves the admin tier for the NetworkPolicies',
    policies: [
      policy('admin', 1, 'pass', 'env=prod', ['pass env=dev']),
      policy('admin', 2, 'deny', 'env=prod', ['deny ']),
    ],
    networkPolicies: [OPEN],
    want: { 'dev/foo -> prod/db': 'all', 'mon/prom -> prod/db': 'none' },
  },
  {
    name: 'pass leaves the admin tier for the baseline where nothing isolates',
    policies: [
      policy('admin', 1, 'pass', 'env=prod', ['pass env=dev']),
      policy('baseline', 1, 'base', '', ['deny ']),
    ],
    want: { 'dev/foo -> prod/db': 'none' },
  },
  {
    name: 'the NetworkPolicy tier is final for an isolated pod, whatever the baseline says',
    policies: [policy('baseline', 1, 'open', '', ['allow '])],
    networkPolicies: [CLOSED],
    want: { 'dev/foo -> prod/db': 'none', 'prod/db -> dev/foo': 'all' },
  },
  {
    name: 'pass in the baseline ends in the default allow',
    policies: [
      policy('baseline', 1, 'b1', '', ['pass team=obs']),
      policy('baseline', 2, 'b2', '', ['deny ']),
    ],
    want: { 'mon/prom -> prod/db': 'all', 'dev/foo -> prod/db': 'none' },
  },
  {
    name: 'inside a policy the first matching rule wins, port by port',
    policies: [policy('admin', 5, 'ord', 'env=prod', ['allow env=dev tcp/5432', 'deny env=dev'])],
    want: { 'dev/foo -> prod/db': 'TCP 5432', 'mon/prom -> prod/db': 'all' },
  },
  {
    name: 'an allow on a port leaves other ports to the lower tiers',
    policies: [policy('admin', 1, 'a', 'env=prod', ['allow  tcp/5432', 'deny  tcp/1-1023'])],
    networkPolicies: [networkPolicy('prod', [{ ports: [{ port: 9187 }, { port: 80 }] }])],
    want: { 'dev/foo -> prod/db': 'TCP 5432,9187' },
  },
  {
    name: 'lower orders first',
    policies: [
      policy('admin', 900, 'late', '', ['deny team=obs']),
      policy('admin', 3, 'early', '', ['allow team=obs tcp/9000-9999']),
    ],
    want: { 'mon/prom -> prod/db': 'TCP 9000-9999' },
  },
  {
    name: 'equal orders that disagree are undetermined exactly where they disagree',
    policies: [
      policy('admin', 7, 'a-deny', 'env=prod', ['deny env=dev']),
      policy('admin', 7, 'b-allow', 'env=prod', ['allow app=foo@ tcp/80']),
    ],
    want: { 'dev/foo -> prod/db': 'none ? TCP 80', 'dev/bar -> prod/db': 'none' },
  },
  {
    name: 'equal orders that disagree are denied in the deny-wins dialect',
    policies: [
      policy('admin', 7, 'a-deny', 'env=prod', ['deny env=dev']),
      policy('admin', 7, 'b-allow', 'env=prod', ['allow app=foo@ tcp/80']),
    ],
    options: { priorityTies: 'deny-wins' },
    want: { 'dev/foo -> prod/db': 'none' },
  },
  {
    name: 'a rule that may match is conditional only where it would change the outcome',
    policies: [
      policy('admin', 1, 'fqdn', 'env=prod', [], {
        ingress: [
          { ...rule('allow env=dev tcp/443', 0), opaque: 'a host name' },
          rule('deny env=dev', 1),
        ],
      }),
    ],
    want: { 'dev/foo -> prod/db': 'none ? TCP 443', 'mon/prom -> prod/db': 'all' },
  },
  {
    name: 'a policy that is not evaluated leaves only the pods it could select undetermined',
    policies: [
      policy('admin', 0, 'vendor', 'env=prod', [], {
        opaque: { code: 'UNEVALUATED_POLICY', message: 'not evaluated' },
      }),
    ],
    networkPolicies: [OPEN],
    want: {
      'dev/foo -> prod/db': 'none ? all',
      'prod/db -> dev/foo': 'all',
      'prod/db -> prod/db': 'all',
    },
  },
];

for (const { name, policies, networkPolicies, options, want } of CASES) {
  t.test(name, async (t) => {
    const index = await clusterWith(policies, networkPolicies, options);
    for (const [question, expected] of Object.entries(want)) {
      const [allowed = '', undetermined = 'none'] = expected.split(' ? ');
      t.same(connections(index, question), { allowed, undetermined }, question);
    }
  });
}

t.test('a tier whose policies select nothing changes nothing', async (t) => {
  const plain = await clusterWith([], [OPEN]);
  const extra = await clusterWith([policy('admin', 1, 'x', 'env=none', ['deny '])], [OPEN]);
  for (const question of ['dev/foo -> prod/db', 'prod/db -> dev/foo', 'mon/prom -> prod/app']) {
    t.same(connections(extra, question), connections(plain, question), question);
  }
});

const tcp = (from: number, to = from): ConnectionSet =>
  connectionsOf([{ protocol: 'TCP', from, to }]);
const because = (message: string) => ({ code: 'CONDITIONAL', message }) as const;

t.test('a walk records who decided what, and nothing of what was decided before', async (t) => {
  const [one, two] = [policy('admin', 1, 'one', '', []), policy('admin', 2, 'two', '', [])];
  const walk = new TierWalk();
  walk.decide(tcp(80, 82), 'deny', 'rule', [one], 3);
  walk.decide(tcp(81), 'allow', 'rule', [two], 0);
  walk.doubt(tcp(80), 'allow', because('too late'));
  walk.leaveOpen(tcp(82), because('too late'));
  t.same(walk.setAside(tcp(80, 82), two, 1), NO_CONNECTIONS);
  walk.rejoin(walk.setAside(tcp(90), two, 2));
  walk.leaveOpen(tcp(91), because('who knows'));
  walk.decide(tcp(92), 'ambiguous', 'rule', [one, two]);
  walk.decide(tcp(93), 'deny', 'isolation', [two]);
  t.notOk(walk.done);
  const { segments, passed, unsure, allow, deny, isolated } = walk.finish(true);
  t.ok(walk.done);
  t.strictSame(segments.slice(0, 3), [
    { set: tcp(80, 82), action: 'deny', by: 'rule', policies: [one], rule: 3 },
    { set: tcp(92), action: 'ambiguous', by: 'rule', policies: [one, two] },
    { set: tcp(93), action: 'deny', by: 'isolation', policies: [two] },
  ]);
  t.equal(segments.length, 4);
  t.match(segments[3], { action: 'allow', by: 'default', policies: [] });
  t.strictSame(passed, [{ set: tcp(90), policy: two, rule: 2 }]);
  t.strictSame(unsure, [
    { set: tcp(91), reason: because('who knows') },
    {
      set: tcp(92),
      reason: {
        code: 'AMBIGUOUS_PRIORITY',
        message: 'policies of equal priority disagree, and the API leaves the outcome undefined',
      },
    },
  ]);
  t.same([printConnections(deny), isolated], ['TCP 80-82,93', true]);
  t.ok(equalConnections(allow, segments[3]?.set ?? NO_CONNECTIONS));
});

t.test('what every alternative decides alike is certain, whatever may have happened', async (t) => {
  const walk = new TierWalk();
  walk.doubt(tcp(80, 81), 'deny', because('may deny'));
  walk.doubt(tcp(80), 'deny', because('may deny what is denied'));
  walk.doubt(tcp(82), 'pass', because('may pass'));
  walk.decide(tcp(80), 'deny', 'rule');
  walk.decide(union(tcp(81), tcp(82)), 'allow', 'rule');
  const { allow, deny, unsure, segments } = walk.finish(false);
  t.strictSame(unsure, [
    { set: tcp(81), reason: because('may deny') },
    { set: tcp(82), reason: because('may pass') },
  ]);
  t.equal(printConnections(deny), 'TCP 80');
  t.equal(printConnections(allow), 'TCP 1-79,83-65535; UDP all; SCTP all');
  t.equal(segments.length, 3);
});

t.test('a walk of which everything is decided has nothing left to allow', async (t) => {
  const walk = new TierWalk();
  walk.decide(walk.rest, 'deny', 'rule');
  t.equal(walk.finish(null).segments.length, 1);
});
