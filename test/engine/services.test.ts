import t from 'tap';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { connectivity } from '../../src/engine/queries/connectivity.ts';
import { path } from '../../src/engine/queries/path.ts';
import { reachableFrom } from '../../src/engine/queries/reachable-from.ts';
import { whoCanReach } from '../../src/engine/queries/who-can-reach.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { Path } from '../../src/model/answer.ts';
import { connectionsOf, printConnections } from '../../src/model/connection-set.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { snapshotOfText } from '../support/cluster.ts';

// What stands between a question and the pods: Services, addresses, and kinds that are not there.

const CLUSTER = `
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
metadata: { name: web, namespace: shop, labels: { app: web } }
spec:
  nodeName: n1
  containers: [{ name: a, ports: [{ name: http, containerPort: 8080 }, { name: http, containerPort: 9090 }] }]
status: { phase: Running, podIP: 10.0.0.1, podIPs: [{ ip: 10.0.0.1 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: client, namespace: shop, labels: { app: client } }
spec: { nodeName: n2, containers: [{ name: a }] }
status: { phase: Running, podIP: 10.0.0.2, podIPs: [{ ip: 10.0.0.2 }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress:
    - from: [{ podSelector: {} }, { ipBlock: { cidr: 203.0.113.0/24 } }]
      ports: [{ port: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec:
  type: NodePort
  clusterIP: 10.96.0.1
  selector: { app: web }
  ports: [{ name: public, port: 80, targetPort: http }, { name: admin, port: 81, targetPort: 9090 }]
---
apiVersion: v1
kind: Service
metadata: { name: local, namespace: shop }
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  selector: { app: web }
  ports: [{ port: 80, targetPort: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: headless, namespace: shop }
spec: { clusterIP: None, selector: { app: web }, ports: [{ name: web, port: 8080, targetPort: 1 }] }
---
apiVersion: v1
kind: Service
metadata: { name: manual, namespace: shop }
spec: { ports: [{ port: 80 }] }
`;

async function cluster(
  edit: (snapshot: Snapshot) => Partial<Snapshot> = () => ({}),
): Promise<ReachIndex> {
  const snapshot = await snapshotOfText(CLUSTER, { source: 'MANIFESTS' });
  return compileIndex({ ...snapshot, ...edit(snapshot) }, DEFAULT_OPTIONS);
}

/** The same cluster as a dump in which `kind` was not listed. */
function without(...kinds: readonly string[]): (snapshot: Snapshot) => Partial<Snapshot> {
  return ({ coverage }) => ({
    source: 'LIVE',
    coverage: coverage.map((entry) =>
      kinds.includes(entry.kind) ? { ...entry, status: 'ABSENT' } : entry,
    ),
  });
}

interface Case {
  readonly name: string;
  readonly ask: readonly [from: string, to: string, port: string];
  readonly want: string;
  readonly reasons?: readonly string[];
  readonly edit?: (snapshot: Snapshot) => Partial<Snapshot>;
}

