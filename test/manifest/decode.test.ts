import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import type { Policy } from '../../src/model/policy.ts';
import { printSelector } from '../../src/model/selector.ts';
import { build, complaints, namespaceOf, object, pod, podsOf, policy } from './build.ts';

interface Vector {
  readonly id: string;
  readonly title: string;
  readonly invalid: readonly Case[];
  readonly valid?: readonly Case[];
}

interface Case {
  readonly spec: unknown;
  readonly errors: readonly string[];
  readonly strictCIDR?: boolean;
}

const vectors = parse(
  readFileSync(new URL('../vectors/validation.yaml', import.meta.url), 'utf8'),
) as readonly Vector[];

const text = (value: unknown): string => JSON.stringify(value);
const policyIn = async (spec: unknown, source: 'LIVE' | 'MANIFESTS'): Promise<Policy | undefined> =>
  namespaceOf(await build([policy('p', spec), pod('web')], { source })).policies[0];

for (const { id, title, invalid, valid = [] } of vectors) {
  t.test(`${id} ${title}: what the API server refuses is refused at the field`, async (t) => {
    for (const { spec, errors, strictCIDR } of invalid) {
      const snapshot = await build([policy('p', spec), pod('web')]);
      const paths = snapshot.problems
        .filter(({ code, severity }) => code === 'INVALID_POLICY' && severity === 'error')
        .map(({ path }) => path);
      for (const error of errors) {
        t.ok(
          paths.some((path) => path.startsWith(error)),
          `${error} of ${text(spec)}: ${text(paths)}`,
        );
      }
      t.same(namespaceOf(snapshot).policies, [], 'the policy does not exist');
      const live = await policyIn(spec, 'LIVE');
      const tolerated = strictCIDR === true || text(spec).includes('"x y"');
      const opaque = tolerated ? undefined : 'INVALID_POLICY';
      t.equal(live?.opaque?.code, opaque, `${text(spec)} in a live dump`);
    }
  });
  t.test(`${id} ${title}: what the API server accepts is accepted`, async (t) => {
    for (const { spec, strictCIDR } of valid) {
      const source = strictCIDR === false ? 'LIVE' : 'MANIFESTS';
      const snapshot = await build([policy('p', spec), pod('web')], { source });
      t.same(
        snapshot.problems.filter(({ severity }) => severity === 'error'),
        [],
        text(spec),
      );
      t.equal(namespaceOf(snapshot).policies[0]?.opaque, undefined);
    }
    t.end();
  });
}

/** `I:` and `E:` with the rules of a direction that applies, `every` spelt `*`; `-` if it does not. */
const summary = ({ applies, ingress, egress, subject }: Policy): string => {
  const rules = (list: Policy['ingress']): string =>
    list
      .map(({ peers, ports }) => {
        const from =
          peers === 'every'
            ? '*'
            : peers.map(({ atom }) =>
                atom.kind !== 'pods'
                  ? atom.kind
                  : `${atom.selection.namespaces.kind === 'named' ? 'own' : printSelector(atom.selection.namespaces.selector)}/${printSelector(atom.selection.pods)}`,
              );
        const to =
          ports === 'every'
            ? '*'
            : ports.map((port) =>
                port.kind === 'name'
                  ? `${port.protocol}:${port.name}`
                  : `${port.protocol}:${port.from}-${port.to}`,
              );
        return `${String(from)} ${String(to)}`;
      })
      .join('; ');
  const side = (on: boolean, list: Policy['ingress']): string => (on ? `[${rules(list)}]` : '-');
  const subjectText = printSelector(subject.pods);
  return `${subjectText} I:${side(applies.ingress, ingress)} E:${side(applies.egress, egress)}`;
};

