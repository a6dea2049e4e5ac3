import { connectivity } from '../../engine/queries/connectivity.ts';
import { effective } from '../../engine/queries/effective.ts';
import { exposure } from '../../engine/queries/exposure.ts';
import { isolation } from '../../engine/queries/isolation.ts';
import { pathFor } from '../../engine/queries/path.ts';
import { paths } from '../../engine/queries/paths.ts';
import { policies } from '../../engine/queries/policies.ts';
import { reachableFrom } from '../../engine/queries/reachable-from.ts';
import { resolve } from '../../engine/queries/resolve.ts';
import { waysIn } from '../../engine/queries/ways-in.ts';
import { whoCanReach } from '../../engine/queries/who-can-reach.ts';
import type { Path, PathVerdict, ReachList } from '../../model/answer.ts';
import { PodreachError } from '../../model/errors.ts';
import { questionHash } from '../cursor.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { askList, connectionOf, rangeOf } from './connection.ts';
import type { ReachSummary } from './connection.ts';
import type { SnapshotResolvers } from './generated.ts';
import { globalId } from './global-id.ts';
import { pathMembers } from './path-selection.ts';
import { questionErrorOf } from './question-error.ts';
import type { QuestionErrorModel } from './question-error.ts';

const ANY = 'any';
const WORKLOAD = 'WORKLOAD';

/**
 * Everything that hangs off a snapshot. Null for an argument with a default means the default.
 *
 * Names and arguments of lists are those of REST, so that cursors are the same.
 */
