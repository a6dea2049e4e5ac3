import { randomFillSync } from 'node:crypto';
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Space that is kept from everybody, so that something can be deleted when a disk is full: deleting
 * writes first and frees afterwards.
 */
export interface Ballast {
  /** Gives the space up. @returns whether there was any */
  release(): boolean;
  /** Takes the space again, once there is much more of it. */
  refill(): void;
}

const BALLAST_BYTES = 16 * 1024 * 1024;
/** Free space, in ballasts, at which one is taken: a small disk is not filled by it. */
const ROOM_MIN = 4;
/** With less than this a database cannot even be opened. */
const OPENING_BYTES = 1024 * 1024;

/** The ballast of the database in `path`, in a file beside it; given up at once on a full disk. */
export function ballastOf(path: string): Ballast {
  const file = `${path}-ballast`;
  const ballast: Ballast = {
    release: () => {
      const isThere = statSync(file, { throwIfNoEntry: false }) !== undefined;
      rmSync(file, { force: true });
      return isThere;
    },
    refill: () => {
      const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (size === BALLAST_BYTES || freeBytes(path) < ROOM_MIN * BALLAST_BYTES) return;
      try {
        // Bytes that no file system can make smaller.
        const bytes = randomFillSync(Buffer.alloc(BALLAST_BYTES));
        writeFileSync(file, bytes, { mode: 0o600, flush: true });
      } catch {
        // Without ballast everything works but on a full disk, where half of one is in the way.
        rmSync(file, { force: true });
      }
    },
  };
  if (freeBytes(path) < OPENING_BYTES) ballast.release();
  else ballast.refill();
  return ballast;
}

/** What the file system that holds `path` has left for us. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize;
}
