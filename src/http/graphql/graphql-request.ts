import { PodreachError } from '../../model/errors.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import type { AskedQuery } from './persisted-queries.ts';

/** A GraphQL request, whichever way it came. */
export interface GraphqlRequest {
  readonly query: string;
  /** SHA-256 of `query`, when the request named it. */
  readonly hash?: string;
  readonly operationName?: string;
  readonly variables?: Record<string, unknown>;
}

/** Finds the text of a query that may be asked by its hash; may refuse one. */
export type FindText = (asked: AskedQuery) => string | undefined;

/** Reads the body of a POST. @throws `bad-query`, and what `findText` throws */
export function readBody(body: unknown, findText: FindText): GraphqlRequest {
  if (!isObject(body)) throw bad('the body is no JSON object with `query`; batches are not read');
  const { query, operationName, variables, extensions } = body;
  return readMembers({ query, operationName, variables, extensions }, findText);
}

/**
 * Reads the query string of a GET; variables and extensions are JSON text.
 *
 * @throws `bad-query`, and what `findText` throws
 */
export function readUrl(
  parameters: Readonly<Record<string, unknown>>,
  findText: FindText,
): GraphqlRequest {
  const { query, operationName } = parameters;
  const variables = parseMember('variables', parameters['variables']);
  const extensions = parseMember('extensions', parameters['extensions']);
  return readMembers({ query, operationName, variables, extensions }, findText);
}

type Members = Readonly<Record<'query' | 'operationName' | 'variables' | 'extensions', unknown>>;

function readMembers(members: Members, findText: FindText): GraphqlRequest {
  const { operationName, variables } = members;
  const hash = readHash(members.extensions);
  const query = readQuery(members.query, hash, findText);
  if (HTTP_LIMITS.graphqlQueryBytesMax < Buffer.byteLength(query)) {
    throw bad(`\`query\` has more than ${HTTP_LIMITS.graphqlQueryBytesMax} bytes`, 'query');
  }
  // The library would take a syntax tree in JSON, past the limits of the parser.
  if (isJson(query)) throw bad('`query` is no GraphQL', 'query');
  if (variables !== undefined && variables !== null && !isObject(variables)) {
    throw bad('`variables` is no JSON object', 'variables');
  }
  return {
    query,
    ...(hash === undefined ? {} : { hash }),
    ...readOperationName(operationName),
    ...(isObject(variables) ? { variables } : {}),
  };
}

function readQuery(query: unknown, hash: string | undefined, findText: FindText): string {
  const isText = typeof query === 'string';
  if (isText || (hash !== undefined && (query === undefined || query === null))) {
    const text = findText({ ...(isText ? { text: query } : {}), ...(hash ? { hash } : {}) });
    if (text !== undefined && text.trim() !== '') return text;
  }
  throw bad('`query` is missing or no text', 'query');
}

/** The hash in `persistedQuery`; other extensions are those of other servers. @throws `bad-query` */
function readHash(extensions: unknown): string | undefined {
  if (extensions === undefined || extensions === null) return undefined;
  if (!isObject(extensions)) throw bad('`extensions` is no JSON object', 'extensions');
  const { persistedQuery } = extensions;
  if (persistedQuery === undefined || persistedQuery === null) return undefined;
  const { version, sha256Hash } = isObject(persistedQuery) ? persistedQuery : {};
  if (version === 1 && typeof sha256Hash === 'string' && /^[\da-f]{64}$/.test(sha256Hash)) {
    return sha256Hash;
  }
  throw bad('`persistedQuery` is no `version` 1 with a `sha256Hash` in hex', 'extensions');
}

function readOperationName(name: unknown): { operationName?: string } {
  if (name === undefined || name === null || name === '') return {};
  if (typeof name === 'string' && /^[A-Za-z_]\w*$/.test(name)) return { operationName: name };
  throw bad('`operationName` is no name', 'operationName');
}

function parseMember(name: string, text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw bad(`\`${name}\` is no JSON`, name);
  }
}

/** How JSON begins and no query does: parsing each query in vain would cost more than its answer. */
const JSON_START = /^\s*(?:\{\s*["}]|["[\d-]|true|false|null)/;

function isJson(text: string): boolean {
  if (!JSON_START.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(message: string, parameter?: string): PodreachError {
  return new PodreachError('bad-query', message, parameter === undefined ? {} : { parameter });
}
