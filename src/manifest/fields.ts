import { AmbiguousScalar } from './read-item.ts';
import type { RawObject, RawValue } from './read-item.ts';
import type { Problem } from '../model/snapshot.ts';

/** Keys and indexes from the object's root to a field. */
export type FieldPath = readonly (string | number)[];

/** Something wrong with one field; becomes a `Problem` once object and place are known. */
export interface Fault {
  readonly severity: Problem['severity'];
  /** {@link INVALID_FIELD}, or the code of the problem as it is. */
  readonly code: string;
  readonly path: FieldPath;
  readonly message: string;
  readonly affectsVerdicts: boolean;
}

/** Code of faults that each kind reports under its own name (`INVALID_POLICY`, `INVALID_OBJECT`). */
export const INVALID_FIELD = 'INVALID_FIELD';
/** Code of faults about scalars that YAML 1.1 and 1.2 read differently (decisions 19). */
export const AMBIGUOUS_SCALAR = 'AMBIGUOUS_SCALAR';

/**
 * A place in a raw object. The path is only written down when something is wrong there: a dump has
 * millions of fields and few faults.
 */
export interface Field {
  /** Undefined: the field is not there. */
  readonly value: RawValue | undefined;
  readonly key: string | number;
  readonly parent: Field | undefined;
  /** Shared by all fields of an object; readers add to it. */
  readonly faults: Fault[];
}

/** The object itself, with an empty list of faults. */
export function rootField(value: RawObject): Field {
  return { value, key: '', parent: undefined, faults: [] };
}

/** The path of `field`; empty for the root. */
export function pathOf(field: Field): FieldPath {
  const path: (string | number)[] = [];
  for (let at = field; at.parent !== undefined; at = at.parent) path.unshift(at.key);
  return path;
}

/** `spec.ingress[0].ports[0].port`; map keys that are no plain words stand in brackets. */
export function printPath(path: FieldPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'string' && /^\w+$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${part}]`;
  }
  return text;
}

/** How a fault differs from the usual one: an error that could change verdicts. */
export interface FaultOptions {
  readonly severity?: Problem['severity'];
  readonly code?: string;
  /** Default: errors do, others do not. */
  readonly affectsVerdicts?: boolean;
}

/** Notes that something is wrong at `field`; the same thing is noted once. */
export function addFault(field: Field, message: string, options: FaultOptions = {}): void {
  const { severity = 'error', code = INVALID_FIELD } = options;
  const { affectsVerdicts = severity === 'error' } = options;
  const path = pathOf(field);
  const text = printPath(path);
  const known = field.faults.some(
    (fault) => fault.message === message && fault.code === code && printPath(fault.path) === text,
  );
  if (!known) field.faults.push({ severity, code, path, message, affectsVerdicts });
}

/** Whether any of `faults` from position `first` on is an error. */
export function hasErrors(faults: readonly Fault[], first = 0): boolean {
  return faults.some(({ severity }, i) => first <= i && severity === 'error');
}

/** Whether the field is missing or `null`, which the API's decoder does not tell apart. */
export function isAbsent({ value }: Field): boolean {
  return value === undefined || value === null;
}

/** The field `key` of the object at `field`; a fault where `field` is present but no object. */
export function child(field: Field, key: string): Field {
  const value = objectOf(field)?.[key];
  return { value, key, parent: field, faults: field.faults };
}

/** The object at `field`; undefined when absent, and with a fault when it is something else. */
export function objectOf(field: Field): RawObject | undefined {
  const { value } = field;
  if (value === undefined || value === null) return undefined;
  if (isRawObject(value)) return value;
  addWrongType(field, 'a map');
  return undefined;
}

/** The entries of the list at `field`; none when absent, and with a fault when it is no list. */
export function itemsOf(field: Field): Field[] {
  const { value } = field;
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    addWrongType(field, 'a list');
    return [];
  }
  const list: readonly RawValue[] = value;
  return list.map((item, key) => ({ value: item, key, parent: field, faults: field.faults }));
}

/** The text at `field`; undefined when absent, and with a fault when it is something else. */
export function textOf(field: Field): string | undefined {
  const { value } = field;
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  addWrongType(field, 'text');
  return undefined;
}

/** The 32-bit integer at `field`; undefined when absent, with a fault when it is something else. */
export function integerOf(field: Field): number | undefined {
  const { value } = field;
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && (value | 0) === value) return value;
  addWrongType(field, 'a whole number of 32 bits');
  return undefined;
}

/** The boolean at `field`; undefined when absent, with a fault when it is something else. */
export function flagOf(field: Field): boolean | undefined {
  const { value } = field;
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  addWrongType(field, '`true` or `false`');
  return undefined;
}

/** The text at `field` when it is one of `words`; else undefined, with a fault if it is not absent. */
export function wordOf<Word extends string>(
  field: Field,
  words: readonly Word[],
): Word | undefined {
  const text = textOf(field);
  if (text === undefined) return undefined;
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) {
    addFault(field, `\`${text}\` is none of ${words.map((each) => `\`${each}\``).join(', ')}`);
  }
  return word;
}

/** Like {@link wordOf}, for fields whose default stands for the empty text as well. */
export function wordOrEmptyOf<Word extends string>(
  field: Field,
  words: readonly Word[],
): Word | undefined {
  return field.value === '' ? undefined : wordOf(field, words);
}

/**
 * The map of texts at `field`, sorted by key; empty when absent. A `null` value is the empty text,
 * as the API's decoder reads it.
 */
export function textMapOf(field: Field): ReadonlyMap<string, string> {
  const object = objectOf(field);
  if (object === undefined) return new Map();
  const entries: [string, string][] = [];
  for (const key of Object.keys(object).sort()) {
    const entry = child(field, key);
    const text = isAbsent(entry) ? '' : textOf(entry);
    if (text !== undefined) entries.push([key, text]);
  }
  return new Map(entries);
}

function addWrongType(field: Field, wanted: string): void {
  const { value } = field;
  if (value instanceof AmbiguousScalar) {
    const message = `\`${value.text}\` is read differently by YAML 1.1 and 1.2; put it in quotes`;
    addFault(field, `${message} if text is meant, or write it in full`, { code: AMBIGUOUS_SCALAR });
    return;
  }
  addFault(field, `${describe(value)} stands where ${wanted} is needed${advice(value, wanted)}`);
}

function advice(value: Field['value'], wanted: string): string {
  const scalar = typeof value === 'number' || typeof value === 'boolean';
  return wanted === 'text' && scalar ? '; put it in quotes' : '';
}

function describe(value: Field['value']): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || typeof value === 'boolean') return `\`${value}\``;
  return typeof value === 'string' ? 'text' : 'a map';
}

function isRawObject(value: RawValue): value is RawObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof AmbiguousScalar)
  );
}
