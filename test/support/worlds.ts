import fc from 'fast-check';
import type {
  KubeBlock,
  KubeContainer,
  KubeObject,
  KubePeer,
  KubePolicyPort,
  KubeRule,
  KubeSelector,
  KubeSpec,
} from './kube-objects.ts';

/*
 * Random clusters: a few names, labels, ports and addresses, so that rules collide, and everything
 * that the API writes in more than one way in all of its ways.
 */

/** Names that exist on `Object.prototype` are label keys like any other. */
const LABEL_KEYS = ['app', 'constructor', 'toString'];
const LABEL_VALUES = ['a', 'b', ''];
/** Most things are in the first, so that they meet. */
const NAMESPACES = ['n0', 'n0', 'n0', 'n1', 'n2'];
const PORT_NAMES = ['http', 'dns'];
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const PORTS = [1, 53, 80, 81, 443, 65535];
const RANGES: readonly (readonly [port: number, endPort: number])[] = [
  [80, 80],
  [80, 81],
  [53, 80],
  [81, 65535],
  [1, 65535],
];
/** Blocks, each with parts of it that can be cut out, nested and touching ones among them. */
const BLOCKS: readonly (readonly [cidr: string, except: readonly string[]])[] = [
  ['0.0.0.0/0', ['10.0.0.0/8', '10.0.0.0/24', '10.0.0.2/32', '128.0.0.0/1', '192.168.0.0/24']],
  ['0.0.0.0/0', ['203.0.113.0/24']],
  ['10.0.0.0/8', ['10.0.0.0/24', '10.0.0.2/32', '10.0.1.0/24', '10.0.1.0/25', '10.128.0.0/9']],
  ['10.0.0.0/24', ['10.0.0.2/32', '10.0.0.0/25', '10.0.0.128/25']],
  ['10.0.0.2/32', []],
  ['192.168.0.0/24', ['192.168.0.1/32']],
  ['203.0.113.0/24', ['203.0.113.128/25']],
  ['128.0.0.0/1', ['203.0.113.0/24', '192.168.0.0/16']],
  ['::/0', ['fd00::/8', 'fd00::2/128', '2001:db8::/32']],
  ['fd00::/64', ['fd00::2/128', 'fd00::/126']],
  ['2001:db8::/32', ['2001:db8:8000::/33']],
];

/** Addresses nobody owns, inside and outside of the blocks, in both families. */
export const EXTERNAL_ADDRESSES = [
  '10.0.0.250',
  '8.8.8.8',
  '203.0.113.9',
  '2001:db8::9',
  'fd00::ff',
];

/** A whole cluster: objects in no particular order, nothing defaulted. */
export function worlds(): fc.Arbitrary<readonly KubeObject[]> {
  const parts = fc.tuple(
    fc.array(namespaceObject(), { maxLength: 4 }),
    fc.array(nodeObject(), { maxLength: 2 }),
    pods(),
    fc.oneof(fc.uniqueArray(policy(), { maxLength: 2, selector: keyOf }), {
      weight: 3,
      arbitrary: fc.uniqueArray(policy(), { minLength: 3, maxLength: 5, selector: keyOf }),
    }),
    fc.oneof({ weight: 3, arbitrary: service().map((one) => [one]) }, fc.constant([])),
    fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(deployment(), { maxLength: 1 })),
  );
  return parts.map(([namespaces, nodes, ...rest]) => [
    ...distinct(namespaces),
    ...distinct(nodes),
    ...rest.flat(),
  ]);
}

/** A NetworkPolicy, of a namespace that may have no pod and no object. */
export function policy(): fc.Arbitrary<KubeObject> {
  const name = fc.constantFrom('t', 'u', 'v', 'w', 'x', 'z');
  const namespace = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...NAMESPACES) },
    fc.constant('zz'),
  );
  return fc.tuple(namespace, name, policySpec()).map(([namespace, name, spec]) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace, name },
    spec,
  }));
}

/** A rule with peers in `from` or `to`, whichever is asked for. */
export function rule(side: 'from' | 'to'): fc.Arbitrary<KubeRule> {
  return fc
    .tuple(writtenList(peer(), 3), writtenList(policyPort(), 2))
    .map(([peers, ports]) => present({ [side]: peers, ports }));
}

/** A label selector in one of its spellings; half of them match everything. */
export function selector(): fc.Arbitrary<KubeSelector> {
  const expression = fc
    .tuple(
      fc.constantFrom(...LABEL_KEYS),
      fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
      fc.uniqueArray(fc.constantFrom(...LABEL_VALUES), { minLength: 1, maxLength: 2 }),
    )
    .map(([key, operator, values]) =>
      operator === 'In' || operator === 'NotIn' ? { key, operator, values } : { key, operator },
    );
  const matchLabels = labels(1, 2);
  const matchExpressions = fc.array(expression, { minLength: 1, maxLength: 2 });
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    fc.constant({ matchLabels: null }),
    { weight: 2, arbitrary: fc.record({ matchLabels }) },
    { weight: 2, arbitrary: fc.record({ matchExpressions }) },
    fc.record({ matchLabels, matchExpressions }),
  );
}

