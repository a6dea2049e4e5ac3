import type { Json } from './wire.ts';

/** A column of CSV: its heading, and the cell of a row. */
export type Column = readonly [name: string, cell: (row: Json) => string];
