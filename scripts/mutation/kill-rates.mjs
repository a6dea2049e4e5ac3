// Which test to try next: the one that killed most for its time, above all in the same file.

/** What tests killed so far, by file of the mutants, and how long they took. */
export class KillRates {
  #times = new Map();
  #overall = new Map();
  #byFile = new Map();
  #lastOf = new Map();

  /** How long a test took without a mutant, in milliseconds of processor time. */
  setTime(id, ms) {
    this.#times.set(id, ms);
  }

  /** The same, or what is usual. */
  timeOf(id) {
    return this.#times.get(id) ?? 100;
  }

  /** That a test ran on a mutant of `file`, and whether it killed it. */
  add(id, file, isKiller) {
    let ofFile = this.#byFile.get(file);
    if (ofFile === undefined) this.#byFile.set(file, (ofFile = new Map()));
    for (const counts of [this.#overall, ofFile]) {
      const before = counts.get(id) ?? { runs: 0, kills: 0 };
      counts.set(id, {
        runs: before.runs + 1,
        kills: before.kills + (isKiller ? 1 : 0),
      });
    }
    if (isKiller) this.#lastOf.set(file, id);
  }

  /** `tests`, those first that are likely to kill a mutant of `file` soon. */
  sort(tests, file) {
    const rates = new Map(tests.map((test) => [test, this.#rate(test.id, file)]));
    return tests.toSorted((a, b) => rates.get(b) - rates.get(a));
  }

  /** Kills for a millisecond, as expected: what is known of the file counts for more than the rest. */
  #rate(id, file) {
    const all = this.#overall.get(id) ?? { runs: 0, kills: 0 };
    const prior = (all.kills + 1) / (all.runs + 3);
    const here = this.#byFile.get(file)?.get(id) ?? { runs: 0, kills: 0 };
    const chance = (here.kills + 2 * prior) / (here.runs + 2);
    // Mutants of one place come one after the other.
    const boost = this.#lastOf.get(file) === id ? 3 : 1;
    return (boost * chance) / (1 + this.timeOf(id));
  }
}
