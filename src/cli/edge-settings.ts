import type { HttpOptions } from '../http/app.ts';
import { PodreachError } from '../model/errors.ts';
import type { Settings } from './config.ts';
import type { Io } from './io.ts';
import { findManifests } from './manifest-files.ts';
import { readText } from './read-text.ts';

const QUERY_LIST_BYTES_MAX = 16 * 1024 * 1024;

/**
 * How the server meets browsers and GraphQL clients, out of all settings.
 *
 * @throws `bad-query` for a list of queries that cannot be used, or that is missing though nothing else
 * is to be answered
 */
export async function edgeOptions(
  io: Io,
  settings: Settings,
): Promise<Required<Pick<HttpOptions, 'browsers' | 'graphql'>>> {
  const { corsOrigins, frameAncestors, hstsMaxAgeMs, graphqlIntrospection } = settings;
  const { persistedQueries, persistedQueriesOnly } = settings;
  if (persistedQueriesOnly && persistedQueries === '') {
    const message = '`--persisted-queries-only` needs the list of them: `--persisted-queries FILE`';
    throw new PodreachError('bad-query', message, { parameter: 'persistedQueriesOnly' });
  }
  return {
    browsers: {
      corsOrigins,
      frameAncestors,
      ...(hstsMaxAgeMs === 'never' ? {} : { hstsMaxAgeMs }),
    },
    graphql: {
      introspection: graphqlIntrospection === 'on',
      persistedQueriesOnly,
      ...(persistedQueries === '' ? {} : await queryList(io, persistedQueries)),
    },
  };
}

async function queryList(
  io: Io,
  path: string,
): Promise<Required<Pick<NonNullable<HttpOptions['graphql']>, 'persistedQueries'>>> {
  const { parseQueryList } = await import('../http/graphql/persisted-queries.ts');
  const [file] = await findManifests([path], io.stdin);
  const text = file === undefined ? '' : await readText(file.open(), QUERY_LIST_BYTES_MAX, path);
  return { persistedQueries: parseQueryList(text, path) };
}
