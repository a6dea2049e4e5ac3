import t from 'tap';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { path } from '../../src/engine/queries/path.ts';
import type { Leg, Path } from '../../src/model/answer.ts';
import { connectionsOf, printConnections } from '../../src/model/connection-set.ts';
import { printPorts } from '../../src/render/port-text.ts';
import { toJson } from '../../src/render/wire.ts';
import { snapshotOfText } from '../support/cluster.ts';

/*
 * Explanations as data: what each peer and port of each rule did, and what an expert would be told
 * first. Questions go from `lab/guest` (or another pod) to `shop/api`, which has the policies.
 */

const pod = (ref: string, labels: string, spec = ''): string => {
  const [namespace = '', name = ''] = ref.split('/');
  return `
apiVersion: v1
kind: Pod
metadata: {namespace: ${namespace}, name: ${name}, labels: {${labels}}}
spec: {nodeName: n1, ${spec}containers: [{name: main, ports: [{name: http, containerPort: 8080}]}]}
`;
};

const BASE = `
apiVersion: v1
kind: Namespace
metadata: {name: lab, labels: {team: research}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}
---${pod('lab/guest', 'app: guest, role: client')}status: {podIP: 10.1.0.7, podIPs: [{ip: 10.1.0.7}]}
---${pod('shop/api', 'app: api')}status: {podIP: 10.1.0.8, podIPs: [{ip: 10.1.0.8}]}
---${pod('lab/agent', 'app: agent', 'hostNetwork: true, ')}status: {podIP: 192.168.0.2, hostIP: 192.168.0.1}
`;

