import type { ClusterSpec } from '../cluster-spec.ts';
import { realisticPolicies } from '../policies/realistic-policies.ts';
import { podsOfApp } from './cluster-plan.ts';
import type { ClusterPlan, NamespacePlan } from './cluster-plan.ts';
import { nodeCount } from './network.ts';
import { platformNamespaces } from './platform-namespaces.ts';
import { tenantNamespace } from './tenant-namespaces.ts';

/**
 * A cluster as they are met: some namespaces of the platform, and those of tenants, pods / 60 of
 * them, of different sizes. Memory in proportion to namespaces.
 */
export function realisticPlan(spec: ClusterSpec): ClusterPlan {
  const { seed } = spec;
  const nodes = nodeCount(spec.pods);
  const platform = platformNamespaces(nodes, seed);
  const platformPods = platform.flatMap(({ apps }) => apps).reduce((n, a) => n + podsOfApp(a), 0);
  const wanted = platform.reduce((sum, { policies }) => sum + policies, 0);
  // With so few policies the platform has none.
  const platformPolicies = spec.policies < wanted ? 0 : wanted;
  if (spec.pods < platformPods + 4) throw new RangeError('too few pods for the platform alone');
  const tenants = Math.max(2, Math.round(spec.pods / 60));
  const pods = cumulative(spec.pods - platformPods, tenants, 0.8);
  const policies = cumulative(spec.policies - platformPolicies, tenants, 0.5);
  const plan: ClusterPlan = {
    spec,
    network: { nodes, pods: spec.pods },
    namespaces: platform.length + tenants,
    planNamespace: (index): NamespacePlan => {
      const shared = platform[index];
      if (shared !== undefined) {
        return platformPolicies === 0 ? { ...shared, policies: 0 } : shared;
      }
      const tenant = index - platform.length;
      const [firstPod = 0, lastPod = 0] = [pods[tenant], pods[tenant + 1]];
      const [firstPolicy = 0, lastPolicy = 0] = [policies[tenant], policies[tenant + 1]];
      return tenantNamespace({
        index,
        tenants,
        firstPod: platformPods + firstPod,
        pods: lastPod - firstPod,
        policies: lastPolicy - firstPolicy,
        seed,
      });
    },
    policiesOf: (namespace) => realisticPolicies(plan, namespace),
  };
  return plan;
}

/**
 * `total` things dealt out to `shares`, as the sums before each and the total at the end. Sizes swing
 * by `swing` around the mean, slowly and quickly, without any randomness.
 */
function cumulative(total: number, shares: number, swing: number): Float64Array {
  const weightOf = (i: number): number => 1 + swing * Math.sin(i * 2.399963) * Math.cos(i * 0.7);
  let weights = 0;
  for (let i = 0; i < shares; i += 1) weights += weightOf(i);
  const sums = new Float64Array(shares + 1);
  let sum = 0;
  for (let i = 0; i < shares; i += 1) {
    sum += weightOf(i);
    sums[i + 1] = i + 1 === shares ? total : Math.floor((total * sum) / weights);
  }
  return sums;
}
