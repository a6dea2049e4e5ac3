import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { parse, stringify } from 'yaml';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import type { EngineOptions } from '../../src/engine/options.ts';
import { path } from '../../src/engine/queries/path.ts';
import { waysIn } from '../../src/engine/queries/ways-in.ts';
import { whoCanReach } from '../../src/engine/queries/who-can-reach.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { Snapshot, SnapshotSource } from '../../src/model/snapshot.ts';
import type { WayIn, WayInVia } from '../../src/model/way-in.ts';
import { toJson } from '../../src/render/wire.ts';
import { indexOf, snapshotOfText } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { holds } from '../support/property.ts';
import { EXTERNAL_ADDRESSES, worlds } from '../support/worlds.ts';
import { withOwnService } from './agreement-lists.ts';
import { isFinished, nameOf, parseNet, podsOf } from './oracle-world.ts';
import { decide } from './oracle.ts';
import type { OracleVerdict } from './oracle.ts';
import { tell } from './tell.ts';
import type { Told } from './tell.ts';

t.setTimeout(600_000);

/** Every word of the ways in of each case; `UPDATE_EXPECTED=1` writes it anew. */
const TOLD_FILE = fileURLToPath(new URL('./ways-in.told.yaml', import.meta.url));
const UPDATE = process.env['UPDATE_EXPECTED'] === '1';
const PLAIN = { lineWidth: 0, aliasDuplicateObjects: false } as const;

const pod = (name: string, labels: string, ip: string, spec = ''): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name.split('/')[1] ?? ''}, namespace: ${name.split('/')[0] ?? ''}, labels: { ${labels} } }
spec: { nodeName: n1, containers: [{ name: a, ports: [{ name: http, containerPort: 8080 }] }] ${spec} }
status: { phase: Running, podIP: ${ip}, podIPs: [{ ip: ${ip} }] }
`;

const CLUSTER = [
  `apiVersion: v1
kind: Node
metadata: { name: n1 }
status: { addresses: [{ type: InternalIP, address: 192.168.0.1 }] }`,
  `apiVersion: v1
kind: Node
metadata: { name: n2 }
status: { addresses: [{ type: InternalIP, address: 192.168.0.2 }] }`,
  'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { tier: front } }',
  'apiVersion: v1\nkind: Namespace\nmetadata: { name: edge }',
  pod('shop/web', 'app: web', '10.0.0.1'),
  pod('shop/api', 'app: api', '10.0.0.2'),
  pod('shop/open', 'app: open', '10.0.0.3'),
  pod(
    'edge/nginx',
    'app.kubernetes.io/name: ingress-nginx, app.kubernetes.io/component: controller',
    '10.0.1.1',
  ),
  ...['web', 'api', 'open'].map(
    (name, i) => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { clusterIP: 10.96.0.${i + 1}, selector: { app: ${name} }, ports: [{ name: web, port: 80, targetPort: http }] }`,
  ),
  `apiVersion: v1
kind: Service
metadata: { name: nginx, namespace: edge }
spec: { type: LoadBalancer, selector: { app.kubernetes.io/name: ingress-nginx }, ports: [{ name: http, port: 80, targetPort: 8080 }, { name: https, port: 443, targetPort: 8080 }] }
status: { loadBalancer: { ingress: [{ ip: 203.0.113.80 }] } }`,
  `apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: nginx }
spec: { controller: k8s.io/ingress-nginx }`,
  `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress:
    - from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: edge } } }]
      ports: [{ port: 8080 }]`,
  `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api, namespace: shop }
spec: { podSelector: { matchLabels: { app: api } }, ingress: [{ from: [{ podSelector: {} }] }] }`,
];

const ingress = (spec: string, name = 'i', more = ''): string => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name}, namespace: shop ${more} }
spec: { ${spec} }`;

const to = (service: string, port = 'number: 80'): string =>
  `backend: { service: { name: ${service}, port: { ${port} } } }`;
const rule = (backend: string, host = 'a.example', where = 'path: /, pathType: Prefix'): string =>
  `rules: [{ host: ${host}, http: { paths: [{ ${where}, ${backend} }] } }]`;

const gateway = (listeners: string, more = ''): string => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gw, namespace: edge }
spec: { gatewayClassName: gwc, listeners: [${listeners}] }
${more}`;
const HTTP = 'name: http, port: 80, protocol: HTTP';
const ALL = 'allowedRoutes: { namespaces: { from: All } }';
const OPEN = `{ ${HTTP}, ${ALL} }`;

const route = (
  spec: string,
  kind = 'HTTPRoute',
  more = '',
): string => `apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: { name: r, namespace: shop ${more} }
spec: { parentRefs: [{ name: gw, namespace: edge }], ${spec} }`;
const refs = (service: string, more = ''): string =>
  `rules: [{ backendRefs: [{ name: ${service}, port: 80 ${more} }] }]`;

const service = (spec: string): string => `apiVersion: v1
kind: Service
metadata: { name: extra, namespace: shop }
spec: { ${spec} }`;

/** Like `shop/api`, which admits nobody from outside. */
const CLOSED = pod('shop/closed', 'app: api, c: closed', '10.0.0.8');
const CLOSED_SERVICE = service('selector: { c: closed }, ports: [{ port: 80, targetPort: 8080 }]');

const openshift = (spec: string): string => `apiVersion: route.openshift.io/v1
kind: Route
metadata: { name: o, namespace: shop }
spec: { host: o.example, to: { kind: Service, name: open } ${spec} }`;

interface Case {
  readonly name: string;
  readonly add: readonly string[];
  /** `via → verdict through backend: codes` of the rows that the cluster does not have without `add`. */
  readonly want: readonly string[];
  readonly options?: Partial<EngineOptions>;
  readonly source?: SnapshotSource;
  readonly edit?: (snapshot: Snapshot) => Partial<Snapshot>;
}