const CASES: readonly Case[] = [
  {
    name: 'a Service port is judged on the pod port it leads to',
    ask: ['shop/client', 'shop/svc/web', '80'],
    want: 'ALLOWED TCP 80',
  },
  {
    name: 'a named target port is its first declaration, not every one',
    ask: ['shop/client', 'shop/svc/web', 'tcp/public'],
    want: 'ALLOWED TCP 80',
  },
  {
    name: 'a port that leads to a closed pod port is denied',
    ask: ['shop/client', 'shop/svc/web', '81'],
    want: 'DENIED none',
    reasons: ['INGRESS_NOT_ADMITTED'],
  },
  {
    name: 'any port of a Service is the ports it has',
    ask: ['shop/client', 'shop/svc/web', 'any'],
    want: 'PARTIAL TCP 80',
  },
  {
    name: 'a port that the Service lacks is denied, with those it has',
    ask: ['shop/client', 'shop/svc/web', '8080'],
    want: 'DENIED none',
    reasons: ['NO_SUCH_SERVICE_PORT'],
  },
  {
    name: 'a lacking port beside one that is there is part of the answer',
    ask: ['shop/client', 'shop/svc/web', '80,443'],
    want: 'PARTIAL TCP 80',
    reasons: ['NO_SUCH_SERVICE_PORT'],
  },
  {
    name: 'a pod that meets itself through its own Service is let in by the NetworkPolicy tier',
    ask: ['shop/web', 'shop/svc/web', '81'],
    want: 'ALLOWED TCP 81',
    reasons: ['SELF'],
  },
  {
    name: 'an outside client of a NodePort may arrive as any node',
    ask: ['203.0.113.9', 'shop/svc/web', '80'],
    want: 'UNDETERMINED none',
    reasons: ['CONDITIONAL'],
  },
  {
    name: 'an outside client of a load balancer that keeps addresses is judged as itself',
    ask: ['203.0.113.9', 'shop/svc/local', '80'],
    want: 'ALLOWED TCP 80',
  },
  {
    name: 'and is denied as itself',
    ask: ['198.51.100.9', 'shop/svc/local', '80'],
    want: 'DENIED none',
  },
  {
    name: 'a headless Service translates nothing',
    ask: ['shop/client', 'shop/svc/headless', '8080'],
    want: 'ALLOWED TCP 8080',
  },
  {
    name: 'a name of a headless Service is its own port number',
    ask: ['shop/client', 'shop/svc/headless', 'tcp/web'],
    want: 'ALLOWED TCP 8080',
  },
  {
    name: 'a Service without selector and endpoints leads nowhere',
    ask: ['shop/client', 'shop/svc/manual', '80'],
    want: 'DENIED none vacuous',
    reasons: ['NO_ENDPOINTS'],
  },
  {
    name: 'unless the dump has no EndpointSlices: then it is not known',
    ask: ['shop/client', 'shop/svc/manual', '80'],
    want: 'UNDETERMINED none',
    reasons: ['MISSING_KIND'],
    edit: without('EndpointSlice'),
  },
  {
    name: 'without EndpointSlices the selector says where a Service leads, and that is told',
    ask: ['shop/client', 'shop/svc/web', '80'],
    want: 'ALLOWED TCP 80',
    reasons: ['ENDPOINTS_FROM_SELECTOR'],
    edit: without('EndpointSlice'),
  },
  {
    name: 'a private address may be a node that the dump does not have',
    ask: ['192.168.0.77', 'shop/web', '8080'],
    want: 'UNDETERMINED none',
    reasons: ['MISSING_KIND'],
    edit: without('Node'),
  },
  {
    name: 'a public address is no node',
    ask: ['203.0.113.9', 'shop/web', '8080'],
    want: 'ALLOWED TCP 8080',
    edit: without('Node'),
  },
  {
    name: 'a kind that nobody vouched for is not covered',
    ask: ['shop/client', 'shop/web', '8080'],
    want: 'UNDETERMINED none',
    reasons: ['MISSING_KIND'],
    edit: () => ({ source: 'LIVE', coverage: [] }),
  },
  {
    name: 'a name that no pod declares is denied as such',
    ask: ['shop/client', 'shop/web', 'tcp/grpc'],
    want: 'DENIED none',
    reasons: ['PORT_NAME_NOT_DECLARED'],
  },
  {
    name: 'a number asked of pods is theirs, and a Service of that name that translates it is told',
    ask: ['shop/client', 'shop/web', '80'],
    want: 'DENIED none',
    reasons: ['SERVICE_PORT_NOT_TRANSLATED'],
  },
];

function summary({ verdict, vacuous, allowed }: Path): string {
  return `${verdict} ${printConnections(connectionsOf(allowed))}${vacuous ? ' vacuous' : ''}`;
}

for (const { name, ask, want, reasons = [], edit } of CASES) {
  t.test(name, async (t) => {
    const [from, to, port] = ask;
    const answer = path(await cluster(edit), { from, to, port });
    t.equal(summary(answer), want);
    const codes = answer.reasons.map(({ code }) => code);
    for (const code of reasons) t.ok(codes.includes(code), code, { codes });
  });
}

t.test('a resolution says where each port leads and on how many pods', async (t) => {
  const { resolution } = path(await cluster(), {
    from: 'shop/client',
    to: 'shop/svc/web',
    port: 'any',
  });
  t.match(resolution?.ports, [
    { name: 'public', port: 80, targets: [{ port: 8080, podCount: 1 }] },
    { name: 'admin', port: 81, targets: [{ port: 9090, podCount: 1 }] },
  ]);
});

