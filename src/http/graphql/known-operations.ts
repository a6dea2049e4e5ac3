import { Kind, OperationTypeNode, getOperationAST, getVariableValues, parse } from 'graphql';
import type {
  DocumentNode,
  ExecutionResult,
  GraphQLSchema,
  OperationDefinitionNode,
  ValueNode,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';
import { tagOf } from '../caching.ts';
import { HTTP_LIMITS } from '../http-limits.ts';
import type { GraphqlContext } from './context.ts';
import type { GraphqlRequest } from './graphql-request.ts';
import type { RowSelection } from './row-selection.ts';
import { spliceRows, withRowText } from './row-splices.ts';
import { snapshotRefs } from './snapshot-refs.ts';

/** A query that was accepted before, compiled. */
export interface KnownOperation {
  readonly run: (
    context: GraphqlContext,
    variables: Readonly<Record<string, unknown>>,
  ) => ExecutionResult | Promise<ExecutionResult>;
  readonly definition: OperationDefinitionNode;
  /** What names the snapshots it is about; undefined when its answer follows from more than them. */
  readonly refs: readonly ValueNode[] | undefined;
  /** How rows of lists are written; undefined when the library resolves them. */
  readonly selections: readonly RowSelection[] | undefined;
  /** Names query and operation. */
  readonly tag: string;
}

/** A known operation with variables that it takes. */
export interface FoundOperation {
  readonly operation: KnownOperation;
  /** The refs, each once, of the snapshots it is about; undefined when it is about more. */
  readonly refs: readonly string[] | undefined;
}

/** Limits of the parser, the same wherever a query is parsed. */
export const PARSE_OPTIONS = { maxLexicalTokens: HTTP_LIMITS.graphqlTokensMax };

/** Errors about variables that are looked for before a query is refused. */
const VARIABLE_ERRORS_MAX = 50;

/**
 * Queries that the GraphQL server has accepted: parsed, validated, within depth and cost.
 *
 * Each is compiled when it comes again, and from then on only its variables have to be looked at.
 */
export class KnownOperations {
  readonly #schema: GraphQLSchema;
  /** False: accepted, and not come again so far. Null: it cannot be compiled. */
  readonly #operations = new LRUCache<string, { operation: KnownOperation | false | null }>({
    max: HTTP_LIMITS.graphqlQueriesKept,
  });

  constructor(schema: GraphQLSchema) {
    this.#schema = withRowText(schema);
  }

  /** Remembers a query of which the server has said that it is valid. */
  accept({ query, operationName }: GraphqlRequest): void {
    const key = keyOf(query, operationName);
    if (!this.#operations.has(key)) this.#operations.set(key, { operation: false });
  }

  /**
   * The operation of `request`; undefined unless it was accepted before and its variables are what it
   * asks for: then the server has to say what is wrong.
   */
  find(request: GraphqlRequest): FoundOperation | undefined {
    const { query, operationName, variables = {} } = request;
    const known = this.#operations.get(keyOf(query, operationName));
    if (known === undefined) return undefined;
    if (known.operation === false) known.operation = this.#compile(query, operationName) ?? null;
    const { operation } = known;
    if (operation === null) return undefined;
    // The rules of the reference implementation: the compiled query has some of its own, too.
    const { variableDefinitions = [] } = operation.definition;
    const options = { maxErrors: VARIABLE_ERRORS_MAX };
    const { coerced } = getVariableValues(this.#schema, variableDefinitions, variables, options);
    return coerced && { operation, refs: refsOf(operation, coerced) };
  }

  #compile(query: string, operationName: string | undefined): KnownOperation | undefined {
    const document: DocumentNode = parse(query, PARSE_OPTIONS);
    const definition = getOperationAST(document, operationName);
    if (definition?.operation !== OperationTypeNode.QUERY) return undefined;
    const spliced = spliceRows(this.#schema, document);
    const compiled = compileQuery(this.#schema, spliced?.document ?? document, operationName);
    if (!isCompiledQuery(compiled)) return undefined;
    return {
      definition,
      tag: tagOf(['graphql', query, operationName ?? null]),
      selections: spliced?.selections,
      refs: snapshotRefs(definition, document),
      run: (context, variables) => compiled.query({}, context, variables),
    };
  }
}

function refsOf(
  { refs }: KnownOperation,
  values: Readonly<Record<string, unknown>>,
): readonly string[] | undefined {
  const names = refs?.map((node) =>
    node.kind === Kind.VARIABLE
      ? values[node.name.value]
      : node.kind === Kind.STRING
        ? node.value
        : undefined,
  );
  return names?.every((name) => typeof name === 'string') ? [...new Set(names)] : undefined;
}

/** A name is none of the characters of a query's first line. */
function keyOf(query: string, operationName = ''): string {
  return `${operationName}\n${query}`;
}
