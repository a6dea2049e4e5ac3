import { ALL_PORTS, PROTOCOLS, connectionsOf } from '../../model/connection-set.ts';
import type { ConnectionSet, Protocol } from '../../model/connection-set.ts';
import type { PortTerm, Rule } from '../../model/policy.ts';
import type { LabelSelector } from '../../model/selector.ts';
import type { BlockRanges } from './block-ranges.ts';
import { IntList } from './int-list.ts';
import { PairTable } from './pair-table.ts';
import { NamedPorts } from './pod-ir.ts';

/*
 * The tables that policies are read into (policy-ir.ts): each distinct selector, block, port list and
 * namespace name once, by number. What most rules are made of, one label or one port, is found without
 * making a text of it first: texts that are made to be looked up are most of what reading costs.
 */

/** First member of a peer that is a block; the second is the block's number. */
export const PEER_BLOCK = -1;
/** First member of the peer that is everyone. */
export const PEER_EVERYONE = -2;
/** First member of the peer that may be anyone: what a rule says cannot be decided from here. */
export const PEER_MAYBE = -3;
/** First member of a peer that is nodes by labels; the second is the selector's number. */
export const PEER_NODES = -4;

/** A port list: numbers, and names that resolve on the destination. */
export interface PortList {
  readonly fixed: ConnectionSet;
  readonly names: readonly { readonly name: string; readonly protocol: Protocol | undefined }[];
}

/** Numbers texts from 0, and keeps what each stands for. */
export class TextTable<Value> {
  readonly #ids = new Map<string, number>();
  readonly values: Value[] = [];
  readonly texts: string[] = [];

  idOf(text: string, make: () => Value): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.values.length;
    this.values.push(make());
    this.texts.push(text);
    this.#ids.set(text, id);
    return id;
  }
}

/** Numbers label selectors. */
export class SelectorTable {
  /** Of one label with one value, by key and value. */
  readonly #single = new Map<string, Map<string, number>>();
  readonly #ids = new Map<string, number>();
  readonly values: LabelSelector[] = [];

  idOf(selector: LabelSelector): number {
    const [first] = selector.requirements;
    const single =
      first?.operator === 'In' && selector.requirements.length === 1 && first.values.length === 1;
    const ids = single ? this.#valuesOf(first.key) : this.#ids;
    const text = single ? (first.values[0] ?? '') : selectorText(selector);
    const known = ids.get(text);
    if (known !== undefined) return known;
    const id = this.values.push(selector) - 1;
    ids.set(text, id);
    return id;
  }

  #valuesOf(key: string): Map<string, number> {
    const known = this.#single.get(key);
    if (known !== undefined) return known;
    const values = new Map<string, number>();
    this.#single.set(key, values);
    return values;
  }
}

/** One text for each canonical selector; no label holds the separators. */
export function selectorText({ requirements }: LabelSelector): string {
  return requirements
    .map(({ operator, key, values }) => [operator, key, ...values].join('\u0000'))
    .join('\u0001');
}

/** Numbers the port lists of rules. */
export class PortListTable {
  /** Lists of one range: (protocol and first port, last port). */
  readonly #ranges = new PairTable(64);
  readonly #ofRange = new IntList();
  readonly #ids = new Map<string, number>();
  readonly values: PortList[] = [];
  readonly texts: string[] = [];

  idOf(ports: Rule['ports']): number {
    const [first] = ports === 'every' || ports.length !== 1 ? [] : ports;
    if (first?.kind !== 'range') return this.#idOf(ports);
    const start = (PROTOCOLS.indexOf(first.protocol) << 16) | first.from;
    const range = this.#ranges.idOf(start, first.to);
    if (range === this.#ofRange.length) this.#ofRange.push(this.#idOf(ports));
    return this.#ofRange.at(range);
  }

  #idOf(ports: Rule['ports']): number {
    const text = ports === 'every' ? '*' : ports.map(printTerm).join();
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.values.push(readPorts(ports)) - 1;
    this.texts.push(text);
    this.#ids.set(text, id);
    return id;
  }
}

function printTerm(term: PortTerm): string {
  return term.kind === 'range'
    ? `${term.protocol}${term.from}-${term.to}`
    : `${term.protocol ?? ''}/${term.name}`;
}

function readPorts(ports: Rule['ports']): PortList {
  if (ports === 'every') return { fixed: ALL_PORTS, names: [] };
  return {
    fixed: connectionsOf(ports.filter((port) => port.kind === 'range')),
    names: ports.flatMap((port) =>
      port.kind === 'name' ? [{ name: port.name, protocol: port.protocol }] : [],
    ),
  };
}

/** The tables that numbers of a `ChunkIr` (policy-ir.ts) refer to. */
export class IrTables {
  readonly selectors = new SelectorTable();
  readonly namespaces = new TextTable<string>();
  readonly blocks = new TextTable<BlockRanges>();
  readonly portLists = new PortListTable();
  /** Scopes are even for a name (2 x its number), odd for a selector. */
  readonly subjects = new PairTable(1024);
  readonly peers = new PairTable(1024);
  readonly keys = new PairTable(1024);
  readonly namedPorts = new NamedPorts();

  get size(): number {
    const { selectors, namespaces, blocks, portLists } = this;
    const tables = [selectors, namespaces, blocks, portLists];
    return tables.reduce((n, { values }) => n + values.length, this.namedPorts.size);
  }
}
