import {
  NO_CONNECTIONS,
  hasPort,
  isEmpty,
  portRangesOf,
  union,
} from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import { mergeRanges } from '../../model/address.ts';
import type { AddressRange } from '../../model/address.ts';
import { withPage } from '../../model/answer.ts';
import type { Implicit, Reach, ReachList, Reason, RuleRef, Verdict } from '../../model/answer.ts';
import type { Peer } from '../../model/peer.ts';
import { allowingRules } from '../pair/explain.ts';
import { atOnce } from '../query.ts';
import type { PairQuestion, ReachIndex } from '../reach-index.ts';
import { casesOf, splitClients, tally } from './cases.ts';
import type { CaseResult } from './case-result.ts';
import type { Case, EndGroup, Tally, TargetGroup } from './cases.ts';
import { missingForLists, problemsOf } from './completeness.ts';
import { PortSum, addStrangers, judgeSides, printRights } from './judge-sides.ts';
import type { Judgement } from './judge-sides.ts';
import { HIDDEN, holdsOthers } from './others.ts';
import { differs, distinctReasons, partsOf, reasonsOf } from './outcomes.ts';
import { splitLabel } from './split-label.ts';

/** Rules told per row; all are counted. */
const BECAUSE_MAX = 10;
/** Distinct outcomes told per row. */
const PARTS_MAX = 10;

/** One side of a row, ready to be paired. */
export interface SourceSide {
  readonly key: string;
  readonly peer: () => Peer;
  readonly groups: readonly EndGroup[];
}

/** @see SourceSide */
export interface TargetSide {
  readonly key: string;
  readonly peer: () => Peer;
  readonly groups: readonly TargetGroup[];
}

/** A row before it is explained. */
export interface RowDraft {
  readonly source: SourceSide;
  readonly target: TargetSide;
  readonly verdict: Verdict;
  readonly hops?: number;
  /** Further pairs of sides that make up the same row. */
  readonly also?: readonly (readonly [SourceSide, TargetSide])[];
}

/** How rows are judged. */
export interface RowOptions {
  /** `port=any`: on which ports. */
  readonly open: boolean;
  readonly implicit: boolean;
  /**
   * Judgements of pairs of pod sides by their parties, for lists in which every target is asked for
   * the same ports. Sides with other pods of the same parties repeat them.
   */
  readonly memo?: Map<string, Judgement>;
}

/** All cases of a pair of sides. */
export function rowCases(index: ReachIndex, source: SourceSide, target: TargetSide): Case[] {
  return source.groups.flatMap((from) => target.groups.flatMap((to) => casesOf(index, from, to)));
}

/** The row of a pair of sides, or undefined when it is denied or not to be listed. */
export function draftRow(
  index: ReachIndex,
  source: SourceSide,
  target: TargetSide,
  options: RowOptions,
): RowDraft | undefined {
  if (isAmongOthers(index, source, target)) return undefined;
  const key = options.memo === undefined ? undefined : memoKey(index, source, target);
  const known = key === undefined ? undefined : options.memo?.get(key);
  const judgement = known ?? judgeSides(index, source.groups, target.groups, options);
  if (key !== undefined) options.memo?.set(key, judgement);
  const { verdict, implicit } = judgement;
  if (verdict === 'DENIED' || (implicit !== null && !options.implicit)) return undefined;
  return { source, target, verdict };
}

/** What pods without a name may do among themselves is no answer to anybody who may not see them. */
function isAmongOthers({ directory }: ReachIndex, source: SourceSide, target: TargetSide): boolean {
  const key = directory.others?.key;
  return key !== undefined && source.key === key && target.key === key;
}