/** An address block with excepts that are strictly inside it. */
export function block(): fc.Arbitrary<KubeBlock> {
  return fc
    .constantFrom(...BLOCKS)
    .chain(([cidr, inside]) =>
      fc
        .tuple(fc.subarray([...inside], { maxLength: Math.min(3, inside.length) }), fc.boolean())
        .map(([except, written]) =>
          except.length === 0 && !written ? { cidr } : { cidr, except },
        ),
    );
}

/** An entry of a port list, valid in the eyes of an API server. */
export function policyPort(): fc.Arbitrary<KubePolicyPort> {
  const protocol = fc.constantFrom(undefined, undefined, ...PROTOCOLS);
  const port = fc.oneof(
    { weight: 1, arbitrary: fc.constant({}) },
    { weight: 4, arbitrary: fc.constantFrom(...PORTS).map((port) => ({ port })) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(...RANGES).map(([port, endPort]) => ({ port, endPort })),
    },
    { weight: 3, arbitrary: fc.constantFrom(...PORT_NAMES).map((port) => ({ port })) },
  );
  return fc.tuple(protocol, port).map(([protocol, rest]) => present({ protocol, ...rest }));
}

function policySpec(): fc.Arbitrary<KubeSpec> {
  const policyTypes = fc.constantFrom(
    undefined,
    null,
    [],
    ['Ingress'],
    ['Egress'],
    ['Ingress', 'Egress'],
    ['Egress', 'Ingress'],
  );
  const rules = (side: 'from' | 'to'): fc.Arbitrary<KubeSpec['ingress'] | undefined> =>
    writtenList(fc.oneof({ weight: 12, arbitrary: rule(side) }, fc.constant(null)), 2);
  const podSelector = fc.oneof(
    { weight: 8, arbitrary: selector() },
    fc.constantFrom(undefined, null),
  );
  return fc
    .tuple(podSelector, policyTypes, rules('from'), rules('to'))
    .map(([podSelector, policyTypes, ingress, egress]) =>
      present({ podSelector, policyTypes, ingress, egress }),
    );
}

function peer(): fc.Arbitrary<KubePeer> {
  const byName = fc
    .constantFrom(...NAMESPACES)
    .map((name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } }));
  const namespaceSelector = fc.oneof({ weight: 3, arbitrary: selector() }, byName);
  return fc.oneof(
    { weight: 2, arbitrary: fc.record({ podSelector: selector() }) },
    { weight: 2, arbitrary: fc.record({ namespaceSelector }) },
    { weight: 2, arbitrary: fc.record({ namespaceSelector, podSelector: selector() }) },
    fc.record({ namespaceSelector: fc.constant(null), podSelector: selector() }),
    { weight: 3, arbitrary: fc.record({ ipBlock: block() }) },
  );
}

function pods(): fc.Arbitrary<KubeObject[]> {
  const draft = fc.record({
    namespace: fc.constantFrom(...NAMESPACES),
    name: fc.constantFrom('p0', 'p1', 'p2', 'p3'),
    labels: labels(0, 2),
    families: fc.constantFrom('4', '4', '6', '46', '46', ''),
    phase: fc.constantFrom(
      'Running',
      'Running',
      'Running',
      'Running',
      'Running',
      'Pending',
      'Succeeded',
      'Failed',
      'Unknown',
      '',
    ),
    ready: fc.boolean(),
    nodeName: fc.constantFrom('w1', 'w1', 'w2', undefined),
    hostNetwork: fc.constantFrom(undefined, undefined, undefined, undefined, false, true),
    containers: containers(1),
    initContainers: containers(0),
  });
  type Draft = typeof draft extends fc.Arbitrary<infer Value> ? Value : never;
  const object = (
    { namespace, name, labels, families, phase, ready, ...one }: Draft,
    i: number,
  ): KubeObject => {
    const placed =
      one.hostNetwork === true ? nodeAddresses(one.nodeName) : podAddresses(i, families);
    const podIPs = phase === 'Pending' ? [] : placed;
    const { nodeName, hostNetwork, containers, initContainers } = one;
    const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
    const [podIP] = podIPs;
    const addresses = podIP === undefined ? {} : { podIP, podIPs: podIPs.map((ip) => ({ ip })) };
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name, labels },
      spec: present({ nodeName, hostNetwork, containers, initContainers }),
      ...(phase === '' ? {} : { status: { phase, conditions, ...addresses } }),
    };
  };
  return fc
    .uniqueArray(draft, {
      minLength: 4,
      maxLength: 6,
      selector: ({ namespace, name }) => `${namespace}/${name}`,
    })
    .map((drafts) => drafts.map(object));
}

