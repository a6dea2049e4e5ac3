/**
 * Whether everybody who can answer says the same: each implementation of the engine, and the oracle
 * packet by packet. What these functions return is what is wrong, as text.
 */
import { compileClearIndex } from '../../src/engine/clear/clear-index.ts';
import { compileIndex } from '../../src/engine/compile.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import type { EngineOptions } from '../../src/engine/options.ts';
import { connectionsBetween } from '../../src/engine/pair/connections-between.ts';
import type { ConnectionsBetween } from '../../src/engine/pair/connections-between.ts';
import type { PartyId } from '../../src/engine/party.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import type { Family } from '../../src/model/address.ts';
import {
  ALL_PORTS,
  PORT_MAX,
  PROTOCOLS,
  equalConnections,
  hasPort,
  isEmpty,
} from '../../src/model/connection-set.ts';
import type { Protocol } from '../../src/model/connection-set.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { EVERY_KIND, snapshotOf, snapshotOfDump } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { cellKey, matrixOf, placedEnds, printCell } from '../support/matrix.ts';
import type { Cell, Matrix, PlacedEnd } from '../support/matrix.ts';
import type { RoughWorld } from '../support/rough-worlds.ts';
import { makeSnapshot } from '../support/snapshot.ts';
import { withTiers } from '../support/tier-policies.ts';
import { clusterTiers } from './oracle-cluster-policies.ts';
import { borderPorts } from './oracle-sets.ts';
import type { Side, World } from './oracle-world.ts';
import { decideSighted, familiesOf } from './oracle.ts';

/** How much was compared. */
export interface Tally {
  worlds: number;
  /** Pairs of ends in one family. */
  cells: number;
  /** Packets the oracle was asked about. */
  packets: number;
  /** How many of them it allows. */
  allowed: number;
  /** Packets of rough worlds that the engine does not leave open. */
  certain: number;
  /** How many packets of rough worlds were asked. */
  rough: number;
}

/** Nothing compared yet. */
export function newTally(): Tally {
  return { worlds: 0, cells: 0, packets: 0, allowed: 0, certain: 0, rough: 0 };
}

/** `20000 worlds, 1234567 packets, 51 % of them allowed`. */
export function printTally({ worlds, cells, packets, allowed, rough, certain }: Tally): string {
  const percent = (part: number, whole: number): string =>
    `${Math.round((100 * part) / Math.max(1, whole))} %`;
  const sure = rough === 0 ? '' : `, certain of ${percent(certain, rough)} of ${rough} rough ones`;
  return `${worlds} worlds, ${cells} pairs, ${packets} packets, ${percent(allowed, packets)} of them allowed${sure}`;
}

/** An implementation of {@link ReachIndex}. */
export interface Implementation {
  readonly name: string;
  readonly compile: (snapshot: Snapshot, options: EngineOptions) => ReachIndex;
}

const CLEAR: Implementation = { name: 'clear', compile: compileClearIndex };
const DEFAULT: Implementation = { name: 'default', compile: compileIndex };

/** What the product answers with first, and each other one; two that are one code count once. */
export const IMPLEMENTATIONS: readonly Implementation[] = isClear() ? [CLEAR] : [DEFAULT, CLEAR];

/** An index has its code from whoever made it. */
function isClear(): boolean {
  const codes = [CLEAR, DEFAULT].map(({ compile }) => {
    const index = compile(makeSnapshot({}), DEFAULT_OPTIONS);
    return Object.values(index).map(String).join('\n');
  });
  return codes[0] === codes[1];
}

/** A snapshot compiled by every implementation. */
export type Indexes = readonly [ReachIndex, ...ReachIndex[]];

/** Compiles `snapshot` in every way. */
export function compileAll(snapshot: Snapshot, options: Partial<EngineOptions> = {}): Indexes {
  const all = IMPLEMENTATIONS.map(({ compile }) =>
    compile(snapshot, { ...DEFAULT_OPTIONS, ...options }),
  );
  const [first, ...rest] = all;
  if (first === undefined) throw new Error('no implementation');
  return [first, ...rest];
}

/** A world as it was compared, for further looks. */
export interface Compared {
  readonly indexes: Indexes;
  readonly matrix: Matrix;
  readonly wrong: readonly string[];
}

/** Compares all pairs of a cluster of which everything is known. */
export async function compareWorld(
  objects: readonly KubeObject[],
  tally: Tally,
  options: World['options'] = {},
): Promise<Compared> {
  const world: World = { objects, options };
  const indexes = compileAll(await snapshotOf(objects), options);
  const ports = borderPorts(objects);
  const wrong: string[] = [];
  const [index, ...others] = indexes;
  const matrix = matrixOf(objects, index, options);
  tally.worlds += 1;
  for (const [key, cell] of matrix) {
    tally.cells += 1;
    wrong.push(...differ(others, cell, key), ...malformed(cell, key));
    const { source, destination, family } = cell;
    for (const { protocol, port, verdict } of packetsOf(cell, ports, tally.cells)) {
      const truth = decideSighted(world, { source, destination, protocol, port, family });
      tally.packets += 1;
      if (truth.verdict === 'allow') tally.allowed += 1;
      if (truth.verdict === verdict) continue;
      wrong.push(`${key} ${protocol}/${port} is ${verdict}; oracle: ${JSON.stringify(truth)}`);
    }
  }
  return { indexes, matrix, wrong };
}

