import { SingleBar } from 'cli-progress';
import type { IngestProgress } from '../model/input.ts';
import type { Io } from './io.ts';

/** A bar is shown only for what takes longer: it would flicker for small files. */
const PATIENCE_MS = 1000;

/** Progress of one reading. */
export interface Progress {
  readonly report: (progress: IngestProgress) => void;
  /** Removes the bar. */
  readonly stop: () => void;
}

/**
 * A bar on stderr, on a terminal and after one second; nothing elsewhere.
 *
 * `totalBytes` 0: not known, as on stdin; then only what has been read is told.
 */
export function startProgress(io: Io, title: string, totalBytes: number): Progress {
  if (!io.stderr.isTerminal) return { report: () => undefined, stop: () => undefined };
  const startedAt = performance.now();
  const amount = totalBytes === 0 ? '{read} MiB' : '[{bar}] {percentage} %';
  const bar = new SingleBar({
    format: `podreach: ${title} ${amount}{objects}`,
    clearOnComplete: true,
    hideCursor: true,
  });
  let isShown = false;
  return {
    report: ({ bytes, objects }) => {
      if (performance.now() - startedAt < PATIENCE_MS) return;
      const payload = {
        objects: objects === 0 ? '' : `, ${objects} objects`,
        read: (bytes / 1024 / 1024).toFixed(0),
      };
      if (!isShown) bar.start(totalBytes, 0, payload);
      isShown = true;
      bar.update(totalBytes === 0 ? 0 : Math.min(bytes, totalBytes), payload);
    },
    stop: () => {
      if (isShown) bar.stop();
    },
  };
}
