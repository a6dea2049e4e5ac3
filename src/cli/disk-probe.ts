import { statfs } from 'node:fs/promises';
import { PodreachError } from '../model/errors.ts';
import type { HealthProbe } from '../service/health.ts';

const MIB = 1024 * 1024;

/** Whether there is room for snapshots in `folder`; without, questions are answered all the same. */
export function diskProbe(folder: string, freeBytesMin: number): HealthProbe {
  return {
    name: 'disk',
    essential: false,
    look: async () => {
      const free = await freeBytes(folder);
      const text = `${Math.floor(free / MIB)} MiB free`;
      if (freeBytesMin <= free) return text;
      throw new PodreachError('disk-full', `${text}; snapshots will soon be refused`);
    },
  };
}

async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    throw new PodreachError('store-failed', 'it cannot be read', {}, error);
  }
}
