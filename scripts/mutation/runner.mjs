// A Stryker test runner that keeps one process, with warm code, for many mutants: see docs/mutation.md.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative, resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import fc from 'fast-check';
import { KillRates } from './kill-rates.mjs';
import { isWanted, nameOf } from './sample.mjs';
import { Watchdog } from './watchdog.mjs';

const BUNDLE = 'mutation-tests.cjs';

/** The same worlds for every mutant; so few that one which survives costs seconds. */
const QUICK = {
  PODREACH_WORLDS: '60',
  PODREACH_WORLDS_LEAST: '5',
  PODREACH_SMALL_SCOPE: '240',
  PODREACH_SEED: '20261126',
};

/** More of them for what survived the quick look (`PODREACH_MUTANTS_DEEP=1`). */
const DEEP = {
  PODREACH_WORLDS: '300',
  PODREACH_WORLDS_LEAST: '10',
  PODREACH_SMALL_SCOPE: '24',
  PODREACH_SEED: '20261126',
};

const IS_DEEP = process.env.PODREACH_MUTANTS_DEEP === '1';

/** Tests that ask what the others did, or look at averages of many worlds. */
const LEFT_OUT = /was asked|and is never humble/;

/** Tests that take seconds, and are left to a deep look. */
const SLOW = /wide clusters|every fixture and every vector/;

/** What a quick look at one mutant may cost at most, in milliseconds of processor time; code that was just loaded is slow. */
const QUICK_MS_MAX = 2_000;
const COLD_MS_MAX = 8_000;

/** A test never ends when it comes past its mutant so many times as often as it should, */
const HIT_FACTOR = 20;
const HITS_LEAST = 10_000;

/** or takes so many times as long, in milliseconds of processor time. */
const MS_FACTOR = 3;
const MS_LEAST = 1_000;

/** The same for what is done while modules are loaded. */
const HITS_OF_LOADING = 1_000_000;
const MS_OF_LOADING = 10_000;

/** The name that Stryker's instrumentation reads from the global object. */
const NAMESPACE = '__stryker__';

/** What instrumented code does besides looking for its mutant: it counts, which only the dry run needs. */
const COUNTS = 'stryCov_9fa48 = cover;';
const COUNTS_NOT = 'stryCov_9fa48 = function () {};';

