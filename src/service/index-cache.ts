import { LRUCache } from 'lru-cache';
import type { ReachIndex } from '../engine/reach-index.ts';
import type { CacheUsage } from './usage.ts';

/**
 * Compiled indexes by content: never stale, only evicted, least recently used first.
 *
 * INVARIANT: one compile for all who wait for the same key; a failed one is forgotten.
 */
export class IndexCache {
  readonly #indexes: LRUCache<string, ReachIndex>;
  readonly #compiling = new Map<string, Promise<ReachIndex>>();
  #hits = 0;
  #misses = 0;

  constructor(bytesMax: number) {
    this.#indexes = new LRUCache({
      maxSize: bytesMax,
      sizeCalculation: ({ bytes }) => Math.max(1, bytes),
    });
  }

  /** The index of `key`, compiled by `compile` when it is not there. */
  async get(key: string, compile: () => Promise<ReachIndex>): Promise<ReachIndex> {
    const cached = this.#indexes.get(key);
    if (cached !== undefined) {
      this.#hits += 1;
      return cached;
    }
    this.#misses += 1;
    const running = this.#compiling.get(key);
    if (running !== undefined) return running;
    const started = compile();
    this.#compiling.set(key, started);
    try {
      const index = await started;
      this.#indexes.set(key, index);
      return index;
    } finally {
      this.#compiling.delete(key);
    }
  }

  /** Bytes held, as the indexes count them. */
  get bytes(): number {
    return this.#indexes.calculatedSize;
  }

  /** Bytes held, and how often what was asked for was there; who waits for a compile is a miss. */
  get usage(): CacheUsage {
    return { bytes: this.bytes, hits: this.#hits, misses: this.#misses };
  }
}