/** Nobody shares an address, and two pods at a time share a block. */
function podAddresses(i: number, families: string): string[] {
  const both = { 4: `10.0.${i >> 1}.${i + 1}`, 6: `fd00::${i + 1}` };
  return ([4, 6] as const)
    .filter((family) => families.includes(`${family}`))
    .map((family) => both[family]);
}

/** InternalIPs: what a hostNetwork pod has as its own. */
function nodeAddresses(name: string | undefined): string[] {
  if (name === undefined) return [];
  return name === 'w1' ? ['192.168.0.1', 'fd01::1'] : ['192.168.0.2'];
}

/** One node has a second address, in a block that is often allowed alone. */
function nodeObject(): fc.Arbitrary<KubeObject> {
  return fc.constantFrom('w1', 'w2').map((name) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    status: {
      addresses: [
        ...nodeAddresses(name).map((address) => ({ type: 'InternalIP', address })),
        ...(name === 'w1' ? [] : [{ type: 'ExternalIP', address: '203.0.113.129' }]),
        { type: 'Hostname', address: name },
      ],
    },
  }));
}

function namespaceObject(): fc.Arbitrary<KubeObject> {
  return fc.tuple(fc.constantFrom(...NAMESPACES), labels(0, 2)).map(([name, labels]) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels },
  }));
}

function deployment(): fc.Arbitrary<KubeObject> {
  return fc
    .tuple(
      fc.constantFrom(...NAMESPACES),
      labels(0, 2),
      containers(1),
      fc.boolean(),
      fc.constantFrom(1, 2),
    )
    .map(([namespace, labels, containers, hostNetwork, replicas]) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace, name: 'd' },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { hostNetwork, containers } },
      },
    }));
}

function service(): fc.Arbitrary<KubeObject> {
  const targetPort = fc.constantFrom(undefined, 80, 81, ...PORT_NAMES);
  const protocol = fc.constantFrom(undefined, 'UDP');
  return fc
    .tuple(
      fc.constantFrom(...NAMESPACES),
      labels(0, 1),
      targetPort,
      protocol,
      fc.constantFrom('None', '10.96.0.10'),
    )
    .map(([namespace, selector, targetPort, protocol, clusterIP]) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name: 'svc' },
      spec: { clusterIP, selector, ports: [present({ port: 80, targetPort, protocol })] },
    }));
}

function containers(min: 0 | 1): fc.Arbitrary<KubeContainer[]> {
  const port = fc.tuple(
    fc.constantFrom(undefined, ...PORT_NAMES),
    fc.constantFrom(...PORTS),
    fc.constantFrom(undefined, 'TCP', 'UDP'),
  );
  const ports = fc
    .uniqueArray(port, { maxLength: 2, selector: ([name]) => name ?? '' })
    .map((list) =>
      list.map(([name, containerPort, protocol]) => present({ name, containerPort, protocol })),
    );
  const restartPolicy = fc.constantFrom(undefined, ...(min === 0 ? ['Always'] : []));
  return fc
    .array(fc.tuple(ports, restartPolicy), { minLength: min, maxLength: min + 1 })
    .map((list) =>
      list.map(([ports, restartPolicy], i) =>
        present({ name: `${min === 0 ? 'early' : 'main'}-${i}`, restartPolicy, ports }),
      ),
    );
}

/** Some labels of a pod, namespace or node. */
export function labels(minLength: number, maxLength: number): fc.Arbitrary<Record<string, string>> {
  const pair = fc.tuple(fc.constantFrom(...LABEL_KEYS), fc.constantFrom(...LABEL_VALUES));
  return fc
    .uniqueArray(pair, { minLength, maxLength, selector: ([key]) => key })
    .map((pairs) => Object.fromEntries(pairs));
}

/** A list that is missing, null, empty or filled: the API tells the first three apart nowhere. */
function writtenList<Entry>(
  entry: fc.Arbitrary<Entry>,
  maxLength: number,
): fc.Arbitrary<Entry[] | null | undefined> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.array(entry, { minLength: 1, maxLength }) },
    fc.constant(undefined),
    fc.constantFrom<Entry[] | null>(null, []),
  );
}

/** The fields that are there; `undefined` is not JSON. */
function present<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]: Exclude<Fields[Name], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as {
    [Name in keyof Fields]: Exclude<Fields[Name], undefined>;
  };
}

function distinct(objects: readonly KubeObject[]): KubeObject[] {
  return [...new Map(objects.map((object) => [keyOf(object), object])).values()];
}

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}
