import { INVALID_FIELD, addFault, child, isAbsent, itemsOf, objectOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import type { Action } from '../../model/policy.ts';
import { READING_DEFAULTS } from '../../model/reading.ts';
import type { LabelSelector } from '../../model/selector.ts';
import type { SnapshotSource } from '../../model/snapshot.ts';
import { decodeLabelSelector } from './label-selector.ts';

/** What the versions of cluster policies write differently. */
export interface ClusterPolicyApi {
  /** What rules may do, by the word for it. */
  readonly actions: Readonly<Record<string, Action>>;
  /** What the list of ports is called; `ports` is that of v1alpha1, with entries of its own. */
  readonly portsKey: 'ports' | 'protocols';
  /** Most rules of a direction, peers of a rule and ports of a rule. */
  readonly itemsMax: number;
  /** Peers of the shape before v0.1.3 may occur (semantics R3.1). */
  readonly oldPeers: boolean;
}

/** What the meaning of a rule depends on besides its text. */
export interface ClusterRuleContext {
  readonly api: ClusterPolicyApi;
  readonly source: SnapshotSource;
}

/** Code of faults in label selectors: the API server stores them, and nobody says what they mean. */
export const INVALID_SELECTOR = 'INVALID_SELECTOR';
/** Code of what a rule says in a way that is not known here (semantics R3.12). */
export const UNREADABLE_RULE = 'UNREADABLE_RULE';

/**
 * The label selector at `field`. The server checks the shape of it only, so that what cannot be a
 * selector is stored.
 */
export function decodeSelector(field: Field): LabelSelector {
  const { faults } = field;
  const before = faults.length;
  const selector = decodeLabelSelector(field, READING_DEFAULTS.MANIFESTS);
  for (const [i, fault] of faults.entries()) {
    if (before <= i && fault.code === INVALID_FIELD) {
      faults[i] = { ...fault, code: INVALID_SELECTOR };
    }
  }
  return selector;
}

/** The keys that are there, sorted into those of `known` and all others; `null` is not there. */
export function splitKeys(
  field: Field,
  known: readonly string[],
): { readonly known: readonly string[]; readonly unknown: readonly string[] } {
  const keys = Object.keys(objectOf(field) ?? {})
    .filter((key) => !isAbsent(child(field, key)))
    .sort();
  return {
    known: keys.filter((key) => known.includes(key)),
    unknown: keys.filter((key) => !known.includes(key)),
  };
}

/**
 * Notes fields that are not known here. A server drops those that its definition of the kind lacks, so
 * what is stored nonetheless means something: the policy is not understood. Definitions differ from
 * release to release, so what one would drop is not known here and cannot be chosen (`unknownFields`).
 */
export function refuseUnknown(
  field: Field,
  known: readonly string[],
  source: SnapshotSource,
): void {
  for (const key of splitKeys(field, known).unknown) {
    const outcome =
      source === 'LIVE'
        ? 'podreach does not know it, and the cluster does'
        : `it may have ${known.map((each) => `\`${each}\``).join(', ')}`;
    addFault(child(field, key), `the API has no field \`${key}\` here; ${outcome}`);
  }
}

/**
 * What kind of entry stands at `field`: the one of `kinds` that it has.
 *
 * @returns `unreadable` where it has none, but something that newer definitions may have; undefined
 *   with a fault where it is not valid
 */
export function variantOf<Kind extends string>(
  field: Field,
  kinds: readonly Kind[],
  source: SnapshotSource,
): Kind | 'unreadable' | undefined {
  if (objectOf(field) === undefined && !isAbsent(field)) return undefined;
  const { known, unknown } = splitKeys(field, kinds);
  const choice = kinds.map((kind) => `\`${kind}\``).join(', ');
  const [first, second] = known;
  const [other] = unknown;
  if (second !== undefined || (first !== undefined && other !== undefined && source !== 'LIVE')) {
    addFault(
      field,
      `an entry says exactly one thing, and this has ${[...known, ...unknown].map((key) => `\`${key}\``).join(' and ')}`,
    );
    return undefined;
  }
  if (other !== undefined) {
    addFault(
      child(field, other),
      `\`${other}\` is not known, so the rule fails closed; known are ${choice}`,
      {
        severity: source === 'LIVE' ? 'warning' : 'error',
        code: UNREADABLE_RULE,
        affectsVerdicts: true,
      },
    );
    return 'unreadable';
  }
  if (first === undefined) {
    const isStored = source === 'LIVE';
    addFault(
      field,
      `an entry must have one of ${choice}`,
      isStored ? { severity: 'warning', code: UNREADABLE_RULE, affectsVerdicts: true } : {},
    );
    return isStored ? 'unreadable' : undefined;
  }
  return kinds.find((kind) => kind === first);
}

/** The entries of a list that, if it is there, has from 1 to `max`. */
export function entriesOf(list: Field, max: number, source: SnapshotSource): Field[] {
  const items = itemsOf(list);
  if (items.length === 0 && !isAbsent(list)) {
    addFault(list, 'the list cannot be empty');
  } else if (max < items.length && source !== 'LIVE') {
    addFault(list, `the list has ${items.length} entries, and ${max} are allowed`);
  }
  return items;
}
