import { portRangesOf } from '../../model/connection-set.ts';
import { withPage } from '../../model/answer.ts';
import type { PathVerdict, Reason, Verdict } from '../../model/answer.ts';
import { lazily } from '../query.ts';
import type { Lazily, Steps } from '../query.ts';
import type { ReachIndex } from '../reach-index.ts';
import { HIDDEN, holdsOthers } from './others.ts';
import { reasonsOf } from './outcomes.ts';
import type { AskedPath } from './path-asked.ts';
import { legReasons } from './path-reasons.ts';
import type { Target } from './targets.ts';

/** The verdict of `asked`; its reasons take more than the rest, and wait until they are read. */
export function verdictOfPath(
  index: ReachIndex,
  { source, target, sum, hasCases, total, empty }: AskedPath,
): { readonly verdict: PathVerdict; readonly reasons: Lazily<readonly Reason[]> } {
  // An end that is empty only as far as the snapshot knows is not known to be empty.
  const unknown = empty?.code === 'MISSING_KIND';
  const vacuous = empty !== undefined && !unknown;
  // Ports that lead nowhere (a name nobody declares, a port the Service lacks) have no case.
  const unmet = !hasCases && empty === undefined;
  const reasons = lazily(function* (): Steps<readonly Reason[]> {
    const all = yield* total.steps();
    const { counted } = all;
    const isWithheld = counted.some((one) => holdsOthers(index, one));
    return reasonsOf(index, counted, [
      ...(empty === undefined ? [] : [empty]),
      ...target.notes,
      ...counted.flatMap(({ result }) => result.doubts),
      ...(yield* legReasons(index, all)),
      ...(isWithheld ? [HIDDEN] : []),
    ]).map(withPage);
  });
  const verdict: PathVerdict = {
    verdict: unknown ? 'UNDETERMINED' : vacuous ? 'DENIED' : wholeVerdict(target, sum.verdict),
    vacuous,
    from: source.peer,
    to: target.end.peer,
    askedText: target.askedText,
    get asked() {
      return portRangesOf(target.asked);
    },
    get allowed() {
      return portRangesOf(sum.allowed);
    },
    get denied() {
      return portRangesOf(unmet ? target.asked : sum.denied);
    },
    get undetermined() {
      return portRangesOf(unknown ? target.asked : sum.undetermined);
    },
    get reasons() {
      return reasons();
    },
  };
  return { verdict, reasons };
}

/** Beside a name that leads nowhere, nothing is allowed as a whole. */
function wholeVerdict({ unmet }: Target, verdict: Verdict): Verdict {
  return unmet && verdict === 'ALLOWED' ? 'PARTIAL' : verdict;
}
