import { SetBuilder, isDense, wordsFor } from './class-set.ts';
import type { SetArenas } from './class-set.ts';
import { csrOf } from './csr.ts';
import type { Csr } from './csr.ts';
import { IntList } from './int-list.ts';
import type { PolicyTables } from './policy-tables.ts';
import { CONFLICTS } from './project.ts';
import type { Projection } from './project.ts';
import { SelectorFile } from './selector-index.ts';
import type { SelectorIndex } from './selector-index.ts';

/*
 * Which pod selectors hold which classes, both ways (performance C, step 3).
 *
 *   of a class     the ascending numbers of its selectors: "is this class among app=web" is a look at
 *                  five or ten numbers; "which peers hold this class" starts from them
 *   of a selector  the set of its classes (class-set.ts): "who is app=web in shop" is a cut of it
 *
 * A selector is tried only where some selection uses it: the selectors of one namespace on that
 * namespace, those of selections across namespaces everywhere. One that holds more than 1/32 of all
 * classes is kept as bits alone and in no class's list, so that selectors such as `!legacy` cost a bit
 * for each class and not eight bytes. Selector 0, every pod, is nowhere: nobody has to look it up.
 */
export interface ClassSelectors {
  /** By class: its selectors but for dense ones, ascending. */
  readonly ofClass: Csr;
  /** By selector: its classes. */
  readonly classes: SetArenas;
  /** Selectors that are bits alone, ascending. */
  readonly dense: Int32Array;
}

/** Lists below this size are never dense: the bits of a small cluster save nothing. */
const LIST_MIN = 64;

/** Tries the selectors of `tables` on the classes of `projection`. */
export function matchClasses(
  tables: PolicyTables,
  projection: Projection,
  index: SelectorIndex,
): ClassSelectors {
  const { classCount, namespaceClasses, classFlags } = projection;
  const namespaces = namespaceClasses.length - 1;
  const { everywhere, isEverywhere } = fileEverywhere(tables, index, namespaces);
  const here = new SelectorFile(index);
  const matches = new Matches(tables.selectors.length, classCount);
  const pairs: number[] = [];
  const found = new IntList();
  for (let namespace = 0; namespace < namespaces; namespace += 1) {
    here.clear();
    const end = tables.scopeSelections[namespace + 1]!;
    for (let i = tables.scopeSelections[namespace]!; i < end; i += 1) {
      const selector = tables.selectionSelector[i]!;
      if (selector !== 0 && isEverywhere[selector] === 0) here.add(selector);
    }
    const lastClass = namespaceClasses[namespace + 1]!;
    for (let one = namespaceClasses[namespace]!; one < lastClass; one += 1) {
      if ((classFlags[one]! & CONFLICTS) !== 0) continue;
      const count = projection.pairsOf(one, pairs);
      index.reset();
      for (let i = 0; i < count; i += 1) index.load(pairs[i]!);
      found.truncate(0);
      here.find(pairs, count, found);
      everywhere.find(pairs, count, found);
      matches.add(one, found);
    }
  }
  return matches.build();
}

/** The selectors that are tried on every namespace. */
function fileEverywhere(
  tables: PolicyTables,
  index: SelectorIndex,
  namespaces: number,
): { everywhere: SelectorFile; isEverywhere: Uint8Array } {
  const everywhere = new SelectorFile(index);
  const isEverywhere = new Uint8Array(tables.selectors.length);
  for (let i = tables.scopeSelections[namespaces]!; i < tables.selectionScope.length; i += 1) {
    const selector = tables.selectionSelector[i]!;
    const nowhere = tables.selectionScope[i] === namespaces + 1;
    if (nowhere || selector === 0 || isEverywhere[selector] === 1) continue;
    isEverywhere[selector] = 1;
    everywhere.add(selector);
  }
  return { everywhere, isEverywhere };
}

/** (class, selector) as they are found, classes ascending. */
class Matches {
  readonly #selectors: number;
  readonly #classes: number;
  readonly #ofClass = new IntList(1024);
  readonly #found = new IntList(1024);
  readonly #sizes: Int32Array;
  /** Words of selectors that turned out to be dense. */
  readonly #bits = new Map<number, Int32Array>();

  constructor(selectors: number, classes: number) {
    this.#selectors = selectors;
    this.#classes = classes;
    this.#sizes = new Int32Array(selectors);
  }

  add(one: number, found: IntList): void {
    for (let i = 0; i < found.length; i += 1) {
      const selector = found.at(i);
      const size = this.#sizes[selector]! + 1;
      this.#sizes[selector] = size;
      const bits = this.#bits.get(selector);
      if (bits !== undefined) {
        bits[one >> 5]! |= 1 << (one & 31);
        continue;
      }
      this.#ofClass.push(one);
      this.#found.push(selector);
      // From here on it is bits; what is in the list already joins them in the end.
      if (LIST_MIN < size && isDense(size, this.#classes)) {
        this.#bits.set(selector, new Int32Array(wordsFor(this.#classes)));
      }
    }
  }

  build(): ClassSelectors {
    const ofClass = this.#ofClass.toArray();
    const found = this.#found.toArray();
    for (let i = 0; i < found.length; i += 1) {
      const bits = this.#bits.get(found[i]!);
      if (bits === undefined) continue;
      bits[ofClass[i]! >> 5]! |= 1 << (ofClass[i]! & 31);
      found[i] = -1;
    }
    const bySelector = csrOf(this.#selectors, found, ofClass);
    const builder = new SetBuilder(this.#classes);
    for (let i = 0; i < this.#selectors; i += 1) {
      const bits = this.#bits.get(i);
      if (bits !== undefined) builder.addDense(bits, this.#sizes[i]!);
      else builder.add(bySelector.items, bySelector.start[i]!, bySelector.start[i + 1]!);
    }
    // Going through selectors in order leaves the list of each class ascending.
    const owners = new Int32Array(bySelector.items.length);
    for (let i = 0; i < this.#selectors; i += 1) {
      owners.fill(i, bySelector.start[i], bySelector.start[i + 1]);
    }
    return {
      ofClass: csrOf(this.#classes, bySelector.items, owners),
      classes: builder.build(),
      dense: Int32Array.from([...this.#bits.keys()].sort((a, b) => a - b)),
    };
  }
}
