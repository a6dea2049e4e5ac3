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
  if (httpPart === 'headers') return readHeaders(schema as TObject);
  const validator = Compile(schema as TSchema);
  return (value) =>
    validator.Check(value) ? { value } : { error: mismatch(validator.Errors(value)) };
};

/** Checks the headers that a schema names and no others; what is wrong is told as it is described. */
function readHeaders({
  properties,
}: TObject): (headers: unknown) => { error: Error } | { value: unknown } {
  const checks = Object.entries(properties).map(
    ([name, schema]) => [name, schema, Compile(schema)] as const,
  );
  return (headers) => {
    for (const [name, schema, validator] of checks) {
      // A library border: headers by their names in lower case.
      const value = (headers as Readonly<Record<string, unknown>>)[name.toLowerCase()];
      if (value === undefined || validator.Check(value)) continue;
      const { description = 'it is not as described' } = schema as {
        readonly description?: string;
      };
      const error = new PodreachError('bad-query', `the header \`${name}\`: ${description}`, {
        parameter: name,
      });
      return { error };
    }
    return { value: headers };
  };
}

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
