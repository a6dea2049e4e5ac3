import { Random, hashText, safeLetters } from '../random.ts';
import { podsOfApp } from './cluster-plan.ts';
import type { AppKind, AppPlan, NamespacePlan, PortPlan, Revision } from './cluster-plan.ts';

const ENVIRONMENTS = ['prod', 'prod', 'staging', 'dev'];
const PRODUCTS = ['cart', 'orders', 'billing', 'search', 'media', 'auth', 'ledger', 'reports'];

/** Names of apps with their tier and what they listen on. */
const COMPONENTS: readonly (readonly [name: string, tier: string, port: number])[] = [
  ['web', 'frontend', 8080],
  ['gateway', 'frontend', 8443],
  ['api', 'backend', 8080],
  ['worker', 'backend', 9000],
  ['scheduler', 'backend', 9001],
  ['notifier', 'backend', 8085],
  ['grpc', 'backend', 50051],
  ['indexer', 'backend', 9300],
  ['redis', 'cache', 6379],
  ['memcached', 'cache', 11211],
  ['postgres', 'data', 5432],
  ['kafka', 'data', 9092],
  ['elastic', 'data', 9200],
  ['signaling', 'edge', 2905],
];

/** What a tenant namespace is given of the cluster's pods and policies. */
export interface TenantShare {
  readonly index: number;
  /** Of all tenant namespaces. */
  readonly tenants: number;
  readonly firstPod: number;
  readonly pods: number;
  readonly policies: number;
  readonly seed: number;
}

/** The plan of one tenant's namespace; exactly as many pods as its share says. */
export function tenantNamespace(share: TenantShare): NamespacePlan {
  const { index, tenants, policies, seed } = share;
  const random = new Random(seed, `namespace ${index}`);
  const team = `team-${random.between(1, Math.max(3, Math.round(tenants / 12)))}`;
  const env = random.pick(ENVIRONMENTS);
  const product = random.pick(PRODUCTS);
  const name = `${product}-${env}-${String(index).padStart(5, '0')}`;
  const labels: Record<string, string> = {
    'kubernetes.io/metadata.name': name,
    env,
    team,
    ...(random.chance(0.12) ? { pci: 'true' } : {}),
    ...(random.chance(0.5) ? { 'pod-security.kubernetes.io/enforce': 'restricted' } : {}),
  };
  return {
    index,
    name,
    labels,
    dualStack: random.chance(0.2),
    apps: planApps(random, share, { name, product, team }),
    policies,
  };
}

interface Naming {
  /** Of the namespace. */
  readonly name: string;
  readonly product: string;
  readonly team: string;
}

function planApps(random: Random, share: TenantShare, naming: Naming): AppPlan[] {
  const apps: AppPlan[] = [];
  const taken = new Map<string, number>();
  let { firstPod } = share;
  for (let left = share.pods; 0 < left;) {
    const pods = Math.min(left, podsWanted(random));
    const app = planApp(random, { seed: share.seed, naming, taken, firstPod, pods });
    apps.push(app);
    firstPod += podsOfApp(app);
    left -= podsOfApp(app);
  }
  return apps;
}

function podsWanted(random: Random): number {
  if (random.chance(0.08)) return random.between(20, 40);
  return random.between(2, 9);
}

interface AppContext {
  readonly seed: number;
  readonly naming: Naming;
  /** Apps by component, so that names stay distinct. */
  readonly taken: Map<string, number>;
  readonly firstPod: number;
  readonly pods: number;
}

function planApp(random: Random, context: AppContext): AppPlan {
  const { naming, taken, firstPod, pods, seed } = context;
  const [component, tier, port] = random.pick(COMPONENTS);
  const count = taken.get(component) ?? 0;
  taken.set(component, count + 1);
  const name = count === 0 ? component : `${component}-${count + 1}`;
  const kind = kindOf(random);
  const labels: Record<string, string> = {
    app: name,
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/instance': `${naming.product}-${name}`,
    'app.kubernetes.io/managed-by': 'Helm',
    'app.kubernetes.io/part-of': naming.product,
    tier,
    ...(random.chance(0.4) ? { team: naming.team } : {}),
    ...(random.chance(0.3) ? { 'sidecar.mesh.example.com/inject': 'true' } : {}),
    ...(random.chance(0.25) ? { 'network.example.com/internet': 'egress' } : {}),
  };
  const ports = portsOf(random, component, port);
  return {
    name,
    kind,
    labels,
    revisions: planRevisions(random, { kind, pods, ports, hashOf: hashes(naming, name, seed) }),
    hostNetwork: kind === 'DaemonSet' && random.chance(0.2),
    firstPod,
    ...(kind === 'Job' || ports.length === 0
      ? {}
      : { service: kind === 'StatefulSet' ? 'Headless' : 'ClusterIP' }),
  };
}

function kindOf(random: Random): AppKind {
  const roll = random.next();
  if (roll < 0.72) return 'Deployment';
  if (roll < 0.86) return 'StatefulSet';
  return roll < 0.93 ? 'DaemonSet' : 'Job';
}

/** Most apps call their port `http` or `metrics`, whatever number it has. */
function portsOf(random: Random, component: string, port: number): PortPlan[] {
  if (component === 'signaling') return [{ name: 'sig', port, protocol: 'SCTP' }];
  const main: PortPlan = {
    name: component === 'grpc' ? 'grpc' : port < 9000 ? 'http' : component,
    port: random.chance(0.2) ? port + 1 : port,
    protocol: 'TCP',
  };
  const metrics: PortPlan = {
    name: 'metrics',
    port: random.pick([9090, 9102, 9464, 2112]),
    protocol: 'TCP',
  };
  const unnamed: PortPlan = { port: 7946, protocol: random.pick(['TCP', 'UDP']) };
  return [main, ...(random.chance(0.7) ? [metrics] : []), ...(random.chance(0.1) ? [unnamed] : [])];
}

interface RolloutPlan {
  readonly kind: AppKind;
  readonly pods: number;
  readonly ports: readonly PortPlan[];
  readonly hashOf: (revision: number) => string;
}

/** One Deployment in ten is being rolled out: its new pods listen elsewhere. */
function planRevisions(random: Random, { kind, pods, ports, hashOf }: RolloutPlan): Revision[] {
  const hash = (revision: number): string => (kind === 'Job' ? '' : hashOf(revision));
  if (kind !== 'Deployment' || pods < 2 || !random.chance(0.1)) {
    return [{ hash: hash(1), replicas: pods, ports }];
  }
  const updated = random.between(1, pods - 1);
  const moved = ports.map((port) => ({ ...port, port: port.port + 1000 }));
  return [
    { hash: hash(1), replicas: pods - updated, ports },
    { hash: hash(2), replicas: updated, ports: moved },
  ];
}

function hashes({ name }: Naming, app: string, seed: number): (revision: number) => string {
  return (revision) => safeLetters(hashText(`${name}/${app}/${revision}`, seed), 9);
}
