import { withPage } from '../../model/answer.ts';
import type { LazyList, PolicySummary } from '../../model/answer.ts';
import { DIRECTIONS, appliesTo } from '../../model/policy.ts';
import type { Policy } from '../../model/policy.ts';
import { printSelector } from '../../model/selector.ts';
import type { PodOrdinal } from '../model-view.ts';
import { locate } from '../pair/rule-ref.ts';
import type { PoliciesArgs, Query } from '../query.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { PartyId } from '../party.ts';
import { missingForLists, problemsOf } from './completeness.ts';
import { atParameter } from './at-parameter.ts';
import { countPods } from '../count-pods.ts';
import { listEnds } from './list-ends.ts';

/** Peers named per policy; `podCount` counts all. */
const PEERS_MAX = 100;

const TIERS = { admin: 'ADMIN', 'network-policy': 'NETWORK_POLICY', baseline: 'BASELINE' } as const;

/** Every policy, or those that select a pod of `selecting`, with what each selects today. */
export const policies: Query<PoliciesArgs, LazyList<PolicySummary>> = (index, { selecting }) => {
  const selected = selectedPods(index);
  const asked =
    selecting === undefined
      ? undefined
      : atParameter('selecting', () => resolveRef(index.directory, selecting, 'subject')).pods;
  const wanted = asked === undefined ? undefined : new Set<PodOrdinal>(asked);
  const all = [
    ...index.view.snapshot.cluster.policies,
    ...index.view.namespaces.flatMap((chunk) => chunk.policies),
  ].filter(
    (policy) => wanted === undefined || (selected.get(policy) ?? []).some((pod) => wanted.has(pod)),
  );
  const missing = missingForLists(index);
  return {
    totalCount: all.length,
    complete: missing.length === 0,
    reasons: missing.map(withPage),
    problems: problemsOf(index.view.snapshot),
    slice: (start, count) =>
      all
        .slice(start, start + count)
        .map((policy) => summarise(index, policy, selected.get(policy) ?? [])),
  };
};

/** Does not depend on the question, so it is worked out once per index. */
const SELECTED = new WeakMap<ReachIndex, ReadonlyMap<Policy, readonly PodOrdinal[]>>();

function selectedPods(index: ReachIndex): ReadonlyMap<Policy, readonly PodOrdinal[]> {
  const known = SELECTED.get(index) ?? selectPods(index);
  SELECTED.set(index, known);
  return known;
}

function selectPods(index: ReachIndex): ReadonlyMap<Policy, readonly PodOrdinal[]> {
  const result = new Map<Policy, PodOrdinal[]>();
  for (let id = 0; id < index.partyCount; id += 1) {
    // What a policy selects that has no name here is not told either.
    const pods = Array.from(index.podsOf(id as PartyId)).filter((pod) => !index.view.isOther(pod));
    if (pods.length === 0) continue;
    for (const policy of index.policiesOf(id as PartyId)) {
      const known = result.get(policy) ?? [];
      known.push(...pods);
      result.set(policy, known);
    }
  }
  return result;
}

function summarise(index: ReachIndex, policy: Policy, pods: readonly PodOrdinal[]): PolicySummary {
  const sorted = [...pods].sort((a, b) => a - b);
  const ends = listEnds(index, { pods: sorted, nodes: [], ranges: [] }, 'WORKLOAD');
  const { namespaces, pods: selector } = policy.subject;
  const where =
    namespaces.kind === 'named' ? namespaces.name : `{${printSelector(namespaces.selector)}}`;
  return {
    policy: policy.ref,
    tier: TIERS[policy.tier],
    directions: DIRECTIONS.filter((direction) => appliesTo(policy, direction)),
    subject:
      selector.requirements.length === 0 ? `${where}/*` : `${where}?${printSelector(selector)}`,
    selects: {
      podCount: countPods(index.view, pods),
      peers: ends.slice(0, PEERS_MAX).map(({ peer }) => peer()),
    },
    ruleCounts: { ingress: policy.ingress.length, egress: policy.egress.length },
    evaluated: policy.opaque === undefined,
    ...(policy.opaque === undefined
      ? {}
      : { reason: { code: policy.opaque.code, message: policy.opaque.message } }),
    spec: JSON.parse(policy.spec) as unknown,
    ...locate(index.provenance, policy),
  };
}
