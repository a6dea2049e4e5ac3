import { LRUCache } from 'lru-cache';
import type { SnapshotStore, StoredSnapshot } from '../store/snapshot-store.ts';

/** Snapshots, and names of snapshots, that are remembered. */
const ENTRIES_MAX = 512;

/** How snapshots are found: by id, or by cluster and time. */
export type SnapshotFinder = Pick<SnapshotStore, 'find' | 'latest'>;

/**
 * Finds what `store` finds, and reads it once for as long as nothing in the store changes, whoever
 * changes it. One snapshot is one object, so that others can remember what they made of it.
 */
export function rememberSnapshots(store: SnapshotStore): SnapshotFinder {
  const byName = new LRUCache<string, StoredSnapshot>({ max: ENTRIES_MAX });
  let revision = -1;
  const recall = async (
    name: string,
    read: () => Promise<StoredSnapshot | undefined>,
  ): Promise<StoredSnapshot | undefined> => {
    // Asked before reading: what changes meanwhile makes the next question read again.
    const now = await store.revision();
    if (now !== revision) byName.clear();
    revision = now;
    const known = byName.get(name);
    if (known !== undefined) return known;
    const found = await read();
    if (found === undefined || now !== revision) return found;
    const first = byName.get(found.id) ?? found;
    byName.set(found.id, first);
    byName.set(name, first);
    return first;
  };
  return {
    find: (id) => recall(id, () => store.find(id)),
    latest: (cluster, at) =>
      recall(`${cluster}@${at?.getTime() ?? ''}`, () => store.latest(cluster, at)),
  };
}
