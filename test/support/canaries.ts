/** What a secret looks like in these objects; each has a number of its own. */
export const CANARY = /canary-\d+-of-podreach/g;

let count = 0;

/** Another secret. */
function secret(): string {
  count += 1;
  return `canary-${count}-of-podreach`;
}

type Fields = Readonly<Record<string, unknown>>;

function object(apiVersion: string, kind: string, name: string, rest: Fields): Fields {
  const { metadata = {}, ...others } = rest;
  const namespaced = ['Namespace', 'Node', 'ValidatingWebhookConfiguration'].includes(kind)
    ? {}
    : { namespace: 'shop' };
  const annotations = {
    'example.com/token': secret(),
    'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: { key: secret() } }),
  };
  const managedFields = [{ manager: secret(), fieldsV1: { [secret()]: {} } }];
  const finalizers = [`example.com/${secret()}`];
  const own = { name, ...namespaced, uid: `u-${name}`, resourceVersion: '1' };
  return {
    apiVersion,
    kind,
    metadata: { ...own, annotations, managedFields, finalizers, ...(metadata as Fields) },
    ...others,
    status: { message: secret(), conditions: [{ type: 'Ready', message: secret() }] },
    [`x${secret()}`]: secret(),
  };
}

/** Everything of a container that may hold a secret, and a port. */
function container(name: string): Fields {
  const probe = {
    exec: { command: ['sh', '-c', secret()] },
    httpGet: { path: `/${secret()}`, port: 80, httpHeaders: [{ name: 'x', value: secret() }] },
  };
  return {
    name,
    image: `registry.example/${secret()}:1`,
    command: [secret()],
    args: [`--password=${secret()}`],
    workingDir: `/${secret()}`,
    env: [
      { name: 'PASSWORD', value: secret() },
      { name: secret(), valueFrom: { secretKeyRef: { name: secret(), key: secret() } } },
    ],
    envFrom: [{ secretRef: { name: secret() } }],
    volumeMounts: [{ name: 'v', mountPath: `/${secret()}`, subPath: secret() }],
    livenessProbe: probe,
    readinessProbe: probe,
    lifecycle: { postStart: probe },
    securityContext: { seLinuxOptions: { user: secret() } },
    ports: [{ name: 'http', containerPort: 8080, hostIP: '' }],
  };
}

function podSpec(): Fields {
  return {
    containers: [container('main')],
    initContainers: [container('init')],
    ephemeralContainers: [container('debug')],
    imagePullSecrets: [{ name: secret() }],
    volumes: [
      { name: 'v', secret: { secretName: secret() } },
      { name: 'w', csi: { driver: 'd', volumeAttributes: { password: secret() } } },
      { name: 'x', hostPath: { path: `/${secret()}` } },
    ],
    hostAliases: [{ ip: '10.9.9.9', hostnames: [secret()] }],
    tolerations: [{ key: secret(), operator: 'Exists' }],
    dnsConfig: { searches: [secret()] },
    affinity: { podAffinity: { note: secret() } },
  };
}

const labels = { app: 'api' };

/** Objects of many kinds, with a secret wherever nothing has to be known of the value. */
export function objectsWithSecrets(): readonly Fields[] {
  const selector = { matchLabels: labels };
  const template = { metadata: { labels, annotations: { a: secret() } }, spec: podSpec() };
  return [
    object('v1', 'Namespace', 'shop', {}),
    object('v1', 'Node', 'one', { spec: { providerID: secret(), taints: [{ key: secret() }] } }),
    object('v1', 'Pod', 'api-1', { metadata: { labels }, spec: podSpec() }),
    object('v1', 'Pod', 'web-00', { metadata: { labels: { app: 'web' } }, spec: podSpec() }),
    object('apps/v1', 'Deployment', 'later', { spec: { replicas: 1, selector, template } }),
    object('batch/v1', 'CronJob', 'nightly', {
      spec: { schedule: '@daily', jobTemplate: { spec: { template } } },
    }),
    object('v1', 'Secret', 'credentials', {
      type: 'Opaque',
      data: { password: Buffer.from(secret()).toString('base64'), plain: secret() },
      stringData: { token: secret() },
    }),
    object('v1', 'ConfigMap', 'settings', {
      data: { 'app.properties': `password=${secret()}` },
      binaryData: { key: secret() },
    }),
    object('v1', 'ServiceAccount', 'robot', { secrets: [{ name: secret() }] }),
    object('v1', 'Event', 'event', { message: secret(), reason: secret() }),
    object('v1', 'Service', 'api', {
      spec: { selector: labels, ports: [{ port: 80, targetPort: 'http', appProtocol: secret() }] },
    }),
    object('networking.k8s.io/v1', 'NetworkPolicy', 'allow-web', {
      spec: { podSelector: selector, ingress: [{ from: [{ podSelector: selector }] }] },
    }),
    object('networking.k8s.io/v1', 'Ingress', 'front', {
      metadata: {
        annotations: {
          'nginx.ingress.kubernetes.io/auth-secret': secret(),
          'nginx.ingress.kubernetes.io/configuration-snippet': `set $a ${secret()};`,
        },
      },
      spec: {
        tls: [{ hosts: ['0.example'], secretName: secret() }],
        rules: [{ host: '0.example', http: { paths: [PATH] } }],
      },
    }),
    object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'hook', {
      webhooks: [{ name: 'a.example', clientConfig: { url: secret(), caBundle: secret() } }],
    }),
    object('example.com/v1', 'Database', 'db', { spec: { password: secret(), size: 3 } }),
    { apiVersion: 'v1', kind: 'Config', users: [{ name: 'a', user: { token: secret() } }] },
  ];
}

const PATH = {
  path: '/',
  pathType: 'Prefix',
  backend: { service: { name: 'api', port: { number: 80 } } },
};

/** Uploads that fail beside a secret: what is told of them must not show it. */
export function brokenWithSecrets(): readonly string[] {
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: a, namespace: shop }\n';
  return [
    `${pod}spec:\n  containers:\n  - env:\n    - value: "${secret()}\n`,
    `${pod}spec:\n  containers:\n  - args: [${secret()}\n`,
    `${pod}spec:\n  containers:\n  - args: *${secret()}\n`,
    `${pod}spec:\n\tcontainers: ${secret()}\n`,
    `{"apiVersion":"v1","kind":"Secret","data":{"a":"${secret()}"`,
    `{"apiVersion":"v1","kind":"Secret","data":{"a":"${secret()}",}}`,
    `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"a":${secret()}}}`,
    secret(),
    `PASSWORD=${secret()}\nTOKEN=${secret()}\n`,
    `- ${secret()}\n- ${secret()}\n`,
  ];
}
