import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { OracleOptions } from '../engine/oracle-world.ts';
import type { Question } from '../engine/oracle.ts';
import type { KubeObject, KubeSpec } from '../support/kube-objects.ts';

/** A policy of a vector; cluster-wide ones have no namespace. */
export interface VectorPolicy {
  readonly ns?: string;
  readonly name: string;
  readonly spec: KubeSpec;
}

/** One question with what is wanted; which form it is says its first key (docs/semantics.md 7). */
export interface Ask {
  readonly q?: string;
  readonly set?: string;
  readonly atoms?: string;
  readonly who?: string;
  readonly what?: string;
  readonly diff?: string;
  readonly want?: string | readonly string[] | Ends;
  readonly before?: string;
  readonly after?: string;
  readonly by?: { readonly egress?: string; readonly ingress?: string };
  readonly why?: string;
}

/** Who is on the other end: the answer to `who` and `what`. */
export interface Ends {
  readonly pods: readonly string[];
  readonly nodes: readonly string[];
  readonly external: readonly string[];
}

/** A spec that must be refused (`errors`: a prefix of a reported path each), or must not. */
export interface Judgement {
  readonly spec: KubeSpec;
  readonly errors?: readonly string[];
  readonly strictCIDR?: boolean;
}

interface Cluster {
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>> | null>>;
  readonly nodes?: Readonly<Record<string, VectorNode | null>>;
  readonly pods?: Readonly<Record<string, VectorPod | null>>;
  readonly services?: Readonly<Record<string, VectorService | null>>;
}

interface VectorNode {
  readonly ip?: string;
  readonly ips?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

type VectorPorts =
  Readonly<Record<string, string>> | readonly { readonly name: string; readonly port: string }[];

interface VectorPod {
  readonly labels: Readonly<Record<string, string>>;
  readonly ip?: string;
  readonly ips?: readonly string[];
  readonly node?: string | null;
  readonly phase?: string;
  readonly ready?: boolean;
  readonly hostNetwork?: boolean;
  readonly ports?: VectorPorts;
  readonly sidecarPorts?: VectorPorts;
  readonly initPorts?: VectorPorts;
}

interface VectorService {
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly { readonly port: number; readonly targetPort?: number | string }[];
  readonly headless?: boolean;
  readonly type?: string;
  readonly externalTrafficPolicy?: string;
  readonly externalName?: string;
  readonly endpoints?: readonly { readonly ip: string; readonly port: number }[];
}

/** One vector: changes to the base cluster, policies, and questions about the result. */
export interface Vector extends Cluster {
  readonly id: string;
  readonly title: string;
  readonly options?: OracleOptions;
  readonly np?: readonly VectorPolicy[];
  readonly np_after?: readonly VectorPolicy[];
  readonly cnp?: readonly VectorPolicy[];
  readonly anp?: readonly VectorPolicy[];
  readonly banp?: readonly VectorPolicy[];
  readonly ask?: readonly Ask[];
  readonly invalid?: readonly Judgement[];
  readonly valid?: readonly Judgement[];
}

/** The vectors of one file of this folder, e.g. `peers`. */
export function loadVectors(name: string): readonly Vector[] {
  return readYaml(name) as readonly Vector[];
}

/** The base cluster changed by `vector`, with `policies` in place of its own if they are given. */
export function objectsOf(vector: Vector, policies = vector.np ?? []): KubeObject[] {
  const base = readYaml('base') as Cluster;
  const merged = <Value>(
    a: Readonly<Record<string, Value | null>> = {},
    b: Readonly<Record<string, Value | null>> = {},
  ): [string, Value][] =>
    Object.entries({ ...a, ...b }).flatMap(([key, value]): [string, Value][] =>
      value === null ? [] : [[key, value]],
    );
  return [
    ...merged(base.namespaces, vector.namespaces).map(([name, labels]): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels },
    })),
    ...merged(base.nodes, vector.nodes).map(
      ([name, { ip, ips = ip === undefined ? [] : [ip], labels = {} }]): KubeObject => ({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, labels },
        status: { addresses: ips.map((address) => ({ type: 'InternalIP', address })) },
      }),
    ),
    ...merged(base.pods, vector.pods).map(([key, pod]) => podObject(key, pod)),
    ...merged(base.services, vector.services).flatMap(([key, service], i) =>
      serviceObjects(key, service, `10.96.0.${i + 10}`),
    ),
    ...policies.map((policy) => policyObject(policy, 'networking.k8s.io/v1', 'NetworkPolicy')),
    ...clusterPolicies(vector),
  ];
}

