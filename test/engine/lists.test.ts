import fc from 'fast-check';
import t from 'tap';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { connectivity, connectivityInParts } from '../../src/engine/queries/connectivity.ts';
import { effective } from '../../src/engine/queries/effective.ts';
import { isolation } from '../../src/engine/queries/isolation.ts';
import { PAIRS_MAX, checkPairs } from '../../src/engine/queries/pair-limits.ts';
import { path } from '../../src/engine/queries/path.ts';
import { reachableFrom } from '../../src/engine/queries/reachable-from.ts';
import { paths } from '../../src/engine/queries/paths.ts';
import { whoCanReach } from '../../src/engine/queries/who-can-reach.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { Reach, ReachList } from '../../src/model/answer.ts';
import { connectionsOf, printConnections } from '../../src/model/connection-set.ts';
import { PodreachError } from '../../src/model/errors.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { toJson } from '../../src/render/wire.ts';
import { indexOf, snapshotOfText } from '../support/cluster.ts';
import { holds } from '../support/property.ts';
import { worlds } from '../support/worlds.ts';
import { withOwnService } from './agreement-lists.ts';

// Questions whose answers are easily almost right: each case was wrong once.

function pod(name: string, ip: string, more = ''): string {
  return `---
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: x
  labels: { app: ${name} }
  ${more}
spec: { nodeName: n1, containers: [{ name: c, ports: [{ name: http, containerPort: 8080 }] }] }
status: { phase: Running, podIP: ${ip}, podIPs: [{ ip: ${ip} }] }
`;
}

function policy(name: string, app: string, spec: string): string {
  return `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: x }
spec: { podSelector: { matchLabels: { app: ${app} } }, ${spec} }
`;
}

function service(name: string, spec: string): string {
  return `---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: x }
spec: { ${spec} }
`;
}

const PODS = pod('a', '10.1.0.1') + pod('b', '10.1.0.2') + pod('c', '10.1.0.3');

async function cluster(
  text: string,
  edit?: (snapshot: Snapshot) => Partial<Snapshot>,
): Promise<ReachIndex> {
  const snapshot = await snapshotOfText(text, { source: 'MANIFESTS' });
  return compileIndex({ ...snapshot, ...edit?.(snapshot) }, DEFAULT_OPTIONS);
}

function missing(...kinds: readonly string[]): (snapshot: Snapshot) => Partial<Snapshot> {
  return ({ coverage }) => ({
    source: 'LIVE',
    coverage: coverage.map((entry) =>
      kinds.includes(entry.kind) ? { ...entry, status: 'ABSENT' } : entry,
    ),
  });
}

function ask(index: ReachIndex, from: string, to: string, port = 'any'): string {
  const { verdict, vacuous, allowed, denied, reasons } = path(index, { from, to, port });
  const sets = [allowed, denied].map((ports) => printConnections(connectionsOf(ports)));
  const codes = reasons.map(({ code }) => code).join(',');
  return `${verdict}${vacuous ? ' vacuous' : ''} ${sets.join(' / ')} ${codes}`;
}

function rows(list: ReachList): string[] {
  return list
    .slice(0, 100)
    .map(({ from, to, verdict, ports, hops }) =>
      [from.key, to.key, verdict, printConnections(connectionsOf(ports)), hops]
        .filter((part) => part !== undefined)
        .join(' '),
    );
}

const LIST = { port: 'any', groupBy: 'WORKLOAD', exclude: [], implicit: false } as const;
const EVERYTHING = { port: 'any', groupBy: 'WORKLOAD', external: false, nodes: false } as const;

t.test('an end without pods is not known to be empty where the dump has no Pods', async (t) => {
  const index = await cluster(
    'apiVersion: v1\nkind: Namespace\nmetadata: { name: x }\n',
    missing('Pod'),
  );
  t.match(ask(index, 'x/*', '203.0.113.9', '80'), /^UNDETERMINED none .*MISSING_KIND/);
  t.match(ask(index, 'x?app=a', '*/*', '80'), /^UNDETERMINED/);
  const whole = await cluster('apiVersion: v1\nkind: Namespace\nmetadata: { name: x }\n');
  t.match(ask(whole, 'x/*', '203.0.113.9', '80'), /^DENIED vacuous .*NO_PODS/);
});

