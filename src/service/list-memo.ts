import { LRUCache } from 'lru-cache';
import type { Query } from '../engine/query.ts';
import type { ReachIndex } from '../engine/reach-index.ts';
import { seesEverything } from './answer-cache.ts';
import { askInTurns } from './in-turns.ts';
import type { Viewer } from './viewer.ts';

/** A question whose answer has a list that is read page by page. */
export interface ListQuestion<Args, Result> {
  readonly query: Query<Args, Result>;
  readonly args: Args;
  /** Names the query and its arguments: equal keys, equal answers. */
  readonly key: string;
  /** How many rows the result holds. */
  readonly rowCount: (result: Result) => number;
}

/**
 * Lists whose rows are judged but not explained yet, so that the second page of a list does not judge
 * all rows of the first again.
 *
 * Each compiled snapshot has lists of its own, and they go when it goes: a list must not keep alive
 * what the cache of indexes has let go.
 */
export class ListMemo {
  readonly #rowsMax: number;
  readonly #ask: typeof askInTurns;
  /** Lists that are being judged: whoever asks meanwhile waits for the same one. */
  readonly #asking = new WeakMap<ReachIndex, Map<string, Promise<unknown>>>();
  readonly #lists = new WeakMap<ReachIndex, LRUCache<string, { readonly result: unknown }>>();

  /**
   * @param rowsMax of all lists of one compiled snapshot; 0 keeps nothing
   * @param ask how a list that is not there is judged
   */
  constructor(rowsMax: number, ask: typeof askInTurns = askInTurns) {
    this.#rowsMax = rowsMax;
    this.#ask = ask;
  }

  /**
   * The answer of `question`, asked when it is not there; always when `viewer` may see only a part.
   *
   * @throws what the query throws
   */
  async answer<Args, Result>(
    viewer: Viewer,
    index: ReachIndex,
    question: ListQuestion<Args, Result>,
  ): Promise<Result> {
    const { query, args, key, rowCount } = question;
    if (!seesEverything(viewer)) return this.#ask(query, index, args);
    const lists = this.#listsOf(index);
    const known = lists.get(key);
    // Equal keys are equal queries: what was kept under this one is what this query gave.
    if (known !== undefined) return known.result as Result;
    const asking = this.#askingOf(index);
    const running = asking.get(key) as Promise<Result> | undefined;
    if (running !== undefined) return running;
    const started = this.#ask(query, index, args);
    asking.set(key, started);
    try {
      const result = await started;
      lists.set(key, { result }, { size: 1 + rowCount(result) });
      return result;
    } finally {
      asking.delete(key);
    }
  }

  #askingOf(index: ReachIndex): Map<string, Promise<unknown>> {
    const known = this.#asking.get(index) ?? new Map<string, Promise<unknown>>();
    this.#asking.set(index, known);
    return known;
  }

  #listsOf(index: ReachIndex): LRUCache<string, { readonly result: unknown }> {
    const known = this.#lists.get(index);
    if (known !== undefined) return known;
    const lists = new LRUCache<string, { readonly result: unknown }>({
      maxSize: Math.max(1, this.#rowsMax),
    });
    this.#lists.set(index, lists);
    return lists;
  }
}
