import type { GroupBy, ReachList, Reason } from '../../model/answer.ts';
import { PodreachError } from '../../model/errors.ts';
import { inSteps } from '../query.ts';
import type { ConnectivityArgs, Query, Steps } from '../query.ts';
import { parsePort } from '../refs/parse-port.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import type { ReachIndex } from '../reach-index.ts';
import { atParameter } from './at-parameter.ts';
import { possibleSources } from './candidates.ts';
import { missingForLists } from './completeness.ts';
import { estimateRows } from './estimate-rows.ts';
import { partsBySource } from './list-parts.ts';
import type { ListParts } from './list-parts.ts';
import { plainPorts, targetsOf } from './ends.ts';
import type { EndMembers } from './ends.ts';
import {
  defaultMembers,
  listEnds,
  lookUpEnds,
  namedMembers,
  outsideGroups,
  without,
} from './list-ends.ts';
import type { ListEnd, ListMembers } from './list-ends.ts';
import {
  draftRangeSources,
  draftRangeTargets,
  draftRow,
  mergeRows,
  reachList,
} from './reach-list.ts';
import { resolveTarget } from './targets.ts';
import type { TargetGroup } from './cases.ts';
import type { Judgement } from './judge-sides.ts';
import type { RowDraft, RowOptions, TargetSide } from './reach-list.ts';

/** Unreachable groups told; all are counted. */
const UNREACHABLE_MAX = 1000;

/** Rows of one list: a bound on memory, and more than anybody reads. */
const ROWS_MAX = 1_000_000;

/** An estimate can be wrong: only far more than that is refused before anything is judged. */
const ROWS_ESTIMATED_MAX = 4 * ROWS_MAX;

/**
 * Every pair that is or may be allowed, each once. Address ranges (and nodes, when asked for) are
 * added to an end that was left open, never to one that was named. Over everything, the answer also
 * says which pod groups no other pod may reach.
 *
 * @throws PodreachError `bad-query` when `of` comes with `from` or `to`
 */
export const connectivity = inSteps<ConnectivityArgs, ReachList>(function* (index, args) {
  const { of } = args;
  if (of !== undefined && (args.from !== undefined || args.to !== undefined)) {
    throw new PodreachError('bad-query', '`of` cannot be combined with `from` or `to`', {
      parameter: 'of',
    });
  }
  const asked = atParameter('port', () => parsePort(args.port));
  const numbers = asked === 'any' || asked.every(({ kind }) => kind === 'range');
  const options: RowOptions = {
    open: asked === 'any',
    implicit: false,
    ...(numbers ? { memo: new Map<string, Judgement>() } : {}),
  };
  const sources = (ref: string | undefined): ListMembers => endOf(index, ref, args);
  const targets = (ref: string | undefined): Targets => targetsAt(index, ref, args);
  const ask = (from: ListMembers, to: Targets): Steps<RowDraft[]> =>
    pairRows(index, from, to, { ...options, groupBy: args.groupBy });
  const to = targets(of ?? args.to);
  const drafts =
    of === undefined
      ? yield* ask(sources(args.from), to)
      : // The second half leaves out what the first has judged: pairs inside `of`.
        mergeRows(
          index,
          [
            ...(yield* ask(sources(of), targets(undefined))),
            ...(yield* ask(without(sources(undefined), [namedEnd(index, of, 'of')]), to)),
          ],
          options,
        );
  const list = reachList(index, drafts, {
    ...options,
    reasons: to.reasons,
    listsNodes: args.nodes,
  });
  const everything = [of, args.from, args.to].every((ref) => ref === undefined);
  // With kinds missing, who is reached by nobody is not known.
  if (!everything || missingForLists(index).length !== 0) return list;
  const unreachable = unreachedEnds(index, drafts, args);
  return {
    ...list,
    unreachable: unreachable.slice(0, UNREACHABLE_MAX).map(({ peer }) => peer()),
    unreachableCount: unreachable.length,
  };
});

/**
 * The same rows in the same order, source by source: how many there are is known when all were read,
 * and no more than those of one source are in memory. Undefined for `of`, whose rows come from both
 * ends.
 *
 * @throws PodreachError as {@link connectivity}, but for the number of rows
 */
