import fc from 'fast-check';

import { sealSnapshot } from '../../src/model/digest.ts';
import type { ControllerClass, Listener, NamespaceEntries } from '../../src/model/entry.ts';
import type { Policy } from '../../src/model/policy.ts';
import { provenanceByNamespace } from '../../src/model/snapshot.ts';
import type { NamespaceChunk, PodTable, Problem, Provenance } from '../../src/model/snapshot.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

/** What a sample namespace says; everything has a default. */
export interface SampleNamespace {
  readonly pods?: readonly string[];
  readonly labels?: ReadonlyMap<string, string>;
  readonly policies?: readonly Policy[];
}

/** Label keys that are members of every plain object. */
export const HOSTILE_KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

/** A namespace whose pods all carry the same labels. */
export function sampleNamespace(name: string, sample: SampleNamespace = {}): NamespaceChunk {
  const names = [...(sample.pods ?? ['api-1', 'api-2'])].sort();
  return {
    name,
    labels: new Map([['kubernetes.io/metadata.name', name]]),
    known: 'OBJECT',
    terminating: false,
    conflict: false,
    labelSets: [sample.labels ?? new Map([['app', 'api']])],
    shapes: [{ labels: 0, ports: [], hostNetwork: false }],
    pods: podTable(names),
    workloads: [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: 'api',
        labels: new Map(),
        template: false,
      },
    ],
    policies: sample.policies ?? [samplePolicy(name, 'allow-web')],
    services: [],
  };
}

/** A policy with every kind of peer and port. */
export function samplePolicy(namespace: string, name: string): Policy {
  const everyone = { requirements: [] };
  const web = { requirements: [{ key: 'app', operator: 'In', values: ['web'] }] } as const;
  const inside = { namespaces: { kind: 'named', name: namespace }, pods: web } as const;
  const selected = { namespaces: { kind: 'selected', selector: web }, pods: everyone } as const;
  const addresses = { kind: 'addresses', cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } as const;
  return {
    ref: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace, name },
    tier: 'network-policy',
    order: 0,
    subject: inside,
    applies: { ingress: true, egress: true },
    ingress: [
      {
        index: 0,
        action: 'allow',
        peers: [
          { index: 0, negated: false, atom: { kind: 'pods', selection: inside } },
          { index: 1, negated: true, atom: { kind: 'pods', selection: selected } },
          { index: 2, negated: false, atom: { ...addresses, owned: 'options' } },
          { index: 3, negated: false, atom: { kind: 'nodes', selector: web } },
          { index: 4, negated: false, atom: { kind: 'opaque', reason: 'a host name' } },
        ],
        ports: [
          { index: 0, kind: 'range', protocol: 'TCP', from: 80, to: 81 },
          { index: 1, kind: 'name', protocol: 'UDP', name: 'dns' },
          { index: 2, kind: 'name', name: 'any' },
        ],
      },
    ],
    egress: [
      { index: 0, name: 'all', action: 'pass', peers: 'every', ports: 'every', opaque: 'x' },
    ],
    opaque: { code: 'INVALID_POLICY', message: 'for the test' },
    spec: '{"podSelector":{}}',
  };
}

/** A problem that changes verdicts; `more` replaces members. */
export function sampleProblem(more: Partial<Problem> = {}): Problem {
  return {
    severity: 'error',
    code: 'INVALID_POLICY',
    object: 'NetworkPolicy shop/allow-web',
    path: 'spec.ingress[0]',
    message: 'for the test',
    affectsVerdicts: true,
    ...more,
  };
}

/** A sealed snapshot of `namespaces`; `more` replaces members. */
export function sampleSnapshot(
  namespaces: readonly NamespaceChunk[],
  more: Partial<Omit<Snapshot, 'digest' | 'namespaces'>> = {},
): Snapshot {
  return sealSnapshot({
    source: 'MANIFESTS',
    sourceDetected: false,
    assumptions: [],
    coverage: [{ apiVersion: 'v1', kind: 'Pod', status: 'COMPLETE', count: 2, namespaces: [] }],
    problems: [],
    cluster: { nodes: [], policies: [] },
    provenance: new Map(),
    ...more,
    namespaces: new Map(namespaces.map((chunk) => [chunk.name, chunk])),
  });
}

