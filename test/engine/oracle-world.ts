/** Who is who in a world of raw Kubernetes objects: the oracle's reading of semantics 2 and 5.2. */
import type { KubeObject, KubeSelector } from '../support/kube-objects.ts';
import type { TierPolicy } from './oracle-tiers.ts';

/** The dialect, by the names of semantics 4.2; absent means default. */
export interface OracleOptions {
  readonly ipBlockMatchesPods?: boolean;
  readonly ipBlockMatchesNodes?: boolean;
  readonly localNode?: 'ingress-only' | 'both' | 'none';
  readonly selfViaService?: 'allow' | 'evaluate';
  readonly hostNetworkPods?: 'asNode' | 'asPod';
  readonly namedPortContainers?: 'regular+sidecars' | 'regular' | 'regular+init';
  readonly externalSource?: 'conditional' | 'client' | 'node';
}

/** Everything there is: kinds that do not occur are empty. */
export interface World {
  readonly objects: readonly KubeObject[];
  readonly options?: OracleOptions;
  /** Policies of the tiers before and after NetworkPolicy. */
  readonly tiers?: readonly TierPolicy[];
}

/** One address. */
export interface Ip {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** An end after R2.2: a pod of the pod network, a node, or an address nobody owns. */
export interface Side {
  readonly kind: 'pod' | 'node' | 'external';
  readonly pod?: KubeObject;
  readonly node?: string;
  /** Empty: not known. */
  readonly addresses: readonly Ip[];
}

/** R2.2: the pod itself, or its node for a hostNetwork pod. */
export function sideOfPod(world: World, pod: KubeObject): Side {
  const { hostNetwork, nodeName } = pod.spec ?? {};
  if (hostNetwork !== true || world.options?.hostNetworkPods === 'asPod') {
    return { kind: 'pod', pod, addresses: podAddresses(pod) };
  }
  if (nodeName === undefined) return { kind: 'node', pod, addresses: [] };
  return { ...sideOfNode(world, nodeName), pod };
}

/** R2.3: its listed addresses; a node that only hostNetwork pods speak of has theirs. */
export function sideOfNode(world: World, name: string): Side {
  const node = world.objects.find(
    ({ kind, metadata }) => kind === 'Node' && metadata.name === name,
  );
  const listed = (node?.status?.addresses ?? [])
    .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
    .flatMap(({ address }) => parseIp(address) ?? []);
  const tenants = podsOf(world).filter(
    (pod) => pod.spec?.hostNetwork === true && pod.spec.nodeName === name && !isFinished(pod),
  );
  return { kind: 'node', node: name, addresses: node ? listed : tenants.flatMap(podAddresses) };
}

/** Semantics 5.2, "Ownership": nodes first, then pods that are not hostNetwork and not finished. */
export function sideOfAddress(world: World, text: string): Side {
  const ip = unmapped(parseIp(text));
  if (ip === undefined) throw new RangeError(`not an address: ${text}`);
  const same = (other: Ip): boolean => other.family === ip.family && other.value === ip.value;
  const node = nodeNames(world)
    .map((name) => sideOfNode(world, name))
    .find(({ addresses }) => addresses.some(same));
  if (node !== undefined) {
    return { ...node, addresses: node.addresses.filter(({ family }) => family === ip.family) };
  }
  const pod = podsOf(world).find(
    (one) => !isFinished(one) && one.spec?.hostNetwork !== true && podAddresses(one).some(same),
  );
  return pod === undefined
    ? { kind: 'external', addresses: [ip] }
    : { kind: 'pod', pod, addresses: [ip] };
}

/** Nodes listed, and those that only pods mention. */
export function nodeNames({ objects }: World): string[] {
  const names = objects.flatMap((object) => {
    if (object.kind === 'Node') return object.metadata.name;
    return object.kind === 'Pod' && !isFinished(object) ? (object.spec?.nodeName ?? []) : [];
  });
  return [...new Set(names)].sort();
}

/** Pods, and those a Deployment would make: `name[0]` and, where it wants more than one, `name[1]`. */
export function podsOf({ objects }: World): KubeObject[] {
  return objects.flatMap((object): KubeObject[] => {
    if (object.kind === 'Pod') return [object];
    const { template, replicas = 1 } = object.spec ?? {};
    if (object.kind !== 'Deployment' || template === undefined) return [];
    const { name, namespace } = object.metadata;
    return Array.from({ length: Math.min(2, replicas) }, (_, i) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${name}[${i}]`, namespace, labels: template.metadata.labels },
      spec: template.spec,
    }));
  });
}

/** Addresses of a pod; none when the object does not say. */
export function podAddresses({ status }: KubeObject): Ip[] {
  const texts = [status?.podIP ?? [], ...(status?.podIPs ?? []).map(({ ip }) => ip)].flat();
  return [...new Set(texts)].flatMap((text) => parseIp(text) ?? []);
}

/** R2.6: gone for good. */
export function isFinished({ status }: KubeObject): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** R1.2: objects without a namespace are in `default`. */
export function namespaceOf({ metadata }: Pick<KubeObject, 'metadata'>): string {
  return metadata.namespace ?? 'default';
}

/** `namespace/name`. */
export function nameOf(object: Pick<KubeObject, 'metadata'>): string {
  return `${namespaceOf(object)}/${object.metadata.name}`;
}

/** R1.48, R1.49: every number that `name` has in the pod for that protocol. */
export function declaredPorts(
  { options }: World,
  { spec }: KubeObject,
  name: string,
  protocol: string,
): number[] {
  const which = options?.namedPortContainers ?? 'regular+sidecars';
  const early = (spec?.initContainers ?? []).filter(
    ({ restartPolicy }) =>
      which === 'regular+init' || (which === 'regular+sidecars' && restartPolicy === 'Always'),
  );
  return [...(spec?.containers ?? []), ...early]
    .flatMap(({ ports }) => ports ?? [])
    .filter((port) => port.name === name && (port.protocol ?? 'TCP') === protocol)
    .map(({ containerPort }) => containerPort);
}

/** R1.29: whether `labels` meet every requirement of `selector`. */
export function selects(selector: KubeSelector, labels: Readonly<Record<string, string>>): boolean {
  const valueOf = (key: string): string | undefined =>
    Object.hasOwn(labels, key) ? labels[key] : undefined;
  const requirements = (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = valueOf(key);
    if (operator === 'In') return value !== undefined && values.includes(value);
    if (operator === 'NotIn') return value === undefined || !values.includes(value);
    return (operator === 'Exists') === (value !== undefined);
  });
  const pairs = Object.entries(selector.matchLabels ?? {});
  return requirements && pairs.every(([key, value]) => valueOf(key) === value);
}

/** A CIDR as first and last address; bits beyond the prefix are masked (R1.25). */
export function parseNet(cidr: string): { family: 4 | 6; first: bigint; last: bigint } {
  const [text = '', prefix = ''] = cidr.split('/');
  const ip = parseIp(text);
  if (ip === undefined || prefix === '') throw new RangeError(`not a CIDR: ${cidr}`);
  const size = 1n << BigInt((ip.family === 4 ? 32 : 128) - Number(prefix));
  const first = ip.value - (ip.value % size);
  return { family: ip.family, first, last: first + size - 1n };
}

/** IPv4 in dotted form, or IPv6 with or without `::` and a dotted tail. */
export function parseIp(text: string): Ip | undefined {
  if (!text.includes(':')) {
    const parts = text.split('.').map(BigInt);
    if (parts.length !== 4) return undefined;
    return { family: 4, value: parts.reduce((sum, part) => sum * 256n + part, 0n) };
  }
  const hexadecimal = text.replace(/\d+\.\d+\.\d+\.\d+$/, (tail) => {
    const value = parseIp(tail)?.value ?? 0n;
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [head = '', tail] = hexadecimal.split('::');
  const words = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [left, right] = [words(head), words(tail ?? '')];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  const all = [...left, ...zeros, ...right];
  return { family: 6, value: all.reduce((sum, word) => sum * 65536n + BigInt(`0x${word}`), 0n) };
}

/** Contract 2: `::ffff:a.b.c.d` is the IPv4 address. */
function unmapped(ip: Ip | undefined): Ip | undefined {
  if (ip?.family !== 6 || ip.value >> 32n !== 0xffffn) return ip;
  return { family: 4, value: ip.value & 0xffffffffn };
}
