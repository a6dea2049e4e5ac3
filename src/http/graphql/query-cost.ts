import { GraphQLError, Kind } from 'graphql';
import type {
  ASTVisitor,
  FragmentDefinitionNode,
  SelectionSetNode,
  ValidationContext,
} from 'graphql';
import { HTTP_LIMITS } from '../http-limits.ts';

/** Fields of a snapshot that compute an answer. */
const QUESTIONS = new Set([
  'resolve',
  'path',
  'paths',
  'whoCanReach',
  'reachableFrom',
  'connectivity',
  'isolation',
  'exposure',
  'effective',
  'policies',
  'waysIn',
]);

/**
 * A validation rule: bounds what one query can ask for by repeating fields under aliases, or by
 * fragments that spread fragments.
 */
export function queryCost(context: ValidationContext): ASTVisitor {
  const fragments = new Map<string, Cost>();
  return {
    OperationDefinition(operation) {
      const cost = costOf(operation.selectionSet, context, fragments);
      const { graphqlFieldsMax, graphqlQuestionsMax } = HTTP_LIMITS;
      if (cost.fields <= graphqlFieldsMax && cost.questions <= graphqlQuestionsMax) return;
      context.reportError(
        new GraphQLError(
          `the query selects ${cost.fields} fields and asks ${cost.questions} questions; ` +
            `at most ${graphqlFieldsMax} and ${graphqlQuestionsMax} are answered, ` +
            'and `paths` takes many questions at once',
          { nodes: [operation], extensions: { code: 'bad-query' } },
        ),
      );
    },
  };
}

interface Cost {
  readonly fields: number;
  readonly questions: number;
}

const NOTHING: Cost = { fields: 0, questions: 0 };

/** Each fragment is counted once and added wherever it is spread. */
function costOf(
  { selections }: SelectionSetNode,
  context: ValidationContext,
  fragments: Map<string, Cost>,
): Cost {
  return selections
    .map((selection): Cost => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = context.getFragment(selection.name.value);
        return fragment ? fragmentCost(fragment, context, fragments) : NOTHING;
      }
      const inside = selection.selectionSet
        ? costOf(selection.selectionSet, context, fragments)
        : NOTHING;
      if (selection.kind === Kind.INLINE_FRAGMENT) return inside;
      const isQuestion = QUESTIONS.has(selection.name.value);
      return add(inside, { fields: 1, questions: isQuestion ? 1 : 0 });
    })
    .reduce(add, NOTHING);
}

function fragmentCost(
  { name, selectionSet }: FragmentDefinitionNode,
  context: ValidationContext,
  fragments: Map<string, Cost>,
): Cost {
  const known = fragments.get(name.value);
  if (known !== undefined) return known;
  // A fragment that spreads itself is refused by another rule; here it must only end.
  fragments.set(name.value, NOTHING);
  const cost = costOf(selectionSet, context, fragments);
  fragments.set(name.value, cost);
  return cost;
}

function add(left: Cost, right: Cost): Cost {
  return { fields: left.fields + right.fields, questions: left.questions + right.questions };
}
