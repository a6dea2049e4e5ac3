import type { NamespaceScope, PeerAtom, Policy, Rule } from '../../model/policy.ts';
import type { ClusterChunk, NamespaceChunk } from '../../model/snapshot.ts';
import { readsNamespaceLabels as readsLabels } from '../policies.ts';
import { blockRanges } from './block-ranges.ts';
import { ChunkLayouts } from './chunk-layout.ts';
import { IntList } from './int-list.ts';
import { IrTables, PEER_BLOCK, PEER_EVERYONE, PEER_MAYBE } from './ir-tables.ts';
import { readPods } from './pod-ir.ts';
import type { NamedPorts, PodIr } from './pod-ir.ts';
import { readTierPolicy } from './tier-ir.ts';
import type { TierPolicyIr } from './tier-ir.ts';

/*
 * The policies of one chunk in numbers (performance C, step 1).
 *
 * Everything that policies say of others is interned once, across chunks and snapshots, in the tables
 * of an IrCache: label selectors, namespace names, blocks, port lists by text; then, as pairs of
 * numbers, what those texts make up:
 *
 *   subject = (scope, selector)     peer = (scope, selector) | block | everyone | nobody knows
 *   key     = (peer, port list)
 *
 * A NetworkPolicy is then a subject, flags, and two lists of keys (policies of the other tiers, which are
 * few, have their rules in order instead: tier-ir.ts), so that a chunk that was seen before costs
 * nothing but a walk over its numbers. Numbers of the cache depend on history; a compile renumbers them
 * in the order it meets them (policy-tables.ts), so its result does not.
 */

/** The policy speaks of ingress. */
export const SPEAKS_INGRESS = 1;
/** The policy speaks of egress. */
export const SPEAKS_EGRESS = 2;
/** It is of the NetworkPolicy tier. */
export const ADDS_UP = 4;
/** Its effect is not known. */
export const IS_OPAQUE = 8;

/** Policies of one chunk, by position in it; numbers are those of the {@link IrCache}. */
export interface ChunkIr {
  /** Positions by name and kind, in code units. */
  readonly order: Int32Array;
  /** Some policy names another namespace than the one it stands in. */
  readonly foreign: boolean;
  readonly subjects: Int32Array;
  /** {@link SPEAKS_INGRESS} and the like. */
  readonly flags: Uint8Array;
  /** Keys of policy `i`: egress from `keyStart[2 * i]`, ingress from `keyStart[2 * i + 1]`. */
  readonly keyStart: Int32Array;
  readonly keys: Int32Array;
  /** Keys of rules that have no effect here, but tell pods apart for whoever looks closer. */
  readonly mentions: Int32Array;
  /** Policies of the other tiers whose effect is known, by position. */
  readonly tiers: ReadonlyMap<number, TierPolicyIr>;
  readonly readsNamespaceLabels: boolean;
}

/** Texts that any snapshot brought; more than that and the cache starts over. */
const TEXTS_MAX = 1_000_000;

/** Remembers what was read of chunks, by identity: an unchanged chunk is not read again. */
export class IrCache {
  /** What does not depend on any table: how chunks are laid out. */
  readonly layouts = new ChunkLayouts();
  #tables = new IrTables();
  #chunks = new WeakMap<NamespaceChunk | ClusterChunk, ChunkIr>();
  #pods = new WeakMap<NamespaceChunk, PodIr>();

  /** What numbers refer to; call it once per compile, before the first {@link irOf}. */
  tables(): IrTables {
    if (TEXTS_MAX < this.#tables.size) {
      this.#tables = new IrTables();
      this.#chunks = new WeakMap();
      this.#pods = new WeakMap();
    }
    return this.#tables;
  }

  /** The lists that a {@link PodIr} refers to. */
  get namedPorts(): NamedPorts {
    return this.#tables.namedPorts;
  }

