import { hashText, safeLetters } from '../random.ts';
import { podsOfApp } from './cluster-plan.ts';
import type { AppKind, AppPlan, NamespacePlan, PortPlan } from './cluster-plan.ts';

/** Policies a namespace of the platform has, where there are any to give. */
const PLATFORM_POLICIES = 3;

type Service = NonNullable<AppPlan['service']>;

interface PlatformApp {
  readonly name: string;
  readonly kind: AppKind;
  /** Pods, by the number of nodes. */
  readonly replicas: (nodes: number) => number;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly PortPlan[];
  readonly hostNetwork?: boolean;
  readonly service?: Service;
}

const tcp = (name: string, port: number): PortPlan => ({ name, port, protocol: 'TCP' });
const each = (nodes: number): number => nodes;

const app = (name: string, part: string): Readonly<Record<string, string>> => ({
  'app.kubernetes.io/component': part,
  'app.kubernetes.io/instance': name,
  'app.kubernetes.io/name': name,
});

const NAMESPACES: Readonly<Record<string, readonly PlatformApp[]>> = {
  'ingress-nginx': [
    {
      name: 'ingress-nginx-controller',
      kind: 'Deployment',
      replicas: (nodes) => 2 + Math.floor(nodes / 200),
      labels: { ...app('ingress-nginx', 'controller'), tier: 'edge' },
      ports: [tcp('http', 80), tcp('https', 443), tcp('metrics', 10254)],
      service: 'LoadBalancer',
    },
  ],
  'kube-system': [
    {
      name: 'coredns',
      kind: 'Deployment',
      replicas: (nodes) => 2 + Math.floor(nodes / 100),
      labels: { 'k8s-app': 'kube-dns' },
      ports: [{ name: 'dns', port: 53, protocol: 'UDP' }, tcp('dns-tcp', 53), tcp('metrics', 9153)],
      service: 'ClusterIP',
    },
    {
      name: 'kube-apiserver',
      kind: 'Static',
      replicas: () => 3,
      labels: { component: 'kube-apiserver', tier: 'control-plane' },
      ports: [],
      hostNetwork: true,
    },
    {
      name: 'kube-proxy',
      kind: 'DaemonSet',
      replicas: each,
      labels: { 'k8s-app': 'kube-proxy' },
      ports: [],
      hostNetwork: true,
    },
  ],
  logging: [
    {
      name: 'fluent-bit',
      kind: 'DaemonSet',
      replicas: each,
      labels: app('fluent-bit', 'agent'),
      ports: [tcp('metrics', 2020)],
    },
  ],
  monitoring: [
    {
      name: 'prometheus',
      kind: 'StatefulSet',
      replicas: () => 2,
      labels: { ...app('prometheus', 'server'), tier: 'monitoring' },
      ports: [tcp('web', 9090)],
      service: 'Headless',
    },
    {
      name: 'node-exporter',
      kind: 'DaemonSet',
      replicas: each,
      labels: app('node-exporter', 'exporter'),
      ports: [tcp('metrics', 9100)],
      hostNetwork: true,
    },
    {
      name: 'kube-state-metrics',
      kind: 'Deployment',
      replicas: () => 1,
      labels: app('kube-state-metrics', 'exporter'),
      ports: [tcp('metrics', 8080), tcp('telemetry', 8081)],
      service: 'ClusterIP',
    },
  ],
};

/** The namespaces that every realistic cluster has beside those of its tenants. */
export function platformNamespaces(nodes: number, seed: number): readonly NamespacePlan[] {
  let firstPod = 0;
  let daemonSlot = 0;
  return Object.entries(NAMESPACES).map(([name, apps], index): NamespacePlan => {
    const planned = apps.map((each): AppPlan => {
      const hash = safeLetters(hashText(`${name}/${each.name}`, seed), 9);
      const plan: AppPlan = {
        name: each.name,
        kind: each.kind,
        labels: each.labels,
        revisions: [{ hash, replicas: each.replicas(nodes), ports: each.ports }],
        hostNetwork: each.hostNetwork ?? false,
        firstPod,
        ...(each.kind === 'DaemonSet' ? { daemonSlot } : {}),
        ...(each.service === undefined ? {} : { service: each.service }),
      };
      firstPod += podsOfApp(plan);
      if (each.kind === 'DaemonSet') daemonSlot += 1;
      return plan;
    });
    return {
      index,
      name,
      labels: { 'kubernetes.io/metadata.name': name, team: 'platform', env: 'prod' },
      dualStack: true,
      apps: planned,
      policies: name === 'kube-system' ? 0 : PLATFORM_POLICIES,
    };
  });
}
