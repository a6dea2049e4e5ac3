import { countReachablePairs } from '../../src/engine/index/count-pairs.ts';
import type { FlatIndex } from '../../src/engine/index/flat-index.ts';
import type { FlatKernel } from '../../src/engine/index/flat-kernel.ts';
import type { NodeOrdinal, PodOrdinal } from '../../src/engine/model-view.ts';
import type { PartyId } from '../../src/engine/party.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { Family } from '../../src/model/address.ts';
import {
  ALL_PORTS,
  PROTOCOLS,
  equalConnections,
  hasPort,
  intersect,
  isEmpty,
  printConnections,
  union,
} from '../../src/model/connection-set.ts';
import { DIRECTIONS } from '../../src/model/policy.ts';
import type { NamespaceScope, Rule } from '../../src/model/policy.ts';

/*
 * The flat engine against the clear one: every ordered pair of parties in every family, both legs, what
 * they come to, single ports, candidates, counts, policies and isolation.
 */

const FAMILIES: readonly (Family | null)[] = [4, 6, null];
const PORTS = [1, 53, 79, 80, 81, 443, 8080, 65535];

/** What the two engines were asked, and how often the flat one could not say. */
export interface Tally {
  /** Whether nothing but addresses is in doubt. */
  readonly plain: boolean;
  /** One pair in so many is compared. */
  readonly stride: number;
  pairs: number;
  unknown: number;
  /** Not certain in the flat engine, certain in the clear one. */
  humble: number;
  candidates: number;
  idle: number;
}

/** Nothing was asked yet. */
export const emptyTally = (plain = false, stride = 1): Tally => ({
  plain,
  stride,
  pairs: 0,
  unknown: 0,
  humble: 0,
  candidates: 0,
  idle: 0,
});

/** The parties of the clear engine that stand for each party of the flat one: seldom two. */
function counterparts(flat: FlatIndex, clear: ReachIndex, wrong: string[]): PartyId[][] {
  const { view } = clear;
  const result: PartyId[][] = [];
  for (let i = 0; i < flat.podParties; i += 1) {
    const pods = flat.partyPods.subarray(flat.partyPodStart[i], flat.partyPodStart[i + 1]);
    const parties = new Set([...pods].map((pod) => clear.partyOfPod(pod as PodOrdinal)));
    result.push([...parties].flatMap((party) => party ?? []));
  }
  for (let i = 0; i < view.nodes.length; i += 1) result.push([clear.partyOfNode(i as NodeOrdinal)]);
  result.push([clear.partyOfUnknownNode()]);
  for (let i = flat.atomStart; i < flat.unknownAddressStart; i += 1) {
    const [range] = flat.atomRanges(i as PartyId);
    if (range === undefined) throw new Error(`atom ${i} is empty`);
    const [part] = clear.partiesOfRanges([{ ...range, last: range.first }]);
    if (part === undefined) throw new Error('no party');
    result.push([part.party]);
    const whole = clear.party(part.party);
    const ranges = whole.kind === 'addresses' ? whole.ranges : [];
    if (show(ranges) !== show(flat.atomRanges(i as PartyId))) wrong.push(`atom ${i} is another`);
  }
  result.push([clear.partyOfUnknownAddress(4)], [clear.partyOfUnknownAddress(6)]);
  return result;
}

