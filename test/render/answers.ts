import type { Json } from '../../src/render/wire.ts';

/** Answers in their JSON form, as small as they can be while every part of a text has something to say. */

const policy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  namespace: 'shop',
  name: 'api-clients',
};
const rule = {
  policy,
  direction: 'INGRESS',
  pointer: '/spec/ingress/0/from/1',
  index: 0,
  file: 'policies.yaml',
  line: 12,
};
export const web = {
  key: 'shop/deploy/web',
  ref: 'shop/deploy/web',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  podCount: 3,
};
const api = { ...web, key: 'shop/deploy/api', ref: 'shop/deploy/api', name: 'api' };
const http = { protocol: 'TCP', from: 8080, to: 8080 };

export const snapshot = {
  id: null,
  digest: 'd1',
  cluster: null,
  takenAt: null,
  engine: '1',
  coverage: [
    { apiVersion: 'v1', kind: 'Pod', status: 'COMPLETE', count: 3, namespaces: [] },
    { apiVersion: 'v1', kind: 'Node', status: 'ABSENT', count: 0, namespaces: [] },
  ],
};

const denied = {
  direction: 'INGRESS',
  subject: api,
  isolated: true,
  verdict: 'DENIED',
  decidedBy: { kind: 'ISOLATION', policies: [policy], short: 'isolated, and no rule admits this' },
  alsoAllowedBy: [],
  nearest: [{ rule, peerMatch: false, portMatch: true, why: 'label app is web, not shop' }],
  policies: [
    {
      policy,
      tier: 'NETWORK_POLICY',
      effect: 'DOES_NOT_ADMIT',
      rules: [
        {
          rule,
          effect: 'DOES_NOT_ADMIT',
          ports: [http],
          reason: { code: 'PEER_NOT_SELECTED', message: 'the peer is not selected' },
        },
      ],
      reason: { code: 'NO_RULE_MATCHES', message: 'no rule matches' },
    },
  ],
};

export const path: Json = {
  snapshot,
  verdict: 'DENIED',
  vacuous: false,
  from: web,
  to: api,
  askedText: 'tcp/8080',
  asked: [http],
  allowed: [],
  denied: [http],
  undetermined: [],
  outcomes: [
    {
      verdict: 'DENIED',
      family: 'IPV4',
      from: { count: 3, nodes: [web] },
      to: { count: 1, nodes: [api] },
      allowed: [],
      denied: [http],
      undetermined: [],
      legs: [],
      reasons: [],
    },
  ],
  legs: [
    {
      direction: 'EGRESS',
      subject: web,
      isolated: false,
      verdict: 'ALLOWED',
      decidedBy: { kind: 'DEFAULT', short: 'not isolated' },
      alsoAllowedBy: [],
      nearest: [],
      policies: [],
    },
    denied,
  ],
  reasons: [{ code: 'INGRESS_NOT_ADMITTED', message: 'no rule admits this' }],
  problems: [
    {
      severity: 'error',
      code: 'INVALID_POLICY',
      object: 'NetworkPolicy shop/x',
      path: 'spec',
      message: 'is missing',
      affectsVerdicts: true,
      file: 'x.yaml',
      line: 3,
    },
  ],
  text: 'DENIED: shop/deploy/web to shop/deploy/api on tcp/8080. Ingress of shop/deploy/api is isolated.',
};

export const reachList: Json = {
  snapshot,
  complete: true,
  counts: { allowed: 1, partial: 0, undetermined: 1 },
  reasons: [],
  problems: [],
  items: [
    {
      from: web,
      to: api,
      verdict: 'ALLOWED',
      ports: [
        { protocol: 'TCP', from: 80, to: 80 },
        { protocol: 'TCP', from: 8000, to: 8100 },
        { protocol: 'UDP', from: 1, to: 65535 },
      ],
      undetermined: [],
      implicit: null,
      because: [rule],
      becauseCount: 1,
      reasons: [{ code: 'ADMITTED', message: 'a rule admits this' }],
      podPairs: 3,
    },
    {
      from: {
        key: 'cidr:x',
        ref: '0.0.0.0/0,::/0',
        kind: 'AddressRange',
        cidrs: ['0.0.0.0/0', '::/0'],
      },
      to: api,
      verdict: 'UNDETERMINED',
      ports: [],
      undetermined: ['TCP', 'UDP', 'SCTP'].map((protocol) => ({ protocol, from: 1, to: 65535 })),
      implicit: null,
      because: [],
      becauseCount: 0,
      reasons: [{ code: 'MISSING_KIND', message: 'NetworkPolicy is absent' }],
      podPairs: 1,
    },
  ],
  totalCount: 2,
  nextCursor: null,
};

