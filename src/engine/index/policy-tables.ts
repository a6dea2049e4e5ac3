import { NAMESPACE_NAME_LABEL } from '../../model/selector.ts';
import type { LabelSelector } from '../../model/selector.ts';
import type { FlatView } from './flat-compile.ts';
import type { BlockRanges } from './block-ranges.ts';
import { csrOf, orderOfPairs } from './csr.ts';
import type { Csr } from './csr.ts';
import { IntList } from './int-list.ts';
import { PairTable } from './pair-table.ts';
import { policyOrder } from './policy-order.ts';
import { ADDS_UP, IS_OPAQUE, SPEAKS_EGRESS, SPEAKS_INGRESS } from './policy-ir.ts';
import type { ChunkIr, IrCache } from './policy-ir.ts';
import { PEER_BLOCK, PEER_EVERYONE, PEER_MAYBE, PEER_NODES } from './ir-tables.ts';
import type { IrTables, PortList } from './ir-tables.ts';
import { TierLinker } from './tier-tables.ts';
import type { TierNumbers, TierTables } from './tier-tables.ts';

/*
 * The policies of a snapshot as a bipartite graph (performance C, step 5).
 *
 *   groups                    edges (one list for each direction)          keys
 *   distinct subjects    ──────────────────────────────────────▶   distinct (peer, port list)
 *
 * A thousand policies "allow DNS" that are alike but for their namespace are a thousand groups with
 * one key; ten thousand identical policies on one namespace are one group. NetworkPolicies only add up,
 * so a rule with peers A, B and ports P is the edges (A, P) and (B, P).
 *
 * A selection is (scope, selector). Scopes: `0 … N-1` the namespace of that position, `N` every
 * namespace, `N + 1` none (a namespace that is not there), `N + 2 + i` those that namespace selector
 * `i` holds. Selector 0 holds every pod. A selector by nothing but the name of a namespace is that
 * namespace.
 *
 * Peers: 0 everyone, 1 nobody knows who, then selections, then blocks, then nodes by labels, which only
 * rules of other tiers name (tier-tables.ts). Selections are sorted by (scope, selector) and keys by
 * (peer, port list), so what belongs together is a run.
 *
 * Everything is numbered in the order policies are met, never by what the cache happened to hold.
 */

/** Bits of a group, shifted by {@link EGRESS} or {@link INGRESS}: some policy isolates for certain. */
export const ISOLATES = 1;
/** Some policy may isolate: its effect is not known. */
export const MAY_ISOLATE = 4;
/** What it allows is not known from the edges alone. */
export const UNCERTAIN = 16;
/** Bit of a group alone: some policy of another tier speaks, with known effect. */
export const IN_TIERS = 64;
/** Flags of a group that its classes take over. */
export const OF_CLASSES = 63;
/** Index of a direction. */
export const EGRESS = 0;
/** Index of a direction. */
export const INGRESS = 1;

/** Peer number of everyone. */
export const EVERYONE = 0;
/** Peer number of somebody nobody knows. */
export const SOMEBODY = 1;
/** Peer number of selection 0. */
export const PEER_SELECTIONS = 2;

/** The policies of a snapshot in numbers; see the head of this file. */
export interface PolicyTables {
  readonly policyNamespace: Int32Array;
  readonly policyPosition: Int32Array;
  readonly selectors: readonly LabelSelector[];
  readonly namespaceSelectors: readonly LabelSelector[];
  /** By selection. */
  readonly selectionScope: Int32Array;
  readonly selectionSelector: Int32Array;
  /** Selections of scope `i` are those from `scopeSelections[i]` to before `scopeSelections[i + 1]`. */
  readonly scopeSelections: Int32Array;
  readonly blocks: readonly BlockRanges[];
  /** Texts of `blocks` and of `portLists`, as ir-tables.ts has them. */
  readonly blockTexts: readonly string[];
  readonly portLists: readonly PortList[];
  readonly portListTexts: readonly string[];
  readonly groupSelection: Int32Array;
  readonly groupFlags: Uint8Array;
  /** Policies of a group, ascending. */
  readonly groupPolicies: Csr;
  readonly keyPeer: Int32Array;
  readonly keyPorts: Int32Array;
  /** Keys of peer `i` are those from `peerKeys[i]` to before `peerKeys[i + 1]`. */
  readonly peerKeys: Int32Array;
  /** By direction: keys of a group, ascending. */
  readonly groupKeys: readonly [egress: Csr, ingress: Csr];
  readonly tiers: TierTables;
  readonly readsNamespaceLabels: boolean;
}

