import { PodreachError } from '../model/errors.ts';
import type { IngestedSnapshot, SnapshotStore, StoredSnapshot } from '../store/snapshot-store.ts';

/** What a feed reads. */
export type FeedSource = Pick<SnapshotStore, 'ingestedAfter' | 'revision'>;

/** Bounds of a feed. */
export interface FeedLimits {
  /** Between two looks whether anything in the store has changed, while somebody listens. */
  readonly pollMs: number;
  /** The newest snapshots that are kept for all listeners; who is further behind reads the store. */
  readonly recentMax: number;
  /** Snapshots read at once. */
  readonly pageRows: number;
}

/** What a server polls and keeps. */
export const FEED_LIMITS: FeedLimits = Object.freeze({
  pollMs: 500,
  recentMax: 256,
  pageRows: 64,
});

/**
 * Tells listeners of what was ingested, by this process or by another: in the order of ingest, each
 * snapshot exactly once. What is deleted before anybody looked is not told.
 *
 * Nothing is queued for a listener. It has a position, and takes what comes after it from the newest
 * snapshots, which are kept once for all, or from the store when it is further behind: however slow it
 * is, it costs no memory and misses nothing.
 *
 * Only while somebody listens the store is looked at, once for all.
 */
export class SnapshotFeed {
  readonly #source: FeedSource;
  readonly #limits: FeedLimits;
  readonly #listeners = new Set<FeedListener>();
  /** What came after `#start`, the newest last. */
  #recent: IngestedSnapshot[] = [];
  #start = 0;
  #revision: number | undefined;
  #looking: Promise<void> | undefined;
  #isLookWanted = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(source: FeedSource, limits: FeedLimits = FEED_LIMITS) {
    this.#source = source;
    this.#limits = limits;
  }

  /** Snapshots after `position` that `isWanted`; ends when it is returned or the feed is closed. */
  listen(position: number, isWanted: (stored: StoredSnapshot) => boolean): FeedListener {
    const listener = new FeedListener(this, {
      position,
      isWanted,
      pageRows: this.#limits.pageRows,
    });
    if (this.#isClosed) listener.end();
    else this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin(position);
    return listener;
  }

  /** How many listen. */
  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** Looks at once: the caller has just stored something. */
  look(): void {
    if (this.#listeners.size === 0) return;
    this.#isLookWanted = true;
    this.#looking ??= this.#lookAgain();
  }

  /** Everything up to here was told, or was there before. */
  get position(): number {
    return this.#recent.at(-1)?.position ?? this.#start;
  }

  /** The first that is kept after `position`; `behind` when more came than are kept. */
  after(position: number): IngestedSnapshot | 'behind' | undefined {
    if (position < this.#start) return 'behind';
    return this.#recent.find((one) => position < one.position);
  }

  /** What is stored after `position`, a page of it. */
  read(position: number): Promise<readonly IngestedSnapshot[]> {
    return this.#source.ingestedAfter(position, this.#limits.pageRows);
  }

  /** A listener wants no more. */
  leave(listener: FeedListener): void {
    if (!this.#listeners.delete(listener) || 0 < this.#listeners.size) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#recent = [];
  }

  /** Ends all listeners. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const listener of [...this.#listeners]) listener.end();
    await this.#looking;
  }

  /** The first listener is here: what came while nobody listened it reads for itself. */
  #begin(position: number): void {
    this.#start = Math.max(this.#start, position);
    this.#recent = [];
    this.#revision = undefined;
    this.#timer = setInterval(() => {
      this.look();
    }, this.#limits.pollMs);
    this.#timer.unref();
  }

  async #lookAgain(): Promise<void> {
    while (this.#isLookWanted && 0 < this.#listeners.size) {
      this.#isLookWanted = false;
      try {
        await this.#readNew();
      } catch (error) {
        // The store is busy or fails: the next look may be luckier. Anything else is a bug.
        if (error instanceof PodreachError) continue;
        for (const listener of [...this.#listeners]) listener.fail(error);
      }
    }
    this.#looking = undefined;
  }

  async #readNew(): Promise<void> {
    const revision = await this.#source.revision();
    if (revision === this.#revision) return;
    for (;;) {
      const from = this.position;
      const page = await this.read(from);
      // Others began meanwhile, from somewhere else.
      if (from !== this.position) continue;
      for (const one of page) this.#keep(one);
      if (0 < page.length) for (const listener of this.#listeners) listener.wake();
      if (page.length < this.#limits.pageRows) break;
    }
    // Only now: after a failure it is looked at again.
    this.#revision = revision;
  }

  #keep(one: IngestedSnapshot): void {
    this.#recent.push(one);
    if (this.#recent.length <= this.#limits.recentMax) return;
    this.#start = this.#recent.shift()?.position ?? this.#start;
  }
}

/** One who listens to a {@link SnapshotFeed}. */
export class FeedListener implements AsyncIterableIterator<StoredSnapshot> {
  readonly #feed: SnapshotFeed;
  readonly #isWanted: (stored: StoredSnapshot) => boolean;
  readonly #pageRows: number;
  /** What was read from the store and not taken yet: part of one page. */
  #page: StoredSnapshot[] = [];
  #position: number;
  #state: 'listening' | 'ended' | { readonly error: unknown } = 'listening';
  #wakes: (() => void)[] = [];

  constructor(
    feed: SnapshotFeed,
    options: {
      readonly position: number;
      readonly isWanted: (stored: StoredSnapshot) => boolean;
      readonly pageRows: number;
    },
  ) {
    this.#feed = feed;
    this.#position = options.position;
    this.#isWanted = options.isWanted;
    this.#pageRows = options.pageRows;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** To be called by one reader at a time. Rejects when the store cannot be read. */
  async next(): Promise<IteratorResult<StoredSnapshot, undefined>> {
    while (this.#state === 'listening') {
      const value = this.#page.shift() ?? this.#takeRecent();
      if (value === 'behind') await this.#readPage();
      else if (value === undefined) await this.#change();
      else return { done: false, value };
    }
    if (this.#state === 'ended') return { done: true, value: undefined };
    const { error } = this.#state;
    this.#state = 'ended';
    throw error;
  }

  return(): Promise<IteratorResult<StoredSnapshot, undefined>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Nothing more is told; who waits is told so. */
  end(): void {
    this.#stop('ended');
  }

  /** Like `end`, and the reader learns of `error`. */
  fail(error: unknown): void {
    this.#stop({ error });
  }

  /** There may be something new. */
  wake(): void {
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }

  #stop(state: 'ended' | { readonly error: unknown }): void {
    if (this.#state !== 'listening') return;
    this.#state = state;
    this.#page = [];
    this.#feed.leave(this);
    this.wake();
  }

  #takeRecent(): StoredSnapshot | 'behind' | undefined {
    for (;;) {
      const found = this.#feed.after(this.#position);
      if (found === undefined || found === 'behind') return found;
      this.#position = found.position;
      if (this.#isWanted(found.stored)) return found.stored;
    }
  }

  async #readPage(): Promise<void> {
    const told = this.#feed.position;
    const page = await this.#feed.read(this.#position);
    const end = page.at(-1)?.position ?? this.#position;
    // Less than a page is everything there is, and what was told before it was read is not missing.
    this.#position = page.length < this.#pageRows ? Math.max(end, told) : end;
    if (this.#state !== 'listening') return;
    this.#page = page.map(({ stored }) => stored).filter((stored) => this.#isWanted(stored));
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve));
  }
}
