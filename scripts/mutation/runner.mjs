// A Stryker test runner that keeps one process for many mutants: the bundled tests are loaded once and
// again only when a mutant was killed, because what it left behind in caches could kill the next.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import fc from 'fast-check';

const BUNDLE = 'mutation-tests.cjs';

/** The same worlds for every mutant; so few that one which survives costs seconds. */
const WORLDS = { PODREACH_WORLDS: '60', PODREACH_SEED: '20261126' };

/** Tests that take seconds and catch what others catch sooner. */
const LEFT_OUT = /wide clusters|every fixture|the same bytes|the oracle answers|was asked/;

/** The name that Stryker's instrumentation reads from the global object. */
const NAMESPACE = '__stryker__';

class BundledTests {
  #tests = [];
  #isFresh = false;

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    // The first counterexample is enough.
    fc.configureGlobal({ endOnFailure: true });
    Object.assign(process.env, { ...WORLDS, ...process.env });
  }

  async dryRun() {
    this.#load();
    const state = (globalThis[NAMESPACE] ??= {});
    const tests = [];
    for (const { id, run } of this.#tests) {
      state.currentTestId = id;
      const start = performance.now();
      const failure = await failureOf(run);
      const timeSpentMs = performance.now() - start;
      tests.push({
        id,
        name: id,
        timeSpentMs,
        ...(failure === undefined ? { status: 0 } : { status: 1, failureMessage: failure }),
      });
    }
    state.currentTestId = undefined;
    return { status: 'complete', tests, mutantCoverage: state.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation, reloadEnvironment }) {
    const state = (globalThis[NAMESPACE] ??= {});
    state.hitCount = hitLimit === undefined ? undefined : 0;
    state.hitLimit = hitLimit;
    if (mutantActivation === 'static') state.activeMutant = activeMutant.id;
    if (reloadEnvironment || this.#tests.length === 0) this.#load();
    state.activeMutant = activeMutant.id;
    let result = await this.#run(testFilter);
    if (result.status === 'killed' && !this.#isFresh && mutantActivation !== 'static') {
      state.activeMutant = undefined;
      this.#load();
      state.activeMutant = activeMutant.id;
      result = await this.#run(testFilter);
    }
    state.activeMutant = undefined;
    this.#isFresh = false;
    if (result.status === 'killed' || mutantActivation === 'static') this.#tests = [];
    return result;
  }

  async #run(testFilter) {
    const state = globalThis[NAMESPACE];
    const wanted = testFilter === undefined ? undefined : new Set(testFilter);
    let nrOfTests = 0;
    for (const { id, run } of this.#tests) {
      if (wanted?.has(id) === false) continue;
      nrOfTests += 1;
      const failureMessage = await failureOf(run);
      if (failureMessage === undefined) continue;
      if (state.hitLimit < state.hitCount) return { status: 'timeout', reason: failureMessage };
      return { status: 'killed', killedBy: [id], failureMessage, nrOfTests };
    }
    return { status: 'survived', nrOfTests };
  }

  #load() {
    // In the folder of the changed sources, which is not the one of this file.
    const filename = resolve(BUNDLE);
    const parameters = ['require', 'module', 'exports'];
    const start = compileFunction(readFileSync(filename, 'utf8'), parameters, { filename });
    const module = { exports: {} };
    start(createRequire(filename), module, module.exports);
    this.#tests = globalThis.collectedTests.filter(({ id }) => !LEFT_OUT.test(id));
    this.#isFresh = true;
  }
}

/** What a test has against the code, as text; undefined: nothing. */
async function failureOf(run) {
  try {
    await run();
    return undefined;
  } catch (error) {
    return String(error).slice(0, 500);
  }
}

/** Stryker's entry: a factory without injected values. */
export const strykerPlugins = [
  { kind: 'TestRunner', name: 'bundled-tests', factory: () => new BundledTests() },
];
