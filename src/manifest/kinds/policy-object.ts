import {
  AMBIGUOUS_SCALAR,
  INVALID_FIELD,
  addFault,
  child,
  printPath,
  rootField,
} from '../fields.ts';
import type { Fault, Field } from '../fields.ts';
import type { KeepTree, RawObject } from '../read-item.ts';
import type { ObjectRef, Opacity, Policy } from '../../model/policy.ts';
import type { Reading } from '../../model/reading.ts';
import { METADATA } from './metadata.ts';

/** Spellings by which `spec` is missed; kept so that they are reported, not dropped in silence. */
const MISSPELT = { Spec: true, specs: true } as const satisfies KeepTree;
/** Likewise for where the policy lives. */
const MISSPELT_METADATA = { nameSpace: true, Namespace: true, Name: true } as const;

/** What is kept of a policy that is evaluated: `spec` whole. */
export const POLICY_KEEP: KeepTree = {
  metadata: { ...METADATA, ...MISSPELT_METADATA },
  spec: true,
  ...MISSPELT,
};

/** A policy before it is decoded: how strictly depends on the whole input (contract 3). */
export interface PolicyContent {
  /** Without what tells two copies of one object apart. */
  readonly value: RawObject;
  /** What was wrong with its metadata. */
  readonly metadataFaults: readonly Fault[];
}

/** What of the kept object `value` is its content: not its uid or resourceVersion. */
export function policyContent(value: RawObject, metadataFaults: readonly Fault[]): PolicyContent {
  const metadata = child(rootField(value), 'metadata');
  const misspelt = Object.keys(MISSPELT_METADATA).flatMap((key) => {
    const written = child(metadata, key).value;
    return written === undefined ? [] : [[key, written] as const];
  });
  return { value: { ...value, metadata: Object.fromEntries(misspelt) }, metadataFaults };
}

/** A policy that can be evaluated, or nothing but what it could be about. */
export interface DecodedPolicy {
  readonly faults: readonly Fault[];
  /**
   * Defaulted and valid; or, with an error among `faults`, `opaque` with the widest subject and
   * directions it could have.
   */
  readonly policy: Policy;
  /** An API server would not store the object. */
  readonly refused: boolean;
}

/**
 * Decodes, defaults and validates a policy, the way the API server does when something new is
 * written (`MANIFESTS`), or the way a plugin reads what is stored (`LIVE`); `reading` may say otherwise of
 * some faults.
 */
export type PolicyDecoder = (
  ref: ObjectRef,
  content: PolicyContent,
  reading: Reading,
) => DecodedPolicy;

/** Notes where the author missed `spec`, or what says where the policy lives. */
export function checkSpelling(root: Field, { unknownFields }: Reading): void {
  const metadata = child(root, 'metadata');
  for (const [parent, key] of [
    ...Object.keys(MISSPELT).map((word) => [root, word] as const),
    ...Object.keys(MISSPELT_METADATA).map((word) => [metadata, word] as const),
  ]) {
    const field = child(parent, key);
    if (field.value === undefined) continue;
    const meant = key === 'specs' ? 'spec' : key.toLowerCase();
    addFault(field, `the API has no field \`${key}\`; did you mean \`${meant}\`?`, {
      severity: unknownFields === 'prune' ? 'warning' : 'error',
      code: unknownFields === 'prune' ? 'UNKNOWN_FIELD' : INVALID_FIELD,
    });
  }
}

/** Why the effect of a policy with the errors among `faults` is not known. */
export function invalidity(faults: readonly Fault[]): Opacity {
  const errors = faults.filter(({ severity }) => severity === 'error');
  const [text = ''] = errors.map(({ path, message }) => `${printPath(path)}: ${message}`);
  return { code: 'INVALID_POLICY', message: `it is not valid: ${text.replace(/^: /, '')}` };
}

/** A policy that is refused says so under one code, whatever else its faults are. */
export function named(faults: readonly Fault[]): readonly Fault[] {
  const says = (wanted: string): boolean =>
    faults.some(({ severity, code }) => severity === 'error' && code === wanted);
  if (says(INVALID_FIELD) || !says(AMBIGUOUS_SCALAR)) return faults;
  const message = 'the policy holds a value that YAML versions read differently';
  return [
    ...faults,
    { severity: 'error', code: INVALID_FIELD, path: [], message, affectsVerdicts: true },
  ];
}
