import { canonicalJson } from '../canonical-json.ts';
import { addFault, child, objectOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import { nearest } from '../names.ts';
import type { Reading } from '../../model/reading.ts';

/** Longest piece of an object shown in a message, in characters. */
const SHOWN_LENGTH_MAX = 160;

/**
 * Notes every field of the object at `field` that is not in `known`; case matters.
 *
 * What was written is an error, because a server that only warns drops the field and with it,
 * perhaps, the restriction it was meant to be; what a server stored is read without the field. Which of
 * both it is can be chosen.
 *
 * @see semantics R1.64, D12
 */
export function checkFields(
  field: Field,
  known: readonly string[],
  { unknownFields }: Pick<Reading, 'unknownFields'>,
): void {
  const object = objectOf(field);
  if (object === undefined) return;
  const unknown = Object.keys(object).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  const rest = Object.entries(object).filter(([key]) => known.includes(key));
  const stored = shorten(canonicalJson(new Map(rest)));
  for (const key of unknown.sort()) {
    const meant = nearest(key, known);
    const question = meant === undefined ? '' : `; did you mean \`${meant}\`?`;
    if (unknownFields === 'prune') {
      addFault(child(field, key), `the API has no field \`${key}\`; it is ignored${question}`, {
        severity: 'warning',
        code: 'UNKNOWN_FIELD',
      });
    } else {
      const outcome = `a server that only warns would store \`${stored}\` here`;
      addFault(child(field, key), `the API has no field \`${key}\`${question}; ${outcome}`);
    }
  }
}

function shorten(text: string): string {
  return text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}...`;
}
