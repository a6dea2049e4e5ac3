import type { GroupBy, ReachList } from '../../model/answer.ts';
import { PodreachError } from '../../model/errors.ts';
import type { ConnectivityArgs, Query } from '../query.ts';
import { parsePort } from '../refs/parse-port.ts';
import type { AskedPorts } from '../refs/parse-port.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import type { ReachIndex } from '../reach-index.ts';
import { missingForLists } from './completeness.ts';
import { groupByParty, targetsOf } from './ends.ts';
import type { EndMembers } from './ends.ts';
import { defaultMembers, listEnds } from './list-ends.ts';
import type { ListEnd } from './list-ends.ts';
import { draftRangeSources, draftRangeTargets, draftRow, reachList } from './reach-list.ts';
import type { Judgement, RowDraft, RowOptions, SourceSide, TargetSide } from './reach-list.ts';

/** Unreachable groups told; all are counted. */
const UNREACHABLE_MAX = 1000;

/**
 * Every pair that is or may be allowed, each once. Address ranges (and nodes, when asked for) are
 * added to an end that was left open, never to one that was named. Over everything, the answer also
 * says which pod groups no other pod may reach.
 *
 * @throws PodreachError `bad-query` when `of` comes with `from` or `to`
 */
export const connectivity: Query<ConnectivityArgs, ReachList> = (index, args) => {
  const { of } = args;
  if (of !== undefined && (args.from !== undefined || args.to !== undefined)) {
    throw new PodreachError('bad-query', '`of` cannot be combined with `from` or `to`', {
      parameter: 'of',
    });
  }
  const asked = parsePort(args.port);
  const numbers = asked === 'any' || asked.every(({ kind }) => kind === 'range');
  const options: RowOptions = {
    open: asked === 'any',
    implicit: false,
    ...(numbers ? { memo: new Map<string, Judgement>() } : {}),
  };
  const pair = (from: string | undefined, to: string | undefined): RowDraft[] =>
    pairRows(index, endOf(index, from, args), endOf(index, to, args), {
      ...options,
      asked,
      groupBy: args.groupBy,
    });
  const drafts =
    of === undefined
      ? pair(args.from, args.to)
      : onceEach([...pair(of, undefined), ...pair(undefined, of)]);
  const list = reachList(index, drafts, options);
  const everything = [of, args.from, args.to].every((ref) => ref === undefined);
  // With kinds missing, who is reached by nobody is not known.
  if (!everything || missingForLists(index).length !== 0) return list;
  const unreachable = unreachedEnds(index, drafts, args);
  return {
    ...list,
    unreachable: unreachable.slice(0, UNREACHABLE_MAX).map(({ peer }) => peer()),
    unreachableCount: unreachable.length,
  };
};

/** Pod groups without a row from another pod group. */
function unreachedEnds(
  index: ReachIndex,
  drafts: readonly RowDraft[],
  { groupBy }: ConnectivityArgs,
): ListEnd[] {
  const ends = listEnds(index, defaultMembers(index, { nodes: false, external: false }), groupBy);
  const pods = new Set(ends.map(({ key }) => key));
  const reached = new Set(
    drafts
      .filter(({ source, target }) => source.key !== target.key && pods.has(source.key))
      .map(({ target }) => target.key),
  );
  return ends.filter(({ key }) => !reached.has(key));
}

function endOf(index: ReachIndex, ref: string | undefined, args: ConnectivityArgs): EndMembers {
  if (ref === undefined) return defaultMembers(index, args);
  return resolveRef(index.directory, ref, 'source');
}

function pairRows(
  index: ReachIndex,
  from: EndMembers,
  to: EndMembers,
  options: RowOptions & { readonly asked: AskedPorts; readonly groupBy: GroupBy },
): RowDraft[] {
  const { asked, groupBy } = options;
  const sources = listEnds(index, from, groupBy).map(({ key, peer, members }): SourceSide => ({
    key,
    peer,
    groups: groupByParty(index, members),
  }));
  const targets = listEnds(index, to, groupBy).map(({ key, peer, members }): TargetSide => ({
    key,
    peer,
    groups: targetsOf(index, members, asked).groups,
  }));
  const outsideFrom = groupByParty(index, { ...from, pods: [], nodes: [] });
  const outsideTo = targetsOf(index, { ...to, pods: [], nodes: [] }, asked).groups;
  return [
    ...sources.flatMap((source) => [
      ...targets.flatMap((target) => draftRow(index, source, target, options) ?? []),
      ...draftRangeTargets(index, source, outsideTo, options),
    ]),
    ...targets.flatMap((target) => draftRangeSources(index, outsideFrom, target, options)),
  ];
}

function onceEach(drafts: readonly RowDraft[]): RowDraft[] {
  const pairs = new Map(drafts.map((draft) => [`${draft.source.key}\n${draft.target.key}`, draft]));
  return [...pairs.values()];
}
