import { createHash } from 'node:crypto';
import { GraphQLError, parse, validate } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { PodreachError } from '../../model/errors.ts';
import type { Viewer } from '../../service/viewer.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import { PARSE_OPTIONS } from './known-operations.ts';

/** Texts of queries by the SHA-256 of their UTF-8, in lower-case hex. */
export type QueryList = ReadonlyMap<string, string>;

/** Which queries are known by their hash, and whether any others are answered. */
export interface PersistedOptions {
  /** The operator's own list. Default: none. */
  readonly persistedQueries?: QueryList;
  /** Default false: other queries are answered as well. */
  readonly persistedQueriesOnly?: boolean;
}

/** A query as it was asked: by its text, its hash, or both. */
export interface AskedQuery {
  readonly text?: string;
  readonly hash?: string;
}

/**
 * Queries that may be asked by their hash alone: those on the operator's list, and those that the same
 * viewer has sent before, in the protocol of Apollo (`extensions.persistedQuery`).
 *
 * What viewers send is kept apart, each within the same bound, so that nobody can push out what
 * another one sent.
 */
export class PersistedQueries {
  readonly #listed: QueryList;
  readonly #listedOnly: boolean;
  readonly #sent = new LRUCache<string, LRUCache<string, string>>({
    max: HTTP_LIMITS.persistedViewersMax,
  });

  constructor({ persistedQueries, persistedQueriesOnly = false }: PersistedOptions) {
    this.#listed = persistedQueries ?? new Map();
    this.#listedOnly = persistedQueriesOnly;
  }

  /** @throws `bad-query` for a query on the list that `schema` does not have */
  checkList(schema: GraphQLSchema): void {
    for (const [hash, text] of this.#listed) {
      const [problem] = problemsOf(schema, text);
      if (problem === undefined) continue;
      const message = `the persisted query \`${hash}\` cannot be asked: ${problem.message}`;
      throw new PodreachError('bad-query', message, { parameter: 'persistedQueries' });
    }
  }

  /**
   * The text of the query that `viewer` asks; undefined when there is neither text nor hash.
   *
   * @throws `bad-query` for a hash of another text; a GraphQLError whose code clients of the protocol
   * know for a hash that stands for nothing here, and for a text that is not on the list where nothing
   * else is answered
   */
  textOf(viewer: Viewer, { text, hash }: AskedQuery): string | undefined {
    if (text === undefined || text === '') return hash && this.#known(viewer, hash);
    if (hash === undefined && !this.#listedOnly) return text;
    const own = sha256(text);
    if (hash !== undefined && hash !== own) {
      throw new PodreachError('bad-query', '`sha256Hash` is not the hash of `query`', {
        parameter: 'extensions',
      });
    }
    if (!this.#listedOnly || this.#listed.has(own)) return text;
    const message = 'only persisted queries are answered, and this is none of them';
    throw new GraphQLError(message, { extensions: { code: 'QUERY_NOT_IN_SAFELIST' } });
  }

  /** Keeps a query that was found valid, when it came with a hash that fits it. */
  remember(viewer: Viewer, hash: string | undefined, text: string): void {
    if (hash === undefined || this.#listed.has(hash)) return;
    let own = this.#sent.get(viewer.name);
    if (own === undefined) {
      own = new LRUCache({
        maxSize: HTTP_LIMITS.persistedCharsMax,
        // What it costs to keep one, however short.
        sizeCalculation: ({ length }) => length + 512,
      });
      this.#sent.set(viewer.name, own);
    }
    own.set(hash, text);
  }

  #known(viewer: Viewer, hash: string): string {
    const text = this.#listed.get(hash) ?? this.#sent.get(viewer.name)?.get(hash);
    if (text !== undefined) return text;
    // Clients compare this very text; then they send the query with its hash.
    throw new GraphQLError('PersistedQueryNotFound', {
      extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
    });
  }
}

/**
 * Reads a list of queries: a JSON object of texts by their hashes, or a manifest of Apollo
 * (`apollo-persisted-query-manifest`).
 *
 * @param name of the file, for errors
 * @throws `bad-query` when it is neither, or a hash is not that of its text
 */
export function parseQueryList(json: string, name: string): QueryList {
  const list = new Map<string, string>();
  for (const [hash, text] of entriesOf(parseJson(json, name), name)) {
    if (typeof text !== 'string' || typeof hash !== 'string' || hash !== sha256(text)) {
      const shown = String(hash).slice(0, 100);
      throw bad(`in \`${name}\`, \`${shown}\` is not the SHA-256 of its query in lower-case hex`);
    }
    list.set(hash, text);
  }
  return list;
}

function entriesOf(value: unknown, name: string): readonly (readonly [unknown, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw bad(`\`${name}\` is no JSON object of queries by their SHA-256`);
  }
  const members = new Map<string, unknown>(Object.entries(value));
  if (members.get('format') !== 'apollo-persisted-query-manifest') return [...members];
  const operations = members.get('operations');
  if (!Array.isArray(operations)) throw bad(`\`${name}\` is a manifest without \`operations\``);
  return operations.map((operation: unknown) => {
    const fields = new Map<string, unknown>(Object.entries(operation ?? {}));
    return [fields.get('id'), fields.get('body')] as const;
  });
}

function parseJson(json: string, name: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new PodreachError('bad-query', `\`${name}\` is no JSON`, {}, error);
  }
}

function problemsOf(schema: GraphQLSchema, text: string): readonly GraphQLError[] {
  try {
    return validate(schema, parse(text, PARSE_OPTIONS));
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function bad(message: string): PodreachError {
  return new PodreachError('bad-query', message, { parameter: 'persistedQueries' });
}
