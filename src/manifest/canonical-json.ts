import { AmbiguousScalar } from './read-item.ts';

/**
 * JSON text of `value` with the keys of objects sorted: equal content, equal text.
 *
 * Maps are written as objects, scalars that YAML versions disagree on as what was written, undefined
 * members are left out, and undefined itself is `null`.
 */
export function canonicalJson(value: unknown): string {
  if (value instanceof AmbiguousScalar) return JSON.stringify(value.text);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value instanceof Map) return writeMembers([...(value as ReadonlyMap<string, unknown>)]);
  if (typeof value === 'object' && value !== null) return writeMembers(Object.entries(value));
  return value === undefined ? 'null' : JSON.stringify(value);
}

function writeMembers(entries: readonly (readonly [string, unknown])[]): string {
  const members = entries
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${JSON.stringify(key)}:${canonicalJson(value)}`);
  return `{${members.join(',')}}`;
}
