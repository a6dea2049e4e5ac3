// What tap is to the tests, for mutants: tests are collected instead of started, run one by one, and
// end with the first assertion that fails. Only what the tests of the engine use is here.
import { match, same, strict } from 'tcompare';

/** Tests of all files that were loaded since, as `{ id, run }`. */
const collected = [];
let file = '';

/** Says whose tests come next. */
export function startFile(name) {
  file = name;
}

class Test {
  #children = Promise.resolve();

  /** Runs a test within this one, after those before it. */
  test(...parts) {
    const run = parts.at(-1);
    this.#children = this.#children.then(() => new Test().run(run));
    return this.#children;
  }

  async run(body) {
    await body(this);
    await this.#children;
  }

  equal(found, wanted, text) {
    demand(Object.is(found, wanted), text, `${String(found)} is not ${String(wanted)}`);
  }

  not(found, wanted, text) {
    demand(!Object.is(found, wanted), text, String(found));
  }

  ok(value, text) {
    demand(Boolean(value), text, String(value));
  }

  notOk(value, text) {
    demand(!value, text, String(value));
  }

  same(found, wanted, text) {
    compare(same(found, wanted), text);
  }

  notSame(found, wanted, text) {
    demand(!same(found, wanted).match, text, 'the same');
  }

  strictSame(found, wanted, text) {
    compare(strict(found, wanted), text);
  }

  match(found, wanted, text) {
    compare(match(found, wanted), text);
  }

  notMatch(found, wanted, text) {
    demand(!match(found, wanted).match, text, 'it matches');
  }

  throws(body, wanted, text) {
    let thrown;
    try {
      body();
    } catch (error) {
      thrown = error;
    }
    demand(thrown !== undefined, text, 'nothing was thrown');
    if (typeof wanted === 'object') compare(match(thrown, wanted), text);
  }

  doesNotThrow(body, text) {
    try {
      body();
    } catch (error) {
      demand(false, text, String(error));
    }
  }

  // What only a report needs.
  pass() {}
  comment() {}
  setTimeout() {}
  end() {}
}

function demand(isSo, text, found) {
  if (!isSo) throw new Error(`${text ?? ''}: ${found}`);
}

function compare({ match: isSo, diff }, text) {
  demand(isSo, text, diff);
}

/** Stands in for the root test: nothing runs yet. */
const root = {
  test(...parts) {
    collected.push({
      id: `${file.replace('test/', '')}: ${parts[0]}`,
      run: () => new Test().run(parts.at(-1)),
    });
  },
  comment() {},
  setTimeout() {},
};

globalThis.collectedTests = collected;

export default root;
