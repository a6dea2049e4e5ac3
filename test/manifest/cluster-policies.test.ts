import t from 'tap';
import { parse } from 'yaml';
import { PodreachError } from '../../src/model/errors.ts';
import type { Policy } from '../../src/model/policy.ts';
import { printSelector } from '../../src/model/selector.ts';
import type { Snapshot, SnapshotSource } from '../../src/model/snapshot.ts';
import { build, complaints, namespaceOf, object, pod } from './build.ts';

const GROUP = 'policy.networking.k8s.io';
const VERSIONS = {
  ANP: [`${GROUP}/v1alpha1`, 'AdminNetworkPolicy', 'p'],
  BANP: [`${GROUP}/v1alpha1`, 'BaselineAdminNetworkPolicy', 'default'],
  CNP: [`${GROUP}/v1alpha2`, 'ClusterNetworkPolicy', 'p'],
} as const;
type Initials = keyof typeof VERSIONS;

/** What each kind needs besides the rules. */
const WHOLE: Readonly<Record<Initials, string>> = {
  ANP: 'priority: 1, subject: {namespaces: {}}',
  BANP: 'subject: {namespaces: {}}',
  CNP: 'tier: Admin, priority: 1, subject: {namespaces: {}}',
};

function written(kind: Initials, spec: string): Record<string, unknown> {
  const [apiVersion, name, own] = VERSIONS[kind];
  return object(apiVersion, name, own, { spec: parse(`{${spec}}`) as unknown });
}

async function decode(
  kind: Initials,
  spec: string,
  source: SnapshotSource = 'MANIFESTS',
): Promise<{ policy: Policy | undefined; snapshot: Snapshot; found: string[] }> {
  const pods = object('v1', 'Pod', 'n/p', { spec: {} });
  const snapshot = await build([pods, written(kind, spec)], { source });
  const [policy] = snapshot.cluster.policies;
  const found = complaints(snapshot).filter((text) => !/^(NAMESPACE|PEER)_/.test(text));
  return { policy, snapshot, found };
}

t.test('the kinds are tiers, in the order of their priorities', async (t) => {
  const rule = 'from: [{namespaces: {}}]';
  const cases: readonly (readonly [Initials, spec: string, tier: string, order: number])[] = [
    [
      'ANP',
      `priority: 7, subject: {namespaces: {}}, ingress: [{action: Allow, ${rule}}]`,
      'admin',
      7,
    ],
    ['BANP', `subject: {namespaces: {}}, ingress: [{action: Deny, ${rule}}]`, 'baseline', 1001],
    [
      'CNP',
      `tier: Admin, priority: 0, subject: {namespaces: {}}, ingress: [{action: Accept, ${rule}}]`,
      'admin',
      0,
    ],
    [
      'CNP',
      `tier: Baseline, priority: 1000, subject: {namespaces: {}}, ingress: [{action: Pass, ${rule}}]`,
      'baseline',
      1000,
    ],
  ];
  for (const [kind, spec, tier, order] of cases) {
    const { policy, snapshot, found } = await decode(kind, spec);
    t.match(policy, { tier, order, applies: { ingress: true, egress: false } }, spec);
    t.same(found, [], spec);
    const [, name] = VERSIONS[kind];
    t.match(
      snapshot.coverage.find((row) => row.kind === name),
      { status: 'COMPLETE', count: 1 },
    );
  }
});

t.test('v1beta1 is read like v1alpha2, and both of one object are one object', async (t) => {
  const spec = parse(`{${WHOLE.CNP}}`) as unknown;
  const of = (version: string): unknown =>
    object(`${GROUP}/${version}`, 'ClusterNetworkPolicy', 'p', { spec });
  const snapshot = await build([pod('web'), of('v1alpha2'), of('v1beta1')]);
  t.equal(snapshot.cluster.policies.length, 1);
  t.same(complaints(snapshot), []);
});

