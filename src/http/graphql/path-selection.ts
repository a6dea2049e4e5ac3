import { Kind } from 'graphql';
import type { GraphQLResolveInfo, SelectionSetNode } from 'graphql';
import { memberBehind } from '../../engine/queries/path.ts';
import type { PathMember } from '../../engine/query.ts';

type Selected = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/** Selections are read once for each operation. */
const READ = new WeakMap<Selected['fieldNodes'], ReadonlySet<PathMember>>();

/**
 * Members of `Path` that a selection names, so that these can be worked out before they are read, and
 * nothing else is. Directives are not looked at: a field that is skipped counts as selected.
 *
 * @param under the field of the selection that holds the `Path`; absent: it is one itself
 */
export function pathMembers(info: Selected, under?: string): ReadonlySet<PathMember> {
  const known = READ.get(info.fieldNodes);
  if (known !== undefined) return known;
  const paths = info.fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const sets =
    under === undefined
      ? paths
      : paths.flatMap((set) =>
          fieldsOf(set, info).flatMap(({ name, selectionSet }) =>
            name.value === under ? (selectionSet ?? []) : [],
          ),
        );
  const fields = sets.flatMap((set) => fieldsOf(set, info));
  const members = new Set(fields.flatMap(({ name }) => memberBehind(name.value) ?? []));
  READ.set(info.fieldNodes, members);
  return members;
}

/** Fields of a selection, those that fragments add as well. */
function fieldsOf(
  { selections }: SelectionSetNode,
  info: Selected,
): Selected['fieldNodes'][number][] {
  return selections.flatMap((one) => {
    if (one.kind === Kind.FIELD) return [one];
    const set =
      one.kind === Kind.INLINE_FRAGMENT
        ? one.selectionSet
        : info.fragments[one.name.value]?.selectionSet;
    return set === undefined ? [] : fieldsOf(set, info);
  });
}
