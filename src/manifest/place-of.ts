import type { ReadFrom } from './read-item.ts';

const NOWHERE: ReadFrom = {};
let lastPlace = NOWHERE;

/**
 * The file and line of a place, equal ones as one object: the whole of it would keep the document
 * alive.
 */
export function placeOf({ file, line }: ReadFrom): ReadFrom {
  if (lastPlace.file === file && lastPlace.line === line) return lastPlace;
  lastPlace = { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
  return lastPlace;
}
