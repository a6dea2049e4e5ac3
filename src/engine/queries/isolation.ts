import type { DirectionIsolation, Isolation, LazyList } from '../../model/answer.ts';
import { appliesTo } from '../../model/policy.ts';
import type { Direction, ObjectRef } from '../../model/policy.ts';
import type { IsolationArgs, Query } from '../query.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import type { ReachIndex } from '../reach-index.ts';
import { missingForLists, problemsOf } from './completeness.ts';
import { atParameter } from './at-parameter.ts';
import type { EndGroup } from './cases.ts';
import { emptiness } from './ends.ts';
import { listEnds } from './list-ends.ts';
import type { ListEnd } from './list-ends.ts';

/** Which pods are isolated, per direction, and by which policies (semantics R1.4). */
export const isolation: Query<IsolationArgs, LazyList<Isolation>> = (index, args) => {
  const end = atParameter('of', () => resolveRef(index.directory, args.of, 'source'));
  const rows = listEnds(index, { pods: end.pods, nodes: [], ranges: [] }, args.groupBy)
    .map((one) => isolationOf(index, one))
    .filter((row) => wanted(row, args));
  const empty = emptiness(index, end);
  const missing = missingForLists(index);
  return {
    totalCount: rows.length,
    complete: missing.length === 0 && rows.every(isKnown),
    reasons: [...missing, ...(empty === undefined ? [] : [empty])],
    problems: problemsOf(index.view.snapshot),
    slice: (start, count) => rows.slice(start, start + count),
  };
};

function isolationOf(index: ReachIndex, end: ListEnd): Isolation {
  const groups = end.groups.filter(({ party }) => index.party(party).kind === 'pods');
  return {
    peer: end.peer(),
    ingress: directionOf(index, groups, 'INGRESS'),
    egress: directionOf(index, groups, 'EGRESS'),
    policed: groups.length !== 0,
  };
}

/** True when every pod is isolated; null where policies that could isolate are not known. */
function directionOf(
  index: ReachIndex,
  groups: readonly EndGroup[],
  direction: Direction,
): DirectionIsolation {
  const outcomes = groups.map(({ party }) => {
    const question = { source: party, destination: party, family: null, relation: 'NONE' } as const;
    const { egress, ingress } = index.reach(question);
    return direction === 'EGRESS' ? egress.isolated : ingress.isolated;
  });
  const policies = new Map<string, ObjectRef>();
  for (const { party } of groups) {
    for (const policy of index.policiesOf(party)) {
      if (policy.tier !== 'network-policy' || !appliesTo(policy, direction)) continue;
      policies.set(`${policy.ref.namespace ?? ''}/${policy.ref.name}`, policy.ref);
    }
  }
  const isolated = outcomes.includes(null)
    ? null
    : outcomes.length !== 0 && !outcomes.includes(false);
  return { isolated, policies: [...policies.values()] };
}

function wanted({ ingress, egress }: Isolation, { direction, isolated }: IsolationArgs): boolean {
  if (isolated === undefined) return true;
  const asked =
    direction === 'INGRESS' ? [ingress] : direction === 'EGRESS' ? [egress] : [ingress, egress];
  return isolated
    ? asked.some((one) => one.isolated !== false)
    : asked.some((one) => one.isolated !== true);
}

function isKnown({ ingress, egress }: Isolation): boolean {
  return ingress.isolated !== null && egress.isolated !== null;
}