/**
 * Compares what input that is not whole is certain of with every cluster it can be of. Of tiers,
 * what is left open must hang on something.
 */
export async function compareRoughWorld(rough: RoughWorld, tally: Tally): Promise<Compared> {
  const indexes = await roughIndexes(rough);
  const matrix = new Map<string, Cell>();
  const wrong: string[] = [];
  tally.worlds += 1;
  const [index, ...others] = indexes;
  for (const objects of new Set([...rough.truths, rough.objects])) {
    const { tiers } = rough;
    const world: World = { objects, ...(tiers.length === 0 ? {} : { tiers }) };
    const isTruth = rough.truths.includes(objects);
    const ports = borderPorts([objects, tiers]);
    for (const cell of roughCells(index, placedEnds(world))) {
      const key = cellKey(cell.from, cell.to, cell.family);
      if (!matrix.has(key)) wrong.push(...differ(others, cell, key), ...malformed(cell, key));
      matrix.set(key, cell);
      if (!isTruth) continue;
      tally.cells += 1;
      const isWhole = rough.lists === undefined;
      wrong.push(...judgeRough(world, { cell, key, ports, isWhole }, tally));
    }
  }
  return { indexes, matrix, wrong: wrong.map((text) => `${rough.harm}: ${text}`) };
}

/**
 * Compares what a dump of which something cannot be right is certain of with the cluster it was made of:
 * nothing else can be asked, since the oracle reads right objects only.
 */
export async function compareDamaged(
  { damaged, truth }: { damaged: readonly KubeObject[]; truth: readonly KubeObject[] },
  tally: Tally,
): Promise<readonly string[]> {
  const whole = { objects: damaged, lists: EVERY_KIND, tiers: [] };
  const [index, ...others] = await roughIndexes(whole);
  const world: World = { objects: truth };
  const ports = borderPorts(truth);
  tally.worlds += 1;
  return [...roughCells(index, placedEnds(world))].flatMap((cell) => {
    const key = cellKey(cell.from, cell.to, cell.family);
    tally.cells += 1;
    return [
      ...differ(others, cell, key),
      ...malformed(cell, key),
      ...judgeRough(world, { cell, key, ports, isWhole: false }, tally),
    ];
  });
}

/** The indexes of rough input. */
export async function roughIndexes({
  objects,
  lists,
  tiers,
}: Pick<RoughWorld, 'objects' | 'lists' | 'tiers'>): Promise<Indexes> {
  const snapshot =
    lists === undefined ? await snapshotOf(objects) : await snapshotOfDump(objects, lists);
  return compileAll(withTiers(snapshot, tiers));
}

function judgeRough(
  world: World,
  {
    cell,
    key,
    ports,
    isWhole,
  }: { cell: Cell; key: string; ports: readonly number[]; isWhole: boolean },
  tally: Tally,
): string[] {
  const { source, destination, family } = cell;
  const isPlain = ({ addresses }: Side): boolean =>
    addresses.filter((ip) => ip.family === family).length === 1;
  const mustBeCertain = isWhole && isSettled(world) && isPlain(source) && isPlain(destination);
  return packetsOf(cell, ports, tally.cells).flatMap(({ protocol, port, verdict }) => {
    const truth = decideSighted(world, { source, destination, protocol, port, family });
    tally.packets += 1;
    tally.rough += 1;
    if (truth.verdict === 'allow') tally.allowed += 1;
    if (verdict !== 'conditional') tally.certain += 1;
    if (truth.verdict === verdict || (verdict === 'conditional' && !mustBeCertain)) return [];
    return [`${key} ${protocol}/${port} is ${verdict}; may be: ${JSON.stringify(truth)}`];
  });
}

/** Tiers in which every rule can be evaluated and no two policies speak at once. */
function isSettled({ tiers: written = [], objects }: World): boolean {
  const tiers = [...written, ...clusterTiers(objects)];
  const orders = new Set(
    tiers.map(({ tier, direction, order }) => `${tier} ${direction} ${order}`),
  );
  const isKnown = tiers.every(({ rules }) =>
    rules.every(({ opaque, peers }) => !opaque && peers.every((peer) => !('names' in peer))),
  );
  return tiers.length !== 0 && isKnown && orders.size === tiers.length;
}

