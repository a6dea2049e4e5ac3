import { withPage } from '../../model/answer.ts';
import type { Reason, Verdict } from '../../model/answer.ts';
import type { Problem } from '../../model/snapshot.ts';
import type { WayInList } from '../../model/way-in.ts';
import { inSteps } from '../query.ts';
import type { WaysInArgs } from '../query.ts';
import type { EndSet } from '../refs/end-set.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import type { ReachIndex } from '../reach-index.ts';
import { atParameter } from './at-parameter.ts';
import { missingForLists, problemsOf } from './completeness.ts';
import { emptiness } from './ends.ts';
import { allWays, waysInto } from './ways-in/all-ways.ts';
import { missingForWaysIn, unseenEntryKinds } from './ways-in/entry-coverage.ts';
import { explainWay } from './ways-in/explain-way.ts';
import { lookForControllers } from './ways-in/find-controller.ts';
import { hiddenRoutes } from './ways-in/hidden-parts.ts';
import { WayMemo, judgeWay } from './ways-in/judge-way.ts';
import type { WayDraft } from './ways-in/way.ts';

/**
 * Every way by which traffic from outside comes in, and whether it reaches its pods: Ingresses, routes
 * of Gateways, Services, ports of nodes (semantics R2.13, R2.18, 5.7). Those that are closed are rows
 * as well.
 */
export const waysIn = inSteps<WaysInArgs, WayInList>(function* (index, { of }) {
  const end =
    of === undefined
      ? undefined
      : atParameter('of', () => resolveRef(index.directory, of, 'subject'));
  yield* lookForControllers(index);
  const drafts =
    end === undefined
      ? yield* allWays(index)
      : (yield* waysInto(index, namespacesOf(index, end))).filter(leadsTo(end));
  const memo = new WayMemo();
  const verdicts: Verdict[] = [];
  for (const draft of drafts) {
    verdicts.push(judgeWay(index, draft, memo).verdict);
    yield;
  }
  const count = (wanted: Verdict): number => verdicts.filter((one) => one === wanted).length;
  const { snapshot } = index.view;
  const missing = [...missingForLists(index), ...missingForWaysIn(snapshot)];
  const empty = end === undefined ? undefined : emptiness(index, end);
  const hidden = [...snapshot.namespaces.values()].flatMap(
    (chunk) => hiddenRoutes(index.view, chunk) ?? [],
  );
  const reasons: Reason[] = [...missing, ...hidden, ...unseenEntryKinds(snapshot)];
  const undetermined = count('UNDETERMINED');
  return {
    totalCount: drafts.length,
    complete: missing.length + hidden.length === 0 && undetermined === 0,
    counts: {
      allowed: count('ALLOWED'),
      denied: count('DENIED'),
      partial: count('PARTIAL'),
      undetermined,
    },
    reasons: [...reasons, ...(empty === undefined ? [] : [empty])].map(withPage),
    problems: problemsOfWays(index),
    slice: (start, length) =>
      drafts
        .slice(start, start + length)
        .map((draft) => explainWay(index, judgeWay(index, draft, memo))),
  };
});

/** Namespaces whose ways in can lead to `end`. */
function namespacesOf({ view }: ReachIndex, { pods, service }: EndSet): ReadonlySet<string> {
  const names = pods.map((pod) => view.namespaceOf(pod).name);
  return new Set([...names, ...(service === undefined ? [] : [service.namespace.name])]);
}

/** Ways to a pod of the end, or to the very Service, with pods or without. */
function leadsTo({ pods, service }: EndSet): (draft: WayDraft) => boolean {
  const wanted = new Set(pods);
  return ({ backend }) => {
    if (backend === undefined) return false;
    const { kind, namespace, name } = backend.name;
    const isService =
      kind === 'Service' && namespace === service?.namespace.name && name === service.service.name;
    return isService || backend.pods.some((pod) => wanted.has(pod));
  };
}

/** Those of every list, and those of objects that only matter here. */
function problemsOfWays({ view }: ReachIndex): Problem[] {
  const { problems } = view.snapshot;
  const own = problems.filter(
    ({ object, affectsVerdicts, severity }) =>
      !affectsVerdicts && severity === 'error' && ENTRY_OBJECT.test(object),
  );
  return [...problemsOf(view.snapshot), ...own].slice(0, PROBLEMS_MAX);
}

const PROBLEMS_MAX = 100;
const ENTRY_OBJECT = /^(?:Ingress|IngressClass|Gateway|GatewayClass|ReferenceGrant|\w*Route) /;