const CASES: readonly Case[] = [
  {
    name: 'the controller that an IngressClass names is found by its labels',
    add: [ingress(`ingressClassName: nginx, ${rule(to('web'))}`)],
    want: [
      'INGRESS a.example tcp/80 → ALLOWED KNOWN_NAME edge/pod/nginx shop/svc/web: NOT_ISOLATED ADMITTED',
    ],
  },
  {
    name: 'what no rule admits from the controller does not answer',
    add: [ingress(`ingressClassName: nginx, ${rule(to('api', 'name: web'))}`)],
    want: [
      'INGRESS a.example tcp/80 → DENIED KNOWN_NAME edge/pod/nginx shop/svc/api: NOT_ISOLATED INGRESS_NOT_ADMITTED',
    ],
  },
  {
    name: 'the usual name of a class is enough where nothing says what it is',
    add: [
      ingress(`ingressClassName: traefik, ${rule(to('web'))}`),
      pod('edge/t', 'app.kubernetes.io/name: traefik', '10.0.1.2'),
    ],
    want: [
      'INGRESS a.example tcp/80 → ALLOWED KNOWN_NAME edge/pod/t shop/svc/web: NOT_ISOLATED NO_ENTRANCE ADMITTED',
    ],
  },
  {
    name: 'an annotation names a class as well',
    add: [ingress(rule(to('web')), 'i', ', annotations: { kubernetes.io/ingress.class: nginx }')],
    want: [
      'INGRESS a.example tcp/80 → ALLOWED KNOWN_NAME edge/pod/nginx shop/svc/web: NOT_ISOLATED ADMITTED',
    ],
  },
  {
    name: 'an Ingress without a class is served by the default one',
    add: [
      ingress(rule(to('web'))),
      `apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: main, annotations: { ingressclass.kubernetes.io/is-default-class: 'true' } }
spec: { controller: ingress.k8s.aws/alb }`,
    ],
    want: [
      'INGRESS a.example tcp/80 → UNDETERMINED OUTSIDE - shop/svc/web: CONTROLLER_OUTSIDE INGRESS_NOT_ADMITTED CONTROLLER_OUTSIDE',
    ],
  },
  {
    name: 'without any class whatever controller there is may serve it',
    add: [ingress(rule(to('web')))],
    want: [
      'INGRESS a.example tcp/80 → ALLOWED KNOWN_NAME edge/pod/nginx shop/svc/web: NOT_ISOLATED ADMITTED',
    ],
  },
  {
    name: 'several controllers that policies treat differently leave it open',
    add: [ingress(rule(to('web'))), pod('shop/t', 'app.kubernetes.io/name: traefik', '10.0.1.2')],
    want: [
      'INGRESS a.example tcp/80 → UNDETERMINED KNOWN_NAME edge/pod/nginx,shop/pod/t shop/svc/web: NOT_ISOLATED CONTROLLER_AMBIGUOUS',
    ],
  },
  {
    name: 'a load balancer of the cloud reaches what is open to everybody',
    add: [ingress(`ingressClassName: gce, ${rule(to('open'))}`)],
    want: [
      'INGRESS a.example tcp/80 → ALLOWED OUTSIDE - shop/svc/open: CONTROLLER_OUTSIDE NOT_ISOLATED',
    ],
  },
  {
    name: 'a load balancer may go through the node of a pod, which is always let in',
    add: [ingress(`ingressClassName: gce, ${rule(to('extra'))}`), CLOSED, CLOSED_SERVICE],
    want: [
      'INGRESS a.example tcp/80 → UNDETERMINED OUTSIDE - shop/svc/extra: CONTROLLER_OUTSIDE INGRESS_NOT_ADMITTED CONTROLLER_OUTSIDE',
    ],
  },
  {
    name: 'also where nobody knows which node that will be',
    add: [
      ingress(`ingressClassName: gce, ${rule(to('extra'))}`),
      CLOSED.replace('nodeName: n1, ', ''),
      CLOSED_SERVICE,
    ],
    want: [
      'INGRESS a.example tcp/80 → UNDETERMINED OUTSIDE - shop/svc/extra: CONTROLLER_OUTSIDE LOCAL_NODE_UNKNOWN INGRESS_NOT_ADMITTED',
    ],
  },
  {
    name: 'a controller that is not there is not in a namespace that is',
    add: [ingress(`ingressClassName: mine, ${rule(to('web'))}`)],
    want: [
      'INGRESS a.example tcp/80 → DENIED ASSUMED - shop/svc/web: CONTROLLER_ASSUMED INGRESS_NOT_ADMITTED',
    ],
  },
  {
    name: 'a controller that is not there is not admitted by the namespace of the backend (R2.18)',
    add: [ingress(`ingressClassName: mine, ${rule(to('api'))}`)],
    want: [
      'INGRESS a.example tcp/80 → DENIED ASSUMED - shop/svc/api: CONTROLLER_ASSUMED INGRESS_NOT_ADMITTED',
    ],
  },
  {
    name: 'a controller that is not there reaches what is open',
    add: [ingress(`ingressClassName: mine, ${rule(to('open'))}`)],
    want: ['INGRESS a.example tcp/80 → ALLOWED ASSUMED - shop/svc/open: CONTROLLER_ASSUMED'],
  },
  {
    name: 'of a dump a controller that is not known may be any pod',
    add: [ingress(`ingressClassName: mine, ${rule(to('web'))}`)],
    edit: () => ({ source: 'LIVE' }),
    want: [
      'INGRESS a.example tcp/80 → UNDETERMINED ASSUMED - shop/svc/web: CONTROLLER_ASSUMED CONTROLLER_ASSUMED',
    ],
  },
  {
    name: 'a rule for a namespace that is not there may be for the controller',
    add: [
      ingress(`ingressClassName: mine, ${rule(to('api'))}`),
      `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: from-ingress, namespace: shop }
spec: { podSelector: { matchLabels: { app: api } }, ingress: [{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ingress } } }] }] }`,
    ],
    want: [
      'INGRESS a.example tcp/80 → UNDETERMINED ASSUMED - shop/svc/api: CONTROLLER_ASSUMED CONTROLLER_ASSUMED',
    ],
  },
  ...(
    [
      [
        'every namespace',
        '{}',
        'DENIED ASSUMED - shop/svc/open: CONTROLLER_ASSUMED INGRESS_NOT_ADMITTED',
      ],
      [
        'some namespaces',
        '{ matchLabels: { team: other } }',
        'UNDETERMINED ASSUMED - shop/svc/open: CONTROLLER_ASSUMED CONTROLLER_ASSUMED',
      ],
    ] as const
  ).map(([name, namespaces, want]): Case => ({
    name: `a cluster policy against ${name} is met by a controller that is not there as by any pod`,
    add: [
      ingress(`ingressClassName: mine, ${rule(to('open'))}`),
      `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: c }
spec: { tier: Admin, priority: 1, subject: { namespaces: { matchLabels: { tier: front } } }, ingress: [{ action: Deny, from: [{ namespaces: ${namespaces} }] }] }`,
    ],
    want: [`INGRESS a.example tcp/80 → ${want}`],
  })),
  {
    name: 'a setting names the controller of a class',
    add: [ingress(`ingressClassName: mine, ${rule(to('web'))}`)],
    options: { ingressControllers: 'other=shop/api; mine=edge/nginx' },
    want: [
      'INGRESS a.example tcp/80 → ALLOWED CONFIGURED edge/pod/nginx shop/svc/web: NOT_ISOLATED ADMITTED',
    ],
  },
  {
    name: 'a setting that names nothing is told, and passed over',
    add: [ingress(`ingressClassName: nginx, ${rule(to('web'))}`)],
    options: { ingressControllers: '*=edge/gone' },
    want: [
      'INGRESS a.example tcp/80 → ALLOWED KNOWN_NAME edge/pod/nginx shop/svc/web: CONTROLLER_NOT_FOUND NOT_ISOLATED ADMITTED',
    ],
  },
  {
    name: 'a controller on the network of its node is the node, which rules for pods do not admit',
    add: [
      ingress(`ingressClassName: traefik, ${rule(to('web'))}`, 'i'),
      pod(
        'edge/t',
        'app.kubernetes.io/name: traefik',
        '192.168.0.2',
        ', hostNetwork: true',
      ).replace('n1', 'n2'),
    ],
    want: [
      'HOST_NETWORK tcp/8080 → ALLOWED edge/pod/t: NOT_POLICED',
      'INGRESS a.example tcp/80 → DENIED KNOWN_NAME edge/pod/t shop/svc/web: NOT_POLICED INGRESS_NOT_ADMITTED',
    ],
  },
  {
    name: 'between a controller and a backend on their nodes no policy stands',
    add: [
      ingress(`ingressClassName: traefik, ${rule(to('extra'))}`, 'i'),
      pod('edge/t', 'app.kubernetes.io/name: traefik', '192.168.0.1', ', hostNetwork: true'),
      pod('shop/h', 'app: h', '192.168.0.1', ', hostNetwork: true'),
      service('selector: { app: h }, ports: [{ port: 80, targetPort: 8080 }]'),
    ],
    want: [
      'HOST_NETWORK tcp/8080 → ALLOWED edge/pod/t: NOT_POLICED',
      'INGRESS a.example tcp/80 → ALLOWED KNOWN_NAME edge/pod/t shop/svc/extra: NOT_POLICED',
      'HOST_NETWORK tcp/8080 → ALLOWED shop/pod/h: NOT_POLICED',
    ],
  },
  {
    name: 'each host and path is a way of its own, TLS moves it to 443, and the rest has a default',
    add: [
      ingress(
        `ingressClassName: nginx, tls: [{ hosts: [b.example] }], default${to('open').replace('backend', 'Backend')}, rules: [` +
          `{ host: b.example, http: { paths: [{ path: /x, pathType: Exact, ${to('web')} }, { path: /y, pathType: Prefix, ${to('open')} }] } }]`,
      ),
    ],
    want: [
      'INGRESS b.example=/x tcp/443 → ALLOWED KNOWN_NAME edge/pod/nginx shop/svc/web: NOT_ISOLATED ADMITTED',
      'INGRESS b.example/y tcp/443 → ALLOWED KNOWN_NAME edge/pod/nginx shop/svc/open: NOT_ISOLATED',
      'INGRESS tcp/80 → ALLOWED KNOWN_NAME edge/pod/nginx shop/svc/open: NOT_ISOLATED',
    ],
  },
  {
    name: 'an Ingress of an older version is read alike',
    add: [
      ingress(
        `ingressClassName: nginx, rules: [{ host: a.example, http: { paths: [{ path: /, backend: { serviceName: web, servicePort: 80 } }] } }]`,
      ).replace('networking.k8s.io/v1', 'extensions/v1beta1'),
    ],
    want: [
      'INGRESS a.example tcp/80 → ALLOWED KNOWN_NAME edge/pod/nginx shop/svc/web: NOT_ISOLATED ADMITTED',
    ],
  },
  {
    name: 'a backend that is not there does not answer',
    add: [ingress(`ingressClassName: nginx, ${rule(to('gone'))}`)],
    want: [
      'INGRESS a.example tcp/80 → DENIED KNOWN_NAME edge/pod/nginx Service shop/gone: NO_SERVICE',
    ],
  },
  {
    name: 'a port that the backend does not have does not answer',
    add: [ingress(`ingressClassName: nginx, ${rule(to('web', 'number: 81'))}`)],
    want: [
      'INGRESS a.example tcp/80 → DENIED KNOWN_NAME edge/pod/nginx shop/svc/web: NO_SUCH_SERVICE_PORT',
    ],
  },
  {
    name: 'a name of a port that the backend does not have does not answer',
    add: [ingress(`ingressClassName: nginx, ${rule(to('web', 'name: admin'))}`)],
    want: [
      'INGRESS a.example tcp/80 → DENIED KNOWN_NAME edge/pod/nginx shop/svc/web: NO_SUCH_SERVICE_PORT',
    ],
  },
  {
    name: 'a backend without pods does not answer',
    add: [
      ingress(`ingressClassName: nginx, ${rule(to('extra'))}`),
      service('selector: { app: none }, ports: [{ port: 80 }]'),
    ],
    want: [
      'INGRESS a.example tcp/80 → DENIED KNOWN_NAME edge/pod/nginx shop/svc/extra: NO_ENDPOINTS',
    ],
  },
  {
    name: 'where an alias leads is not known',
    add: [
      ingress(`ingressClassName: nginx, ${rule(to('extra'))}`),
      service('type: ExternalName, externalName: db.example, ports: [{ port: 80 }]'),
    ],
    want: [
      'INGRESS a.example tcp/80 → UNDETERMINED KNOWN_NAME edge/pod/nginx shop/svc/extra: EXTERNAL_NAME NOT_ISOLATED',
    ],
  },
  {
    name: 'where something that is no Service leads is not known',
    add: [
      ingress(
        `ingressClassName: nginx, ${rule('backend: { resource: { apiGroup: k.example, kind: Bucket, name: b } }')}`,
      ),
    ],
    want: [
      'INGRESS a.example tcp/80 → UNDETERMINED KNOWN_NAME edge/pod/nginx Bucket.k.example shop/b: BACKEND_NOT_A_SERVICE NOT_ISOLATED',
    ],
  },
  {
    name: 'controllers send to the target port of a headless Service',
    add: [
      ingress(`ingressClassName: nginx, ${rule(to('extra'))}`),
      service('clusterIP: None, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }]'),
    ],
    want: [
      'INGRESS a.example tcp/80 → ALLOWED KNOWN_NAME edge/pod/nginx shop/svc/extra: NOT_ISOLATED ADMITTED',
    ],
  },
  {
    name: 'an Ingress that cannot be read in full is not certain',
    add: [ingress(`ingressClassName: nginx, ${rule(to('web'), '192.0.2.1')}`)],
    want: [
      'INGRESS 192.0.2.1 tcp/80 → UNDETERMINED KNOWN_NAME edge/pod/nginx shop/svc/web: CONFLICTING_OBJECTS NOT_ISOLATED ADMITTED',
    ],
  },
  {
    name: 'two different Ingresses of one name are not certain',
    add: [
      ingress(`ingressClassName: nginx, ${rule(to('open'))}`),
      ingress(`ingressClassName: nginx, ${rule(to('web'))}`),
    ],
    want: [
      'INGRESS a.example tcp/80 → UNDETERMINED KNOWN_NAME edge/pod/nginx shop/svc/open: CONFLICTING_OBJECTS NOT_ISOLATED',
    ],
  },
  {
    name: 'a Service that a dump may have leaves it open',
    add: [ingress(`ingressClassName: nginx, ${rule(to('gone'))}`)],
    edit: lacking('Service'),
    want: [
      'INGRESS a.example tcp/80 → UNDETERMINED KNOWN_NAME edge/pod/nginx Service shop/gone: MISSING_KIND NOT_ISOLATED',
    ],
  },
  {
    name: 'pods that carry the name of their Gateway pass its traffic on',
    add: [
      gateway(OPEN),
      route(`hostnames: [r.example], ${refs('web')}`),
      pod('edge/gw', 'gateway.networking.k8s.io/gateway-name: gw', '10.0.1.3'),
    ],
    want: [
      'GATEWAY r.example tcp/80 → ALLOWED GATEWAY_LABEL edge/pod/gw shop/svc/web: NOT_ISOLATED NO_ENTRANCE ADMITTED',
    ],
  },
  ...(
    [
      [
        'GRPCRoute',
        HTTP,
        'rules: [{ matches: [{ method: { service: s.S, method: Get } }], backendRefs: [{ name: open, port: 80 }] }]',
        '=/s.S/Get tcp/80',
      ],
      ['TLSRoute', 'name: tls, port: 443, protocol: TLS', refs('open'), 'tcp/443'],
      ['TCPRoute', 'name: tcp, port: 5432, protocol: TCP', refs('open'), 'tcp/5432'],
    ] as const
  ).map(([kind, listener, spec, at]): Case => ({
    name: `a ${kind} is attached to a listener of its protocol`,
    add: [gateway(`{ ${listener}, ${ALL} }`), route(spec, kind)],
    want: [`GATEWAY ${at} → ALLOWED ASSUMED - shop/svc/open: CONTROLLER_ASSUMED`],
  })),
  {
    name: 'a UDPRoute sends to a port of UDP',
    add: [
      gateway(`{ name: dns, port: 53, protocol: UDP, ${ALL} }`),
      route('rules: [{ backendRefs: [{ name: extra, port: 53 }] }]', 'UDPRoute'),
      service('selector: { app: web }, ports: [{ port: 53, protocol: UDP }]'),
    ],
    want: [
      'GATEWAY udp/53 → DENIED ASSUMED - shop/svc/extra: CONTROLLER_ASSUMED INGRESS_NOT_ADMITTED',
    ],
  },
  {
    name: 'a path of an HTTPRoute is told, and a weight of 0 sends nothing',
    add: [
      gateway(OPEN),
      route(
        'rules: [{ matches: [{ path: { value: /a } }, { path: { type: Exact, value: /b } }], backendRefs: [{ name: open, port: 80 }, { name: web, port: 80, weight: 0 }] }]',
      ),
    ],
    want: [
      'GATEWAY /a tcp/80 → ALLOWED ASSUMED - shop/svc/open: CONTROLLER_ASSUMED',
      'GATEWAY =/b tcp/80 → ALLOWED ASSUMED - shop/svc/open: CONTROLLER_ASSUMED',
    ],
  },
  {
    name: 'a rule that sends to nothing has no pods to reach',
    add: [gateway(OPEN), route('rules: [{}]')],
    want: ['GATEWAY tcp/80 → DENIED ASSUMED - none: NO_BACKEND'],
  },
  ...(
    [
      ['that is not there', [], 'NO_GATEWAY'],
      [
        'that has no such listener',
        [gateway(OPEN)],
        'NO_LISTENER',
        'parentRefs: [{ name: gw, namespace: edge, sectionName: other }], ',
      ],
      [
        'whose controller refuses it',
        [gateway(OPEN, 'status: { conditions: [{ type: Accepted, status: "False" }] }')],
        'GATEWAY_NOT_ACCEPTED',
      ],
      ['that takes its own namespace only', [gateway(`{ ${HTTP} }`)], 'NAMESPACE_NOT_ALLOWED'],
      [
        'that takes other namespaces only',
        [
          gateway(
            `{ ${HTTP}, allowedRoutes: { namespaces: { from: Selector, selector: { matchLabels: { tier: back } } } } }`,
          ),
        ],
        'NAMESPACE_NOT_ALLOWED',
      ],
      [
        'that takes other kinds only',
        [
          gateway(
            `{ ${HTTP}, allowedRoutes: { kinds: [{ kind: GRPCRoute }], namespaces: { from: All } } }`,
          ),
        ],
        'KIND_NOT_ALLOWED',
      ],
      [
        'that takes another protocol',
        [gateway(`{ name: tcp, port: 80, protocol: TCP, ${ALL} }`)],
        'KIND_NOT_ALLOWED',
      ],
      [
        'for other hosts',
        [gateway(`{ ${HTTP}, hostname: "*.other.example", ${ALL} }`)],
        'HOSTNAME_NOT_MATCHED',
      ],
    ] as const
  ).map(([name, add, code, parents = '']): Case => ({
    name: `a route to a Gateway ${name} is not attached`,
    add: [
      ...add,
      parents === ''
        ? route(`hostnames: [r.example], ${refs('web')}`)
        : route(`hostnames: [r.example], ${refs('web')}`).replace(/parentRefs: \[.*?\], /, parents),
    ],
    want: [`GATEWAY r.example tcp/? → DENIED shop/svc/web: ${code}`],
  })),
  {
    name: 'a listener that chooses namespaces by labels takes those that have them',
    add: [
      gateway(
        `{ ${HTTP}, hostname: "*.example", allowedRoutes: { namespaces: { from: Selector, selector: { matchLabels: { tier: front } } } } }`,
      ),
      route(refs('open')),
    ],
    want: ['GATEWAY *.example tcp/80 → ALLOWED ASSUMED - shop/svc/open: CONTROLLER_ASSUMED'],
  },
  {
    name: 'a Gateway that a dump may have leaves it open',
    add: [route(`hostnames: [r.example], ${refs('web')}`)],
    edit: ({ coverage }) => ({ source: 'LIVE', coverage }),
    want: ['GATEWAY r.example tcp/? → UNDETERMINED shop/svc/web: MISSING_KIND'],
  },
  {
    name: 'a parent that podreach does not know leaves it open',
    add: [route(refs('web')).replace('{ name: gw,', '{ kind: ListenerSet, name: gw,')],
    want: ['GATEWAY tcp/? → UNDETERMINED shop/svc/web: UNKNOWN_PARENT'],
  },
  {
    name: 'a route of a mesh is no way in',
    add: [route(refs('web')).replace('{ name: gw,', '{ kind: Service, group: "", name: gw,')],
    want: [],
  },
  {
    name: 'a route without a Gateway is attached to nothing',
    add: [route(refs('web')).replace(/parentRefs: \[.*?\],/, '')],
    want: ['GATEWAY tcp/? → DENIED shop/svc/web: NOT_ATTACHED'],
  },
  {
    name: 'a route may not send to another namespace unless a ReferenceGrant lets it',
    add: [gateway(OPEN), route(refs('nginx', ', namespace: edge'))],
    want: ['GATEWAY tcp/80 → DENIED ASSUMED - edge/svc/nginx: REF_NOT_PERMITTED'],
  },
  {
    name: 'a ReferenceGrant lets a route send to its namespace',
    add: [
      gateway(OPEN),
      route(refs('nginx', ', namespace: edge')),
      `apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: { name: g, namespace: edge }
spec: { from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop }], to: [{ group: "", kind: Service, name: nginx }] }`,
    ],
    want: ['GATEWAY tcp/80 → ALLOWED ASSUMED - edge/svc/nginx: CONTROLLER_ASSUMED'],
  },
  {
    name: 'a Route of OpenShift names a port of the Service or of the pods',
    add: [openshift(', port: { targetPort: 8080 }, tls: { termination: edge }')],
    want: ['ROUTE o.example tcp/443 → ALLOWED ASSUMED - shop/svc/open: CONTROLLER_ASSUMED'],
  },
  {
    name: 'the routers of OpenShift are known by their label',
    add: [
      openshift(', alternateBackends: [{ kind: Service, name: api }], path: /p'),
      pod(
        'openshift-ingress/router',
        'ingresscontroller.operator.openshift.io/deployment-ingresscontroller: default',
        '10.0.1.4',
      ),
    ],
    want: [
      'ROUTE o.example/p tcp/80 → ALLOWED KNOWN_NAME openshift-ingress/pod/router shop/svc/open: NOT_ISOLATED NO_ENTRANCE',
      'ROUTE o.example/p tcp/80 → DENIED KNOWN_NAME openshift-ingress/pod/router shop/svc/api: NOT_ISOLATED NO_ENTRANCE INGRESS_NOT_ADMITTED',
    ],
  },
  {
    name: 'a NodePort lets in who its pods admit, whatever node passes it on',
    add: [
      service(
        'type: NodePort, selector: { app: api }, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }]',
      ),
    ],
    want: ['NODE_PORT tcp/30080 → UNDETERMINED shop/svc/extra: CONDITIONAL'],
  },
  {
    name: 'with externalTrafficPolicy Local the client is seen as it is',
    add: [
      service(
        'type: NodePort, externalTrafficPolicy: Local, selector: { app: api }, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }]',
      ),
    ],
    want: ['NODE_PORT tcp/30080 → DENIED shop/svc/extra: INGRESS_NOT_ADMITTED'],
  },
  {
    name: 'the dialect says whom a pod sees behind a NodePort',
    add: [
      service('type: NodePort, selector: { app: api }, ports: [{ port: 80, targetPort: 8080 }]'),
    ],
    options: { externalSource: 'client' },
    want: ['NODE_PORT tcp/? → DENIED shop/svc/extra: INGRESS_NOT_ADMITTED'],
  },
  {
    name: 'a pod of the other family is behind a Service of one family in name only',
    add: [
      pod('shop/four', 'app: mixed, closed: "yes"', '10.0.0.9'),
      pod('shop/six', 'app: mixed', 'fd00::6'),
      `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: closed, namespace: shop }
spec: { podSelector: { matchLabels: { closed: "yes" } }, policyTypes: [Ingress] }`,
      service(
        'type: NodePort, clusterIP: 10.96.0.9, selector: { app: mixed }, ports: [{ port: 80, targetPort: 8080 }]',
      ),
    ],
    options: { externalSource: 'client' },
    want: ['NODE_PORT tcp/? → DENIED shop/svc/extra: INGRESS_NOT_ADMITTED'],
  },
  {
    name: 'source ranges are for the load balancer, not for its node port',
    add: [
      service(
        'type: LoadBalancer, loadBalancerSourceRanges: [203.0.113.0/24], selector: { app: open }, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }]',
      ),
    ],
    want: [
      'LOAD_BALANCER tcp/80 → PARTIAL shop/svc/extra from 203.0.113.0/24 ALLOWED: LOAD_BALANCER_SOURCE_RANGES NOT_ISOLATED',
      'NODE_PORT tcp/30080 → ALLOWED shop/svc/extra: NOT_ISOLATED',
    ],
  },
  {
    name: 'external addresses are a way in to any Service',
    add: [
      service(
        'externalIPs: [198.51.100.1], selector: { app: open }, ports: [{ port: 80, targetPort: 8080 }]',
      ),
    ],
    want: ['EXTERNAL_IP tcp/80 → ALLOWED shop/svc/extra: NOT_ISOLATED'],
  },
  {
    name: 'who a host port lets in may arrive as the own node, which nobody can keep out',
    add: [
      pod('shop/h', 'app: web', '10.0.0.9').replace(
        'containerPort: 8080',
        'containerPort: 8080, hostPort: 80',
      ),
    ],
    want: ['HOST_PORT tcp/80 → UNDETERMINED shop/pod/h: CONDITIONAL'],
  },
  {
    name: 'a pod on the network of its node that declares no port is told nonetheless',
    add: [
      pod('edge/h', 'app: h', '192.168.0.1', ', hostNetwork: true').replace(/, ports: \[.*?\]/, ''),
    ],
    want: ['HOST_NETWORK tcp/? → ALLOWED edge/pod/h: NOT_POLICED'],
  },
];

