import { GraphQLError, getOperationAST, parse } from 'graphql';
import type { OperationTypeNode } from 'graphql';
import { PARSE_OPTIONS } from './known-operations.ts';

/**
 * Of what type the operation is that is asked for; undefined for what cannot be parsed, and where there
 * is none of that name: whoever validates it says what is wrong.
 *
 * Parsing costs: without the word `subscription` or `mutation` in its text no operation is one.
 */
export function operationTypeOf(
  query: string,
  operationName: string | undefined,
): OperationTypeNode | undefined {
  try {
    return getOperationAST(parse(query, PARSE_OPTIONS), operationName)?.operation;
  } catch (error) {
    if (error instanceof GraphQLError) return undefined;
    throw error;
  }
}
