import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { parse } from 'yaml';
import { SETTINGS, environmentName, loadSettings } from '../../src/cli/config.ts';
import type { Setting, SettingName } from '../../src/cli/config.ts';
import { engineOptions, readingChoice } from '../../src/cli/settings-parts.ts';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS, engineId } from '../../src/engine/options.ts';
import type { EngineOptions } from '../../src/engine/options.ts';
import { connectionsBetween } from '../../src/engine/pair/connections-between.ts';
import type { End } from '../../src/engine/pair/connections-between.ts';
import { dialectOptions } from '../../src/engine/dialects.ts';
import { DIALECT_NAMES } from '../../src/model/dialect.ts';
import { PodreachError } from '../../src/model/errors.ts';
import { READING_DEFAULTS } from '../../src/model/reading.ts';
import { path, pathVerdict } from '../../src/engine/queries/path.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import { underOptions } from '../../src/engine/under-options.ts';
import { connectionsOf, printConnections } from '../../src/model/connection-set.ts';
import { clusterPolicies } from '../support/cluster-policy-objects.ts';
import { snapshotOf, snapshotOfText } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
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

/*
 * Each folder of test/options is named after an option and shows, on a cluster of its own, the verdicts under
 * every value of it, the default first. Values are written as a user sets them.
 */

const ROOT = fileURLToPath(new URL('../options/', import.meta.url));

interface OptionFixture {
  readonly summary: string;
  readonly ask: readonly {
    readonly from: string;
    readonly to: string;
    /** `other`: what is not TCP, UDP or SCTP, between two pods. */
    readonly port: string;
    /** By value of the option: a verdict, or `REFUSED` where there is no snapshot to ask. */
    readonly want: Readonly<Record<string, string>>;
  }[];
}

const fixtureOf = (option: string): OptionFixture =>
  parse(readFileSync(`${ROOT}${option}/expected.yaml`, 'utf8')) as OptionFixture;

/** The values that the help names; none for free text. */
function valuesOf(name: SettingName): readonly string[] {
  const { kind } = SETTINGS[name] as Setting<unknown>;
  return kind.unit === 'text' ? [] : kind.unit.split(/ \| | or /);
}

t.test('each option has a folder with each of its values, the default first', (t) => {
  const { source, ...reading } = READING_DEFAULTS.MANIFESTS;
  t.equal(source, 'MANIFESTS', 'is told by the objects, and no option');
  // Only `ways-in` looks at it, and its tests show it.
  const { ingressControllers, ...judging } = DEFAULT_OPTIONS;
  t.equal(ingressControllers, null);
  const names = [...Object.keys(judging), ...Object.keys(reading)].sort();
  t.same(readdirSync(ROOT).sort(), names);
  for (const name of names as SettingName[]) {
    const { summary, ask } = fixtureOf(name);
    const { kind, fallback } = SETTINGS[name] as Setting<unknown>;
    t.ok(summary !== '' && ask.length !== 0, `${name}: says what it shows and asks for it`);
    const shown = new Map<string, Set<string>>();
    for (const { want } of ask) {
      const [first] = Object.keys(want);
      t.equal(first, kind.print(fallback), `${name}: the default is first`);
      for (const [value, verdict] of Object.entries(want)) {
        t.not(kind.parse(value), undefined, `${name}=${value} can be set`);
        shown.set(value, (shown.get(value) ?? new Set()).add(verdict));
      }
    }
    for (const value of valuesOf(name)) t.ok(shown.has(value), `${name}=${value} is shown`);
    const differs = ask.some(({ want }) => 1 < new Set(Object.values(want)).size);
    t.ok(differs, `${name}: its values do not all say the same`);
  }
  t.end();
});

for (const option of readdirSync(ROOT) as SettingName[]) {
  t.test(`${option}: ${fixtureOf(option).summary}`, async (t) => {
    const cluster = readFileSync(`${ROOT}${option}/cluster.yaml`, 'utf8');
    for (const { from, to, port, want } of fixtureOf(option).ask) {
      for (const [value, verdict] of Object.entries(want)) {
        const found = await answerUnder(cluster, { from, to, port }, [option, value]);
        t.equal(found, verdict, `${from} -> ${to} ${port} with ${option}=${value}`);
      }
    }
  });
}

async function answerUnder(
  cluster: string,
  { from, to, port }: { readonly from: string; readonly to: string; readonly port: string },
  [option, value]: readonly [SettingName, string],
): Promise<string | undefined> {
  const environment = value === '' ? {} : { [environmentName(option)]: value };
  const settings = loadSettings({ flags: {}, environment });
  try {
    const reading = { ...readingChoice(settings), source: 'MANIFESTS' } as const;
    const snapshot = await snapshotOfText(cluster, reading);
    const index = compileIndex(snapshot, engineOptions(settings));
    if (port !== 'other') return path(index, { from, to, port }).verdict;
    return connectionsBetween(index, podEnd(from), podEnd(to), 4)?.other;
  } catch (error) {
    if (error instanceof PodreachError && error.code === 'bad-input') return 'REFUSED';
    throw error;
  }
}

/** The pod `shop/pod/till`. */
function podEnd(ref: string): End {
  const [namespace = '', , name = ''] = ref.split('/');
  return { kind: 'pod', namespace, name };
}

