import { BOOLEAN, DURATION_OR_NEVER, LIST, TEXT, choice } from './setting-kinds.ts';
import { setting } from './setting.ts';

/** Settings of how browsers and GraphQL clients are met, by their keys. */
export const EDGE_SETTINGS = {
  corsOrigins: setting(
    LIST,
    [],
    'origins whose pages may ask from a browser, such as https://portal.example; without credentials',
  ),
  frameAncestors: setting(
    LIST,
    [],
    'origins whose pages may show pages of this server in a frame, or self',
  ),
  hstsMaxAgeMs: setting(
    DURATION_OR_NEVER,
    'never',
    'how long browsers are to come by HTTPS only (Strict-Transport-Security); for servers behind TLS',
  ),
  graphqlIntrospection: setting(
    choice(['on', 'off']),
    'on',
    'whether the GraphQL schema can be asked for; off also hides suggestions and /schema.graphql',
  ),
  persistedQueries: setting(
    TEXT,
    '',
    'JSON file of GraphQL queries by their SHA-256, or a manifest of Apollo, that may be asked by hash',
  ),
  persistedQueriesOnly: setting(BOOLEAN, false, 'answer only the GraphQL queries in that file'),
} as const;