class BundledTests {
  #tests = [];
  #watchdog = new Watchdog();
  #rates = new KillRates();
  /** How often each test comes past each mutant; nothing after a restart of the process. */
  #hits = new Map();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    await this.#watchdog.start();
    Object.assign(process.env, { ...(IS_DEEP ? DEEP : QUICK), ...process.env });
  }

  async dispose() {
    await this.#watchdog.stop();
  }

  async dryRun() {
    const state = (globalThis[NAMESPACE] ??= {});
    this.#load((text) => text);
    const tests = [];
    for (const { id, run } of this.#tests) {
      state.currentTestId = id;
      const start = process.cpuUsage();
      const found = await failureOf(run);
      const timeSpentMs = process.cpuUsage(start).user / 1000;
      const outcome = found === RIGHT ? { status: 0 } : { status: 1, failureMessage: found };
      tests.push({ id, name: id, timeSpentMs, ...outcome });
      this.#rates.setTime(id, timeSpentMs);
    }
    state.currentTestId = undefined;
    const { mutantCoverage } = state;
    this.#hits = new Map(Object.entries(mutantCoverage.perTest));
    this.#tests = [];
    return { status: 'complete', tests, mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation, sandboxFileName }) {
    const name = nameOf(relative(process.cwd(), sandboxFileName), activeMutant, 0);
    if (!isWanted(name)) return NOT_WANTED;
    const mutant = {
      id: interned(activeMutant.id),
      file: sandboxFileName,
      hitLimit,
    };
    const passing = testFilter ?? this.#testsPassing(mutant.id);
    const result = await this.#runWarm({ ...mutant, tests: new Set(passing) });
    const isStatic = mutantActivation === 'static' && result.status === 'survived';
    return isStatic ? this.#runFromTheStart(mutant) : result;
  }

  /** Tests that come past a mutant. */
  #testsPassing(mutant) {
    return [...this.#hits].flatMap(([id, hits]) => (hits[mutant] === undefined ? [] : [id]));
  }

  /** A mutant of what tests do. */
  async #runWarm(mutant) {
    if (this.#tests.length === 0) this.#load();
    const first = await this.#run(mutant);
    if (first.status === 'survived' || (await this.#isUnharmed(first))) return first;
    this.#load();
    const again = await this.#run(mutant);
    if (!(await this.#isUnharmed(again))) this.#tests = [];
    return again;
  }

  /** A mutant of what is done while modules are loaded. */
  async #runFromTheStart(mutant) {
    const state = (globalThis[NAMESPACE] ??= {});
    Object.assign(state, { activeMutant: mutant.id, hitCount: 0, hitLimit: HITS_OF_LOADING });
    const found = await this.#watchdog.within(MS_OF_LOADING, () => failureOf(() => this.#load()));
    state.activeMutant = undefined;
    const result =
      found === undefined
        ? { status: 'timeout', killedBy: [] }
        : found === RIGHT
          ? await this.#run(mutant, COLD_MS_MAX)
          : { status: 'killed', killedBy: [], failureMessage: found, nrOfTests: 0 };
    this.#tests = [];
    return result;
  }

  /** Runs what may kill a mutant until something does. */
  async #run({ id: mutant, file, hitLimit, tests }, msMax = QUICK_MS_MAX) {
    const state = (globalThis[NAMESPACE] ??= {});
    const wanted = this.#tests.filter(({ id }) => tests?.has(id) !== false);
    const start = process.cpuUsage().user;
    let nrOfTests = 0;
    for (const { id, run } of this.#rates.sort(wanted, file)) {
      if (!IS_DEEP && msMax * 1000 < process.cpuUsage().user - start) break;
      nrOfTests += 1;
      const hits = this.#hits.get(id)?.[mutant];
      state.hitCount = 0;
      state.hitLimit = hits === undefined ? hitLimit : Math.max(HITS_LEAST, HIT_FACTOR * hits);
      state.activeMutant = mutant;
      const found = await this.#watchdog.within(this.#rates.timeOf(id) * MS_FACTOR + MS_LEAST, () =>
        failureOf(run),
      );
      state.activeMutant = undefined;
      this.#rates.add(id, file, found !== RIGHT);
      if (found === RIGHT) continue;
      const isEndless = found === undefined || state.hitLimit < state.hitCount;
      return isEndless
        ? { status: 'timeout', reason: found, killedBy: [id], nrOfTests }
        : { status: 'killed', killedBy: [id], failureMessage: found, nrOfTests };
    }
    return { status: 'survived', nrOfTests };
  }

  /** Whether the test that killed a mutant passes without it: else a cache holds what one left behind. */
  async #isUnharmed({ killedBy: [killer] = [] }) {
    const test = this.#tests.find(({ id }) => id === killer);
    return test === undefined || (await failureOf(test.run)) === RIGHT;
  }

  #load(change = (text) => text.replaceAll(COUNTS, COUNTS_NOT)) {
    // In the folder of the changed sources, which is not the one of this file.
    const filename = resolve(BUNDLE);
    const parameters = ['require', 'module', 'exports'];
    const start = compileFunction(change(readFileSync(filename, 'utf8')), parameters, { filename });
    const module = { exports: {} };
    start(createRequire(filename), module, module.exports);
    // The first counterexample is enough, and need not be a small one.
    fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });
    this.#tests = globalThis.collectedTests.filter(
      ({ id }) => !LEFT_OUT.test(id) && (IS_DEEP || !SLOW.test(id)),
    );
  }
}

/** What is said of mutants that are not looked at: Stryker counts them as invalid. */
const NOT_WANTED = { status: 'error', errorMessage: 'not in the sample' };

/** The same text as the engine of JavaScript has it for names: comparing it costs nothing. */
function interned(text) {
  return Object.keys({ [text]: true })[0];
}

const RIGHT = Symbol('nothing is wrong');

/** What a test has against the code, as text. */
async function failureOf(run) {
  try {
    await run();
    return RIGHT;
  } catch (error) {
    return textOf(error);
  }
}

function textOf(error) {
  return String(error).slice(0, 500);
}

/** Stryker's entry: a factory without injected values. */
export const strykerPlugins = [
  { kind: 'TestRunner', name: 'bundled-tests', factory: () => new BundledTests() },
];
