import type { ClusterSpec } from '../cluster-spec.ts';
import { adversarialPlan } from './adversarial-plans.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { realisticPlan } from './realistic-plan.ts';

/** The plan of `spec`, from which its objects are made. */
export function planCluster(spec: ClusterSpec): ClusterPlan {
  return spec.shape === 'realistic' ? realisticPlan(spec) : adversarialPlan(spec, spec.shape);
}
