import { matches } from '../../model/selector.ts';
import type { LabelSelector, Labels } from '../../model/selector.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { SetBuilder } from './class-set.ts';
import type { SetArenas } from './class-set.ts';
import { missingKind } from '../missing.ts';
import type { FlatArenas } from './flat-arenas.ts';
import type { FlatView } from './flat-compile.ts';

/**
 * Nodes by selector, as positions in `view.nodes`; after those come the unknown node, all outside addresses
 * that are known, and an address that is not.
 */
export interface NodeSelections {
  readonly nodes: SetArenas;
  /** One set, if there is any selector: positions of which no label is certain. */
  readonly unlabelled: SetArenas;
}

/** Positions of what is no node of the view, as {@link NodeSelections} counts them from its nodes on. */
export const OTHER_POSITIONS = 3;

/**
 * Which nodes each selector holds. Of a node that only pods speak of no label is known; and where a dump
 * has no Nodes, any address may be one.
 */
export function matchNodes(
  selectors: readonly LabelSelector[],
  { nodes, snapshot }: FlatView,
): NodeSelections {
  const count = nodes.length;
  const held = new SetBuilder(count + OTHER_POSITIONS);
  const unlabelled = new SetBuilder(count + OTHER_POSITIONS);
  const add = (builder: SetBuilder, positions: readonly number[]): void =>
    builder.add(Int32Array.from(positions), 0, positions.length);
  for (const selector of selectors) {
    const positions = [...nodes.keys()].filter((i) =>
      matches(selector, nodes[i]?.node.labels ?? NONE),
    );
    add(held, positions);
  }
  if (selectors.length !== 0) {
    const synthetic = [...nodes.keys()].filter((i) => nodes[i]?.synthetic === true);
    const addresses = lacksNodes(snapshot) ? [count + 1] : [];
    add(unlabelled, [...synthetic, count, ...addresses, count + 2]);
  }
  return { nodes: held.build(), unlabelled: unlabelled.build() };
}

const NONE: Labels = new Map();

/** Position of a party that is no pod. */
export function nodePosition({ atoms, numbers }: FlatArenas, party: number): number {
  const node = party - numbers.podParties;
  if (node <= numbers.nodes) return node;
  return node <= numbers.nodes + atoms.atomCount ? numbers.nodes + 1 : numbers.nodes + 2;
}

/** Whether a dump has not all nodes that there are. */
export function lacksNodes(snapshot: Snapshot): boolean {
  return snapshot.source === 'LIVE' && missingKind(snapshot, 'Node') !== undefined;
}
