import type { Reach, SharedRows } from '../../model/answer.ts';
import { jsonText, rowWriter } from '../../render/json-text.ts';
import type { RowForm, RowShare } from '../shared-rows.ts';

/** Members of a reach in the order in which they are written, but for those that few rows have. */
const MEMBERS = [
  'from',
  'to',
  'verdict',
  'ports',
  'undetermined',
  'implicit',
  'because',
  'becauseCount',
  'reasons',
  'podPairs',
] as const;

/** Members that no row has which shares what it says. */
const OWN_MEMBERS: ReadonlySet<string> = new Set(['parts', 'splitBy', 'hops', 'via']);
const REASON_MEMBERS: ReadonlySet<string> = new Set(['because', 'becauseCount', 'reasons']);

/**
 * Rows as JSON objects.
 *
 * @param fields the members to keep, in this order; all of them when it is left out
 * @param finish what becomes of the text of each row, piece by piece; equal names, equal functions
 */
export function reachForm(
  rows: SharedRows,
  fields: readonly string[] | undefined,
  finish: {
    readonly name: string;
    readonly text: (text: string) => string;
    readonly before: string;
    readonly after: string;
  },
): RowForm {
  const members = (fields ?? MEMBERS).filter((name) => !OWN_MEMBERS.has(name));
  const write = rowWriter(fields);
  const place = members.indexOf(rows.end);
  const other = jsonText(rows.other);
  const memberText = (name: string, share: RowShare): string => {
    // The named end is the other one: the one that differs is not asked for here.
    if (name === 'from' || name === 'to') return other;
    return jsonText(name === 'implicit' ? null : share[name as keyof RowShare]);
  };
  const texts = (names: readonly string[], share: RowShare): string[] =>
    names.map((name) => `${JSON.stringify(name)}:${memberText(name, share)}`);
  return {
    name: place < 0 ? 'nothing' : `json ${finish.name}`,
    peerText: (peer) => (place < 0 ? '' : finish.text(jsonText(peer))),
    around: (share) => {
      const before = texts(place < 0 ? members : members.slice(0, place), share);
      const after = place < 0 ? [] : texts(members.slice(place + 1), share);
      if (0 <= place) before.push(`${JSON.stringify(rows.end)}:`);
      return [
        finish.before + finish.text(`{${before.join()}`),
        `${finish.text(`${['', ...after].join()}}`)}${finish.after}`,
      ];
    },
    rowText: (row: Reach) => finish.before + finish.text(write(row)) + finish.after,
    hasReasons: members.some((name) => REASON_MEMBERS.has(name)),
    hasPodPairs: members.includes('podPairs'),
    hasParts: fields === undefined || fields.some((name) => OWN_MEMBERS.has(name)),
  };
}
