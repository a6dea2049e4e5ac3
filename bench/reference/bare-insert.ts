import Database from 'better-sqlite3';
import { podAt } from '../../src/model/snapshot.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

/** Rows of one statement; more are no faster. */
const ROWS_PER_STATEMENT = 1000;
const COLUMNS = 5;

/** Cells of a pod table without anything around them, row after row. */
export function podCells(snapshot: Snapshot): readonly (string | number)[] {
  return [...snapshot.namespaces.values()].flatMap((chunk, namespace) =>
    chunk.pods.name.flatMap((name, row) => {
      const { addresses, workload } = podAt(chunk, row);
      return [namespace, name, chunk.pods.shape[row] ?? 0, addresses[0] ?? '', workload];
    }),
  );
}

/** Writes a pod table to a new file in one transaction, many rows at a time: the least there is. */
export function bareInsert(file: string, cells: readonly (string | number)[]): void {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE pods (namespace INT, name TEXT, shape INT, ip TEXT, owner INT)');
  const statementFor = (rows: number): Database.Statement => {
    const row = `(${'?,'.repeat(COLUMNS).slice(0, -1)})`;
    return database.prepare(`INSERT INTO pods VALUES ${`${row},`.repeat(rows).slice(0, -1)}`);
  };
  const whole = statementFor(ROWS_PER_STATEMENT);
  database.transaction(() => {
    for (let at = 0; at < cells.length; at += ROWS_PER_STATEMENT * COLUMNS) {
      const part = cells.slice(at, at + ROWS_PER_STATEMENT * COLUMNS);
      const rows = part.length / COLUMNS;
      (rows === ROWS_PER_STATEMENT ? whole : statementFor(rows)).run(...part);
    }
  })();
  database.close();
}
