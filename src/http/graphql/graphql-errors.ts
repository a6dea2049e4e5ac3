import type { FastifyBaseLogger } from 'fastify';
import { GraphQLError } from 'graphql';
import type { ExecutionResult } from 'graphql';
import { PodreachError } from '../../model/errors.ts';
import type { JsonObject } from '../../render/wire.ts';
import { toJson } from '../../render/wire.ts';
import { internalError, problemMembers, publicError } from '../errors.ts';

/** Who asks, for the log and for looking it up there. */
export interface Asker {
  readonly requestId: string;
  readonly log: FastifyBaseLogger;
  /** Told the code of each error that is shown. */
  readonly noteOutcome?: (code: string) => void;
  /** Default false: what is wrong with a query may name what the schema has instead. */
  readonly hidesSchema?: boolean;
}

/** What came of a query; without data, nothing was executed. */
export interface Result {
  readonly data?: ExecutionResult['data'];
  readonly errors?: readonly unknown[];
}

/** A result as callers see it: its errors first, when it has any. */
export function shownResult({ data, errors = [] }: Result, asker: Asker): object {
  return {
    ...(errors.length === 0 ? {} : { errors: errors.map((error) => shownError(error, asker)) }),
    ...(data === undefined ? {} : { data }),
  };
}

/**
 * An error as callers see it: what they can act on, with the members of a problem document in
 * `extensions`; a bug of ours shows nothing but where to look it up.
 */
export function shownError(error: unknown, asker: Asker): JsonObject {
  const cause = causeOf(error);
  const known = cause === undefined ? undefined : publicError(cause);
  if (known === undefined && cause !== undefined) {
    asker.log.error({ err: cause }, 'resolver failed');
  }
  const shown = known ?? (cause === undefined ? undefined : internalError());
  // Without a cause the query itself is wrong: graphql's message says how.
  const extensions =
    shown === undefined
      ? { code: codeOf(error), requestId: asker.requestId }
      : problemMembers(shown, asker.requestId);
  asker.noteOutcome?.(shown?.code ?? codeOf(error));
  const said = error instanceof Error ? error.message : 'bad query';
  const message = shown?.message ?? (asker.hidesSchema ? said.replace(SUGGESTION, '') : said);
  const { locations, path } = error instanceof GraphQLError ? error : placeOf(error);
  return {
    message,
    ...(locations === undefined ? {} : { locations: toJson(locations) }),
    ...(path === undefined ? {} : { path: toJson(path) }),
    extensions,
  };
}

/** What graphql adds to its messages about names that nearly exist. */
const SUGGESTION = / Did you mean .*\?$/s;

/** What a resolver threw; undefined for an error of the query itself. */
function causeOf(error: unknown): unknown {
  if (error instanceof PodreachError) return error;
  const original = member(error, 'originalError');
  if (original instanceof GraphQLError) return causeOf(original);
  if (isTooDeep(error) || isTooDeep(original)) return undefined;
  if (original !== undefined && original !== null) return original;
  // With a path it happened while answering: a resolver gave what the schema does not allow.
  return error instanceof GraphQLError && error.path === undefined ? undefined : error;
}

/** What mercurius throws for a query over its depth: an error of the query, with a class of its own. */
function isTooDeep(error: unknown): boolean {
  return member(error, 'code') === 'MER_ERR_GQL_QUERY_DEPTH';
}

function codeOf(error: unknown): string {
  const code = member(member(error, 'extensions'), 'code');
  return typeof code === 'string' ? code : 'bad-query';
}

function placeOf(error: unknown): { readonly locations?: unknown; readonly path?: unknown } {
  return { locations: member(error, 'locations'), path: member(error, 'path') };
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