/** The same cluster as a dump that lacks `kind`. */
function lacking(kind: string): (snapshot: Snapshot) => Partial<Snapshot> {
  return ({ coverage }) => ({
    source: 'LIVE',
    coverage: coverage.map((row) => (row.kind === kind ? { ...row, status: 'ABSENT' } : row)),
  });
}

async function clusterWith({
  add,
  options,
  edit,
}: Omit<Case, 'name' | 'want'>): Promise<ReachIndex> {
  const snapshot = await snapshotOfText([...CLUSTER, ...add].join('\n---\n'), {
    source: 'MANIFESTS',
  });
  return compileIndex({ ...snapshot, ...edit?.(snapshot) }, { ...DEFAULT_OPTIONS, ...options });
}

function rowsOf(index: ReachIndex, of?: string): readonly WayIn[] {
  const list = waysIn(index, of === undefined ? {} : { of });
  return list.slice(0, list.totalCount);
}

function printVia({ type, host = '', path: at = '', port, protocol }: WayInVia): string {
  const place = `${host}${at}`;
  return `${type} ${place === '' ? '' : `${place} `}${protocol.toLowerCase()}/${port ?? '?'}`;
}

function printRow({ via, verdict, controller, backend, legs, reasons }: WayIn): string {
  const through =
    controller === null
      ? ''
      : ` ${controller.found} ${controller.peers.map(({ ref }) => ref).join(',') || '-'}`;
  const name =
    backend === null
      ? 'none'
      : (backend.peer?.ref ?? `${backend.kind} ${backend.namespace}/${backend.name}`);
  const clients = legs.at(-1)?.clients?.map(({ from, verdict: own }) => `${from.ref} ${own}`) ?? [];
  const from = clients.length === 0 ? '' : ` from ${clients.join(' ')}`;
  const codes = reasons.map(({ code }) => code).join(' ');
  return `${printVia(via)} → ${verdict}${through} ${name}${from}: ${codes}`.replace(/: $/, '');
}

