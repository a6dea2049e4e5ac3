import { PodreachError } from '../../model/errors.ts';
import type { SnapshotStore } from '../../store/snapshot-store.ts';

/** Work that goes on until it is closed. */
export interface Background {
  close(): Promise<void>;
}

/**
 * Deletes snapshots that have become too old, now and every `intervalMs`, a few at a time. What the
 * store cannot delete now it is asked to delete the next time.
 */
export function expireSnapshots(store: SnapshotStore, intervalMs: number): Background {
  let isClosed = false;
  const sweep = async (): Promise<void> => {
    try {
      while (!isClosed && (await store.deleteExpired()));
    } catch (error) {
      if (!(error instanceof PodreachError)) throw error;
    }
  };
  let running = sweep();
  const timer = setInterval(() => {
    running = running.then(sweep);
  }, intervalMs);
  timer.unref();
  return {
    close: async () => {
      isClosed = true;
      clearInterval(timer);
      await running;
    },
  };
}
