import { GraphQLError, Kind } from 'graphql';
import type {
  ASTVisitor,
  FragmentDefinitionNode,
  SelectionSetNode,
  ValidationContext,
} from 'graphql';
import { HTTP_LIMITS } from '../http-limits.ts';

/**
 * A validation rule: bounds how deep selections lie in each other, as the library does for what it
 * answers itself. An inline fragment is a level, the spread of a named one is none.
 */
export function queryDepth(context: ValidationContext): ASTVisitor {
  const fragments = new Map<string, number>();
  return {
    OperationDefinition(operation) {
      const depth = depthOf(operation.selectionSet, context, fragments);
      const { graphqlDepthMax } = HTTP_LIMITS;
      if (depth <= graphqlDepthMax) return;
      context.reportError(
        new GraphQLError(`the query is ${depth} levels deep; at most ${graphqlDepthMax} are read`, {
          nodes: [operation],
          extensions: { code: 'bad-query' },
        }),
      );
    },
  };
}

function depthOf(
  { selections }: SelectionSetNode,
  context: ValidationContext,
  fragments: Map<string, number>,
): number {
  let deepest = 0;
  for (const selection of selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = context.getFragment(selection.name.value);
      if (!fragment) continue;
      deepest = Math.max(deepest, fragmentDepth(fragment, context, fragments));
    } else {
      const { selectionSet } = selection;
      const inside = selectionSet ? depthOf(selectionSet, context, fragments) : 0;
      deepest = Math.max(deepest, 1 + inside);
    }
  }
  return deepest;
}

function fragmentDepth(
  { name, selectionSet }: FragmentDefinitionNode,
  context: ValidationContext,
  fragments: Map<string, number>,
): number {
  const known = fragments.get(name.value);
  if (known !== undefined) return known;
  // A fragment that spreads itself is refused by another rule; here it must only end.
  fragments.set(name.value, 0);
  const depth = depthOf(selectionSet, context, fragments);
  fragments.set(name.value, depth);
  return depth;
}
