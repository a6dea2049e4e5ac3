import fc from 'fast-check';
import type {
  KubeObject,
  KubePeer,
  KubePolicyPort,
  KubeSelector,
} from '../support/kube-objects.ts';

/*
 * Clusters for the flat engine: wide ones, in which every kind of set, list and index is used, and a
 * structured one whose counts are known.
 */

const KEYS = ['app', 'tier', 'zone', 'constructor'];
const VALUES = ['a', 'b', 'c', ''];
/** So many values that "the key exists" is no way to find a selector. */
const MANY = Array.from({ length: 20 }, (_, i) => `m${i}`);
const SPACES = ['n0', 'n1', 'n2', 'n3', 'n4'];

/** About 120 pods and 70 policies in five namespaces, on a hundred address blocks. */
export function wideWorlds(): fc.Arbitrary<readonly KubeObject[]> {
  return fc
    .record({
      pods: fc.array(podDraft(), { minLength: 110, maxLength: 130 }),
      policies: fc.array(policyDraft(), { minLength: 60, maxLength: 80 }),
      labels: fc.array(labels(), { minLength: SPACES.length, maxLength: SPACES.length }),
    })
    .map((world) => [
      ...SPACES.map((name, i): KubeObject => {
        const metadata = { name, labels: world.labels[i] ?? {} };
        return { apiVersion: 'v1', kind: 'Namespace', metadata };
      }),
      ...world.pods.map((make, i) => make(i)),
      ...world.policies.map((make, i) => make(i)),
    ]);
}

/** Most pods are in the first namespace, so that a selector can hold most classes. */
function podDraft(): fc.Arbitrary<(i: number) => KubeObject> {
  const port = fc.record({
    name: fc.constantFrom('http', 'dns', 'other'),
    containerPort: fc.constantFrom(80, 81, 53),
    protocol: fc.constantFrom('TCP', 'UDP'),
  });
  return fc
    .record({
      namespace: fc.constantFrom('n0', 'n0', 'n0', 'n0', ...SPACES),
      labels: labels(),
      ports: fc.uniqueArray(port, { maxLength: 2, selector: ({ name }) => name }),
      families: fc.constantFrom(4, 4, 4, 6, 10),
      subnet: fc.nat({ max: 60 }),
    })
    .map(({ namespace, labels, ports, families, subnet }) => (i) => {
      const ips = [
        ...(families === 6 ? [] : [`10.0.${subnet}.${i + 1}`]),
        ...(families === 4 ? [] : [`fd00::${subnet.toString(16)}:${(i + 1).toString(16)}`]),
      ];
      return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace, name: `p${i}`, labels },
        spec: { nodeName: 'w1', containers: [{ name: 'main', ports }] },
        status: { phase: 'Running', podIP: ips[0] ?? '', podIPs: ips.map((ip) => ({ ip })) },
      };
    });
}

function policyDraft(): fc.Arbitrary<(i: number) => KubeObject> {
  const rules = (side: 'from' | 'to') =>
    fc.array(
      fc
        .tuple(
          fc.array(peer(), { minLength: 1, maxLength: 3 }),
          fc.array(port(), { minLength: 0, maxLength: 2 }),
        )
        .map(([peers, ports]) => ({ [side]: peers, ports })),
      { maxLength: 2 },
    );
  return fc
    .record({
      namespace: fc.constantFrom(...SPACES),
      podSelector: selector(),
      policyTypes: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress']),
      ingress: rules('from'),
      egress: rules('to'),
    })
    .map(({ namespace, ...spec }) => (i) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { namespace, name: `policy-${i}` },
      spec,
    }));
}

function peer(): fc.Arbitrary<KubePeer> {
  const cidr = fc.oneof(
    fc.nat({ max: 60 }).map((subnet) => `10.0.${subnet}.0/24`),
    fc.nat({ max: 15 }).map((subnet) => `10.0.${4 * subnet}.0/22`),
    fc.nat({ max: 60 }).map((subnet) => `fd00::${subnet.toString(16)}:0/112`),
    fc.constant('0.0.0.0/0'),
  );
  const ipBlock = fc
    .tuple(cidr, fc.nat({ max: 60 }))
    .map(([cidr, hole]) =>
      cidr === '0.0.0.0/0' ? { cidr, except: [`10.0.${hole}.0/24`] } : { cidr },
    );
  return fc.oneof(
    { weight: 2, arbitrary: fc.record({ podSelector: selector() }) },
    {
      weight: 3,
      arbitrary: fc.record({ namespaceSelector: selector(), podSelector: oftenSame() }),
    },
    { weight: 2, arbitrary: fc.record({ ipBlock }) },
  );
}

