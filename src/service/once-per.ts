/** `make` once for each object, remembered for as long as that object is in memory. */
export function oncePer<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    const entry = known.get(key) ?? { value: make(key) };
    known.set(key, entry);
    return entry.value;
  };
}

/**
 * The same for objects that are our own and made for each request: what is remembered is a hidden
 * member of the object. (A weak map of many short-lived keys costs the collector more than it saves.)
 */
export function onceOn<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const memo = Symbol('memo');
  return (key) => {
    // Only this function knows the symbol.
    const carrier = key as Record<symbol, { readonly value: Value } | undefined>;
    const entry = carrier[memo] ?? { value: make(key) };
    carrier[memo] = entry;
    return entry.value;
  };
}
