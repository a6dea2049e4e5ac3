import type { FastifyInstance } from 'fastify';

/** Tells which methods a path has, to answer 405 rather than 404 where it has others. */
export type MethodsOf = (path: string) => readonly string[];

/** Watches the routes that are added to `app` after it. */
export function watchRoutes(app: FastifyInstance): MethodsOf {
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = routes.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const one of [method].flat()) known.methods.add(one);
    routes.set(url, known);
  });
  return (path) => [
    ...new Set(
      [...routes.values()]
        .filter(({ pattern }) => pattern.test(path))
        .flatMap(({ methods }) => [...methods]),
    ),
  ];
}

/** `/clusters/:cluster` as an expression in which a parameter is one segment. */
function patternOf(url: string): RegExp {
  const text = url
    .split('/')
    .map((segment) =>
      segment.startsWith(':') ? '[^/]+' : segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('/');
  return new RegExp(`^${text}$`);
}
