import fc from 'fast-check';
import t from 'tap';
import { compileIndex, overlayIndex } from '../../src/engine/compile.ts';
import { IrCache } from '../../src/engine/index/policy-ir.ts';
import { affectedEnds } from '../../src/engine/diff/affected.ts';
import { diffIndexes } from '../../src/engine/diff/diff-indexes.ts';
import { JointEnds } from '../../src/engine/diff/joint-ends.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import { printConnections } from '../../src/model/connection-set.ts';
import { EVERY_KIND, snapshotOf, snapshotOfDump } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { SEED, WORLDS, holds } from '../support/property.ts';
import { worlds } from '../support/worlds.ts';
import { diffDifferences, follow, overlayDifferences } from './agreement-changes.ts';
import { withOwnService } from './agreement-lists.ts';
import { edits } from './edits.ts';
import { wideWorlds } from './flat-worlds.ts';

t.setTimeout(1_800_000);
t.comment(`PODREACH_SEED=${SEED} PODREACH_WORLDS=${WORLDS}`);

t.test('after any edits an overlay on the index of before says what a compile says', async (t) => {
  const counts = { overlaid: 0, compiled: 0 };
  const sequences = fc.tuple(worlds(), worlds(), edits(4));
  await holds(sequences, 0.02, async ([objects, donors, changes]) =>
    follow(withOwnService(objects), donors, changes, counts),
  );
  t.comment(JSON.stringify(counts));
  t.ok(counts.compiled < 2 * counts.overlaid, 'many edits are taken in');
});

t.test('the same in wide clusters, where lists are bits and selectors many', async (t) => {
  const counts = { overlaid: 0, compiled: 0 };
  const sequences = fc.tuple(wideWorlds(), wideWorlds(), edits(3));
  // Each takes long, and a smaller one would be another kind of world: no counterexample is shrunk.
  const numRuns = Math.max(3, Math.ceil(WORLDS * 0.0003));
  for (const [objects, donors, changes] of fc.sample(sequences, { seed: SEED, numRuns })) {
    t.same(await follow(objects, donors, changes, counts, 211), []);
  }
  t.comment(JSON.stringify(counts));
});

t.test('a diff names every pair that changed, with its ports, and no other', async (t) => {
  let changed = 0;
  const steps = fc.tuple(worlds(), worlds(), edits(3), fc.boolean());
  await holds(steps, 0.01, async ([objects, donors, changes, isWhole]) => {
    const found = await diffDifferences({ objects, donors, changes, isWhole });
    changed += found.changed;
    return found.wrong;
  });
  t.comment(`${changed} pairs`);
  t.ok(changed > 0, 'something changed');
});

t.test('a pod that moves into another block is told, though its labels stay', async (t) => {
  const pod = (name: string, ip: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'n0', name, labels: { app: name } },
    spec: { nodeName: 'w1', containers: [] },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
  });
  const near: KubeObject = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace: 'n0', name: 'near' },
    spec: {
      podSelector: { matchLabels: { app: 'db' } },
      ingress: [{ from: [{ ipBlock: { cidr: '10.0.1.0/24' } }] }],
    },
  };
  const at = async (ip: string): Promise<ReachIndex> =>
    compileIndex(await snapshotOf([pod('db', '10.0.9.9'), pod('web', ip), near]), DEFAULT_OPTIONS);
  const [far, close] = [await at('10.0.2.5'), await at('10.0.1.5')];
  const told = diffIndexes(far, close).map(({ source, destination, before, after }) => [
    ...[source, destination].map(({ kind }) => kind),
    ...[before, after].map(({ allowed }) => printConnections(allowed)),
  ]);
  t.same(told, [['pods', 'pods', 'none', 'all']]);
});

