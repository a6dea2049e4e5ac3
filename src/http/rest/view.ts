import type { TObject } from 'typebox';
import { PodreachError } from '../../model/errors.ts';
import type { Json, JsonObject } from '../../render/wire.ts';
import type { DialectName } from '../../model/dialect.ts';

/** How an answer is to be shown, out of the query string. */
export interface View {
  readonly format: string;
  readonly fields?: string;
  readonly engine?: string;
  /** The network plugin to judge as; absent: as the server is set for the cluster. */
  readonly dialect?: DialectName;
  readonly 'ignore-vendor-policies'?: boolean;
}

/** How a list is to be shown. */
export interface ListView extends View {
  readonly limit?: number;
  readonly cursor?: string;
}

/**
 * The members that `fields` names, in its order; undefined for all.
 *
 * @throws `bad-query` for a member that `schema` does not have
 */
export function chosenFields(view: View, schema: TObject): readonly string[] | undefined {
  if (view.fields === undefined) return undefined;
  if (view.format !== 'json' && view.format !== 'yaml' && view.format !== 'ndjson') {
    throw bad(`\`fields\` does not go with \`format=${view.format}\`, which has its own columns`);
  }
  const known = Object.keys(schema.properties);
  const fields = [...new Set(view.fields.split(',').map((field) => field.trim()))];
  for (const field of fields) {
    if (known.includes(field)) continue;
    throw bad(`no member \`${field.slice(0, 100)}\`; there are ${known.join(', ')}`, known);
  }
  return fields;
}

/** `row` with only the members `fields`, or as it is. */
export function pickFields(row: Json, fields: readonly string[] | undefined): Json {
  if (fields === undefined || !isObject(row)) return row;
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = row[field];
      return value === undefined ? [] : [[field, value]];
    }),
  );
}

function isObject(json: Json): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function bad(message: string, suggestions: readonly string[] = []): PodreachError {
  return new PodreachError('bad-query', message, {
    parameter: 'fields',
    ...(suggestions.length === 0 ? {} : { suggestions }),
  });
}
