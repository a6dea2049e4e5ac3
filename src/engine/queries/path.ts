import { withPage } from '../../model/answer.ts';
import type {
  Assumption,
  Outcome,
  Path,
  PathVerdict,
  Reason,
  Verdict,
} from '../../model/answer.ts';
import { once } from '../../model/lazy-member.ts';
import type { Problem } from '../../model/snapshot.ts';
import { atOnce, inSteps, lazily } from '../query.ts';
import type { Lazily, PathArgs, PathMember, Query, Steps } from '../query.ts';
import type { ReachIndex } from '../reach-index.ts';
import { problemsOf } from './completeness.ts';
import { describePath } from './describe-path.ts';
import { dnsReasons } from './dns.ts';
import { distinctReasons, outcomesOf } from './outcomes.ts';
import { askPath } from './path-asked.ts';
import type { AskedPath } from './path-asked.ts';
import { assumptionsOf } from './path-assumptions.ts';
import { excludedReasons } from './path-reasons.ts';
import { verdictOfPath } from './path-verdict.ts';
import { sensitivity } from './sensitivity.ts';

/** Distinct outcomes told. */
const OUTCOMES_MAX = 50;

const MEMBERS: readonly PathMember[] = ['reasons', 'outcomes', 'assumptions', 'text'];

/** `path` by which of {@link MEMBERS} are read: a bit for each. */
export const PATHS: readonly Query<PathArgs, Path>[] = Array.from(
  { length: 1 << MEMBERS.length },
  (_, bits) => pathReading(MEMBERS.filter((_member, i) => (bits & (1 << i)) !== 0)),
);

/** Of what a field of the answer is read; undefined for those that take no more than the verdict. */
export function memberBehind(field: string): PathMember | undefined {
  return field === 'legs' ? 'outcomes' : MEMBERS.find((member) => member === field);
}

/** Can `from` open connections to `to`, and why (not): both legs, every policy (contract 6). */
export const path = pathFor(new Set(MEMBERS));

/**
 * `path` for somebody who reads of its explanation only `reads`: they are worked out in steps. Explaining
 * costs many times what judging does, so the other members wait until they are read after all.
 */
export function pathFor(reads: ReadonlySet<PathMember>): Query<PathArgs, Path> {
  const bits = MEMBERS.reduce((sum, member, i) => sum | (reads.has(member) ? 1 << i : 0), 0);
  return PATHS[bits] ?? path;
}

function pathReading(reads: readonly PathMember[]): Query<PathArgs, Path> {
  const steps = function* (index: ReachIndex, args: PathArgs): Steps<Path> {
    const asked = yield* askPath(index, args);
    const { answer, members } = explain(index, args, asked);
    for (const member of reads) yield* members[member].steps();
    return answer;
  };
  return Object.assign(
    (index: ReachIndex, args: PathArgs): Path =>
      explain(index, args, atOnce(askPath(index, args))).answer,
    { steps },
  );
}

/** The verdict alone; its reasons are worked out when they are read. */
export const pathVerdict: Query<PathArgs, PathVerdict> = inSteps(function* (index, args) {
  return verdictOfPath(index, yield* askPath(index, args)).verdict;
});

/** The verdict and its reasons. */
export const pathVerdictWithReasons: Query<PathArgs, PathVerdict> = inSteps(
  function* (index, args) {
    const { verdict, reasons } = verdictOfPath(index, yield* askPath(index, args));
    yield* reasons.steps();
    return verdict;
  },
);

/** An answer, and how to work out beforehand what takes long. */
interface Explained {
  readonly answer: Path;
  readonly members: Readonly<Record<PathMember, Lazily<unknown>>>;
}

function explain(index: ReachIndex, args: PathArgs, asked: AskedPath): Explained {
  const { target } = asked;
  const { verdict, reasons: verdictReasons } = verdictOfPath(index, asked);
  const problems = once(() => problemsOfEnds(index, asked));
  const assumptions = lazily(() => allAssumptions(index, args, asked, verdict.verdict));
  const outcomes = lazily(function* (): Steps<readonly Outcome[]> {
    return yield* outcomesOf(index, (yield* asked.total.steps()).counted, OUTCOMES_MAX);
  });
  const reasons = lazily(function* (): Steps<readonly Reason[]> {
    const told = yield* verdictReasons.steps();
    const dns = yield* dnsReasons(index, (yield* asked.total.steps()).counted);
    const excluded = excludedReasons(problems(), index.view.snapshot.source);
    return distinctReasons([...told, ...dns.map(withPage), ...excluded.map(withPage)]);
  });
  const text = lazily(function* (): Steps<string> {
    yield* outcomes.steps();
    yield* reasons.steps();
    return describePath(answer);
  });
  const answer: Path = {
    verdict: verdict.verdict,
    vacuous: verdict.vacuous,
    from: verdict.from,
    to: verdict.to,
    askedText: verdict.askedText,
    get asked() {
      return verdict.asked;
    },
    get allowed() {
      return verdict.allowed;
    },
    get denied() {
      return verdict.denied;
    },
    get undetermined() {
      return verdict.undetermined;
    },
    get reasons() {
      return reasons();
    },
    get outcomes() {
      return outcomes();
    },
    get legs() {
      return outcomes()[0]?.legs ?? [];
    },
    ...(target.resolution === undefined ? {} : { resolution: target.resolution }),
    get assumptions() {
      return assumptions();
    },
    get problems() {
      return problems();
    },
    get text() {
      return text();
    },
  };
  return { answer, members: { reasons, outcomes, assumptions, text } };
}

function* allAssumptions(
  index: ReachIndex,
  args: PathArgs,
  { cases, target }: AskedPath,
  verdict: Verdict,
): Steps<readonly Assumption[]> {
  const changing = yield* sensitivity(index, {
    verdict,
    cases: yield* cases.steps(),
    destinations: target.end.pods,
    viaService: target.resolution !== undefined,
    *ask(other) {
      return verdictOfPath(other, yield* askPath(other, args)).verdict.verdict;
    },
  });
  return [...assumptionsOf(index), ...changing].map(withPage);
}

/** Those of the namespaces whose policies decide about the pods of both ends. */
function problemsOfEnds({ view }: ReachIndex, { source, target }: AskedPath): readonly Problem[] {
  const pods = [source, target.end].flatMap((end) => end.pods);
  return problemsOf(view.snapshot, new Set(pods.map((pod) => view.namespaceOf(pod).name)));
}
