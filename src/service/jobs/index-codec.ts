import { compileIndex, loadIndex, saveIndex } from '../../engine/compile.ts';
import type { EngineOptions } from '../../engine/options.ts';
import type { ReachIndex } from '../../engine/reach-index.ts';
import type { Snapshot } from '../../model/snapshot.ts';

/** What the service needs of an engine: to compile, and to keep what was compiled. */
export interface IndexCodec {
  compile(snapshot: Snapshot, options: EngineOptions): ReachIndex;
  /** Undefined when indexes like this cannot be saved. */
  save(index: ReachIndex): Uint8Array | undefined;
  /** Undefined when the bytes are not the index of this snapshot by this engine. */
  load(bytes: Uint8Array, snapshot: Snapshot, options: EngineOptions): ReachIndex | undefined;
}

/** The engine. */
export const ENGINE_CODEC: IndexCodec = {
  compile: compileIndex,
  save: saveIndex,
  load: loadIndex,
};
