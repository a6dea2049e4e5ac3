import { withPage } from '../../model/answer.ts';
import type { Resolution } from '../../model/answer.ts';
import type { Peer } from '../../model/peer.ts';
import type { Query, ResolveArgs } from '../query.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import { missingForLists, problemsOf } from './completeness.ts';
import { atParameter } from './at-parameter.ts';
import { emptiness } from './ends.ts';
import { listEnds } from './list-ends.ts';
import { resolveTarget } from './targets.ts';

/** What a ref stands for in this snapshot: its members by workload, node and address range. */
export const resolve: Query<ResolveArgs, Resolution> = (index, { ref }) => {
  const end = atParameter('ref', () => resolveRef(index.directory, ref, 'source'));
  const empty = emptiness(index, end);
  const ends = listEnds(index, end, 'WORKLOAD');
  const ranges: Peer[] = end.ranges.length === 0 ? [] : [index.directory.rangePeer(end.ranges)];
  const service = end.service === undefined ? undefined : resolveTarget(index, ref, 'any', 'ref');
  const missing = missingForLists(index);
  return {
    ref,
    peer: end.peer,
    empty: empty !== undefined,
    members: {
      totalCount: ends.length + ranges.length,
      complete: missing.length === 0,
      reasons: missing.map(withPage),
      problems: problemsOf(index.view.snapshot),
      slice: (start, count) =>
        [...ends.map(({ peer }) => peer), ...ranges.map((peer) => () => peer)]
          .slice(start, start + count)
          .map((peer) => peer()),
    },
    ...(service?.resolution === undefined ? {} : { service: service.resolution }),
    reasons: [...(empty === undefined ? [] : [empty]), ...(service?.notes ?? [])].map(withPage),
  };
};
