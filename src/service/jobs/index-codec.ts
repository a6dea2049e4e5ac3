import { compileIndex, loadIndex, overlayIndex, saveIndex } from '../../engine/compile.ts';
import { IrCache } from '../../engine/index/policy-ir.ts';
import { engineId } from '../../engine/options.ts';
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

/**
 * The engine. It remembers what it made of chunks, as long as those are kept, and the index it compiled
 * last: the next one is often of the same cluster and an overlay on it, made in a fraction of the time.
 */
export function engineCodec(): IndexCodec {
  const ir = new IrCache();
  let last: ReachIndex | undefined;
  return {
    compile: (snapshot, options) => {
      const base =
        last !== undefined && engineId(last.options) === engineId(options) ? last : undefined;
      const overlay = base === undefined ? undefined : overlayIndex(base, snapshot, ir);
      last = overlay ?? compileIndex(snapshot, options, ir);
      return last;
    },
    save: saveIndex,
    load: loadIndex,
  };
}
