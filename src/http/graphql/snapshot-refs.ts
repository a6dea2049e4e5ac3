import { Kind, OperationTypeNode } from 'graphql';
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionSetNode,
  ValueNode,
} from 'graphql';

/** Fields of a snapshot that are the same for as long as it exists. */
export const LASTING_FIELDS: ReadonlySet<string> = new Set([
  '__typename',
  'id',
  'ref',
  'digest',
  'takenAt',
  'ingestedAt',
  'source',
  'sourceDetected',
  'assumptions',
  'engine',
  'stored',
  'counts',
  'coverage',
  'hint',
  'problems',
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

/** A cluster has a latest snapshot, which changes; its name does not. */
const LASTING_CLUSTER_FIELDS: ReadonlySet<string> = new Set(['__typename', 'id', 'name']);

/**
 * The values that name the snapshots `operation` asks about, when its answer follows from those
 * snapshots and the variables alone; undefined when it also tells of things that change.
 */
export function snapshotRefs(
  operation: OperationDefinitionNode,
  document: DocumentNode,
): readonly ValueNode[] | undefined {
  if (operation.operation !== OperationTypeNode.QUERY) return undefined;
  const fragments = new Map(
    document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
    ),
  );
  const refs: ValueNode[] = [];
  for (const field of fieldsIn(operation.selectionSet, fragments)) {
    if (field.name.value === '__typename') continue;
    const ref = field.arguments?.find(({ name }) => name.value === 'ref')?.value;
    if (field.name.value !== 'snapshot' || ref === undefined) return undefined;
    if (!isLasting(field, fragments)) return undefined;
    refs.push(ref);
  }
  return refs.length === 0 ? undefined : refs;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function isLasting(snapshot: FieldNode, fragments: Fragments): boolean {
  return fieldsIn(snapshot.selectionSet, fragments).every((field) => {
    if (LASTING_FIELDS.has(field.name.value)) return true;
    if (field.name.value !== 'cluster') return false;
    const names = fieldsIn(field.selectionSet, fragments).map(({ name }) => name.value);
    return names.every((name) => LASTING_CLUSTER_FIELDS.has(name));
  });
}

/** The fields of one level, out of all fragments. A valid query has no fragment in itself. */
function fieldsIn(set: SelectionSetNode | undefined, fragments: Fragments): FieldNode[] {
  if (set === undefined) return [];
  return set.selections.flatMap((selection): FieldNode[] => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsIn(selection.selectionSet, fragments);
    return fieldsIn(fragments.get(selection.name.value)?.selectionSet, fragments);
  });
}