t.test('each way in is judged as it should be', async (t) => {
  const base = new Set(rowsOf(await clusterWith({ add: [] })).map(printRow));
  t.same(
    [...base],
    [
      'LOAD_BALANCER tcp/80 → ALLOWED edge/svc/nginx: NOT_ISOLATED',
      'LOAD_BALANCER tcp/443 → ALLOWED edge/svc/nginx: NOT_ISOLATED',
    ],
  );
  const told: Record<string, Told> = {};
  for (const one of CASES) {
    const rows = rowsOf(await clusterWith(one)).filter((row) => !base.has(printRow(row)));
    t.same(rows.map(printRow), one.want, one.name);
    told[one.name] = tell(toJson(rows)) ?? 'none';
  }
  if (UPDATE) writeFileSync(TOLD_FILE, stringify(told, PLAIN));
  else t.strictSame(told, parse(readFileSync(TOLD_FILE, 'utf8')), 'word by word');
});

t.test('only ways to the asked pods or Service are listed', async (t) => {
  const add = [
    ingress(`ingressClassName: nginx, ${rule(to('web'))}`),
    ingress(`ingressClassName: nginx, ${rule(to('extra'))}`, 'j'),
    service('selector: { app: none }, ports: [{ port: 80 }]'),
  ];
  const index = await clusterWith({ add });
  const names = (of: string): string[] =>
    rowsOf(index, of).map(({ via }) => `${via.kind} ${via.name} ${via.port ?? ''}`);
  t.same(names('shop/web'), ['Ingress i 80']);
  t.same(names('shop/svc/extra'), ['Ingress j 80'], 'a Service without pods');
  t.same(names('shop/*'), ['Ingress i 80']);
  t.same(names('edge/nginx'), ['Service nginx 80', 'Service nginx 443']);
  t.same(names('shop/api'), []);
  t.throws(() => rowsOf(index, 'shop/none'), { code: 'ref-not-found' });
});

