/** What a controller is known by. */
export interface KnownController {
  /** Names of its own; shown nowhere. */
  readonly name: string;
  /** What an IngressClass or GatewayClass says of it: equal, or the part before a further `/`. */
  readonly controllers: readonly string[];
  /** Names its class usually has, for clusters that say nothing of the class. */
  readonly classNames: readonly string[];
  /**
   * Labels that its pods carry, any of these sets; a value `undefined` stands for every one. None:
   * what passes the traffic on is no pod.
   */
  readonly labels: readonly (readonly (readonly [key: string, value: string | undefined])[])[];
  /** Only in this namespace; absent: in any. */
  readonly namespace?: string;
}

const NAME = 'app.kubernetes.io/name';
const COMPONENT = 'app.kubernetes.io/component';

/**
 * Controllers by the names and labels that their own installations give them (semantics R2.18). Those
 * without labels are load balancers of clouds, or part of the network plugin.
 */
export const KNOWN_CONTROLLERS: readonly KnownController[] = [
  {
    name: 'ingress-nginx',
    controllers: ['k8s.io/ingress-nginx'],
    classNames: ['nginx'],
    labels: [
      [
        [NAME, 'ingress-nginx'],
        [COMPONENT, 'controller'],
      ],
    ],
  },
  {
    name: 'nginx-ingress',
    controllers: ['nginx.org/ingress-controller'],
    classNames: [],
    labels: [[[NAME, 'nginx-ingress']], [['app', 'nginx-ingress']]],
  },
  {
    name: 'nginx-gateway-fabric',
    controllers: ['gateway.nginx.org/nginx-gateway-controller'],
    classNames: [],
    labels: [[[NAME, 'nginx-gateway-fabric']]],
  },
  {
    name: 'traefik',
    controllers: ['traefik.io/ingress-controller', 'traefik.io/gateway-controller'],
    classNames: ['traefik'],
    labels: [[[NAME, 'traefik']]],
  },
  {
    name: 'haproxy',
    controllers: ['haproxy.org/ingress-controller'],
    classNames: ['haproxy'],
    labels: [[[NAME, 'kubernetes-ingress']]],
  },
  {
    name: 'haproxy-ingress',
    controllers: ['haproxy-ingress.github.io/controller'],
    classNames: [],
    labels: [[[NAME, 'haproxy-ingress']]],
  },
  {
    name: 'kong',
    controllers: [
      'ingress-controllers.konghq.com/kong',
      'konghq.com/kic-gateway-controller',
      'konghq.com/gateway-operator',
    ],
    classNames: ['kong'],
    labels: [[[NAME, 'kong']]],
  },
  {
    name: 'istio',
    controllers: ['istio.io/ingress-controller', 'istio.io/gateway-controller'],
    classNames: ['istio'],
    labels: [[['istio', 'ingressgateway']]],
  },
  {
    name: 'contour',
    controllers: ['projectcontour.io/ingress-controller', 'projectcontour.io/gateway-controller'],
    classNames: ['contour'],
    labels: [
      [
        [NAME, 'contour'],
        [COMPONENT, 'envoy'],
      ],
    ],
  },
  {
    name: 'contour-quickstart',
    controllers: ['projectcontour.io/ingress-controller'],
    classNames: ['contour'],
    labels: [[['app', 'envoy']]],
    namespace: 'projectcontour',
  },
  {
    name: 'envoy-gateway',
    controllers: ['gateway.envoyproxy.io/gatewayclass-controller'],
    classNames: [],
    labels: [
      [
        [COMPONENT, 'proxy'],
        ['app.kubernetes.io/managed-by', 'envoy-gateway'],
      ],
    ],
  },
  {
    name: 'openshift',
    controllers: ['openshift.io/ingress-to-route'],
    classNames: ['openshift-default'],
    labels: [[['ingresscontroller.operator.openshift.io/deployment-ingresscontroller', undefined]]],
    namespace: 'openshift-ingress',
  },
  {
    name: 'aws',
    controllers: [
      'ingress.k8s.aws/alb',
      'eks.amazonaws.com/alb',
      'gateway.k8s.aws/alb',
      'gateway.k8s.aws/nlb',
      'application-networking.k8s.aws/gateway-api-controller',
    ],
    classNames: ['alb'],
    labels: [],
  },
  {
    name: 'gke',
    controllers: ['networking.gke.io/gateway'],
    classNames: ['gce', 'gce-internal'],
    labels: [],
  },
  {
    name: 'azure',
    controllers: ['azure/application-gateway', 'alb.networking.azure.io/alb-controller'],
    classNames: ['azure-application-gateway', 'azure/application-gateway'],
    labels: [],
  },
  {
    name: 'cilium',
    controllers: ['cilium.io/ingress-controller', 'io.cilium/gateway-controller'],
    classNames: ['cilium'],
    labels: [],
  },
];

/** The known ones that an IngressClass or GatewayClass names. */
export function knownByController(controller: string): readonly KnownController[] {
  return KNOWN_CONTROLLERS.filter(({ controllers }) =>
    controllers.some((one) => controller === one || controller.startsWith(`${one}/`)),
  );
}

/** The known ones whose class is usually called `className`. */
export function knownByClassName(className: string): readonly KnownController[] {
  return KNOWN_CONTROLLERS.filter(({ classNames }) => classNames.includes(className));
}
