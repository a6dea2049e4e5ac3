import { LRUCache } from 'lru-cache';
import type { ReachIndex } from '../engine/reach-index.ts';
import { scopedIndex } from '../engine/scoped/scoped-index.ts';
import type { Viewer } from './viewer.ts';

/** Sets of namespaces that one index is kept for, the latest. */
const SCOPES_MAX = 16;

/**
 * Indexes as readers of some namespaces see them: one for each index and set of namespaces, made when it
 * is first asked for. They go with their index.
 *
 * Whatever is remembered along an index is remembered along one of these apart from what is told to
 * all, so that neither ever answers for the other.
 */
export class ScopedIndexes {
  readonly #kept = new WeakMap<ReachIndex, LRUCache<string, ReachIndex>>();

  /** `whole` as `viewer` may see it: itself for who may see every namespace. */
  of(whole: ReachIndex, { namespaces }: Viewer): ReachIndex {
    if (namespaces === null) return whole;
    const names = [...new Set(namespaces)].sort();
    const kept = this.#kept.get(whole) ?? new LRUCache<string, ReachIndex>({ max: SCOPES_MAX });
    this.#kept.set(whole, kept);
    const key = JSON.stringify(names);
    const known = kept.get(key) ?? scopedIndex(whole, names);
    kept.set(key, known);
    return known;
  }
}
