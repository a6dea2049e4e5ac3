import fc from 'fast-check';
import t from 'tap';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { connectivity } from '../../src/engine/queries/connectivity.ts';
import { path } from '../../src/engine/queries/path.ts';
import { whoCanReach } from '../../src/engine/queries/who-can-reach.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { Path, Verdict } from '../../src/model/answer.ts';
import { equalConnections, intersect, isEmpty, subtract } from '../../src/model/connection-set.ts';
import { clusterPolicies } from '../support/cluster-policy-objects.ts';
import { EVERY_KIND, indexOf, snapshotOfDump } from '../support/cluster.ts';
import type { ListKind } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { differences, matrixOf } from '../support/matrix.ts';
import type { Matrix } from '../support/matrix.ts';
import { SEED, holds } from '../support/property.ts';
import { worlds } from '../support/worlds.ts';

t.setTimeout(1_800_000);
t.comment(`PODREACH_SEED=${SEED}`);

type Objects = readonly KubeObject[];

const matrix = async (objects: Objects): Promise<Matrix> =>
  matrixOf(objects, await indexOf(objects));

/** A ClusterNetworkPolicy of the admin tier, unless `spec` says otherwise. */
function cluster(name: string, spec: object): KubeObject {
  const whole = { tier: 'Admin', priority: 5, subject: { namespaces: {} }, ...spec };
  return {
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    metadata: { name },
    // Specs of test objects are of one type, which this kind is not part of.
    spec: whole as KubeObject['spec'] & object,
  };
}

/** As rules of every priority could stand, everything is for the tiers below. */
const PASS_ALL = cluster('aa', {
  priority: 0,
  ingress: [{ action: 'Pass', from: [{ namespaces: {} }] }],
  egress: [
    {
      action: 'Pass',
      to: [{ namespaces: {} }, { nodes: {} }, { networks: ['0.0.0.0/0', '::/0'] }],
    },
  ],
});

function isBaseline({ kind, spec }: KubeObject): boolean {
  return kind === 'BaselineAdminNetworkPolicy' || Reflect.get(spec ?? {}, 'tier') === 'Baseline';
}

t.test('a cluster policy that selects nothing changes nothing', async (t) => {
  const policies = fc.tuple(worlds(), clusterPolicies(2), clusterPolicies(2));
  await holds(policies, 0.003, async ([objects, some, others]) => {
    const nobody = others
      .filter(({ kind }) => kind !== 'BaselineAdminNetworkPolicy')
      .map((policy, i) => {
        const subject = { namespaces: { matchLabels: { none: 'such' } } };
        const spec = { ...policy.spec, subject };
        return { ...policy, metadata: { name: `nobody-${i}` }, spec };
      });
    const before = [...objects, ...some];
    return differences(await matrix(before), await matrix([...before, ...nobody]));
  });
  t.pass('no counterexample');
});

t.test('what passes everything is as good as no tier, for those below', async (t) => {
  await holds(fc.tuple(worlds(), clusterPolicies(3)), 0.003, async ([objects, policies]) => {
    const rest = policies.filter(isBaseline);
    const before = await matrix([...objects, ...rest]);
    const passed = await matrix([...objects, ...policies, PASS_ALL]);
    return differences(before, passed);
  });
  t.pass('no counterexample');
});

t.test('an Accept that moves above a Deny changes exactly what both are about', async (t) => {
  const rules = clusterPolicies(4).map((policies) =>
    policies.flatMap(({ spec }) =>
      ((Reflect.get(spec ?? {}, 'egress') ?? []) as Rule[]).filter(
        (rule) => 'protocols' in rule && !JSON.stringify(rule).includes('domainNames'),
      ),
    ),
  );
  await holds(fc.tuple(worlds(), rules), 0.005, async ([objects, [one, two]]) => {
    if (one === undefined || two === undefined) return [];
    const [deny, accept] = [
      { ...one, action: 'Deny' },
      { ...two, action: 'Accept' },
    ];
    const bare = objects.filter(({ kind }) => kind !== 'NetworkPolicy');
    const of = (base: Objects, ...egress: Rule[]): Promise<Matrix> =>
      matrix([...base, cluster('p', { egress })]);
    const [before, after, denied, accepted] = [
      await of(objects, deny, accept),
      await of(objects, accept, deny),
      await of(bare, deny),
      await of(bare, { ...accept, action: 'Deny' }),
    ];
    return [...before].flatMap(([key, cell]) => {
      const [now, a, b] = [after, denied, accepted].map((cells) => cells.get(key));
      if (now === undefined || a === undefined || b === undefined) return [`${key} is gone`];
      const unknown = [cell, now, a, b].some(({ undetermined }) => !isEmpty(undetermined));
      if (unknown) return [];
      const both = intersect(a.denied, b.denied);
      const opened = subtract(now.allowed, cell.allowed);
      const rest = subtract(cell.allowed, now.allowed);
      // NetworkPolicies of the other end may close what was opened, never the other way round.
      const other = intersect(both, now.allowed);
      const isExact = equalConnections(opened, other) && isEmpty(rest);
      return isExact ? [] : [`${key} changes beyond the overlap`];
    });
  });
  t.pass('no counterexample');
});

