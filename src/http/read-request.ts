import type { FastifySchema, FastifySchemaCompiler } from 'fastify';
import { Compile } from 'typebox/compile';
import type { TObject, TSchema } from 'typebox';
import { PodreachError } from '../model/errors.ts';
import { onceOn } from '../service/once-per.ts';
import { readQuery } from './query-string.ts';
import type { QueryValues } from './query-string.ts';

/**
 * Reads query strings by {@link readQuery} and checks bodies as they are: nothing is coerced, and
 * nothing that is unknown is dropped.
 */
export const readRequest: FastifySchemaCompiler<FastifySchema> = ({ schema, httpPart }) => {
  // A library border: every schema of a route here is written with typebox.
  if (httpPart === 'querystring') {
    const read = onceOn((values: QueryValues) => readQuery(schema as TObject, values));
    return (values) => attempt(() => read(values as QueryValues));
  }
  const validator = Compile(schema as TSchema);
  return (value) =>
    validator.Check(value) ? { value } : { error: mismatch(validator.Errors(value)) };
};

function attempt(read: () => unknown): { value: unknown } | { error: Error } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof PodreachError) return { error };
    throw error;
  }
}

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
}

function mismatch(errors: Iterable<SchemaError>): PodreachError {
  const [error] = errors;
  const place = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const where = place === '' ? 'the body' : `\`${place}\` in the body`;
  const message = error?.keyword === 'boolean' ? 'is unknown' : error?.message;
  const code = error?.keyword === 'maxItems' ? 'limit-too-large' : 'bad-query';
  return new PodreachError(code, `${where} ${message ?? 'is not as described'}`, {
    ...(place === '' ? {} : { parameter: place }),
  });
}