t.test('a list about a target that is not known is not complete', async (t) => {
  const text = PODS + service('manual', 'ports: [{ port: 80 }]');
  const index = await cluster(text, missing('EndpointSlice'));
  const lists = [
    whoCanReach(index, { ...LIST, target: 'x/svc/manual' }),
    reachableFrom(index, { ...LIST, source: 'x/a', to: 'x/svc/manual', maxHops: 1 }),
    connectivity(index, { ...EVERYTHING, to: 'x/svc/manual' }),
  ];
  for (const list of lists) {
    t.equal(list.complete, false);
    t.ok(list.reasons.some(({ code }) => code === 'MISSING_KIND'));
  }
});

t.test('lists that name nodes are not complete without them', async (t) => {
  const index = await cluster(PODS, missing('Node'));
  t.equal(whoCanReach(index, { ...LIST, target: 'x/a' }).complete, false);
  t.equal(connectivity(index, EVERYTHING).complete, true, 'nodes are not listed here');
  t.equal(connectivity(index, { ...EVERYTHING, nodes: true }).complete, false);
});

t.test('asked ports that lead nowhere are accounted for', async (t) => {
  const ports =
    'ports: [{ name: w, port: 80, targetPort: http }, { name: m, port: 90, targetPort: metrics }]';
  const index = await cluster(PODS + service('s', `selector: { app: a }, ${ports}`));
  t.match(ask(index, 'x/b', 'x/svc/s', '80,90'), /^PARTIAL TCP 80 \/ TCP 90 .*NO_ENDPOINTS/);
  t.match(ask(index, 'x/b', 'x/svc/s'), /^PARTIAL TCP 80 \/ TCP 90/);
  t.match(ask(index, 'x/b', 'x/svc/s', '90'), /^DENIED vacuous/);
  t.match(ask(index, 'x/b', 'x/svc/s', 'tcp/w,tcp/nope'), /^PARTIAL TCP 80 .*NO_SUCH_SERVICE_PORT/);
  t.match(ask(index, 'x/b', 'x/a', 'tcp/nope,80'), /^PARTIAL TCP 80 .*PORT_NAME_NOT_DECLARED/);
  t.match(ask(index, 'x/b', 'x/a', 'tcp/http,80'), /^ALLOWED TCP 80,8080/);
});

t.test('a load balancer lets in its source ranges only', async (t) => {
  const spec =
    'type: LoadBalancer, externalTrafficPolicy: Local, loadBalancerSourceRanges: [198.51.100.0/24], ' +
    'selector: { app: a }, ports: [{ port: 80, targetPort: 8080 }]';
  const index = await cluster(PODS + service('lb', spec));
  t.match(ask(index, '198.51.100.7', 'x/svc/lb', '80'), /^ALLOWED/);
  t.match(ask(index, '203.0.113.7', 'x/svc/lb', '80'), /^DENIED .*LOAD_BALANCER_SOURCE_RANGES/);
  t.match(ask(index, '198.51.100.0/23', 'x/svc/lb', '80'), /^PARTIAL/);
  t.match(ask(index, 'x/b', 'x/svc/lb', '80'), /^ALLOWED/, 'clients inside are not its concern');
  const list = whoCanReach(index, { ...LIST, target: 'x/svc/lb', exclude: ['x/*', 'node/*'] });
  t.same(rows(list), ['cidr:198.51.100.0/24 x/svc/lb ALLOWED TCP 80']);
});

t.test('a NodePort client may arrive as a node that is not known', async (t) => {
  const text =
    PODS +
    service('np', 'type: NodePort, selector: { app: a }, ports: [{ port: 80, targetPort: 8080 }]') +
    policy('p', 'a', 'ingress: [{ from: [{ ipBlock: { cidr: 198.51.100.0/24 } }] }]');
  const index = await cluster(text, missing('Node'));
  t.match(ask(index, '198.51.100.5', 'x/svc/np', '80'), /^UNDETERMINED/);
  t.match(ask(index, '203.0.113.5', 'x/svc/np', '80'), /^UNDETERMINED/);
});