/** Peers and ports of the only rule, as text. */
function printRule(policy: Policy | undefined): string {
  const rule = policy?.egress[0] ?? policy?.ingress[0];
  if (rule === undefined) return 'none';
  const peers =
    rule.peers === 'every'
      ? 'every'
      : rule.peers.map(({ index, atom }) => {
          if (atom.kind === 'addresses') return `${index}:${atom.cidr} ${atom.owned}`;
          if (atom.kind === 'nodes') return `${index}:nodes ${printSelector(atom.selector)}`;
          if (atom.kind === 'opaque') return `${index}:?`;
          const { namespaces, pods } = atom.selection;
          const scope = namespaces.kind === 'named' ? '' : printSelector(namespaces.selector);
          return `${index}:{${scope}}?${printSelector(pods)}`;
        });
  const ports =
    rule.ports === 'every'
      ? 'every'
      : rule.ports.map((port) =>
          port.kind === 'name'
            ? `${port.protocol ?? '*'} ${port.name}`
            : `${port.protocol} ${port.from}-${port.to}`,
        );
  return `${rule.action} ${[peers].flat().join(' ')} on ${[ports].flat().join(' ')}`;
}

interface RuleCase {
  readonly kind: Initials;
  readonly rule: string;
  readonly want: string;
  /** Codes of problems, and of those in a live dump where they differ. */
  readonly found?: readonly string[];
  readonly live?: readonly string[];
}

const RULES: readonly RuleCase[] = [
  {
    kind: 'CNP',
    rule: 'action: Accept, to: [{pods: {namespaceSelector: {matchLabels: {a: b}}, podSelector: {matchLabels: {c: d}}}}]',
    want: 'allow 0:{a=b}?c=d on every',
  },
  {
    kind: 'CNP',
    rule: 'action: Pass, to: [{namespaces: {}}, {nodes: {matchLabels: {a: b}}}, {networks: [10.0.0.0/8, "fd00::/8"]}]',
    want: 'pass 0:{<all>}?<all> 1:nodes a=b 2:10.0.0.0/8 always 2:fd00::/8 always on every',
  },
  {
    kind: 'CNP',
    rule: 'action: Accept, to: [{domainNames: ["*.example.com", example.org.]}]',
    want: 'allow 0:? on every',
  },
  {
    kind: 'CNP',
    rule: 'action: Deny, to: [{domainNames: [example.com]}]',
    want: 'deny 0:? on every',
    found: ['NAMES_NOT_ACCEPTED'],
  },
  {
    kind: 'CNP',
    rule: 'action: Deny, to: [{networks: [10.0.0.5/8]}]',
    want: 'deny 0:10.0.0.0/8 always on every',
    found: ['LENIENT_CIDR'],
  },
  {
    kind: 'CNP',
    rule: 'action: Deny, to: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 80}}}, {udp: {destinationPort: {range: {start: 1, end: 9}}}}, {sctp: {destinationPort: {number: 7}}}, {destinationNamedPort: web}]',
    want: 'deny 0:{<all>}?<all> on TCP 80-80 UDP 1-9 SCTP 7-7 * web',
  },
  {
    kind: 'ANP',
    rule: 'action: Allow, to: [{namespaces: {}}], ports: [{portNumber: {port: 80}}, {portRange: {protocol: UDP, start: 1, end: 9}}, {namedPort: web}]',
    want: 'allow 0:{<all>}?<all> on TCP 80-80 UDP 1-9 * web',
  },
  {
    kind: 'ANP',
    rule: 'action: Deny, to: [{namespaces: {namespaceSelector: {matchLabels: {a: b}}}}, {pods: {namespaces: {namespaceSelector: {}}, podSelector: {matchLabels: {c: d}}}}]',
    want: 'deny 0:{a=b}?<all> 1:{<all>}?c=d on every',
    found: ['OLD_PEER_SHAPE', 'OLD_PEER_SHAPE'],
    live: [],
  },
  {
    kind: 'ANP',
    rule: 'action: Deny, to: [{namespaces: {sameLabels: [team]}}]',
    want: 'deny every on every',
    found: ['UNREADABLE_RULE'],
  },
  {
    kind: 'ANP',
    rule: 'action: Allow, to: [{namespaces: {notSameLabels: [team]}}]',
    want: 'allow  on every',
    found: ['UNREADABLE_RULE'],
  },
  {
    kind: 'CNP',
    rule: 'action: Pass, to: [{namespaces: {}}, {services: {}}]',
    want: 'deny every on every',
    found: ['UNREADABLE_RULE'],
  },
  {
    kind: 'CNP',
    rule: 'action: Accept, to: [{namespaces: {}}], protocols: [{icmp: {}}]',
    want: 'allow  on every',
    found: ['UNREADABLE_RULE'],
  },
];

