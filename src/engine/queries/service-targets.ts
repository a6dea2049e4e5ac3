import {
  NO_CONNECTIONS,
  PORT_MAX,
  PORT_MIN,
  connectionsOf,
  hasPort,
  portRangesOf,
  subtract,
  union,
} from '../../model/connection-set.ts';
import type { ConnectionSet, PortRange } from '../../model/connection-set.ts';
import {
  mergeRanges,
  parseAddress,
  parseCidr,
  printRange,
  singleAddress,
} from '../../model/address.ts';
import type { Address, AddressRange, Family } from '../../model/address.ts';
import type { Reason, ServiceResolution } from '../../model/answer.ts';
import type { Service, ServicePort } from '../../model/snapshot.ts';
import { missingKind } from '../missing.ts';
import type { NodeOrdinal, PodOrdinal, ViewService } from '../model-view.ts';
import type { AskedPorts } from '../refs/parse-port.ts';
import { endpointsOf } from '../refs/service-endpoints.ts';
import type { ServiceEndpoints, ServiceMember } from '../refs/service-endpoints.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { PartyId } from '../party.ts';
import type { PortView } from './case-result.ts';
import type { TargetGroup } from './cases.ts';
import { countPods } from '../count-pods.ts';
import { fixedPorts, groupByParty, targetsOf } from './ends.ts';
import type { EndMembers } from './ends.ts';

/** What a Service as a destination adds to a resolved ref. */
export interface ServiceTargets {
  readonly groups: readonly TargetGroup[];
  readonly empty: Reason | undefined;
  readonly notes: readonly Reason[];
  /** In the Service's own ports. */
  readonly asked: ConnectionSet;
  readonly resolution: ServiceResolution;
  /** Some asked name is no port of the Service. */
  readonly unmet: boolean;
}

/**
 * The endpoints of a Service with the asked ports translated for each (semantics R2.9-R2.13); a
 * headless Service translates nothing.
 */
export function serviceTargets(
  index: ReachIndex,
  target: ViewService,
  asked: AskedPorts,
): ServiceTargets {
  const endpoints = endpointsOf(index.view, target, index.options);
  const doubts = conflictDoubts(target);
  const base = {
    notes: serviceNotes(index, target, endpoints),
    resolution: resolutionOf(index, target, endpoints),
  };
  if (!endpoints.translates) {
    return { ...base, ...headlessTargets(index, target, endpoints, asked, doubts) };
  }
  const chosen = endpoints.ports.filter(({ port }) => isAsked(port, asked));
  const served = chosen.filter(({ endpoints }) => endpoints.length !== 0);
  // Beside ports that lead somewhere, one that leads nowhere is denied.
  const dead = served.length === 0 ? [] : chosen.filter(({ endpoints }) => endpoints.length === 0);
  const lacking = lackingPorts(target.service, asked);
  const unmet = lacksName(target.service, asked);
  const notes = [
    ...base.notes,
    ...(lacking.length !== 0 || unmet || chosen.length === 0 ? [noSuchPort(target)] : []),
    ...(dead.length === 0 ? [] : [noEndpoints(index, target)]),
  ];
  const askedSet = union(
    connectionsOf(chosen.map(({ port }) => rangeOf(port))),
    connectionsOf(lacking),
  );
  const members = translatedMembers(chosen, [...lacking, ...dead.map(({ port }) => rangeOf(port))]);
  const groups = members.flatMap(({ member, ports }) => {
    const view = portView(index, target, ports, doubts, member);
    return groupByParty(index, placeMember(index, member)).map((group) => ({
      ...group,
      ports: view,
    }));
  });
  const empty = groups.length !== 0 || chosen.length === 0 ? undefined : noEndpoints(index, target);
  return { ...base, notes, groups: mergeGroups(groups), empty, asked: askedSet, unmet };
}

type TranslatedPort = NonNullable<PortView['service']>[number];

/** Members with what each of the chosen ports leads to on them. */
function translatedMembers(
  chosen: ServiceEndpoints['ports'],
  lacking: readonly PortRange[],
): { member: ServiceMember; ports: TranslatedPort[] }[] {
  const members = new Map<string, { member: ServiceMember; ports: TranslatedPort[] }>();
  for (const { port, endpoints } of chosen) {
    for (const endpoint of endpoints) {
      const key = endpoint.pod === undefined ? addressKey(endpoint.address) : `pod:${endpoint.pod}`;
      const known = members.get(key) ?? { member: endpoint, ports: [] };
      const targets = connectionsOf(
        endpoint.targetPorts.map((to) => ({ protocol: port.protocol, from: to, to })),
      );
      known.ports.push({ port: rangeOf(port), targets });
      members.set(key, known);
    }
  }
  const none = lacking.map((port) => ({ port, targets: NO_CONNECTIONS }));
  return [...members.values()].map(({ member, ports }) => ({ member, ports: [...ports, ...none] }));
}