  /** The policies of `chunk` in numbers. */
  irOf(chunk: NamespaceChunk | ClusterChunk): ChunkIr {
    if (chunk.policies.length === 0) return NO_POLICIES;
    const known = this.#chunks.get(chunk);
    if (known !== undefined) return known;
    const ir = readPolicies(chunk, this.#tables);
    this.#chunks.set(chunk, ir);
    return ir;
  }

  /** The pods of `chunk` in numbers. */
  podsOf(chunk: NamespaceChunk): PodIr {
    const known = this.#pods.get(chunk);
    if (known !== undefined) return known;
    const pods = readPods(chunk, this.#tables.namedPorts);
    this.#pods.set(chunk, pods);
    return pods;
  }
}

const NO_TIERS: ReadonlyMap<number, TierPolicyIr> = new Map();

const NO_POLICIES: ChunkIr = {
  order: new Int32Array(0),
  foreign: false,
  subjects: new Int32Array(0),
  flags: new Uint8Array(0),
  keyStart: new Int32Array(1),
  keys: new Int32Array(0),
  mentions: new Int32Array(0),
  tiers: NO_TIERS,
  readsNamespaceLabels: false,
};

function readPolicies(chunk: NamespaceChunk | ClusterChunk, tables: IrTables): ChunkIr {
  const { policies } = chunk;
  const home = Object.hasOwn(chunk, 'name') ? (chunk as NamespaceChunk).name : undefined;
  const subjects = new Int32Array(policies.length);
  const flags = new Uint8Array(policies.length);
  const keyStart = new Int32Array(2 * policies.length + 1);
  const keys = new IntList(16);
  const mentions = new IntList(4);
  const tiers = new Map<number, TierPolicyIr>();
  let foreign = false;
  let readsNamespaceLabels = false;
  for (const [i, policy] of policies.entries()) {
    const { subject, applies, ref } = policy;
    if (ref.namespace !== home) foreign = true;
    subjects[i] = tables.subjects.idOf(
      scopeOf(subject.namespaces, tables),
      tables.selectors.idOf(subject.pods),
    );
    const settles = policy.tier === 'network-policy' && policy.opaque === undefined;
    flags[i] =
      (applies.ingress ? SPEAKS_INGRESS : 0) |
      (applies.egress ? SPEAKS_EGRESS : 0) |
      (policy.tier === 'network-policy' ? ADDS_UP : 0) |
      (policy.opaque === undefined ? 0 : IS_OPAQUE);
    if (policy.tier !== 'network-policy' && policy.opaque === undefined) {
      tiers.set(i, readTierPolicy(policy, tables, peerOf));
    }
    readRules(policy.egress, tables, settles && applies.egress ? keys : mentions);
    keyStart[2 * i + 1] = keys.length;
    readRules(policy.ingress, tables, settles && applies.ingress ? keys : mentions);
    keyStart[2 * i + 2] = keys.length;
    readsNamespaceLabels ||= readsLabels(policy);
  }
  return {
    order: orderOf(policies),
    foreign,
    subjects,
    flags,
    keyStart,
    keys: keys.toArray(),
    mentions: mentions.toArray(),
    tiers: tiers.size === 0 ? NO_TIERS : tiers,
    readsNamespaceLabels,
  };
}

function readRules(rules: readonly Rule[], tables: IrTables, keys: IntList): void {
  for (const rule of rules) {
    const ports = tables.portLists.idOf(rule.ports);
    if (rule.peers === 'every') {
      const peer = rule.opaque === undefined ? PEER_EVERYONE : PEER_MAYBE;
      keys.push(tables.keys.idOf(tables.peers.idOf(peer, 0), ports));
      continue;
    }
    for (const { atom, negated } of rule.peers) {
      const peer = peerOf(atom, tables);
      // What is negated or hangs on something unknown may match anyone; its parts are read all the
      // same, because whoever looks closer tells pods apart by them.
      const maybe = negated || rule.opaque !== undefined;
      keys.push(tables.keys.idOf(maybe ? tables.peers.idOf(PEER_MAYBE, 0) : peer, ports));
      if (maybe) keys.push(tables.keys.idOf(peer, tables.portLists.idOf([])));
    }
  }
}

function peerOf(atom: PeerAtom, tables: IrTables): number {
  switch (atom.kind) {
    case 'pods': {
      const { namespaces, pods } = atom.selection;
      return tables.peers.idOf(scopeOf(namespaces, tables), tables.selectors.idOf(pods));
    }
    case 'addresses': {
      const text = atom.except.length === 0 ? atom.cidr : `${atom.cidr} ${atom.except.join(' ')}`;
      const block = tables.blocks.idOf(text, () => blockRanges(atom.cidr, atom.except));
      return tables.peers.idOf(PEER_BLOCK, block);
    }
    case 'nodes':
    case 'opaque':
      return tables.peers.idOf(PEER_MAYBE, 0);
  }
}

function scopeOf(scope: NamespaceScope, tables: IrTables): number {
  if (scope.kind === 'named') return 2 * tables.namespaces.idOf(scope.name, () => scope.name);
  return 2 * tables.selectors.idOf(scope.selector) + 1;
}

function orderOf(policies: readonly Policy[]): Int32Array {
  const order = Int32Array.from(policies, (_, i) => i);
  const before = (a: Policy | undefined, b: Policy | undefined): number => {
    if (a === undefined || b === undefined) return 0;
    if (a.ref.name !== b.ref.name) return a.ref.name < b.ref.name ? -1 : 1;
    if (a.ref.kind !== b.ref.kind) return a.ref.kind < b.ref.kind ? -1 : 1;
    return 0;
  };
  const sorted = policies.every((policy, i) => i === 0 || before(policies[i - 1], policy) <= 0);
  return sorted ? order : order.sort((a, b) => before(policies[a], policies[b]) || a - b);
}
