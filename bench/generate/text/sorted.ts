import type { JsonValue } from '../kube-object.ts';

/** `value` with the keys of all maps in order, as kubectl prints them. */
export function sorted(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(sorted);
  const result: Record<string, JsonValue> = {};
  for (const key of Object.keys(value).sort()) result[key] = sorted(value[key] ?? null);
  return result;
}

/** Whether a value is a list: `Array.isArray` does not know lists that cannot be written. */
export function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