/** An end of a pair of a random world, as its objects tell. */
interface WorldEnd {
  readonly ref: string;
  /** Of a pod that is not on the network of its node. */
  readonly kind: 'pod' | 'host' | 'service' | 'outside';
  readonly namespace: string | undefined;
  /** Undefined: not known, or none. */
  readonly node: string | undefined;
}

type WorldTest = (
  ends: { readonly from: WorldEnd; readonly to: WorldEnd },
  text: string,
) => boolean;

const oneIs = (...kinds: readonly WorldEnd['kind'][]): WorldTest => {
  return ({ from, to }) => kinds.includes(from.kind) || kinds.includes(to.kind);
};
const toService: WorldTest = ({ to }) => to.kind === 'service';
const never: WorldTest = () => false;

/** Where each option may change a verdict (semantics 4.2); `text` is that of the policies of both ends. */
const REACH_OF_OPTIONS: readonly (readonly [Partial<EngineOptions>, WorldTest])[] = [
  [
    { ipBlockMatchesPods: false },
    ({ from, to }, text) =>
      from.kind === 'pod' && ['pod', 'service'].includes(to.kind) && text.includes('"ipBlock"'),
  ],
  [
    { ipBlockMatchesNodes: false },
    (ends, text) => oneIs('host', 'service')(ends, text) && text.includes('"ipBlock"'),
  ],
  ...(['both', 'none'] as const).map((localNode): [Partial<EngineOptions>, WorldTest] => [
    { localNode },
    ({ from, to }, text) =>
      oneIs('host')({ from, to }, text) &&
      (to.kind === 'service' ||
        from.node === undefined ||
        to.node === undefined ||
        from.node === to.node),
  ]),
  [{ selfViaService: 'evaluate' }, ({ from, to }) => from.kind === 'pod' && to.kind === 'service'],
  [{ hostNetworkPods: 'asPod' }, oneIs('host', 'service')],
  [{ hostNetworkNamespace: 'n0' }, oneIs('host', 'service')],
  [
    { namedPortContainers: 'regular+init' },
    (ends, text) => toService(ends, text) || /"port":"/.test(text),
  ],
  [
    { namedPortContainers: 'regular' },
    (ends, text) => toService(ends, text) || /"port":"/.test(text),
  ],
  [{ namedPortScope: 'policy' }, (_ends, text) => /"port":"/.test(text)],
  [{ notReadyEndpoints: 'include' }, toService],
  [
    { externalSource: 'client' },
    ({ from, to }) => from.kind === 'outside' && to.kind === 'service',
  ],
  [{ externalSource: 'node' }, ({ from, to }) => from.kind === 'outside' && to.kind === 'service'],
  [{ priorityTies: 'deny-wins' }, never],
  [{ priorityTies: 'reject' }, never],
  [{ icmp: 'follow-isolation' }, never],
  [{ vendorPolicies: 'ignore' }, never],
];

t.test('an option changes verdicts only where it has something to say', async (t) => {
  const input = fc.tuple(worlds(), fc.nat(REACH_OF_OPTIONS.length - 1));
  let changes = 0;
  await holds(input, 0.005, async ([objects, at]) => {
    const [option, mayChange] = REACH_OF_OPTIONS[at] ?? [{}, never];
    const base = compileIndex(await snapshotOf(objects), DEFAULT_OPTIONS);
    const other = underOptions(base, { ...DEFAULT_OPTIONS, ...option });
    const ends = endsOf(objects);
    return ends.flatMap((from) =>
      ends.flatMap((to) => {
        if (from.kind === 'service') return [];
        const args = { from: from.ref, to: to.ref, port: 'any' };
        const [a, b] = [base, other].map((index) => pathVerdict(index, args).verdict);
        if (a === b) return [];
        changes += 1;
        const policies = objects.filter(
          ({ kind, metadata: { namespace } }) =>
            kind === 'NetworkPolicy' && [from.namespace, to.namespace].includes(namespace),
        );
        if (mayChange({ from, to }, JSON.stringify(policies))) return [];
        return [`${JSON.stringify(option)} ${from.ref} -> ${to.ref}: ${a} <> ${b}`];
      }),
    );
  });
  t.ok(0 < changes, 'some changed');
});

function endsOf(objects: readonly KubeObject[]): WorldEnd[] {
  const ends = objects.flatMap(({ kind, metadata, spec }): WorldEnd[] => {
    const { namespace, name } = metadata;
    if (kind === 'Service') {
      return [{ ref: `${namespace}/svc/${name}`, kind: 'service', namespace, node: undefined }];
    }
    if (kind === 'Node') {
      return [{ ref: `node/${name}`, kind: 'host', namespace: undefined, node: name }];
    }
    if (kind !== 'Pod') return [];
    const { hostNetwork, nodeName } = spec as { hostNetwork?: boolean; nodeName?: string };
    const place = hostNetwork === true ? 'host' : 'pod';
    return [{ ref: `${namespace}/pod/${name}`, kind: place, namespace, node: nodeName }];
  });
  const outside = { kind: 'outside', namespace: undefined, node: undefined } as const;
  return [...ends, { ref: '8.8.8.8', ...outside }, { ref: '10.0.0.250', ...outside }];
}
