import { isLabelKey } from '../names.ts';
import { MATCH_ALL, selectorOf } from '../../model/selector.ts';
import type { LabelSelector, Requirement } from '../../model/selector.ts';

const KEY = '([A-Za-z0-9_./-]+)';
const TEXT = '(?:\'([^\']*)\'|"([^"]*)")';
const EQUAL = new RegExp(`^${KEY}\\s*==\\s*${TEXT}$`);
const HAS = new RegExp(`^has\\(\\s*${KEY}\\s*\\)$`);
const IN = new RegExp(`^${KEY}\\s+in\\s*\\{([^{}]*)\\}$`);
const QUOTED = new RegExp(`^${TEXT}$`);

/** Labels that Calico adds; pods do not have them. */
const OWN = /^(projectcalico\.org\/|pcns\.|pcsa\.)/;

/**
 * A selector of Calico as labels: requirements joined by `&&`, of the forms `key == "value"`,
 * `has(key)` and `key in {"a", "b"}`. One about a label of Calico's own is left out, which selects more.
 *
 * @returns undefined for any other text
 */
export function parseCalicoSelector(text: string): LabelSelector | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === 'all()') return MATCH_ALL;
  // Texts with these between quotes are left to those who know the grammar.
  if (/\|\||!/.test(trimmed)) return undefined;
  const requirements: Requirement[] = [];
  for (const term of trimmed.split('&&')) {
    const requirement = parseTerm(term.trim());
    if (requirement === undefined) return undefined;
    if (!OWN.test(requirement.key)) requirements.push(requirement);
  }
  return selectorOf(requirements);
}

function parseTerm(term: string): Requirement | undefined {
  const equal = EQUAL.exec(term);
  if (equal !== null) return required(equal[1], [equal[2] ?? equal[3] ?? '']);
  const has = HAS.exec(term);
  if (has?.[1] !== undefined && isLabelKey(has[1])) {
    return { key: has[1], operator: 'Exists', values: [] };
  }
  const among = IN.exec(term);
  if (among === null) return undefined;
  const values = (among[2] ?? '').split(',').map((one) => QUOTED.exec(one.trim()));
  const texts = values.flatMap((value) => (value === null ? [] : [value[1] ?? value[2] ?? '']));
  return texts.length === values.length ? required(among[1], texts) : undefined;
}

function required(key: string | undefined, values: readonly string[]): Requirement | undefined {
  return key === undefined || !isLabelKey(key) ? undefined : { key, operator: 'In', values };
}
