import type { Reason } from '../../../model/answer.ts';
import { NO_CONNECTIONS, isEmpty, union } from '../../../model/connection-set.ts';
import { casesOf } from '../cases.ts';
import type { TargetGroup } from '../cases.ts';
import { groupByParty } from '../ends.ts';
import { WayMemo, judgeWay } from '../ways-in/judge-way.ts';
import type { JudgedWay } from '../ways-in/judge-way.ts';
import type { ReachIndex } from '../../reach-index.ts';
import { resolveInternet } from '../../refs/resolve-addresses.ts';
import type { PodEntry } from './entry-paths.ts';
import type { InternetSide } from './internet.ts';
import { NOT_OPEN, addOpenPorts } from './strangers.ts';
import type { OpenPorts } from './strangers.ts';

/** The memory of ways in that are judged for clients of the internet alone. */
export function internetMemo(index: ReachIndex): WayMemo {
  const { ranges } = resolveInternet(index.directory);
  return new WayMemo(groupByParty(index, { pods: [], nodes: [], ranges }));
}

/**
 * Ports that internet clients may open through `entry`, judged on the address that policies see
 * (semantics R2.13). Through a controller, they must be let in to it and it to the pods (5.7).
 *
 * @param ingress what the internet may open on the pods, where nobody stands between
 */
export function openThrough(
  index: ReachIndex,
  entry: PodEntry,
  target: Omit<TargetGroup, 'ports'>,
  { ingress, memo }: { readonly ingress: InternetSide; readonly memo: WayMemo },
): OpenPorts {
  const { way, backend, ports } = entry;
  const group = { ...target, ports };
  if (isDirect(entry)) return unlessDoubtful(directly(index, group, ingress), way.doubts);
  const narrowed = { ...backend, groups: [group], pods: target.pods };
  return openOf(judgeWay(index, { ...way, backend: narrowed }, memo), group);
}

/** Whether outside clients meet the pods themselves. */
export function isDirect({ way: { via, controller } }: PodEntry): boolean {
  return controller === undefined && via.type !== 'GATEWAY';
}

function directly(index: ReachIndex, target: TargetGroup, ingress: InternetSide): OpenPorts {
  const { party, ports } = target;
  if (index.party(party).kind === 'node') return { ...NOT_OPEN, allowed: ports.asked };
  return ingress
    .flatMap((part) =>
      casesOf(index, { party: part.party, pods: [], nodes: [], ranges: part.ranges }, target),
    )
    .reduce<OpenPorts>(
      (sum, { result }) =>
        addOpenPorts(sum, {
          allowed: result.allowed,
          undetermined: result.undetermined,
          reasons: isEmpty(result.undetermined) ? [] : result.doubts,
        }),
      NOT_OPEN,
    );
}

/** Nothing is certain of what may be other than it looks. */
function unlessDoubtful(open: OpenPorts, doubts: readonly Reason[]): OpenPorts {
  if (doubts.length === 0) return open;
  return {
    allowed: NO_CONNECTIONS,
    undetermined: union(open.allowed, open.undetermined),
    reasons: [...doubts, ...open.reasons],
  };
}

function openOf(
  { draft, controller, legs, verdict }: JudgedWay,
  { ports }: TargetGroup,
): OpenPorts {
  if (verdict === 'DENIED') return NOT_OPEN;
  if (verdict === 'UNDETERMINED') {
    const reasons = [
      ...draft.doubts,
      ...(controller?.doubts ?? []),
      ...(controller?.notes ?? []),
      ...legs.filter((leg) => leg.verdict === 'UNDETERMINED').flatMap((leg) => leg.why().reasons),
    ];
    return { allowed: NO_CONNECTIONS, undetermined: ports.asked, reasons };
  }
  const allowed = legs.find(({ leg }) => leg === 'BACKEND')?.allowed ?? NO_CONNECTIONS;
  return { ...NOT_OPEN, allowed };
}