t.test('a Service of one family has endpoints in that family', async (t) => {
  const dual = (name: string, v4: string, v6: string): string =>
    pod(name, v4).replace(`[{ ip: ${v4} }]`, `[{ ip: ${v4} }, { ip: '${v6}' }]`);
  const text =
    dual('a', '10.1.0.1', 'fd00::1') +
    dual('b', '10.1.0.2', 'fd00::2') +
    service(
      's',
      'clusterIP: 10.96.0.1, clusterIPs: [10.96.0.1], selector: { app: a }, ports: [{ port: 80 }]',
    ) +
    policy('p', 'a', 'ingress: [{ from: [{ ipBlock: { cidr: 10.1.0.0/24 } }] }]');
  const index = await cluster(text);
  t.match(ask(index, 'x/b', 'x/svc/s', '80'), /^ALLOWED/);
  t.match(ask(index, 'x/b', 'x/pod/a', '80'), /^PARTIAL/, 'by its own addresses it has two');
});

t.test('an endpoint on a node is not rewritten to somewhere unknown', async (t) => {
  const text = `apiVersion: v1
kind: Node
metadata: { name: n1 }
status: { addresses: [{ type: InternalIP, address: 192.168.0.1 }] }
${PODS}${service('api', 'clusterIP: 10.96.0.1, ports: [{ port: 443, targetPort: 6443 }]')}---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: api-1, namespace: x, labels: { kubernetes.io/service-name: api } }
addressType: IPv4
ports: [{ port: 6443, protocol: TCP }]
endpoints: [{ addresses: [192.168.0.1], conditions: { ready: true } }]
${policy('p', 'a', 'policyTypes: [Egress], egress: [{ to: [{ ipBlock: { cidr: 192.168.0.1/32 } }], ports: [{ port: 6443 }] }]')}`;
  t.match(ask(await cluster(text), 'x/a', 'x/svc/api', '443'), /^ALLOWED/);
});

t.test('a missing Node opens only what its own node would change', async (t) => {
  const text = PODS + policy('p', 'a', 'ingress: []');
  const index = await cluster(text, missing('Node'));
  t.match(ask(index, 'x/b', '10.5.5.5', '80'), /^ALLOWED/, 'to a node is as to any address');
  t.match(ask(index, '10.5.5.5', 'x/b', '80'), /^ALLOWED/);
  t.match(ask(index, '10.5.5.5', 'x/a', '80'), /^UNDETERMINED .*MISSING_KIND/);
});

t.test('connectivity to a Service is in its ports, and an alias is no destination', async (t) => {
  const text =
    PODS +
    service('s', 'selector: { app: a }, ports: [{ port: 80, targetPort: 8080 }]') +
    service('alias', 'type: ExternalName, externalName: db.example.com') +
    policy('p', 'a', 'ingress: [{ ports: [{ port: 8080 }] }]');
  const index = await cluster(text);
  t.same(rows(connectivity(index, { ...EVERYTHING, from: 'x/b', to: 'x/svc/s', port: '80' })), [
    'x/pod/b x/svc/s ALLOWED TCP 80',
  ]);
  t.throws(() => connectivity(index, { ...EVERYTHING, to: 'x/svc/alias' }), {
    code: 'ref-not-found',
  });
  const [row] = reachableFrom(index, { ...LIST, source: 'x/b', to: 'x/svc/s', maxHops: 1 }).slice(
    0,
    1,
  );
  t.same(
    row?.because.map(({ pointer }) => pointer),
    ['/spec/ingress/0'],
  );
});

const OWNER =
  'ownerReferences: [{ apiVersion: apps/v1, kind: StatefulSet, name: w, controller: true, uid: u }]';
const owned = (name: string, ip: string, app: string): string =>
  pod(name, ip, OWNER).replace(`{ app: ${name} }`, `{ app: ${app} }`);