interface Rule {
  readonly action: string;
}

const CLUSTER: Objects = [
  ...[
    ['shop', { team: 'store' }],
    ['clinic', { team: 'care' }],
  ].map(([name, labels]) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: name as string, labels: labels as Record<string, string> },
  })),
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1', labels: { role: 'worker' } },
    status: { addresses: [{ type: 'InternalIP', address: '192.168.0.1' }] },
  },
  ...[
    ['shop', 'till', '10.1.0.1'],
    ['shop', 'shelf', '10.1.0.2'],
    ['clinic', 'nurse', '10.1.0.3'],
  ].map(([namespace, name = '', ip = '']) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels: { app: name } },
    spec: { nodeName: 'n1', containers: [{ name: 'main' }] },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
  })),
];

const CARE = { namespaces: { matchLabels: { team: 'care' } } };
const ALL = { namespaces: {} };

/** `rule effect code` of each rule of a leg, as `policy[rule] EFFECT CODE ports`. */
function effects({ legs }: Path, direction: 'EGRESS' | 'INGRESS'): string[] {
  const leg = legs.find((one) => one.direction === direction);
  return (leg?.policies ?? []).flatMap(({ policy, tier, effect, rules }) => [
    `${tier} ${policy.name} ${effect}`,
    ...rules.map((one) => `  ${one.rule.pointer} ${one.effect} ${one.reason.code}`),
  ]);
}

t.test('an explanation tells what each rule of each tier did', async (t) => {
  const index = await indexOf([
    ...CLUSTER,
    cluster('a', {
      ingress: [
        { action: 'Pass', from: [CARE], protocols: [{ tcp: { destinationPort: { number: 80 } } }] },
        { action: 'Deny', from: [ALL], protocols: [{ tcp: { destinationPort: { number: 22 } } }] },
        { action: 'Accept', from: [ALL] },
      ],
    }),
    cluster('b', { priority: 6, ingress: [{ action: 'Deny', from: [ALL] }] }),
    cluster('base', { tier: 'Baseline', ingress: [{ action: 'Deny', from: [CARE] }] }),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { namespace: 'shop', name: 'np' },
      spec: { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] },
    },
  ]);
  const ask = (port: string): Path => path(index, { from: 'nurse', to: 'shop/pod/till', port });
  const passed = ask('80');
  t.same(effects(passed, 'INGRESS'), [
    'ADMIN a PASS',
    '  /spec/ingress/0/from/0 PASS MATCHES',
    '  /spec/ingress/1/from/0 NOT_APPLICABLE PORT_NOT_LISTED',
    '  /spec/ingress/2/from/0 NOT_APPLICABLE DECIDED_BEFORE',
    'ADMIN b NOT_APPLICABLE',
    '  /spec/ingress/0/from/0 NOT_APPLICABLE DECIDED_BEFORE',
    'NETWORK_POLICY np ADMITS',
    '  /spec/ingress/0/from/0 ADMITS MATCHES',
    'BASELINE base NOT_APPLICABLE',
    '  /spec/ingress/0/from/0 NOT_APPLICABLE DECIDED_BEFORE',
  ]);
  const by = ({ legs }: Path): unknown => legs[1]?.decidedBy;
  t.match(by(passed), {
    kind: 'RULE',
    tier: 'NETWORK_POLICY',
    action: 'ALLOW',
    short: 'NP shop/np ingress[0] peer[0] port[*]',
  });
  t.match(by(ask('22')), {
    kind: 'RULE',
    tier: 'ADMIN',
    action: 'DENY',
    rule: { pointer: '/spec/ingress/1/from/0' },
    short: 'CNP a Admin ingress[1] Deny',
  });
  t.match(by(ask('443')), { tier: 'ADMIN', action: 'ALLOW', rule: { index: 2 } });
  t.same(
    ask('443').legs[1]?.alsoAllowedBy.map(({ policy }) => policy.name),
    ['np'],
    'without the cluster policy, the NetworkPolicy would allow it',
  );
  t.same(ask('22').legs[1]?.alsoAllowedBy, [], 'what is denied is allowed by nobody');
});

const KINDS: readonly ListKind[] = ['Pod', 'Namespace', 'Node', 'Service', 'EndpointSlice'];

