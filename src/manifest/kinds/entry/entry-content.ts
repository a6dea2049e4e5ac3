import type { Field } from '../../fields.ts';
import type { KeepTree } from '../../read-item.ts';
import type { ControllerClass, Entry, Gateway, ReferenceGrant } from '../../../model/entry.ts';

type Own<Object> = Omit<Object, 'ref' | 'name' | 'uid' | 'doubtful'>;

/** An object that brings traffic in, before it is known where it was found how often. */
export type EntryContent =
  | { readonly type: 'entry'; readonly entry: Own<Entry> }
  | ({ readonly type: 'gateway' } & Own<Gateway>)
  | ({ readonly type: 'grant' } & Own<ReferenceGrant>)
  | ({ readonly type: 'class' } & Own<ControllerClass>);

/** How one such kind is read. */
export interface EntryKind {
  /** Versions of one shape; what coverage calls it comes first. */
  readonly versions: readonly string[];
  readonly kind: string;
  readonly namespaced: boolean;
  readonly keep: KeepTree;
  readonly decode: (root: Field, namespace: string) => EntryContent;
}
