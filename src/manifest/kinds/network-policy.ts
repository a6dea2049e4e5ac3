import { canonicalJson } from '../canonical-json.ts';
import { addFault, child, hasErrors, isAbsent, itemsOf, objectOf } from '../fields.ts';
import { rootField, wordOf } from '../fields.ts';
import type { Field } from '../fields.ts';
import type { Policy } from '../../model/policy.ts';
import type { Reading } from '../../model/reading.ts';
import { MATCH_ALL } from '../../model/selector.ts';
import type { LabelSelector } from '../../model/selector.ts';
import { decodeLabelSelector } from './label-selector.ts';
import { decodeRules } from './network-policy-rules.ts';
import { checkSpelling, invalidity, named } from './policy-object.ts';
import type { PolicyDecoder } from './policy-object.ts';
import { checkFields } from './unknown-fields.ts';

/** The API group and version that policies of every accepted version are read as. */
export const NETWORK_POLICY_VERSION = 'networking.k8s.io/v1';

/**
 * Decodes, defaults and validates a NetworkPolicy.
 *
 * @see semantics R1.60–R1.66
 */
export const decodeNetworkPolicy: PolicyDecoder = (ref, { value, metadataFaults }, reading) => {
  const root = rootField(value);
  const { faults } = root;
  faults.push(...metadataFaults);
  checkSpelling(root, reading);
  const spec = child(root, 'spec');
  warnOfNoSpec(spec);
  checkFields(spec, ['podSelector', 'ingress', 'egress', 'policyTypes'], reading);
  const selector = decodeSubject(spec, reading);
  const applies = decodeDirections(spec);
  const context = { namespace: ref.namespace ?? '', reading };
  const ingress = decodeRules(child(spec, 'ingress'), 'INGRESS', context);
  const egress = decodeRules(child(spec, 'egress'), 'EGRESS', context);
  const refused = hasErrors(faults);
  const { namespace } = ref;
  const policy: Policy = {
    ref,
    tier: 'network-policy',
    order: 0,
    subject: {
      namespaces:
        namespace === undefined
          ? { kind: 'selected', selector: MATCH_ALL }
          : { kind: 'named', name: namespace },
      pods: selector ?? MATCH_ALL,
    },
    applies: applies ?? { ingress: true, egress: true },
    ingress: refused ? [] : ingress,
    egress: refused ? [] : egress,
    ...(refused ? { opaque: invalidity(faults) } : {}),
    spec: canonicalJson(spec.value),
  };
  return { faults: refused ? named(faults) : faults, policy, refused };
};

function decodeSubject(spec: Field, reading: Reading): LabelSelector | undefined {
  const before = spec.faults.length;
  const selector = decodeLabelSelector(child(spec, 'podSelector'), reading);
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

function warnOfNoSpec(spec: Field): void {
  if (!isAbsent(spec)) return;
  addFault(spec, 'without `spec` the policy isolates every pod for ingress', {
    severity: 'warning',
    code: 'EMPTY_SPEC',
  });
}
