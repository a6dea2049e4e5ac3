import t from 'tap';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS, engineId } from '../../src/engine/options.ts';
import type { EngineOptions } from '../../src/engine/options.ts';
import { connectionsBetween } from '../../src/engine/pair/connections-between.ts';
import type { End } from '../../src/engine/pair/connections-between.ts';
import { path } from '../../src/engine/queries/path.ts';
import { connectionsOf, printConnections } from '../../src/model/connection-set.ts';
import { snapshotOfText } from '../support/cluster.ts';

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
  t.equal(engineId(DEFAULT_OPTIONS), '1');
  t.equal(
    engineId({ ...DEFAULT_OPTIONS, localNode: 'both', ipBlockMatchesPods: false }),
    '1;ipBlockMatchesPods=false;localNode=both',
  );
});
