import { addFault, child, isAbsent, itemsOf, textMapOf, textOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import { isLabelKey, isLabelValue } from '../names.ts';
import type { Reading } from '../../model/reading.ts';
import { selectorOf } from '../../model/selector.ts';
import type { LabelSelector, Requirement } from '../../model/selector.ts';
import { checkFields } from './unknown-fields.ts';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

/**
 * The label selector at `field`; one that selects everything where it is absent or empty. Whether
 * an absent one may stand for that is up to the caller (semantics R1.3, R1.23).
 *
 * @see semantics R1.29, R1.60 row 2
 */
export function decodeLabelSelector(field: Field, reading: Reading): LabelSelector {
  checkFields(field, ['matchLabels', 'matchExpressions'], reading);
  const requirements: Requirement[] = [];
  const equal = child(field, 'matchLabels');
  for (const [key, value] of textMapOf(equal)) {
    const entry = child(equal, key);
    checkKey(entry, key);
    checkValue(entry, value, reading);
    if (isAbsent(entry)) warnOfNull(entry, key);
    requirements.push({ key, operator: 'In', values: [value] });
  }
  for (const item of itemsOf(child(field, 'matchExpressions'))) {
    requirements.push(...decodeRequirement(item, reading));
  }
  return selectorOf(requirements);
}

function decodeRequirement(item: Field, reading: Reading): Requirement[] {
  checkFields(item, ['key', 'operator', 'values'], reading);
  const keyField = child(item, 'key');
  const written = textOf(keyField);
  const key = written ?? '';
  if (written !== undefined || isAbsent(keyField)) checkKey(keyField, key);
  const operator = decodeOperator(child(item, 'operator'));
  const list = child(item, 'values');
  const values = itemsOf(list).map((entry) => {
    const value = textOf(entry) ?? '';
    checkValue(entry, value, reading);
    return value;
  });
  if (operator === undefined) return [];
  const takesValues = operator === 'In' || operator === 'NotIn';
  if (takesValues && values.length === 0) {
    addFault(list, `\`${operator}\` needs at least one value`);
  } else if (!takesValues && values.length !== 0) {
    addFault(list, `\`${operator}\` takes no values; remove them, or use \`In\` or \`NotIn\``);
  }
  return [{ key, operator, values }];
}

function decodeOperator(field: Field): Requirement['operator'] | undefined {
  const text = textOf(field);
  const operator = OPERATORS.find((candidate) => candidate === text);
  if (operator === undefined && (text !== undefined || isAbsent(field))) {
    const given = text === undefined ? 'the operator is missing' : `\`${text}\` is no operator`;
    addFault(field, `${given}; write \`In\`, \`NotIn\`, \`Exists\` or \`DoesNotExist\``);
  }
  return operator;
}

function checkKey(field: Field, key: string): void {
  if (isLabelKey(key)) return;
  addFault(field, `\`${key}\` cannot be a label key: a name, or a DNS name, \`/\` and a name`);
}

/** Stored objects may hold values that newer servers refuse (semantics R1.61). */
function checkValue(field: Field, value: string, { source }: Reading): void {
  if (isLabelValue(value)) return;
  addFault(field, `\`${value}\` cannot be a label value, so no object can have it`, {
    severity: source === 'LIVE' ? 'warning' : 'error',
    ...(source === 'LIVE' ? { code: 'INVALID_LABEL_VALUE' } : {}),
  });
}

function warnOfNull(field: Field, key: string): void {
  addFault(field, `\`${key}\` has no value, which means the empty text; write \`""\` if so`, {
    severity: 'warning',
    code: 'NULL_VALUE',
  });
}
