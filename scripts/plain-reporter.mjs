// A tap reporter for people and for machines: one line per test file while it runs, then every
// failure with its diagnostics, then `N passed, N failed` as the very last line.
//
// Leaf assertions are counted. A subtest counts by itself only where counting its leaves would
// lose something: it failed without a failing leaf (crash, timeout, wrong plan), or it holds none.
import { Transform } from 'node:stream';
import { Parser } from 'tap-parser';

const DIAGNOSTIC_LINES_MAX = 120;

/** How the runner started a file: says nothing about why it failed. */
const RUNNER_KEYS = new Set(['args', 'command', 'cwd', 'externalID', 'jobId', 'stdio']);

/** Where a bundle has what is in a source: the place in the source stands beside it. */
const BUNDLED_KEY = 'generated';
const BUNDLED_PLACE = /\(?\.tap\/bundle-\S+ (?=\(test\/|\(src\/)/g;

/** What a subtest, a file or the whole run has counted so far. */
const newTally = () => ({ passed: 0, failed: 0, skipped: 0, todo: 0 });

const leafCount = (tally) => tally.passed + tally.failed + tally.skipped + tally.todo;

const addTo = (sum, tally) => {
  for (const key of Object.keys(sum)) sum[key] += tally[key];
};

/** Prints nested values without braces, so that a diff or a stack can be read as it is. */
const describe = (value, indent) => {
  if (value === null || typeof value !== 'object') {
    const lines = String(value).replace(BUNDLED_PLACE, '').replace(/\n+$/, '').split('\n');
    return lines.length === 1 ? ` ${lines[0]}` : lines.map((line) => `\n${indent}${line}`).join('');
  }
  return Object.entries(value)
    .filter(([key]) => key !== BUNDLED_KEY)
    .map(([key, member]) => `\n${indent}${key}:${describe(member, `${indent}  `)}`)
    .join('');
};

const diagnosticLines = (diag) => {
  const told = Object.entries(diag ?? {}).filter(([key]) => !RUNNER_KEYS.has(key));
  const lines = describe(Object.fromEntries(told), '    ').split('\n').slice(1);
  return lines.length <= DIAGNOSTIC_LINES_MAX
    ? lines
    : [
        ...lines.slice(0, DIAGNOSTIC_LINES_MAX),
        `    ... ${lines.length - DIAGNOSTIC_LINES_MAX} more lines`,
      ];
};

export const summaryLine = (tally) => {
  const parts = [`${tally.passed} passed`, `${tally.failed} failed`];
  if (0 < tally.skipped) parts.push(`${tally.skipped} skipped`);
  if (0 < tally.todo) parts.push(`${tally.todo} todo`);
  return parts.join(', ');
};

export default class PlainReporter extends Transform {
  #total = newTally();
  #failures = [];
  #parser = new Parser();
  #results;

  constructor() {
    super({ encoding: 'utf8' });
    this.#follow(this.#parser, [], this.#total);
    this.#parser.on('complete', (results) => {
      this.#results = results;
    });
    // The runner alone cannot see a run without tests, or a file without any, as a failure.
    process.on('exit', () => {
      if (0 < this.#total.failed && !process.exitCode) process.exitCode = 1;
    });
  }

  _transform(chunk, _encoding, done) {
    this.#parser.write(chunk.toString());
    done();
  }

  _flush(done) {
    this.#parser.end();
    this.#judgeRun();
    for (const { path, diag } of this.#failures) {
      this.push(`\nnot ok: ${path.join(' > ')}\n`);
      for (const line of diagnosticLines(diag)) this.push(`${line}\n`);
    }
    this.push(`\n${summaryLine(this.#total)}\n`);
    done();
  }

  #fail(tally, path, diag) {
    tally.failed += 1;
    this.#failures.push({ path, diag });
  }

  #judgeRun() {
    if (0 < this.#total.failed) return;
    if (leafCount(this.#total) === 0) {
      this.#fail(this.#total, ['the run'], { message: 'no test was found' });
    } else if (this.#results?.ok === false) {
      const { bailout, failures } = this.#results;
      this.#fail(this.#total, ['the run'], {
        message: 'the run failed as a whole',
        bailout,
        failures,
      });
    }
  }

  /** Counts one parser's assertions into `tally`; `path` names the subtests around it. */
  #follow(parser, path, tally) {
    let child;
    const settleChild = () => {
      if (child !== undefined) addTo(tally, child.tally);
      child = undefined;
    };
    parser.on('child', (subtest) => {
      settleChild();
      child = { name: subtest.name, tally: newTally() };
      this.#follow(subtest, [...path, subtest.name], child.tally);
    });
    // A process that ends in the middle leaves a subtest without the line that sums it up.
    parser.on('complete', settleChild);
    parser.on('bailout', (reason) => {
      if (path.length === 0) this.#fail(tally, ['bail out'], { message: reason });
    });
    parser.on('assert', (result) => {
      const before = { ...tally };
      const subtest = child !== undefined && child.name === result.name ? child.tally : undefined;
      settleChild();
      this.#count(result, subtest, path, tally);
      if (path.length === 0) this.#reportFile(result, before, tally);
    });
  }

  #count(result, subtest, path, tally) {
    const name = [...path, result.name || `assertion ${result.id}`];
    if (!result.ok && !result.todo && !result.skip) {
      const counted = subtest !== undefined && 0 < subtest.failed;
      if (!counted && !this.#isTold(result)) this.#fail(tally, name, result.diag);
    } else if (subtest === undefined || leafCount(subtest) === 0) {
      this.#countWithoutLeaves(result, path, name, tally);
    }
  }

  /** The runner repeats the timeout of a file as a failure of its own. */
  #isTold(result) {
    const file = result.diag?.expired;
    return file !== undefined && this.#failures.some(({ path }) => path[0] === file);
  }

  #countWithoutLeaves(result, path, name, tally) {
    const skip = result.skip === 'no tests found' ? false : result.skip;
    if (result.todo) tally.todo += 1;
    else if (skip) tally.skipped += 1;
    else if (path.length === 0) this.#fail(tally, name, { message: 'the file holds no test' });
    else tally.passed += 1;
  }

  #reportFile(result, before, after) {
    const own = newTally();
    for (const key of Object.keys(own)) own[key] = after[key] - before[key];
    if (leafCount(own) === 0) return;
    const seconds = typeof result.time === 'number' ? `, ${(result.time / 1000).toFixed(1)} s` : '';
    const word = own.failed === 0 ? 'ok    ' : 'not ok';
    this.push(`${word} ${result.name} (${summaryLine(own)}${seconds})\n`);
  }
}
