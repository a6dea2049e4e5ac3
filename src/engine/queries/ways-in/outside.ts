import { mergeRanges } from '../../../model/address.ts';
import type { AddressRange } from '../../../model/address.ts';
import type { Verdict } from '../../../model/answer.ts';
import type { Peer } from '../../../model/peer.ts';
import { nodeOrdinals } from '../../model-view.ts';
import type { ReachIndex } from '../../reach-index.ts';
import { splitClients } from '../cases.ts';
import type { EndGroup, TargetGroup } from '../cases.ts';
import { groupByParty } from '../ends.ts';
import { defaultMembers } from '../list-ends.ts';

/** Addresses outside of the cluster, cut where policies tell them apart; the same for all questions. */
const OUTSIDE = new WeakMap<ReachIndex, readonly EndGroup[]>();

/** Every address that nothing in the snapshot owns. */
export function outsideGroups(index: ReachIndex): readonly EndGroup[] {
  const known = OUTSIDE.get(index);
  if (known !== undefined) return known;
  const { ranges } = defaultMembers(index, { nodes: false, external: true });
  const groups = groupByParty(index, { pods: [], nodes: [], ranges });
  OUTSIDE.set(index, groups);
  return groups;
}

/** `clients`, cut along the source ranges of load balancers as well. */
export function clientGroups(
  clients: readonly EndGroup[],
  targets: readonly TargetGroup[],
): readonly EndGroup[] {
  return targets.reduce<readonly EndGroup[]>((parts, { ports }) => {
    const letIn = ports.clients;
    if (letIn === undefined) return parts;
    return parts.flatMap((part) => splitClients(part, letIn).map(({ group }) => group));
  }, clients);
}

/** Whatever may stand in front of the cluster: outside addresses, and nodes that pass on. */
export function anySourceGroups(index: ReachIndex): readonly EndGroup[] {
  const nodes = groupByParty(index, {
    pods: [],
    nodes: [...nodeOrdinals(index.view)],
    ranges: [],
  });
  return [...outsideGroups(index), ...nodes];
}

/** How answers name everything outside. */
export function outsidePeer(index: ReachIndex): Peer {
  return peerOf(index, outsideGroups(index));
}

/** Ranges of `groups` by verdict, the most open first; those that are denied are left out. */
export function clientsByVerdict(
  index: ReachIndex,
  judged: readonly { readonly group: EndGroup; readonly verdict: Verdict }[],
): { readonly from: Peer; readonly verdict: Verdict }[] {
  return (['ALLOWED', 'PARTIAL', 'UNDETERMINED'] as const).flatMap((verdict) => {
    const groups = judged.filter((one) => one.verdict === verdict).map(({ group }) => group);
    return groups.length === 0 ? [] : [{ from: peerOf(index, groups), verdict }];
  });
}

function peerOf(index: ReachIndex, groups: readonly EndGroup[]): Peer {
  const ranges: AddressRange[] = groups.flatMap((group) => group.ranges);
  return index.directory.rangePeer(mergeRanges(ranges));
}
