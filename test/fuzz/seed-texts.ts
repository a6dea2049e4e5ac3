import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadAll } from 'js-yaml';
import type { KubeObject } from '../support/kube-objects.ts';

/*
 * What inputs are made of: the manifests of the demo, the test cases and the documentation.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Longer ones make slow inputs, not other ones. */
const CHARS_MAX = 6000;

function manifestFiles(): string[] {
  const fixtures = readdirSync(join(ROOT, 'test/fixtures'));
  const demo = readdirSync(join(ROOT, 'demo')).filter((name) => name.endsWith('.yaml'));
  return [
    ...demo.map((name) => join(ROOT, 'demo', name)),
    ...fixtures.map((name) => join(ROOT, 'test/fixtures', name, 'cluster.yaml')),
    join(ROOT, 'test/cli/manifests/dump.json'),
  ];
}

/** Fenced examples of the documentation that hold objects. */
function documentedExamples(): string[] {
  const docs = join(ROOT, 'docs');
  return readdirSync(docs)
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) => readFileSync(join(docs, name), 'utf8').split('```'))
    .filter((block, i) => i % 2 === 1 && /^ya?ml\n(.|\n)*kind: /.test(block))
    .map((block) => block.slice(block.indexOf('\n') + 1));
}

/** Manifests as they stand in files, in YAML and one in JSON. */
export const MANIFEST_TEXTS: readonly string[] = [
  ...manifestFiles().map((file) => readFileSync(file, 'utf8')),
  ...documentedExamples(),
].map((text) => text.slice(0, CHARS_MAX));

/** Kinds that those files lack, and fields they do not use. */
const OTHER_OBJECTS: readonly unknown[] = [
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'api-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'api' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [
      {
        addresses: ['10.0.0.1'],
        conditions: { ready: true, serving: true, terminating: false },
        targetRef: { kind: 'Pod', name: 'api-1', namespace: 'shop' },
      },
    ],
  },
  {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'api', namespace: 'shop' },
    subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ name: 'http', port: 8080 }] }],
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'edge', namespace: 'edge' },
    spec: {
      gatewayClassName: 'nginx',
      listeners: [
        {
          name: 'http',
          port: 80,
          protocol: 'HTTP',
          hostname: '*.example.org',
          allowedRoutes: {
            namespaces: { from: 'Selector', selector: { matchLabels: { a: 'b' } } },
          },
        },
      ],
    },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'shop', namespace: 'shop' },
    spec: {
      parentRefs: [{ name: 'edge', namespace: 'edge', sectionName: 'http' }],
      hostnames: ['shop.example.org'],
      rules: [{ backendRefs: [{ name: 'api', port: 80, weight: 1 }] }],
    },
  },
  {
    apiVersion: 'route.openshift.io/v1',
    kind: 'Route',
    metadata: { name: 'shop', namespace: 'shop' },
    spec: {
      host: 'shop.example.org',
      to: { kind: 'Service', name: 'api', weight: 100 },
      port: { targetPort: 'http' },
    },
  },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'ciliumnetworkpolicies.cilium.io' },
    spec: { group: 'cilium.io', names: { kind: 'CiliumNetworkPolicy' }, scope: 'Namespaced' },
  },
  {
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkPolicy',
    metadata: { name: 'calico' },
    spec: { selector: "app == 'api' && has(tier)", types: ['Ingress'], order: 10 },
  },
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly', namespace: 'shop' },
    spec: {
      jobTemplate: {
        spec: { template: { metadata: { labels: { app: 'job' } }, spec: { containers: [] } } },
      },
    },
  },
];

/** The objects of all these texts, and of further kinds. */
export const SEED_OBJECTS: readonly KubeObject[] = [
  ...MANIFEST_TEXTS.flatMap(wholeObjects),
  ...(OTHER_OBJECTS as readonly KubeObject[]),
];

/** Objects of a text; none where it was cut off in the middle of something. */
function wholeObjects(text: string): KubeObject[] {
  const end = text.length < CHARS_MAX ? text.length : Math.max(0, text.lastIndexOf('\n---'));
  try {
    return loadAll(text.slice(0, end)).filter(isObject);
  } catch {
    return [];
  }
}

function isObject(value: unknown): value is KubeObject {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord && Object.hasOwn(value, 'kind') && Object.hasOwn(value, 'metadata');
}

/** The same objects as texts in every format that is read. */
export const SEED_TEXTS: readonly string[] = [
  ...MANIFEST_TEXTS,
  ...groupsOf(SEED_OBJECTS, 5).flatMap((items) => [
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
    items.map((item) => JSON.stringify(item)).join('\n'),
    items.map((item) => JSON.stringify(item, null, 4)).join(''),
  ]),
];

function groupsOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
