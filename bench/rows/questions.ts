import { Random } from '../generate/random.ts';
import { podsOf } from '../generate/plan/pods.ts';
import type { BenchContext } from '../harness/context.ts';
import { indexedPairwise } from '../reference/pairwise.ts';
import type { PairwiseEvaluator } from '../reference/pairwise.ts';
import type { PairPod } from '../reference/policy-match.ts';
import type { Protocol } from '../../src/model/connection-set.ts';

/** One packet between two pods, by their ordinals in a model view. */
export interface Packet {
  readonly source: number;
  readonly destination: number;
  readonly protocol: Protocol;
  readonly port: number;
  readonly allowed: boolean;
}

/** Packets tried for each that is wanted. */
const TRIALS = 300;

/** The evaluator that goes pair by pair, over the realistic cluster. */
export function pairwiseOf(context: BenchContext): Promise<PairwiseEvaluator> {
  return context.once('pairwise', async () => indexedPairwise(await context.snapshot()));
}

/**
 * Refs of the pods that can be asked about, by namespace, without making a snapshot of the cluster:
 * what stays in memory is what collectors look at while something else is timed.
 */
export function podRefs(context: BenchContext): readonly string[] {
  return context.once('refs', () => {
    const { plan } = context;
    return Array.from({ length: plan.namespaces }, (_, i) => plan.planNamespace(i)).flatMap(
      (namespace) =>
        [...podsOf(plan, namespace)]
          .filter(({ app, phase, addresses }) => {
            return !app.hostNetwork && phase === 'Running' && addresses.length !== 0;
          })
          .map(({ name }) => `${namespace.name}/pod/${name}`),
    );
  });
}

/** Two pods of one namespace. */
export function twoPods(context: BenchContext): readonly [from: string, to: string] {
  const [from, to] = podRefs(context).slice(-2);
  if (from === undefined || to === undefined) throw new Error('there are no two pods');
  return [from, to];
}

/** Pods that can be asked about: on the pod network, with an IPv4 address. */
export function askablePods({ pods }: PairwiseEvaluator): number[] {
  return pods.flatMap((pod, ordinal) => (isAskable(pod) ? [ordinal] : []));
}

/**
 * `count` packets, half of them allowed: most within a namespace, some to DNS, some between any two
 * pods, to ports that the destination declares or that policies are fond of.
 */
export async function samplePackets(context: BenchContext, count: number): Promise<Packet[]> {
  const evaluator = await pairwiseOf(context);
  const random = new Random(context.options.seed, 'packets');
  const askable = askablePods(evaluator);
  const dns = askable.filter((at) => evaluator.pods[at]?.labels.get('k8s-app') === 'kube-dns');
  const found: Record<'allowed' | 'denied', Packet[]> = { allowed: [], denied: [] };
  for (let i = 0; i < count * TRIALS; i += 1) {
    const packet = anyPacket(random, evaluator, askable, dns);
    if (packet === undefined) continue;
    const list = found[packet.allowed ? 'allowed' : 'denied'];
    if (list.length < count / 2) list.push(packet);
    if (found.allowed.length + found.denied.length === count) break;
  }
  const { allowed, denied } = found;
  const mixed = allowed.flatMap((packet, i) => [packet, ...denied.slice(i, i + 1)]);
  return [...mixed, ...denied.slice(allowed.length)];
}

function anyPacket(
  random: Random,
  evaluator: PairwiseEvaluator,
  askable: readonly number[],
  dns: readonly number[],
): Packet | undefined {
  const roll = random.next();
  const at = random.between(0, askable.length - 1);
  // Ordinals run namespace by namespace, so neighbours mostly share one.
  const near = at + random.between(-20, 20);
  const other = roll < 0.7 ? near : random.between(0, askable.length - 1);
  const source = askable[at];
  const destination = roll < 0.15 && 0 < dns.length ? random.pick(dns) : askable[other];
  if (source === undefined || destination === undefined || source === destination) {
    return undefined;
  }
  const [from, to] = [evaluator.pods[source], evaluator.pods[destination]];
  if (from === undefined || to === undefined) return undefined;
  const fond = [
    { protocol: 'TCP', port: 443 },
    { protocol: 'UDP', port: 53 },
  ] as const;
  const { protocol, port } = random.pick([...to.ports, ...to.ports, ...fond]);
  const allowed = evaluator.canReach({ source: from, destination: to, protocol, port });
  return { source, destination, protocol, port, allowed };
}

function isAskable({ hostNetwork, finished, addresses }: PairPod): boolean {
  return !hostNetwork && !finished && addresses.length !== 0;
}
