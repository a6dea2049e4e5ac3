import { GraphQLError, Kind } from 'graphql';
import type { ASTNode, ASTVisitor, ValidationContext } from 'graphql';
import { HTTP_LIMITS } from '../http-limits.ts';

/**
 * A validation rule: bounds how often a query asks for a field again under another alias, and the
 * directives written in it.
 *
 * An alias that only renames a field costs nothing and is not counted. How often the fragments that
 * these stand in are used is bounded by the fields they select.
 */
export function queryRepeats(context: ValidationContext): ASTVisitor {
  const repeat = counter(context, 'fields again under an alias', HTTP_LIMITS.graphqlAliasesMax);
  const directive = counter(context, 'directives', HTTP_LIMITS.graphqlDirectivesMax);
  return {
    SelectionSet({ selections }) {
      const seen = new Set<string>();
      for (const selection of selections) {
        if (selection.kind !== Kind.FIELD) continue;
        if (seen.has(selection.name.value)) repeat(selection);
        seen.add(selection.name.value);
      }
    },
    Directive: directive,
  };
}

/** Reports the first one too many, and no others. */
function counter(context: ValidationContext, what: string, max: number): (node: ASTNode) => void {
  let count = 0;
  return (node) => {
    count += 1;
    if (count !== max + 1) return;
    const message = `the query asks for more than ${max} ${what}`;
    context.reportError(new GraphQLError(message, { nodes: [node], extensions: CODE }));
  };
}

const CODE = { code: 'bad-query' };
