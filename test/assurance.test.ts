import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

/*
 * The pages that say which test holds what: every threat and every failure that we know of has a row,
 * and what a row names is there.
 */

const root = fileURLToPath(new URL('..', import.meta.url));

/** Pages with the letter of their ids and how many there are. */
const PAGES = [
  ['docs/threats.md', 'T', 40],
  ['docs/failures.md', 'F', 28],
] as const;

interface Row {
  readonly id: string;
  /** What it says about who holds it. */
  readonly heldBy: string;
}

/** Rows of the table whose ids begin with `letter`, in order. */
function rowsOf(text: string, letter: string): readonly Row[] {
  const rows = text.matchAll(new RegExp(`^\\| (${letter}\\d+) +\\|.*\\| +(.*?) +\\|$`, 'gm'));
  return [...rows].map(([, id = '', heldBy = '']) => ({ id, heldBy }));
}

/** A test that a page names. */
interface Named {
  readonly file: string;
  readonly test: string;
}

/** The tests of a row; undefined when its cell is neither a list of them nor says why there is none. */
function testsOf(heldBy: string): readonly Named[] | undefined {
  if (/^(does not apply|not tested): \S/.test(heldBy)) return [];
  const parts = heldBy.split('"; ').map((part) => /^`(test\/[\w./-]+\.ts)`: "(.+?)"?$/.exec(part));
  return parts.every((part) => part !== null)
    ? parts.map(([, file = '', test = '']) => ({ file, test }))
    : undefined;
}

for (const [page, letter, count] of PAGES) {
  const skip = !existsSync(join(root, page));
  t.test(`${page}: each has its row, and each test of a row is there`, { skip }, (t) => {
    const rows = rowsOf(readFileSync(join(root, page), 'utf8'), letter);
    t.strictSame(
      rows.map(({ id }) => id),
      Array.from({ length: count }, (_, i) => `${letter}${i + 1}`),
    );
    for (const { id, heldBy } of rows) {
      const tests = testsOf(heldBy);
      t.ok(tests, `${id} names tests, or says why there is none`);
      for (const { file, test } of tests ?? []) {
        const path = join(root, file);
        if (!existsSync(path)) t.fail(`${id}: ${file} is not there`);
        else t.ok(readFileSync(path, 'utf8').includes(test), `${id}: ${file} has "${test}"`);
      }
    }
    t.end();
  });
}