/** Undefined where more than the parties matters: a side with itself, nodes, a Service's ports. */
function memoKey(index: ReachIndex, source: SourceSide, target: TargetSide): string | undefined {
  const translated = target.groups.some(({ ports }) => ports.service !== undefined);
  if (source.key === target.key || translated) return undefined;
  const parties = [source, target].map(({ groups }) =>
    groups.every(({ party }) => index.party(party).kind === 'pods')
      ? groups.map(({ party }) => party).join(',')
      : undefined,
  );
  if (parties.includes(undefined)) return undefined;
  // One party at both ends may be one pod at both ends, which other pods of the party are not.
  const own = new Set(source.groups.map(({ party }) => party));
  return target.groups.some(({ party }) => own.has(party)) ? undefined : parties.join('|');
}

/** Outside addresses as sources of `target`: ranges with equal rights are one row (contract 5). */
export function draftRangeSources(
  index: ReachIndex,
  groups: readonly EndGroup[],
  target: TargetSide,
  options: RowOptions,
): RowDraft[] {
  const judged = byClients(groups, target).map((group) => ({
    group,
    ...judgeRange(index, [group], target.groups, options),
  }));
  return mergeEqual(judged, options).map(({ groups: merged, verdict }) => ({
    source: rangeSide(index, merged),
    target,
    verdict,
  }));
}

/** Sources cut along the source ranges of load balancers, so that each part has one outcome. */
function byClients(groups: readonly EndGroup[], target: TargetSide): readonly EndGroup[] {
  return target.groups.reduce<readonly EndGroup[]>((parts, { ports: { clients } }) => {
    if (clients === undefined) return parts;
    return parts.flatMap((part) => splitClients(part, clients).map(({ group }) => group));
  }, groups);
}

/** Outside addresses as destinations of `source`. */
export function draftRangeTargets(
  index: ReachIndex,
  source: SourceSide,
  groups: readonly TargetGroup[],
  options: RowOptions,
): RowDraft[] {
  const judged = groups.map((group) => ({
    group,
    ...judgeRange(index, source.groups, [group], options),
  }));
  return mergeEqual(judged, options).map(({ groups: merged, verdict }) => ({
    source,
    target: rangeSide(index, merged),
    verdict,
  }));
}

/** What ranges come to, and what names the ports of that: equal texts, equal rights. */
interface RangeJudgement {
  readonly verdict: Verdict;
  readonly implicit: Implicit | null;
  readonly rights: string;
}

function judgeRange(
  index: ReachIndex,
  sources: readonly EndGroup[],
  targets: readonly TargetGroup[],
  { open }: RowOptions,
): RangeJudgement {
  const sum = new PortSum();
  if (targets.every((to) => sources.every((from) => addStrangers(index, from, to, sum)))) {
    return { ...sum.total(open), implicit: null, rights: sum.rights(open) };
  }
  const cases = targets.flatMap((to) => sources.flatMap((from) => casesOf(index, from, to)));
  const total = tally(cases, open);
  const { verdict, implicit } = total;
  return { verdict: cases.length === 0 ? 'DENIED' : verdict, implicit, rights: printRights(total) };
}

/** Rows of equal keys as one, judged over all their pairs. */
export function mergeRows(
  index: ReachIndex,
  drafts: readonly RowDraft[],
  { open }: RowOptions,
): RowDraft[] {
  const rows = new Map<string, RowDraft>();
  for (const draft of drafts) {
    const key = `${draft.source.key}\n${draft.target.key}`;
    const known = rows.get(key);
    if (known === undefined) {
      rows.set(key, draft);
      continue;
    }
    const also = [...(known.also ?? []), [draft.source, draft.target] as const];
    const pairs = [[known.source, known.target] as const, ...also];
    const cases = pairs.flatMap(([from, to]) => rowCases(index, from, to));
    rows.set(key, { ...known, also, verdict: tally(cases, open).verdict });
  }
  return [...rows.values()];
}

