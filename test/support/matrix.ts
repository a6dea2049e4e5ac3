import { connectionsBetween } from '../../src/engine/pair/connections-between.ts';
import type { ConnectionsBetween, End } from '../../src/engine/pair/connections-between.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import { contains, printConnections } from '../../src/model/connection-set.ts';
import type { Family } from '../../src/model/address.ts';
import type { OracleOptions, Side, World } from '../engine/oracle-world.ts';
import {
  isFinished,
  namespaceOf,
  nodeNames,
  podsOf,
  sideOfNode,
  sideOfPod,
} from '../engine/oracle-world.ts';
import { familiesOf, locate } from '../engine/oracle.ts';
import type { OracleEnd } from '../engine/oracle.ts';
import type { KubeObject } from './kube-objects.ts';
import { EXTERNAL_ADDRESSES } from './worlds.ts';

/** One end in the words of the product and of the oracle. */
export interface NamedEnd {
  /** A ref of contract 2. */
  readonly ref: string;
  readonly product: End;
  readonly oracle: OracleEnd;
  /** A pod that is its node in every list. */
  readonly hostNetwork: boolean;
  /** Whether its addresses are known. */
  readonly located: boolean;
}

/** All connections of one pair in one family. */
export interface Cell extends ConnectionsBetween {
  readonly from: NamedEnd;
  readonly to: NamedEnd;
  /** Where the oracle finds `from`. */
  readonly source: Side;
  /** Where the oracle finds `to`. */
  readonly destination: Side;
  readonly family: Family | null;
}

/** Cells by `from -> to @family`. */
export type Matrix = ReadonlyMap<string, Cell>;

/** Every pod that has not finished, every node, and some addresses that nobody owns. */
export function endsOf(objects: readonly KubeObject[]): NamedEnd[] {
  const world = { objects };
  const pods = objects
    .filter((object) => object.kind === 'Pod' && !isFinished(object))
    .map((pod) => podEnd(world, pod));
  const nodes = nodeNames(world).map((name): NamedEnd => ({
    ref: `node/${name}`,
    product: { kind: 'node', name },
    oracle: { node: name },
    hostNetwork: false,
    located: isLocated(sideOfNode(world, name)),
  }));
  const external = EXTERNAL_ADDRESSES.map((address): NamedEnd => ({
    ref: address,
    product: { kind: 'address', address },
    oracle: { ip: address },
    hostNetwork: false,
    located: true,
  }));
  return [...pods, ...nodes, ...external];
}

function podEnd(world: World, pod: KubeObject): NamedEnd {
  const [namespace, name] = [namespaceOf(pod), pod.metadata.name];
  return {
    ref: `${namespace}/pod/${name}`,
    product: { kind: 'pod', namespace, name },
    oracle: { pod: `${namespace}/${name}` },
    hostNetwork: pod.spec?.hostNetwork === true,
    located: isLocated(sideOfPod(world, pod)),
  };
}

function isLocated({ addresses }: Side): boolean {
  return addresses.length !== 0;
}

/** `from -> to @family`. */
export function cellKey(from: NamedEnd, to: NamedEnd, family: Family | null): string {
  return `${from.ref} -> ${to.ref} @${family ?? '?'}`;
}

/** An end, and where the oracle finds it. */
export type PlacedEnd = readonly [end: NamedEnd, side: Side];

/** What the product says of every pair of ends that can be asked about. */
export function matrixOf(
  objects: readonly KubeObject[],
  index: ReachIndex,
  options: OracleOptions = {},
): Matrix {
  const world = { objects, options };
  const cells = new Map<string, Cell>();
  const ends = placedEnds(world);
  for (const [from, source] of ends) {
    for (const [to, destination] of ends) {
      for (const family of familiesOf(source, destination)) {
        const found = connectionsBetween(index, from.product, to.product, family);
        const key = cellKey(from, to, family);
        if (found === undefined) throw new Error(`no answer for ${key}`);
        cells.set(key, { ...found, from, to, source, destination, family });
      }
    }
  }
  return cells;
}

/** The ends of a world with where the oracle finds them; pods made from templates among them. */
export function placedEnds(world: World): PlacedEnd[] {
  const stamped = podsOf({ objects: world.objects.filter(({ kind }) => kind === 'Deployment') });
  const made = stamped.map((pod) => podEnd(world, pod));
  return [...endsOf(world.objects), ...made].flatMap((end) => {
    const side = locate(world, end.oracle);
    return typeof side === 'string' ? [] : [[end, side] as const];
  });
}

/** A cell as text. */
export function printCell({ allowed, denied, undetermined, other }: ConnectionsBetween): string {
  const sets = [allowed, denied, undetermined].map(printConnections);
  return `${sets.join(' | ')} | ${other}`;
}

/** What of two matrices to look at; cells that only one of them has never count. */
export interface Look {
  readonly where?: (cell: Cell) => boolean;
  /** Default: every set of a cell, and protocols other than TCP, UDP and SCTP. */
  readonly print?: (cell: Cell) => string;
}

/** A cell without {@link ConnectionsBetween.other}. */
export function printSets({ allowed, denied, undetermined }: Cell): string {
  return [allowed, denied, undetermined].map(printConnections).join(' | ');
}

/** Cells that differ, as text. */
export function differences(a: Matrix, b: Matrix, look: Look = {}): string[] {
  const { where = () => true, print = printCell } = look;
  return [...a].flatMap(([key, cell]) => {
    const other = b.get(key);
    if (other === undefined || !where(cell) || print(cell) === print(other)) return [];
    return [`${key}: ${print(cell)} <> ${print(other)}`];
  });
}

/** Cells of `small` with something allowed that `large` does not allow, as text. */
export function additions(small: Matrix, large: Matrix): string[] {
  return [...small].flatMap(([key, cell]) => {
    const other = large.get(key);
    if (other === undefined || contains(other.allowed, cell.allowed)) return [];
    return [`${key}: ${printCell(cell)} not in ${printCell(other)}`];
  });
}

/** Cells under other keys, e.g. with source and destination swapped. */
export function rekey(matrix: Matrix, keyOf: (cell: Cell, key: string) => string): Matrix {
  return new Map([...matrix].map(([key, cell]) => [keyOf(cell, key), cell]));
}
