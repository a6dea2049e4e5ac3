import { connectivity, connectivityInParts } from '../engine/queries/connectivity.ts';
import { effective } from '../engine/queries/effective.ts';
import { exposure } from '../engine/queries/exposure.ts';
import { isolation } from '../engine/queries/isolation.ts';
import { PATHS, pathVerdict, pathVerdictWithReasons } from '../engine/queries/path.ts';
import { paths } from '../engine/queries/paths.ts';
import { policies } from '../engine/queries/policies.ts';
import { reachableFrom } from '../engine/queries/reachable-from.ts';
import { resolve } from '../engine/queries/resolve.ts';
import { waysIn } from '../engine/queries/ways-in.ts';
import { whoCanReach } from '../engine/queries/who-can-reach.ts';

const KINDS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  ...PATHS.map((path) => [path, 'path'] as const),
  [pathVerdict, 'path'],
  [pathVerdictWithReasons, 'path'],
  [paths, 'paths'],
  [whoCanReach, 'who-can-reach'],
  [reachableFrom, 'reachable-from'],
  [connectivity, 'connectivity'],
  [connectivityInParts, 'connectivity'],
  [isolation, 'isolation'],
  [exposure, 'exposure'],
  [effective, 'effective'],
  [waysIn, 'ways-in'],
  [policies, 'policies'],
  [resolve, 'resolve'],
]);

/** What a query is called where questions are counted; `other` for one that is made of these. */
export function questionKind(query: unknown): string {
  return KINDS.get(query) ?? 'other';
}
