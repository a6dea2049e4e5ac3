/**
 * The host names that a listener for `listener` takes of a route for `hosts`; `hosts` empty or
 * `listener` undefined: every name. Undefined when they have none in common.
 *
 * `*.example` stands for every name that ends so, with any number of labels before it, and not for
 * `example` itself.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#hostname
 */
export function commonHosts(
  listener: string | undefined,
  hosts: readonly string[],
): readonly string[] | undefined {
  if (listener === undefined) return hosts;
  if (hosts.length === 0) return [listener];
  const common = hosts.flatMap((host) => narrower(listener, host) ?? []);
  return common.length === 0 ? undefined : common;
}

/** The one of two names that stands for less, when the other one holds it. */
function narrower(a: string, b: string): string | undefined {
  if (a === b || holds(a, b)) return b;
  return holds(b, a) ? a : undefined;
}

function holds(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*.')) return false;
  const end = pattern.slice(1);
  return name.endsWith(end) && end.length < name.length;
}
