import fc from 'fast-check';
import t from 'tap';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS, engineId } from '../../src/engine/options.ts';
import type { EngineOptions } from '../../src/engine/options.ts';
import { connectionsBetween } from '../../src/engine/pair/connections-between.ts';
import type { End } from '../../src/engine/pair/connections-between.ts';
import { dialectOptions } from '../../src/engine/dialects.ts';
import { DIALECT_NAMES } from '../../src/model/dialect.ts';
import { path, pathVerdict } from '../../src/engine/queries/path.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import { underOptions } from '../../src/engine/under-options.ts';
import { connectionsOf, printConnections } from '../../src/model/connection-set.ts';
import { clusterPolicies } from '../support/cluster-policy-objects.ts';
import { snapshotOf, snapshotOfText } from '../support/cluster.ts';
import { holds } from '../support/property.ts';
import { worlds } from '../support/worlds.ts';

// Each option of semantics 4.2 against its default, on one cluster.

const CLUSTER = `
apiVersion: v1
kind: Namespace
metadata: { name: host, labels: { role: host } }
---
apiVersion: v1
kind: Node
metadata: { name: n1 }
status: { addresses: [{ type: InternalIP, address: 192.168.0.1 }] }
---
apiVersion: v1
kind: Node
metadata: { name: n2 }
status: { addresses: [{ type: InternalIP, address: 192.168.0.2 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: a, namespace: x, labels: { app: a, closed: 'yes' } }
spec:
  nodeName: n1
  initContainers: [{ name: i, ports: [{ name: setup, containerPort: 7000 }] }]
  containers: [{ name: c, ports: [{ name: http, containerPort: 8080 }] }]
status: { phase: Running, podIP: 10.0.0.1, podIPs: [{ ip: 10.0.0.1 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: b, namespace: x, labels: { app: b, closed: 'yes' } }
spec:
  nodeName: n1
  containers: [{ name: c, ports: [{ name: http, containerPort: 9090 }] }]
status: { phase: Running, podIP: 10.0.0.2, podIPs: [{ ip: 10.0.0.2 }], conditions: [{ type: Ready, status: 'False' }] }
---
apiVersion: v1
kind: Pod
metadata: { name: client, namespace: x, labels: { app: client } }
spec: { nodeName: n2, containers: [{ name: c }] }
status: { phase: Running, podIP: 10.0.0.3, podIPs: [{ ip: 10.0.0.3 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: agent, namespace: x, labels: { app: agent } }
spec: { nodeName: n2, hostNetwork: true, containers: [{ name: c }] }
status: { phase: Running, podIP: 192.168.0.2, podIPs: [{ ip: 192.168.0.2 }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: named, namespace: x }
spec:
  podSelector: { matchLabels: { closed: 'yes' } }
  policyTypes: [Ingress, Egress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: client } } }]
      ports: [{ port: http }, { port: setup }]
    - from: [{ namespaceSelector: { matchLabels: { role: host } } }]
      ports: [{ port: 22 }]
    - from: [{ ipBlock: { cidr: 192.168.0.2/32 } }]
      ports: [{ port: 23 }]
    - from: [{ podSelector: { matchLabels: { app: agent } } }]
      ports: [{ port: 24 }]
---
apiVersion: v1
kind: Service
metadata: { name: a, namespace: x }
spec: { type: NodePort, selector: { app: a }, ports: [{ port: 80, targetPort: 1 }] }
---
apiVersion: v1
kind: Service
metadata: { name: b, namespace: x }
spec: { selector: { app: b }, ports: [{ port: 80, targetPort: 9090 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: open, namespace: x, labels: { app: open } }
spec: { nodeName: n1, containers: [{ name: c }] }
status: { phase: Running, podIP: 10.0.0.9, podIPs: [{ ip: 10.0.0.9 }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: nodes, namespace: x }
spec: { podSelector: { matchLabels: { app: open } }, ingress: [{ from: [{ ipBlock: { cidr: 192.168.0.0/24 } }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: open, namespace: x }
spec: { type: NodePort, selector: { app: open }, ports: [{ port: 80 }] }
`;

const pod = (name: string): End => ({ kind: 'pod', namespace: 'x', name });
const node = (name: string): End => ({ kind: 'node', name });

interface DialectCase {
  readonly option: Partial<EngineOptions>;
  readonly from: End;
  readonly to: End;
  readonly byDefault: string;
  readonly want: string;
}

