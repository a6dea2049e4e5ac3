import type { Database, Statement } from 'better-sqlite3';

/** What can stand in a cell. */
export type Cell = string | number | null;

/** Rows of one table, written many at a time. */
export interface BulkRows {
  /** Notes a row, in the order of the columns. */
  add(...cells: readonly Cell[]): void;
  /** Writes what was noted and is not written yet. */
  finish(): void;
}

/** Rows of one statement: a call costs more than a row, and many more are no faster. */
const ROWS_PER_STATEMENT = 128;

/** What begins to insert rows into `columns` of `table`; both are names of our own. */
export function bulkInsert(
  database: Database,
  table: string,
  columns: readonly string[],
): () => BulkRows {
  const row = `(${columns.map(() => '?').join(', ')})`;
  const prepare = (rows: number): Statement =>
    database.prepare(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${Array<string>(rows).fill(row).join(', ')}`,
    );
  const many = prepare(ROWS_PER_STATEMENT);
  const one = prepare(1);
  const cellsMax = ROWS_PER_STATEMENT * columns.length;
  return () => {
    let cells: Cell[] = [];
    return {
      add: (...more) => {
        for (const cell of more) cells.push(cell);
        if (cells.length < cellsMax) return;
        many.run(cells);
        cells = [];
      },
      finish: () => {
        for (let at = 0; at < cells.length; at += columns.length) {
          one.run(cells.slice(at, at + columns.length));
        }
        cells = [];
      },
    };
  };
}