/** The list of `drafts`, sorted by both keys, whose rows are explained when they are asked for. */
export function reachList(
  index: ReachIndex,
  drafts: readonly RowDraft[],
  options: RowOptions & {
    readonly reasons?: readonly Reason[];
    /** Nodes are among the ends that were left open. */
    readonly listsNodes?: boolean;
  },
): ReachList {
  const sorted = [...drafts].sort(
    (a, b) => compare(a.source.key, b.source.key) || compare(a.target.key, b.target.key),
  );
  const count = (verdict: Verdict): number =>
    sorted.filter((draft) => draft.verdict === verdict).length;
  const missing = missingForLists(index, options.listsNodes);
  const unknown = (options.reasons ?? []).some(({ code }) => code === 'MISSING_KIND');
  const undetermined = count('UNDETERMINED');
  return {
    totalCount: sorted.length,
    complete: missing.length === 0 && !unknown && undetermined === 0,
    counts: { allowed: count('ALLOWED'), partial: count('PARTIAL'), undetermined },
    reasons: distinctReasons([...missing, ...(options.reasons ?? [])]).map(withPage),
    problems: problemsOf(index.view.snapshot),
    slice: (start, length) =>
      sorted.slice(start, start + length).map((draft) => explainRow(index, draft, options)),
  };
}

/** The row of `draft` with what is behind it; most of it is worked out when it is read. */
export function explainRow(index: ReachIndex, draft: RowDraft, { open }: RowOptions): Reach {
  const { source, target, hops, also = [] } = draft;
  const cases = [[source, target] as const, ...also].flatMap(([from, to]) =>
    rowCases(index, from, to),
  );
  const total = tally(cases, open);
  let rules: readonly RuleRef[] | undefined;
  const because = (): readonly RuleRef[] => (rules ??= rulesBehind(index, total));
  const split = differs(total.counted);
  // Who a row names and why it is there is worked out when it is read: callers pick members.
  return {
    get from() {
      return source.peer();
    },
    get to() {
      return target.peer();
    },
    verdict: total.verdict,
    ports: portRangesOf(total.allowed),
    undetermined: portRangesOf(total.undetermined),
    implicit: total.implicit,
    get because() {
      return because().slice(0, BECAUSE_MAX);
    },
    get becauseCount() {
      return because().length;
    },
    get reasons() {
      const doubts = total.counted.flatMap(({ result }) => result.doubts);
      return reasonsOf(index, total.counted, [...doubts, ...allowReasons(index, total, because())]);
    },
    get parts() {
      return split ? atOnce(partsOf(index, total.counted, PARTS_MAX)) : undefined;
    },
    get splitBy() {
      const label = split ? splitLabel(index, total.counted) : undefined;
      return label === undefined ? undefined : { label };
    },
    podPairs: total.pairs,
    ...(hops === undefined ? {} : { hops }),
  };
}

/** Every rule that allows some of the ports of the counted cases, once, egress first. */
export function rulesBehind(
  index: ReachIndex,
  { counted, implicit }: Pick<Tally, 'counted' | 'implicit'>,
): RuleRef[] {
  if (implicit !== null) return [];
  const rules = new Map<string, RuleRef>();
  for (const { question, asked } of distinctQuestions(index, counted)) {
    for (const direction of ['EGRESS', 'INGRESS'] as const) {
      for (const rule of allowingRules(index, question, direction, asked)) {
        const { namespace, name, kind } = rule.policy;
        rules.set(`${direction} ${kind} ${namespace ?? ''}/${name}${rule.pointer}`, rule);
      }
    }
  }
  if (!counted.some((one) => holdsOthers(index, one))) return [...rules.values()];
  // What comes first among pods without a name is not told either.
  return [...rules].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule);
}

/** What is allowed between two parties, once; nodes that are alike are let in by the same rules. */
function distinctQuestions(
  index: ReachIndex,
  cases: readonly Case[],
): Iterable<{ readonly question: PairQuestion; readonly asked: ConnectionSet }> {
  const distinct = new Map<string, { question: PairQuestion; asked: ConnectionSet }>();
  for (const { question, destination, result } of cases) {
    const asked = allowedOnPod(destination, result);
    if (isEmpty(asked)) continue;
    const { family, relation } = question;
    const ends = [question.source, question.destination].map((party) => index.likeOf(party));
    const key = `${ends.join()} ${family ?? ''} ${relation}`;
    const known = distinct.get(key);
    if (known === undefined) distinct.set(key, { question, asked });
    else known.asked = union(known.asked, asked);
  }
  return distinct.values();
}

