// Runs the tests, all of them or those that are named: `npm test -- test/http test/store/sqlite.test.ts`.
//
// They are bundled first. `npx tap FILE` runs a file from its source just as well, but has to translate
// all that it imports, for each file again, which takes longer than most tests do.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { t } from 'tap';
import { parse } from 'yaml';
import PlainReporter from '../plain-reporter.mjs';
import { bundle, scriptOf } from './bundle.mjs';

/** What takes longest is started first, so that no job is left with it at the end. */
const LONGEST_FIRST = [
  'test/engine/properties.test.ts',
  'test/engine/flat.test.ts',
  'test/engine/rough-worlds.test.ts',
  'test/engine/seeded-bugs.test.ts',
  'test/engine/changes.test.ts',
  'test/engine/metamorphic.test.ts',
  'test/cli/built-server.test.ts',
  'test/service/jobs.test.ts',
  'test/store/sqlite.test.ts',
  'test/http/answers.test.ts',
];

/** Most of what tests make is short-lived: with a large nursery those of the engine take a tenth less. */
const NODE_FLAGS = ['--enable-source-maps', '--max-semi-space-size=64'];

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = join(root, '.tap', `bundle-${process.pid}`);
const { jobs, timeout } = parse(readFileSync(join(root, '.taprc'), 'utf8'));

/** The test files below a path, or at it, relative to the package. */
function testsBelow(path) {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const paths = isFolder
    ? readdirSync(path, { recursive: true }).map((name) => join(path, name))
    : [path];
  const tests = paths.filter((name) => name.endsWith('.test.ts') && existsSync(name));
  if (tests.length === 0) giveUp(`no test file is at or below \`${path}\``);
  return tests.map((name) => relative(root, name).split(sep).join('/'));
}

/** Ends a run that could not begin, with the line that every run ends with. */
function giveUp(why) {
  process.stderr.write(`${why}\n`);
  process.stdout.write('0 passed, 1 failed\n');
  process.exit(1);
}

/** How early a file is started: the sooner, the smaller. */
function rank(file) {
  const place = LONGEST_FIRST.indexOf(file);
  return place < 0 ? LONGEST_FIRST.length : place;
}

for (const file of LONGEST_FIRST) {
  if (!existsSync(join(root, file)))
    giveUp(`\`${file}\` is in LONGEST_FIRST, and not in the tests`);
}

const named = process.argv.slice(2);
const paths = named.length === 0 ? [join(root, 'test')] : named.map((name) => resolve(name));
const files = [...new Set(paths.flatMap(testsBelow))].sort(
  (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1),
);

mkdirSync(folder, { recursive: true });
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
await bundle(root, files, folder).catch((error) => giveUp(error.message));

t.pipe(new PlainReporter()).pipe(process.stdout);
t.setTimeout(0);
t.jobs = jobs;
t.plan(files.length);
const processes = new Set();
t.on('spawn', (test) => test.on('process', (started) => processes.add(started)));
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const one of processes) one.kill('SIGKILL');
    process.exit(128 + constants.signals[signal]);
  });
}
for (const file of files) {
  void t.spawn(process.execPath, [...NODE_FLAGS, scriptOf(folder, file)], {
    name: file,
    externalID: file,
    cwd: root,
    env: { ...process.env, TAP_TIMEOUT: String(timeout) },
    stdio: 'inherit',
    buffered: true,
    timeout: timeout * 1000,
    stack: '',
    at: null,
  });
}