const CASES: readonly DialectCase[] = [
  {
    option: { namedPortScope: 'policy' },
    from: pod('client'),
    to: pod('b'),
    byDefault: 'TCP 9090',
    want: 'TCP 8080,9090',
  },
  {
    option: { namedPortContainers: 'regular+init' },
    from: pod('client'),
    to: pod('a'),
    byDefault: 'TCP 8080',
    want: 'TCP 7000,8080',
  },
  {
    option: { hostNetworkNamespace: 'host' },
    from: node('n2'),
    to: pod('a'),
    byDefault: 'TCP 23',
    want: 'TCP 22-23',
  },
  {
    option: { ipBlockMatchesNodes: false },
    from: node('n2'),
    to: pod('a'),
    byDefault: 'TCP 23',
    want: 'none',
  },
  {
    option: { hostNetworkPods: 'asPod' },
    from: pod('agent'),
    to: pod('a'),
    byDefault: 'TCP 23',
    want: 'TCP 23-24',
  },
  { option: { localNode: 'none' }, from: node('n1'), to: pod('a'), byDefault: 'all', want: 'none' },
  { option: { localNode: 'both' }, from: pod('a'), to: node('n1'), byDefault: 'none', want: 'all' },
];

for (const { option, from, to, byDefault, want } of CASES) {
  t.test(`${JSON.stringify(option)} changes ${byDefault} to ${want}`, async (t) => {
    const snapshot = await snapshotOfText(CLUSTER, { source: 'MANIFESTS' });
    const allowed = (options: Partial<EngineOptions>): string => {
      const index = compileIndex(snapshot, { ...DEFAULT_OPTIONS, ...options });
      const found = connectionsBetween(index, from, to, 4);
      return found === undefined ? 'no case' : printConnections(found.allowed);
    };
    t.equal(allowed({}), byDefault);
    t.equal(allowed(option), want);
  });
}

t.test('options about Services', async (t) => {
  const snapshot = await snapshotOfText(CLUSTER, { source: 'MANIFESTS' });
  const ask = (from: string, to: string, options: Partial<EngineOptions>): string => {
    const index = compileIndex(snapshot, { ...DEFAULT_OPTIONS, ...options });
    const { verdict, allowed } = path(index, { from, to, port: '80' });
    return `${verdict} ${printConnections(connectionsOf(allowed))}`;
  };
  t.equal(ask('x/pod/a', 'x/svc/a', {}), 'ALLOWED TCP 80');
  t.equal(ask('x/pod/a', 'x/svc/a', { selfViaService: 'evaluate' }), 'DENIED none');
  t.equal(ask('203.0.113.1', 'x/svc/a', {}), 'UNDETERMINED none');
  t.equal(ask('203.0.113.1', 'x/svc/a', { externalSource: 'client' }), 'DENIED none');
  t.equal(ask('203.0.113.1', 'x/svc/b', { externalSource: 'node' }), 'DENIED none', 'no NodePort');
  t.equal(ask('203.0.113.1', 'x/svc/open', { externalSource: 'conditional' }), 'UNDETERMINED none');
  t.equal(ask('203.0.113.1', 'x/svc/open', { externalSource: 'node' }), 'ALLOWED TCP 80');
  t.equal(ask('x/client', 'x/svc/b', {}), 'DENIED none');
  t.equal(ask('x/client', 'x/svc/b', { notReadyEndpoints: 'include' }), 'ALLOWED TCP 80');
});

t.test('ICMP to an isolated pod is open, or follows the isolation', async (t) => {
  const snapshot = await snapshotOfText(CLUSTER, { source: 'MANIFESTS' });
  const other = (icmp: EngineOptions['icmp']): string | undefined =>
    connectionsBetween(
      compileIndex(snapshot, { ...DEFAULT_OPTIONS, icmp }),
      pod('client'),
      pod('a'),
      4,
    )?.other;
  t.equal(other('unspecified'), 'UNSPECIFIED');
  t.equal(other('follow-isolation'), 'DENIED');
});

t.test('the engine names its version and the options that differ', async (t) => {
  t.equal(engineId(DEFAULT_OPTIONS), '2');
  t.equal(
    engineId({ ...DEFAULT_OPTIONS, localNode: 'both', ipBlockMatchesPods: false }),
    '2;ipBlockMatchesPods=false;localNode=both',
  );
});

/** `option=value VERDICT` of each option that would change the answer. */
function flips(index: ReachIndex, from: string, to: string, port: string): string[] {
  const { assumptions = [] } = path(index, { from, to, port });
  return assumptions.map(({ option, value, verdict }) => `${option}=${value} ${verdict}`);
}