function portView(
  index: ReachIndex,
  { service }: ViewService,
  ports: readonly TranslatedPort[],
  doubts: readonly Reason[],
  member: ServiceMember,
): PortView {
  const outside = service.type === 'NodePort' || service.type === 'LoadBalancer';
  const external =
    member.pod === undefined &&
    member.address !== undefined &&
    index.view.ownerOf(member.address)?.kind !== 'node';
  return {
    asked: ports.reduce((set, { targets }) => union(set, targets), NO_CONNECTIONS),
    service: ports,
    viaService: true,
    doubts,
    ...(service.loadBalancerSourceRanges.length === 0 || service.type !== 'LoadBalancer'
      ? {}
      : { clients: clientRanges(service) }),
    masquerade:
      (outside || service.externalIPs.length !== 0) && service.externalTrafficPolicy === 'Cluster',
    ...(external ? { rivals: virtualAddresses(index, service, member.address.family) } : {}),
  };
}

/** Clients that the load balancer lets through (semantics R2.13). */
function clientRanges({ loadBalancerSourceRanges }: Service): AddressRange[] {
  return mergeRanges(loadBalancerSourceRanges.flatMap((text) => parseCidr(text)?.range ?? []));
}

/**
 * What policies see of a connection to an endpoint outside the cluster if they look before the
 * Service's address is rewritten (semantics R2.13, D15).
 */
function virtualAddresses(index: ReachIndex, service: Service, family: Family): PartyId[] {
  const known = service.clusterIPs.flatMap((text) => parseAddress(text) ?? []);
  const ranges = known.filter((address) => address.family === family).map(singleAddress);
  if (ranges.length === 0) return [index.partyOfUnknownAddress(family)];
  return index.partiesOfRanges(ranges).map(({ party }) => party);
}

/** Members of equal parties and equal ports are one group. */
function mergeGroups(groups: readonly TargetGroup[]): TargetGroup[] {
  const merged = new Map<string, TargetGroup>();
  for (const group of groups) {
    const { clients, ...ports } = group.ports;
    const key = JSON.stringify([group.party, group.families, ports, clients?.map(printRange)]);
    const known = merged.get(key);
    merged.set(
      key,
      known === undefined
        ? group
        : {
            ...group,
            pods: [...known.pods, ...group.pods],
            nodes: [...known.nodes, ...group.nodes],
            ranges: [...known.ranges, ...group.ranges],
          },
    );
  }
  return [...merged.values()];
}

function headlessTargets(
  index: ReachIndex,
  target: ViewService,
  { members }: ServiceEndpoints,
  asked: AskedPorts,
  doubts: readonly Reason[],
): Pick<ServiceTargets, 'groups' | 'empty' | 'asked' | 'unmet'> {
  const numbers = asked === 'any' ? asked : asked.map((port) => ownNumber(target.service, port));
  const resolved = members.map((member) =>
    targetsOf(index, groupByParty(index, placeMember(index, member)), numbers),
  );
  const groups = resolved.flatMap((one) => one.groups);
  const view = groups.map((group) => ({ ...group, ports: { ...group.ports, doubts } }));
  const empty = groups.length === 0 ? noEndpoints(index, target) : undefined;
  const named = groups.reduce((set, group) => union(set, group.ports.asked), fixedPorts(numbers));
  const unmet = resolved.length !== 0 && resolved.every(({ undeclared }) => undeclared);
  return { groups: mergeGroups(view), empty, asked: named, unmet };
}

/** A name the Service gives one of its ports is that port's number. */
function ownNumber(
  service: Service,
  port: Exclude<AskedPorts, 'any'>[number],
): Exclude<AskedPorts, 'any'>[number] {
  if (port.kind === 'range') return port;
  const own = service.ports.find(
    ({ name, protocol }) => name === port.name && protocol === port.protocol,
  );
  return own === undefined ? port : { kind: 'range', ...rangeOf(own) };
}

function placeMember(index: ReachIndex, { pod, address, families }: ServiceMember): EndMembers {
  const base = families === undefined ? {} : { families };
  if (pod !== undefined) return { pods: [pod], nodes: [], ranges: [], ...base };
  const owner = address === undefined ? undefined : index.view.ownerOf(address);
  const nodes: NodeOrdinal[] = owner?.kind === 'node' ? [owner.node] : [];
  const ranges: AddressRange[] =
    address === undefined || nodes.length !== 0 ? [] : [singleAddress(address)];
  return { pods: [], nodes, ranges, ...base };
}

