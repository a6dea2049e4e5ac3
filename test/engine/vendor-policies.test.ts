import t from 'tap';
import { parse } from 'yaml';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import { path } from '../../src/engine/queries/path.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { Policy } from '../../src/model/policy.ts';
import { printSelector } from '../../src/model/selector.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { EVERY_KIND, snapshotOf, snapshotOfDump } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';

function vendor(apiVersion: string, kind: string, name: string, spec: string): KubeObject {
  const [namespace, own = name] = name.includes('/') ? name.split('/') : [undefined, name];
  return {
    apiVersion,
    kind,
    metadata: { name: own, ...(namespace === undefined ? {} : { namespace }) },
    // Specs of test objects are of one type, which these kinds are not part of.
    spec: parse(`{${spec}}`) as KubeObject['spec'] & object,
  };
}

function pod(namespace: string, name: string, ip: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels: { app: name } },
    spec: { nodeName: 'n1', containers: [{ name: 'main' }] },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
  };
}

const CLUSTER: readonly KubeObject[] = [
  ...['shop', 'clinic'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { team: name } },
  })),
  pod('shop', 'till', '10.1.0.1'),
  pod('shop', 'shelf', '10.1.0.2'),
  pod('clinic', 'nurse', '10.1.0.3'),
];

const TILL = vendor(
  'cilium.io/v2',
  'CiliumNetworkPolicy',
  'shop/till',
  'endpointSelector: {matchLabels: {"k8s:app": till}}, ingress: [{}]',
);

function policyOf({ cluster, namespaces }: Snapshot): Policy | undefined {
  return [...cluster.policies, ...[...namespaces.values()].flatMap((one) => one.policies)][0];
}

/** `namespaces?pods directions`. */
function printSubject(policy: Policy | undefined): string {
  if (policy === undefined) return 'none';
  const { subject, applies } = policy;
  const { namespaces: scope } = subject;
  const where = scope.kind === 'named' ? scope.name : `{${printSelector(scope.selector)}}`;
  const sides = [...(applies.ingress ? ['in'] : []), ...(applies.egress ? ['out'] : [])];
  return `${where}?${printSelector(subject.pods)} ${sides.join('+')}`;
}

const CILIUM = ['cilium.io/v2', 'CiliumNetworkPolicy', 'shop/p'] as const;
const CLUSTERWIDE = ['cilium.io/v2', 'CiliumClusterwideNetworkPolicy', 'p'] as const;
const CALICO = ['projectcalico.org/v3', 'NetworkPolicy', 'shop/p'] as const;
const GLOBAL = ['crd.projectcalico.org/v1', 'GlobalNetworkPolicy', 'p'] as const;
const ANTREA = ['crd.antrea.io/v1beta1', 'NetworkPolicy', 'shop/p'] as const;
const ANTREA_CLUSTER = ['crd.antrea.io/v1beta1', 'ClusterNetworkPolicy', 'p'] as const;
const AWS = ['networking.k8s.aws/v1alpha1', 'ApplicationNetworkPolicy', 'shop/p'] as const;
const AWS_CLUSTER = ['networking.k8s.aws/v1alpha1', 'ClusterNetworkPolicy', 'p'] as const;
const ISTIO = ['security.istio.io/v1', 'AuthorizationPolicy', 'shop/p'] as const;
const ISTIO_ROOT = ['security.istio.io/v1', 'AuthorizationPolicy', 'istio-system/p'] as const;

const SUBJECTS: readonly (readonly [
  kind: readonly [string, string, string],
  spec: string,
  want: string,
])[] = [
  [CILIUM, 'endpointSelector: {}, ingress: [{}]', 'shop?<all> in'],
  [
    CILIUM,
    'endpointSelector: {matchLabels: {app: a, "any:b": c}}, egress: []',
    'shop?app=a,b=c out',
  ],
  [
    CILIUM,
    'endpointSelector: {matchExpressions: [{key: "k8s:app", operator: In, values: [a, b]}, {key: x, operator: NotIn, values: [y]}]}, egressDeny: [{}], ingressDeny: [{}]',
    'shop?app in (a,b) in+out',
  ],
  [CILIUM, 'endpointSelector: {matchLabels: {"reserved:host": ""}}', 'shop?<all> in+out'],
  [
    CILIUM,
    'endpointSelector: {matchLabels: {"k8s:io.cilium.k8s.policy.serviceaccount": x}}, ingress: []',
    'shop?<all> in',
  ],
  [CILIUM, 'nodeSelector: {}, ingress: []', 'shop?<all> in+out'],
  [CILIUM, 'endpointSelector: 7, ingress: []', 'shop?<all> in+out'],
  [
    CLUSTERWIDE,
    'endpointSelector: {matchLabels: {"k8s:io.kubernetes.pod.namespace": shop, app: a}}, ingress: []',
    '{kubernetes.io/metadata.name=shop}?app=a in',
  ],
  [
    CLUSTERWIDE,
    'endpointSelector: {matchLabels: {"k8s:io.cilium.k8s.namespace.labels.team": x}}, egress: []',
    '{team=x}?<all> out',
  ],
  [CALICO, 'selector: "app == \'a\' && has(b)", types: [Egress]', 'shop?app=a,b out'],
  [CALICO, 'selector: all(), ingress: [{action: Deny}]', 'shop?<all> in'],
  [
    CALICO,
    'selector: "app in {\'a\', \\"b\\"}", egress: [{action: Deny}]',
    'shop?app in (a,b) out',
  ],
  [CALICO, 'selector: "app == \'a\' || has(b)", types: [Ingress]', 'shop?<all> in'],
  [CALICO, 'selector: "app != \'a\'"', 'shop?<all> in'],
  [CALICO, 'types: [Both]', 'shop?<all> in+out'],
  [
    GLOBAL,
    'selector: "app == \'a\'", namespaceSelector: "team == \'x\'", types: [Ingress, Egress]',
    '{team=x}?app=a in+out',
  ],
  [GLOBAL, 'selector: "projectcalico.org/orchestrator == \'k8s\'"', '{<all>}?<all> in'],
  [
    GLOBAL,
    'selector: "app == \'a\'", applyOnForward: true, types: [Ingress]',
    '{<all>}?<all> in+out',
  ],
  [ANTREA, 'appliedTo: [{podSelector: {matchLabels: {app: a}}}], ingress: [{}]', 'shop?app=a in'],
  [ANTREA, 'appliedTo: [{podSelector: {}}, {group: g}], egress: [{}]', 'shop?<all> out'],
  [
    ANTREA_CLUSTER,
    'appliedTo: [{podSelector: {matchLabels: {app: a}}, namespaceSelector: {matchLabels: {team: x}}}], egress: [{}]',
    '{team=x}?app=a out',
  ],
  [ANTREA_CLUSTER, 'ingress: [{appliedTo: [{podSelector: {}}]}]', '{<all>}?<all> in'],
  [AWS, 'podSelector: {matchLabels: {app: a}}, policyTypes: [Egress]', 'shop?app=a out'],
  [
    AWS_CLUSTER,
    'subject: {namespaces: {matchLabels: {team: x}}}, egress: [{}]',
    '{team=x}?<all> out',
  ],
  [ISTIO, 'selector: {matchLabels: {app: a}}, action: DENY', 'shop?app=a in'],
  [
    ISTIO,
    'targetRefs: [{kind: Gateway, name: g}], selector: {matchLabels: {app: a}}',
    'shop?<all> in',
  ],
  [ISTIO_ROOT, 'selector: {matchLabels: {app: a}}', '{<all>}?app=a in'],
];