/** A snapshot that uses most of the model. */
export function richSnapshot(): Snapshot {
  const labels = new Map(HOSTILE_KEYS.map((key, i) => [key, String(i)]));
  const shop = sampleNamespace('shop', { labels });
  const group = {
    source: 'EndpointSlice',
    ports: [
      { protocol: 'TCP', port: 8080 },
      { name: 'all', protocol: 'SCTP' },
    ],
    endpoints: [
      {
        addresses: ['10.0.0.1'],
        pod: 'shop/api-1',
        ready: true,
        serving: true,
        terminating: false,
      },
      { addresses: [], node: 'n1', ready: false, serving: false, terminating: true },
    ],
  } as const;
  const service = {
    name: 'api',
    uid: 'u-1',
    type: 'LoadBalancer',
    headless: false,
    selector: labels,
    ports: [
      { name: 'http', protocol: 'TCP', port: 80, targetPort: 'http', nodePort: 30080 },
      { protocol: 'UDP', port: 53, targetPort: 5353 },
    ],
    clusterIPs: ['10.96.0.1'],
    externalIPs: [],
    loadBalancerIPs: ['192.0.2.1'],
    loadBalancerSourceRanges: ['0.0.0.0/0'],
    externalName: 'example.com',
    externalTrafficPolicy: 'Local',
    internalTrafficPolicy: 'Cluster',
    publishNotReadyAddresses: false,
    endpoints: [group],
    conflict: false,
  } as const;
  const ref = { apiVersion: 'policy.networking.k8s.io/v1alpha2', kind: 'Admin', name: 'baseline' };
  return sampleSnapshot([{ ...shop, services: [service], uid: 'u-2' }, sampleNamespace('data')], {
    source: 'LIVE',
    sourceDetected: true,
    assumptions: ['NO_POLICIES'],
    problems: [sampleProblem({ namespace: 'shop', file: 'a.yaml', line: 3 })],
    cluster: {
      nodes: [
        { name: 'n1', uid: 'u-3', labels, addresses: ['192.0.2.9'], podCIDRs: ['10.0.0.0/24'] },
      ],
      policies: [{ ...samplePolicy('shop', 'baseline'), ref }],
    },
    provenance: provenanceByNamespace([
      {
        object: samplePolicy('shop', 'allow-web').ref,
        file: 'a.yaml',
        line: 1,
        lines: [['/spec', 4]],
      },
      { object: ref, lines: [] },
    ]),
  });
}

/** Something of all that brings traffic into a namespace. */
export const SAMPLE_ENTRIES: NamespaceEntries = {
  entries: [
    {
      ref: {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        namespace: 'shop',
        name: 'r',
      },
      parents: [{ kind: 'Gateway', namespace: 'shop', name: 'gw', listener: 'http', port: 80 }],
      tls: [],
      addresses: [],
      rules: [],
      doubtful: true,
    },
    {
      ref: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'shop', name: 'i' },
      className: 'nginx',
      tls: 'every',
      addresses: ['192.0.2.1', 'lb.example'],
      rules: [
        {
          pointer: '/spec/rules/0/http/paths/0',
          hosts: ['*.example'],
          paths: ['=/a', '~.*'],
          backends: [
            { kind: 'Service', namespace: 'shop', name: 'api', port: 80 },
            { kind: 'Service', namespace: 'shop', name: 'api', port: 'http' },
            { kind: 'Bucket.x', namespace: 'shop', name: 'b' },
          ],
        },
      ],
      doubtful: false,
    },
  ],
  gateways: [
    {
      name: 'gw',
      uid: 'u-4',
      className: 'c',
      addresses: [],
      accepted: true,
      listeners: (['same', 'every', 'none'] as const)
        .map((kind): Listener => ({
          name: kind,
          port: 80,
          protocol: 'HTTP',
          kinds: [],
          namespaces: { kind },
        }))
        .concat({
          name: 'selected',
          hostname: 'a.example',
          port: 443,
          protocol: 'HTTPS',
          kinds: ['HTTPRoute'],
          namespaces: {
            kind: 'selected',
            selector: { requirements: [{ key: 'team', operator: 'Exists', values: [] }] },
          },
        }),
      doubtful: false,
    },
  ],
  grants: [
    {
      name: 'g',
      from: [{ kind: 'HTTPRoute', namespace: 'data' }],
      to: [{ kind: 'Service' }, { kind: 'Service', name: 'api' }],
      doubtful: false,
    },
  ],
};

/** A class of each kind. */
export const SAMPLE_CLASSES: readonly ControllerClass[] = [
  { kind: 'GatewayClass', name: 'c', controller: 'x/y', isDefault: false, doubtful: false },
  { kind: 'IngressClass', name: 'nginx', controller: 'x/z', isDefault: true, doubtful: true },
];

/** `snapshot` with everything in it read, as plain values that can be compared. */
export function readWhole(snapshot: Snapshot): Snapshot {
  const { namespaces, provenance } = snapshot;
  return { ...snapshot, namespaces: new Map(namespaces), provenance: new Map(provenance) };
}