const defaults: readonly (readonly [rule: string, spec: unknown, meaning: string])[] = [
  ['R1.3 no spec', undefined, '<all> I:[] E:-'],
  ['R1.3 null spec', null, '<all> I:[] E:-'],
  ['R1.3 missing podSelector', { policyTypes: ['Ingress'] }, '<all> I:[] E:-'],
  ['R1.3 null podSelector', { podSelector: null }, '<all> I:[] E:-'],
  ['R1.3 null matchLabels', { podSelector: { matchLabels: null } }, '<all> I:[] E:-'],
  ['R1.5 empty egress', { egress: [] }, '<all> I:[] E:-'],
  ['R1.5 egress rule', { egress: [{}] }, '<all> I:[] E:[* *]'],
  ['R1.5 empty policyTypes', { policyTypes: [], egress: [{}] }, '<all> I:[] E:[* *]'],
  ['R1.5 null policyTypes', { policyTypes: null }, '<all> I:[] E:-'],
  ['R1.6 explicit Egress', { policyTypes: ['Egress'], ingress: [{}] }, '<all> I:- E:[]'],
  ['R1.6 explicit Ingress', { policyTypes: ['Ingress'], egress: [{}] }, '<all> I:[] E:-'],
  ['R1.7 null ingress', { ingress: null }, '<all> I:[] E:-'],
  ['R1.8 empty rule', { ingress: [{}] }, '<all> I:[* *] E:-'],
  ['R1.8 null rule', { ingress: [null] }, '<all> I:[* *] E:-'],
  ['R1.9 empty from', { ingress: [{ from: [] }] }, '<all> I:[* *] E:-'],
  ['R1.9 null from', { ingress: [{ from: null }] }, '<all> I:[* *] E:-'],
  ['R1.10 null ports', { ingress: [{ ports: null }] }, '<all> I:[* *] E:-'],
  ['R1.10 empty ports', { ingress: [{ ports: [] }] }, '<all> I:[* *] E:-'],
  ['R1.63 null port', { ingress: [{ ports: [null] }] }, '<all> I:[* TCP:1-65535] E:-'],
  [
    'R1.42 protocol only',
    { ingress: [{ ports: [{ protocol: 'UDP' }] }] },
    '<all> I:[* UDP:1-65535] E:-',
  ],
  ['R1.41 no protocol', { ingress: [{ ports: [{ port: 80 }] }] }, '<all> I:[* TCP:80-80] E:-'],
  ['R1.43 name', { ingress: [{ ports: [{ port: 'http' }] }] }, '<all> I:[* TCP:http] E:-'],
  [
    'R1.51 equal ends',
    { ingress: [{ ports: [{ port: 80, endPort: 80 }] }] },
    '<all> I:[* TCP:80-80] E:-',
  ],
  [
    'R1.51 range',
    { ingress: [{ ports: [{ port: 80, endPort: 90 }] }] },
    '<all> I:[* TCP:80-90] E:-',
  ],
  [
    'R1.23 empty podSelector',
    { ingress: [{ from: [{ podSelector: {} }] }] },
    '<all> I:[own/<all> *] E:-',
  ],
  [
    'R1.63 null namespaceSelector',
    {
      ingress: [{ from: [{ namespaceSelector: null, podSelector: { matchLabels: { a: 'b' } } }] }],
    },
    '<all> I:[own/a=b *] E:-',
  ],
  [
    'R1.21 namespaceSelector',
    { ingress: [{ from: [{ namespaceSelector: {} }] }] },
    '<all> I:[<all>/<all> *] E:-',
  ],
  [
    'R1.22 both selectors',
    {
      ingress: [
        {
          from: [
            {
              namespaceSelector: { matchLabels: { t: 'x' } },
              podSelector: { matchLabels: { a: 'b' } },
            },
          ],
        },
      ],
    },
    '<all> I:[t=x/a=b *] E:-',
  ],
  [
    'R1.63 null matchLabels of a peer',
    { egress: [{ to: [{ podSelector: { matchLabels: null } }] }] },
    '<all> I:[] E:[own/<all> *]',
  ],
  [
    'R1.29 all operators',
    {
      podSelector: {
        matchLabels: { z: '1' },
        matchExpressions: [
          { key: 'b', operator: 'NotIn', values: ['y', 'x', 'y'] },
          { key: 'a', operator: 'Exists' },
          { key: 'c', operator: 'DoesNotExist', values: [] },
        ],
      },
    },
    'a,b notin (x,y),!c,z=1 I:[] E:-',
  ],
];

t.test('missing, null and empty are told apart as the API does', async (t) => {
  for (const [rule, spec, meaning] of defaults) {
    for (const source of ['MANIFESTS', 'LIVE'] as const) {
      const found = await policyIn(spec, source);
      t.equal(found === undefined ? found : summary(found), meaning, `${rule}, ${source}`);
    }
  }
});

t.test('address blocks are masked, and holes sorted and distinct', async (t) => {
  const ipBlock = { cidr: '10.0.0.5/8', except: ['10.2.0.0/16', '10.1.3.4/16', '10.2.0.0/16'] };
  const snapshot = await build([policy('p', { egress: [{ to: [{ ipBlock }] }] })], {
    source: 'LIVE',
  });
  const [found] = namespaceOf(snapshot).policies;
  t.match(found?.egress[0]?.peers, [
    { atom: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.0.0/16'], owned: 'options' } },
  ]);
  t.same(
    complaints(snapshot).filter((line) => line.startsWith('LENIENT_CIDR')),
    [
      'LENIENT_CIDR NetworkPolicy default/p spec.egress[0].to[0].ipBlock.cidr',
      'LENIENT_CIDR NetworkPolicy default/p spec.egress[0].to[0].ipBlock.except[1]',
    ],
  );
});

t.test('leading zeros are read in stored blocks only', async (t) => {
  const spec = { egress: [{ to: [{ ipBlock: { cidr: '010.0.0.0/08' } }] }] };
  t.match((await policyIn(spec, 'LIVE'))?.egress[0]?.peers, [{ atom: { cidr: '10.0.0.0/8' } }]);
  t.equal(await policyIn(spec, 'MANIFESTS'), undefined);
});

const wrongTypes: readonly (readonly [spec: unknown, path: string])[] = [
  [[], 'spec'],
  ['x', 'spec'],
  [{ podSelector: [] }, 'spec.podSelector'],
  [{ podSelector: { matchLabels: { version: 1 } } }, 'spec.podSelector.matchLabels.version'],
  [{ podSelector: { matchLabels: { 'a.b/c': true } } }, 'spec.podSelector.matchLabels[a.b/c]'],
  [{ podSelector: { matchExpressions: [null] } }, 'spec.podSelector.matchExpressions[0].key'],
  [
    { podSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: [1] }] } },
    'spec.podSelector.matchExpressions[0].values[0]',
  ],
  [
    { podSelector: { matchExpressions: [{ key: '', operator: 'Exists' }] } },
    'spec.podSelector.matchExpressions[0].key',
  ],
  [
    { podSelector: { matchExpressions: [{ key: 'a', operator: 1 }] } },
    'spec.podSelector.matchExpressions[0].operator',
  ],
  [
    { podSelector: { matchExpressions: [{ key: 'a' }] } },
    'spec.podSelector.matchExpressions[0].operator',
  ],
  [{ ingress: {} }, 'spec.ingress'],
  [{ ingress: [1] }, 'spec.ingress[0]'],
  [{ ingress: [{ from: { podSelector: {} } }] }, 'spec.ingress[0].from'],
  [{ ingress: [{ from: ['all'] }] }, 'spec.ingress[0].from[0]'],
  [{ ingress: [{ ports: ['http'] }] }, 'spec.ingress[0].ports[0]'],
  [{ ingress: [{ ports: [{ port: 80.5 }] }] }, 'spec.ingress[0].ports[0].port'],
  [{ ingress: [{ ports: [{ port: true }] }] }, 'spec.ingress[0].ports[0].port'],
  [{ ingress: [{ ports: [{ port: 4294967376 }] }] }, 'spec.ingress[0].ports[0].port'],
  [{ ingress: [{ ports: [{ port: '-a' }] }] }, 'spec.ingress[0].ports[0].port'],
  [{ ingress: [{ ports: [{ port: 80, endPort: '90' }] }] }, 'spec.ingress[0].ports[0].endPort'],
  [{ egress: [{ to: [{ ipBlock: { cidr: 10 } }] }] }, 'spec.egress[0].to[0].ipBlock.cidr'],
  [
    { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: '10.1.0.0/16' } }] }] },
    'spec.egress[0].to[0].ipBlock.except',
  ],
  [
    { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: [null] } }] }] },
    'spec.egress[0].to[0].ipBlock.except[0]',
  ],
  [{ egress: [{ to: [{ ipBlock: [] }] }] }, 'spec.egress[0].to[0].ipBlock'],
  [{ policyTypes: 'Ingress' }, 'spec.policyTypes'],
  [{ policyTypes: [null] }, 'spec.policyTypes[0]'],
];