t.test('every form of peer and port, and what fails closed', async (t) => {
  for (const { kind, rule, want, found = [], live = found } of RULES) {
    for (const source of ['MANIFESTS', 'LIVE'] as const) {
      const spec = `${WHOLE[kind]}, egress: [{${rule}}]`;
      const decoded = await decode(kind, spec, source);
      t.equal(printRule(decoded.policy), want, `${source} ${rule}`);
      const codes = decoded.found.map((text) => text.split(' ', 1)[0]);
      t.same(codes, source === 'LIVE' ? live : found, `${source} ${rule}`);
    }
  }
});

/** Specs that servers refuse, with the place that is told; `^` stands for a whole spec. */
const INVALID: readonly (readonly [Initials, spec: string, path: string])[] = [
  ['CNP', '^priority: 1, subject: {namespaces: {}}', 'spec.tier'],
  ['CNP', '^tier: admin, priority: 1, subject: {namespaces: {}}', 'spec.tier'],
  ['CNP', '^tier: Admin, subject: {namespaces: {}}', 'spec.priority'],
  ['ANP', '^priority: 1001, subject: {namespaces: {}}', 'spec.priority'],
  ['ANP', '^priority: -1, subject: {namespaces: {}}', 'spec.priority'],
  ['ANP', '^priority: 1', 'spec.subject'],
  ['ANP', '^priority: 1, subject: {}', 'spec.subject'],
  [
    'ANP',
    '^priority: 1, subject: {namespaces: {}, pods: {namespaceSelector: {}, podSelector: {}}}',
    'spec.subject',
  ],
  [
    'ANP',
    '^priority: 1, subject: {pods: {podSelector: {}}}',
    'spec.subject.pods.namespaceSelector',
  ],
  ['ANP', '^priority: 1, subject: {nodes: {}}', 'spec.subject.nodes'],
  ['BANP', 'priority: 1', 'spec.priority'],
  ['BANP', 'ingress: [{action: Pass, from: [{namespaces: {}}]}]', 'spec.ingress[0].action'],
  ['ANP', 'ingress: [{action: Accept, from: [{namespaces: {}}]}]', 'spec.ingress[0].action'],
  ['CNP', 'ingress: [{action: Allow, from: [{namespaces: {}}]}]', 'spec.ingress[0].action'],
  ['CNP', 'ingress: [{from: [{namespaces: {}}]}]', 'spec.ingress[0].action'],
  ['CNP', 'ingress: [{action: Deny}]', 'spec.ingress[0].from'],
  ['CNP', 'ingress: [{action: Deny, from: []}]', 'spec.ingress[0].from'],
  ['CNP', 'ingress: [null]', 'spec.ingress[0].action'],
  ['CNP', 'ingress: [{action: Deny, from: [{}]}]', 'spec.ingress[0].from[0]'],
  [
    'CNP',
    'ingress: [{action: Deny, from: [{namespaces: {}, pods: {namespaceSelector: {}, podSelector: {}}}]}]',
    'spec.ingress[0].from[0]',
  ],
  [
    'CNP',
    'ingress: [{action: Deny, from: [{pods: {namespaceSelector: {}}}]}]',
    'spec.ingress[0].from[0].pods.podSelector',
  ],
  [
    'CNP',
    'ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portNumber: {port: 1}}]}]',
    'spec.ingress[0].ports',
  ],
  [
    'CNP',
    'ingress: [{action: Deny, from: [{namespaces: {}}], protocols: []}]',
    'spec.ingress[0].protocols',
  ],
  [
    'CNP',
    'ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {}}]}]',
    'spec.ingress[0].protocols[0].tcp',
  ],
  [
    'CNP',
    'ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 0}}}]}]',
    'spec.ingress[0].protocols[0].tcp.destinationPort.number',
  ],
  [
    'CNP',
    'ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {range: {start: 9, end: 9}}}}]}]',
    'spec.ingress[0].protocols[0].tcp.destinationPort.range.end',
  ],
  [
    'ANP',
    'ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portRange: {start: 9, end: 1}}]}]',
    'spec.ingress[0].ports[0].portRange.end',
  ],
  [
    'ANP',
    'ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portNumber: {protocol: ICMP, port: 1}}]}]',
    'spec.ingress[0].ports[0].portNumber.protocol',
  ],
  ['CNP', 'egress: [{action: Deny, to: [{networks: []}]}]', 'spec.egress[0].to[0].networks'],
  [
    'CNP',
    'egress: [{action: Deny, to: [{networks: [10.0.0.1]}]}]',
    'spec.egress[0].to[0].networks[0]',
  ],
  [
    'CNP',
    'egress: [{action: Accept, to: [{domainNames: ["*"]}]}]',
    'spec.egress[0].to[0].domainNames[0]',
  ],
  [
    'CNP',
    'egress: [{action: Deny, to: [{networks: [10.0.0.0/8]}], protocols: [{destinationNamedPort: web}]}]',
    'spec.egress[0]',
  ],
  [
    'CNP',
    `ingress: [{name: "${'n'.repeat(101)}", action: Deny, from: [{namespaces: {}}]}]`,
    'spec.ingress[0].name',
  ],
  ['CNP', 'rules: []', 'spec.rules'],
];

