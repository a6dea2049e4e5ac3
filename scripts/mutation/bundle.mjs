// Bundles the tests that judge mutants, with the sources they test, as one script that can be loaded
// again and again in one process. Runs in the folder to which Stryker copied and changed the sources.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { TESTS } from './tests.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** Files find their fixtures beside themselves, not beside the bundle. */
const ownUrls = {
  name: 'own-urls',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
      loader: 'ts',
    }));
  },
};

const imports = TESTS.map((file) => `startFile(${JSON.stringify(file)});require('./${file}');`);
await build({
  stdin: {
    contents: `const { startFile } = require('tap');${imports.join('')}`,
    resolveDir: process.cwd(),
  },
  outfile: 'mutation-tests.cjs',
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  alias: { tap: join(here, 'collect-tests.mjs') },
  plugins: [ownUrls],
  logLevel: 'error',
});
