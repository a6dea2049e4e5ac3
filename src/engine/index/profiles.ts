import type { ClassSelectors } from './class-selectors.ts';
import { hasMember } from './class-set.ts';
import type { Csr } from './csr.ts';
import { IntList } from './int-list.ts';
import type { NamespaceScopes } from './namespace-scopes.ts';
import { PairTable } from './pair-table.ts';
import { EGRESS, INGRESS, MAY_ISOLATE, OF_CLASSES, UNCERTAIN } from './policy-tables.ts';
import type { PolicyTables } from './policy-tables.ts';
import { CONFLICTS, IN_DOUBT } from './project.ts';
import type { Projection } from './project.ts';

/*
 * Profiles: the distinct lists of groups that classes are in. Everything that the own policies of a
 * class say is a matter of its profile, so what is computed for one class (a row of the matrix, a leg)
 * holds for all with the same.
 */
export interface Profiles {
  readonly classProfile: Int32Array;
  /** By profile: its groups, ascending. */
  readonly groups: Csr;
  /** By class: the flags of all its groups (policy-tables.ts), and those of the projection. */
  readonly classFlags: Uint8Array;
}

/** Both directions of a flag of a group. */
function both(flag: number): number {
  return (flag << EGRESS) | (flag << INGRESS);
}

/** The groups of every class. */
export function buildProfiles(
  tables: PolicyTables,
  projection: Projection,
  selectors: ClassSelectors,
  scopes: NamespaceScopes,
): Profiles {
  const { namespaceClasses } = projection;
  const namespaces = namespaceClasses.length - 1;
  const groupOf = new Int32Array(tables.selectionScope.length).fill(-1);
  for (let group = 0; group < tables.groupSelection.length; group += 1) {
    groupOf[tables.groupSelection[group]!] = group;
  }
  const finder = new GroupFinder(tables, selectors, scopes, groupOf);
  const lists = new ListTable();
  const classProfile = new Int32Array(projection.classCount);
  const classFlags = projection.classFlags.slice();
  for (let namespace = 0; namespace < namespaces; namespace += 1) {
    finder.enter(namespace);
    const end = namespaceClasses[namespace + 1]!;
    for (let one = namespaceClasses[namespace]!; one < end; one += 1) {
      const conflict = (classFlags[one]! & CONFLICTS) !== 0;
      const list = conflict ? finder.possible() : finder.of(one);
      let flags = classFlags[one]! | finder.doubts;
      for (let i = 0; i < list.length; i += 1) flags |= tables.groupFlags[list[i]!]! & OF_CLASSES;
      if ((flags & IN_DOUBT) !== 0) flags |= both(UNCERTAIN | MAY_ISOLATE);
      classFlags[one] = flags;
      classProfile[one] = lists.idOf(list);
    }
  }
  return { classProfile, groups: lists.build(), classFlags };
}

class GroupFinder {
  readonly #tables: PolicyTables;
  readonly #selectors: ClassSelectors;
  readonly #scopes: NamespaceScopes;
  readonly #groupOf: Int32Array;
  readonly #every: number;
  /** Selections across namespaces that are subjects. */
  readonly #across: number[] = [];
  /** Group of each selector in the namespace that was entered; it counts where the stamp says so. */
  readonly #groupOfSelector: Int32Array;
  readonly #stamps: Int32Array;
  readonly #isDense: Uint8Array;
  readonly #denseHere: number[] = [];
  #namespace = -1;
  #list: number[] = [];
  /** Flags of groups that may or may not hold the class found last. */
  doubts = 0;

