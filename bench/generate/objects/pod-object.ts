import { CANARY } from '../kube-object.ts';
import type { Detail, JsonObject, KubeObject } from '../kube-object.ts';
import type { PodFacts } from '../plan/pods.ts';
import { nodeAddress, nodeName } from '../plan/network.ts';
import { hashText } from '../random.ts';
import { CREATED, metadataOf } from './metadata.ts';
import { containerStatuses, containersOf, sidecarsOf, volumesOf } from './pod-containers.ts';
import { podManagedFields } from './pod-managed-fields.ts';

/** The Pod that `facts` describe; what podreach reads of it does not depend on `detail`. */
export function podObject(facts: PodFacts, detail: Detail, seed: number): KubeObject {
  const { name, namespace, labels, owner, uid, generateName } = facts;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadataOf(
      {
        name,
        ...(generateName === undefined ? {} : { generateName }),
        namespace,
        uid,
        seed,
        labels,
        annotations: annotationsOf(facts),
        owner,
        ...(detail === 'managed' ? { managedFields: podManagedFields(facts) } : {}),
        terminating: facts.terminating,
      },
      detail,
    ),
    ...(detail === 'kept' ? keptBody(facts) : fullBody(facts)),
  };
}

function keptBody(facts: PodFacts): JsonObject {
  const { app, ports, node } = facts;
  const listed = ports.map(({ name, port, protocol }) => ({
    ...(name === undefined ? {} : { name }),
    containerPort: port,
    protocol,
  }));
  return {
    spec: {
      ...(listed.length === 0 ? {} : { containers: [{ ports: listed }] }),
      nodeName: nodeName(node),
      ...(app.hostNetwork ? { hostNetwork: true } : {}),
    },
    status: { phase: facts.phase, conditions: [readyCondition(facts)], ...addressFields(facts) },
  };
}

function fullBody(facts: PodFacts): JsonObject {
  const { app, namespace, node } = facts;
  const sidecars = sidecarsOf(facts);
  return {
    spec: {
      volumes: volumesOf(facts),
      ...(sidecars.length === 0 ? {} : { initContainers: sidecars }),
      containers: containersOf(facts),
      restartPolicy: app.kind === 'Job' ? 'Never' : 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      serviceAccountName: app.name,
      serviceAccount: app.name,
      nodeName: nodeName(node),
      ...(app.hostNetwork ? { hostNetwork: true } : {}),
      securityContext: { runAsUser: 65532, runAsNonRoot: true, fsGroup: 65532 },
      imagePullSecrets: [{ name: `${namespace}-registry` }],
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 100,
              podAffinityTerm: {
                labelSelector: { matchLabels: { app: app.name } },
                topologyKey: 'kubernetes.io/hostname',
              },
            },
          ],
        },
      },
      schedulerName: 'default-scheduler',
      tolerations: ['not-ready', 'unreachable'].map((taint) => ({
        key: `node.kubernetes.io/${taint}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      })),
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
    },
    status: fullStatus(facts),
  };
}

function fullStatus(facts: PodFacts): JsonObject {
  const running = facts.phase === 'Running';
  const conditions = [
    condition('PodReadyToStartContainers', running),
    condition('Initialized', true),
    readyCondition(facts),
    condition('ContainersReady', facts.ready),
    condition('PodScheduled', true),
  ];
  return {
    phase: facts.phase,
    conditions,
    hostIP: nodeAddress(facts.node),
    hostIPs: [{ ip: nodeAddress(facts.node) }],
    ...addressFields(facts),
    startTime: CREATED,
    ...(facts.addresses.length === 0 ? {} : { containerStatuses: containerStatuses(facts) }),
    qosClass: 'Burstable',
  };
}

function addressFields({ addresses }: PodFacts): JsonObject {
  const [first] = addresses;
  return first === undefined ? {} : { podIP: first, podIPs: addresses.map((ip) => ({ ip })) };
}

function readyCondition({ ready }: PodFacts): JsonObject {
  return condition('Ready', ready);
}

function condition(type: string, status: boolean): JsonObject {
  return {
    type,
    status: status ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: CREATED,
    ...(status
      ? {}
      : {
          reason: 'ContainersNotReady',
          message: 'containers with unready status: [main], back-off restarting failed container',
        }),
  };
}

function annotationsOf({ namespace, app, uid }: PodFacts): Readonly<Record<string, string>> {
  return {
    'checksum/config': hashText(app.name, 7).toString(16).repeat(8),
    'prometheus.io/path': '/metrics?format=text&name[]=up',
    'prometheus.io/scrape': 'true',
    'example.com/notes': `owner: ${namespace}\nlabels: {app: "${app.name}"}\n`,
    'example.com/token': `${CANARY}-${uid}`,
  };
}
