import {
  compareRanges,
  intersectRanges,
  mergeRanges,
  singleAddress,
  subtractRanges,
} from '../../../model/address.ts';
import type { AddressRange, Family } from '../../../model/address.ts';
import type { Reason } from '../../../model/answer.ts';
import {
  ALL_PORTS,
  NO_CONNECTIONS,
  contains,
  isEmpty,
  portRangesOf,
  printConnections,
  subtract,
  union,
} from '../../../model/connection-set.ts';
import type { ConnectionSet } from '../../../model/connection-set.ts';
import type { Permitted, PermittedClass } from '../../../model/exposure.ts';
import type { Peer } from '../../../model/peer.ts';
import { appliesTo, rulesOf } from '../../../model/policy.ts';
import type { Direction, PeerAtom, Policy } from '../../../model/policy.ts';
import { BlockTable } from '../../pair/address-blocks.ts';
import type { PartyId } from '../../party.ts';
import type { ReachIndex } from '../../reach-index.ts';
import { resolveInternet } from '../../refs/resolve-addresses.ts';
import { NOT_OPEN, addOpenPorts, familiesOfParty, isClosed, strangersReach } from './strangers.ts';
import type { OpenPorts } from './strangers.ts';

/** Ranges told per row; all are counted. */
const RANGES_MAX = 10;

/** Internet addresses that the policies of some pods treat alike in one direction. */
export interface InternetPart {
  readonly family: Family;
  /** Canonical; owned addresses are not cut out of what is printed (semantics 5.2). */
  readonly ranges: readonly AddressRange[];
  /** A party that stands for all of them. */
  readonly party: PartyId;
  readonly ports: OpenPorts;
}

/** What the internet may open, or have opened, in the families that it shares with the pods. */
export type InternetSide = readonly InternetPart[];

/** The internet, whatever policies there are. */
interface Internet {
  readonly peer: Peer;
  readonly ranges: readonly AddressRange[];
}

/** Does not depend on the question. */
const INTERNET = new WeakMap<ReachIndex, Internet>();

function internetOf(index: ReachIndex): Internet {
  const known = INTERNET.get(index);
  if (known !== undefined) return known;
  const { peer, askedRanges = [] } = resolveInternet(index.directory);
  const made = { peer, ranges: askedRanges };
  INTERNET.set(index, made);
  return made;
}

/**
 * What the pods of `party` may open to the internet, or have opened by it. Their own policies alone
 * cut it: one address of each part answers for all.
 */
export function internetSide(
  index: ReachIndex,
  party: PartyId,
  direction: Direction,
): InternetSide {
  const families = familiesOfParty(index, party);
  return cutInternet(index, blocksOf(index.policiesOf(party), direction)).flatMap((part) => {
    if (families !== 'unknown' && !families.includes(part.family)) return [];
    const [from, to] = direction === 'INGRESS' ? [part.party, party] : [party, part.party];
    return [{ ...part, ports: strangersReach(index, from, to) }];
  });
}

/** What every address may open where no policy applies: the pod is its node. */
export function unpolicedSide(index: ReachIndex): InternetSide {
  return cutInternet(index, []).map((part) => ({ ...part, ports: UNPOLICED }));
}

const UNPOLICED: OpenPorts = { allowed: ALL_PORTS, undetermined: NO_CONNECTIONS, reasons: [] };

type AddressAtom = PeerAtom & { readonly kind: 'addresses' };

/** The address blocks that rules of one direction name. */
function blocksOf(policies: readonly Policy[], direction: Direction): AddressAtom[] {
  return policies
    .filter((policy) => appliesTo(policy, direction))
    .flatMap((policy) => rulesOf(policy, direction))
    .flatMap(({ peers }) => (peers === 'every' ? [] : peers))
    .flatMap(({ atom }) => (atom.kind === 'addresses' ? [atom] : []));
}

/** Most pods have the same few blocks, or none. */
const CUTS = new WeakMap<ReachIndex, Map<string, readonly Omit<InternetPart, 'ports'>[]>>();
/** Cuts kept per index; beyond it they are forgotten. */
const CUTS_MAX = 1_000;

/** The internet along the borders of `blocks`; parts that pods and nodes own altogether are left out. */
function cutInternet(
  index: ReachIndex,
  blocks: readonly AddressAtom[],
): readonly Omit<InternetPart, 'ports'>[] {
  const cuts = CUTS.get(index) ?? new Map<string, readonly Omit<InternetPart, 'ports'>[]>();
  CUTS.set(index, cuts);
  const texts = blocks.map(({ cidr, except }) => [cidr, ...except].join(' '));
  const key = [...new Set(texts)].sort().join(',');
  const known = cuts.get(key);
  if (known !== undefined) return known;
  const table = new BlockTable();
  for (const { cidr, except } of blocks) table.idOf(cidr, except);
  const { ranges } = internetOf(index);
  const parts = table.build().atoms.flatMap((atom) => {
    const inside = intersectRanges(atom.ranges, ranges);
    const [free] = inside.filter((range) => !isOwned(index, range));
    if (free === undefined) return [];
    const first = singleAddress({ family: free.family, value: free.first });
    const [placed] = index.partiesOfRanges([first]);
    return placed === undefined
      ? []
      : [{ family: atom.family, ranges: inside, party: placed.party }];
  });
  if (cuts.size === CUTS_MAX) cuts.clear();
  cuts.set(key, parts);
  return parts;
}

