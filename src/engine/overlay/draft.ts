import { NAMESPACE_NAME_LABEL } from '../../model/selector.ts';
import type { LabelSelector } from '../../model/selector.ts';
import type { NamespaceChunk } from '../../model/snapshot.ts';
import type { IrTables, PortList } from '../index/ir-tables.ts';
import { PEER_BLOCK, PEER_EVERYONE, PEER_MAYBE, selectorText } from '../index/ir-tables.ts';
import { ADDS_UP } from '../index/policy-ir.ts';
import type { ChunkIr } from '../index/policy-ir.ts';
import { EVERYONE, SOMEBODY, groupFlagsOf } from '../index/policy-tables.ts';
import { portNameKey } from '../index/policy-texts.ts';
import type { PolicyTexts } from '../index/policy-texts.ts';
import { indexOfSorted } from '../model-view.ts';
import { numbersBehind } from './text-numbers.ts';
import type { TextNumbers } from './text-numbers.ts';

/** The other side of a rule: everyone, somebody, a selection or a block, in numbers of the index. */
export type DraftPeer =
  | { readonly kind: 'plain'; readonly peer: typeof EVERYONE | typeof SOMEBODY }
  | { readonly kind: 'selection'; readonly scope: number; readonly selector: number }
  | { readonly kind: 'block'; readonly block: number };

/** A peer on a port list. */
export interface DraftKey {
  readonly peer: DraftPeer;
  readonly ports: number;
}

/** Policies with one subject. */
export interface DraftGroup {
  readonly selector: number;
  flags: number;
  /** Positions among the policies of the namespace, in their order. */
  readonly policies: number[];
  readonly keys: readonly [egress: DraftKey[], ingress: DraftKey[]];
}

/** The policies of one namespace in numbers of an index that is there. */
export interface DraftNamespace {
  readonly groups: readonly DraftGroup[];
  /** Positions of all policies in their order, and the group of each. */
  readonly order: Int32Array;
  readonly mentions: readonly DraftKey[];
}

/**
 * Reads policies in the numbers of an index that is there. What it has no number for gets one behind
 * the last; what it could not have one for (a block that cuts addresses anew, a port name that nobody
 * asked for, a policy that is not of its own namespace alone) makes the draft void.
 */
export class Draft {
  readonly selectors: LabelSelector[] = [];
  readonly namespaceSelectors: LabelSelector[] = [];
  readonly portLists: PortList[] = [];
  readonly portListTexts: string[] = [];
  /** Blocks that some rule names. */
  readonly blocks = new Set<number>();
  isVoid = false;
  readonly #texts: PolicyTexts;
  readonly #numbers: TextNumbers;
  readonly #names: readonly string[];
  readonly #added = new Map<string, number>();

  /** @param names the namespaces of the index, in order */
  constructor(texts: PolicyTexts, names: readonly string[]) {
    this.#texts = texts;
    this.#numbers = numbersBehind(texts);
    this.#names = names;
  }