/** Small random snapshots in which names, keys and values collide. */
export const anySnapshot: fc.Arbitrary<Snapshot> = fc
  .record({
    source: fc.constantFrom('LIVE' as const, 'MANIFESTS' as const),
    sourceDetected: fc.boolean(),
    assumptions: fc.uniqueArray(fc.constantFrom('NO_POLICIES', 'STRICT')),
    coverage: fc.uniqueArray(anyCoverage(), { maxLength: 3, selector: ({ kind }) => kind }),
    problems: fc.array(anyProblem(), { maxLength: 3 }),
    cluster: fc.record({ nodes: anyNodes(), policies: fc.constant([]) }),
    namespaces: fc
      .uniqueArray(anyNamespace(), { maxLength: 3, selector: ({ name }) => name })
      .map((chunks) => new Map(chunks.map((chunk) => [chunk.name, chunk]))),
    provenance: fc.array(anyProvenance(), { maxLength: 4 }).map(provenanceByNamespace),
  })
  .map((parts) => sealSnapshot(parts));

function anyNamespace(): fc.Arbitrary<NamespaceChunk> {
  const parts = fc.record({
    name: fc.constantFrom('a', 'constructor', 'kube-system', 'z'),
    known: fc.constantFrom('OBJECT' as const, 'IMPLIED' as const, 'UNKNOWN' as const),
    terminating: fc.boolean(),
    conflict: fc.boolean(),
    labels: anyLabels(),
    labelSets: fc.array(anyLabels(), { minLength: 1, maxLength: 3 }),
    pods: fc.uniqueArray(fc.constantFrom('a-1', 'a-10', 'a-2', 'B', 'ä'), { maxLength: 4 }),
    policies: fc.uniqueArray(fc.constantFrom('allow', 'deny'), { maxLength: 2 }),
    uid: fc.option(fc.string(), { nil: undefined }),
  });
  return parts.map(({ pods, policies, labels, labelSets, uid, ...rest }) => ({
    ...rest,
    ...(uid === undefined ? {} : { uid }),
    labels,
    labelSets,
    shapes: labelSets.map((_, i) => ({ labels: i, ports: [], hostNetwork: i === 1 })),
    pods: podTable(pods.sort()),
    workloads: [
      { apiVersion: 'apps/v1', kind: 'Job', name: 'j', labels, replicas: 3, template: true },
    ],
    policies: policies.sort().map((name) => samplePolicy(rest.name, name)),
    services: [],
  }));
}

function anyLabels(): fc.Arbitrary<ReadonlyMap<string, string>> {
  const key = fc.constantFrom(...HOSTILE_KEYS, 'app', 'team');
  return fc
    .array(fc.tuple(key, fc.string({ unit: 'binary' })), { maxLength: 3 })
    .map((pairs) => new Map(pairs));
}

function anyCoverage(): fc.Arbitrary<Snapshot['coverage'][number]> {
  return fc.record({
    apiVersion: fc.constantFrom('v1', 'networking.k8s.io/v1'),
    kind: fc.constantFrom('Pod', 'Service', 'NetworkPolicy'),
    status: fc.constantFrom('COMPLETE', 'PARTIAL', 'ABSENT', 'FORBIDDEN'),
    count: fc.nat(),
    namespaces: fc.uniqueArray(fc.constantFrom('b', 'a', 'c')),
  });
}

function anyProblem(): fc.Arbitrary<Problem> {
  const parts = fc.record({
    severity: fc.constantFrom('error' as const, 'warning' as const, 'info' as const),
    message: fc.string({ unit: 'binary', maxLength: 5 }),
    affectsVerdicts: fc.boolean(),
    where: fc.option(fc.record({ file: fc.string(), line: fc.nat() }), { nil: undefined }),
  });
  return parts.map(({ where, ...rest }) => sampleProblem({ ...rest, ...where }));
}

function anyNodes(): fc.Arbitrary<Snapshot['cluster']['nodes']> {
  return fc
    .uniqueArray(fc.constantFrom('n1', 'n2'), { maxLength: 2 })
    .map((names) =>
      names.sort().map((name) => ({ name, labels: new Map(), addresses: [], podCIDRs: [] })),
    );
}

function anyProvenance(): fc.Arbitrary<Provenance> {
  const line = fc.nat({ max: 20 });
  return fc
    .tuple(
      fc.constantFrom('', 'a', 'gone'),
      line,
      fc.array(fc.tuple(fc.string(), line), { maxLength: 2 }),
    )
    .map(([namespace, at, lines]) => {
      const ref = { apiVersion: 'v1', kind: 'Pod', name: 'p' };
      const object = namespace === '' ? ref : { ...ref, namespace };
      return { object, lines, ...(at === 0 ? {} : { file: 'f.yaml', line: at }) };
    });
}

function podTable(names: readonly string[]): PodTable {
  return {
    name: names,
    uid: names.map(() => ''),
    shape: names.map(() => 0),
    addresses: names.map((_, i) => (i % 2 === 0 ? [`10.0.0.${i + 1}`, '2001:db8::1'] : [])),
    node: names.map(() => 'n1'),
    workload: names.map((_, i) => (i === 0 ? -1 : 0)),
    phase: names.map(() => 2),
    flags: names.map(() => 1),
  };
}