t.test('a value of the wrong type makes the policy invalid, at its path', async (t) => {
  for (const [spec, path] of wrongTypes) {
    const snapshot = await build([policy('p', spec), pod('web')]);
    const found = complaints(snapshot);
    t.same(found[0], `INVALID_POLICY NetworkPolicy default/p ${path}`, text(spec));
    t.same(namespaceOf(snapshot).policies, []);
  }
});

const unknown: readonly (readonly [spec: unknown, path: string, message: RegExp])[] = [
  [{ Ingress: [] }, 'spec.Ingress', /did you mean `ingress`\?; .* would store `{}` here/],
  [
    { ingress: [{ form: [] }] },
    'spec.ingress[0].form',
    /did you mean `from`\?; .* store `{}` here/,
  ],
  [{ ingress: [{ to: [] }] }, 'spec.ingress[0].to', /no field `to`; /],
  [
    { egress: [{ to: [{ podSelector: {}, ports: [] }] }] },
    'spec.egress[0].to[0].ports',
    /store `{"podSelector":{}}`/,
  ],
  [{ podSelector: { app: 'web' } }, 'spec.podSelector.app', /no field `app`/],
  [
    { ingress: [{ ports: [{ port: 1, endport: 2 }] }] },
    'spec.ingress[0].ports[0].endport',
    /`endPort`/,
  ],
  [
    { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', excepts: [] } }] }] },
    'spec.egress[0].to[0].ipBlock.excepts',
    /`except`/,
  ],
];

t.test('an unknown field is an error in manifests and pruned from a live dump', async (t) => {
  for (const [spec, path, message] of unknown) {
    const manifests = await build([policy('p', spec), pod('web')]);
    const [first] = manifests.problems;
    t.match(first, {
      code: 'INVALID_POLICY',
      path,
      message,
      severity: 'error',
      namespace: 'default',
    });
    t.same(namespaceOf(manifests).policies, []);
    const live = await build([policy('p', spec)], { source: 'LIVE' });
    t.ok(
      live.problems.some((problem) => problem.path === path && problem.code === 'UNKNOWN_FIELD'),
    );
    t.equal(namespaceOf(live).policies[0]?.opaque, undefined, path);
  }
});

t.test('a misspelt `spec` or `namespace` is seen', async (t) => {
  const [meta] = [object('networking.k8s.io/v1', 'NetworkPolicy', 'p')];
  const cases = [
    [{ ...meta, Spec: {} }, 'Spec'],
    [{ ...policy('p', {}, { nameSpace: 'prod' }) }, 'metadata.nameSpace'],
  ] as const;
  for (const [raw, path] of cases) {
    const found = complaints(await build([raw]));
    t.ok(found.includes(`INVALID_POLICY NetworkPolicy default/p ${path}`), path);
    const live = complaints(await build([raw], { source: 'LIVE' }));
    t.ok(live.includes(`UNKNOWN_FIELD NetworkPolicy default/p ${path}`), path);
  }
});

const widest: readonly (readonly [spec: unknown, summary: string])[] = [
  [{ podSelector: { matchLabels: { a: 'b' } }, ingress: {} }, 'a=b I:[] E:-'],
  [{ podSelector: { matchLabels: { a: 1 } }, policyTypes: ['Egress'] }, '<all> I:- E:[]'],
  [{ podSelector: { matchLabels: { a: 'b' } }, policyTypes: ['egress'] }, 'a=b I:[] E:[]'],
  [{ podSelector: { matchLabels: { a: 'b' } }, egress: 7 }, 'a=b I:[] E:[]'],
  [{ egress: [{ to: [{}] }] }, '<all> I:[] E:[]'],
  [7, '<all> I:[] E:[]'],
];

t.test('an invalid policy of a live dump is as wide as it could be', async (t) => {
  for (const [spec, expected] of widest) {
    const found = await policyIn(spec, 'LIVE');
    t.equal(found?.opaque?.code, 'INVALID_POLICY');
    t.equal(found === undefined ? found : summary(found), expected, text(spec));
  }
});

t.test('a policy whose name or namespace cannot be read still counts', async (t) => {
  const noName = policy('p', {}, { name: undefined });
  const live = await build([noName], { source: 'LIVE' });
  t.match(namespaceOf(live).policies, [{ ref: { name: '(unnamed)' }, opaque: {} }]);
  const noPlace = policy('p', {}, { namespace: 'No Place' });
  const everywhere = await build([noPlace, pod('web')], { source: 'LIVE' });
  t.match(everywhere.cluster.policies, [
    { opaque: { code: 'INVALID_POLICY' }, subject: { namespaces: { kind: 'selected' } } },
  ]);
  const manifests = await build([noPlace, pod('web')]);
  t.same(manifests.cluster.policies, []);
  const [problem] = manifests.problems;
  t.match(problem, { code: 'INVALID_POLICY', path: 'metadata.namespace' });
  t.equal(problem?.namespace, undefined, 'it could be about any namespace');
});

t.test('a scalar that YAML versions read differently is an error at its line', async (t) => {
  const manifest = (label: string, port: string): string =>
    [
      'apiVersion: networking.k8s.io/v1',
      'kind: NetworkPolicy',
      'metadata: { name: p, namespace: shop }',
      'spec:',
      '  podSelector:',
      '    matchLabels:',
      `      app: ${label}`,
      '  ingress:',
      '    - ports:',
      `        - port: ${port}`,
    ].join('\n');
  const both = await build(manifest('yes', '010'));
  t.match(both.problems.slice(0, 3), [
    { code: 'INVALID_POLICY', path: '', namespace: 'shop' },
    { code: 'AMBIGUOUS_SCALAR', path: 'spec.ingress[0].ports[0].port', line: 10 },
    {
      code: 'AMBIGUOUS_SCALAR',
      path: 'spec.podSelector.matchLabels.app',
      line: 7,
      severity: 'error',
    },
  ]);
  t.equal(both.namespaces.get('shop'), undefined, 'nothing is left of the policy');
  t.same(complaints(await build(manifest('"yes"', '10'))), []);
});

t.test('labels that cannot be read make pods and namespaces undetermined', async (t) => {
  const snapshot = await build(
    [
      'apiVersion: v1\nkind: Pod\nmetadata: { name: a, labels: { x: no } }',
      'apiVersion: v1\nkind: Pod\nmetadata: { name: b, labels: { x: 1 } }',
      'apiVersion: v1\nkind: Pod\nmetadata: { name: c, labels: { x: "1", z: } }',
      'apiVersion: v1\nkind: Namespace\nmetadata: { name: default, labels: { x: 010 } }',
    ].join('\n---\n'),
  );
  t.same(
    podsOf(snapshot).map(({ name, conflict }) => [name, conflict]),
    [
      ['a', true],
      ['b', true],
      ['c', false],
    ],
  );
  t.equal(namespaceOf(snapshot).conflict, true);
  t.equal(podsOf(snapshot)[2]?.labels.get('z'), '', 'a null value is the empty text');
  t.same(complaints(snapshot), [
    'AMBIGUOUS_SCALAR Namespace default metadata.labels.x',
    'AMBIGUOUS_SCALAR Pod default/a metadata.labels.x',
    'INVALID_OBJECT Pod default/b metadata.labels.x',
  ]);
});

t.test('label keys that are names of object members are kept like others', async (t) => {
  const labels = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}') as object;
  const snapshot = await build(
    [`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":${text(labels)}}}`].join(
      '',
    ),
  );
  t.same(
    [...(podsOf(snapshot)[0]?.labels ?? [])],
    [
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ],
  );
});

