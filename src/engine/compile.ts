import type { Snapshot } from '../model/snapshot.ts';
import { compileClearIndex } from './clear/clear-index.ts';
import { buildDirectory } from './directory.ts';
import { buildWorkloadRows } from './grouping.ts';
import { compileFlat } from './index/flat-compile.ts';
import { flatReachIndex } from './index/flat-reach.ts';
import type { FlatParts } from './index/flat-reach.ts';
import type { IrCache } from './index/policy-ir.ts';
import { decodeIndex, encodeIndex } from './index/stored-index.ts';
import { buildModelView } from './model-view.ts';
import { isDefaultDialect } from './options.ts';
import type { EngineOptions } from './options.ts';
import type { ReachIndex } from './reach-index.ts';

/** What an index that can be stored was made from. */
const PARTS = new WeakMap<ReachIndex, FlatParts>();

/**
 * Compiles `snapshot` for questions in the dialect of `options`: flat arrays for the default one,
 * the clear evaluator for every other (decisions 26).
 *
 * @param ir policies of chunks that were compiled before; it learns those of this snapshot
 */
export function compileIndex(snapshot: Snapshot, options: EngineOptions, ir?: IrCache): ReachIndex {
  if (!isDefaultDialect(options)) return compileClearIndex(snapshot, options);
  const view = buildModelView(snapshot);
  const flat = compileFlat(view, ir);
  const rows = buildWorkloadRows(view, buildDirectory(view), (pod) => {
    const party = flat.partyOfPod[pod] ?? -1;
    return 0 <= party && party < flat.podParties;
  });
  return indexOf({ view, flat, rows, options });
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

function indexOf(parts: FlatParts): ReachIndex {
  const index = flatReachIndex(parts);
  PARTS.set(index, parts);
  return index;
}
