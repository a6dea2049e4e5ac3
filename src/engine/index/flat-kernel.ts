import { mergeRanges } from '../../model/address.ts';
import type { Address, AddressRange, Family } from '../../model/address.ts';
import { ALL_PORTS, NO_CONNECTIONS } from '../../model/connection-set.ts';
import type { ConnectionSet, Protocol } from '../../model/connection-set.ts';
import type { Direction } from '../../model/policy.ts';
import type { PartyId } from '../party.ts';
import { atomOfAddress, cutRange, rangesOfAtom } from './address-atoms.ts';
import { familyRow } from './address-signatures.ts';
import { CandidateFinder } from './candidates.ts';
import type { FlatArenas } from './flat-arenas.ts';
import type { AtomPart, FlatCounts, FlatIndex, PolicyPlace } from './flat-index.ts';
import { MAYBE, NO } from './certainty.ts';
import { LegJudge } from './leg-judge.ts';
import { EGRESS, INGRESS, ISOLATES, MAY_ISOLATE } from './policy-tables.ts';
import type { PolicyTexts } from './policy-texts.ts';
import { portPoint } from './port-sets.ts';
import { IN_DOUBT } from './project.ts';

const FAMILIES: readonly (readonly Family[] | 'unknown')[] = ['unknown', [4], [6], [4, 6]];

/** {@link FlatIndex} on arenas. */
export class FlatKernel implements FlatIndex {
  /** What it stands on, for whoever stores it. */
  readonly arenas: FlatArenas;
  /** What the numbers stand for; read from where it is stored when it is first asked for. */
  readonly texts: () => PolicyTexts | undefined;
  readonly podParties: number;
  readonly nodeStart: number;
  readonly unknownNode: number;
  readonly atomStart: number;
  readonly unknownAddressStart: number;
  readonly partyCount: number;
  readonly partyOfPod: Int32Array;
  readonly partyPodStart: Int32Array;
  readonly partyPods: Int32Array;
  readonly partyNamespace: Int32Array;
  readonly readsNamespaceLabels: boolean;
  readonly counts: FlatCounts;
  readonly bytes: number;
  readonly judge: LegJudge;
  readonly #candidates: CandidateFinder;

  constructor(arenas: FlatArenas, texts: () => PolicyTexts | undefined = () => undefined) {
    const { numbers, parties, atoms } = arenas;
    this.arenas = arenas;
    this.texts = texts;
    this.podParties = numbers.podParties;
    this.nodeStart = this.podParties;
    this.unknownNode = this.nodeStart + numbers.nodes;
    this.atomStart = this.unknownNode + 1;
    this.unknownAddressStart = this.atomStart + atoms.atomCount;
    this.partyCount = this.unknownAddressStart + 2;
    this.partyOfPod = parties.ofPod;
    this.partyPodStart = parties.podStart;
    this.partyPods = parties.pods;
    this.partyNamespace = parties.namespace;
    this.readsNamespaceLabels = numbers.readsNamespaceLabels;
    this.counts = countsOf(arenas);
    this.bytes = bytesOf(arenas);
    this.judge = new LegJudge(arenas);
    this.#candidates = new CandidateFinder(arenas, this.judge.tiers);
  }

  familiesOf(party: PartyId): readonly Family[] | 'unknown' {
    const signature = this.arenas.parties.signature[party]!;
    return FAMILIES[this.arenas.signatures.families[signature]!] ?? 'unknown';
  }

  atomRanges(party: PartyId): readonly AddressRange[] {
    if (party < this.atomStart || this.unknownAddressStart <= party) return [];
    return rangesOfAtom(this.arenas.atoms, party - this.atomStart);
  }

  atomOf(address: Address): PartyId {
    return (this.atomStart + atomOfAddress(this.arenas.atoms, address)) as PartyId;
  }

  partiesOfRanges(ranges: readonly AddressRange[]): readonly AtomPart[] {
    const byAtom = new Map<number, AddressRange[]>();
    for (const range of mergeRanges(ranges)) {
      for (const { atom, part } of cutRange(this.arenas.atoms, range)) {
        const parts = byAtom.get(atom);
        if (parts === undefined) byAtom.set(atom, [part]);
        else parts.push(part);
      }
    }
    return [...byAtom]
      .sort(([a], [b]) => a - b)
      .map(([atom, parts]) => ({
        party: (this.atomStart + atom) as PartyId,
        ranges: mergeRanges(parts),
      }));
  }

