import type { ReachList, Reason } from '../../model/answer.ts';
import { isEmpty } from '../../model/connection-set.ts';
import { PodreachError } from '../../model/errors.ts';
import { inSteps } from '../query.ts';
import type { ReachableFromArgs, Steps } from '../query.ts';
import { parsePort } from '../refs/parse-port.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import type { PodOrdinal } from '../model-view.ts';
import type { ReachIndex } from '../reach-index.ts';
import { atParameter } from './at-parameter.ts';
import { podsInPairs } from './case-members.ts';
import { tally } from './cases.ts';
import type { EndGroup, TargetGroup } from './cases.ts';
import type { PortView } from './case-result.ts';
import { canShare, judgeClasses } from './class-judgements.ts';
import { classList } from './class-list.ts';
import { emptiness, groupByParty, plainPorts, targetsOf } from './ends.ts';
import { possibleDestinations } from './candidates.ts';
import type { Candidates } from './candidates.ts';
import { defaultMembers, eachEnd, namedMembers, outsideGroups, without } from './list-ends.ts';
import type { ListEnd, ListMembers } from './list-ends.ts';
import { draftRangeTargets, draftRow, reachList, rowCases } from './reach-list.ts';
import type { RowDraft, RowOptions, SourceSide, TargetSide } from './reach-list.ts';
import { checkSide } from './pair-limits.ts';
import { resolveTarget } from './targets.ts';

/** Longest chain of connections that is followed. */
const HOPS_MAX = 10;

/**
 * Where the source may open connections to; with `maxHops`, where it may get to by opening further
 * connections from what it reached. Of such rows `from` is the last stop before.
 *
 * @throws PodreachError `bad-query` for `maxHops` out of range
 */
export const reachableFrom = inSteps<ReachableFromArgs, ReachList>(function* (index, args) {
  if (!Number.isInteger(args.maxHops) || args.maxHops < 1 || HOPS_MAX < args.maxHops) {
    throw new PodreachError('bad-query', `\`maxHops\` must be from 1 to ${HOPS_MAX}`, {
      parameter: 'maxHops',
    });
  }
  const end = atParameter('source', () => resolveRef(index.directory, args.source, 'source'));
  const asked = atParameter('port', () => parsePort(args.port));
  const options = { open: asked === 'any', implicit: args.implicit };
  const targets = targetSides(index, args, args.to);
  // What was asked for filters the rows, never the way there.
  const stations = args.to === undefined ? targets : targetSides(index, args, undefined);
  const first: SourceSide = {
    key: end.peer.key,
    peer: () => end.peer,
    groups: groupByParty(index, end),
  };
  checkSide('source', first.groups);
  const empty = emptiness(index, end);
  const reasons: Reason[] = [...(empty === undefined ? [] : [empty]), ...targets.reasons];
  const { everything } = targets;
  const fixed = { end: 'source', groups: first.groups, ports: targets.ports } as const;
  if (args.maxHops === 1 && everything !== undefined && canShare(index, fixed)) {
    const key = JSON.stringify([args.source, args.port]);
    const { groupBy } = args;
    const judged = yield* judgeClasses(index, fixed, { key, groupBy, open: options.open });
    const parts = { index, judged, fixed, side: first, members: everything };
    return yield* classList({ ...parts, outside: targets.outside, options, reasons });
  }
  const drafts: RowDraft[] = [];
  const told = new Set<string>();
  const reached = new Set<string>();
  let stops: readonly SourceSide[] = [first];
  for (let hop = 1; hop <= args.maxHops && stops.length !== 0; hop += 1) {
    const found = yield* rowsFromAll(index, stops, targets, options);
    const fresh = found.filter(({ target }) => !told.has(target.key) && target.key !== first.key);
    for (const draft of hop === 1 ? found : firstOfEach(fresh)) {
      told.add(draft.target.key);
      drafts.push(args.maxHops === 1 ? draft : { ...draft, hops: hop });
    }
    if (hop === args.maxHops) break;
    const way = stations === targets ? found : yield* rowsFromAll(index, stops, stations, options);
    const next = firstOfEach(way).filter(
      ({ target }) => !reached.has(target.key) && target.key !== first.key,
    );
    for (const { target } of next) reached.add(target.key);
    stops = next.flatMap((draft) => asStop(index, draft));
  }
  return reachList(index, drafts, { ...options, reasons, listsNodes: args.to === undefined });
});

