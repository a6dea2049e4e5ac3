// Bundles test files, with the sources they test, as scripts that start at once.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Modules that others start as a process or a thread: found by their name, beside who starts them. */
const STARTED = [
  'src/service/jobs/compile-worker.ts',
  'src/service/jobs/ingest-child.ts',
  'test/store/put-big.ts',
  'test/store/put-loop.ts',
];

/** Where a module says where it is, to have what lies beside it started. */
const STARTS = /\b((?:jobEntry|scriptArguments)\([^()]*)\bimport\.meta\.url/g;

/** The script that stands for `file`. All are in one folder, so that whatever is started is beside it. */
export function scriptOf(folder, file) {
  return join(folder, `${nameOf(file)}.js`);
}

/**
 * Writes the scripts of `files`, and of all that they start, to `folder`: whatever more than one of them
 * imports is written once.
 *
 * @param root - the folder of the package; `files` are relative to it
 * @throws with the place of what is no program
 */
export async function bundle(root, files, folder) {
  await build({
    absWorkingDir: root,
    entryPoints: [...files, ...STARTED].map((file) => ({ in: file, out: nameOf(file) })),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    sourcesContent: false,
    plugins: [ownUrls(folder)],
    logLevel: 'silent',
  });
}

function nameOf(file) {
  const path = file.replace(/\.ts$/, '');
  return STARTED.includes(file) ? path.split('/').at(-1) : path.replaceAll('/', '-');
}

/** Modules find files beside their source, not beside the bundle; only what they start is there. */
function ownUrls(folder) {
  const beside = JSON.stringify(pathToFileURL(join(folder, 'bundle.js')).href);
  return {
    name: 'own-urls',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const own = JSON.stringify(pathToFileURL(path).href);
        const text = await readFile(path, 'utf8');
        return {
          contents: text.replace(STARTS, `$1${beside}`).replaceAll('import.meta.url', own),
          loader: 'ts',
        };
      });
    },
  };
}
