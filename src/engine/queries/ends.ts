import type { AddressRange, Family } from '../../model/address.ts';
import { ALL_PORTS, NO_CONNECTIONS, connectionsOf, union } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Reason } from '../../model/answer.ts';
import { missingKind } from '../missing.ts';
import type { NodeOrdinal, PodOrdinal } from '../model-view.ts';
import { namedPorts } from '../named-ports.ts';
import type { AskedPorts } from '../refs/parse-port.ts';
import type { EndSet } from '../refs/end-set.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { PartyId } from '../party.ts';
import type { PortView } from './case-result.ts';
import type { EndGroup, TargetGroup } from './cases.ts';

/** Pods, nodes and unowned addresses of one end. */
export interface EndMembers {
  readonly pods: readonly PodOrdinal[];
  readonly nodes: readonly NodeOrdinal[];
  readonly ranges: readonly AddressRange[];
  readonly families?: readonly Family[];
}

/** The members of an end by party, in first-member order; finished pods are left out. */
export function groupByParty(index: ReachIndex, members: EndMembers): EndGroup[] {
  if (!isOthers(index, members)) return groupMembers(index, members);
  const known = GROUPS_OF_OTHERS.get(index) ?? groupMembers(index, members);
  GROUPS_OF_OTHERS.set(index, known);
  return [...known];
}

/** Pods without a name are always asked for together, and can be most of a cluster. */
const GROUPS_OF_OTHERS = new WeakMap<ReachIndex, readonly EndGroup[]>();

function isOthers(
  { directory, view }: ReachIndex,
  { pods, nodes, ranges, families }: EndMembers,
): boolean {
  const [first] = pods;
  if (first === undefined || !view.isOther(first)) return false;
  if (families !== undefined || nodes.length + ranges.length !== 0) return false;
  return pods === directory.others?.pods;
}

function groupMembers(index: ReachIndex, members: EndMembers): EndGroup[] {
  const parties = new Map<
    PartyId,
    { pods: PodOrdinal[]; nodes: NodeOrdinal[]; ranges: AddressRange[] }
  >();
  const at = (
    party: PartyId,
  ): { pods: PodOrdinal[]; nodes: NodeOrdinal[]; ranges: AddressRange[] } => {
    const known = parties.get(party) ?? { pods: [], nodes: [], ranges: [] };
    parties.set(party, known);
    return known;
  };
  for (const pod of members.pods) {
    const party = index.partyOfPod(pod);
    if (party !== undefined) at(party).pods.push(pod);
  }
  for (const node of members.nodes) at(index.partyOfNode(node)).nodes.push(node);
  if (members.ranges.length !== 0) {
    for (const { party, ranges } of index.partiesOfRanges(members.ranges)) {
      at(party).ranges.push(...ranges);
    }
  }
  const { families } = members;
  const groups = [...parties].map(([party, group]): EndGroup => ({
    party,
    ...group,
    ...(families === undefined ? {} : { families }),
  }));
  return index.arrange === undefined ? groups : [...index.arrange(groups)];
}

/**
 * Destination groups with the asked ports as their pods see them: a name resolves per pod, so pods
 * that resolve it differently are different groups. Pods that do not declare it have no case.
 *
 * `undeclared`: some asked name is declared by no pod at all.
 */