t.test('pods: ports, addresses, phase and readiness', async (t) => {
  const spec = {
    hostNetwork: true,
    nodeName: 'n1',
    containers: [
      {
        ports: [
          { containerPort: 80, name: 'http' },
          { containerPort: 53, protocol: 'UDP' },
        ],
      },
    ],
    initContainers: [
      { restartPolicy: 'Always', ports: [{ containerPort: 90 }] },
      { ports: [{ containerPort: 91 }] },
    ],
  };
  const status = { podIPs: [{ ip: '10.0.0.1' }, { ip: 'FD00:0::1' }], phase: 'Unknown' };
  const conditions = [{ type: 'Ready', status: 'False' }];
  const snapshot = await build([
    pod('a', {}, { spec, status: { ...status, conditions } }),
    pod(
      'b',
      {},
      { status: { podIP: '10.0.0.2', phase: 'Succeeded' }, metadata: { deletionTimestamp: 'x' } },
    ),
    pod('c', {}, { spec: { containers: [{ ports: [{ containerPort: 1, hostPort: 2 }] }] } }),
    pod('d', {}, { status: { podIP: '***HIDDEN***', phase: 'Running' } }),
    pod(
      'e',
      {},
      {
        spec: {
          containers: [
            { ports: [{ containerPort: 0 }, {}, { containerPort: 1, protocol: 'tcp' }] },
          ],
        },
      },
    ),
    pod('f', {}, { status: { phase: 'Dreaming' } }),
  ]);
  const [a, b, c, d, e, f] = podsOf(snapshot);
  t.match(a, {
    node: 'n1',
    addresses: ['10.0.0.1', 'fd00::1'],
    phase: 'RUNNING',
    ready: false,
    hostNetwork: true,
  });
  t.same(a?.ports, [
    { name: 'http', protocol: 'TCP', port: 80, container: 'regular', hostPort: 80 },
    { protocol: 'UDP', port: 53, container: 'regular', hostPort: 53 },
    { protocol: 'TCP', port: 90, container: 'sidecar', hostPort: 90 },
    { protocol: 'TCP', port: 91, container: 'init', hostPort: 91 },
  ]);
  t.match(b, { addresses: ['10.0.0.2'], phase: 'SUCCEEDED', ready: true, terminating: true });
  t.match(c, {
    phase: 'UNKNOWN',
    ready: true,
    ports: [{ port: 1, hostPort: 2 }],
    hostNetwork: false,
  });
  t.match(d, { phase: 'UNKNOWN', addresses: [], conflict: false }, 'any block might hold it');
  t.equal(e?.conflict, true);
  t.equal(f?.conflict, true);
  t.same(complaints(snapshot), [
    'INVALID_OBJECT Pod default/e spec.containers[0].ports[0].containerPort',
    'INVALID_OBJECT Pod default/e spec.containers[0].ports[1].containerPort',
    'INVALID_OBJECT Pod default/e spec.containers[0].ports[2].protocol',
    'INVALID_OBJECT Pod default/f status.phase',
    'INVALID_ADDRESS Pod default/d status.podIP',
  ]);
});

