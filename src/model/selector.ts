/** Labels of a pod, namespace or node; a Map because `constructor` is a valid label key. */
export type Labels = ReadonlyMap<string, string>;

/** No labels. */
export const NO_LABELS: Labels = new Map();

/** The label that the API server keeps on every namespace, with the namespace's name. */
export const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/** One requirement of a label selector; `matchLabels` are `In` with one value. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /** Sorted and distinct; empty for `Exists` and `DoesNotExist`. */
  readonly values: readonly string[];
}

/**
 * A conjunction of requirements, sorted by key, operator and values; the empty list matches
 * everything. A selector that was absent is `undefined`, never an empty one: missing and empty
 * differ in the API (semantics R1.23), and the decoders settle it.
 */
export interface LabelSelector {
  readonly requirements: readonly Requirement[];
}

/** Matches everything. */
export const MATCH_ALL: LabelSelector = Object.freeze({ requirements: Object.freeze([]) });

/** `yes` or `no`; `maybe` when a label that decides is not known. */
export type Match = 'yes' | 'no' | 'maybe';

/**
 * Whether one requirement holds for `labels`.
 *
 * `NotIn` holds for an absent key; `In ['']` needs the key to be present with an empty value.
 *
 * @see semantics R1.29
 */
export function meets(requirement: Requirement, labels: Labels): boolean {
  const value = labels.get(requirement.key);
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && requirement.values.includes(value);
    case 'NotIn':
      return value === undefined || !requirement.values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** Whether every requirement of `selector` holds for `labels`. */
export function matches(selector: LabelSelector, labels: Labels): boolean {
  return selector.requirements.every((requirement) => meets(requirement, labels));
}

/**
 * Like {@link matches}, for an object of which only some labels are known: a requirement on any
 * other key is `maybe`.
 */
export function matchesPartly(selector: LabelSelector, known: Labels): Match {
  let result: Match = 'yes';
  for (const requirement of selector.requirements) {
    if (!known.has(requirement.key)) result = 'maybe';
    else if (!meets(requirement, known)) return 'no';
  }
  return result;
}

/** The selector in Kubernetes' string syntax: `app=web,tier in (a,b),!legacy`; `<all>` if empty. */
export function printSelector(selector: LabelSelector): string {
  if (selector.requirements.length === 0) return '<all>';
  return selector.requirements.map(printRequirement).join(',');
}

/** One requirement in Kubernetes' string syntax. */
export function printRequirement({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'In':
      return values.length === 1 ? `${key}=${values[0] ?? ''}` : `${key} in (${values.join(',')})`;
    case 'NotIn':
      return values.length === 1
        ? `${key}!=${values[0] ?? ''}`
        : `${key} notin (${values.join(',')})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
  }
}

/** The canonical selector of `requirements`: sorted, values sorted and distinct, duplicates gone. */
export function selectorOf(requirements: readonly Requirement[]): LabelSelector {
  if (requirements.length === 0) return MATCH_ALL;
  const canonical = new Map<string, Requirement>();
  for (const { key, operator, values } of requirements) {
    const sorted = [...new Set(values)].sort();
    canonical.set(JSON.stringify([key, operator, sorted]), { key, operator, values: sorted });
  }
  const sorted = [...canonical].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  return { requirements: sorted };
}

/**
 * The fewest labels that `selector` holds for: its keys alone. Where a requirement lists values, each
 * of them once, the other keys with the first value that they admit; empty when it holds for nothing.
 *
 * A requirement that an absent key meets (`NotIn`, `DoesNotExist`) adds no label. Where any value
 * would do, the value is `any`, with a number if that very text is ruled out.
 */
export function fewestLabels(selector: LabelSelector): Labels[] {
  const values = new Map<string, readonly string[]>();
  for (const { key, operator } of selector.requirements) {
    if (operator === 'NotIn' || operator === 'DoesNotExist') continue;
    if (!values.has(key)) values.set(key, admittedValues(key, selector.requirements));
  }
  const first = new Map(
    [...values].flatMap(([key, [one]]) => (one === undefined ? [] : [[key, one] as const])),
  );
  if (first.size !== values.size) return [];
  const others = [...values].flatMap(([key, [, ...more]]) =>
    more.map((value) => new Map([...first, [key, value]])),
  );
  return [first, ...others];
}

/** The listed values of a key that every requirement on it admits, or one that is made up. */
function admittedValues(key: string, requirements: readonly Requirement[]): readonly string[] {
  const ofKey = requirements.filter((one) => one.key === key);
  const isAdmitted = (value: string): boolean =>
    ofKey.every((requirement) => meets(requirement, new Map([[key, value]])));
  const listed = ofKey.find(({ operator }) => operator === 'In');
  if (listed !== undefined) return listed.values.filter(isAdmitted);
  const ruledOut = ofKey.reduce((count, { values }) => count + values.length, 0);
  const made = ['any', ...Array.from({ length: ruledOut }, (_, i) => `any-${i + 2}`)];
  return made.filter(isAdmitted).slice(0, 1);
}
