import type { AnswerKind } from './answer-kind.ts';
import { isObject, listAt, member } from './json-access.ts';
import type { Json } from './wire.ts';

/**
 * The rows of an answer, for formats that print one record a line: the items of a list, the answers
 * of a batch, or the answer itself.
 */
export function rowsOf(kind: AnswerKind, answer: Json): readonly Json[] {
  switch (kind) {
    case 'path':
    case 'snapshot':
      return [answer];
    case 'paths':
      return listAt(answer, 'answers');
    case 'resolution': {
      const members = member(answer, 'members');
      if (isObject(members)) return listAt(members, 'items');
      return members === undefined ? listAt(answer, 'items') : listAt(answer, 'members');
    }
    case 'reach-list':
    case 'isolation-list':
    case 'exposure-list':
    case 'effective-list':
    case 'policy-list':
    case 'way-list':
    case 'snapshot-list':
    case 'cluster-list':
      return listAt(answer, 'items');
  }
}
