import { PodreachError } from '../../model/errors.ts';
import { HTTP_LIMITS } from '../http-limits.ts';

/** A GraphQL request, whichever way it came. */
export interface GraphqlRequest {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Record<string, unknown>;
}

/** Reads the body of a POST. @throws `bad-query` */
export function readBody(body: unknown): GraphqlRequest {
  if (!isObject(body)) throw bad('the body is no JSON object with `query`; batches are not read');
  return readMembers(body['query'], body['operationName'], body['variables']);
}

/** Reads the query string of a GET; variables are JSON text. @throws `bad-query` */
export function readUrl(parameters: Readonly<Record<string, unknown>>): GraphqlRequest {
  const { query, operationName, variables } = parameters;
  return readMembers(query, operationName, parseVariables(variables));
}

function readMembers(query: unknown, operationName: unknown, variables: unknown): GraphqlRequest {
  if (typeof query !== 'string' || query.trim() === '') {
    throw bad('`query` is missing or no text', 'query');
  }
  if (HTTP_LIMITS.graphqlQueryBytesMax < Buffer.byteLength(query)) {
    throw bad(`\`query\` has more than ${HTTP_LIMITS.graphqlQueryBytesMax} bytes`, 'query');
  }
  // The server below would take a syntax tree in JSON, past the limits of the parser.
  if (isJson(query)) throw bad('`query` is no GraphQL', 'query');
  if (variables !== undefined && variables !== null && !isObject(variables)) {
    throw bad('`variables` is no JSON object', 'variables');
  }
  return {
    query,
    ...readOperationName(operationName),
    ...(isObject(variables) ? { variables } : {}),
  };
}

function readOperationName(name: unknown): { operationName?: string } {
  if (name === undefined || name === null || name === '') return {};
  if (typeof name === 'string' && /^[A-Za-z_]\w*$/.test(name)) return { operationName: name };
  throw bad('`operationName` is no name', 'operationName');
}

function parseVariables(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw bad('`variables` is no JSON', 'variables');
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
