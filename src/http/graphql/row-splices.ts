import { randomUUID } from 'node:crypto';
import {
  GraphQLObjectType,
  Kind,
  TypeInfo,
  extendSchema,
  parse,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLSchema } from 'graphql';
import type { ReachList } from '../../model/answer.ts';
import { SharedRowWriter } from '../shared-rows.ts';
import { rowsBetween } from '../slices.ts';
import { readRowSelection } from './row-selection.ts';
import type { RowSelection } from './row-selection.ts';

/*
 * Rows of lists as bytes in the answers of compiled queries.
 *
 * In a query that asks rows for plain fields only, `nodes { … }` is replaced by a field that callers do
 * not have. Its value is a mark; where the mark stands in the text of the answer, the rows are put,
 * written from bytes that were made before. Bytes are those that the library would have written.
 */

/** Rows of a list that are to be written, not resolved. */
export interface RowsToWrite {
  readonly list: ReachList;
  readonly start: number;
  readonly end: number;
}

const FIELD = 'podreachRows';

/** `schema` with the field that rows are written by. */
export function withRowText(schema: GraphQLSchema): GraphQLSchema {
  const extended = extendSchema(
    schema,
    parse(`extend type ReachConnection { ${FIELD}(selection: Int!): JSON! }`),
    { assumeValidSDL: true },
  );
  const connection = extended.getType('ReachConnection');
  const field = connection instanceof GraphQLObjectType && connection.getFields()[FIELD];
  if (!field) throw new TypeError('the schema has no `ReachConnection`');
  field.resolve = (
    { written }: { readonly written: RowsToWrite },
    { selection }: { readonly selection?: number },
    { splices }: { readonly splices?: RowSplices },
  ): unknown => splices?.add(written, selection ?? -1);
  return extended;
}

/** A query in which rows are written, and how. */
export interface SplicedQuery {
  readonly document: DocumentNode;
  readonly selections: readonly RowSelection[];
}

/**
 * `document` with all rows of lists of reaches written; undefined when it has none, or asks some of
 * them for more than plain fields.
 */
export function spliceRows(
  schema: GraphQLSchema,
  document: DocumentNode,
): SplicedQuery | undefined {
  const fragments = new Map(
    document.definitions.flatMap((one): [string, FragmentDefinitionNode][] =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [],
    ),
  );
  const selections: (RowSelection | undefined)[] = [];
  const types = new TypeInfo(schema);
  const spliced: DocumentNode = visit(
    document,
    visitWithTypeInfo(types, {
      Field(field): FieldNode | undefined {
        if (types.getParentType()?.name !== 'ReachConnection') return undefined;
        const { value: name } = field.name;
        if (name === 'edges') selections.push(undefined);
        if (name !== 'nodes' || field.selectionSet === undefined) return undefined;
        selections.push(readRowSelection(schema, fragments, field.selectionSet));
        return rowField(field, selections.length - 1);
      },
    }),
  );
  const known = selections.flatMap((selection) => selection ?? []);
  return known.length === 0 || known.length < selections.length
    ? undefined
    : { document: spliced, selections: known };
}

/** A field that has the name of `field` in the answer. */
function rowField({ alias, directives = [], name }: FieldNode, selection: number): FieldNode {
  return {
    kind: Kind.FIELD,
    alias: alias ?? name,
    name: { kind: Kind.NAME, value: FIELD },
    arguments: [
      {
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: 'selection' },
        value: { kind: Kind.INT, value: String(selection) },
      },
    ],
    directives,
  };
}

/** Nobody outside this process can write this. */
const MARK = `rows ${randomUUID()} `;

/** What is put into the text of one answer. */
export class RowSplices {
  readonly #selections: readonly RowSelection[];
  readonly #written: (readonly Buffer[])[] = [];

  constructor(selections: readonly RowSelection[]) {
    this.#selections = selections;
  }

  /** Writes rows; the mark says where they go. */
  async add(rows: RowsToWrite, selection: number): Promise<string> {
    const select = this.#selections[selection];
    if (select === undefined) throw new RangeError(`no selection ${selection}`);
    return MARK + String(this.#written.push(await write(rows, select)) - 1);
  }

  /** The answer `text` with rows where their marks stand. */
  fill(text: string): Buffer {
    const pieces: Buffer[] = [];
    let at = 0;
    for (;;) {
      const mark = text.indexOf(`"${MARK}`, at);
      if (mark < 0) break;
      const end = text.indexOf('"', mark + 1);
      const rows = this.#written[Number(text.slice(mark + 1 + MARK.length, end))] ?? [];
      pieces.push(Buffer.from(`${text.slice(at, mark)}[`), ...withoutComma(rows));
      at = end + 1;
      pieces.push(CLOSE);
    }
    pieces.push(Buffer.from(text.slice(at)));
    return Buffer.concat(pieces);
  }
}

const CLOSE = Buffer.from(']');

/** Each row comes with the comma before it, and the first needs none. */
function withoutComma([first, ...rest]: readonly Buffer[]): readonly Buffer[] {
  return first === undefined ? [] : [first.subarray(1), ...rest];
}

async function write(
  { list, start, end }: RowsToWrite,
  select: RowSelection,
): Promise<readonly Buffer[]> {
  const shared = list.shared?.();
  const form = select(shared);
  if (shared !== undefined) return new SharedRowWriter(shared, form).write(start, end - start);
  const rows = await rowsBetween(list, start, end);
  return rows.map((row) => Buffer.from(form.rowText(row)));
}