t.test(
  'hops go on from pods that were reached, and a target filters rows, not the way',
  async (t) => {
    const mixed =
      PODS +
      owned('w-0', '10.1.0.10', 'w0') +
      owned('w-1', '10.1.0.11', 'w1') +
      policy('w1', 'w1', 'ingress: []') +
      policy('w0', 'w0', 'policyTypes: [Egress], egress: []') +
      policy('c', 'c', 'ingress: [{ from: [{ podSelector: { matchLabels: { app: w1 } } }] }]') +
      policy(
        'a',
        'a',
        'policyTypes: [Egress], egress: [{ to: [{ podSelector: { matchLabels: { app: w0 } } }, { podSelector: { matchLabels: { app: w1 } } }] }]',
      );
    const index = await cluster(mixed);
    const hops = { ...LIST, port: '80', source: 'x/a', maxHops: 2 } as const;
    t.same(
      rows(reachableFrom(index, hops)).filter(
        (row) => row.includes('/sts/w') || row.includes('pod/b') || row.includes('pod/c'),
      ),
      ['x/pod/a x/sts/w PARTIAL TCP 80 1'],
    );
    const chain = await cluster(
      PODS +
        policy('b', 'b', 'ingress: [{ from: [{ podSelector: { matchLabels: { app: a } } }] }]') +
        policy('c', 'c', 'ingress: [{ from: [{ podSelector: { matchLabels: { app: b } } }] }]'),
    );
    t.same(rows(reachableFrom(chain, { ...hops, to: 'x/c' })), [
      'x/pod/b x/pod/c ALLOWED TCP 80 2',
    ]);
  },
);

t.test('what is excluded does not come back as an outside address', async (t) => {
  const index = await cluster(PODS);
  const list = whoCanReach(index, { ...LIST, target: 'x/a', exclude: ['10.0.0.0/8', 'node/*'] });
  const [row] = list.slice(0, 1);
  t.equal(list.totalCount, 1);
  t.notOk(
    row?.from.cidrs?.some((cidr) => cidr.startsWith('10.')),
    'the pods of 10.0.0.0/8 are pods',
  );
  const named = connectivity(index, { ...EVERYTHING, from: '10.0.0.0/8', to: 'x/c' });
  const range = named.slice(0, 10).find(({ from }) => from.kind === 'AddressRange');
  t.same(range?.from.cidrs, ['10.0.0.0/8'], 'owned addresses are not cut out of what is printed');
});

t.test('of one pod of a workload, rows in both directions are one row', async (t) => {
  const text =
    owned('w-0', '10.1.0.10', 'w0') +
    owned('w-1', '10.1.0.11', 'w1') +
    policy('w0', 'w0', 'ingress: [{ ports: [{ port: 90 }] }]') +
    policy('w1', 'w1', 'ingress: [{ ports: [{ port: 80 }] }]');
  const list = connectivity(await cluster(text), { ...EVERYTHING, of: 'x/pod/w-0' });
  t.same(rows(list), ['x/sts/w x/sts/w PARTIAL TCP 80,90']);
  t.equal(list.slice(0, 1)[0]?.podPairs, 2);
});

t.test('a workload is isolated when every pod of it is', async (t) => {
  const text =
    owned('w-0', '10.1.0.10', 'w0') +
    owned('w-1', '10.1.0.11', 'w1') +
    policy('p', 'w0', 'ingress: []');
  const list = isolation(await cluster(text), { of: '*/*', groupBy: 'WORKLOAD' });
  t.match(list.slice(0, 1), [{ ingress: { isolated: false, policies: [{ name: 'p' }] } }]);
  t.equal(list.complete, true);
});

t.test('a workload that runs no pods is not running', async (t) => {
  const text = `${PODS}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: idle, namespace: x }
spec: { replicas: 0, selector: { matchLabels: { app: idle } }, template: { metadata: { labels: { app: idle } }, spec: { containers: [{ name: c }] } } }
`;
  t.match(ask(await cluster(text), 'x/a', 'x/deploy/idle', '80'), /^DENIED vacuous .*NOT_RUNNING/);
});

/** `count` pods `x/p-0` and on, all of one party, and what a test adds. */
function equalPods(count: number): string {
  return Array.from({ length: count }, (_, i) =>
    pod(`p-${i}`, `10.2.${i >> 8}.${i & 255}`).replace(`{ app: p-${i} }`, '{ app: p }'),
  ).join('');
}

t.test('pods of one party are judged once, however many rows they make', async (t) => {
  const index = await cluster(PODS + equalPods(300) + policy('p', 'p', 'egress: []'));
  let judged = 0;
  const counting: ReachIndex = {
    ...index,
    certain: (...pair) => {
      judged += 1;
      return index.certain(...pair);
    },
  };
  const list = whoCanReach(counting, { ...LIST, groupBy: 'POD', target: 'x/a' });
  t.ok(300 < list.totalCount);
  t.ok(judged < 30, `${judged} judgements`);
  const before = judged;
  const again = whoCanReach(counting, {
    ...LIST,
    groupBy: 'POD',
    target: 'x/a',
    exclude: ['x/pod/p-7'],
  });
  t.equal(again.totalCount, list.totalCount - 1);
  t.ok(judged - before < 10, 'what is left out judges nothing again but addresses');
  const [one, two] = list.slice(10, 2);
  t.equal(one?.because, two?.because, 'and told with the same objects');
  t.equal(one?.ports, two?.ports);
});