t.test('who a policy of another maker could be about is read where it is plain', async (t) => {
  for (const [[apiVersion, kind, name], spec, want] of SUBJECTS) {
    const snapshot = await snapshotOf([...CLUSTER, vendor(apiVersion, kind, name, spec)]);
    const policy = policyOf(snapshot);
    t.equal(printSubject(policy), want, `${kind} ${spec}`);
    t.equal(policy?.opaque?.code, 'UNEVALUATED_POLICY');
  }
});

t.test('several specs of one object are about everybody in its namespace', async (t) => {
  const specs = [{ endpointSelector: { matchLabels: { app: 'till' } }, ingress: [] }];
  const object = { ...TILL, spec: undefined, specs } as unknown as KubeObject;
  t.equal(printSubject(policyOf(await snapshotOf([...CLUSTER, object]))), 'shop?<all> in+out');
});

/** Verdicts of all pairs of pods, as `from -> to`. */
function verdicts(index: ReachIndex): Readonly<Record<string, string>> {
  const pods = ['shop/pod/till', 'shop/pod/shelf', 'clinic/pod/nurse'];
  const pairs = pods.flatMap((from) =>
    pods.flatMap((to) => (from === to ? [] : [[from, to] as const])),
  );
  return Object.fromEntries(
    pairs.map(([from, to]) => [`${from} -> ${to}`, path(index, { from, to, port: '80' }).verdict]),
  );
}

t.test('a Cilium policy in a dump opens what it could change, and nothing else', async (t) => {
  const plain = compileIndex(await snapshotOfDump(CLUSTER, EVERY_KIND), DEFAULT_OPTIONS);
  const dump = await snapshotOfDump([...CLUSTER, TILL], EVERY_KIND);
  const index = compileIndex(dump, DEFAULT_OPTIONS);
  const before = verdicts(plain);
  for (const [pair, verdict] of Object.entries(verdicts(index))) {
    const isAffected = pair.endsWith('-> shop/pod/till');
    t.equal(verdict, isAffected ? 'UNDETERMINED' : before[pair], pair);
  }
  const answer = path(index, { from: 'shelf', to: 'till', port: '80' });
  t.match(answer.reasons, [
    { code: 'UNEVALUATED_POLICY', message: /^CiliumNetworkPolicy shop\/till/ },
  ]);
  t.match(
    dump.coverage.find(({ kind }) => kind === 'CiliumNetworkPolicy'),
    { status: 'PARTIAL', count: 1 },
  );
});

t.test('policies of other makers can be ignored, and the answer says so', async (t) => {
  const options = { ...DEFAULT_OPTIONS, vendorPolicies: 'ignore' } as const;
  const dump = await snapshotOfDump([...CLUSTER, TILL], EVERY_KIND);
  const index = compileIndex(dump, options);
  const plain = compileIndex(await snapshotOfDump(CLUSTER, EVERY_KIND), DEFAULT_OPTIONS);
  t.same(verdicts(index), verdicts(plain));
  const told = path(index, { from: 'shelf', to: 'till', port: '80' }).assumptions;
  t.match(told, [{ code: 'VENDOR_POLICIES_IGNORED', message: /CiliumNetworkPolicy shop\/till$/ }]);
  const definition: KubeObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'x' },
    spec: { group: 'cilium.io', names: { kind: 'CiliumNetworkPolicy' } } as unknown as object,
  };
  const defined = await snapshotOfDump([...CLUSTER, definition], EVERY_KIND);
  const verdictWith = (one: typeof DEFAULT_OPTIONS): string =>
    path(compileIndex(defined, one), { from: 'shelf', to: 'till', port: '80' }).verdict;
  t.equal(verdictWith(DEFAULT_OPTIONS), 'UNDETERMINED', 'the cluster may have some');
  t.equal(verdictWith(options), 'ALLOWED');
});
