import type { RawValue } from './read-item.ts';

/** Has no property, inherits none and never will. */
const NOTHING: object = Object.freeze(Object.create(null) as object);

/**
 * An empty object that inherits no property: `constructor` and `__proto__` are keys like any other.
 *
 * Its prototype is an empty object rather than `null`, because an engine keeps objects whose
 * prototype is `null` as hash tables, which are several times slower to make and to read.
 */
export function emptyRawObject(): Record<string, RawValue> {
  // `Object.create` is untyped.
  return Object.create(NOTHING) as Record<string, RawValue>;
}