t.test('a list is complete only where the kinds that add ways are covered', async (t) => {
  const lists = ['Pod', 'Namespace', 'Node', 'Service', 'EndpointSlice'].map(
    (kind) => `{ "apiVersion": "v1", "kind": "${kind}List", "items": [] }`,
  );
  const policies =
    '{ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "items": [] }';
  const slices =
    '{ "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSliceList", "items": [] }';
  const ingresses = '{ "apiVersion": "networking.k8s.io/v1", "kind": "IngressList", "items": [] }';
  const routes =
    '{ "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRouteList", "items": [] }';
  const definition = (group: string, kind: string): string =>
    '{ "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": "d" }, ' +
    `"spec": { "group": "${group}", "names": { "kind": "${kind}" } } }`;
  const dump = [...lists, policies, slices];
  const told = async (...more: readonly string[]): Promise<string> => {
    const snapshot = await snapshotOfText([...dump, ...more].join('\n'), { source: 'LIVE' });
    const index = compileIndex(snapshot, DEFAULT_OPTIONS);
    const list = waysIn(index, {});
    const kinds = list.reasons.map(({ code, missing }) => missing?.[0]?.kind ?? code);
    const others = whoCanReach(index, {
      target: '*/*',
      port: 'any',
      groupBy: 'POD',
      exclude: [],
      implicit: false,
    });
    return `${list.complete} ${kinds.join(' ')}; others ${others.complete}`;
  };
  t.equal(await told(), 'false Ingress NO_GATEWAY_API_SEEN; others true');
  t.equal(await told(ingresses), 'true NO_GATEWAY_API_SEEN; others true');
  t.equal(await told(ingresses, routes), 'false Gateway; others true');
  const openshiftRoute = definition('route.openshift.io', 'Route');
  t.equal(await told(ingresses, openshiftRoute), 'false Route; others true');
  const tcpRoute = definition('gateway.networking.k8s.io', 'TCPRoute');
  t.equal(await told(ingresses, tcpRoute), 'false Gateway HTTPRoute TCPRoute; others true');
  const manifests = await snapshotOfText(dump.join('\n'), { source: 'MANIFESTS' });
  t.equal(waysIn(compileIndex(manifests, DEFAULT_OPTIONS), {}).complete, true);
});

