import { withPage } from '../../model/answer.ts';
import type { DirectionIsolation, Isolation, LazyList } from '../../model/answer.ts';
import { appliesTo } from '../../model/policy.ts';
import type { Direction, ObjectRef } from '../../model/policy.ts';
import { inSteps } from '../query.ts';
import type { IsolationArgs } from '../query.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import type { ReachIndex } from '../reach-index.ts';
import { missingForLists, problemsOf } from './completeness.ts';
import { atParameter } from './at-parameter.ts';
import type { EndGroup } from './cases.ts';
import { emptiness } from './ends.ts';
import { eachEnd } from './list-ends.ts';
import type { ListEnd } from './list-ends.ts';

/** Which pods are isolated, per direction, and by which policies (semantics R1.4). */
export const isolation = inSteps<IsolationArgs, LazyList<Isolation>>(function* (index, args) {
  const end = atParameter('of', () => resolveRef(index.directory, args.of, 'source'));
  const members = { pods: end.pods, nodes: [], ranges: [] };
  const rows: IsolationDraft[] = [];
  for (const one of eachEnd(index, members, args.groupBy)) {
    const draft = draftOf(index, one);
    if (wanted(draft, args)) rows.push(draft);
    yield;
  }
  const empty = emptiness(index, end);
  const missing = missingForLists(index);
  return {
    totalCount: rows.length,
    complete: missing.length === 0 && rows.every(isKnown),
    reasons: [...missing, ...(empty === undefined ? [] : [empty])].map(withPage),
    problems: problemsOf(index.view.snapshot),
    slice: (start, count) =>
      rows.slice(start, start + count).map((draft) => isolationOf(index, draft)),
  };
});

/** A row before its policies are looked up. */
interface IsolationDraft {
  readonly end: ListEnd;
  readonly groups: readonly EndGroup[];
  readonly isolated: Readonly<Record<Direction, boolean | null>>;
}

function draftOf(index: ReachIndex, end: ListEnd): IsolationDraft {
  const groups = end.groups.filter(({ party }) => index.party(party).kind === 'pods');
  const of = (direction: Direction): boolean | null => isIsolated(index, groups, direction);
  return { end, groups, isolated: { INGRESS: of('INGRESS'), EGRESS: of('EGRESS') } };
}

/** True when every pod is isolated; null where policies that could isolate are not known. */
function isIsolated(
  index: ReachIndex,
  groups: readonly EndGroup[],
  direction: Direction,
): boolean | null {
  const outcomes = groups.map(({ party }) => {
    const question = { source: party, destination: party, family: null, relation: 'NONE' } as const;
    const { egress, ingress } = index.reach(question);
    return direction === 'EGRESS' ? egress.isolated : ingress.isolated;
  });
  if (outcomes.includes(null)) return null;
  return outcomes.length !== 0 && !outcomes.includes(false);
}

function isolationOf(index: ReachIndex, { end, groups, isolated }: IsolationDraft): Isolation {
  const of = (direction: Direction): DirectionIsolation => ({
    isolated: isolated[direction],
    policies: policiesIn(index, groups, direction),
  });
  return {
    peer: end.peer(),
    ingress: of('INGRESS'),
    egress: of('EGRESS'),
    policed: groups.length !== 0,
  };
}

function policiesIn(
  index: ReachIndex,
  groups: readonly EndGroup[],
  direction: Direction,
): ObjectRef[] {
  const policies = new Map<string, ObjectRef>();
  for (const { party } of groups) {
    for (const policy of index.policiesOf(party)) {
      if (policy.tier !== 'network-policy' || !appliesTo(policy, direction)) continue;
      policies.set(`${policy.ref.namespace ?? ''}/${policy.ref.name}`, policy.ref);
    }
  }
  return [...policies.values()];
}

function wanted(
  { isolated: found }: IsolationDraft,
  { direction, isolated }: IsolationArgs,
): boolean {
  if (isolated === undefined) return true;
  const asked = direction === undefined ? [found.INGRESS, found.EGRESS] : [found[direction]];
  return asked.some((one) => one !== !isolated);
}

function isKnown({ isolated }: IsolationDraft): boolean {
  return isolated.INGRESS !== null && isolated.EGRESS !== null;
}
