/** Programs that look for a difference in sources with a bug. @see seeded-bugs.test.ts */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';
import type { BuildOptions, Plugin } from 'esbuild';
import type { SeededBug } from './seeded-bug.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const HERE = 'test/engine/seeded-bugs';

const OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'silent',
} satisfies BuildOptions;

/** Writes programs, one after the other. */
export interface Copies {
  /** The script that looks at copies. */
  readonly watcher: string;
  /**
   * Writes the program of `find-difference.ts` with one bug in its sources.
   *
   * @param name - tells it from other copies
   * @returns its path
   * @throws what is no program, as esbuild says it
   */
  readonly write: (name: string, bug: SeededBug | undefined) => Promise<string>;
  readonly end: () => Promise<void>;
}

/**
 * Copies that are written to `home`. What has no bug is parsed once for all of them: a copy of the
 * sources file by file would take longer to write and to load than to look at.
 *
 * @param files - below `src/`, of all bugs there are
 */
export async function makeCopies(home: string, files: ReadonlySet<string>): Promise<Copies> {
  mkdirSync(home, { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'));
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }');
  // Vectors are read from beside the module that reads them.
  cpSync(join(ROOT, 'test/vectors'), home, { recursive: true });
  const watcher = join(home, 'look-at-copies.js');
  await build({ ...OPTIONS, entryPoints: [`${HERE}/look-at-copies.ts`], outfile: watcher });

  let planted: SeededBug | undefined;
  const bundler = await context({
    ...OPTIONS,
    entryPoints: [`${HERE}/find-difference.ts`],
    write: false,
    plugins: [plant(files, () => planted)],
  });
  let last: Promise<unknown> = Promise.resolve();
  const write = async (name: string, bug: SeededBug | undefined): Promise<string> => {
    planted = bug;
    const { outputFiles } = await bundler.rebuild();
    const path = join(home, `${name}.js`);
    writeFileSync(path, outputFiles[0]?.contents ?? '');
    return path;
  };
  return {
    watcher,
    write: (name, bug) => {
      const written = last.then(() => write(name, bug));
      last = written.catch(() => undefined);
      return written;
    },
    end: () => bundler.dispose(),
  };
}

/** Reads the files that bugs are in, with the one that is planted. */
function plant(files: ReadonlySet<string>, planted: () => SeededBug | undefined): Plugin {
  const names = [...files].map((file) => file.replaceAll(/[.\\]/g, String.raw`\$&`));
  return {
    name: 'plant',
    setup: (bundler) => {
      bundler.onLoad(
        { filter: new RegExp(String.raw`/src/(?:${names.join('|')})$`) },
        ({ path }) => {
          const text = readFileSync(path, 'utf8');
          const bug = planted();
          const isHere = bug !== undefined && path === join(ROOT, 'src', bug.file);
          return { loader: 'ts', contents: isHere ? text.split(bug.find).join(bug.replace) : text };
        },
      );
    },
  };
}