t.test('a ReferenceGrant that a dump may have leaves open what it would let in', async (t) => {
  const add = [gateway(OPEN), route(refs('nginx', ', namespace: edge'))];
  const told = async (edit?: Case['edit']): Promise<string[]> => {
    const index = await clusterWith({ add, ...(edit === undefined ? {} : { edit }) });
    const all = rowsOf(index).map(printRow);
    const some = rowsOf(index, 'edge/*').map(printRow);
    return all.filter((row) => row.startsWith('GATEWAY') && some.includes(row));
  };
  t.same(await told(), [], 'nothing grants it');
  t.match(await told(({ coverage }) => ({ source: 'LIVE', coverage })), [
    /^GATEWAY tcp\/80 → UNDETERMINED ASSUMED - edge\/svc\/nginx: MISSING_KIND/,
  ]);
});

t.test('who can reach a pod says what the source brings from outside', async (t) => {
  const add = [
    ingress(`ingressClassName: nginx, ${rule(to('web'))}`),
    service(
      'type: NodePort, selector: { app: open }, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }]',
    ),
  ];
  const index = await clusterWith({ add });
  const found = (target: string, port: string, groupBy: 'POD' | 'NAMESPACE' = 'POD'): string[] => {
    const args = { target, port, groupBy, exclude: [], implicit: false } as const;
    const list = whoCanReach(index, args);
    return list
      .slice(0, list.totalCount)
      .flatMap(({ from, via = [] }) =>
        via.map((one) => `${from.ref.split(',')[0] ?? ''} ${printVia(one)}`),
      );
  };
  t.same(found('shop/web', 'tcp/8080'), ['edge/pod/nginx INGRESS a.example tcp/80']);
  t.same(found('shop/svc/web', 'tcp/80'), ['edge/pod/nginx INGRESS a.example tcp/80']);
  t.same(found('shop/web', 'tcp/8080', 'NAMESPACE'), ['edge/* INGRESS a.example tcp/80']);
  t.same(found('shop/web', 'udp/53'), [], 'ports that nothing leads to');
  t.same(found('shop/open', 'tcp/8080'), ['0.0.0.0/0 NODE_PORT tcp/30080']);
  t.same(found('shop/api', 'any'), []);
});