t.test('pairs come in parts, with the rows of one source at a time', async (t) => {
  const index = await cluster(equalPods(300));
  let count = 0;
  let longest = 0;
  const parts = connectivityInParts(index, { ...EVERYTHING, groupBy: 'POD' })?.parts() ?? [];
  for (const part of parts) {
    count += part?.totalCount ?? 0;
    longest = Math.max(longest, part?.totalCount ?? 0);
  }
  t.equal(count, 300 * 299);
  t.equal(longest, 299);
});

t.test('of several ports that are asked a row says whether all of them are open', async (t) => {
  const index = await cluster(PODS + policy('p', 'b', 'ingress: [{ ports: [{ port: 80 }] }]'));
  const asked = { ...EVERYTHING, groupBy: 'POD' } as const;
  const verdictOf = (rows: readonly Reach[]): string | undefined =>
    rows.find(({ from, to }) => from.ref === 'x/pod/a' && to.ref === 'x/pod/b')?.verdict;
  const inParts = (port: string): readonly Reach[] =>
    [...(connectivityInParts(index, { ...asked, port })?.parts() ?? [])].flatMap(
      (part) => part?.slice(0, part.totalCount) ?? [],
    );
  const target = { target: 'x/pod/b', groupBy: 'POD', exclude: [], implicit: false } as const;
  const source = { source: 'x/pod/a', groupBy: 'POD', exclude: [], implicit: false } as const;
  for (const [port, wanted] of [
    ['any', 'ALLOWED'],
    ['80', 'ALLOWED'],
    ['80,81', 'PARTIAL'],
    ['81', undefined],
  ] as const) {
    const lists = {
      connectivity: connectivity(index, { ...asked, port }),
      'connectivity of one': connectivity(index, { ...asked, of: 'x/pod/b', port }),
      whoCanReach: whoCanReach(index, { ...target, port }),
      reachableFrom: reachableFrom(index, { ...source, maxHops: 1, port }),
    };
    for (const [name, list] of Object.entries(lists)) {
      t.equal(verdictOf(list.slice(0, list.totalCount)), wanted, `${name} on ${port}`);
    }
    t.equal(verdictOf(inParts(port)), wanted, `in parts on ${port}`);
  }
});

t.test('pods that are left out are not in the row of their workload', async (t) => {
  const owner =
    'ownerReferences: [{ apiVersion: apps/v1, kind: StatefulSet, name: s, controller: true }]';
  const index = await cluster(
    pod('s-0', '10.1.0.1', owner) + pod('s-1', '10.1.0.2', owner) + pod('t', '10.1.0.3'),
  );
  const pairs = (exclude: readonly string[]): readonly (number | undefined)[] => {
    const row = { port: 'any', groupBy: 'WORKLOAD', exclude, implicit: false } as const;
    const into = whoCanReach(index, { target: 'x/pod/t', ...row }).slice(0, 99);
    const out = reachableFrom(index, { source: 'x/pod/t', maxHops: 1, ...row }).slice(0, 99);
    return [
      into.find(({ from }) => from.name === 's')?.podPairs,
      out.find(({ to }) => to.name === 's')?.podPairs,
    ];
  };
  t.same(pairs([]), [2, 2]);
  t.same(pairs(['x/pod/s-1']), [1, 1]);
  t.same(pairs(['x/pod/s-0', 'x/pod/s-1']), [undefined, undefined]);
});

t.test('a private address may be a pod or a node that the dump does not have', async (t) => {
  const closed = policy('p', 'a', 'ingress: [{ from: [{ podSelector: {} }] }]');
  const live = compileIndex(
    await snapshotOfText(pod('a', '10.1.0.1') + closed, { source: 'LIVE' }),
    DEFAULT_OPTIONS,
  );
  const whole = await cluster(pod('a', '10.1.0.1') + closed);
  for (const [from, ofDump, ofAll] of [
    ['10.9.9.9', 'UNDETERMINED', 'DENIED'],
    ['198.51.100.7', 'DENIED', 'DENIED'],
  ] as const) {
    const [dump, all] = [live, whole].map((index) =>
      path(index, { from, to: 'x/pod/a', port: '80' }),
    );
    t.equal(dump?.verdict, ofDump, `${from} in a dump`);
    t.equal(all?.verdict, ofAll, `${from} where everything is there`);
  }
});

