import { PodreachError } from '../model/errors.ts';
import type { HealthProbe } from '../service/health.ts';
import type { RoomCheck } from '../store/disk-room.ts';

/** Whether there is room for snapshots; without, questions are answered all the same. */
export function diskProbe(checkRoom: RoomCheck): HealthProbe {
  return {
    name: 'disk',
    essential: false,
    look: async () => {
      try {
        await checkRoom();
        return undefined;
      } catch (error) {
        if (!(error instanceof PodreachError)) throw error;
        // What it says names the file, and anybody may ask for this.
        const message = 'uploads are refused: the disk is nearly full';
        throw new PodreachError(error.code, message, {}, error);
      }
    },
  };
}
