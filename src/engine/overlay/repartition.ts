import type { NamespaceChunk, ContainerPort } from '../../model/snapshot.ts';
import type { FlatArenas, PolicyArenas } from '../index/flat-arenas.ts';
import { IntList } from '../index/int-list.ts';
import { CONFLICTS, IN_DOUBT } from '../index/project.ts';
import { SelectorFile } from '../index/selector-index.ts';
import type { SelectorIndex } from '../index/selector-index.ts';

/** Pods of one class with one signature: ordinals, ascending. */
export interface NewParty {
  readonly signature: number;
  readonly pods: number[];
}

/** Pods that the same selectors hold, and that make the same of port names. */
export interface NewClass {
  readonly portMap: number;
  /** Selectors that hold it, ascending; not selector 0. */
  readonly selectors: readonly number[];
  readonly parties: readonly NewParty[];
}

/** A namespace to sort into classes again. */
export interface Namespace {
  readonly number: number;
  readonly chunk: NamespaceChunk;
  /** What its pods make of port names, where that is not what it was. */
  readonly portMapOf: ((ports: readonly ContainerPort[]) => number) | undefined;
}

/** More lists of selectors than there are pods in a namespace. */
const LISTS_MAX = 2 ** 24;

/** Tries selectors on the pods of namespaces. */
export class Repartition {
  readonly #arenas: FlatArenas;
  readonly #policies: PolicyArenas;
  readonly #podStart: Int32Array;
  readonly #index: SelectorIndex;
  readonly #here: SelectorFile;
  readonly #everywhere: SelectorFile;
  readonly #isEverywhere: ReadonlySet<number>;

  /** @param policies those that hold now; pods are where `arenas` have them */
  constructor(
    arenas: FlatArenas,
    policies: PolicyArenas,
    podStart: Int32Array,
    index: SelectorIndex,
  ) {
    this.#arenas = arenas;
    this.#policies = policies;
    this.#podStart = podStart;
    this.#index = index;
    this.#here = new SelectorFile(index);
    this.#everywhere = new SelectorFile(index);
    this.#isEverywhere = selectorsAcross(policies, arenas.numbers.namespaces);
    for (const selector of this.#isEverywhere) this.#everywhere.add(selector);
  }

  /** The classes of a namespace. */
  classesOf({ number, chunk, portMapOf }: Namespace): readonly NewClass[] {
    const { classes, parties } = this.#arenas;
    this.#fileHere(number);
    const lists: (readonly number[])[] = [];
    const listOf = this.#listsBy(chunk, lists);
    const found = new Map<number, NewClass & { readonly parties: NewParty[] }>();
    const first = this.#podStart[number]!;
    for (let row = 0; row < chunk.pods.name.length; row += 1) {
      const party = parties.ofPod[first + row]!;
      const shape = chunk.shapes[chunk.pods.shape[row] ?? -1];
      if (party < 0 || this.#arenas.numbers.podParties <= party || shape === undefined) continue;
      const list = listOf(shape.labels);
      const portMap = portMapOf?.(shape.ports) ?? classes.portMap[parties.classOf[party]!]!;
      const key = LISTS_MAX * portMap + list;
      const one = found.get(key) ?? { portMap, selectors: lists[list]!, parties: [] };
      found.set(key, one);
      const signature = parties.signature[party]!;
      const known = one.parties.find((each) => each.signature === signature);
      if (known !== undefined) known.pods.push(first + row);
      else one.parties.push({ signature, pods: [first + row] });
    }
    return [...found.values()].map((one) => ({
      ...one,
      parties: one.parties.toSorted((a, b) => a.signature - b.signature),
    }));
  }

  /** What holds a label set, as a number of `lists`, which grows. */
  #listsBy(chunk: NamespaceChunk, lists: (readonly number[])[]): (labelSet: number) => number {
    const byText = new Map<string, number>();
    const byLabels = new Map<number, number>();
    return (labelSet) => {
      const known = byLabels.get(labelSet);
      if (known !== undefined) return known;
      const selectors = this.#selectorsOf(chunk, labelSet);
      const number = byText.get(selectors.join()) ?? lists.push(selectors) - 1;
      byText.set(selectors.join(), number);
      byLabels.set(labelSet, number);
      return number;
    };
  }

  #fileHere(namespace: number): void {
    const { scopeSelections, selectionSelector } = this.#policies;
    this.#here.clear();
    for (let i = scopeSelections[namespace]!; i < scopeSelections[namespace + 1]!; i += 1) {
      const selector = selectionSelector[i]!;
      if (selector !== 0 && !this.#isEverywhere.has(selector)) this.#here.add(selector);
    }
  }

  #selectorsOf(chunk: NamespaceChunk, labelSet: number): readonly number[] {
    const labels = chunk.labelSets[labelSet];
    const pairs: number[] = [];
    const count = labels === undefined ? 0 : this.#index.project(labels, pairs);
    this.#index.reset();
    for (let i = 0; i < count; i += 1) this.#index.load(pairs[i]!);
    const found = new IntList(16);
    this.#here.find(pairs, count, found);
    this.#everywhere.find(pairs, count, found);
    return [...found.toArray().sort()];
  }
}

/** Selectors that are tried on every namespace: those of some selection across namespaces. */
export function selectorsAcross(policies: PolicyArenas, namespaces: number): ReadonlySet<number> {
  const { scopeSelections, selectionScope, selectionSelector } = policies;
  const found = new Set<number>();
  for (let i = scopeSelections[namespaces]!; i < selectionScope.length; i += 1) {
    const selector = selectionSelector[i]!;
    if (selector !== 0 && selectionScope[i] !== namespaces + 1) found.add(selector);
  }
  return found;
}

/** Whether something of the pods of a namespace is not known for certain. */
export function isInDoubt({ classes }: FlatArenas, namespace: number): boolean {
  const end = classes.ofNamespace[namespace + 1]!;
  for (let one = classes.ofNamespace[namespace]!; one < end; one += 1) {
    if ((classes.flags[one]! & (CONFLICTS | IN_DOUBT)) !== 0) return true;
  }
  return false;
}
