import type { Snapshot } from '../model/snapshot.ts';
import { compileClearIndex } from './clear/clear-index.ts';
import type { EngineOptions } from './options.ts';
import type { ReachIndex } from './reach-index.ts';

/** Compiles `snapshot` for questions in the dialect of `options`. */
export function compileIndex(snapshot: Snapshot, options: EngineOptions): ReachIndex {
  return compileClearIndex(snapshot, options);
}
