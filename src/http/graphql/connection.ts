import type {
  Isolation,
  LazyList,
  PolicySummary,
  Reach,
  ReachList,
  Resolution,
} from '../../model/answer.ts';
import type { EffectiveList, EffectiveRule } from '../../model/effective.ts';
import type { WayIn, WayInList } from '../../model/way-in.ts';
import { PodreachError } from '../../model/errors.ts';
import type { Exposure, ExposureList } from '../../model/exposure.ts';
import type { Peer } from '../../model/peer.ts';
import type { Problem } from '../../model/snapshot.ts';
import type { Query } from '../../engine/query.ts';
import type { ClusterInfo, SnapshotInfo } from '../../service/podreach.ts';
import { tagOf } from '../caching.ts';
import { expired, mismatch, parseCursor, printCursor, questionHash } from '../cursor.ts';
import type { Cursor } from '../cursor.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { rowsBetween } from '../slices.ts';
import type { GraphqlContext } from './context.ts';
import type { RowsToWrite } from './row-splices.ts';

/** A Relay page. */
export interface Connection<Row> {
  readonly edges: readonly { readonly cursor: string; readonly node: Row }[];
  readonly nodes: readonly Row[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: number;
}

/** A page with what is said of the whole list. */
type AnswerPage<Row> = Connection<Row> & Pick<LazyList<Row>, 'complete' | 'reasons' | 'problems'>;

/** A page of clusters. */
export type ClusterPage = Connection<ClusterInfo>;
/** A page of snapshots. */
export type SnapshotPage = Connection<SnapshotInfo>;
/** A page of problems. */
export type ProblemPage = Connection<Problem>;
/** A page of the members of a ref. */
export type PeerPage = AnswerPage<Peer> & Pick<Resolution, 'peer' | 'empty' | 'service'>;
/** A page of reaches. */
export type ReachPage = AnswerPage<Reach> & ReachSummary;
/** What is said of a list of reaches besides its rows. */
export type ReachSummary = Pick<ReachList, 'counts' | 'unreachable' | 'unreachableCount'>;
/** A page of isolation. */
export type IsolationPage = AnswerPage<Isolation>;
/** A page of exposure. */
export type ExposurePage = AnswerPage<Exposure> & Pick<ExposureList, 'levels'>;
/** A page of effective rules. */
export type EffectivePage = AnswerPage<EffectiveRule> &
  Pick<EffectiveList, 'peer' | 'parts' | 'partCount'>;
/** A page of policies. */
export type PolicyPage = AnswerPage<PolicySummary>;
/** A page of ways in. */
export type WayInPage = AnswerPage<WayIn> & Pick<WayInList, 'counts'>;

/** Arguments of a list; null means the default. */
export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** Where a page begins and how many rows it has at most. */
export interface Range {
  readonly start: number;
  readonly count: number;
  /** The cursor it begins after. */
  readonly cursor: Cursor | undefined;
}

/** What cursors of a list name. */
export type ListKey = Omit<Cursor, 'offset'>;

/** Reads the arguments of a list. @throws `limit-too-large`, `bad-query`, `cursor-mismatch` */
export function rangeOf({ first, after }: PageArgs, key: ListKey): Range {
  const count = checkFirst(first);
  const cursor = typeof after === 'string' ? parseCursor(after, key, 'after') : undefined;
  return { start: cursor?.offset ?? 0, count, cursor };
}

/** How many rows are asked for. @throws `limit-too-large`, `bad-query` */
export function checkFirst(
  first: number | null | undefined,
  fallback: number = HTTP_LIMITS.pageRowsDefault,
): number {
  const count = first ?? fallback;
  if (0 <= count && count <= HTTP_LIMITS.pageRowsMax) return count;
  throw new PodreachError(
    count < 0 ? 'bad-query' : 'limit-too-large',
    `\`first\` cannot be ${count}; it is a whole number from 0 to ${HTTP_LIMITS.pageRowsMax}`,
    { parameter: 'first' },
  );
}

/** A page of `nodes`, which begin at `range.start`. */
export function connectionOf<Row>(
  nodes: readonly Row[],
  totalCount: number,
  range: Range,
  keyOf: (row: Row) => ListKey,
): Connection<Row> {
  const cursorOf = (node: Row, i: number): string =>
    printCursor({ ...keyOf(node), offset: range.start + i + 1 });
  const [first] = nodes;
  const last = nodes.at(-1);
  return {
    // Made when it is asked for: most queries read nodes, and a cursor for each row is not free.
    get edges() {
      return nodes.map((node, i) => ({ cursor: cursorOf(node, i), node }));
    },
    nodes,
    get pageInfo() {
      return {
        hasNextPage: range.start + nodes.length < totalCount,
        hasPreviousPage: 0 < range.start,
        startCursor: first === undefined ? null : cursorOf(first, 0),
        endCursor: last === undefined ? null : cursorOf(last, nodes.length - 1),
      };
    },
    totalCount,
  };
}

/** A question of a snapshot whose answer is a list. */
export interface ListQuestion<Args extends object, Result, Row> {
  /** The name that REST gives it: cursors are the same in both. */
  readonly name: string;
  readonly query: Query<Args, Result>;
  readonly args: Args;
  readonly page: PageArgs;
  readonly listOf: (result: Result) => LazyList<Row>;
}

/**
 * Asks a list question about exactly this snapshot.
 *
 * @throws `cursor-mismatch` when `after` belongs to another snapshot: one response is one state
 */
export async function askList<Args extends object, Result, Row>(
  snapshot: SnapshotInfo,
  context: GraphqlContext,
  { name, query, args, page, listOf }: ListQuestion<Args, Result, Row>,
): Promise<{ readonly result: Result; readonly page: AnswerPage<Row> }> {
  const { podreach, viewer } = context;
  const key = {
    snapshot: snapshot.id,
    engine: snapshot.engine,
    question: questionHash(name, args),
  };
  const range = rangeOf(page, key);
  const pinned = range.cursor?.snapshot ?? snapshot.id;
  if (pinned !== snapshot.id) await refuseOther(pinned, context);
  const question = {
    query,
    args,
    key: tagOf([name, args]),
    rowCount: (answer: Result) => listOf(answer).totalCount,
  };
  const judging = context.judgingOf(snapshot);
  const { result } = await podreach.askList(viewer, snapshot.id, question, judging);
  const list = listOf(result);
  if (context.splices !== undefined && isReachList(list)) {
    return { result, page: writtenPage(list, range, key) };
  }
  const nodes = await rowsBetween(list, range.start, range.start + range.count);
  const { complete, reasons, problems, totalCount } = list;
  const connection = connectionOf(nodes, totalCount, range, () => key);
  return { result, page: Object.assign(connection, { complete, reasons, problems }) };
}

function isReachList(list: LazyList<unknown>): list is ReachList {
  return Object.hasOwn(list, 'counts');
}

/** A page whose rows are written into the answer: nobody reads them one by one. */
function writtenPage<Row>(
  list: ReachList,
  range: Range,
  key: ListKey,
): AnswerPage<Row> & { readonly written: RowsToWrite } {
  const { complete, reasons, problems, totalCount } = list;
  const { start } = range;
  const end = Math.max(start, Math.min(start + range.count, totalCount));
  const cursorAt = (offset: number): string | null =>
    start < end ? printCursor({ ...key, offset }) : null;
  return {
    edges: [],
    nodes: [],
    get pageInfo() {
      return {
        hasNextPage: end < totalCount,
        hasPreviousPage: 0 < start,
        startCursor: cursorAt(start + 1),
        endCursor: cursorAt(end),
      };
    },
    totalCount,
    complete,
    reasons,
    problems,
    written: { list, start, end },
  };
}

async function refuseOther(pinned: string, { podreach, viewer }: GraphqlContext): Promise<void> {
  try {
    await podreach.snapshot(viewer, pinned);
  } catch (error) {
    if (error instanceof PodreachError && error.code === 'snapshot-not-found') {
      throw expired('after');
    }
    throw error;
  }
  throw mismatch(
    `\`after\` belongs to snapshot \`${pinned}\`; go on with \`snapshot(ref: "${pinned}")\``,
    'after',
  );
}
