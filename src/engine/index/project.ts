import { POD_CONFLICT, POD_PHASES, POD_TEMPLATE } from '../../model/snapshot.ts';
import type { NamespaceChunk, Snapshot } from '../../model/snapshot.ts';
import { coverageOf, missingPolicyKinds } from '../missing.ts';
import type { RequiredKind } from '../missing.ts';
import type { SignatureTable } from './address-signatures.ts';
import { csrOf, orderOfPairs } from './csr.ts';
import type { FlatView } from './flat-compile.ts';
import { IntList } from './int-list.ts';
import { PairTable } from './pair-table.ts';
import type { IrCache } from './policy-ir.ts';
import type { PodIr } from './pod-ir.ts';
import type { PortMapTable } from './port-maps.ts';
import { ROW_HOST, ROW_IPV4 } from './row-kinds.ts';
import type { SelectorIndex } from './selector-index.ts';

/*
 * Pods to parties (performance C, steps 2 and 6).
 *
 *   pod ─▶ shape (label set, ports) ─▶ class   what selectors and port names can see, by namespace
 *       ─▶ addresses                ─▶ signature        what blocks can see
 *   party = (class, signature)
 *
 * A shape is projected once, by a walk down a trie from its namespace along its pairs
 * (selector-index.ts) and its port map; the node it ends at is its class. Classes ascend by namespace,
 * so a namespace is a run of them; pods sorted by (class, signature) make parties, so a class, and
 * therefore a namespace, is a run of parties as well.
 *
 * What cannot be known of a pod is part of its class, so that all pods of a party are in the same
 * doubt: an object that contradicts itself is a class of its own.
 */

/** Bit of a class: its objects contradict each other, every selection may or may not hold it. */
export const CONFLICTS = 64;
/** Bit of a class: nothing that its own policies say is certain. */
export const IN_DOUBT = 128;

/** Steps of the trie that are no pairs. */
const STEP_TEMPLATE = -2;
const STEP_NAMESPACE_CONFLICT = -3;
const STEP_POD_CONFLICT = -4;

/** Parent of the root node of each namespace. */
const TRIE_ROOT = -1;

/** Parties of pods, and the classes they come from. */
export interface Projection {
  readonly classCount: number;
  /** Classes of namespace `i`: from `namespaceClasses[i]` to before `namespaceClasses[i + 1]`. */
  readonly namespaceClasses: Int32Array;
  readonly classPortMap: Int32Array;
  /** {@link CONFLICTS}, {@link IN_DOUBT}. */
  readonly classFlags: Uint8Array;
  /** Parties of class `i`: from `classParties[i]` to before `classParties[i + 1]`. */
  readonly classParties: Int32Array;
  /** -1 for finished and hostNetwork pods. */
  readonly partyOfPod: Int32Array;
  readonly partyPodStart: Int32Array;
  readonly partyPods: Int32Array;
  readonly partyClass: Int32Array;
  readonly partySignature: Int32Array;
  readonly partyNamespace: Int32Array;
  /** Ordinals of hostNetwork pods that are not finished. */
  readonly hostPods: Int32Array;
  /** Writes the pairs of a class to `into`; how many there are. */
  pairsOf(classId: number, into: number[]): number;
}

