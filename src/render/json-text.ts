/**
 * `value` as JSON text: what `JSON.stringify` makes of `toJson(value)`, without making that first.
 *
 * Written out so that a long list costs no copy of itself, and so that parts which are there already
 * as text can stand between others.
 */
export function jsonText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'object':
      return value === null ? 'null' : objectText(value);
    default:
      return 'null';
  }
}

/**
 * The members of `value` as JSON text, each with its name and followed by a comma but for the last.
 * Members that are absent (or functions) are left out.
 */
export function membersText(value: object): string {
  // A library border: an object like any other, read by the names of its members.
  const members = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const name of Object.keys(value)) {
    const member = members[name];
    if (member === undefined || typeof member === 'function') continue;
    text += text === '' ? nameText(name) : `,${nameText(name)}`;
    text += jsonText(member);
  }
  return text;
}

/**
 * Writes rows of a list one after the other.
 *
 * Most lists have one end in common: a member that is the same object as in the row before is not
 * written out again.
 *
 * @param fields the members to keep, in this order; all of them when it is left out
 */
export function rowWriter(fields?: readonly string[]): (row: object) => string {
  const last = new Map<string, { readonly value: object; readonly text: string }>();
  const textOf = (name: string, value: unknown): string => {
    if (typeof value !== 'object' || value === null) return jsonText(value);
    const known = last.get(name);
    if (known?.value === value) return known.text;
    const text = jsonText(value);
    last.set(name, { value, text });
    return text;
  };
  return (row) => {
    // A library border: a row is an object like any other, read by the names of its members.
    const members = row as Readonly<Record<string, unknown>>;
    let text = '';
    for (const name of fields ?? Object.keys(row)) {
      const member = members[name];
      if (isAbsent(member)) continue;
      text += (text === '' ? '' : ',') + nameText(name) + textOf(name, member);
    }
    return `{${text}}`;
  };
}

function objectText(value: object): string {
  if (Array.isArray(value)) {
    let text = '';
    for (let i = 0; i < value.length; i += 1) text += (i === 0 ? '' : ',') + jsonText(value[i]);
    return `[${text}]`;
  }
  if (value instanceof Map) return mapText(value);
  return value instanceof Date ? JSON.stringify(value.toISOString()) : `{${membersText(value)}}`;
}

/** An object has the keys of a map in an order of its own; keys of every Map that is sent are text. */
function mapText(map: ReadonlyMap<unknown, unknown>): string {
  return `{${membersText(Object.fromEntries(map as ReadonlyMap<string, unknown>))}}`;
}

function isAbsent(member: unknown): boolean {
  return member === undefined || typeof member === 'function';
}

/** Names of members are few, but labels have names too: those must not pile up. */
const NAMES_MAX = 1000;
const names = new Map<string, string>();

function nameText(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  const text = `${JSON.stringify(name)}:`;
  if (names.size < NAMES_MAX) names.set(name, text);
  return text;
}