/** Cells of the ends that the product knows. */
function* roughCells(index: ReachIndex, ends: readonly PlacedEnd[]): Generator<Cell> {
  for (const [from, source] of ends) {
    for (const [to, destination] of ends) {
      for (const family of familiesOf(source, destination)) {
        const found = connectionsBetween(index, from.product, to.product, family);
        if (found !== undefined) yield { ...found, from, to, source, destination, family };
      }
    }
  }
}

/** Whether the sets of a cell are not canonical, or not a partition of all ports. */
function malformed(cell: Cell, key: string): string[] {
  const sets = [cell.allowed, cell.denied, cell.undetermined];
  const isWhole = PROTOCOLS.every((protocol) => {
    let ports = 0;
    for (const { [protocol]: lane } of sets) {
      let before = -1;
      for (const { lo, hi } of lane) {
        if (lo <= before + 1 || hi < lo) return false;
        before = hi;
        ports += hi - lo + 1;
      }
    }
    return ports === PORT_MAX;
  });
  return isWhole && sets.every(({ other }) => !other) ? [] : [`${key} is not well formed`];
}

/** What other implementations say of a pair differently. */
function differ(others: readonly ReachIndex[], cell: Cell, key: string): string[] {
  return others.flatMap((index) => {
    const other = connectionsBetween(index, cell.from.product, cell.to.product, cell.family);
    if (other !== undefined && equalCells(cell, other)) return [];
    const text = other === undefined ? 'nothing' : printCell(other);
    return [`${key} is ${printCell(cell)}; another implementation: ${text}`];
  });
}

function equalCells(a: ConnectionsBetween, b: ConnectionsBetween): boolean {
  return (
    a.other === b.other &&
    equalConnections(a.allowed, b.allowed) &&
    equalConnections(a.denied, b.denied) &&
    equalConnections(a.undetermined, b.undetermined)
  );
}

/** One port of a cell in the words of the oracle. */
interface Packet {
  readonly protocol: Protocol;
  readonly port: number;
  readonly verdict: 'allow' | 'deny' | 'conditional';
}

/**
 * Two ports that are allowed and two that are not, as far as the cell has any; `salt` picks which.
 * Of the cells that are open altogether, which are most, every fourth: half of what is asked should
 * be denied. Every tenth of the others is asked in full, named ports are easily missed.
 */
function packetsOf(cell: Cell, ports: readonly number[], salt: number): Packet[] {
  if (equalConnections(cell.allowed, ALL_PORTS) && salt % 4 !== 0) return [];
  const all = PROTOCOLS.flatMap((protocol) =>
    ports.map((port): Packet => {
      const shut = hasPort(cell.denied, protocol, port) ? 'deny' : 'conditional';
      return { protocol, port, verdict: hasPort(cell.allowed, protocol, port) ? 'allow' : shut };
    }),
  );
  if (salt % 10 === 0) return all;
  const allowed = all.filter(({ verdict }) => verdict === 'allow');
  const others = all.filter(({ verdict }) => verdict !== 'allow');
  return [allowed, others].flatMap((list) =>
    [salt, salt + 7].flatMap((at) => list[at % list.length] ?? []),
  );
}

/** Parties that may connect and that the lists of candidates leave out. */
export function missedCandidates(index: ReachIndex): string[] {
  const ids = Array.from({ length: index.partyCount }, (_, i) => i as PartyId);
  const candidates = ids.map((id) => ({
    sources: new Set(Array.from(index.sourcesOf(id))),
    destinations: new Set(Array.from(index.destinationsOf(id))),
  }));
  return ids.flatMap((source) =>
    ids.flatMap((destination) => {
      const families = partyFamilies(index, source, destination);
      const isOpen = families.some((family) => {
        const found = index.reach({ source, destination, family, relation: 'NONE' });
        return !isEmpty(found.allowed) || !isEmpty(found.undetermined);
      });
      if (!isOpen) return [];
      const text = [source, destination].map((id) => `${index.party(id).kind} ${id}`).join(' -> ');
      const isSource = candidates[destination]?.sources.has(source) === true;
      const isDestination = candidates[source]?.destinations.has(destination) === true;
      return [
        ...(isSource ? [] : [`${text}: the source is no candidate`]),
        ...(isDestination ? [] : [`${text}: the destination is no candidate`]),
      ];
    }),
  );
}

/** Families in which two parties can be asked about. */
function partyFamilies(index: ReachIndex, a: PartyId, b: PartyId): readonly (Family | null)[] {
  const parties = [index.party(a), index.party(b)];
  if (!parties.some(({ kind }) => kind === 'pods')) return [];
  const [one, other] = parties.map((party) =>
    party.kind === 'addresses' ? [party.family] : party.families,
  );
  if (one === undefined || other === undefined) return [];
  if (one === 'unknown') return other === 'unknown' ? [null] : other;
  return other === 'unknown' ? one : one.filter((family) => other.includes(family));
}
