/** What the lazy members of one object come from. */
interface Makings {
  readonly makers: readonly (() => unknown)[];
  /** By member; undefined until it is asked for. */
  readonly made: unknown[];
}

const MAKINGS = Symbol('makings');

interface WithMakings {
  readonly [MAKINGS]: Makings;
}

/**
 * A way to make objects with the lazy members `names`: each is made when it is first asked for, and
 * what makes it throws reaches whoever asked, and is tried again the next time. The objects are frozen.
 *
 * All objects of one way share the functions behind their members, so that the machine takes them for
 * objects of one kind: members are found as fast as any other's, and there can be a hundred thousand.
 * So make a way once, at the top of a file.
 */
export function lazyMembers<Lazy extends object>(
  ...names: readonly (keyof Lazy & string)[]
): <Eager extends object>(
  members: Eager,
  makers: { readonly [Name in keyof Lazy]: () => Lazy[Name] & object },
) => Eager & Lazy {
  // Enumerable: they are compared and copied like any other member.
  const descriptors = Object.fromEntries(
    names.map((name, i) => [name, { enumerable: true, get: getterOf(i) }]),
  );
  return <Eager extends object>(
    members: Eager,
    makers: { readonly [Name in keyof Lazy]: () => Lazy[Name] & object },
  ) => {
    const target = { ...members };
    const makings: Makings = {
      makers: names.map((name) => makers[name]),
      made: names.map(() => undefined),
    };
    Object.defineProperty(target, MAKINGS, { value: makings });
    Object.defineProperties(target, descriptors);
    // Each of the members of `Lazy` was defined.
    return Object.freeze(target) as Eager & Lazy;
  };
}

function getterOf(i: number): (this: WithMakings) => unknown {
  return function get(): unknown {
    const { made, makers } = this[MAKINGS];
    return (made[i] ??= makers[i]?.());
  };
}

/** What `make` gives, made once. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
