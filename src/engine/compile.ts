import type { Snapshot } from '../model/snapshot.ts';
import { compileClearIndex } from './clear/clear-index.ts';
import { buildWorkloadRows } from './grouping.ts';
import { compileFlat } from './index/flat-compile.ts';
import { flatReachIndex } from './index/flat-reach.ts';
import type { FlatParts } from './index/flat-reach.ts';
import { IrCache } from './index/policy-ir.ts';
import { decodeIndex, encodeIndex } from './index/stored-index.ts';
import { buildModelView } from './model-view.ts';
import { isDefaultDialect } from './options.ts';
import type { EngineOptions } from './options.ts';
import { changesOf } from './overlay/changes.ts';
import { overlayKernel } from './overlay/overlay-kernel.ts';
import type { ReachIndex } from './reach-index.ts';
import { buildViewTables } from './view-tables.ts';

/** What an index that can be stored was made from. */
const PARTS = new WeakMap<ReachIndex, FlatParts>();

/**
 * Compiles `snapshot` for questions in the dialect of `options`: flat arrays for the default one,
 * the clear evaluator for every other (decisions 26).
 *
 * @param ir what is known of chunks that were compiled before; it learns those of this snapshot
 */
export function compileIndex(
  snapshot: Snapshot,
  options: EngineOptions,
  ir: IrCache = new IrCache(),
): ReachIndex {
  if (!isDefaultDialect(options)) return compileClearIndex(snapshot, options);
  const view = buildModelView(snapshot, buildViewTables(snapshot, ir.layouts));
  const flat = compileFlat(view, ir);
  return indexOf({ view, flat, rows: buildWorkloadRows(view, ir.layouts), options, overlays: 0 });
}

/** `index` as bytes; undefined where there is nothing worth storing (other dialects). */
export function saveIndex(index: ReachIndex): Uint8Array | undefined {
  const parts = PARTS.get(index);
  return parts === undefined ? undefined : encodeIndex(parts);
}

/**
 * The index that {@link saveIndex} made bytes of, as views on them: nothing is parsed, copied or
 * verified. Undefined when they are of another engine, dialect or content: compile then.
 */
export function loadIndex(
  bytes: Uint8Array,
  snapshot: Snapshot,
  options: EngineOptions,
): ReachIndex | undefined {
  const parts = decodeIndex(bytes, snapshot, options);
  return parts === undefined ? undefined : indexOf(parts);
}

/**
 * The index of `head` from that of a snapshot that differs in a few policies, or in labels and ports of
 * a few pods: what an edit costs, not what the cluster does. Answers are those of a compile.
 *
 * @param ir what is known of chunks; it learns those that differ
 * @returns undefined when more differs, or something an overlay does not take in: compile then
 */
export function overlayIndex(
  base: ReachIndex,
  head: Snapshot,
  ir: IrCache = new IrCache(),
): ReachIndex | undefined {
  const parts = PARTS.get(base);
  if (parts === undefined || OVERLAYS_MAX <= parts.overlays) return undefined;
  const changes = changesOf(base.view, head);
  if (changes === undefined) return undefined;
  const view = buildModelView(head, base.view.tables, base.view);
  if (changes.length === 0) return indexOf({ ...parts, view });
  const flat = overlayKernel(parts.flat, base.view, changes, ir);
  if (flat === undefined) return undefined;
  return indexOf({ ...parts, view, flat, overlays: parts.overlays + 1 });
}

/** Overlays on overlays: each leaves a little behind that nobody needs. */
const OVERLAYS_MAX = 100;

function indexOf(parts: FlatParts): ReachIndex {
  const index = flatReachIndex(parts);
  PARTS.set(index, parts);
  return index;
}