export function targetsOf(
  index: ReachIndex,
  groups: readonly EndGroup[],
  asked: AskedPorts,
): { groups: TargetGroup[]; undeclared: boolean } {
  const ports = plainPorts(asked);
  const fixed = ports.asked;
  const names = asked === 'any' ? [] : asked.filter((port) => port.kind === 'name');
  if (names.length === 0) {
    return { groups: groups.map((group) => ({ ...group, ports })), undeclared: false };
  }
  const declared = new Set<unknown>();
  const targets = groups.flatMap((group): TargetGroup[] => {
    const byPorts = new Map<string, { ports: ConnectionSet; pods: PodOrdinal[] }>();
    for (const pod of group.pods) {
      let ports = fixed;
      for (const asking of names) {
        const { name, protocol } = asking;
        for (const port of namedPorts(index.view.pod(pod), name, protocol, index.options)) {
          declared.add(asking);
          ports = union(ports, connectionsOf([{ protocol, from: port, to: port }]));
        }
      }
      const key = JSON.stringify(ports);
      const known = byPorts.get(key) ?? { ports, pods: [] };
      known.pods.push(pod);
      byPorts.set(key, known);
    }
    const named = [...byPorts.values()]
      .filter(({ ports }) => ports !== NO_CONNECTIONS)
      .map(({ ports, pods }) => ({
        ...group,
        pods,
        nodes: [],
        ranges: [],
        ports: { asked: ports, viaService: false },
      }));
    const unnamed = group.nodes.length + group.ranges.length;
    const rest =
      unnamed === 0 || fixed === NO_CONNECTIONS
        ? []
        : [{ ...group, pods: [], ports: { asked: fixed, viaService: false } }];
    return [...named, ...rest];
  });
  return { groups: targets, undeclared: names.some((name) => !declared.has(name)) };
}

/** The asked ports that are numbers, on whatever destination; one object for one `asked`. */
export function plainPorts(asked: AskedPorts): PortView {
  if (asked === 'any') return ANY_PORT;
  const ports = PLAIN.get(asked) ?? { asked: fixedPorts(asked), viaService: false };
  PLAIN.set(asked, ports);
  return ports;
}

const ANY_PORT: PortView = { asked: ALL_PORTS, viaService: false };
const PLAIN = new WeakMap<Exclude<AskedPorts, 'any'>, PortView>();

/** The asked ports that are numbers; `any` is every port of every protocol. */
export function fixedPorts(asked: AskedPorts): ConnectionSet {
  if (asked === 'any') return ALL_PORTS;
  return connectionsOf(asked.flatMap((port) => (port.kind === 'range' ? [port] : [])));
}

/** Why an end has no case at all, or undefined when it has members that could. */
export function emptiness(index: ReachIndex, end: EndSet): Reason | undefined {
  if (end.nodes.length + end.ranges.length !== 0) return undefined;
  if (end.pods.some((pod) => index.partyOfPod(pod) !== undefined)) return undefined;
  const name = end.peer.ref;
  const unknown = unknownMembers(index, end);
  if (unknown !== undefined) return unknown;
  if (end.pods.length !== 0) {
    return { code: 'NOT_RUNNING', message: `every pod of \`${name}\` has finished` };
  }
  return isScaledToZero(end)
    ? { code: 'NOT_RUNNING', message: `\`${name}\` has no pods: it runs none at the moment` }
    : { code: 'NO_PODS', message: `\`${name}\` selects no pod` };
}

/** Why an end has no pods, for questions about pods alone; undefined when it has some. */
export function podless({ pods, peer }: EndSet): Reason | undefined {
  if (pods.length !== 0) return undefined;
  return { code: 'NO_PODS', message: `\`${peer.ref}\` holds no pod, and only pods have policies` };
}

/** An end without members may have some that a dump does not have (contract 3). */
function unknownMembers(index: ReachIndex, { service }: EndSet): Reason | undefined {
  const { snapshot } = index.view;
  if (snapshot.source !== 'LIVE') return undefined;
  const byHand = service !== undefined && service.service.selector === undefined;
  const slices = byHand && service.service.endpoints.length === 0;
  return slices
    ? missingKind(snapshot, 'EndpointSlice', service.namespace.name)
    : missingKind(snapshot, 'Pod');
}

const NO_WORKLOAD = new Set(['AddressRange', 'Namespace', 'Node', 'Pod', 'PodSet', 'Service']);

function isScaledToZero({ peer }: EndSet): boolean {
  return peer.podCount === 0 && !NO_WORKLOAD.has(peer.kind);
}