t.test('what an overlay cannot take in is left to a compile', async (t) => {
  const pod = (name: string, ip: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'n0', name, labels: { app: name } },
    spec: { nodeName: 'w1', containers: [] },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
  });
  const space = (labels: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'n0', labels },
  });
  const policy = (spec: NonNullable<KubeObject['spec']>): KubeObject => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace: 'n0', name: 'p' },
    spec: { podSelector: {}, ...spec },
  });
  const admin: KubeObject = {
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    kind: 'AdminNetworkPolicy',
    metadata: { name: 'a' },
    spec: { priority: 1, subject: { namespaces: {} }, ingress: [] } as object,
  };
  const web = pod('web', '10.0.0.1');
  const block = policy({ ingress: [{ from: [{ ipBlock: { cidr: '10.1.0.0/16' } }] }] });
  const named = policy({ ingress: [{ ports: [{ port: 'http' }] }] });
  const open = policy({ ingress: [{}] });
  const steps: Record<string, readonly [KubeObject[], KubeObject[]]> = {
    'a pod that comes': [[web], [web, pod('db', '10.0.0.2')]],
    'a pod that moves': [[web], [pod('web', '10.0.0.9')]],
    'other labels of a namespace': [
      [space({}), web],
      [space({ team: 'a' }), web],
    ],
    'a block that is new': [
      [web, open],
      [web, block],
    ],
    'a block that nobody names any more': [
      [web, block],
      [web, open],
    ],
    'a port name that is new': [
      [web, open],
      [web, named],
    ],
    'the last policy that reads labels of namespaces': [
      [web, policy({ ingress: [{ from: [{ namespaceSelector: { matchLabels: { a: 'b' } } }] }] })],
      [web, open],
    ],
    'a policy of the cluster': [
      [web, admin, open],
      [web, admin, policy({})],
    ],
  };
  for (const [what, [before, after]] of Object.entries(steps)) {
    const base = compileIndex(await snapshotOf(before), DEFAULT_OPTIONS);
    t.equal(overlayIndex(base, await snapshotOf(after)), undefined, what);
  }
  const base = compileIndex(await snapshotOf([web, open]), DEFAULT_OPTIONS);
  t.ok(overlayIndex(base, await snapshotOf([web, policy({})])), 'other rules are taken in');
});

/** A pod that runs at an address. */
function podAt(key: string, ip: string, more: Partial<KubeObject['metadata']> = {}): KubeObject {
  const [namespace = '', name = ''] = key.split('/');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels: { app: name }, ...more },
    spec: { nodeName: 'w1', containers: [] },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
  };
}

/** A policy of `n0` with the specification `spec`. */
function policyOf(name: string, spec: NonNullable<KubeObject['spec']>): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace: 'n0', name },
    spec,
  };
}

const [A, B, C] = [podAt('n0/a', '10.0.0.1'), podAt('n0/b', '10.0.0.2'), podAt('n1/c', '10.0.0.3')];
const NODE: KubeObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'w1' },
  status: { addresses: [{ type: 'InternalIP', address: '192.168.0.1' }] },
};
const SHUT = policyOf('shut', { podSelector: { matchLabels: { app: 'a' } }, ingress: [] });
const OPEN = policyOf('shut', { podSelector: { matchLabels: { app: 'a' } }, ingress: [{}] });
const PLAIN = [A, B, C, NODE, SHUT];
const but = (gone: KubeObject, ...come: KubeObject[]): KubeObject[] => [
  ...PLAIN.filter((object) => object !== gone),
  ...come,
];
const moved: KubeObject = {
  ...NODE,
  status: { addresses: [{ type: 'InternalIP', address: '192.168.0.2' }] },
};

const AFFECTED: Readonly<Record<string, readonly [KubeObject[], readonly string[]]>> = {
  'nothing, when nothing changed': [PLAIN, []],
  'the pods of a policy': [but(SHUT, OPEN), ['n0/pod/a']],
  'the pods of a policy of another name': [
    but(SHUT, { ...SHUT, metadata: { namespace: 'n0', name: 'other' } }),
    ['n0/pod/a'],
  ],
  'the pods of one policy more': [
    [...PLAIN, policyOf('more', { podSelector: { matchLabels: { app: 'b' } }, egress: [] })],
    ['n0/pod/b'],
  ],
  'a pod with other labels': [
    but(B, podAt('n0/b', '10.0.0.2', { labels: { app: 'x' } })),
    ['n0/pod/b'],
  ],
  'a pod with a label more': [
    but(B, podAt('n0/b', '10.0.0.2', { labels: { app: 'b', new: 'x' } })),
    ['n0/pod/b'],
  ],
  'a pod with a port more': [
    but(B, {
      ...B,
      spec: { nodeName: 'w1', containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] },
    }),
    ['n0/pod/b'],
  ],
  'a pod that moved': [but(B, podAt('n0/b', '10.0.0.9')), ['n0/pod/b']],
  'a pod that started': [but(B, { ...B, status: { ...B.status, phase: 'Pending' } }), ['n0/pod/b']],
  'a pod that came': [[...PLAIN, podAt('n0/d', '10.0.0.4')], ['n0/pod/d']],
  'a pod that went': [but(B), ['n0/pod/b']],
  'the pods of a policy of which there are two': [
    [...PLAIN, { ...SHUT, spec: { podSelector: { matchLabels: { app: 'a' } }, ingress: [{}] } }],
    ['n0/pod/a'],
  ],
  'all pods of a namespace with other labels': [
    [
      ...PLAIN,
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n0', labels: { x: 'y' } } },
    ],
    ['n0/pod/a', 'n0/pod/b'],
  ],
};

