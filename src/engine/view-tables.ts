import { parseAddress } from '../model/address.ts';
import type { NamespaceChunk, PodShape, Snapshot } from '../model/snapshot.ts';
import { POD_PHASES, POD_READY, isFinished } from '../model/snapshot.ts';
import { OwnerCollector } from './address-owners.ts';
import type { OwnerColumns } from './address-owners.ts';

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
 * @see semantics 5.2, "Ownership"
 */
export function buildViewTables(snapshot: Snapshot): ViewTables {
  const chunks = [...snapshot.namespaces.values()];
  const podStart = new Int32Array(chunks.length + 1);
  for (const [i, chunk] of chunks.entries()) {
    podStart[i + 1] = (podStart[i] ?? 0) + chunk.pods.name.length;
  }
  const mentionedNodes = mentionNodes(snapshot, chunks);
  const nodeNames = nodeNamesOf(snapshot, mentionedNodes);
  const nodeByName = new Map(nodeNames.map((name, i) => [name, i]));
  const podCount = podStart.at(-1) ?? 0;
  const podNode = new Int32Array(podCount);
  let pod = 0;
  for (const chunk of chunks) {
    for (const name of chunk.pods.node) {
      podNode[pod] = nodeByName.get(name) ?? -1;
      pod += 1;
    }
  }
  const collector = new OwnerCollector();
  claimForNodes(collector, snapshot, { mentionedNodes, nodeByName, first: podCount });
  claimForPods(collector, chunks, podStart);
  const services = claimForServices(collector, chunks, podCount + nodeNames.length);
  return { podStart, podNode, mentionedNodes, owners: collector.columns(), services };
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

function mentionNodes({ cluster }: Snapshot, chunks: readonly NamespaceChunk[]): MentionedNode[] {
  const known = new Set(cluster.nodes.map(({ name }) => name));
  const mentioned = new Map<string, Set<string>>();
  for (const chunk of chunks) {
    const { pods } = chunk;
    for (const [row, node] of pods.node.entries()) {
      if (node === '' || known.has(node) || isFinishedRow(chunk, row)) continue;
      const texts = mentioned.get(node) ?? new Set();
      mentioned.set(node, texts);
      if (shapeOf(chunk, row)?.hostNetwork !== true) continue;
      for (const text of pods.addresses[row] ?? []) texts.add(text);
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
    for (const text of addresses) claim(collector, text, nodes.first + ordinal);
  }
}

const RUNNING = POD_PHASES.indexOf('RUNNING');
/** Running and ready. */
const STRONGEST = 3;

/** Running and ready first, then running, then ready, then the others; each by ordinal. */
function claimForPods(
  collector: OwnerCollector,
  chunks: readonly NamespaceChunk[],
  podStart: Int32Array,
): void {
  const weaker: { readonly strength: number; readonly text: string; readonly pod: number }[] = [];
  for (const [i, chunk] of chunks.entries()) {
    const { pods } = chunk;
    const start = podStart[i] ?? 0;
    for (let row = 0; row < pods.name.length; row += 1) {
      if (isFinishedRow(chunk, row) || shapeOf(chunk, row)?.hostNetwork === true) continue;
      const running = pods.phase[row] === RUNNING ? 2 : 0;
      const strength = running + (((pods.flags[row] ?? 0) & POD_READY) === 0 ? 0 : 1);
      for (const text of pods.addresses[row] ?? []) {
        if (strength === STRONGEST) claim(collector, text, start + row);
        else weaker.push({ strength, text, pod: start + row });
      }
    }
  }
  weaker.sort((a, b) => b.strength - a.strength);
  for (const { text, pod } of weaker) claim(collector, text, pod);
}

function claimForServices(
  collector: OwnerCollector,
  chunks: readonly NamespaceChunk[],
  first: number,
): Int32Array {
  const rows: number[] = [];
  for (const [i, { services }] of chunks.entries()) {
    for (const [position, service] of services.entries()) {
      const texts = [...service.clusterIPs, ...service.loadBalancerIPs, ...service.externalIPs];
      if (texts.length === 0) continue;
      for (const text of texts) claim(collector, text, first + rows.length / 2);
      rows.push(i, position);
    }
  }
  return Int32Array.from(rows);
}

function claim(collector: OwnerCollector, text: string, owner: number): void {
  const quad = quadOf(text);
  if (0 <= quad) {
    collector.addIpv4(quad, owner);
    return;
  }
  const address = parseAddress(text);
  if (address !== undefined) collector.add(address, owner);
}

const ZERO = 48;
const DOT = 46;

/** A canonical dotted quad as a number; -1 for any other text. */
function quadOf(text: string): number {
  let value = 0;
  let octet = 0;
  let dots = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      value = value * 256 + octet;
      octet = 0;
      dots += 1;
    } else if (ZERO <= code && code < ZERO + 10) {
      octet = octet * 10 + code - ZERO;
    } else {
      return -1;
    }
  }
  return dots === 3 ? value * 256 + octet : -1;
}

function shapeOf(chunk: NamespaceChunk, row: number): PodShape | undefined {
  return chunk.shapes[chunk.pods.shape[row] ?? -1];
}

function isFinishedRow({ pods }: NamespaceChunk, row: number): boolean {
  return isFinished(POD_PHASES[pods.phase[row] ?? 0] ?? 'UNKNOWN');
}
