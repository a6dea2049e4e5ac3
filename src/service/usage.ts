/** How well a cache does. */
export interface CacheUsage {
  readonly bytes: number;
  /** Since the start. */
  readonly hits: number;
  readonly misses: number;
}

/** What runs at the moment, and what waits. */
export interface QueueUsage {
  readonly running: number;
  readonly waiting: number;
}

/** What a service holds and does at the moment. */
export interface Usage {
  readonly indexCache: CacheUsage;
  readonly answerCache: CacheUsage;
  readonly questions: QueueUsage;
  /** Undefined where uploads are taken in by this process. */
  readonly ingests: QueueUsage | undefined;
  /** Snapshots that the thread compiles, and those that wait for it; undefined where there is none. */
  readonly compiles: QueueUsage | undefined;
}
