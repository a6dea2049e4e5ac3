import type { GroupBy, ReachList, Reason } from '../../model/answer.ts';
import type { ReachIndex } from '../reach-index.ts';
import { possibleDestinations } from './candidates.ts';
import type { PortView } from './case-result.ts';
import type { EndGroup, TargetGroup } from './cases.ts';
import { canShare, judgeClassesOnce } from './class-judgements.ts';
import { classList } from './class-list.ts';
import { missingForLists } from './completeness.ts';
import { lookUpEnds } from './list-ends.ts';
import type { ListMembers } from './list-ends.ts';
import { draftRangeSources, draftRangeTargets, draftRow, reachList } from './reach-list.ts';
import type { RowDraft, RowOptions, SourceSide, TargetSide } from './reach-list.ts';

/** A list that nobody has counted: its rows in parts, one after the other. */
export interface ListParts {
  /** The parts in order; undefined where others can have their turn. */
  readonly parts: () => Generator<ReachList | undefined, undefined>;
  /** Whether a missing fact could add rows, besides what each part says of its own. */
  readonly complete: boolean;
}

/** What {@link partsBySource} needs to know. */
export interface PairsBySource {
  /** Sorted by key. */
  readonly sources: readonly SourceSide[];
  /** Outside addresses among the sources. */
  readonly outside: readonly EndGroup[];
  readonly targets: readonly TargetSide[];
  readonly outsideTargets: readonly TargetGroup[];
  /** Given where the targets are all that there is, asked for the same ports. */
  readonly everyTarget:
    | {
        readonly members: ListMembers;
        readonly outside: readonly EndGroup[];
        readonly ports: PortView;
      }
    | undefined;
  readonly reasons: readonly Reason[];
  readonly options: RowOptions & { readonly groupBy: GroupBy };
  readonly listsNodes: boolean;
}

/** All pairs of sources and targets that are or may be allowed, by source. */
export function partsBySource(index: ReachIndex, pairs: PairsBySource): ListParts {
  const missing = missingForLists(index, pairs.listsNodes);
  const unknown = pairs.reasons.some(({ code }) => code === 'MISSING_KIND');
  return {
    parts: () => eachPart(index, pairs),
    complete: missing.length === 0 && !unknown,
  };
}

function* eachPart(
  index: ReachIndex,
  pairs: PairsBySource,
): Generator<ReachList | undefined, undefined> {
  const { everyTarget, options, sources } = pairs;
  const ranges = yield* rangeSources(index, pairs);
  const holding = lookUpEnds(pairs.targets);
  let next = 0;
  for (const source of sources) {
    for (let range = ranges[next]; range !== undefined; range = ranges[next]) {
      if (source.key < range.key) break;
      yield rangeList(index, pairs, range);
      next += 1;
    }
    if (
      everyTarget !== undefined &&
      canShare(index, { ...source, ...everyTarget, end: 'source' })
    ) {
      yield yield* sharedPart(index, pairs, source, everyTarget);
      continue;
    }
    const among = possibleDestinations(index, source.groups, options.implicit);
    const rows: RowDraft[] = [];
    for (const target of among === undefined ? pairs.targets : holding(among)) {
      const row = draftRow(index, source, target, options);
      if (row !== undefined) rows.push(row);
      yield undefined;
    }
    rows.push(...draftRangeTargets(index, source, pairs.outsideTargets, options));
    yield reachList(index, rows, { ...options, listsNodes: pairs.listsNodes });
  }
  for (const range of ranges.slice(next)) yield rangeList(index, pairs, range);
}

/** The rows of a source whose targets are all that there is. */
function* sharedPart(
  index: ReachIndex,
  { listsNodes: nodes, options }: PairsBySource,
  side: SourceSide,
  { members, outside, ports }: NonNullable<PairsBySource['everyTarget']>,
): Generator<undefined, ReachList> {
  const { groupBy, open } = options;
  const fixed = { end: 'source', groups: side.groups, ports } as const;
  const judged = yield* judgeClassesOnce(index, fixed, { groupBy, open, nodes });
  return yield* classList({ index, judged, fixed, side, members, outside, options, reasons: [] });
}

/** Outside addresses as one source, with the positions of the targets that they may reach. */
interface RangeSource {
  readonly key: string;
  readonly targets: number[];
}

/** Sources outside, sorted by key: which ranges are one source depends on the target. */
function* rangeSources(
  index: ReachIndex,
  { outside, options, targets }: PairsBySource,
): Generator<undefined, readonly RangeSource[]> {
  const byKey = new Map<string, RangeSource>();
  for (const [position, target] of targets.entries()) {
    for (const { source } of draftRangeSources(index, outside, target, options)) {
      const known = byKey.get(source.key) ?? { key: source.key, targets: [] };
      known.targets.push(position);
      byKey.set(source.key, known);
    }
    yield undefined;
  }
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function rangeList(
  index: ReachIndex,
  { outside, options, targets, listsNodes }: PairsBySource,
  range: RangeSource,
): ReachList {
  const rows = range.targets.flatMap((position) => {
    const target = targets[position];
    return target === undefined
      ? []
      : draftRangeSources(index, outside, target, options).filter(
          ({ source }) => source.key === range.key,
        );
  });
  return reachList(index, rows, { ...options, listsNodes });
}