  /** Texts with those that were added. */
  texts(): PolicyTexts {
    const { selectors, namespaceSelectors, portListTexts } = this;
    const added = selectors.length + namespaceSelectors.length + portListTexts.length;
    if (added === 0) return this.#texts;
    return {
      ...this.#texts,
      selectors: [...this.#texts.selectors, ...selectors],
      namespaceSelectors: [...this.#texts.namespaceSelectors, ...namespaceSelectors],
      portLists: [...this.#texts.portLists, ...portListTexts],
    };
  }

  read(chunk: NamespaceChunk, ir: ChunkIr, tables: IrTables): DraftNamespace {
    const groups = new Map<number, DraftGroup>();
    if (ir.foreign) this.isVoid = true;
    for (const position of ir.order) {
      const flags = ir.flags[position]!;
      const subject = ir.subjects[position]!;
      const scope = tables.subjects.firstOf(subject);
      const isOwn = scope % 2 === 0 && tables.namespaces.values[scope >> 1] === chunk.name;
      if (!isOwn || (flags & ADDS_UP) === 0) this.isVoid = true;
      const selector = this.#selectorOf(
        tables.selectors.values[tables.subjects.secondOf(subject)]!,
      );
      const group = groups.get(selector) ?? { selector, flags: 0, policies: [], keys: [[], []] };
      groups.set(selector, group);
      group.flags |= groupFlagsOf(flags);
      group.policies.push(position);
      for (const direction of [0, 1] as const) {
        const end = ir.keyStart[2 * position + direction + 1]!;
        for (let i = ir.keyStart[2 * position + direction]!; i < end; i += 1) {
          group.keys[direction].push(this.#keyOf(ir.keys[i]!, tables));
        }
      }
    }
    const mentions = Array.from(ir.mentions, (key) => this.#keyOf(key, tables));
    return { groups: [...groups.values()], order: ir.order, mentions };
  }

  #keyOf(key: number, tables: IrTables): DraftKey {
    const peer = tables.keys.firstOf(key);
    const ports = tables.keys.secondOf(key);
    return {
      peer: this.#peerOf(tables.peers.firstOf(peer), tables.peers.secondOf(peer), tables),
      ports: this.#portsOf(tables.portLists.texts[ports]!, tables.portLists.values[ports]!),
    };
  }

  #peerOf(first: number, second: number, tables: IrTables): DraftPeer {
    if (first === PEER_EVERYONE) return { kind: 'plain', peer: EVERYONE };
    if (first === PEER_MAYBE) return { kind: 'plain', peer: SOMEBODY };
    if (first !== PEER_BLOCK) {
      const scope =
        first % 2 === 0
          ? this.#named(tables.namespaces.values[first >> 1]!)
          : this.#selected(tables.selectors.values[first >> 1]!);
      const selector = this.#selectorOf(tables.selectors.values[second]!);
      return { kind: 'selection', scope, selector };
    }
    const block = this.#numbers.blocks.get(tables.blocks.texts[second]!);
    if (block === undefined) this.isVoid = true;
    else this.blocks.add(block);
    return { kind: 'block', block: block ?? 0 };
  }

  #named(name: string): number {
    const namespace = indexOfSorted(this.#names, name, (one) => one);
    return namespace < 0 ? this.#names.length + 1 : namespace;
  }

  #selected(selector: LabelSelector): number {
    const [first] = selector.requirements;
    if (first === undefined) return this.#names.length;
    // The API server keeps the name of every namespace in this label (semantics R1.30).
    const isByName =
      selector.requirements.length === 1 &&
      first.operator === 'In' &&
      first.values.length === 1 &&
      first.key === NAMESPACE_NAME_LABEL;
    if (isByName) return this.#named(first.values[0] ?? '');
    const { namespaceSelectors } = this.#numbers;
    const text = selectorText(selector);
    const known = namespaceSelectors.get(text);
    const number =
      known ??
      this.#add(
        `n${text}`,
        this.namespaceSelectors,
        selector,
        this.#texts.namespaceSelectors.length,
      );
    return this.#names.length + 2 + number;
  }

  #selectorOf(selector: LabelSelector): number {
    if (selector.requirements.length === 0) return 0;
    const text = selectorText(selector);
    const known = this.#numbers.selectors.get(text);
    return known ?? this.#add(`s${text}`, this.selectors, selector, this.#texts.selectors.length);
  }

  #portsOf(text: string, list: PortList): number {
    const known = this.#numbers.portLists.get(text);
    if (known !== undefined) return known;
    if (list.names.some((name) => !this.#numbers.portNames.has(portNameKey(name)))) {
      this.isVoid = true;
    }
    const before = this.portLists.length;
    const number = this.#add(`p${text}`, this.portLists, list, this.#texts.portLists.length);
    if (before < this.portLists.length) this.portListTexts.push(text);
    return number;
  }

  #add<Value>(key: string, list: Value[], value: Value, first: number): number {
    const known = this.#added.get(key);
    if (known !== undefined) return known;
    const number = first + list.push(value) - 1;
    this.#added.set(key, number);
    return number;
  }
}