t.test('Services get the defaults of the API server', async (t) => {
  const snapshot = await build([
    object('v1', 'Service', 'plain', { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }),
    object('v1', 'Service', 'headless', { spec: { clusterIP: 'None', selector: {} } }),
    object('v1', 'Service', 'full', {
      spec: {
        type: 'LoadBalancer',
        clusterIPs: ['10.96.0.1', 'FD00::0001'],
        externalIPs: ['192.0.2.1'],
        externalTrafficPolicy: 'Local',
        loadBalancerSourceRanges: ['10.1.2.3/8 '],
        publishNotReadyAddresses: true,
        ports: [
          { name: 'a', port: 80, targetPort: 'http', nodePort: 30080, protocol: 'UDP' },
          { port: 81, targetPort: '8081' },
          { port: 82, targetPort: 0 },
        ],
      },
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.1' }, { hostname: 'x' }] } },
    }),
    object('v1', 'Service', 'outside', {
      spec: { type: 'ExternalName', externalName: 'db.example' },
    }),
    object('v1', 'Service', 'wrong', {
      spec: { type: 'clusterip', ports: [{ port: 80, targetPort: 70000 }] },
    }),
  ]);
  const [full, headless, outside, plain, wrong] = namespaceOf(snapshot).services;
  t.same(plain, {
    name: 'plain',
    type: 'ClusterIP',
    headless: false,
    selector: new Map([['app', 'web']]),
    ports: [{ protocol: 'TCP', port: 80, targetPort: 80 }],
    clusterIPs: [],
    externalIPs: [],
    loadBalancerIPs: [],
    loadBalancerSourceRanges: [],
    externalTrafficPolicy: 'Cluster',
    internalTrafficPolicy: 'Cluster',
    publishNotReadyAddresses: false,
    endpoints: [],
    conflict: false,
  });
  t.match(headless, { headless: true, clusterIPs: [] });
  t.equal(headless?.selector, undefined);
  t.match(outside, { type: 'ExternalName', externalName: 'db.example' });
  t.match(full, {
    clusterIPs: ['10.96.0.1', 'fd00::1'],
    externalIPs: ['192.0.2.1'],
    loadBalancerIPs: ['203.0.113.1'],
    loadBalancerSourceRanges: ['10.0.0.0/8'],
    externalTrafficPolicy: 'Local',
    publishNotReadyAddresses: true,
    ports: [
      { name: 'a', port: 80, targetPort: 'http', nodePort: 30080, protocol: 'UDP' },
      { port: 81, targetPort: 8081 },
      { port: 82, targetPort: 82 },
    ],
  });
  t.equal(wrong?.conflict, true);
  t.same(complaints(snapshot), [
    'INVALID_OBJECT Service default/wrong spec.ports[0].targetPort',
    'INVALID_OBJECT Service default/wrong spec.type',
  ]);
});