function isAsked(port: ServicePort, asked: AskedPorts): boolean {
  if (asked === 'any') return true;
  return asked.some((one) =>
    one.kind === 'range'
      ? hasPort(connectionsOf([one]), port.protocol, port.port)
      : one.protocol === port.protocol && one.name === port.name,
  );
}

/** Whether a name was asked for that the Service gives none of its ports. */
function lacksName({ ports }: Service, asked: AskedPorts): boolean {
  if (asked === 'any') return false;
  return asked.some(
    (one) =>
      one.kind === 'name' &&
      !ports.some(({ name, protocol }) => name === one.name && protocol === one.protocol),
  );
}

/** Ports that were asked for by number and that the Service does not have; `tcp` asks for none. */
function lackingPorts(service: Service, asked: AskedPorts): PortRange[] {
  if (asked === 'any') return [];
  return asked.flatMap((one) => {
    if (one.kind !== 'range' || (one.from === PORT_MIN && one.to === PORT_MAX)) return [];
    const own = connectionsOf(service.ports.map(rangeOf));
    return portRangesOf(subtract(connectionsOf([one]), own));
  });
}

function noSuchPort({ namespace, service }: ViewService): Reason {
  const ports = service.ports.map(({ name, protocol, port }) => {
    const number = `${protocol.toLowerCase()}/${port}`;
    return name === undefined ? number : `${number} (${name})`;
  });
  const has = ports.length === 0 ? 'none' : ports.join(', ');
  return {
    code: 'NO_SUCH_SERVICE_PORT',
    message: `Service ${namespace.name}/${service.name} does not have every asked port; it has ${has}`,
  };
}

/** Why nothing is behind a Service; without EndpointSlices that is not known for one without a selector. */
function noEndpoints(index: ReachIndex, { namespace, service }: ViewService): Reason {
  const missing =
    service.selector === undefined && service.endpoints.length === 0
      ? missingKind(index.view.snapshot, 'EndpointSlice', namespace.name)
      : missingKind(index.view.snapshot, 'Pod', namespace.name);
  return (
    missing ?? {
      code: 'NO_ENDPOINTS',
      message: `Service ${namespace.name}/${service.name} has no endpoint for the asked ports`,
    }
  );
}

function conflictDoubts({ namespace, service }: ViewService): Reason[] {
  if (!service.conflict) return [];
  return [
    {
      code: 'CONFLICTING_OBJECTS',
      message: `Service ${namespace.name}/${service.name} is contradictory or cannot be read in full`,
    },
  ];
}

function serviceNotes(
  index: ReachIndex,
  { service, namespace }: ViewService,
  { usedFallback }: ServiceEndpoints,
): Reason[] {
  const notes: Reason[] = [];
  const name = `Service ${namespace.name}/${service.name}`;
  if (usedFallback !== undefined) {
    const message = `no endpoint of ${name} is ready; those still serving while they end are taken`;
    notes.push({ code: 'TERMINATING_ENDPOINTS', message });
  }
  const missing = missingKind(index.view.snapshot, 'EndpointSlice', namespace.name);
  if (missing !== undefined && service.endpoints.length === 0 && service.selector !== undefined) {
    const message = `the endpoints of ${name} are worked out from its selector, the dump has no EndpointSlices`;
    notes.push({ code: 'ENDPOINTS_FROM_SELECTOR', message });
  }
  if (service.internalTrafficPolicy === 'Local') {
    const message = `${name} keeps traffic on the client's node; endpoints elsewhere are judged as well`;
    notes.push({ code: 'INTERNAL_TRAFFIC_LOCAL', message });
  }
  return notes;
}

function resolutionOf(
  index: ReachIndex,
  target: ViewService,
  { ports }: ServiceEndpoints,
): ServiceResolution {
  return {
    service: index.directory.servicePeer(target),
    ports: ports.map(({ port, endpoints }) => {
      const counts = new Map<number, { pods: PodOrdinal[]; others: number }>();
      for (const { pod, targetPorts } of endpoints) {
        for (const number of targetPorts) {
          const known = counts.get(number) ?? { pods: [], others: 0 };
          if (pod === undefined) known.others += 1;
          else known.pods.push(pod);
          counts.set(number, known);
        }
      }
      return {
        ...(port.name === undefined ? {} : { name: port.name }),
        protocol: port.protocol,
        port: port.port,
        targets: [...counts]
          .sort(([a], [b]) => a - b)
          .map(([number, { pods, others }]) => ({
            port: number,
            podCount: countPods(index.view, pods) + others,
          })),
      };
    }),
  };
}

function rangeOf({ protocol, port }: ServicePort): PortRange {
  return { protocol, from: port, to: port };
}

function addressKey(address: Address | undefined): string {
  return address === undefined ? '' : `${address.family}:${address.value}`;
}