t.test('the parts of all pairs are the rows of their list, in its order', async () => {
  const refs = [undefined, 'n0/*', '*/*', '*?app=a', '10.0.0.0/8', 'n0/svc/wide'];
  const asked = fc.record({
    port: fc.constantFrom('any', '80', 'tcp/http,81', '80,udp/53'),
    groupBy: fc.constantFrom('POD' as const, 'WORKLOAD' as const, 'NAMESPACE' as const),
    external: fc.boolean(),
    nodes: fc.boolean(),
    from: fc.constantFrom(...refs.slice(0, 5)),
    to: fc.constantFrom(...refs),
  });
  const questions = fc.tuple(worlds().map(withOwnService), asked);
  await holds(questions, 0.004, async ([objects, { from, to, ...rest }]) => {
    const index = await indexOf(objects);
    const args = {
      ...rest,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    };
    const told = (list: ReachList | undefined): string[] =>
      (list?.slice(0, list.totalCount) ?? []).map((row) => JSON.stringify(toJson(row)));
    let whole: string[];
    let parts: string[];
    try {
      whole = told(connectivity(index, args));
      parts = [...(connectivityInParts(index, args)?.parts() ?? [])].flatMap(told);
    } catch (error) {
      // A name that this world does not have.
      if (error instanceof PodreachError) return [];
      throw error;
    }
    const at = whole.findIndex((row, i) => row !== parts[i]);
    if (at < 0 && whole.length === parts.length) return [];
    return [`${JSON.stringify(args)}: row ${at} of ${whole.length}, ${parts.length}`];
  });
});

t.test('a named port means nothing outside of the cluster, a number beside it does', async (t) => {
  const index = await cluster(PODS);
  const verdict = (to: string, port: string): string =>
    path(index, { from: 'x/pod/a', to, port }).verdict;
  t.equal(verdict('203.0.113.9', 'tcp/http'), 'DENIED');
  t.equal(verdict('203.0.113.9', '80,tcp/http'), 'PARTIAL');
  t.equal(verdict('x/pod/b', '80,tcp/http'), 'ALLOWED');
  t.equal(verdict('x/pod/b', 'tcp/web,tcp/http'), 'PARTIAL');
});

function parameterOf(ask: () => unknown): unknown {
  try {
    return ask();
  } catch (error) {
    return error instanceof PodreachError ? error.details.parameter : error;
  }
}

t.test('an error says which parameter it is about', async (t) => {
  const index = await cluster(PODS);
  const [ok, nobody] = ['x/pod/a', 'x/pod/nobody'];
  const rest = { port: 'any', groupBy: 'POD', exclude: [], implicit: false } as const;
  const asks: Readonly<Record<string, readonly (() => unknown)[]>> = {
    target: [() => whoCanReach(index, { target: nobody, ...rest })],
    source: [() => reachableFrom(index, { source: nobody, maxHops: 1, ...rest })],
    from: [
      () => path(index, { from: nobody, to: ok, port: 'any' }),
      () => connectivity(index, { ...EVERYTHING, from: nobody }),
    ],
    to: [
      () => path(index, { from: ok, to: nobody, port: 'any' }),
      () => connectivity(index, { ...EVERYTHING, to: nobody }),
    ],
    of: [
      () => isolation(index, { of: nobody, groupBy: 'POD' }),
      () => effective(index, { of: nobody }),
      () => connectivity(index, { ...EVERYTHING, of: nobody }),
    ],
    exclude: [() => whoCanReach(index, { target: ok, ...rest, exclude: [nobody] })],
    port: [
      () => path(index, { from: ok, to: ok, port: 'x' }),
      () => whoCanReach(index, { target: ok, ...rest, port: 'x' }),
      () => connectivity(index, { ...EVERYTHING, port: 'x' }),
    ],
  };
  for (const [parameter, each] of Object.entries(asks)) {
    for (const ask of each) t.equal(parameterOf(ask), parameter);
  }
});

