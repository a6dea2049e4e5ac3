import type { JsonObject } from '../kube-object.ts';
import type { AppPlan, NamespacePlan } from '../plan/cluster-plan.ts';
import type { Random } from '../random.ts';
import { expression, labelled, namespaceNamed } from './policy-object.ts';

const TIERS = ['frontend', 'backend', 'data', 'cache', 'edge'];
const ENVIRONMENTS = ['prod', 'staging', 'dev'];

/** One of the ways to select the pods of `app`, perhaps with others: it never selects nothing. */
export function selectorOfApp(random: Random, { labels }: AppPlan): JsonObject {
  const own = new Map(Object.entries(labels));
  const name = own.get('app');
  const tier = own.get('tier');
  const roll = random.next();
  if (name === undefined || tier === undefined) {
    const [key, value] = random.pick([...own]);
    return labelled({ [key]: value });
  }
  if (roll < 0.45) return labelled({ app: name });
  if (roll < 0.55) {
    const part = own.get('app.kubernetes.io/part-of') ?? '';
    return { ...labelled({ 'app.kubernetes.io/part-of': part }), ...requirement(random, tier) };
  }
  if (roll < 0.62) return labelled({ 'app.kubernetes.io/component': componentOf(own) });
  if (roll < 0.74) return requirement(random, tier);
  if (roll < 0.84) return notIn(random, 'tier', tier, TIERS);
  if (roll < 0.92) return presence(own, 'sidecar.mesh.example.com/inject');
  return presence(own, 'network.example.com/internet');
}

/** One of the ways to select `namespace`, perhaps with others. */
export function selectorOfNamespace(random: Random, namespace: NamespacePlan): JsonObject {
  const own = new Map(Object.entries(namespace.labels));
  const team = own.get('team') ?? '';
  const env = own.get('env') ?? '';
  const roll = random.next();
  if (roll < 0.35) return namespaceNamed(namespace.name);
  if (roll < 0.6) return labelled({ env, team });
  if (roll < 0.7) return labelled({ team });
  if (roll < 0.8) {
    const others = random.some(ENVIRONMENTS, 1);
    return {
      ...labelled({ team }),
      ...expression('env', 'In', [...new Set([env, ...others])].sort()),
    };
  }
  if (roll < 0.9) return { ...labelled({ team }), ...notIn(random, 'env', env, ENVIRONMENTS) };
  return { ...labelled({ team }), ...presence(own, 'pci') };
}

function componentOf(labels: ReadonlyMap<string, string>): string {
  return labels.get('app.kubernetes.io/component') ?? '';
}

function requirement(random: Random, tier: string): JsonObject {
  const others = random.some(TIERS, 1);
  return expression('tier', 'In', [...new Set([tier, ...others])].sort());
}

function notIn(random: Random, key: string, own: string, all: readonly string[]): JsonObject {
  const others = all.filter((value) => value !== own);
  return expression(key, 'NotIn', random.some(others, random.between(1, 2)));
}

function presence(labels: ReadonlyMap<string, string>, key: string): JsonObject {
  return expression(key, labels.has(key) ? 'Exists' : 'DoesNotExist');
}