t.test('a path names the options that would change its verdict, and no others', async (t) => {
  const snapshot = await snapshotOfText(CLUSTER, { source: 'MANIFESTS' });
  const cases: readonly (readonly [from: string, to: string, port: string, flips: string[]])[] = [
    ['x/client', 'x/pod/b', '9090', []],
    ['x/client', 'x/pod/b', '8080', ['namedPortScope=policy ALLOWED']],
    ['x/client', 'x/pod/a', '7000', ['namedPortContainers=regular+init ALLOWED']],
    ['node/n2', 'x/pod/a', '23', ['ipBlockMatchesNodes=false DENIED']],
    ['x/agent', 'x/pod/a', '24', ['hostNetworkPods=asPod ALLOWED']],
    ['node/n1', 'x/pod/a', '99', ['localNode=none DENIED']],
    ['x/pod/a', 'node/n1', '99', ['localNode=both ALLOWED']],
    ['x/pod/a', 'x/svc/a', '80', ['selfViaService=evaluate DENIED']],
    ['x/client', 'x/svc/b', '80', ['notReadyEndpoints=include ALLOWED']],
  ];
  for (const [from, to, port, wanted] of cases) {
    const index = compileIndex(snapshot, DEFAULT_OPTIONS);
    t.same(flips(index, from, to, port), wanted, `${from} -> ${to} ${port}`);
    const { verdict, assumptions = [] } = path(index, { from, to, port });
    for (const { option, value, verdict: other, message } of assumptions) {
      const options = { ...DEFAULT_OPTIONS, [option ?? '']: value };
      const told = path(compileIndex(snapshot, options), { from, to, port });
      t.equal(told.verdict, other, `${message}: as compiled`);
      t.ok(message.startsWith(`${verdict} here, ${other} with`));
    }
  }
});

t.test('what a verdict hangs on is found by asking again, whatever the world', async (t) => {
  const values: readonly Partial<EngineOptions>[] = [
    { ipBlockMatchesPods: false },
    { ipBlockMatchesNodes: false },
    { localNode: 'both' },
    { localNode: 'none' },
    { hostNetworkPods: 'asPod' },
    { namedPortContainers: 'regular+init' },
    { namedPortContainers: 'regular' },
    { namedPortScope: 'policy' },
    { selfViaService: 'evaluate' },
    { priorityTies: 'deny-wins' },
  ];
  const input = fc.tuple(worlds(), clusterPolicies(2), fc.nat(values.length - 1));
  await holds(input, 0.003, async ([objects, policies, at]) => {
    const options = { ...DEFAULT_OPTIONS, ...values[at] };
    const snapshot = await snapshotOf([...objects, ...policies]);
    const base = compileIndex(snapshot, DEFAULT_OPTIONS);
    const [compiled, derived] = [compileIndex(snapshot, options), underOptions(base, options)];
    const pods = objects.flatMap(({ kind, metadata: { namespace = 'default', name } }) =>
      kind === 'Pod' ? [`${namespace}/pod/${name}`] : [],
    );
    const ends = [...pods, 'node/*', '10.0.0.250', 'internet'];
    return pods.flatMap((to) =>
      ends.flatMap((from) => {
        const args = { from, to, port: 'any' };
        const [a, b] = [compiled, derived].map((index) => JSON.stringify(pathVerdict(index, args)));
        return a === b ? [] : [`${JSON.stringify(values[at])} ${from} -> ${to}: ${a} <> ${b}`];
      }),
    );
  });
  t.pass('no counterexample');
});

t.test('policies that disagree are rejected whole in one dialect', async (t) => {
  const rule = (action: string, number: number): object => ({
    action,
    from: [{ namespaces: {} }],
    protocols: [{ tcp: { destinationPort: { number } } }],
  });
  const policy = (name: string, ...ingress: readonly object[]): string =>
    JSON.stringify({
      apiVersion: 'policy.networking.k8s.io/v1alpha2',
      kind: 'ClusterNetworkPolicy',
      metadata: { name },
      spec: { tier: 'Admin', priority: 1, subject: { namespaces: {} }, ingress },
    });
  const policies = [
    policy('p', rule('Deny', 80), rule('Deny', 81)),
    policy('q', rule('Accept', 80)),
  ];
  const text = `${CLUSTER}\n---\n${policies.join('\n---\n')}\n`;
  const snapshot = await snapshotOfText(text, { source: 'MANIFESTS' });
  const verdicts = (priorityTies: EngineOptions['priorityTies']): string[] => {
    const index = compileIndex(snapshot, { ...DEFAULT_OPTIONS, priorityTies });
    return ['80', '81'].map(
      (port) => path(index, { from: 'x/client', to: 'x/pod/open', port }).verdict,
    );
  };
  t.same(verdicts('report'), ['UNDETERMINED', 'DENIED']);
  t.same(verdicts('deny-wins'), ['DENIED', 'DENIED']);
  t.same(verdicts('reject'), ['UNDETERMINED', 'UNDETERMINED']);
});

t.test('each plugin differs from the default in what it is known for', async (t) => {
  t.same(
    DIALECT_NAMES.map((name) => `${name} ${engineId(dialectOptions(name))}`),
    [
      'upstream 2',
      'calico 2;namedPortContainers=regular+init;selfViaService=evaluate',
      'cilium 2;ipBlockMatchesNodes=false;ipBlockMatchesPods=false',
      'antrea 2;namedPortContainers=regular',
      'openshift 2;hostNetworkNamespace=openshift-host-network',
      'aws 2;namedPortContainers=regular;namedPortScope=policy',
      'kube-router 2',
    ],
  );
});