t.test('what a server refuses does not exist in files and is undetermined in a dump', async (t) => {
  for (const [kind, text, path] of INVALID) {
    const spec = text.startsWith('^') ? text.slice(1) : `${WHOLE[kind]}, ${text}`;
    const files = await decode(kind, spec);
    t.equal(files.policy, undefined, text);
    const places = files.snapshot.problems.filter(
      ({ code, severity }) => code === 'INVALID_POLICY' && severity === 'error',
    );
    t.ok(
      places.some((problem) => problem.path === path),
      text,
      { places },
    );
    const dump = await decode(kind, spec, 'LIVE');
    if (path.endsWith('.tcp')) t.match(dump.found, [/^EMPTY_PROTOCOL/], text);
    else if (path.endsWith('from[0]') && text.includes('[{}]'))
      t.match(dump.found, [/^UNREADABLE/]);
    else t.match(dump.policy, { opaque: { code: 'INVALID_POLICY' } }, text);
  }
  const spec = parse(`{${WHOLE.BANP}}`) as unknown;
  const other = object(`${GROUP}/v1alpha1`, 'BaselineAdminNetworkPolicy', 'other', { spec });
  const named = await build([pod('web'), other]);
  t.ok(complaints(named).some((text) => text.endsWith('other metadata.name')));
  const many = '{action: Deny, from: [{namespaces: {}}]},'.repeat(26);
  const long = `${WHOLE.CNP}, ingress: [${many}]`;
  t.equal((await decode('CNP', long)).policy, undefined);
  t.equal(
    (await decode('CNP', long, 'LIVE')).policy?.ingress.length,
    26,
    'it is there and is read',
  );
});

t.test('strict ingest refuses what is invalid, and what fails closed', async (t) => {
  for (const rule of ['action: Deny', 'action: Deny, from: [{services: {}}]']) {
    const objects = [pod('web'), written('CNP', `${WHOLE.CNP}, ingress: [{${rule}}]`)];
    const refusal = await build(objects, { strict: true }).catch((error: unknown) => error);
    t.equal(refusal instanceof PodreachError ? refusal.code : refusal, 'bad-input', rule);
  }
});

t.test('a selector that servers store and nobody understands leaves its pods open', async (t) => {
  const broken = '{matchExpressions: [{key: a, operator: Is, values: [b]}]}';
  const spec = `${WHOLE.CNP}, ingress: [{action: Deny, from: [{namespaces: ${broken}}]}]`;
  for (const source of ['MANIFESTS', 'LIVE'] as const) {
    const { policy, found } = await decode('CNP', spec, source);
    t.match(policy, {
      opaque: { code: 'INVALID_POLICY' },
      applies: { ingress: true, egress: false },
    });
    t.match(found, [/^INVALID_SELECTOR/]);
  }
});

t.test('of an unreadable policy the widest subject and directions are taken', async (t) => {
  const { policy } = await decode('ANP', 'priority: 1, subject: {nodes: {}}, egress: []', 'LIVE');
  t.match(policy, {
    subject: { namespaces: { kind: 'selected', selector: { requirements: [] } } },
  });
  const narrow = await decode(
    'ANP',
    'subject: {namespaces: {matchLabels: {a: b}}}, egress: 1',
    'LIVE',
  );
  t.match(narrow.policy, {
    applies: { ingress: false, egress: true },
    subject: { namespaces: { selector: { requirements: [{ key: 'a' }] } } },
  });
  const empty = object(`${GROUP}/v1alpha1`, 'AdminNetworkPolicy', 'p');
  const { cluster } = await build([pod('web'), empty], { source: 'LIVE' });
  t.match(cluster.policies, [{ opaque: {}, applies: { ingress: true, egress: true } }]);
});

