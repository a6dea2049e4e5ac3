import { PodreachError } from '../model/errors.ts';
import type { SnapshotStore, StoredSnapshot } from '../store/snapshot-store.ts';
import type { SnapshotInfo, SnapshotWatch, WatchOptions } from './podreach.ts';
import { FEED_LIMITS, SnapshotFeed } from './snapshot-feed.ts';
import type { FeedListener } from './snapshot-feed.ts';
import { checkClusterName } from './snapshot-ref.ts';
import type { Viewer } from './viewer.ts';

/** Watches what is stored. */
export interface SnapshotWatcher {
  /** @see Podreach.watch */
  watch(viewer: Viewer, options?: WatchOptions): Promise<SnapshotWatch>;
  /** Looks at once: this process has just stored something. */
  look(): void;
  /** Ends all watches. */
  close(): Promise<void>;
}

/** What a watcher is made of. */
export interface WatcherParts {
  readonly store: Pick<SnapshotStore, 'ingested' | 'ingestedAfter' | 'lastIngested' | 'revision'>;
  /** What a viewer may see; asked for each snapshot. */
  readonly mayRead: (viewer: Viewer, cluster: string) => boolean;
  readonly infoOf: (stored: StoredSnapshot) => SnapshotInfo;
  /** Default: {@link FEED_LIMITS}. */
  readonly pollMs?: number;
}

/** A watcher of `store`, which nobody watches yet. */
export function watchSnapshots({ store, mayRead, infoOf, pollMs }: WatcherParts): SnapshotWatcher {
  const feed = new SnapshotFeed(store, { ...FEED_LIMITS, ...(pollMs !== undefined && { pollMs }) });
  /** The last snapshot that the viewer may see: positions would tell how many others there are. */
  const lastSeen = async (viewer: Viewer, cluster?: string): Promise<string | undefined> => {
    const named = cluster === undefined ? viewer.clusters : [cluster];
    if (named === null) return (await store.lastIngested())?.stored.id;
    const visible = named.filter((name) => mayRead(viewer, name));
    const last = await Promise.all(visible.map((name) => store.lastIngested(name)));
    const [newest] = last
      .filter((one) => one !== undefined)
      .sort((left, right) => right.position - left.position);
    return newest?.stored.id;
  };
  return {
    async watch(viewer, { cluster, after } = {}) {
      if (cluster !== undefined) checkClusterName(cluster);
      const isWanted = ({ cluster: name }: StoredSnapshot): boolean =>
        mayRead(viewer, name) && (cluster === undefined || cluster === name);
      if (after !== undefined) {
        const known = await store.ingested(after);
        if (known === undefined || !mayRead(viewer, known.stored.cluster)) throw missed();
        return new Watch(feed.listen(known.position, isWanted), infoOf, after);
      }
      // In this order: what comes between the two is after the id that is told.
      const begin = await lastSeen(viewer, cluster);
      const { position = 0 } = (await store.lastIngested()) ?? {};
      return new Watch(feed.listen(position, isWanted), infoOf, begin);
    },
    look: () => {
      feed.look();
    },
    close: () => feed.close(),
  };
}

/** Snapshots as callers see them. */
class Watch implements SnapshotWatch {
  readonly after: string | undefined;
  readonly #listener: FeedListener;
  readonly #infoOf: (stored: StoredSnapshot) => SnapshotInfo;

  constructor(
    listener: FeedListener,
    infoOf: (stored: StoredSnapshot) => SnapshotInfo,
    after: string | undefined,
  ) {
    this.#listener = listener;
    this.#infoOf = infoOf;
    this.after = after;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<SnapshotInfo, undefined>> {
    const { done, value } = await this.#listener.next();
    return done === true ? { done, value } : { done: false, value: this.#infoOf(value) };
  }

  async return(): Promise<IteratorResult<SnapshotInfo, undefined>> {
    await this.#listener.return();
    return { done: true, value: undefined };
  }
}

function missed(): PodreachError {
  return new PodreachError(
    'events-missed',
    'the snapshot after which events were asked for is not known (any more): read the clusters anew, ' +
      'and listen from now on',
    { parameter: 'after' },
  );
}
