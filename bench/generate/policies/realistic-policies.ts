import type { JsonObject, KubeObject } from '../kube-object.ts';
import type { AppPlan, ClusterPlan, NamespacePlan } from '../plan/cluster-plan.ts';
import { Random } from '../random.ts';
import { appPolicySpec } from './app-policies.ts';
import { blockPeer, crossPeer, labelled, namespaceNamed } from './policy-object.ts';
import { podsPeer, policyObject, portOf } from './policy-object.ts';

const PRIVATE = ['10.0.0.0/8', '169.254.169.254/32', '172.16.0.0/12', '192.168.0.0/16'];

/** The policies of a realistic namespace: those that most have, then some for its own apps. */
export function* realisticPolicies(
  plan: ClusterPlan,
  namespace: NamespacePlan,
): Generator<KubeObject> {
  const random = new Random(plan.spec.seed, `policies of ${namespace.name}`);
  const common = commonPolicies(random, namespace).slice(0, namespace.policies);
  for (const [name, spec] of common) yield policyObject(plan, namespace, name, spec);
  const apps = namespace.apps.filter(({ hostNetwork }) => !hostNetwork);
  for (let i = common.length; i < namespace.policies; i += 1) {
    const app = apps.length === 0 ? undefined : random.pick(apps);
    const name = `${app?.name ?? 'spare'}-${String(i).padStart(3, '0')}`;
    const spec = app === undefined ? denyAll(random) : appPolicySpec(random, plan, namespace, app);
    yield policyObject(plan, namespace, name, spec);
  }
}

function commonPolicies(
  random: Random,
  { apps, dualStack }: NamespacePlan,
): (readonly [name: string, spec: JsonObject])[] {
  const policies: (readonly [name: string, spec: JsonObject])[] = [];
  if (random.chance(0.85)) policies.push(['default-deny', denyAll(random)]);
  if (random.chance(0.8)) policies.push(['allow-dns', allowDns()]);
  if (random.chance(0.45)) policies.push(['allow-same-namespace', allowSameNamespace()]);
  if (random.chance(0.45)) policies.push(['allow-monitoring', allowMonitoring()]);
  const front = apps.find(({ labels }) => labels['tier'] === 'frontend');
  if (front !== undefined && random.chance(0.6)) {
    policies.push(['allow-ingress-controller', allowIngressController(front)]);
  }
  const outgoing = apps.find((app) => app.labels['network.example.com/internet'] === 'egress');
  if (outgoing !== undefined && random.chance(0.5)) {
    policies.push(['allow-internet', allowInternet(dualStack)]);
  }
  return policies;
}

function denyAll(random: Random): JsonObject {
  return {
    podSelector: {},
    policyTypes: random.chance(0.75) ? ['Ingress', 'Egress'] : ['Ingress'],
  };
}

function allowDns(): JsonObject {
  const dns = crossPeer(namespaceNamed('kube-system'), labelled({ 'k8s-app': 'kube-dns' }));
  return {
    podSelector: {},
    egress: [{ ports: [portOf(53, 'UDP'), portOf(53)], to: [dns] }],
    policyTypes: ['Egress'],
  };
}

function allowSameNamespace(): JsonObject {
  return {
    podSelector: {},
    ingress: [{ from: [podsPeer({})] }],
    egress: [{ to: [podsPeer({})] }],
    policyTypes: ['Ingress', 'Egress'],
  };
}

function allowMonitoring(): JsonObject {
  const prometheus = labelled({ 'app.kubernetes.io/name': 'prometheus' });
  const from = [crossPeer(namespaceNamed('monitoring'), prometheus)];
  return {
    podSelector: {},
    ingress: [{ ports: [portOf('metrics')], from }],
    policyTypes: ['Ingress'],
  };
}

function allowIngressController({ labels }: AppPlan): JsonObject {
  const controller = labelled({ 'app.kubernetes.io/name': 'ingress-nginx' });
  const from = [crossPeer(namespaceNamed('ingress-nginx'), controller)];
  return {
    podSelector: labelled({ tier: labels['tier'] ?? '' }),
    ingress: [{ ports: [portOf('http')], from }],
    policyTypes: ['Ingress'],
  };
}

function allowInternet(dualStack: boolean): JsonObject {
  const to = [
    blockPeer('0.0.0.0/0', PRIVATE),
    ...(dualStack ? [blockPeer('::/0', ['fc00::/7', 'fe80::/10'])] : []),
  ];
  return {
    podSelector: labelled({ 'network.example.com/internet': 'egress' }),
    egress: [{ ports: [portOf(443), portOf(443, 'UDP')], to }],
    policyTypes: ['Egress'],
  };
}
