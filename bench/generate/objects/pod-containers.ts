import { CANARY } from '../kube-object.ts';
import type { JsonObject } from '../kube-object.ts';
import type { PodFacts } from '../plan/pods.ts';
import { hashText } from '../random.ts';
import { CREATED } from './metadata.ts';

const MESH = 'sidecar.mesh.example.com/inject';

/** Whether the pod has a sidecar beside its app. */
export function hasSidecar({ labels }: PodFacts): boolean {
  return labels[MESH] === 'true';
}

/** The containers of a pod as a cluster has them. */
export function containersOf(facts: PodFacts): readonly JsonObject[] {
  const { app, ports } = facts;
  const probe = ports.find(({ protocol }) => protocol === 'TCP');
  return [
    {
      name: 'main',
      image: imageOf(facts),
      args: ['--config=/etc/app/config.yaml', `--token=${CANARY}-argument`, '--listen=:8080'],
      ...(ports.length === 0
        ? {}
        : {
            ports: ports.map(({ name, port, protocol }) => ({
              ...(name === undefined ? {} : { name }),
              containerPort: port,
              protocol,
            })),
          }),
      env: environmentOf(facts),
      resources: {
        limits: { cpu: '1', memory: '512Mi' },
        requests: { cpu: '100m', memory: '128Mi' },
      },
      volumeMounts: [
        { name: 'config', readOnly: true, mountPath: '/etc/app' },
        { name: 'cache', mountPath: '/var/cache/app' },
        tokenMount(),
      ],
      ...(probe === undefined
        ? {}
        : {
            livenessProbe: probeOf('/healthz', probe.port, 10),
            readinessProbe: probeOf('/readyz', probe.port, 5),
          }),
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: 'IfNotPresent',
      securityContext: {
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: app.kind !== 'StatefulSet',
        allowPrivilegeEscalation: false,
      },
    },
  ];
}

/** Init containers of a pod: a proxy that stays, where the mesh injects one. */
export function sidecarsOf(facts: PodFacts): readonly JsonObject[] {
  if (!hasSidecar(facts)) return [];
  return [
    {
      name: 'mesh-proxy',
      image: 'registry.example.com/mesh/proxy:1.24.3',
      args: ['proxy', 'sidecar', '--log_output_level=default:info'],
      env: [
        { name: 'PROXY_XDS_ADDRESS', value: 'control.mesh-system.svc:15012' },
        { name: 'POD_NAME', valueFrom: { fieldRef: fieldRef('metadata.name') } },
      ],
      resources: { requests: { cpu: '10m', memory: '40Mi' } },
      volumeMounts: [tokenMount()],
      restartPolicy: 'Always',
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: 'IfNotPresent',
    },
  ];
}

/** The volumes of a pod. */
export function volumesOf({ app, namespace }: PodFacts): readonly JsonObject[] {
  return [
    { name: 'config', configMap: { name: `${app.name}-config`, defaultMode: 420 } },
    { name: 'cache', emptyDir: {} },
    {
      name: 'api-access',
      projected: {
        sources: [
          { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
          {
            configMap: {
              name: 'kube-root-ca.crt',
              items: [{ key: 'ca.crt', path: 'ca.crt' }],
            },
          },
          {
            downwardAPI: {
              items: [{ path: 'namespace', fieldRef: fieldRef('metadata.namespace') }],
            },
          },
        ],
        defaultMode: 420,
      },
    },
    ...(app.kind === 'StatefulSet'
      ? [{ name: 'data', persistentVolumeClaim: { claimName: `data-${namespace}-${app.name}` } }]
      : []),
  ];
}

/** What runs of a pod, as its kubelet tells. */
export function containerStatuses(facts: PodFacts): readonly JsonObject[] {
  const { uid, phase, ready } = facts;
  const id = hashText(uid, 3).toString(16).padStart(8, '0').repeat(8);
  return [
    {
      name: 'main',
      state:
        phase === 'Running'
          ? { running: { startedAt: CREATED } }
          : {
              terminated: {
                exitCode: phase === 'Failed' ? 1 : 0,
                reason: phase === 'Failed' ? 'Error' : 'Completed',
                startedAt: CREATED,
                finishedAt: CREATED,
                containerID: `containerd://${id}`,
              },
            },
      lastState: {},
      ready,
      restartCount: hashText(uid, 5) % 4,
      image: imageOf(facts),
      imageID: `registry.example.com/apps@sha256:${id}`,
      containerID: `containerd://${id}`,
      started: phase === 'Running',
    },
  ];
}

function imageOf({ app }: PodFacts): string {
  return `registry.example.com/apps/${app.name}:1.${app.firstPod % 40}.${app.firstPod % 7}`;
}

/** How an app begins the names of its own variables: no two apps have the same. */
export function variablePrefix({ app, namespace }: PodFacts): string {
  return `${namespace}_${app.name}`.toUpperCase().replaceAll('-', '_');
}

function environmentOf(facts: PodFacts): readonly JsonObject[] {
  const { app, namespace, uid } = facts;
  const own = variablePrefix(facts);
  return [
    { name: 'LOG_LEVEL', value: 'info' },
    { name: 'NODE_ENV', value: 'production' },
    { name: 'PORT', value: '8080' },
    { name: `${own}_FLAGS`, value: 'new-checkout=on, dark-mode: off # see wiki' },
    {
      name: `${own}_DATABASE_URL`,
      value: `postgres://app:${CANARY}@postgres.${namespace}.svc:5432/app`,
    },
    { name: `${own}_API_KEY`, value: `${CANARY}-${uid}` },
    { name: 'ENABLED', value: 'true' },
    { name: 'EMPTY', value: '' },
    { name: 'OTEL_SERVICE_NAME', value: app.name },
    { name: 'OTEL_RESOURCE_ATTRIBUTES', value: `k8s.namespace.name=${namespace},version=1` },
    { name: 'POD_IP', valueFrom: { fieldRef: fieldRef('status.podIP') } },
    {
      name: `${own}_PASSWORD`,
      valueFrom: { secretKeyRef: { name: `${app.name}-secret`, key: 'password' } },
    },
  ];
}

function fieldRef(fieldPath: string): JsonObject {
  return { apiVersion: 'v1', fieldPath };
}

function tokenMount(): JsonObject {
  return {
    name: 'api-access',
    readOnly: true,
    mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  };
}

function probeOf(path: string, port: number, periodSeconds: number): JsonObject {
  return {
    httpGet: { path, port, scheme: 'HTTP' },
    initialDelaySeconds: 5,
    timeoutSeconds: 1,
    periodSeconds,
    successThreshold: 1,
    failureThreshold: 3,
  };
}