t.test('endpoints come from slices, and from Endpoints where there is no slice', async (t) => {
  const slice = (name: string, service: string, rest: object): unknown =>
    object('discovery.k8s.io/v1', 'EndpointSlice', name, {
      metadata: { labels: { 'kubernetes.io/service-name': service } },
      addressType: 'IPv4',
      ...rest,
    });
  const targetRef = { kind: 'Pod', name: 'web-1' };
  const snapshot = await build([
    object('v1', 'Service', 'a'),
    object('v1', 'Service', 'b'),
    object('v1', 'Service', 'c'),
    slice('a-2', 'a', { ports: [{ name: 'any' }], endpoints: [] }),
    slice('a-1', 'a', {
      ports: [{ name: '', port: 80 }],
      endpoints: [
        { addresses: ['10.0.0.1'], targetRef, nodeName: 'n1' },
        { addresses: ['10.0.0.2'], conditions: { ready: false, serving: true, terminating: true } },
        { addresses: ['10.0.0.5'], conditions: { ready: false } },
      ],
    }),
    slice('c-1', 'c', { addressType: 'FQDN', endpoints: [{ addresses: ['x.example'] }] }),
    slice('lost', 'gone', {}),
    object('v1', 'Endpoints', 'a', { subsets: [{ addresses: [{ ip: '10.9.9.9' }] }] }),
    object('v1', 'Endpoints', 'b', {
      subsets: [
        {
          addresses: [{ ip: '10.0.0.3', targetRef }],
          notReadyAddresses: [{ ip: '10.0.0.4' }],
          ports: [{ port: 1 }],
        },
      ],
    }),
  ]);
  const [a, b, c] = namespaceOf(snapshot).services;
  t.same(a?.endpoints, [
    {
      source: 'EndpointSlice',
      ports: [{ protocol: 'TCP', port: 80 }],
      endpoints: [
        {
          addresses: ['10.0.0.1'],
          pod: 'default/web-1',
          node: 'n1',
          ready: true,
          serving: true,
          terminating: false,
        },
        { addresses: ['10.0.0.2'], ready: false, serving: true, terminating: true },
        { addresses: ['10.0.0.5'], ready: false, serving: false, terminating: false },
      ],
    },
    { source: 'EndpointSlice', ports: [{ name: 'any', protocol: 'TCP' }], endpoints: [] },
  ]);
  t.same(b?.endpoints, [
    {
      source: 'Endpoints',
      ports: [{ protocol: 'TCP', port: 1 }],
      endpoints: [
        {
          addresses: ['10.0.0.3'],
          pod: 'default/web-1',
          ready: true,
          serving: true,
          terminating: false,
        },
        { addresses: ['10.0.0.4'], ready: false, serving: false, terminating: false },
      ],
    },
  ]);
  t.same(c?.endpoints, []);
  t.ok(
    snapshot.problems.some(
      ({ code, object }) =>
        code === 'ENDPOINTS_WITHOUT_SERVICE' && object === 'EndpointSlice default/lost',
    ),
  );
  t.ok(snapshot.problems.some(({ code }) => code === 'ENDPOINTS_NOT_RESOLVED'));
});

t.test('Nodes and Namespaces', async (t) => {
  const snapshot = await build([
    object('v1', 'Node', 'n1', {
      metadata: { labels: { zone: 'a' } },
      spec: { podCIDR: '10.1.0.0/24', podCIDRs: ['fd00:1::/64', '10.1.0.0/24'] },
      status: {
        addresses: [
          { type: 'Hostname', address: 'n1' },
          { type: 'InternalIP', address: '192.168.0.1' },
          { type: 'ExternalIP', address: '198.51.100.1' },
        ],
      },
    }),
    object('v1', 'Node', 'n2', { spec: { podCIDR: '10.2.0.0/24' } }),
    object('v1', 'Namespace', 'shop', {
      metadata: { labels: { 'kubernetes.io/metadata.name': 'x', a: 'b' } },
    }),
    object('v1', 'Namespace', 'old', {
      metadata: { annotations: { 'net.beta.kubernetes.io/network-policy': '{}' } },
      status: { phase: 'Terminating' },
    }),
  ]);
  t.match(snapshot.cluster.nodes, [
    {
      name: 'n1',
      addresses: ['192.168.0.1', '198.51.100.1'],
      podCIDRs: ['10.1.0.0/24', 'fd00:1::/64'],
    },
    { name: 'n2', addresses: [], podCIDRs: ['10.2.0.0/24'] },
  ]);
  t.same(
    [...namespaceOf(snapshot, 'shop').labels],
    [
      ['a', 'b'],
      ['kubernetes.io/metadata.name', 'shop'],
    ],
  );
  t.equal(namespaceOf(snapshot, 'old').terminating, true);
  t.same(complaints(snapshot), [
    'LEGACY_ANNOTATION Namespace old metadata.annotations[net.beta.kubernetes.io/network-policy]',
    'LABEL_REPLACED Namespace shop metadata.labels',
  ]);
});

t.test('old API versions of the native kinds are read, with a warning for policies', async (t) => {
  const old = object('extensions/v1beta1', 'NetworkPolicy', 'p', { spec: {} });
  const snapshot = await build([
    old,
    policy('p', {}),
    object('extensions/v1beta1', 'Deployment', 'd', { spec: { template: {} } }),
  ]);
  t.match(namespaceOf(snapshot).policies, [
    { ref: { apiVersion: 'networking.k8s.io/v1', name: 'p' } },
  ]);
  t.match(namespaceOf(snapshot).workloads, [{ apiVersion: 'apps/v1', kind: 'Deployment' }]);
  const alone = await build([old]);
  t.same(complaints(alone), ['DEPRECATED_VERSION NetworkPolicy default/p']);
});

