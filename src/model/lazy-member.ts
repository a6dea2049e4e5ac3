/**
 * `members` with more that are made when they are first asked for, frozen. What makes one throws
 * reaches whoever asked, and is tried again the next time.
 */
export function withLazy<Eager extends object, Lazy extends object>(
  members: Eager,
  lazy: { readonly [Name in keyof Lazy]: () => Lazy[Name] },
): Eager & Lazy {
  const target = { ...members };
  for (const [name, make] of Object.entries<() => unknown>(lazy)) {
    // Enumerable: it is compared and copied like any other member.
    Object.defineProperty(target, name, { enumerable: true, get: once(make) });
  }
  // Each of the members of `Lazy` was defined.
  return Object.freeze(target) as Eager & Lazy;
}

/** What `make` gives, made once. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