/** Numbers what the policies of `view` say. */
export function linkPolicies(view: FlatView, cache: IrCache): PolicyTables {
  const tables = cache.tables();
  const chunks = [view.snapshot.cluster, ...view.namespaces];
  const irs = chunks.map((chunk) => cache.irOf(chunk));
  const order = policyOrder(view, irs);
  const link = new Linker(view, tables);
  const groupOf = new Int32Array(order.namespace.length);
  for (let policy = 0; policy < groupOf.length; policy += 1) {
    const ir = irs[order.namespace[policy]! + 1];
    if (ir !== undefined) groupOf[policy] = link.add(ir, order.position[policy]!);
  }
  for (const ir of irs) link.mention(ir);
  return {
    ...link.finish(groupOf),
    policyNamespace: order.namespace,
    policyPosition: order.position,
    readsNamespaceLabels: irs.some((ir) => ir.readsNamespaceLabels),
  };
}

/** First member of a draft peer that is no selection. */
const NO_SCOPE = -1;
/** First member of a draft peer that is nodes by labels. */
const NODES = -2;

class Linker {
  readonly #tables: IrTables;
  readonly #namespaces: ReadonlyMap<string, number>;
  readonly #every: number;
  // Numbers of the cache to numbers of this snapshot; -1: not met yet.
  readonly #selectorIds: Int32Array;
  readonly #namespaceSelectorIds: Int32Array;
  readonly #scopeIds: Int32Array;
  readonly #blockIds: Int32Array;
  readonly #portListIds: Int32Array;
  readonly #subjectGroups: Int32Array;
  readonly #peerIds: Int32Array;
  readonly #keyIds: Int32Array;
  readonly selectors: LabelSelector[] = [];
  readonly namespaceSelectors: LabelSelector[] = [];
  readonly blocks: BlockRanges[] = [];
  readonly blockTexts: string[] = [];
  readonly portLists: PortList[] = [];
  readonly portListTexts: string[] = [];
  /** (scope, selector) of subjects and peers. */
  readonly #selections = new PairTable(1024);
  /** (-1, 0): everyone; (-1, 1): nobody knows; (-1, 2 + i): block `i`; (0, i): selection `i`. */
  readonly #peers = new PairTable(1024);
  readonly #keys = new PairTable(1024);
  readonly #tiers = new TierLinker();
  /** By the cache's number of its selector: number of a peer that is nodes. */
  readonly #nodeIds = new Map<number, number>();
  readonly #nodeSelectors: LabelSelector[] = [];
  /** (group, key); flags say in which directions. */
  readonly #edges = [new PairTable(1024), new PairTable(1024)] as const;
  readonly #groups = new PairTable(256);
  readonly #subjectScopes = new Map<number, number>();
  readonly #groupFlags = new IntList();
  readonly #tierNumbers: TierNumbers = {
    peerOf: (peer) => this.#peerOf(peer),
    portsOf: (ports) => this.#portsOf(ports),
  };

  constructor(view: FlatView, tables: IrTables) {
    this.#tables = tables;
    this.#namespaces = new Map(view.namespaces.map(({ name }, i) => [name, i]));
    this.#every = view.namespaces.length;
    const unmet = (size: number): Int32Array => new Int32Array(size).fill(-1);
    this.#selectorIds = unmet(tables.selectors.values.length);
    this.#namespaceSelectorIds = unmet(tables.selectors.values.length);
    this.#scopeIds = unmet(tables.namespaces.values.length);
    this.#blockIds = unmet(tables.blocks.values.length);
    this.#portListIds = unmet(tables.portLists.values.length);
    this.#subjectGroups = unmet(tables.subjects.size);
    this.#peerIds = unmet(tables.peers.size);
    this.#keyIds = unmet(tables.keys.size);
    this.selectors.push({ requirements: [] });
    this.#peers.idOf(NO_SCOPE, EVERYONE);
    this.#peers.idOf(NO_SCOPE, SOMEBODY);
  }

  /** Adds one policy; its group. */
  add(ir: ChunkIr, position: number): number {
    const flags = ir.flags[position]!;
    const group = this.#groupOf(ir.subjects[position]!);
    this.#groupFlags.set(group, this.#groupFlags.at(group) | groupFlagsOf(flags));
    const start = 2 * position;
    for (const direction of [EGRESS, INGRESS]) {
      const edges = this.#edges[direction]!;
      const end = ir.keyStart[start + direction + 1]!;
      for (let i = ir.keyStart[start + direction]!; i < end; i += 1) {
        edges.idOf(group, this.#keyOf(ir.keys[i]!));
      }
    }
    const tier = ir.tiers.get(position);
    if (tier !== undefined) this.#tiers.add(tier, group, this.#tierNumbers);
    return group;
  }

  /** Meets what rules without effect name. */
  mention(ir: ChunkIr): void {
    for (let i = 0; i < ir.mentions.length; i += 1) this.#keyOf(ir.mentions[i]!);
  }

  finish(
    groupOf: Int32Array,
  ): Omit<PolicyTables, 'policyNamespace' | 'policyPosition' | 'readsNamespaceLabels'> {
    const { selectors, namespaceSelectors, blocks, portLists } = this;
    const scopes = this.#every + 2 + namespaceSelectors.length;
    const selectionOrder = orderOfPairs(
      this.#selections.firsts(),
      scopes,
      this.#selections.seconds(),
      selectors.length,
    );
    const selectionRank = inverse(selectionOrder);
    const selectionScope = selectionOrder.map((i) => this.#selections.firstOf(i));
    const blockPeers = PEER_SELECTIONS + selectionOrder.length;
    const peerNumber = Int32Array.from({ length: this.#peers.size }, (_, i) => {
      const [first, second] = [this.#peers.firstOf(i), this.#peers.secondOf(i)];
      if (first === NODES) return blockPeers + blocks.length + second;
      if (first !== NO_SCOPE) return PEER_SELECTIONS + selectionRank[second]!;
      return second < PEER_SELECTIONS ? second : blockPeers + second - PEER_SELECTIONS;
    });
    const peers = blockPeers + blocks.length;
    const drafted = this.#keys.firsts().map((peer) => peerNumber[peer]!);
    const keyOrder = orderOfPairs(drafted, peers, this.#keys.seconds(), portLists.length);
    const keyRank = inverse(keyOrder);
    const keyPeer = keyOrder.map((i) => drafted[i]!);
    const groups = this.#groups.size;
    const rows = (edges: PairTable): Csr => {
      const keys = edges.seconds().map((key) => keyRank[key]!);
      const order = orderOfPairs(edges.firsts(), groups, keys, keyPeer.length);
      const owners = order.map((i) => edges.firstOf(i));
      return csrOf(
        groups,
        owners,
        order.map((i) => keys[i]!),
      );
    };
    return {
      selectors,
      namespaceSelectors,
      blocks,
      blockTexts: this.blockTexts,
      portLists,
      portListTexts: this.portListTexts,
      selectionScope,
      selectionSelector: selectionOrder.map((i) => this.#selections.secondOf(i)),
      scopeSelections: csrOf(scopes, selectionScope).start,
      groupSelection: this.#groups.seconds().map((i) => selectionRank[i]!),
      groupFlags: Uint8Array.from(this.#groupFlags.toArray()),
      groupPolicies: csrOf(groups, groupOf),
      keyPeer,
      keyPorts: keyOrder.map((i) => this.#keys.secondOf(i)),
      peerKeys: csrOf(peers, keyPeer).start,
      groupKeys: [rows(this.#edges[EGRESS]), rows(this.#edges[INGRESS])],
      tiers: this.#tiers.build(peerNumber, this.#nodeSelectors),
    };
  }

  #groupOf(subject: number): number {
    const known = this.#subjectGroups[subject]!;
    if (0 <= known) return known;
    const { subjects } = this.#tables;
    const scope = subjects.firstOf(subject);
    const selection = this.#selectionIn(
      scope % 2 === 0 ? this.#named(scope >> 1) : this.#selectedSubject(scope >> 1),
      subjects.secondOf(subject),
    );
    const group = this.#groups.idOf(0, selection);
    if (group === this.#groupFlags.length) this.#groupFlags.push(0);
    this.#subjectGroups[subject] = group;
    return group;
  }

  #keyOf(key: number): number {
    const known = this.#keyIds[key]!;
    if (0 <= known) return known;
    const { keys } = this.#tables;
    const ports = this.#portsOf(keys.secondOf(key));
    const id = this.#keys.idOf(this.#peerOf(keys.firstOf(key)), ports);
    this.#keyIds[key] = id;
    return id;
  }

  #portsOf(ports: number): number {
    if (this.#portListIds[ports]! < 0) {
      this.#portListIds[ports] = this.portLists.push(at(this.#tables.portLists.values, ports)) - 1;
      this.portListTexts.push(at(this.#tables.portLists.texts, ports));
    }
    return this.#portListIds[ports]!;
  }

  #peerOf(peer: number): number {
    const known = this.#peerIds[peer]!;
    if (0 <= known) return known;
    const first = this.#tables.peers.firstOf(peer);
    const second = this.#tables.peers.secondOf(peer);
    const id = this.#draftPeer(first, second);
    this.#peerIds[peer] = id;
    return id;
  }

  #draftPeer(first: number, second: number): number {
    if (first === PEER_EVERYONE) return this.#peers.idOf(NO_SCOPE, EVERYONE);
    if (first === PEER_MAYBE) return this.#peers.idOf(NO_SCOPE, SOMEBODY);
    if (first === PEER_NODES) return this.#peers.idOf(NODES, this.#nodesOf(second));
    if (first !== PEER_BLOCK) return this.#peers.idOf(0, this.#selectionOf(first, second));
    if (this.#blockIds[second]! < 0) {
      this.#blockIds[second] = this.blocks.push(at(this.#tables.blocks.values, second)) - 1;
      this.blockTexts.push(at(this.#tables.blocks.texts, second));
    }
    return this.#peers.idOf(NO_SCOPE, PEER_SELECTIONS + this.#blockIds[second]!);
  }

  #nodesOf(selector: number): number {
    const known = this.#nodeIds.get(selector);
    if (known !== undefined) return known;
    const id = this.#nodeSelectors.push(at(this.#tables.selectors.values, selector)) - 1;
    this.#nodeIds.set(selector, id);
    return id;
  }

  #selectionOf(scope: number, selector: number): number {
    const ofScope = scope % 2 === 0 ? this.#named(scope >> 1) : this.#selected(scope >> 1);
    return this.#selectionIn(ofScope, selector);
  }

  #selectionIn(scope: number, selector: number): number {
    if (this.#selectorIds[selector]! < 0) {
      const value = at(this.#tables.selectors.values, selector);
      this.#selectorIds[selector] =
        value.requirements.length === 0 ? 0 : this.selectors.push(value) - 1;
    }
    return this.#selections.idOf(scope, this.#selectorIds[selector]!);
  }

  #named(name: number): number {
    const known = this.#scopeIds[name]!;
    if (0 <= known) return known;
    const text = at(this.#tables.namespaces.values, name);
    const scope = this.#namespaces.get(text) ?? this.#every + 1;
    this.#scopeIds[name] = scope;
    return scope;
  }

  /** Of a policy across namespaces, which may be about any pod that contradicts itself. */
  #selectedSubject(selector: number): number {
    const known = this.#subjectScopes.get(selector);
    if (known !== undefined) return known;
    const value = at(this.#tables.selectors.values, selector);
    const everywhere = value.requirements.length === 0;
    const scope = everywhere ? this.#every : this.#every + 1 + this.namespaceSelectors.push(value);
    this.#subjectScopes.set(selector, scope);
    return scope;
  }

  #selected(selector: number): number {
    const known = this.#namespaceSelectorIds[selector]!;
    if (0 <= known) return known;
    const value = at(this.#tables.selectors.values, selector);
    const [first] = value.requirements;
    let scope = this.#every;
    if (first !== undefined) {
      // The API server keeps the name of every namespace in this label (semantics R1.30).
      const byName =
        value.requirements.length === 1 &&
        first.operator === 'In' &&
        first.values.length === 1 &&
        first.key === NAMESPACE_NAME_LABEL;
      scope = byName
        ? (this.#namespaces.get(first.values[0] ?? '') ?? this.#every + 1)
        : this.#every + 1 + this.namespaceSelectors.push(value);
    }
    this.#namespaceSelectorIds[selector] = scope;
    return scope;
  }
}

/** What a policy does to its group, in both directions. */
export function groupFlagsOf(flags: number): number {
  const opaque = (flags & IS_OPAQUE) !== 0;
  const addsUp = (flags & ADDS_UP) !== 0;
  const settles = addsUp && !opaque;
  const ofTier = opaque ? UNCERTAIN : IN_TIERS;
  const bits = settles ? ISOLATES : addsUp ? MAY_ISOLATE | UNCERTAIN : ofTier;
  return (
    ((flags & SPEAKS_EGRESS) === 0 ? 0 : bits << EGRESS) |
    ((flags & SPEAKS_INGRESS) === 0 ? 0 : bits << INGRESS)
  );
}

function inverse(order: Int32Array): Int32Array {
  const rank = new Int32Array(order.length);
  for (let i = 0; i < order.length; i += 1) rank[order[i]!] = i;
  return rank;
}

function at<T>(list: readonly T[], i: number): T {
  const value = list[i];
  if (value === undefined) throw new RangeError(`no element ${i}`);
  return value;
}
