import { AMBIGUOUS_SCALAR, child, rootField } from './fields.ts';
import type { ReadItem } from './read-item.ts';
import type { Problem } from '../model/snapshot.ts';

/** What readers tell about keys of an object that they yield nonetheless. */
const KEY_PROBLEMS: readonly string[] = [AMBIGUOUS_SCALAR, 'MERGE_KEY'];

/** Whether a reader told `problem` of an object that it yielded all the same. */
export function isAbout(
  { code, object }: Problem,
  { kind, value }: Extract<ReadItem, { type: 'object' }>,
): boolean {
  if (!KEY_PROBLEMS.includes(code)) return false;
  const metadata = child(rootField(value), 'metadata');
  const { value: name } = child(metadata, 'name');
  const { value: namespace } = child(metadata, 'namespace');
  if (typeof name !== 'string') return object === kind;
  return object === `${kind} ${typeof namespace === 'string' ? `${namespace}/` : ''}${name}`;
}
