/**
 * Bugs that somebody could make in the matcher: each is put into a copy of the sources, where some
 * comparison must notice it.
 */

/** One edit; `find` stands in `file` exactly once. */
export interface SeededBug {
  /** What goes wrong. */
  readonly what: string;
  /** Below `src/`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

type Row = readonly [what: string, find: string, replace: string];

/** Bugs of one file. */
export function bugsIn(file: string, rows: readonly Row[]): SeededBug[] {
  return rows.map(([what, find, replace]) => ({ what, file, find, replace }));
}
