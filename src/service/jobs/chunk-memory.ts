import { LRUCache } from 'lru-cache';
import type { ChunkCache } from '../../model/digest.ts';
import type { NamespaceChunk } from '../../model/snapshot.ts';

/** A decoded chunk takes about this many times the bytes it is written in. */
const DECODED_PER_BYTE = 3;

/**
 * Namespaces of recent snapshots by hash, at most `bytesMax` of them, least recently used first out.
 *
 * It makes what did not change the same object in the next snapshot; whatever an engine remembers of
 * a namespace by its identity then holds for that one too.
 */
export function chunkMemory(bytesMax: number): ChunkCache {
  const chunks = new LRUCache<string, NamespaceChunk>({ maxSize: bytesMax });
  return {
    get: (hash) => chunks.get(hash),
    set: (hash, chunk, bytes) => {
      chunks.set(hash, chunk, { size: 1 + bytes * DECODED_PER_BYTE });
    },
  };
}
