import type { AddressRange } from '../../model/address.ts';
import { isSameChunk } from '../../model/digest.ts';
import type { ModelView, NodeOrdinal, PodOrdinal } from '../model-view.ts';
import type { PartyId } from '../party.ts';
import { podsOfNamespace } from '../refs/namespace-pods.ts';
import type { ReachIndex } from '../reach-index.ts';

/** A pod in both snapshots; undefined where it is not there, has finished, or is its node. */
export interface JointPod {
  readonly before: PodOrdinal | undefined;
  readonly after: PodOrdinal | undefined;
}

/** What is one party in the index of before and one in that of after; undefined: in none. */
export interface JointEnd {
  readonly kind: 'pods' | 'node' | 'addresses';
  readonly before: PartyId | undefined;
  readonly after: PartyId | undefined;
  /** Of an end of kind `pods`: at least one. */
  readonly pods: readonly JointPod[];
  /** Of an end of kind `node`; undefined: some node of which nothing is known. */
  readonly node: string | undefined;
  /** Of an end of kind `addresses`; none: an address of which only the family is known. */
  readonly ranges: readonly AddressRange[];
}

const NOTHING = { pods: [], node: undefined, ranges: [] };

/** The two sides of a comparison. */
type Side = 'before' | 'after';

/**
 * Ends of two indexes, cut so that each is one party in either; the same object every time. They are
 * worked out where somebody looks: most of two snapshots is alike, and nobody does.
 */
export class JointEnds {
  readonly #indexes: Readonly<Record<Side, ReachIndex>>;
  readonly #pods: Readonly<Record<Side, TwinFinder>>;
  readonly #ends = new Map<string, JointEnd & { readonly pods: JointPod[] }>();
  readonly #known: Readonly<Record<Side, Map<PartyId, readonly JointEnd[]>>>;