/** Policies that an overlay goes to from some other, and from it to the next. */
const TAKEN_IN: Readonly<Record<string, NonNullable<KubeObject['spec']>>> = {
  'nobody may come in': { podSelector: {}, ingress: [] },
  'everybody may': { podSelector: {}, ingress: [{}] },
  'everybody may, to some': { podSelector: { matchLabels: { app: 'a' } }, ingress: [{}] },
  'from all namespaces': { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] },
  'from the own one': { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] },
  'from a namespace with a label': {
    podSelector: {},
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'y' } } }] }],
  },
  'from namespaces without it': {
    podSelector: {},
    ingress: [
      {
        from: [
          { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] } },
        ],
      },
    ],
  },
  'from two namespaces by label': {
    podSelector: {},
    ingress: [
      { from: [{ namespaceSelector: { matchLabels: { team: 'x' } } }] },
      { from: [{ namespaceSelector: { matchLabels: { team: 'y' } } }], ports: [{ port: 81 }] },
    ],
  },
  'from a namespace by name': {
    podSelector: {},
    ingress: [
      { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'n1' } } }] },
    ],
  },
  'from two namespaces by name': {
    podSelector: {},
    ingress: [
      {
        from: [
          {
            namespaceSelector: {
              matchExpressions: [
                { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['n1', 'n2'] },
              ],
            },
          },
        ],
      },
    ],
  },
  'from all but that one': {
    podSelector: {},
    ingress: [
      {
        from: [
          {
            namespaceSelector: {
              matchExpressions: [
                { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['n1'] },
              ],
            },
          },
        ],
      },
    ],
  },
  'from pods anywhere': {
    podSelector: {},
    ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'c' } } }] }],
  },
  'from pods of one namespace': {
    podSelector: { matchLabels: { app: 'b' } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'a' } } }], ports: [{ port: 80 }] }],
  },
  'to pods of another': {
    podSelector: { matchLabels: { app: 'a' } },
    policyTypes: ['Egress'],
    egress: [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { team: 'y' } },
            podSelector: { matchLabels: { app: 'd' } },
          },
        ],
        ports: [{ port: 80, endPort: 90 }, { protocol: 'UDP' }],
      },
    ],
  },
  'by the name of a port that others name': {
    podSelector: {},
    ingress: [{ ports: [{ port: 'http' }] }],
  },
  'of a namespace that nobody has': {
    podSelector: {},
    ingress: [
      { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'n9' } } }] },
    ],
  },
};

const spaceOf = (name: string, labels: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});
const NAMED = { containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 81 }] }] };

/** What the policies above are about. */
const AROUND: readonly KubeObject[] = [
  ...[spaceOf('n0', { team: 'x' }), spaceOf('n1', { team: 'y' }), spaceOf('n2', {})],
  ...[A, B, C, { ...podAt('n1/d', '10.0.0.4'), spec: NAMED }, podAt('n2/e', '10.0.0.5')],
  { ...podAt('n0/f', '10.0.0.6'), spec: NAMED },
  // What others name is known, and that others read labels of namespaces.
  {
    ...policyOf('others', {
      podSelector: {},
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { team: 'z' } } }],
          ports: [{ port: 'http' }],
        },
      ],
    }),
    metadata: { namespace: 'n1', name: 'others' },
  },
];

