import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folder of what is shipped, compiled now unless it is newer than its sources. */
export function build(): string {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')]);
  if (status !== 0) throw new Error(stderr.toString());
  return join(root, 'dist');
}

/** A module of what is shipped; its types are those of its source, `src/<path>.ts`. */
export async function builtModule(path: string): Promise<unknown> {
  return import(pathToFileURL(join(build(), `${path}.js`)).href);
}