  constructor(before: ReachIndex, after: ReachIndex) {
    this.#indexes = { before, after };
    this.#pods = {
      before: new TwinFinder(before.view, after.view),
      after: new TwinFinder(after.view, before.view),
    };
    this.#known = { before: new Map(), after: new Map() };
  }

  /** Ends that `party` of one index is cut into. */
  of(side: Side, party: PartyId): readonly JointEnd[] {
    const known = this.#known[side].get(party);
    if (known !== undefined) return known;
    const { kind } = this.#indexes[side].party(party);
    const ends =
      kind === 'pods'
        ? this.#endsOfPods(side, party)
        : kind === 'node'
          ? [this.#endOfNode(side, party)]
          : this.#endsOfAddresses(side, party);
    this.#known[side].set(party, ends);
    return ends;
  }

  /** Ends with a pod of the namespaces of these names. */
  inNamespaces(names: readonly string[]): ReadonlySet<JointEnd> {
    const found = new Set<JointEnd>();
    for (const side of ['before', 'after'] as const) {
      const index = this.#indexes[side];
      for (const name of names) {
        for (const pod of podsOfNamespace(index.view, name)) {
          const party = partyOf(index, pod);
          for (const end of party === undefined ? [] : this.of(side, party)) found.add(end);
        }
      }
    }
    return found;
  }

  /** The ends of all nodes. */
  nodes(): ReadonlySet<JointEnd> {
    const ends = (['before', 'after'] as const).flatMap((side) => {
      const index = this.#indexes[side];
      return index.view.nodes.map((_, i) => this.of(side, index.partyOfNode(i as NodeOrdinal)));
    });
    return new Set(ends.flat());
  }

  #endsOfPods(side: Side, party: PartyId): readonly JointEnd[] {
    const other = opposite(side);
    const found = new Set<JointEnd>();
    // Whoever comes first makes an end with all its pods: those of a party that another party has.
    const made = new Set<JointEnd>();
    for (const pod of Array.from(this.#indexes[side].podsOf(party))) {
      const twin = this.#pods[side].twinOf(pod);
      const across = partyOf(this.#indexes[other], twin);
      const ids = side === 'before' ? [party, across] : [across, party];
      const key = ids.join();
      let end = this.#ends.get(key);
      if (end === undefined) {
        end = { ...NOTHING, kind: 'pods', before: ids[0], after: ids[1], pods: [] };
        this.#ends.set(key, end);
        made.add(end);
      }
      found.add(end);
      const there = across === undefined ? undefined : twin;
      const [before, after] = side === 'before' ? [pod, there] : [there, pod];
      if (made.has(end)) end.pods.push({ before, after });
    }
    return [...found];
  }

  #endOfNode(side: Side, party: PartyId): JointEnd {
    const index = this.#indexes[side];
    const found = index.party(party);
    const node = found.kind === 'node' ? found.node : undefined;
    const name = node === undefined ? undefined : index.view.nodes[node]?.node.name;
    return this.#once(name === undefined ? 'unknown node' : `node ${name}`, () => {
      const [before, after] = [this.#indexes.before, this.#indexes.after].map((one) => {
        if (name === undefined) return one.partyOfUnknownNode();
        const there = one.view.findNode(name);
        return there === undefined ? undefined : one.partyOfNode(there);
      });
      return { ...NOTHING, kind: 'node', before, after, node: name };
    });
  }

  #endsOfAddresses(side: Side, party: PartyId): readonly JointEnd[] {
    const { before, after } = this.#indexes;
    const found = this.#indexes[side].party(party);
    const { family, ranges } =
      found.kind === 'addresses' ? found : ({ family: 4, ranges: [] } as const);
    if (ranges.length === 0) {
      const [a, b] = [before, after].map((one) => one.partyOfUnknownAddress(family));
      return [
        this.#once(`${a},${b}`, () => ({ ...NOTHING, kind: 'addresses', before: a, after: b })),
      ];
    }
    return this.#indexes[opposite(side)].partiesOfRanges(ranges).map((part) => {
      const [a, b] = side === 'before' ? [party, part.party] : [part.party, party];
      return this.#once(`${a},${b}`, () => ({
        ...NOTHING,
        kind: 'addresses',
        before: a,
        after: b,
        ranges: part.ranges,
      }));
    });
  }

  #once(key: string, make: () => JointEnd): JointEnd {
    const known = this.#ends.get(key);
    if (known !== undefined) return known;
    const end = { ...make(), pods: [] };
    this.#ends.set(key, end);
    return end;
  }
}

/** Finds pods of one view in another. */
class TwinFinder {
  readonly #from: ModelView;
  readonly #to: ModelView;
  /** By namespace: how far its pods have moved, where they are the same; undefined: look for names. */
  readonly #shifts = new Map<number, number | undefined>();

  constructor(from: ModelView, to: ModelView) {
    this.#from = from;
    this.#to = to;
  }

  twinOf(pod: PodOrdinal): PodOrdinal | undefined {
    const namespace = this.#from.namespaceIndexOf(pod);
    if (!this.#shifts.has(namespace)) this.#shifts.set(namespace, this.#shiftOf(namespace));
    const shift = this.#shifts.get(namespace);
    if (shift !== undefined) return (pod + shift) as PodOrdinal;
    const chunk = this.#from.namespaceAt(namespace);
    const row = pod - (this.#from.podStart[namespace] ?? 0);
    return this.#to.findPod(chunk.name, chunk.pods.name[row] ?? '');
  }

  #shiftOf(namespace: number): number | undefined {
    const chunk = this.#from.namespaceAt(namespace);
    const other = this.#to.snapshot.namespaces.get(chunk.name);
    if (other === undefined || !isSameChunk(chunk, other)) return undefined;
    const [first] = podsOfNamespace(this.#to, chunk.name);
    return (first ?? 0) - (this.#from.podStart[namespace] ?? 0);
  }
}

/** A hostNetwork pod is its node. */
function partyOf(index: ReachIndex, pod: PodOrdinal | undefined): PartyId | undefined {
  const party = pod === undefined ? undefined : index.partyOfPod(pod);
  return party === undefined || index.party(party).kind !== 'pods' ? undefined : party;
}

function opposite(side: Side): Side {
  return side === 'before' ? 'after' : 'before';
}
