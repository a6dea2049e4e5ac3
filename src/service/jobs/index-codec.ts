import { compileIndex, loadIndex, saveIndex } from '../../engine/compile.ts';
import { IrCache } from '../../engine/index/policy-ir.ts';
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

/** The engine; it remembers the policies of chunks it has met, as long as those are kept. */
export function engineCodec(): IndexCodec {
  const ir = new IrCache();
  return {
    compile: (snapshot, options) => compileIndex(snapshot, options, ir),
    save: saveIndex,
    load: loadIndex,
  };
}