/** Sorts the pods of `view` into classes and parties. */
export function projectPods(
  view: FlatView,
  index: SelectorIndex,
  portMaps: PortMapTable,
  signatures: SignatureTable,
  cache: IrCache,
): Projection {
  const classes = new ClassTable(view.snapshot, index, portMaps);
  const podClass = new Int32Array(view.podCount).fill(-1);
  const podSignature = new Int32Array(view.podCount).fill(-1);
  const hostPods = new IntList();
  const namespaceClasses = new Int32Array(view.namespaces.length + 1);
  for (const [i, chunk] of view.namespaces.entries()) {
    const { pods } = chunk;
    const { kinds, v4 } = cache.layouts.of(chunk).pods;
    const classOf = classes.enter(chunk, cache.podsOf(chunk), i);
    const first = view.podStart[i] ?? 0;
    for (let row = 0; row < kinds.length; row += 1) {
      const kind = kinds[row]!;
      if (kind === ROW_HOST) hostPods.push(first + row);
      if (kind <= ROW_HOST) continue;
      podClass[first + row] = classOf(pods.shape[row] ?? -1, row, pods.flags[row] ?? 0);
      podSignature[first + row] =
        kind === ROW_IPV4
          ? signatures.ofIpv4(v4[row]!)
          : ((pods.flags[row] ?? 0) & POD_CONFLICT) !== 0
            ? // One version has other addresses than the other, or may have.
              signatures.ofNode([])
            : signatures.ofPod(pods.addresses[row] ?? [], isUnknown(pods.phase[row] ?? -1));
    }
    namespaceClasses[i + 1] = classes.count;
  }
  const parties = sortIntoParties(podClass, classes.count, podSignature, signatures.size);
  const partyNamespace = new Int32Array(parties.partyClass.length);
  for (let i = 0; i < view.namespaces.length; i += 1) {
    const first = parties.classParties[namespaceClasses[i]!]!;
    partyNamespace.fill(i, first, parties.classParties[namespaceClasses[i + 1]!]);
  }
  return {
    classCount: classes.count,
    namespaceClasses,
    ...classes.build(),
    ...parties,
    hostPods: hostPods.toArray(),
    partyNamespace,
    pairsOf: (classId, into) => classes.pairsOf(classId, into),
  };
}

/** Whether a pod in this phase is only written down, and will get an address. */
function isUnknown(phase: number): boolean {
  return (POD_PHASES[phase] ?? 'UNKNOWN') === 'UNKNOWN';
}

/** Runs of pods with equal class and signature, in that order. */
function sortIntoParties(
  podClass: Int32Array,
  classCount: number,
  podSignature: Int32Array,
  signatureCount: number,
): Pick<
  Projection,
  'classParties' | 'partyOfPod' | 'partyPodStart' | 'partyPods' | 'partyClass' | 'partySignature'
> {
  const partyPods = orderOfPairs(podClass, classCount, podSignature, signatureCount);
  const partyOfPod = new Int32Array(podClass.length).fill(-1);
  const partyPodStart = new IntList();
  const partyClass = new IntList();
  const partySignature = new IntList();
  let lastClass = -1;
  let lastSignature = -1;
  for (let i = 0; i < partyPods.length; i += 1) {
    const pod = partyPods[i]!;
    if (podClass[pod] !== lastClass || podSignature[pod] !== lastSignature) {
      lastClass = podClass[pod]!;
      lastSignature = podSignature[pod]!;
      partyPodStart.push(i);
      partyClass.push(lastClass);
      partySignature.push(lastSignature);
    }
    partyOfPod[pod] = partyClass.length - 1;
  }
  partyPodStart.push(partyPods.length);
  return {
    classParties: csrOf(classCount, partyClass.toArray()).start,
    partyOfPod,
    partyPodStart: partyPodStart.toArray(),
    partyPods,
    partyClass: partyClass.toArray(),
    partySignature: partySignature.toArray(),
  };
}

class ClassTable {
  readonly #index: SelectorIndex;
  readonly #portMaps: PortMapTable;
  readonly #trie = new PairTable(1024);
  /** (node, port map). INVARIANT: numbers ascend by namespace, because every node is below one. */
  readonly #classes = new PairTable(1024);
  readonly #flags = new IntList();
  /** Class of each shape, and node of each label set, of the namespace that was entered. */
  readonly #plain = new Scratch();
  readonly #nodes = new Scratch();
  /** Every pod is in doubt: policies of extensions are missing. */
  readonly #allInDoubt: boolean;
  readonly #lacksPolicies: (namespace: string) => boolean;
  readonly #lacksPods: (namespace: string) => boolean;

  constructor(snapshot: Snapshot, index: SelectorIndex, portMaps: PortMapTable) {
    this.#index = index;
    this.#portMaps = portMaps;
    this.#allInDoubt = missingPolicyKinds(snapshot) !== undefined;
    this.#lacksPolicies = lacking(snapshot, 'NetworkPolicy');
    // Pods made from templates stand for all there are, unless a dump has not all that there are.
    this.#lacksPods = snapshot.source === 'LIVE' ? lacking(snapshot, 'Pod') : () => false;
  }

