import type { OutcomeMembers } from '../../model/answer.ts';
import type {
  EffectiveDefault,
  EffectiveList,
  EffectivePart,
  EffectiveRule,
} from '../../model/effective.ts';
import type { Direction } from '../../model/policy.ts';
import { countPods } from '../count-pods.ts';
import { ruleTable } from './effective/rule-table.ts';
import type { RuleTable } from './effective/rule-table.ts';
import type { PodOrdinal } from '../model-view.ts';
import type { PartyId } from '../party.ts';
import { inSteps } from '../query.ts';
import type { EffectiveArgs } from '../query.ts';
import type { ReachIndex } from '../reach-index.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import { atParameter } from './at-parameter.ts';
import { missingForLists, problemsOf } from './completeness.ts';
import { emptiness, groupByParty, podless } from './ends.ts';

/** Told per answer; all are counted. */
const PARTS_MAX = 100;
const MEMBERS_MAX = 10;

/**
 * The rules that hold for pods, merged from all policies that select them, in the order they are
 * asked; pods with other rules are another part. Rules are merged by text: a peer that selects nobody
 * today is there all the same.
 */
export const effective = inSteps<EffectiveArgs, EffectiveList>(function* (index, args) {
  const end = atParameter('of', () => resolveRef(index.directory, args.of, 'subject'));
  const members = { pods: end.pods, nodes: [], ranges: [] };
  const drafts = new Map<string, Draft>();
  for (const { party, pods } of groupByParty(index, members)) {
    const tables = tablesOf(index, party, args.direction);
    const policed = index.party(party).kind === 'pods';
    const key = JSON.stringify([policed, tables]);
    const known = drafts.get(key) ?? { policed, tables, pods: [] };
    known.pods.push(...pods);
    drafts.set(key, known);
    yield;
  }
  const parts = [...drafts.values()]
    .map((draft) => ({ ...draft, pods: draft.pods.sort((a, b) => a - b) }))
    .sort((a, b) => (a.pods[0] ?? -1) - (b.pods[0] ?? -1));
  const rows = parts.flatMap(({ tables }, part) =>
    tables.flatMap(({ rows: ofTable }) =>
      ofTable.map((row, i) => ({ row, part, position: i + 1 })),
    ),
  );
  const empty = emptiness(index, end) ?? podless(end);
  const missing = missingForLists(index);
  const subjects = new Map<number, OutcomeMembers>();
  const subjectOf = (part: number): OutcomeMembers => {
    const known = subjects.get(part) ?? membersOf(index, parts[part]?.pods ?? []);
    subjects.set(part, known);
    return known;
  };
  return {
    peer: end.peer,
    parts: parts.slice(0, PARTS_MAX).map((draft, part) => partOf(draft, subjectOf(part))),
    partCount: parts.length,
    totalCount: rows.length,
    complete: missing.length === 0 && rows.every(({ row }) => row.kind !== 'UNDECIDABLE'),
    reasons: [...missing, ...(empty === undefined ? [] : [empty])],
    problems: problemsOf(index.view.snapshot),
    slice: (start, count) =>
      rows.slice(start, start + count).map(({ row, part, position }): EffectiveRule => {
        const { direction, ...rest } = row;
        return { direction, position, part, subject: subjectOf(part), ...rest };
      }),
  };
});

/** Pods with the same rows. */
interface Draft {
  readonly policed: boolean;
  /** Ingress, then egress; only the one that was asked for. */
  readonly tables: readonly (RuleTable & { readonly direction: Direction })[];
  readonly pods: PodOrdinal[];
}

function tablesOf(
  index: ReachIndex,
  party: PartyId,
  direction: Direction | undefined,
): Draft['tables'] {
  return (['INGRESS', 'EGRESS'] as const)
    .filter((one) => direction === undefined || one === direction)
    .map((one) => ({ direction: one, ...ruleTable(index, party, one) }));
}

function partOf({ policed, tables }: Draft, subject: OutcomeMembers): EffectivePart {
  const of = (direction: Direction): EffectiveDefault | undefined => {
    const table = tables.find((one) => one.direction === direction);
    return table === undefined ? undefined : { isolated: table.isolated, policies: table.policies };
  };
  const [ingress, egress] = [of('INGRESS'), of('EGRESS')];
  return {
    subject,
    policed,
    ...(ingress === undefined ? {} : { ingress }),
    ...(egress === undefined ? {} : { egress }),
  };
}

function membersOf(index: ReachIndex, pods: readonly PodOrdinal[]): OutcomeMembers {
  return {
    count: countPods(index.view, pods),
    nodes: pods.slice(0, MEMBERS_MAX).map((pod) => index.directory.podPeer(pod)),
  };
}