export const paths: Json = {
  snapshot,
  answers: [
    path,
    {
      question: { from: 'shop/nobody', to: 'shop/api', port: 'any' },
      error: { code: 'ref-not-found', detail: 'nothing is called `shop/nobody`' },
    },
  ],
};

export const isolationList: Json = {
  snapshot,
  complete: true,
  reasons: [],
  problems: [],
  items: [
    {
      peer: api,
      policed: true,
      ingress: { isolated: true, policies: [policy] },
      egress: { isolated: false, policies: [] },
    },
    {
      peer: web,
      policed: true,
      ingress: { isolated: null, policies: [] },
      egress: { isolated: false, policies: [] },
    },
    {
      peer: { ...web, ref: 'kube-system/ds/proxy' },
      policed: false,
      ingress: { isolated: false, policies: [] },
      egress: { isolated: false, policies: [] },
    },
  ],
  totalCount: 3,
  nextCursor: null,
};

const nothing = { ports: [], undetermined: [] };
const permitted = { class: 'NONE', ...nothing, ranges: [], rangeCount: 0 };
const exposed = {
  peer: api,
  rank: 1,
  level: 'INTERNET',
  policed: true,
  ingress: {
    class: 'RANGES',
    ports: [http],
    undetermined: [],
    ranges: [{ peer: { ...web, ref: '203.0.113.0/24' }, ports: [http], undetermined: [] }],
    rangeCount: 2,
  },
  egress: permitted,
  entryPaths: [
    {
      kind: 'LOAD_BALANCER',
      via: { kind: 'Service', namespace: 'shop', name: 'api' },
      targets: [http],
      ports: [http],
      undetermined: [],
      effective: 'YES',
      reasons: [],
    },
  ],
  effective: 'YES',
  cluster: {
    entireCluster: [],
    otherNamespaces: nothing,
    ownNamespace: { ports: [http], undetermined: [] },
    hypothetical: [
      {
        namespace: 'shop',
        namespaceLabels: {},
        podLabels: { app: 'web' },
        text: 'a pod labelled app=web in namespace shop',
        admitted: [http],
        ...nothing,
      },
    ],
    hypotheticalCount: 2,
  },
  reasons: [{ code: 'CONDITIONAL', message: 'an address is not known' }],
};

export const exposureList: Json = {
  snapshot,
  levels: [
    { level: 'INTERNET', count: 1 },
    { level: 'INTERNET_CONDITIONAL', count: 1 },
    { level: 'NONE', count: 0 },
  ],
  complete: true,
  reasons: [],
  problems: [],
  items: [
    exposed,
    {
      ...exposed,
      rank: 2,
      peer: web,
      level: 'INTERNET_CONDITIONAL',
      effective: 'CONDITIONAL',
      ingress: { ...permitted, class: 'PORTS', ports: [http] },
      entryPaths: [],
      cluster: { ...exposed.cluster, entireCluster: [http], hypotheticalCount: 0 },
    },
  ],
  totalCount: 2,
  nextCursor: null,
};

const everything = ['TCP', 'UDP', 'SCTP'].map((protocol) => ({ protocol, from: 1, to: 65535 }));
const subject = { count: 3, nodes: [{ ...web, ref: 'shop/pod/web-1' }] };
const row = {
  direction: 'INGRESS',
  position: 1,
  part: 0,
  subject,
  kind: 'RULE',
  tier: 'NETWORK_POLICY',
  action: 'ALLOW',
  peers: [
    { kind: 'PODS', text: 'shop?app=web', negated: false },
    { kind: 'ADDRESSES', text: '10.0.0.0/8', negated: true, cidr: '10.0.0.0/8', except: [] },
  ],
  ports: [http],
  portNames: ['tcp/metrics'],
  contributors: [rule],
  policies: [policy],
  shadowedBy: null,
  reason: null,
};

export const effectiveList: Json = {
  snapshot,
  peer: web,
  parts: [],
  partCount: 2,
  complete: true,
  reasons: [],
  problems: [],
  items: [
    row,
    {
      ...row,
      position: 2,
      kind: 'ISOLATION',
      action: 'DENY',
      peers: [{ kind: 'EVERYONE', text: 'everyone', negated: false }],
      ports: everything,
      portNames: [],
      contributors: [],
    },
    {
      ...row,
      position: 3,
      tier: 'BASELINE',
      action: 'PASS',
      portNames: [],
      shadowedBy: { rules: [rule], policies: [policy] },
      reason: { code: 'CONDITIONAL', message: 'a host name' },
    },
    { ...row, part: 1, direction: 'EGRESS', kind: 'DEFAULT', tier: null, contributors: [] },
  ],
  totalCount: 5,
  nextCursor: null,
};

