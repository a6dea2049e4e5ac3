import fc from 'fast-check';
import type { KubeObject } from './kube-objects.ts';

/** A cluster, and a dump of it in which values stand that cannot be right. */
export interface DamagedWorld {
  readonly truth: readonly KubeObject[];
  readonly damaged: readonly KubeObject[];
  /** `NetworkPolicy n0/a spec.ingress.0.from`, for messages. */
  readonly what: string;
}

/**
 * Fields of which a part is what no API server would store: of another type. Which of them a verdict
 * depends on is for the product to know.
 */
export function damagedWorlds(
  objects: fc.Arbitrary<readonly KubeObject[]>,
): fc.Arbitrary<DamagedWorld> {
  const salt = fc.record({
    object: fc.nat({ max: 1000 }),
    place: fc.nat({ max: 1000 }),
    value: fc.nat({ max: 2 }),
  });
  return fc.tuple(objects, salt).map(([truth, { object, place, value }]) => {
    const of = object % Math.max(1, truth.length);
    const original = truth[of];
    if (original === undefined) return { truth, damaged: truth, what: 'nothing' };
    const copy = structuredClone(original) as unknown as Record<string, unknown>;
    const places = placesIn(copy, []).filter(([path]) => isLookedAt(path));
    const [path, owner] = places[place % Math.max(1, places.length)] ?? [[], copy];
    const key = path.at(-1);
    if (key !== undefined) owner[key] = wrongFor(owner[key])[value];
    const { kind, metadata } = original;
    const what = `${kind} ${metadata.namespace ?? ''}/${metadata.name} ${path.join('.')}`;
    return { truth, damaged: truth.with(of, copy as unknown as KubeObject), what };
  });
}

/** What says which object it is cannot be wrong alone: then it would be another object. */
function isLookedAt(path: readonly string[]): boolean {
  return path[0] !== 'kind' && path[0] !== 'apiVersion';
}

/** Values of other types; null is left out, since it means that the field is not there. */
function wrongFor(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return [{ x: 1 }, 'a', 5];
  switch (typeof value) {
    case 'object':
      return [['a'], 'a', 5];
    case 'boolean':
      return [{}, [], 'true'];
    default:
      return [{}, [], true];
  }
}

/** Every member of a value: its path, and what holds it. */
function placesIn(
  value: unknown,
  path: readonly string[],
): [readonly string[], Record<string, unknown>][] {
  if (typeof value !== 'object' || value === null) return [];
  // Lists have their indexes for keys.
  const owner = value as Record<string, unknown>;
  return Object.keys(owner).flatMap((key) => {
    const at = [...path, key];
    return [[at, owner], ...placesIn(owner[key], at)] as [
      readonly string[],
      Record<string, unknown>,
    ][];
  });
}