t.test('versions in conflict are about all that one of them is about', async (t) => {
  const of = (label: string, tier: string): Record<string, unknown> =>
    written(
      'CNP',
      `tier: ${tier}, priority: 1, subject: {namespaces: {matchLabels: {a: ${label}}}}`,
    );
  const { cluster } = await build([pod('web'), of('x', 'Admin'), of('y', 'Baseline')]);
  t.match(cluster.policies, [
    {
      tier: 'admin',
      opaque: { code: 'CONFLICTING_OBJECTS' },
      subject: { namespaces: { selector: { requirements: [] } } },
    },
  ]);
  t.equal(cluster.policies.length, 1);
});

t.test('coverage of cluster policies', async (t) => {
  const live = pod('web', {}, { metadata: { uid: 'u' } });
  const rows = async (objects: readonly unknown[], options = {}): Promise<unknown> => {
    const { coverage, assumptions } = await build(objects, options);
    const row = coverage.find(({ kind }) => kind === 'AdminNetworkPolicy');
    return [row?.status, row?.count, assumptions];
  };
  const anp = written('ANP', WHOLE.ANP);
  const list = (metadata: object): unknown => ({
    apiVersion: `${GROUP}/v1alpha1`,
    kind: 'AdminNetworkPolicyList',
    metadata,
    items: [],
  });
  const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'x', {
    spec: { group: GROUP, names: { kind: 'AdminNetworkPolicy' } },
  });
  t.same(await rows([live]), [undefined, undefined, ['NO_CLUSTER_POLICIES_SEEN']]);
  t.same(await rows([live, anp]), ['COMPLETE', 1, []]);
  t.same(await rows([live, list({})]), ['COMPLETE', 0, []]);
  t.same(await rows([live, definition]), ['ABSENT', 0, []]);
  t.same(await rows([live, definition, list({})]), ['COMPLETE', 0, []]);
  t.same(
    await rows([live, anp, list({ continue: 'x' })]),
    ['ABSENT', 1, []],
    'one page of several',
  );
  t.same(await rows([pod('web'), anp]), ['COMPLETE', 1, []]);
  const options = { assumeNoPolicies: true };
  t.same(await rows([live, definition], options), ['ABSENT', 0, ['ASSUMED_NO_POLICIES']]);
});

t.test('both generations in one cluster are pointed out', async (t) => {
  const mixed = await build([pod('web'), written('ANP', WHOLE.ANP), written('CNP', WHOLE.CNP)]);
  t.same(complaints(mixed), ['MIXED_POLICY_VERSIONS ClusterNetworkPolicy']);
  const single = await build([pod('web'), written('ANP', WHOLE.ANP), written('BANP', WHOLE.BANP)]);
  t.same(complaints(single), []);
});

t.test('a subject or a peer that is nobody is pointed out', async (t) => {
  const subject = 'tier: Admin, priority: 1, subject: {namespaces: {matchLabels: {a: x}}}';
  const rule = 'ingress: [{action: Deny, from: [{namespaces: {matchLabels: {a: x}}}]}]';
  const { problems } = await build([pod('web'), written('CNP', `${subject}, ${rule}`)]);
  const found = problems
    .map(({ code, path }) => `${code} ${path}`)
    .filter((text) => /NOTHING/.test(text));
  t.same(found.sort(), [
    'PEER_MATCHES_NOTHING spec.ingress[0].from[0]',
    'SELECTS_NOTHING spec.subject',
  ]);
});

t.test('the lines of rules, peers and ports are known', async (t) => {
  const text = `apiVersion: ${GROUP}/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: p }
spec:
  tier: Admin
  priority: 1
  subject: { namespaces: {} }
  ingress:
    - action: Deny
      from:
        - namespaces: {}
      protocols:
        - destinationNamedPort: web
---
apiVersion: v1
kind: Pod
metadata: { name: web }
`;
  const snapshot = await build(text);
  t.equal(namespaceOf(snapshot).pods.name.length, 1);
  t.match(snapshot.provenance.get(''), [
    {
      line: 1,
      lines: [
        ['/spec/ingress/0', 9],
        ['/spec/ingress/0/from/0', 11],
        ['/spec/ingress/0/protocols/0', 13],
      ],
    },
  ]);
});