interface Targets {
  /** Those that hold one of the parties; all when none are given. */
  readonly sides: (among: Candidates | undefined) => Iterable<TargetSide>;
  readonly ranges: readonly TargetSide['groups'][number][];
  /** The same before they were asked for ports. */
  readonly outside: readonly EndGroup[];
  /** What they are, where nothing was named and all are asked for the same ports. */
  readonly everything: ListMembers | undefined;
  /** What is asked of destinations that are not named by their ports. */
  readonly ports: PortView;
  readonly reasons: readonly Reason[];
}

function targetSides(index: ReachIndex, args: ReachableFromArgs, to: string | undefined): Targets {
  const asked = parsePort(args.port);
  const excluded = args.exclude.map((ref) =>
    atParameter('exclude', () => resolveRef(index.directory, ref, 'target')),
  );
  const ports = plainPorts(asked);
  const hasNames = asked !== 'any' && asked.some(({ kind }) => kind === 'name');
  const named = to === undefined ? undefined : resolveTarget(index, to, args.port);
  const empty = named?.empty === undefined ? [] : [named.empty];
  if (named?.end.service !== undefined) {
    const { peer } = named.end;
    return {
      sides: () => [{ key: peer.key, peer: () => peer, groups: named.groups }],
      ranges: [],
      outside: [],
      everything: undefined,
      ports,
      reasons: [...empty, ...named.notes],
    };
  }
  const all =
    named === undefined
      ? defaultMembers(index, { nodes: true, external: true })
      : namedMembers(index, named.end);
  const members: ListMembers = without(all, excluded);
  const targetOf = remember(({ key, peer, groups }: ListEnd): TargetSide => ({
    key,
    peer,
    groups: targetsOf(index, groups, asked).groups,
  }));
  const outside = outsideGroups(index, { ranges: members.ranges });
  return {
    *sides(among) {
      for (const one of eachEnd(index, members, args.groupBy, among)) yield targetOf(one);
    },
    ranges: targetsOf(index, outside, asked).groups,
    outside,
    everything: named === undefined && !hasNames ? members : undefined,
    ports,
    reasons: [...empty, ...(named?.notes ?? [])],
  };
}

function* rowsFromAll(
  index: ReachIndex,
  sources: readonly SourceSide[],
  targets: Targets,
  options: RowOptions,
): Steps<RowDraft[]> {
  const rows: RowDraft[] = [];
  for (const source of sources) {
    const among = possibleDestinations(index, source.groups, options.implicit);
    for (const target of targets.sides(among)) {
      const row = draftRow(index, source, target, options);
      if (row !== undefined) rows.push(row);
      yield;
    }
    for (const row of draftRangeTargets(index, source, targets.ranges, options)) rows.push(row);
  }
  return rows;
}

/** `make` once per end: with several hops the same ends are looked at again and again. */
function remember(make: (end: ListEnd) => TargetSide): (end: ListEnd) => TargetSide {
  const known = new Map<string, TargetSide>();
  return (end) => {
    const side = known.get(end.key) ?? make(end);
    known.set(end.key, side);
    return side;
  };
}

function firstOfEach(drafts: readonly RowDraft[]): RowDraft[] {
  const byTarget = new Map<string, RowDraft>();
  for (const draft of drafts) {
    if (!byTarget.has(draft.target.key)) byTarget.set(draft.target.key, draft);
  }
  return [...byTarget.values()];
}

/**
 * The pods of a row that are certainly reached, as the source of the next hop; outside addresses
 * lead nowhere.
 */
function asStop(index: ReachIndex, { source, target }: RowDraft): SourceSide[] {
  const { counted } = tally(rowCases(index, source, target), false);
  const reached = new Map<EndGroup, Set<PodOrdinal>>();
  for (const one of counted) {
    if (isEmpty(one.result.allowed)) continue;
    const pods = reached.get(one.destination) ?? new Set();
    for (const pod of podsInPairs(index, one, 'destination')) pods.add(pod);
    reached.set(one.destination, pods);
  }
  const groups = target.groups.flatMap((group): TargetGroup[] => {
    const found = reached.get(group);
    if (found === undefined || group.ranges.length !== 0) return [];
    const pods = group.pods.filter((pod) => found.has(pod));
    return pods.length + group.nodes.length === 0 ? [] : [{ ...group, pods }];
  });
  return groups.length === 0 ? [] : [{ key: target.key, peer: target.peer, groups }];
}
