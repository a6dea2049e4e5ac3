/**
 * Whether overlays say what a compile says, and diffs what the oracle says of two worlds. What these
 * functions return is what is wrong, as text.
 */
import { compileClearIndex } from '../../src/engine/clear/clear-index.ts';
import { compileIndex, loadIndex, overlayIndex, saveIndex } from '../../src/engine/compile.ts';
import { diffIndexes } from '../../src/engine/diff/diff-indexes.ts';
import type { ReachChange } from '../../src/engine/diff/diff-indexes.ts';
import type { JointEnd } from '../../src/engine/diff/joint-ends.ts';
import { IrCache } from '../../src/engine/index/policy-ir.ts';
import { decodeIndex } from '../../src/engine/index/stored-index.ts';
import { DEFAULT_OPTIONS } from '../../src/engine/options.ts';
import type { ReachIndex } from '../../src/engine/reach-index.ts';
import { parseAddress } from '../../src/model/address.ts';
import type { Family } from '../../src/model/address.ts';
import { PROTOCOLS, hasPort } from '../../src/model/connection-set.ts';
import type { Protocol } from '../../src/model/connection-set.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { snapshotOf } from '../support/cluster.ts';
import type { KubeObject } from '../support/kube-objects.ts';
import { placedEnds } from '../support/matrix.ts';
import type { PlacedEnd } from '../support/matrix.ts';
import { missedCandidates } from './agreement.ts';
import { wireDifferences } from './agreement-lists.ts';
import { edited } from './edits.ts';
import type { Edit } from './edits.ts';
import { differences, emptyTally } from './flat-compare.ts';
import { borderPorts } from './oracle-sets.ts';
import type { Side } from './oracle-world.ts';
import { decideSighted, familiesOf } from './oracle.ts';

/** One for all worlds, as in a process that compiles for long. */
const CACHE = new IrCache();

/** How many edits were taken in, and how many were left to a compile. */
export interface Counts {
  overlaid: number;
  compiled: number;
}

/** Follows `changes` from overlay to overlay; everything in which one differs from a compile. */
export async function follow(
  first: readonly KubeObject[],
  donors: readonly KubeObject[],
  changes: readonly Edit[],
  counts: Counts,
  stride = 1,
): Promise<string[]> {
  let objects = first;
  let snapshot = await snapshotOf(objects);
  let index = compileIndex(snapshot, DEFAULT_OPTIONS, CACHE);
  for (const [turn, edit] of changes.entries()) {
    objects = edited(objects, donors, edit, turn);
    snapshot = await snapshotOf(objects);
    const overlay = overlayIndex(index, snapshot, CACHE);
    if (overlay === undefined) {
      counts.compiled += 1;
      index = compileIndex(snapshot, DEFAULT_OPTIONS, CACHE);
      continue;
    }
    counts.overlaid += 1;
    const wrong = overlayDifferences(overlay, snapshot, objects, turn, stride);
    if (wrong.length !== 0) return wrong.map((text) => `after ${edit.kind}: ${text}`);
    // What was stored and read again is as good.
    index = turn % 2 === 0 ? overlay : reread(overlay, snapshot);
  }
  return [];
}

/** What an overlay says otherwise than a compile; `stride`: one pair of so many, and no lists. */
export function overlayDifferences(
  overlay: ReachIndex,
  snapshot: Snapshot,
  objects: readonly KubeObject[],
  salt: number,
  stride = 1,
): string[] {
  const clear = compileClearIndex(snapshot, DEFAULT_OPTIONS);
  const flat = decodeIndex(saveIndex(overlay) ?? new Uint8Array(), snapshot, DEFAULT_OPTIONS)?.flat;
  if (flat === undefined) return ['it cannot be stored'];
  const tally = emptyTally(true, stride);
  const wrong = differences(flat, clear, tally);
  if (tally.humble !== 0) wrong.push(`${tally.humble} answers are left open without need`);
  // In wide clusters the pairs above are enough.
  if (stride !== 1) return wrong;
  return [
    ...wrong,
    ...missedCandidates(overlay),
    ...wireDifferences([compileIndex(snapshot, DEFAULT_OPTIONS), overlay], objects, salt),
  ];
}

function reread(index: ReachIndex, snapshot: Snapshot): ReachIndex {
  const bytes = saveIndex(index);
  const again = bytes === undefined ? undefined : loadIndex(bytes, snapshot, DEFAULT_OPTIONS);
  if (again === undefined) throw new Error('it cannot be stored');
  return again;
}

/** Two worlds: the second has other objects altogether, or is the first after some edits. */
export interface Step {
  readonly objects: readonly KubeObject[];
  readonly donors: readonly KubeObject[];
  readonly changes: readonly Edit[];
  readonly isWhole: boolean;
}