t.test('a controller on its node brings traffic as that node', async (t) => {
  const add = [
    ingress(`ingressClassName: traefik, ${rule(to('open'))}`),
    pod('edge/t', 'app.kubernetes.io/name: traefik', '192.168.0.2', ', hostNetwork: true').replace(
      'n1',
      'n2',
    ),
  ];
  const index = await clusterWith({ add });
  const args = {
    target: 'shop/open',
    port: 'any',
    groupBy: 'POD',
    exclude: [],
    implicit: false,
  } as const;
  const list = whoCanReach(index, args);
  const rows = list.slice(0, list.totalCount).filter(({ via }) => via !== undefined);
  t.same(
    rows.map(({ from }) => from.ref),
    ['node/n2'],
  );
});

/** What a world's Service is opened to the outside by. */
const ENTRANCES = [
  { type: 'NodePort' },
  { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
  { type: 'LoadBalancer', loadBalancerSourceRanges: ['203.0.113.0/24', '2001:db8::/32'] },
  { type: 'LoadBalancer', externalTrafficPolicy: 'Local', loadBalancerSourceRanges: ['8.0.0.0/8'] },
  { externalIPs: ['198.51.100.1'] },
];

const WORDS: Readonly<Record<OracleVerdict, string>> = {
  allow: 'ALLOWED',
  deny: 'DENIED',
  partial: 'PARTIAL',
  conditional: 'UNDETERMINED',
  ambiguous: 'UNDETERMINED',
  unspecified: 'UNDETERMINED',
  'not-running': 'DENIED',
  'no-endpoints': 'DENIED',
  'no-service-port': 'DENIED',
  unresolved: 'DENIED',
  'not-applicable': 'DENIED',
};

const NO_CASE = new Set<OracleVerdict>(['not-applicable', 'no-endpoints', 'no-service-port']);

/** What a row says of the client `ip`. */
function verdictFor({ legs, verdict }: WayIn, ip: string): string {
  const clients = legs.at(-1)?.clients;
  if (clients === undefined) return verdict;
  const one = parseNet(`${ip}/${ip.includes(':') ? 128 : 32}`);
  const holds = (cidr: string): boolean => {
    const { family, first, last } = parseNet(cidr);
    return family === one.family && first <= one.first && one.first <= last;
  };
  return clients.find(({ from }) => from.cidrs?.some(holds))?.verdict ?? 'DENIED';
}

function opened(objects: readonly KubeObject[], i: number): KubeObject[] {
  return objects.map((object) =>
    object.kind === 'Service' && object.spec?.clusterIP !== 'None'
      ? { ...object, spec: { ...object.spec, ...ENTRANCES[i % ENTRANCES.length] } }
      : object,
  );
}

t.test(
  'a client from outside is let in by a Service exactly where the oracle lets it in',
  async (t) => {
    const options = fc.constantFrom<EngineOptions['externalSource'][]>(
      'conditional',
      'client',
      'node',
    );
    const seen = new Set<string>();
    const worldsWithServices = fc.tuple(worlds().map(withOwnService), fc.nat(99), options);
    await holds(worldsWithServices, 0.01, async ([raw, i, externalSource]) => {
      const objects = opened(raw, i);
      const index = await indexOf(objects, { externalSource });
      const services = objects.filter(({ kind }) => kind === 'Service');
      // What is on the network of a node is no case of a path, and lets everybody in all the same.
      const isPoliced = objects.every(({ spec }) => spec?.hostNetwork !== true);
      const rows = isPoliced ? rowsOf(index) : [];
      return services.flatMap((service) =>
        EXTERNAL_ADDRESSES.flatMap((ip) => {
          const protocol = service.spec?.ports?.[0]?.protocol ?? 'TCP';
          const question = { from: { ip }, to: { service: nameOf(service) }, protocol, port: 80 };
          const truth = decide({ objects, options: { externalSource } }, question);
          seen.add(truth.verdict);
          const to = nameOf(service).replace('/', '/svc/');
          const { verdict } = path(index, { from: ip, to, port: `${protocol}/80` });
          const way = rows.find(({ backend }) => backend?.peer?.ref === to);
          const listed =
            way === undefined || NO_CASE.has(truth.verdict) ? verdict : verdictFor(way, ip);
          if (verdict === WORDS[truth.verdict] && listed === verdict) return [];
          return [
            `${ip} -> ${to} (${externalSource}) is ${verdict}, listed ${listed}; oracle: ${truth.verdict}`,
          ];
        }),
      );
    });
    t.ok(['allow', 'deny', 'conditional'].every((verdict) => seen.has(verdict)));
  },
);

const NGINX_LABELS = {
  'app.kubernetes.io/name': 'ingress-nginx',
  'app.kubernetes.io/component': 'controller',
};

/** The world with an Ingress for its Service, and its first pod as the controller besides what it is. */
function withIngress(objects: readonly KubeObject[]): KubeObject[] {
  const [service] = objects.filter(({ kind }) => kind === 'Service');
  const [pod] = objects.filter((object) => object.kind === 'Pod' && !isFinished(object));
  if (service === undefined || pod === undefined) return [];
  const backend = { service: { name: service.metadata.name, port: { number: 80 } } };
  const spec = {
    ingressClassName: 'nginx',
    rules: [{ host: 'a.example', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
  };
  const { namespace } = service.metadata;
  const { labels } = pod.metadata;
  const ingressObject = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'i', namespace },
    spec,
  } as unknown as KubeObject;
  const controller = {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...labels, ...NGINX_LABELS } },
  };
  return [...objects.map((object) => (object === pod ? controller : object)), ingressObject];
}

