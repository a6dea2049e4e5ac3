import { parseAddress } from '../model/address.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { OwnerColumns } from './address-owners.ts';
import { ChunkLayouts } from './index/chunk-layout.ts';
import type { ChunkLayout } from './index/chunk-layout.ts';
import { OwnerCollector } from './index/owner-collector.ts';
import { STRONGEST } from './index/row-kinds.ts';

/** A node that only pods speak of. */
export interface MentionedNode {
  readonly name: string;
  /** Canonical texts: the addresses of its hostNetwork pods, sorted. */
  readonly addresses: readonly string[];
}

/**
 * What has to be worked out once to lay out a snapshot for evaluation: columns that can be stored
 * beside it, so that a snapshot is ready without reading its chunks.
 *
 * An owner is a number: pods by ordinal, then nodes, then Services by their row in `services`.
 */
export interface ViewTables {
  /** Pods of namespace `i` are the ordinals from `podStart[i]` to before `podStart[i + 1]`. */
  readonly podStart: Int32Array;
  /** By pod: ordinal of its node, -1 when not known. */
  readonly podNode: Int32Array;
  readonly mentionedNodes: readonly MentionedNode[];
  readonly owners: OwnerColumns;
  /** Namespace and position of each Service that owns an address, two numbers a row. */
  readonly services: Int32Array;
}

/**
 * Works out the tables of `snapshot`.
 *
 * A node owns its addresses before any pod does; hostNetwork and finished pods own none (their
 * addresses are the node's, or may have been reused). Of two pods that claim one address the ready,
 * running one keeps it.
 *
 * @param layouts namespaces that were laid out before; it learns those of this snapshot
 * @see semantics 5.2, "Ownership"
 */
export function buildViewTables(
  snapshot: Snapshot,
  layouts: ChunkLayouts = new ChunkLayouts(),
): ViewTables {
  const chunks = [...snapshot.namespaces.values()];
  const all = chunks.map((chunk) => layouts.of(chunk));
  const podStart = new Int32Array(chunks.length + 1);
  for (const [i, { pods }] of all.entries()) {
    podStart[i + 1] = (podStart[i] ?? 0) + pods.kinds.length;
  }
  const mentionedNodes = mentionNodes(snapshot, all);
  const nodeNames = nodeNamesOf(snapshot, mentionedNodes);
  const nodeByName = new Map(nodeNames.map((name, i) => [name, i]));
  const podCount = podStart.at(-1) ?? 0;
  const collector = new OwnerCollector();
  claimForNodes(collector, snapshot, { mentionedNodes, nodeByName, first: podCount });
  claimForPods(collector, all, podStart);
  const services = claimForServices(collector, all, podCount + nodeNames.length);
  const podNode = placePods(all, podStart, nodeByName);
  return { podStart, podNode, mentionedNodes, owners: collector.columns(), services };
}

function placePods(
  layouts: readonly ChunkLayout[],
  podStart: Int32Array,
  nodeByName: ReadonlyMap<string, number>,
): Int32Array {
  const podNode = new Int32Array(podStart.at(-1) ?? 0).fill(-1);
  for (const [i, { nodes }] of layouts.entries()) {
    const { names, ofRow } = nodes;
    const ordinals = names.map((name) => nodeByName.get(name) ?? -1);
    const first = podStart[i] ?? 0;
    for (let row = 0; row < ofRow.length; row += 1) {
      podNode[first + row] = ordinals[ofRow[row] ?? -1] ?? -1;
    }
  }
  return podNode;
}

/** Names of all nodes, those that only pods mention included, in the order of their ordinals. */
export function nodeNamesOf(
  { cluster }: Snapshot,
  mentioned: readonly MentionedNode[],
): readonly string[] {
  return [...cluster.nodes, ...mentioned]
    .map(({ name }) => name)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function mentionNodes({ cluster }: Snapshot, layouts: readonly ChunkLayout[]): MentionedNode[] {
  const known = new Set(cluster.nodes.map(({ name }) => name));
  const mentioned = new Map<string, Set<string>>();
  for (const { nodes } of layouts) {
    const { names, isMentioned, hostAddresses } = nodes;
    for (const [i, name] of names.entries()) {
      if (isMentioned[i] !== true || known.has(name) || mentioned.has(name)) continue;
      mentioned.set(name, new Set());
    }
    for (const [node, texts] of hostAddresses) {
      for (const text of texts) mentioned.get(names[node] ?? '')?.add(text);
    }
  }
  return [...mentioned].map(([name, texts]) => ({ name, addresses: [...texts].sort() }));
}

function claimForNodes(
  collector: OwnerCollector,
  { cluster }: Snapshot,
  nodes: {
    readonly mentionedNodes: readonly MentionedNode[];
    readonly nodeByName: ReadonlyMap<string, number>;
    /** Number of the first node as an owner. */
    readonly first: number;
  },
): void {
  const inOrder = [...cluster.nodes, ...nodes.mentionedNodes]
    .map(({ name, addresses }) => ({ ordinal: nodes.nodeByName.get(name) ?? -1, addresses }))
    .sort((a, b) => a.ordinal - b.ordinal);
  for (const { ordinal, addresses } of inOrder) {
    for (const text of addresses) {
      const address = parseAddress(text);
      if (address !== undefined) collector.add(address, nodes.first + ordinal);
    }
  }
}

/** Running and ready first, then running, then ready, then the others; each by ordinal. */
function claimForPods(
  collector: OwnerCollector,
  layouts: readonly ChunkLayout[],
  podStart: Int32Array,
): void {
  for (let strength = STRONGEST; 0 <= strength; strength -= 1) {
    for (const [i, { pods }] of layouts.entries()) {
      if (strength < STRONGEST && !pods.hasWeak) continue;
      collector.addRows(pods, strength, podStart[i] ?? 0);
    }
  }
}

function claimForServices(
  collector: OwnerCollector,
  layouts: readonly ChunkLayout[],
  first: number,
): Int32Array {
  const rows: number[] = [];
  for (const [i, { services }] of layouts.entries()) {
    for (const [position, addresses] of services) {
      for (const address of addresses) collector.add(address, first + rows.length / 2);
      rows.push(i, position);
    }
  }
  return Int32Array.from(rows);
}
