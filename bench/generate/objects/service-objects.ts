import type { Detail, JsonObject, KubeObject } from '../kube-object.ts';
import type { AppPlan, ClusterPlan, NamespacePlan, PortPlan } from '../plan/cluster-plan.ts';
import { nodeName, serviceAddresses } from '../plan/network.ts';
import { podsOfOneApp } from '../plan/pods.ts';
import type { PodFacts } from '../plan/pods.ts';
import { hashText, safeLetters, uidOf } from '../random.ts';
import { metadataOf } from './metadata.ts';

/** Endpoints in one EndpointSlice, at most. */
const SLICE_ENDPOINTS_MAX = 100;
/** First port of the numbers that node ports are taken from. */
const NODE_PORT_FIRST = 30_000;

/** The Services of a namespace. */
export function* serviceObjects(
  plan: ClusterPlan,
  namespace: NamespacePlan,
  detail: Detail,
): Generator<KubeObject> {
  const { seed } = plan.spec;
  for (const app of namespace.apps) {
    if (app.service === undefined) continue;
    const uid = uidOf(`Service ${namespace.name}/${app.name}`, seed);
    const naming = { name: app.name, namespace: namespace.name, uid, seed, labels: app.labels };
    yield {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadataOf(naming, detail),
      spec: serviceSpec(app, namespace.dualStack),
      status: {
        loadBalancer: app.service === 'LoadBalancer' ? { ingress: [{ ip: '203.0.113.10' }] } : {},
      },
    };
  }
}

function serviceSpec(app: AppPlan, dualStack: boolean): JsonObject {
  const headless = app.service === 'Headless';
  const balanced = app.service === 'LoadBalancer';
  // Ordinals of pods are those of Services too: every app has one Service at most.
  const own = serviceAddresses(app.firstPod).slice(0, dualStack ? 2 : 1);
  const clusterIPs = headless ? ['None'] : own;
  return {
    ports: portsOf(app).map((port, i) => ({
      ...(port.name === undefined ? { name: `port-${i}` } : { name: port.name }),
      protocol: port.protocol,
      port: port.name === 'http' ? 80 : port.port,
      targetPort: port.name ?? port.port,
      ...(balanced ? { nodePort: NODE_PORT_FIRST + i } : {}),
    })),
    selector: app.labels,
    clusterIP: clusterIPs[0] ?? '',
    clusterIPs,
    type: balanced ? 'LoadBalancer' : 'ClusterIP',
    sessionAffinity: 'None',
    ...(balanced ? { externalTrafficPolicy: 'Cluster' } : {}),
    ipFamilies: dualStack ? ['IPv4', 'IPv6'] : ['IPv4'],
    ipFamilyPolicy: dualStack ? 'PreferDualStack' : 'SingleStack',
    internalTrafficPolicy: 'Cluster',
  };
}

function portsOf({ revisions }: AppPlan): readonly PortPlan[] {
  return revisions[0]?.ports ?? [];
}

/** The EndpointSlices of a namespace: by family, and apart where a named port differs. */
export function* sliceObjects(
  plan: ClusterPlan,
  namespace: NamespacePlan,
  detail: Detail,
): Generator<KubeObject> {
  for (const app of namespace.apps) {
    if (app.service === undefined) continue;
    const pods = [...podsOfOneApp(plan, namespace, app)].filter(
      ({ addresses, phase }) => 0 < addresses.length && phase === 'Running',
    );
    for (const family of namespace.dualStack ? [0, 1] : [0]) {
      for (const { hash, ports } of app.revisions) {
        const same = pods.filter((pod) => pod.ports === ports && family in pod.addresses);
        for (let at = 0; at < same.length; at += SLICE_ENDPOINTS_MAX) {
          const key = `${namespace.name}/${app.name}/${family}/${hash}/${at}`;
          const name = `${app.name}-${safeLetters(hashText(key, plan.spec.seed), 7)}`;
          const endpoints = same
            .slice(at, at + SLICE_ENDPOINTS_MAX)
            .map((pod) => endpointOf(pod, family));
          yield sliceObject({ plan, namespace, app, detail }, { name, family, endpoints, ports });
        }
      }
    }
  }
}

interface SliceParts {
  readonly name: string;
  readonly family: number;
  readonly endpoints: readonly JsonObject[];
  readonly ports: readonly PortPlan[];
}

function sliceObject(
  context: {
    readonly plan: ClusterPlan;
    readonly namespace: NamespacePlan;
    readonly app: AppPlan;
    readonly detail: Detail;
  },
  { name, family, endpoints, ports }: SliceParts,
): KubeObject {
  const { plan, namespace, app, detail } = context;
  const { seed } = plan.spec;
  const labels = {
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    'kubernetes.io/service-name': app.name,
  };
  const owner = {
    apiVersion: 'v1',
    kind: 'Service',
    name: app.name,
    uid: uidOf(`Service ${namespace.name}/${app.name}`, seed),
    controller: true,
    blockOwnerDeletion: true,
  };
  const uid = uidOf(`EndpointSlice ${namespace.name}/${name}`, seed);
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: metadataOf({ name, namespace: namespace.name, uid, seed, labels, owner }, detail),
    addressType: family === 0 ? 'IPv4' : 'IPv6',
    endpoints,
    ports: ports.map((port, i) => ({
      name: port.name ?? `port-${i}`,
      protocol: port.protocol,
      port: port.port,
    })),
  };
}

function endpointOf(pod: PodFacts, family: number): JsonObject {
  const { ready, terminating, namespace, name, uid, node } = pod;
  return {
    addresses: [pod.addresses[family] ?? ''],
    conditions: { ready: ready && !terminating, serving: ready, terminating },
    targetRef: { kind: 'Pod', namespace, name, uid },
    nodeName: nodeName(node),
    zone: `zone-${node % 3}`,
  };
}