/** `SRC -> DST PROTO/PORT [@4|@6]` for the oracle; `ICMP` has no port. */
export function parseQuestion(text: string): Question {
  const [, from = '', to = '', protocol = '', port = '0', family] =
    /^(\S+) -> (\S+)(?: ([A-Z]+)(?:\/(\d+))?)?(?: @([46]))?$/.exec(text) ?? [];
  const end = (part: string): { ip: string } | { node: string } | { pod: string } => {
    if (part.startsWith('ip:')) return { ip: part.slice(3) };
    return part.startsWith('node:') ? { node: part.slice(5) } : { pod: part };
  };
  return {
    from: end(from),
    // `lb:` is the same Service: that the client comes from outside shows at the other end.
    to: /^(svc|lb):/.test(to) ? { service: to.replace(/^\w+:/, '') } : end(to),
    protocol,
    port: Number(port),
    family: family === '4' ? 4 : family === '6' ? 6 : undefined,
  };
}

function readYaml(name: string): unknown {
  return parse(readFileSync(new URL(`./${name}.yaml`, import.meta.url), 'utf8'));
}

function split(key: string): { namespace: string; name: string } {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}

function podObject(key: string, pod: VectorPod): KubeObject {
  const { hostNetwork, node, phase = 'Running', ready = true } = pod;
  const ips = pod.ips ?? (pod.ip === undefined ? [] : [pod.ip]);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...split(key), labels: pod.labels },
    spec: {
      ...(typeof node === 'string' ? { nodeName: node } : {}),
      ...(hostNetwork === undefined ? {} : { hostNetwork }),
      containers: [{ name: 'main', ports: portsOf(pod.ports) }],
      initContainers: [
        { name: 'sidecar', restartPolicy: 'Always', ports: portsOf(pod.sidecarPorts) },
        { name: 'setup', ports: portsOf(pod.initPorts) },
      ],
    },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready && phase === 'Running' ? 'True' : 'False' }],
      ...(ips[0] === undefined ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    },
  };
}

function portsOf(
  ports: VectorPorts = [],
): { name: string; containerPort: number; protocol: string }[] {
  const list = Array.isArray(ports)
    ? (ports as readonly { name: string; port: string }[])
    : Object.entries(ports as Readonly<Record<string, string>>).map(([name, port]) => ({
        name,
        port,
      }));
  return list.map(({ name, port }) => {
    const [number, protocol = ''] = port.split('/');
    return { name, containerPort: Number(number), protocol };
  });
}

function serviceObjects(key: string, service: VectorService, address: string): KubeObject[] {
  const { headless, endpoints, selector, externalName, ...spec } = service;
  const metadata = split(key);
  const clusterIP =
    headless === true
      ? { clusterIP: 'None' }
      : selector === undefined
        ? {}
        : { clusterIP: address };
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      ...spec,
      ...(selector === undefined ? {} : { selector }),
      ...(externalName === undefined ? clusterIP : { type: 'ExternalName', externalName }),
    },
  };
  const slices = (endpoints ?? []).map(({ ip, port }, i): KubeObject => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: metadata.namespace,
      name: `${metadata.name}-${i}`,
      labels: { 'kubernetes.io/service-name': metadata.name },
    },
    addressType: ip.includes(':') ? 'IPv6' : 'IPv4',
    ports: [{ name: '', port, protocol: 'TCP' }],
    endpoints: [{ addresses: [ip], conditions: { ready: true } }],
  }));
  return [object, ...slices];
}

function clusterPolicies({ cnp = [], anp = [], banp = [] }: Vector): KubeObject[] {
  const group = 'policy.networking.k8s.io';
  return [
    ...cnp.map((one) => policyObject(one, `${group}/v1alpha2`, 'ClusterNetworkPolicy')),
    ...anp.map((one) => policyObject(one, `${group}/v1alpha1`, 'AdminNetworkPolicy')),
    ...banp.map((one) => policyObject(one, `${group}/v1alpha1`, 'BaselineAdminNetworkPolicy')),
  ];
}

function policyObject(
  { ns, name, spec }: VectorPolicy,
  apiVersion: string,
  kind: string,
): KubeObject {
  const metadata = ns === undefined ? { name } : { name, namespace: ns };
  return { apiVersion, kind, metadata, spec };
}