for (const [i, [what, spec]] of Object.entries(TAKEN_IN).entries()) {
  t.test(`an overlay says what a compile says: ${what}`, async (t) => {
    const specs = Object.entries(TAKEN_IN);
    const objects = [...AROUND, policyOf('p', spec)];
    const snapshot = await snapshotOf(objects);
    for (const step of [1, 4]) {
      const [from = '', other = {}] = specs[(i + step) % specs.length] ?? [];
      const before = [...AROUND, policyOf('p', other)];
      const base = await snapshotOf(before);
      const index = compileIndex(base, DEFAULT_OPTIONS);
      const overlay = overlayIndex(index, snapshot);
      const wrong =
        overlay === undefined ? ['compiled'] : overlayDifferences(overlay, snapshot, objects, i);
      t.same(wrong, [], `after: ${from}`);
      if (step === 1) t.same(overlayDifferences(index, base, before, i), [], 'which is as it was');
    }
  });
}

/** Keys of the pods and names of the nodes that a diff of two indexes looks at. */
function lookedAt(before: ReachIndex, after: ReachIndex): string[] {
  const ends = [...affectedEnds(before, after, new JointEnds(before, after))];
  const keys = ends.flatMap(({ node, pods }) => [
    ...(node === undefined ? [] : [`node/${node}`]),
    ...pods.flatMap((pod) =>
      pod.after !== undefined
        ? [after.directory.podKeyOf(pod.after)]
        : pod.before !== undefined
          ? [before.directory.podKeyOf(pod.before)]
          : [],
    ),
  ]);
  return keys.toSorted();
}

t.test('a diff looks at nothing that is as it was', async (t) => {
  const before = compileIndex(await snapshotOf(PLAIN), DEFAULT_OPTIONS);
  for (const [what, [objects, wanted]] of Object.entries(AFFECTED)) {
    const after = compileIndex(await snapshotOf(objects), DEFAULT_OPTIONS);
    t.same(lookedAt(before, after), wanted, what);
    t.same(lookedAt(after, before), wanted, `${what}, the other way round`);
  }
});

t.test('a diff looks at everything where it could all be otherwise', async (t) => {
  const pods = ['n0/pod/a', 'n0/pod/b', 'n1/pod/c'];
  const before = compileIndex(await snapshotOf(PLAIN), DEFAULT_OPTIONS);
  const elsewhere = compileIndex(await snapshotOf(but(NODE, moved)), DEFAULT_OPTIONS);
  t.same(lookedAt(before, elsewhere), [...pods, 'node/w1'], 'a node that moved');
  const dump = async (...hidden: string[]): Promise<ReachIndex> => {
    const kinds = EVERY_KIND.filter((kind) => !hidden.includes(kind));
    return compileIndex(await snapshotOfDump(PLAIN, kinds), DEFAULT_OPTIONS);
  };
  t.same(lookedAt(before, await dump()), pods, 'what is there may not be all');
  t.same(lookedAt(await dump(), await dump('Service')), pods, 'another kind is missing');
  t.same(lookedAt(await dump(), await dump()), [], 'the same dump');
});

t.test(
  'a node that only pods speak of is looked at when they give it another address',
  async (t) => {
    const on = (ip: string): KubeObject[] => [
      ...[A, B],
      { ...podAt('n0/agent', ip), spec: { nodeName: 'w9', hostNetwork: true, containers: [] } },
    ];
    const [one, same, other] = await Promise.all(
      ['192.168.0.9', '192.168.0.9', '192.168.0.8'].map(async (ip) =>
        compileIndex(await snapshotOf(on(ip)), DEFAULT_OPTIONS),
      ),
    );
    if (one === undefined || same === undefined || other === undefined) throw new Error('no index');
    t.same(lookedAt(one, same), []);
    t.same(lookedAt(one, other), ['node/w9']);
  },
);

t.test('after a hundred overlays in a row an index is compiled again', async (t) => {
  const [shut, open] = [await snapshotOf([A, B, SHUT]), await snapshotOf([A, B, OPEN])];
  const cache = new IrCache();
  let index = compileIndex(shut, DEFAULT_OPTIONS, cache);
  let turns = 0;
  for (; turns < 200; turns += 1) {
    const next = overlayIndex(index, turns % 2 === 0 ? open : shut, cache);
    if (next === undefined) break;
    index = next;
  }
  t.equal(turns, 100);
});