async function dumpIndex(policy: KubeObject, without: ListKind): Promise<ReachIndex> {
  const kinds = [...KINDS, 'NetworkPolicy' as const].filter((kind) => kind !== without);
  const objects = CLUSTER.filter(({ kind }) => kind !== without);
  return compileIndex(await snapshotOfDump([...objects, policy], kinds), DEFAULT_OPTIONS);
}

t.test('who a policy is about is not known where a dump has no Namespaces', async (t) => {
  const spec = { subject: CARE, egress: [{ action: 'Deny', to: [ALL] }] };
  const index = await dumpIndex(cluster('p', spec), 'Namespace');
  const { verdict, reasons } = path(index, { from: 'nurse', to: 'till', port: '80' });
  t.equal(verdict, 'UNDETERMINED');
  t.match(reasons, [{ code: 'MISSING_KIND' }]);
  const list = { port: 'any', groupBy: 'POD', external: false, nodes: false } as const;
  t.equal(connectivity(index, list).complete, false);
  const named = { namespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'clinic' } } };
  const sure = await dumpIndex(cluster('p', { ...spec, subject: named }), 'Namespace');
  const verdicts = ['nurse', 'till'].map(
    (from) => path(sure, { from, to: 'shelf', port: '80' }).verdict,
  );
  t.same(verdicts, ['DENIED', 'ALLOWED'], 'the name is known');
});

t.test('which node an address is is not known where a dump has no Nodes', async (t) => {
  const to = [{ nodes: { matchLabels: { role: 'worker' } } }];
  const index = await dumpIndex(cluster('p', { egress: [{ action: 'Deny', to }] }), 'Node');
  const verdictOf = (ref: string): Verdict =>
    path(index, { from: 'till', to: ref, port: '80' }).verdict;
  t.same(['192.168.0.1', '203.0.113.1', 'node/n1', 'shelf'].map(verdictOf), [
    'UNDETERMINED',
    'UNDETERMINED',
    'UNDETERMINED',
    'ALLOWED',
  ]);
  const open = await dumpIndex(cluster('p', { egress: [{ action: 'Accept', to }] }), 'Node');
  t.equal(path(open, { from: 'till', to: '192.168.0.1', port: '80' }).verdict, 'ALLOWED');
});

t.test(
  'of equal priorities, those that deny win in one dialect, and only over others',
  async (t) => {
    const rule = (action: string, number: number): object => ({
      action,
      from: [CARE],
      protocols: [{ tcp: { destinationPort: { number } } }],
    });
    const objects = [
      ...CLUSTER,
      cluster('a', { ingress: [rule('Deny', 80), rule('Accept', 81)] }),
      cluster('b', { ingress: [rule('Accept', 80), rule('Pass', 81)] }),
    ];
    const index = await indexOf(objects, { priorityTies: 'deny-wins' });
    const verdictOf = (port: string): Verdict =>
      path(index, { from: 'nurse', to: 'till', port }).verdict;
    t.same(['80', '81', '82'].map(verdictOf), ['DENIED', 'UNDETERMINED', 'ALLOWED']);
  },
);

t.test('lists name the cluster policies that allow', async (t) => {
  const index = await indexOf([
    ...CLUSTER,
    cluster('p', {
      ingress: [
        { action: 'Accept', from: [CARE] },
        { action: 'Deny', from: [ALL] },
      ],
    }),
  ]);
  const list = whoCanReach(index, {
    target: 'shop/pod/till',
    port: '80',
    groupBy: 'POD',
    exclude: [],
    implicit: false,
  });
  const rows = list
    .slice(0, 10)
    .filter(({ from }) => from.kind === 'Pod')
    .map(({ from, because }) => [from.ref, because.map((one) => one.pointer)]);
  t.same(rows, [['clinic/pod/nurse', ['/spec/ingress/0/from/0']]]);
});

t.test('every node is selected by no label, but an address need not be one', async (t) => {
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'n0', name: 'a', labels: {} },
    spec: { nodeName: 'w1', containers: [] },
    status: { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] },
  };
  const egress = [{ action: 'Deny', to: [{ nodes: {} }] }];
  const kinds = EVERY_KIND.filter((kind) => kind !== 'Node');
  const index = compileIndex(
    await snapshotOfDump([pod, cluster('p', { egress })], kinds),
    DEFAULT_OPTIONS,
  );
  const verdictTo = (to: string): Verdict =>
    path(index, { from: 'n0/pod/a', to, port: '80' }).verdict;
  t.equal(verdictTo('node/w1'), 'DENIED', 'its name is all that is known of it, and enough');
  t.equal(verdictTo('203.0.113.9'), 'UNDETERMINED', 'there may be a node of this address');
});