/** A policy on `shop/api` with these ingress rules, in the flow form of YAML. */
const policy = (name: string, ingress: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: ${name}}
spec: {podSelector: {matchLabels: {app: api}}, ingress: ${ingress}}
`;

const clusterPolicy = (name: string, priority: number, rule: string, tier = 'Admin'): string => `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: ${name}}
spec: {tier: ${tier}, priority: ${priority}, subject: {namespaces: {}}, ingress: [${rule}]}
`;

async function ask(policies: readonly string[], from = 'lab/pod/guest', port = 'tcp/8080') {
  const text = [BASE, ...policies].join('\n---\n');
  const snapshot = await snapshotOfText(text, { source: 'MANIFESTS', file: 'all.yaml' });
  return path(compileIndex(snapshot, DEFAULT_OPTIONS), { from, to: 'shop/pod/api', port });
}

function legOf(answer: Path, direction: Leg['direction']): Leg {
  const leg = answer.legs.find((one) => one.direction === direction);
  if (leg === undefined) throw new Error(`no leg ${direction}`);
  return leg;
}

const PEERS = [
  [
    'podSelector: {}',
    'OTHER_NAMESPACE',
    'pods of namespace shop only, and pod lab/guest is in lab',
  ],
  ['namespaceSelector: {}', 'MATCHES', 'selects pod lab/guest'],
  [
    'namespaceSelector: {matchLabels: {team: ops}}',
    'NAMESPACE_LABELS_DIFFER',
    'namespaceSelector team=ops: namespace lab has team=research',
  ],
  [
    'namespaceSelector: {matchLabels: {stage: prod}}',
    'NAMESPACE_LABELS_DIFFER',
    'namespace lab has no label stage',
  ],
  [
    'namespaceSelector: {}, podSelector: {matchLabels: {role: server}}',
    'POD_LABELS_DIFFER',
    'podSelector role=server: pod lab/guest has role=client',
  ],
  ['ipBlock: {cidr: 10.0.0.0/8}', 'MATCHES', 'ipBlock 10.0.0.0/8: contains 10.1.0.7'],
  ['ipBlock: {cidr: 172.16.0.0/12}', 'OUTSIDE_RANGE', 'no address in ipBlock 172.16.0.0/12'],
  [
    'ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}',
    'EXCEPTED',
    '10.1.0.7 is in ipBlock 10.0.0.0/8 but excepted by 10.1.0.0/16',
  ],
] as const;

t.test('every peer of a rule says what happened to it, with the actual labels', async (t) => {
  const peers = PEERS.map(([peer]) => `{${peer}}`).join(', ');
  const answer = await ask([policy('many', `[{from: [${peers}]}]`)]);
  const [effect] = legOf(answer, 'INGRESS').policies;
  const [rule] = effect?.rules ?? [];
  t.equal(effect?.effect, 'ADMITS', 'one of them is enough');
  t.equal(rule?.portEntries, null, 'no list of ports: all of them');
  for (const [i, [written, code, message]] of PEERS.entries()) {
    const entry = rule?.peerEntries?.[i];
    t.equal(entry?.pointer, `/spec/ingress/0/from/${i}`, 'as the author counts');
    t.equal(entry?.match, code === 'MATCHES' ? 'YES' : 'NO', written);
    t.match(entry?.reason, { code, docs: `docs/reasons/${code}` }, written);
    t.ok(entry?.reason.message.includes(message), written, { entry });
  }
});

t.test('a pod with hostNetwork is told to count as its node', async (t) => {
  const rules = '[{from: [{namespaceSelector: {}}]}, {ports: [{port: 1}]}]';
  const answer = await ask([policy('pods', rules)], 'lab/pod/agent');
  t.match(legOf(answer, 'EGRESS').decidedBy, { kind: 'EXTERNAL' });
  t.match(answer.text, /it uses hostNetwork and counts as its node/);
  const [rule, other] = legOf(answer, 'INGRESS').policies[0]?.rules ?? [];
  t.match(rule?.peerEntries, [{ match: 'NO', reason: { code: 'NOT_A_POD' } }]);
  t.match(rule?.reason.message, /pod lab\/agent \(hostNetwork, so node n1\)/);
  t.equal(other?.peerEntries, null, 'no list of peers: everyone');
});

const PORTS = [
  ['port: 8080', 'YES', 'MATCHES', 'tcp/8080', 'TCP 8080'],
  ['port: http', 'YES', 'MATCHES', 'tcp/8080', 'port "http", TCP 8080 on the destination'],
  ['port: 443', 'NO', 'OTHER_PORT', 'tcp/443', 'TCP 443'],
  ['port: 8080, protocol: UDP', 'NO', 'OTHER_PORT', 'udp/8080', 'UDP 8080'],
  ['port: grpc', 'NO', 'PORT_NAME_NOT_DECLARED', '', 'no port "grpc" for TCP'],
  ['port: 8000, endPort: 8100', 'YES', 'MATCHES', 'tcp/8000-8100', 'TCP 8000-8100'],
] as const;

t.test('every port of a rule says what it stands for on the destination', async (t) => {
  const ports = PORTS.map(([port]) => `{${port}}`).join(', ');
  const answer = await ask([policy('ports', `[{ports: [${ports}]}]`)]);
  const [rule] = legOf(answer, 'INGRESS').policies[0]?.rules ?? [];
  for (const [i, [written, match, code, stands, message]] of PORTS.entries()) {
    const entry = rule?.portEntries?.[i];
    t.match(entry, { pointer: `/spec/ingress/0/ports/${i}`, match, reason: { code } }, written);
    const ranges = toJson(entry?.ports ?? []);
    t.equal(Array.isArray(ranges) ? printPorts(ranges) : undefined, stands, written);
    t.ok(entry?.reason.message.includes(message), written, { entry });
  }
});

t.test(
  'near misses come nearest first, three of them, and only of rules that could help',
  async (t) => {
    const rules = [
      [
        'far',
        '{from: [{namespaceSelector: {matchLabels: {team: ops}}, podSelector: {matchLabels: {app: x}}}]}',
      ],
      ['hole', '{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}'],
      ['label', '{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: guests}}}]}'],
      ['other-protocol', '{from: [{namespaceSelector: {}}], ports: [{port: 8080, protocol: UDP}]}'],
      ['port', '{from: [{namespaceSelector: {}}], ports: [{port: 80}]}'],
      ['space', '{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}'],
    ] as const;
    const answer = await ask(rules.map(([name, rule]) => policy(name, `[${rule}]`)));
    const leg = legOf(answer, 'INGRESS');
    const names = leg.nearest.map(({ rule }) => rule.policy.name);
    t.strictSame(
      names,
      ['port', 'label', 'space'],
      'port, pod labels, namespace, except, the rest',
    );
    t.match(leg.nearest[0], { peerMatch: true, portMatch: false, why: 'the rule allows TCP 80' });
    t.strictSame(
      leg.isolatedBy.map(({ name }) => name),
      rules.map(([name]) => name),
      'everything that isolates, sorted',
    );
    t.match(
      answer.text,
      /nearest: NetworkPolicy shop\/port \/spec\/ingress\/0\/from\/0 \(all.yaml:\d+\): the rule allows TCP 80\./,
    );
  },
);

t.test('a rule that fails in both peer and port is no hint for a ticket', async (t) => {
  const rule = '[{from: [{podSelector: {}}], ports: [{port: 1}]}]';
  const answer = await ask([policy('far', rule)]);
  t.equal(legOf(answer, 'INGRESS').nearest.length, 1, 'it is there as data');
  t.notMatch(answer.text, /nearest/);
});

t.test('tiers are explained in the order in which they are heard', async (t) => {
  const everyone = 'from: [{namespaces: {}}]';
  const answer = await ask([
    policy('open', '[{from: [{namespaceSelector: {}}]}]'),
    clusterPolicy('hand-over', 1, `{action: Pass, ${everyone}}`),
    clusterPolicy('late', 2, `{action: Deny, ${everyone}}`),
    clusterPolicy('base', 1, `{action: Deny, ${everyone}}`, 'Baseline'),
  ]);
  const leg = legOf(answer, 'INGRESS');
  t.equal(answer.verdict, 'ALLOWED');
  t.strictSame(
    leg.policies.map((one) => [one.tier, one.policy.name, one.effect, one.rules[0]?.reason.code]),
    [
      ['ADMIN', 'hand-over', 'PASS', 'MATCHES'],
      ['ADMIN', 'late', 'NOT_APPLICABLE', 'DECIDED_BEFORE'],
      ['NETWORK_POLICY', 'open', 'ADMITS', 'MATCHES'],
      ['BASELINE', 'base', 'NOT_APPLICABLE', 'DECIDED_BEFORE'],
    ],
  );
  t.match(leg.passed, [
    { tier: 'ADMIN', rule: { policy: { name: 'hand-over' }, index: 0 }, ports: [{ from: 8080 }] },
  ]);
  t.match(
    answer.text,
    /is allowed by NetworkPolicy shop\/open .*, after a pass by ClusterNetworkPolicy hand-over/,
  );
});

t.test('where a cluster policy denies, no rule of a NetworkPolicy is near', async (t) => {
  const answer = await ask([
    policy('closed', '[{from: [{podSelector: {}}]}]'),
    clusterPolicy('keep-out', 1, '{action: Deny, from: [{namespaces: {}}]}'),
  ]);
  const leg = legOf(answer, 'INGRESS');
  t.match(leg.decidedBy, { kind: 'RULE', tier: 'ADMIN', action: 'DENY' });
  t.strictSame(leg.nearest, []);
  t.strictSame(
    leg.isolatedBy.map(({ name }) => name),
    ['closed'],
  );
});

t.test('a port that a cluster policy lists is found where that kind writes it', async (t) => {
  const rule =
    '{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 22}}}]}';
  const answer = await ask([clusterPolicy('no-shell', 1, rule)]);
  const [told] = legOf(answer, 'INGRESS').policies[0]?.rules ?? [];
  t.match(told, {
    effect: 'NOT_APPLICABLE',
    reason: { code: 'PORT_NOT_LISTED', message: 'the rule is about TCP 22' },
    portEntries: [{ pointer: '/spec/ingress/0/protocols/0', match: 'NO' }],
  });
});

t.test('a ticket counts the other rules that allow the same', async (t) => {
  const rule = '[{from: [{namespaceSelector: {}}]}]';
  const answer = await ask([policy('one', rule), policy('two', rule), policy('zero', '[]')]);
  t.match(answer.text, /is allowed by NetworkPolicy shop\/one .* \(and by 1 other rule\)\./);
  t.strictSame(
    legOf(answer, 'INGRESS').alsoAllowedBy.map(({ policy }) => policy.name),
    ['two'],
  );
  const more = await ask(['one', 'two', 'three'].map((name) => policy(name, rule)));
  t.match(more.text, /\(and by 2 other rules\)\./);
});

t.test('the nearest of several peers is told, wherever it stands', async (t) => {
  const peers = [
    '{namespaceSelector: {matchLabels: {stage: prod}}}',
    '{namespaceSelector: {}, podSelector: {matchLabels: {role: server}}}',
    '{ipBlock: {cidr: 172.16.0.0/12}}',
  ];
  for (const turn of [0, 1, 2]) {
    const turned = [...peers.slice(turn), ...peers.slice(0, turn)];
    const answer = await ask([policy('near', `[{from: [${turned.join(', ')}]}]`)]);
    const [near] = legOf(answer, 'INGRESS').nearest;
    t.match(near?.why, /podSelector role=server: pod lab\/guest has role=client/, turned.join());
  }
});

t.test('each name among the ports of a rule is told with what it means', async (t) => {
  const two = pod('shop/two', 'app: two').replace(
    '{name: http, containerPort: 8080}',
    '{name: http, containerPort: 8080}, {name: admin, containerPort: 9090}',
  );
  const rules = '[{ports: [{port: http}, {port: 99}, {port: admin}, {port: other}]}]';
  const text = [BASE, two, policy('named', rules).replace('app: api', 'app: two')].join('\n---\n');
  const snapshot = await snapshotOfText(text, { source: 'MANIFESTS' });
  const index = compileIndex(snapshot, DEFAULT_OPTIONS);
  const answer = path(index, { from: 'lab/pod/guest', to: 'shop/pod/two', port: 'tcp/9090' });
  const [rule] = legOf(answer, 'INGRESS').policies[0]?.rules ?? [];
  t.same(
    rule?.portEntries?.map(({ ports }) => printConnections(connectionsOf(ports))),
    ['TCP 8080', 'TCP 99', 'TCP 9090', 'none'],
  );
  t.same(
    rule?.portEntries?.map(({ match }) => match),
    ['NO', 'NO', 'YES', 'NO'],
  );
});

t.test('an entry that hangs on a missing fact says which', async (t) => {
  const template = `
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: lab, name: planned}
spec: {selector: {matchLabels: {app: planned}}, template: {metadata: {labels: {app: planned}}, spec: {containers: []}}}
`;
  const rule = '[{from: [{ipBlock: {cidr: 10.1.0.0/24}}, {podSelector: {}}]}]';
  const answer = await ask([template, policy('block', rule)], 'lab/deploy/planned');
  const [told] = legOf(answer, 'INGRESS').policies[0]?.rules ?? [];
  t.equal(answer.verdict, 'UNDETERMINED');
  t.match(told, {
    effect: 'UNDECIDABLE',
    reason: { code: 'CONDITIONAL', message: /address of one end is not known/ },
    peerEntries: [
      { match: 'MAYBE', reason: { code: 'CONDITIONAL' } },
      { match: 'NO', reason: { code: 'OTHER_NAMESPACE' } },
    ],
  });
  t.match(answer.text, /cannot be decided because of NetworkPolicy shop\/block\./);
});

t.test('a port name whose meaning is not known leaves its rule open', async (t) => {
  const twin = pod('shop/api', 'app: api').replace('8080', '9090');
  const answer = await ask([twin, policy('named', '[{ports: [{port: http}]}]')]);
  const [told] = legOf(answer, 'INGRESS').policies[0]?.rules ?? [];
  t.equal(answer.verdict, 'UNDETERMINED');
  t.match(told, {
    effect: 'UNDECIDABLE',
    reason: { code: 'CONFLICTING_OBJECTS' },
    portEntries: [{ match: 'MAYBE', ports: [], reason: { code: 'CONFLICTING_OBJECTS' } }],
  });
});

t.test('a policy none of whose rules matches says how many there were', async (t) => {
  const answer = await ask([
    policy('closed', '[{from: [{podSelector: {}}]}, {ports: [{port: 1}]}]'),
  ]);
  const [told] = legOf(answer, 'INGRESS').policies;
  t.match(told?.reason, { code: 'NO_RULE_MATCHES', message: 'none of its 2 rules matches' });
});