  get count(): number {
    return this.#classes.size;
  }

  /** What sorts the pods of one namespace; namespaces come in order. */
  enter(
    chunk: NamespaceChunk,
    { portLists }: PodIr,
    namespace: number,
  ): (shape: number, row: number, flags: number) => number {
    const root = this.#trie.idOf(TRIE_ROOT, namespace);
    const plain = this.#plain.clear(chunk.shapes.length);
    const nodes = this.#nodes.clear(chunk.labelSets.length);
    const doubts = this.#allInDoubt || this.#lacksPolicies(chunk.name) ? IN_DOUBT : 0;
    const lacksPods = this.#lacksPods(chunk.name);
    return (shape, row, flags) => {
      const conflict = chunk.conflict || (flags & POD_CONFLICT) !== 0;
      const template = lacksPods && (flags & POD_TEMPLATE) !== 0;
      if (!conflict && !template) {
        const known = plain[shape] ?? -1;
        if (0 <= known) return known;
        const id = this.#place(
          this.#nodeOf(chunk, shape, root, nodes),
          portLists[shape] ?? -1,
          doubts,
        );
        plain[shape] = id;
        return id;
      }
      let node = this.#nodeOf(chunk, shape, root, nodes);
      if (conflict) {
        const step = chunk.conflict ? STEP_NAMESPACE_CONFLICT : STEP_POD_CONFLICT - row;
        node = this.#trie.idOf(root, step);
      }
      if (template) node = this.#trie.idOf(node, STEP_TEMPLATE);
      return this.#place(node, portLists[shape] ?? -1, (conflict ? CONFLICTS : 0) | IN_DOUBT);
    };
  }

  pairsOf(classId: number, into: number[]): number {
    let count = 0;
    let node = this.#classes.firstOf(classId);
    for (; this.#trie.firstOf(node) !== TRIE_ROOT; node = this.#trie.firstOf(node)) {
      const step = this.#trie.secondOf(node);
      if (0 <= step) into[count++] = step;
    }
    return count;
  }

  build(): Pick<Projection, 'classPortMap' | 'classFlags'> {
    return {
      classPortMap: this.#classes.seconds(),
      classFlags: Uint8Array.from(this.#flags.toArray()),
    };
  }

  #place(node: number, portList: number, flags: number): number {
    const id = this.#classes.idOf(node, this.#portMaps.idOf(portList));
    if (id === this.#flags.length) this.#flags.push(flags);
    return id;
  }

  /** The node of a shape's labels; `nodes` remembers it by label set. */
  #nodeOf(chunk: NamespaceChunk, shape: number, root: number, nodes: Int32Array): number {
    const labelSet = chunk.shapes[shape]?.labels ?? -1;
    const known = nodes[labelSet] ?? -1;
    if (0 <= known) return known;
    const labels = chunk.labelSets[labelSet];
    const count = labels === undefined ? 0 : this.#index.project(labels, PAIRS);
    let node = root;
    for (let i = 0; i < count; i += 1) node = this.#trie.idOf(node, PAIRS[i]!);
    nodes[labelSet] = node;
    return node;
  }
}

/** An array that is used again and again; a new one for each namespace costs more than the work. */
class Scratch {
  #items = new Int32Array(256);

  /** At least `length` times -1; what was handed out before is void. */
  clear(length: number): Int32Array {
    if (this.#items.length < length) this.#items = new Int32Array(2 * length);
    return this.#items.fill(-1, 0, length);
  }
}

/** Scratch of {@link ClassTable}: the pairs of one label set. */
const PAIRS: number[] = [];

/** Whether `kind` is not covered in a namespace; looks at coverage once where that is enough. */
function lacking(snapshot: Snapshot, kind: RequiredKind): (namespace: string) => boolean {
  const status = coverageOf(snapshot, kind);
  if (status === 'COMPLETE') return () => false;
  if (status !== 'PARTIAL') return () => true;
  return (namespace) => coverageOf(snapshot, kind, namespace) !== 'COMPLETE';
}
