import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const lock = join(tmpdir(), `podreach-build-${Buffer.from(root).toString('hex').slice(-32)}`);
const holder = join(lock, 'pid');
const WAIT_MS = 100;
/** Longer than a build takes: a lock that is still there was left by one that was killed. */
const WAITS_MAX = 1800;

/** The folder of what is shipped, compiled now unless it is newer than its sources. */
export function build(): string {
  takeLock();
  try {
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')]);
    if (status !== 0) throw new Error(stderr.toString());
    return join(root, 'dist');
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** A module of what is shipped; its types are those of its source, `src/<path>.ts`. */
export async function builtModule(path: string): Promise<unknown> {
  return import(pathToFileURL(join(build(), `${path}.js`)).href);
}

/** Test files run side by side, and only one may write the folder. */
function takeLock(): void {
  for (let waits = 0; waits < WAITS_MAX; waits += 1) {
    try {
      mkdirSync(lock);
      writeFileSync(holder, String(process.pid));
      return;
    } catch {
      if (isAbandoned()) rmSync(lock, { recursive: true, force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    }
  }
}

/** Whether who took the lock was killed before giving it back. */
function isAbandoned(): boolean {
  try {
    process.kill(Number(readFileSync(holder, 'utf8')), 0);
    return false;
  } catch (error) {
    // One that has just taken it has not written yet.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
