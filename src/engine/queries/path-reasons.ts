import { intersect, isEmpty, overlaps } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Reason } from '../../model/answer.ts';
import type { Direction } from '../../model/policy.ts';
import type { Problem, SnapshotSource } from '../../model/snapshot.ts';
import type { Steps } from '../query.ts';
import type { LegReach, ReachIndex } from '../reach-index.ts';
import type { Case, Tally } from './cases.ts';
import { CASES_PER_STEP } from './pair-limits.ts';

/** In one word per leg, why the counted cases came out as they did. */
export function* legReasons(index: ReachIndex, { counted, implicit }: Tally): Steps<Reason[]> {
  const codes = new Set<keyof typeof LEG_REASONS>();
  for (const [i, { question, destination }] of counted.entries()) {
    if (i % CASES_PER_STEP === CASES_PER_STEP - 1) yield;
    const { egress, ingress } = index.reach(question);
    const { asked } = destination.ports;
    for (const code of denials(index, question, 'EGRESS', asked, egress)) codes.add(code);
    for (const code of denials(index, question, 'INGRESS', asked, ingress)) codes.add(code);
    const allowed = intersect(intersect(egress.allow, ingress.allow), asked);
    if (isEmpty(allowed) || implicit !== null) continue;
    const open = egress.isolated === false && ingress.isolated === false;
    codes.add(open ? 'NOT_ISOLATED' : 'ADMITTED');
  }
  if (implicit !== null) codes.add(implicit);
  return [...codes].map((code) => ({ code, message: LEG_REASONS[code] }));
}

/** Whether a direction is closed by isolation, or by a rule of an ordered tier. */
function denials(
  index: ReachIndex,
  question: Case['question'],
  direction: Direction,
  asked: ConnectionSet,
  { deny }: LegReach,
): (keyof typeof LEG_REASONS)[] {
  if (!overlaps(deny, asked)) return [];
  const subject = direction === 'EGRESS' ? question.source : question.destination;
  const isOrdered = index.policiesOf(subject).some(({ tier }) => tier !== 'network-policy');
  if (!isOrdered) return [`${direction}_NOT_ADMITTED`];
  const denied = index
    .legOutcome(question, direction)
    .segments.filter(({ action, set }) => action === 'deny' && overlaps(set, asked));
  return [
    ...(denied.some(({ by }) => by === 'isolation') ? [`${direction}_NOT_ADMITTED` as const] : []),
    ...(denied.some(({ by }) => by === 'rule') ? [`${direction}_DENIED` as const] : []),
  ];
}

const LEG_REASONS = {
  EGRESS_DENIED: 'a cluster policy denies this to the source',
  INGRESS_DENIED: 'a cluster policy denies this to clients of the destination',
  EGRESS_NOT_ADMITTED: 'egress of the source is isolated and no rule admits this',
  INGRESS_NOT_ADMITTED: 'ingress of the destination is isolated and no rule admits this',
  NOT_ISOLATED: 'no policy isolates the source for egress or the destination for ingress',
  ADMITTED: 'where policies isolate an end, a rule admits this',
  SELF: 'a pod always reaches itself',
  LOCAL_NODE: 'a pod is always reachable from its own node',
} as const;

/** Policies that files define and an API server would refuse; a dump's are undetermined instead. */
export function excludedReasons(problems: readonly Problem[], source: SnapshotSource): Reason[] {
  return problems
    .filter(({ code }) => source === 'MANIFESTS' && code === 'INVALID_POLICY')
    .map(({ object, path: field, message }) => ({
      code: 'INVALID_POLICY_EXCLUDED',
      message: `${object} is left out, as an API server would refuse it: ${field} ${message}`,
    }));
}