/** The allowed ports as the destination's own: of a Service, where its allowed ports lead. */
function allowedOnPod({ ports }: TargetGroup, { allowed }: CaseResult): ConnectionSet {
  if (ports.service === undefined) return allowed;
  return ports.service
    .filter(({ port }) => hasPort(allowed, port.protocol, port.from))
    .reduce((set, { targets }) => union(set, targets), NO_CONNECTIONS);
}

function allowReasons(
  index: ReachIndex,
  { verdict, implicit, counted }: Tally,
  because: readonly RuleRef[],
): Reason[] {
  if (implicit === 'SELF') return [{ code: 'SELF', message: 'a pod always reaches itself' }];
  if (implicit === 'LOCAL_NODE') {
    return [{ code: 'LOCAL_NODE', message: 'a pod is always reachable from its own node' }];
  }
  const isWithheld = counted.some((one) => holdsOthers(index, one));
  if (verdict !== 'ALLOWED' && verdict !== 'PARTIAL') return isWithheld ? [HIDDEN] : [];
  // Rules of which the reader is not told may be among those that let it through.
  if (isWithheld) return because.length === 0 ? [HIDDEN] : [ADMITTED, HIDDEN];
  return because.length === 0
    ? [{ code: 'NOT_ISOLATED', message: 'no policy isolates either end in this direction' }]
    : [ADMITTED];
}

const ADMITTED: Reason = { code: 'ADMITTED', message: 'rules of policies admit it' };

function mergeEqual<Group extends EndGroup>(
  judged: readonly ({ readonly group: Group } & RangeJudgement)[],
  { implicit: isImpliedListed }: RowOptions,
): { groups: Group[]; verdict: Verdict }[] {
  const merged = new Map<string, { groups: Group[]; verdict: Verdict }>();
  for (const { group, verdict, implicit, rights } of judged) {
    if (verdict === 'DENIED' || (implicit !== null && !isImpliedListed)) continue;
    const key = `${verdict}|${rights}`;
    const known = merged.get(key) ?? { groups: [], verdict };
    known.groups.push(group);
    merged.set(key, known);
  }
  return [...merged.values()];
}

function rangeSide<Group extends EndGroup>(
  index: ReachIndex,
  groups: readonly Group[],
): { key: string; peer: () => Peer; groups: readonly Group[] } {
  const peer = rangePeer(index, groups);
  return { key: peer.key, peer: () => peer, groups };
}

/** Ranges are cut along the same borders in every question, so the same ones come together again. */
const RANGE_PEERS = new WeakMap<ReachIndex, Map<string, Peer>>();
const RANGE_PEERS_MAX = 1000;

function rangePeer(index: ReachIndex, groups: readonly EndGroup[]): Peer {
  const known = RANGE_PEERS.get(index) ?? new Map<string, Peer>();
  RANGE_PEERS.set(index, known);
  const key = groups.map(({ ranges }) => nameOf(ranges)).join();
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = index.directory.rangePeer(mergeRanges(groups.flatMap(({ ranges }) => ranges)));
  if (known.size < RANGE_PEERS_MAX) known.set(key, made);
  return made;
}

/** A number for each list of ranges that is kept somewhere. */
const RANGE_NAMES = new WeakMap<readonly AddressRange[], number>();
let rangeNames = 0;

function nameOf(ranges: readonly AddressRange[]): number {
  const name = RANGE_NAMES.get(ranges) ?? (rangeNames += 1);
  RANGE_NAMES.set(ranges, name);
  return name;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