function isOwned({ view }: ReachIndex, range: AddressRange): boolean {
  return range.last - range.first + 1n <= BigInt(view.countOwnedByEnds(range));
}

/** What any of several pods may: their sides laid over each other. */
export function joinSides(sides: readonly InternetSide[]): InternetSide {
  const [first = [], ...rest] = [...new Set(sides)];
  return rest.reduce<InternetSide>(overlay, first);
}

function overlay(a: InternetSide, b: InternetSide): InternetSide {
  const both = a.flatMap((one) =>
    b.flatMap((other) => {
      const ranges = intersectRanges(one.ranges, other.ranges);
      const ports = addOpenPorts(one.ports, other.ports);
      return ranges.length === 0 ? [] : [{ ...one, ranges, ports }];
    }),
  );
  return [...both, ...outside(a, b), ...outside(b, a)];
}

/** Parts of `side` in a family that `other` does not have. */
function outside(side: InternetSide, other: InternetSide): InternetPart[] {
  const holes = other.flatMap(({ ranges }) => ranges);
  return side.flatMap((part) => {
    const ranges = subtractRanges(part.ranges, holes);
    return ranges.length === 0 ? [] : [{ ...part, ranges }];
  });
}

/** Ports that some address may use, over all of `side`. */
export function portsOfSide(side: InternetSide): OpenPorts {
  return side.reduce<OpenPorts>((sum, { ports }) => addOpenPorts(sum, ports), NOT_OPEN);
}

/**
 * The class of one pod (semantics 5.7). Where what is not certain could make it another one, it is
 * not determined.
 */
export function classOf(side: InternetSide): PermittedClass {
  const certain = classify(side, ({ allowed }) => allowed);
  const possible = classify(side, ({ allowed, undetermined }) => union(allowed, undetermined));
  return certain === possible ? certain : 'UNDETERMINED';
}

function classify(side: InternetSide, portsOf: (one: OpenPorts) => ConnectionSet): PermittedClass {
  const sets = side.map(({ ports }) => portsOf(ports));
  const some = sets.filter((set) => !isEmpty(set));
  if (some.length === 0) return 'NONE';
  if (some.length !== sets.length) return 'RANGES';
  return some.every((set) => contains(set, ALL_PORTS)) ? 'OPEN' : 'PORTS';
}

/** Which of several classes is the most open. */
export function widest(classes: readonly PermittedClass[]): PermittedClass {
  return WIDEST_FIRST.find((one) => classes.includes(one)) ?? 'NONE';
}

const WIDEST_FIRST: readonly PermittedClass[] = [
  'OPEN',
  'UNPOLICED',
  'UNDETERMINED',
  'PORTS',
  'RANGES',
  'NONE',
];

/** `side` as answers tell it. */
export function permittedOf(
  index: ReachIndex,
  side: InternetSide,
  permitted: PermittedClass,
): Permitted {
  const total = portsOfSide(side);
  const rows = equalRights(side);
  return {
    class: permitted,
    ports: portRangesOf(total.allowed),
    undetermined: portRangesOf(subtract(total.undetermined, total.allowed)),
    ranges: rows.slice(0, RANGES_MAX).map(({ ports, ranges, isAll }) => ({
      peer: isAll ? internetOf(index).peer : index.directory.rangePeer(ranges),
      ports: portRangesOf(ports.allowed),
      undetermined: portRangesOf(subtract(ports.undetermined, ports.allowed)),
    })),
    rangeCount: rows.length,
  };
}

interface RightsOfRanges {
  readonly ports: OpenPorts;
  readonly ranges: readonly AddressRange[];
  /** Every internet address that has a family in common with the pods has them. */
  readonly isAll: boolean;
}

/** Addresses with equal rights together, those with none left out; by first address. */
function equalRights(side: InternetSide): RightsOfRanges[] {
  const rows = new Map<string, { ports: OpenPorts; ranges: AddressRange[]; parts: number }>();
  for (const { ports, ranges } of side) {
    if (isClosed(ports)) continue;
    const key = [ports.allowed, ports.undetermined].map(printConnections).join('|');
    const row = rows.get(key) ?? { ports, ranges: [], parts: 0 };
    row.ranges.push(...ranges);
    row.parts += 1;
    rows.set(key, row);
  }
  return [...rows.values()]
    .map(({ ports, ranges, parts }) => ({
      ports,
      ranges: mergeRanges(ranges),
      isAll: parts === side.length,
    }))
    .sort((a, b) => compareFirst(a.ranges, b.ranges));
}

function compareFirst([a]: readonly AddressRange[], [b]: readonly AddressRange[]): number {
  return a === undefined || b === undefined ? 0 : compareRanges(a, b);
}

/** Why something is not determined, over all of `side`. */
export function reasonsOfSide(side: InternetSide): readonly Reason[] {
  return portsOfSide(side).reasons;
}