t.test('rows of a Service are in its own ports', async (t) => {
  const list = whoCanReach(await cluster(), {
    target: 'shop/svc/web',
    port: 'any',
    groupBy: 'POD',
    exclude: ['internet', 'node/*'],
    implicit: false,
  });
  const rows = list
    .slice(0, 10)
    .filter((row) => row.from.kind !== 'AddressRange')
    .map((row) => [row.from.key, row.verdict, row.ports]);
  t.same(rows, [['shop/pod/client', 'ALLOWED', [{ protocol: 'TCP', from: 80, to: 80 }]]]);
});

t.test('hops follow what was reached, each destination once', async (t) => {
  const chain = ['a', 'b', 'c', 'd'];
  const objects = chain.map(
    (name) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: x, labels: { app: ${name} } }
spec: { containers: [{ name: main }] }
`,
  );
  const policies = chain.map(
    (name, i) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: x }
spec:
  podSelector: { matchLabels: { app: ${name} } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: ${chain[i - 1] ?? 'none'} } } }] }]
  policyTypes: [Ingress, Egress]
  egress: [{ to: [{ podSelector: {} }] }]
`,
  );
  const snapshot = await snapshotOfText([...objects, ...policies].join('---\n'));
  const index = compileIndex(snapshot, DEFAULT_OPTIONS);
  const hops = (maxHops: number): unknown[] =>
    reachableFrom(index, {
      source: 'x/a',
      port: 'tcp/80',
      groupBy: 'WORKLOAD',
      exclude: [],
      implicit: false,
      maxHops,
    })
      .slice(0, 10)
      .map(({ from, to, hops: at }) => [from.name, to.name, at]);
  t.same(hops(1), [['a', 'b', undefined]]);
  t.same(hops(3), [
    ['a', 'b', 1],
    ['b', 'c', 2],
    ['c', 'd', 3],
  ]);
  t.throws(() => hops(0), { code: 'bad-query' });
});

t.test('connectivity over everything says which pods no other pod may reach', async (t) => {
  const index = await cluster();
  const args = { port: 'any', groupBy: 'POD', external: true, nodes: false } as const;
  const closed = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: client, namespace: shop }
spec: { podSelector: { matchLabels: { app: client } }, ingress: [] }
`;
  t.same(connectivity(index, args).unreachable, []);
  const snapshot = await snapshotOfText(CLUSTER + closed, { source: 'MANIFESTS' });
  const list = connectivity(compileIndex(snapshot, DEFAULT_OPTIONS), args);
  t.same(
    list.unreachable?.map(({ key }) => key),
    ['shop/pod/client'],
  );
  t.equal(list.unreachableCount, 1);
  t.equal(
    connectivity(index, { ...args, to: 'shop/web' }).unreachable,
    undefined,
    'of a part it says nothing',
  );
  const partial = connectivity(await cluster(without('NetworkPolicy')), args);
  t.equal(partial.unreachable, undefined, 'nor where it cannot be known');
});

t.test('a dump without Nodes knows some addresses of a node at best', async (t) => {
  const text = `${CLUSTER}---
apiVersion: v1
kind: Pod
metadata: { name: agent, namespace: shop, labels: { app: agent } }
spec: { nodeName: n2, hostNetwork: true, containers: [{ name: a }] }
status: { phase: Running, podIP: 192.168.0.2, podIPs: [{ ip: 192.168.0.2 }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: out, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Egress]
  egress: [{ to: [{ ipBlock: { cidr: 192.168.0.0/16 } }] }]
`;
  const snapshot = await snapshotOfText(text, { source: 'MANIFESTS' });
  const ask = (edit: Partial<Snapshot>): Path =>
    path(compileIndex({ ...snapshot, ...edit }, DEFAULT_OPTIONS), {
      from: 'shop/web',
      to: 'shop/agent',
      port: '9100',
    });
  t.equal(ask({}).verdict, 'ALLOWED', 'the Node says that this is its address');
  const cluster = { ...snapshot.cluster, nodes: [] };
  const answer = ask({ ...without('Node')(snapshot), cluster });
  t.equal(answer.verdict, 'UNDETERMINED', 'another address of it may be meant');
  t.match(answer.reasons[0], { code: 'MISSING_KIND', missing: [{ kind: 'Node' }] });
});