/** What a diff tells of a step, and what of that is wrong. */
export async function diffDifferences({
  objects,
  donors,
  changes,
  isWhole,
}: Step): Promise<{ readonly changed: number; readonly wrong: readonly string[] }> {
  const later = isWhole
    ? donors
    : changes.reduce((all, edit, turn) => edited(all, donors, edit, turn), objects);
  const [before, after] = [await snapshotOf(objects), await snapshotOf(later)];
  const base = compileIndex(before, DEFAULT_OPTIONS, CACHE);
  const head = overlayIndex(base, after, CACHE) ?? compileIndex(after, DEFAULT_OPTIONS, CACHE);
  const found = diffIndexes(base, head);
  const wrong = [
    ...twice(found).map((text) => `twice: ${text}`),
    ...wrongChanges(found, base, head, [objects, later]),
  ];
  return { changed: found.length, wrong };
}

/** Pairs that are told more than once. */
function twice(changes: readonly ReachChange[]): string[] {
  const seen = new Set<string>();
  return changes.flatMap(({ source, destination, family }) => {
    const text = [source, destination]
      .map(({ before, after }) => `${before}/${after}`)
      .join(' -> ');
    const key = `${text} @${family ?? '?'}`;
    if (seen.has(key)) return [key];
    seen.add(key);
    return [];
  });
}

/** Packets of which a diff and the oracle say different things. */
function wrongChanges(
  changes: readonly ReachChange[],
  base: ReachIndex,
  head: ReachIndex,
  worlds: readonly (readonly KubeObject[])[],
): string[] {
  const ports = borderPorts(worlds);
  const [old, now] = worlds.map((objects) => new Map(placedEnds({ objects }).map(named)));
  const refs = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])];
  return refs.flatMap((from) =>
    refs.flatMap((to) =>
      ([4, 6, null] as const).flatMap((family) => {
        const truths = [old, now].map((ends, i) =>
          oracleOf(worlds[i] ?? [], ends?.get(from), ends?.get(to), family),
        );
        if (truths.includes('related')) return [];
        const change = changes.find(
          (one) =>
            one.family === family &&
            holdsEnd(one.source, from, base, head) &&
            holdsEnd(one.destination, to, base, head),
        );
        return PROTOCOLS.flatMap((protocol) =>
          ports.flatMap((port) => {
            const [was, is] = truths.map((ask) => typeof ask === 'function' && ask(protocol, port));
            const text = `${from} -> ${to} @${family} ${protocol}/${port}: ${was} -> ${is}`;
            if (change === undefined) return was === is ? [] : [`missing: ${text}`];
            const [a, b] = [change.before, change.after].map(({ allowed }) =>
              hasPort(allowed, protocol, port),
            );
            return a === was && b === is ? [] : [`${text}, told: ${a} -> ${b}`];
          }),
        );
      }),
    ),
  );
}

const named = (placed: PlacedEnd): readonly [string, PlacedEnd] => [placed[0].ref, placed];

/** What the oracle says of a pair; `related` where its ends are one, or a pod and its node. */
function oracleOf(
  objects: readonly KubeObject[],
  from: PlacedEnd | undefined,
  to: PlacedEnd | undefined,
  family: Family | null,
): 'none' | 'related' | ((protocol: Protocol, port: number) => boolean) {
  if (from === undefined || to === undefined) return 'none';
  const [[, source], [, destination]] = [from, to];
  if ([from, to].some(([end]) => end.hostNetwork)) return 'related';
  if (
    [from, to].some(([{ product }, { kind }]) => product.kind === 'address' && kind !== 'external')
  ) {
    return 'related';
  }
  if (from[0].ref === to[0].ref || isAtHome(source, destination) || isAtHome(destination, source)) {
    return 'related';
  }
  if (!familiesOf(source, destination).includes(family)) return 'none';
  return (protocol, port) =>
    decideSighted({ objects }, { source, destination, protocol, port, family }).verdict === 'allow';
}

/** Whether a pod runs, or may run, on a node. */
function isAtHome({ kind, pod }: Side, { node }: Side): boolean {
  const home = pod?.spec?.nodeName;
  return kind === 'pod' && node !== undefined && (home === undefined || home === node);
}

/** Whether a joint end is, or holds, what `ref` names in one of the snapshots. */
function holdsEnd(end: JointEnd, ref: string, base: ReachIndex, head: ReachIndex): boolean {
  if (end.kind === 'node') return ref === `node/${end.node}`;
  if (end.kind === 'addresses') {
    const address = parseAddress(ref);
    return (
      address !== undefined &&
      end.ranges.some(
        ({ family, first, last }) =>
          family === address.family && first <= address.value && address.value <= last,
      )
    );
  }
  return end.pods.some(
    ({ before, after }) =>
      (before !== undefined && base.directory.podKeyOf(before) === ref) ||
      (after !== undefined && head.directory.podKeyOf(after) === ref),
  );
}