export const connectivityInParts: Query<ConnectivityArgs, ListParts | undefined> = (
  index,
  args,
) => {
  if (args.of !== undefined) return undefined;
  const asked = atParameter('port', () => parsePort(args.port));
  const from = endOf(index, args.from, args);
  const to = targetsAt(index, args.to, args);
  const hasNames = asked !== 'any' && asked.some(({ kind }) => kind === 'name');
  const isOpen = args.to === undefined && !hasNames;
  const members = defaultMembers(index, args);
  const outside = outsideGroups(index, members);
  return partsBySource(index, {
    sources: listEnds(index, from, args.groupBy),
    outside: outsideGroups(index, from),
    targets: to.sides,
    outsideTargets: to.outside,
    everyTarget: isOpen ? { members, outside, ports: plainPorts(asked) } : undefined,
    reasons: to.reasons,
    options: { open: asked === 'any', implicit: false, groupBy: args.groupBy },
    listsNodes: args.nodes,
  });
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
  // Whether others reach each other is not looked at.
  const others = index.directory.others?.key;
  return ends.filter(({ key }) => key !== others && !reached.has(key));
}

function endOf(index: ReachIndex, ref: string | undefined, args: ConnectivityArgs): ListMembers {
  if (ref === undefined) return defaultMembers(index, args);
  return namedEnd(index, ref, args.of === undefined ? 'from' : 'of');
}

function namedEnd(index: ReachIndex, ref: string, parameter: string): EndMembers {
  const end = atParameter(parameter, () => resolveRef(index.directory, ref, 'source'));
  return namedMembers(index, end);
}

/** Destinations ready to be paired. */
interface Targets {
  readonly sides: readonly TargetSide[];
  readonly outside: readonly TargetGroup[];
  readonly reasons: readonly Reason[];
}

/** A Service is one destination with its own ports; anything else is its groups. */
function targetsAt(index: ReachIndex, ref: string | undefined, args: ConnectivityArgs): Targets {
  const named =
    ref === undefined
      ? undefined
      : resolveTarget(index, ref, args.port, args.of === undefined ? 'to' : 'of');
  const reasons =
    named === undefined ? [] : [...(named.empty ? [named.empty] : []), ...named.notes];
  if (named?.end.service !== undefined) {
    const { peer } = named.end;
    return {
      sides: [{ key: peer.key, peer: () => peer, groups: named.groups }],
      outside: [],
      reasons,
    };
  }
  const members =
    named === undefined ? defaultMembers(index, args) : namedMembers(index, named.end);
  const asked = atParameter('port', () => parsePort(args.port));
  const sides = listEnds(index, members, args.groupBy).map(({ key, peer, groups }) => ({
    key,
    peer,
    groups: targetsOf(index, groups, asked).groups,
  }));
  const outside = targetsOf(index, outsideGroups(index, members), asked).groups;
  return { sides, outside, reasons };
}

function* pairRows(
  index: ReachIndex,
  from: ListMembers,
  to: Targets,
  options: RowOptions & { readonly groupBy: GroupBy },
): Steps<RowDraft[]> {
  const sources = listEnds(index, from, options.groupBy);
  const holding = lookUpEnds(sources);
  const outside = outsideGroups(index, from);
  const rows: RowDraft[] = [];
  // Nothing is judged of what is far too long, as everything by everything of a large cluster can be.
  if (ROWS_MAX < sources.length * to.sides.length) {
    const estimate = estimateRows(index, sources, to.sides, holding);
    if (ROWS_ESTIMATED_MAX < estimate) throw tooManyRows(`about ${estimate}`);
  }
  for (const target of to.sides) {
    const among = possibleSources(index, target.groups, options.implicit);
    for (const source of among === undefined ? sources : holding(among)) {
      const row = draftRow(index, source, target, options);
      if (row !== undefined) rows.push(row);
      yield;
    }
    for (const row of draftRangeSources(index, outside, target, options)) rows.push(row);
    if (ROWS_MAX < rows.length) throw tooManyRows(`more than ${ROWS_MAX}`);
  }
  for (const source of sources) {
    for (const row of draftRangeTargets(index, source, to.outside, options)) rows.push(row);
    yield;
  }
  return rows;
}

function tooManyRows(howMany: string): PodreachError {
  return new PodreachError(
    'answer-too-large',
    `${howMany} pairs are connected, too many to be counted and read by pages; ` +
      '`format=ndjson` and `format=csv` stream them all, or name an end with `of`, `from` or `to`, or ' +
      'ask for `groupBy=namespace`',
  );
}
