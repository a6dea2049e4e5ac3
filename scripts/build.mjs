// Compiles src/ to dist/, or does nothing when dist/ is newer than everything it is made of.
//
// schema.graphql, migrations/ and demo/ are read from the package root, so they are not copied.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const target = join(root, 'dist');
const stamp = join(target, '.built');
const entry = join(target, 'cli', 'main.js');

/** Every file and folder below `folder`; folders too, because deleting a file changes only them. */
const below = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));

const modified = (path) => statSync(path).mtimeMs;

/** Whether every source file has been compiled, at some time. */
const isComplete = () =>
  below(source)
    .filter((path) => path.endsWith('.ts'))
    .every((path) => existsSync(join(target, `${path.slice(source.length + 1, -3)}.js`)));

const isCurrent = () => {
  if (!existsSync(stamp) || !isComplete()) return false;
  const built = modified(stamp);
  const settings = ['tsconfig.json', 'package.json', 'package-lock.json', 'scripts/build.mjs'];
  const inputs = [...settings.map((name) => join(root, name)), source, ...below(source)];
  return inputs.every((path) => modified(path) < built);
};

/** What a deleted source file once compiled to must not stay importable. */
const removeOrphans = () => {
  if (!existsSync(target)) return;
  for (const path of below(target)) {
    const match = /^(.*)\.js(\.map)?$/.exec(path.slice(target.length + 1));
    if (match !== null && !existsSync(join(source, `${match[1]}.ts`))) rmSync(path);
  }
};

if (!isCurrent()) {
  process.stderr.write('podreach: compiling src/ to dist/, some seconds\n');
  rmSync(stamp, { force: true });
  removeOrphans();
  // The compiler does not look whether what it once wrote is still there.
  const info = join(target, '.tsbuildinfo');
  if (!isComplete()) rmSync(info, { force: true });
  const startedAt = new Date();
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const settings = ['-p', root, '--noEmitOnError', '--incremental', '--tsBuildInfoFile', info];
  const { status } = spawnSync(process.execPath, [compiler, ...settings], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  chmodSync(entry, 0o755);
  writeFileSync(stamp, `${startedAt.toISOString()}\n`);
}