/** One selector in many scopes: they are looked up, not tried. */
function oftenSame(): fc.Arbitrary<KubeSelector> {
  return fc.oneof(fc.constant({ matchLabels: { app: 'a' } }), selector());
}

function port(): fc.Arbitrary<KubePolicyPort> {
  return fc.oneof(
    fc.constantFrom(80, 81, 53, 443).map((number) => ({ port: number })),
    fc.constantFrom('http', 'dns').map((name) => ({ port: name, protocol: 'TCP' })),
    fc.constantFrom('http', 'dns').map((name) => ({ port: name, protocol: 'UDP' })),
    fc.constant({ port: 79, endPort: 90, protocol: 'UDP' }),
  );
}

function selector(): fc.Arbitrary<KubeSelector> {
  const values = (all: readonly string[]) =>
    fc.uniqueArray(fc.constantFrom(...all), { minLength: 1, maxLength: 2 });
  const operator = fc.constantFrom('In', 'NotIn', 'NotIn', 'Exists', 'DoesNotExist');
  const requirement = fc
    .oneof(
      { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...KEYS), operator, values(VALUES)) },
      fc.tuple(fc.constant('many'), operator, values(MANY)),
    )
    .map(([key, operator, values]) =>
      operator === 'In' || operator === 'NotIn' ? { key, operator, values } : { key, operator },
    );
  return fc.array(requirement, { maxLength: 2 }).map((matchExpressions) => ({ matchExpressions }));
}

function labels(): fc.Arbitrary<Record<string, string>> {
  const pair = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES)) },
    fc.tuple(fc.constant('many'), fc.constantFrom(...MANY)),
  );
  return fc
    .uniqueArray(pair, { maxLength: 4, selector: ([key]) => key })
    .map((pairs) => Object.fromEntries(pairs));
}

/** `namespaces` teams with a front, a middle and a database each, and what teams write for them. */
export function structuredCluster(namespaces: number): KubeObject[] {
  return Array.from({ length: namespaces }, (_, i) => teamOf(i)).flat();
}

function teamOf(i: number): KubeObject[] {
  const namespace = `team-${String(i).padStart(3, '0')}`;
  const pod = (name: string, app: string, port: number): KubeObject => {
    const ip = `10.${i}.${app.length}.${name.charCodeAt(name.length - 1)}`;
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name, labels: { app, 'pod-name': name, team: `${i % 5}` } },
      spec: {
        nodeName: 'w1',
        containers: [{ name: 'main', ports: [{ name: 'http', containerPort: port }] }],
      },
      status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
    };
  };
  const policy = (name: string, spec: NonNullable<KubeObject['spec']>): KubeObject => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace, name },
    spec,
  });
  const dns = { 'kubernetes.io/metadata.name': 'kube-system' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { team: `${i % 5}` } },
    },
    ...['a', 'b', 'c'].map((n) => pod(`front-${n}`, 'front', 8080)),
    ...['a', 'b'].map((n) => pod(`api-${n}`, 'api', 8000 + (i % 2))),
    ...['a', 'b', 'c'].map((n) => pod(`db-${n}`, 'db', 5432)),
    policy('deny', {
      podSelector: {},
      policyTypes: i % 2 === 0 ? ['Ingress', 'Egress'] : ['Ingress'],
    }),
    policy('dns', {
      podSelector: i % 2 === 0 ? {} : { matchLabels: { app: 'db' } },
      policyTypes: ['Egress'],
      egress: [{ to: [{ namespaceSelector: { matchLabels: dns } }], ports: [{ port: 53 }] }],
    }),
    policy('front-to-api', {
      podSelector: { matchLabels: { app: 'api' } },
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: 'front' } } }], ports: [{ port: 'http' }] },
      ],
    }),
    policy('other-teams', {
      podSelector: { matchLabels: { app: 'front' } },
      ingress: [
        {
          from: [
            {
              namespaceSelector: { matchLabels: { team: `${i % 5}` } },
              podSelector: { matchLabels: { app: 'front' } },
            },
            { ipBlock: { cidr: '10.0.0.0/9' } },
          ],
        },
      ],
    }),
  ];
}