t.test('an object without a usable name is reported and left out', async (t) => {
  const nameless = { apiVersion: 'v1', kind: 'Pod', metadata: {} };
  const live = await build([nameless, pod('web')], { source: 'LIVE' });
  t.equal(live.coverage.find(({ kind }) => kind === 'Pod')?.status, 'PARTIAL');
  const manifests = await build([
    nameless,
    pod('Bad_Name'),
    pod('web'),
    pod('x', {}, { metadata: { name: undefined, generateName: 'job-' } }),
  ]);
  t.equal(manifests.coverage.find(({ kind }) => kind === 'Pod')?.status, 'COMPLETE');
  t.same(
    podsOf(manifests).map(({ name }) => name),
    ['job', 'web'],
  );
  t.equal(complaints(manifests).length, 2);
});

t.test('messages say what to write instead', async (t) => {
  const block = (cidr: unknown): unknown => ({ egress: [{ to: [{ ipBlock: { cidr } }] }] });
  const cases: readonly (readonly [spec: unknown, message: RegExp])[] = [
    [block('10.0.0.1'), /not a CIDR .*write `10\.0\.0\.1\/32`/],
    [block('fd00::1'), /write `fd00::1\/128`/],
    [block('here'), /`here` is not a CIDR such as `10\.0\.0\.0\/8`$/],
    [
      block('10.0.0.5/8'),
      /bits set beyond its prefix; servers before 1\.36 .* read `10\.0\.0\.0\/8`/,
    ],
    [block('010.0.0.0/8'), /leading zeros/],
    [block('::ffff:10.0.0.0/104'), /IPv4 address written as IPv6/],
    [{ podSelector: { matchLabels: { '-bad/x': 'a' } } }, /cannot be a label key/],
    [{ podSelector: { matchLabels: { 'a/b/c': 'a' } } }, /cannot be a label key/],
    [{ ingress: [{ ports: [{ port: '80' }] }] }, /write the number without quotes/],
    [{ ingress: [{ from: [{}] }] }, /to allow all pods write `podSelector: \{\}`/],
    [{ podSelector: { matchLabels: { version: 1 } } }, /put it in quotes$/],
    [
      { ingress: [{ x: 1, from: [{ podSelector: { matchLabels: { a: 'b'.repeat(200) } } }] }] },
      /\.\.\.` here$/,
    ],
  ];
  for (const [spec, message] of cases) {
    const { problems } = await build([policy('p', spec), pod('web')]);
    t.ok(
      problems.some((problem) => message.test(problem.message)),
      `${String(message)}: ${text(spec)}`,
    );
  }
});

t.test('a selector entry without a value means the empty text, and is pointed out', async (t) => {
  const snapshot = await build([
    policy('p', { podSelector: { matchLabels: { app: null } } }),
    pod('web', { app: '' }),
  ]);
  t.same(complaints(snapshot), [
    'NULL_VALUE NetworkPolicy default/p spec.podSelector.matchLabels.app',
  ]);
  t.match(namespaceOf(snapshot).policies, [
    { subject: { pods: { requirements: [{ values: [''] }] } } },
  ]);
});

t.test(
  'an owner without a name, a negative count, and blocks that are none are errors',
  async (t) => {
    const snapshot = await build(
      [
        pod('a', {}, { metadata: { ownerReferences: [{ kind: 'Job', controller: true }] } }),
        pod('b', {}, { metadata: { ownerReferences: {} } }),
        pod('c', {}, { spec: { hostNetwork: 'true' } }),
        object('apps/v1', 'Deployment', 'd', { spec: { replicas: -1, template: {} } }),
        object('apps/v1', 'Deployment', 'e', { spec: {} }),
        object('v1', 'Node', 'n', {
          spec: { podCIDR: 'x', podCIDRs: [''] },
          metadata: { uid: 'u' },
        }),
        object('v1', 'Node', 'm', {
          spec: { podCIDR: 'x' },
          status: { addresses: [{ address: '10.0.0.1' }] },
        }),
        object('v1', 'Service', 's', { spec: { ports: [{}], externalIPs: [''] } }),
      ],
      { source: 'MANIFESTS' },
    );
    t.same(complaints(snapshot), [
      'INVALID_OBJECT Deployment default/d spec.replicas',
      'INVALID_OBJECT Deployment default/e spec.template',
      'INVALID_OBJECT Node m spec.podCIDR',
      'INVALID_OBJECT Pod default/a metadata.ownerReferences[0]',
      'INVALID_OBJECT Pod default/b metadata.ownerReferences',
      'INVALID_OBJECT Pod default/c spec.hostNetwork',
      'INVALID_OBJECT Service default/s spec.ports[0].port',
    ]);
    t.same(
      podsOf(snapshot).map(({ name, conflict }) => [name, conflict]),
      [
        ['a', true],
        ['b', true],
        ['d[0]', true],
      ],
      'a pod that may be its node is none that can be asked about',
    );
    t.match(snapshot.cluster.nodes, [
      { name: 'm', addresses: [] },
      { name: 'n', uid: 'u' },
    ]);
  },
);

t.test('empty texts stand for defaults where the API server fills them in', async (t) => {
  const snapshot = await build([
    pod(
      'a',
      {},
      { spec: { containers: [{ ports: [{ containerPort: 1, protocol: '', name: '' }] }] } },
    ),
    object('v1', 'Service', 's', {
      spec: {
        type: '',
        externalTrafficPolicy: '',
        ports: [{ port: 1, protocol: '', targetPort: '' }],
      },
    }),
  ]);
  t.same(complaints(snapshot), []);
  t.same(podsOf(snapshot)[0]?.ports, [{ protocol: 'TCP', port: 1, container: 'regular' }]);
  t.match(namespaceOf(snapshot).services, [
    { type: 'ClusterIP', ports: [{ protocol: 'TCP', targetPort: 1 }] },
  ]);
});

const ingress = (spec: unknown): Record<string, unknown> =>
  object('networking.k8s.io/v1', 'Ingress', 'i', { spec });
const backend = { service: { name: 's', port: { number: 80 } } };
const ruleFor = (path: unknown, host = 'a.example'): unknown => ({
  rules: [{ host, http: { paths: [path] } }],
});

t.test(
  'what is wrong with an Ingress is told at the field, and is no doubt about policies',
  async (t) => {
    const cases: readonly (readonly [object: Record<string, unknown>, path: string])[] = [
      [ingress(ruleFor({ path: '/', pathType: 'Prefix' })), 'spec.rules[0].http.paths[0].backend'],
      [
        ingress(ruleFor({ path: 'x', pathType: 'Prefix', backend })),
        'spec.rules[0].http.paths[0].path',
      ],
      [
        ingress(ruleFor({ path: '/', pathType: 'prefix', backend })),
        'spec.rules[0].http.paths[0].pathType',
      ],
      [
        ingress(ruleFor({ path: '/', pathType: 'Prefix', backend: { service: { name: 's' } } })),
        'spec.rules[0].http.paths[0].backend.service.port.number',
      ],
      [
        ingress(
          ruleFor({
            path: '/',
            pathType: 'Prefix',
            backend: { service: { name: 's', port: { name: 'A' } } },
          }),
        ),
        'spec.rules[0].http.paths[0].backend.service.port.name',
      ],
      [
        ingress(ruleFor({ path: '/', pathType: 'Prefix', backend }, '10.0.0.1')),
        'spec.rules[0].host',
      ],
      [object('networking.k8s.io/v1', 'IngressClass', 'c', { spec: {} }), 'spec.controller'],
      [
        object('gateway.networking.k8s.io/v1', 'Gateway', 'g', {
          spec: { gatewayClassName: 'c', listeners: [{ name: 'a', port: 0, protocol: 'HTTP' }] },
        }),
        'spec.listeners[0].port',
      ],
      [
        object('gateway.networking.k8s.io/v1', 'HTTPRoute', 'r', {
          spec: { parentRefs: [{ name: 'g' }], rules: [{ backendRefs: [{ name: 's' }] }] },
        }),
        'spec.rules[0].backendRefs[0].port',
      ],
      [
        object('route.openshift.io/v1', 'Route', 'o', { spec: { to: { kind: 'Service' } } }),
        'spec.to.name',
      ],
    ];
    for (const [one, path] of cases) {
      const snapshot = await build([pod('a'), one], { source: 'MANIFESTS' });
      const [problem] = snapshot.problems.filter(({ severity }) => severity === 'error');
      t.match(problem, { code: 'INVALID_OBJECT', path, affectsVerdicts: false }, path);
      const { entries = [], gateways = [] } = namespaceOf(snapshot).waysIn ?? {};
      const all = [...entries, ...gateways, ...(snapshot.cluster.controllerClasses ?? [])];
      t.same(
        all.map(({ doubtful }) => doubtful),
        [true],
      );
    }
  },
);

t.test('nothing but what ways in need is kept of their objects', async (t) => {
  const secret = 'must-not-be-kept';
  const annotations = { 'kubernetes.io/ingress.class': 'nginx', other: secret };
  const snapshot = await build(
    [
      {
        ...ingress(ruleFor({ path: '/', pathType: 'Prefix', backend })),
        metadata: { name: 'i', annotations },
      },
      object('route.openshift.io/v1', 'Route', 'o', {
        spec: { host: 'o.example', to: { name: 's' }, tls: { termination: 'edge', key: secret } },
      }),
    ],
    { source: 'MANIFESTS' },
  );
  const { entries = [] } = namespaceOf(snapshot).waysIn ?? {};
  t.match(entries, [
    { ref: { kind: 'Ingress' }, className: 'nginx', tls: [] },
    { ref: { kind: 'Route' }, className: 'openshift-default', tls: 'every' },
  ]);
  t.notMatch(JSON.stringify([...snapshot.namespaces.values()]), secret);
  t.same(complaints(snapshot), []);
});

t.test('every version of a kind that brings traffic in is one kind to coverage', async (t) => {
  const route = (version: string, name: string): Record<string, unknown> =>
    object(`gateway.networking.k8s.io/${version}`, 'HTTPRoute', name, { spec: { parentRefs: [] } });
  const snapshot = await build([route('v1', 'a'), route('v1beta1', 'b'), route('v1alpha2', 'c')], {
    source: 'LIVE',
  });
  const rows = snapshot.coverage.filter(({ kind }) => kind === 'HTTPRoute');
  t.match(rows, [{ apiVersion: 'gateway.networking.k8s.io/v1', status: 'COMPLETE', count: 3 }]);
  t.equal(rows.length, 1);
});