  policiesOf(party: PartyId): readonly number[] {
    if (this.podParties <= party) return [];
    const { classes, policies } = this.arenas;
    const profile = classes.profile[this.arenas.parties.classOf[party]!]!;
    const found: number[] = [];
    for (let i = policies.profileStart[profile]!; i < policies.profileStart[profile + 1]!; i += 1) {
      const group = policies.profileGroups[i]!;
      const end = policies.groupPolicyStart[group + 1]!;
      for (let k = policies.groupPolicyStart[group]!; k < end; k += 1) {
        found.push(policies.groupPolicies[k]!);
      }
    }
    return found.sort((a, b) => a - b);
  }

  policyAt(id: number): PolicyPlace {
    const namespace = this.arenas.policies.policyNamespace[id];
    const position = this.arenas.policies.policyPosition[id];
    if (namespace === undefined || position === undefined) throw new RangeError(`no policy ${id}`);
    return { namespace, position };
  }

  isIsolated(party: PartyId, direction: Direction): boolean | null {
    if (this.podParties <= party) return false;
    const { classes, parties } = this.arenas;
    const flags = classes.flags[parties.classOf[party]!]!;
    const shift = directionOf(direction);
    if ((flags & (ISOLATES << shift)) !== 0) return true;
    return (flags & (IN_DOUBT | (MAY_ISOLATE << shift))) === 0 ? false : null;
  }

  leg(
    subject: PartyId,
    peer: PartyId,
    direction: Direction,
    family: Family | null,
  ): ConnectionSet | undefined {
    const { judge } = this;
    judge.sets.makeRoom();
    const set = judge.leg(subject, peer, directionOf(direction), familyRow(family));
    return set < 0 ? undefined : judge.sets.setOf(set);
  }

  allowed(source: PartyId, destination: PartyId, family: Family | null): ConnectionSet | undefined {
    const { judge } = this;
    judge.sets.makeRoom();
    const row = familyRow(family);
    const egress = judge.leg(source, destination, EGRESS, row);
    if (egress === 0) return NO_CONNECTIONS;
    const ingress = judge.leg(destination, source, INGRESS, row);
    if (ingress === 0) return NO_CONNECTIONS;
    if (egress < 0 || ingress < 0) return undefined;
    const set = judge.sets.intersectionOf(egress, ingress);
    return set === 1 ? ALL_PORTS : judge.sets.setOf(set);
  }

  canReach(
    source: PartyId,
    destination: PartyId,
    family: Family | null,
    protocol: Protocol,
    port: number,
  ): boolean | undefined {
    const point = portPoint(protocol, port);
    const row = familyRow(family);
    const egress = this.judge.opens(source, destination, EGRESS, row, point);
    if (egress === NO) return false;
    const ingress = this.judge.opens(destination, source, INGRESS, row, point);
    if (ingress === NO) return false;
    return egress === MAYBE || ingress === MAYBE ? undefined : true;
  }

  sourcesOf(party: PartyId): Int32Array {
    return this.#candidates.of(party, INGRESS);
  }

  destinationsOf(party: PartyId): Int32Array {
    return this.#candidates.of(party, EGRESS);
  }
}

function directionOf(direction: Direction): typeof EGRESS | typeof INGRESS {
  return direction === 'EGRESS' ? EGRESS : INGRESS;
}

function countsOf({ numbers, ...arenas }: FlatArenas): FlatCounts {
  const { policies } = arenas;
  return {
    namespaces: numbers.namespaces,
    classes: arenas.classes.flags.length,
    signatures: arenas.signatures.families.length,
    atoms: arenas.atoms.atomCount,
    blocks: numbers.blocks,
    policies: policies.policyNamespace.length,
    groups: policies.groupSelection.length,
    profiles: policies.profileStart.length - 1,
    selectors: arenas.selectors.form.length,
    peers: policies.peerKeys.length - 1,
    portSets: arenas.ports.listSet.length,
    keys: policies.keyPeer.length,
    edges: arenas.egress.groupKeys.length + arenas.ingress.groupKeys.length,
    podParties: numbers.podParties,
  };
}

/** Bytes of all arrays. */
function bytesOf(arenas: FlatArenas): number {
  let bytes = 0;
  for (const group of Object.values(arenas)) {
    for (const value of Object.values<unknown>(group as object as Record<string, unknown>)) {
      if (ArrayBuffer.isView(value)) bytes += value.byteLength;
    }
  }
  return bytes;
}
