import type { ReachList } from '../../model/answer.ts';
import { inSteps } from '../query.ts';
import type { WhoCanReachArgs } from '../query.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import { atParameter } from './at-parameter.ts';
import { possibleSources } from './candidates.ts';
import { groupByParty } from './ends.ts';
import { defaultMembers, eachEnd, without } from './list-ends.ts';
import { draftRangeSources, draftRow, reachList } from './reach-list.ts';
import type { Judgement } from './judge-sides.ts';
import type { RowDraft, RowOptions } from './reach-list.ts';
import { resolveTarget } from './targets.ts';
import { withWaysIn } from './ways-in/reach-via.ts';

/**
 * Who may open a connection to the target: pods by group, nodes, and ranges of outside addresses.
 *
 * @see contract 3, 4
 */
export const whoCanReach = inSteps<WhoCanReachArgs, ReachList>(function* (index, args) {
  const target = resolveTarget(index, args.target, args.port, 'target');
  const excluded = args.exclude.map((ref) =>
    atParameter('exclude', () => resolveRef(index.directory, ref, 'source')),
  );
  const members = without(defaultMembers(index, { nodes: true, external: true }), excluded);
  const side = { key: target.end.peer.key, peer: () => target.end.peer, groups: target.groups };
  const options: RowOptions = {
    open: target.open,
    implicit: args.implicit,
    memo: new Map<string, Judgement>(),
  };
  const among = possibleSources(index, target.groups, args.implicit);
  const rows: RowDraft[] = [];
  for (const source of eachEnd(index, members, args.groupBy, among)) {
    const row = draftRow(index, source, side, options);
    if (row !== undefined) rows.push(row);
    yield;
  }
  const outside = groupByParty(index, { pods: [], nodes: [], ranges: members.ranges });
  const ranges = draftRangeSources(index, outside, side, options);
  const reasons = [...(target.empty === undefined ? [] : [target.empty]), ...target.notes];
  const list = reachList(index, [...rows, ...ranges], { ...options, reasons, listsNodes: true });
  return yield* withWaysIn(index, list, target, args.groupBy);
});