export const wayList: Json = {
  snapshot,
  complete: false,
  counts: { allowed: 1, denied: 1, partial: 0, undetermined: 1 },
  reasons: [],
  problems: [],
  items: [
    {
      via: {
        type: 'INGRESS',
        kind: 'Ingress',
        namespace: 'shop',
        name: 'web',
        host: '*.shop.example',
        path: '/x',
        port: null,
        protocol: 'TCP',
      },
      verdict: 'DENIED',
      addresses: ['203.0.113.1', 'lb.example'],
      controller: { found: 'KNOWN_NAME', peers: [web] },
      backend: {
        kind: 'Service',
        namespace: 'shop',
        name: 'api',
        peer: { ...api, ref: 'shop/svc/api' },
        port: 'http',
        targets: [http],
        podCount: 2,
      },
      legs: [
        { leg: 'ENTRY', verdict: 'ALLOWED', because: [], blockedBy: [] },
        { leg: 'BACKEND', verdict: 'DENIED', because: [], blockedBy: [policy] },
      ],
      reasons: [{ code: 'INGRESS_NOT_ADMITTED', message: 'no rule admits this' }],
    },
    {
      via: {
        type: 'GATEWAY',
        kind: 'HTTPRoute',
        namespace: 'shop',
        name: 'r',
        port: 80,
        protocol: 'TCP',
        gateway: { namespace: 'edge', name: 'gw', listener: 'http' },
      },
      verdict: 'UNDETERMINED',
      addresses: [],
      controller: { found: 'ASSUMED', peers: [] },
      backend: {
        kind: 'Bucket',
        namespace: 'shop',
        name: 'b',
        peer: null,
        targets: [],
        podCount: 0,
      },
      legs: [],
      reasons: [{ code: 'BACKEND_NOT_A_SERVICE', message: 'not known' }],
    },
    {
      via: {
        type: 'NODE_PORT',
        kind: 'Service',
        namespace: 'shop',
        name: 'api',
        port: 30053,
        protocol: 'UDP',
      },
      verdict: 'ALLOWED',
      addresses: [],
      controller: null,
      backend: {
        kind: 'Service',
        namespace: 'shop',
        name: 'api',
        peer: api,
        targets: [http],
        podCount: 2,
      },
      legs: [{ leg: 'BACKEND', verdict: 'ALLOWED', because: [rule], blockedBy: [] }],
      reasons: [{ code: 'ADMITTED', message: 'a rule admits it' }],
    },
  ],
  totalCount: 3,
};

export const policyList: Json = {
  snapshot,
  complete: true,
  reasons: [],
  problems: [],
  items: [
    {
      policy,
      tier: 'NETWORK_POLICY',
      directions: ['INGRESS'],
      subject: 'shop?app=api',
      selects: { podCount: 2, peers: [api] },
      ruleCounts: { ingress: 1, egress: 0 },
      evaluated: true,
      spec: {},
      file: 'policies.yaml',
      line: 3,
    },
    {
      policy: {
        apiVersion: 'cilium.io/v2',
        kind: 'CiliumNetworkPolicy',
        namespace: 'shop',
        name: 'c',
      },
      tier: 'NETWORK_POLICY',
      directions: ['INGRESS', 'EGRESS'],
      subject: 'shop/*',
      selects: { podCount: 5, peers: [api, web] },
      ruleCounts: { ingress: 0, egress: 0 },
      evaluated: false,
      reason: { code: 'UNEVALUATED_POLICY', message: 'not evaluated' },
      spec: {},
    },
  ],
  totalCount: 2,
  nextCursor: null,
};

export const resolution: Json = {
  snapshot,
  ref: 'shop/svc/api',
  peer: {
    key: 'shop/svc/api',
    ref: 'shop/svc/api',
    kind: 'Service',
    namespace: 'shop',
    name: 'api',
  },
  empty: false,
  service: {
    service: { key: 'shop/svc/api', ref: 'shop/svc/api', kind: 'Service' },
    ports: [{ protocol: 'TCP', port: 443, targets: [{ port: 8443, podCount: 2 }] }],
  },
  complete: true,
  reasons: [],
  problems: [],
  items: [api],
  totalCount: 1,
  nextCursor: null,
};

const stored: Json = {
  ...snapshot,
  id: 's_1',
  cluster: 'prod',
  takenAt: '2026-08-01T00:00:00.000Z',
  ingestedAt: '2026-08-01T00:00:01.000Z',
  source: 'LIVE',
  sourceDetected: true,
  assumptions: [],
  counts: [{ apiVersion: 'v1', kind: 'Pod', count: 3 }],
  problems: [],
  hint: 'the dump has no Nodes',
};

export const snapshotAnswer: Json = stored;

export const snapshotList: Json = { items: [stored], totalCount: 1, nextCursor: null };

export const clusterList: Json = {
  items: [{ name: 'prod', latest: stored, lastSeenAt: '2026-08-02T00:00:00.000Z' }],
  totalCount: 1,
  nextCursor: null,
};
