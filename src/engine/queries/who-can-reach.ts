import type { ReachList } from '../../model/answer.ts';
import { inSteps } from '../query.ts';
import type { WhoCanReachArgs } from '../query.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import { atParameter } from './at-parameter.ts';
import { possibleSources } from './candidates.ts';
import { canShare, judgeClasses } from './class-judgements.ts';
import { classList } from './class-list.ts';
import { defaultMembers, eachEnd, outsideGroups, without } from './list-ends.ts';
import { draftRangeSources, draftRow, reachList } from './reach-list.ts';
import type { Judgement } from './judge-sides.ts';
import type { RowDraft, RowOptions } from './reach-list.ts';
import { checkSide } from './pair-limits.ts';
import { resolveTarget } from './targets.ts';
import { withWaysIn } from './ways-in/reach-via.ts';

/**
 * Who may open a connection to the target: pods by group, nodes, and ranges of outside addresses.
 *
 * @see contract 3, 4
 */
export const whoCanReach = inSteps<WhoCanReachArgs, ReachList>(function* (index, args) {
  const target = resolveTarget(index, args.target, args.port, 'target');
  checkSide('target', target.groups);
  const excluded = args.exclude.map((ref) =>
    atParameter('exclude', () => resolveRef(index.directory, ref, 'source')),
  );
  const members = without(defaultMembers(index, { nodes: true, external: true }), excluded);
  const side = { key: target.end.peer.key, peer: () => target.end.peer, groups: target.groups };
  const options: RowOptions = { open: target.open, implicit: args.implicit };
  const outside = outsideGroups(index, { ranges: members.ranges });
  const reasons = [...(target.empty === undefined ? [] : [target.empty]), ...target.notes];
  const fixed = { end: 'target', groups: target.groups } as const;
  if (canShare(index, fixed)) {
    const key = JSON.stringify([args.target, args.port]);
    const { groupBy } = args;
    const judged = yield* judgeClasses(index, fixed, { key, groupBy, open: target.open });
    const parts = { index, judged, fixed, side, members, outside, options, reasons };
    return yield* withWaysIn(index, yield* classList(parts), target, groupBy);
  }
  const among = possibleSources(index, target.groups, args.implicit);
  const rows: RowDraft[] = [];
  const remembering = { ...options, memo: new Map<string, Judgement>() };
  for (const source of eachEnd(index, members, args.groupBy, among)) {
    const row = draftRow(index, source, side, remembering);
    if (row !== undefined) rows.push(row);
    yield;
  }
  const ranges = draftRangeSources(index, outside, side, options);
  const list = reachList(index, [...rows, ...ranges], { ...options, reasons, listsNodes: true });
  return yield* withWaysIn(index, list, target, args.groupBy);
});