t.test(
  'a controller reaches a backend exactly where the oracle says that its pod does',
  async (t) => {
    await holds(worlds(), 0.015, async (raw) => {
      const objects = withIngress(raw);
      const [controller] = podsOf({ objects }).filter(
        ({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === 'ingress-nginx',
      );
      const [service] = objects.filter(({ kind }) => kind === 'Service');
      // To a headless Service controllers do not go as other clients do.
      if (controller === undefined || service?.spec?.clusterIP === 'None') return [];
      const index = await indexOf(objects);
      const [row] = rowsOf(index).filter(({ via }) => via.type === 'INGRESS');
      const question = {
        from: { pod: nameOf(controller) },
        to: { service: nameOf(service ?? controller) },
      };
      const { verdict: truth, why } = decide(
        { objects },
        { ...question, protocol: 'TCP', port: 80 },
      );
      const leg = row?.legs.find((one) => one.leg === 'BACKEND');
      // Neither end is policed, so nothing keeps them apart; for a path there is no case to judge.
      const isUnpoliced =
        truth === 'not-applicable' && leg?.reasons.some(({ code }) => code === 'NOT_POLICED');
      const wanted = isUnpoliced === true ? 'ALLOWED' : WORDS[truth];
      const found = leg?.verdict ?? row?.verdict;
      return found === wanted ? [] : [`${found}; oracle: ${truth} ${why}`];
    });
    t.pass('no counterexample');
  },
);

t.test('an Ingress changes no verdict about two ends', async (t) => {
  const refs = (objects: readonly KubeObject[]): string[] =>
    objects.flatMap((object) => {
      const { namespace = '', name } = object.metadata;
      if (object.kind === 'Service') return [`${namespace}/svc/${name}`];
      return object.kind === 'Pod' && !isFinished(object) ? [`${namespace}/pod/${name}`] : [];
    });
  await holds(worlds(), 0.002, async (raw) => {
    const objects = withIngress(raw);
    const without = objects.filter(({ kind }) => kind !== 'Ingress');
    const [a, b] = [await indexOf(objects), await indexOf(without)];
    const ends = [...refs(without), '203.0.113.9'];
    return ends.flatMap((from) =>
      refs(without).flatMap((to) => {
        const say = (index: ReachIndex): string =>
          JSON.stringify(path(index, { from, to, port: 'any' }));
        return say(a) === say(b) ? [] : [`${from} -> ${to}`];
      }),
    );
  });
  t.pass('no counterexample');
});
