import { canonicalJson } from '../canonical-json.ts';
import { AMBIGUOUS_SCALAR, INVALID_FIELD, addFault, child, hasErrors } from '../fields.ts';
import { isAbsent, itemsOf, objectOf, printPath, rootField, wordOf } from '../fields.ts';
import type { Fault, Field } from '../fields.ts';
import type { KeepTree, RawObject } from '../read-item.ts';
import type { ObjectRef, Policy } from '../../model/policy.ts';
import { MATCH_ALL } from '../../model/selector.ts';
import type { LabelSelector } from '../../model/selector.ts';
import type { SnapshotSource } from '../../model/snapshot.ts';
import { METADATA } from './metadata.ts';
import { decodeLabelSelector } from './label-selector.ts';
import { decodeRules } from './network-policy-rules.ts';
import { checkFields } from './unknown-fields.ts';

/** Spellings by which `spec` is missed; kept so that they are reported, not dropped in silence. */
const MISSPELT = { Spec: true, specs: true } as const satisfies KeepTree;
/** Likewise for where the policy lives. */
const MISSPELT_METADATA = { nameSpace: true, Namespace: true, Name: true } as const;

/** What is kept of a NetworkPolicy: `spec` whole. */
export const NETWORK_POLICY_KEEP: KeepTree = {
  metadata: { ...METADATA, ...MISSPELT_METADATA },
  spec: true,
  ...MISSPELT,
};

/** The API group and version that policies of every accepted version are read as. */
export const NETWORK_POLICY_VERSION = 'networking.k8s.io/v1';

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
}

/**
 * Decodes, defaults and validates the NetworkPolicy `value`, the way the API server does when
 * something new is written, or the way a plugin reads what is stored.
 *
 * @see semantics R1.60–R1.66
 */
export function decodeNetworkPolicy(
  ref: ObjectRef,
  { value, metadataFaults }: PolicyContent,
  source: SnapshotSource,
): DecodedPolicy {
  const root = rootField(value);
  const { faults } = root;
  faults.push(...metadataFaults);
  checkEnvelope(root, source);
  const spec = child(root, 'spec');
  checkFields(spec, ['podSelector', 'ingress', 'egress', 'policyTypes'], source);
  const subject = decodeSubject(spec, source);
  const applies = decodeDirections(spec);
  const context = { namespace: ref.namespace ?? '', source };
  const ingress = decodeRules(child(spec, 'ingress'), 'INGRESS', context);
  const egress = decodeRules(child(spec, 'egress'), 'EGRESS', context);
  const parts = { ref, subject, applies, spec: canonicalJson(spec.value) };
  if (!hasErrors(faults)) {
    return { faults, policy: { ...policyWithoutRules(parts), ingress, egress } };
  }
  return {
    faults: named(faults),
    policy: opaquePolicy(parts, 'INVALID_POLICY', `it is not valid: ${firstError(faults)}`),
  };
}

/** What the parts of a policy say; undefined where they could not be read. */
export interface PolicyParts {
  readonly ref: ObjectRef;
  readonly subject: LabelSelector | undefined;
  readonly applies: Policy['applies'] | undefined;
  readonly spec: string;
}

/** A NetworkPolicy of unknown effect; what could not be read is as wide as it could have been. */
export function opaquePolicy(
  parts: PolicyParts,
  code: 'INVALID_POLICY' | 'CONFLICTING_OBJECTS',
  message: string,
): Policy {
  return { ...policyWithoutRules(parts), opaque: { code, message } };
}

function policyWithoutRules({ ref, subject, applies, spec }: PolicyParts): Policy {
  const { namespace } = ref;
  return {
    ref,
    tier: 'network-policy',
    order: 0,
    subject: {
      namespaces:
        namespace === undefined
          ? { kind: 'selected', selector: MATCH_ALL }
          : { kind: 'named', name: namespace },
      pods: subject ?? MATCH_ALL,
    },
    applies: applies ?? { ingress: true, egress: true },
    ingress: [],
    egress: [],
    spec,
  };
}

function decodeSubject(spec: Field, source: SnapshotSource): LabelSelector | undefined {
  const before = spec.faults.length;
  const selector = decodeLabelSelector(child(spec, 'podSelector'), source);
  return hasErrors(spec.faults, before) || isUnreadable(spec) ? undefined : selector;
}

/**
 * The directions in which the policy isolates; undefined when `policyTypes` cannot be read.
 *
 * An empty list means Ingress, and Egress too if there is an egress rule (semantics R1.5).
 */
function decodeDirections(spec: Field): Policy['applies'] | undefined {
  const { faults } = spec;
  const before = faults.length;
  const list = child(spec, 'policyTypes');
  const items = itemsOf(list);
  const types = items.map((item) => {
    if (isAbsent(item)) addFault(item, 'the entry is empty; write `Ingress` or `Egress`');
    return wordOf(item, ['Ingress', 'Egress']);
  });
  if (2 < items.length) addFault(list, 'there may be two entries, `Ingress` and `Egress`');
  const rules = itemsOf(child(spec, 'egress'));
  if (hasErrors(faults, before) || isUnreadable(spec)) return undefined;
  if (types.length === 0) return { ingress: true, egress: 0 < rules.length };
  return { ingress: types.includes('Ingress'), egress: types.includes('Egress') };
}

function isUnreadable(field: Field): boolean {
  return objectOf(field) === undefined && !isAbsent(field);
}

function checkEnvelope(root: Field, source: SnapshotSource): void {
  const metadata = child(root, 'metadata');
  for (const [parent, key] of [
    ...Object.keys(MISSPELT).map((word) => [root, word] as const),
    ...Object.keys(MISSPELT_METADATA).map((word) => [metadata, word] as const),
  ]) {
    const field = child(parent, key);
    if (field.value === undefined) continue;
    const meant = key === 'specs' ? 'spec' : key.toLowerCase();
    addFault(field, `the API has no field \`${key}\`; did you mean \`${meant}\`?`, {
      severity: source === 'LIVE' ? 'warning' : 'error',
      code: source === 'LIVE' ? 'UNKNOWN_FIELD' : INVALID_FIELD,
    });
  }
  if (isAbsent(child(root, 'spec'))) {
    addFault(child(root, 'spec'), 'without `spec` the policy isolates every pod for ingress', {
      severity: 'warning',
      code: 'EMPTY_SPEC',
    });
  }
}

function firstError(faults: readonly Fault[]): string {
  const errors = faults.filter(({ severity }) => severity === 'error');
  const [text = ''] = errors.map(({ path, message }) => `${printPath(path)}: ${message}`);
  return text.replace(/^: /, '');
}

/** A policy that is refused says so under one code, whatever else its faults are. */
function named(faults: readonly Fault[]): readonly Fault[] {
  const onlyScalars = faults.every(
    ({ severity, code }) => severity !== 'error' || code === AMBIGUOUS_SCALAR,
  );
  if (!onlyScalars) return faults;
  const message = 'the policy holds a value that YAML versions read differently';
  return [
    ...faults,
    { severity: 'error', code: INVALID_FIELD, path: [], message, affectsVerdicts: true },
  ];
}