  constructor(
    tables: PolicyTables,
    selectors: ClassSelectors,
    scopes: NamespaceScopes,
    groupOf: Int32Array,
  ) {
    this.#tables = tables;
    this.#selectors = selectors;
    this.#scopes = scopes;
    this.#groupOf = groupOf;
    this.#groupOfSelector = new Int32Array(tables.selectors.length);
    this.#stamps = new Int32Array(tables.selectors.length).fill(-1);
    this.#isDense = new Uint8Array(tables.selectors.length);
    for (let i = 0; i < selectors.dense.length; i += 1) this.#isDense[selectors.dense[i]!] = 1;
    this.#every = tables.scopeSelections.length - 1 - 2 - tables.namespaceSelectors.length;
    for (let i = tables.scopeSelections[this.#every]!; i < groupOf.length; i += 1) {
      if (0 <= groupOf[i]! && tables.selectionScope[i] !== this.#every + 1) this.#across.push(i);
    }
  }

  /** Goes on to the classes of `namespace`. */
  enter(namespace: number): void {
    const { scopeSelections, selectionSelector } = this.#tables;
    this.#namespace = namespace;
    this.#denseHere.length = 0;
    for (let i = scopeSelections[namespace]!; i < scopeSelections[namespace + 1]!; i += 1) {
      if (this.#groupOf[i]! < 0) continue;
      const selector = selectionSelector[i]!;
      this.#groupOfSelector[selector] = this.#groupOf[i]!;
      this.#stamps[selector] = namespace;
      if (this.#isDense[selector] === 1) this.#denseHere.push(selector);
    }
  }

  /** Groups that hold class `one`, ascending, and those that may. */
  of(one: number): readonly number[] {
    const { ofClass, classes } = this.#selectors;
    this.#list = [];
    this.doubts = 0;
    this.#addHere(0);
    for (let i = ofClass.start[one]!; i < ofClass.start[one + 1]!; i += 1) {
      this.#addHere(ofClass.items[i]!);
    }
    for (const selector of this.#denseHere) {
      if (hasMember(classes, selector, one)) this.#addHere(selector);
    }
    for (const selection of this.#across) {
      const selector = this.#tables.selectionSelector[selection]!;
      if (selector !== 0 && !hasMember(classes, selector, one)) continue;
      this.#addAcross(selection);
    }
    return this.#sorted();
  }

  /** Groups that may hold an object that contradicts itself: all but those of other namespaces. */
  possible(): readonly number[] {
    const { scopeSelections } = this.#tables;
    this.#list = [];
    this.doubts = 0;
    const end = scopeSelections[this.#namespace + 1]!;
    for (let i = scopeSelections[this.#namespace]!; i < end; i += 1) {
      if (0 <= this.#groupOf[i]!) this.#list.push(this.#groupOf[i]!);
    }
    for (const selection of this.#across) this.#list.push(this.#groupOf[selection]!);
    return this.#sorted();
  }

  #addHere(selector: number): void {
    if (this.#stamps[selector] === this.#namespace) {
      this.#list.push(this.#groupOfSelector[selector]!);
    }
  }

  #addAcross(selection: number): void {
    const group = this.#groupOf[selection]!;
    const scope = this.#tables.selectionScope[selection]! - this.#every - 2;
    if (scope < 0 || hasMember(this.#scopes.certain, scope, this.#namespace)) {
      this.#list.push(group);
    } else if (hasMember(this.#scopes.possible, scope, this.#namespace)) {
      this.#list.push(group);
      const flags = this.#tables.groupFlags[group]!;
      // Whatever it speaks of is uncertain, for it may not be about this class at all.
      const speaks = (flags | (flags >> 2) | (flags >> 4) | (flags >> 6)) & 3;
      this.doubts |= speaks * UNCERTAIN;
    }
  }

  #sorted(): readonly number[] {
    return this.#list.sort((a, b) => a - b);
  }
}

/** Numbers distinct lists: nodes of a trie, and which of them are ends. */
class ListTable {
  readonly #trie = new PairTable(256);
  readonly #ofNode = new IntList();
  readonly #start = new IntList();
  readonly #items = new IntList();
  #empty = -1;

  idOf(list: readonly number[]): number {
    if (list.length === 0) {
      if (this.#empty < 0) this.#empty = this.#add(list);
      return this.#empty;
    }
    let node = -1;
    for (let i = 0; i < list.length; i += 1) {
      node = this.#trie.idOf(node, list[i]!);
      if (node === this.#ofNode.length) this.#ofNode.push(-1);
    }
    if (this.#ofNode.at(node) < 0) this.#ofNode.set(node, this.#add(list));
    return this.#ofNode.at(node);
  }

  build(): Csr {
    this.#start.push(this.#items.length);
    return { start: this.#start.toArray(), items: this.#items.toArray() };
  }

  #add(list: readonly number[]): number {
    const id = this.#start.length;
    this.#start.push(this.#items.length);
    for (const item of list) this.#items.push(item);
    return id;
  }
}