/** As JSON, with addresses in decimal. */
export function show(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}` : one));
}

/** Everything in which the flat engine differs from the clear one. */
export function differences(flat: FlatKernel, clear: ReachIndex, tally: Tally): string[] {
  const wrong: string[] = [];
  const clearOf = counterparts(flat, clear, wrong);
  if (wrong.length !== 0) return wrong;
  const { snapshot } = clear.view;
  const policies = [snapshot.cluster, ...clear.view.namespaces].flatMap((chunk) => chunk.policies);
  const reads = policies.some(
    ({ subject, ingress, egress }) =>
      tellsApart(subject.namespaces) || [...ingress, ...egress].some(readsLabels),
  );
  if (flat.readsNamespaceLabels !== reads) wrong.push(`namespace labels are read: ${reads}`);
  const may = new Set<number>();
  for (let s = 0; s < flat.partyCount; s += 1) {
    for (let d = 0; d < flat.partyCount; d += 1) {
      if (!isSampled(s, d, tally)) continue;
      const [a, b] = [s as PartyId, d as PartyId];
      const asked = askedFamilies(flat, a, b);
      const twins = (clearOf[s] ?? []).flatMap((x) =>
        (clearOf[d] ?? []).map((y) => [x, y] as const),
      );
      for (const twin of twins) {
        for (const family of FAMILIES) {
          const open = comparePair(flat, clear, [a, b], twin, family, wrong, tally);
          if (open && asked.includes(family)) may.add(s * flat.partyCount + d);
        }
      }
    }
  }
  if (tally.stride === 1 || tally.pairs < 30_000) compareCount(flat, clear, clearOf, wrong, tally);
  compareSides(flat, may, wrong, tally);
  for (let party = 0; party < flat.partyCount; party += 1) {
    for (const twin of clearOf[party] ?? []) compareSubject(flat, clear, party, twin, wrong);
  }
  return wrong;
}

/** Whether a rule tells namespaces apart by more than their names. */
function readsLabels({ peers }: Rule): boolean {
  if (peers === 'every') return false;
  return peers.some(({ atom }) => atom.kind === 'pods' && tellsApart(atom.selection.namespaces));
}

function tellsApart(scope: NamespaceScope): boolean {
  if (scope.kind === 'named') return false;
  return scope.selector.requirements.some(({ key }) => key !== 'kubernetes.io/metadata.name');
}

function isSampled(s: number, d: number, { stride }: Tally): boolean {
  return (7919 * s + d) % stride === 0;
}

/** Whether candidates are ascending, lack nobody of `may`, and how many they are too many. */
function compareSides(
  flat: FlatIndex,
  may: ReadonlySet<number>,
  wrong: string[],
  tally: Tally,
): void {
  for (let party = 0; party < flat.partyCount; party += 1) {
    for (const side of ['sourcesOf', 'destinationsOf'] as const) {
      const found = flat[side](party as PartyId);
      if (found.some((one, i) => i !== 0 && one <= (found[i - 1] ?? 0))) {
        wrong.push(`${side} not ascending`);
      }
      for (let other = 0; other < flat.partyCount; other += 1) {
        if (party >= flat.podParties && other >= flat.podParties) continue;
        const [s, d] = side === 'sourcesOf' ? [other, party] : [party, other];
        if (!isSampled(s, d, tally)) continue;
        const wanted = may.has(s * flat.partyCount + d);
        const there = found.includes(other);
        if (wanted && !there) wrong.push(`${side} ${party} lacks ${other}`);
        tally.candidates += there ? 1 : 0;
        tally.idle += there && !wanted ? 1 : 0;
      }
    }
  }
}

function compareCount(
  flat: FlatKernel,
  clear: ReachIndex,
  clearOf: readonly PartyId[][],
  wrong: string[],
  tally: Tally,
): void {
  const [counted, there] = [countReachablePairs(flat), countByPair(flat, clear, clearOf)];
  if (there < counted || (counted < there && tally.plain)) {
    wrong.push(`${counted} pairs, not ${there}`);
  }
}

/** What `countReachablePairs` counts, pair by pair as the clear engine sees them. */
function countByPair(flat: FlatIndex, clear: ReachIndex, clearOf: readonly PartyId[][]): number {
  const podsOf = (party: number): number =>
    (flat.partyPodStart[party + 1] ?? 0) - (flat.partyPodStart[party] ?? 0);
  let total = 0;
  for (const [s, [source]] of clearOf.slice(0, flat.podParties).entries()) {
    for (const [d, [destination]] of clearOf.slice(0, flat.podParties).entries()) {
      if (source === undefined || destination === undefined) continue;
      const [a, b] = [s as PartyId, d as PartyId];
      const unknown = flat.familiesOf(a) === 'unknown' && flat.familiesOf(b) === 'unknown';
      const open = (unknown ? [null] : askedFamilies(flat, a, b)).some(
        (family) =>
          !isEmpty(clear.reach({ source, destination, family, relation: 'NONE' }).allowed),
      );
      if (open) total += podsOf(s) * podsOf(d) - (s === d ? podsOf(s) : 0);
    }
  }
  return total;
}

/** Families in which the two can be asked about at all. */
function askedFamilies(flat: FlatIndex, a: PartyId, b: PartyId): readonly (Family | null)[] {
  const [x, y] = [flat.familiesOf(a), flat.familiesOf(b)];
  if (x === 'unknown') return y === 'unknown' ? FAMILIES : y;
  return y === 'unknown' ? x : x.filter((family) => y.includes(family));
}

function comparePair(
  flat: FlatIndex,
  clear: ReachIndex,
  [s, d]: readonly [PartyId, PartyId],
  [source, destination]: readonly [PartyId, PartyId],
  family: Family | null,
  wrong: string[],
  tally: Tally,
): boolean {
  const reach = clear.reach({ source, destination, family, relation: 'NONE' });
  const text = `${s} -> ${d} family ${family}`;
  for (const direction of DIRECTIONS) {
    const [subject, peer] = direction === 'EGRESS' ? [s, d] : [d, s];
    const outcome = direction === 'EGRESS' ? reach.egress : reach.ingress;
    const allow = intersect(outcome.allow, ALL_PORTS);
    const deny = intersect(outcome.deny, ALL_PORTS);
    const certain = equalConnections(union(allow, deny), ALL_PORTS);
    const leg = flat.leg(subject, peer, direction, family);
    tally.pairs += 1;
    if (leg === undefined) {
      tally.unknown += 1;
      tally.humble += certain ? 1 : 0;
    } else if (!certain || !equalConnections(leg, allow)) {
      wrong.push(
        `${text} ${direction}: ${printConnections(leg)}, clear: ${printConnections(allow)}`,
      );
    }
  }
  const allowed = flat.allowed(s, d, family);
  const sure = isEmpty(reach.undetermined);
  if (allowed !== undefined && !(sure && equalConnections(allowed, reach.allowed))) {
    wrong.push(`${text}: ${printConnections(allowed)}, clear: ${printConnections(reach.allowed)}`);
  }
  if (allowed !== undefined && allowed !== flat.allowed(s, d, family)) wrong.push(`${text} twice`);
  for (const protocol of PROTOCOLS) {
    for (const port of PORTS) {
      const answer = flat.canReach(s, d, family, protocol, port);
      if (answer === undefined) {
        if (allowed !== undefined) wrong.push(`${text} ${protocol}/${port} is not known`);
        continue;
      }
      const right = answer
        ? hasPort(reach.allowed, protocol, port)
        : hasPort(reach.denied, protocol, port);
      if (!right) wrong.push(`${text} ${protocol}/${port}: ${answer}`);
    }
  }
  return !isEmpty(reach.allowed) || !isEmpty(reach.undetermined);
}

function compareSubject(
  flat: FlatIndex,
  clear: ReachIndex,
  party: number,
  clearParty: PartyId,
  wrong: string[],
): void {
  const { view } = clear;
  const policies = flat.policiesOf(party as PartyId).map((id) => {
    const { namespace, position } = flat.policyAt(id);
    const chunk = namespace < 0 ? view.snapshot.cluster : view.namespaces[namespace];
    return chunk?.policies[position];
  });
  const wanted = clear.policiesOf(clearParty);
  if (policies.length !== wanted.length || policies.some((policy, i) => policy !== wanted[i])) {
    wrong.push(`policies of ${party}: ${show(policies.map((policy) => policy?.ref))}`);
  }
  const question = {
    source: clearParty,
    destination: clearParty,
    family: null,
    relation: 'NONE',
  } as const;
  const reach = clear.reach(question);
  for (const [direction, outcome] of [
    ['EGRESS', reach.egress],
    ['INGRESS', reach.ingress],
  ] as const) {
    const isolated = flat.isIsolated(party as PartyId, direction);
    if (isolated !== outcome.isolated) wrong.push(`${party} ${direction} isolated: ${isolated}`);
  }
  const [x, y] = [flat.familiesOf(party as PartyId), clear.party(clearParty)];
  const families = y.kind === 'addresses' ? [y.family] : y.families;
  if (show(x) !== show(families)) wrong.push(`${party} is of ${show(x)}, ${show(families)}`);
}
