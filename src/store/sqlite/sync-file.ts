import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Returns when what was written to `file` is on the disk. */
export function syncFile(file: string): void {
  const opened = openSync(file, 'r+');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

/** Returns when the names in `folder` are on the disk; where a folder cannot be opened, at once. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const opened = openSync(folder, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
