import { GraphQLError, OperationTypeNode, getOperationAST, parse } from 'graphql';
import { PARSE_OPTIONS } from './known-operations.ts';

/** Whether the operation that is asked for is a subscription; false for what cannot be parsed. */
export function isSubscription(query: string, operationName: string | undefined): boolean {
  // Without this word in its text no operation is one, and parsing twice costs.
  if (!query.includes('subscription')) return false;
  try {
    const operation = getOperationAST(parse(query, PARSE_OPTIONS), operationName);
    return operation?.operation === OperationTypeNode.SUBSCRIPTION;
  } catch (error) {
    // Whoever validates it says what is wrong.
    if (error instanceof GraphQLError) return false;
    throw error;
  }
}
