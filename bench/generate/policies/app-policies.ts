import type { JsonObject } from '../kube-object.ts';
import { podsOfApp } from '../plan/cluster-plan.ts';
import type { AppPlan, ClusterPlan, NamespacePlan } from '../plan/cluster-plan.ts';
import type { Random } from '../random.ts';
import { blockPeer, crossPeer, labelled, podsPeer, portOf } from './policy-object.ts';
import { selectorOfApp, selectorOfNamespace } from './selectors.ts';

/** Networks outside that tenants know, and a few that cut through the addresses of pods. */
const BLOCKS: readonly (readonly [cidr: string, except: readonly string[]])[] = [
  ['203.0.113.0/24', []],
  ['203.0.113.0/24', ['203.0.113.64/26']],
  ['198.51.100.0/22', ['198.51.100.128/25', '198.51.101.0/24']],
  ['198.51.100.7/32', []],
  ['100.64.0.0/10', ['100.100.0.0/16']],
  ['172.31.0.0/16', ['172.31.7.0/24', '172.31.8.0/21']],
  ['192.168.0.0/16', ['192.168.0.0/24']],
  ['192.0.2.0/24', []],
  ['10.0.0.0/8', ['10.0.0.0/16']],
  ['10.0.0.0/14', ['10.1.0.0/16', '10.2.128.0/17']],
  ['0.0.0.0/0', ['10.0.0.0/8']],
  ['2001:db8:40::/48', ['2001:db8:40:8000::/49']],
  ['2001:db8::/32', []],
  ['fd00:10::/32', ['fd00:10:2::/48']],
];

/** A policy for one app: who may call it, whom it may call, or both. */
export function appPolicySpec(
  random: Random,
  plan: ClusterPlan,
  namespace: NamespacePlan,
  app: AppPlan,
): JsonObject {
  const roll = random.next();
  const context = { random, plan, namespace };
  const ingress = roll < 0.75 ? rules(context, app, 'from') : undefined;
  const egress = roll < 0.35 || 0.75 <= roll ? rules(context, app, 'to') : undefined;
  return {
    podSelector: subjectOf(random, app),
    ...(ingress === undefined ? {} : { ingress }),
    ...(egress === undefined ? {} : { egress }),
    policyTypes: [
      ...(ingress === undefined ? [] : ['Ingress']),
      ...(egress === undefined ? [] : ['Egress']),
    ],
  };
}

interface RuleContext {
  readonly random: Random;
  readonly plan: ClusterPlan;
  readonly namespace: NamespacePlan;
}

/** One pod of a StatefulSet now and then; else apps, most by name. */
function subjectOf(random: Random, app: AppPlan): JsonObject {
  if (app.kind === 'StatefulSet' && random.chance(0.1)) {
    const number = random.between(0, podsOfApp(app) - 1);
    return labelled({ 'statefulset.kubernetes.io/pod-name': `${app.name}-${number}` });
  }
  return selectorOfApp(random, app);
}

function rules(context: RuleContext, app: AppPlan, side: 'from' | 'to'): JsonObject[] {
  const { random } = context;
  const count = random.chance(0.2) ? 2 : 1;
  return Array.from({ length: count }, () => {
    const target = random.chance(0.35) ? otherNamespace(context) : context.namespace;
    const peers = Array.from({ length: random.between(1, 2) }, () => peerIn(context, target));
    // Ingress opens the app's own ports, egress those of whom it calls.
    const ports = portsFor(random, side === 'from' ? app : appOf(random, target));
    return { ...(ports.length === 0 ? {} : { ports }), [side]: peers };
  });
}

function otherNamespace({ random, plan }: RuleContext): NamespacePlan {
  return plan.planNamespace(random.between(0, plan.namespaces - 1));
}

function appOf(random: Random, { apps }: NamespacePlan): AppPlan | undefined {
  return apps.length === 0 ? undefined : random.pick(apps);
}

function peerIn({ random, namespace }: RuleContext, target: NamespacePlan): JsonObject {
  const roll = random.next();
  const app = appOf(random, target);
  if (roll < 0.18 || app === undefined) {
    const [cidr, except] = random.pick(BLOCKS);
    return blockPeer(cidr, except);
  }
  const pods = selectorOfApp(random, app);
  if (target === namespace) return podsPeer(pods);
  const namespaces = selectorOfNamespace(random, target);
  return roll < 0.3 ? crossPeer(namespaces) : crossPeer(namespaces, pods);
}

function portsFor(random: Random, app: AppPlan | undefined): JsonObject[] {
  const roll = random.next();
  const declared = app?.revisions[0]?.ports ?? [];
  const one = declared.length === 0 ? undefined : random.pick(declared);
  if (roll < 0.1 || one === undefined) return [];
  const { port, name, protocol } = one;
  if (roll < 0.45) return [portOf(port, protocol)];
  if (roll < 0.7) return [portOf(name ?? port, protocol)];
  if (roll < 0.8) return [portOf(port, protocol, port + random.pick([1, 9, 99]))];
  if (roll < 0.85) return [portOf(30000, 'TCP', 32767)];
  if (roll < 0.9) return [portOf(undefined, random.pick(['TCP', 'UDP']))];
  if (roll < 0.95) return [portOf(port, protocol), portOf(8125, 'UDP', 8126)];
  return [portOf(port, protocol), portOf(9443), portOf('metrics')];
}