export const snapshotResolvers: SnapshotResolvers = {
  id: ({ id }) => globalId('Snapshot', id),
  ref: ({ id }) => id,
  cluster: (snapshot, _args, context) => context.cluster(snapshot.cluster),
  stored: () => true,
  problems: ({ id, engine, problems }, page) => {
    const key = { snapshot: id, engine, question: questionHash('problems', { snapshot: id }) };
    const range = rangeOf(page, key);
    const rows = problems.slice(range.start, range.start + range.count);
    return connectionOf(rows, problems.length, range, () => key);
  },
  resolve: async (snapshot, { ref, ...page }, context) => {
    const question = { name: 'resolve', query: resolve, args: { ref }, page };
    const answer = await askList(snapshot, context, {
      ...question,
      listOf: ({ members }) => members,
    });
    const { peer, empty, service, reasons } = answer.result;
    const all = [...reasons, ...answer.page.reasons];
    return Object.assign(answer.page, { peer, empty, ...(service && { service }), reasons: all });
  },
  path: async (snapshot, { from, to, port }, { podreach, viewer, judgingOf }, info) => {
    const args = { from, to, port: port ?? ANY };
    const query = pathFor(pathMembers(info));
    return (await podreach.ask(viewer, snapshot.id, query, args, judgingOf(snapshot))).result;
  },
  paths: async (snapshot, { questions }, { podreach, viewer, judgingOf }, info) => {
    const asked = checkCount(questions).map(({ from, to, port }) => ({
      from,
      to,
      port: port ?? ANY,
    }));
    const reads = pathMembers(info, 'path');
    const args = { questions: asked, detail: 'full', reads } as const;
    const judging = judgingOf(snapshot);
    return (await podreach.ask(viewer, snapshot.id, paths, args, judging)).result.map(pathAnswer);
  },
  whoCanReach: async (snapshot, args, context) => {
    const { target, port, groupBy, exclude, implicit } = args;
    const { result, page } = await askList(snapshot, context, {
      name: 'who-can-reach',
      query: whoCanReach,
      args: {
        target,
        port: port ?? ANY,
        groupBy: groupBy ?? WORKLOAD,
        exclude: exclude ?? [],
        implicit: implicit ?? false,
      },
      page: args,
      listOf: (list) => list,
    });
    return Object.assign(page, summaryOf(result));
  },
  reachableFrom: async (snapshot, args, context) => {
    const { source, to, port, groupBy, exclude, implicit, maxHops } = args;
    const { result, page } = await askList(snapshot, context, {
      name: 'reachable-from',
      query: reachableFrom,
      args: {
        source,
        ...present({ to }),
        port: port ?? ANY,
        groupBy: groupBy ?? WORKLOAD,
        exclude: exclude ?? [],
        implicit: implicit ?? false,
        maxHops: maxHops ?? 1,
      },
      page: args,
      listOf: (list) => list,
    });
    return Object.assign(page, summaryOf(result));
  },
  connectivity: async (snapshot, args, context) => {
    const { of, from, to, port, groupBy, external, nodes } = args;
    const { result, page } = await askList(snapshot, context, {
      name: 'connectivity',
      query: connectivity,
      args: {
        ...present({ of, from, to }),
        port: port ?? ANY,
        groupBy: groupBy ?? WORKLOAD,
        external: external ?? true,
        nodes: nodes ?? false,
      },
      page: args,
      listOf: (list) => list,
    });
    return Object.assign(page, summaryOf(result));
  },
  isolation: async (snapshot, args, context) => {
    const { of, direction, isolated, protected: shielded, groupBy } = args;
    const { page } = await askList(snapshot, context, {
      name: 'isolation',
      query: isolation,
      args: {
        of: of ?? '*/*',
        ...present({ direction, isolated, protected: shielded }),
        groupBy: groupBy ?? WORKLOAD,
      },
      page: args,
      listOf: (list) => list,
    });
    return page;
  },
  exposure: async (snapshot, args, context) => {
    const { of, groupBy } = args;
    const { result, page } = await askList(snapshot, context, {
      name: 'exposure',
      query: exposure,
      args: { of: of ?? '*/*', groupBy: groupBy ?? WORKLOAD },
      page: args,
      listOf: (list) => list,
    });
    return Object.assign(page, { levels: result.levels });
  },
  effective: async (snapshot, args, context) => {
    const { of, direction } = args;
    const { result, page } = await askList(snapshot, context, {
      name: 'effective',
      query: effective,
      args: { of, ...present({ direction }) },
      page: args,
      listOf: (list) => list,
    });
    const { peer, parts, partCount } = result;
    return Object.assign(page, { peer, parts, partCount });
  },
  waysIn: async (snapshot, args, context) => {
    const question = { name: 'ways-in', query: waysIn, args: present({ of: args.of }), page: args };
    const { result, page } = await askList(snapshot, context, {
      ...question,
      listOf: (list) => list,
    });
    return Object.assign(page, { counts: result.counts });
  },
  policies: async (snapshot, args, context) => {
    const { selecting } = args;
    const question = {
      name: 'policies',
      query: policies,
      args: present({ selecting }),
      page: args,
    };
    return (await askList(snapshot, context, { ...question, listOf: (list) => list })).page;
  },
};

function summaryOf({ counts, unreachable, unreachableCount }: ReachList): ReachSummary {
  return { counts, ...present({ unreachable, unreachableCount }) };
}

/** The members that are given. */
function present<Values extends object>(
  values: Values,
): { [Name in keyof Values]?: NonNullable<Values[Name]> } {
  // Object.fromEntries forgets the names; the entries are those of `values`.
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  ) as { [Name in keyof Values]?: NonNullable<Values[Name]> };
}

/** @throws `limit-too-large` */
function checkCount<Item>(questions: readonly Item[]): readonly Item[] {
  if (questions.length <= HTTP_LIMITS.questionsPerPost) return questions;
  throw new PodreachError(
    'limit-too-large',
    `${questions.length} questions are too many; at most ${HTTP_LIMITS.questionsPerPost} are answered`,
    { parameter: 'questions' },
  );
}

function pathAnswer(
  answer: Path | PathVerdict | PodreachError,
): { path: Path; error: null } | { path: null; error: QuestionErrorModel } {
  if (answer instanceof PodreachError) return { path: null, error: questionErrorOf(answer) };
  // With `detail: 'full'` every answer is whole.
  return { path: answer as Path, error: null };
}