t.test('of many paths each has its own answer, or its own error', async (t) => {
  const index = await cluster(PODS + policy('p', 'b', 'ingress: []'));
  const ask = (to: string) => ({ from: 'x/pod/a', to, port: '80' });
  const questions = [ask('x/pod/b'), ask('x/pod/nobody'), ask('x/pod/c')];
  for (const detail of ['verdict', 'full'] as const) {
    const answers = paths(index, { questions, detail });
    t.same(
      answers.map((one) => (one instanceof PodreachError ? one.code : one.verdict)),
      ['DENIED', 'ref-not-found', 'ALLOWED'],
    );
    t.equal('text' in (answers[0] ?? {}), detail === 'full');
  }
});

t.test('a table of rules is complete where all policies are known', async (t) => {
  const rules = effective(await cluster(PODS), { of: '*/*' });
  t.same([rules.complete, rules.reasons], [true, []]);
  const dump = await snapshotOfText(PODS, { source: 'LIVE' });
  const open = effective(compileIndex(dump, DEFAULT_OPTIONS), { of: '*/*' });
  t.equal(open.complete, false);
  t.ok(open.reasons.some(({ code }) => code === 'MISSING_KIND'));
});

t.test('isolation of all pods is that of pods that are named one by one', async () => {
  await holds(worlds(), 0.002, async (objects) => {
    const index = await indexOf(objects);
    return (['POD', 'WORKLOAD', 'NAMESPACE'] as const).flatMap((groupBy) => {
      // A label that no pod has: the same pods, each of them looked at.
      const [every, named] = ['*/*', '*?!no-pod-has-this'].map((of) => {
        const list = isolation(index, { of, groupBy });
        const reasons = list.totalCount === 0 || list.reasons;
        return JSON.stringify({ complete: list.complete, reasons, rows: list.slice(0, 99) });
      });
      return every === named ? [] : [`${groupBy}: ${every ?? ''} and ${named ?? ''}`];
    });
  });
});

t.test('one verdict about too many pairs is refused, and says what to ask instead', (t) => {
  t.doesNotThrow(() => checkPairs(PAIRS_MAX, PAIRS_MAX));
  t.throws(() => checkPairs(PAIRS_MAX + 1, PAIRS_MAX), {
    code: 'answer-too-large',
    message: /connectivity/,
  });
  t.end();
});

t.test('a pod that is only written down is in a block that all private space is in', async (t) => {
  const deployment = (name: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: x }
spec: { selector: { matchLabels: { app: ${name} } }, template: { metadata: { labels: { app: ${name} } }, spec: { containers: [{ name: c }] } } }
`;
  const cases: readonly (readonly [block: string, verdict: string, except?: string])[] = [
    ['0.0.0.0/0', 'ALLOWED'],
    ['0.0.0.0/0', 'ALLOWED', '9.0.0.0/8'],
    ['0.0.0.0/0', 'ALLOWED', '11.0.0.0/8'],
    ['0.0.0.0/0', 'ALLOWED', '192.169.0.0/16'],
    ['0.0.0.0/0', 'UNDETERMINED', '10.0.0.0/32'],
    ['0.0.0.0/0', 'UNDETERMINED', '192.168.255.255/32'],
    ['0.0.0.0/0', 'UNDETERMINED', '100.64.0.0/10'],
    ['10.0.0.0/32', 'UNDETERMINED'],
    ['192.168.255.255/32', 'UNDETERMINED'],
    ['9.0.0.0/8', 'DENIED'],
    ['11.0.0.0/8', 'DENIED'],
    ['192.169.0.0/16', 'DENIED'],
    ['fc00::/7', 'UNDETERMINED'],
    ['2001:db8::/32', 'DENIED'],
  ];
  for (const [cidr, verdict, except] of cases) {
    const block = `{ cidr: '${cidr}', except: [${except === undefined ? '' : `'${except}'`}] }`;
    const spec = `ingress: [{ from: [{ ipBlock: ${block} }] }]`;
    const index = await cluster(deployment('a') + deployment('b') + policy('p', 'b', spec));
    const answer = path(index, { from: 'x/deploy/a', to: 'x/deploy/b', port: '80' });
    t.equal(answer.verdict, verdict, block);
  }
});
