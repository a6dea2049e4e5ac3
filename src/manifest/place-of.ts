import type { ReadFrom } from './read-item.ts';

const NOWHERE: ReadFrom = {};
let lastPlace = NOWHERE;

/** Not the whole place: its `lineOf` would keep the document alive. Equal ones are shared. */
export function placeOf({ file, line }: ReadFrom): ReadFrom {
  if (lastPlace.file === file && lastPlace.line === line) return lastPlace;
  lastPlace = { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
  return lastPlace;
}
