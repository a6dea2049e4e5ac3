import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

import { PodreachError } from '../model/errors.ts';
import { databasePath } from './open-store.ts';
import { IN_MEMORY } from './sqlite/open.ts';

/** Whether more can be stored without filling the disk. */
export type RoomCheck = () => Promise<void>;

/**
 * What looks, before something is stored in the database that `url` names, whether at least
 * `reserveBytes` are left on its disk. It rejects with `disk-full` when they are not.
 */
export function roomCheck(url: string, reserveBytes: number): RoomCheck {
  const path = databasePath(url);
  if (path === IN_MEMORY) return () => Promise.resolve();
  return async () => {
    const { bavail, bsize } = await statfs(dirname(path));
    const free = bavail * bsize;
    if (reserveBytes <= free) return;
    throw new PodreachError(
      'disk-full',
      `the disk that holds \`${path}\` has ${free} bytes left, and nothing is taken in below ${reserveBytes}`,
      {
        limitBytes: reserveBytes,
        which: 'diskReserveBytes',
        hint: 'free some space, or delete snapshots; questions are answered meanwhile',
      },
    );
  };
}
