// Which mutants are looked at: all, or a share of them that a hash of their place picks. A larger share
// of the same seed has those of a smaller one. `PODREACH_MUTANTS_ALIVE` names a report: only what lived on
// in it is looked at.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The part of all mutants to look at (`PODREACH_MUTANT_SHARE`), and another choice (`…_SEED`). */
const SHARE = Number(process.env.PODREACH_MUTANT_SHARE ?? 1);
const SEED = process.env.PODREACH_MUTANT_SEED ?? '1';

const ALIVE = process.env.PODREACH_MUTANTS_ALIVE;

/**
 * A name that a mutant keeps as long as nobody changes its file, as in `src/engine/party.ts:12:3`.
 *
 * @param file - relative to the project
 * @param first - the number of the first line and column: 0 for Stryker, 1 in its reports
 */
export function nameOf(file, { location: { start, end }, mutatorName, replacement }, first) {
  const [from, to] = [start, end].map(
    ({ line, column }) => `${line + 1 - first}:${column + 1 - first}`,
  );
  return `${file}:${from} to ${to} ${mutatorName}: ${replacement}`;
}

/** Whether a mutant of this name belongs to the sample. */
export function isInSample(name) {
  const hash = createHash('sha256').update(`${SEED}\n${name}`).digest();
  return hash.readUInt32BE() < SHARE * 2 ** 32;
}

/** Of a report: names of all mutants that were looked at, with what became of them. */
export function resultsIn(report) {
  return new Map(
    Object.entries(report.files)
      .flatMap(([file, { mutants }]) =>
        mutants.map((mutant) => [nameOf(file, mutant, 1), { ...mutant, file }]),
      )
      // Stryker itself says of all mutants, in the sample or not, that no test comes past them.
      .filter(
        ([name, { status }]) =>
          status !== 'RuntimeError' && (status !== 'NoCoverage' || isInSample(name)),
      ),
  );
}

/** Whether nothing killed a mutant. */
export function isAlive({ status }) {
  return status === 'Survived' || status === 'NoCoverage';
}

let wanted;

/** Whether a mutant of this name has to be looked at. */
export function isWanted(name) {
  if (ALIVE === undefined) return isInSample(name);
  wanted ??= resultsIn(JSON.parse(readFileSync(ALIVE, 'utf8')));
  const result = wanted.get(name);
  return result !== undefined && isAlive(result);
}
